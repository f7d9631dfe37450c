"""The people of the demo; their password is the same for all."""

from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import Organisme, User

PASSWORD = "demo-TPS-2026"  # noqa: S105 -- public: printed by `make run` and in the README
ACCOUNTS = {
    "admin@demo.tps": ("Claire", "Dubois", "administrateur"),
    "admin2@demo.tps": ("Hugo", "Lambert", "administrateur d’un autre organisme"),
    "accompagnateur@demo.tps": ("Nadia", "Benali", "accompagnateur"),
    "accompagnateur2@demo.tps": ("Paul", "Roussel", "accompagnateur"),
    "usager@demo.tps": ("Camille", "Martin", "usager"),
    "usager2@demo.tps": ("Louis", "Girard", "usager"),
    "invite@demo.tps": ("Inès", "Faure", "invité"),
    "ops@demo.tps": ("Olivier", "Prevost", "exploitant"),
}


@cache
def _hashed_password() -> str:
    """Return the hash of `PASSWORD`, computed once: hashing is slow on purpose."""
    return make_password(PASSWORD)


def create_person(email: str, first_name: str, last_name: str, **fields) -> User:
    """Create an account whose address is verified and that signs in with `PASSWORD`."""
    user = User.objects.create(
        email=email,
        first_name=first_name,
        last_name=last_name,
        password=_hashed_password(),
        **fields,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def create_accounts() -> dict[str, User]:
    """Create the demo accounts, by email."""
    return {
        email: create_person(
            email,
            first_name,
            last_name,
            is_staff=email.startswith("ops@"),
            is_superuser=email.startswith("ops@"),
        )
        for email, (first_name, last_name, _) in ACCOUNTS.items()
    }


def create_organismes(people: dict[str, User]) -> dict[str, Organisme]:
    """Create the three bodies of the demo, and one that sees nothing of them."""
    names = {
        "driea": ("DRIEA Île-de-France", "13002526500013", "admin@demo.tps"),
        "nord": ("Préfecture du Nord", "17590001100014", "admin@demo.tps"),
        "apcma": ("APCMA", "18750006500013", "admin@demo.tps"),
        "autre": ("Ville de Saint-Exemple", "", "admin2@demo.tps"),
    }
    organismes = {}
    for key, (name, siret, email) in names.items():
        organismes[key] = Organisme.objects.create(name=name, siret=siret)
        organismes[key].administrateurs.add(people[email])
    return organismes
