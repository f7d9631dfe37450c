"""Believable PDF documents for the demo."""

from functools import lru_cache

from django.template.loader import render_to_string


@lru_cache(maxsize=128)
def make_pdf(title: str, reference: str, *, blank: bool = False) -> bytes:
    """Return a one-page PDF; `blank` leaves dotted lines where an usager writes."""
    from weasyprint import HTML

    html = render_to_string(
        "tps/pdf/demo_piece.html",
        {"title": title, "reference": reference, "blank": blank},
    )
    return HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")
