"""Asking again for the company of a dossier: the former data stay until the new ones are there."""

import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from dossiers import policies
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, Modification
from dossiers.search import refresh_search_text
from entreprise_api import tasks
from entreprise_api.lookup import postpone
from entreprise_api.models import Etablissement
from instruction.models import Actualisation

# How long one waits before asking again for the same company.
ASK_AGAIN_AFTER = datetime.timedelta(minutes=1)


def actualisation_of(dossier: Dossier) -> Actualisation | None:
    """Return the last time the company of a dossier was asked again, None for never."""
    if dossier.etablissement_id is None or dossier.is_test:
        return None
    return Actualisation.objects.select_related("etablissement").filter(dossier=dossier).first()


def ask(dossier_id: int, *, by) -> Actualisation:
    """Ask for the company of a dossier again; a task does it, even when the API is down for long.

    Asked a moment ago, it is not asked twice. Raises PermissionDenied, Dossier.DoesNotExist,
    Etablissement.DoesNotExist when no company applies.
    """
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if not policies.can_decide(by, dossier) or dossier.is_test:
            raise PermissionDenied
        if dossier.etablissement is None:
            raise Etablissement.DoesNotExist
        known = Actualisation.objects.filter(dossier=dossier).first()
        is_recent = known is not None and known.asked_at > timezone.now() - ASK_AGAIN_AFTER
        if is_recent or (known is not None and known.is_pending and known.etablissement_id):
            return known
        asked = postpone(
            dossier.etablissement.siret,
            recipient=dossier.procedure.organisme.siret,
            purpose=f"procedure_id: {dossier.procedure_id}",
        )
        values = {"etablissement": asked, "asked_at": timezone.now(), "ended_at": None}
        values |= {"failure": "", "changes": []}
        actualisation, _is_new = Actualisation.objects.update_or_create(
            dossier=dossier, defaults=values
        )
        if asked.is_complete:
            _give(actualisation, dossier, asked)
        if asked.is_pending or asked.is_capital_pending:
            tasks.complete_etablissement.delay_on_commit(asked.pk)
    return actualisation


def end(etablissement: Etablissement) -> None:
    """Give a dossier the company that was asked for again, now that its state is final.

    What could not be found leaves the former data, and says why.
    """
    waiting = Actualisation.objects.filter(etablissement=etablissement, ended_at=None)
    real = waiting.filter(dossier__deleted_at=None)
    for dossier_id in real.values_list("dossier_id", flat=True):
        with transaction.atomic():
            dossier = _locked(dossier_id)
            actualisation = Actualisation.objects.get(dossier=dossier)
            if etablissement.is_complete:
                _give(actualisation, dossier, etablissement)
            else:
                actualisation.failure = etablissement.get_state_display()
                actualisation.ended_at = timezone.now()
                actualisation.save(update_fields=["failure", "ended_at"])


def differences(former: Etablissement, present: Etablissement) -> list[list[str]]:
    """Return what differs between two snapshots: a label, the former value, the new one.

    The capital, which comes later, is left out until both know it.
    """
    before, after = dict(former.full_rows()), dict(present.full_rows())
    labels = [*after, *(label for label in before if label not in after)]
    if former.is_capital_pending or present.is_capital_pending:
        labels.remove("Capital social")
    rows = [[label, before.get(label, ""), after.get(label, "")] for label in labels]
    return [row for row in rows if row[1] != row[2]]


def _give(actualisation: Actualisation, dossier: Dossier, present: Etablissement) -> None:
    """Put a new snapshot in the place of the former one, in what its usager is changing too."""
    former = dossier.etablissement
    actualisation.ended_at = timezone.now()
    if former is not None and former.siret == present.siret:
        actualisation.changes = differences(former, present) if former.is_complete else []
        Modification.objects.filter(dossier=dossier, etablissement=former).update(
            etablissement=present
        )
        dossier.etablissement = present
        refresh_search_text(dossier)
        dossier.save(update_fields=["etablissement", "search_text"])
    actualisation.save(update_fields=["changes", "ended_at"])


def _locked(dossier_id: int) -> Dossier:
    return locked_dossier(dossier_id, "usager", "etablissement", "procedure__organisme", "revision")
