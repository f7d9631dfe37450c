"""Blank forms: put beside a pièce jointe, replaced, removed, downloaded."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procedures import builder, formulaires_vierges
from procedures.champs import new_champ
from procedures.enums import ProcedureState
from procedures.models import FormulaireVierge
from procedures.publication import publish
from procedures.revisions import draft_of, editable_revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "proprietes"}


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    organisme = OrganismeFactory(administrateurs=[administrateur])
    champs = [new_champ("piece_jointe", id="budget", label="Budget")]
    procedure = ProcedureFactory(organisme=organisme, brouillon=True, champs=champs)
    AffectationFactory(procedure=procedure)
    return procedure


def upload(name="Budget prévisionnel.pdf", content=PDF):
    return SimpleUploadedFile(name, content, content_type="text/html")


def document_odt() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return file.getvalue()


def set_url(procedure, name="formulaire_vierge_set"):
    return reverse(f"procedures:{name}", args=[procedure.pk, "budget"])


def champ_of(procedure):
    formulaire = editable_revision(procedure).formulaire
    formulaires_vierges.attach(formulaire)
    return formulaire.by_id["budget"]


def status(browser, url):
    response = browser.get(url)
    if response.streaming:
        list(response.streaming_content)
        response.close()
    return response.status_code


def stored_files():
    try:
        _, files = default_storage.listdir(f"procedures/{_procedure_id()}/formulaires")
    except FileNotFoundError:
        return []
    return files


def _procedure_id():
    return ProcedureFactory._meta.model.objects.get().pk


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("Budget prévisionnel.pdf", PDF, "application/pdf"),
        ("modèle.odt", document_odt(), "application/vnd.oasis.opendocument.text"),
        ("CERFA.PDF", PDF, "application/pdf"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_blank_form_is_shown_and_downloaded(
    procedure, administrateur, client_for, name, content, content_type, headers
):
    browser = client_for(administrateur)

    response = browser.post(set_url(procedure), {"file": upload(name, content)}, **headers)

    assert response.status_code == (200 if headers else 302)
    vierge = champ_of(procedure).formulaire_vierge
    assert (vierge.name, vierge.content_type) == (name, content_type)
    page = browser.get(f"/administration/procedures/{procedure.pk}/formulaire/").content.decode()
    assert f"Télécharger le modèle : {name}" in page
    downloaded = browser.get(vierge.get_absolute_url())
    assert b"".join(downloaded.streaming_content) == content
    downloaded.close()
    assert downloaded["Content-Type"] == content_type
    assert downloaded["Content-Disposition"].startswith("attachment; ")
    assert downloaded["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("page.html", b"<script>alert(1)</script>", "Ce type de fichier"),
        ("virus.exe", b"MZ\x90", "Ce type de fichier"),
        ("archive.zip", document_odt(), "Ce type de fichier"),
        ("faux.pdf", b"<script>alert(1)</script>", "Le contenu de ce fichier"),
        ("faux.docx", document_odt(), "Le contenu de ce fichier"),
        ("sans-extension", PDF, "Ce type de fichier"),
        ("vide.pdf", b"", "vide"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_wrong_file_is_refused_beside_its_field(
    procedure, administrateur, client_for, name, content, told, headers
):
    response = client_for(administrateur).post(
        set_url(procedure), {"file": upload(name, content)}, **headers
    )

    assert response.status_code == 422
    assert told in response.content.decode()
    assert not FormulaireVierge.objects.exists()
    assert stored_files() == []


def test_no_file_is_explained(procedure, administrateur, client_for):
    response = client_for(administrateur).post(set_url(procedure))

    assert response.status_code == 422
    assert "Choisissez un fichier." in response.content.decode()


def test_file_too_large_is_refused(procedure, administrateur, client_for, monkeypatch):
    monkeypatch.setattr("procedures.forms.champ.FORMULAIRE_VIERGE_MAX_BYTES", 10)

    response = client_for(administrateur).post(set_url(procedure), {"file": upload()})

    assert "trop lourd" in response.content.decode()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.pdf", "..\\..\\boot.pdf", "a\r\nX-Evil: 1.pdf", "\u202efdp.exe.pdf"],
)
def test_name_cannot_harm(procedure, name):
    formulaires_vierges.set_for_champ(procedure, "budget", upload(name))

    vierge = FormulaireVierge.objects.get()
    assert not set("/\\\r\n\u202e") & set(vierge.name)
    assert vierge.file.name.startswith(f"procedures/{procedure.pk}/formulaires/")


def test_replaced_and_removed_files_are_forgotten(procedure, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        formulaires_vierges.set_for_champ(procedure, "budget", upload("un.pdf"))
        formulaires_vierges.set_for_champ(procedure, "budget", upload("deux.pdf"))
    assert [vierge.name for vierge in FormulaireVierge.objects.all()] == ["deux.pdf"]
    assert len(stored_files()) == 1

    with django_capture_on_commit_callbacks(execute=True):
        formulaires_vierges.remove_from_champ(procedure, "budget")

    assert not FormulaireVierge.objects.exists()
    assert stored_files() == []
    assert champ_of(procedure).formulaire_vierge is None


def test_file_of_a_deleted_champ_comes_back_with_it(procedure, django_capture_on_commit_callbacks):
    formulaires_vierges.set_for_champ(procedure, "budget", upload())
    other = builder.add_champ(procedure, "piece_jointe").champ
    builder.delete_champ(procedure, "budget")

    with django_capture_on_commit_callbacks(execute=True):
        formulaires_vierges.set_for_champ(procedure, other.id, upload("autre.pdf"))
    builder.undo_delete(procedure, "budget")

    assert champ_of(procedure).formulaire_vierge.name == "Budget prévisionnel.pdf"


def test_file_that_a_published_form_names_is_kept(
    procedure, administrateur, client, django_capture_on_commit_callbacks
):
    formulaires_vierges.set_for_champ(procedure, "budget", upload())
    vierge = FormulaireVierge.objects.get()
    publish(procedure, by=administrateur)

    with django_capture_on_commit_callbacks(execute=True):
        formulaires_vierges.remove_from_champ(procedure, "budget")

    assert status(client, vierge.get_absolute_url()) == 200


def test_unknown_champ_leaves_no_file(procedure):
    with pytest.raises(builder.ChampNotFound):
        formulaires_vierges.set_for_champ(procedure, "inconnu", upload())

    assert not FormulaireVierge.objects.exists()
    assert stored_files() == []


def test_draft_file_is_only_for_those_who_design_it(procedure, administrateur, client, client_for):
    formulaires_vierges.set_for_champ(procedure, "budget", upload())
    url = FormulaireVierge.objects.get().get_absolute_url()
    accompagnateur = procedure.affectations.get().user
    other = OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get()

    assert status(client, url) == 404
    assert status(client_for(accompagnateur), url) == 404
    assert status(client_for(other), url) == 404
    assert status(client_for(administrateur), url) == 200


@pytest.mark.parametrize("state", [ProcedureState.PUBLIEE, ProcedureState.CLOSE])
def test_published_file_is_for_everyone(procedure, administrateur, client, state):
    formulaires_vierges.set_for_champ(procedure, "budget", upload())
    publish(procedure, by=administrateur)
    procedure.state = state
    procedure.save(update_fields=["state"])

    assert status(client, FormulaireVierge.objects.get().get_absolute_url()) == 200


def test_new_file_of_a_draft_waits_for_publication(procedure, administrateur, client):
    formulaires_vierges.set_for_champ(procedure, "budget", upload())
    publish(procedure, by=administrateur)
    formulaires_vierges.set_for_champ(procedure, "budget", upload("nouveau.pdf"))
    new = FormulaireVierge.objects.get(name="nouveau.pdf")

    assert status(client, new.get_absolute_url()) == 404
    publish(procedure, by=administrateur)
    assert status(client, new.get_absolute_url()) == 200


def test_lost_file_is_not_found(procedure, administrateur, client_for):
    formulaires_vierges.set_for_champ(procedure, "budget", upload())
    vierge = FormulaireVierge.objects.get()
    default_storage.delete(vierge.file.name)

    assert status(client_for(administrateur), vierge.get_absolute_url()) == 404


@pytest.mark.parametrize("count", [1, 3])
def test_all_blank_forms_come_in_one_query(procedure, django_assert_num_queries, count):
    for _ in range(count):
        champ = builder.add_champ(procedure, "piece_jointe").champ
        formulaires_vierges.set_for_champ(procedure, champ.id, upload())
    formulaire = draft_of(procedure).formulaire

    with django_assert_num_queries(1):
        formulaires_vierges.attach(formulaire)

    assert sum(1 for champ in formulaire.champs if champ.formulaire_vierge) == count
