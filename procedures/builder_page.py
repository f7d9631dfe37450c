"""What the builder shows: the whole page, or the parts of it that one act changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.formats import date_format

from procedures import formulaires_vierges
from procedures.annulation import last_undoable, shortened
from procedures.builder import Edited
from procedures.champs import Champ
from procedures.conditions.controle import problems_of_formulaire
from procedures.conditions.explication import condition_in_words
from procedures.diff import diff_formulaires
from procedures.forms.champ import ApercuForm, ChampForm, FormulaireViergeForm
from procedures.forms.condition import ConditionForm
from procedures.formulaire import Formulaire
from procedures.models import Procedure, Revision
from procedures.ordre import END_PREFIX, marks_of, span_of
from procedures.palette import palette
from procedures.part import Part
from procedures.questionnaire import Questionnaire


@dataclass(frozen=True)
class Card:
    """One line of the list: a champ, or the end of the bloc `champ`."""

    mark: str
    champ: Champ
    condition: str = ""
    problems: tuple[str, ...] = ()

    @property
    def is_end(self) -> bool:
        """Tell whether it is the end of a bloc."""
        return self.mark.startswith(END_PREFIX)

    def looks_like(self, other: "Card") -> bool:
        """Tell whether another card of the same mark shows the same, wherever it stands."""
        if self.champ is other.champ:
            is_same = True
        else:
            is_same = self.champ.model_copy(update={"bloc": other.champ.bloc}) == other.champ
        return is_same and (self.condition, self.problems) == (other.condition, other.problems)


def cards_of(formulaire: Formulaire) -> list[Card]:
    """Return the lines of a form, each bloc followed by its champs and its end."""
    by_id = formulaire.by_id
    problems: dict[str, list[str]] = {}
    for champ, problem in problems_of_formulaire(formulaire):
        if champ is not None:
            problems.setdefault(champ.id, []).append(problem)
    cards = []
    for mark in marks_of(formulaire.champs):
        champ = by_id[mark.removeprefix(END_PREFIX)]
        if mark != champ.id:
            cards.append(Card(mark, champ))
            continue
        words = condition_in_words(champ.condition, by_id) if champ.condition else ""
        cards.append(Card(mark, champ, words, tuple(problems.get(champ.id, ()))))
    return cards


def page_context(
    procedure: Procedure,
    revision: Revision,
    part: Part,
    selected: Champ | None,
    *,
    search: str = "",
    **forms,
) -> dict[str, Any]:
    """Return what the whole page shows; `forms` are those with errors."""
    formulaire = part.of(revision.formulaire)
    cards = cards_of(formulaire)
    return {
        "cards": cards,
        "apercu": ApercuForm(formulaire.champs),
        "palette": palette(search, part),
        "search": search,
    } | parts_context(procedure, revision, part, selected, cards, **forms)


def parts_context(
    procedure: Procedure,
    revision: Revision,
    part: Part,
    selected: Champ | None,
    cards: Sequence[Card],
    **forms,
) -> dict[str, Any]:
    """Return what the panel of properties and the state of the form show."""
    formulaire = part.of(revision.formulaire)
    formulaires_vierges.attach(formulaire)
    context = {
        "procedure": procedure,
        "part": part,
        "builder_url": part.url("formulaire_edit", procedure),
        "champ_count": len(formulaire.champs),
        "order": " ".join(card.mark for card in cards),
        "impossible": [card.champ for card in cards if card.problems],
        "impossible_rules": sum(champ is None for champ, _ in problems_of_formulaire(formulaire)),
        "minutes": formulaire.minutes,
        "changes_count": _changes_count(procedure, revision),
        "saved": saved_text(revision),
        "undoable": last_undoable(revision, part),
        "selected": selected,
    }
    if selected is not None:
        context |= panel_context(formulaire, part, selected, **forms)
    return context


def panel_context(
    formulaire: Formulaire,
    part: Part,
    selected: Champ,
    *,
    champ_form: ChampForm | None = None,
    file_form: Form | None = None,
    condition_form: ConditionForm | None = None,
) -> dict[str, Any]:
    """Return what the panel of the selected champ shows."""
    champs = formulaire.champs
    marks, span = marks_of(champs), span_of(champs, selected)
    place = marks.index(selected.id)
    holds_blank_form = selected.holds_files and not part.is_private
    if condition_form is None:
        condition_form = ConditionForm(formulaire, selected, condition=selected.condition)
    return {
        "champ_form": champ_form or ChampForm(selected, is_private=part.is_private),
        "condition_form": condition_form,
        "position": champs.index(selected) + 1,
        "neighbours": _neighbours(formulaire, marks, span),
        "previous_mark": marks[place - 1] if place else "",
        "file_form": (file_form or FormulaireViergeForm()) if holds_blank_form else None,
    }


def change_context(
    procedure: Procedure, edited: Edited, *, deselected: str = "", **forms
) -> dict[str, Any]:
    """Return what an htmx answer shows: the panel, the state, and the cards that changed.

    The state says the order of the cards; a script puts each in its place.
    """
    champ, cards = edited.champ, cards_of(edited.formulaire)
    context = parts_context(procedure, edited.revision, edited.part, champ, cards, **forms)
    before = {card.mark: card for card in cards_of(edited.before)}
    turned = {deselected, champ.id if champ else ""}
    if deselected == (champ.id if champ else ""):
        turned = set()
    if "condition_form" in forms:  # it may come after an answer that was left out
        turned.add(champ.id)
    came = [card for card in cards if card.mark not in before]
    refreshed = [
        card
        for card in cards
        if card.mark in before and (card.mark in turned or not card.looks_like(before[card.mark]))
    ]
    return context | {
        "came": came,
        "refreshed": refreshed,
        "broken": _broken(before, cards),
        "outdated": _outdated(context["champ_form"], edited) if champ else [],
        "apercu": ApercuForm(card.champ for card in (*came, *refreshed) if not card.is_end),
    }


@dataclass(frozen=True)
class PreviewRow:
    """A champ as the preview shows it, with what it depends on."""

    champ: Champ
    words: str
    # Ids as the browser evaluates them.
    conditions: list[dict[str, Any]]
    # What stands above the first champ of the row of a bloc: « Dépense 1 ».
    heading: str = ""
    is_inside: bool = False


def preview_rows(questionnaire: Questionnaire) -> list[PreviewRow]:
    """Return the champs of a form as filled in with one row of each bloc."""
    by_id = questionnaire.formulaire.by_id
    first_of_row = {
        row.champs[0].id: row.label
        for rows in questionnaire.rows.values()
        for row in rows
        if row.champs
    }
    return [
        PreviewRow(
            champ,
            condition_in_words(champ.condition, by_id) if champ.condition else "",
            [
                condition.model_dump(mode="json")
                for condition in questionnaire.conditions.get(champ.id, [])
            ],
            first_of_row.get(champ.id, ""),
            champ.bloc is not None,
        )
        for champ in questionnaire.champs
    ]


def _changes_count(procedure: Procedure, revision: Revision) -> int:
    """Return how many changes wait for publication; none before the first one."""
    published = procedure.published_revision
    if published is None or published.pk == revision.pk:
        return 0
    return len(diff_formulaires(published.formulaire, revision.formulaire))


def saved_text(revision: Revision) -> str:
    """Return when the form was last saved: `Enregistré à 14:03`."""
    saved_at = timezone.localtime(revision.updated_at)
    if saved_at.date() == timezone.localdate():
        return f"Enregistré à {date_format(saved_at, 'H:i')}"
    return f"Enregistré le {date_format(saved_at, 'd/m/Y')} à {date_format(saved_at, 'H:i')}"


def _neighbours(
    formulaire: Formulaire, marks: Sequence[str], span: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the marks after which a champ may go, with what they are called."""
    ranks = {champ.id: rank for rank, champ in enumerate(formulaire.champs, start=1)}
    neighbours = []
    for mark in marks:
        champ = formulaire.by_id[mark.removeprefix(END_PREFIX)]
        if mark in span:
            continue
        if mark != champ.id:
            neighbours.append((mark, f"Fin du bloc « {shortened(champ.label)} »"))
            continue
        margin = "\u2003" if champ.bloc else ""
        neighbours.append((mark, f"{margin}{ranks[mark]}. {shortened(champ.label)}"))
    return neighbours


def _outdated(form: ChampForm, edited: Edited) -> list[BoundField]:
    """Return the properties that have other choices since an act on their champ."""
    former = edited.before.by_id.get(edited.champ.id)
    if former is None:
        return []
    fields = former.own_property_fields()
    return [
        form[name]
        for name, field in form.fields.items()
        if list(getattr(field, "choices", ())) != list(getattr(fields[name], "choices", ()))
    ]


def _broken(before: dict[str, Card], cards: Sequence[Card]) -> list[Champ]:
    """Return the champs whose condition an act made impossible."""
    return [
        card.champ
        for card in cards
        if card.problems and card.mark in before and not before[card.mark].problems
    ]
