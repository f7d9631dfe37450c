"""The accounts that the identities of FranceConnect and ProConnect open.

An identity is the pair (provider, `sub`), kept as a `SocialAccount` of django-allauth with the
claims that TPS uses. It is linked to an account on a proof: never on the email address alone,
save for ProConnect, whose addresses the organisations verified.
"""

from dataclasses import dataclass
from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.invitations import verify_email
from accounts.models import User
from accounts.oidc.errors import OidcError
from accounts.oidc.identity import (
    FRANCECONNECT,
    NAME_MAX,
    NAMES,
    Identity,
    birthdate,
    full_name,
    last_name,
    text_of,
)
from accounts.roles import is_agent
from courriels.outbox import enqueue
from courriels.rendering import render_courriel


class AgentAccount(Exception):
    """The account is that of an agent: FranceConnect does not open it."""


class EmailTaken(Exception):
    """The address became that of an account meanwhile: it takes a proof."""


class IdentityTaken(Exception):
    """The identity is linked to another account already."""


@dataclass(frozen=True)
class EtatCivil:
    """What FranceConnect says of the person who applies; `gender` is male, female or empty."""

    prenom: str
    nom: str
    gender: str
    birthdate: date | None


def known_usager(identity: Identity) -> User | None:
    """Return the account of a known identity, its claims brought up to date; None when unknown.

    Raises AgentAccount, the link being erased.
    """
    linked = _linked(identity)
    if linked is None:
        return None
    if is_agent(linked.user):
        erase_franceconnect(linked.user)
        raise AgentAccount
    linked.extra_data = identity.claims
    linked.save(update_fields=["extra_data", "last_login"])
    return linked.user


def open_account(identity: Identity) -> User:
    """Return the account made for a new identity, at its address, taken as verified.

    Asked twice, returns the same account. Raises EmailTaken.
    """
    with transaction.atomic():
        user, is_new = _get_or_create(identity, identity.email)
        linked = _linked(identity)
        if linked is not None:
            return linked.user
        if not is_new:
            raise EmailTaken
        verify_email(user)
        _link(identity, user)
    return user


def link_proven(identity: Identity, user: User) -> None:
    """Link a new identity to the account whose password was just given.

    Raises AgentAccount, IdentityTaken.
    """
    with transaction.atomic():
        if is_agent(user):
            raise AgentAccount
        _link(identity, user)
        tell(user, "identite_reliee", identity=identity.name)


def link_by_email(identity: Identity, email: str) -> User:
    """Link a new identity to the account of `email`, made when there is none; return it.

    The caller saw that the person reads what is sent there. An account whose address nobody had
    verified was perhaps made by somebody else, who loses it. Raises AgentAccount, IdentityTaken.
    """
    with transaction.atomic():
        user, is_new = _get_or_create(identity, email)
        if is_agent(user):
            raise AgentAccount
        if not is_new and not is_verified(user):
            _take_back(user, identity)
        verify_email(user)
        _link(identity, user)
        if not is_new:
            tell(user, "identite_reliee", identity=identity.name)
    return user


def agent_account(identity: Identity) -> User:
    """Return the account of who comes from ProConnect, found by address, or made, verified.

    Where the organisation changed the address, the identity finds the account it knew. Raises
    OidcError without an address.
    """
    if not identity.email:
        raise OidcError("email")
    with transaction.atomic():
        linked = _linked(identity)
        user = User.objects.for_email(identity.email).first()
        if user is None and linked is not None:
            user = linked.user
        if user is None:
            user, _ = _get_or_create(identity, identity.email)
        if user.email == identity.email:
            if not is_verified(user):
                _take_back(user, identity)
            verify_email(user)
        SocialAccount.objects.update_or_create(
            provider=identity.provider,
            uid=identity.uid,
            defaults={"user": user, "extra_data": identity.claims},
        )
    return user


def identities_of(user: User) -> QuerySet[SocialAccount]:
    """Return the identities linked to the account, the oldest first."""
    return SocialAccount.objects.filter(user=user, provider__in=NAMES).order_by("date_joined", "pk")


def remove_identity(identity: SocialAccount) -> None:
    """Unlink an identity from its account, and tell the person."""
    with transaction.atomic():
        identity.delete()
        tell(identity.user, "identite_retiree", provider=NAMES[identity.provider])


def erase_franceconnect(user: User) -> None:
    """Unlink the FranceConnect identities of who became an agent, and tell them if any was."""
    linked = SocialAccount.objects.filter(user=user, provider=FRANCECONNECT)
    if not linked.exists():
        return
    with transaction.atomic():
        linked.delete()
        tell(user, "franceconnect_efface", path=reverse("account_reset_password"))


def etat_civil(user: User) -> EtatCivil | None:
    """Return what FranceConnect says of `user`, None unless exactly one identity is linked."""
    linked = SocialAccount.objects.filter(user=user, provider=FRANCECONNECT)[:2]
    if len(linked) != 1:
        return None
    claims = linked[0].extra_data
    prenom, nom = text_of(claims, "given_name"), last_name(claims)
    if not (prenom and nom):
        return None
    return EtatCivil(
        prenom[:NAME_MAX], nom[:NAME_MAX], text_of(claims, "gender"), birthdate(claims)
    )


def is_verified(user: User) -> bool:
    """Tell whether the address of `user` was ever verified."""
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def identity_label(identity: SocialAccount) -> str:
    """Return the name of the person of a linked identity, for their profile."""
    return full_name(identity.extra_data) or text_of(identity.extra_data, "email")


def tell(user: User, event: str, *, path: str = "", **context) -> None:
    """Write to `user` about their account, in the transaction of what happened to it."""
    send(user.email, event, path=path or reverse("account_profile"), label="Mon compte", **context)


def send(email: str, event: str, *, path: str, label: str, **context) -> None:
    """Write the email `event` to an address, with a button that leads to `path`."""
    context |= {"action_url": f"{settings.SITE_URL}{path}", "action_label": label}
    rendered = render_courriel(f"accounts/mails/{event}", context)
    enqueue(
        to=email,
        kind="compte",
        subject=rendered.subject,
        body_text=rendered.body_text,
        body_html=rendered.body_html,
    )


def _linked(identity: Identity) -> SocialAccount | None:
    return (
        SocialAccount.objects.select_related("user")
        .filter(provider=identity.provider, uid=identity.uid)
        .first()
    )


def _get_or_create(identity: Identity, email: str) -> tuple[User, bool]:
    """Return the account of `email`, without a password when it is made."""
    return User.objects.get_or_create(
        email=email, defaults={"password": make_password(None), **identity.names}
    )


def _link(identity: Identity, user: User) -> None:
    linked, _ = SocialAccount.objects.get_or_create(
        provider=identity.provider,
        uid=identity.uid,
        defaults={"user": user, "extra_data": identity.claims},
    )
    if linked.user_id != user.pk:
        raise IdentityTaken


def _take_back(user: User, identity: Identity) -> None:
    """Leave nothing of who made the account: password, so sessions, second factors, links."""
    user.set_unusable_password()
    for name, value in identity.names.items():
        setattr(user, name, value)
    user.save(update_fields=["password", "first_name", "last_name"])
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
