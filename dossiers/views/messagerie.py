"""The messagerie as its usager has it, and what both sides share of its pages."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.core import is_ratelimited

from commun.keyset import paginate
from dossiers import messagerie, policies
from dossiers.enums import MESSAGES_PER_PAGE, MessageSide
from dossiers.forms import MessageForm
from dossiers.models import Dossier, Message, MessageFile
from dossiers.telechargement import serve, serve_preview
from dossiers.views.fetch import not_found_when_deleted

MESSAGE_RATE = "30/m"
TOO_MANY = "Vous avez envoyé beaucoup de messages à la suite. Patientez une minute, puis renvoyez."
NEW_MAX = 100


@never_cache
@not_found_when_deleted
def message_list(request, pk):
    """Show the thread of my dossier, or of one I was invited to, or send a message."""
    dossier = _dossier(request.user, pk)
    side = _side_of(request.user, dossier)
    form = MessageForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        sent = send(request, dossier, form, side)
        if sent is not None:
            return redirect(f"{request.path}#message-{sent.pk}")
    return render(
        request,
        "dossiers/message_list.html",
        {
            "dossier": dossier,
            "tab": "messagerie",
            **thread_context(request, dossier, form, side),
        },
        status=form_status(form),
    )


@never_cache
@require_safe
def message_news(request, pk):
    """Answer what was written since a message, for a page that stays open."""
    dossier = _dossier(request.user, pk)
    return news(request, dossier, _side_of(request.user, dossier))


@require_safe
def message_file_download(request, pk):
    """Give a file to those who may read the thread, always to be saved, never to be run."""
    return serve(request, _readable_file(request.user, pk))


@require_safe
def message_file_preview(request, pk):
    """Show the small image of a file to those who may read the thread."""
    return serve_preview(_readable_file(request.user, pk))


@never_cache
@require_safe
def message_file_state(request, pk):
    """Show again the line of a file that was being scanned."""
    sent = _readable_file(request.user, pk)
    context = {"file": sent, "in_form": False, "announce": not sent.is_changing}
    return render(request, "dossiers/includes/file.html", context)


def send(request, dossier: Dossier, form: forms.Form, side: MessageSide) -> Message | None:
    """Send the posted message; None, and its errors in the form, when it cannot leave."""
    if not policies.can_write_message(request.user, dossier):
        raise PermissionDenied
    if not form.is_valid():
        return None
    if is_ratelimited(
        request, group="messagerie", key="user", rate=MESSAGE_RATE, method="POST", increment=True
    ):
        form.add_error(None, TOO_MANY)
        form.is_too_fast = True
        return None
    try:
        return messagerie.post(
            dossier.pk,
            by=request.user,
            side=side,
            body=form.cleaned_data["body"],
            token=form.cleaned_data["token"],
            uploads=form.cleaned_data["files"],
            asks_answer=form.cleaned_data.get("asks_answer", False),
        )
    except ValidationError as error:
        form.add_error("files" if error.error_list[0].code == "file" else "body", error)
        return None


def form_status(form: forms.Form) -> int:
    """Return the status of the page of a message that could not leave, 200 otherwise."""
    if not form.is_bound:
        return 200
    return 429 if form.is_too_fast else 422


def thread_context(request, dossier: Dossier, form: MessageForm, side: MessageSide) -> dict:
    """Return what a page of the thread shows; what it shows counts as read."""
    page = paginate(_rows(dossier), ["-id"], request.GET.get("page"), MESSAGES_PER_PAGE)
    is_latest = page.previous_cursor is None
    rows = page.rows[::-1]
    last_id = rows[-1].pk if rows else 0
    if is_latest and rows:
        messagerie.mark_read(dossier, last_id, by=request.user)
    return {
        "page": page,
        "thread": rows,
        "last_id": last_id,
        "is_latest": is_latest,
        "side": side.value,
        "news_url": _news_url(dossier, side),
        "form": form,
        "can_write": side in policies.message_sides(request.user, dossier),
    }


def news(request, dossier: Dossier, side: MessageSide) -> HttpResponse:
    """Answer the messages that came after `apres`, 204 when none did."""
    after = request.GET.get("apres", "")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Http404
    rows = list(_rows(dossier).filter(pk__gt=int(after)).order_by("pk")[:NEW_MAX])
    if not rows:
        return HttpResponse(status=204)
    messagerie.mark_read(dossier, rows[-1].pk, by=request.user)
    context: dict[str, Any] = {
        "dossier": dossier,
        "thread": rows,
        "last_id": rows[-1].pk,
        "side": side.value,
        "news_url": _news_url(dossier, side),
        "is_news": True,
        "is_latest": True,
    }
    return render(request, "dossiers/includes/messages.html", context)


def _rows(dossier: Dossier):
    return dossier.messages.select_related("correction").prefetch_related("files")


def _news_url(dossier: Dossier, side: MessageSide) -> str:
    space = "instruction" if side == MessageSide.SERVICE else "dossiers"
    return reverse(f"{space}:message_news", args=[dossier.pk])


def _side_of(user, dossier: Dossier) -> MessageSide:
    return MessageSide.USAGER if dossier.usager_id == user.pk else MessageSide.INVITE


def _readable_file(user, pk: int) -> MessageFile:
    dossiers = Dossier.with_tests.conversing_with(user)
    return get_object_or_404(MessageFile, pk=pk, message__dossier__in=dossiers)


def _dossier(user, pk: int) -> Dossier:
    dossiers = Dossier.with_tests.filled_in_by(user).select_related(
        "usager", "etablissement", "procedure__organisme", "revision"
    )
    return get_object_or_404(dossiers, pk=pk)
