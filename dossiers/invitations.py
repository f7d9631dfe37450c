"""Asking people to a dossier: its usager to fill it in, the service to look at it.

Every act holds the dossier's row, so that a right taken away is gone for whoever saves next.
"""

from datetime import timedelta

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.invitations import invite_to_page, owns_address
from accounts.models import User, normalize_email
from dossiers import policies
from dossiers.enums import (
    INVITATION_LIFETIME_DAYS,
    INVITATION_MESSAGE_MAX,
    INVITES_MAX,
    HistoryAction,
    InviteOrigin,
    InviteRole,
    InviteState,
)
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, HistoryEntry, Invite, InviteQuerySet
from dossiers.models.invite import invite_signer
from procedures.policies import can_instruct

WAITING_SHOWN = 20
_MAY_INVITE = {
    InviteOrigin.USAGER: policies.can_invite,
    InviteOrigin.ACCOMPAGNATEUR: policies.can_consult,
}
_MAY_MANAGE = _MAY_INVITE | {InviteOrigin.ACCOMPAGNATEUR: policies.can_decide}
_INVITED = {
    InviteOrigin.USAGER: HistoryAction.INVITE_USAGER,
    InviteOrigin.ACCOMPAGNATEUR: HistoryAction.INVITE_SERVICE,
}
_ACCEPTED = {
    InviteOrigin.USAGER: HistoryAction.INVITE_USAGER_ACCEPT,
    InviteOrigin.ACCOMPAGNATEUR: HistoryAction.INVITE_SERVICE_ACCEPT,
}
_REVOKED = {
    InviteOrigin.USAGER: HistoryAction.INVITE_USAGER_REVOKE,
    InviteOrigin.ACCOMPAGNATEUR: HistoryAction.INVITE_SERVICE_REVOKE,
}
_LEFT = {
    InviteOrigin.USAGER: HistoryAction.INVITE_USAGER_LEAVE,
    InviteOrigin.ACCOMPAGNATEUR: HistoryAction.INVITE_SERVICE_LEAVE,
}
_TEMPLATES = {
    InviteOrigin.USAGER: "dossiers/mails/invite_usager",
    InviteOrigin.ACCOMPAGNATEUR: "dossiers/mails/invite_service",
}


TOO_MANY = f"Ce dossier a déjà {INVITES_MAX} invités. Révoquez-en un avant d’en inviter un autre."


class InviteEnded(Exception):
    """The invitation can no longer be accepted; the message says why and what to do."""


def invite(
    dossier_id: int,
    email: str,
    *,
    by,
    origin: InviteOrigin,
    role: InviteRole = InviteRole.LECTURE,
    message: str = "",
) -> Invite:
    """Ask the person at `email` to a dossier, and write to them.

    An invitation that expired is renewed, with the new right and message. Raises PermissionDenied,
    Dossier.DoesNotExist, and ValidationError (what to do, in French) for who needs no invitation
    or has one, and when there are too many.
    """
    address = normalize_email(email)
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if not _MAY_INVITE[origin](by, dossier):
            raise PermissionDenied
        _check_stranger(dossier, address, by, origin)
        live = dossier.invites.live().filter(origin=origin)
        invited = live.filter(email=address).first()
        if invited is not None:
            _check_expired(invited)
        elif live.count() >= INVITES_MAX:
            raise ValidationError(TOO_MANY, code="too_many")
        invited = invited or Invite(dossier=dossier, email=address, origin=origin)
        invited.role = role
        invited.message = message.replace("\r\n", "\n").strip()[:INVITATION_MESSAGE_MAX]
        invited.invited_by, invited.invited_by_name = by, str(by)
        invited.user = None
        _renew(invited)
        invited.save()
        _send(invited, dossier)
        _record(_INVITED[origin], dossier, invited, by)
    return invited


def ensure_for_service(dossier: Dossier, email: str, *, by, message: str) -> Invite:
    """Return the live invitation of the service at `email`, made or renewed where it must be.

    For a locked dossier, within the transaction; the caller knows that `by` may ask, writes the
    history and sends the email. Raises ValidationError as `invite` does.
    """
    address = normalize_email(email)
    _check_stranger(dossier, address, by, InviteOrigin.ACCOMPAGNATEUR)
    live = dossier.invites.live().of_service()
    invited = live.filter(email=address).select_related("user").first()
    if invited is not None and invited.accepted_at:
        return invited
    if invited is None:
        if live.count() >= INVITES_MAX:
            raise ValidationError(TOO_MANY, code="too_many")
        invited = Invite(
            dossier=dossier,
            email=address,
            origin=InviteOrigin.ACCOMPAGNATEUR,
            role=InviteRole.LECTURE,
            invited_by=by,
            invited_by_name=str(by),
            message=message,
        )
    invited.user = User.objects.for_email(address).first()
    _renew(invited)
    invited.save()
    return invited


def resend(invite_id: int, *, by) -> Invite:
    """Send an unanswered invitation again, and let it live thirty days from now.

    Raises PermissionDenied, Invite.DoesNotExist, ValidationError when it was answered, or sent
    a moment ago.
    """
    with transaction.atomic():
        invited, dossier = _locked_invite(invite_id)
        if not _MAY_INVITE[invited.origin](by, dossier):
            raise PermissionDenied
        if invited.state not in (InviteState.EN_ATTENTE, InviteState.EXPIREE):
            raise ValidationError("Cette invitation n’attend plus de réponse.", code="answered")
        if not invited.may_be_sent_again:
            at = date_format(timezone.localtime(invited.resendable_at), "H:i")
            raise ValidationError(
                f"L’invitation vient de partir. Vous pourrez la renvoyer à {at}.", code="too_soon"
            )
        _renew(invited)
        invited.save(update_fields=["sent_at", "expires_at"])
        _send(invited, dossier)
    return invited


def accept(invite_id: int, *, by) -> Invite:
    """Let `by` in, once: doing it twice, or at the same moment, changes nothing more.

    Raises PermissionDenied when the invitation is for another address, InviteEnded,
    Invite.DoesNotExist.
    """
    with transaction.atomic():
        invited, dossier = _locked_invite(invite_id)
        if not is_for(by, invited):
            raise PermissionDenied
        if invited.state == InviteState.ACCEPTEE and invited.user_id == by.pk:
            return invited
        refusal = ended_reason(invited) or _conflict(dossier, by, invited)
        if refusal:
            raise InviteEnded(refusal)
        invited.user, invited.accepted_at = by, timezone.now()
        invited.save(update_fields=["user", "accepted_at"])
        _record(_ACCEPTED[invited.origin], dossier, invited, by)
    return invited


def revoke(invite_id: int, *, by) -> Invite:
    """Take an invitation back, accepted or not; twice changes nothing. No email leaves.

    Raises PermissionDenied, Invite.DoesNotExist.
    """
    with transaction.atomic():
        invited, dossier = _locked_invite(invite_id)
        if not _MAY_MANAGE[invited.origin](by, dossier):
            raise PermissionDenied
        if invited.is_live:
            invited.revoked_at = timezone.now()
            invited.save(update_fields=["revoked_at"])
            _record(_REVOKED[invited.origin], dossier, invited, by)
    return invited


def leave(invite_id: int, *, by) -> Invite:
    """Let an invité go; twice changes nothing. Raises PermissionDenied, Invite.DoesNotExist."""
    with transaction.atomic():
        invited, dossier = _locked_invite(invite_id)
        if invited.user_id != by.pk or not invited.accepted_at:
            raise PermissionDenied
        if invited.is_live:
            invited.left_at = timezone.now()
            invited.save(update_fields=["left_at"])
            _record(_LEFT[invited.origin], dossier, invited, by)
    return invited


def change_role(invite_id: int, role: InviteRole, *, by) -> Invite:
    """Give another right to an invité of the usager; the same one changes nothing.

    Raises PermissionDenied, also for an invité of the service, who only reads;
    Invite.DoesNotExist, ValidationError once it was revoked or left.
    """
    with transaction.atomic():
        invited, dossier = _locked_invite(invite_id)
        if not invited.is_of_usager or not policies.can_invite(by, dossier):
            raise PermissionDenied
        if not invited.is_live:
            raise ValidationError("Cette personne n’est plus invitée.", code="ended")
        if invited.role != role:
            invited.role = role
            invited.save(update_fields=["role"])
            _record(HistoryAction.INVITE_USAGER_CHANGE, dossier, invited, by)
    return invited


def is_for(user, invited: Invite) -> bool:
    """Tell whether `user` is the person invited: the address is theirs, and verified."""
    return owns_address(user, invited.email)


def ended_reason(invited: Invite) -> str:
    """Say why an invitation cannot be accepted any more, and what to do; empty when it can."""
    who = invited.invited_by_name
    return {
        InviteState.EN_ATTENTE: "",
        InviteState.ACCEPTEE: "Cette invitation a déjà été acceptée.",
        InviteState.EXPIREE: f"Cette invitation a expiré. Demandez à {who} de la renvoyer.",
        InviteState.REVOQUEE: f"Cette invitation a été retirée par {who}.",
        InviteState.QUITTEE: f"Vous avez quitté ce dossier. Pour y revenir, demandez à {who} "
        "de vous inviter de nouveau.",
    }[invited.state]


def read_token(token: str) -> Invite | None:
    """Return the invitation that a link names, whatever became of it; None when it is forged."""
    try:
        pk = invite_signer.unsign_object(token)
    except signing.BadSignature:
        return None
    found = Invite.objects.select_related("dossier__procedure__organisme", "dossier__usager")
    return found.filter(pk=pk, dossier__deleted_at=None).first()


def waiting_invitations(user, origin: InviteOrigin) -> InviteQuerySet:
    """Return the invitations of one origin that `user` may accept, the newest first."""
    waiting = Invite.objects.waiting_for(user.email).filter(origin=origin)
    return waiting.select_related("dossier__procedure").order_by("-sent_at")[:WAITING_SHOWN]


def home_path(invited: Invite) -> str:
    """Return the page of the dossier that an accepted invitation opens."""
    name = "dossiers:dossier_detail" if invited.is_of_usager else "avis:dossier_detail"
    return reverse(name, args=[invited.dossier_id])


def courriel_reference(invite_id: int) -> str:
    """Return the reference of its emails: not the dossier's, whose emails the service reads."""
    return f"invite:{invite_id}"


def _locked(dossier_id: int) -> Dossier:
    return locked_dossier(dossier_id, "usager", "etablissement", "procedure__organisme")


def _locked_invite(invite_id: int) -> tuple[Invite, Dossier]:
    dossier = _locked(Invite.objects.values_list("dossier_id", flat=True).get(pk=invite_id))
    return Invite.objects.select_related("user").get(pk=invite_id), dossier


def _check_stranger(dossier: Dossier, address: str, by, origin: InviteOrigin) -> None:
    """Refuse to invite who needs no invitation."""
    if address == by.email:
        raise ValidationError("C’est votre propre adresse : vous avez déjà accès.", code="self")
    if origin == InviteOrigin.USAGER:
        return
    if address == dossier.usager.email:
        raise ValidationError("C’est l’usager du dossier : écrivez-lui plutôt.", code="usager")
    if dossier.groupe.affectations.filter(user__email=address).exists():
        raise ValidationError(
            "Cette personne accompagne déjà la procédure : elle voit ce dossier.", code="colleague"
        )


def _check_expired(invited: Invite) -> None:
    if invited.state == InviteState.ACCEPTEE:
        raise ValidationError(
            f"{invited.email} a déjà accepté une invitation à ce dossier.", code="accepted"
        )
    if invited.state == InviteState.EN_ATTENTE:
        raise ValidationError(
            f"{invited.email} est déjà invité. Si l’email n’est pas arrivé, renvoyez l’invitation "
            "depuis la liste.",
            code="waiting",
        )


def _conflict(dossier: Dossier, by, invited: Invite) -> str:
    """Say why this person may not be an invité: nobody fills in what they instruct, or owns."""
    if dossier.usager_id == by.pk:
        return "Vous êtes l’usager de ce dossier : vous y avez déjà accès."
    if invited.is_of_usager and can_instruct(by, dossier.procedure_id):
        return (
            "Vous accompagnez cette procédure : on ne remplit pas un dossier que l’on instruit. "
            "Le dossier vous sera visible dès son dépôt."
        )
    return ""


def _renew(invited: Invite) -> None:
    invited.sent_at = timezone.now()
    invited.expires_at = invited.sent_at + timedelta(days=INVITATION_LIFETIME_DAYS)


def _send(invited: Invite, dossier: Dossier) -> None:
    """Write the email; note the account of the address, for whom the invitation waits."""
    context = {
        "invite": invited,
        "dossier": dossier,
        "may_write": invited.may_write,
        "organisme": dossier.procedure.organisme,
        "lifetime_days": INVITATION_LIFETIME_DAYS,
    }
    user = invite_to_page(
        invited.email,
        template=_TEMPLATES[invited.origin],
        context=context,
        path=invited.get_absolute_url(),
        action_label="Voir l’invitation",
        reference=courriel_reference(invited.pk),
    )
    if user is not None and invited.user_id != user.pk:
        invited.user = user
        invited.save(update_fields=["user"])


def _record(action: HistoryAction, dossier: Dossier, invited: Invite, by) -> None:
    person = invited.person
    if action in (HistoryAction.INVITE_USAGER, HistoryAction.INVITE_USAGER_CHANGE):
        person = f"{person} ({invited.get_role_display().lower()})"
    HistoryEntry.objects.create(
        dossier=dossier,
        action=action,
        from_state=dossier.state,
        to_state=dossier.state,
        by=by,
        by_name=str(by),
        person=person,
    )
