"""Beginning a new brouillon from a dossier one already filled in."""

import logging

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from dossiers import policies
from dossiers.analyse import examine_after_commit
from dossiers.brouillons import new_brouillon, prefill
from dossiers.models import Dossier, PieceJointe
from dossiers.search import refresh_search_text
from procedures.champs import Champ, base_id, champ_of_row
from procedures.formulaire import Formulaire
from procedures.preremplissage import Preremplissage, without_hidden

logger = logging.getLogger(__name__)
# What the antivirus said of the same content holds; a preview is drawn again.
COPIED = (
    "champ_id",
    "name",
    "content_type",
    "size_bytes",
    "sha256",
    "scan_state",
    "scanned_at",
    "scan_signature",
)
# A copy is in the form of the new brouillon, and was never filed.
NEW_FILE = {"is_working": True, "is_filed": False}
IDENTITY = [
    "civilite",
    "prenom",
    "nom",
    "mandataire_prenom",
    "mandataire_nom",
    "beneficiaire_email",
    "etablissement",
]


def duplicate(dossier_id: int, *, by) -> Dossier:
    """Return a new brouillon of `by`, on the published form, with what still fits of a dossier.

    The answers and files of the champs that kept their id and type, and who applies; what does
    not fit is named in the brouillon. Raises ProcedureClosed, PermissionDenied,
    Dossier.DoesNotExist.
    """
    with transaction.atomic():
        source = Dossier.objects.select_related(
            "etablissement", "revision", "procedure__published_revision"
        ).get(pk=dossier_id)
        if not policies.can_duplicate(by, source):
            raise PermissionDenied
        copy = new_brouillon(source.procedure, by=by)
        _identify(copy, source)
        copy.etablissements_cites.set(source.etablissements_cites.all())
        prefill(copy, found := _taken(source, copy))
        not_copied = _copy_files(source, copy, by=by)
        if not_copied:
            copy.preremplissage.refused = [*found.refused, *not_copied]
            copy.preremplissage.save(update_fields=["refused"])
        refresh_search_text(copy)
        copy.updated_at = timezone.now()
        copy.save(
            update_fields=[
                "mandataire_prenom",
                "mandataire_nom",
                "beneficiaire_email",
                "search_text",
                "updated_at",
            ]
        )
    return copy


def _identify(copy: Dossier, source: Dossier) -> None:
    """Let the same person, or company, apply where the procédure still takes them."""
    accepts = copy.procedure.accepts_entreprises
    if accepts if source.is_entreprise else copy.procedure.accepts_particuliers:
        for name in IDENTITY:
            setattr(copy, name, getattr(source, name))


def _taken(source: Dossier, copy: Dossier) -> Preremplissage:
    """Return the answers that the new form takes; one that does not fit is named."""
    formulaire = copy.contexte.bind(copy.revision.formulaire)
    questionnaire = source.questionnaire
    answers = questionnaire.kept()
    found = Preremplissage()
    for champ in formulaire.champs:
        former = questionnaire.formulaire.by_id.get(champ.id)
        if champ.bloc is not None or former is None or former.type != champ.type:
            continue
        if champ.is_bloc:
            _take_rows(formulaire, champ, questionnaire.formulaire, answers, found)
        elif champ.holds_answer:
            _take(champ, former, answers.get(champ.id), found)
    return without_hidden(formulaire, found)


def _take_rows(
    formulaire: Formulaire, bloc: Champ, former: Formulaire, answers: dict, found: Preremplissage
) -> None:
    row_ids = bloc.row_ids(answers.get(bloc.id))
    if not row_ids:
        return
    if len(row_ids) > bloc.rows_max:
        found.refuse(bloc.label)
    found.reponses[bloc.id] = row_ids[: bloc.rows_max]
    for row_id in row_ids[: bloc.rows_max]:
        for inside in formulaire.champs_of(bloc):
            before = former.by_id.get(inside.id)
            if before is None or before.type != inside.type or before.bloc != bloc.id:
                continue
            champ = champ_of_row(inside, row_id)
            if champ.holds_answer:
                _take(champ, champ_of_row(before, row_id), answers.get(champ.id), found)


def _take(champ: Champ, former: Champ, stored, found: Preremplissage) -> None:
    # An engagement is made again: it was about the other dossier.
    if stored is None or not (champ.is_prefillable or champ.links_dossier):
        return
    try:
        taken = champ.take(former, stored)
    except ValidationError:
        found.refuse(champ.label)
    else:
        if taken is not None:
            found.answer(champ, taken)


def _copy_files(source: Dossier, copy: Dossier, *, by) -> list[str]:
    """Copy the files whose champ is still there; return the labels of those left behind.

    The files go again if the transaction does.
    """
    asked, former = copy.questionnaire, source.revision.formulaire.by_id
    counts: dict[str, int] = {}
    left: list[str] = []
    written: list[PieceJointe] = []
    try:
        for piece_jointe in source.files:
            champ = asked.by_id.get(piece_jointe.champ_id)
            known = former.get(base_id(piece_jointe.champ_id))
            if champ is None or known is None or known.type != champ.type:
                continue
            count = counts.get(champ.id, 0)
            fits = count < champ.files_max and piece_jointe.size_bytes <= champ.size_max_bytes
            is_fit = fits and not piece_jointe.is_refused
            copied = _copied(piece_jointe, copy, by=by) if is_fit else None
            if copied is None:
                left.append(champ.label)
                continue
            written.append(copied)
            copied.save()
            examine_after_commit(copied)
            counts[champ.id] = count + 1
    except BaseException:
        for piece_jointe in written:
            piece_jointe.file.storage.delete(piece_jointe.file.name)
        raise
    return list(dict.fromkeys(left))


def _copied(piece_jointe: PieceJointe, copy: Dossier, *, by) -> PieceJointe | None:
    """Return the same file for another dossier, written but not saved; None when it cannot be."""
    values = {
        field.attname: getattr(piece_jointe, field.attname)
        for field in PieceJointe._meta.concrete_fields
        if field.name in COPIED
    }
    copied = PieceJointe(**values | NEW_FILE | {"dossier_id": copy.pk, "uploaded_by_id": by.pk})
    try:
        with piece_jointe.file.open("rb") as content:
            copied.file.save(piece_jointe.name, File(content), save=False)
    except OSError:
        logger.exception("Fichier %s non copié", piece_jointe.pk)
        return None
    return copied
