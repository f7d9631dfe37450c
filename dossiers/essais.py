"""The test mode: dossiers begun on a draft, which never become real and are erased."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from courriels.models import Courriel
from courriels.outbox import withdraw
from dossiers.attestations import delete_attestation_after_commit
from dossiers.enums import TESTS_KEPT_DAYS, DossierState
from dossiers.models import Attestation, Dossier, DossierQuerySet
from dossiers.retrait import delete_files_after_commit
from dossiers.search import refresh_search_text
from dossiers.workflow import courriel_reference
from procedures.essais import draft_to_test
from procedures.models import Procedure
from procedures.policies import can_administer
from procedures.questionnaire import initial_reponses


class LinkEnded(Exception):
    """The link of the test mode was replaced or revoked, or the draft published meanwhile."""


def start_test(token: str, *, by) -> Dossier:
    """Return a new test dossier of `by` on the draft, or the one begun and not yet touched.

    A double click begins one: the person's row is locked meanwhile. So is the procédure's, since
    a publication at the same time erases every test. Raises LinkEnded.
    """
    with transaction.atomic():
        get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        procedures = Procedure.objects.select_for_update(of=("self",), no_key=True)
        procedure = procedures.filter(test_token=token).first()
        draft = draft_to_test(procedure) if procedure is not None else None
        if draft is None:
            raise LinkEnded
        untouched = _untouched(by, procedure)
        if untouched is not None:
            return untouched
        now = timezone.now()
        dossier = Dossier.with_tests.create(
            procedure=procedure,
            revision=draft,
            usager=by,
            is_test=True,
            reponses=initial_reponses(draft.formulaire),
            created_at=now,
            updated_at=now,
        )
        refresh_search_text(dossier)
        dossier.save(update_fields=["search_text"])
    return dossier


def erase(tests: DossierQuerySet) -> int:
    """Erase test dossiers with their history, files and emails, for good; return how many.

    The files go once the erasure is certain. Real dossiers, were any asked for, stay.
    """
    with transaction.atomic():
        rows = tests.filter(is_test=True).order_by("pk").select_for_update(of=("self",))
        found = list(rows.only("pk").prefetch_related("pieces_jointes"))
        references = [courriel_reference(dossier.pk) for dossier in found]
        withdraw(Courriel.objects.filter(reference__in=references))
        for dossier in found:
            delete_files_after_commit(dossier.pieces_jointes.all())
        for attestation in Attestation.objects.filter(dossier__in=found):
            delete_attestation_after_commit(attestation)
        Dossier.tests.filter(pk__in=[dossier.pk for dossier in found]).delete()
    return len(found)


def erase_old_tests() -> int:
    """Erase the tests begun more than `TESTS_KEPT_DAYS` days ago; return how many."""
    limit = timezone.now() - timedelta(days=TESTS_KEPT_DAYS)
    return erase(Dossier.tests.filter(created_at__lt=limit))


def tests_url(user, dossier: Dossier) -> str:
    """Return where `user` finds the tests beside this one."""
    if can_administer(user, dossier.procedure):
        return reverse("dossiers:essai_manage", args=[dossier.procedure_id])
    return f"{reverse('dossiers:dossier_list')}#essais"


def _untouched(user, procedure: Procedure) -> Dossier | None:
    return (
        Dossier.tests.owned_by(user)
        .for_procedure(procedure)
        .filter(state=DossierState.BROUILLON, updated_at=F("created_at"))
        .first()
    )
