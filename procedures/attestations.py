"""The attestation of a procédure: its text, its images, and the PDF that they make."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import segno
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import ProtectedError
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString

from commun.markdown import render_markdown
from commun.pdf import render_pdf
from procedures.balises import Balise, balises_of, sample_values
from procedures.courriels import problems_of
from procedures.formulaire import Formulaire
from procedures.models import ImageAttestation, ModeleAttestation, Procedure
from procedures.passages import fill_text

TITLE_MAX = 300
TEXTS = ("title", "body", "signatory_name", "signatory_title", "footer")
IMAGES = ("logo", "signature")
# A balise of the email that announces the attestation, which cannot lead to itself.
_OF_EMAILS = {"lien_attestation"}
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PNG_MAGIC = b"\x89PNG"


def default_text() -> tuple[str, str]:
    """Return the title and body that work untouched, their balises not filled in."""
    return tuple(
        get_template(f"procedures/attestation/{part}.txt").template.source.strip()
        for part in ("title", "body")
    )


def modele_of(procedure: Procedure) -> ModeleAttestation:
    """Return what the administrateur wrote, else the default text, not saved and not active."""
    own = ModeleAttestation.objects.filter(procedure=procedure)
    title, body = default_text()
    return own.select_related("logo", "signature").first() or ModeleAttestation(
        procedure=procedure, title=title, body=body
    )


def balises_of_attestation(procedure: Procedure, formulaire: Formulaire) -> list[Balise]:
    """Return the balises that an attestation may hold."""
    return [balise for balise in balises_of(procedure, formulaire) if balise.name not in _OF_EMAILS]


def problems_of_attestation(modele: ModeleAttestation, formulaire: Formulaire) -> list[str]:
    """Return what is wrong with the balises and passages of a model, in French."""
    balises = balises_of_attestation(modele.procedure, formulaire)
    return problems_of([modele.title, modele.body], balises)


def save_modele(
    procedure: Procedure, texts: Mapping[str, str | bool], images: Mapping[str, bytes | None]
) -> ModeleAttestation:
    """Keep the administrateur's texts; `images` names those that change, None to remove one.

    The row is locked: an attestation being issued prints the images from before or after.
    """
    stored: list[ImageAttestation] = []
    try:
        with transaction.atomic():
            ModeleAttestation.objects.get_or_create(procedure=procedure)
            modele = ModeleAttestation.objects.select_for_update(of=("self",)).get(
                procedure=procedure
            )
            former = {getattr(modele, f"{name}_id") for name in images} - {None}
            for name, content in images.items():
                setattr(modele, name, _store_image(procedure, content, stored))
            for name, text in texts.items():
                setattr(modele, name, text)
            modele.save(update_fields=[*texts, *images, "updated_at"])
            _forget_images(former)
    except BaseException:
        for image in stored:
            image.file.storage.delete(image.file.name)
        raise
    return modele


def return_to_default(procedure: Procedure) -> None:
    """Forget the administrateur's title and body; signatory, images and foot stay."""
    title, body = default_text()
    ModeleAttestation.objects.filter(procedure=procedure).update(title=title, body=body)


def _store_image(
    procedure: Procedure, content: bytes | None, stored: list[ImageAttestation]
) -> ImageAttestation | None:
    if content is None:
        return None
    image = ImageAttestation(procedure=procedure)
    image.file.save("image", ContentFile(content), save=False)
    stored.append(image)
    image.save()
    return image


def _forget_images(pks: set[int]) -> None:
    """Delete images that are no longer of the model, but those an issued attestation prints."""
    for image in ImageAttestation.objects.filter(pk__in=pks):
        try:
            with transaction.atomic():
                image.delete()
        except ProtectedError:
            continue
        transaction.on_commit(lambda file=image.file: file.storage.delete(file.name))


@dataclass(frozen=True)
class Attestation:
    """All that an attestation prints; `code` is empty for a specimen."""

    title: str
    body_html: SafeString
    signatory_name: str
    signatory_title: str
    footer: str
    organisme_name: str
    service_name: str
    dossier_number: str
    issued_on: date
    verification_url: str
    code: str = ""
    logo: bytes = b""
    signature: bytes = b""

    @property
    def qr_code(self) -> str:
        """Return the address of the verification page as the `data:` address of a drawing."""
        return segno.make(self.verification_url, error="m").svg_data_uri(
            scale=4, border=0, dark="#161616"
        )

    @property
    def logo_uri(self) -> str:
        """Return the logo as a `data:` address, empty without one."""
        return _data_uri(self.logo)

    @property
    def signature_uri(self) -> str:
        """Return the signature as a `data:` address, empty without one."""
        return _data_uri(self.signature)


def write_title(title: str, values: Mapping[str, str]) -> str:
    """Return the title, in one line, its balises filled in."""
    return " ".join(_CONTROL.sub(" ", fill_text(title, values)).split())[:TITLE_MAX]


def write_body(body: str, values: Mapping[str, str]) -> SafeString:
    """Return the body as safe HTML; what values hold is text, whatever it looks like."""
    return render_markdown(fill_text(body, {name: literal(text) for name, text in values.items()}))


def literal(text: str) -> str:
    """Return `text` so that markdown shows it as it is, its lines one below the other."""
    lines = [_CONTROL.sub(" ", line).strip() for line in text.splitlines()]
    return "\n".join(_PUNCTUATION.sub(r"\\\1", line) for line in lines if line)


def specimen_of(
    modele: ModeleAttestation,
    balises: list[Balise],
    site_url: str,
    images: Mapping[str, bytes | None] | None = None,
) -> Attestation:
    """Return the attestation of an invented dossier, which attests nothing.

    `images`: those just chosen, not saved yet, None for one to remove.
    """
    procedure = modele.procedure
    chosen = images or {}
    values = sample_values(balises)
    if not procedure.accepts_entreprises:
        values |= {"nom_entreprise": "", "siret_entreprise": ""}
    return Attestation(
        title=write_title(modele.title, values) or "(sans titre)",
        body_html=write_body(modele.body, values),
        signatory_name=modele.signatory_name,
        signatory_title=modele.signatory_title,
        footer=modele.footer,
        organisme_name=procedure.organisme.name,
        service_name=procedure.service_name,
        dossier_number=values["numero_dossier"],
        issued_on=date(2026, 11, 23),
        verification_url=site_url + reverse("dossiers:attestation_search"),
        **{
            name: chosen[name] or b"" if name in chosen else content_of(getattr(modele, name))
            for name in IMAGES
        },
    )


def render_attestation(attestation: Attestation) -> bytes:
    """Return the PDF of an attestation; it takes some tenths of a second."""
    return render_pdf("procedures/pdf/attestation.html", {"attestation": attestation})


def content_of(image: ImageAttestation | None) -> bytes:
    """Return the content of an image, nothing without one. Raises FileNotFoundError."""
    if image is None:
        return b""
    with image.file.open("rb") as file:
        return file.read()


def _data_uri(content: bytes) -> str:
    if not content:
        return ""
    kind = "png" if content.startswith(_PNG_MAGIC) else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
