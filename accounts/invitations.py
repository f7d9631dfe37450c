"""People asked in by others: an account without a password, opened by a link that serves once."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User, normalize_email
from courriels.outbox import enqueue
from courriels.rendering import render_courriel

INVITATION_LIFETIME_DAYS = 30
_SALT = "accounts.invitations"


@dataclass(frozen=True)
class Invitation:
    """What a valid link says: who was asked in, and the page they were asked to."""

    user: User
    next_path: str


def get_or_invite(
    email: str, *, invited_by: User | None, reason: str, next_path: str
) -> tuple[User, bool]:
    """Return the account of `email`, made when it is unknown, and whether it was made.

    Must run in the transaction of what causes it: the email leaves with it, or never. `reason` is
    a sentence of the email (« Camille Martin vous invite à remplir le dossier nº 12. »);
    `next_path` is the page of the site it is about. Who has no password yet gets the link to
    choose one, the others a notice. Raises ValidationError when `email` is no address.
    """
    address = normalize_email(email)
    user, is_new = User.objects.get_or_create(
        email=address, defaults={"password": make_password(None)}
    )
    has_opened = user.has_usable_password()
    template = "notice" if has_opened else "invitation"
    path = next_path if has_opened else invitation_path(user, next_path)
    context = {
        "reason": reason,
        "invited_by": invited_by,
        "lifetime_days": INVITATION_LIFETIME_DAYS,
        "action_url": f"{settings.SITE_URL}{path}",
        "action_label": "Répondre à l’invitation" if has_opened else "Choisir mon mot de passe",
    }
    rendered = render_courriel(f"accounts/mails/{template}", context)
    enqueue(
        to=address,
        kind="invitation",
        subject=rendered.subject,
        body_text=rendered.body_text,
        body_html=rendered.body_html,
    )
    return user, is_new


def invitation_path(user: User, next_path: str) -> str:
    """Return the path of the page where `user` chooses a password, then goes to `next_path`."""
    token = signing.dumps([user.pk, _fingerprint(user), next_path], salt=_SALT)
    return reverse("account_invitation", args=[token])


def read_invitation(token: str) -> Invitation | None:
    """Return what a link says, None when it is forged, too old, or has served."""
    try:
        pk, fingerprint, next_path = signing.loads(
            token, salt=_SALT, max_age=INVITATION_LIFETIME_DAYS * 24 * 3600
        )
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or not constant_time_compare(fingerprint, _fingerprint(user)):
        return None
    return Invitation(user, next_path)


@transaction.atomic
def accept_invitation(user: User, password: str) -> bool:
    """Give the account its password: the link came by email, so the address is verified.

    The link stops working, as its fingerprint holds the password; return False when it just
    served elsewhere.
    """
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if locked.password != user.password:
        return False
    user.set_password(password)
    user.save(update_fields=["password"])
    verify_email(user)
    return True


def verify_email(user: User) -> None:
    """Make the address of `user` their verified and primary one for the sign-in pages."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).update(primary=False)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def _fingerprint(user: User) -> str:
    return salted_hmac(_SALT, f"{user.password}{user.email}", algorithm="sha256").hexdigest()[:32]
