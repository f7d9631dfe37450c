"""The exchange document: a whole procédure as JSON, to keep, to send, to copy.

Nothing of a person is in it: neither accompagnateurs nor dossiers. The blank forms are numbered
from 1 in the order of the champs that give them, so that a document that comes back unchanged
makes a procédure that exports the same document.
"""

from procedures.echange.creation import copy_modele, copy_procedure, create_from
from procedures.echange.document import FORMAT, VERSION, Echange
from procedures.echange.fichiers import check_files, check_images
from procedures.echange.sortie import EchangeError, export_of

__all__ = [
    "FORMAT",
    "VERSION",
    "Echange",
    "EchangeError",
    "check_files",
    "check_images",
    "copy_modele",
    "copy_procedure",
    "create_from",
    "export_of",
]
