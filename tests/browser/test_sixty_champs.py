"""A call for projects of sixty champs, from its paper form to its second edition, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from dossiers.models import Dossier
from procedures.models import Procedure
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.browser.pages.base import BasePage
from tests.browser.pages.builder import BuilderPage

TITLE = "Soutien aux projets associatifs"
OUTLINE = """\
# L’association
Nom de l’association
Sigle (facultatif)
Numéro SIRET
Numéro RNA (facultatif)
Objet social
Adresse du siège
Commune du siège
Téléphone
Adresse email
Site internet (facultatif)
Date de création
Union ou fédération d’affiliation (facultatif)
# Les personnes
Civilité du représentant
Nom du représentant
Prénom du représentant
Fonction du représentant
Email du représentant
Civilité de la personne à contacter (facultatif)
Nom de la personne à contacter
Téléphone de la personne à contacter
# Les moyens
Nombre d’adhérents
Nombre de bénévoles
Nombre de salariés
Nombre de volontaires (facultatif)
L’association a-t-elle un agrément ?
Agréments obtenus (facultatif)
L’association est-elle reconnue d’utilité publique ?
# Le projet
Intitulé du projet
Résumé du projet
Type de projet
  Première demande
  Renouvellement
  Extension
Thèmes du projet (plusieurs réponses)
  Culture
  Sport
  Éducation
  Environnement
  Santé
Public visé
Nombre de personnes concernées
Territoire concerné
Date de début
Date de fin
Indicateurs d’évaluation
Bilan de l’action précédente
Partenaires (à répéter)
  Nom du partenaire
  Rôle du partenaire
  Montant apporté en euros (facultatif)
# Le budget
Exercice concerné
Dépenses (à répéter)
  Poste de dépense
  Montant de la dépense en euros
  Justification de la dépense (facultatif)
Recettes (à répéter)
  Origine de la recette
  Montant de la recette en euros
Total des charges en euros
Total des produits en euros
Montant de la subvention demandée en euros
IBAN de l’association
# Les annexes
Joindre les statuts de l’association
Joindre le dernier rapport d’activité
Joindre les comptes du dernier exercice
# L’engagement
Je certifie l’exactitude des informations
"""
CHAMPS_COUNT = 65


@pytest.fixture
def everyone(transactional_db, settings):
    """The administrateur, the accompagnateur and an usager."""
    settings.EMAIL_BACKEND = "courriels.demo.InboxBackend"
    administrateur = UserFactory(email="claire@exemple.fr")
    OrganismeFactory(name="Préfecture de l’Exemple").administrateurs.add(administrateur)
    UserFactory(email="nadia@exemple.fr")
    return administrateur, UserFactory(email="camille@exemple.fr")


def create(page: Page, site_url: str) -> Procedure:
    desk = BasePage(page, site_url).open("/administration/procedures/nouvelle/")
    desk.fill("Titre", TITLE)
    page.get_by_label("Description").fill("Une aide aux **associations** du territoire.")
    page.get_by_text("Des particuliers", exact=True).click()
    page.get_by_label("Nom du service").fill("Service de la vie associative")
    page.get_by_label("Adresse email du service").fill("associations@exemple.fr")
    page.get_by_label("Cadre juridique").fill("Loi du 12 avril 2000, article 9-1")
    desk.press("Créer la procédure")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    return Procedure.objects.get()


def paste_the_outline(page: Page, site_url: str, procedure: Procedure) -> BuilderPage:
    BuilderPage(page, site_url).open_for(procedure)
    page.get_by_role("link", name="Coller un plan").click()
    page.get_by_role("textbox").last.fill(OUTLINE)
    page.get_by_role("button", name="Relire les champs").click()
    page.get_by_role("button", name=re.compile("^Insérer")).click()
    builder = BuilderPage(page, site_url)
    expect(builder.champs).to_have_count(CHAMPS_COUNT)
    return builder


def set_condition(builder: BuilderPage, champ: str, question: str, answer: str) -> None:
    builder.champ(champ).click()
    expect(builder.label).to_have_value(champ)
    condition = builder.properties.get_by_role("region", name="Condition")
    condition.get_by_text("lorsque…").click()
    condition.get_by_label("Question de la règle 1").select_option(label=question)
    condition.get_by_label("Réponse de la règle 1").select_option(answer)
    said = f"Affiché lorsque « {question} » est « {answer} »"
    expect(builder.champs.get_by_text(said).first).to_be_visible()


def publish(page: Page, site_url: str, procedure: Procedure, button: str) -> None:
    desk = BasePage(page, site_url).open(f"/administration/procedures/{procedure.pk}/publication/")
    desk.press(button)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def assign(page: Page, site_url: str, procedure: Procedure) -> None:
    desk = BasePage(page, site_url)
    desk.open(f"/administration/procedures/{procedure.pk}/accompagnateurs/")
    page.get_by_role("textbox").last.fill("nadia@exemple.fr")
    desk.press("Ajouter ces accompagnateurs")
    expect(page.locator("#accompagnateurs")).to_contain_text("nadia@exemple.fr")


def try_the_draft(page: Page, site_url: str, procedure: Procedure) -> None:
    """Open the form by its link of test mode, and see a question and a part come by answers."""
    desk = BasePage(page, site_url)
    desk.open(f"/administration/procedures/{procedure.pk}/mode-test/")
    desk.press("Créer un lien d’essai")
    desk.open(page.get_by_role("link", name="/essai/").get_attribute("href"))
    desk.press("Commencer un essai")
    page.get_by_text("Madame", exact=True).click()
    desk.fill("Prénom", "Claire")
    desk.fill("Nom", "Dubois")
    desk.press("Continuer")
    agreed = page.get_by_role("group", name="L’association a-t-elle un agrément ?")
    agreed.get_by_text("Oui", exact=True).click()
    expect(page.get_by_label("Agréments obtenus")).to_be_visible()
    expect(page.get_by_label("Exercice concerné")).to_be_hidden()
    page.get_by_text("Renouvellement", exact=True).click()
    expect(page.get_by_label("Bilan de l’action précédente")).to_be_visible()
    expect(page.get_by_label("Exercice concerné")).to_be_visible()
    desk.press("Ajouter : Dépense")
    expect(page.get_by_label("Poste de dépense")).to_have_count(2)
    assert Dossier.tests.count() == 1


def begin(page: Page, site_url: str) -> Dossier:
    """Begin a dossier and fill in a few answers, up to a row of a bloc."""
    me = BasePage(page, site_url).open("/commencer/soutien-aux-projets-associatifs/")
    me.press("Commencer")
    page.get_by_text("Madame", exact=True).click()
    me.fill("Prénom", "Camille")
    me.fill("Nom", "Martin")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nom de l’association").fill("Les Amis du quartier")
    expect(page.get_by_label("Agréments obtenus")).to_be_hidden()
    page.get_by_label("Nom du partenaire").fill("La ville")
    page.get_by_role("button", name="Ajouter : Partenaire").click()
    expect(page.get_by_label("Nom du partenaire")).to_have_count(2)
    page.get_by_label("Nom du partenaire").last.fill("Le département")
    expect(page.get_by_text(re.compile(r"Enregistré à \d"))).to_have_count(3)
    return Dossier.objects.get()


def test_sixty_champs_are_designed_published_changed_and_published_again(
    everyone, page, new_page, site_url, sign_in, axe, troubles
):
    administrateur, usager = everyone
    sign_in(page, administrateur)
    procedure = create(page, site_url)
    builder = paste_the_outline(page, site_url, procedure)
    set_condition(builder, "Agréments obtenus", "L’association a-t-elle un agrément ?", "Oui")
    set_condition(builder, "Bilan de l’action précédente", "Type de projet", "Renouvellement")
    set_condition(builder, "Le budget", "Type de projet", "Renouvellement")
    axe(page)
    assign(page, site_url, procedure)
    try_the_draft(page, site_url, procedure)
    publish(page, site_url, procedure, "Publier la procédure")
    assert not Dossier.with_tests.exists()

    theirs = new_page()
    sign_in(theirs, usager)
    dossier = begin(theirs, site_url)

    builder.open_for(procedure)
    builder.champ("Sigle").click()
    expect(builder.label).to_have_value("Sigle")
    builder.rename("Sigle ou acronyme")
    expect(page.locator(".tps-champ--selected")).to_contain_text("Sigle ou acronyme")
    builder.champ("Site internet").click()
    expect(builder.label).to_have_value("Site internet")
    builder.press("Supprimer")
    expect(builder.champs).to_have_count(CHAMPS_COUNT - 1)
    builder.champ("Objet social").click()
    expect(builder.label).to_have_value("Objet social")
    builder.add("Texte court")
    expect(builder.champs).to_have_count(CHAMPS_COUNT)
    builder.rename("Devise de l’association")
    expect(page.locator(".tps-champ--selected")).to_contain_text("Devise de l’association")
    publish(page, site_url, procedure, "Publier les modifications")

    # The form that was open before still saves, and nothing is lost when it is opened again.
    theirs.get_by_label("Nombre d’adhérents").fill("120")
    expect(theirs.get_by_text(re.compile(r"Enregistré à \d"))).to_have_count(4)
    troubles.allow("404")  # the question that was removed
    theirs.get_by_label("Site internet").fill("www.exemple.fr")
    expect(theirs.locator("#autosave-etat")).to_contain_text("Le formulaire a changé")
    theirs.on("dialog", lambda dialog: dialog.accept())
    theirs.goto(f"{site_url}/dossiers/{dossier.pk}/modifier/")
    expect(theirs.get_by_label("Sigle ou acronyme")).to_be_visible()
    expect(theirs.get_by_label("Devise de l’association")).to_be_visible()
    expect(theirs.get_by_label("Nom de l’association")).to_have_value("Les Amis du quartier")
    expect(theirs.get_by_label("Nombre d’adhérents")).to_have_value("120")
    expect(theirs.get_by_label("Nom du partenaire").last).to_have_value("Le département")
    axe(theirs)
    dossier.refresh_from_db()
    assert dossier.revision.number == 2
