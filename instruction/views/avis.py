"""The dossiers a service asks me about: what was filed and my questions, not what it decides."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commun.keyset import paginate
from dossiers import invitations
from dossiers.demande import sections_of
from dossiers.enums import STATES_TERMINES, InviteOrigin
from dossiers.models import Dossier, Invite
from dossiers.views.fetch import not_found_when_deleted
from instruction import avis as avis_of
from instruction.avis_enums import AVIS_PER_PAGE, ONGLET_EMPTY, AvisOnglet
from instruction.avis_forms import AvisAnswerForm, AvisHandOverForm
from instruction.enums import DOSSIERS_PER_PAGE
from instruction.models import Avis
from instruction.views.avis_answers import TOO_MANY, answered, may_write

_TO_GIVE = Q(answer="") & ~Q(dossier__state__in=STATES_TERMINES)
_ORDER = ["dossier__procedure__title", "dossier__procedure_id", "id"]


@never_cache
@require_safe
def dossier_list(request):
    """List what services ask of me, what I answered, or the dossiers that I may read."""
    counts = Avis.objects.asked_of(request.user).aggregate(
        to_give=Count("pk", filter=_TO_GIVE), given=Count("pk", filter=~Q(answer=""))
    )
    onglet = _onglet(request, counts)
    page = _list_page(request, onglet)
    waiting = invitations.waiting_invitations(request.user, InviteOrigin.ACCOMPAGNATEUR)
    numbers = {AvisOnglet.A_RENDRE: counts["to_give"], AvisOnglet.RENDUS: counts["given"]}
    context = {
        "page": page,
        "onglet": onglet,
        "onglets": [(tab, numbers.get(tab)) for tab in AvisOnglet],
        "empty": ONGLET_EMPTY[onglet],
        "invitations": waiting,
    }
    return render(request, "instruction/avis_list.html", context)


@never_cache
@require_safe
def dossier_detail(request, pk):
    """Show what was filed and what is asked of me: no annotation, message, decision, brouillon."""
    return _page(request, pk)


@require_POST
@not_found_when_deleted
def avis_answer(request, pk, avis_pk):
    """Give my avis, or change it."""
    avis = _asked(request.user, pk, avis_pk)
    form = AvisAnswerForm(avis, request.POST, request.FILES)
    if not answered(request, avis, form):
        return _page(request, pk, bound=form, of=avis, status=422)
    return redirect(avis.page_path)


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def avis_hand_over(request, pk, avis_pk):
    """Say to whom a question should rather go, then lose it."""
    avis = _asked(request.user, pk, avis_pk)
    form = AvisHandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        following = _hand_over(request, avis, form)
        if following is not None:
            messages.success(request, f"La demande est transmise à {following.person}.")
            return redirect("avis:dossier_list")
    context = {"avis": avis, "form": form}
    status = 422 if form.errors else 200
    return render(request, "instruction/avis_hand_over.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_leave(request, pk):
    """Ask once, then leave a dossier."""
    invited = _invite_of(request.user, pk)
    if request.method == "POST":
        invitations.leave(invited.pk, by=request.user)
        messages.success(request, f"Vous avez quitté le dossier nº {pk}.")
        return redirect("avis:dossier_list")
    return render(request, "instruction/avis_leave.html", {"invite": invited})


def _onglet(request, counts: dict[str, int]) -> AvisOnglet:
    """Return the tab that the address names; else the first where there is something to do."""
    try:
        return AvisOnglet(request.GET.get("onglet"))
    except ValueError:
        return AvisOnglet.A_RENDRE if counts["to_give"] else AvisOnglet.DOSSIERS


def _list_page(request, onglet: AvisOnglet):
    cursor = request.GET.get("suite")
    if onglet == AvisOnglet.DOSSIERS:
        dossiers = Dossier.objects.consulted_by(request.user).with_people().without_answers()
        return paginate(dossiers, ["-submitted_at", "-id"], cursor, DOSSIERS_PER_PAGE)
    asked = Avis.objects.asked_of(request.user).select_related(
        "dossier__procedure__organisme", "dossier__etablissement", "dossier__usager", "invite"
    )
    asked = asked.filter(_TO_GIVE) if onglet == AvisOnglet.A_RENDRE else asked.answered()
    return paginate(asked, _ORDER, cursor, AVIS_PER_PAGE)


def _page(request, pk: int, *, bound=None, of=None, status: int = 200):
    consulted = Dossier.objects.consulted_by(request.user).select_related(
        "usager", "etablissement", "procedure__organisme", "revision"
    )
    dossier = get_object_or_404(consulted.prefetch_related("pieces_jointes"), pk=pk)
    of_dossier = Avis.objects.filter(dossier=dossier).with_people().prefetch_related("files")
    mine = list(of_dossier.asked_of(request.user).exclude(invite=None))
    for avis in mine:
        avis.dossier = dossier
        if avis.may_be_answered:
            avis.form = bound if of and of.pk == avis.pk else AvisAnswerForm(avis)
    context = {
        "dossier": dossier,
        "invite": _invite_of(request.user, pk),
        "mine": mine,
        "shared": list(of_dossier.shared_with(request.user)) if mine else [],
        "sections": sections_of(dossier),
        "no_dossier": (),
    }
    return render(request, "instruction/avis_detail.html", context, status=status)


def _hand_over(request, avis: Avis, form: AvisHandOverForm) -> Avis | None:
    if not may_write(request):
        form.add_error("email", TOO_MANY)
        return None
    data = form.cleaned_data
    try:
        return avis_of.hand_over(avis.pk, data["email"], by=request.user, word=data["word"])
    except ValidationError as refusal:
        form.add_error("email", refusal)
    return None


def _asked(user, pk: int, avis_pk: int) -> Avis:
    """Return what was asked of `user` from outside the service. Raises Http404."""
    mine = Avis.objects.asked_of(user).filter(dossier_id=pk).exclude(invite=None)
    return get_object_or_404(mine.with_people().prefetch_related("files"), pk=avis_pk)


def _invite_of(user, pk: int) -> Invite:
    mine = Invite.objects.active().of_service().filter(user=user, dossier_id=pk)
    return get_object_or_404(mine.select_related("dossier"))
