"""Blank forms that a pièce jointe gives to download, fill in and send back."""

from collections.abc import Collection

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from commun.fichiers import clean_name, recognise
from procedures import builder
from procedures.annulation import deleted_in
from procedures.enums import FORMULAIRE_VIERGE_EXTENSIONS
from procedures.formulaire import Formulaire
from procedures.models import FormulaireVierge, Procedure, Revision


def attach(*formulaires: Formulaire) -> None:
    """Give each pièce jointe its `formulaire_vierge`, in one query for all (none without files)."""
    champs = [
        champ for formulaire in formulaires for champ in formulaire.champs if champ.holds_files
    ]
    wanted = {champ.formulaire_vierge_id for champ in champs} - {None}
    found = FormulaireVierge.objects.in_bulk(wanted) if wanted else {}
    for champ in champs:
        champ.attach_formulaire_vierge(found.get(champ.formulaire_vierge_id))


def set_for_champ(procedure: Procedure, champ_id: str, upload: UploadedFile) -> builder.Edited:
    """Store `upload` as the blank form of a champ, in place of the former one.

    Raises ValidationError (what to do, in French), builder.ChampNotFound.
    """
    vierge = FormulaireVierge(
        procedure=procedure,
        name=clean_name(upload.name),
        content_type=recognise(upload, FORMULAIRE_VIERGE_EXTENSIONS),
        size_bytes=upload.size,
    )
    vierge.file.save(vierge.name, upload, save=False)
    try:
        with transaction.atomic():
            vierge.save()
            return _name(procedure, champ_id, vierge.pk)
    except BaseException:
        vierge.file.storage.delete(vierge.file.name)
        raise


def remove_from_champ(procedure: Procedure, champ_id: str) -> builder.Edited:
    """Leave a champ without blank form. Raises builder.ChampNotFound."""
    return _name(procedure, champ_id, None)


def is_public(vierge: FormulaireVierge) -> bool:
    """Tell whether a published revision of a procédure with a public page names this file.

    Revisions are few for each procédure, and only those of this one are read.
    """
    return (
        Revision.objects.published()
        .filter(
            procedure_id=vierge.procedure_id,
            procedure__in=Procedure.objects.public(),
            document__contains={"champs": [{"formulaire_vierge_id": vierge.pk}]},
        )
        .exists()
    )


def _name(procedure: Procedure, champ_id: str, vierge_id: int | None) -> builder.Edited:
    """Name the blank form in the draft and forget those that nothing names any more."""
    with transaction.atomic():
        edited = builder.update_champ(procedure, champ_id, {"formulaire_vierge_id": vierge_id})
        _forget_others(procedure, keep={vierge_id})
    return edited


def _forget_others(procedure: Procedure, *, keep: Collection[int | None]) -> None:
    """Delete the blank forms that no revision names, not even a deletion that may be undone."""
    named = set(keep)
    for document, deleted in procedure.revisions.values_list("document", "deleted_champs"):
        champs = [*document.get("champs", []), *document.get("annotations", [])]
        champs.extend(champ for kept in deleted for champ in deleted_in(kept))
        named.update(champ.get("formulaire_vierge_id") for champ in champs)
    for vierge in procedure.formulaires_vierges.exclude(pk__in=named - {None}):
        vierge.delete()
        transaction.on_commit(lambda file=vierge.file: file.storage.delete(file.name))
