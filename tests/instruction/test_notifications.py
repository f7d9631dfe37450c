"""Digests and news at once: who is told of what, when, and how they refuse it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courriels.models import Courriel
from dossiers import suivis, workflow
from dossiers.destinataires import recipients_of, recipients_of_avis
from dossiers.enums import MessageSide, NouveauxMessages
from dossiers.models import Dossier, HistoryEntry, PreferenceNotification
from instruction.enums import Rythme
from instruction.models import EnvoiSynthese
from instruction.notifications.contenu import news_of
from instruction.notifications.desabonnement import unsubscribe_path
from instruction.notifications.envoi import PEOPLE_PER_BATCH, carry_on, take_due
from instruction.notifications.periodes import Periode, due_periods
from instruction.tasks import send_due_syntheses
from procedures.models import Affectation, Groupe
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, InviteFactory, MessageFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
WEEK = Periode(Rythme.SEMAINE, date(2026, 11, 16), date(2026, 11, 23))
ACROSS_MONTHS = Periode(Rythme.SEMAINE, date(2026, 9, 28), date(2026, 10, 5))
IN_WEEK = datetime(2026, 11, 18, 10, tzinfo=PARIS)
MONDAY = datetime(2026, 11, 23, 6, 5, tzinfo=PARIS)


@pytest.fixture
def procedure():
    return ProcedureFactory(title="Aide aux associations")


@pytest.fixture
def person(procedure):
    return AffectationFactory(procedure=procedure).user


def deposited(procedure, at=IN_WEEK, **fields) -> Dossier:
    """Return a dossier filed at a moment."""
    return DossierFactory(procedure=procedure, en_construction=True, submitted_at=at, **fields)


def happened(dossier, action, by=None, at=IN_WEEK) -> HistoryEntry:
    """Note that something happened to a dossier at a moment."""
    return HistoryEntry.objects.create(
        dossier=dossier,
        action=action,
        from_state=dossier.state,
        to_state=dossier.state,
        by=by,
        by_name=str(by or ""),
        at=at,
    )


def send_all() -> None:
    """Run every sending that is due to its end."""
    for pk in take_due(timezone.now()):
        while not carry_on(pk):
            pass


# --- when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # A Monday before six: the digest of the week before last left a week ago.
        ("2026-11-23T05:59", []),
        ("2026-11-23T06:00", [("semaine", "16/11", "23/11")]),
        (
            "2026-11-23T07:30",
            [("semaine", "16/11", "23/11"), ("jour", "20/11", "23/11")],
        ),
        # Late, after an outage: still in its week.
        ("2026-11-24T03:00", [("semaine", "16/11", "23/11")]),
        (
            "2026-11-25T08:00",
            [("semaine", "16/11", "23/11"), ("jour", "24/11", "25/11")],
        ),
        # On Saturday no daily digest leaves.
        ("2026-11-28T09:00", [("semaine", "16/11", "23/11")]),
        # The year and the hour of summer change within the week.
        ("2027-01-04T06:00", [("semaine", "28/12", "04/01")]),
        ("2027-03-29T06:00", [("semaine", "22/03", "29/03")]),
    ],
)
def test_digests_leave_by_the_calendar_of_paris(now, expected):
    due = due_periods(datetime.fromisoformat(now).replace(tzinfo=PARIS))
    assert [
        (str(item.kind), f"{item.starts_on:%d/%m}", f"{item.ends_on:%d/%m}") for item in due
    ] == expected


def test_a_week_lasts_167_hours_when_summer_begins():
    week = Periode(Rythme.SEMAINE, date(2027, 3, 22), date(2027, 3, 29))
    assert week.end - week.start == timedelta(days=7)  # by the wall clock
    assert week.end.astimezone(UTC) - week.start.astimezone(UTC) == timedelta(hours=167)


@pytest.mark.parametrize(
    ("periode", "label"),
    [
        (WEEK, "du 16 au 22 novembre 2026"),
        (ACROSS_MONTHS, "du 28 septembre au 4 octobre 2026"),
        (Periode(Rythme.JOUR, date(2026, 11, 24), date(2026, 11, 25)), "du 24 novembre 2026"),
    ],
)
def test_period_is_said_in_words(periode, label):
    assert periode.label == label


# --- what ---------------------------------------------------------------------------------------


def test_digest_tells_of_new_dossiers_of_the_period_alone(procedure, person):
    inside = [deposited(procedure), deposited(procedure, WEEK.start)]
    deposited(procedure, WEEK.start - timedelta(microseconds=1))
    deposited(procedure, WEEK.end)
    [item] = news_of(person, WEEK)
    assert {dossier.pk for dossier in item.new} == {dossier.pk for dossier in inside}
    assert (item.new_count, item.more_new, item.waiting) == (2, 0, 4)


def test_digest_names_ten_new_dossiers_and_counts_the_others(procedure, person):
    for _ in range(12):
        deposited(procedure)
    [item] = news_of(person, WEEK)
    assert (len(item.new), item.new_count, item.more_new) == (10, 12, 2)


def test_digest_tells_what_others_did_on_followed_dossiers(procedure, person):
    colleague = AffectationFactory(procedure=procedure).user
    followed = deposited(procedure, IN_WEEK - timedelta(days=30))
    other = deposited(procedure, IN_WEEK - timedelta(days=30))
    suivis.follow(followed, by=person)
    happened(followed, "deposit_changes", followed.usager)
    happened(followed, "accept", colleague)
    happened(followed, "reject", None)
    happened(followed, "start_instruction", person)
    happened(other, "accept", colleague)
    with time_machine.travel(IN_WEEK, tick=False):
        MessageFactory.create_batch(2, dossier=followed)
        MessageFactory(dossier=followed, side=MessageSide.SERVICE, author=colleague)
    [item] = news_of(person, WEEK)
    assert list(item.followed) == [followed.pk]
    assert dict(item.followed[followed.pk].events) == {
        "Modifications déposées": 1,
        "Accepté": 1,
        "Rejeté": 1,
        "Nouveau message": 2,
    }
    assert "Nouveau message (2)" in item.followed[followed.pk].text


def test_own_acts_are_no_news(procedure, person):
    followed = deposited(procedure, IN_WEEK - timedelta(days=30))
    suivis.follow(followed, by=person)
    happened(followed, "accept", person)
    deposited(procedure, usager=person)
    assert news_of(person, WEEK) == []


def test_digest_never_tells_of_another_groupe(procedure, person):
    north = Groupe.objects.create(procedure=procedure, name="Nord")
    hidden = deposited(procedure, groupe=north)
    followed = deposited(procedure, IN_WEEK - timedelta(days=30))
    suivis.follow(followed, by=person)
    happened(followed, "deposit_changes", followed.usager)
    Dossier.objects.filter(pk=followed.pk).update(groupe=north)  # moved since
    assert news_of(person, WEEK) == []
    Affectation.objects.create(procedure=procedure, groupe=north, user=person)
    [item] = news_of(person, WEEK)
    assert [dossier.pk for dossier in item.new] == [hidden.pk]
    assert list(item.followed) == [followed.pk]


def test_invited_person_hears_of_the_dossiers_shown_to_them(procedure):
    expert = UserFactory()
    shown, other = deposited(procedure), deposited(procedure)
    InviteFactory(dossier=shown, accepted_by=expert, of_service=True)
    for dossier in (shown, other):
        happened(dossier, "deposit_changes", dossier.usager)
        happened(dossier, "start_instruction", None)
    [item] = news_of(expert, WEEK)
    assert item.new_count == item.waiting == 0
    assert dict(item.invited[shown.pk].events) == {"Modifications déposées": 1}
    assert list(item.invited) == [shown.pk]


@pytest.mark.parametrize(("procedures", "dossiers"), [(1, 1), (1, 30), (5, 6)])
def test_content_takes_the_same_queries(
    person, procedure, procedures, dossiers, django_assert_num_queries
):
    found = [procedure, *ProcedureFactory.create_batch(procedures - 1)]
    for item in found:
        Affectation.objects.get_or_create(procedure=item, groupe=item.groupes.get(), user=person)
        for _ in range(dossiers):
            dossier = deposited(item)
            suivis.follow(dossier, by=person)
            happened(dossier, "deposit_changes", dossier.usager)
    # affectations, invitations, preferences, procédures, new, followed, messages, counts
    with django_assert_num_queries(8):
        assert len(news_of(person, WEEK)) == procedures


# --- sending ------------------------------------------------------------------------------------


def test_one_email_tells_of_every_procedure(procedure, person):
    other = ProcedureFactory(title="Autre aide")
    AffectationFactory(procedure=other, user=person)
    mine, theirs = deposited(procedure), deposited(other)
    with time_machine.travel(MONDAY, tick=False):
        send_due_syntheses()
    [courriel] = Courriel.objects.filter(kind="synthese")
    assert courriel.to_email == person.email
    assert courriel.subject == "TPS : votre synthèse de la semaine du 16 au 22 novembre 2026"
    for text in (courriel.body_text, courriel.body_html):
        for dossier in (mine, theirs):
            assert f"/instruction/dossiers/{dossier.pk}/" in text
            assert unsubscribe_path(person, dossier.procedure) in text


def test_nothing_new_sends_nothing(procedure, person):
    deposited(procedure, IN_WEEK - timedelta(days=30))
    with time_machine.travel(MONDAY, tick=False):
        send_all()
    assert not Courriel.objects.filter(kind="synthese").exists()
    assert EnvoiSynthese.objects.get(kind=Rythme.SEMAINE).finished_at is not None


def test_digest_leaves_once_however_often_the_clock_rings(procedure, person):
    deposited(procedure)
    with time_machine.travel(MONDAY, tick=False) as clock:
        send_all()
        send_all()
        clock.shift(timedelta(days=2))
        send_all()
        EnvoiSynthese.objects.update(finished_at=None, last_user_id=0)  # as after a lost row
        send_all()
    assert Courriel.objects.filter(kind="synthese").count() == 1


def test_sending_goes_on_where_a_crash_stopped_it(procedure, person, monkeypatch):
    deposited(procedure)
    others = [AffectationFactory(procedure=procedure).user for _ in range(PEOPLE_PER_BATCH)]
    with time_machine.travel(MONDAY, tick=False):
        [pk] = take_due(timezone.now())
        assert carry_on(pk) is False  # the first batch, then the worker dies
        assert Courriel.objects.filter(kind="synthese").count() == PEOPLE_PER_BATCH
        send_all()
    told = Courriel.objects.filter(kind="synthese").values_list("to_email", flat=True)
    assert sorted(told) == sorted(user.email for user in [person, *others])


def test_daily_digest_goes_to_whoever_asked_for_it(procedure, person):
    lazy = AffectationFactory(procedure=procedure).user
    PreferenceNotification.objects.create(
        user=person, procedure=procedure, daily=True, weekly=False
    )
    deposited(procedure, datetime(2026, 11, 24, 12, tzinfo=PARIS))
    with time_machine.travel(datetime(2026, 11, 25, 8, tzinfo=PARIS), tick=False):
        send_all()
    [courriel] = Courriel.objects.filter(kind="synthese")
    assert (courriel.to_email, courriel.subject) == (
        person.email,
        "TPS : votre synthèse du 24 novembre 2026",
    )
    assert lazy.email != person.email


def test_digest_leaves_out_what_was_refused(procedure, person):
    other = ProcedureFactory()
    AffectationFactory(procedure=other, user=person)
    PreferenceNotification.objects.create(user=person, procedure=procedure, weekly=False)
    deposited(procedure)
    deposited(other)
    assert [item.procedure for item in news_of(person, WEEK)] == [other]


def test_whoever_left_the_procedure_or_is_inactive_gets_nothing(procedure, person):
    gone = AffectationFactory(procedure=procedure)
    gone.delete()
    person.is_active = False
    person.save()
    deposited(procedure)
    with time_machine.travel(MONDAY, tick=False):
        send_all()
    assert not Courriel.objects.filter(kind="synthese").exists()


# --- refusing -----------------------------------------------------------------------------------


def test_link_refuses_the_digests_of_one_procedure_without_signing_in(client, procedure, person):
    other = ProcedureFactory()
    AffectationFactory(procedure=other, user=person)
    path = unsubscribe_path(person, procedure)
    assert "Ne plus recevoir" in client.get(path).content.decode()
    assert not PreferenceNotification.objects.exists()  # a scanner of mails changes nothing
    assert client.post(path).status_code == 200
    kept = PreferenceNotification.objects.get()
    assert (kept.procedure, kept.weekly, kept.daily) == (procedure, False, False)


def test_mail_program_refuses_all_at_one_click(person, procedure):
    other = ProcedureFactory()
    AffectationFactory(procedure=other, user=person)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(unsubscribe_path(person), {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    refused = PreferenceNotification.objects.filter(user=person, weekly=False)
    assert {item.procedure_id for item in refused} == {procedure.pk, other.pk}


def test_digest_carries_the_headers_of_rfc_8058(
    procedure, person, django_capture_on_commit_callbacks
):
    deposited(procedure)
    with time_machine.travel(MONDAY, tick=False), django_capture_on_commit_callbacks(execute=True):
        send_all()
    [message] = mail.outbox
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert unsubscribe_path(person) in message.extra_headers["List-Unsubscribe"]


@pytest.mark.parametrize("change", ["cut", "altered", "foreign"])
def test_forged_link_is_not_found(client, procedure, person, change):
    token = unsubscribe_path(person, procedure).split("/")[-2]
    forged = {
        "cut": token[:-3],
        "altered": "A" + token[1:],
        "foreign": "a:b:c",
    }[change]
    assert client.post(reverse("instruction:unsubscribe", args=[forged])).status_code == 404
    assert not PreferenceNotification.objects.exists()


# --- choosing -----------------------------------------------------------------------------------


def test_page_saves_what_a_person_chooses(client_for, procedure, person):
    prefix = f"p{procedure.pk}"
    client = client_for(person)
    answer = client.post(
        reverse("instruction:preference_list"),
        {
            f"{prefix}-daily": "on",
            f"{prefix}-new_dossier": "on",
            f"{prefix}-new_message": "jamais",
        },
    )
    assert answer.status_code == 302
    kept = PreferenceNotification.objects.get(user=person, procedure=procedure)
    assert (kept.weekly, kept.daily, kept.new_dossier, kept.avis_rendu) == (
        False,
        True,
        True,
        False,
    )
    assert kept.new_message == NouveauxMessages.JAMAIS
    page = client.get(reverse("instruction:preference_list"))
    [(_procedure, form)] = page.context["rows"]
    assert form.instance == kept


def test_page_refuses_an_unknown_choice_and_saves_nothing(client_for, procedure, person):
    data = {f"p{procedure.pk}-new_message": "peut-être"}
    answer = client_for(person).post(reverse("instruction:preference_list"), data)
    assert answer.status_code == 422
    assert not PreferenceNotification.objects.exists()


def test_invited_person_chooses_digests_alone(client_for, procedure):
    expert = UserFactory()
    InviteFactory(dossier=deposited(procedure), accepted_by=expert, of_service=True)
    [(_procedure, form)] = (
        client_for(expert).get(reverse("instruction:preference_list")).context["rows"]
    )
    assert list(form.fields) == ["weekly", "daily"]


def test_nobody_chooses_for_a_procedure_that_is_not_theirs(client_for, procedure):
    stranger = UserFactory()
    data = {f"p{procedure.pk}-daily": "on"}
    client_for(stranger).post(reverse("instruction:preference_list"), data)
    assert not PreferenceNotification.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_the_same_queries(client_for, person, count, django_assert_num_queries):
    for _ in range(count - 1):
        AffectationFactory(user=person)
    client = client_for(person)
    # session, user, procédures, preferences, those instructed, roles
    with django_assert_num_queries(6):
        client.get(reverse("instruction:preference_list"))


# --- at once ------------------------------------------------------------------------------------


def test_new_dossier_is_told_at_once_to_whoever_asked(procedure, person):
    AffectationFactory(procedure=procedure)  # asked for nothing
    other = Groupe.objects.create(procedure=procedure, name="Nord")
    stranger = AffectationFactory(procedure=procedure, groupe=other).user
    for user in (person, stranger):
        PreferenceNotification.objects.create(user=user, procedure=procedure, new_dossier=True)
    dossier = DossierFactory(procedure=procedure)
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    [courriel] = Courriel.objects.filter(kind="nouveau_dossier")
    assert courriel.to_email == person.email
    assert f"/instruction/dossiers/{dossier.pk}/" in courriel.body_text


@pytest.mark.parametrize(
    ("choice", "follows", "is_told"),
    [
        (NouveauxMessages.JAMAIS, True, False),
        (NouveauxMessages.SUIVIS, True, True),
        (NouveauxMessages.SUIVIS, False, False),
        (NouveauxMessages.TOUS, False, True),
    ],
)
def test_messages_are_told_as_each_chose(procedure, person, choice, follows, is_told):
    dossier = deposited(procedure)
    colleague = AffectationFactory(procedure=procedure).user
    suivis.follow(dossier, by=colleague)
    if follows:
        suivis.follow(dossier, by=person)
    PreferenceNotification.objects.create(user=person, procedure=procedure, new_message=choice)
    told = recipients_of(dossier, MessageSide.USAGER)
    assert colleague in told
    assert (person in told) is is_told


def test_avis_is_told_to_whoever_asked_and_follows(procedure, person):
    dossier = deposited(procedure)
    follower, other = (AffectationFactory(procedure=procedure).user for _ in range(2))
    suivis.follow(dossier, by=follower)
    assert set(recipients_of_avis(dossier, person)) == {person, follower}
    PreferenceNotification.objects.create(user=person, procedure=procedure, avis_rendu=False)
    assert recipients_of_avis(dossier, person) == [follower]
    assert other not in recipients_of_avis(dossier, None)
