"""Default values: what an administrateur may set, and what a dossier begins with."""

import json

import pydantic
import pytest
from django.urls import reverse
from django.utils import timezone

from dossiers import lignes
from dossiers.brouillons import start_brouillon
from procedures.builder import changed_champ
from procedures.champs import CHAMP_TYPES, new_champ
from procedures.diff import diff_formulaires
from procedures.forms.champ import ApercuForm, ChampForm
from procedures.formulaire import Formulaire
from procedures.models import Revision
from procedures.questionnaire import initial_reponses
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

OPTIONS = ["Oui, tout", "En partie"]


def edit(champ, **data):
    """Return the form of the builder for `champ` as posted with `data`, the rest unchanged."""
    kept = {name: value for name, value in champ.property_values().items() if value is not None}
    if "options" in kept:
        kept["options"] = "\n".join(kept["options"])
    return ChampForm(champ, kept | data)


@pytest.mark.parametrize(
    ("champ", "typed", "stored", "shown"),
    [
        (new_champ("texte_court"), "  Lille ", "Lille", "Lille"),
        (new_champ("texte_long"), "a\nb", "a\nb", "a\nb"),
        (new_champ("nombre_entier"), "1 250", 1250, "1\u202f250"),
        (new_champ("nombre_decimal"), "1,5", "1.5", "1,5"),
        (new_champ("montant"), "12,5", "12.50", "12,50\u00a0€"),
        (new_champ("date"), "2026-11-23", "2026-11-23", "23/11/2026"),
        (
            new_champ("date_heure"),
            "2026-11-23T14:30",
            "2026-11-23T14:30:00+01:00",
            "23/11/2026 à 14:30",
        ),
        (new_champ("oui_non"), "non", False, "Non"),
        (new_champ("choix_unique", options=OPTIONS), "En partie", "En partie", "En partie"),
        (new_champ("departement"), "59", "59", "59 – Nord"),
        (new_champ("region"), "32", "32", "Hauts-de-France"),
        (new_champ("pays"), "FR", "FR", "France"),
    ],
    ids=lambda value: getattr(value, "type", ""),
)
def test_default_value_is_read_as_an_answer_and_kept(champ, typed, stored, shown):
    form = edit(champ, default=typed)

    assert form.is_valid(), form.errors
    after = changed_champ(champ, form.cleaned_data)
    assert (after.default, after.initial_answer()) == (stored, stored)
    assert after.display(after.default) == shown
    again = json.loads(json.dumps(after.model_dump(mode="json")))
    assert CHAMP_TYPES[champ.type].model_validate(again) == after
    unchanged = edit(after)
    assert unchanged.is_valid()
    assert changed_champ(after, unchanged.cleaned_data) == after
    (change,) = diff_formulaires(Formulaire(champs=[champ]), Formulaire(champs=[after]))
    assert [(item.label, item.before, item.after) for item in change.attributes] == [
        ("Valeur par défaut", "(vide)", shown)
    ]


@pytest.mark.parametrize(
    ("champ", "typed", "message"),
    [
        (
            new_champ("texte_court", length_max=3),
            "quatre",
            "Raccourcissez ce texte : 3 caractères au plus, il en a 6.",
        ),
        (
            new_champ("nombre_entier", maximum=10),
            "11",
            "Saisissez un nombre au plus égal à 10.",
        ),
        (new_champ("montant"), "1,234", None),
        (new_champ("date"), "31/02/2026", "Saisissez une date réelle, par exemple 23/11/2026."),
        (new_champ("oui_non"), "peut-être", "Choisissez oui ou non."),
        (
            new_champ("choix_unique", options=OPTIONS, autre=True),
            "Autre",
            "Choisissez une option de la liste.",
        ),
        (new_champ("pays"), "XX", "Choisissez une réponse dans la liste."),
    ],
)
def test_default_value_that_no_usager_could_answer_is_refused(champ, typed, message):
    form = edit(champ, default=typed)

    assert not form.is_valid()
    assert list(form.errors) == ["default"]
    assert message is None or form.errors["default"] == [message]


def test_empty_default_value_is_none():
    champ = new_champ("choix_unique", options=OPTIONS, default="En partie")
    form = edit(champ, default="")

    assert form.is_valid()
    assert changed_champ(champ, form.cleaned_data).default is None


def test_default_value_that_leaves_the_options_must_change():
    champ = new_champ("choix_unique", options=OPTIONS, default="En partie")
    form = edit(champ, options="Oui, tout\nNon")

    assert not form.is_valid()
    assert form.non_field_errors() == [
        "La valeur par défaut n’est plus une réponse acceptée : changez-la ou retirez-la."
    ]


@pytest.mark.parametrize(
    ("type_name", "default"),
    [
        ("nombre_entier", True),
        ("nombre_entier", "12"),
        ("montant", "12.5"),
        ("oui_non", 1),
        ("oui_non", "oui"),
        ("date", "23/11/2026"),
        ("texte_court", {"autre": "x"}),
        ("texte_court", ["x"]),
        ("pays", 3),
        ("pays", "<b>"),
        ("choix_unique", "Inconnue"),
        ("choix_unique", {"autre": "x"}),
    ],
)
def test_document_with_another_default_value_is_refused(type_name, default):
    options = {"options": OPTIONS, "autre": True} if type_name == "choix_unique" else {}
    with pytest.raises(pydantic.ValidationError):
        new_champ(type_name, default=default, **options)


def test_default_value_that_left_an_official_list_is_read_but_not_given():
    champ = new_champ("departement", default="99")

    assert champ.initial_answer() is None
    assert champ.missing_before_publication() == (
        "La valeur par défaut n’est plus une réponse acceptée : changez-la ou retirez-la."
    )
    assert new_champ("departement", default="59").missing_before_publication() == ""


@pytest.mark.parametrize("type_name", ["case_a_cocher", "engagement", "siret", "choix_multiple"])
def test_other_types_have_no_default_value(type_name):
    assert "default" not in CHAMP_TYPES[type_name].property_fields()


def test_preview_shows_default_values():
    champ = new_champ("texte_court", default="Lille")

    assert 'value="Lille"' in str(ApercuForm([champ])[champ.field_name])


@pytest.mark.django_db
def test_options_that_change_renew_the_choice_of_the_default_value(client_for):
    champ = new_champ("choix_unique", id="choix", options=OPTIONS)
    administrateur = UserFactory()
    organisme = OrganismeFactory(administrateurs=[administrateur])
    procedure = ProcedureFactory(brouillon=True, champs=[champ], organisme=organisme)
    url = reverse("procedures:champ_edit", args=[procedure.pk, "choix"])
    client = client_for(administrateur)
    renewed = '#propriete_default[hx-swap-oob="true"] option'

    posted = {"label": "Choix", "options": "Oui\nNon", "selection": "choix"}
    changed = client.post(url, posted, headers={"HX-Request": "true"})
    again = client.post(url, posted | {"label": "Autre"}, headers={"HX-Request": "true"})

    assert [option.text for option in Markup(changed).all(renewed)] == ["Aucune", "Oui", "Non"]
    assert Markup(again).all(renewed) == []


def test_annotation_has_no_default_value():
    form = ChampForm(new_champ("texte_court"), is_private=True)

    assert "default" not in form.fields


# --- In a dossier --------------------------------------------------------------------------------


@pytest.fixture
def formulaire():
    return Formulaire(
        champs=[
            new_champ("texte_court", id="ville", default="Lille"),
            new_champ("texte_court", id="libre"),
            new_champ("bloc_repetable", id="bloc"),
            new_champ("montant", id="cout", bloc="bloc", default="10.00"),
            new_champ("texte_court", id="objet", bloc="bloc"),
        ]
    )


def test_dossier_begins_with_the_default_values(formulaire):
    assert initial_reponses(formulaire) == {"ville": "Lille", "bloc": ["1"], "cout-1": "10.00"}


@pytest.mark.django_db
def test_row_added_later_begins_with_them_too(formulaire):
    procedure, usager = ProcedureFactory(champs=formulaire.champs), UserFactory()
    dossier = start_brouillon(procedure, by=usager)

    row_id = lignes.add_row(dossier.pk, "bloc", by=usager)

    dossier.refresh_from_db()
    assert dossier.reponses == {
        "ville": "Lille",
        "bloc": ["1", row_id],
        "cout-1": "10.00",
        f"cout-{row_id}": "10.00",
    }


@pytest.mark.django_db
def test_untouched_brouillon_is_found_again_even_after_a_publication(formulaire):
    procedure, usager = ProcedureFactory(champs=formulaire.champs), UserFactory()
    dossier = start_brouillon(procedure, by=usager)
    assert start_brouillon(procedure, by=usager) == dossier

    other = formulaire.changed(champs=[new_champ("texte_court", id="ville", default="Douai")])
    revision = Revision(procedure=procedure, number=2, published_at=timezone.now())
    revision.set_formulaire(other)
    revision.save()
    procedure.published_revision = revision
    procedure.save(update_fields=["published_revision"])

    assert start_brouillon(procedure, by=usager) == dossier
    dossier.reponses["ville"] = "Arras"
    dossier.save(update_fields=["reponses"])
    begun = start_brouillon(procedure, by=usager)
    assert begun != dossier
    assert begun.reponses == {"ville": "Douai"}
