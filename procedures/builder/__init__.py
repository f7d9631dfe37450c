"""What an administrateur does to a form: each act is one transaction under the draft's row lock."""

from procedures.builder.champs import (
    add_champ,
    add_champs,
    changed_champ,
    delete_champ,
    duplicate_champ,
    undo_delete,
    undo_insert,
    update_champ,
)
from procedures.builder.deplacement import move_champ, step_champ
from procedures.builder.edition import Edited, find
from procedures.builder.errors import (
    BuilderError,
    ChampNotFound,
    FormulaireIsFull,
    NothingToUndo,
    UnknownChampType,
)
from procedures.builder.regles import set_condition, set_ineligibilites

__all__ = [
    "BuilderError",
    "ChampNotFound",
    "Edited",
    "FormulaireIsFull",
    "NothingToUndo",
    "UnknownChampType",
    "add_champ",
    "add_champs",
    "changed_champ",
    "delete_champ",
    "duplicate_champ",
    "find",
    "move_champ",
    "set_condition",
    "set_ineligibilites",
    "step_champ",
    "undo_delete",
    "undo_insert",
    "update_champ",
]
