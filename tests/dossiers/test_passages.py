"""The automatic passage en instruction: each dossier once, whatever breaks meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.urls import reverse

from courriels.models import Courriel
from dossiers import passages, workflow
from dossiers.enums import DossierState
from dossiers.models import Dossier, HistoryEntry, PassageAutomatique
from dossiers.tasks import run_passage, start_due_passages
from procedures.dates import Planning, set_dates
from procedures.models import Administration, Procedure
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def procedure():
    return ProcedureFactory(closes_at=NOW, passage_at=NOW, passage_at_closing=True)


def filed(procedure, **fields):
    fields = {"submitted_at": NOW - DAY} | fields
    return DossierFactory(procedure=procedure, en_construction=True, **fields)


def states(procedure):
    return list(procedure.dossiers.order_by("pk").values_list("state", flat=True))


def test_dossiers_filed_in_time_pass_and_their_usagers_are_told(procedure):
    dossiers = [filed(procedure), filed(procedure)]
    others = [
        DossierFactory(procedure=procedure),
        filed(procedure, submitted_at=NOW + timedelta(seconds=1)),
        filed(ProcedureFactory()),
        filed(ProcedureFactory(passage_at=NOW + DAY)),
    ]

    start_due_passages()

    passed = Dossier.objects.filter(state=DossierState.EN_INSTRUCTION)
    assert set(passed) == set(dossiers)
    assert {other.state for other in others} == {"brouillon", "en_construction"}
    entries = HistoryEntry.objects.filter(action="start_instruction")
    assert [(entry.by, entry.author) for entry in entries] == [(None, "TPS (automatique)")] * 2
    assert set(Courriel.objects.values_list("to_email", flat=True)) == {
        dossier.usager.email for dossier in dossiers
    }
    passage = PassageAutomatique.objects.get()
    assert (passage.total, passage.done, passage.failed) == (2, 2, 0)
    assert (passage.is_finished, passage.percent) == (True, 100)


def test_two_beats_at_once_begin_one_passage(procedure):
    filed(procedure)

    first, second = passages.begin(procedure.pk), passages.begin(procedure.pk)
    run_passage(first)
    run_passage(first)
    start_due_passages()

    assert second is None
    assert Courriel.objects.count() == 1
    assert PassageAutomatique.objects.count() == 1


def test_worker_killed_in_the_middle_is_replaced_and_each_email_leaves_once(
    procedure, frozen, monkeypatch
):
    dossiers = [filed(procedure) for _ in range(4)]
    run, calls = workflow.run, []

    def dies_at_the_third(action, dossier_id, *, by):
        calls.append(dossier_id)
        result = run(action, dossier_id, by=by)
        if len(calls) == 3:
            raise SystemExit  # after its work, before its transaction is over
        return result

    monkeypatch.setattr(workflow, "run", dies_at_the_third)
    passage_id = passages.begin(procedure.pk)
    with pytest.raises(SystemExit):
        passages.carry_on(passage_id)
    passage = PassageAutomatique.objects.get()
    assert (passage.done, passage.last_dossier_id) == (2, dossiers[1].pk)
    assert states(procedure) == ["en_instruction"] * 2 + ["en_construction"] * 2
    monkeypatch.setattr(workflow, "run", run)

    start_due_passages()
    assert PassageAutomatique.objects.get().done == 2  # too early to call it lost
    frozen.shift(timedelta(minutes=3))
    start_due_passages()

    assert states(procedure) == ["en_instruction"] * 4
    assert PassageAutomatique.objects.get().done == 4
    assert Courriel.objects.count() == len({c.to_email for c in Courriel.objects.all()}) == 4


def test_lost_redis_is_made_up_for_by_the_next_beats(procedure, frozen):
    filed(procedure)
    passages.take_due()  # what it queued is lost

    frozen.shift(timedelta(minutes=3))
    start_due_passages()

    assert states(procedure) == ["en_instruction"]


def test_dossier_sent_back_meanwhile_has_no_second_turn(procedure):
    first, _second = filed(procedure), filed(procedure)
    passage_id = passages.begin(procedure.pk)
    assert passages.carry_on(passage_id, budget_seconds=-1) is False  # one, then the time is up
    accompagnateur = AffectationFactory(procedure=procedure).user
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, first.pk, by=accompagnateur)

    assert passages.carry_on(passage_id) is True

    assert states(procedure) == ["en_construction", "en_instruction"]
    assert Courriel.objects.filter(to_email=first.usager.email).count() == 1


def test_dossier_passed_by_hand_meanwhile_is_skipped(procedure, monkeypatch):
    dossier = filed(procedure)
    accompagnateur = AffectationFactory(procedure=procedure).user
    passage_id = passages.begin(procedure.pk)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)

    passages._give_its_turn(passage_id, dossier.pk)

    passage = PassageAutomatique.objects.get()
    assert (passage.done, passage.skipped, passage.failed) == (0, 1, 0)
    assert Courriel.objects.count() == 1


def test_broken_dossier_is_listed_and_holds_no_other_back(procedure):
    broken, _sound = filed(procedure), filed(procedure)
    type(broken.usager).objects.filter(pk=broken.usager_id).update(email="pas une adresse")

    start_due_passages()

    passage = PassageAutomatique.objects.get()
    assert states(procedure) == ["en_construction", "en_instruction"]
    assert (passage.done, passage.failed, passage.is_finished) == (1, 1, True)
    echec = passage.echecs.get()
    assert echec.dossier == broken
    assert echec.reason


def test_lost_database_blames_no_dossier(procedure, monkeypatch):
    filed(procedure)
    passage_id = passages.begin(procedure.pk)

    def fails(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(workflow, "run", fails)
    with pytest.raises(OperationalError):
        passages.carry_on(passage_id)

    assert PassageAutomatique.objects.get().failed == 0


def test_date_moved_meanwhile_begins_nothing(procedure):
    filed(procedure)
    planning = Planning(closes_at=NOW + DAY, passage_at_closing=True)
    set_dates(procedure, planning, by=UserFactory())

    assert passages.begin(procedure.pk) is None
    start_due_passages()

    assert states(procedure) == ["en_construction"]


def test_new_date_makes_a_new_passage(procedure, frozen):
    filed(procedure)
    start_due_passages()
    planning = Planning(closes_at=NOW + DAY, passage_at_closing=True)
    set_dates(procedure, planning, by=UserFactory())
    filed(procedure, submitted_at=NOW + timedelta(hours=1))

    frozen.shift(DAY)
    start_due_passages()

    assert states(procedure) == ["en_instruction"] * 2
    assert PassageAutomatique.objects.count() == 2


def test_tps_acts_alone_on_nothing_else(procedure):
    dossier = DossierFactory(procedure=procedure, en_instruction=True)

    for action in (workflow.ACCEPT, workflow.REJECT, workflow.RETURN_TO_CONSTRUCTION):
        with pytest.raises((AttributeError, PermissionDenied)):
            workflow.run(action, dossier.pk, by=None)

    assert Dossier.objects.get().state == DossierState.EN_INSTRUCTION


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_passages_does_not_grow_with_failures(
    procedure, count, client_for, django_assert_num_queries
):
    passage = PassageAutomatique.objects.create(
        procedure=procedure, planned_at=NOW, total=count, failed=count
    )
    for _ in range(count):
        passage.echecs.create(dossier=filed(procedure), reason="Adresse refusée")
    client = client_for(AffectationFactory(procedure=procedure).user)
    url = reverse("dossiers:passage_list", args=[procedure.pk])

    with django_assert_num_queries(8):
        page = client.get(url)
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert page.content.decode().count("Adresse refusée") == count
    assert 'hx-trigger="every 2s"' in part
    assert "<progress" in part
    assert "<html" not in part


def test_passage_still_to_come_is_not_said_to_begin(procedure, client_for):
    PassageAutomatique.objects.create(procedure=procedure, planned_at=NOW - DAY, total=1)
    Procedure.objects.filter(pk=procedure.pk).update(closes_at=NOW + DAY, passage_at=NOW + DAY)
    client = client_for(AffectationFactory(procedure=procedure).user)

    page = client.get(reverse("dossiers:passage_list", args=[procedure.pk])).content.decode()

    assert "Prévu le 24/11/2026 à 12:00" in page
    assert "Il commence dans un instant" not in page


def test_page_of_passages_belongs_to_the_space_of_its_reader(procedure, client_for):
    accompagnateur = AffectationFactory(procedure=procedure).user
    administrateur = UserFactory()
    procedure.organisme.administrateurs.add(administrateur)
    Administration.objects.create(procedure=procedure, user=administrateur)

    spaces = [
        Markup(client_for(user).get(reverse("dossiers:passage_list", args=[procedure.pk])))
        .one("[data-tps-menu] [aria-current]")
        .text
        for user in (administrateur, accompagnateur)
    ]

    assert spaces == ["Administrateur", "Accompagnateur"]


def test_finished_passage_is_polled_no_more(procedure, client_for):
    filed(procedure)
    start_due_passages()
    client = client_for(AffectationFactory(procedure=procedure).user)

    page = client.get(reverse("dossiers:passage_list", args=[procedure.pk])).content.decode()

    assert "every 2s" not in page
    assert "1 dossier sur 1 (100 %)" in page
    assert Procedure.objects.count() == 1
