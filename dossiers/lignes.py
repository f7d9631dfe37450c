"""The rows of the blocs répétables of a dossier: added, removed, put back, moved."""

import secrets

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from dossiers import policies
from dossiers.auteurs import note_auteur
from dossiers.copie import locked_working_copy, save_working_copy
from dossiers.models import Dossier
from dossiers.retrait import retire_files
from procedures.champs.bloc import ROW_SEPARATOR, BlocRepetableChamp
from procedures.questionnaire import initial_reponses_of_row

# With its rows unfolded: beyond, its page would take seconds to show.
CHAMPS_OF_DOSSIER_MAX = 2000
# Of one bloc, whose answers and files wait for a change of mind.
REMOVED_ROWS_MAX = 100


class BlocNotFound(Exception):
    """The dossier's form has no such bloc."""


def add_row(dossier_id: int, bloc_id: str, *, by) -> str:
    """Add a row at the end of a bloc, with its default values, and return its id.

    Raises BlocNotFound, PermissionDenied, Dossier.DoesNotExist, ValidationError when it is full.
    """
    with transaction.atomic():
        dossier, bloc, rows = _locked(dossier_id, bloc_id, by)
        _check_room(dossier, bloc, rows)
        _forget_removed(dossier, bloc, rows)
        row_id = secrets.token_hex(4)
        formulaire = dossier.revision.formulaire
        dossier.reponses |= initial_reponses_of_row(formulaire, bloc, row_id)
        _save(dossier, bloc, [*rows, row_id], by)
    return row_id


def remove_row(dossier_id: int, bloc_id: str, row_id: str, *, by) -> int | None:
    """Take a row out of a bloc and return the place it had, from 0; None when it had none.

    Its answers and files stay until submission, so that it can be put back. Raises as `add_row`.
    """
    with transaction.atomic():
        dossier, bloc, rows = _locked(dossier_id, bloc_id, by)
        if row_id not in rows:
            return None
        place = rows.index(row_id)
        _save(dossier, bloc, [other for other in rows if other != row_id], by)
    return place


def restore_row(dossier_id: int, bloc_id: str, row_id: str, place: int, *, by) -> None:
    """Put a removed row back at `place`, from 0. Raises as `add_row`; done twice, changes nothing.

    A row id that the bloc never had makes an empty row: harmless.
    """
    with transaction.atomic():
        dossier, bloc, rows = _locked(dossier_id, bloc_id, by)
        if row_id in rows or bloc.row_ids([row_id]) != [row_id]:
            return
        _check_room(dossier, bloc, rows)
        rows.insert(max(0, min(place, len(rows))), row_id)
        _forget_removed(dossier, bloc, rows)
        _save(dossier, bloc, rows, by)


def move_row(dossier_id: int, bloc_id: str, row_id: str, step: int, *, by) -> None:
    """Move a row by `step` places, up when negative; out of bounds is the nearest end.

    Raises as `add_row`.
    """
    with transaction.atomic():
        dossier, bloc, rows = _locked(dossier_id, bloc_id, by)
        if row_id not in rows:
            return
        place = rows.index(row_id)
        rows.remove(row_id)
        rows.insert(max(0, min(place + step, len(rows))), row_id)
        _save(dossier, bloc, rows, by)


def _locked(dossier_id: int, bloc_id: str, by) -> tuple[Dossier, BlocRepetableChamp, list[str]]:
    dossier = locked_working_copy(dossier_id, by=by)
    bloc = dossier.revision.formulaire.by_id.get(bloc_id)
    if bloc is None or not bloc.is_bloc:
        raise BlocNotFound
    if not policies.can_edit_champ(by, dossier, bloc):
        raise PermissionDenied
    return dossier, bloc, bloc.row_ids(dossier.reponses.get(bloc_id))


def _check_room(dossier: Dossier, bloc: BlocRepetableChamp, rows: list[str]) -> None:
    if len(rows) >= bloc.rows_max:
        count = bloc.rows_max
        raise ValidationError(f"Ce bloc compte au plus {count} ligne{'s' if count > 1 else ''}.")
    inside = len(dossier.revision.formulaire.champs_of(bloc))
    if len(dossier.questionnaire.champs) + inside > CHAMPS_OF_DOSSIER_MAX:
        raise ValidationError(
            "Ce dossier est trop long pour une ligne de plus. Retirez-en une, ou joignez la suite "
            "de la liste dans un document."
        )


def _forget_removed(dossier: Dossier, bloc: BlocRepetableChamp, rows: list[str]) -> None:
    """Drop what the removed rows of a bloc held once they are too many; the caller saves."""
    inside = {champ.id for champ in dossier.revision.formulaire.champs_of(bloc)}
    files = dossier.files
    removed: dict[str, str] = {}
    for key in (*dossier.reponses, *dossier.saisies_refusees, *(file.champ_id for file in files)):
        champ_id, _, row_id = key.partition(ROW_SEPARATOR)
        if champ_id in inside and row_id and row_id not in rows:
            removed[key] = row_id
    if len(set(removed.values())) <= REMOVED_ROWS_MAX:
        return
    for key in removed:
        dossier.reponses.pop(key, None)
        dossier.saisies_refusees.pop(key, None)
    retire_files([file for file in files if file.champ_id in removed])


def _save(dossier: Dossier, bloc: BlocRepetableChamp, rows: list[str], by) -> None:
    if rows:
        dossier.reponses[bloc.id] = rows
    else:
        dossier.reponses.pop(bloc.id, None)
    note_auteur(dossier, bloc.id, by=by)
    save_working_copy(dossier)
