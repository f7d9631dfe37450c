"""Who a provider says is there."""

from dataclasses import asdict, dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import EmailField

from accounts.models import normalize_email

FRANCECONNECT = "franceconnect"
PROCONNECT = "proconnect"
NAMES = {FRANCECONNECT: "FranceConnect", PROCONNECT: "ProConnect"}
NAME_MAX = 150
_EMAIL = EmailField()


@dataclass(frozen=True)
class Identity:
    """One verified answer of a provider; `claims` are those that TPS uses, and no other."""

    provider: str
    uid: str
    claims: dict
    id_token: str
    amr: list[str] = field(default_factory=list)

    @property
    def email(self) -> str:
        """Return the address that the provider gives, empty when it gives none that may serve."""
        address = normalize_email(text_of(self.claims, "email"))
        try:
            _EMAIL.clean(address, None)
        except ValidationError:
            return ""
        return address

    @property
    def name(self) -> str:
        """Return « Prénoms Nom »."""
        return full_name(self.claims)

    @property
    def provider_name(self) -> str:
        """Return the name that people know the provider by."""
        return NAMES[self.provider]

    @property
    def names(self) -> dict[str, str]:
        """Return the first and last names for an account."""
        return {
            "first_name": first_given_name(self.claims)[:NAME_MAX],
            "last_name": last_name(self.claims)[:NAME_MAX],
        }

    def as_dict(self) -> dict:
        """Return what `Identity(**…)` reads back, for the session, which the server keeps."""
        return asdict(self)


def text_of(claims: dict, name: str) -> str:
    """Return the claim `name` as a text, empty when it is absent or something else."""
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""


def first_given_name(claims: dict) -> str:
    """Return the first of the given names: `given_name` holds them all, separated by spaces."""
    given = claims.get("given_name_array")
    if isinstance(given, list) and given and isinstance(given[0], str):
        return given[0].strip()
    return text_of(claims, "given_name").partition(" ")[0]


def last_name(claims: dict) -> str:
    """Return the birth name for FranceConnect, the name in use for ProConnect."""
    return text_of(claims, "family_name") or text_of(claims, "usual_name")


def full_name(claims: dict) -> str:
    """Return all the given names and the last one."""
    return f"{text_of(claims, 'given_name')} {last_name(claims)}".strip()


def birthdate(claims: dict) -> date | None:
    """Return the date of birth, None when it is unknown or partial."""
    try:
        return date.fromisoformat(text_of(claims, "birthdate"))
    except ValueError:
        return None
