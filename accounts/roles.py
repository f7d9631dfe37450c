"""The roles one account may hold; each app registers its own when it is ready."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, QuerySet
from django.urls import reverse


@dataclass(frozen=True)
class Role:
    """A space of the site that some people have: its label, its home, and who enters.

    `evidence` returns a queryset that has a row when the person holds the role, or None when
    everyone does. Those of `is_agent` sign in by their password or ProConnect, not FranceConnect.
    """

    name: str
    label: str
    url_name: str
    position: int
    evidence: Callable[[object], QuerySet] | None = None
    is_agent: bool = False


_registry: dict[str, Role] = {}


def register_role(role: Role) -> None:
    """Add a role to the header menu of those who hold it."""
    _registry[role.name] = role


def roles_of(user) -> list[Role]:
    """Return the roles that `user` holds, in one query."""
    roles = sorted(_registry.values(), key=lambda role: role.position)
    tests = {role.name: Exists(role.evidence(user)) for role in roles if role.evidence}
    held = (
        type(user)._default_manager.filter(pk=user.pk).values(**tests).first() if tests else {}
    ) or {}
    return [role for role in roles if role.evidence is None or held.get(role.name)]


def is_agent(user) -> bool:
    """Tell whether `user` works for an administration here, as the database says now."""
    return any(role.is_agent for role in roles_of(user))


def home_of(user) -> str:
    """Return the address where `user` lands after sign-in.

    An accompagnateur goes to the dossiers to instruct, else an administrateur to their procédures,
    else everyone to their own dossiers.
    """
    held = {role.name: role for role in user.roles}
    for name in ("accompagnateur", "administrateur", "usager"):
        if name in held:
            return reverse(held[name].url_name)
    return "/"
