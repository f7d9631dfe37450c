import contextlib

from playwright.sync_api import Error, expect

from tests.accounts.factories import PASSWORD, UserFactory
from tests.browser.pages.accounts import LoginPage


def test_a_person_signs_in_and_finds_no_barrier(page, site_url, axe):
    user = UserFactory()
    login = LoginPage(page, site_url).open()
    axe(page)

    login.sign_in(user.email, PASSWORD)

    expect(page).not_to_have_url(site_url + LoginPage.path)


def test_a_wrong_password_is_explained_and_the_address_kept(page, site_url, axe):
    user = UserFactory()
    login = LoginPage(page, site_url).open()

    login.sign_in(user.email, "ce n’est pas le bon")

    expect(login.error_summary).to_be_visible()
    expect(page.get_by_role("textbox", name="Adresse")).to_have_value(user.email)
    axe(page)


def test_the_phone_shows_the_whole_page(phone, site_url, axe):
    login = LoginPage(phone, site_url).open()

    assert not login.scrolls_sideways()
    axe(phone)


def test_troubles_are_noticed(page, site_url, troubles):
    LoginPage(page, site_url).open()
    page.evaluate("console.error('panne')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">')")
    page.evaluate("setTimeout(() => { throw new Error('oubli') })")
    page.wait_for_timeout(200)
    with contextlib.suppress(Error):
        page.goto("http://ailleurs.example/")

    for expected in (
        "console : panne",
        "Content Security",
        "script : oubli",
        "autre hôte : http://",
    ):
        assert any(expected in text for text in troubles.unexpected()), troubles
    troubles.allow("")
    assert troubles.unexpected() == []
