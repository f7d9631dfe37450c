"""What an usager lives through in a real browser: nothing typed is ever lost."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from dossiers import workflow
from dossiers.models import Dossier
from dossiers.reponses import save_reponses
from procedures.champs import new_champ
from tests.accounts.factories import PASSWORD, UserFactory
from tests.browser.pages.accounts import LoginPage
from tests.browser.pages.base import BasePage
from tests.browser.pages.usager import FormulairePage
from tests.dossiers.factories import DossierFactory
from tests.dossiers.test_reponses import post
from tests.procedures.factories import AffectationFactory, ProcedureFactory

SAVE_POLLS = 100
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
DEVIS = {"name": "devis.pdf", "mimeType": "application/pdf", "buffer": PDF}
VIRUS = {"name": "virus.exe", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def procedure(transactional_db):
    return ProcedureFactory(
        title="Aide aux associations",
        champs=[
            new_champ("titre_de_section", id="partie1", label="Votre projet"),
            new_champ("paragraphe", id="para01", label="Avant de commencer", text="Lisez *bien*."),
            new_champ("texte_court", id="objet1", label="Objet de la demande"),
            new_champ("nombre_entier", id="nombre1", label="Nombre de personnes"),
            new_champ("choix_unique", id="choix1", label="Public", options=["Jeunes", "Adultes"]),
            new_champ("titre_de_section", id="partie2", label="Vos documents"),
            new_champ("piece_jointe", id="piece1", label="Devis signé"),
            new_champ("texte_long", id="note01", label="Remarques", required=False, length_max=20),
        ],
    )


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure, reponses={})


@pytest.fixture
def form(page, site_url, sign_in, dossier):
    sign_in(page, dossier.usager)
    return FormulairePage(page, site_url).open_for(dossier)


def kept(dossier) -> dict:
    return Dossier.objects.get(pk=dossier.pk).reponses


def test_answers_save_themselves_and_survive_a_reload(form, dossier):
    form.type("Objet de la demande", "Un séjour")
    form.expect_saved("Objet de la demande")
    form.page.get_by_text("Jeunes").click()
    form.expect_saved("Public")
    form.type("Nombre de personnes", "douze")
    error = form.champ("Nombre de personnes").get_by_text("Saisissez un nombre entier")
    expect(error).to_be_visible()
    field = form.page.get_by_label("Nombre de personnes")
    expect(field).to_have_attribute("aria-invalid", "true")

    form.page.reload()

    assert form.page.get_by_label("Objet de la demande").input_value() == "Un séjour"
    assert field.input_value() == "douze"
    expect(error).to_be_visible()
    field.fill("12")
    form.expect_saved("Nombre de personnes")
    expect(error).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(form.page.get_by_role("navigation", name="Sommaire")).to_contain_text("complet")
    assert kept(dossier) == {"objet1": "Un séjour", "choix1": "Jeunes", "nombre1": 12}


def test_nothing_is_lost_when_the_network_is(form, dossier, troubles):
    troubles.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource")
    form.page.context.set_offline(True)

    form.type("Objet de la demande", "Tapé hors ligne")
    expect(form.warning).to_contain_text("La connexion est perdue")
    form.page.context.set_offline(False)

    form.expect_saved("Objet de la demande")
    expect(form.warning).to_be_empty()
    assert kept(dossier) == {"objet1": "Tapé hors ligne"}


def test_last_keys_are_saved_when_one_leaves_at_once(form, dossier):
    form.type("Objet de la demande", "Parti aussitôt")
    form.page.get_by_role("link", name="Mes dossiers").first.click()
    expect(form.page.get_by_role("heading", level=1)).to_have_text("Mes dossiers")
    # The save goes on behind the page that is left; it ends when it ends.
    for _ in range(SAVE_POLLS):
        if kept(dossier):
            break
        form.page.wait_for_timeout(100)

    assert kept(dossier) == {"objet1": "Parti aussitôt"}
    form.page.go_back()
    expect(form.page.get_by_label("Objet de la demande")).to_have_value("Parti aussitôt")


def test_session_that_ended_is_said_and_nothing_is_lost(
    form, dossier, new_page, site_url, troubles
):
    troubles.allow("Failed to load resource")
    Session.objects.all().delete()

    form.type("Objet de la demande", "Gardé")
    expect(form.warning).to_contain_text("Votre session a pris fin")
    again = form.page.context.new_page()
    LoginPage(again, site_url).open().sign_in(dossier.usager.email, PASSWORD)
    expect(again.get_by_role("button", name="Se déconnecter").first).to_be_visible()

    form.expect_saved("Objet de la demande")
    assert kept(dossier) == {"objet1": "Gardé"}


def test_dossier_frozen_meanwhile_is_said(form, dossier, procedure, troubles):
    troubles.allow("409")
    Dossier.objects.filter(pk=dossier.pk).update(
        state="en_construction", submitted_at=dossier.created_at, groupe=procedure.groupes.get()
    )
    accompagnateur = AffectationFactory(procedure=procedure).user
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)

    form.type("Objet de la demande", "Trop tard")

    expect(form.warning).to_contain_text("en instruction : il ne peut plus être modifié")
    assert kept(dossier) == {}


def test_two_windows_never_overwrite_silently(form, dossier, axe, troubles):
    troubles.allow("409")
    save_reponses(dossier.pk, post(champ_objet1="De l’autre fenêtre"), by=dossier.usager)

    form.type("Nombre de personnes", "3")
    form.expect_saved("Nombre de personnes")
    assert kept(dossier) == {"objet1": "De l’autre fenêtre", "nombre1": 3}
    form.type("Objet de la demande", "D’ici")

    champ = form.champ("Objet de la demande")
    expect(champ).to_contain_text("Dans une autre fenêtre, vous avez changé cette réponse")
    expect(champ.get_by_label("« De l’autre fenêtre »")).to_be_visible()
    assert kept(dossier)["objet1"] == "De l’autre fenêtre"
    axe(form.page)
    champ.get_by_text("Garder ma réponse").click()

    form.expect_saved("Objet de la demande")
    expect(champ.get_by_text("Garder ma réponse")).to_have_count(0)
    assert kept(dossier)["objet1"] == "D’ici"


def test_the_other_answer_is_taken_into_the_page(form, dossier, troubles):
    troubles.allow("409")
    save_reponses(dossier.pk, post(champ_objet1="De l’autre fenêtre"), by=dossier.usager)
    form.type("Objet de la demande", "D’ici")
    form.champ("Objet de la demande").get_by_text("Reprendre l’autre réponse").click()

    field = form.page.get_by_label("Objet de la demande")
    expect(field).to_have_value("De l’autre fenêtre")
    field.fill("Les deux")
    form.expect_saved("Objet de la demande")
    assert kept(dossier)["objet1"] == "Les deux"


def test_what_could_not_be_saved_is_found_again_after_a_reload(form, dossier, troubles):
    troubles.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource")
    form.page.on("dialog", lambda dialog: dialog.accept())
    form.page.context.set_offline(True)
    form.type("Objet de la demande", "Tapé hors ligne")
    expect(form.warning).to_contain_text("La connexion est perdue")
    expect(form.champ("Objet de la demande")).to_contain_text("Pas encore enregistré")
    form.page.route("**/champs/**", lambda route: route.abort())
    form.page.context.set_offline(False)
    form.page.reload()
    form.page.unroute("**/champs/**")

    expect(form.page.get_by_label("Objet de la demande")).to_have_value("Tapé hors ligne")
    form.expect_saved("Objet de la demande")
    assert kept(dossier) == {"objet1": "Tapé hors ligne"}


def test_what_was_typed_is_there_after_signing_in_again(form, dossier, site_url, troubles):
    troubles.allow("Failed to load resource")
    form.page.on("dialog", lambda dialog: dialog.accept())
    Session.objects.all().delete()
    form.type("Objet de la demande", "Gardé")
    expect(form.warning).to_contain_text("Votre session a pris fin")

    form.page.get_by_role("link", name="Se reconnecter").click()
    LoginPage(form.page, site_url).sign_in(dossier.usager.email, PASSWORD)

    expect(form.page.get_by_label("Objet de la demande")).to_have_value("Gardé")
    form.expect_saved("Objet de la demande")
    assert kept(dossier) == {"objet1": "Gardé"}


def test_closing_warns_only_of_what_is_not_saved(form, troubles):
    troubles.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource")
    asked = []
    form.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    form.type("Objet de la demande", "Enregistré")
    form.expect_saved("Objet de la demande")
    form.page.reload()
    assert asked == []

    form.page.context.set_offline(True)
    form.type("Objet de la demande", "Perdu ?")
    expect(form.warning).to_contain_text("La connexion est perdue")
    with form.page.expect_event("dialog"):
        form.page.close(run_before_unload=True)

    assert asked == ["beforeunload"]


def test_files_come_and_go_without_leaving_the_page(form, dossier, axe, troubles):
    troubles.allow("422")  # as the server answers for the refused one
    form.attach("Devis signé", DEVIS, VIRUS)

    place = form.champ("Devis signé")
    expect(place.get_by_role("link", name=re.compile("devis.pdf"))).to_be_visible()
    expect(place).to_contain_text("« virus.exe » : Ce type de fichier n’est pas accepté.")
    axe(form.page)
    place.get_by_role("button", name="Retirer devis.pdf").focus()
    form.page.keyboard.press("Enter")
    expect(place.get_by_role("link", name=re.compile("devis.pdf"))).to_have_count(0)
    assert not dossier.pieces_jointes.exists()


def test_enter_in_a_field_saves_and_removes_nothing(form, dossier):
    form.attach("Devis signé", DEVIS)
    expect(form.page.get_by_role("button", name="Retirer devis.pdf")).to_be_visible()

    form.type("Objet de la demande", "Touche Entrée")
    form.page.keyboard.press("Enter")

    expect(form.page.get_by_text("Votre brouillon est enregistré.")).to_be_visible()
    assert kept(dossier) == {"objet1": "Touche Entrée"}
    assert dossier.pieces_jointes.count() == 1


def test_brouillon_goes_to_the_bin_after_a_question(form, dossier, axe):
    opener = form.page.get_by_role("link", name="Supprimer ce brouillon")
    opener.click()
    dialog = form.page.get_by_role("dialog", name="Supprimer ce brouillon ?")
    expect(dialog).to_be_visible()
    axe(form.page)
    form.page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    assert Dossier.objects.filter(pk=dossier.pk).exists()

    opener.click()
    form.press("Supprimer le brouillon")

    expect(
        form.page.get_by_text(f"Le brouillon nº {dossier.pk} est dans la corbeille")
    ).to_be_visible()
    assert not Dossier.objects.filter(pk=dossier.pk).exists()


def test_whole_path_without_javascript(new_page, site_url, sign_in, procedure):
    usager = UserFactory()
    page: Page = new_page(java_script_enabled=False)
    sign_in(page, usager)
    me = FormulairePage(page, site_url).open("/")
    me.follow("Aide aux associations").press("Commencer")
    page.get_by_text("Madame").click()
    me.fill("Prénom", "Zoé").fill("Nom", "Petit").press("Continuer")

    me.fill("Objet de la demande", "Un séjour").fill("Nombre de personnes", "douze")
    me.attach("Devis signé", DEVIS)
    me.press("Joindre : Devis signé")
    expect(page.get_by_role("link", name=re.compile("devis.pdf"))).to_be_visible()
    expect(page.get_by_label("Nombre de personnes")).to_have_value("douze")
    page.get_by_text("Adultes").click()
    me.press("Vérifier et soumettre")
    expect(page.get_by_role("heading", name="Des réponses sont à corriger")).to_be_visible()
    me.fill("Nombre de personnes", "12").press("Vérifier et soumettre")
    me.press("Soumettre mon dossier")

    dossier = Dossier.objects.get(usager=usager)
    expect(page.get_by_text(f"Votre dossier nº {dossier.pk} est déposé.")).to_be_visible()
    assert dossier.reponses == {"objet1": "Un séjour", "nombre1": 12, "choix1": "Adultes"}
    assert dossier.pieces_jointes.get().name == "devis.pdf"


def test_pages_fit_a_phone_and_please_axe(phone, site_url, sign_in, procedure, axe):
    usager = UserFactory()
    brouillon = DossierFactory(usager=usager, procedure=procedure, reponses={"nombre1": 1})
    Dossier.objects.filter(pk=brouillon.pk).update(saisies_refusees={"nombre1": "douze"})
    decided = DossierFactory(usager=usager, procedure=procedure, rejete=True)
    en_construction = DossierFactory(usager=usager, procedure=procedure, en_construction=True)
    sign_in(phone, usager)

    for path in (
        "/",
        procedure.get_absolute_url(),
        f"/dossiers/{brouillon.pk}/identification/",
        f"/dossiers/{brouillon.pk}/modifier/",
        f"/dossiers/{brouillon.pk}/verifier/",
        f"/dossiers/{brouillon.pk}/supprimer/",
        "/dossiers/",
        f"/dossiers/{decided.pk}/",
        f"/dossiers/{en_construction.pk}/",
        f"/dossiers/{en_construction.pk}/modifier/",
    ):
        screen = BasePage(phone, site_url).open(path)
        assert not screen.scrolls_sideways(), path
        assert phone.get_by_role("heading", level=1).count() == 1, path
        axe(phone)


def test_what_is_left_to_write_is_counted_and_nothing_is_cut(form, dossier, axe):
    champ = form.champ("Remarques")
    expect(champ.get_by_text("Il reste 20 caractères").first).to_be_visible()

    form.page.get_by_label("Remarques").fill("Vingt-deux caractères !")

    expect(champ.get_by_text("3 caractères en trop").first).to_be_visible()
    expect(champ.get_by_text("Raccourcissez ce texte : 20 caractères au plus")).to_be_visible()
    form.page.reload()
    assert form.page.get_by_label("Remarques").input_value() == "Vingt-deux caractères !"
    axe(form.page)
