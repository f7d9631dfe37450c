"""Conditions and blocs répétables, as an usager meets them in a real browser."""

import pytest
from playwright.sync_api import expect

from dossiers.models import Dossier
from procedures.champs import new_champ
from procedures.conditions import Condition, Ineligibilite, Operator, Regle
from procedures.formulaire import Formulaire
from procedures.models import Revision
from tests.browser.pages.usager import FormulairePage
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import ProcedureFactory


def when(champ, operator, *values):
    return Condition(regles=[Regle(champ=champ, operator=operator, values=list(values))])


def formulaire():
    titled = when("statut", Operator.IS, "Association")
    return Formulaire(
        champs=[
            new_champ(
                "choix_unique", id="statut", label="Statut", options=["Association", "Entreprise"]
            ),
            new_champ("montant", id="budget", label="Budget"),
            new_champ(
                "texte_court",
                id="gros1",
                label="Commissaire aux comptes",
                condition=when("budget", Operator.GREATER, "153000"),
            ),
            new_champ("titre_de_section", id="titre1", label="L’association", condition=titled),
            new_champ("texte_court", id="rna1", label="Numéro RNA"),
            new_champ("titre_de_section", id="titre2", label="Les dépenses"),
            new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense"),
            new_champ("texte_court", id="poste1", label="Poste", bloc="bloc1"),
            new_champ("oui_non", id="neuf01", label="Achat neuf ?", bloc="bloc1"),
            new_champ(
                "texte_court",
                id="pourquoi",
                label="Pourquoi du neuf ?",
                bloc="bloc1",
                condition=when("neuf01", Operator.IS, "oui"),
            ),
            new_champ("piece_jointe", id="devis1", label="Devis", bloc="bloc1", required=False),
        ],
        ineligibilites=[
            Ineligibilite(
                id="regle1",
                condition=when("statut", Operator.IS, "Entreprise"),
                message="Cette aide est réservée aux associations.",
            )
        ],
    )


@pytest.fixture
def dossier(transactional_db):
    procedure = ProcedureFactory(title="Aide aux associations")
    Revision.objects.filter(procedure=procedure).update(
        document=formulaire().model_dump(mode="json")
    )
    procedure.refresh_from_db()
    return DossierFactory(procedure=procedure, reponses={"bloc1": ["1"]})


@pytest.fixture
def form(page, site_url, sign_in, dossier):
    sign_in(page, dossier.usager)
    return FormulairePage(page, site_url).open_for(dossier)


def kept(dossier):
    return Dossier.objects.get(pk=dossier.pk).reponses


def test_questions_come_and_go_at_once_as_answers_change(form, dossier):
    page = form.page
    expect(page.get_by_label("Numéro RNA")).to_be_hidden()

    page.get_by_label("Association", exact=True).check(force=True)
    expect(page.get_by_label("Numéro RNA")).to_be_visible()
    entry = page.get_by_role("link", name="L’association", exact=True)
    expect(entry).to_be_visible()
    form.type("Numéro RNA", "W123456789")
    form.expect_saved("Numéro RNA")

    page.get_by_label("Entreprise", exact=True).check(force=True)
    expect(page.get_by_label("Numéro RNA")).to_be_hidden()
    expect(entry).to_be_hidden()
    expect(page.locator("#ineligibilite")).to_contain_text("réservée aux associations")

    page.get_by_label("Association", exact=True).check(force=True)
    expect(page.get_by_label("Numéro RNA")).to_have_value("W123456789")
    expect(page.locator("#ineligibilite")).to_be_empty()


def test_numbers_are_compared_as_they_are_typed(form):
    late = form.page.get_by_label("Commissaire aux comptes")
    form.type("Budget", "153 000,00")
    expect(late).to_be_hidden()

    form.type("Budget", "")
    form.page.get_by_label("Budget").fill("153 000,01 €")

    expect(late).to_be_visible()


def test_rows_are_added_filled_moved_removed_and_put_back(form, dossier, axe):
    page = form.page
    lines = page.locator("[data-tps-ligne]")
    lines.nth(0).get_by_label("Poste").fill("Sono")
    page.get_by_role("button", name="Ajouter : Dépense").click()
    expect(lines).to_have_count(2)
    second = lines.nth(1)
    expect(second.get_by_label("Poste")).to_be_focused()
    second.get_by_label("Poste").fill("Buffet")
    second.get_by_label("Oui", exact=True).check(force=True)
    expect(second.get_by_label("Pourquoi du neuf ?")).to_be_visible()
    expect(lines.nth(0).get_by_label("Pourquoi du neuf ?")).to_be_hidden()
    second.get_by_label("Pourquoi du neuf ?").fill("Rien d’occasion")
    expect(second.get_by_text("Enregistré à")).to_have_count(3)

    second.get_by_role("button", name="Monter").press("Enter")
    expect(lines.nth(0).get_by_label("Poste")).to_have_value("Buffet")
    expect(lines.nth(0).get_by_role("group").first).to_contain_text("Dépense 1")

    lines.nth(0).get_by_role("button", name="Retirer").click()
    expect(lines).to_have_count(1)
    page.get_by_role("button", name="Annuler").click()
    expect(lines).to_have_count(2)
    expect(lines.nth(0).get_by_label("Poste")).to_have_value("Buffet")
    expect(lines.nth(0).get_by_label("Pourquoi du neuf ?")).to_be_visible()

    page.reload()
    expect(lines.nth(0).get_by_label("Poste")).to_have_value("Buffet")
    expect(lines.nth(1).get_by_label("Poste")).to_have_value("Sono")
    assert len(kept(dossier)["bloc1"]) == 2
    axe(page)


def test_file_is_joined_to_a_row_that_just_came(form, dossier):
    page = form.page
    page.get_by_role("button", name="Ajouter : Dépense").click()
    lines = page.locator("[data-tps-ligne]")
    expect(lines).to_have_count(2)

    lines.nth(1).locator("input[type=file]").set_input_files(
        {"name": "devis.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    )

    expect(lines.nth(1).get_by_role("link", name="devis.pdf")).to_be_visible()
    row_id = kept(dossier)["bloc1"][1]
    assert [file.champ_id for file in dossier.pieces_jointes.all()] == [f"devis1-{row_id}"]
