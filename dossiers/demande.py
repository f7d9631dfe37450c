"""A dossier's form with its answers, section by section, as pages and documents show it."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from dossiers.auteurs import Auteur, auteur_of
from dossiers.models import Dossier, PieceJointe
from dossiers.reponses import Conflict, base_of
from procedures.champs import Champ
from procedures.conditions import Condition
from procedures.formulaire import sections_of_champs
from procedures.questionnaire import Row


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
    is_hidden: bool = False
    # What must hold for it to be shown, as the browser evaluates it.
    conditions: list[Condition] = field(default_factory=list)
    lignes: list["Ligne"] = field(default_factory=list)

    @property
    def is_asked(self) -> bool:
        """Tell whether the usager is expected to do something."""
        return not self.is_hidden and (self.champ.holds_answer or self.champ.holds_files)

    @property
    def is_answered(self) -> bool:
        """Tell whether there is an answer or a file, other than one the antivirus refused."""
        return bool(self.sound_files) or self.dossier.reponses.get(self.champ.id) is not None

    @property
    def sound_files(self) -> list[PieceJointe]:
        """Return the files that count: all but those that the antivirus refused."""
        return [file for file in self.files if not file.is_refused]

    @property
    def text(self) -> str:
        """Return the answer as a person reads it."""
        return self.champ.display(self.dossier.reponses.get(self.champ.id))

    @property
    def is_given(self) -> bool:
        """Tell whether the usager gives something there: an answer, files, rows."""
        return self.champ.holds_answer or self.champ.holds_files or self.champ.is_bloc

    @property
    def is_locked(self) -> bool:
        """Tell whether a correction of other champs holds this one."""
        opened = self.dossier.editable_champ_ids
        return opened is not None and self.champ.id not in opened

    @property
    def is_to_correct(self) -> bool:
        """Tell whether the service asks for its correction."""
        correction = self.dossier.pending_correction
        return correction is not None and self.champ.id in correction.texts

    @property
    def correction_text(self) -> str:
        """Return what the service says is to be corrected here, empty when it says nothing."""
        return self.dossier.pending_correction.texts[self.champ.id] if self.is_to_correct else ""

    @property
    def linked_dossier(self) -> int | None:
        """Return the number of the dossier that the answer names, None for none."""
        return self.dossier.reponses.get(self.champ.id) if self.champ.links_dossier else None

    @property
    def refused(self) -> str:
        """Return what was typed and refused, as one text."""
        typed = self.dossier.saisies_refusees.get(self.champ.id, "")
        return ", ".join(typed) if isinstance(typed, list) else typed

    @property
    def base(self) -> str:
        """Return the mark of what the page shows (see `dossiers.reponses`)."""
        conflict = self.conflict
        return conflict.shown if conflict else base_of(self.dossier, self.champ)

    @property
    def conflict(self) -> Conflict | None:
        """Return what stands against what was typed, None for nothing."""
        return self.dossier.conflicts.get(self.champ.id)

    @property
    def auteur(self) -> Auteur | None:
        """Return who gave the answer last, None where it was not noted."""
        return auteur_of(self.dossier, self.champ.id)

    @property
    def may_add(self) -> bool:
        """Tell whether this bloc has room for another row."""
        return len(self.lignes) < self.champ.rows_max

    @property
    def condition_json(self) -> list[dict]:
        """Return its conditions for `static/js/conditions.js`."""
        return [condition.model_dump(mode="json") for condition in self.conditions]


@dataclass(frozen=True)
class Ligne:
    """One row of a bloc répétable, with its answers."""

    row: Row
    rows: list[ChampRow]
    is_last: bool


@dataclass(frozen=True)
class Group:
    """Answers read under one heading; `depth` is 0 without heading, else 1 or more."""

    heading: str
    depth: int
    rows: list[ChampRow]


@dataclass(frozen=True)
class Section:
    """One section of a dossier: its champs, and how far it is filled in."""

    number: int
    title: Champ | None
    rows: list[ChampRow]
    is_hidden: bool = False
    conditions: list[Condition] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """Return the fragment that leads to the section in the form."""
        return f"champ-{self.title.id}" if self.title else "section-debut"

    @property
    def label(self) -> str:
        """Return the title of the section."""
        return self.title.label if self.title else "Premières questions"

    @property
    def condition_json(self) -> list[dict]:
        """Return its conditions for `static/js/conditions.js`."""
        return [condition.model_dump(mode="json") for condition in self.conditions]

    @cached_property
    def all_rows(self) -> list[ChampRow]:
        """Return its champs, those of the rows of its blocs included."""
        found = []
        for row in self.rows:
            found.append(row)
            for ligne in row.lignes:
                found.extend(ligne.rows)
        return found

    @cached_property
    def asked(self) -> list[ChampRow]:
        """Return the questions and documents asked."""
        return [row for row in self.all_rows if row.is_asked]

    @cached_property
    def problems(self) -> list[Problem]:
        """Return what is missing or wrong in it."""
        return [row.problem for row in self.all_rows if row.problem]

    @property
    def groups(self) -> list[Group]:
        """Return what was asked under its headings: titles, blocs, rows of blocs."""
        return [group for group in self._groups() if group.rows or group.heading]

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

    def _groups(self) -> Iterator[Group]:
        heading, depth, rows = "", 0, []
        for row in self.rows:
            if row.is_hidden:
                continue
            if row.champ.is_section or row.champ.is_bloc:
                yield Group(heading, depth, rows)
                level = row.champ.level - 1 if row.champ.is_section else 1
                heading, depth, rows = row.champ.label, level, []
                for ligne in row.lignes:
                    yield Group(heading, depth, rows)
                    asked = [inner for inner in ligne.rows if inner.is_asked]
                    heading, depth, rows = ligne.row.label, level + 1, asked
                if row.champ.is_bloc:
                    yield Group(heading, depth, rows)
                    heading, depth, rows = "", 0, []
            elif row.is_asked:
                rows.append(row)
        yield Group(heading, depth, rows)


# Say what is wrong with a champ that has these files: an empty text when nothing is.
Check = Callable[[Champ, Dossier, list[PieceJointe]], str]


def sections_of(dossier: Dossier, check: Check | None = None) -> list[Section]:
    """Return the sections of the form with the answers of a dossier, and what `check` says."""
    return _Reader(dossier, check, files_by_champ(dossier)).sections()


def rows_of(feuille) -> list[ChampRow]:
    """Return the champs of annotations privées (`dossiers.annotations`) with their answers."""
    reader = _Reader(feuille, None, files={})
    return [reader.row(champ) for champ in reader.questionnaire.champs if champ.bloc is None]


def files_by_champ(dossier: Dossier) -> dict[str, list[PieceJointe]]:
    """Return the files of each champ that has some."""
    files = defaultdict(list)
    for piece_jointe in dossier.files:
        files[piece_jointe.champ_id].append(piece_jointe)
    return dict(files)


class _Reader:
    """Puts a dossier's answers beside its questions."""

    def __init__(self, dossier, check: Check | None, files: dict[str, list[PieceJointe]]):
        self.dossier, self.check, self.files = dossier, check, files
        self.questionnaire = dossier.questionnaire

    def sections(self) -> list[Section]:
        outer = [champ for champ in self.questionnaire.champs if champ.bloc is None]
        return [
            Section(
                number,
                title,
                [self.row(champ) for champ in champs],
                is_hidden=title is not None and title.id in self.questionnaire.hidden,
                conditions=self.questionnaire.conditions.get(title.id, []) if title else [],
            )
            for number, (title, champs) in enumerate(sections_of_champs(outer), start=1)
        ]

    def row(self, champ: Champ) -> ChampRow:
        """Return a champ with its answer, and its rows where it is a bloc."""
        files = self.files.get(champ.id, [])
        is_hidden = champ.id in self.questionnaire.hidden
        message = "" if is_hidden or not self.check else self.check(champ, self.dossier, files)
        rows = self.questionnaire.rows.get(champ.id, [])
        return ChampRow(
            champ,
            self.dossier,
            files,
            Problem(message, champ) if message else None,
            is_hidden=is_hidden,
            conditions=self.questionnaire.conditions.get(champ.id, []),
            lignes=[
                Ligne(row, [self.row(inner) for inner in row.champs], is_last=row is rows[-1])
                for row in rows
            ],
        )
