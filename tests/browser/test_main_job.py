"""The whole main job, by three people in a real browser: design, file, decide, read the emails."""

import re

import pytest
from playwright.sync_api import Page, expect

from courriels.models import Courriel
from dossiers.models import Dossier
from entreprise_api.simulator.companies import COMPANIES
from procedures.models import Procedure
from tests.accounts.factories import PASSWORD, OrganismeFactory, UserFactory
from tests.browser.pages.accounts import LoginPage
from tests.browser.pages.base import BasePage

CHAMPS = [
    ("Texte court", "Nom du projet"),
    ("Texte long", "Description du projet"),
    ("Nombre entier", "Nombre de véhicules"),
    ("Nombre décimal", "Montant demandé"),
    ("Date", "Date de début"),
    ("Oui / non", "Avez-vous déjà été aidé ?"),
    ("Adresse email", "Email du contact"),
    ("Téléphone", "Téléphone du contact"),
    ("Pièce jointe", "Devis signé"),
    ("Case à cocher", "Je certifie l’exactitude du dossier"),
]
SIRET = next(iter(COMPANIES))
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def everyone(transactional_db, settings):
    """The administrateur of an organisme, its accompagnateur and an usager: new to TPS."""
    settings.EMAIL_BACKEND = "courriels.demo.InboxBackend"
    administrateur = UserFactory(email="claire@exemple.fr")
    OrganismeFactory(name="Préfecture de l’Exemple").administrateurs.add(administrateur)
    UserFactory(email="nadia@exemple.fr")
    UserFactory(email="camille@exemple.fr")


def sign_in(page: Page, site_url: str, email: str) -> None:
    LoginPage(page, site_url).open().sign_in(email, PASSWORD)
    expect(page.get_by_role("button", name="Se déconnecter").first).to_be_visible()


def design_procedure(page: Page, site_url: str, axe) -> None:
    desk = BasePage(page, site_url).open("/administration/")
    axe(page)
    page.get_by_role("link", name="Créer une procédure").first.click()
    axe(page)
    desk.fill("Titre", "Aide à l’achat de véhicules propres")
    page.get_by_label("Description").fill("Une aide pour les **transporteurs**.")
    page.get_by_text("Des entreprises, associations ou administrations").click()
    page.get_by_label("Nom du service").fill("Service des mobilités")
    page.get_by_label("Adresse email du service").fill("mobilites@exemple.fr")
    page.get_by_label("Cadre juridique").fill("Article L. 3261-3-1 du code du travail")
    desk.press("Créer la procédure")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aide à l’achat de véhicules propres")
    axe(page)
    build_form(page, site_url, axe)
    assign_accompagnateur(page, site_url, axe)
    publish(page, site_url, axe)


def build_form(page: Page, site_url: str, axe) -> None:
    page.get_by_role("link", name="Formulaire").first.click()
    for count, (type_name, label) in enumerate(CHAMPS, start=1):
        palette = page.locator("[data-tps-palette]")
        palette.get_by_role("button", name=type_name, exact=True).click()
        expect(page.locator("[data-tps-champ]")).to_have_count(count)
        properties = page.locator("#proprietes")
        expect(properties.get_by_role("heading", name=type_name)).to_be_visible()
        properties.get_by_label("Intitulé").fill(label)
        expect(page.locator(".tps-champ--selected")).to_contain_text(label)
    expect(page.locator("[data-tps-saved]")).to_contain_text("Enregistré à")
    axe(page)
    page.reload()
    for _, label in CHAMPS:
        expect(page.locator("#champs")).to_contain_text(label)


def assign_accompagnateur(page: Page, site_url: str, axe) -> None:
    desk = BasePage(page, site_url)
    page.get_by_role("link", name="Terminer").click()
    page.get_by_role("link", name="Accompagnateurs").first.click()
    page.get_by_role("textbox").last.fill("nadia@exemple.fr")
    desk.press("Ajouter ces accompagnateurs")
    expect(page.locator("#accompagnateurs")).to_contain_text("nadia@exemple.fr")
    axe(page)


def publish(page: Page, site_url: str, axe) -> None:
    pk = Procedure.objects.get().pk
    desk = BasePage(page, site_url).open(f"/administration/procedures/{pk}/publication/")
    axe(page)
    desk.press("Publier la procédure")
    expect(
        page.get_by_text("/commencer/aide-a-l-achat-de-vehicules-propres/").first
    ).to_be_visible()
    axe(page)


def file_dossier(page: Page, site_url: str, axe) -> None:
    me = BasePage(page, site_url).open("/")
    axe(page)
    page.get_by_role("link", name="Aide à l’achat de véhicules propres").click()
    axe(page)
    page.get_by_role("link", name="Commencer", exact=True).click()
    LoginPage(page, site_url).sign_in("camille@exemple.fr", PASSWORD)
    me.press("Commencer")
    axe(page)
    page.get_by_label("SIRET").fill(SIRET)
    me.press("Rechercher mon établissement")
    expect(page.get_by_text("123 456,78 €").or_(page.get_by_text("49.41G")).first).to_be_visible()
    axe(page)
    me.press("C’est bien mon établissement")
    fill_in(page, me, axe)
    review(page, me, axe)


def fill_in(page: Page, me: BasePage, axe) -> None:
    page.get_by_label("Nom du projet").fill("Renouvellement de la flotte")
    page.get_by_label("Description du projet").fill("Deux porteurs électriques.")
    page.get_by_label("Nombre de véhicules").fill("deux")
    page.get_by_label("Montant demandé").fill("1 250,50")
    expect(page.get_by_text("Saisissez un nombre entier")).to_be_visible()
    page.get_by_label("Nombre de véhicules").fill("2")
    page.get_by_label("Date de début").fill("2027-01-11")
    page.get_by_text("Non", exact=True).click()
    page.get_by_label("Email du contact").fill("contact@exemple.fr")
    page.get_by_label("Téléphone du contact").fill("06 12 34 56 78")
    page.get_by_label(re.compile("Choisir des fichiers")).set_input_files(
        {"name": "devis.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    expect(page.get_by_role("link", name=re.compile("devis.pdf"))).to_be_visible()
    expect(page.get_by_text("Saisissez un nombre entier")).not_to_be_visible()
    telephone = page.locator(".tps-champ").filter(has=page.get_by_label("Téléphone du contact"))
    expect(telephone.get_by_text(re.compile(r"Enregistré à \d"))).to_be_visible()
    axe(page)
    page.reload()
    expect(page.get_by_label("Nom du projet")).to_have_value("Renouvellement de la flotte")
    expect(page.get_by_label("Téléphone du contact")).to_have_value("06 12 34 56 78")
    me.press("Enregistrer comme brouillon")
    assert Courriel.objects.filter(to_email="camille@exemple.fr").count() == 0


def review(page: Page, me: BasePage, axe) -> None:
    dossier = Dossier.objects.get()
    me.open(f"/dossiers/{dossier.pk}/verifier/")
    expect(page.get_by_role("button", name="Soumettre mon dossier")).to_have_count(0)
    expect(page.get_by_text("Avant de soumettre, complétez votre dossier")).to_be_visible()
    expect(
        page.get_by_role("link", name=re.compile("Je certifie l’exactitude du dossier")).first
    ).to_be_visible()
    axe(page)
    me.open(f"/dossiers/{dossier.pk}/modifier/")
    page.get_by_text("Je certifie l’exactitude du dossier").last.click()
    me.press("Vérifier et soumettre")
    axe(page)
    page.get_by_role("button", name="Soumettre mon dossier").dblclick()
    expect(page.get_by_text("en construction", exact=False).first).to_be_visible()
    axe(page)
    me.open("/dossiers/")
    axe(page)


def decide(page: Page, site_url: str, axe) -> None:
    desk = BasePage(page, site_url).open("/instruction/")
    axe(page)
    page.get_by_role("link", name="Aide à l’achat de véhicules propres").first.click()
    axe(page)
    page.get_by_role("link", name=re.compile("TRANSPORTS DELMAS")).first.click()
    axe(page)
    desk.press("Passer en instruction")
    page.get_by_role("link", name="Accepter", exact=True).click()
    page.get_by_label("Motivation").fill("Projet conforme au plan climat.")
    expect(page.get_by_text("Projet conforme au plan climat.").last).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Accepter", exact=True).click()
    expect(page.get_by_text("accepté", exact=False).first).to_be_visible()
    axe(page)


def test_a_procedure_is_designed_a_dossier_filed_and_decided_and_three_emails_read(
    new_page, site_url, everyone, axe
):
    claire, camille, nadia = new_page(), new_page(), new_page()

    sign_in(claire, site_url, "claire@exemple.fr")
    design_procedure(claire, site_url, axe)
    file_dossier(camille, site_url, axe)
    sign_in(nadia, site_url, "nadia@exemple.fr")
    decide(nadia, site_url, axe)

    dossier = Dossier.objects.get()
    assert dossier.state == "accepte"
    assert dossier.motivation == "Projet conforme au plan climat."
    kinds = Courriel.objects.filter(to_email="camille@exemple.fr").order_by("pk")
    assert list(kinds.values_list("kind", "state")) == [
        ("accuse_reception", "envoye"),
        ("passage_en_instruction", "envoye"),
        ("validation", "envoye"),
    ]
    inbox = BasePage(camille, site_url).open("/demo/courriels/")
    axe(camille)
    inbox.page.get_by_role("link", name=re.compile("est accepté")).first.click()
    expect(camille.get_by_text("Projet conforme au plan climat.").first).to_be_visible()
    inbox.open(f"/dossiers/{dossier.pk}/")
    expect(camille.get_by_text("Projet conforme au plan climat.").first).to_be_visible()
    axe(camille)
