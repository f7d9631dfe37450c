"""PDF documents, tagged for screen readers (PDF/UA), made from templates."""

import io
import threading
from typing import Any

import pypdfium2
from django.http import HttpResponse
from django.template.loader import render_to_string

PDF_VARIANT = "pdf/ua-1"
IMAGE_DPI = 110
# PDFium serves one thread at a time.
_pdfium = threading.Lock()


def render_pdf(template_name: str, context: dict[str, Any]) -> bytes:
    """Return the PDF of a template, a whole page of HTML with its `lang` and `<title>`."""
    return html_to_pdf(render_to_string(template_name, context))


def html_to_pdf(html: str) -> bytes:
    """Return the PDF of a page that reads neither network nor disk, whatever it holds.

    Images and styles are in the page itself, or in `data:` addresses.
    """
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    return HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant=PDF_VARIANT)


def pdf_to_images(content: bytes, *, pages_max: int) -> tuple[list[bytes], int]:
    """Return the first pages of a PDF as PNG images, and how many pages it has."""
    with _pdfium, pypdfium2.PdfDocument(content) as document:
        images = []
        for number in range(min(len(document), pages_max)):
            output = io.BytesIO()
            document[number].render(scale=IMAGE_DPI / 72).to_pil().save(output, "PNG")
            images.append(output.getvalue())
        return images, len(document)


def pdf_response(content: bytes, filename: str, *, inline: bool = False) -> HttpResponse:
    """Return `content` as a file kept by no cache; `filename` is ours and ASCII.

    `inline`: shown by the browser, else saved.
    """
    # A browser shows no PDF in a sandbox.
    disposition, policy = ("inline", "object-src 'self'") if inline else ("attachment", "sandbox")
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'{disposition}; filename="{filename}"',
            "Content-Security-Policy": f"default-src 'none'; {policy}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
