"""What the pages of a dossier show in several places."""

from pathlib import PurePosixPath

from django import template

from commun.file_size import file_size
from dossiers.countdown import countdown_of
from dossiers.models import PieceJointe

register = template.Library()


@register.filter
def file_detail(piece_jointe: PieceJointe) -> str:
    """Return the type and size of a file, as the DSFR writes them: `PDF – 1,2 Mo`."""
    extension = PurePosixPath(piece_jointe.name).suffix.lstrip(".").upper() or "Fichier"
    return f"{extension} – {file_size(piece_jointe.size_bytes)}"


@register.inclusion_tag("dossiers/includes/countdown.html")
def countdown(procedure) -> dict:
    """Say how long is left to submit, where the procédure is open and has a closing date."""
    return {"countdown": countdown_of(procedure)}
