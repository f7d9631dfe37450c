"""An usager with FranceConnect: in, through the identification of a dossier, and out of both."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from accounts.models import User
from courriels.models import Courriel
from dossiers.models import Dossier
from procedures.enums import Demandeurs
from tests.accounts.factories import PASSWORD, UserFactory
from tests.browser.pages.accounts import ChooseAccountPage, LoginPage, ProviderPage
from tests.browser.pages.base import BasePage
from tests.procedures.factories import ProcedureFactory

EMAIL = "angela.dubois@exemple.fr"
CONNECT = "S’identifier avec FranceConnect"


@pytest.fixture(autouse=True)
def its_own_pages(provider, troubles):
    """Accept that FranceConnect is elsewhere, and what its imitation has wrong."""
    troubles.allow(re.escape(provider.url))
    troubles.allow(r"cdn\.jsdelivr")


def test_an_usager_comes_in_is_recognised_and_leaves_both(page, site_url, provider, axe):
    procedure = ProcedureFactory(title="Aide au vélo", demandeurs=Demandeurs.PARTICULIER)
    login = LoginPage(page, site_url).open()
    axe(page)
    login.follow(CONNECT)
    ProviderPage(page, site_url).sign_in_as("angela")

    choose = ChooseAccountPage(page, site_url)
    assert choose.heading == "Votre compte sur TPS"
    axe(page)
    choose.keep()
    expect(page).to_have_url(f"{site_url}/dossiers/")
    assert User.objects.get(email=EMAIL).full_name == "Angela Dubois"

    public = BasePage(page, site_url).open(f"/commencer/{procedure.slug}/")
    page.locator("main form button").first.click()
    expect(page.get_by_label("Prénom")).to_have_value("Angela Claire Louise")
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Dubois")
    expect(page.get_by_label("Madame")).to_be_checked()
    expect(page.get_by_text("Identité reprise de FranceConnect")).to_be_visible()
    axe(page)
    public.press("Continuer")
    dossier = Dossier.objects.get()
    expect(page).to_have_url(f"{site_url}/dossiers/{dossier.pk}/modifier/")
    assert dossier.is_from_franceconnect

    BasePage(page, site_url).open("/compte/")
    expect(page.get_by_text("Angela Claire Louise Dubois, née le 24/08/1962")).to_be_visible()
    axe(page)
    page.locator("header").get_by_role("button", name="Se déconnecter").first.click()
    page.wait_for_url(f"{provider.url}/oauth2/end_session?**")
    page.get_by_role("button").first.click()
    expect(page).to_have_url(f"{site_url}/")
    expect(page.get_by_text("Votre session FranceConnect est fermée.")).to_be_visible()
    expect(page.locator("header").get_by_role("link", name="Se connecter").first).to_be_visible()


def test_who_gives_up_at_franceconnect_signs_in_by_password(page, site_url, provider, axe):
    user = UserFactory()
    login = LoginPage(page, site_url).open()
    login.follow(CONNECT)
    ProviderPage(page, site_url).refuse()

    expect(page.get_by_text("Vous avez quitté FranceConnect avant la fin")).to_be_visible()
    axe(page)
    login.sign_in(user.email, PASSWORD)
    expect(page).to_have_url(f"{site_url}/dossiers/")


def test_on_a_phone_without_scripts_an_account_is_proven_by_its_password(
    new_page, site_url, provider
):
    user = UserFactory(email=EMAIL)
    page = new_page(viewport={"width": 375, "height": 812}, java_script_enabled=False)
    login = LoginPage(page, site_url).open()
    assert login.scrolls_sideways() is False
    login.follow(CONNECT)
    ProviderPage(page, site_url).sign_in_as("angela")
    choose = ChooseAccountPage(page, site_url)
    assert choose.scrolls_sideways() is False

    choose.prove(PASSWORD)

    expect(page).to_have_url(f"{site_url}/dossiers/")
    page.goto(f"{site_url}/compte/logout/")
    page.locator("main").get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(f"{provider.url}/oauth2/end_session?**")
    assert user.socialaccount_set.get().uid == "angela"


def test_a_link_opens_the_account_in_this_browser_alone(
    page, new_page, site_url, provider, axe, troubles
):
    troubles.allow(r"410 \(Gone\)")
    UserFactory(email=EMAIL)
    login = LoginPage(page, site_url).open("/compte/signup/")
    axe(page)
    login.follow(CONNECT)
    ProviderPage(page, site_url).sign_in_as("angela")
    axe(page)
    login.press("Recevoir un lien à l’adresse de ce compte")
    expect(page.get_by_role("heading", name="Un lien est parti")).to_be_visible()
    axe(page)
    courriel = Courriel.objects.get(subject__startswith="Confirmez votre adresse pour")
    link = re.search(r"http\S+", courriel.body_text)[0]

    other = new_page()
    assert other.goto(link).status == 410
    expect(other.get_by_role("heading", name="Ce lien ne sert pas ici")).to_be_visible()
    axe(other)
    assert Client().post(link.removeprefix(site_url)).status_code == 410

    page.goto(link)
    axe(page)
    login.press("Relier et me connecter")
    expect(page).to_have_url(f"{site_url}/dossiers/")
