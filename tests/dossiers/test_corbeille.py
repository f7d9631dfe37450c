"""The bin: what an usager deletes, takes back, and loses after two weeks."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.urls import reverse

from courriels.models import Courriel
from dossiers import corbeille, workflow
from dossiers.enums import DossierTab, HistoryAction
from dossiers.models import Dossier, HistoryEntry, PieceJointe, Retrait
from dossiers.tasks import purge_corbeille
from instruction.counts import count_dossiers
from procedures.champs import new_champ
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def usager():
    return UserFactory()


@pytest.fixture
def procedure():
    return ProcedureFactory()


@pytest.fixture
def accompagnateur(procedure):
    return AffectationFactory(procedure=procedure).user


def shown(response) -> set[int]:
    return {dossier.pk for dossier in response.context["page"]}


# --- deleting -----------------------------------------------------------------------------------


def test_brouillon_goes_to_the_bin_after_one_question(client_for, usager):
    dossier = DossierFactory(usager=usager)
    client, address = client_for(usager), f"/dossiers/{dossier.pk}/supprimer/"

    question = Markup(client.get(address)).one("main").text
    assert Dossier.objects.filter(pk=dossier.pk).exists()
    page = Markup(client.post(address, follow=True)).one("main").text

    assert "pendant 14 jours" in question
    assert f"Le brouillon nº {dossier.pk} est dans la corbeille" in page
    assert not Dossier.objects.filter(pk=dossier.pk).exists()
    assert shown(client.get("/dossiers/corbeille/")) == {dossier.pk}
    assert not Courriel.objects.exists()
    entry = HistoryEntry.objects.get()
    assert (entry.action, entry.by) == (HistoryAction.TRASH, usager)


def test_withdrawal_is_seen_by_the_service_and_confirmed_by_email(
    client_for, usager, procedure, accompagnateur
):
    dossier = DossierFactory(usager=usager, procedure=procedure, en_construction=True)
    service = client_for(accompagnateur)

    question = Markup(client_for(usager).get(f"/dossiers/{dossier.pk}/supprimer/")).one("main")
    client_for(usager).post(f"/dossiers/{dossier.pk}/supprimer/")

    assert "verra que vous l’avez retiré" in question.text
    courriel = Courriel.objects.get()
    assert (courriel.to_email, courriel.kind) == (usager.email, "dossier_retire")
    assert "/dossiers/corbeille/\n" in courriel.body_text
    page = service.get(f"/instruction/dossiers/{dossier.pk}/")
    assert page.status_code == 410
    assert Markup(page).one("h1").text == (
        f"Le dossier nº {dossier.pk} a été retiré par son usager"
    )
    listed = Markup(service.get(f"/instruction/procedures/{procedure.pk}/")).one("main").text
    assert "1 dossier retiré par son usager" in listed
    retraits = Markup(service.get(f"/instruction/procedures/{procedure.pk}/retires/")).one("main")
    assert f"Dossier nº {dossier.pk}" in retraits.text
    stranger = AffectationFactory().user
    assert client_for(stranger).get(f"/instruction/dossiers/{dossier.pk}/").status_code == 404


@pytest.mark.parametrize("action", ["passer-en-instruction", "archiver", "accepter"])
def test_service_cannot_act_on_a_withdrawn_dossier(client_for, procedure, accompagnateur, action):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    corbeille.delete(dossier.pk, by=dossier.usager)

    url = f"/instruction/dossiers/{dossier.pk}/{action}/"
    assert client_for(accompagnateur).post(url).status_code in (404, 410)
    assert Dossier.with_trash.get(pk=dossier.pk).state == "en_construction"


def test_dossier_en_instruction_is_not_withdrawn(client_for, usager):
    dossier = DossierFactory(usager=usager, en_instruction=True)
    client, address = client_for(usager), f"/dossiers/{dossier.pk}/supprimer/"

    assert client.get(address).status_code == 403
    page = Markup(client.post(address, follow=True)).one("main").text

    assert "le dossier est en instruction" in page
    assert Dossier.objects.filter(pk=dossier.pk).exists()


@pytest.mark.parametrize("state", ["accepte", "sans_suite", "rejete"])
def test_termine_leaves_the_list_of_its_usager_alone(
    client_for, usager, procedure, accompagnateur, state
):
    dossier = DossierFactory(usager=usager, procedure=procedure, **{state: True})
    client = client_for(usager)

    client.post(f"/dossiers/{dossier.pk}/supprimer/")

    assert client.get(f"/dossiers/{dossier.pk}/").status_code == 404
    assert shown(client.get("/dossiers/", {"onglet": "termines"})) == set()
    assert shown(client.get("/dossiers/corbeille/")) == {dossier.pk}
    service = client_for(accompagnateur)
    assert service.get(f"/instruction/dossiers/{dossier.pk}/").status_code == 200
    counts = count_dossiers([procedure.pk], by=accompagnateur)[procedure.pk]
    assert counts.total == 1
    assert not Retrait.objects.exists()


@pytest.mark.parametrize("trait", ["brouillon", "en_construction", "accepte"])
def test_nobody_else_deletes_or_restores(client_for, procedure, accompagnateur, trait):
    traits = {} if trait == "brouillon" else {trait: True}
    dossier = DossierFactory(procedure=procedure, **traits)
    strangers = [UserFactory(), accompagnateur]

    for stranger in strangers:
        assert client_for(stranger).post(f"/dossiers/{dossier.pk}/supprimer/").status_code == 404
        with pytest.raises(PermissionDenied):
            corbeille.delete(dossier.pk, by=stranger)
    corbeille.delete(dossier.pk, by=dossier.usager)
    for stranger in strangers:
        client = client_for(stranger)
        assert client.post(f"/dossiers/corbeille/{dossier.pk}/").status_code == 404
        assert shown(client.get("/dossiers/corbeille/")) == set()


def test_test_of_a_procedure_is_erased_at_once():
    dossier = essai_of(procedure_to_try())

    corbeille.delete(dossier.pk, by=dossier.usager)

    assert not Dossier.with_trash.filter(pk=dossier.pk).exists()


# --- nothing shows what is in the bin -----------------------------------------------------------


@pytest.fixture
def person(procedure):
    """Somebody who is usager and accompagnateur at once."""
    return AffectationFactory(procedure=procedure).user


@pytest.fixture
def trashed(procedure, person):
    found = []
    for usager in (person, UserFactory()):
        for traits in ({}, {"en_construction": True}, {"en_construction": True, "archive": True}):
            dossier = DossierFactory(
                procedure=procedure, usager=usager, reponses={"objet1": "Introuvable"}, **traits
            )
            PieceJointeFactory(dossier=dossier)
            found.append(corbeille.delete(dossier.pk, by=usager))
    return found


def test_no_queryset_holds_what_is_in_the_bin(procedure, person, trashed):
    real = DossierFactory(procedure=procedure, usager=person, en_construction=True)

    for found in (
        Dossier.objects.all(),
        Dossier.with_tests.all(),
        Dossier.objects.owned_by(person),
        Dossier.with_tests.owned_by(person),
        Dossier.objects.visible_to(person),
        Dossier.with_tests.visible_to(person),
        Dossier.with_tests.examined_by(person),
        Dossier.objects.instructed_by(person),
        Dossier.objects.for_procedure(procedure),
        procedure.dossiers.all(),
        person.dossiers.all(),
        procedure.published_revision.dossiers.all(),
    ):
        assert set(found) == {real}
    assert not Dossier.objects.search("introuvable").exists()
    assert not Dossier.objects.search_of_usager("introuvable").exists()
    assert set(Dossier.objects.owned_by(person).tab_counts().values()) == {1, 0}
    for tab in DossierTab:
        assert not set(Dossier.objects.in_tab(tab)) & set(trashed)
    counts = count_dossiers([procedure.pk], by=AffectationFactory(procedure=procedure).user)
    assert counts[procedure.pk].total == 1


PAGES = (
    "dossiers:dossier_detail",
    "dossiers:dossier_edit",
    "dossiers:dossier_identify",
    "dossiers:dossier_review",
    "dossiers:dossier_recapitulatif",
    "dossiers:document_list",
    "dossiers:attestation_depot",
    "dossiers:dossier_transfer",
    "dossiers:dossier_delete",
    "instruction:dossier_recapitulatif",
)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_opens_what_is_in_the_bin(client_for, person, trashed, name):
    client = client_for(person)

    statuses = {client.get(reverse(name, args=[it.pk])).status_code for it in trashed}

    assert statuses == {404}


def test_no_file_in_the_bin_is_served(client_for, person, trashed):
    client = client_for(person)

    for piece_jointe in PieceJointe.objects.all():
        url = reverse("dossiers:piece_jointe_download", args=[piece_jointe.pk])
        assert client.get(url).status_code == 404


def test_exploitant_does_not_list_what_is_in_the_bin(client_for, trashed):
    client = client_for(UserFactory(exploitant=True))

    for name in ("dossier", "historyentry", "piecejointe"):
        page = client.get(reverse(f"admin:dossiers_{name}_changelist"))
        assert page.context["cl"].result_list.count() == 0


def test_database_refuses_a_dossier_en_instruction_in_the_bin():
    dossier = DossierFactory(en_instruction=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        Dossier.objects.filter(pk=dossier.pk).update(deleted_at=NOW)


# --- restoring ----------------------------------------------------------------------------------


@pytest.mark.parametrize("trait", ["brouillon", "en_construction", "accepte"])
def test_dossier_is_taken_back_as_it_was(client_for, usager, trait):
    traits = {} if trait == "brouillon" else {trait: True}
    dossier = DossierFactory(usager=usager, **traits)
    piece_jointe = PieceJointeFactory(dossier=dossier)
    client = client_for(usager)
    client.post(f"/dossiers/{dossier.pk}/supprimer/")

    response = client.post(f"/dossiers/corbeille/{dossier.pk}/", follow=True)

    assert "est de nouveau dans vos dossiers" in response.content.decode()
    fresh = Dossier.objects.owned_by(usager).get()
    assert (fresh.state, fresh.reponses) == (dossier.state, dossier.reponses)
    assert fresh.pieces_jointes.get() == piece_jointe
    assert default_storage.exists(piece_jointe.file.name)
    assert shown(client.get("/dossiers/corbeille/")) == set()
    assert client.post(f"/dossiers/corbeille/{dossier.pk}/").status_code == 404


def test_dossier_taken_back_is_to_be_examined_again(client_for, procedure, accompagnateur):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    corbeille.delete(dossier.pk, by=dossier.usager)
    corbeille.restore(dossier.pk, by=dossier.usager)

    assert client_for(accompagnateur).get(f"/instruction/dossiers/{dossier.pk}/").status_code == 200
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    actions = dossier.history.values_list("action", flat=True)
    assert list(actions) == ["withdraw", "restore", "start_instruction"]
    assert Retrait.objects.get().restored_at is not None


def test_bin_is_open_for_fourteen_days(clock, client_for, usager):
    dossier = DossierFactory(usager=usager)
    corbeille.delete(dossier.pk, by=usager)

    clock.move_to(NOW + 14 * DAY - timedelta(seconds=1))
    assert shown(client_for(usager).get("/dossiers/corbeille/")) == {dossier.pk}
    clock.move_to(NOW + 14 * DAY)
    client = client_for(usager)
    assert shown(client.get("/dossiers/corbeille/")) == set()
    assert client.post(f"/dossiers/corbeille/{dossier.pk}/").status_code == 404


def test_brouillon_in_the_bin_follows_the_published_form(usager, procedure, accompagnateur):
    dossier = DossierFactory(usager=usager, procedure=procedure)
    corbeille.delete(dossier.pk, by=usager)
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(new_champ("texte_court", id="objet1", label="Autre")))
    draft.save()
    publish(procedure, by=UserFactory())

    assert corbeille.restore(dossier.pk, by=usager).revision_id == draft.pk


def test_next_step_may_be_begun_again_when_the_first_is_in_the_bin(usager, procedure):
    before = DossierFactory(usager=usager, accepte=True)
    first = DossierFactory(usager=usager, procedure=procedure, precedent=before)
    corbeille.delete(first.pk, by=usager)
    second = DossierFactory(usager=usager, procedure=procedure, precedent=before)

    restored = corbeille.restore(first.pk, by=usager)

    assert (restored.precedent, Dossier.objects.get(precedent=before)) == (None, second)


@pytest.mark.parametrize("count", [1, 3])
def test_bin_takes_a_fixed_number_of_queries(
    client_for, usager, procedure, count, django_assert_num_queries
):
    for dossier in DossierFactory.create_batch(count, usager=usager, procedure=procedure):
        corbeille.delete(dossier.pk, by=usager)
    client = client_for(usager)

    with django_assert_num_queries(5):  # session, user, rows, count, roles
        client.get("/dossiers/corbeille/")


# --- erasing ------------------------------------------------------------------------------------


def test_purge_erases_rows_files_and_emails_and_nothing_else(clock, usager, procedure):
    kept = DossierFactory(usager=usager, procedure=procedure)
    kept_file = PieceJointeFactory(dossier=kept).file
    files = []
    for traits in ({}, {"en_construction": True}):
        dossier = DossierFactory(usager=usager, procedure=procedure, **traits)
        files.append(PieceJointeFactory(dossier=dossier).file)
        corbeille.delete(dossier.pk, by=usager)
    assert Courriel.objects.count() == 1
    decided = DossierFactory(usager=usager, procedure=procedure, accepte=True)
    corbeille.delete(decided.pk, by=usager)

    clock.move_to(NOW + 14 * DAY - timedelta(seconds=1))
    purge_corbeille()
    assert Dossier.with_trash.count() == 4
    clock.move_to(NOW + 14 * DAY)
    purge_corbeille()
    purge_corbeille()

    assert set(Dossier.with_trash.all()) == {kept, decided}
    assert not any(default_storage.exists(file.name) for file in files)
    assert default_storage.exists(kept_file.name)
    assert not Courriel.objects.exists()
    assert set(HistoryEntry.objects.values_list("dossier_id", flat=True)) == set()
    assert Retrait.objects.get().restored_at is None  # the service still knows


def test_purge_that_dies_halfway_begins_again(clock, usager, monkeypatch):
    dossier = DossierFactory(usager=usager)
    file = PieceJointeFactory(dossier=dossier).file
    corbeille.delete(dossier.pk, by=usager)
    clock.move_to(NOW + 15 * DAY)

    def die(*args, **kwargs):
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(corbeille, "_delete_files", die)
        with pytest.raises(OSError, match="disk"):
            purge_corbeille()
    assert Dossier.with_trash.filter(pk=dossier.pk).exists()
    purge_corbeille()

    assert not Dossier.with_trash.exists()
    assert not default_storage.exists(file.name)
