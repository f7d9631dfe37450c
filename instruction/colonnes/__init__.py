"""The columns of a list of dossiers: what they show, how they are sorted and filtered."""

from instruction.colonnes.base import Cellule, Colonne
from instruction.colonnes.catalogue import DEFAULT_COLUMNS, Catalogue

__all__ = ["DEFAULT_COLUMNS", "Catalogue", "Cellule", "Colonne"]
