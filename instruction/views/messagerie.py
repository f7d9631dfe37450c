"""The messagerie as the accompagnateurs have it: of a dossier, and before its deposit."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commun.keyset import paginate
from dossiers.adaptation import adapt_reponses
from dossiers.enums import MessageSide
from dossiers.forms import MessageForm, ServiceMessageForm
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted
from dossiers.views.messagerie import form_status, news, send, thread_context
from instruction.listing import Listing, onglet_of
from instruction.models import ReponseType
from instruction.reponses_types import fill, reponses_types_of
from instruction.views.detail import page_context
from procedures.models import Procedure

DIALOGUES_PER_PAGE = 30


@never_cache
@not_found_when_deleted
def message_list(request, pk):
    """Show the thread of a submitted dossier, or send a message."""
    dossier = _dossier(Dossier.with_tests.examined_by(request.user), pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    here = reverse("instruction:message_list", args=[pk]) + listing.query_string
    context = {"here": here, **page_context(request, dossier, "messagerie")}
    return _thread(request, dossier, "instruction/message_list.html", context)


@never_cache
@require_safe
def message_news(request, pk):
    """Answer what was written since a message, for a page that stays open."""
    return news(request, _dossier(_of_service(request.user), pk), MessageSide.SERVICE)


@never_cache
@require_safe
def dialogue_list(request, pk):
    """List the brouillons of a procédure whose usager wrote, the last written first."""
    mine = Procedure.objects.instructed_by(request.user).select_related("organisme")
    procedure = get_object_or_404(mine, pk=pk)
    dialogues = (
        Dossier.objects.filter(
            fil__procedure=procedure, fil__is_test=False, fil__is_before_deposit=True
        )
        .in_dialogue_with(request.user)
        .with_unread_by_service(request.user)
        .select_related("fil__last_message", "usager")
        .without_answers()
    )
    page = paginate(
        dialogues, ["-fil__last_message_id"], request.GET.get("page"), DIALOGUES_PER_PAGE
    )
    context = {"procedure": procedure, "page": page}
    return render(request, "instruction/dialogue_list.html", context)


@never_cache
@not_found_when_deleted
def dialogue_detail(request, pk):
    """Show the thread of a brouillon and nothing else of it, or answer."""
    dossier = _dossier(_of_service(request.user), pk)
    if not dossier.is_brouillon:
        return redirect("instruction:message_list", pk)
    return _thread(request, dossier, "instruction/dialogue_detail.html", {"here": request.path})


@never_cache
@require_safe
def reponse_type_fill(request, pk):
    """Answer the text of a canned answer, its balises replaced, for the box of the message."""
    dossier = _dossier(_of_service(request.user), pk)
    text = _canned_text(request, dossier)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=200 if text else 404)


def _thread(request, dossier: Dossier, template: str, context: dict) -> HttpResponse:
    form_class = MessageForm if dossier.is_brouillon else ServiceMessageForm
    if request.method == "POST":
        form = form_class(request.POST, request.FILES)
        sent = send(request, dossier, form, MessageSide.SERVICE)
        if sent is not None:
            return redirect(f"{context['here']}#message-{sent.pk}")
    else:
        form = form_class(initial={"body": _canned_text(request, dossier)})
    context |= thread_context(request, dossier, form, MessageSide.SERVICE)
    context |= {
        "dossier": dossier,
        "reponses_types": reponses_types_of(dossier),
        "canned_id": request.GET.get("reponse", ""),
    }
    return render(request, template, context, status=form_status(form))


def _canned_text(request, dossier: Dossier) -> str:
    """Return what the canned answer that the address names says, empty where it names none."""
    chosen = request.GET.get("reponse", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        return ""
    mine = ReponseType.objects.filter(procedure_id=dossier.procedure_id)
    reponse = mine.filter(pk=int(chosen)).first()
    return fill(reponse, dossier) if reponse is not None else ""


def _of_service(user):
    """Return the dossiers whose thread `user` reads for the service, before the deposit too."""
    return Dossier.with_tests.examined_by(user) | Dossier.with_tests.in_dialogue_with(user)


def _dossier(dossiers, pk: int) -> Dossier:
    joined = dossiers.select_related("usager", "etablissement", "procedure__organisme", "revision")
    return adapt_reponses(get_object_or_404(joined, pk=pk))
