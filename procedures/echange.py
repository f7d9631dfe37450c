"""The exchange document: a whole procédure as JSON, to keep, to send, to copy.

Nothing of a person is in it: neither accompagnateurs nor dossiers. The blank forms are numbered
from 1 in the order of the champs that give them, so that a document that comes back unchanged
makes a procédure that exports the same document.
"""

import base64
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

from accounts.models import Organisme
from commun.fichiers import clean_name, recognise
from procedures.coordonnees import check_https_url
from procedures.enums import (
    CHAMPS_MAX,
    FORMULAIRE_VIERGE_EXTENSIONS,
    FORMULAIRE_VIERGE_MAX_BYTES,
    CourrielEvent,
    Demandeurs,
)
from procedures.formulaire import Formulaire
from procedures.logos import copy_logo
from procedures.models import (
    TEXTE_MAX,
    Administration,
    FormulaireVierge,
    ModeleAttestation,
    ModeleCourriel,
    Procedure,
    Revision,
)
from procedures.revisions import editable_revision
from procedures.slugs import free_slug

FORMAT, VERSION = "tps-procedure", 1
EXPORT_MAX_BYTES = 30 * 1024 * 1024
TITLE_MAX = 200
COPY_SUFFIX = " (copie)"
SLUG_ATTEMPTS = 5
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
)


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


class EchangeError(Exception):
    """A procédure that cannot be exported or copied; its text says why, in French."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _email_or_nothing(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise ValueError("Donnez une adresse email complète.") from None
    return text


def _address_or_nothing(text: str) -> str:
    if text:
        try:
            check_https_url(text)
        except ValidationError as error:
            raise ValueError(error.message) from None
    return text


def _content(value: Any) -> bytes:
    """Return the content of a file, given as such or in base64 (RFC 4648 § 4)."""
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        raise ValueError("Ce contenu n’est pas du base64.") from None


def _line(max_length: int, min_length: int = 0):
    constraints = StringConstraints(
        strip_whitespace=True, min_length=min_length, max_length=max_length
    )
    return Annotated[str, constraints, AfterValidator(_one_line)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DescriptionEchange(_Part):
    """What `ProcedureForm` asks, but what belongs to one place: organisme and address."""

    title: _line(TITLE_MAX, min_length=1)
    description: str = Field(default="", max_length=20_000)
    demandeurs: Demandeurs = Demandeurs.PARTICULIER
    retention_months: int = Field(default=12, ge=1, le=60)
    service_name: _line(200) = ""
    service_email: Annotated[_line(254), AfterValidator(_email_or_nothing)] = ""
    service_phone: _line(40) = ""
    service_website: Annotated[_line(200), AfterValidator(_address_or_nothing)] = ""
    service_hours: str = Field(default="", max_length=500)
    service_address: str = Field(default="", max_length=500)
    cadre_juridique: str = Field(default="", max_length=2000)
    donnees_destinataires: str = Field(default="", max_length=2000)
    dpo_contact: _line(254) = ""
    thanks_text: str = Field(default="", max_length=TEXTE_MAX)
    closing_text: str = Field(default="", max_length=TEXTE_MAX)


class CourrielEchange(_Part):
    """The subject and body written for one event."""

    subject: _line(200, min_length=1)
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class AttestationEchange(_Part):
    """The texts of the attestation; its images stay where they are."""

    is_active: bool = False
    title: _line(200, min_length=1)
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    signatory_name: _line(200) = ""
    signatory_title: _line(200) = ""
    footer: _line(500) = ""


class FormulaireViergeEchange(_Part):
    """A blank form; its type is what its content says, whatever is written here."""

    name: _line(200, min_length=1)
    content_type: _line(100) = ""
    content: Annotated[
        bytes,
        BeforeValidator(_content),
        PlainSerializer(lambda content: base64.b64encode(content).decode(), when_used="json"),
    ] = b""


class Echange(_Part):
    """The exchange document, version 1."""

    format: Literal["tps-procedure"] = FORMAT
    version: Literal[1] = VERSION
    procedure: DescriptionEchange
    formulaire: Formulaire = Field(default_factory=Formulaire)
    courriels: dict[CourrielEvent, CourrielEchange] = Field(default_factory=dict)
    attestation: AttestationEchange | None = None
    formulaires_vierges: dict[int, FormulaireViergeEchange] = Field(
        default_factory=dict, max_length=CHAMPS_MAX
    )

    @model_validator(mode="after")
    def check_formulaires_vierges(self) -> "Echange":
        """Refuse a champ that gives a blank form the document does not hold."""
        for rank, champ in enumerate(self.formulaire.champs, start=1):
            key = getattr(champ, "formulaire_vierge_id", None)
            if key is not None and key not in self.formulaires_vierges:
                raise ValueError(
                    f"Le champ {rank} (« {champ.label[:60]} ») donne le formulaire vierge {key}, "
                    "qui n’est pas dans le fichier."
                )
        return self


def export_of(procedure: Procedure) -> bytes:
    """Return the draft, else the published form, and all around it, as the JSON to download.

    Raises EchangeError when it would be too heavy to come back.
    """
    echange, vierges = _describe(procedure, editable_revision(procedure).formulaire)
    if sum(vierge.size_bytes for vierge in vierges.values()) * 4 // 3 > EXPORT_MAX_BYTES * 9 // 10:
        raise EchangeError(
            "Les formulaires vierges de cette procédure sont trop lourds pour un seul fichier. "
            "Copiez plutôt la procédure."
        )
    for key, vierge in vierges.items():
        with _open(vierge) as file:
            echange.formulaires_vierges[key].content = file.read()
    document = echange.model_dump(mode="json")
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def copy_procedure(procedure: Procedure, *, by) -> Procedure:
    """Create a procédure like this one, in the same organisme, with its own address and files.

    Raises EchangeError when a blank form is no longer in the storage.
    """
    echange, vierges = _describe(procedure, editable_revision(procedure).formulaire)
    title = f"{echange.procedure.title[: TITLE_MAX - len(COPY_SUFFIX)]}{COPY_SUFFIX}"
    echange.procedure.title = title
    copy = _create(echange, lambda key: _open(vierges[key]), organisme=procedure.organisme, by=by)
    copy_logo(procedure, copy)
    return copy


def copy_modele(procedure: Procedure, *, organisme: Organisme, by) -> Procedure:
    """Create a procédure of `organisme` from the published form that another one shares.

    What belongs to the other service stays there: its contacts, who receives its data, its emails.
    Raises EchangeError when a blank form is no longer in the storage.
    """
    echange, vierges = _describe(procedure, procedure.published_revision.formulaire)
    echange.courriels, echange.attestation = {}, None
    for name in _OF_ONE_SERVICE:
        setattr(echange.procedure, name, "")
    return _create(echange, lambda key: _open(vierges[key]), organisme=organisme, by=by)


def create_from(echange: Echange, *, organisme: Organisme, by) -> Procedure:
    """Create the procédure of a document whose files `check_files` accepted."""

    def content_of(key: int) -> File:
        return ContentFile(echange.formulaires_vierges[key].content)

    return _create(echange, content_of, organisme=organisme, by=by)


def check_files(echange: Echange) -> dict[int, list[str]]:
    """Return what is wrong with each blank form, by its number, and set the types of the others.

    They are checked as if they had just been sent: hostile until recognised.
    """
    problems = {}
    for key, vierge in echange.formulaires_vierges.items():
        file = ContentFile(vierge.content, clean_name(vierge.name))
        try:
            if file.size > FORMULAIRE_VIERGE_MAX_BYTES:
                raise ValidationError("Ce fichier est trop lourd : 20 Mo au plus.")
            vierge.content_type = recognise(file, FORMULAIRE_VIERGE_EXTENSIONS)
        except ValidationError as error:
            problems[key] = error.messages
    return problems


def _describe(
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
        formulaire=_renumbered(formulaire, numbers),
        courriels={
            modele.event: {"subject": modele.subject, "body": modele.body}
            for modele in procedure.modeles_courriels.order_by("event")
        },
        attestation=_attestation_of(procedure),
        formulaires_vierges={
            number: {"name": found[pk].name, "content_type": found[pk].content_type}
            for pk, number in numbers.items()
        },
    )
    return echange, {number: found[pk] for pk, number in numbers.items()}


def _attestation_of(procedure: Procedure) -> dict[str, Any] | None:
    texts = ModeleAttestation.objects.filter(procedure=procedure)
    return texts.values(*AttestationEchange.model_fields).first()


def _renumbered(formulaire: Formulaire, numbers: dict[int, int]) -> Formulaire:
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


def _open(vierge: FormulaireVierge) -> File:
    try:
        return vierge.file.open("rb")
    except FileNotFoundError:
        raise EchangeError(
            f"Le formulaire vierge « {vierge.name} » est introuvable. Retirez-le ou remplacez-le, "
            "puis recommencez."
        ) from None


def _create(
    echange: Echange, content_of: Callable[[int], File], *, organisme: Organisme, by
) -> Procedure:
    """Create the procédure, its draft, its texts and its files, or nothing at all."""
    stored: list[FormulaireVierge] = []
    try:
        with transaction.atomic():
            procedure = _create_row(echange, organisme=organisme, by=by)
            Administration.objects.create(procedure=procedure, user=by)
            numbers = _store_files(procedure, echange, content_of, stored)
            formulaire = _renumbered(echange.formulaire, numbers)
            draft = Revision(procedure=procedure, number=1)
            draft.set_formulaire(formulaire)
            draft.save()
            ModeleCourriel.objects.bulk_create(
                ModeleCourriel(
                    procedure=procedure, event=event, subject=courriel.subject, body=courriel.body
                )
                for event, courriel in echange.courriels.items()
            )
            if echange.attestation is not None:
                ModeleAttestation.objects.create(
                    procedure=procedure, **echange.attestation.model_dump()
                )
    except BaseException:
        for vierge in stored:
            vierge.file.storage.delete(vierge.file.name)
        raise
    return procedure


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
