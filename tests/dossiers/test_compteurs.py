"""The counts of dossiers that the database keeps."""

import uuid

import pytest
from django.db.models import Sum
from django.utils import timezone

from dossiers import compteurs, corrections, suivis, workflow
from dossiers.enums import DossierState
from dossiers.models import Compteur, Dossier, Suivi
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db


def counted() -> dict:
    """Return what the counts say, the kinds without dossiers left out."""
    kinds = ("groupe_id", "state", "is_archived", "is_followed", "is_awaited")
    rows = Compteur.objects.values_list(*kinds).annotate(total=Sum("number")).order_by()
    return {tuple(kind): total for *kind, total in rows if total}


def real() -> dict:
    """Count the dossiers themselves."""
    found: dict = {}
    for dossier in Dossier.objects.soumis():
        kind = (
            dossier.groupe_id,
            dossier.state,
            dossier.archived_at is not None,
            dossier.followers_count > 0,
            dossier.awaited_since is not None,
        )
        found[kind] = found.get(kind, 0) + 1
    return found


def test_counts_follow_every_change_of_a_dossier():
    procedure = ProcedureFactory()
    user = AffectationFactory(procedure=procedure).user
    first = DossierFactory(procedure=procedure, en_construction=True)
    DossierFactory(procedure=procedure, accepte=True, archive=True)
    DossierFactory(procedure=procedure)
    assert counted() == real() != {}

    workflow.run(workflow.START_INSTRUCTION, first.pk, by=user)
    assert counted() == real()
    workflow.run(workflow.ACCEPT, first.pk, by=user)
    workflow.archive(first.pk, by=user)
    assert counted() == real()
    Dossier.objects.filter(pk=first.pk).delete()
    assert counted() == real()


def test_a_dossier_submitted_counts_and_one_in_the_bin_does_not():
    procedure = ProcedureFactory()
    dossier = DossierFactory(procedure=procedure)
    assert counted() == {}
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    groupe = procedure.groupes.get()
    assert counted() == {(groupe.pk, DossierState.EN_CONSTRUCTION, False, False, False): 1}
    Dossier.objects.filter(pk=dossier.pk).update(deleted_at=timezone.now())
    assert counted() == {}


def test_a_test_is_not_counted():
    DossierFactory(en_construction=True, is_test=True)
    assert counted() == {}


def test_following_and_waiting_are_counted():
    procedure = ProcedureFactory()
    user = AffectationFactory(procedure=procedure).user
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    suivis.follow(dossier, by=user)
    corrections.ask(
        dossier.pk, by=user, texts={"objet1": "Précisez."}, message="", token=uuid.uuid4()
    )
    dossier.refresh_from_db()
    assert dossier.awaited_since is not None
    assert dossier.followers_count == 1
    assert counted() == real()
    Suivi.objects.all().delete()
    dossier.refresh_from_db()
    assert dossier.followers_count == 0
    assert counted() == real()


def test_folding_changes_no_count_and_leaves_one_row_for_each_kind():
    procedure = ProcedureFactory()
    for _ in range(3):
        DossierFactory(procedure=procedure, en_construction=True)
    gone = DossierFactory(procedure=procedure, rejete=True)
    Dossier.objects.filter(pk=gone.pk).delete()
    before = counted()
    assert Compteur.objects.count() > len(before)
    compteurs.fold()
    assert counted() == before == real()
    assert Compteur.objects.count() == 1
    compteurs.fold()
    assert counted() == before
