"""How the views of the usager fetch a dossier: their own, or none at all."""

from functools import wraps

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect

from dossiers.adaptation import adapt_reponses
from dossiers.copie import open_working_copy
from dossiers.models import Dossier


class FrozenDossier(Exception):
    """The dossier no longer changes; `dossier` is it."""

    def __init__(self, dossier: Dossier):
        super().__init__(frozen_message(dossier))
        self.dossier = dossier


def frozen_message(dossier: Dossier) -> str:
    """Say why the dossier cannot be changed."""
    return f"Ce dossier est {dossier.get_state_display()} : il ne peut plus être modifié."


def owned_dossier(user, pk: int) -> Dossier:
    """Return what `user` is filling in, its form and files fetched. Raises Http404."""
    dossier = (
        Dossier.with_tests.owned_by(user)
        .select_related(
            "usager",
            "etablissement",
            "procedure__organisme",
            "revision",
            "preremplissage",
            "modification__etablissement",
        )
        .prefetch_related("pieces_jointes")
        .filter(pk=pk)
        .first()
    )
    if dossier is None:
        raise Http404
    return open_working_copy(adapt_reponses(dossier))


def editable_dossier(user, pk: int) -> Dossier:
    """Return a dossier that `user` may change now. Raises Http404, FrozenDossier."""
    dossier = owned_dossier(user, pk)
    if not dossier.is_editable:
        raise FrozenDossier(dossier)
    return dossier


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
