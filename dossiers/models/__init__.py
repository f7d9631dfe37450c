"""Dossiers, their files and their history."""

from dossiers.models.dossier import Dossier, DossierQuerySet
from dossiers.models.history import HistoryEntry
from dossiers.models.piece_jointe import PieceJointe, piece_jointe_path

__all__ = ["Dossier", "DossierQuerySet", "HistoryEntry", "PieceJointe", "piece_jointe_path"]
