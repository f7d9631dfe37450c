"""The planned dates of a procédure, and the texts around them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from procedures import dates
from procedures.cockpit import cockpit_of
from procedures.enums import ProcedureState
from procedures.models import ChangementDeDate, Procedure
from procedures.publication import missing_before_publication
from procedures.tasks import close_due_procedures
from tests.accounts.factories import UserFactory
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)  # noon in Paris
DAY = timedelta(days=1)


@pytest.fixture
def frozen():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def designed(client_for):
    """Return a published procédure and the client of its administrateur."""

    def make(**fields):
        procedure = ProcedureFactory(**fields)
        administrateur = UserFactory()
        procedure.organisme.administrateurs.add(administrateur)
        procedure.administrations.get_or_create(user=administrateur)
        return procedure, client_for(administrateur)

    return make


def post_dates(client, procedure, **data):
    data = {"passage": "jamais"} | data
    return client.post(reverse("procedures:dates_edit", args=[procedure.pk]), data)


def dates_of(procedure):
    fresh = Procedure.objects.get(pk=procedure.pk)
    return fresh.opens_at, fresh.closes_at, fresh.passage_at, fresh.passage_at_closing


def test_dates_are_planned_in_paris_and_shown(frozen, designed):
    procedure, client = designed()

    response = post_dates(
        client,
        procedure,
        opens_at="2026-11-24T08:00",
        closes_at="2026-11-30T12:00",
        passage="cloture",
    )

    closes_at = datetime(2026, 11, 30, 11, tzinfo=UTC)
    assert response.status_code == 302
    assert dates_of(procedure) == (
        datetime(2026, 11, 24, 7, tzinfo=UTC),
        closes_at,
        closes_at,
        True,
    )
    for url in ("procedures:procedure_detail", "procedures:procedure_list"):
        args = [procedure.pk] if url.endswith("detail") else []
        page = client.get(reverse(url, args=args)).content.decode()
        assert "24/11/2026 à 08:00" in page
        assert "30/11/2026 à 12:00" in page


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({"closes_at": "2026-11-23T11:59"}, "closes_at", "Cette date est passée"),
        ({"opens_at": "2026-11-22T12:00"}, "opens_at", "Cette date est passée"),
        (
            {"opens_at": "2026-11-30T12:00", "closes_at": "2026-11-30T12:00"},
            "closes_at",
            "La clôture doit venir après l’ouverture.",
        ),
        ({"passage": "cloture"}, "closes_at", "Indiquez la clôture"),
        ({"passage": "date"}, "passage_at", "Indiquez la date du passage"),
        (
            {"passage": "date", "passage_at": "2026-11-22T12:00"},
            "passage_at",
            "Cette date est passée",
        ),
        (
            {"opens_at": "2026-11-30T12:00", "passage": "date", "passage_at": "2026-11-29T12:00"},
            "passage_at",
            "doit venir après l’ouverture",
        ),
        ({"closes_at": "demain"}, "closes_at", "Saisissez une date et une heure réelles"),
        ({"closes_at": "2027-03-28T02:30"}, "closes_at", "changement d’heure"),  # does not exist
        ({"closes_at": "2027-10-31T02:30"}, "closes_at", "changement d’heure"),  # exists twice
        ({"passage": "<script>"}, "passage", ""),
    ],
)
def test_absurd_dates_are_refused_and_kept_typed(frozen, designed, data, field, message):
    procedure, client = designed()

    response = post_dates(client, procedure, **data)

    form = response.context["form"]
    assert list(form.errors) == [field]
    assert message in form.errors[field][0]
    assert dates_of(procedure) == (None, None, None, False)


def test_dates_that_came_meanwhile_may_stay(frozen, designed):
    procedure, client = designed(closes_at=NOW + DAY)
    frozen.shift(2 * DAY)

    response = post_dates(client, procedure, closes_at="2026-11-24T12:00")

    assert response.status_code == 302


def test_changes_after_publication_are_recorded_and_shown(frozen, designed):
    procedure, client = designed(closes_at=NOW + DAY)

    post_dates(client, procedure, closes_at="2026-11-30T12:00")
    post_dates(client, procedure, closes_at="2026-11-30T12:00")

    change = ChangementDeDate.objects.get()
    assert (change.date, change.before, change.at) == ("closes_at", NOW + DAY, NOW)
    assert change.after == datetime(2026, 11, 30, 11, tzinfo=UTC)
    page = client.get(reverse("procedures:dates_edit", args=[procedure.pk])).content.decode()
    assert "Changements depuis la publication" in page
    assert "24/11/2026 à 12:00" in page


def test_dates_set_before_publication_leave_no_history(frozen, designed):
    procedure, client = designed(brouillon=True)

    post_dates(client, procedure, closes_at="2026-11-30T12:00")

    assert not ChangementDeDate.objects.exists()


def test_dates_that_passed_before_publication_are_to_be_done(frozen):
    procedure = ProcedureFactory(brouillon=True, closes_at=NOW, passage_at=NOW - DAY)

    messages = [item.message for item in missing_before_publication(procedure)]
    step = next(step for step in cockpit_of(procedure).steps if step.title == "Dates")

    assert "La date de clôture est passée : choisissez-en une autre." in messages
    assert "La date du passage en instruction est passée : choisissez-en une autre." in messages
    assert step.state == "a_faire"


@pytest.mark.parametrize(
    ("fields", "state"), [({}, "facultatif"), ({"closes_at": NOW + DAY}, "pret")]
)
def test_card_of_dates_says_where_it_stands(frozen, fields, state):
    steps = {step.title: step.state for step in cockpit_of(ProcedureFactory(**fields)).steps}

    assert steps["Dates"] == state


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(timedelta(0), True), (timedelta(seconds=1), False)],
)
def test_clock_alone_decides_what_is_open(frozen, offset, expected):
    until = Procedure(state=ProcedureState.PUBLIEE, closes_at=NOW + timedelta(seconds=1))
    since = Procedure(state=ProcedureState.PUBLIEE, opens_at=NOW + timedelta(seconds=1))

    frozen.shift(offset)

    assert (until.is_open, since.is_open) == (expected, not expected)
    assert since.is_upcoming == expected
    assert until.closed_since == (None if expected else until.closes_at)


def test_due_procedures_close_once_at_their_date(frozen):
    due = ProcedureFactory(closes_at=NOW - DAY)
    later = ProcedureFactory(closes_at=NOW + timedelta(seconds=1))
    draft = ProcedureFactory(brouillon=True, closes_at=NOW - DAY)

    close_due_procedures()
    close_due_procedures()

    assert dates.close_due() == 0
    due.refresh_from_db()
    assert (due.state, due.closed_at) == (ProcedureState.CLOSE, NOW - DAY)
    states = Procedure.objects.in_bulk([later.pk, draft.pk])
    assert (states[later.pk].state, states[draft.pk].state) == ("publiee", "brouillon")


def test_date_moved_since_it_was_listed_closes_nothing(frozen):
    procedure = ProcedureFactory(closes_at=NOW + DAY)

    assert dates._close_if_due(procedure.pk) is False
    assert Procedure.objects.get().is_open


def test_procedure_closed_by_date_opens_again_until_a_new_date(frozen, designed):
    procedure, client = designed(closes_at=NOW - DAY, passage_at=NOW - DAY, passage_at_closing=True)
    close_due_procedures()
    url = reverse("procedures:procedure_reopen", args=[procedure.pk])

    assert "Nouvelle date de clôture" in client.get(url).content.decode()
    refused = client.post(url, {"closes_at": "2026-11-23T11:00"})
    assert "closes_at" in refused.context["form"].errors
    client.post(url, {"closes_at": "2026-12-01T12:00"})

    new = datetime(2026, 12, 1, 11, tzinfo=UTC)
    assert dates_of(procedure) == (None, new, new, True)
    procedure.refresh_from_db()
    assert (procedure.is_open, procedure.closed_at) == (True, None)
    assert ChangementDeDate.objects.count() == 2  # the closing, and the passage that follows it


def test_procedure_closed_by_date_opens_again_without_any(frozen, designed):
    procedure, client = designed(closes_at=NOW - DAY, passage_at=NOW - DAY, passage_at_closing=True)

    client.post(reverse("procedures:procedure_reopen", args=[procedure.pk]))

    assert dates_of(procedure) == (None, None, None, False)
    assert Procedure.objects.get(pk=procedure.pk).is_open


def test_procedure_closed_by_hand_keeps_its_closing_date(frozen, designed):
    procedure, client = designed(closes_at=NOW + DAY)
    dates.close(procedure)

    client.post(reverse("procedures:procedure_reopen", args=[procedure.pk]))

    assert dates_of(procedure)[1] == NOW + DAY


def test_texts_are_edited_previewed_and_cleaned(designed):
    procedure, client = designed()
    hostile = "**Merci** <script>alert(1)</script> [x](javascript:alert(1))"
    url = reverse("procedures:textes_edit", args=[procedure.pk])

    client.post(url, {"thanks_text": hostile, "closing_text": "Voyez la mairie."})
    preview = client.post(reverse("procedures:markdown_preview"), {"closing_text": hostile})

    procedure.refresh_from_db()
    assert (procedure.thanks_text, procedure.closing_text) == (hostile, "Voyez la mairie.")
    for page in (client.get(url).content.decode(), preview.content.decode()):
        assert "<strong>Merci</strong>" in page
        assert "<script>alert" not in page
        assert 'href="javascript' not in page


@pytest.mark.parametrize("count", [1, 3])
def test_closing_asks_a_few_questions_for_each(frozen, count, django_assert_num_queries):
    ProcedureFactory.create_batch(count, closes_at=NOW - DAY)

    with django_assert_num_queries(1 + 5 * count):
        dates.close_due()
    assert timezone.now() == NOW
