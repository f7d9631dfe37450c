"""Believable PDF documents for the demo."""

from functools import lru_cache

from commun.pdf import render_pdf


@lru_cache(maxsize=128)
def make_pdf(title: str, reference: str, *, blank: bool = False) -> bytes:
    """Return a one-page PDF; `blank` leaves dotted lines where an usager writes."""
    context = {"title": title, "reference": reference, "blank": blank}
    return render_pdf("tps/pdf/demo_piece.html", context)
