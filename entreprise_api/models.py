"""The établissement of a dossier, as API Entreprise described it on one day."""

import datetime
from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.dateformat import format as format_date

from entreprise_api.enums import (
    CATEGORIES_ENTREPRISE,
    FORME_JURIDIQUE_ASSOCIATION_PREFIX,
    CapitalState,
    LookupState,
)
from entreprise_api.siret import format_siren, format_siret

UNKNOWN = "Non renseigné"
ANNUAIRE_URL = "https://annuaire-entreprises.data.gouv.fr/etablissement/"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


class EtablissementQuerySet(models.QuerySet):
    """What is left to do."""

    def due(self, now: datetime.datetime):
        """Return the rows whose data, or capital, should be asked for now."""
        return self.filter(next_attempt_at__lte=now).order_by("next_attempt_at")

    def reusable(self, siret: str, since: datetime.datetime):
        """Return what INSEE answered about `siret` after `since`, newest first."""
        return self.filter(siret=siret, state=LookupState.COMPLET, fetched_at__gt=since).order_by(
            "-fetched_at", "-pk"
        )

    def locked(self, pk: int):
        """Return the row under lock until the transaction ends, None when it is gone."""
        return self.select_for_update(of=("self",)).filter(pk=pk).first()


class Etablissement(models.Model):
    """The snapshot that one dossier holds; it is completed once, never refreshed.

    A row with something left to fetch has a `next_attempt_at`.
    """

    # What an answer of INSEE, then of the RCS, fills in.
    INSEE_FIELDS = (
        "siret_answered", "siren", "raison_sociale", "sigle", "enseigne", "personne",
        "is_personne_physique", "forme_juridique_code", "forme_juridique", "naf_code",
        "naf_label", "naf_nomenclature", "naf_rev2_code", "naf_rev2_label",
        "tranche_effectif_code", "effectif", "effectif_annee", "adresse", "code_postal",
        "code_commune", "commune", "pays", "date_creation", "date_fermeture",
        "etat_administratif", "unite_legale_active", "is_siege", "siret_siege",
        "categorie_entreprise", "diffusable", "fetched_at",
    )  # fmt: skip
    CAPITAL_FIELDS = ("capital_social", "capital_devise", "capital_state")

    siret = models.CharField("SIRET demandé", max_length=14)
    siret_answered = models.CharField("SIRET répondu", max_length=14, blank=True)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    state = models.CharField(
        "état de la recherche",
        max_length=20,
        choices=LookupState,
        default=LookupState.EN_ATTENTE,
    )

    raison_sociale = models.CharField("raison sociale", max_length=500, blank=True)
    sigle = models.CharField("sigle", max_length=100, blank=True)
    enseigne = models.CharField("enseigne", max_length=500, blank=True)
    personne = models.CharField("prénom et nom", max_length=500, blank=True)
    is_personne_physique = models.BooleanField("personne physique", default=False)
    forme_juridique_code = models.CharField("catégorie juridique (INSEE)", max_length=4, blank=True)
    forme_juridique = models.CharField("forme juridique", max_length=255, blank=True)
    naf_code = models.CharField("code NAF", max_length=10, blank=True)
    naf_label = models.CharField("activité", max_length=255, blank=True)
    naf_nomenclature = models.CharField("nomenclature", max_length=20, blank=True)
    naf_rev2_code = models.CharField("code NAF rév. 2", max_length=10, blank=True)
    naf_rev2_label = models.CharField("activité (NAF rév. 2)", max_length=255, blank=True)
    tranche_effectif_code = models.CharField("tranche d’effectif", max_length=2, blank=True)
    effectif = models.CharField("effectif", max_length=100, blank=True)
    effectif_annee = models.CharField("année de l’effectif", max_length=4, blank=True)
    adresse = models.TextField("adresse", blank=True)
    code_postal = models.CharField("code postal", max_length=10, blank=True)
    code_commune = models.CharField("code de la commune", max_length=5, blank=True)
    commune = models.CharField("commune", max_length=150, blank=True)
    pays = models.CharField("pays étranger", max_length=100, blank=True)
    date_creation = models.DateField("date de création", null=True, blank=True)
    date_fermeture = models.DateField("date de fermeture", null=True, blank=True)
    etat_administratif = models.CharField("état administratif", max_length=1, blank=True)
    unite_legale_active = models.BooleanField("unité légale active", null=True, blank=True)
    is_siege = models.BooleanField("siège", default=False)
    siret_siege = models.CharField("SIRET du siège", max_length=14, blank=True)
    categorie_entreprise = models.CharField("catégorie d’entreprise", max_length=3, blank=True)
    # False until an answer says otherwise: nothing is shown back by mistake.
    diffusable = models.BooleanField("données publiques", default=False)
    capital_social = models.DecimalField(
        "capital social", max_digits=20, decimal_places=2, null=True, blank=True
    )
    capital_devise = models.CharField("devise du capital", max_length=20, blank=True)
    capital_state = models.CharField(
        "état du capital",
        max_length=20,
        choices=CapitalState,
        default=CapitalState.A_RECUPERER,
    )

    recipient = models.CharField("destinataire des données", max_length=14, blank=True)
    purpose = models.CharField("motif de l’appel", max_length=100, blank=True)
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    fetched_at = models.DateTimeField("répondu par l’INSEE le", null=True, blank=True)
    attempts = models.PositiveIntegerField("essais manqués", default=0)
    next_attempt_at = models.DateTimeField(
        "prochain essai", null=True, blank=True, default=timezone.now
    )
    last_error = models.CharField("dernière erreur", max_length=200, blank=True)

    objects = EtablissementQuerySet.as_manager()

    class Meta:
        verbose_name = "établissement"
        verbose_name_plural = "établissements"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(siret__regex=r"^[0-9]{14}$"), name="etablissement_siret_digits"
            ),
        ]
        indexes = [
            models.Index(fields=["siret", "-fetched_at"], name="etablissement_siret"),
            models.Index(
                fields=["next_attempt_at"],
                name="etablissement_due",
                condition=models.Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name for those who may see everything; the SIRET while there is none."""
        is_association = self.forme_juridique_code.startswith(FORME_JURIDIQUE_ASSOCIATION_PREFIX)
        if is_association and self.raison_sociale:
            return self.raison_sociale
        if self.enseigne:
            return f"{self.enseigne} - {self.commune}" if self.commune else self.enseigne
        return self.raison_sociale or self.personne or self.sigle or format_siret(self.siret)

    @property
    def public_name(self) -> str:
        """Return the name for the usager: the SIRET when the company is protected."""
        return format_siret(self.siret) if self.is_protected else self.name

    @property
    def is_closed(self) -> bool:
        """Say whether INSEE knows this établissement as closed."""
        return self.etat_administratif == "F"

    @property
    def is_active(self) -> bool:
        """Say whether INSEE knows this établissement as active."""
        return self.etat_administratif == "A"

    @property
    def is_complete(self) -> bool:
        """Say whether INSEE has answered; the capital may still be missing."""
        return self.state == LookupState.COMPLET

    @property
    def is_protected(self) -> bool:
        """Say whether the company asked not to be published: see `public_rows`."""
        return self.is_complete and not self.diffusable

    @property
    def is_pending(self) -> bool:
        """Say whether the data of INSEE are still to come."""
        if self.state == LookupState.REFUSE:
            return self.next_attempt_at is not None
        return self.state == LookupState.EN_ATTENTE

    @property
    def is_capital_pending(self) -> bool:
        """Say whether the capital is still to be asked for."""
        return self.is_complete and self.capital_state == CapitalState.A_RECUPERER

    @property
    def is_redirected(self) -> bool:
        """Say whether INSEE answered for another SIRET, of which the one asked is a duplicate."""
        return self.siret_answered not in ("", self.siret)

    @property
    def adresse_lines(self) -> list[str]:
        """Return the address, line by line."""
        return self.adresse.splitlines()

    @property
    def annuaire_url(self) -> str:
        """Return the public page of the établissement in the State's directory."""
        return f"{ANNUAIRE_URL}{self.siret_answered or self.siret}"

    @property
    def capital_label(self) -> str:
        """Return the capital as it is shown, or why there is none."""
        if self.capital_state == CapitalState.A_RECUPERER:
            return "En cours de récupération"
        if self.capital_social is None:
            return UNKNOWN
        return format_amount(self.capital_social, self.capital_devise)

    @property
    def etat_label(self) -> str:
        """Return whether the établissement is open, and since when it is not."""
        if self.is_closed:
            return f"Fermé depuis le {day(self.date_fermeture)}" if self.date_fermeture else "Fermé"
        return "En activité" if self.is_active else UNKNOWN

    def public_rows(self) -> list[tuple[str, str]]:
        """Return the (label, value) pairs the usager may see.

        A company « partiellement diffusible » (INSEE, Sirene) asked not to be published: its
        name is left out, and its address but for the commune and country.
        """
        if not self.is_complete:
            return [("SIRET", format_siret(self.siret))]
        if self.is_protected:
            rows = [("Commune", self.commune), ("Pays", self.pays)]
            return [
                *self._number_rows(),
                *self._activity_rows(),
                *present(rows),
                *self._life_rows(),
            ]
        return [
            *self._number_rows(),
            *self._name_rows(),
            *self._activity_rows(),
            ("Adresse", self.adresse or UNKNOWN),
            ("Capital social", self.capital_label),
            *self._life_rows(),
        ]

    def full_rows(self) -> list[tuple[str, str]]:
        """Return every (label, value) pair, for those who instruct the dossier."""
        if not self.is_complete:
            return [("SIRET", format_siret(self.siret))]
        siege = "" if self.is_siege else format_siret(self.siret_siege)
        closed = "Cessée" if self.unite_legale_active is False else ""
        rows = [
            ("SIREN", format_siren(self.siren)),
            ("SIRET du siège", siege),
            ("Catégorie d’entreprise", CATEGORIES_ENTREPRISE.get(self.categorie_entreprise, "")),
            ("Unité légale", closed),
        ]
        return [
            *self._number_rows(),
            *self._name_rows(),
            *self._activity_rows(with_rev2=True),
            ("Adresse", self.adresse or UNKNOWN),
            ("Capital social", self.capital_label),
            *self._life_rows(),
            *present(rows),
        ]

    def _number_rows(self) -> list[tuple[str, str]]:
        answered = format_siret(self.siret_answered) if self.is_redirected else ""
        return [
            ("SIRET", format_siret(self.siret)),
            *present([("SIRET actuel selon l’INSEE", answered)]),
        ]

    def _name_rows(self) -> list[tuple[str, str]]:
        name = self.raison_sociale or self.personne or UNKNOWN
        optional = [("Sigle", self.sigle), ("Enseigne", self.enseigne)]
        return [("Dénomination", name), *present(optional)]

    def _activity_rows(self, *, with_rev2: bool = False) -> list[tuple[str, str]]:
        effectif = self.effectif or UNKNOWN
        if self.effectif and self.effectif_annee:
            effectif = f"{self.effectif} ({self.effectif_annee})"
        rows = [
            ("Forme juridique", self.forme_juridique or UNKNOWN),
            ("Code NAF", self.naf_code or UNKNOWN),
            ("Activité", self.naf_label or UNKNOWN),
        ]
        if with_rev2 and self.naf_rev2_code:
            rows.append(("NAF rév. 2", f"{self.naf_rev2_code} {self.naf_rev2_label}".strip()))
        return [*rows, ("Effectif", effectif)]

    def _life_rows(self) -> list[tuple[str, str]]:
        creation = day(self.date_creation) if self.date_creation else UNKNOWN
        return [("Date de création", creation), ("État", self.etat_label)]


def present(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the rows that have a value."""
    return [row for row in rows if row[1]]


def day(date: datetime.date) -> str:
    """Write a date as `23/11/2026`."""
    return format_date(date, "d/m/Y")


def format_amount(amount: Decimal, devise: str) -> str:
    """Write an amount as `1 234,56 €`, or with the code of its currency."""
    number = f"{amount:,.2f}".replace(",", NO_BREAK_SPACE).replace(".", ",")
    unit = "€" if devise.upper() in ("", "EUR", "EURO", "EUROS") else devise
    return f"{number}{NO_BREAK_SPACE}{unit}"
