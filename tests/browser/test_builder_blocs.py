"""Blocs and conditions in the builder, by mouse and by keyboard."""

import pytest
from playwright.sync_api import expect

from procedures.champs import new_champ
from procedures.revisions import editable_revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.browser.pages.builder import BuilderPage
from tests.procedures.factories import ProcedureFactory

# Nothing scrolls while one drags.
TALL = {"width": 1280, "height": 1800}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrateur(transactional_db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    champs = [
        new_champ("oui_non", id="oui1", label="Recrutez-vous ?"),
        new_champ("texte_court", id="nom1", label="Nom"),
        new_champ("bloc_repetable", id="bloc1", label="Dépenses"),
        new_champ("montant", id="cout1", label="Coût", bloc="bloc1"),
    ]
    organisme = OrganismeFactory(administrateurs=[administrateur])
    return ProcedureFactory(organisme=organisme, brouillon=True, champs=champs)


def blocs(procedure):
    champs = editable_revision(procedure).formulaire.champs
    return [(champ.label, champ.bloc) for champ in champs]


def test_a_champ_is_dragged_into_a_bloc_and_steps_out_by_keyboard(
    page, site_url, sign_in, axe, administrateur, procedure
):
    sign_in(page, administrateur)
    page.set_viewport_size(TALL)
    builder = BuilderPage(page, site_url).open_for(procedure)

    builder.drag("Nom", below="Coût")
    expect(builder.announcement).to_contain_text("Champ déplacé. Position 4 sur 4.")
    assert blocs(procedure)[-1] == ("Nom", "bloc1")
    expect(page.locator("#champ-nom1.tps-champ--inside")).to_be_visible()
    axe(page)

    builder.champ("Nom").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#champ-nom1:not(.tps-champ--inside)")).to_be_visible()
    expect(builder.champ("Nom")).to_be_focused()
    assert blocs(procedure)[-1] == ("Nom", None)


def test_a_bloc_is_dragged_with_its_champs(page, site_url, sign_in, administrateur, procedure):
    sign_in(page, administrateur)
    page.set_viewport_size(TALL)
    builder = BuilderPage(page, site_url).open_for(procedure)

    builder.drag("Nom", below="Coût")
    expect(builder.announcement).to_contain_text("Position 4 sur 4.")
    builder.champ("Dépenses").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(builder.announcement).to_contain_text("Position 1 sur 4.")

    assert builder.labels() == ["Dépenses", "Coût", "Nom", "Recrutez-vous ?"]
    builder.press("Supprimer")
    expect(builder.champs).to_have_count(1)
    page.get_by_role("button", name="Annuler la suppression de « Dépenses »").click()
    expect(builder.champs).to_have_count(4)
    assert builder.labels() == ["Dépenses", "Coût", "Nom", "Recrutez-vous ?"]


def test_a_condition_is_made_and_works_in_the_preview(
    page, site_url, sign_in, axe, administrateur, procedure
):
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)
    builder.champ("Nom").click()

    condition = builder.properties.get_by_role("region", name="Condition")
    condition.get_by_text("lorsque…").click()
    condition.get_by_label("Question de la règle 1").select_option("Recrutez-vous ?")
    condition.get_by_label("Réponse de la règle 1").select_option("Oui")
    said = "Affiché lorsque « Recrutez-vous ? » est « Oui »"
    expect(builder.champs.get_by_text(said)).to_be_visible()
    axe(page)

    page.get_by_role("link", name="Voir comme l’usager").click()
    expect(page.get_by_label("Nom")).to_be_hidden()
    page.get_by_text("Oui", exact=True).click()
    expect(page.get_by_label("Nom")).to_be_visible()
    axe(page)


def test_a_rule_chosen_as_soon_as_its_sentence_shows_is_heard(
    page, site_url, sign_in, administrateur, procedure
):
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)
    builder.champ("Nom").click()
    condition = builder.properties.get_by_role("region", name="Condition")
    expect(condition).to_be_visible()
    page.evaluate("""() => {
        function choose() {
            const question = document.getElementById("regle-0-champ");
            if (!question || question.value) return;
            question.value = "oui1";
            question.dispatchEvent(new Event("change", { bubbles: true }));
        }
        document.addEventListener("htmx:afterSwap", () => window.setTimeout(choose));
    }""")

    condition.get_by_text("lorsque…").click()

    expect(condition.get_by_label("Réponse de la règle 1")).to_be_visible()


def test_a_rule_of_ineligibility_is_written(
    page, site_url, sign_in, axe, administrateur, procedure
):
    sign_in(page, administrateur)
    BuilderPage(page, site_url).open_for(procedure)
    page.get_by_role("link", name="Inéligibilité").click()
    axe(page)
    page.get_by_role("link", name="Ajouter une règle").click()
    page.get_by_label("Message à l’usager").fill("Réservé à ceux qui recrutent.")
    page.get_by_label("Question de la règle 1").select_option("Recrutez-vous ?")
    page.get_by_label("Réponse de la règle 1").select_option("Non")
    axe(page)
    page.get_by_role("button", name="Enregistrer la règle").last.click()

    said = page.get_by_role("heading", name="Lorsque « Recrutez-vous ? » est « Non »")
    expect(said).to_be_visible()
    expect(page.get_by_text("Réservé à ceux qui recrutent.")).to_be_visible()
    axe(page)
