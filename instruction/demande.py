"""A dossier's answers, section by section, as they are read."""

from dataclasses import dataclass, field

from dossiers.completeness import files_by_champ
from dossiers.models import Dossier, PieceJointe
from procedures.champs import Champ


@dataclass(frozen=True)
class Reponse:
    """A question and what was answered: a text, files, or nothing."""

    champ: Champ
    text: str
    pieces_jointes: list[PieceJointe]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was answered."""
        return not (self.text or self.pieces_jointes)


@dataclass(frozen=True)
class Section:
    """A part of the form; `title` is empty before the first heading."""

    anchor: str
    title: str
    reponses: list[Reponse] = field(default_factory=list)


def sections_of(dossier: Dossier) -> list[Section]:
    """Return the answers of `dossier` by section, the sections that ask nothing left out."""
    files = files_by_champ(dossier)
    sections = []
    for title, champs in dossier.revision.formulaire.sections():
        reponses = [
            Reponse(champ, champ.display(dossier.reponses.get(champ.id)), files.get(champ.id, []))
            for champ in champs
            if champ.holds_answer or champ.holds_files
        ]
        if reponses:
            anchor = f"section-{title.id}" if title else "section-debut"
            sections.append(Section(anchor, title.label if title else "", reponses))
    return sections
