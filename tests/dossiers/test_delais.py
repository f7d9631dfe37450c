"""The real delays of a procédure, from known histories."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from dossiers import workflow
from dossiers.models import DelaisConstates, Dossier, HistoryEntry
from dossiers.models.delais import in_words
from dossiers.tasks import refresh_delais
from procedures.revisions import draft_of
from tests.dossiers.essais import essai_of
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def procedure():
    return AffectationFactory().procedure


def tell(clock, procedure, *, wait: int, examen: int, decided_at=NOW - DAY, action="accept"):
    """Make a dossier that waited, then was examined, for so many days."""
    accompagnateur = procedure.affectations.get().user
    dossier = DossierFactory(procedure=procedure)
    clock.move_to(decided_at - (wait + examen) * DAY)
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    clock.move_to(decided_at - examen * DAY)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    clock.move_to(decided_at)
    workflow.run(workflow.ACTIONS[action], dossier.pk, by=accompagnateur, motivation="Parce que.")
    clock.move_to(NOW)
    return dossier


def test_delays_are_exact(clock, procedure):
    for rank, action in enumerate(["accept", "reject", "close_sans_suite", "accept", "accept"], 1):
        tell(clock, procedure, wait=rank, examen=10 * rank, action=action)

    refresh_delais()

    found = DelaisConstates.objects.get()
    days = {
        name: getattr(found, name) / DAY.total_seconds()
        for name in (
            "decision_median",
            "decision_p90",
            "instruction_median",
            "instruction_p90",
            "examen_median",
            "examen_p90",
        )
    }
    # percentile_cont(0.9) of five values: 0.6 of the way from the fourth to the fifth.
    assert days == pytest.approx(
        {
            "decision_median": 33,
            "decision_p90": 50.6,
            "instruction_median": 3,
            "instruction_p90": 4.6,
            "examen_median": 30,
            "examen_p90": 46,
        }
    )
    assert (found.procedure, found.dossiers, found.computed_at) == (procedure, 5, NOW)
    assert found.decision == "33 jours dans la moitié des cas, 51 jours pour neuf dossiers sur dix"


def test_dossier_sent_back_counts_from_its_first_submission(clock, procedure):
    accompagnateur = procedure.affectations.get().user
    for _ in range(5):
        dossier = DossierFactory(procedure=procedure)
        steps = [
            (20, workflow.SUBMIT),
            (15, workflow.START_INSTRUCTION),
            (12, workflow.RETURN_TO_CONSTRUCTION),
            (5, workflow.START_INSTRUCTION),
            (0, workflow.ACCEPT),
        ]
        for days, action in steps:
            clock.move_to(NOW - days * DAY)
            by = dossier.usager if action is workflow.SUBMIT else accompagnateur
            workflow.run(action, dossier.pk, by=by)

    refresh_delais()

    found = DelaisConstates.objects.get()
    medians = (found.decision_median, found.instruction_median, found.examen_median)
    assert medians == pytest.approx(tuple(days * DAY.total_seconds() for days in (20, 5, 15)))


def test_four_dossiers_say_nothing(clock, procedure):
    for _ in range(4):
        tell(clock, procedure, wait=1, examen=1)
    DossierFactory(procedure=procedure, en_instruction=True)
    other = AffectationFactory().procedure
    tell(clock, other, wait=1, examen=1)

    refresh_delais()

    assert not DelaisConstates.objects.exists()


def test_only_twelve_months_count(clock, procedure):
    for _ in range(4):
        tell(clock, procedure, wait=1, examen=1)
    old = tell(clock, procedure, wait=1, examen=1, decided_at=NOW - 365 * DAY)
    refresh_delais()
    assert not DelaisConstates.objects.exists()

    decision = HistoryEntry.objects.filter(dossier=old, to_state="accepte")
    decision.update(at=NOW - 365 * DAY + timedelta(seconds=1))
    refresh_delais()
    assert DelaisConstates.objects.get().dossiers == 5

    clock.move_to(NOW + DAY)
    refresh_delais()
    assert not DelaisConstates.objects.exists()


def test_tests_do_not_count(clock, procedure):
    for _ in range(4):
        tell(clock, procedure, wait=1, examen=1)
    draft_of(procedure)
    essai = essai_of(procedure, accepte=True)
    for action, before, after in (
        ("submit", "brouillon", "en_construction"),
        ("start_instruction", "en_construction", "en_instruction"),
        ("accept", "en_instruction", "accepte"),
    ):
        HistoryEntry.objects.create(
            dossier=essai, action=action, from_state=before, to_state=after, at=NOW - DAY
        )

    refresh_delais()

    assert not DelaisConstates.objects.exists()


def test_refreshing_twice_keeps_one_row_up_to_date(clock, procedure):
    for _ in range(5):
        tell(clock, procedure, wait=1, examen=1)
    refresh_delais()
    for _ in range(7):
        tell(clock, procedure, wait=3, examen=7)
    refresh_delais()
    refresh_delais()

    found = DelaisConstates.objects.get()
    assert (found.dossiers, found.decision_median) == (12, 10 * DAY.total_seconds())


@pytest.mark.parametrize(
    ("median", "p90", "text"),
    [
        (12, 30, "12 jours dans la moitié des cas, 30 jours pour neuf dossiers sur dix"),
        (11.01, 29.5, "12 jours dans la moitié des cas, 30 jours pour neuf dossiers sur dix"),
        (0.01, 1.5, "1 jour dans la moitié des cas, 2 jours pour neuf dossiers sur dix"),
        (0, 0, "1 jour pour neuf dossiers sur dix"),
    ],
)
def test_delays_are_said_in_whole_days_never_too_short(median, p90, text):
    assert in_words(median * DAY.total_seconds(), p90 * DAY.total_seconds()) == text


def test_delays_are_said_on_the_public_page_and_in_the_timeline(
    clock, procedure, client, client_for
):
    for _ in range(5):
        tell(clock, procedure, wait=2, examen=10)
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    page = client.get(procedure.get_absolute_url())
    assert not Markup(page).all("#delais")
    refresh_delais()

    public = Markup(client.get(procedure.get_absolute_url())).one("#delais").text
    mine = client_for(dossier.usager)
    timeline = Markup(mine.get(f"/dossiers/{dossier.pk}/")).one(".tps-timeline").text
    Dossier.objects.filter(pk=dossier.pk).update(state="en_instruction", instruction_started_at=NOW)
    later = Markup(mine.get(f"/dossiers/{dossier.pk}/")).one(".tps-timeline").text

    assert public == "Décision en 12 jours pour neuf dossiers sur dix, à partir du dépôt."
    assert "En général : 2 jours pour neuf dossiers sur dix, après le dépôt." in timeline
    assert "En général : 12 jours pour neuf dossiers sur dix, après le dépôt." in timeline
    assert "2 jours pour neuf dossiers sur dix, après le dépôt" not in later
    assert "10 jours pour neuf dossiers sur dix, après le passage en instruction." in later


def test_procedures_are_taken_batch_by_batch(clock, procedure, monkeypatch):
    monkeypatch.setattr("dossiers.delais.PROCEDURES_PER_BATCH", 1)
    ProcedureFactory.create_batch(2)
    other = AffectationFactory().procedure
    for concerned in (procedure, other):
        for _ in range(5):
            tell(clock, concerned, wait=1, examen=1)

    refresh_delais()

    kept = set(DelaisConstates.objects.values_list("procedure_id", flat=True))
    assert kept == {procedure.pk, other.pk}
