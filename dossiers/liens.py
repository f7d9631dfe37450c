"""What a prefilled link answers, carried from the public page to the brouillon.

The link is read again at each step, so that nothing has to be signed. While its reader signs in it
waits in their session, under its mark: no answer stands in an address that is written to a log.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import urlencode

from procedures.models import Procedure
from procedures.preremplissage import (
    LienTooLong,
    Preremplissage,
    digest_of,
    lien_of,
    read_lien,
)

MARK = "rempli"
KEPT_MAX = 3
_SESSION_KEY = "liens_preremplis"


@dataclass(frozen=True)
class Lien:
    """A link as the public page shows it."""

    lien: str
    found: Preremplissage
    problem: str = ""


TOO_LONG = Lien("", Preremplissage(), "Ce lien est trop long : il ne remplit rien d’avance.")
FORGOTTEN = Lien(
    "",
    Preremplissage(),
    "Les réponses du lien ne sont plus en mémoire. Ouvrez-le de nouveau pour les reprendre.",
)


def lien_of_request(request: HttpRequest, procedure: Procedure) -> Lien | None:
    """Return the link by which the public page of an open procédure is read, None without one."""
    mark = request.GET.get(MARK, "")
    try:
        lien = lien_of(request.META.get("QUERY_STRING", ""))
        if not lien and mark:
            lien = request.session.get(_SESSION_KEY, {}).get(mark, "")
            if not lien:
                return FORGOTTEN
        if not lien:
            return None
        found = read_lien(procedure, procedure.published_revision.formulaire, lien)
    except LienTooLong:
        return TOO_LONG
    return None if found.is_nothing else Lien(lien, found)


def posted_lien(request: HttpRequest) -> str:
    """Return the link that the button « Commencer » sends; none when it is too long."""
    try:
        return lien_of(request.POST.get("lien", ""))
    except LienTooLong:
        return ""


def keep_lien(request: HttpRequest, procedure: Procedure, lien: str) -> str:
    """Keep a link while its reader signs in and return the address that finds it again."""
    digest = digest_of(lien)
    kept = {
        other: text
        for other, text in request.session.get(_SESSION_KEY, {}).items()
        if other != digest
    }
    request.session[_SESSION_KEY] = dict([*kept.items(), (digest, lien)][-KEPT_MAX:])
    return f"{procedure.get_absolute_url()}?{urlencode({MARK: digest})}"


def forget_lien(request: HttpRequest, lien: str) -> None:
    """Take out of the session a link that began a dossier."""
    kept = request.session.get(_SESSION_KEY, {})
    if kept.pop(digest_of(lien), None) is not None:
        request.session[_SESSION_KEY] = kept
