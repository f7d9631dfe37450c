"""The form builder, by mouse, by keyboard and by finger."""

import pytest
from playwright.sync_api import expect

from procedures.builder import add_champ, delete_champ
from procedures.champs import new_champ
from procedures.revisions import create_procedure, editable_revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.browser.pages.builder import BuilderPage
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrateur(transactional_db):
    return UserFactory()


@pytest.fixture
def organisme(administrateur):
    return OrganismeFactory(administrateurs=[administrateur])


@pytest.fixture
def procedure(organisme):
    champs = [
        new_champ("texte_court", label="Nom"),
        new_champ("date", label="Début"),
        new_champ("choix_unique", label="Type", options=["Un", "Deux"]),
        new_champ("piece_jointe", label="Budget"),
    ]
    return ProcedureFactory(organisme=organisme, brouillon=True, champs=champs)


def saved_labels(procedure):
    return [champ.label for champ in editable_revision(procedure).formulaire.champs]


def test_a_form_is_designed_without_reloading_the_page(
    page, site_url, sign_in, axe, administrateur, organisme
):
    procedure = create_procedure(
        by=administrateur, organisme=organisme, title="Appel à projets", slug="appel-a-projets"
    )
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)
    expect(page.get_by_text("Votre formulaire est vide")).to_be_visible()
    axe(page)
    page.evaluate("window.isSamePage = true")

    for rank, (type_name, label) in enumerate(
        [
            ("Titre de section", "Le projet"),
            ("Texte court", "Nom"),
            ("Date", "Début"),
            ("Choix unique", "Type"),
            ("Pièce jointe", "Budget"),
        ],
        start=1,
    ):
        builder.add(type_name)
        expect(builder.champs).to_have_count(rank)
        expect(builder.label).to_be_focused()
        builder.rename(label)
        expect(builder.champ(label)).to_have_attribute("aria-current", "true")
    expect(page.get_by_text("Votre formulaire est vide")).to_be_hidden()
    axe(page)

    builder.champ("Type").click()
    page.get_by_label("Options").fill("Association\nEntreprise")
    expect(builder.champs.get_by_text("Entreprise", exact=True)).to_be_visible()

    builder.drag("Nom", below="Type")
    expect(builder.announcement).to_contain_text("Champ déplacé. Position 4 sur 5. Enregistré à")
    assert builder.labels() == ["Le projet", "Début", "Type", "Nom", "Budget"]

    builder.press("Dupliquer")
    expect(builder.champ("Nom (copie)")).to_have_attribute("aria-current", "true")
    expect(builder.label).to_have_value("Nom (copie)")
    builder.press("Supprimer")
    undo = page.get_by_role("button", name="Annuler la suppression de « Nom (copie) »")
    expect(undo).to_be_focused()
    expect(builder.champ("Nom (copie)")).to_have_count(0)
    axe(page)
    assert page.evaluate("window.isSamePage")

    page.reload()
    undo.click()
    expect(builder.champ("Nom (copie)")).to_be_visible()
    page.reload()
    expect(builder.champs).to_have_count(6)
    assert builder.labels() == ["Le projet", "Début", "Type", "Nom", "Nom (copie)", "Budget"]
    assert saved_labels(procedure) == builder.labels()
    assert editable_revision(procedure).formulaire.champs[2].options == [
        "Association",
        "Entreprise",
    ]


def test_the_keyboard_alone_moves_champs(page, site_url, sign_in, administrateur, procedure):
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)

    builder.champ("Budget").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(builder.announcement).to_contain_text("Position 3 sur 4")
    expect(builder.champ("Budget")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(builder.announcement).to_contain_text("Position 2 sur 4")
    assert builder.labels() == ["Nom", "Budget", "Début", "Type"]

    page.get_by_role("button", name="Descendre").focus()
    page.keyboard.press("Enter")
    expect(builder.announcement).to_contain_text("Position 3 sur 4")
    expect(page.get_by_role("button", name="Descendre")).to_be_focused()

    page.get_by_label("Déplacer après…").select_option("Au début du formulaire")
    builder.press("Déplacer le champ")
    expect(builder.announcement).to_contain_text("Position 1 sur 4")
    assert builder.labels() == ["Budget", "Nom", "Début", "Type"]
    assert saved_labels(procedure) == builder.labels()


def test_a_type_is_found_by_its_name(page, site_url, sign_in, administrateur, procedure):
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)

    builder.palette.get_by_role("searchbox").press_sequentially("telephone")
    expect(builder.palette.get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(builder.palette.get_by_role("button", name="Téléphone")).to_be_focused()
    page.keyboard.press("Enter")

    expect(builder.champs).to_have_count(5)
    builder.palette.get_by_role("searchbox").fill("introuvable")
    expect(builder.palette.get_by_text("Aucun type ne porte ce nom.")).to_be_visible()


def test_no_keystroke_is_lost_while_answers_are_slow(
    page, site_url, sign_in, troubles, administrateur, procedure
):
    troubles.allow("422")
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)
    builder.champ("Nom").click()
    page.route("**/champs/*/", lambda route: (page.wait_for_timeout(700), route.continue_()))

    builder.label.fill("")
    expect(builder.properties.get_by_text("Donnez un intitulé à ce champ.")).to_be_visible()
    builder.label.press_sequentially("Nom de la structure porteuse", delay=60)

    expect(builder.champ("Nom de la structure porteuse")).to_be_visible()
    expect(builder.label).to_have_value("Nom de la structure porteuse")
    expect(builder.properties.get_by_text("Donnez un intitulé à ce champ.")).to_be_hidden()
    assert saved_labels(procedure)[0] == "Nom de la structure porteuse"


def test_a_blank_form_is_added_and_removed(
    page, site_url, sign_in, axe, tmp_path, administrateur, procedure
):
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)
    builder.champ("Budget").click()

    page.get_by_label("Formulaire vierge à télécharger").set_input_files(
        {"name": "Budget.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}
    )

    expect(builder.champs.get_by_text("Télécharger le modèle : Budget.pdf")).to_be_visible()
    expect(builder.properties.get_by_role("link", name="Budget.pdf")).to_be_visible()
    axe(page)
    builder.press("Retirer le modèle")
    expect(builder.champs.get_by_text("Télécharger le modèle")).to_have_count(0)


def test_what_someone_else_changed_appears(
    page, site_url, sign_in, troubles, administrateur, procedure
):
    troubles.allow("oobErrorNoTarget")
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)
    add_champ(procedure, "siret")
    delete_champ(procedure, editable_revision(procedure).formulaire.champs[1].id)

    builder.champ("Budget").click()
    expect(builder.champ("Nouvelle question")).to_be_visible()
    builder.champ("Budget").click()
    builder.press("Descendre")

    expect(builder.announcement).to_contain_text("Position 4 sur 4")
    assert builder.labels() == ["Nom", "Type", "Nouvelle question", "Budget"]


def test_the_form_is_designed_on_a_phone(phone, site_url, sign_in, axe, administrateur, procedure):
    sign_in(phone, administrateur)
    builder = BuilderPage(phone, site_url).open_for(procedure)

    builder.champ("Type").tap()
    expect(builder.label).to_be_focused()
    expect(builder.label).to_be_in_viewport()
    phone.get_by_role("link", name="Revenir au champ").tap()
    expect(phone.get_by_role("button", name="Monter")).to_be_in_viewport()
    phone.get_by_role("button", name="Monter").tap()

    expect(builder.announcement).to_contain_text("Position 2 sur 4")
    assert builder.labels() == ["Nom", "Type", "Début", "Budget"]
    assert not builder.scrolls_sideways()
    axe(phone)


def test_everything_works_without_scripts(new_page, site_url, sign_in, administrateur, procedure):
    page = new_page(java_script_enabled=False)
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)

    builder.champ("Début").click()
    builder.add("SIRET")
    builder.label.fill("Numéro SIRET")
    builder.press("Enregistrer le champ")
    builder.press("Monter")
    builder.press("Dupliquer")
    builder.press("Supprimer")
    page.get_by_role("button", name="Annuler la suppression").click()

    assert builder.labels() == [
        "Nom", "Numéro SIRET", "Numéro SIRET (copie)", "Début", "Type", "Budget",
    ]  # fmt: skip
    assert saved_labels(procedure) == builder.labels()
