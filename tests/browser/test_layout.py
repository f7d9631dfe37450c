"""What the small scripts of the layout do, and what remains without them."""

from django.urls import reverse
from playwright.sync_api import expect

from courriels.models import Courriel
from tests.accounts.factories import OrganismeFactory, UserFactory


def test_links_of_the_error_summary_lead_to_the_fields(page, site_url):
    page.goto(site_url + "/compte/signup/")
    page.get_by_role("button", name="Créer mon compte").click()

    summary = page.locator("[data-tps-error-summary]")
    expect(summary).to_be_focused()
    expect(page).to_have_title("Erreur : Créer un compte · TPS")
    summary.get_by_role("link", name="Mot de passe").click()

    expect(page.get_by_label("Mot de passe")).to_be_focused()


def test_form_is_sent_once_whatever_the_number_of_clicks(page, site_url):
    page.goto(site_url + "/compte/password/reset/")
    page.get_by_label("Adresse électronique").fill(UserFactory().email)
    page.get_by_role("button", name="Recevoir le lien").dblclick()

    expect(page.get_by_role("heading", name="Regardez vos emails")).to_be_visible()
    assert Courriel.objects.count() == 1


def test_menu_of_spaces_closes_on_escape_and_elsewhere(page, sign_in, site_url):
    sign_in(page, OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get())
    page.goto(site_url + "/compte/")
    menu = page.locator(".fr-header__tools details")
    link = menu.get_by_role("link", name="Administrateur")

    menu.locator("summary").click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()

    menu.locator("summary").click()
    page.get_by_role("heading", name="Mon compte").click()
    expect(link).to_be_hidden()


def test_messages_take_the_focus(page, sign_in, site_url):
    sign_in(page, UserFactory())
    page.goto(site_url + "/compte/")
    page.get_by_role("button", name="Enregistrer mon nom").click()

    expect(page.get_by_text("Votre nom est enregistré.")).to_be_visible()
    expect(page.locator("#tps-messages")).to_be_focused()


def test_skip_link_leads_past_the_header(page, site_url):
    page.goto(site_url + reverse("legal"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Contenu", exact=True)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#contenu")).to_be_focused()


def test_dialog_asks_then_gives_the_focus_back(page, site_url):
    page.goto(site_url + reverse("legal"))
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML("beforeend", `
        <a href="/ailleurs/" id="ouvre" data-tps-dialog-open="question">Supprimer</a>
        <dialog class="tps-dialog" id="question" aria-labelledby="titre">
          <h2 id="titre">Supprimer ?</h2>
          <button type="button" data-tps-dialog-close>Annuler</button>
        </dialog>`)"""
    )

    page.locator("#ouvre").click()
    expect(page.get_by_role("dialog", name="Supprimer ?")).to_be_visible()
    page.get_by_role("button", name="Annuler").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#ouvre")).to_be_focused()


def test_announcements_reach_the_live_region(page, site_url):
    page.goto(site_url + reverse("legal"))
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('tps:announce', {detail: 'Enregistré à 14:03'}))"
    )

    expect(page.locator("#tps-live")).to_have_text("Enregistré à 14:03")


def test_end_of_the_session_leads_to_sign_in_then_back(page, sign_in, site_url):
    sign_in(page, UserFactory())
    page.goto(site_url + "/compte/?onglet=nom")
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML("beforeend",
        `<button type="button" id="partie" hx-get="/compte/">Actualiser</button>`);
        htmx.process(document.querySelector("main"))"""
    )
    page.context.clear_cookies()

    page.locator("#partie").click()

    expect(page).to_have_url(f"{site_url}/compte/login/?next=%2Fcompte%2F%3Fonglet%3Dnom")


def test_failure_of_a_part_is_said_in_the_page(page, troubles, site_url):
    troubles.allow("404")
    page.goto(site_url + reverse("legal"))
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML("beforeend",
        `<button type="button" id="partie" hx-get="/rien-ici/">Actualiser</button>`);
        htmx.process(document.querySelector("main"))"""
    )

    page.locator("#partie").click()

    expect(page.get_by_role("alert")).to_contain_text("L’opération n’a pas abouti.")


def test_header_stays_usable_without_scripts_on_a_phone(new_page, site_url):
    page = new_page(viewport={"width": 375, "height": 812}, java_script_enabled=False)
    page.goto(site_url + reverse("legal"))

    expect(page.get_by_role("link", name="Se connecter")).to_be_visible()
    expect(page.get_by_role("link", name="Accueil", exact=True)).to_be_visible()
    page.get_by_role("link", name="Créer un compte").click()
    expect(page.get_by_role("heading", name="Créer un compte")).to_be_visible()
