"""Champs that ask more than their own answer: what the dossier knows beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pydantic import PrivateAttr

from entreprise_api.models import Etablissement
from procedures.champs.base import Champ


@dataclass(frozen=True)
class DossierLiable:
    """A dossier that an usager may name in another one."""

    number: int
    title: str
    submitted_on: date


class Contexte(Protocol):
    """What a dossier gives to its champs; each part is read when it is first needed."""

    @property
    def etablissements(self) -> Mapping[str, Etablissement]:
        """Return the companies that its answers name, by SIRET."""

    def dossiers_liables(self, procedure_slug: str) -> list[DossierLiable]:
        """Return the dossiers it may be linked with, of one procédure where one is named."""


class ChampInContexte(Champ):
    """A champ that reads its context; without one, in the builder, it does without."""

    _contexte: Contexte | None = PrivateAttr(default=None)

    def bind(self, contexte: Contexte) -> None:
        """Give the champ the dossier it is asked in."""
        self._contexte = contexte
