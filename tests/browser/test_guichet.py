"""« Mes dossiers » in a real browser: find, delete, take back, give, copy, fill in for another."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from courriels.models import Courriel
from dossiers.enums import TransfertState
from dossiers.models import Dossier, Transfert
from procedures.enums import Demandeurs
from tests.accounts.factories import PASSWORD, OrganismeFactory, UserFactory
from tests.browser.pages.accounts import LoginPage
from tests.browser.pages.base import BasePage
from tests.browser.pages.guichet import GuichetPage
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def procedure(transactional_db):
    return ProcedureFactory(
        title="Aide aux associations",
        demandeurs=Demandeurs.PARTICULIER,
        organisme=OrganismeFactory(name="Ville de Saint-Exemple"),
    )


@pytest.fixture
def usager(transactional_db):
    return UserFactory(first_name="Zoé", last_name="Petit")


@pytest.fixture
def guichet(page, site_url, sign_in, usager):
    sign_in(page, usager)
    return GuichetPage(page, site_url)


def test_list_is_found_filtered_and_looked_at_both_ways(guichet, usager, procedure, axe):
    expiring = DossierFactory(
        usager=usager, procedure=procedure, updated_at=timezone.now() - timedelta(days=160)
    )
    filed = DossierFactory(usager=usager, procedure=procedure, en_construction=True)
    elsewhere = DossierFactory(usager=usager, en_instruction=True)
    decided = DossierFactory(usager=usager, rejete=True)

    guichet.open()
    expect(guichet.cards).to_have_count(3)
    expect(guichet.cards.first).to_contain_text(f"Dossier nº {expiring.pk} ")
    expect(guichet.cards.first).to_contain_text("Ce brouillon sera supprimé le")
    axe(guichet.page)
    guichet.look_at("Tableau")
    expect(guichet.rows).to_have_count(3)
    axe(guichet.page)
    guichet.filter(organisme="Ville de Saint-Exemple")
    expect(guichet.rows).to_have_count(2)
    guichet.filter(status="En instruction")
    expect(guichet.rows).to_have_count(1)
    expect(guichet.rows.first).to_contain_text(str(elsewhere.pk))
    guichet.filter(search=str(filed.pk))
    expect(guichet.rows.first).to_contain_text(str(filed.pk))
    guichet.open().tab("Terminés").look_at("Cartes")
    expect(guichet.card(decided)).to_be_visible()
    assert not guichet.scrolls_sideways()

    guichet.open()
    guichet.page.get_by_role("link", name="Le reprendre ou le prolonger").click()
    guichet.press("Prolonger ce brouillon")
    expect(guichet.page.get_by_text("Ce brouillon est prolongé")).to_be_visible()
    assert Dossier.objects.get(pk=expiring.pk).prolonged_at is not None


def test_dossier_is_withdrawn_and_taken_back(
    guichet, usager, procedure, axe, new_page, site_url, sign_in, troubles
):
    troubles.allow("410")
    dossier = DossierFactory(usager=usager, procedure=procedure, en_construction=True)
    PieceJointeFactory(dossier=dossier)
    service = BasePage(new_page(), site_url)
    sign_in(service.page, AffectationFactory(procedure=procedure).user)

    guichet.open(f"/dossiers/{dossier.pk}/").follow("Retirer ce dossier")
    expect(guichet.page.get_by_role("heading", level=1)).to_contain_text("Retirer ce dossier")
    axe(guichet.page)
    guichet.press("Retirer le dossier")
    expect(guichet.page.get_by_text("est retiré et mis à la corbeille")).to_be_visible()
    service.open(f"/instruction/dossiers/{dossier.pk}/")
    assert service.heading == f"Le dossier nº {dossier.pk} a été retiré par son usager"
    axe(service.page)
    service.open(f"/instruction/procedures/{procedure.pk}/")
    service.follow("1 dossier retiré par son usager")
    expect(service.page.get_by_text(f"Dossier nº {dossier.pk}")).to_be_visible()

    guichet.page.get_by_role("link", name=re.compile("^Corbeille")).first.click()
    axe(guichet.page)
    guichet.press(f"Reprendre le dossier nº {dossier.pk}")
    expect(guichet.page.get_by_text("est de nouveau dans vos dossiers")).to_be_visible()
    service.open(f"/instruction/dossiers/{dossier.pk}/")
    expect(service.page.get_by_role("heading", level=1)).to_contain_text(f"nº {dossier.pk}")


def test_dossier_goes_from_one_person_to_another(
    guichet, usager, procedure, axe, new_page, site_url, troubles
):
    troubles.allow("404|422")
    taker = UserFactory(first_name="Denis", last_name="Prend")
    dossier = DossierFactory(usager=usager, procedure=procedure, en_construction=True)

    guichet.open(f"/dossiers/{dossier.pk}/").follow("Transférer à une autre personne")
    axe(guichet.page)
    guichet.fill("Adresse email de la personne", "denis").press("Proposer le dossier")
    expect(guichet.error_summary).to_contain_text("Saisissez une adresse email complète")
    guichet.fill("Adresse email de la personne", taker.email).press("Proposer le dossier")
    expect(guichet.page.get_by_text(f"Proposé à {taker.email}")).to_be_visible()

    link = re.search(r"https?://\S+/dossiers/transferts/\d+/", Courriel.objects.get().body_text)[0]
    guichet.page.goto(link)  # forwarded to the wrong account
    expect(guichet.page.get_by_text("Aucune proposition ne vous attend ici")).to_be_visible()
    other = LoginPage(new_page(), site_url)
    other.page.goto(link)
    other.sign_in(taker.email, PASSWORD)
    expect(other.page.get_by_role("heading", level=1)).to_have_text(
        f"Reprendre le dossier nº {dossier.pk} ?"
    )
    axe(other.page)
    other.press("Accepter le dossier")

    expect(other.page.get_by_text(f"Le dossier nº {dossier.pk} est à vous.")).to_be_visible()
    assert Transfert.objects.get().state == TransfertState.ACCEPTE
    guichet.open()
    expect(guichet.page.get_by_text("Vous n’avez pas encore de dossier")).to_be_visible()
    assert Dossier.objects.get(pk=dossier.pk).usager == taker


def test_dossier_is_copied_and_filled_in_for_somebody_else(guichet, usager, procedure, axe):
    dossier = DossierFactory(usager=usager, procedure=procedure, accepte=True)

    guichet.open(f"/dossiers/{dossier.pk}/").press("Dupliquer")
    copy_notice = guichet.page.get_by_text(f"reprend le dossier nº {dossier.pk}")
    expect(copy_notice).to_be_visible()
    guichet.follow("Je remplis pour quelqu’un d’autre")
    axe(guichet.page)
    guichet.fill("Votre prénom", "Zoé").fill("Votre nom", "Petit")
    guichet.fill("Prénom du bénéficiaire", "Jeanne").fill("Nom du bénéficiaire", "Aidée")
    guichet.page.get_by_label(re.compile("Adresse email du bénéficiaire")).fill("j@exemple.fr")
    guichet.page.get_by_text("Madame").click()
    guichet.press("Continuer")

    said = "Rempli par Zoé Petit, mandataire, pour Madame Jeanne Aidée"
    expect(guichet.page.get_by_role("main")).to_contain_text(said)
    expect(guichet.page.get_by_label("Objet")).to_have_value("Achat de livres")
    axe(guichet.page)
    guichet.press("Vérifier et soumettre")
    guichet.press("Soumettre mon dossier")
    expect(guichet.page.get_by_role("main")).to_contain_text(said)
    copy = Dossier.objects.exclude(pk=dossier.pk).get()
    told = Courriel.objects.for_reference(f"dossier:{copy.pk}")
    assert {courriel.to_email for courriel in told} == {usager.email, "j@exemple.fr"}


def test_pages_fit_a_phone_and_please_axe(phone, site_url, sign_in, usager, procedure, axe):
    sign_in(phone, usager)
    brouillon = DossierFactory(
        usager=usager, procedure=procedure, updated_at=timezone.now() - timedelta(days=160)
    )
    filed = DossierFactory(usager=usager, procedure=procedure, en_construction=True)
    PieceJointeFactory(dossier=filed, name="un-nom-de-fichier-vraiment-tres-long" * 4 + ".pdf")
    decided = DossierFactory(usager=usager, procedure=procedure, accepte=True)
    Dossier.objects.filter(pk=DossierFactory(usager=usager, procedure=procedure).pk).update(
        deleted_at=timezone.now()
    )
    for path in (
        "/dossiers/?vue=tableau",
        "/dossiers/?vue=cartes",
        "/dossiers/corbeille/",
        f"/dossiers/{brouillon.pk}/modifier/",
        f"/dossiers/{filed.pk}/documents/",
        f"/dossiers/{filed.pk}/transferer/",
        f"/dossiers/{decided.pk}/supprimer/",
        f"/dossiers/{brouillon.pk}/identification/?demandeur=particulier&pour=autre",
    ):
        screen = BasePage(phone, site_url).open(path)
        assert not screen.scrolls_sideways(), path
        assert phone.get_by_role("heading", level=1).count() == 1, path
        axe(phone)


def test_guichet_works_without_javascript(new_page, site_url, sign_in, usager, procedure):
    page = new_page(java_script_enabled=False)
    sign_in(page, usager)
    dossier = DossierFactory(usager=usager, procedure=procedure)
    me = GuichetPage(page, site_url).open()

    me.look_at("Tableau").filter(status="En brouillon")
    expect(me.rows).to_have_count(1)
    me.open(f"/dossiers/{dossier.pk}/modifier/").follow("Supprimer ce brouillon")
    me.press("Supprimer le brouillon")
    me.open("/dossiers/corbeille/").press(f"Reprendre le dossier nº {dossier.pk}")

    expect(page.get_by_text("est de nouveau dans vos dossiers")).to_be_visible()
