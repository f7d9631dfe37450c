"""A form that leaves as a file and comes back, and a pasted outline that is taken back."""

import json
import re

import pytest
from playwright.sync_api import expect

from procedures.champs import new_champ
from procedures.conditions import Condition, Ineligibilite, Operator, Regle
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.revisions import editable_revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.browser.pages.base import BasePage
from tests.browser.pages.builder import BuilderPage
from tests.procedures.factories import ProcedureFactory


def formulaire():
    when = Condition(regles=[Regle(champ="recrute", operator=Operator.IS, values=["oui"])])
    return Formulaire(
        champs=[
            new_champ("oui_non", id="recrute", label="Recrutez-vous ?"),
            new_champ("bloc_repetable", id="postes", label="Postes", condition=when),
            new_champ("texte_court", id="intitule", label="Intitulé du poste", bloc="postes"),
        ],
        ineligibilites=[Ineligibilite(id="regle1", condition=when, message="Trop tard.")],
        annotations=[new_champ("texte_court", id="avis01", label="Avis du service")],
    )


@pytest.fixture
def administrateur(transactional_db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    organisme = OrganismeFactory(administrateurs=[administrateur])
    procedure = ProcedureFactory(organisme=organisme, brouillon=True, title="Aide à l’emploi")
    draft = procedure.revisions.get()
    draft.set_formulaire(formulaire())
    draft.save()
    return procedure


def test_a_procedure_leaves_as_a_file_and_comes_back_the_same(
    page, site_url, sign_in, axe, troubles, administrateur, procedure
):
    sign_in(page, administrateur)
    desk = BasePage(page, site_url).open(f"/administration/procedures/{procedure.pk}/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter en JSON").click()
    exported = download.value.path().read_bytes()
    sent = {"name": "procedure.json", "mimeType": "application/json"}

    troubles.allow("422")
    desk.open("/administration/procedures/importer/")
    broken = json.loads(exported)
    broken["formulaire"]["champs"][2]["type"] = "inconnu"
    page.get_by_label("Fichier JSON").set_input_files(
        sent | {"buffer": json.dumps(broken).encode()}
    )
    desk.press("Importer la procédure")
    expect(page.locator("#erreurs-du-fichier")).to_contain_text("champ 3")
    axe(page)
    assert Procedure.objects.count() == 1

    page.get_by_label("Fichier JSON").set_input_files(sent | {"buffer": exported})
    desk.press("Importer la procédure")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Aide à l’emploi")

    copy = Procedure.objects.exclude(pk=procedure.pk).get()
    assert editable_revision(copy).formulaire == formulaire()


def test_a_pasted_outline_is_taken_back_at_once(page, site_url, sign_in, administrateur, procedure):
    sign_in(page, administrateur)
    builder = BuilderPage(page, site_url).open_for(procedure)
    page.get_by_role("link", name="Coller un plan").click()
    page.get_by_role("textbox").last.fill("Nom\nPrénom\nDate de naissance")
    page.get_by_role("button", name="Relire les champs").click()
    page.get_by_role("button", name=re.compile("^Insérer")).click()
    expect(builder.champs).to_have_count(6)

    page.get_by_role("button", name=re.compile("Annuler l’insertion")).click()

    expect(builder.champs).to_have_count(3)
    assert editable_revision(procedure).formulaire.champs == formulaire().champs
