"""What the answers to a champ are in a list of dossiers."""

from enum import StrEnum


class ColumnKind(StrEnum):
    """How a column is sorted and filtered."""

    TEXT = "texte"
    NUMBER = "nombre"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choix"
    # Several choices at once.
    CHOICES = "choix-multiple"
    BOOLEAN = "oui-non"
    # True or nothing at all.
    TICK = "case"
    # One can only tell whether there is an answer.
    PRESENCE = "presence"
