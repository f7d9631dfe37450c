"""The links by which a digest is refused, without signing in."""

from django.core import signing
from django.urls import reverse

from accounts.models import User
from dossiers.models import PreferenceNotification
from procedures.models import Affectation, Procedure

# Without a date: a link in an old digest still refuses.
_signer = signing.Signer(salt="instruction.notifications")


def unsubscribe_path(user: User, procedure: Procedure | None = None) -> str:
    """Return where `user` refuses the digests of a procédure, of all of them without one."""
    token = _signer.sign_object([user.pk, procedure.pk if procedure else 0])
    return reverse("instruction:unsubscribe", args=[token])


def read_token(token: str) -> tuple[User, Procedure | None] | None:
    """Return whom a link is of and the procédure it names; None for a forged one."""
    try:
        user_id, procedure_id = _signer.unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    procedure = Procedure.objects.filter(pk=procedure_id).first() if procedure_id else None
    if user is None or (procedure_id and procedure is None):
        return None
    return user, procedure


def unsubscribe(user: User, procedure: Procedure | None) -> None:
    """Send `user` no digest of a procédure any more, of none they know of without one."""
    for procedure_id in [procedure.pk] if procedure else sorted(_known_to(user)):
        PreferenceNotification.objects.update_or_create(
            user=user, procedure_id=procedure_id, defaults={"weekly": False, "daily": False}
        )


def _known_to(user: User) -> set[int]:
    mine = Affectation.objects.filter(user=user).values_list("procedure_id", flat=True)
    invited = user.invites.values_list("dossier__procedure_id", flat=True)
    return {*mine, *invited}
