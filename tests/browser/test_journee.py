"""A full day’s work: twenty dossiers decided by keyboard alone, two people on one dossier."""

import re

import pytest
from playwright.sync_api import Page, expect

from courriels.models import Courriel
from dossiers import workflow
from dossiers.models import Dossier, Suivi
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.browser.pages.instruction import DossierListPage, DossierPage
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

MINUTE_MS = 60_000
KEYS = {"accepte": "a", "sans_suite": "s", "rejete": "r"}
# What becomes of each dossier, in the order of the list.
OUTCOMES = ["accepte", "rejete", "sans_suite", "accepte"] * 5


@pytest.fixture
def procedure(transactional_db):
    return ProcedureFactory(
        title="Demande de subvention",
        annotations=[new_champ("texte_court", id="note01", label="Note interne")],
    )


@pytest.fixture
def alice(procedure):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=procedure, user=user)
    return user


@pytest.fixture
def bruno(procedure):
    user = UserFactory(first_name="Bruno", last_name="Collègue")
    AffectationFactory(procedure=procedure, user=user)
    return user


def heading(page: Page):
    return page.get_by_role("heading", level=1)


def press(page: Page, key: str) -> None:
    """Press a key once the page listens: its scripts run before it says that it is loaded."""
    page.wait_for_load_state("domcontentloaded")
    page.keyboard.press(key)


def decide_by_keyboard(page: Page, dossier: Dossier, outcome: str) -> None:
    """Take the dossier that is shown up and decide it, with nothing but keys."""
    bar = page.get_by_role("region", name="Statut et décision")
    expect(heading(page)).to_contain_text(f"nº {dossier.pk} ", timeout=MINUTE_MS)
    press(page, "i")
    expect(bar).to_contain_text("en instruction", ignore_case=True, timeout=MINUTE_MS)
    press(page, KEYS[outcome])
    expect(page.get_by_label("Motivation")).to_be_focused(timeout=MINUTE_MS)
    page.keyboard.type(f"Motif {dossier.pk} : jusqu’à la raison.")
    page.keyboard.press("Control+Enter")


def test_twenty_dossiers_are_decided_by_keyboard_alone(page, site_url, sign_in, procedure, alice):
    page.set_default_timeout(MINUTE_MS)
    dossiers = [DossierFactory(procedure=procedure, en_construction=True) for _ in OUTCOMES]
    sign_in(page, alice)
    # The list is opened once, by keyboard from there on.
    path = f"/instruction/procedures/{procedure.pk}/?onglet=a-suivre&tri=numero"
    DossierListPage(page, site_url).open(path)
    press(page, "j")
    press(page, "o")
    expect(heading(page)).to_contain_text(f"nº {dossiers[0].pk} ")
    loads = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))

    for dossier, outcome in zip(dossiers, OUTCOMES, strict=True):
        decide_by_keyboard(page, dossier, outcome)

    # The last one leads back to the list, to which nobody returned by hand before.
    expect(page).to_have_url(
        re.compile(rf"/instruction/procedures/{procedure.pk}/"), timeout=MINUTE_MS
    )
    expect(page.get_by_role("status").filter(has_text=f"nº {dossiers[-1].pk}")).to_be_visible()
    assert sum("/procedures/" in url for url in loads) == 1
    states = list(Dossier.objects.order_by("pk").values_list("state", "motivation"))
    assert states == [
        (outcome, f"Motif {dossier.pk} : jusqu’à la raison.")
        for dossier, outcome in zip(dossiers, OUTCOMES, strict=True)
    ]
    assert Courriel.objects.count() == 2 * len(OUTCOMES)
    assert set(Suivi.objects.values_list("user_id", flat=True)) == {alice.pk}


def test_keys_move_and_help_and_can_be_switched_off(page, site_url, sign_in, axe, procedure, alice):
    first, _second = (
        DossierFactory(procedure=procedure, en_instruction=True, prenom="Zoé", nom=name)
        for name in ("Premier", "Second")
    )
    sign_in(page, alice)
    query = "?onglet=a-suivre&tri=numero"
    DossierPage(page, site_url).open(f"/instruction/dossiers/{first.pk}/{query}")
    press(page, "j")
    expect(heading(page)).to_contain_text("Zoé Second")
    press(page, "k")
    expect(heading(page)).to_contain_text("Zoé Premier")
    press(page, "f")
    expect(page.get_by_role("button", name="Ne plus suivre")).to_be_visible()
    press(page, "?")
    expect(page.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    axe(page)
    page.get_by_label("Utiliser ces raccourcis").uncheck(force=True)
    page.keyboard.press("Escape")
    press(page, "j")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    expect(heading(page)).to_contain_text("Zoé Premier")
    page.get_by_label("Utiliser ces raccourcis").check(force=True)
    page.keyboard.press("Escape")
    press(page, "m")
    expect(page.get_by_role("heading", name="Messagerie")).to_be_visible()
    page.get_by_label("Votre message").click()
    page.keyboard.type("j u r a")
    expect(page.get_by_label("Votre message")).to_have_value("j u r a")
    page.get_by_label("Votre message").fill("")
    page.get_by_role("heading", name="Messagerie").click()
    press(page, "u")
    expect(page).to_have_url(re.compile(rf"/instruction/procedures/{procedure.pk}/"))


def test_two_accompagnateurs_work_on_one_dossier(
    page, new_page, site_url, sign_in, axe, troubles, procedure, alice, bruno
):
    troubles.allow("409")
    dossier = DossierFactory(procedure=procedure, en_instruction=True)
    path = f"/instruction/dossiers/{dossier.pk}/"
    other = new_page()
    sign_in(page, alice)
    sign_in(other, bruno)

    # Alice gives it to Bruno, who sees what she notes from then on.
    DossierPage(page, site_url).open(path)
    page.get_by_role("link", name="Confier à un collègue").click()
    axe(page)
    page.get_by_label("Bruno Collègue").check(force=True)
    page.get_by_role("button", name="Confier le dossier").click()
    expect(page.get_by_role("status").filter(has_text="est confié à Bruno")).to_be_visible()
    page.get_by_role("link", name="Annotations privées").click()
    page.get_by_label("Note interne").fill("À vérifier")
    page.get_by_label("Note interne").press("Tab")
    expect(page.locator("#etat-note01")).to_contain_text("Enregistré")
    axe(page)
    DossierPage(other, site_url).open(path)
    tab = other.get_by_role("link", name="Annotations privées")
    expect(tab).to_contain_text("Nouveau")
    tab.click()
    expect(other.get_by_label("Note interne")).to_have_value("À vérifier")

    # Alice decides while Bruno writes: he is told who and when, and keeps what he wrote.
    DossierPage(other, site_url).open(path)
    theirs = DossierPage(other, site_url)
    theirs.prepare("Rejeter")
    theirs.motivate("Hors délai.")
    workflow.run(workflow.ACCEPT, dossier.pk, by=alice)
    theirs.decide("Rejeter")
    expect(other.get_by_role("alert")).to_contain_text("par Alice Instructrice")
    expect(other.get_by_label("Ce que vous aviez écrit")).to_have_value("Hors délai.")


def test_every_page_of_a_dossier_fits_a_phone_and_axe(
    phone, site_url, sign_in, axe, procedure, alice
):
    dossier = DossierFactory(procedure=procedure, en_instruction=True)
    sign_in(phone, alice)
    for path in (
        "",
        "annotations/",
        "messagerie/",
        "historique/",
        "documents/",
        "suivi/",
        "imprimer/",
    ):
        page = DossierPage(phone, site_url).open(f"/instruction/dossiers/{dossier.pk}/{path}")
        assert not page.scrolls_sideways(), path
        axe(phone)
        if path == "imprimer/":
            continue
        phone.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        expect(phone.get_by_role("link", name="Rejeter", exact=True)).to_be_in_viewport()
        foot = phone.evaluate(
            "document.querySelector('.fr-footer').getBoundingClientRect().bottom"
            " - document.querySelector('.tps-decision-bar__main').getBoundingClientRect().top"
        )
        assert foot <= 1, path
