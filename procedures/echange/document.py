"""The exchange document, as it is written and read.

Each model says what its part may hold; a document that passes may become a procédure.
"""

import base64
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

from procedures.conditions import Condition
from procedures.coordonnees import check_https_url
from procedures.dates import Planning
from procedures.enums import (
    CHAMPS_MAX,
    LABELS_MAX,
    CorrectionDuDelai,
    CourrielEvent,
    DebutDuDelai,
    Demandeurs,
    EffetDuSilence,
    LabelColor,
    UniteDeDelai,
)
from procedures.formulaire import Formulaire
from procedures.groupes import GROUPES_MAX
from procedures.models import (
    DEFAULT_GROUPE_NAME,
    DELAI_LENGTH_MAX,
    DELAI_MOTIVATION_MAX,
    GROUPE_NAME_MAX,
    LABEL_NAME_MAX,
    TEXTE_MAX,
)

FORMAT, VERSION = "tps-procedure", 1
TITLE_MAX = 200
YEARS = (2, 9998)  # beyond, a moment stands outside of all calendars in some place


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


def _moment(at):
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise ValueError("Donnez une année de 2 à 9998.")
    return at


def _line(max_length: int, min_length: int = 0):
    constraints = StringConstraints(
        strip_whitespace=True, min_length=min_length, max_length=max_length
    )
    return Annotated[str, constraints, AfterValidator(_one_line)]


# In the document, base64 (RFC 4648 § 4).
_Content = Annotated[
    bytes,
    BeforeValidator(_content),
    PlainSerializer(lambda content: base64.b64encode(content).decode(), when_used="json"),
]
_Moment = Annotated[AwareDatetime, AfterValidator(_moment)]


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
    dialogue_prealable: bool = False


class CourrielEchange(_Part):
    """The subject and body written for one event."""

    subject: _line(200, min_length=1)
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class DatesEchange(_Part):
    """What is planned; `passage_at_closing` stands for its own date."""

    opens_at: _Moment | None = None
    closes_at: _Moment | None = None
    passage_at: _Moment | None = None
    passage_at_closing: bool = False

    @model_validator(mode="after")
    def check_order(self) -> "DatesEchange":
        """Refuse dates that the page of dates would."""
        if None not in (self.opens_at, self.closes_at) and self.opens_at >= self.closes_at:
            raise ValueError("La clôture doit venir après l’ouverture.")
        if self.passage_at_closing and self.closes_at is None:
            raise ValueError("Le passage en instruction à la clôture demande une clôture.")
        if self.passage_at_closing and self.passage_at is not None:
            raise ValueError("Le passage en instruction a lieu à la clôture ou à une date.")
        if None not in (self.opens_at, self.passage_at) and self.passage_at <= self.opens_at:
            raise ValueError("Le passage en instruction doit venir après l’ouverture.")
        return self

    @property
    def planning(self) -> Planning:
        """Return the same, as a procédure takes it."""
        return Planning(**self.model_dump())


class AttestationEchange(_Part):
    """The attestation: its texts, and its images where it has some."""

    is_active: bool = False
    title: _line(200, min_length=1)
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    signatory_name: _line(200) = ""
    signatory_title: _line(200) = ""
    footer: _line(500) = ""
    logo: _Content = b""
    signature: _Content = b""


class LabelEchange(_Part):
    """A label: its word and its colour."""

    name: _line(LABEL_NAME_MAX, min_length=1)
    color: LabelColor = LabelColor.BLUE_CUMULUS


class DelaiLegalEchange(_Part):
    """What silence means, and when."""

    effet: EffetDuSilence
    length: int = Field(default=2, ge=1, le=DELAI_LENGTH_MAX)
    unit: UniteDeDelai = UniteDeDelai.MOIS
    start: DebutDuDelai = DebutDuDelai.DEPOT
    on_correction: CorrectionDuDelai = CorrectionDuDelai.SUSPEND
    is_automatic: bool = False
    motivation: str = Field(default="", max_length=DELAI_MOTIVATION_MAX)


class FormulaireViergeEchange(_Part):
    """A blank form; its type is what its content says, whatever is written here."""

    name: _line(200, min_length=1)
    content_type: _line(100) = ""
    content: _Content = b""


class GroupeEchange(_Part):
    """A groupe d’accompagnateurs: its rule and its contact, without its members."""

    name: _line(GROUPE_NAME_MAX, min_length=1)
    is_default: bool = False
    rule: Condition | None = None
    contact_email: Annotated[_line(254), AfterValidator(_email_or_nothing)] = ""
    contact_phone: _line(40) = ""
    contact_address: str = Field(default="", max_length=500)
    contact_hours: str = Field(default="", max_length=500)


class Echange(_Part):
    """The exchange document, version 1."""

    format: Literal["tps-procedure"] = FORMAT
    version: Literal[1] = VERSION
    procedure: DescriptionEchange
    formulaire: Formulaire = Field(default_factory=Formulaire)
    courriels: dict[CourrielEvent, CourrielEchange] = Field(default_factory=dict)
    attestation: AttestationEchange | None = None
    dates: DatesEchange | None = None
    delai_legal: DelaiLegalEchange | None = None
    labels: list[LabelEchange] = Field(default_factory=list, max_length=LABELS_MAX)
    # In the order their rules are read; empty when there is but the default one, unnamed.
    groupes: list[GroupeEchange] = Field(default_factory=list, max_length=GROUPES_MAX)
    logo: _Content = b""
    formulaires_vierges: dict[int, FormulaireViergeEchange] = Field(
        default_factory=dict, max_length=CHAMPS_MAX
    )

    @model_validator(mode="after")
    def check_labels(self) -> "Echange":
        """Refuse two labels of one name."""
        names = [label.name.casefold() for label in self.labels]
        twin = next((name for name in names if names.count(name) > 1), None)
        if twin is not None:
            raise ValueError(f"Deux labels portent le nom « {twin} ».")
        return self

    @model_validator(mode="after")
    def check_groupes(self) -> "Echange":
        """Refuse groupes that no procédure could have."""
        names = [groupe.name for groupe in self.groupes]
        if len(set(names)) < len(names):
            raise ValueError("Deux groupes portent le même nom.")
        if sum(groupe.is_default for groupe in self.groupes) > 1:
            raise ValueError("Un seul groupe est celui par défaut.")
        has_default = any(groupe.is_default for groupe in self.groupes)
        if not has_default and DEFAULT_GROUPE_NAME in names:
            raise ValueError(f"« {DEFAULT_GROUPE_NAME} » est le nom du groupe par défaut.")
        for groupe in self.groupes:
            if groupe.is_default and groupe.rule is not None:
                raise ValueError("Le groupe par défaut n’a pas de règle.")
        return self

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
