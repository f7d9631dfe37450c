"""Batches: one action on many dossiers, carried out by workers, each dossier on its own."""
