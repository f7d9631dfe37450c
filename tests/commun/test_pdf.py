"""PDF documents: tagged, and deaf to the addresses they hold."""

import base64
import logging
from io import BytesIO
from urllib.request import OpenerDirector

import pytest
from pypdf import PdfReader

from commun.pdf import html_to_pdf, pdf_response
from tps.demo.pdf import make_pdf

PIXEL = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/>'
    b'<image href="file:///etc/passwd"/></svg>'
).decode()
HOSTILE = (
    '<img alt="a" src="http://127.0.0.1:9/a.png">',
    '<img alt="a" src="HTTPS://127.0.0.1:9/a.png">',
    '<img alt="a" src="ftp://127.0.0.1:9/a.png">',
    '<img alt="a" src="file:///etc/passwd">',
    '<img alt="a" src="/etc/passwd">',
    '<img alt="a" src="//127.0.0.1:9/a.png">',
    '<link rel="stylesheet" href="file:///etc/passwd">',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<style>@import "http://127.0.0.1:9/a.css"; p { background: url(file:///etc/passwd) }</style>',
    "<style>@font-face { font-family: a; src: url(http://127.0.0.1:9/a.woff) }</style>",
    '<object data="file:///etc/passwd"></object><embed src="http://127.0.0.1:9/">',
    f'<base href="file:///etc/"><img alt="a" src="data:image/svg+xml;base64,{PIXEL}">',
)


@pytest.fixture
def fetched(monkeypatch) -> list[str]:
    """Return the addresses that something opened, `data:` left out."""
    opened, open_url = [], OpenerDirector.open

    def record(self, request, *args, **kwargs):
        url = request if isinstance(request, str) else request.full_url
        if not url.startswith("data:"):
            opened.append(url)
        return open_url(self, request, *args, **kwargs)

    monkeypatch.setattr(OpenerDirector, "open", record)
    return opened


def page(body: str) -> str:
    return f'<!DOCTYPE html><html lang="fr"><title>Essai</title><body><p>Bonjour</p>{body}</html>'


@pytest.mark.parametrize("body", HOSTILE)
def test_document_reads_neither_network_nor_disk(body, fetched):
    content = html_to_pdf(page(body))

    reader = PdfReader(BytesIO(content))
    assert fetched == []
    assert reader.pages[0].extract_text().split() in (["Bonjour"], ["Bonjour", "a"])
    assert len(reader.pages) == 1
    assert list(reader.attachments) == []


def test_data_images_are_drawn():
    content = html_to_pdf(page(f'<img alt="Logo" src="data:image/svg+xml;base64,{PIXEL}">'))

    text = PdfReader(BytesIO(content)).pages[0].extract_text()
    assert text.strip() == "Bonjour"  # not the text that stands for an image that is missing


def test_document_is_tagged_titled_and_french(caplog):
    with caplog.at_level(logging.WARNING):
        content = make_pdf("Statuts", "2026-01")

    reader = PdfReader(BytesIO(content))
    assert reader.metadata.title == "Statuts"
    assert reader.root_object["/MarkInfo"]["/Marked"] is not False
    assert reader.root_object["/Lang"] == "fr"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"] is not False
    assert b"pdfuaid:part" in reader.root_object["/Metadata"].get_data()
    assert caplog.messages == []


def test_response_is_a_file_to_save():
    response = pdf_response(b"%PDF", "dossier-12.pdf")

    assert response.content == b"%PDF"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="dossier-12.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
