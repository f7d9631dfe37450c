"""Acts of the builder that cannot be done."""


class BuilderError(Exception):
    """An act that cannot be done; its text says why, in French."""


class ChampNotFound(BuilderError):
    """No champ of the draft has this id: forged, or deleted by someone else."""


class UnknownChampType(BuilderError):
    """No type of champ has this name."""


class FormulaireIsFull(BuilderError):
    """The form holds `CHAMPS_MAX` champs already."""


class NothingToUndo(BuilderError):
    """The deletion was undone already, or is too old."""
