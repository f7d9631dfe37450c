"""A procédure created from an exchange document: an import, or a copy."""

from collections.abc import Callable

from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction

from accounts.models import Organisme
from commun.fichiers import clean_name
from procedures import attestations, logos
from procedures.dates import set_dates
from procedures.delais_legaux import set_delai_legal
from procedures.echange.document import TITLE_MAX, Echange
from procedures.echange.sortie import attach_images, describe, open_file, renumbered
from procedures.models import (
    Administration,
    FormulaireVierge,
    Groupe,
    Label,
    ModeleCourriel,
    Procedure,
    Revision,
)
from procedures.revisions import editable_revision
from procedures.slugs import free_slug

COPY_SUFFIX = " (copie)"
SLUG_ATTEMPTS = 5
_OF_ONE_SERVICE = (
    "service_name",
    "service_email",
    "service_phone",
    "service_website",
    "service_hours",
    "service_address",
    "donnees_destinataires",
    "dpo_contact",
)


def copy_procedure(procedure: Procedure, *, by) -> Procedure:
    """Create a procédure like this one, in the same organisme, with its own address and files.

    Its dates stay behind: they are those of one campaign. Raises EchangeError when a file is no
    longer in the storage.
    """
    echange, vierges = describe(procedure, editable_revision(procedure).formulaire)
    title = f"{echange.procedure.title[: TITLE_MAX - len(COPY_SUFFIX)]}{COPY_SUFFIX}"
    echange.procedure.title, echange.dates = title, None
    attach_images(echange, procedure)
    return _create(
        echange, lambda key: open_file(vierges[key]), organisme=procedure.organisme, by=by
    )


def copy_modele(procedure: Procedure, *, organisme: Organisme, by) -> Procedure:
    """Create a procédure of `organisme` from the published form that another one shares.

    What belongs to the other service stays there: its contacts, who receives its data, its emails,
    its groupes.
    Raises EchangeError when a blank form is no longer in the storage.
    """
    echange, vierges = describe(procedure, procedure.published_revision.formulaire)
    echange.courriels, echange.attestation, echange.dates = {}, None, None
    echange.labels, echange.delai_legal = [], None
    echange.groupes = []
    for name in _OF_ONE_SERVICE:
        setattr(echange.procedure, name, "")
    return _create(echange, lambda key: open_file(vierges[key]), organisme=organisme, by=by)


def create_from(echange: Echange, *, organisme: Organisme, by) -> Procedure:
    """Create the procédure of a document whose files `check_files` accepted."""

    def content_of(key: int) -> File:
        return ContentFile(echange.formulaires_vierges[key].content)

    return _create(echange, content_of, organisme=organisme, by=by)


def _create(
    echange: Echange, content_of: Callable[[int], File], *, organisme: Organisme, by
) -> Procedure:
    """Create the procédure, its draft, its texts and its files, or nothing at all."""
    stored: list[FormulaireVierge] = []
    try:
        with transaction.atomic():
            procedure = _create_row(echange, organisme=organisme, by=by)
            Administration.objects.create(procedure=procedure, user=by)
            if echange.dates is not None:
                set_dates(procedure, echange.dates.planning, by=by)
            numbers = _store_files(procedure, echange, content_of, stored)
            formulaire = renumbered(echange.formulaire, numbers)
            draft = Revision(procedure=procedure, number=1)
            draft.set_formulaire(formulaire)
            draft.save()
            ModeleCourriel.objects.bulk_create(
                ModeleCourriel(
                    procedure=procedure, event=event, subject=courriel.subject, body=courriel.body
                )
                for event, courriel in echange.courriels.items()
            )
            _write_labels_and_delai(procedure, echange)
            _write_groupes(procedure, echange)
            if echange.attestation is not None:
                _write_attestation(procedure, echange)
            if echange.logo:
                logos.set_logo(procedure, echange.logo)
    except BaseException:
        for vierge in stored:
            vierge.file.storage.delete(vierge.file.name)
        raise
    return procedure


def _write_groupes(procedure: Procedure, echange: Echange) -> None:
    """Make the groupes, without members; the default one, made with the procédure, takes its own.

    A rule that names a champ of another form is kept: the page of the groupes says what is wrong.
    """
    # The default one first: another may have the name it had.
    ordered = sorted(echange.groupes, key=lambda groupe: not groupe.is_default)
    for position, described in enumerate(ordered):
        values = described.model_dump(mode="json", exclude={"is_default"})
        if described.is_default:
            del values["rule"]
            Groupe.objects.filter(procedure=procedure, is_default=True).update(**values)
        else:
            Groupe.objects.create(procedure=procedure, position=position, **values)


def _write_attestation(procedure: Procedure, echange: Echange) -> None:
    """Write the attestation, the last of all: its images are forgotten if it fails."""
    values = echange.attestation.model_dump()
    images = {name: content for name in attestations.IMAGES if (content := values.pop(name))}
    attestations.save_modele(procedure, values, images)


def _write_labels_and_delai(procedure: Procedure, echange: Echange) -> None:
    Label.objects.bulk_create(
        Label(procedure=procedure, position=position, **label.model_dump())
        for position, label in enumerate(echange.labels)
    )
    if echange.delai_legal is not None:
        set_delai_legal(procedure, echange.delai_legal.model_dump())


def _create_row(echange: Echange, *, organisme: Organisme, by) -> Procedure:
    """Create the procédure under a free address; another may take it meanwhile: try the next."""
    fields = echange.procedure.model_dump() | {"organisme": organisme, "created_by": by}
    for attempt in range(1, SLUG_ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return Procedure.objects.create(slug=free_slug(fields["title"]), **fields)
        except IntegrityError:
            if attempt == SLUG_ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _store_files(
    procedure: Procedure,
    echange: Echange,
    content_of: Callable[[int], File],
    stored: list[FormulaireVierge],
) -> dict[int, int]:
    """Store the blank forms that champs give, told in `stored` as they come; return their ids."""
    given = {getattr(champ, "formulaire_vierge_id", None) for champ in echange.formulaire.champs}
    keys = [key for key in echange.formulaires_vierges if key in given]
    for key in keys:
        source = echange.formulaires_vierges[key]
        name = clean_name(source.name)
        vierge = FormulaireVierge(procedure=procedure, name=name, content_type=source.content_type)
        with content_of(key) as content:
            vierge.size_bytes = content.size
            vierge.file.save(name, content, save=False)
        stored.append(vierge)
    FormulaireVierge.objects.bulk_create(stored)
    return {key: vierge.pk for key, vierge in zip(keys, stored, strict=True)}
