"""What becomes of a file once it has come: scanned, previewed, given or kept from everyone."""

import io
import threading
import time
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from courriels.models import Courriel
from dossiers import analyse, pieces_jointes, televersements
from dossiers.completeness import problems_of
from dossiers.models import Fichier, PieceJointe, PreviewState, ScanState
from dossiers.tasks import examine_fichier, sweep_fichiers
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.clamd_server import EICAR, SIGNATURE, serve
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
WORKER_SECONDS = 60
LABEL = "dossiers.PieceJointe"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clamd(settings):
    with serve() as clamd:
        settings.CLAMD_URL = clamd.url
        yield clamd


@pytest.fixture
def procedure():
    return ProcedureFactory(
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis"),
        ]
    )


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure, en_construction=True)


def image(kind="JPEG", size=(1200, 600), mode="RGB", **options) -> bytes:
    output = io.BytesIO()
    Image.new(mode, size, "red").save(output, kind, **options)
    return output.getvalue()


def attach(dossier, name="devis.txt", content=b"Bonjour") -> PieceJointe:
    upload = SimpleUploadedFile(name, content)
    return pieces_jointes.attach(dossier.pk, "piece1", upload, by=dossier.usager)


def received(dossier, capture, name="devis.txt", content=b"Bonjour") -> PieceJointe:
    """Attach a file, let what is queued run, and deposit it for the accompagnateurs."""
    with capture(execute=True):
        piece_jointe = attach(dossier, name, content)
    PieceJointe.objects.filter(pk=piece_jointe.pk).update(is_filed=True)
    piece_jointe.refresh_from_db()
    return piece_jointe


def addresses_of(piece_jointe) -> list[str]:
    return [
        f"/dossiers/fichiers/{piece_jointe.pk}/",
        f"/dossiers/fichiers/{piece_jointe.pk}/apercu/",
    ]


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def make_due(piece_jointe) -> None:
    PieceJointe.objects.filter(pk=piece_jointe.pk).update(next_attempt_at=timezone.now())


# --- The scan -----------------------------------------------------------------------------------


def test_clean_file_is_found_so_and_served(
    dossier, clamd, client_for, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        piece_jointe = attach(dossier)
    assert piece_jointe.scan_state == ScanState.EN_COURS
    assert client_for(dossier.usager).get(addresses_of(piece_jointe)[0]).status_code == 403
    for callback in callbacks:
        callback()

    piece_jointe.refresh_from_db()
    response = client_for(dossier.usager).get(addresses_of(piece_jointe)[0])
    assert (piece_jointe.scan_state, piece_jointe.scan_signature) == (ScanState.SAIN, "")
    assert piece_jointe.scanned_at is not None
    assert clamd.scanned == [b"Bonjour"]
    assert (response.status_code, body(response)) == (200, b"Bonjour")


def test_without_antivirus_files_are_served_and_said_not_scanned(
    dossier, client_for, django_capture_on_commit_callbacks
):
    piece_jointe = received(dossier, django_capture_on_commit_callbacks)

    page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/").content.decode()
    response = client_for(dossier.usager).get(addresses_of(piece_jointe)[0])
    assert piece_jointe.scan_state == ScanState.NON_ANALYSE
    assert "· non analysé" in page
    assert body(response) == b"Bonjour"


def test_infected_file_is_kept_from_everyone(
    dossier, clamd, client_for, django_capture_on_commit_callbacks
):
    piece_jointe = received(dossier, django_capture_on_commit_callbacks, content=EICAR)
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user

    assert (piece_jointe.scan_state, piece_jointe.scan_signature) == (ScanState.REFUSE, SIGNATURE)
    for user in (dossier.usager, accompagnateur):
        client = client_for(user)
        download, preview = (client.get(address) for address in addresses_of(piece_jointe))
        assert (download.status_code, preview.status_code) == (403, 404)
        assert "L’antivirus a refusé" in download.content.decode()
        assert EICAR not in download.content
    zipped = body(client_for(accompagnateur).get(f"/instruction/dossiers/{dossier.pk}/zip/"))
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert archive.namelist() == [f"dossier-{dossier.pk}.pdf", "SHA256SUMS.txt"]
        assert "refusé par l’antivirus" in archive.read("SHA256SUMS.txt").decode()


@pytest.mark.parametrize("state", ["en_cours", "refuse"])
def test_nothing_is_served_before_it_is_clean_even_a_preview_that_exists(
    dossier, clamd, client_for, state
):
    piece_jointe = PieceJointeFactory(dossier=dossier, with_preview=True, **{state: True})
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user

    for user in (dossier.usager, accompagnateur):
        found = [client_for(user).get(path).status_code for path in addresses_of(piece_jointe)]
        assert found == [403, 404]


def test_file_never_scanned_is_not_served_once_there_is_an_antivirus(dossier, client_for, clamd):
    piece_jointe = PieceJointeFactory(dossier=dossier)

    assert client_for(dossier.usager).get(addresses_of(piece_jointe)[0]).status_code == 403
    sweep_fichiers()

    response = client_for(dossier.usager).get(addresses_of(piece_jointe)[0])
    assert body(response).startswith(b"%PDF")


def test_refused_file_stays_refused_without_antivirus(dossier, client_for):
    piece_jointe = PieceJointeFactory(dossier=dossier, refuse=True)

    assert client_for(dossier.usager).get(addresses_of(piece_jointe)[0]).status_code == 403


@pytest.mark.parametrize("garbage", [None, b"", b"stream: x ERROR\n"], ids=["down", "", "error"])
def test_file_waits_for_an_antivirus_that_fails_and_is_scanned_later(
    dossier, clamd, settings, django_capture_on_commit_callbacks, garbage
):
    if garbage is None:
        settings.CLAMD_URL = "tcp://127.0.0.1:9"
    clamd.garbage = garbage
    piece_jointe = received(dossier, django_capture_on_commit_callbacks)

    assert (piece_jointe.scan_state, piece_jointe.attempts) == (ScanState.EN_COURS, 1)
    assert piece_jointe.next_attempt_at > timezone.now()
    sweep_fichiers()  # not yet
    assert PieceJointe.objects.get().attempts == 1

    settings.CLAMD_URL, clamd.garbage = clamd.url, None
    make_due(piece_jointe)
    sweep_fichiers()
    assert PieceJointe.objects.get().scan_state == ScanState.SAIN


def test_attempts_are_further_and_further_apart_without_end(dossier, settings):
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    piece_jointe = PieceJointeFactory(dossier=dossier, en_cours=True)
    waits = []

    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(9):
            make_due(piece_jointe)
            examine_fichier(LABEL, piece_jointe.pk)
            piece_jointe.refresh_from_db()
            waits.append((piece_jointe.next_attempt_at - timezone.now()).total_seconds())

    assert waits == [15, 30, 60, 120, 240, 480, 600, 600, 600]
    assert piece_jointe.scan_state == ScanState.EN_COURS


def test_task_that_died_is_taken_up_after_its_lease(dossier, clamd):
    piece_jointe = PieceJointeFactory(dossier=dossier, en_cours=True)
    assert analyse._claim(LABEL, piece_jointe.pk) is not None  # its process died here

    sweep_fichiers()
    assert PieceJointe.objects.get().scan_state == ScanState.EN_COURS
    PieceJointe.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    sweep_fichiers()

    assert PieceJointe.objects.get().scan_state == ScanState.SAIN


def test_scan_is_done_once_however_often_it_is_queued(dossier, clamd):
    piece_jointe = PieceJointeFactory(dossier=dossier, en_cours=True)

    for _ in range(3):
        examine_fichier(LABEL, piece_jointe.pk)

    assert len(clamd.scanned) == 1


def test_file_removed_while_it_is_scanned_harms_nothing(dossier, clamd):
    piece_jointe = PieceJointeFactory(dossier=dossier, en_cours=True)
    taken = analyse._claim(LABEL, piece_jointe.pk)
    PieceJointe.objects.all().delete()

    assert analyse._scan(taken) is False
    examine_fichier(LABEL, piece_jointe.pk)
    assert not PieceJointe.objects.exists()


def test_file_that_the_storage_lost_waits_and_is_not_clean(dossier, clamd):
    piece_jointe = PieceJointeFactory(dossier=dossier, en_cours=True)
    default_storage.delete(piece_jointe.file.name)

    examine_fichier(LABEL, piece_jointe.pk)

    assert PieceJointe.objects.get().scan_state == ScanState.EN_COURS


def test_every_kind_of_file_is_examined_by_the_same_tasks():
    assert PieceJointe in analyse.fichier_models()
    assert all(issubclass(model, Fichier) for model in analyse.fichier_models())


# --- A refused file -------------------------------------------------------------------------------


def test_usager_is_written_to_once_about_a_refused_file(dossier, clamd):
    piece_jointe = PieceJointeFactory(dossier=dossier, en_cours=True, name="devis.pdf")
    default_storage.delete(piece_jointe.file.name)
    default_storage.save(piece_jointe.file.name, SimpleUploadedFile("x", EICAR))

    for _ in range(2):
        examine_fichier(LABEL, piece_jointe.pk)

    courriel = Courriel.objects.get()
    assert (courriel.to_email, courriel.kind) == (dossier.usager.email, "piece_jointe_refusee")
    assert courriel.subject == f"Dossier nº {dossier.pk} : un fichier est refusé, remplacez-le"
    assert "« devis.pdf », joint à « Devis »" in courriel.body_text
    assert f"/dossiers/{dossier.pk}/modifier/#champ-piece1" in courriel.body_text
    assert SIGNATURE not in courriel.body_text


def test_refused_file_counts_as_missing_for_a_required_champ(dossier):
    PieceJointeFactory(dossier=dossier, refuse=True)
    assert [problem.message for problem in problems_of(dossier)] == [
        "Remplacez le fichier que l’antivirus a refusé par une copie saine."
    ]

    PieceJointeFactory(dossier=dossier)
    fresh = type(dossier).objects.get(pk=dossier.pk)
    assert problems_of(fresh) == []


def test_file_that_is_being_scanned_lets_the_dossier_be_filed(dossier, clamd):
    PieceJointeFactory(dossier=dossier, en_cours=True)

    assert problems_of(dossier) == []


def test_refused_file_may_be_removed_and_takes_no_place(procedure):
    champ = new_champ("piece_jointe", id="piece1", label="Devis", files_max=2)
    dossier = DossierFactory(procedure=ProcedureFactory(champs=[champ]))
    sound = PieceJointeFactory(dossier=dossier)
    refused = PieceJointeFactory(dossier=dossier, refuse=True)

    second = attach(dossier)
    pieces_jointes.remove(refused, by=dossier.usager)

    assert list(PieceJointe.objects.all()) == [sound, second]


def test_refused_content_sent_again_is_refused_at_once(
    dossier, clamd, django_capture_on_commit_callbacks
):
    received(dossier, django_capture_on_commit_callbacks, content=EICAR)

    with pytest.raises(pieces_jointes.ValidationError, match="L’antivirus a refusé ce fichier"):
        attach(dossier, "autre.txt", EICAR)


# --- On the pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("en_cours", "Analyse antivirus en cours"),
        ("sain", "sain"),
        ("refuse", "Refusé par l’antivirus"),
    ],
)
def test_state_is_shown_to_everyone_and_asked_again_while_it_changes(
    dossier, clamd, client_for, state, shown
):
    piece_jointe = PieceJointeFactory(dossier=dossier, **{state: True})
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    pages = [
        (dossier.usager, f"/dossiers/{dossier.pk}/"),
        (dossier.usager, f"/dossiers/{dossier.pk}/modifier/"),
        (accompagnateur, f"/instruction/dossiers/{dossier.pk}/"),
    ]

    for user, path in pages:
        file = Markup(client_for(user).get(path)).all(".tps-fichier")[0]
        assert shown in file.text
        asks = file.attrs.get("hx-get", "")
        assert asks.startswith(f"/dossiers/fichiers/{piece_jointe.pk}/etat/") == (
            state == "en_cours"
        )


def test_line_of_a_file_equals_what_the_page_shows(dossier, clamd, client_for):
    piece_jointe = PieceJointeFactory(dossier=dossier, en_cours=True)
    client = client_for(dossier.usager)
    path = f"/dossiers/fichiers/{piece_jointe.pk}/etat/"
    assert "hx-get" in client.get(path, headers=HTMX).content.decode()
    PieceJointe.objects.update(scan_state=ScanState.SAIN)

    part = client.get(path, headers=HTMX).content.decode()

    assert "hx-get" not in part
    assert "document.pdf : sain" in part
    assert f'href="/dossiers/fichiers/{piece_jointe.pk}/"' in part


def test_refusal_in_the_form_changes_the_progress_of_its_section(dossier, clamd, client_for):
    piece_jointe = PieceJointeFactory(dossier=dossier, refuse=True)

    part = client_for(dossier.usager).get(
        f"/dossiers/fichiers/{piece_jointe.pk}/etat/?formulaire=1", headers=HTMX
    )

    html = part.content.decode()
    assert 'id="sommaire-1" hx-swap-oob="innerHTML"' in html
    assert "1 réponse à compléter" in html
    assert "Retirez-le, puis joignez une copie saine" in html


# --- The preview ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "mode"),
    [
        ("photo.jpg", "JPEG", "RGB"),
        ("photo.jpeg", "JPEG", "CMYK"),
        ("plan.png", "PNG", "RGBA"),
        ("plan.gif", "GIF", "P"),
        ("plan.webp", "WEBP", "RGB"),
        ("plan.tif", "TIFF", "L"),
    ],
)
def test_image_has_a_small_preview(
    dossier, clamd, client_for, django_capture_on_commit_callbacks, name, kind, mode
):
    piece_jointe = received(
        dossier, django_capture_on_commit_callbacks, name, image(kind, mode=mode)
    )
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user

    assert piece_jointe.preview_state == PreviewState.FAIT
    for user in (dossier.usager, accompagnateur):
        response = client_for(user).get(addresses_of(piece_jointe)[1])
        assert response["Content-Type"] == "image/webp"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
        drawn = Image.open(io.BytesIO(body(response)))
        assert (drawn.format, drawn.size) == ("WEBP", (480, 240))


def test_preview_holds_nothing_but_pixels_and_is_upright(
    dossier, client_for, django_capture_on_commit_callbacks
):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "12 rue du Secret"
    content = image(exif=exif.tobytes(), comment=b"un secret")
    piece_jointe = received(dossier, django_capture_on_commit_callbacks, "photo.jpg", content)

    with piece_jointe.preview.open() as stored:
        preview = stored.read()
    drawn = Image.open(io.BytesIO(preview))
    assert drawn.size == (240, 480)
    assert len(drawn.getexif()) == 0
    assert b"ecret" in content
    assert b"ecret" not in preview


def test_preview_waits_for_the_antivirus(dossier, clamd, django_capture_on_commit_callbacks):
    clamd.garbage = b""
    piece_jointe = received(dossier, django_capture_on_commit_callbacks, "a.jpg", image())
    assert (piece_jointe.preview_state, piece_jointe.preview.name) == (PreviewState.A_FAIRE, "")

    clamd.garbage = None
    make_due(piece_jointe)
    sweep_fichiers()

    assert PieceJointe.objects.get().preview_state == PreviewState.FAIT


@pytest.mark.parametrize(
    "content",
    [
        image("PNG", size=(9000, 9000), mode="1"),
        b"\x89PNG\r\n\x1a\n" + bytes(9),
    ],
    ids=["too many pixels", "nothing"],
)
def test_image_that_cannot_be_drawn_has_no_preview_and_is_still_served(
    dossier, client_for, django_capture_on_commit_callbacks, content
):
    piece_jointe = received(dossier, django_capture_on_commit_callbacks, "plan.png", content)

    download, preview = (
        client_for(dossier.usager).get(address) for address in addresses_of(piece_jointe)
    )
    assert piece_jointe.preview_state == PreviewState.IMPOSSIBLE
    assert body(download) == content
    assert preview.status_code == 404


def test_image_that_kills_its_worker_is_not_drawn_for_ever(dossier):
    piece_jointe = PieceJointeFactory(dossier=dossier, content_type="image/png", sain=True)
    for _ in range(3):
        PieceJointe.objects.update(next_attempt_at=timezone.now())
        assert analyse._claim(LABEL, piece_jointe.pk) is not None  # and its process died

    PieceJointe.objects.update(next_attempt_at=timezone.now())
    assert analyse._claim(LABEL, piece_jointe.pk) is None
    assert not PieceJointe.objects.get().is_changing


def test_preview_is_shown_where_the_file_is(dossier, client_for):
    PieceJointeFactory(dossier=dossier, sain=True, with_preview=True, name="photo.jpg")
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user

    for user, path in [
        (dossier.usager, f"/dossiers/{dossier.pk}/"),
        (dossier.usager, f"/dossiers/{dossier.pk}/modifier/"),
        (accompagnateur, f"/instruction/dossiers/{dossier.pk}/"),
    ]:
        shown = Markup(client_for(user).get(path)).all(".tps-fichier__apercu")[0]
        assert shown["alt"] == "Aperçu de photo.jpg"


def test_preview_goes_with_its_file(dossier, django_capture_on_commit_callbacks):
    piece_jointe = PieceJointeFactory(dossier=dossier, with_preview=True, is_filed=False)
    names = [piece_jointe.file.name, piece_jointe.preview.name]
    assert [default_storage.exists(name) for name in names] == [True, True]

    with django_capture_on_commit_callbacks(execute=True):
        pieces_jointes.remove(piece_jointe, by=dossier.usager)

    assert [default_storage.exists(name) for name in names] == [False, False]


# --- Who asks -------------------------------------------------------------------------------------


def test_guessed_ids_give_nothing(dossier, procedure, client_for):
    piece_jointe = PieceJointeFactory(dossier=dossier, with_preview=True)
    upload = televersements.announce(
        dossier, procedure.published_revision.formulaire.by_id["piece1"], "a.pdf", 10,
        by=dossier.usager,
    )  # fmt: skip
    strangers = [UserFactory(), AffectationFactory().user]
    accompagnateur = AffectationFactory(procedure=procedure).user
    of_file = [*addresses_of(piece_jointe), f"/dossiers/fichiers/{piece_jointe.pk}/etat/"]
    of_dossier = [f"/dossiers/{dossier.pk}/zip/", f"/instruction/dossiers/{dossier.pk}/zip/"]
    of_upload = f"/dossiers/televersements/{upload.pk}/"

    for user in strangers:
        client = client_for(user)
        for path in [*of_file, *of_dossier, of_upload]:
            assert client.get(path).status_code == 404, path
    for user in [*strangers, accompagnateur]:
        client = client_for(user)
        for path in ("morceaux/", "terminer/", "annuler/"):
            assert client.post(of_upload + path).status_code == 404
        created = client.post(
            f"/dossiers/{dossier.pk}/champs/piece1/televersements/", {"name": "a.pdf", "size": "9"}
        )
        assert created.status_code == 404


# --- With a real worker ---------------------------------------------------------------------------


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_of_a_scan_loses_no_file(clamd, start_celery_worker, procedure):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    begun = threading.Event()
    clamd.on_scan = lambda: (begun.set(), time.sleep(30))
    first = start_celery_worker(CLAMD_URL=clamd.url)
    piece_jointe = attach(dossier, "photo.jpg", image())
    assert begun.wait(WORKER_SECONDS)
    first.kill()
    first.wait()
    piece_jointe.refresh_from_db()
    assert (piece_jointe.scan_state, piece_jointe.is_servable) == (ScanState.EN_COURS, False)

    clamd.on_scan = None
    start_celery_worker(CLAMD_URL=clamd.url)
    make_due(piece_jointe)  # its lease ended
    sweep_fichiers()

    deadline = time.monotonic() + WORKER_SECONDS
    while piece_jointe.preview_state != PreviewState.FAIT:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        piece_jointe.refresh_from_db()
    assert piece_jointe.scan_state == ScanState.SAIN
