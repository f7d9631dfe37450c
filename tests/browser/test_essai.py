"""The test mode in a real browser: one link, the whole path by one person, then nothing left."""

import re

import pytest
from playwright.sync_api import Page, expect

from courriels.models import Courriel, DemoMessage
from dossiers.models import Dossier
from procedures.champs import new_champ
from procedures.champs.nombre import NombreEntierChamp
from procedures.models import Procedure
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.browser.pages.base import BasePage
from tests.browser.pages.builder import BuilderPage
from tests.procedures.factories import AffectationFactory, ProcedureFactory

TITLE = "Aide à l’achat de véhicules propres"


@pytest.fixture
def people(transactional_db, settings):
    """An administrateur whose procédure is nearly ready, and somebody who will try it."""
    settings.EMAIL_BACKEND = "courriels.demo.InboxBackend"
    administrateur = UserFactory(email="claire@exemple.fr")
    organisme = OrganismeFactory(name="Préfecture de l’Exemple")
    organisme.administrateurs.add(administrateur)
    procedure = ProcedureFactory(
        brouillon=True,
        title=TITLE,
        organisme=organisme,
        champs=[new_champ("texte_court", id="objet1", label="Nom du projet")],
    )
    AffectationFactory(procedure=procedure, user=UserFactory(email="nadia@exemple.fr"))
    return procedure, administrateur, UserFactory(email="paul@exemple.fr")


def add_a_question(page: Page, site_url: str, procedure: Procedure) -> None:
    builder = BuilderPage(page, site_url).open_for(procedure)
    builder.add("Nombre entier")
    expect(builder.label).to_have_value(NombreEntierChamp.default_label)
    builder.rename("Nombre de véhicules")
    expect(builder.champ("Nombre de véhicules")).to_be_attached()


def make_the_link(page: Page, desk: BasePage, procedure: Procedure, axe) -> str:
    desk.open(f"/administration/procedures/{procedure.pk}/")
    desk.follow("Essayer")
    axe(page)
    desk.press("Créer un lien d’essai")
    axe(page)
    link = page.get_by_role("link", name="/essai/").get_attribute("href")
    page.get_by_label(re.compile("Adresses email")).fill("paul@exemple.fr")
    desk.press("Envoyer l’invitation")
    expect(page.get_by_text("L’invitation part.")).to_be_visible()
    return link


def try_the_whole_path(page: Page, me: BasePage, link: str, axe) -> None:
    me.open(link)
    expect(page.get_by_role("region", name="Essai")).to_contain_text("TEST")
    axe(page)
    me.press("Commencer un essai")
    page.get_by_text("Madame", exact=True).click()
    page.get_by_label("Prénom").fill("Camille")
    page.get_by_label("Nom", exact=True).fill("Martin")
    axe(page)
    me.press("Continuer")
    page.get_by_label("Nom du projet").fill("Renouvellement")
    page.get_by_label("Nombre de véhicules").fill("2")
    axe(page)
    me.press("Vérifier et soumettre")
    axe(page)
    me.press("Soumettre mon dossier")
    expect(page.get_by_text(re.compile(r"Votre dossier nº \d+ est déposé"))).to_be_visible()
    axe(page)
    me.follow("de l’accompagnateur")
    axe(page)
    me.press("Passer en instruction")
    me.follow("Accepter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Motivation").fill("Bravo.")
    expect(dialog.get_by_text("[TEST]").first).to_be_visible()
    dialog.get_by_role("button", name="Accepter", exact=True).click()
    expect(page.get_by_text("est accepté").first).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_a_procedure_is_tried_by_its_link_then_published_without_a_trace(
    people, new_page, site_url, sign_in, axe, troubles
):
    procedure, administrateur, paul = people
    page, other = new_page(), new_page()
    sign_in(page, administrateur)
    sign_in(other, paul)
    desk, me = BasePage(page, site_url), BasePage(other, site_url)

    add_a_question(page, site_url, procedure)
    link = make_the_link(page, desk, procedure, axe)
    try_the_whole_path(other, me, link, axe)

    tests = list(Dossier.tests.all())
    assert (len(tests), Dossier.objects.count()) == (1, 0)
    me.open("/demo/courriels/")
    expect(other.get_by_text("[TEST]").first).to_be_visible()
    subjects = list(DemoMessage.objects.filter(subject__startswith="[TEST]"))
    assert (len(subjects), {message.to for message in subjects}) == (3, {"paul@exemple.fr"})
    desk.open(f"/administration/procedures/{procedure.pk}/mode-test/")
    expect(page.get_by_role("table")).to_contain_text("paul@exemple.fr")
    axe(page)

    desk.open(f"/administration/procedures/{procedure.pk}/publication/")
    page.get_by_role("button", name=re.compile("Publier")).click()
    expect(page.get_by_text("La procédure est publiée.")).to_be_visible()

    assert not Dossier.with_tests.exists()
    assert not Courriel.objects.filter(reference=f"dossier:{tests[0].pk}").exists()
    troubles.allow("404")
    me.open(link)
    assert me.heading == "Ce lien d’essai ne fonctionne plus"
    axe(other)
    me.open("/dossiers/")
    expect(other.get_by_role("heading", name="Vous n’avez pas encore de dossier")).to_be_visible()
