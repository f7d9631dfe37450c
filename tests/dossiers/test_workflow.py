"""Transitions: who may, from where, and everything or nothing."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from courriels.models import Courriel
from dossiers import workflow
from dossiers.depots import DossierIncomplete
from dossiers.enums import DossierState, HistoryAction
from dossiers.models import Dossier, HistoryEntry
from procedures.champs import new_champ
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

TRAITS = {
    DossierState.BROUILLON: {},
    DossierState.EN_CONSTRUCTION: {"en_construction": True},
    DossierState.EN_INSTRUCTION: {"en_instruction": True},
    DossierState.ACCEPTE: {"accepte": True},
    DossierState.SANS_SUITE: {"sans_suite": True},
    DossierState.REJETE: {"rejete": True},
}
SOURCES = {
    "submit": DossierState.BROUILLON,
    "start_instruction": DossierState.EN_CONSTRUCTION,
    "return_to_construction": DossierState.EN_INSTRUCTION,
    "accept": DossierState.EN_INSTRUCTION,
    "close_sans_suite": DossierState.EN_INSTRUCTION,
    "reject": DossierState.EN_INSTRUCTION,
}
TARGETS = {
    "submit": DossierState.EN_CONSTRUCTION,
    "start_instruction": DossierState.EN_INSTRUCTION,
    "return_to_construction": DossierState.EN_CONSTRUCTION,
    "accept": DossierState.ACCEPTE,
    "close_sans_suite": DossierState.SANS_SUITE,
    "reject": DossierState.REJETE,
}


PEOPLE = (
    "usager",
    "accompagnateur",
    "autre_usager",
    "autre_accompagnateur",
    "administrateur",
    "exploitant",
)


def dossier_in(state, **fields):
    organisme = OrganismeFactory(administrateurs=[UserFactory()])
    dossier = DossierFactory(
        **TRAITS[state], procedure=ProcedureFactory(organisme=organisme), **fields
    )
    AffectationFactory(procedure=dossier.procedure)
    return dossier


def person(dossier, name):
    match name:
        case "usager":
            return dossier.usager
        case "accompagnateur":
            return dossier.procedure.affectations.get().user
        case "administrateur":
            return dossier.procedure.organisme.administrateurs.get()
        case "autre_accompagnateur":
            return AffectationFactory().user
        case "exploitant":
            return UserFactory(exploitant=True)
    return UserFactory()


def right_person(dossier, method):
    return person(dossier, "usager" if method == "submit" else "accompagnateur")


@pytest.mark.django_db
@pytest.mark.parametrize("method", SOURCES)
def test_allowed_source_leads_to_the_target_with_one_history_row(method):
    dossier = dossier_in(SOURCES[method])
    by = right_person(dossier, method)
    before = timezone.now()

    workflow.run(workflow.ACTIONS[method], dossier.pk, by=by, motivation="Parce que.")

    assert Dossier.objects.get(pk=dossier.pk).state == TARGETS[method]
    [entry] = dossier.history.all()
    assert (entry.action, entry.from_state, entry.to_state) == (
        method,
        SOURCES[method],
        TARGETS[method],
    )
    assert (entry.by, entry.by_name, entry.motivation) == (by, str(by), "Parce que.")
    assert before <= entry.at <= timezone.now()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "state"),
    [(method, state) for method in SOURCES for state in TRAITS if state != SOURCES[method]],
)
def test_other_sources_are_refused_and_nothing_changes(method, state):
    dossier = dossier_in(state)
    # In a brouillon an accompagnateur has no rights at all.
    expected = (
        PermissionDenied
        if state == DossierState.BROUILLON and method != "submit"
        else workflow.TransitionRefused
    )

    with pytest.raises(expected):
        workflow.run(workflow.ACTIONS[method], dossier.pk, by=right_person(dossier, method))

    assert Dossier.objects.get(pk=dossier.pk).state == state
    assert not HistoryEntry.objects.exists()
    assert not Courriel.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "name"),
    [
        (method, name)
        for method in SOURCES
        for name in PEOPLE
        if name != ("usager" if method == "submit" else "accompagnateur")
    ],
)
def test_wrong_people_change_nothing(method, name):
    dossier = dossier_in(SOURCES[method])

    with pytest.raises(PermissionDenied):
        workflow.run(workflow.ACTIONS[method], dossier.pk, by=person(dossier, name))

    assert Dossier.objects.get(pk=dossier.pk).state == SOURCES[method]
    assert not HistoryEntry.objects.exists()
    assert not Courriel.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["usager", "autre_usager", "autre_accompagnateur"])
@pytest.mark.parametrize("function", [workflow.archive, workflow.unarchive])
def test_wrong_people_archive_nothing(function, name):
    dossier = dossier_in(DossierState.ACCEPTE)

    with pytest.raises(PermissionDenied):
        function(dossier.pk, by=person(dossier, name))

    assert not HistoryEntry.objects.exists()


@pytest.mark.django_db
def test_brouillon_is_never_archived():
    dossier = dossier_in(DossierState.BROUILLON)

    with pytest.raises(PermissionDenied):
        workflow.archive(dossier.pk, by=person(dossier, "accompagnateur"))


@pytest.mark.django_db
def test_archiving_twice_writes_one_history_row():
    dossier = dossier_in(DossierState.ACCEPTE)
    by = person(dossier, "accompagnateur")

    workflow.archive(dossier.pk, by=by)
    workflow.archive(dossier.pk, by=by)
    workflow.unarchive(dossier.pk, by=by)

    assert [entry.action for entry in dossier.history.all()] == [
        HistoryAction.ARCHIVE,
        HistoryAction.UNARCHIVE,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["submit", "start_instruction", "accept"])
def test_failing_courriel_rolls_state_and_history_back(method, monkeypatch):
    dossier = dossier_in(SOURCES[method])

    def fail(**kwargs):
        raise RuntimeError("outbox")

    monkeypatch.setattr(workflow, "enqueue", fail)
    with pytest.raises(RuntimeError, match="outbox"):
        workflow.run(workflow.ACTIONS[method], dossier.pk, by=right_person(dossier, method))

    assert Dossier.objects.get(pk=dossier.pk).state == SOURCES[method]
    assert not HistoryEntry.objects.exists()


@pytest.mark.django_db
def test_refusal_says_who_and_when():
    dossier = dossier_in(DossierState.EN_INSTRUCTION)
    by = person(dossier, "accompagnateur")
    workflow.run(workflow.ACCEPT, dossier.pk, by=by)
    when = timezone.localtime(dossier.history.get().at)

    with pytest.raises(workflow.TransitionRefused) as refusal:
        workflow.run(workflow.REJECT, dossier.pk, by=by)

    assert str(refusal.value) == (
        "Cette action n’est plus possible : le dossier est accepté "
        f"depuis le {when:%d/%m/%Y} à {when:%H:%M}, par {by}."
    )


@pytest.mark.django_db
def test_incomplete_dossier_is_not_submitted():
    procedure = ProcedureFactory(
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis"),
            new_champ("nombre_entier", id="nombre1", label="Nombre", required=False),
        ]
    )
    dossier = DossierFactory(procedure=procedure, reponses={}, nom="")
    dossier.saisies_refusees = {"nombre1": "beaucoup"}
    dossier.save(update_fields=["saisies_refusees"])

    with pytest.raises(DossierIncomplete) as refusal:
        workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    assert [(problem.anchor, problem.message) for problem in refusal.value.problems] == [
        ("", "Indiquez qui dépose ce dossier."),
        ("champ-objet1", "Répondez à cette question."),
        ("champ-piece1", "Joignez le document demandé."),
        ("champ-nombre1", "Saisissez un nombre entier, par exemple 1 250."),
    ]
    PieceJointeFactory(dossier=dossier, champ_id="piece1")
    Dossier.objects.filter(pk=dossier.pk).update(
        nom="Martin", reponses={"objet1": "Achat"}, saisies_refusees={}
    )
    assert workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager).submitted_at is not None


@pytest.mark.django_db
def test_closed_procedure_takes_no_submission():
    dossier = DossierFactory(procedure=ProcedureFactory(close=True))

    with pytest.raises(workflow.ProcedureClosed):
        workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    assert Dossier.objects.get(pk=dossier.pk).is_brouillon


def at_once(*calls):
    """Run the calls in threads that start together; return what each returned or raised."""
    barrier, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(rank, call):
        barrier.wait()
        try:
            outcomes[rank] = call()
        except Exception as error:
            outcomes[rank] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(rank, call)) for rank, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_submitting_twice_at_once_submits_once(client_for):
    dossier = dossier_in(DossierState.BROUILLON)
    address = f"/dossiers/{dossier.pk}/soumettre/"
    clients = [client_for(dossier.usager), client_for(dossier.usager)]

    responses = at_once(*(lambda client=client: client.post(address) for client in clients))

    assert [(response.status_code, response.url) for response in responses] == [
        (302, f"/dossiers/{dossier.pk}/")
    ] * 2
    assert dossier.history.count() == 1
    assert Courriel.objects.for_reference(f"dossier:{dossier.pk}").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_deciding_at_once_one_wins_the_other_is_told():
    dossier = dossier_in(DossierState.EN_INSTRUCTION)
    one = person(dossier, "accompagnateur")
    other = AffectationFactory(procedure=dossier.procedure).user

    outcomes = at_once(
        lambda: workflow.run(workflow.ACCEPT, dossier.pk, by=one),
        lambda: workflow.run(workflow.REJECT, dossier.pk, by=other),
    )

    [won] = [outcome for outcome in outcomes if isinstance(outcome, Dossier)]
    [lost] = [outcome for outcome in outcomes if isinstance(outcome, workflow.TransitionRefused)]
    winner = one if won.state == DossierState.ACCEPTE else other
    assert str(winner) in str(lost)
    assert Dossier.objects.get(pk=dossier.pk).state == won.state
    assert dossier.history.count() == 1
    assert Courriel.objects.for_reference(f"dossier:{dossier.pk}").count() == 1
