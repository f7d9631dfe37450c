"""Terminés at the end of their conservation: announced, kept longer, or erased."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.urls import reverse

from courriels.models import Courriel
from dossiers import conservation, transferts, workflow
from dossiers.conservation import keep_longer
from dossiers.enums import HistoryAction
from dossiers.models import Dossier, PieceJointe, Suivi, Suppression
from dossiers.tasks import apply_conservation
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

DECIDED = datetime(2026, 1, 31, 9, tzinfo=UTC)
KEPT_UNTIL = date(2026, 2, 28)  # one month later


@pytest.fixture
def clock():
    with time_machine.travel(DECIDED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def procedure():
    return ProcedureFactory(retention_months=1)


@pytest.fixture
def dossier(clock, procedure):
    return DossierFactory(procedure=procedure, accepte=True)


def at(clock, day: date, hour_utc: int = 9) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, hour_utc, tzinfo=UTC))
    apply_conservation()
    apply_conservation()


def kinds() -> list[str]:
    return list(Courriel.objects.order_by("pk").values_list("kind", flat=True))


def test_termine_is_announced_a_month_before_then_erased(clock, client_for, procedure, dossier):
    piece = PieceJointeFactory(dossier=dossier)
    number, storage, name = dossier.pk, piece.file.storage, piece.file.name
    open_one = DossierFactory(procedure=procedure, en_instruction=True)
    announced_for = date(2026, 3, 2)
    at(clock, date(2026, 1, 31))
    assert kinds() == ["dossier_bientot_supprime"]
    told = Courriel.objects.get()
    assert told.to_email == dossier.usager.email
    assert told.subject == f"Votre dossier nº {number} sera supprimé après le 02/03/2026"
    at(clock, announced_for)
    assert Dossier.objects.filter(pk=number).exists()
    at(clock, announced_for + timedelta(days=1))

    assert list(Dossier.with_trash.values_list("pk", flat=True)) == [open_one.pk]
    assert not PieceJointe.objects.exists()
    assert not storage.exists(name)
    assert kinds() == []  # the emails about it went with it
    left = Suppression.objects.get()
    assert (left.dossier_number, left.procedure, left.state) == (number, procedure, "accepte")
    assert left.decided_at == DECIDED
    url = reverse("instruction:dossier_detail", args=[number])
    member, stranger = AffectationFactory(procedure=procedure).user, AffectationFactory().user
    page = client_for(member).get(url)
    assert page.status_code == 410
    assert "a été supprimé" in Markup(page).one("h1").text
    assert client_for(stranger).get(url).status_code == 404


def test_nobody_is_written_to_in_the_night(clock, dossier):
    at(clock, date(2026, 2, 1), hour_utc=3)
    assert kinds() == []
    at(clock, date(2026, 2, 1), hour_utc=5)
    assert kinds() == ["dossier_bientot_supprime"]


def test_outage_leaves_thirty_days_from_the_warning(clock, dossier):
    at(clock, date(2026, 9, 1))
    assert Dossier.objects.get().kept_until == date(2026, 10, 1)
    at(clock, date(2026, 10, 1))
    assert Dossier.objects.exists()
    at(clock, date(2026, 10, 2))
    assert not Dossier.objects.exists()


def test_those_who_follow_have_one_email_for_all_their_dossiers(clock, procedure, dossier):
    follower = AffectationFactory(procedure=procedure).user
    AffectationFactory(procedure=procedure)
    other = DossierFactory(procedure=procedure, rejete=True)
    DossierFactory(procedure=procedure, rejete=True)
    for followed in (dossier, other):
        Suivi.objects.create(dossier=followed, user=follower)
    at(clock, date(2026, 1, 31))
    told = Courriel.objects.get(kind="dossiers_bientot_supprimes")
    assert (told.to_email, told.subject) == (follower.email, "2 dossiers bientôt supprimés")
    assert kinds().count("dossier_bientot_supprime") == 3


def test_dossier_that_its_usager_put_away_is_announced_to_the_groupe(clock, procedure, dossier):
    member = AffectationFactory(procedure=procedure).user
    Dossier.objects.update(hidden_at=DECIDED)
    at(clock, date(2026, 1, 31))
    assert list(Courriel.objects.values_list("to_email", "kind")) == [
        (member.email, "dossiers_bientot_supprimes")
    ]


def test_longer_retention_after_the_warning_begins_again(clock, procedure, dossier):
    at(clock, date(2026, 1, 31))
    procedure.retention_months = 12
    procedure.save(update_fields=["retention_months"])
    at(clock, date(2026, 6, 1))
    assert Dossier.objects.get().kept_until == date(2027, 1, 31)
    at(clock, date(2027, 1, 1))
    assert kinds() == ["dossier_bientot_supprime"] * 2
    at(clock, date(2027, 2, 1))
    assert not Dossier.objects.exists()


def test_dossier_kept_longer_is_neither_erased_nor_about_to_be(clock, procedure, dossier):
    accompagnateur = AffectationFactory(procedure=procedure).user
    at(clock, date(2026, 1, 31))
    assert list(Dossier.objects.expiring_soon(procedure)) == [dossier]
    kept = keep_longer(dossier.pk, by=accompagnateur)
    assert kept.kept_until == date(2026, 8, 31)
    assert list(Dossier.objects.expiring_soon(procedure)) == []
    entry = dossier.history.get()
    assert entry.action == HistoryAction.KEEP_LONGER
    assert entry.motivation == "Conservé jusqu’au 31/08/2026."
    at(clock, date(2026, 6, 1))
    assert Dossier.objects.exists()


@pytest.mark.parametrize("day", range(25, 32))
@pytest.mark.parametrize("months", [1, 2, 6, 13])
def test_database_and_page_agree_on_the_day(clock, procedure, day, months):
    procedure.retention_months = months
    procedure.save(update_fields=["retention_months"])
    decided = datetime(2026, 12, day, 23, 30, tzinfo=UTC)  # the following day in Paris
    dossier = DossierFactory(procedure=procedure, accepte=True, decided_at=decided)
    row = Dossier.objects.with_expiry().get(pk=dossier.pk)
    assert row.expires_on == row.kept_until


def test_soon_is_within_thirty_days(clock, procedure, dossier):
    clock.move_to(datetime(2026, 1, 28, 22, 59, tzinfo=UTC))
    Dossier.objects.update(decided_at=datetime(2026, 1, 28, 9, tzinfo=UTC))
    procedure.retention_months = 2  # until 28 March
    found = []
    for day in (date(2026, 2, 25), date(2026, 2, 26)):
        clock.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        procedure.save(update_fields=["retention_months"])
        found.append(Dossier.objects.expiring_soon(procedure).count())
    assert found == [0, 1]


def test_dossier_on_offer_or_held_is_not_erased(clock, dossier, monkeypatch):
    at(clock, date(2026, 1, 31))
    clock.move_to(datetime(2026, 3, 3, 9, tzinfo=UTC))
    transferts.propose(dossier.pk, UserFactory().email, by=dossier.usager)
    apply_conservation()
    assert Dossier.objects.exists()
    dossier.transferts.all().delete()
    monkeypatch.setattr(conservation, "_holds", [lambda: Q(pk=dossier.pk)])
    apply_conservation()
    assert Dossier.objects.exists()
    monkeypatch.undo()
    apply_conservation()
    assert not Dossier.objects.exists()


def test_new_usager_is_warned_in_their_turn(clock, dossier):
    at(clock, date(2026, 1, 31))
    clock.shift(timedelta(days=20))
    other = UserFactory()
    offer = transferts.propose(dossier.pk, other.email, by=dossier.usager)
    transferts.accept(offer, by=other)
    Courriel.objects.all().delete()
    apply_conservation()
    assert list(Courriel.objects.values_list("to_email", flat=True)) == [other.email]
    assert Dossier.objects.get().kept_until == date(2026, 3, 22)


def test_tests_are_left_to_the_test_mode(clock):
    procedure = procedure_to_try()
    test = essai_of(procedure)
    Dossier.tests.filter(pk=test.pk).update(submitted_at=DECIDED)
    at(clock, date(2030, 1, 1))
    assert kinds() == []
    assert Dossier.tests.filter(pk=test.pk).exists()


def test_keeping_longer_is_for_who_may_decide_and_has_an_end(clock, client_for, dossier):
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    url = reverse("instruction:dossier_keep_longer", args=[dossier.pk])
    for user in (dossier.usager, AffectationFactory().user):
        assert client_for(user).post(url).status_code == 404
        with pytest.raises(PermissionDenied):
            keep_longer(dossier.pk, by=user)
    client = client_for(accompagnateur)
    for _ in range(11):
        client.post(url)
    assert Dossier.objects.get().kept_months_more == 60
    page = Markup(client.get(reverse("instruction:dossier_detail", args=[dossier.pk])))
    assert "Conservé jusqu’au 28/02/2031" in page.one('[aria-label="Conservation"]').text
    open_one = DossierFactory(procedure=dossier.procedure, en_instruction=True)
    with pytest.raises(ValidationError, match="Seul un dossier terminé"):
        keep_longer(open_one.pk, by=accompagnateur)
    assert workflow.refusal(open_one)
