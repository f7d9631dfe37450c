"""What changes between two forms, in the words an administrateur reads."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

from procedures.champs import Champ
from procedures.conditions import Condition, Ineligibilite
from procedures.conditions.explication import condition_in_words
from procedures.formulaire import Formulaire

EMPTY = "(vide)"
# Attributes that no property field names.
_OTHER_LABELS = {
    "type": "Type de champ",
    "formulaire_vierge_id": "Formulaire vierge",
    "bloc": "Bloc",
    "condition": "Condition",
}

# Properties held in the form of an answer.
_ANSWERS = ("default", "minimum", "maximum")


class ChangeKind(models.TextChoices):
    """What happened to a champ."""

    ADDED = "ajout", "ajouté"
    REMOVED = "suppression", "supprimé"
    CHANGED = "modification", "modifié"
    MOVED = "deplacement", "déplacé"


_BADGES = {
    ChangeKind.ADDED: "fr-badge--success",
    ChangeKind.REMOVED: "fr-badge--error",
    ChangeKind.CHANGED: "fr-badge--info",
    ChangeKind.MOVED: "",
}


@dataclass(frozen=True)
class AttributeChange:
    """One property of a champ, before and after; None where that side has nothing to show."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ChampChange:
    """What happened to one champ; a champ both changed and moved is `CHANGED`, with its place."""

    kind: ChangeKind
    champ: Champ
    attributes: tuple[AttributeChange, ...] = ()
    place: str = ""
    is_private: bool = False
    # Whether an answer that nobody had to give must now be given.
    becomes_required: bool = False

    @property
    def badge(self) -> str:
        """Return the DSFR class of the badge of its kind."""
        return _BADGES[self.kind]

    @property
    def title(self) -> str:
        """Return what the champ is called."""
        return self.champ.label

    @property
    def type_name(self) -> str:
        """Return what the palette calls the type of this champ."""
        return f"annotation privée, {self.champ.name}" if self.is_private else self.champ.name


@dataclass(frozen=True)
class IneligibiliteChange:
    """What happened to one rule of ineligibility."""

    kind: ChangeKind
    title: str
    attributes: tuple[AttributeChange, ...] = ()
    place: str = ""
    type_name: str = "règle d’inéligibilité"

    @property
    def badge(self) -> str:
        """Return the DSFR class of the badge of its kind."""
        return _BADGES[self.kind]


Change = ChampChange | IneligibiliteChange


def diff_formulaires(
    before: Formulaire, after: Formulaire, file_names: Mapping[int, str] | None = None
) -> list[Change]:
    """Return what changes: champs, then annotations privées, then rules of ineligibility.

    `file_names` names the blank forms by id.
    """
    file_names = file_names or {}
    annotations = _champ_changes(
        before.of_annotations, after.of_annotations, file_names, "en tête des annotations"
    )
    return [
        *_champ_changes(before, after, file_names),
        *(replace(change, is_private=True) for change in annotations),
        *_ineligibilite_changes(before, after),
    ]


def _champ_changes(
    before: Formulaire,
    after: Formulaire,
    file_names: Mapping[int, str],
    head: str = "en tête du formulaire",
) -> list[ChampChange]:
    """Return one change per champ that differs, in the order of `after`, removed ones last.

    The fewest possible champs count as moved; `head` names the place of the first one.
    """
    old_ids = [champ.id for champ in before.champs if champ.id in after.by_id]
    new_ids = [champ.id for champ in after.champs if champ.id in before.by_id]
    moved = _moved(old_ids, new_ids)
    changes = []
    for position, champ in enumerate(after.champs):
        place = _place(after, position) if position else head
        asks = champ.required and (champ.holds_answer or champ.holds_files or champ.is_bloc)
        if champ.id not in before.by_id:
            added = ChampChange(ChangeKind.ADDED, champ, place=place, becomes_required=asks)
            changes.append(added)
            continue
        attributes = _attribute_changes(before, after, champ.id, file_names)
        is_moved = champ.id in moved
        if attributes or is_moved:
            kind = ChangeKind.CHANGED if attributes else ChangeKind.MOVED
            asks = asks and not before.by_id[champ.id].required
            shown = place if is_moved else ""
            changes.append(ChampChange(kind, champ, attributes, shown, becomes_required=asks))
    changes.extend(
        ChampChange(ChangeKind.REMOVED, champ)
        for champ in before.champs
        if champ.id not in after.by_id
    )
    return changes


def _place(formulaire: Formulaire, position: int) -> str:
    """Say after which champ the one at `position`, but for the first, stands."""
    return f"après « {formulaire.champs[position - 1].label} »"


def _moved(old_ids: Sequence[str], new_ids: Sequence[str]) -> set[str]:
    """Return the ids that must move to go from one order to the other: as few as possible."""
    rank = {champ_id: index for index, champ_id in enumerate(old_ids)}
    kept = _longest_increasing([rank[champ_id] for champ_id in new_ids])
    return {champ_id for index, champ_id in enumerate(new_ids) if index not in kept}


def _longest_increasing(numbers: Sequence[int]) -> set[int]:
    """Return the indexes of a longest increasing subsequence of distinct `numbers`."""
    tails: list[int] = []  # smallest last number of a subsequence of each length…
    tail_indexes: list[int] = []  # … and where it stands
    previous: list[int | None] = []
    for index, number in enumerate(numbers):
        length = bisect_left(tails, number)
        previous.append(tail_indexes[length - 1] if length else None)
        tails[length : length + 1] = [number]
        tail_indexes[length : length + 1] = [index]
    kept, index = set(), tail_indexes[-1] if tail_indexes else None
    while index is not None:
        kept.add(index)
        index = previous[index]
    return kept


def _ineligibilite_changes(before: Formulaire, after: Formulaire) -> list[IneligibiliteChange]:
    """Return one change per rule that differs, removed ones last; their order says nothing."""
    old = {rule.id: rule for rule in before.ineligibilites}
    new = {rule.id: rule for rule in after.ineligibilites}
    changes = []
    for rule in after.ineligibilites:
        title = _rule_in_words(rule, after)
        if rule.id not in old:
            shown = (AttributeChange("Message", None, rule.message),)
            changes.append(IneligibiliteChange(ChangeKind.ADDED, title, shown))
            continue
        former = old[rule.id]
        sides = [
            ("Condition", _rule_in_words(former, before), title),
            ("Message", former.message, rule.message),
        ]
        shown = tuple(AttributeChange(*side) for side in sides if side[1] != side[2])
        if former != rule and shown:
            changes.append(IneligibiliteChange(ChangeKind.CHANGED, title, shown))
    changes.extend(
        IneligibiliteChange(ChangeKind.REMOVED, _rule_in_words(rule, before))
        for rule in before.ineligibilites
        if rule.id not in new
    )
    return changes


def _rule_in_words(rule: Ineligibilite, formulaire: Formulaire) -> str:
    return f"lorsque {condition_in_words(rule.condition, formulaire.by_id)}"


def _shown_when(condition: Condition | None, formulaire: Formulaire) -> str:
    if condition is None:
        return "toujours affiché"
    return f"affiché lorsque {condition_in_words(condition, formulaire.by_id)}"


def _bloc_name(champ: Champ, formulaire: Formulaire) -> str:
    return formulaire.by_id[champ.bloc].label if champ.bloc else "aucun"


def _attribute_changes(
    old_form: Formulaire, new_form: Formulaire, champ_id: str, file_names: Mapping[int, str]
) -> tuple[AttributeChange, ...]:
    before, after = old_form.by_id[champ_id], new_form.by_id[champ_id]
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    labels = {
        name: str(field.label)
        for champ in (before, after)
        for name, field in champ.property_fields().items()
        if field.label
    } | _OTHER_LABELS
    changes = []
    for name in dict.fromkeys([*old, *new]):
        if name == "id" or old.get(name) == new.get(name):
            continue
        label = labels.get(name, name)
        if name == "type":
            changes.append(AttributeChange(label, before.name, after.name))
        elif name == "condition":
            words = (
                _shown_when(before.condition, old_form),
                _shown_when(after.condition, new_form),
            )
            changes.append(AttributeChange(label, *words))
        elif name == "bloc":
            blocs = (_bloc_name(before, old_form), _bloc_name(after, new_form))
            changes.append(AttributeChange(label, *blocs))
        elif isinstance(old.get(name), list) and isinstance(new.get(name), list):
            changes.extend(_list_changes(label, old[name], new[name]))
        else:
            sides = [
                _shown(champ, name, values.get(name), file_names)
                for champ, values in ((before, old), (after, new))
            ]
            if sides[0] != sides[1]:  # another type may lack a property that was empty
                changes.append(AttributeChange(label, *sides))
    return tuple(changes)


def _list_changes(label: str, old: list, new: list) -> list[AttributeChange]:
    """Tell what entered and left a list, or that its order alone changed."""
    left = [str(item) for item in old if item not in new]
    entered = [str(item) for item in new if item not in old]
    changes = []
    if left:
        changes.append(AttributeChange(f"{label} : retraits", ", ".join(left), None))
    if entered:
        changes.append(AttributeChange(f"{label} : ajouts", None, ", ".join(entered)))
    if not changes:
        sides = (", ".join(map(str, items)) for items in (old, new))
        changes.append(AttributeChange(f"{label} : ordre", *sides))
    return changes


def _shown(champ: Champ, name: str, value: Any, file_names: Mapping[int, str]) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if value is None or value in ("", []):
        return EMPTY
    if name in _ANSWERS:
        return champ.display(value)
    if name == "formulaire_vierge_id":
        return file_names.get(value, f"fichier nº {value}")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
