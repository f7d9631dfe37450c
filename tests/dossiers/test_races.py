"""Two things at the same moment on one dossier: what waited for the lock sees what was done."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from courriels.models import Courriel
from dossiers import corbeille, transferts, workflow
from dossiers.depots import DepositRefused, DossierIncomplete, deposit_modifications
from dossiers.essais import LinkEnded, erase, start_test
from dossiers.identification import identify_entreprise, identify_personne
from dossiers.models import Attestation, Dossier, EcheanceLegale
from dossiers.pieces_jointes import attach
from dossiers.reponses import base_of, save_reponses
from dossiers.silence import decide
from entreprise_api.enums import LookupState
from entreprise_api.models import Etablissement
from entreprise_api.signals import etablissement_completed
from procedures.attestations import save_modele
from procedures.champs import new_champ
from procedures.delais_legaux import set_delai_legal
from procedures.enums import Demandeurs
from procedures.models import ImageAttestation, ModeleAttestation
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import TOKEN, essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import (
    AffectationFactory,
    ModeleAttestationFactory,
    ProcedureFactory,
    formulaire_of,
)
from tps.demo.images import draw_logo

pytestmark = pytest.mark.django_db(transaction=True)

OBJET = new_champ("texte_court", id="objet1", label="Objet")
PIECE = new_champ("piece_jointe", id="piece1", label="Devis", required=False)
NOUVEAU = new_champ("texte_court", id="nouveau1", label="Question ajoutée")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def dossier() -> Dossier:
    procedure = ProcedureFactory(champs=[OBJET, PIECE], demandeurs=Demandeurs.TOUS)
    AffectationFactory(procedure=procedure)
    return DossierFactory(procedure=procedure)


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def publish_another_form(dossier: Dossier, *champs) -> None:
    draft = draft_of(dossier.procedure)
    draft.set_formulaire(formulaire_of(*champs))
    draft.save()
    publish(dossier.procedure, by=UserFactory())


def made_while_it_waits(first, second):
    """Do `first`, then `second` in another connection before the first is committed.

    Return what the second returned, or raised.
    """
    outcomes = []

    def run():
        try:
            outcomes.append(second())
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        wait_for_a_lock_to_be_awaited()
    thread.join()
    return outcomes[0]


def wait_for_a_lock_to_be_awaited() -> None:
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    pytest.fail("Nothing waits for a lock.")


def test_dossier_submitted_while_a_form_is_published_is_checked_against_the_new_one(dossier):
    outcome = made_while_it_waits(
        lambda: publish_another_form(dossier, OBJET, NOUVEAU),
        lambda: workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager),
    )

    assert isinstance(outcome, DossierIncomplete)
    assert [problem.champ.id for problem in outcome.problems] == ["nouveau1"]
    assert Dossier.objects.get(pk=dossier.pk).is_brouillon


def test_form_published_while_a_dossier_is_submitted_leaves_it_its_own(dossier):
    made_while_it_waits(
        lambda: workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager),
        lambda: publish_another_form(dossier, OBJET, NOUVEAU),
    )

    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.is_brouillon, fresh.revision) == (False, dossier.revision)


def test_answer_saved_while_a_form_is_published_is_kept(dossier, client_for):
    client = client_for(dossier.usager)
    url = f"/dossiers/{dossier.pk}/champs/objet1/"

    response = made_while_it_waits(
        lambda: publish_another_form(dossier, OBJET, NOUVEAU),
        lambda: client.post(url, {"champ_objet1": "Autre"}, headers=HTMX),
    )

    assert response.status_code == 200
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Autre"}


def test_answer_to_a_question_that_leaves_meanwhile_is_not_found(dossier, client_for):
    client = client_for(dossier.usager)
    url = f"/dossiers/{dossier.pk}/champs/objet1/"

    response = made_while_it_waits(
        lambda: publish_another_form(dossier, NOUVEAU),
        lambda: client.post(url, {"champ_objet1": "Autre"}, headers=HTMX),
    )

    assert response.status_code == 404


def test_file_and_identity_given_while_a_form_is_published_are_kept(dossier):
    upload = SimpleUploadedFile("devis.pdf", b"%PDF-1.4\n%%EOF\n")

    def give():
        identify_personne(dossier.pk, civilite="Mme", prenom="Zoé", nom="Petit", by=dossier.usager)
        return attach(dossier.pk, "piece1", upload, by=dossier.usager)

    piece_jointe = made_while_it_waits(lambda: publish_another_form(dossier, PIECE), give)
    other = made_while_it_waits(
        lambda: publish_another_form(dossier, OBJET, PIECE),
        lambda: attach(
            dossier.pk, "piece1", SimpleUploadedFile("b.pdf", b"%PDF-1.5\n"), by=dossier.usager
        ),
    )

    assert piece_jointe.name == "devis.pdf"
    assert other.name == "b.pdf"
    assert Dossier.objects.get(pk=dossier.pk).prenom == "Zoé"


def test_answer_saved_while_a_company_is_noted_lets_it_be_found_by_its_name(dossier):
    etablissement = Etablissement.objects.create(
        siret="13002526500013", raison_sociale="Transports", state=LookupState.COMPLET
    )
    made_while_it_waits(
        lambda: identify_entreprise(dossier.pk, etablissement, by=dossier.usager),
        lambda: save_reponses(dossier.pk, QueryDict("champ_objet1=Autre"), by=dossier.usager),
    )

    assert "transports" in Dossier.objects.get(pk=dossier.pk).search_text


def test_company_completed_while_a_form_is_published_is_found_by_its_name(dossier):
    etablissement = Etablissement.objects.create(siret="13002526500013")
    identify_entreprise(dossier.pk, etablissement, by=dossier.usager)
    etablissement.raison_sociale, etablissement.state = "Transports", LookupState.COMPLET
    etablissement.save()

    made_while_it_waits(
        lambda: publish_another_form(dossier, OBJET, NOUVEAU),
        lambda: etablissement_completed.send(Etablissement, etablissement=etablissement),
    )

    assert "transports" in Dossier.objects.get(pk=dossier.pk).search_text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_file_whose_question_left_the_form_is_not_removed(dossier, client_for, headers):
    piece_jointe = PieceJointeFactory(dossier=dossier)
    publish_another_form(dossier, OBJET)

    response = client_for(dossier.usager).post(
        f"/dossiers/fichiers/{piece_jointe.pk}/supprimer/", headers=headers
    )

    assert response.status_code == 404
    assert dossier.pieces_jointes.count() == 1


def test_file_sent_while_its_question_leaves_the_form_is_not_found(dossier, client_for):
    client = client_for(dossier.usager)
    upload = SimpleUploadedFile("devis.pdf", b"%PDF-1.4\n%%EOF\n")

    response = made_while_it_waits(
        lambda: publish_another_form(dossier, OBJET),
        lambda: client.post(
            f"/dossiers/{dossier.pk}/champs/piece1/fichiers/",
            {"champ_piece1": upload},
            headers=HTMX,
        ),
    )

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("end", "data"),
    [
        ("champs/objet1/", {"champ_objet1": "Autre"}),
        ("champs/piece1/fichiers/", {"champ_piece1": "un fichier"}),
        ("modifier/", {"champ_objet1": "Autre"}),
        ("identification/personne/", {"civilite": "Mme", "prenom": "Zoé", "nom": "Petit"}),
        ("soumettre/", {}),
        ("supprimer/", {}),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_whatever_is_sent_while_a_brouillon_is_deleted_is_not_found(
    dossier, client_for, end, data, headers
):
    client = client_for(dossier.usager)
    if "champ_piece1" in data:
        data = {"champ_piece1": SimpleUploadedFile("devis.pdf", b"%PDF-1.4\n%%EOF\n")}

    response = made_while_it_waits(
        lambda: corbeille.delete(dossier.pk, by=dossier.usager),
        lambda: client.post(f"/dossiers/{dossier.pk}/{end}", data, headers=headers),
    )

    assert response.status_code == 404


def test_two_acceptances_at_once_issue_one_attestation_and_one_email():
    dossier, accompagnateur = _to_accept()

    outcome = made_while_it_waits(
        lambda: workflow.run(workflow.ACCEPT, dossier.pk, by=accompagnateur),
        lambda: workflow.run(workflow.ACCEPT, dossier.pk, by=accompagnateur),
    )

    assert isinstance(outcome, workflow.TransitionRefused)
    assert [attestation.is_made for attestation in Attestation.objects.all()] == [True]
    assert Courriel.objects.filter(kind="validation").count() == 1


def test_image_removed_while_a_dossier_is_accepted_stays_for_its_attestation():
    dossier, accompagnateur = _to_accept()
    image = ImageAttestation(procedure=dossier.procedure)
    image.file.save("logo", ContentFile(draw_logo()))
    ModeleAttestation.objects.update(logo=image)

    made_while_it_waits(
        lambda: workflow.run(workflow.ACCEPT, dossier.pk, by=accompagnateur),
        lambda: save_modele(dossier.procedure, {}, {"logo": None}),
    )

    assert ModeleAttestation.objects.get().logo is None
    attestation = Attestation.objects.get()
    assert (attestation.logo, attestation.is_made) == (image, True)


def _to_accept():
    modele = ModeleAttestationFactory()
    accompagnateur = AffectationFactory(procedure=modele.procedure).user
    return DossierFactory(procedure=modele.procedure, en_instruction=True), accompagnateur


# --- The test mode ------------------------------------------------------------------------------


@pytest.fixture
def essai() -> Dossier:
    procedure = procedure_to_try(champs=[OBJET, PIECE])
    AffectationFactory(procedure=procedure)
    return essai_of(procedure)


@pytest.mark.parametrize(
    "path", ["/dossiers/{}/champs/objet1/", "/dossiers/{}/modifier/", "/dossiers/{}/soumettre/"]
)
def test_a_test_changed_while_its_form_is_published_is_gone(essai, client_for, path):
    client = client_for(essai.usager)

    response = made_while_it_waits(
        lambda: publish(essai.procedure, by=UserFactory()),
        lambda: client.post(path.format(essai.pk), {"champ_objet1": "Autre"}, headers=HTMX),
    )

    assert response.status_code == 404
    assert not Dossier.with_tests.exists()


@pytest.mark.parametrize(
    ("stage", "action"),
    [
        ("en_construction", "passer-en-instruction"),
        ("en_instruction", "accepter"),
        ("en_instruction", "archiver"),
    ],
)
def test_a_test_decided_while_its_form_is_published_is_gone(essai, client_for, stage, action):
    essai = essai_of(essai.procedure, **{stage: True})
    client = client_for(essai.usager)

    response = made_while_it_waits(
        lambda: publish(essai.procedure, by=UserFactory()),
        lambda: client.post(f"/instruction/dossiers/{essai.pk}/{action}/", {"motivation": "Oui"}),
    )

    assert response.status_code == 404
    assert not Dossier.with_tests.exists()


def test_a_form_published_while_a_test_is_saved_erases_what_was_just_saved(essai):
    data = QueryDict("champ_objet1=Autre")

    revision = made_while_it_waits(
        lambda: save_reponses(essai.pk, data, by=essai.usager),
        lambda: publish(essai.procedure, by=UserFactory()),
    )

    assert revision.is_published
    assert not Dossier.with_tests.exists()


def test_a_file_attached_while_the_form_is_published_goes_with_the_test(essai):
    upload = SimpleUploadedFile("devis.pdf", b"%PDF-1.4\n%%EOF\n")
    attached = []

    made_while_it_waits(
        lambda: attached.append(attach(essai.pk, "piece1", upload, by=essai.usager)),
        lambda: publish(essai.procedure, by=UserFactory()),
    )

    assert not Dossier.with_tests.exists()
    assert not attached[0].file.storage.exists(attached[0].file.name)


def test_no_test_begins_on_a_form_that_is_being_published(essai):
    outcome = made_while_it_waits(
        lambda: publish(essai.procedure, by=UserFactory()),
        lambda: start_test(TOKEN, by=essai.usager),
    )

    assert isinstance(outcome, LinkEnded)
    assert not Dossier.with_tests.exists()


def test_a_form_published_while_a_test_begins_erases_it(essai):
    made_while_it_waits(
        lambda: start_test(TOKEN, by=UserFactory()),
        lambda: publish(essai.procedure, by=UserFactory()),
    )

    assert not Dossier.with_tests.exists()


def test_two_clicks_at_once_begin_one_test(essai):
    tester = UserFactory()

    second = made_while_it_waits(
        lambda: start_test(TOKEN, by=tester), lambda: start_test(TOKEN, by=tester)
    )

    assert list(Dossier.tests.filter(usager=tester)) == [second]


def test_a_test_saved_while_the_tests_are_erased_is_gone(essai):
    outcome = made_while_it_waits(
        lambda: erase(Dossier.tests.all()),
        lambda: save_reponses(essai.pk, QueryDict("champ_objet1=A"), by=essai.usager),
    )

    assert isinstance(outcome, Dossier.DoesNotExist)
    assert not Dossier.with_tests.exists()


def test_two_people_answer_one_question_at_once_and_the_second_is_asked(dossier):
    """Whoever comes second sees both answers; whatever the order, nothing is lost unseen."""
    base = base_of(dossier, dossier.questionnaire.by_id["objet1"])
    barrier, outcomes = threading.Barrier(2), {}

    def answer(text):
        data = QueryDict(mutable=True)
        data.update({"champ_objet1": text, "base_objet1": base, "page": text})
        try:
            barrier.wait()
            [outcomes[text]] = save_reponses(dossier.pk, data, by=dossier.usager)
        finally:
            connection.close()

    people = [threading.Thread(target=answer, args=(text,)) for text in ("Rouge", "Vert")]
    run_all(people)

    kept = Dossier.objects.get(pk=dossier.pk).reponses["objet1"]
    refused = {text: saved.conflict for text, saved in outcomes.items() if saved.conflict}
    assert len(refused) == 1
    [(mine, conflict)] = refused.items()
    assert (conflict.mine, conflict.theirs) == (mine, kept)
    assert kept != mine


def test_many_people_answer_different_questions_at_once_and_every_answer_stays():
    champs = [new_champ("texte_court", id=f"champ{n:02d}", label=f"Q{n}") for n in range(24)]
    dossier = DossierFactory(procedure=ProcedureFactory(champs=champs), reponses={})
    barrier = threading.Barrier(6)

    def fill_in(rank):
        try:
            barrier.wait()
            for number in range(rank, 24, 6):
                data = QueryDict(f"champ_champ{number:02d}=R{number}")
                save_reponses(dossier.pk, data, by=dossier.usager)
        finally:
            connection.close()

    people = [threading.Thread(target=fill_in, args=(rank,)) for rank in range(6)]
    run_all(people)

    assert Dossier.objects.get(pk=dossier.pk).reponses == {
        f"champ{number:02d}": f"R{number}" for number in range(24)
    }


def test_deposit_made_twice_at_once_files_one_version(dossier):
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    save_reponses(dossier.pk, QueryDict("champ_objet1=Autre"), by=dossier.usager)
    barrier, refusals = threading.Barrier(2), []

    def deposit():
        try:
            barrier.wait()
            deposit_modifications(dossier.pk, by=dossier.usager)
        except DepositRefused as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    people = [threading.Thread(target=deposit) for _ in range(2)]
    run_all(people)

    assert refusals == ["Il n’y a aucune modification à déposer."]
    assert dossier.versions.count() == 2


# --- the bin and transfers ----------------------------------------------------------------------


def test_withdrawal_while_the_service_begins_is_refused_and_says_by_whom(dossier, client_for):
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    accompagnateur = dossier.procedure.affectations.get().user
    client = client_for(dossier.usager)

    response = made_while_it_waits(
        lambda: workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur),
        lambda: client.post(f"/dossiers/{dossier.pk}/supprimer/"),
    )

    assert response.url == f"/dossiers/{dossier.pk}/"
    assert f"par {accompagnateur}" in client.get(response.url).content.decode()
    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.state, fresh.deleted_at) == ("en_instruction", None)


def test_service_that_begins_during_the_withdrawal_is_told_of_it(dossier, client_for):
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    client = client_for(dossier.procedure.affectations.get().user)

    response = made_while_it_waits(
        lambda: corbeille.delete(dossier.pk, by=dossier.usager),
        lambda: client.post(f"/instruction/dossiers/{dossier.pk}/passer-en-instruction/"),
    )

    assert response.status_code == 410
    assert "a été retiré par son usager" in response.content.decode()
    assert Dossier.with_trash.get(pk=dossier.pk).state == "en_construction"


def test_dossier_accepted_twice_at_once_moves_once(dossier):
    taker = UserFactory()
    offer = transferts.propose(dossier.pk, taker.email, by=dossier.usager)

    outcome = made_while_it_waits(
        lambda: transferts.accept(offer, by=taker),
        lambda: transferts.accept(offer, by=taker),
    )

    assert isinstance(outcome, transferts.TransfertRefused)
    assert Dossier.objects.get(pk=dossier.pk).usager == taker
    assert dossier.history.filter(action="transfer").count() == 1
    assert Courriel.objects.filter(kind="transfert_accepte").count() == 2


def test_offer_cancelled_while_it_is_accepted_is_not(dossier):
    taker = UserFactory()
    offer = transferts.propose(dossier.pk, taker.email, by=dossier.usager)

    outcome = made_while_it_waits(
        lambda: transferts.cancel(offer, by=dossier.usager),
        lambda: transferts.accept(offer, by=taker),
    )

    assert isinstance(outcome, transferts.TransfertRefused)
    assert Dossier.objects.get(pk=dossier.pk).usager == dossier.usager


def test_former_usager_who_submits_while_it_is_accepted_may_not(dossier):
    taker = UserFactory()
    offer = transferts.propose(dossier.pk, taker.email, by=dossier.usager)

    outcome = made_while_it_waits(
        lambda: transferts.accept(offer, by=taker),
        lambda: workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager),
    )

    assert isinstance(outcome, PermissionDenied)


def test_dossier_taken_back_while_it_is_erased_is_gone(dossier):
    corbeille.delete(dossier.pk, by=dossier.usager)
    Dossier.with_trash.update(deleted_at=timezone.now() - timedelta(days=13))

    def expire_and_purge():
        Dossier.with_trash.update(deleted_at=timezone.now() - timedelta(days=15))
        corbeille.purge_due()

    outcome = made_while_it_waits(
        expire_and_purge, lambda: corbeille.restore(dossier.pk, by=dossier.usager)
    )

    assert isinstance(outcome, Dossier.DoesNotExist)
    assert not Dossier.with_trash.filter(pk=dossier.pk).exists()


# --- Legal deadlines ----------------------------------------------------------------------------


def test_two_workers_at_once_take_the_automatic_decision_once(dossier):
    set_delai_legal(dossier.procedure, {"effet": "sva", "is_automatic": True})
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    past = timezone.localdate() - timedelta(days=1)
    EcheanceLegale.objects.update(due_on=past)
    Dossier.objects.update(due_on=past)
    outcomes, barrier = [], threading.Barrier(2)

    def work():
        barrier.wait()
        try:
            outcomes.append(decide(dossier.pk))
        finally:
            connection.close()

    run_all([threading.Thread(target=work) for _ in range(2)])
    assert sorted(outcomes) == [False, True]
    dossier.refresh_from_db()
    assert dossier.state == "accepte"
    assert dossier.history.filter(action="accept").count() == 1
    assert Courriel.objects.filter(kind="validation").count() == 1
