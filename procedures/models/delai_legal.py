"""What the silence of the service comes to mean, and when."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from procedures.enums import CorrectionDuDelai, DebutDuDelai, EffetDuSilence, UniteDeDelai

DELAI_LENGTH_MAX = 365
DELAI_MOTIVATION_MAX = 2000


class RegleDeDelai(models.Model):
    """How long the service has, from when, and what its silence then means."""

    effet = models.CharField("le silence du service vaut", max_length=10, choices=EffetDuSilence)
    length = models.PositiveSmallIntegerField(
        "durée",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(DELAI_LENGTH_MAX)],
    )
    unit = models.CharField("unité", max_length=10, choices=UniteDeDelai, default=UniteDeDelai.MOIS)
    start = models.CharField(
        "début du délai", max_length=10, choices=DebutDuDelai, default=DebutDuDelai.DEPOT
    )
    on_correction = models.CharField(
        "pendant une correction",
        max_length=10,
        choices=CorrectionDuDelai,
        default=CorrectionDuDelai.SUSPEND,
    )
    is_automatic = models.BooleanField("décision automatique", default=False)
    # What the usager reads of the automatic decision; the default one where it is empty.
    motivation = models.TextField("motivation", blank=True, max_length=DELAI_MOTIVATION_MAX)

    class Meta:
        abstract = True

    @property
    def is_acceptance(self) -> bool:
        """Tell whether silence means yes."""
        return self.effet == EffetDuSilence.SVA

    @property
    def outcome(self) -> str:
        """Return what becomes of the demande: « acceptée » or « rejetée »."""
        return "acceptée" if self.is_acceptance else "rejetée"

    @property
    def length_in_words(self) -> str:
        """Return « 2 mois », « 1 semaine »."""
        word = UniteDeDelai(self.unit).singular
        plural = self.length > 1 and not word.endswith("s")
        return f"{self.length} {word}{'s' if plural else ''}"


class DelaiLegal(RegleDeDelai):
    """The legal deadline of a procédure: none where there is no row.

    A dossier keeps the rule under which it was filed: see `dossiers.models.EcheanceLegale`.
    Source: code des relations entre le public et l’administration, art. L231-1 to L231-4.
    """

    procedure = models.OneToOneField(
        "procedures.Procedure", models.CASCADE, primary_key=True, related_name="delai_legal"
    )

    class Meta:
        verbose_name = "délai légal"
        verbose_name_plural = "délais légaux"

    def __str__(self):
        return f"{self.get_effet_display()}, {self.length_in_words}"
