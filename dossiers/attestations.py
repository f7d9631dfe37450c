"""The attestation of an accepted dossier: issued with the decision, made into a PDF, verified."""

import hashlib
import logging
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from dossiers.balises import balise_values
from dossiers.enums import TEST_SUBJECT_PREFIX, DossierState
from dossiers.models import Attestation, AttestationRetiree, Dossier, attestation_path
from dossiers.models.attestation import CODE_ALPHABET, CODE_LENGTH
from dossiers.tasks import make_attestation
from procedures import attestations as modeles
from procedures.models import ModeleAttestation, Procedure

logger = logging.getLogger(__name__)
# How long one attempt may take before another is made: more than a task is left to live.
LEASE = timedelta(minutes=11)
RETRY_AFTER = timedelta(minutes=1)
SWEPT_MAX = 500
_NOT_IN_CODES = re.compile(r"[\s.\-_–]+")
_MISREAD = str.maketrans("OIL", "011")


def is_issued_by(procedure: Procedure) -> bool:
    """Tell whether this procédure gives an attestation to the dossiers it accepts."""
    return ModeleAttestation.objects.filter(procedure=procedure, is_active=True).exists()


def attestation_of(dossier: Dossier) -> Attestation | None:
    """Return the attestation of a dossier, None when it was given none."""
    return getattr(dossier, "attestation", None)


def issue(dossier: Dossier) -> Attestation | None:
    """Write what the attestation of a dossier just accepted says; its PDF is made after commit.

    Runs in the transaction of the acceptance. The model is locked, so that its images are not
    deleted meanwhile. Return None when the procédure issues none.
    """
    modele = (
        ModeleAttestation.objects.select_for_update(of=("self",))
        .filter(procedure_id=dossier.procedure_id, is_active=True)
        .first()
    )
    if modele is None:
        return None
    values = balise_values(dossier)
    attestation = Attestation.objects.create(
        dossier=dossier,
        code=new_code(),
        procedure_title=dossier.procedure.title,
        organisme_name=dossier.procedure.organisme.name,
        service_name=dossier.procedure.service_name,
        title=_title(dossier, modele, values),
        body_html=modeles.write_body(modele.body, values),
        signatory_name=modele.signatory_name,
        signatory_title=modele.signatory_title,
        footer=modele.footer,
        logo_id=modele.logo_id,
        signature_id=modele.signature_id,
    )
    make_attestation.delay_on_commit(attestation.pk)
    return attestation


def preview(dossier: Dossier, *, motivation: str) -> bytes | None:
    """Return the PDF that accepting a dossier now would issue, as a specimen; nothing is written.

    None when the procédure issues none.
    """
    procedure = dossier.procedure
    modele = (
        ModeleAttestation.objects.select_related("logo", "signature")
        .filter(procedure=procedure, is_active=True)
        .first()
    )
    if modele is None:
        return None
    today = timezone.localdate()
    values = balise_values(dossier, motivation=motivation)
    values["date_decision"] = date_format(today, "d/m/Y")
    return modeles.render_attestation(
        modeles.Attestation(
            title=_title(dossier, modele, values),
            body_html=mark_safe(modeles.write_body(modele.body, values)),  # noqa: S308 -- cleaned by write_body
            signatory_name=modele.signatory_name,
            signatory_title=modele.signatory_title,
            footer=modele.footer,
            organisme_name=procedure.organisme.name,
            service_name=procedure.service_name,
            dossier_number=str(dossier.pk),
            issued_on=today,
            verification_url=settings.SITE_URL + reverse("dossiers:attestation_search"),
            code="",  # printed as a specimen
            logo=modeles.content_of(modele.logo),
            signature=modeles.content_of(modele.signature),
        )
    )


def _title(dossier: Dossier, modele: ModeleAttestation, values: dict[str, str]) -> str:
    title = modeles.write_title(modele.title, values) or "Attestation"
    return f"{TEST_SUBJECT_PREFIX}{title}" if dossier.is_test else title


def make(pk: int) -> None:
    """Make the PDF of an attestation and keep it; safe to run twice, or ten at once.

    An attempt counts before it begins: one that kills its process is not made for ever.
    """
    attestation = _claim(pk)
    if attestation is None:
        return
    try:
        content = modeles.render_attestation(printed(attestation))
        _keep(pk, content)
    except Exception:
        # Whatever went wrong, the sweep tries again; the row says how often.
        logger.exception("Attestation nº %s non fabriquée", pk)
        Attestation.objects.filter(pk=pk, file="").update(
            next_attempt_at=timezone.now() + RETRY_AFTER * attestation.attempts
        )


def take_left_behind() -> list[int]:
    """Return the attestations whose PDF should have been made, to be queued again."""
    due = Attestation.objects.to_make(timezone.now() - RETRY_AFTER)
    return list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:SWEPT_MAX])


def printed(attestation: Attestation) -> modeles.Attestation:
    """Return what is printed of an attestation, whose images are fetched."""
    return modeles.Attestation(
        title=attestation.title,
        body_html=mark_safe(attestation.body_html),  # noqa: S308 -- cleaned when it was issued
        signatory_name=attestation.signatory_name,
        signatory_title=attestation.signatory_title,
        footer=attestation.footer,
        organisme_name=attestation.organisme_name,
        service_name=attestation.service_name,
        dossier_number=str(attestation.dossier_id),
        issued_on=timezone.localdate(attestation.issued_at),
        verification_url=attestation.verification_url,
        # Without a number it is printed as a specimen.
        code="" if attestation.is_test else attestation.number,
        logo=modeles.content_of(attestation.logo),
        signature=modeles.content_of(attestation.signature),
    )


def delete_attestation_after_commit(attestation: Attestation) -> None:
    """Delete the PDF of a row that this transaction deletes, even one that is being made."""
    storage, name = attestation.file.storage, attestation_path(attestation, "")
    transaction.on_commit(lambda: storage.delete(name))


def withdraw(dossier: Dossier) -> None:
    """Take back the attestation of a dossier whose decision is; its number is remembered.

    Runs in the transaction of the reopening. The PDF is deleted, and no longer given to anyone.
    """
    attestation = (
        Attestation.objects.select_for_update(of=("self",)).filter(dossier=dossier).first()
    )
    if attestation is None:
        return
    AttestationRetiree.objects.create(
        dossier=dossier,
        **{name: getattr(attestation, name) for name in AttestationRetiree.COPIED},
    )
    delete_attestation_after_commit(attestation)
    attestation.delete()
    dossier._state.fields_cache.pop("attestation", None)  # what was joined is gone


def find(typed: str) -> Attestation | AttestationRetiree | None:
    """Return the attestation whose number was typed, whatever its spaces, dashes and case.

    That of a test is none: nobody decided anything.
    """
    code = normalise(typed)
    if code is None:
        return None
    return _numbered(Attestation, code) or _numbered(AttestationRetiree, code)


def normalise(typed: str) -> str | None:
    """Return a typed number as it is stored, misread letters mended; None when it is none."""
    code = _NOT_IN_CODES.sub("", typed[:100]).upper().translate(_MISREAD)
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
        return None
    return code


def new_code() -> str:
    """Return a number that nobody can guess."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def is_in_force(attestation: Attestation | AttestationRetiree) -> bool:
    """Tell whether the decision it attests still stands."""
    is_withdrawn = isinstance(attestation, AttestationRetiree)
    return not is_withdrawn and attestation.dossier.state == DossierState.ACCEPTE


def holder_shown(dossier: Dossier) -> str:
    """Return who received it, as anyone may read: never a whole name of a person.

    A company: its public name, its SIRET when it asked not to be published. A person: first name
    and initial. Empty when only an email address is known.
    """
    if dossier.etablissement is not None:
        return dossier.etablissement.public_name
    return f"{dossier.prenom} {dossier.nom[0]}." if dossier.prenom and dossier.nom else ""


def _numbered(model: type, code: str):
    joined = model.objects.select_related("dossier__etablissement")
    return joined.filter(code=code, dossier__is_test=False).first()


def _claim(pk: int) -> Attestation | None:
    """Take an attestation to make for the length of a lease, None when there is nothing to do."""
    now = timezone.now()
    with transaction.atomic():
        claimed = Attestation.objects.select_for_update(of=("self",), skip_locked=True)
        attestation = claimed.to_make(now).filter(pk=pk).first()
        if attestation is None:
            return None
        attestation.attempts += 1
        attestation.next_attempt_at = now + LEASE
        attestation.save(update_fields=["attempts", "next_attempt_at"])
    return Attestation.objects.select_related("dossier", "logo", "signature").get(pk=pk)


def _keep(pk: int, content: bytes) -> None:
    """Write the file in its one place, over what a crash may have left there, then its row."""
    with transaction.atomic():
        attestation = Attestation.objects.select_for_update(of=("self",)).get(pk=pk)
        if attestation.is_made:
            return
        storage = attestation.file.storage
        storage.delete(attestation_path(attestation, ""))
        attestation.file.save("attestation.pdf", ContentFile(content), save=False)
        attestation.size_bytes = len(content)
        attestation.sha256 = hashlib.sha256(content).hexdigest()
        attestation.save(update_fields=["file", "size_bytes", "sha256"])
