"""The legal deadline of a dossier, by the calendar of Paris."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.urls import reverse

from courriels.models import Courriel
from dossiers import corbeille, corrections, workflow
from dossiers.depots import deposit_modifications
from dossiers.echeances import declare_complete
from dossiers.enums import DossierState, HistoryAction
from dossiers.models import Dossier, EcheanceLegale, Suivi
from dossiers.reponses import save_reponses
from dossiers.silence import decide
from dossiers.tasks import follow_echeances
from procedures.delais_legaux import last_day, set_delai_legal
from procedures.models import DelaiLegal
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

DEPOT = datetime(2026, 11, 25, 10, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = {
    "effet": "sva",
    "length": 2,
    "unit": "mois",
    "start": "depot",
    "on_correction": "suspend",
    "is_automatic": True,
    "motivation": "",
}


@pytest.fixture
def clock():
    with time_machine.travel(DEPOT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def accompagnateur():
    return UserFactory(first_name="Alice", last_name="Instructrice")


def filed(accompagnateur, **rule) -> Dossier:
    """Return a dossier filed now under a rule."""
    procedure = ProcedureFactory()
    set_delai_legal(procedure, RULE | rule)
    AffectationFactory(procedure=procedure, user=accompagnateur)
    dossier = DossierFactory(procedure=procedure)
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    return Dossier.objects.get(pk=dossier.pk)


def ask(dossier, by):
    return corrections.ask(
        dossier.pk, by=by, texts={"objet1": "Précisez."}, message="", token=uuid.uuid4()
    )


def echeance_of(dossier) -> EcheanceLegale:
    return EcheanceLegale.objects.get(pk=dossier.pk)


def due(dossier) -> date | None:
    return Dossier.objects.get(pk=dossier.pk).due_on


def state(dossier) -> str:
    return Dossier.objects.get(pk=dossier.pk).state


# --- The calendar -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "length", "unit", "expected"),
    [
        (date(2026, 11, 25), 2, "mois", date(2027, 1, 25)),
        (date(2026, 12, 31), 2, "mois", date(2027, 2, 28)),
        (date(2027, 12, 31), 2, "mois", date(2028, 2, 29)),
        (date(2028, 2, 29), 12, "mois", date(2029, 2, 28)),
        (date(2027, 1, 30), 1, "mois", date(2027, 2, 28)),
        (date(2027, 2, 28), 1, "mois", date(2027, 3, 28)),
        (date(2028, 2, 28), 2, "jours", date(2028, 3, 1)),
        (date(2027, 3, 27), 2, "semaines", date(2027, 4, 10)),  # over the change of time
    ],
)
def test_last_day_is_by_the_calendar(event, length, unit, expected):
    assert last_day(event, DelaiLegal(effet="sva", length=length, unit=unit)) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 25, 22, 59, tzinfo=UTC), date(2027, 1, 25)),  # 23:59 in Paris
        (datetime(2026, 11, 25, 23, 0, tzinfo=UTC), date(2027, 1, 26)),  # midnight in Paris
        (datetime(2027, 7, 31, 21, 59, tzinfo=UTC), date(2027, 9, 30)),
        (datetime(2027, 7, 31, 22, 0, tzinfo=UTC), date(2027, 10, 1)),
    ],
)
def test_day_of_the_deposit_is_that_of_paris(clock, accompagnateur, moment, expected):
    clock.move_to(moment)
    assert due(filed(accompagnateur)) == expected


def test_procedure_without_deadline_has_none(clock):
    dossier = DossierFactory()
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    assert due(dossier) is None
    assert not EcheanceLegale.objects.exists()


def test_rule_of_the_deposit_stays_whatever_the_procedure_changes(clock, accompagnateur):
    dossier = filed(accompagnateur)
    set_delai_legal(dossier.procedure, RULE | {"effet": "svr", "length": 1})
    assert (due(dossier), echeance_of(dossier).effet) == (date(2027, 1, 25), "sva")
    set_delai_legal(dossier.procedure, None)
    clock.move_to(datetime(2027, 1, 26, 1, tzinfo=UTC))
    follow_echeances()
    assert state(dossier) == DossierState.ACCEPTE


# --- Suspended and resumed ----------------------------------------------------------------------

STARTS = [
    date(2026, 11, 25),
    date(2026, 12, 31),
    date(2027, 1, 31),
    date(2027, 3, 27),  # the day before the clocks change
    date(2027, 10, 30),
    date(2028, 1, 31),  # towards a 29 February
    date(2028, 2, 29),
]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("asked_after", [0, 1, 27, 58])
@pytest.mark.parametrize("lost", [0, 1, 33])
def test_days_lost_by_a_correction_are_given_back(clock, accompagnateur, start, asked_after, lost):
    clock.move_to(datetime.combine(start, datetime.min.time(), UTC) + timedelta(hours=10))
    dossier = filed(accompagnateur)
    before = start + relativedelta(months=2)
    clock.shift(asked_after * DAY)
    ask(dossier, accompagnateur)
    assert due(dossier) is None
    left = echeance_of(dossier).days_left
    clock.shift(lost * DAY)
    corrections.resolve(Dossier.objects.get(pk=dossier.pk), dossier.usager)
    assert due(dossier) == before + lost * DAY
    assert echeance_of(dossier).days_left == left
    assert (due(dossier) - (start + (asked_after + lost) * DAY)).days == left


def test_restart_begins_the_whole_deadline_again(clock, accompagnateur):
    dossier = filed(accompagnateur, on_correction="restart")
    clock.shift(20 * DAY)
    ask(dossier, accompagnateur)
    clock.shift(10 * DAY)
    corrections.cancel(dossier.pk, by=accompagnateur)
    assert due(dossier) == date(2027, 2, 25)  # two months after 25 December


def test_correction_asked_en_instruction_suspends_too(clock, accompagnateur):
    dossier = filed(accompagnateur)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    clock.shift(5 * DAY)
    ask(dossier, accompagnateur)
    assert (state(dossier), due(dossier)) == (DossierState.EN_CONSTRUCTION, None)
    clock.shift(3 * DAY)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    assert due(dossier) == date(2027, 1, 28)


def test_deposit_of_the_correction_resumes(clock, accompagnateur):
    dossier = filed(accompagnateur)
    ask(dossier, accompagnateur)
    clock.shift(4 * DAY)
    save_reponses(dossier.pk, QueryDict("champ_objet1=Livres"), by=dossier.usager)
    deposit_modifications(dossier.pk, by=dossier.usager)
    assert due(dossier) == date(2027, 1, 29)


def test_withdrawn_dossier_stands_still_until_it_is_taken_back(clock, accompagnateur):
    dossier = filed(accompagnateur)
    ask(dossier, accompagnateur)
    clock.shift(2 * DAY)
    corbeille.delete(dossier.pk, by=dossier.usager)
    clock.shift(2 * DAY)
    corbeille.restore(dossier.pk, by=dossier.usager)
    assert echeance_of(dossier).is_suspended  # the correction is still awaited
    corrections.cancel(dossier.pk, by=accompagnateur)
    assert due(dossier) == date(2027, 1, 29)


def test_deadline_that_is_over_is_not_suspended(clock, accompagnateur):
    dossier = filed(accompagnateur, is_automatic=False)
    clock.move_to(datetime(2027, 1, 26, 12, tzinfo=UTC))
    ask(dossier, accompagnateur)
    assert due(dossier) == date(2027, 1, 25)


# --- From a complete dossier --------------------------------------------------------------------


def test_deadline_waits_for_a_complete_dossier(clock, accompagnateur):
    dossier = filed(accompagnateur, start="complet")
    assert due(dossier) is None
    clock.shift(100 * DAY)
    follow_echeances()
    assert state(dossier) == DossierState.EN_CONSTRUCTION
    declare_complete(dossier.pk, by=accompagnateur)
    assert due(dossier) == date(2027, 5, 5)
    assert dossier.history.last().action == HistoryAction.DECLARE_COMPLETE
    with pytest.raises(ValidationError, match="déjà été déclaré complet"):
        declare_complete(dossier.pk, by=accompagnateur)


def test_passage_en_instruction_is_a_complete_dossier(clock, accompagnateur):
    dossier = filed(accompagnateur, start="complet")
    clock.shift(DAY)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    assert due(dossier) == date(2027, 1, 26)


def test_dossier_to_be_corrected_is_not_complete(clock, accompagnateur):
    dossier = filed(accompagnateur, start="complet")
    ask(dossier, accompagnateur)
    with pytest.raises(ValidationError, match="Une correction est demandée"):
        declare_complete(dossier.pk, by=accompagnateur)


def test_declaring_complete_is_for_who_may_decide(clock, client_for, accompagnateur):
    dossier = filed(accompagnateur, start="complet")
    url = reverse("instruction:dossier_declare_complete", args=[dossier.pk])
    for user in (dossier.usager, AffectationFactory().user):
        assert client_for(user).post(url).status_code == 404
        with pytest.raises(PermissionDenied):
            declare_complete(dossier.pk, by=user)
    assert due(dossier) is None
    client_for(accompagnateur).post(url)
    assert due(dossier) == date(2027, 1, 25)


# --- The automatic decision ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effet", "outcome", "article"),
    [("sva", DossierState.ACCEPTE, "L. 231-1"), ("svr", DossierState.REJETE, "L. 231-4")],
)
@pytest.mark.parametrize("en_instruction", [False, True])
def test_silence_decides_the_night_after_the_last_day(
    clock, accompagnateur, effet, outcome, article, en_instruction
):
    dossier = filed(accompagnateur, effet=effet)
    if en_instruction:
        workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    clock.move_to(datetime(2027, 1, 25, 22, 59, tzinfo=UTC))
    follow_echeances()
    assert not Dossier.objects.get(pk=dossier.pk).is_termine
    clock.move_to(datetime(2027, 1, 25, 23, 0, tzinfo=UTC))
    follow_echeances()
    follow_echeances()

    decided = Dossier.objects.get(pk=dossier.pk)
    assert (decided.state, decided.due_on) == (outcome, None)
    assert article in decided.motivation
    assert "2 mois" in decided.motivation
    assert decided.followers_count == (1 if en_instruction else 0)
    last = list(dossier.history.values_list("action", flat=True))
    passed = [HistoryAction.START_INSTRUCTION]
    decision = HistoryAction.ACCEPT if effet == "sva" else HistoryAction.REJECT
    assert last == [HistoryAction.SUBMIT, *passed, decision]
    assert dossier.history.last().author == "TPS (automatique)"
    kind = "validation" if effet == "sva" else "rejet"
    told = Courriel.objects.get(kind=kind)
    assert told.to_email == dossier.usager.email


def test_motivation_of_the_administrateur_is_used(clock, accompagnateur):
    dossier = filed(accompagnateur, motivation="Accord tacite du préfet.")
    clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))  # after an outage
    follow_echeances()
    assert Dossier.objects.get(pk=dossier.pk).motivation == "Accord tacite du préfet."


def test_nothing_is_decided_while_suspended_decided_or_switched_off(clock, accompagnateur):
    suspended = filed(accompagnateur)
    ask(suspended, accompagnateur)
    off = filed(accompagnateur, is_automatic=False)
    closed = filed(accompagnateur)
    workflow.run(workflow.START_INSTRUCTION, closed.pk, by=accompagnateur)
    workflow.run(workflow.CLOSE_SANS_SUITE, closed.pk, by=accompagnateur, motivation="Non.")
    withdrawn = filed(accompagnateur)
    corbeille.delete(withdrawn.pk, by=withdrawn.usager)
    clock.move_to(datetime(2027, 6, 1, tzinfo=UTC))
    follow_echeances()
    assert state(suspended) == DossierState.EN_CONSTRUCTION
    assert state(off) == DossierState.EN_CONSTRUCTION
    assert (state(closed), due(closed)) == (DossierState.SANS_SUITE, None)
    assert not decide(suspended.pk)
    assert not decide(off.pk)


def test_tps_may_not_decide_before_the_end(clock, accompagnateur):
    dossier = filed(accompagnateur)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    for action in (workflow.ACCEPT, workflow.REJECT):
        with pytest.raises(PermissionDenied):
            workflow.run(action, dossier.pk, by=None, motivation="")
    clock.move_to(datetime(2027, 1, 26, tzinfo=UTC))
    with pytest.raises(PermissionDenied):  # its silence means yes
        workflow.run(workflow.REJECT, dossier.pk, by=None, motivation="")


def test_one_broken_dossier_holds_no_other_back(clock, accompagnateur, monkeypatch):
    first, second = filed(accompagnateur), filed(accompagnateur)
    clock.move_to(datetime(2027, 1, 26, tzinfo=UTC))
    run = workflow.run

    def fail_once(action, dossier_id, **kwargs):
        if dossier_id == first.pk:
            raise RuntimeError("broken")
        return run(action, dossier_id, **kwargs)

    monkeypatch.setattr(workflow, "run", fail_once)
    follow_echeances()
    assert (state(first), state(second)) == (DossierState.EN_CONSTRUCTION, DossierState.ACCEPTE)
    monkeypatch.undo()
    follow_echeances()
    assert state(first) == DossierState.ACCEPTE


# --- Warnings -----------------------------------------------------------------------------------


def warned() -> list[tuple]:
    rows = Courriel.objects.filter(kind="echeances_proches").order_by("pk")
    return list(rows.values_list("to_email", "subject"))


def at(clock, day: date, hour_utc: int = 9) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, hour_utc, tzinfo=UTC))
    follow_echeances()
    follow_echeances()


def test_service_is_warned_15_7_and_1_days_before_once_each(clock, accompagnateur):
    dossier = filed(accompagnateur)
    subject = f"Dossier nº {dossier.pk} : {{}} avant l’échéance légale"
    expected = []
    for days in range(20, -1, -1):
        at(clock, date(2027, 1, 25) - timedelta(days=days))
        if days in (15, 7, 1):
            left = f"{days} jours restants" if days > 1 else "1 jour restant"
            expected.append((accompagnateur.email, subject.format(left)))
        assert warned() == expected, days


def test_nobody_is_warned_in_the_night(clock, accompagnateur):
    filed(accompagnateur)
    at(clock, date(2027, 1, 10), hour_utc=3)
    assert warned() == []
    at(clock, date(2027, 1, 10), hour_utc=5)
    assert len(warned()) == 1


def test_after_an_outage_the_nearest_warning_alone_is_sent(clock, accompagnateur):
    filed(accompagnateur)
    at(clock, date(2027, 1, 20))
    at(clock, date(2027, 1, 20))
    assert len(warned()) == 1


def test_followers_are_warned_rather_than_the_groupe_in_one_email_each(clock, accompagnateur):
    procedure = ProcedureFactory()
    set_delai_legal(procedure, RULE)
    AffectationFactory(procedure=procedure, user=accompagnateur)
    colleague = AffectationFactory(procedure=procedure).user
    dossiers = DossierFactory.create_batch(3, procedure=procedure)
    for dossier in dossiers:
        workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    for dossier in dossiers[:2]:
        Suivi.objects.create(dossier=dossier, user=colleague)
    at(clock, date(2027, 1, 10))
    assert set(warned()) == {
        (
            accompagnateur.email,
            f"Dossier nº {dossiers[2].pk} : 15 jours restants avant l’échéance légale",
        ),
        (colleague.email, "3 dossiers approchent de leur échéance légale"),
    }
    body = Courriel.objects.get(to_email=colleague.email, kind="echeances_proches").body_text
    assert "sera acceptée automatiquement" in body
    assert dossiers[0].nom not in body


def test_short_deadline_is_not_warned_of_at_once(clock, accompagnateur):
    filed(accompagnateur, length=7, unit="jours")
    at(clock, date(2026, 11, 26))
    assert warned() == []
    at(clock, date(2026, 12, 1))
    assert len(warned()) == 1


# --- What people see ----------------------------------------------------------------------------


def test_usager_reads_what_silence_means(clock, client_for, accompagnateur):
    dossier = filed(accompagnateur)
    client = client_for(dossier.usager)
    url = reverse("dossiers:dossier_detail", args=[dossier.pk])
    said = Markup(client.get(url)).one("#delai-legal").text
    assert "Sans réponse du service le 25/01/2027 au plus tard, votre demande sera acceptée" in said
    ask(dossier, accompagnateur)
    said = Markup(client.get(url)).one("#delai-legal").text
    assert "Le délai est suspendu depuis le 25/11/2026" in said
    other = DossierFactory(en_construction=True)
    url = reverse("dossiers:dossier_detail", args=[other.pk])
    assert "delai-legal" not in client_for(other.usager).get(url).content.decode()


def test_accompagnateur_sees_the_countdown_on_the_row_and_on_the_dossier(
    clock, client_for, accompagnateur
):
    dossier = filed(accompagnateur)
    clock.move_to(datetime(2027, 1, 20, 9, tzinfo=UTC))
    client = client_for(accompagnateur)
    page = Markup(client.get(reverse("instruction:dossier_detail", args=[dossier.pk])))
    badge = page.one(".tps-echeance .fr-badge")
    assert badge.text == "5 jours restants"
    assert "fr-badge--error" in badge["class"]
    url = reverse("instruction:dossier_list", args=[dossier.procedure_id])
    row = Markup(client.get(url)).one(".tps-dossiers__row")
    assert "5 jours restants" in row.text


# --- The rule -----------------------------------------------------------------------------------


def test_administrateur_sets_and_removes_the_rule(client_for):
    user = UserFactory()
    procedure = ProcedureFactory(administrateurs=[user])
    procedure.organisme.administrateurs.add(user)
    client, url = client_for(user), reverse("procedures:delai_legal_edit", args=[procedure.pk])
    page = client.get(url).content.decode()
    assert "vaut pour les dossiers déposés ensuite" in page
    response = client.post(url, {"effet": "svr", "length": "0"})
    assert response.status_code == 422
    assert "Le délai est d’au moins 1." in response.content.decode()
    assert not DelaiLegal.objects.exists()

    sent = {"effet": "svr", "length": "45", "unit": "jours", "start": "complet"}
    client.post(url, sent | {"on_correction": "restart", "is_automatic": "on"})
    delai = DelaiLegal.objects.get()
    assert str(delai) == "Le silence vaut rejet (SVR), 45 jours"
    assert (delai.start, delai.on_correction, delai.is_automatic) == ("complet", "restart", True)
    client.post(url, {"effet": "aucun"})
    assert not DelaiLegal.objects.exists()
