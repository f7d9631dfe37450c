import re

import pytest
from playwright.sync_api import expect

from tests.accounts.factories import UserFactory
from tests.browser.pages.instruction import DossierListPage
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def accompagnateur(transactional_db):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    procedure = AffectationFactory(user=user, procedure=ProcedureFactory()).procedure
    for nom in ("Premier", "Second", "Troisième"):
        DossierFactory(procedure=procedure, en_instruction=True, prenom="Zoé", nom=nom)
    return user


def test_the_list_is_walked_filtered_and_found_again_by_keyboard(
    page, site_url, sign_in, axe, accompagnateur
):
    sign_in(page, accompagnateur)
    procedure = accompagnateur.affectations.get().procedure
    path = f"/instruction/procedures/{procedure.pk}/"
    listing = DossierListPage(page, site_url).open(path)
    page.keyboard.press("j")
    expect(listing.link_to("Troisième")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("1 dossier sélectionné")).to_be_visible()
    page.keyboard.press("k")
    expect(listing.link_to("Troisième")).to_be_focused()
    axe(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("jxo")
    expect(page.get_by_label("Chercher un dossier")).to_have_value("jxo")

    page.goto(f"{site_url}{path}?onglet=a-suivre")
    page.get_by_role("link", name="Ajouter un filtre").click()
    page.get_by_role("combobox", name="Filtrer selon").fill("Nom")
    page.get_by_role("option", name="Nom", exact=True).click()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Contient").fill("prem")
    axe(page)
    page.get_by_role("button", name="Filtrer les dossiers").click()
    expect(listing.link_to("Premier")).to_be_visible()
    expect(listing.link_to("Second")).to_have_count(0)
    page.goto(f"{site_url}/instruction/")
    page.goto(f"{site_url}{path}")
    expect(page).to_have_url(re.compile("f=d.nom~contient~prem"))
    page.get_by_role("link", name="Retirer le filtre").click()
    expect(listing.link_to("Second")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page).to_have_title(re.compile("^Dossier nº"))


def test_columns_are_chosen_on_a_phone(phone, site_url, sign_in, axe, accompagnateur):
    sign_in(phone, accompagnateur)
    procedure = accompagnateur.affectations.get().procedure
    listing = DossierListPage(phone, site_url).open(
        f"/instruction/procedures/{procedure.pk}/?onglet=a-suivre"
    )
    listing.follow("Colonnes")
    axe(phone)
    assert not listing.scrolls_sideways()
    phone.get_by_label("Prénom", exact=True).check(force=True)
    listing.press("Afficher ces colonnes")
    expect(phone.get_by_role("cell", name="Prénom : Zoé", exact=True)).to_have_count(3)
    assert not listing.scrolls_sideways()
    axe(phone)
    listing.press("Exporter la sélection")
    expect(phone.get_by_text("Cochez au moins un dossier.")).to_be_visible()
