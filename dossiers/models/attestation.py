"""The attestation that an accepted dossier was given."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from procedures.models import ImageAttestation

# Crockford's base 32, without the letters that are taken for digits; 16 of them are 80 bits.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16
MAKE_ATTEMPTS_MAX = 8


def attestation_path(instance, filename: str) -> str:
    """Return the one path of its PDF, the same whenever it is made."""
    return f"attestations/{instance.dossier_id % 1000:03d}/{instance.dossier_id}/{instance.code}"


def grouped(code: str) -> str:
    """Return a code in groups of four, as it is printed and typed."""
    return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


class AttestationQuerySet(models.QuerySet):
    """Which attestations are still to be made."""

    def to_make(self, now):
        """Return those without a PDF that may be tried now."""
        return self.filter(file="", attempts__lt=MAKE_ATTEMPTS_MAX, next_attempt_at__lte=now)


class Attestation(models.Model):
    """All that an attestation says, as it was on the day of the acceptance, and its PDF.

    The row is the truth; the PDF is made from it by a task, and made again if it was lost.
    """

    dossier = models.OneToOneField(
        "dossiers.Dossier", models.CASCADE, related_name="attestation", verbose_name="dossier"
    )
    code = models.CharField("numéro", max_length=CODE_LENGTH, unique=True)
    issued_at = models.DateTimeField("délivrance", default=timezone.now)
    procedure_title = models.CharField("procédure", max_length=200)
    organisme_name = models.CharField("organisme", max_length=200)
    service_name = models.CharField("service", max_length=200, blank=True)
    title = models.CharField("titre", max_length=300)
    body_html = models.TextField("texte")
    signatory_name = models.CharField("nom du signataire", max_length=200, blank=True)
    signatory_title = models.CharField("qualité du signataire", max_length=200, blank=True)
    footer = models.CharField("pied de page", max_length=500, blank=True)
    logo = models.ForeignKey(
        ImageAttestation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signature = models.ForeignKey(
        ImageAttestation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    file = models.FileField("fichier", upload_to=attestation_path, blank=True)
    size_bytes = models.PositiveBigIntegerField("taille", default=0)
    sha256 = models.CharField("empreinte SHA-256", max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_attempt_at = models.DateTimeField("prochain essai", default=timezone.now)

    objects = AttestationQuerySet.as_manager()

    class Meta:
        verbose_name = "attestation"
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(file=""), name="attestation_to_make"
            ),
        ]

    def __str__(self):
        return f"attestation nº {self.number}"

    def get_absolute_url(self):
        return reverse("dossiers:attestation_verify", args=[self.number])

    @property
    def is_test(self) -> bool:
        """Tell whether it attests nothing: it was issued in the test mode."""
        return self.dossier.is_test

    @property
    def number(self) -> str:
        """Return its code in groups of four, as it is printed and typed."""
        return grouped(self.code)

    @property
    def verification_url(self) -> str:
        """Return the whole address of its public page."""
        if self.is_test:
            return settings.SITE_URL + reverse("dossiers:attestation_search")
        return settings.SITE_URL + self.get_absolute_url()

    @property
    def is_made(self) -> bool:
        """Tell whether its PDF is ready."""
        return bool(self.file)

    @property
    def is_given_up(self) -> bool:
        """Tell whether its PDF could not be made, however often it was tried."""
        return not self.file and self.attempts >= MAKE_ATTEMPTS_MAX


class AttestationRetiree(models.Model):
    """What anyone may verify of an attestation whose decision was taken back."""

    COPIED = ("code", "issued_at", "procedure_title", "organisme_name", "title", "sha256")

    dossier = models.ForeignKey(
        "dossiers.Dossier", models.CASCADE, related_name="attestations_retirees"
    )
    code = models.CharField("numéro", max_length=CODE_LENGTH, unique=True)
    issued_at = models.DateTimeField("délivrance")
    withdrawn_at = models.DateTimeField("retrait", default=timezone.now)
    procedure_title = models.CharField("procédure", max_length=200)
    organisme_name = models.CharField("organisme", max_length=200)
    title = models.CharField("titre", max_length=300)
    sha256 = models.CharField("empreinte SHA-256", max_length=64, blank=True)

    class Meta:
        verbose_name = "attestation retirée"
        verbose_name_plural = "attestations retirées"

    def __str__(self):
        return f"attestation retirée nº {self.number}"

    @property
    def number(self) -> str:
        """Return its code in groups of four, as it was printed."""
        return grouped(self.code)
