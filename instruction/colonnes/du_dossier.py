"""The columns of the dossier itself, of its applicant and of its company."""

from collections.abc import Iterator

from django.db.models import BooleanField, F, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from dossiers.enums import STATES_SOUMIS, Civilite, DossierState
from dossiers.models import Dossier, Suivi
from instruction.colonnes.base import Colonne, read_number
from procedures.champs.colonne import ColumnKind
from procedures.models import Affectation, Groupe, Label, Procedure

OF_DOSSIER = "Dossier"
OF_DEMANDEUR = "Demandeur"
OF_COMPANY = "Entreprise"

_DATES = {
    "submitted_at": "Dépôt",
    "updated_at": "Dernière modification",
    "instruction_started_at": "Passage en instruction",
    "decided_at": "Décision",
    "archived_at": "Archivage",
    "awaited_since": "Attente de l’usager depuis",
    "created_at": "Création",
}
_NEVER_NULL = ("submitted_at", "updated_at", "created_at")

_PEOPLE = {
    "prenom": "Prénom",
    "nom": "Nom",
    "beneficiaire_email": "Adresse email du bénéficiaire",
    "mandataire_nom": "Nom du mandataire",
}

_COMPANY_TEXTS = {
    "siret": "SIRET",
    "siren": "SIREN",
    "raison_sociale": "Raison sociale",
    "enseigne": "Enseigne",
    "forme_juridique": "Forme juridique",
    "naf_code": "Code NAF",
    "naf_label": "Activité",
    "effectif": "Effectif",
    "adresse": "Adresse de l’entreprise",
    "code_postal": "Code postal",
    "commune": "Commune",
    "categorie_entreprise": "Catégorie d’entreprise",
    "siret_siege": "SIRET du siège",
}
_COMPANY_BOOLEANS = {"is_siege": "Siège", "unite_legale_active": "Unité légale active"}


def columns_of_dossier(procedure: Procedure) -> Iterator[Colonne]:
    """Yield the columns that every dossier of `procedure` has."""
    yield Colonne(
        "d.numero", "Nº", OF_DOSSIER, ColumnKind.NUMBER, F("id"),
        of_row=lambda dossier: dossier.pk, sort_field="id",
    )  # fmt: skip
    yield Colonne(
        "d.demandeur", "Demandeur", OF_DOSSIER, ColumnKind.TEXT, _demandeur(),
        of_row=lambda dossier: dossier.demandeur_name,
    )  # fmt: skip
    yield Colonne(
        "d.statut", "Statut", OF_DOSSIER, ColumnKind.CHOICE, Cast(F("state"), TextField()),
        of_row=lambda dossier: dossier.get_state_display(),
        list_choices=lambda: [(state, DossierState(state).label) for state in STATES_SOUMIS],
    )  # fmt: skip
    for name, label in _DATES.items():
        yield Colonne(
            f"d.{name}", label, OF_DOSSIER, ColumnKind.MOMENT, F(name),
            of_row=lambda dossier, name=name: getattr(dossier, name),
            sort_field=name if name in _NEVER_NULL else "",
        )  # fmt: skip
    yield from _columns_of_work(procedure)
    yield from _columns_of_demandeur()


def _columns_of_work(procedure: Procedure) -> Iterator[Colonne]:
    yield Colonne(
        "d.labels", "Labels", OF_DOSSIER, ColumnKind.CHOICE,
        of_row=lambda dossier: ", ".join(label.name for label in dossier.labels.all()),
        list_choices=lambda: _named(Label.objects.filter(procedure=procedure)),
        picks=lambda values: Q(pk__in=_labelled().filter(label_id__in=_numbers(values))),
        picks_none=lambda: ~Q(pk__in=_labelled()),
        prefetch="labels",
    )  # fmt: skip
    yield Colonne(
        "d.suivi", "Suivi par", OF_DOSSIER, ColumnKind.CHOICE,
        of_row=lambda dossier: ", ".join(str(suivi.user) for suivi in dossier.suivis.all()),
        list_choices=lambda: _colleagues(procedure),
        picks=lambda values: Q(pk__in=_followed().filter(user_id__in=_numbers(values))),
        picks_none=lambda: Q(followers_count=0),
        prefetch="suivis__user",
    )  # fmt: skip
    yield Colonne(
        "d.groupe", "Groupe", OF_DOSSIER, ColumnKind.CHOICE,
        Cast(F("groupe_id"), TextField()), F("groupe__name"),
        list_choices=lambda: _named(Groupe.objects.filter(procedure=procedure)),
    )  # fmt: skip
    yield Colonne(
        "d.motivation", "Motivation", OF_DOSSIER, ColumnKind.TEXT, F("motivation"), F("motivation")
    )


def _columns_of_demandeur() -> Iterator[Colonne]:
    yield Colonne(
        "d.usager", "Adresse email de l’usager", OF_DEMANDEUR, ColumnKind.TEXT, F("usager__email"),
        of_row=lambda dossier: dossier.usager.email,
    )  # fmt: skip
    yield Colonne(
        "d.civilite", "Civilité", OF_DEMANDEUR, ColumnKind.CHOICE, F("civilite"),
        of_row=lambda dossier: dossier.get_civilite_display(),
        list_choices=lambda: list(Civilite.choices),
    )  # fmt: skip
    for name, label in _PEOPLE.items():
        yield Colonne(
            f"d.{name}", label, OF_DEMANDEUR, ColumnKind.TEXT, F(name),
            of_row=lambda dossier, name=name: getattr(dossier, name),
        )  # fmt: skip


def columns_of_company() -> Iterator[Colonne]:
    """Yield the columns of the company that applies; a row has it joined."""
    for name, label in _COMPANY_TEXTS.items():
        yield Colonne(
            f"e.{name}", label, OF_COMPANY, ColumnKind.TEXT, F(f"etablissement__{name}"),
            of_row=lambda dossier, name=name: getattr(dossier.etablissement, name, None),
        )  # fmt: skip
    for name, label in _COMPANY_BOOLEANS.items():
        yield Colonne(
            f"e.{name}", label, OF_COMPANY, ColumnKind.BOOLEAN,
            Cast(Cast(F(f"etablissement__{name}"), BooleanField()), TextField()),
            of_row=lambda dossier, name=name: getattr(dossier.etablissement, name, None),
            read=lambda value: "Oui" if value else "Non",
        )  # fmt: skip
    yield Colonne(
        "e.date_creation", "Date de création de l’entreprise", OF_COMPANY, ColumnKind.DATE,
        Cast(F("etablissement__date_creation"), TextField()),
        of_row=lambda dossier: getattr(dossier.etablissement, "date_creation", None),
    )  # fmt: skip
    yield Colonne(
        "e.capital_social", "Capital social", OF_COMPANY, ColumnKind.NUMBER,
        F("etablissement__capital_social"),
        of_row=lambda dossier: getattr(dossier.etablissement, "capital_social", None),
        read=read_number,
    )  # fmt: skip


def _demandeur() -> Coalesce:
    """Return the name that a list is sorted by: the company's, else the person's."""
    company = NullIf(F("etablissement__raison_sociale"), Value(""))
    person = NullIf(Concat(F("nom"), Value(" "), F("prenom")), Value(" "))
    return Coalesce(company, person, F("usager__email"), output_field=TextField())


def _named(rows) -> list[tuple[str, str]]:
    return [(str(row.pk), row.name) for row in rows]


def _colleagues(procedure: Procedure) -> list[tuple[str, str]]:
    members = Affectation.objects.filter(procedure=procedure).select_related("user")
    return sorted(
        {(str(member.user_id), str(member.user)) for member in members}, key=lambda c: c[1]
    )


def _followed():
    return Suivi.objects.values("dossier_id")


def _labelled():
    return Dossier.labels.through.objects.values("dossier_id")


def _numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit()]
