"""Who may do what with a dossier."""

from dossiers.enums import InviteRole, MessageSide
from dossiers.models import Dossier, EcheanceLegale, Invite
from procedures.champs import Champ
from procedures.enums import EffetDuSilence
from procedures.policies import can_administer, can_instruct


def can_read_as_usager(user, dossier: Dossier) -> bool:
    """Tell whether `user` reads the dossier as its usager does, en brouillon too.

    - Its usager: yes.
    - Who accepted an invitation of the usager, neither revoked nor left: yes.
    - Who is invited by the service, an accompagnateur, anyone else: no.
    """
    return dossier.usager_id == user.pk or _invite_of_usager(user, dossier) is not None


def can_fill_in(user, dossier: Dossier) -> bool:
    """Tell whether `user` has the right to write in the dossier, as long as it may change.

    - Its usager: yes.
    - Who accepted an invitation of the usager « en écriture »: yes.
    - Who may only read, or is invited by the service, anyone else: no.
    """
    if dossier.usager_id == user.pk:
        return True
    invite = _invite_of_usager(user, dossier)
    return invite is not None and invite.role == InviteRole.ECRITURE


def can_edit(user, dossier: Dossier) -> bool:
    """Tell whether `user` may change the answers now.

    - Whoever may fill it in, while it is en brouillon or en construction: yes.
    - Anyone else: no.
    """
    return dossier.is_editable and can_fill_in(user, dossier)


def can_edit_champ(user, dossier: Dossier, champ: Champ) -> bool:
    """Tell whether `user` may change the answer or the files of this champ now.

    - Whoever may edit the dossier: yes, for every champ.
    - But for those that a correction asked en instruction does not name: no.
    """
    opened = dossier.editable_champ_ids
    return (opened is None or champ.id in opened) and can_edit(user, dossier)


def can_identify(user, dossier: Dossier) -> bool:
    """Tell whether `user` may change who applies: whoever may edit, unless a correction holds."""
    return dossier.editable_champ_ids is None and can_edit(user, dossier)


def can_write_message(user, dossier: Dossier) -> bool:
    """Tell whether `user` may write in its messagerie: see `message_sides`."""
    return bool(message_sides(user, dossier))


def message_sides(user, dossier: Dossier) -> set[MessageSide]:
    """Return on whose behalf `user` may write in its messagerie; nobody once it is archived.

    - Its usager, and who accepted their invitation, whatever their right: from the deposit on;
      before it, where the procédure allows the dialogue.
    - An accompagnateur who may decide; before the deposit, one assigned to its procédure, where
      the procédure allows the dialogue.
    - On a test, those who play the accompagnateur: for the service.
    - Who is invited by the service, anyone else: no.
    """
    sides: set[MessageSide] = set()
    if dossier.is_archived or (dossier.is_brouillon and not dossier.procedure.dialogue_prealable):
        return sides
    if dossier.usager_id == user.pk:
        sides.add(MessageSide.USAGER)
    elif _invite_of_usager(user, dossier) is not None:
        sides.add(MessageSide.INVITE)
    if _may_answer(user, dossier):
        sides.add(MessageSide.SERVICE)
    return sides


def can_submit(user, dossier: Dossier) -> bool:
    """Tell whether `user` may file it: its usager alone, never an invité."""
    return dossier.usager_id == user.pk


def can_delete(user, dossier: Dossier) -> bool:
    """Tell whether `user` may put it in the bin.

    - Its usager, en brouillon: yes. En construction: yes, the service sees that it was withdrawn.
    - Its usager, terminé: yes, it leaves their list alone.
    - En instruction, or anyone else: no.
    """
    return dossier.usager_id == user.pk and (dossier.is_editable or dossier.is_termine)


def can_transfer(user, dossier: Dossier) -> bool:
    """Tell whether `user` may give it to another person: its usager, unless it is a test."""
    return dossier.usager_id == user.pk and not dossier.is_test


def can_duplicate(user, dossier: Dossier) -> bool:
    """Tell whether `user` may begin another from it: its usager, unless it is a test."""
    return dossier.usager_id == user.pk and not dossier.is_test


def can_invite(user, dossier: Dossier) -> bool:
    """Tell whether `user` may invite others to fill it in, and say what they may do.

    - Its usager: yes, whatever its state.
    - An invité, an accompagnateur, anyone else: no.
    - On a test, which only its tester hears of: no.
    """
    return dossier.usager_id == user.pk and not dossier.is_test


def can_consult(user, dossier: Dossier) -> bool:
    """Tell whether `user` may ask somebody, for the service, to look at the dossier.

    - Whoever may decide, until the decision is taken: yes.
    - Anyone else: no; nor on a test.
    """
    return not dossier.is_test and not dossier.is_termine and can_decide(user, dossier)


def can_change_groupe(user, dossier: Dossier) -> bool:
    """Tell whether `user` may give the dossier to another groupe: whoever may decide.

    A test is nobody's to give.
    """
    return not dossier.is_test and can_decide(user, dossier)


def can_annotate(user, dossier: Dossier) -> bool:
    """Tell whether `user` may read and write its annotations privées.

    - An accompagnateur assigned to its procédure, unless they are its usager: yes, at any time
      once it is submitted, decided too.
    - Its usager, an accompagnateur of another procédure, an administrateur: no.
    - On a test, those who play the accompagnateur.
    """
    return can_decide(user, dossier)


def can_start_instruction(user, dossier: Dossier) -> bool:
    """Tell whether `user` may pass it en instruction.

    - TPS itself, at the date planned for the procédure (None): yes.
    - Otherwise, whoever may decide.
    """
    return not dossier.is_brouillon if user is None else can_decide(user, dossier)


def can_accept(user, dossier: Dossier) -> bool:
    """Tell whether `user` may accept it.

    - TPS itself (None): where silence means yes, once its legal deadline is over.
    - Otherwise, whoever may decide.
    """
    if user is None:
        return _is_decided_by_silence(dossier, EffetDuSilence.SVA)
    return can_decide(user, dossier)


def can_reject(user, dossier: Dossier) -> bool:
    """Tell whether `user` may reject it.

    - TPS itself (None): where silence means no, once its legal deadline is over.
    - Otherwise, whoever may decide.
    """
    if user is None:
        return _is_decided_by_silence(dossier, EffetDuSilence.SVR)
    return can_decide(user, dossier)


def can_decide(user, dossier: Dossier) -> bool:
    """Tell whether `user` may change its state once it is submitted.

    - An accompagnateur of its groupe, unless they are its usager: yes.
    - Its usager, an accompagnateur of another groupe or procédure, an administrateur: no.
    - On a test, its tester and the administrateurs of the procédure play the part, nobody else.
    """
    return not dossier.is_brouillon and _may_answer(user, dossier)


def _is_decided_by_silence(dossier: Dossier, effet: EffetDuSilence) -> bool:
    automatic = EcheanceLegale.objects.filter(pk=dossier.pk, is_automatic=True, effet=effet)
    echeance = automatic.first()
    return not dossier.is_test and echeance is not None and echeance.is_past


def _may_answer(user, dossier: Dossier) -> bool:
    """Tell whether `user` is an accompagnateur of this dossier, whatever its state."""
    if dossier.is_test:
        return dossier.usager_id == user.pk or can_administer(user, dossier.procedure)
    return dossier.usager_id != user.pk and can_instruct(
        user, dossier.procedure_id, dossier.groupe_id
    )


def _invite_of_usager(user, dossier: Dossier) -> Invite | None:
    """Return what makes `user` an invité of the usager, asked of the database each time."""
    return Invite.objects.active().of_usager().filter(dossier=dossier, user_id=user.pk).first()
