"""What an expert and a colleague share: giving an avis, and its files."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.core import is_ratelimited

from dossiers.models import Dossier
from dossiers.telechargement import serve, serve_preview
from instruction import avis as avis_of
from instruction.avis_enums import AvisFileKind
from instruction.avis_forms import AvisAnswerForm
from instruction.models import Avis, AvisFile

RATE = "100/h"
TOO_MANY = "Vous avez écrit à beaucoup de personnes. Attendez une heure."


@require_safe
def file_download(request, pk):
    """Give a file to those who may read what it goes with, always to be saved."""
    return serve(request, _readable_file(request.user, pk))


@require_safe
def file_preview(request, pk):
    """Show the small image of a file to those who may read what it goes with."""
    return serve_preview(_readable_file(request.user, pk))


@never_cache
@require_safe
def file_state(request, pk):
    """Show again the line of a file that was being scanned."""
    file = _readable_file(request.user, pk)
    context = {"file": file, "in_form": False, "announce": not file.is_changing}
    return render(request, "dossiers/includes/file.html", context)


def answered(request, avis: Avis, form: AvisAnswerForm) -> bool:
    """Give the posted avis; False, and the reason in the form, when it cannot be."""
    if not form.is_valid():
        return False
    if not may_write(request):
        form.add_error(None, TOO_MANY)
        return False
    try:
        avis_of.answer(avis.pk, by=request.user, **form.answered)
    except ValidationError as refusal:
        form.add_error("files" if refusal.error_list[0].code == "file" else None, refusal)
        return False
    messages.success(request, "Votre avis est transmis au service.")
    return True


def may_write(request) -> bool:
    """Count one more email; tell whether the account did not cause too many."""
    return not is_ratelimited(
        request, group="avis", key="user", rate=RATE, method="POST", increment=True
    )


def _readable_file(user, pk: int) -> AvisFile:
    """Return a file that `user` may have. Raises Http404.

    - Those who instruct the dossier, unless they are its usager: each of them.
    - Who was asked: those of their question and of their answer.
    - They also have those of the answers of others that are shared.
    """
    instructed = Dossier.objects.instructed_by(user).exclude(usager_id=user.pk)
    own = Q(avis__in=Avis.objects.asked_of(user).values("pk"))
    shared = Q(avis__in=Avis.objects.shared_with(user).values("pk"), kind=AvisFileKind.ANSWER)
    readable = AvisFile.objects.filter(Q(dossier__in=instructed) | own | shared)
    return get_object_or_404(readable.distinct(), pk=pk)
