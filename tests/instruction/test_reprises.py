"""« Repasser en instruction »: a decision taken back, and all that came with it."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from courriels.models import Courriel
from dossiers import attestations, workflow
from dossiers.enums import DossierState, HistoryAction
from dossiers.models import Attestation, DecisionFile, Dossier
from tests.dossiers.factories import AttestationFactory, DossierFactory
from tests.markup import Markup
from tests.procedures.factories import ModeleAttestationFactory


def reopen_url(dossier):
    return f"/instruction/dossiers/{dossier.pk}/repasser-en-instruction/"


@pytest.mark.parametrize("state", ["accepte", "sans_suite", "rejete"])
def test_reopening_takes_the_decision_back_and_tells_the_usager_why(client, procedure, state):
    dossier = DossierFactory(procedure=procedure, archive=True, **{state: True})
    Dossier.objects.filter(pk=dossier.pk).update(hidden_at=dossier.decided_at)

    client.post(reopen_url(dossier), {"motivation": "Pièce reçue après coup."})

    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.state == DossierState.EN_INSTRUCTION
    assert (dossier.decided_at, dossier.motivation) == (None, "")
    assert (dossier.archived_at, dossier.hidden_at) == (None, None)
    entry = dossier.history.get()
    assert (entry.action, entry.from_state) == (HistoryAction.REOPEN, state)
    assert entry.motivation == "Pièce reçue après coup."
    courriel = Courriel.objects.get()
    assert (courriel.kind, courriel.to_email) == (
        "repassage_en_instruction",
        dossier.usager.email,
    )
    assert "Pièce reçue après coup." in courriel.body_text


def test_reopening_without_a_reason_changes_nothing(client, procedure):
    dossier = DossierFactory(procedure=procedure, accepte=True)
    response = client.post(reopen_url(dossier), {"motivation": " "})
    assert "Écrivez pourquoi le dossier est repris" in response.content.decode()
    assert Dossier.objects.get(pk=dossier.pk).state == DossierState.ACCEPTE
    assert not Courriel.objects.exists()


def test_reopening_says_which_email_leaves_before_it_does(client, procedure):
    dossier = DossierFactory(procedure=procedure, rejete=True)
    page = Markup(client.get(reopen_url(dossier)))
    assert "Repassage en instruction" in page.one(".tps-decide").text
    sent = client.post(reopen_url(dossier), {"motivation": "Erreur de lecture.", "apercu": "1"})
    assert "Erreur de lecture." in Markup(sent).one(".tps-preview__body").text
    assert not Courriel.objects.exists()


def test_attestation_taken_back_is_known_and_no_longer_valid(
    client, accompagnateur, procedure, client_for
):
    attestation = AttestationFactory(dossier__procedure=procedure)
    dossier = attestation.dossier
    ModeleAttestationFactory(procedure=procedure, is_active=True)
    workflow.run(workflow.REOPEN, dossier.pk, by=accompagnateur, motivation="Erreur.")
    workflow.run(workflow.ACCEPT, dossier.pk, by=accompagnateur)  # another one is issued

    page = client.get(f"/attestations/{attestation.number}/")
    assert "Cette attestation n’est plus valable" in page.content.decode()
    new = Attestation.objects.get(dossier=dossier)
    assert new.code != attestation.code
    assert attestations.is_in_force(attestations.find(new.code))
    assert not attestations.is_in_force(attestations.find(attestation.code))


def test_attestation_taken_back_is_given_to_nobody(accompagnateur, procedure, client_for):
    attestation = AttestationFactory(dossier__procedure=procedure)
    dossier = attestation.dossier
    workflow.run(workflow.REOPEN, dossier.pk, by=accompagnateur, motivation="Erreur.")
    assert client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/attestation/").status_code == 404


def test_dossier_en_instruction_is_not_reopened(client, dossier):
    assert client.get(reopen_url(dossier)).status_code == 409


def pdf():
    return SimpleUploadedFile("arrete.pdf", b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")


def test_document_goes_with_the_decision_and_is_taken_back_with_it(
    client, client_for, accompagnateur, dossier
):
    sent = {"motivation": "Non.", "documents": pdf()}
    client.post(f"/instruction/dossiers/{dossier.pk}/rejeter/", sent)
    document = DecisionFile.objects.get(dossier=dossier)
    usager = client_for(dossier.usager)
    assert "arrete.pdf" in usager.get(f"/dossiers/{dossier.pk}/").content.decode()
    assert b"".join(usager.get(document.download_url)) == b"%PDF-1.4\n%%EOF\n"

    workflow.run(workflow.REOPEN, dossier.pk, by=accompagnateur, motivation="Erreur.")
    assert "arrete.pdf" not in usager.get(f"/dossiers/{dossier.pk}/").content.decode()
    assert usager.get(document.download_url).status_code == 404
    page = client.get(f"/instruction/dossiers/{dossier.pk}/").content.decode()
    assert "Retiré avec sa décision" in page
    assert b"".join(client.get(document.download_url)) == b"%PDF-1.4\n%%EOF\n"


def test_document_is_in_the_tab_and_the_zip_of_those_who_read_it(
    client, client_for, accompagnateur, dossier
):
    sent = {"motivation": "Non.", "documents": pdf()}
    client.post(f"/instruction/dossiers/{dossier.pk}/rejeter/", sent)
    usager = client_for(dossier.usager)
    of_service, of_usager = (
        f"/instruction/dossiers/{dossier.pk}/zip/",
        f"/dossiers/{dossier.pk}/zip/",
    )
    tab = f"/instruction/dossiers/{dossier.pk}/documents/"
    assert "arrete.pdf" in client.get(tab).content.decode()
    assert "Décision/arrete.pdf" in names_in(client.get(of_service))
    assert "Décision/arrete.pdf" in names_in(usager.get(of_usager))

    workflow.run(workflow.REOPEN, dossier.pk, by=accompagnateur, motivation="Erreur.")
    assert "Retiré avec sa décision" in client.get(tab).content.decode()
    assert "Décision retirée/arrete.pdf" in names_in(client.get(of_service))
    assert not [name for name in names_in(usager.get(of_usager)) if "arrete" in name]


def names_in(response):
    return zipfile.ZipFile(io.BytesIO(b"".join(response))).namelist()


def test_refused_document_decides_nothing_and_keeps_what_was_typed(client, dossier):
    fake = SimpleUploadedFile("arrete.pdf", b"MZ not a pdf", content_type="application/pdf")
    url = f"/instruction/dossiers/{dossier.pk}/rejeter/"
    response = client.post(url, {"motivation": "Longuement écrit.", "documents": fake})
    assert Markup(response).one("textarea").text.strip() == "Longuement écrit."
    assert "arrete.pdf" in response.content.decode()
    assert Dossier.objects.get(pk=dossier.pk).state == DossierState.EN_INSTRUCTION
    assert not DecisionFile.objects.exists()
