"""Files in a real browser: dropped, cut, resumed, scanned, seen, taken away."""

import hashlib
import io
import os
import re
import time
import zipfile

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from dossiers.models import PieceJointe, Televersement
from dossiers.tasks import sweep_fichiers
from procedures.champs import new_champ
from tests import clamd_server
from tests.browser.pages.base import BasePage
from tests.browser.pages.usager import FormulairePage
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

CHUNK = 64 * 1024
POLLS = 300
VIRUS = {"name": "virus.exe", "mimeType": "application/pdf", "buffer": b"MZ" + bytes(100)}
NETWORK = "ERR_INTERNET_DISCONNECTED|Failed to load resource|ERR_FAILED"


def photo(name="photo.jpg", size=(900, 600)) -> dict:
    """Return a photograph that does not shrink: some hundreds of kilobytes."""
    output = io.BytesIO()
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(output, "JPEG", quality=95)
    return {"name": name, "mimeType": "image/jpeg", "buffer": output.getvalue()}


@pytest.fixture
def procedure(transactional_db, settings):
    settings.TELEVERSEMENT_CHUNK_BYTES = CHUNK
    return ProcedureFactory(
        title="Aide aux associations",
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Photo du lieu"),
        ],
    )


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure, en_construction=True)


@pytest.fixture
def form(page, site_url, sign_in, dossier):
    sign_in(page, dossier.usager)
    return FormulairePage(page, site_url).open_for(dossier)


@pytest.fixture
def clamd(settings):
    with clamd_server.serve() as clamd:
        settings.CLAMD_URL = clamd.url
        yield clamd


class Network:
    """The pieces that leave a page: how many, and how fast."""

    def __init__(self, page):
        self.sent = 0
        self.pause_seconds = 0.0
        page.route("**/morceaux/", self._pass)

    def _pass(self, route):
        self.sent += 1
        time.sleep(self.pause_seconds)
        route.continue_()


def wait_for(page, condition) -> None:
    for _ in range(POLLS):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail("rien n’est arrivé à temps")


def half_has_come() -> bool:
    found = Televersement.objects.first()
    return found is not None and found.received_bytes > found.size_bytes / 3


def test_dropped_files_survive_a_cut_and_leave_as_a_zip(form, dossier, axe, troubles):
    page, network, sent = form.page, Network(form.page), photo()
    troubles.allow(f"{NETWORK}|422")
    network.pause_seconds = 0.1
    form.drop("Photo du lieu", sent, VIRUS)
    refused = form.sending("Photo du lieu", "virus.exe")
    expect(refused).to_contain_text("« virus.exe » : Ce type de fichier n’est pas accepté.")
    bar = page.get_by_role("progressbar", name="Envoi de photo.jpg")
    expect(bar).to_be_visible()

    wait_for(page, half_has_come)
    page.context.set_offline(True)
    line = form.sending("Photo du lieu", "photo.jpg")
    expect(line).to_contain_text("L’envoi est interrompu.")
    expect(line.get_by_role("button", name="Réessayer photo.jpg")).to_be_visible()
    assert 0 < bar.evaluate("bar => bar.value") < 100
    axe(page)
    assert not PieceJointe.objects.exists()
    network.pause_seconds = 0
    page.context.set_offline(False)
    expect(form.file("Photo du lieu", "photo.jpg")).to_be_visible()

    piece_jointe = PieceJointe.objects.get()
    assert piece_jointe.sha256 == hashlib.sha256(sent["buffer"]).hexdigest()
    chunks = -(-len(sent["buffer"]) // CHUNK)
    assert network.sent <= chunks + 3  # it went on, it did not begin again
    expect(line).to_have_count(0)
    preview = page.get_by_role("img", name="Aperçu de photo.jpg")
    expect(preview).to_be_visible()
    wait_for(page, lambda: preview.evaluate("img => img.naturalWidth") == 480)
    refused.get_by_role("button", name="Fermer virus.exe").click()
    expect(refused).to_have_count(0)
    axe(page)

    form.press("Vérifier et déposer mes modifications")
    form.press("Déposer mes modifications")
    form.open(f"/dossiers/{dossier.pk}/")
    with page.expect_download() as download:
        form.follow("Télécharger tout le dossier (ZIP)")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.read("01 - Photo du lieu/photo.jpg") == sent["buffer"]


def test_retry_and_cancel_by_the_keyboard(form, troubles):
    page, network = form.page, Network(form.page)
    troubles.allow(NETWORK)
    network.pause_seconds = 0.1
    form.attach("Photo du lieu", photo("un.jpg"), photo("deux.jpg"))
    wait_for(page, half_has_come)
    page.context.set_offline(True)
    retry = page.get_by_role("button", name="Réessayer un.jpg")
    expect(retry).to_be_visible()
    cancel = page.get_by_role("button", name="Annuler deux.jpg")
    expect(cancel).to_be_visible()
    network.pause_seconds = 0

    # The browser says that it is back online only when the test wants it to.
    page.evaluate("window.addEventListener('online', (e) => e.stopImmediatePropagation(), true)")
    cancel.focus()
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    expect(form.sending("Photo du lieu", "deux.jpg")).to_have_count(0)
    if retry.is_visible():
        retry.focus()
        page.keyboard.press("Enter")

    expect(form.file("Photo du lieu", "un.jpg")).to_be_visible()
    wait_for(page, lambda: not Televersement.objects.open().exists())
    assert [found.name for found in PieceJointe.objects.all()] == ["un.jpg"]


def test_session_that_ended_is_said_and_the_upload_goes_on(
    form, dossier, sign_in, troubles, site_url
):
    troubles.allow("Failed to load resource")
    page, network = form.page, Network(form.page)
    network.pause_seconds = 0.1
    form.attach("Photo du lieu", photo())
    wait_for(page, half_has_come)
    page.context.clear_cookies(name="sessionid")
    line = form.sending("Photo du lieu", "photo.jpg")
    expect(line).to_contain_text("Votre session a pris fin.")
    network.pause_seconds = 0

    sign_in(page, dossier.usager)
    line.get_by_role("button", name="Réessayer").click()

    expect(form.file("Photo du lieu", "photo.jpg")).to_be_visible()


def test_scan_is_followed_without_reloading(form, dossier, clamd, axe):
    page = form.page
    clamd.garbage = b""
    form.attach("Photo du lieu", photo("photo.jpg"))
    file = form.file("Photo du lieu", "photo.jpg")
    expect(file).to_contain_text("Analyse antivirus en cours")
    expect(file.get_by_role("link")).to_have_count(0)
    axe(page)

    clamd.garbage = None
    PieceJointe.objects.update(next_attempt_at=timezone.now())
    sweep_fichiers()

    expect(file.get_by_role("link", name=re.compile("photo.jpg"))).to_contain_text("sain")
    expect(page.get_by_role("img", name="Aperçu de photo.jpg")).to_be_visible()


def test_refused_file_is_said_with_what_to_do(form, dossier, clamd, axe):
    page = form.page
    clamd.garbage = b""
    infected = {"name": "note.txt", "mimeType": "text/plain", "buffer": clamd_server.EICAR}
    form.attach("Photo du lieu", infected)
    file = form.file("Photo du lieu", "note.txt")
    expect(file).to_contain_text("Analyse antivirus en cours")
    contents = page.get_by_role("navigation", name="Sommaire")
    expect(contents).to_contain_text("complet")
    clamd.garbage = None
    PieceJointe.objects.update(next_attempt_at=timezone.now())
    sweep_fichiers()

    expect(file).to_contain_text("Refusé par l’antivirus")
    expect(file).to_contain_text("Retirez-le, puis joignez une copie saine")
    expect(contents).to_contain_text("1 réponse à compléter")
    axe(page)
    page.get_by_role("button", name="Retirer note.txt").click()
    expect(file).to_have_count(0)


def test_whole_file_goes_without_javascript(new_page, site_url, sign_in, dossier):
    page = new_page(java_script_enabled=False)
    sign_in(page, dossier.usager)
    me = FormulairePage(page, site_url).open_for(dossier)
    me.attach("Photo du lieu", photo())
    me.press("Joindre : Photo du lieu")

    expect(me.file("Photo du lieu", "photo.jpg")).to_be_visible()


def test_files_fit_a_phone_and_please_axe(
    phone, site_url, sign_in, procedure, dossier, clamd, axe, new_page
):
    PieceJointeFactory(dossier=dossier, en_cours=True, name="un-nom-de-fichier-tres-long" * 5)
    PieceJointeFactory(dossier=dossier, refuse=True, name="refuse.pdf")
    PieceJointeFactory(dossier=dossier, sain=True, name="sain.pdf")
    sign_in(phone, dossier.usager)
    for path in (f"/dossiers/{dossier.pk}/", f"/dossiers/{dossier.pk}/modifier/"):
        screen = BasePage(phone, site_url).open(path)
        assert not screen.scrolls_sideways(), path
        axe(phone)
    other = new_page()
    sign_in(other, AffectationFactory(procedure=procedure).user)
    BasePage(other, site_url).open(f"/instruction/dossiers/{dossier.pk}/")
    expect(other.get_by_text("Refusé par l’antivirus")).to_be_visible()
    axe(other)
