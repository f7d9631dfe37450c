"""Files of a dossier: what is taken, what is refused, who gets them back."""

import errno

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from dossiers import pieces_jointes
from dossiers.models import Dossier, PieceJointe
from procedures.champs import new_champ
from procedures.champs.piece_jointe import FILES_MAX
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def procedure():
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[UserFactory()]),
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis"),
        ],
    )


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure)


def pdf(name="devis.pdf", content=PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def add_url(dossier, champ_id="piece1"):
    return f"/dossiers/{dossier.pk}/champs/{champ_id}/fichiers/"


def test_attached_file_is_described_by_its_content(dossier):
    piece_jointe = pieces_jointes.attach(
        dossier.pk, "piece1", pdf("../../Devis\x07 signé.pdf"), by=dossier.usager
    )

    assert (piece_jointe.name, piece_jointe.content_type, piece_jointe.size_bytes) == (
        "Devis signé.pdf",
        "application/pdf",
        len(PDF),
    )
    assert piece_jointe.uploaded_by == dossier.usager
    assert "Devis" not in piece_jointe.file.name
    with piece_jointe.file.open() as stored:
        assert stored.read() == PDF


def test_same_content_twice_is_kept_once(dossier):
    first = pieces_jointes.attach(dossier.pk, "piece1", pdf(), by=dossier.usager)
    second = pieces_jointes.attach(dossier.pk, "piece1", pdf("autre.pdf"), by=dossier.usager)

    assert first == second
    assert PieceJointe.objects.count() == 1


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (pdf(content=b""), "empty"),
        (pdf("devis.html"), "extension"),
        (pdf("devis.png"), "content"),
        (pdf(content=b"%PDF-1.4" + bytes(2000)), "size"),
    ],
    ids=["empty", "extension", "content", "size"],
)
def test_refused_file_leaves_nothing_behind(dossier, settings, upload, code):
    settings.PIECE_JOINTE_MAX_BYTES = 1000

    with pytest.raises(ValidationError) as refusal:
        pieces_jointes.attach(dossier.pk, "piece1", upload, by=dossier.usager)

    assert refusal.value.code == code
    assert not PieceJointe.objects.exists()


def test_number_of_files_per_champ_is_limited(dossier):
    for number in range(FILES_MAX):
        content = PDF + str(number).encode()
        pieces_jointes.attach(dossier.pk, "piece1", pdf(content=content), by=dossier.usager)

    with pytest.raises(ValidationError, match="10 fichiers"):
        pieces_jointes.attach(dossier.pk, "piece1", pdf(content=PDF + b"x"), by=dossier.usager)


@pytest.mark.parametrize("champ_id", ["objet1", "inconnu1"])
def test_champ_must_take_files(dossier, champ_id):
    with pytest.raises(ValidationError):
        pieces_jointes.attach(dossier.pk, champ_id, pdf(), by=dossier.usager)


@pytest.mark.parametrize("trait", ["en_instruction", "accepte", "rejete"])
def test_frozen_dossier_neither_takes_nor_loses_files(procedure, trait):
    dossier = DossierFactory(procedure=procedure, **{trait: True})
    piece_jointe = PieceJointeFactory(dossier=dossier)

    with pytest.raises(PermissionDenied):
        pieces_jointes.attach(dossier.pk, "piece1", pdf(), by=dossier.usager)
    with pytest.raises(PermissionDenied):
        pieces_jointes.remove(piece_jointe, by=dossier.usager)
    assert PieceJointe.objects.get() == piece_jointe


def test_failed_row_removes_its_file(dossier, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("database")

    monkeypatch.setattr(PieceJointe, "save", fail)
    with pytest.raises(RuntimeError, match="database"):
        pieces_jointes.attach(dossier.pk, "piece1", pdf(), by=dossier.usager)

    folder = f"dossiers/{dossier.pk % 1000:03d}/{dossier.pk}"
    assert not default_storage.exists(folder) or default_storage.listdir(folder)[1] == []


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_full_disk_is_said_and_loses_no_answer(dossier, client_for, monkeypatch, headers):
    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", refuse)

    response = client_for(dossier.usager).post(
        add_url(dossier),
        {"champ_objet1": "Des livres", "champ_piece1": pdf()},
        headers=headers,
        follow=True,
    )

    assert response.status_code == 200
    assert "Le service n’a pas pu garder ce fichier." in response.content.decode()
    assert not dossier.pieces_jointes.exists()
    if not headers:
        assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Des livres"}


def test_request_whose_files_are_too_large_together_is_refused_unread(
    dossier, client_for, settings
):
    settings.UPLOAD_MAX_BYTES = 1000

    response = client_for(dossier.usager).post(
        add_url(dossier), {"champ_piece1": pdf(content=PDF + bytes(1000))}
    )

    assert response.status_code == 400
    assert not dossier.pieces_jointes.exists()


def test_file_goes_only_once_its_deletion_is_certain(dossier, django_capture_on_commit_callbacks):
    piece_jointe = PieceJointeFactory(dossier=dossier)
    name = piece_jointe.file.name

    with django_capture_on_commit_callbacks() as callbacks:
        pieces_jointes.remove(piece_jointe, by=dossier.usager)
    assert default_storage.exists(name)
    for callback in callbacks:
        callback()

    assert not default_storage.exists(name)
    assert not PieceJointe.objects.exists()


def test_filed_file_taken_out_stays_for_the_service_until_the_next_deposit(
    procedure, django_capture_on_commit_callbacks
):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    filed = PieceJointeFactory(dossier=dossier)

    with django_capture_on_commit_callbacks(execute=True):
        pieces_jointes.remove(filed, by=dossier.usager)

    filed.refresh_from_db()
    assert (filed.is_working, filed.is_filed) == (False, True)
    assert default_storage.exists(filed.file.name)
    assert Dossier.objects.get(pk=dossier.pk).files == [filed]


# --- over HTTP ----------------------------------------------------------------------------------


def test_several_files_at_once_by_htmx(dossier, client_for):
    response = client_for(dossier.usager).post(
        add_url(dossier),
        {"champ_piece1": [pdf("un.pdf"), pdf("deux.pdf", PDF + b"2"), pdf("trois.exe")]},
        headers={"HX-Request": "true"},
    )

    html = response.content.decode()
    assert response.status_code == 200
    assert [piece.name for piece in dossier.pieces_jointes.all()] == ["un.pdf", "deux.pdf"]
    assert "« trois.exe » : Ce type de fichier n’est pas accepté." in html
    assert 'id="fichiers-piece1"' in html
    assert "deux.pdf" in html


def test_without_javascript_the_answers_typed_beside_are_kept(dossier, client_for):
    response = client_for(dossier.usager).post(
        add_url(dossier), {"champ_objet1": "Tapé avant", "champ_piece1": pdf()}
    )

    assert (response.status_code, response.url) == (
        302,
        f"/dossiers/{dossier.pk}/modifier/#champ-piece1",
    )
    dossier.refresh_from_db()
    assert dossier.reponses == {"objet1": "Tapé avant"}
    assert dossier.pieces_jointes.count() == 1


def test_whole_form_takes_files_and_says_which_were_refused(dossier, client_for):
    client = client_for(dossier.usager)

    client.post(
        f"/dossiers/{dossier.pk}/modifier/",
        {"champ_objet1": "Tapé", "champ_piece1": [pdf(), pdf("virus.exe")]},
    )
    page = client.get(f"/dossiers/{dossier.pk}/modifier/").content.decode()

    assert [piece.name for piece in dossier.pieces_jointes.all()] == ["devis.pdf"]
    assert "« virus.exe » n’a pas été joint." in page


def test_removal_by_htmx_and_without(dossier, client_for):
    first, second = PieceJointeFactory.create_batch(2, dossier=dossier)
    client = client_for(dossier.usager)

    part = client.post(f"/dossiers/fichiers/{first.pk}/supprimer/", headers={"HX-Request": "true"})
    redirected = client.post(
        f"/dossiers/fichiers/{second.pk}/supprimer/", {"champ_objet1": "Tapé avant"}
    )

    assert part.status_code == 200
    assert redirected.url == f"/dossiers/{dossier.pk}/modifier/#champ-piece1"
    assert not PieceJointe.objects.exists()
    dossier.refresh_from_db()
    assert dossier.reponses == {"objet1": "Tapé avant"}


@pytest.mark.parametrize("method", ["add", "delete"])
def test_strangers_touch_no_file(dossier, client_for, method):
    piece_jointe = PieceJointeFactory(dossier=dossier)
    AffectationFactory(procedure=dossier.procedure, user=(accompagnateur := UserFactory()))
    address = (
        add_url(dossier) if method == "add" else f"/dossiers/fichiers/{piece_jointe.pk}/supprimer/"
    )

    for user in (UserFactory(), accompagnateur):
        assert client_for(user).post(address, {"champ_piece1": pdf()}).status_code == 404
    assert PieceJointe.objects.get() == piece_jointe


def test_frozen_dossier_says_so_to_htmx(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, en_instruction=True)

    response = client_for(dossier.usager).post(
        add_url(dossier), {"champ_piece1": pdf()}, headers={"HX-Request": "true"}
    )

    assert response.status_code == 409
    assert "en instruction : il ne peut plus être modifié" in response.content.decode()


def test_download_can_only_be_saved_never_run(dossier, client_for):
    piece_jointe = pieces_jointes.attach(
        dossier.pk,
        "piece1",
        # A polyglot: an image that is also a page with a script.
        SimpleUploadedFile('é à "b".gif', b"GIF89a/*<script>alert(1)</script>*/" + bytes(20)),
        by=dossier.usager,
    )

    response = client_for(dossier.usager).get(f"/dossiers/fichiers/{piece_jointe.pk}/")

    assert response.status_code == 200
    assert response["Content-Type"] == "image/gif"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%A9%20%C3%A0%20b.gif"
    )
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert b"".join(response.streaming_content).startswith(b"GIF89a")


def test_download_is_for_the_usager_and_their_accompagnateurs(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    piece_jointe = PieceJointeFactory(dossier=dossier)
    accompagnateur = AffectationFactory(procedure=procedure).user
    strangers = [
        UserFactory(),
        AffectationFactory().user,
        procedure.organisme.administrateurs.get(),
    ]
    address = f"/dossiers/fichiers/{piece_jointe.pk}/"

    allowed = [client_for(user).get(address) for user in (dossier.usager, accompagnateur)]
    refused = [client_for(user).get(address).status_code for user in strangers]

    assert [response.status_code for response in allowed] == [200, 200]
    assert refused == [404, 404, 404]
    for response in allowed:
        response.close()


def test_file_of_a_brouillon_is_hidden_from_accompagnateurs(dossier, client_for):
    piece_jointe = PieceJointeFactory(dossier=dossier)
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user

    assert (
        client_for(accompagnateur).get(f"/dossiers/fichiers/{piece_jointe.pk}/").status_code == 404
    )


def test_lost_file_is_a_404(dossier, client_for):
    piece_jointe = PieceJointeFactory(dossier=dossier)
    piece_jointe.file.storage.delete(piece_jointe.file.name)

    assert (
        client_for(dossier.usager).get(f"/dossiers/fichiers/{piece_jointe.pk}/").status_code == 404
    )


# --- What its administrateur accepts -------------------------------------------------------------


def dossier_with(**options):
    champ = new_champ("piece_jointe", id="piece1", label="Devis", **options)
    return DossierFactory(procedure=ProcedureFactory(champs=[champ]))


def test_only_the_formats_of_the_champ_are_taken():
    dossier = dossier_with(formats=["images", "tableurs"])

    with pytest.raises(ValidationError) as refused:
        pieces_jointes.attach(dossier.pk, "piece1", pdf(), by=dossier.usager)
    with pytest.raises(ValidationError) as disguised:
        pieces_jointes.attach(dossier.pk, "piece1", pdf("devis.png"), by=dossier.usager)

    assert refused.value.messages == [
        "Ce type de fichier n’est pas accepté. Envoyez une image ou un tableur."
    ]
    assert disguised.value.code == "content"
    assert not PieceJointe.objects.exists()


def test_size_of_the_champ_is_the_limit():
    dossier = dossier_with(size_max_mo=1)

    with pytest.raises(ValidationError) as refused:
        pieces_jointes.attach(
            dossier.pk, "piece1", pdf(content=PDF + bytes(1024 * 1024)), by=dossier.usager
        )

    assert refused.value.code == "size"
    assert "Envoyez un fichier de 1\xa0Mo au plus." in refused.value.messages[0]


def test_number_of_files_of_the_champ_is_the_limit():
    dossier = dossier_with(files_max=2, formats=["pdf"])
    champ = dossier.revision.formulaire.by_id["piece1"]
    uploads = [pdf(f"{rank}.pdf", PDF + b"%d" % rank) for rank in range(3)]

    refused = pieces_jointes.attach_all(dossier.pk, champ, uploads, by=dossier.usager)

    assert refused == [
        ("2.pdf", "Cette question accepte 2 fichiers au plus. Retirez-en un."),
    ]
    assert sorted(dossier.pieces_jointes.values_list("name", flat=True)) == ["0.pdf", "1.pdf"]


def test_new_file_takes_the_place_of_the_only_one(django_capture_on_commit_callbacks):
    dossier = dossier_with(files_max=1)
    first = pieces_jointes.attach(dossier.pk, "piece1", pdf(), by=dossier.usager)

    with django_capture_on_commit_callbacks(execute=True):
        second = pieces_jointes.attach(
            dossier.pk, "piece1", pdf("signé.pdf", PDF + b"2"), by=dossier.usager
        )

    assert list(dossier.pieces_jointes.all()) == [second]
    assert not default_storage.exists(first.file.name)
    assert default_storage.exists(second.file.name)


def test_refused_file_does_not_remove_the_only_one():
    dossier = dossier_with(files_max=1, formats=["pdf"])
    first = pieces_jointes.attach(dossier.pk, "piece1", pdf(), by=dossier.usager)

    with pytest.raises(ValidationError):
        pieces_jointes.attach(dossier.pk, "piece1", pdf("a.png"), by=dossier.usager)

    assert list(dossier.pieces_jointes.all()) == [first]


def test_page_says_what_is_accepted(client):
    dossier = dossier_with(formats=["pdf"], size_max_mo=5, files_max=1)
    client.force_login(dossier.usager)

    page = client.get(f"/dossiers/{dossier.pk}/modifier/").content.decode()

    assert 'accept=".pdf"' in page
    assert "multiple" not in page.partition('accept=".pdf"')[0].rpartition("<input")[2]
    assert "PDF ; un seul fichier, 5\xa0Mo au plus." in page
