"""What a file is, whatever it is called, and under which name it is kept."""

import io
import struct
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from commun.fichiers import CONTENT_TYPES, NAME_MAX, clean_name, recognise, sha256_of

PDF = b"%PDF-1.4\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100)
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
ELF = b"\x7fELF" + bytes(200)
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def zipped(**entries: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


DOCX = zipped(**{"[Content_Types].xml": "x", "word__document.xml": "x"})
ODT = zipped(mimetype=CONTENT_TYPES["odt"], **{"content.xml": "x"})


def broken_odt() -> bytes:
    """An archive whose first entry cannot be decompressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", CONTENT_TYPES["odt"])
    content = bytearray(buffer.getvalue())
    content[38] ^= 0xFF
    return bytes(content)


def zip_of_many_names(count: int) -> bytes:
    """An archive of which the directory alone is long."""
    entry = b"PK\x01\x02" + bytes(24) + (1).to_bytes(2, "little") + bytes(16) + b"a"
    directory = entry * count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), 30, 0)
    return b"PK\x03\x04" + bytes(26) + directory + end


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PDF", PDF, "application/pdf"),
        ("a.png", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.gif", b"GIF89a" + bytes(50), "image/gif"),
        ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 " + bytes(50), "image/webp"),
        ("a.tiff", b"II*\0" + bytes(50), "image/tiff"),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(50), "image/heic"),
        ("a.doc", OLE, "application/msword"),
        ("a.xls", OLE, "application/vnd.ms-excel"),
        ("a.docx", DOCX, CONTENT_TYPES["docx"]),
        ("a.odt", ODT, CONTENT_TYPES["odt"]),
        ("a.zip", zipped(a="x"), "application/zip"),
        ("a.zip", zip_of_many_names(1000), "application/zip"),
        ("a.rtf", b"{\\rtf1 Bonjour}", "application/rtf"),
        ("a.txt", "Bonjour, ça va ?\n".encode(), "text/plain"),
        ("a.txt", "Déjà vu".encode("cp1252"), "text/plain"),
        ("a.csv", "BM;é\n1;2\n".encode("utf-16"), "text/csv"),
        ("long.txt", ("é" * 5000 + "x").encode(), "text/plain"),
    ],
)
def test_accepted_file_gets_its_type(name, content, expected):
    assert recognise(upload(name, content)) == expected


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", ELF, "extension"),
        ("a.html", HTML, "extension"),
        ("a.svg", SVG, "extension"),
        ("a.pdf.exe", PDF, "extension"),
        ("sans-extension", PDF, "extension"),
        ("a.docm", DOCX, "extension"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", HTML, "content"),
        ("a.pdf", b"\n" * 20 + PDF, "content"),
        ("a.pdf", ELF, "content"),
        ("a.png", PDF, "content"),
        ("a.jpg", PNG, "content"),
        ("a.txt", PDF, "content"),
        ("a.txt", HTML, "content"),
        ("a.txt", ELF, "content"),
        ("a.csv", SVG, "content"),
        ("a.docx", ODT, "content"),
        ("a.docx", zipped(a="x"), "content"),
        ("a.odt", DOCX, "content"),
        ("a.zip", b"PK\x03\x04" + bytes(100), "content"),
        ("a.zip", zip_of_many_names(50_000), "content"),
        ("a.odt", broken_odt(), "content"),
        ("a.doc", DOCX, "content"),
    ],
)
def test_refused_file_says_why(name, content, code):
    with pytest.raises(ValidationError) as refusal:
        recognise(upload(name, content))

    assert refusal.value.code == code


def test_only_the_extensions_asked_for_are_accepted():
    with pytest.raises(ValidationError):
        recognise(upload("a.png", PNG), ("pdf",))


def test_recognising_leaves_the_file_at_its_beginning():
    file = upload("a.docx", DOCX)

    recognise(file)

    assert file.tell() == 0
    assert len(sha256_of(file)) == 64
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rapport.pdf", "rapport.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Mes documents\\devis.pdf", "devis.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
        ("fdp\u202eexe.pdf", "fdp exe.pdf"),
        ("e\u0301tude.pdf", "étude.pdf"),
        ("", "document"),
        ("...", "document"),
        ('a"b<c>.pdf', "a b c.pdf"),
        ("x" * 300 + ".pdf", "x" * (NAME_MAX - 4) + ".pdf"),
    ],
)
def test_names_are_made_harmless(name, expected):
    assert clean_name(name) == expected


@given(st.text(max_size=400))
def test_any_name_becomes_one_short_printable_part(name):
    cleaned = clean_name(name)

    assert 0 < len(cleaned) <= NAME_MAX
    assert "/" not in cleaned
    assert "\\" not in cleaned
    assert cleaned not in (".", "..")
    assert not any(ord(char) < 32 for char in cleaned)
