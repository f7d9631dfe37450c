"""Asking for an avis, giving it, and what comes between.

Every act holds the dossier's row, as those on the invitations that give access do.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User, normalize_email
from dossiers import policies
from dossiers.analyse import examine_after_commit
from dossiers.enums import INVITATION_MESSAGE_MAX, HistoryAction
from dossiers.historique import record_about
from dossiers.invitations import ensure_for_service
from dossiers.locks import locked_dossier
from dossiers.messagerie import CheckedFile, check_files
from dossiers.models import Dossier, Invite
from instruction import avis_courriels
from instruction.avis_enums import REMIND_BEFORE_DAYS, AvisAnswer, AvisFileKind
from instruction.models import Avis, AvisFile

REMINDED_MAX = 200


def ask(
    dossier_id: int,
    emails: Iterable[str],
    *,
    by,
    question: str,
    is_confidential: bool,
    due_on: date | None = None,
    uploads: Iterable[UploadedFile] = (),
) -> list[Avis]:
    """Ask one question of several people, each apart: all of them, or nobody.

    Who is a stranger to the dossier is invited to it by the same email. Raises PermissionDenied,
    Dossier.DoesNotExist, and ValidationError (what to do, in French).
    """
    checked = check_files(uploads)
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if not policies.can_consult(by, dossier):
            raise PermissionDenied
        asked = [
            _create(
                dossier,
                email,
                by=by,
                question=_tidy(question),
                is_confidential=is_confidential,
                due_on=due_on,
                asked_by=by,
                asked_by_name=str(by),
            )
            for email in emails
        ]
        _keep_files(checked, AvisFileKind.QUESTION, dossier, asked, by)
        for avis in asked:
            record_about(HistoryAction.AVIS_ASK, dossier, avis.person, by=by)
            avis_courriels.announce_asked(avis, [file.name for file in checked])
    return asked


def answer(
    avis_id: int,
    *,
    by,
    answer: AvisAnswer,
    text: str,
    uploads: Iterable[UploadedFile] = (),
    removed: Iterable[int] = (),
) -> Avis:
    """Give an avis, or another one until the decision is taken; the service is told.

    `removed` names files of the former answer. Raises PermissionDenied for whoever was not asked
    or is no longer, Avis.DoesNotExist, ValidationError.
    """
    checked = check_files(uploads)
    with transaction.atomic():
        avis = _locked_avis(avis_id)
        _check_asked(avis, by)
        is_change = bool(avis.answer)
        now = timezone.now()
        avis.answer, avis.text, avis.answered_by_name = answer, _tidy(text), str(by)
        if is_change:
            avis.changed_at = now
        else:
            avis.answered_at = now
        avis.save(update_fields=["answer", "text", "answered_by_name", "answered_at", "changed_at"])
        old = avis.files.filter(kind=AvisFileKind.ANSWER, pk__in=list(removed))
        old.delete()
        _keep_files(checked, AvisFileKind.ANSWER, avis.dossier, [avis], by)
        avis.dossier.avis_changed_at = now
        avis.dossier.save(update_fields=["avis_changed_at"])
        action = HistoryAction.AVIS_CHANGE if is_change else HistoryAction.AVIS_ANSWER
        record_about(action, avis.dossier, avis.get_answer_display(), by=by)
        avis_courriels.announce_answered(avis, is_change=is_change)
    return avis


def remind(avis_id: int, *, by) -> Avis:
    """Write again to who was asked, once a day at most.

    Raises PermissionDenied, Avis.DoesNotExist, ValidationError when it is too soon or too late.
    """
    with transaction.atomic():
        avis = _locked_avis(avis_id)
        if not policies.can_consult(by, avis.dossier):
            raise PermissionDenied
        if not avis.is_awaited:
            raise ValidationError("Cet avis n’est plus attendu.", code="ended")
        if not avis.may_be_reminded:
            at = date_format(timezone.localtime(avis.remindable_at), r"d/m/Y à H:i")
            raise ValidationError(
                f"Une relance par jour au plus : vous pourrez relancer {avis.person} le {at}.",
                code="too_soon",
            )
        _remind(avis)
    return avis


def revoke(avis_id: int, *, by) -> Avis:
    """Take back what was asked, and the access that nothing else gives; an avis given stays.

    Twice changes nothing. Raises PermissionDenied, Avis.DoesNotExist.
    """
    with transaction.atomic():
        avis = _locked_avis(avis_id)
        if not policies.can_decide(by, avis.dossier):
            raise PermissionDenied
        if not avis.has_access:
            return avis
        avis.revoked_at = timezone.now()
        avis.save(update_fields=["revoked_at"])
        if avis.invite is not None and not _still_needed(avis.invite):
            avis.invite.revoked_at = avis.revoked_at
            avis.invite.save(update_fields=["revoked_at"])
        record_about(HistoryAction.AVIS_REVOKE, avis.dossier, avis.person, by=by)
        avis_courriels.announce_revoked(avis)
    return avis


def hand_over(avis_id: int, email: str, *, by, word: str) -> Avis:
    """Give what was asked of `by` to somebody else: the right moves, and who asked is told.

    Raises PermissionDenied, Avis.DoesNotExist, ValidationError.
    """
    with transaction.atomic():
        avis = _locked_avis(avis_id)
        _check_asked(avis, by)
        if avis.answer:
            raise ValidationError("Vous avez déjà rendu cet avis.", code="answered")
        now = timezone.now()
        avis.handed_over_at = now
        avis.save(update_fields=["handed_over_at"])
        if avis.invite is not None and not _still_needed(avis.invite):
            avis.invite.left_at = now
            avis.invite.save(update_fields=["left_at"])
        following = _create(
            avis.dossier,
            email,
            by=by,
            question=avis.question,
            is_confidential=avis.is_confidential,
            due_on=avis.due_on,
            asked_by=avis.asked_by,
            asked_by_name=avis.asked_by_name,
            handed_over_from=avis,
            handed_over_word=_tidy(word),
        )
        files = list(avis.files.filter(kind=AvisFileKind.QUESTION))
        following.files.add(*files)
        record_about(HistoryAction.AVIS_HAND_OVER, avis.dossier, following.person, by=by)
        avis_courriels.announce_asked(following, [file.name for file in files])
        avis_courriels.announce_handed_over(following, by=by)
    return following


def remind_due() -> None:
    """Remind of the deadlines: some days before, and the day after, each once.

    Safe to run twice, or two at once.
    """
    today = timezone.localdate()
    coming = Q(due_on__gte=today, due_on__lte=today + timedelta(days=REMIND_BEFORE_DAYS))
    # Somebody asked less than three days before the deadline needs no reminder of it.
    asked_before = Q(created_at__lt=timezone.now() - timedelta(days=1))
    past = Q(due_on__lt=today, reminded_after=False)
    due = Avis.objects.awaited().filter(
        (coming & asked_before & Q(reminded_before=False)) | past, dossier__deleted_at=None
    )
    for pk in due.order_by("due_on", "pk").values_list("pk", flat=True)[:REMINDED_MAX]:
        _remind_of_deadline(pk, today)


def counts_of(dossier: Dossier) -> dict[str, int]:
    """Return how many avis were asked, given, given for and against, and are waited for."""
    asked = Q(revoked_at=None, handed_over_at=None) & (
        Q(invite=None) | Q(invite__revoked_at=None, invite__left_at=None)
    )
    given = ~Q(answer="")
    counts = Avis.objects.filter(dossier=dossier).aggregate(
        total=Count("pk", filter=asked | given),
        given=Count("pk", filter=given),
        favorable=Count("pk", filter=Q(answer=AvisAnswer.FAVORABLE)),
        defavorable=Count("pk", filter=Q(answer=AvisAnswer.DEFAVORABLE)),
    )
    waiting = 0 if dossier.is_termine else counts["total"] - counts["given"]
    return counts | {"awaited": waiting}


def files_of_avis(user, dossier: Dossier) -> list[tuple[str, AvisFile]]:
    """Return the files of the avis of a dossier, each with the name of its folder.

    Nothing for an accompagnateur who is its usager.
    """
    if not policies.can_decide(user, dossier):
        return []
    files = dossier.avis_files.order_by("pk")
    return [(f"Avis - {file.get_kind_display()}", file) for file in files]


def _create(dossier: Dossier, email: str, *, by, question: str, **facts) -> Avis:
    """Ask one person, with the invitation that lets them in unless they are in already."""
    address = normalize_email(email)
    avis = Avis(dossier=dossier, email=address, question=question, **facts)
    if address not in (by.email, dossier.usager.email):
        avis.user = _colleague(dossier, address)
    if avis.user is None:
        message = question if len(question) <= INVITATION_MESSAGE_MAX else question[:999] + "…"
        try:
            avis.invite = ensure_for_service(dossier, address, by=by, message=message)
        except ValidationError as error:
            raise ValidationError(f"{address} : {' '.join(error.messages)}", code="email") from None
    same = Avis.objects.awaited().filter(dossier=dossier, email=address, question=question)
    if same.exists():
        raise ValidationError(
            f"{address} a déjà reçu cette question. Pour insister, relancez depuis la liste.",
            code="email",
        )
    avis.save()
    return avis


def _colleague(dossier: Dossier, address: str) -> User | None:
    """Return the person at `address` when they instruct the dossier already."""
    affectations = dossier.groupe.affectations.filter(user__email=address, user__is_active=True)
    affectation = affectations.select_related("user").first()
    return affectation.user if affectation else None


def _check_asked(avis: Avis, by) -> None:
    """Refuse whoever may not answer now."""
    if not Avis.objects.asked_of(by).filter(pk=avis.pk).exists():
        raise PermissionDenied
    if not avis.may_be_answered:
        raise ValidationError(
            "La décision est prise : cet avis n’est plus attendu, et ne change plus.", code="ended"
        )


def _still_needed(invite: Invite) -> bool:
    """Tell whether another avis, given or waited for, leaves its access to who was invited."""
    return Avis.objects.live().filter(invite=invite).exists()


def _keep_files(
    checked: list[CheckedFile], kind: AvisFileKind, dossier: Dossier, asked: list[Avis], by
) -> None:
    """Write files once, whatever the number of avis; what fails here leaves none behind."""
    stored: list[AvisFile] = []
    try:
        for file in checked:
            row = AvisFile(
                dossier=dossier,
                kind=kind,
                name=file.name,
                content_type=file.content_type,
                size_bytes=file.upload.size,
                sha256=file.sha256,
                uploaded_by=by,
            )
            row.file.save(file.name, file.upload, save=False)
            stored.append(row)
            row.save()
            row.avis.set(asked)
            examine_after_commit(row)
    except BaseException as error:
        for row in stored:
            row.file.storage.delete(row.file.name)
        if not isinstance(error, OSError):
            raise
        raise ValidationError(
            "Le service n’a pas pu garder vos fichiers. Renvoyez-les dans quelques minutes.",
            code="file",
        ) from error


def _remind(avis: Avis) -> None:
    avis.reminded_at = timezone.now()
    avis.save(update_fields=["reminded_at", "reminded_before", "reminded_after"])
    avis_courriels.announce_reminder(avis)


def _remind_of_deadline(pk: int, today: date) -> None:
    with transaction.atomic():
        try:
            avis = _locked_avis(pk)
        except (Avis.DoesNotExist, Dossier.DoesNotExist):
            return
        if not avis.is_awaited or avis.due_on is None:
            return
        is_past = avis.due_on < today
        if avis.reminded_after if is_past else avis.reminded_before:
            return
        avis.reminded_before = True
        avis.reminded_after = is_past
        _remind(avis)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _locked(dossier_id: int) -> Dossier:
    return locked_dossier(dossier_id, "usager", "etablissement", "procedure__organisme", "groupe")


def _locked_avis(avis_id: int) -> Avis:
    dossier = _locked(Avis.objects.values_list("dossier_id", flat=True).get(pk=avis_id))
    avis = Avis.objects.select_related("invite__user", "user", "asked_by").get(pk=avis_id)
    avis.dossier = dossier
    return avis
