"""What the builder shows: the whole page, or the parts of it that one act changed."""

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from procedures import builder, formulaires_vierges
from procedures.champs import Champ
from procedures.forms.champ import ApercuForm, ChampForm, FormulaireViergeForm
from procedures.models import Procedure, Revision

NEIGHBOUR_LABEL_MAX = 60


@dataclass(frozen=True)
class Act:
    """What an act did to the list: the champ came into it, moved in it, or `removed` left it."""

    came: bool = False
    moved: bool = False
    removed: tuple[str, ...] = ()


def page_context(
    procedure: Procedure, revision: Revision, selected: Champ | None, *, search: str = "", **forms
) -> dict[str, Any]:
    """Return what the whole page shows; `forms` are those with errors."""
    champs = revision.formulaire.champs
    return {
        "champs": champs,
        "apercu": ApercuForm(champs),
        "palette": builder.palette(search),
        "search": search,
    } | parts_context(procedure, revision, selected, **forms)


def parts_context(
    procedure: Procedure,
    revision: Revision,
    selected: Champ | None,
    *,
    champ_form: ChampForm | None = None,
    file_form: Form | None = None,
) -> dict[str, Any]:
    """Return what the panel of properties and the state of the form show."""
    formulaires_vierges.attach(revision.formulaire)
    champs = revision.formulaire.champs
    context = {
        "procedure": procedure,
        "builder_url": reverse("procedures:formulaire_edit", args=[procedure.pk]),
        "champ_count": len(champs),
        "saved": saved_text(revision),
        "deletions": _deletions(revision),
        "selected": selected,
    }
    if selected is not None:
        position = champs.index(selected)
        context |= {
            "champ_form": champ_form or ChampForm(selected),
            "position": position + 1,
            "neighbours": [
                (other.id, f"{rank}. {_shortened(other.label)}")
                for rank, other in enumerate(champs, start=1)
                if other is not selected
            ],
            "previous_id": champs[position - 1].id if position else "",
            "file_form": (file_form or FormulaireViergeForm()) if selected.holds_files else None,
        }
    return context


def change_context(
    procedure: Procedure, edited: builder.Edited, act: Act, *, deselected: str = "", **forms
) -> dict[str, Any]:
    """Return what an htmx answer shows: the panel, the state, and the cards that changed."""
    champ, by_id = edited.champ, edited.formulaire.by_id
    context = parts_context(procedure, edited.revision, champ, **forms)
    is_placed = act.came or act.moved
    former = by_id.get(deselected)
    refreshed = [former] if former is not None and former is not champ else []
    if champ is not None and not is_placed:
        refreshed.append(champ)
    shown = [*refreshed, *([champ] if champ is not None else [])]
    return context | {
        "removed": [*act.removed, *([champ.id] if act.moved else [])],
        "refreshed": refreshed,
        "placed": champ if is_placed else None,
        "apercu": ApercuForm(shown),
    }


def saved_text(revision: Revision) -> str:
    """Return when the form was last saved: `Enregistré à 14:03`."""
    saved_at = timezone.localtime(revision.updated_at)
    if saved_at.date() == timezone.localdate():
        return f"Enregistré à {date_format(saved_at, 'H:i')}"
    return f"Enregistré le {date_format(saved_at, 'd/m/Y')} à {date_format(saved_at, 'H:i')}"


def _deletions(revision: Revision) -> list[dict[str, str]]:
    """Return the champs that can be put back, the last deleted first."""
    present = revision.formulaire.by_id
    return [
        {"id": kept["champ"]["id"], "label": _shortened(kept["champ"]["label"])}
        for kept in reversed(revision.deleted_champs)
        if kept["champ"]["id"] not in present
    ]


def _shortened(label: str) -> str:
    return label if len(label) <= NEIGHBOUR_LABEL_MAX else f"{label[:NEIGHBOUR_LABEL_MAX]}…"
