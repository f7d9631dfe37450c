"""The table « The life of a dossier » of the product, one test per row."""

import pytest

from courriels.models import Courriel
from dossiers import policies, workflow
from dossiers.enums import DossierState
from dossiers.models import Dossier
from procedures.enums import CourrielEvent
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def accompagnateur():
    return UserFactory()


@pytest.fixture
def make(accompagnateur):
    """Return a function that makes a dossier whose procédure has the accompagnateur."""

    def make(**traits) -> Dossier:
        dossier = DossierFactory(**traits)
        AffectationFactory(procedure=dossier.procedure, user=accompagnateur)
        return dossier

    return make


def is_visible_to(user, dossier) -> bool:
    return Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists()


def kinds_sent(dossier) -> list[tuple[str, str]]:
    sent = Courriel.objects.for_reference(f"dossier:{dossier.pk}").order_by("pk")
    return [(courriel.kind, courriel.to_email) for courriel in sent]


def assert_stands(dossier, accompagnateur, *, state, label, editable, visible, courriels):
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.state == state
    assert dossier.get_state_display() == label
    assert policies.can_edit(dossier.usager, dossier) is editable
    assert is_visible_to(accompagnateur, dossier) is visible
    assert is_visible_to(dossier.usager, dossier)
    assert kinds_sent(dossier) == [(kind, dossier.usager.email) for kind in courriels]


def test_brouillon_saved_is_editable_invisible_and_sends_nothing(make, accompagnateur, client_for):
    dossier = make()

    client_for(dossier.usager).post(
        f"/dossiers/{dossier.pk}/modifier/", {"champ_objet1": "Un véhicule"}
    )

    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Un véhicule"}
    assert_stands(
        dossier,
        accompagnateur,
        state=DossierState.BROUILLON,
        label="en brouillon",
        editable=True,
        visible=False,
        courriels=[],
    )


def test_submitted_is_editable_visible_and_acknowledged(make, accompagnateur, client_for):
    dossier = make()

    client_for(dossier.usager).post(f"/dossiers/{dossier.pk}/soumettre/")

    assert_stands(
        dossier,
        accompagnateur,
        state=DossierState.EN_CONSTRUCTION,
        label="en construction",
        editable=True,
        visible=True,
        courriels=[CourrielEvent.ACCUSE_RECEPTION],
    )


def test_passed_en_instruction_is_frozen_visible_and_announced(make, accompagnateur):
    dossier = make(en_construction=True)

    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)

    assert_stands(
        dossier,
        accompagnateur,
        state=DossierState.EN_INSTRUCTION,
        label="en instruction",
        editable=False,
        visible=True,
        courriels=[CourrielEvent.PASSAGE_EN_INSTRUCTION],
    )


def test_returned_en_construction_is_editable_again_and_sends_nothing(make, accompagnateur):
    dossier = make(en_instruction=True)

    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)

    assert_stands(
        dossier,
        accompagnateur,
        state=DossierState.EN_CONSTRUCTION,
        label="en construction",
        editable=True,
        visible=True,
        courriels=[],
    )


def test_passed_en_instruction_again_is_frozen_and_announced_again(make, accompagnateur):
    dossier = make(en_construction=True)

    for action in (
        workflow.START_INSTRUCTION,
        workflow.RETURN_TO_CONSTRUCTION,
        workflow.START_INSTRUCTION,
    ):
        workflow.run(action, dossier.pk, by=accompagnateur)

    assert_stands(
        dossier,
        accompagnateur,
        state=DossierState.EN_INSTRUCTION,
        label="en instruction",
        editable=False,
        visible=True,
        courriels=[CourrielEvent.PASSAGE_EN_INSTRUCTION, CourrielEvent.PASSAGE_EN_INSTRUCTION],
    )


@pytest.mark.parametrize(
    ("action", "state", "label", "event"),
    [
        (workflow.ACCEPT, DossierState.ACCEPTE, "accepté", CourrielEvent.VALIDATION),
        (
            workflow.CLOSE_SANS_SUITE,
            DossierState.SANS_SUITE,
            "classé sans suite",
            CourrielEvent.SANS_SUITE,
        ),
        (workflow.REJECT, DossierState.REJETE, "rejeté", CourrielEvent.REJET),
    ],
    ids=["accepte", "sans_suite", "rejete"],
)
def test_decided_is_termine_frozen_visible_and_told(
    make, accompagnateur, action, state, label, event
):
    dossier = make(en_instruction=True)

    workflow.run(action, dossier.pk, by=accompagnateur, motivation="Les pièces le montrent.")

    assert_stands(
        dossier,
        accompagnateur,
        state=state,
        label=label,
        editable=False,
        visible=True,
        courriels=[event],
    )
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.is_termine
    assert dossier.motivation == "Les pièces le montrent."


@pytest.mark.parametrize("trait", ["en_construction", "en_instruction", "accepte", "rejete"])
def test_archived_keeps_its_status_and_sends_nothing(make, accompagnateur, trait):
    dossier = make(**{trait: True})
    editable = dossier.is_editable

    workflow.archive(dossier.pk, by=accompagnateur)

    assert_stands(
        dossier,
        accompagnateur,
        state=dossier.state,
        label=dossier.get_state_display(),
        editable=editable,
        visible=True,
        courriels=[],
    )
    assert Dossier.objects.get(pk=dossier.pk).is_archived
