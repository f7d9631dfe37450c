"""Places chosen among suggestions as they are typed, or typed freely."""

import pytest
from playwright.sync_api import expect

from dossiers.models import Dossier
from geographie.simulator import outage
from procedures.champs import new_champ
from tests.browser.pages.usager import FormulairePage
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import ProcedureFactory

POLLS = 50
ADRESSE, COMMUNE = "Adresse du projet", "Commune de naissance"


@pytest.fixture
def dossier(transactional_db):
    champs = [
        new_champ("adresse", id="adresse1", label=ADRESSE),
        new_champ("commune", id="commune1", label=COMMUNE),
    ]
    return DossierFactory(procedure=ProcedureFactory(champs=champs), reponses={})


@pytest.fixture
def form(page, site_url, sign_in, dossier, settings):
    settings.BAN_URL = f"{site_url}/demo/ban"
    settings.GEO_API_URL = f"{site_url}/demo/geo-api"
    sign_in(page, dossier.usager)
    return FormulairePage(page, site_url).open_for(dossier)


def field_of(form, label):
    return form.page.get_by_role("combobox", name=label)


def expect_kept(form, dossier, expected: dict) -> None:
    """Wait until the dossier keeps these codes, or texts of free entries."""
    for _ in range(POLLS):
        found = {
            key: value.get("code_insee") or value.get("code") or value.get("nom")
            for key, value in Dossier.objects.get(pk=dossier.pk).reponses.items()
        }
        if found == expected:
            return
        form.page.wait_for_timeout(100)
    assert found == expected


def test_place_is_chosen_with_the_keyboard_alone(form, dossier, axe):
    field = field_of(form, ADRESSE)
    form.type(ADRESSE, "12 rue nat")
    expect(form.page.get_by_role("option")).to_have_count(2)
    expect(form.champ(ADRESSE).get_by_text("2 suggestions")).to_be_visible()
    axe(form.page)

    field.press("ArrowDown")
    chosen = form.page.get_by_role("option", name="12 Rue Nationale 59000 Lille", exact=True)
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    field.press("Enter")

    expect(field).to_have_value("12 Rue Nationale 59000 Lille")
    expect(form.page.get_by_role("listbox")).to_have_count(0)
    expect_kept(form, dossier, {"adresse1": "59350"})
    form.page.reload()
    expect(field).to_have_value("12 Rue Nationale 59000 Lille")


def test_commune_is_chosen_with_the_mouse(form, dossier):
    form.type(COMMUNE, "59100")
    form.page.get_by_role("option", name="Roubaix (59100)").click()

    expect(field_of(form, COMMUNE)).to_be_focused()
    expect_kept(form, dossier, {"commune1": "59512"})


def test_whole_name_typed_is_as_good_as_chosen(form, dossier):
    form.type(COMMUNE, "roubaix (59100)")
    expect(form.page.get_by_role("option")).to_have_count(1)
    field_of(form, COMMUNE).press("Tab")

    expect(field_of(form, COMMUNE)).to_have_value("Roubaix (59100)")
    expect_kept(form, dossier, {"commune1": "59512"})


def test_place_is_typed_freely_while_suggestions_are_down(form, dossier):
    outage.cut()
    form.type(COMMUNE, "Lille")

    expect(form.champ(COMMUNE).get_by_text("ne répondent pas")).to_be_visible()
    expect_kept(form, dossier, {"commune1": "Lille"})


def test_changing_a_chosen_place_makes_it_a_free_entry(form, dossier):
    form.type(COMMUNE, "59100")
    form.page.get_by_role("option", name="Roubaix (59100)").click()
    expect_kept(form, dossier, {"commune1": "59512"})
    field_of(form, COMMUNE).press("End")
    form.type(COMMUNE, " centre")
    field_of(form, COMMUNE).press("Escape")
    field_of(form, COMMUNE).press("Tab")

    expect(form.page.locator("[name=champ_commune1_jeton]")).to_have_value("")
    expect_kept(form, dossier, {"commune1": "Roubaix (59100) centre"})
