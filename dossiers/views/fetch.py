"""How the views of the usager fetch a dossier: theirs, or one they were invited to, or none."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import redirect

from dossiers import policies
from dossiers.adaptation import adapt_reponses
from dossiers.copie import open_working_copy
from dossiers.models import Dossier, DossierQuerySet, PieceJointe


class FrozenDossier(Exception):
    """The dossier no longer changes; `dossier` is it."""

    def __init__(self, dossier: Dossier):
        super().__init__(frozen_message(dossier))
        self.dossier = dossier


def frozen_message(dossier: Dossier) -> str:
    """Say why the dossier, or the part of it that was sent, cannot be changed."""
    if dossier.is_editable and dossier.editable_champ_ids is not None:
        return (
            "Le service demande de corriger d’autres réponses : celle-ci ne peut plus être "
            "modifiée."
        )
    return f"Ce dossier est {dossier.get_state_display()} : il ne peut plus être modifié."


def owned_dossier(user, pk: int) -> Dossier:
    """Return a dossier whose usager is `user`, its form and files fetched. Raises Http404."""
    return _fetch(Dossier.with_tests.owned_by(user), pk)


def shared_dossier(user, pk: int) -> Dossier:
    """Return a dossier that `user` reads as its usager does, theirs or shared by its usager.

    Its form and files are fetched; what `user` may do with it is for the policies to say.
    Raises Http404.
    """
    dossier = _fetch(Dossier.with_tests.filled_in_by(user), pk)
    if dossier.usager_id != user.pk:
        # The other dossiers of the usager are not for their invités to choose among.
        dossier.contexte.hide_other_dossiers()
    return dossier


def fillable_dossier(user, pk: int) -> Dossier:
    """Return a dossier that `user` has the right to fill in, though it may be frozen.

    Raises Http404, and PermissionDenied for an invité who only reads.
    """
    dossier = shared_dossier(user, pk)
    if not policies.can_fill_in(user, dossier):
        raise PermissionDenied
    return dossier


def editable_dossier(user, pk: int) -> Dossier:
    """Return a dossier that `user` may change now. Raises as `fillable_dossier`, FrozenDossier."""
    dossier = fillable_dossier(user, pk)
    if not dossier.is_editable:
        raise FrozenDossier(dossier)
    return dossier


def _fetch(dossiers: DossierQuerySet, pk: int) -> Dossier:
    dossier = (
        dossiers.select_related(
            "usager",
            "etablissement",
            "procedure__organisme",
            "revision",
            "preremplissage",
            "modification__etablissement",
        )
        .prefetch_related(Prefetch("pieces_jointes", PieceJointe.objects.listed()))
        .filter(pk=pk)
        .first()
    )
    if dossier is None:
        raise Http404
    return open_working_copy(adapt_reponses(dossier))


def not_found_when_deleted(view):
    """Answer that there is no such dossier when another page deleted it meanwhile."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Dossier.DoesNotExist:
            raise Http404 from None

    return wrapper


def redirect_frozen(view):
    """Lead to the page of a dossier that no longer changes, and say why."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except FrozenDossier as frozen:
            messages.warning(request, str(frozen))
            return redirect(frozen.dossier)

    return wrapper
