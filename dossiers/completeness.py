"""What a dossier lacks before it can be submitted, as a whole and section by section."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError

from dossiers.models import Dossier, PieceJointe
from dossiers.reponses import base_of
from entreprise_api.enums import LookupState
from procedures.champs import Champ


@dataclass(frozen=True)
class Problem:
    """Something to correct before submission; `champ` is None for the identification."""

    message: str
    champ: Champ | None = None

    @property
    def anchor(self) -> str:
        """Return the fragment that leads to the champ in the form."""
        return f"champ-{self.champ.id}" if self.champ else ""


@dataclass(frozen=True)
class ChampRow:
    """One champ of a dossier, its answer or files, and what is wrong with them."""

    champ: Champ
    dossier: Dossier
    files: list[PieceJointe]
    problem: Problem | None = None

    @property
    def is_asked(self) -> bool:
        """Tell whether the usager is expected to do something."""
        return self.champ.holds_answer or self.champ.holds_files

    @property
    def is_answered(self) -> bool:
        """Tell whether there is an answer or a file."""
        return bool(self.files) or self.dossier.reponses.get(self.champ.id) is not None

    @property
    def text(self) -> str:
        """Return the answer as a person reads it."""
        return self.champ.display(self.dossier.reponses.get(self.champ.id))

    @property
    def refused(self) -> str:
        """Return what was typed and refused, as one text."""
        typed = self.dossier.saisies_refusees.get(self.champ.id, "")
        return ", ".join(typed) if isinstance(typed, list) else typed

    @property
    def base(self) -> str:
        """Return the mark of what the page shows (see `dossiers.reponses`)."""
        return base_of(self.dossier, self.champ)


@dataclass(frozen=True)
class Section:
    """One section of a dossier: its champs, and how far it is filled in."""

    number: int
    title: Champ | None
    rows: list[ChampRow]

    @property
    def anchor(self) -> str:
        """Return the fragment that leads to the section in the form."""
        return f"champ-{self.title.id}" if self.title else "section-debut"

    @property
    def label(self) -> str:
        """Return the title of the section."""
        return self.title.label if self.title else "Premières questions"

    @cached_property
    def asked(self) -> list[ChampRow]:
        """Return the questions and documents asked."""
        return [row for row in self.rows if row.is_asked]

    @cached_property
    def problems(self) -> list[Problem]:
        """Return what is missing or wrong in it."""
        return [row.problem for row in self.rows if row.problem]

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is missing and something was given, where anything is asked."""
        return not self.problems and (not self.asked or any(row.is_answered for row in self.asked))

    @property
    def status(self) -> str:
        """Return where the section stands, in French."""
        if self.problems:
            count = len(self.problems)
            return "1 réponse à compléter" if count == 1 else f"{count} réponses à compléter"
        return "complet" if self.is_complete else "facultatif"


def problems_of(dossier: Dossier) -> list[Problem]:
    """Return what is missing or wrong, in the order of the form; empty when it may be submitted."""
    problems = identification_problems(dossier)
    for section in sections_of(dossier):
        problems += section.problems
    return problems


def identification_problems(dossier: Dossier) -> list[Problem]:
    """Return what is wrong with who applies."""
    etablissement = dossier.etablissement
    if not dossier.is_identified:
        return [Problem("Indiquez qui dépose ce dossier.")]
    if etablissement is not None and etablissement.state == LookupState.INTROUVABLE:
        return [Problem("L’INSEE ne connaît pas le SIRET indiqué : corrigez-le.")]
    return []


def sections_of(dossier: Dossier) -> list[Section]:
    """Return the sections of the form with the answers of a dossier."""
    files = files_by_champ(dossier)
    return [
        Section(
            number,
            title,
            [_row_of(champ, dossier, files.get(champ.id, [])) for champ in champs],
        )
        for number, (title, champs) in enumerate(dossier.revision.formulaire.sections(), start=1)
    ]


def files_by_champ(dossier: Dossier) -> dict[str, list[PieceJointe]]:
    """Return the files of each champ that has some."""
    files = defaultdict(list)
    for piece_jointe in dossier.pieces_jointes.all():
        files[piece_jointe.champ_id].append(piece_jointe)
    return dict(files)


def refused_messages(champ: Champ, raw, *, dossier: Dossier) -> list[str]:
    """Return why `raw`, as typed, is refused as the answer to `champ`; nothing when it is not."""
    form_field = champ.form_field()
    form_field.required = champ.required and not dossier.is_brouillon
    try:
        form_field.clean(raw)
    except ValidationError as error:
        return list(error.messages)
    return []


def _row_of(champ: Champ, dossier: Dossier, files: list[PieceJointe]) -> ChampRow:
    message = _problem_of(champ, dossier, has_file=bool(files))
    return ChampRow(champ, dossier, files, Problem(message, champ) if message else None)


def _problem_of(champ: Champ, dossier: Dossier, *, has_file: bool) -> str:
    if champ.holds_files:
        if champ.required and not has_file:
            return "Joignez le document demandé."
        return ""
    if not champ.holds_answer:
        return ""
    if champ.id in dossier.saisies_refusees:
        messages = refused_messages(champ, dossier.saisies_refusees[champ.id], dossier=dossier)
        return _first(messages, "Corrigez cette réponse.")
    stored = dossier.reponses.get(champ.id)
    if stored is None:
        return _answer_wanted(champ) if champ.required else ""
    # The form may have changed since, and an option be gone.
    messages = refused_messages(champ, champ.to_initial(stored), dossier=dossier)
    return _first(messages, "")


def _answer_wanted(champ: Champ) -> str:
    """Ask for an answer in the words of the champ, where it has its own."""
    message = champ.form_field().error_messages["required"]
    is_default = message == forms.Field.default_error_messages["required"]
    return "Répondez à cette question." if is_default else message


def _first(messages: Iterable[str], default: str) -> str:
    return next(iter(messages), default)
