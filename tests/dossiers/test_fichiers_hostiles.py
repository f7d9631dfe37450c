"""Files made to harm: each is refused, or given back so that it cannot."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from dossiers import pieces_jointes
from dossiers.models import PieceJointe, Televersement
from procedures.champs import new_champ
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db
MEGA = 1024 * 1024
SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)


@pytest.fixture
def dossier():
    champs = [new_champ("piece_jointe", id="piece1", label="Devis", required=False)]
    return DossierFactory(procedure=ProcedureFactory(champs=champs))


@pytest.fixture
def attach(dossier, django_capture_on_commit_callbacks):
    def attach(name, content):
        upload = SimpleUploadedFile(name, content)
        with django_capture_on_commit_callbacks(execute=True):
            pieces_jointes.attach(dossier.pk, "piece1", upload, by=dossier.usager)
        return PieceJointe.objects.get()

    return attach


def zipped(compression=zipfile.ZIP_DEFLATED, **entries) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return output.getvalue()


def gif_with_script() -> bytes:
    return b"GIF89a/*<script>alert(1)</script>*/" + bytes(20)


def pdf_and_zip() -> bytes:
    return b"%PDF-1.4\n" + zipped(**{"evil.js": "alert(1)"})


def jpeg_and_page() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(output, "JPEG", comment=b"<script>alert(1)</script>")
    return output.getvalue() + b"<html><script>alert(2)</script></html>"


def png_bomb() -> bytes:
    """A PNG of some kilobytes that announces 2.5 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(MEGA), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("page.svg", SVG, "extension"),
        ("image.png", SVG, "content"),
        ("note.txt", SVG, "content"),
        ("image.gif", SVG, "content"),
        ("page.html", b"<script>alert(1)</script>", "extension"),
        ("photo.jpg.exe", b"MZ" + bytes(100), "extension"),
        ("photo.jpg", b"MZ" + bytes(100), "content"),
        ("devis.pdf", zipped(a="b"), "content"),
        ("devis.docx", zipped(a="b"), "content"),
        ("devis.txt", b"%PDF-1.4\n%%EOF\n", "content"),
        ("vide.pdf", b"", "empty"),
        ("pdf", b"%PDF-1.4", "extension"),
    ],
)
def test_file_that_lies_is_refused(attach, name, content, code):
    with pytest.raises(pieces_jointes.ValidationError) as refused:
        attach(name, content)

    assert refused.value.code == code
    assert not PieceJointe.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("image.gif", gif_with_script(), "image/gif"),
        ("devis.pdf", pdf_and_zip(), "application/pdf"),
        ("photo.jpg", jpeg_and_page(), "image/jpeg"),
    ],
)
def test_polyglot_is_only_ever_saved_under_its_one_type(
    attach, dossier, client_for, name, content, content_type
):
    piece_jointe = attach(name, content)

    response = client_for(dossier.usager).get(f"/dossiers/fichiers/{piece_jointe.pk}/")

    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"".join(response.streaming_content) == content


def test_preview_of_a_polyglot_holds_no_script(attach):
    piece_jointe = attach("photo.jpg", jpeg_and_page())

    with piece_jointe.preview.open() as stored:
        preview = stored.read()
    assert preview.startswith(b"RIFF")
    assert b"script" not in preview


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.d/x.pdf", "x.pdf"),
        ("..\\..\\windows\\x.pdf", "x.pdf"),
        ("/etc/x.pdf", "x.pdf"),
        ("a\r\nSet-Cookie: b=c.pdf", "a Set-Cookie b=c.pdf"),
        ("<img src=x onerror=alert(1)>.pdf", "img src=x onerror=alert(1).pdf"),
        ("fdp\u202eexe.pdf", "fdp exe.pdf"),
        ("a" * 400 + ".pdf", "a" * 146 + ".pdf"),
    ],
)
def test_name_cannot_harm(attach, dossier, client_for, name, kept):
    upload = SimpleUploadedFile("x.pdf", b"%PDF-1.4\n%%EOF\n")
    upload._name = name  # as a hostile client would send it, past what Django cleans
    piece_jointe = pieces_jointes.attach(dossier.pk, "piece1", upload, by=dossier.usager)

    assert piece_jointe.name == kept
    assert piece_jointe.file.name.startswith(f"dossiers/{dossier.pk % 1000:03d}/{dossier.pk}/")
    assert len(piece_jointe.file.name.rpartition("/")[2]) == 32
    response = client_for(dossier.usager).get(f"/dossiers/fichiers/{piece_jointe.pk}/")
    assert "Set-Cookie" not in response.headers
    assert "\n" not in response["Content-Disposition"]
    response.close()


@pytest.mark.parametrize("extension", ["zip", "docx"])
def test_zip_bomb_is_refused_unfolded_by_nobody(attach, extension):
    entries = {f"word/{rank}": bytes(50 * MEGA) for rank in range(5)}
    bomb = zipped(**entries)
    del entries
    assert len(bomb) < MEGA
    started = time.monotonic()

    tracemalloc.start()
    try:
        with pytest.raises(pieces_jointes.ValidationError) as refused:
            attach(f"devis.{extension}", bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert refused.value.code == "bomb"
    assert peak < 8 * MEGA
    assert time.monotonic() - started < 5


def test_archive_that_announces_more_than_any_disk_is_refused(attach):
    archive = bytearray(zipped(a=b"b"))
    # The directory says four thousand million bytes, as that of a bomb of overlapping files does.
    at = archive.rindex(b"PK\x01\x02") + 24
    archive[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
    content = bytes(archive)

    with pytest.raises(pieces_jointes.ValidationError) as refused:
        attach("devis.zip", content)

    assert refused.value.code == "bomb"


def test_honest_archive_is_taken(attach):
    piece_jointe = attach("devis.zip", zipped(a=bytes(20 * MEGA), b=b"texte"))

    assert piece_jointe.content_type == "application/zip"


def test_image_bomb_is_kept_and_never_drawn(attach):
    tracemalloc.start()
    try:
        piece_jointe = attach("plan.png", png_bomb())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert piece_jointe.preview_state == "impossible"
    assert peak < 20 * MEGA


def test_two_gigabytes_are_refused_before_a_byte_is_read(dossier, client_for):
    client = client_for(dossier.usager)
    boundary = "x"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="champ_piece1"; filename="a.pdf"'
    whole = client.generic(
        "POST",
        f"/dossiers/{dossier.pk}/champs/piece1/fichiers/",
        body,
        content_type=f"multipart/form-data; boundary={boundary}",
        CONTENT_LENGTH=str(2 * 1024**3),
    )
    announced = client.post(
        f"/dossiers/{dossier.pk}/champs/piece1/televersements/",
        {"name": "a.pdf", "size": str(2 * 1024**3), "modified": "1"},
    )

    assert (whole.status_code, announced.status_code) == (400, 413)
    assert not Televersement.objects.exists()
    assert not PieceJointe.objects.exists()


def test_piece_of_two_gigabytes_is_refused_before_a_byte_is_read(dossier, client_for):
    client = client_for(dossier.usager)
    created = client.post(
        f"/dossiers/{dossier.pk}/champs/piece1/televersements/",
        {"name": "a.pdf", "size": "3000000", "modified": "1"},
    ).json()

    answer = client.generic(
        "POST",
        created["url"],
        b"x",
        content_type="application/octet-stream",
        CONTENT_LENGTH=str(2 * 1024**3),
        HTTP_UPLOAD_OFFSET="0",
    )

    assert answer.status_code == 400
    assert Televersement.objects.get().received_bytes == 0
