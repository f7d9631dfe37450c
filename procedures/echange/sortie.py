"""A procédure written as an exchange document."""

import json
from typing import Any

from django.core.files.base import File

from procedures import logos
from procedures.attestations import IMAGES, TEXTS, content_of
from procedures.delais_legaux import RULE_FIELDS
from procedures.echange.document import Echange, GroupeEchange
from procedures.formulaire import Formulaire
from procedures.groupes import groupes_of
from procedures.models import (
    DEFAULT_GROUPE_NAME,
    DelaiLegal,
    FormulaireVierge,
    ModeleAttestation,
    Procedure,
)
from procedures.revisions import editable_revision

EXPORT_MAX_BYTES = 30 * 1024 * 1024
_DESCRIBED = (
    "title",
    "description",
    "demandeurs",
    "retention_months",
    "service_name",
    "service_email",
    "service_phone",
    "service_website",
    "service_hours",
    "service_address",
    "cadre_juridique",
    "donnees_destinataires",
    "dpo_contact",
    "thanks_text",
    "closing_text",
    "dialogue_prealable",
)


class EchangeError(Exception):
    """A procédure that cannot be exported or copied; its text says why, in French."""


def export_of(procedure: Procedure) -> bytes:
    """Return the draft, else the published form, and all around it, as the JSON to download.

    Raises EchangeError when it would be too heavy to come back.
    """
    echange, vierges = describe(procedure, editable_revision(procedure).formulaire)
    attach_images(echange, procedure)
    size = sum(vierge.size_bytes for vierge in vierges.values()) + _weight_of_images(echange)
    if size * 4 // 3 > EXPORT_MAX_BYTES * 9 // 10:
        raise EchangeError(
            "Les formulaires vierges de cette procédure sont trop lourds pour un seul fichier. "
            "Copiez plutôt la procédure."
        )
    for key, vierge in vierges.items():
        with open_file(vierge) as file:
            echange.formulaires_vierges[key].content = file.read()
    document = echange.model_dump(mode="json")
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def describe(
    procedure: Procedure, formulaire: Formulaire
) -> tuple[Echange, dict[int, FormulaireVierge]]:
    """Return the document without the contents of its files, and the files by number."""
    given = [getattr(champ, "formulaire_vierge_id", None) for champ in formulaire.champs]
    found = procedure.formulaires_vierges.in_bulk([pk for pk in given if pk is not None])
    numbers: dict[int, int] = {}
    for pk in given:
        if pk in found:
            numbers.setdefault(pk, len(numbers) + 1)
    echange = Echange(
        procedure={name: getattr(procedure, name) for name in _DESCRIBED},
        formulaire=renumbered(formulaire, numbers),
        courriels={
            modele.event: {"subject": modele.subject, "body": modele.body}
            for modele in procedure.modeles_courriels.order_by("event")
        },
        attestation=_attestation_of(procedure),
        dates=_dates_of(procedure),
        delai_legal=DelaiLegal.objects.filter(procedure=procedure).values(*RULE_FIELDS).first(),
        labels=list(procedure.labels.values("name", "color")),
        groupes=_groupes_of(procedure),
        formulaires_vierges={
            number: {"name": found[pk].name, "content_type": found[pk].content_type}
            for pk, number in numbers.items()
        },
    )
    return echange, {number: found[pk] for pk, number in numbers.items()}


def attach_images(echange: Echange, procedure: Procedure) -> None:
    """Put the logo and the images of the attestation in a document.

    Raises EchangeError for a lost image of the attestation; a lost logo is left out.
    """
    echange.logo = logos.content_of(procedure)
    if echange.attestation is None:
        return
    modele = ModeleAttestation.objects.select_related(*IMAGES).get(procedure=procedure)
    for name in IMAGES:
        try:
            setattr(echange.attestation, name, content_of(getattr(modele, name)))
        except FileNotFoundError:
            raise EchangeError(
                "Une image de l’attestation est introuvable. Retirez-la ou remplacez-la, puis "
                "recommencez."
            ) from None


def _weight_of_images(echange: Echange) -> int:
    attestation = echange.attestation
    images = [getattr(attestation, name) for name in IMAGES] if attestation else []
    return sum(len(image) for image in [echange.logo, *images])


def _groupes_of(procedure: Procedure) -> list[dict[str, Any]]:
    """Return the groupes without their members, none where nobody made or named any."""
    names = [name for name in GroupeEchange.model_fields if name != "rule"]
    groupes = [
        {name: getattr(groupe, name) for name in names} | {"rule": groupe.rule}
        for groupe in groupes_of(procedure)
    ]
    if len(groupes) == 1 and groupes[0]["name"] == DEFAULT_GROUPE_NAME:
        return [] if not any(groupes[0][name] for name in names[2:]) else groupes
    return groupes


def _attestation_of(procedure: Procedure) -> dict[str, Any] | None:
    texts = ModeleAttestation.objects.filter(procedure=procedure)
    return texts.values("is_active", *TEXTS).first()


def _dates_of(procedure: Procedure) -> dict[str, Any] | None:
    at_closing = procedure.passage_at_closing
    dates = {
        "opens_at": procedure.opens_at,
        "closes_at": procedure.closes_at,
        "passage_at": None if at_closing else procedure.passage_at,
        "passage_at_closing": at_closing,
    }
    return dates if any(dates.values()) else None


def renumbered(formulaire: Formulaire, numbers: dict[int, int]) -> Formulaire:
    """Return the form with other ids for its blank forms, none for those that have no number."""
    return formulaire.changed(
        champs=[
            champ.model_copy(
                update={"formulaire_vierge_id": numbers.get(champ.formulaire_vierge_id)}
            )
            if champ.holds_files
            else champ
            for champ in formulaire.champs
        ]
    )


def open_file(vierge: FormulaireVierge) -> File:
    try:
        return vierge.file.open("rb")
    except FileNotFoundError:
        raise EchangeError(
            f"Le formulaire vierge « {vierge.name} » est introuvable. Retirez-le ou remplacez-le, "
            "puis recommencez."
        ) from None
