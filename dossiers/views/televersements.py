"""Files sent piece by piece by `static/js/upload.js`; without it, forms send them whole."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_ratelimit.decorators import ratelimit

from dossiers import televersements
from dossiers.models import Dossier, Televersement
from dossiers.views.fetch import (
    fillable_dossier,
    frozen_message,
    not_found_when_deleted,
    shared_dossier,
)
from dossiers.views.pieces_jointes import champ_part

BUSY = "Le service ne peut pas garder ce fichier pour le moment. Réessayez dans quelques minutes."
TOO_OFTEN = "Vous envoyez beaucoup de fichiers : patientez une minute, puis réessayez."
NOT_YOURS = "Vous ne pouvez plus modifier ce dossier : rapprochez-vous de son usager."
DIGITS_MAX = 18


def _create_rate(group, request) -> str:
    return settings.TELEVERSEMENT_CREATE_RATE


def _chunk_rate(group, request) -> str:
    return settings.TELEVERSEMENT_CHUNK_RATE


@require_POST
@ratelimit(group="televersements", key="user", rate=_create_rate, block=False)
@not_found_when_deleted
def televersement_create(request, pk, champ_id):
    """Take the announcement of a file; say at once when it would be refused."""
    dossier = fillable_dossier(request.user, pk)
    champ = dossier.questionnaire.by_id.get(champ_id)
    if champ is None or not champ.holds_files:
        raise Http404
    if request.limited:
        return _error(TOO_OFTEN, 429)
    size_bytes, modified_ms = _number(request.POST, "size"), _number(request.POST, "modified")
    name = request.POST.get("name", "")
    try:
        televersement = televersements.announce(
            dossier, champ, name, size_bytes or 0, by=request.user, modified_ms=modified_ms or 0
        )
    except ValidationError as error:
        return _error(" ".join(error.messages), 413 if error.code == "size" else 422)
    except PermissionDenied:
        return _error(frozen_message(dossier), 409)
    return JsonResponse(
        {
            "state_url": reverse("dossiers:televersement_state", args=[televersement.pk]),
            "url": reverse("dossiers:televersement_receive", args=[televersement.pk]),
            "finish_url": reverse("dossiers:televersement_finish", args=[televersement.pk]),
            "cancel_url": reverse("dossiers:televersement_cancel", args=[televersement.pk]),
            "chunk": televersement.chunk_bytes,
            "offset": televersement.received_bytes,
        },
        status=201,
    )


@never_cache
@require_GET
def televersement_state(request, pk):
    """Say how much has come, after a cut."""
    televersement = _mine(request, pk)
    return JsonResponse({"offset": televersement.received_bytes})


@require_POST
@ratelimit(group="morceaux", key="user", rate=_chunk_rate, block=False)
def televersement_receive(request, pk):
    """Keep the next piece, which is the whole body of the request."""
    televersement = _mine(request, pk)
    if request.limited:
        return _error(TOO_OFTEN, 429)
    offset = _number(request.headers, "Upload-Offset")
    if offset is None:
        return _error("Cet envoi est mal formé.", 400)
    try:
        televersement = televersements.receive(televersement.pk, offset, request.body)
    except televersements.WrongOffset as wrong:
        return JsonResponse({"offset": wrong.offset}, status=409)
    except televersements.WrongLength:
        return _error("Cet envoi est mal formé.", 400)
    except Televersement.DoesNotExist:
        raise Http404 from None
    except OSError:
        return _error(BUSY, 503)
    return JsonResponse({"offset": televersement.received_bytes})


@require_POST
@not_found_when_deleted
def televersement_finish(request, pk):
    """Make the whole file a pièce jointe and return the files of its champ."""
    televersement = _mine(request, pk)
    try:
        televersements.finish(televersement, by=request.user)
    except televersements.NotWhole as missing:
        return JsonResponse({"offset": missing.offset}, status=409)
    except ValidationError as error:
        return _error(" ".join(error.messages), 503 if error.code == "storage" else 422)
    except PermissionDenied:
        dossier = shared_dossier(request.user, televersement.dossier_id)
        return _error(NOT_YOURS if dossier.is_editable else frozen_message(dossier), 422)
    except OSError:
        return _error(BUSY, 503)
    return champ_part(request, televersement.dossier_id, televersement.champ_id)


@require_POST
def televersement_cancel(request, pk):
    """Forget an upload under way."""
    televersements.erase(_mine(request, pk))
    return HttpResponse(status=204)


def _mine(request, pk) -> Televersement:
    """Return an upload that this very person began, on a dossier that is still theirs."""
    dossiers = Dossier.with_tests.filled_in_by(request.user)
    return get_object_or_404(Televersement, pk=pk, by=request.user, dossier__in=dossiers)


def _number(values, name: str) -> int | None:
    text = values.get(name, "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= DIGITS_MAX
    return int(text) if is_number else None


def _error(text: str, status: int) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)
