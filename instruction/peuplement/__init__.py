"""Fills a procédure with as many realistic dossiers as one wants, to measure under load."""

from instruction.peuplement.dossiers import DOSSIERS_PER_CHUNK, populate, tidy
from instruction.peuplement.formulaire import create_procedure_of_load

__all__ = ["DOSSIERS_PER_CHUNK", "create_procedure_of_load", "populate", "tidy"]
