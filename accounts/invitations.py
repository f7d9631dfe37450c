"""People asked in by others: to an account opened by a link that serves once, or to one page.

`get_or_invite` makes the account of somebody chosen to work here. `invite_to_page` makes none and
its link opens nothing: it may be forwarded, since only the owner of the address can use it.
"""

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
    _enqueue(address, f"accounts/mails/{template}", context)
    return user, is_new


def invite_to_page(
    email: str, *, template: str, context: dict, path: str, action_label: str, reference: str = ""
) -> User | None:
    """Write to `email` that a page of the site waits for them; return their account, if any.

    Must run in the transaction of what causes it. The page at `path` has to ask who comes:
    `owns_address` says whether it is the person invited. The account is for the caller alone:
    to say that there is one would tell whose addresses TPS knows. Raises ValidationError when
    `email` is no address.
    """
    address = normalize_email(email)
    action = {"action_url": f"{settings.SITE_URL}{path}", "action_label": action_label}
    _enqueue(address, template, context | action, reference)
    return User.objects.for_email(address).first()


def owns_address(user: User, email: str) -> bool:
    """Tell whether `user` proved that `email` is theirs."""
    return EmailAddress.objects.filter(
        user=user, email=normalize_email(email), verified=True
    ).exists()


def _enqueue(address: str, template: str, context: dict, reference: str = "") -> None:
    rendered = render_courriel(template, context)
    enqueue(
        to=address,
        kind="invitation",
        subject=rendered.subject,
        body_text=rendered.body_text,
        body_html=rendered.body_html,
        reference=reference,
    )


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
