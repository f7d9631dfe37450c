"""Batches: each dossier on its own, nothing twice, nothing lost, and a report of the rest."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import redis
import time_machine
from django.db.models import Count
from django.utils import timezone

from courriels.models import Courriel
from dossiers import conservation, workflow
from dossiers.enums import DossierState, HistoryAction
from dossiers.models import Dossier, HistoryEntry, Message, Suivi
from instruction.lots import execution
from instruction.lots.actions import ACTIONS
from instruction.lots.models import LigneState, Lot
from instruction.lots.tasks import sweep_lots
from instruction.tableaux import choose_columns, tableau_of
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory
from tps.celery import app

PATIENCE_SECONDS = 600
EXPORT_QUERIES = 7


def prepare_url(procedure, query):
    return f"/instruction/procedures/{procedure.pk}/lots/nouveau/?{query}"


def lot_of(procedure, by, action, dossiers=None, **parameters):
    """Make a batch without queueing it."""
    chosen = Dossier.objects.filter(procedure=procedure) if dossiers is None else dossiers
    return execution.create(
        procedure,
        chosen.order_by("pk"),
        by=by,
        action=action,
        token=uuid.uuid4(),
        parameters=parameters,
    )


def carried_on(lot):
    assert execution.carry_on(lot.pk)
    lot.refresh_from_db()
    return lot


def reasons(lot):
    return list(lot.lignes.filter(state=LigneState.ECARTE).values_list("dossier_id", "reason"))


def en_instruction(procedure, number=2):
    return [DossierFactory(procedure=procedure, en_instruction=True) for _ in range(number)]


def test_ticked_dossiers_are_decided_with_their_own_values(
    client, procedure, django_capture_on_commit_callbacks
):
    first, second, other = en_instruction(procedure, 3)
    url = prepare_url(procedure, f"action=reject&dossiers={first.pk}&dossiers={second.pk}")
    page = client.get(url)
    token = Markup(page).one("[name=token]")["value"]
    sent = {"token": token, "motivation": "Dossier {{ numero_dossier }} : non."}
    client.post(url, sent)
    client.post(url, sent)  # twice: one batch
    lot = carried_on(Lot.objects.get())
    assert (lot.total, lot.done, lot.skipped) == (2, 2, 0)
    for dossier in (first, second):
        decided = Dossier.objects.get(pk=dossier.pk)
        assert decided.motivation == f"Dossier {dossier.pk} : non."
        assert Courriel.objects.filter(to_email=dossier.usager.email).count() == 1
    assert Dossier.objects.get(pk=other.pk).state == DossierState.EN_INSTRUCTION


def test_whole_list_is_what_the_person_sees_of_it_now(client, procedure):
    shown = en_instruction(procedure)
    DossierFactory(procedure=procedure, en_construction=True)
    DossierFactory(en_instruction=True)
    url = prepare_url(
        procedure, "action=archive&onglet=tous&f=d.statut~parmi~en_instruction&tous=1"
    )
    page = Markup(client.get(url))
    assert page.one("h1").text == "Archiver : 2 dossiers"
    client.post(url, {"token": page.one("[name=token]")["value"]})
    lot = Lot.objects.get()
    assert set(lot.lignes.values_list("dossier_id", flat=True)) == {it.pk for it in shown}
    # Frozen: what comes later is not of it.
    en_instruction(procedure, 1)
    assert carried_on(lot).done == 2


def test_what_cannot_be_done_is_skipped_and_says_why(accompagnateur, procedure):
    mine = DossierFactory(procedure=procedure, en_instruction=True, usager=accompagnateur)
    early = DossierFactory(procedure=procedure, en_construction=True)
    good = DossierFactory(procedure=procedure, en_instruction=True)
    lot = carried_on(lot_of(procedure, accompagnateur, "reject", motivation="Non."))
    assert (lot.done, lot.skipped) == (1, 2)
    said = dict(reasons(lot))
    assert said[mine.pk].startswith("Vous êtes l’usager de ce dossier")
    assert "le dossier est en construction" in said[early.pk]
    assert Dossier.objects.get(pk=good.pk).state == DossierState.REJETE


def test_second_batch_on_the_same_dossiers_says_who_was_first(accompagnateur, colleague, procedure):
    (dossier,) = en_instruction(procedure, 1)
    first = lot_of(procedure, colleague, "accept")
    second = lot_of(procedure, accompagnateur, "reject", motivation="Non.")
    carried_on(first)
    ((number, reason),) = reasons(carried_on(second))
    assert number == dossier.pk
    assert "par Bruno Collègue" in reason
    assert HistoryEntry.objects.filter(dossier=dossier).count() == 1


def test_person_removed_meanwhile_stops_the_batch(accompagnateur, procedure):
    en_instruction(procedure, 3)
    lot = lot_of(procedure, accompagnateur, "reject", motivation="Non.")
    procedure.affectations.filter(user=accompagnateur).delete()
    carried_on(lot)
    assert (lot.done, lot.skipped, lot.left, lot.is_stopped) == (0, 1, 2, True)
    assert not Courriel.objects.exists()


def test_stopping_leaves_the_rest(client, accompagnateur, procedure):
    en_instruction(procedure, 3)
    lot = lot_of(procedure, accompagnateur, "archive")
    assert not execution.carry_on(lot.pk, budget_seconds=0)
    client.post(f"/instruction/procedures/{procedure.pk}/lots/{lot.pk}/arreter/")
    carried_on(lot)
    assert (lot.done, lot.left, lot.is_stopped) == (1, 2, True)
    assert Dossier.objects.filter(archived_at=None).count() == 2
    page = client.get(f"/instruction/procedures/{procedure.pk}/lots/{lot.pk}/")
    assert "2 laissés sans traitement" in " ".join(page.content.decode().split())


def test_message_is_there_once_with_the_values_of_each_dossier(accompagnateur, procedure):
    dossiers = en_instruction(procedure)
    lot = lot_of(procedure, accompagnateur, "message", message="Au sujet du {{ numero_dossier }}")
    carried_on(lot)
    bodies = dict(Message.objects.values_list("dossier_id", "body"))
    assert bodies == {it.pk: f"Au sujet du {it.pk}" for it in dossiers}


def test_following_and_assigning(accompagnateur, colleague, procedure):
    dossiers = en_instruction(procedure)
    carried_on(lot_of(procedure, accompagnateur, "follow"))
    again = carried_on(lot_of(procedure, accompagnateur, "follow"))
    assert [reason for _number, reason in reasons(again)] == ["Vous suivez déjà ce dossier."] * 2
    carried_on(lot_of(procedure, accompagnateur, "assign", colleague=colleague.pk))
    assert Suivi.objects.filter(user=colleague, assigned_by=accompagnateur).count() == 2
    carried_on(lot_of(procedure, accompagnateur, "unfollow"))
    assert not Suivi.objects.filter(user=accompagnateur, dossier__in=dossiers).exists()


def test_unknown_balise_is_refused_and_the_text_kept(client, procedure):
    (dossier,) = en_instruction(procedure, 1)
    url = prepare_url(procedure, f"action=accept&dossiers={dossier.pk}")
    response = client.post(url, {"token": uuid.uuid4(), "motivation": "Bravo {{ numero }}"})
    assert "n’existe pas" in response.content.decode()
    assert Markup(response).one("textarea").text.strip() == "Bravo {{ numero }}"
    assert not Lot.objects.exists()


@pytest.mark.parametrize("action", list(ACTIONS))
def test_confirmation_of_each_action_writes_nothing(client, procedure, action):
    (dossier,) = en_instruction(procedure, 1)
    url = prepare_url(procedure, f"action={action}&dossiers={dossier.pk}")
    response = client.get(url)
    assert response.status_code == 200
    assert Markup(response).one("h1").text == f"{ACTIONS[action].label} : 1 dossier"
    assert not Lot.objects.exists()
    assert not Courriel.objects.exists()


def test_nothing_ticked_leads_back_to_the_list(client, procedure):
    response = client.get(prepare_url(procedure, "action=archive"), follow=True)
    assert "Cochez au moins un dossier." in response.content.decode()


def test_export_of_nothing_says_to_tick_a_dossier(client, accompagnateur, procedure):
    en_instruction(procedure, 1)
    base = f"/instruction/procedures/{procedure.pk}/"
    response = client.get(f"{base}lots/export/?onglet=tous", follow=True)
    assert response.redirect_chain == [(f"{base}?onglet=tous", 302)]
    assert "Cochez au moins un dossier." in response.content.decode()


def test_batch_is_seen_by_whoever_asked_for_it_alone(
    client_for, accompagnateur, colleague, procedure, strangers
):
    en_instruction(procedure)
    lot = lot_of(procedure, accompagnateur, "archive")
    for user in (colleague, *strangers.values()):
        client = client_for(user)
        assert (
            client.get(f"/instruction/procedures/{procedure.pk}/lots/{lot.pk}/").status_code == 404
        )


def test_dossier_of_another_procedure_is_never_of_the_batch(client, accompagnateur, procedure):
    elsewhere = DossierFactory(en_instruction=True)
    response = client.get(prepare_url(procedure, f"action=archive&dossiers={elsewhere.pk}"))
    assert response.status_code == 302


def test_report_and_export_are_safe_for_spreadsheets(client, accompagnateur, procedure):
    (dossier,) = en_instruction(procedure, 1)
    Dossier.objects.filter(pk=dossier.pk).update(prenom="=cmd()")
    lot = carried_on(lot_of(procedure, accompagnateur, "unarchive"))
    base = f"/instruction/procedures/{procedure.pk}/lots/"
    report = b"".join(client.get(f"{base}{lot.pk}/compte-rendu/")).decode()
    assert report == (
        f"\ufeffDossier;Résultat;Raison\r\n{dossier.pk};écarté;Le dossier n’est pas archivé.\r\n"
    )
    table = b"".join(client.get(f"{base}export/?dossiers={dossier.pk}")).decode()
    assert table.startswith("\ufeffNº;Demandeur;Statut;")
    assert f"{dossier.pk};'=cmd()" in table


@pytest.mark.parametrize("count", [1, 3])
def test_export_holds_the_columns_of_the_list_in_the_same_queries(
    client, accompagnateur, procedure, django_assert_num_queries, count
):
    dossiers = en_instruction(procedure, count)
    label = procedure.labels.create(name="Urgent")
    for dossier in dossiers:
        dossier.labels.add(label)
    choose_columns(tableau_of(accompagnateur, procedure), ["d.labels", "d.statut"])
    url = f"/instruction/procedures/{procedure.pk}/lots/export/?onglet=tous&tous=1&tri=numero"
    with django_assert_num_queries(EXPORT_QUERIES):
        table = b"".join(client.get(url)).decode().splitlines()
    assert table == ["\ufeffNº;Demandeur;Labels;Statut"] + [
        f"{it.pk};{it.demandeur_name};Urgent;en instruction" for it in dossiers
    ]


def test_label_is_put_on_those_that_have_it_not(accompagnateur, procedure):
    first, second = en_instruction(procedure)
    label = procedure.labels.create(name="Urgent")
    first.labels.add(label)
    lot = carried_on(lot_of(procedure, accompagnateur, "label", label=label.pk))
    assert (lot.done, reasons(lot)) == (
        1,
        [(first.pk, "Le dossier porte déjà le label « Urgent ».")],
    )
    assert second.labels.get() == label
    assert second.history.get().action == HistoryAction.ADD_LABEL
    gone = lot_of(procedure, accompagnateur, "label", label=label.pk)
    label.delete()
    assert {why for _pk, why in reasons(carried_on(gone))} == {"Le label choisi n’existe plus."}


def test_label_of_another_procedure_is_not_offered(client, procedure):
    (dossier,) = en_instruction(procedure, 1)
    foreign = ProcedureFactory().labels.create(name="Ailleurs")
    url = prepare_url(procedure, f"action=label&dossiers={dossier.pk}")
    response = client.post(url, {"token": uuid.uuid4(), "label": foreign.pk})
    assert "Ce label n’existe plus" in response.content.decode()
    mine = procedure.labels.create(name="Urgent")
    client.post(url, {"token": uuid.uuid4(), "label": mine.pk})
    assert Lot.objects.get().parameters == {"label": mine.pk}


def test_dossier_of_a_running_batch_is_not_erased(accompagnateur, procedure):
    dossier = DossierFactory(procedure=procedure, accepte=True)
    today = timezone.now()
    Dossier.objects.filter(pk=dossier.pk).update(
        decided_at=today - timedelta(days=365 * 30), erasure_announced_on=today - timedelta(days=9)
    )
    lot = lot_of(procedure, accompagnateur, "archive")
    conservation.apply_due()
    assert Dossier.objects.filter(pk=dossier.pk).exists()
    carried_on(lot)
    conservation.apply_due()
    assert not Dossier.objects.filter(pk=dossier.pk).exists()


def test_sweep_takes_up_what_a_crash_left_and_leaves_the_rest(accompagnateur, procedure):
    en_instruction(procedure)
    lot = lot_of(procedure, accompagnateur, "archive")
    assert execution.take_left_behind() == []
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        assert execution.take_left_behind() == [lot.pk]
        assert execution.take_left_behind() == []


def many(procedure, number):
    """Make dossiers en instruction at little cost."""
    usager, now = UserFactory(), timezone.now()
    groupe = procedure.groupes.get(is_default=True)
    Dossier.objects.bulk_create(
        Dossier(
            procedure=procedure,
            revision=procedure.published_revision,
            groupe=groupe,
            usager=usager,
            nom=f"Martin{index}",
            prenom="Camille",
            state=DossierState.EN_INSTRUCTION,
            submitted_at=now,
            instruction_started_at=now,
            reponses={"objet1": "Achat de livres"},
        )
        for index in range(number)
    )


def wait_until(happened):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if time.monotonic() > deadline:
            pytest.fail("What was expected did not happen")
        time.sleep(0.1)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_batch_of_two_thousand_whose_worker_is_killed_repeats_nothing_and_loses_nothing(
    start_celery_worker,
):
    procedure = ProcedureFactory()
    user = AffectationFactory(procedure=procedure).user
    many(procedure, 2000)
    # Not the queue of emails: what leaves is in the outbox, and is counted there.
    killed = start_celery_worker(queues="default")
    lot = lot_of(procedure, user, workflow.REJECT.method, motivation="Non, {{ numero_dossier }}.")
    wait_until(lambda: Lot.objects.get(pk=lot.pk).done >= 300)
    killed.kill()  # SIGKILL
    killed.wait()
    broken_off = Lot.objects.get(pk=lot.pk)
    assert 300 <= broken_off.done < 2000
    redis.Redis.from_url(app.conf.broker_url).flushdb()

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        sweep_lots()
    start_celery_worker(queues="default")
    wait_until(lambda: Lot.objects.get(pk=lot.pk).finished_at is not None)

    lot.refresh_from_db()
    assert (lot.total, lot.done, lot.skipped) == (2000, 2000, 0)
    assert lot.lignes.filter(state=LigneState.FAIT).count() == 2000
    assert Dossier.objects.filter(procedure=procedure, state=DossierState.REJETE).count() == 2000
    decided = HistoryEntry.objects.filter(action=HistoryAction.REJECT)
    assert decided.count() == 2000
    assert not decided.values("dossier").annotate(n=Count("pk")).filter(n__gt=1).exists()
    sent = Courriel.objects.filter(kind="rejet")
    assert sent.count() == 2000
    assert sent.values("reference").distinct().count() == 2000


def test_preview_is_there_with_what_was_typed_and_back_after_a_wrong_balise(client, procedure):
    url = prepare_url(procedure, "action=reject&onglet=a-suivre&tous=1")
    en_instruction(procedure)

    right = Markup(client.post(url, {"motivation": "Hors délai.", "apercu": "1"}))
    wrong = Markup(client.post(url, {"motivation": "{{ rien", "apercu": "1"}))

    assert "Hors délai." in right.one("#apercu").text
    assert "L’email qui partira" in wrong.one("#apercu").text
    assert wrong.one("textarea").text.strip() == "{{ rien"
