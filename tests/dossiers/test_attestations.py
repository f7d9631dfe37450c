"""The attestation of a dossier: issued once, made whatever crashes, verified by anyone."""

import hashlib
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from courriels.models import Courriel
from dossiers import attestations, tasks, workflow
from dossiers.models import Attestation, Dossier
from dossiers.models.attestation import CODE_ALPHABET, MAKE_ATTEMPTS_MAX
from procedures.attestations import save_modele
from procedures.champs import new_champ
from procedures.enums import Demandeurs
from procedures.models import ModeleAttestation
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import AttestationFactory, DossierFactory
from tests.entreprise_api.factories import EtablissementFactory
from tests.markup import Markup
from tests.procedures.factories import (
    AffectationFactory,
    ModeleAttestationFactory,
    ProcedureFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def procedure():
    return ProcedureFactory(
        title="Aide aux bibliothèques",
        champs=[new_champ("texte_court", id="objet1", label="Objet")],
        demandeurs=Demandeurs.TOUS,
    )


@pytest.fixture
def modele(procedure):
    return ModeleAttestationFactory(
        procedure=procedure, body="Pour {{ nom_usager }} : {{ champ_objet1 }}."
    )


@pytest.fixture
def accompagnateur(procedure):
    return AffectationFactory(procedure=procedure).user


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure, en_instruction=True, nom="Martin")


@pytest.fixture
def accept(accompagnateur, django_capture_on_commit_callbacks):
    """Return a function that accepts a dossier; `makes=False`: as if no worker were there."""

    def accept(dossier, *, makes=True) -> Attestation | None:
        with django_capture_on_commit_callbacks(execute=makes):
            workflow.run(workflow.ACCEPT, dossier.pk, by=accompagnateur)
        return Attestation.objects.filter(dossier=dossier).first()

    return accept


def download_url(dossier) -> str:
    return reverse("dossiers:attestation_download", args=[dossier.pk])


def verify_url(code: str) -> str:
    return reverse("dossiers:attestation_verify", args=[code])


def content_of(attestation) -> bytes:
    with attestation.file.open("rb") as file:
        return file.read()


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def png() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (30, 10), "red").save(output, "PNG")
    return output.getvalue()


# --- issued -----------------------------------------------------------------------------------


def test_acceptance_issues_one_and_its_email_leads_to_it(modele, dossier, accept, settings):
    attestation = accept(dossier)

    assert (attestation.title, attestation.organisme_name) == (
        "Attestation d’aide",
        dossier.procedure.organisme.name,
    )
    assert attestation.body_html == "<p>Pour Camille Martin : Achat de livres.</p>\n"
    assert set(attestation.code) <= set(CODE_ALPHABET)
    assert len(attestation.code) * 5 == 80
    courriel = Courriel.objects.get(kind="validation")
    assert f"{settings.SITE_URL}{download_url(dossier)}" in courriel.body_text
    assert "[si" not in courriel.body_text


@pytest.mark.parametrize("is_active", [False, None])
def test_nothing_is_issued_where_it_is_not_wanted(procedure, dossier, accept, is_active):
    if is_active is not None:
        ModeleAttestationFactory(procedure=procedure, is_active=is_active)

    assert accept(dossier) is None
    body = Courriel.objects.get(kind="validation").body_text
    assert "attestation" not in body
    assert "\n\n\n" not in body


@pytest.mark.parametrize("action", [workflow.REJECT, workflow.CLOSE_SANS_SUITE])
def test_no_other_decision_issues_one(modele, dossier, accompagnateur, action):
    workflow.run(action, dossier.pk, by=accompagnateur)

    assert not Attestation.objects.exists()


def test_the_preview_of_the_email_announces_it(modele, dossier):
    assert download_url(dossier) in _preview(dossier)
    ModeleAttestation.objects.update(is_active=False)
    assert download_url(dossier) not in _preview(dossier)


def _preview(dossier) -> str:
    return workflow.preview_courriel(workflow.ACCEPT, dossier, motivation="").body_text


def test_nothing_is_left_of_an_acceptance_that_fails(modele, dossier, accept, monkeypatch):
    monkeypatch.setattr(workflow, "_enqueue_courriel", lambda *args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        accept(dossier)

    assert not Attestation.objects.exists()
    assert Dossier.objects.get().state == "en_instruction"


def test_a_second_acceptance_is_refused_and_issues_nothing_more(modele, dossier, accept):
    first = accept(dossier)

    with pytest.raises(workflow.TransitionRefused):
        accept(dossier)

    assert list(Attestation.objects.all()) == [first]
    assert Courriel.objects.filter(kind="validation").count() == 1


def test_what_an_usager_typed_is_text(modele, procedure, accept):
    hostile = "<script>x</script> **gras** {{ nom_usager }} [fin] file:///etc/passwd"
    dossier = DossierFactory(
        procedure=procedure, en_instruction=True, reponses={"objet1": hostile}, prenom="<b>A</b>"
    )

    attestation = accept(dossier)

    assert re.findall(r"<(\w+)", attestation.body_html) == ["p"]
    text = text_of(content_of(attestation)).replace(" ", "")
    assert hostile.replace(" ", "") in text
    assert "<b>A</b>" in text


def test_later_changes_of_the_model_change_nothing(procedure, modele, dossier, accept):
    save_modele(procedure, {"title": "Avant"}, {"logo": png(), "signature": png()})
    attestation = accept(dossier, makes=False)
    save_modele(procedure, {"title": "Après", "body": "Après"}, {"logo": None, "signature": None})
    type(procedure).objects.update(title="Après")
    Dossier.objects.update(nom="Après")

    attestations.make(attestation.pk)

    attestation.refresh_from_db()
    content = content_of(attestation)
    assert "Avant" in text_of(content)
    assert "Après" not in text_of(content)
    images = [image for page in PdfReader(io.BytesIO(content)).pages for image in page.images]
    assert len(images) >= 1


# --- the PDF ----------------------------------------------------------------------------------


def test_the_pdf_says_it_all_and_is_tagged(modele, dossier, accept, time_machine, settings):
    time_machine.move_to(datetime(2026, 3, 9, 23, 30, tzinfo=UTC), tick=False)
    attestation = accept(dossier)

    content = content_of(attestation)
    reader = PdfReader(io.BytesIO(content))
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert (reader.root_object["/Lang"], reader.metadata.title) == ("fr", "Attestation d’aide")
    assert b"pdfuaid" in reader.root_object["/Metadata"].get_data()
    text = text_of(content)
    for part in (
        "RÉPUBLIQUE FRANÇAISE",
        dossier.procedure.organisme.name,
        "Attestation d’aide",
        "Pour Camille Martin : Achat de livres.",
        "Délivrée le 10 mars 2026",
        "Claude Préfet",
        "Chef du service",
        f"Attestation nº {attestation.number}",
        f"Dossier nº {dossier.pk}",
        "1 rue de la Paix, Paris",
    ):
        assert part in text
    assert "Spécimen" not in text
    assert f"{settings.SITE_URL}/attestations/{attestation.number}/" in text.replace(" ", "")
    assert attestation.sha256 == hashlib.sha256(content).hexdigest()
    assert attestation.size_bytes == len(content)


def test_the_usager_and_the_accompagnateurs_download_it(
    client_for, modele, dossier, accept, accompagnateur
):
    attestation = accept(dossier)

    for user in (dossier.usager, accompagnateur):
        response = client_for(user).get(download_url(dossier))
        assert response.content == content_of(attestation)
        assert response["Content-Disposition"] == (
            f'attachment; filename="attestation-{dossier.pk}.pdf"'
        )
        assert "no-store" in response["Cache-Control"]
    other = AffectationFactory().user
    for stranger in (other, UserFactory()):
        assert client_for(stranger).get(download_url(dossier)).status_code == 404


def test_a_dossier_without_attestation_has_none_to_download(client_for, dossier):
    assert client_for(dossier.usager).get(download_url(dossier)).status_code == 404


def test_pages_say_that_it_is_being_made_then_give_it(
    client_for, modele, dossier, accept, accompagnateur
):
    attestation = accept(dossier, makes=False)
    pages = [
        (client_for(dossier.usager), dossier.get_absolute_url()),
        (client_for(accompagnateur), reverse("instruction:dossier_detail", args=[dossier.pk])),
    ]

    for client, url in pages:
        waiting = Markup(client.get(url)).one("#attestation")
        assert "en préparation" in waiting.text
        assert (waiting["hx-get"], waiting["hx-trigger"]) == (url, "every 3s")
        assert "L’attestation est en préparation" in client.get(download_url(dossier)).text
    attestations.make(attestation.pk)
    for client, url in pages:
        page = client.get(url).content.decode()
        assert f'href="{download_url(dossier)}"' in page
        assert 'hx-trigger="every 3s"' not in page


# --- made whatever happens --------------------------------------------------------------------


def test_made_twice_it_is_made_once(modele, dossier, accept):
    attestation = accept(dossier)

    tasks.make_attestation(attestation.pk)
    tasks.make_attestation(attestation.pk)

    again = Attestation.objects.get()
    assert (again.file.name, again.sha256, again.attempts) == (
        attestation.file.name,
        attestation.sha256,
        1,
    )


def test_a_task_killed_while_it_makes_is_made_again_by_the_sweep(
    modele, dossier, accept, monkeypatch, time_machine
):
    class Killed(BaseException):
        pass

    def kill(*args):
        raise Killed

    attestation = accept(dossier, makes=False)
    with monkeypatch.context() as patch:
        patch.setattr(attestations, "_keep", kill)
        with pytest.raises(Killed):
            attestations.make(attestation.pk)
    tasks.sweep_attestations()  # too early: it may still be at work
    assert not Attestation.objects.get().is_made

    time_machine.move_to(timezone.now() + attestations.LEASE + timedelta(minutes=2))
    tasks.sweep_attestations()

    attestation = Attestation.objects.get()
    assert attestation.is_made
    assert attestation.attempts == 2


def test_a_file_left_by_a_crash_is_written_over(modele, dossier, accept, monkeypatch):
    attestation = accept(dossier, makes=False)
    with monkeypatch.context() as patch:
        patch.setattr(Attestation, "save", lambda self, **_: _interrupt())
        with pytest.raises(KeyboardInterrupt):
            attestations._keep(attestation.pk, b"%PDF-half")

    attestations.make(attestation.pk)

    attestation.refresh_from_db()
    folder = attestation.file.name.rpartition("/")[0]
    storage = attestation.file.storage
    assert storage.listdir(folder)[1] == [attestation.file.name.rpartition("/")[2]]
    assert content_of(attestation).startswith(b"%PDF-1.7")


def _interrupt():
    raise KeyboardInterrupt


def test_one_lost_with_redis_is_swept(modele, dossier, accept, time_machine):
    accept(dossier, makes=False)
    time_machine.move_to(timezone.now() + timedelta(minutes=2))

    tasks.sweep_attestations()

    assert Attestation.objects.get().is_made
    assert attestations.take_left_behind() == []


def test_one_that_cannot_be_made_is_given_up_and_said_so(
    client_for, modele, dossier, accept, monkeypatch, time_machine, caplog
):
    monkeypatch.setattr("procedures.attestations.render_attestation", lambda content: 1 / 0)
    accept(dossier)
    for _ in range(MAKE_ATTEMPTS_MAX + 2):
        time_machine.move_to(timezone.now() + timedelta(minutes=30))
        tasks.sweep_attestations()

    attestation = Attestation.objects.get()
    assert (attestation.attempts, attestation.is_given_up) == (MAKE_ATTEMPTS_MAX, True)
    assert "n’a pas pu être préparée" in client_for(dossier.usager).get(download_url(dossier)).text
    assert len([r for r in caplog.records if r.levelname == "ERROR"]) == MAKE_ATTEMPTS_MAX


@pytest.mark.parametrize("count", [1, 3])
def test_the_sweep_asks_one_query(procedure, count, django_assert_num_queries, time_machine):
    for _ in range(count):
        AttestationFactory(dossier__procedure=procedure, file=None)
    time_machine.move_to(timezone.now() + timedelta(minutes=2))

    with django_assert_num_queries(1):
        assert len(attestations.take_left_behind()) == count


# --- verified ---------------------------------------------------------------------------------


def test_anyone_verifies_it_and_reads_no_whole_name(procedure):
    dossier = DossierFactory(procedure=procedure, accepte=True, prenom="Camille", nom="Rousseau")
    attestation = AttestationFactory(dossier=dossier)

    response = Client().get(attestation.get_absolute_url())

    page = response.content.decode()
    assert response.status_code == 200
    for part in (
        "Cette attestation est authentique",
        "Aide aux bibliothèques",
        procedure.organisme.name,
        "Camille R.",
        attestation.number,
        attestation.sha256,
    ):
        assert part in page
    for secret in ("Rousseau", dossier.usager.email, "Achat de livres", dossier.motivation):
        assert secret not in page
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


def test_a_company_is_named_unless_it_asked_not_to_be(procedure):
    named = EtablissementFactory()
    hidden = EtablissementFactory(protected=True)
    pages = [
        Client()
        .get(
            AttestationFactory(
                dossier=DossierFactory(procedure=procedure, accepte=True, etablissement=company)
            ).get_absolute_url()
        )
        .content.decode()
        for company in (named, hidden)
    ]

    assert named.name in pages[0]
    for secret in ("ROUSSEAU", "GLYCINES", "LEFEBVRE"):
        assert secret not in pages[1]


def test_an_account_that_is_only_an_email_is_not_shown(procedure):
    dossier = DossierFactory(procedure=procedure, accepte=True, prenom="", nom="")

    page = Client().get(AttestationFactory(dossier=dossier).get_absolute_url()).content.decode()

    assert "Délivrée à" not in page
    assert dossier.usager.email not in page


def test_a_withdrawn_decision_is_said_so():
    attestation = AttestationFactory()
    Dossier.objects.update(state="en_instruction")

    page = Client().get(attestation.get_absolute_url()).content.decode()

    assert "Cette attestation n’est plus valable" in page
    assert "est authentique" not in page


def test_a_number_is_read_whatever_its_dashes_case_and_misread_letters():
    attestation = AttestationFactory(code="0123456789ABCDEF")

    for typed in ("0123-4567-89ab-cdef", " o123 4567 89AB CDEF ", "OI23456789ABCDEF"):
        response = Client().get(reverse("dossiers:attestation_search"), {"numero": typed})
        assert response.headers["Location"] == verify_url(attestation.code)
        assert Client().get(verify_url(typed.strip())).status_code == 200


@pytest.mark.parametrize(
    "code", ["0000-0000-0000-0000", "abc", "é" * 16, "<script>", "0" * 5000, "' OR 1=1 --"]
)
def test_an_unknown_number_gives_one_clear_page(code):
    AttestationFactory()

    response = Client().get(verify_url(code))

    assert response.status_code == 404
    assert "Aucune attestation ne porte ce numéro" in response.content.decode()
    assert "<script>" not in response.content.decode().partition("<main")[2]
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_numbers_cannot_be_tried_without_end(monkeypatch):
    statuses = [Client().get(verify_url("0" * 16)).status_code for _ in range(61)]

    assert statuses == [404] * 60 + [429]


def test_codes_are_never_the_same():
    assert len({attestations.new_code() for _ in range(500)}) == 500


@pytest.mark.parametrize("count", [1, 3])
def test_verification_asks_a_fixed_number_of_queries(count, django_assert_num_queries):
    attestation = [AttestationFactory() for _ in range(count)][-1]
    client = Client()

    with django_assert_num_queries(1):
        client.get(attestation.get_absolute_url())
