"""The logo of a procédure: chosen by its administrateurs, shown to its public."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from commun.images import draw_again
from courriels.models import Courriel
from dossiers import workflow
from procedures import logos
from procedures.echange import copy_procedure, create_from, export_of
from procedures.essais import open_link
from procedures.lecture import read_echange
from procedures.models import Procedure
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(
        organisme=OrganismeFactory(name="Ville de Test", administrateurs=[administrateur])
    )


@pytest.fixture
def draft(administrateur):
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[administrateur]), brouillon=True
    )


@pytest.fixture
def admin_client(client_for, administrateur):
    return client_for(administrateur)


def png(color="red") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (30, 10), color).save(output, "PNG")
    return output.getvalue()


def upload(content=None) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.png", png() if content is None else content)


def url_of(procedure, action="edit") -> str:
    return reverse(f"procedures:logo_{action}", args=[procedure.pk])


def shown(client, procedure) -> list[tuple[str, str]]:
    page = Markup(client.get(procedure.get_absolute_url()).content.decode())
    return [(image["src"], image["alt"]) for image in page.all("img.tps-logo")]


def test_a_chosen_logo_is_drawn_again_and_shown_to_everyone(admin_client, client, procedure):
    assert shown(client, procedure) == []

    answer = admin_client.post(url_of(procedure), {"file": upload(png() + b"<script>")})

    assert answer.status_code == 302
    procedure.refresh_from_db()
    assert shown(client, procedure) == [(procedure.logo_path, "Ville de Test")]
    image = client.get(procedure.logo_path)
    assert image["Content-Type"] == "image/png"
    assert image["X-Content-Type-Options"] == "nosniff"
    assert image["Cache-Control"] == "public, max-age=86400"
    assert b"<script>" not in image.content
    assert Image.open(io.BytesIO(image.content)).size == (30, 10)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Choisissez une image PNG ou JPEG."),
        ({"file": b""}, "Cette image est vide. Choisissez-en une autre."),
        ({"file": b"<svg onload='alert(1)'/>"}, "n’est pas celui d’un fichier .png."),
    ],
)
def test_what_is_no_image_is_refused(admin_client, procedure, data, message):
    sent = {name: upload(content) for name, content in data.items()}

    answer = admin_client.post(url_of(procedure), sent)

    assert message in answer.content.decode()
    procedure.refresh_from_db()
    assert procedure.logo_path == ""


def test_a_replaced_or_removed_logo_leaves_no_file(
    admin_client, procedure, django_capture_on_commit_callbacks
):
    logos.set_logo(procedure, png())
    storage, former, path = procedure.logo.storage, procedure.logo.name, procedure.logo_path

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(url_of(procedure), {"file": upload(png("blue"))})
    procedure.refresh_from_db()
    latter = procedure.logo.name
    assert procedure.logo_path != path
    assert (storage.exists(former), storage.exists(latter)) == (False, True)

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(url_of(procedure, "remove"))
    assert not storage.exists(latter)
    assert admin_client.get(path).status_code == 404


def test_a_failed_save_leaves_no_file(procedure, monkeypatch):
    stored = []

    def save_and_fail(self, *args, **kwargs):
        stored.append(self.logo.name)
        raise RuntimeError

    monkeypatch.setattr(Procedure, "save", save_and_fail)
    with pytest.raises(RuntimeError):
        logos.set_logo(procedure, png())

    assert not procedure.logo.storage.exists(stored[0])


def test_a_lost_file_breaks_no_page(procedure, client):
    logos.set_logo(procedure, png())
    procedure.logo.storage.delete(procedure.logo.name)

    assert client.get(procedure.logo_path).status_code == 404
    assert client.get(procedure.get_absolute_url()).status_code == 200
    assert logos.data_uri(procedure) == ""


def test_before_publication_only_who_designs_or_tries_it_sees_it(
    draft, client, client_for, admin_client
):
    logos.set_logo(draft, png())
    open_link(draft)
    stranger = client_for(UserFactory())
    tester = client_for(UserFactory())
    tester.get(reverse("dossiers:essai_public", args=[draft.test_token]))

    clients = (client, stranger, tester, admin_client)
    assert [it.get(draft.logo_path).status_code for it in clients] == [404, 404, 200, 200]
    assert tester.get(draft.logo_path)["Cache-Control"] == "private, max-age=86400"


@pytest.mark.parametrize("action", ["edit", "remove"])
def test_nobody_else_chooses_it(procedure, client_for, action):
    logos.set_logo(procedure, png())
    elsewhere = UserFactory()
    OrganismeFactory(administrateurs=[elsewhere])
    accompagnateur = AffectationFactory(procedure=procedure).user

    for user in (elsewhere, accompagnateur):
        sent = {"file": upload(png("blue"))}
        assert client_for(user).post(url_of(procedure, action), sent).status_code == 404
    before = procedure.logo.name
    procedure.refresh_from_db()
    assert procedure.logo.name == before


def test_its_emails_show_it(procedure, settings):
    accompagnateur = AffectationFactory(procedure=procedure).user
    first, second = (DossierFactory(procedure=procedure, en_construction=True) for _ in range(2))

    workflow.run(workflow.START_INSTRUCTION, first.pk, by=accompagnateur)
    logos.set_logo(procedure, png())
    workflow.run(workflow.START_INSTRUCTION, second.pk, by=accompagnateur)

    bare, dressed = (Markup(it.body_html) for it in Courriel.objects.order_by("pk"))
    assert bare.all("img") == []
    images = [(it["src"], it["alt"]) for it in dressed.all("img")]
    assert images == [(f"{settings.SITE_URL}{procedure.logo_path}", "Ville de Test")]


def test_emails_of_a_test_name_no_image_that_nobody_may_fetch(draft):
    logos.set_logo(draft, png())

    assert logos.logo_of_courriels(draft) is None


def test_the_recapitulatif_shows_it(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    url = reverse("dossiers:dossier_recapitulatif", args=[dossier.pk])

    def images():
        content = client_for(dossier.usager).get(url).content
        return len(PdfReader(io.BytesIO(content)).pages[0].images)

    before = images()
    logos.set_logo(procedure, png())

    assert (before, images()) == (0, 1)


def test_a_copy_has_the_same_image_in_its_own_file(procedure, administrateur):
    logos.set_logo(procedure, png())

    copy = copy_procedure(procedure, by=administrateur)

    assert logos.content_of(copy) == logos.content_of(procedure)
    assert copy.logo.name != procedure.logo.name


def test_an_exported_file_brings_it_back(procedure, administrateur):
    drawn = draw_again(upload(), max_bytes=1_000_000)
    logos.set_logo(procedure, drawn)

    exported = export_of(procedure)
    imported = create_from(read_echange(exported), organisme=procedure.organisme, by=administrateur)

    assert logos.content_of(imported) == drawn
    assert export_of(imported) == exported


def test_the_cockpit_says_whether_there_is_one(admin_client, procedure):
    def state():
        page = admin_client.get(reverse("procedures:procedure_detail", args=[procedure.pk]))
        return {step.title: step.state.value for step in page.context["cockpit"].steps}["Logo"]

    before = state()
    logos.set_logo(procedure, png())

    assert (before, state()) == ("facultatif", "pret")


def test_removal_asks_once(admin_client, procedure):
    logos.set_logo(procedure, png())

    page = Markup(admin_client.get(url_of(procedure, "remove")))

    assert page.one("main h1").text == "Retirer le logo ?"
    assert page.one("main form")["action"] == url_of(procedure, "remove")
    procedure.refresh_from_db()
    assert procedure.logo_path != ""
    assert Markup(admin_client.get(url_of(procedure))).one("dialog form button[type=submit]").text
