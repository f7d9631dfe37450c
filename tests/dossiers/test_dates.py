"""What usagers see and may do around the opening and closing dates."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from courriels.models import Courriel
from dossiers import workflow
from dossiers.brouillons import start_brouillon
from dossiers.countdown import time_left
from dossiers.models import Dossier, RappelCloture
from dossiers.tasks import remind_of_closings
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=3, hours=4, minutes=59), "3 jours et 4 heures"),
        (timedelta(days=1, hours=1), "1 jour et 1 heure"),
        (timedelta(days=2, minutes=5), "2 jours"),
        (timedelta(hours=5, minutes=12), "5 heures et 12 minutes"),
        (timedelta(minutes=1, seconds=59), "1 minute"),
        (timedelta(seconds=59), "moins d’une minute"),
        (-DAY, "moins d’une minute"),
    ],
)
def test_time_left_is_said_in_two_units(left, text):
    assert time_left(NOW + left, NOW) == text


@pytest.mark.parametrize(
    ("now", "closes_at", "text", "wall"),
    [  # noon to noon in Paris, over the nights of 25/10/2026 and 28/03/2027
        ((2026, 10, 24, 10), (2026, 10, 25, 11), "1 jour et 1 heure", "25/10/2026 à 12:00"),
        ((2027, 3, 27, 11), (2027, 3, 28, 10), "23 heures", "28/03/2027 à 12:00"),
    ],
)
def test_countdown_counts_true_hours_over_a_change_of_time(
    client, frozen, now, closes_at, text, wall
):
    frozen.move_to(datetime(*now, tzinfo=UTC))
    procedure = ProcedureFactory(closes_at=datetime(*closes_at, tzinfo=UTC))

    page = client.get(procedure.get_absolute_url()).content.decode()

    assert f"<strong data-tps-countdown-left>{text}</strong>" in page
    assert wall in page


def test_countdown_shows_on_every_page_of_a_brouillon(client_for):
    dossier = DossierFactory(procedure=ProcedureFactory(closes_at=NOW + 3 * DAY))
    client = client_for(dossier.usager)

    for url in (
        dossier.procedure.get_absolute_url(),
        reverse("dossiers:dossier_list"),
        reverse("dossiers:dossier_edit", args=[dossier.pk]),
        reverse("dossiers:dossier_review", args=[dossier.pk]),
    ):
        page = client.get(url).content.decode()
        assert page.count("<strong data-tps-countdown-left>3 jours</strong>") == 1, url
        assert 'role="timer"' in page
        assert "countdown--last-day" not in page


def test_last_day_stands_out(client):
    procedure = ProcedureFactory(closes_at=NOW + timedelta(hours=5))

    assert "countdown--last-day" in client.get(procedure.get_absolute_url()).content.decode()


def test_nothing_begins_before_the_opening(client_for):
    procedure = ProcedureFactory(opens_at=NOW + DAY)
    client = client_for(UserFactory())

    page = client.get(procedure.get_absolute_url()).content.decode()
    refused = client.post(reverse("dossiers:brouillon_create", args=[procedure.slug]), follow=True)

    assert "Cette procédure ouvre le 24/11/2026 à 12:00" in page
    assert ">Commencer</button>" not in page
    assert "Cette procédure ouvre le 24/11/2026 à 12:00." in refused.content.decode()
    assert not Dossier.objects.exists()


def test_brouillon_is_submitted_neither_before_opening_nor_from_the_closing_on(frozen):
    procedure = ProcedureFactory(opens_at=NOW + DAY, closes_at=NOW + 2 * DAY)
    early, late = DossierFactory(procedure=procedure), DossierFactory(procedure=procedure)

    with pytest.raises(workflow.ProcedureClosed, match="ouvre le 24/11/2026 à 12:00"):
        workflow.run(workflow.SUBMIT, early.pk, by=early.usager)
    frozen.move_to(NOW + 2 * DAY - timedelta(seconds=1))
    workflow.run(workflow.SUBMIT, early.pk, by=early.usager)
    frozen.move_to(NOW + 2 * DAY)
    with pytest.raises(workflow.ProcedureClosed, match="n’accepte plus"):
        workflow.run(workflow.SUBMIT, late.pk, by=late.usager)
    with pytest.raises(workflow.ProcedureClosed):
        start_brouillon(procedure, by=UserFactory())


def test_closed_page_says_where_to_go_and_the_brouillon_stays_readable(client_for):
    procedure = ProcedureFactory(closes_at=NOW, closing_text="Voyez la **mairie** <script>.")
    dossier = DossierFactory(procedure=procedure, reponses={"objet1": "Achat de livres"})
    client = client_for(dossier.usager)

    public = client.get(procedure.get_absolute_url()).content.decode()
    review = client.get(reverse("dossiers:dossier_review", args=[dossier.pk])).content.decode()
    listed = client.get(reverse("dossiers:dossier_list")).content.decode()

    assert "Elle n’accepte plus de nouveaux dossiers depuis le 23/11/2026 à 12:00." in public
    assert "Voyez la <strong>mairie</strong> &lt;script&gt;." in public
    assert "Achat de livres" in review
    assert "Soumettre mon dossier" not in review
    assert "ne peut plus être soumis" in listed


def test_closing_text_waits_for_the_closing(client):
    procedure = ProcedureFactory(closes_at=NOW + DAY, closing_text="Voyez la mairie")

    assert "Voyez la mairie" not in client.get(procedure.get_absolute_url()).content.decode()


def test_thanks_follow_the_submission(client_for):
    procedure = ProcedureFactory(thanks_text="**Merci** <script>")
    dossier = DossierFactory(procedure=procedure)
    client = client_for(dossier.usager)

    page = client.post(reverse("dossiers:dossier_submit", args=[dossier.pk]), follow=True)

    assert "<strong>Merci</strong> &lt;script&gt;" in page.content.decode()


def begun(procedure, **fields):
    dossier = DossierFactory(procedure=procedure, **fields)
    Dossier.objects.filter(pk=dossier.pk).update(created_at=NOW - 5 * DAY)
    return dossier


def test_owners_of_brouillons_are_reminded_once_three_days_before(frozen):
    procedure = ProcedureFactory(closes_at=NOW + 3 * DAY, title="Aide aux livres")
    dossier = begun(procedure)
    begun(procedure, en_construction=True)
    begun(ProcedureFactory(closes_at=NOW + 4 * DAY))
    begun(ProcedureFactory(closes_at=NOW + DAY, close=True))
    begun(ProcedureFactory())
    DossierFactory(procedure=procedure, created_at=NOW)  # knew the date when it began

    for _ in range(3):
        remind_of_closings()
        frozen.shift(timedelta(minutes=1))

    courriel = Courriel.objects.get()
    assert courriel.to_email == dossier.usager.email
    assert courriel.subject == (
        f"Dossier nº {dossier.pk} : il vous reste jusqu’au 26/11/2026 à 12:00 pour le soumettre"
    )
    assert "Aide aux livres" in courriel.body_text
    assert f"/dossiers/{dossier.pk}/modifier/" in courriel.body_text
    assert courriel.key == f"rappel_cloture:{dossier.pk}:2026-11-26"


def test_reminder_cut_short_goes_on_where_it_stopped():
    procedure = ProcedureFactory(closes_at=NOW + DAY)
    dossiers = [begun(procedure) for _ in range(3)]
    RappelCloture.objects.create(
        procedure=procedure, closes_at=NOW + DAY, last_dossier_id=dossiers[0].pk
    )

    remind_of_closings()

    assert Courriel.objects.count() == 2
    assert RappelCloture.objects.get().finished_at == NOW


def test_closing_moved_by_an_hour_reminds_no_second_time():
    procedure = ProcedureFactory(closes_at=NOW + 2 * DAY)
    begun(procedure)
    remind_of_closings()
    procedure.closes_at += timedelta(hours=1)
    procedure.save(update_fields=["closes_at"])

    remind_of_closings()

    assert Courriel.objects.count() == 1
