"""Filing: each deposit is a version, which never changes afterwards."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from dossiers import policies, routage
from dossiers.completeness import ineligibility_messages, problems_of
from dossiers.copie import FIELDS, open_working_copy
from dossiers.demande import Problem
from dossiers.enums import HistoryAction
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, HistoryEntry, Modification, PieceJointe, Version
from dossiers.search import refresh_search_text
from dossiers.signals import modifications_deposited
from dossiers.unseen import drop_unseen


class DepositRefused(Exception):
    """Nothing was filed; the message says why, in French."""


class DossierIncomplete(DepositRefused):
    """Something is missing or wrong; `problems` says what."""

    def __init__(self, problems: list[Problem]):
        super().__init__("Le dossier est incomplet.")
        self.problems = problems


class DossierIneligible(DepositRefused):
    """The answers make the dossier ineligible; its text says why, in the administrateur's words."""


def check_complete(dossier: Dossier) -> None:
    """Raise DossierIneligible or DossierIncomplete when what is filled in may not be filed."""
    reasons = ineligibility_messages(dossier)
    if reasons:
        raise DossierIneligible(" ".join(reasons))
    problems = problems_of(dossier)
    if problems:
        raise DossierIncomplete(problems)


def file_version(dossier: Dossier, *, by) -> Version:
    """Make a version of a locked dossier just saved: its working files are filed with it."""
    files = PieceJointe.objects.filter(dossier=dossier)
    files.filter(is_working=True, is_filed=False).update(is_filed=True)
    files.filter(is_working=False, is_filed=True).update(is_filed=False)
    last = Version.objects.filter(dossier=dossier).aggregate(last=Max("number"))["last"]
    version = Version.objects.create(
        dossier=dossier,
        number=(last or 0) + 1,
        revision_id=dossier.revision_id,
        civilite=dossier.civilite,
        prenom=dossier.prenom,
        nom=dossier.nom,
        is_from_franceconnect=dossier.is_from_franceconnect,
        date_de_naissance=dossier.date_de_naissance,
        mandataire_prenom=dossier.mandataire_prenom,
        mandataire_nom=dossier.mandataire_nom,
        beneficiaire_email=dossier.beneficiaire_email,
        etablissement_id=dossier.etablissement_id,
        reponses=dossier.reponses,
        auteurs=dossier.auteurs,
        by=by,
        by_name=str(by),
    )
    version.pieces_jointes.set(files.filter(is_filed=True))
    return version


def deposit_modifications(dossier_id: int, *, by) -> Version:
    """File what was changed since the last deposit, and return the new version.

    Its usager alone may. Raises PermissionDenied, DepositRefused (nothing to file, or no longer
    editable), DossierIncomplete, DossierIneligible, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        filed = locked_dossier(
            dossier_id,
            "usager",
            "etablissement",
            "procedure",
            "revision",
            "modification__etablissement",
        )
        if not policies.can_submit(by, filed):
            raise PermissionDenied
        if filed.is_brouillon or not filed.is_editable:
            raise DepositRefused(
                f"Ce dossier est {filed.get_state_display()} : il ne peut plus être modifié."
            )
        if not filed.has_modification:
            raise DepositRefused("Il n’y a aucune modification à déposer.")
        copy = open_working_copy(filed)
        check_complete(copy)
        drop_unseen(copy)
        dossier = _file(copy)
        version = file_version(dossier, by=by)
        _record(dossier, version, by)
        routage.reroute(dossier)
        modifications_deposited.send(Dossier, dossier=dossier, version=version, by=by)
    return version


def _file(copy: Dossier) -> Dossier:
    """Make what was filled in what accompagnateurs see; return the dossier saved."""
    values = {name: getattr(copy, name) for name in FIELDS}
    dossier = Dossier.with_tests.select_related("usager", "procedure", "revision").get(pk=copy.pk)
    for name, value in values.items():
        setattr(dossier, name, value)
    dossier.updated_at = dossier.demande_changed_at = timezone.now()
    refresh_search_text(dossier)
    dossier.save(update_fields=[*FIELDS, "updated_at", "demande_changed_at", "search_text"])
    Modification.objects.filter(dossier=dossier).delete()
    return dossier


def _record(dossier: Dossier, version: Version, by) -> None:
    HistoryEntry.objects.create(
        dossier=dossier,
        action=HistoryAction.DEPOSIT_CHANGES,
        from_state=dossier.state,
        to_state=dossier.state,
        by=by,
        by_name=str(by),
        motivation=f"Version {version.number}.",
    )
