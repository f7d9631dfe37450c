"""The types of champ: one class each, and the only list of them."""

import secrets
from typing import Annotated

from pydantic import Field

from procedures.champs.base import Champ
from procedures.champs.bloc import BlocRepetableChamp, base_id, champ_of_row
from procedures.champs.choix import (
    CaseACocherChamp,
    ChoixMultipleChamp,
    ChoixUniqueChamp,
    OuiNonChamp,
)
from procedures.champs.contexte import ChampInContexte, Contexte, DossierLiable
from procedures.champs.dossier_lie import DossierLieChamp
from procedures.champs.identite import CiviliteChamp, EngagementChamp, IbanChamp
from procedures.champs.lieu import AdresseChamp, CommuneChamp
from procedures.champs.liste import DepartementChamp, PaysChamp, RegionChamp
from procedures.champs.listes_liees import ListesLieesChamp
from procedures.champs.nombre import MontantChamp, NombreDecimalChamp, NombreEntierChamp
from procedures.champs.piece_jointe import PieceJointeChamp
from procedures.champs.presentation import ParagrapheChamp, TitreDeSectionChamp
from procedures.champs.siret import SiretChamp
from procedures.champs.temps import DateChamp, DateHeureChamp
from procedures.champs.texte import (
    AdresseEmailChamp,
    TelephoneChamp,
    TexteCourtChamp,
    TexteLongChamp,
)

AnyChamp = Annotated[
    TexteCourtChamp
    | TexteLongChamp
    | NombreEntierChamp
    | NombreDecimalChamp
    | MontantChamp
    | DateChamp
    | DateHeureChamp
    | CaseACocherChamp
    | OuiNonChamp
    | ChoixUniqueChamp
    | ChoixMultipleChamp
    | ListesLieesChamp
    | EngagementChamp
    | CiviliteChamp
    | AdresseEmailChamp
    | TelephoneChamp
    | AdresseChamp
    | CommuneChamp
    | DepartementChamp
    | RegionChamp
    | PaysChamp
    | SiretChamp
    | IbanChamp
    | DossierLieChamp
    | PieceJointeChamp
    | TitreDeSectionChamp
    | ParagrapheChamp
    | BlocRepetableChamp,
    Field(discriminator="type"),
]

CHAMP_TYPES: dict[str, type[Champ]] = {
    champ_class.model_fields["type"].default: champ_class
    for champ_class in AnyChamp.__origin__.__args__
}


def new_champ_id() -> str:
    """Return a stable id for a new champ: ten random characters."""
    return secrets.token_hex(5)


def new_champ(type_name: str, **properties) -> Champ:
    """Return a champ of the named type with a new id and its default label.

    Raises KeyError for an unknown type.
    """
    champ_class = CHAMP_TYPES[type_name]
    return champ_class(**{"id": new_champ_id(), "label": champ_class.default_label} | properties)


__all__ = [
    "CHAMP_TYPES",
    "AnyChamp",
    "Champ",
    "ChampInContexte",
    "Contexte",
    "DossierLiable",
    "base_id",
    "champ_of_row",
    "new_champ",
    "new_champ_id",
]
