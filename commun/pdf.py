"""PDF documents, tagged for screen readers (PDF/UA), made from templates."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

PDF_VARIANT = "pdf/ua-1"


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


def pdf_response(content: bytes, filename: str) -> HttpResponse:
    """Return `content` as a file to be saved, kept by no cache; `filename` is ours and ASCII."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
