import pytest
from playwright.sync_api import expect

from dossiers import workflow
from tests.accounts.factories import UserFactory
from tests.browser.pages.instruction import DossierListPage, DossierPage, InstructionHomePage
from tests.dossiers.factories import DossierFactory, HistoryEntryFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def procedure(transactional_db):
    return ProcedureFactory(title="Demande de subvention")


@pytest.fixture
def accompagnateur(procedure):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=procedure, user=user)
    return user


@pytest.fixture
def dossiers(procedure):
    dossiers = {
        name: DossierFactory(procedure=procedure, en_instruction=True, prenom="Zoé", nom=name)
        for name in ("Premier", "Second")
    }
    HistoryEntryFactory(dossier=dossiers["Second"])
    DossierFactory(procedure=procedure, en_construction=True)
    return dossiers


def test_a_dossier_is_found_read_and_rejected(
    page, site_url, sign_in, axe, accompagnateur, dossiers
):
    sign_in(page, accompagnateur)
    home = InstructionHomePage(page, site_url).open()
    axe(page)
    listing = home.open_tab_of("Demande de subvention", "À suivre")
    expect(listing.link_to("Zoé Premier")).to_be_visible()
    axe(page)
    listing.search("sécond")
    expect(listing.link_to("Zoé Premier")).to_be_hidden()
    listing.link_to("Zoé Second").click()

    dossier = DossierPage(page, site_url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoé Second")
    axe(page)
    dossier.prepare("Rejeter")
    expect(page.get_by_label("Motivation")).to_be_focused()
    dossier.motivate("Le projet est hors du département.")
    expect(dossier.preview).to_contain_text("Le projet est hors du département.")
    axe(page)
    dossier.decide("Rejeter")

    # It was the last one of the list, which is where one goes on.
    said = page.get_by_role("status").filter(has_text="est rejeté")
    expect(said).to_contain_text("Aucun dossier ne suit dans cette liste.")
    axe(page)
    said.get_by_role("link").click()
    expect(dossier.state).to_contain_text("rejeté")
    page.get_by_role("link", name="Historique").click()
    expect(page.get_by_role("region", name="Historique")).to_contain_text("Alice Instructrice")
    dossiers["Second"].refresh_from_db()
    assert dossiers["Second"].motivation == "Le projet est hors du département."
    axe(page)


def test_a_closed_dialog_keeps_what_was_typed(page, site_url, sign_in, accompagnateur, dossiers):
    sign_in(page, accompagnateur)
    dossier = DossierPage(page, site_url).open(f"/instruction/dossiers/{dossiers['Premier'].pk}/")
    dossier.prepare("Classer sans suite")
    dossier.motivate("Doublon du dossier précédent.")
    page.keyboard.press("Escape")
    expect(dossier.dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Classer sans suite")).to_be_focused()
    dossier.prepare("Classer sans suite")
    expect(page.get_by_label("Motivation")).to_have_value("Doublon du dossier précédent.")


def test_whoever_decides_second_is_told_and_keeps_the_motivation(
    page, site_url, sign_in, axe, troubles, accompagnateur, procedure, dossiers
):
    troubles.allow("409")
    colleague = UserFactory(first_name="Bruno", last_name="Collègue")
    AffectationFactory(procedure=procedure, user=colleague)
    sign_in(page, accompagnateur)
    dossier = DossierPage(page, site_url).open(f"/instruction/dossiers/{dossiers['Premier'].pk}/")
    dossier.prepare("Rejeter")
    dossier.motivate("Hors délai.")
    workflow.run(workflow.ACCEPT, dossiers["Premier"].pk, by=colleague)

    dossier.decide("Rejeter")

    expect(page.get_by_role("alert")).to_contain_text("par Bruno Collègue")
    expect(page.get_by_label("Ce que vous aviez écrit")).to_have_value("Hors délai.")
    axe(page)


def test_tabs_and_orders_change_the_list_and_its_address(
    page, site_url, sign_in, accompagnateur, procedure, dossiers
):
    sign_in(page, accompagnateur)
    listing = DossierListPage(page, site_url).open(f"/instruction/procedures/{procedure.pk}/")
    listing.choose_tab("Tous")
    expect(listing.link_to("Zoé")).to_have_count(2)
    expect(page).to_have_url(f"{site_url}/instruction/procedures/{procedure.pk}/?onglet=tous")
    page.get_by_role("columnheader", name="Nº").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Nº")).to_have_attribute("aria-sort", "descending")
    listing.search("premier")
    expect(listing.link_to("Zoé")).to_have_count(1)
    page.go_back()
    expect(listing.link_to("Zoé")).to_have_count(2)
    page.reload()
    expect(listing.link_to("Zoé")).to_have_count(2)


def test_without_javascript_everything_is_a_page(
    new_page, site_url, sign_in, accompagnateur, dossiers
):
    page = new_page(java_script_enabled=False)
    sign_in(page, accompagnateur)
    listing = (
        InstructionHomePage(page, site_url).open().open_tab_of("Demande de subvention", "À suivre")
    )
    listing.link_to("Zoé Premier").click()
    dossier = DossierPage(page, site_url)
    dossier.prepare("Accepter")
    dossier.motivate("Conforme.")
    dossier.press("Actualiser l’aperçu")
    expect(dossier.preview).to_contain_text("Conforme.")
    dossier.decide("Accepter")
    page.get_by_role("status").filter(has_text="est accepté").get_by_role("link").click()
    expect(dossier.state).to_contain_text("accepté")


def test_the_phone_keeps_the_decision_at_hand(
    phone, site_url, sign_in, axe, accompagnateur, procedure, dossiers
):
    sign_in(phone, accompagnateur)
    for path in (
        "/instruction/",
        f"/instruction/procedures/{procedure.pk}/?onglet=tous",
        f"/instruction/dossiers/{dossiers['Premier'].pk}/",
        f"/instruction/dossiers/{dossiers['Premier'].pk}/rejeter/",
    ):
        page = DossierPage(phone, site_url).open(path)
        assert not page.scrolls_sideways(), path
        axe(phone)
    DossierPage(phone, site_url).open(f"/instruction/dossiers/{dossiers['Premier'].pk}/")
    phone.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(phone.get_by_role("link", name="Rejeter")).to_be_in_viewport()
