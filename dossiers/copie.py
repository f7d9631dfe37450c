"""The working copy: what is being filled in, and who sees it.

A brouillon is its own working copy. Once filed, a dossier shows what was filed; its usager works
on a `Modification` beside it, private until they file it again. Whatever fills in a dossier
opens the working copy, changes it in memory and saves it here, under the lock of its row.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from dossiers import policies
from dossiers.adaptation import adapt_reponses
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, Modification, PieceJointe
from dossiers.retrait import delete_files
from dossiers.search import refresh_search_text

# What a working copy holds, under the same names as a dossier.
FIELDS = (
    "civilite",
    "prenom",
    "nom",
    "is_from_franceconnect",
    "date_de_naissance",
    "mandataire_prenom",
    "mandataire_nom",
    "beneficiaire_email",
    "etablissement",
    "reponses",
    "saisies_refusees",
    "auteurs",
)


def open_working_copy(dossier: Dossier) -> Dossier:
    """Make a dossier show, in memory, what its usager is filling in; return it.

    Costs a query unless `modification` is joined. One that is no longer editable shows what was
    filed.
    """
    if dossier.is_brouillon or dossier.is_working_copy or not dossier.is_editable:
        return dossier
    source = getattr(dossier, "modification", None)
    if source is not None:
        for name in FIELDS:
            setattr(dossier, name, getattr(source, name))
    dossier.is_working_copy = True
    dossier.__dict__.pop("editable_champ_ids", None)  # its rows may be others
    return adapt_reponses(dossier)


def locked_working_copy(dossier_id: int, *, by) -> Dossier:
    """Return the working copy of a dossier, its row locked until the transaction ends.

    Raises PermissionDenied when `by` may not fill it in, Dossier.DoesNotExist.
    """
    dossier = locked_dossier(
        dossier_id,
        "usager",
        "etablissement",
        "procedure",
        "revision",
        "modification__etablissement",
    )
    if not policies.can_edit(by, dossier):
        raise PermissionDenied
    if dossier.usager_id != by.pk:
        dossier.contexte.hide_other_dossiers()
    return open_working_copy(dossier)


def save_working_copy(dossier: Dossier) -> None:
    """Save a locked working copy whole; what accompagnateurs see of a filed dossier stays."""
    if dossier.is_working_copy:
        values = {name: getattr(dossier, name) for name in FIELDS}
        Modification.objects.update_or_create(
            dossier_id=dossier.pk, defaults=values | {"updated_at": timezone.now()}
        )
        return
    dossier.updated_at = timezone.now()
    refresh_search_text(dossier)
    dossier.save(update_fields=[*FIELDS, "updated_at", "search_text"])


def discard_modifications(dossier_id: int, *, by) -> None:
    """Throw away what was changed since the last deposit; done twice, changes nothing.

    Raises PermissionDenied, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id)
        if dossier.is_brouillon or not (
            policies.can_submit(by, dossier) and policies.can_edit(by, dossier)
        ):
            raise PermissionDenied
        files = PieceJointe.objects.filter(dossier=dossier)
        delete_files(list(files.filter(is_working=True, is_filed=False)))
        files.filter(is_filed=True).update(is_working=True)
        Modification.objects.filter(dossier=dossier).delete()
