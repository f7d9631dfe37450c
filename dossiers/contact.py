"""How the usager of a dossier reaches who handles it."""

from dataclasses import dataclass

from dossiers.models import Dossier
from procedures.models import DEFAULT_GROUPE_NAME


@dataclass(frozen=True)
class Contact:
    """The service, as an usager may reach it; an empty text for what is not given."""

    name: str
    email: str
    phone: str
    website: str
    hours: str
    address: str
    # Whether something of it is the groupe's own.
    of_groupe: bool = False

    @property
    def in_line(self) -> str:
        """Return its email, telephone and address on one line."""
        address = " ".join(self.address.split())
        return " · ".join(text for text in (self.email, self.phone, address) if text)

    @property
    def has_more(self) -> bool:
        """Tell whether there is more than an email."""
        return any((self.phone, self.website, self.hours, self.address))


def contact_of(dossier: Dossier) -> Contact:
    """Return the contact of the service, that of the groupe of the dossier where it is given.

    Costs a query unless `groupe` is joined.
    """
    procedure, groupe = dossier.procedure, dossier.groupe
    return Contact(
        name=procedure.service_name or procedure.organisme.name,
        email=(groupe and groupe.contact_email) or procedure.service_email,
        phone=(groupe and groupe.contact_phone) or procedure.service_phone,
        website=procedure.service_website,
        hours=(groupe and groupe.contact_hours) or procedure.service_hours,
        address=(groupe and groupe.contact_address) or procedure.service_address,
        of_groupe=groupe is not None
        and any(
            (
                groupe.contact_email,
                groupe.contact_phone,
                groupe.contact_hours,
                groupe.contact_address,
            )
        ),
    )


def groupe_name(dossier: Dossier) -> str:
    """Return the name that an usager may read of its groupe: the service's, for an unnamed one."""
    named = named_groupe(dossier)
    return named or dossier.procedure.service_name or dossier.procedure.organisme.name


def named_groupe(dossier: Dossier) -> str:
    """Return the name of its groupe, an empty text where nobody gave it one."""
    groupe = dossier.groupe
    if groupe is None or (groupe.is_default and groupe.name == DEFAULT_GROUPE_NAME):
        return ""
    return groupe.name
