"""How the content of a file leaves: the one place that gives it, once it may be given.

The caller has checked who asks. Nothing leaves before the antivirus, where there is one, has
found it clean; what was sent is only ever saved, never run or shown by a browser.
"""

import logging

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render

from commun.images import PREVIEW_TYPE
from dossiers.models import Fichier

logger = logging.getLogger(__name__)
CHUNK_BYTES = 256 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class NotServable(Exception):
    """The file is being scanned, or was refused."""


def open_content(fichier: Fichier):
    """Open the content of a file to read it, if it may be given.

    Raises NotServable, FileNotFoundError when the storage has lost it, OSError.
    """
    if not fichier.is_servable:
        raise NotServable(fichier.scan_label)
    return fichier.file.open("rb")


def serve(request, fichier: Fichier) -> HttpResponse:
    """Give a file to be saved, or a page that says why not. Raises Http404 when it was lost."""
    try:
        content = open_content(fichier)
    except NotServable:
        context = {"fichier": fichier}
        response = render(request, "dossiers/fichier_retenu.html", context, status=403)
        response["Cache-Control"] = "private, no-store"
        return response
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=fichier.name,
        content_type=fichier.content_type,
        headers=HEADERS,
    )
    response.block_size = CHUNK_BYTES
    return response


def serve_preview(fichier: Fichier) -> HttpResponse:
    """Give the small image that we drew of a file. Raises Http404 where there is none."""
    if not fichier.has_preview:
        raise Http404
    try:
        content = fichier.preview.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, content_type=PREVIEW_TYPE, headers=HEADERS)
