"""Two people at once on one form: they see each other, and nothing is overwritten unseen."""

import pytest
from playwright.sync_api import expect

from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.browser.pages.usager import FormulairePage
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.procedures.factories import ProcedureFactory

# A page asks for news every eight seconds once somebody else is there.
NEWS_TIMEOUT_MS = 40_000
CHAMPS = [
    new_champ("texte_court", id="objet1", label="Objet"),
    new_champ("texte_court", id="lieu01", label="Lieu"),
    new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense"),
    new_champ("texte_court", id="poste1", label="Poste", bloc="bloc1"),
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dossier(transactional_db) -> Dossier:
    usager = UserFactory(first_name="Camille", last_name="Martin")
    return DossierFactory(usager=usager, procedure=ProcedureFactory(champs=CHAMPS), reponses={})


@pytest.fixture
def both(dossier, new_page, site_url, sign_in) -> tuple[FormulairePage, FormulairePage]:
    """Return the pages of the usager and of somebody they invited."""
    marie = UserFactory(first_name="Marie", last_name="Dupont")
    InviteFactory(dossier=dossier, accepted_by=marie)
    pages = []
    for person in (dossier.usager, marie):
        page = new_page()
        sign_in(page, person)
        pages.append(FormulairePage(page, site_url).open_for(dossier))
    return tuple(pages)


def test_they_see_each_other_and_what_the_other_saved(both, dossier, axe):
    camille, marie = both
    expect(marie.page.get_by_text("Camille Martin remplit aussi ce dossier.")).to_be_visible()
    marie.type("Objet", "Un séjour")
    marie.expect_saved("Objet")
    marie.press("Ajouter : Dépense")
    marie.type("Poste", "Train")
    expect(marie.page.locator(".tps-ligne").get_by_text("Enregistré à")).to_be_visible()

    seen = camille.page
    seen.bring_to_front()
    seen.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(seen.get_by_text("Marie Dupont remplit aussi ce dossier.")).to_be_visible()
    expect(seen.get_by_label("Objet")).to_have_value("Un séjour", timeout=NEWS_TIMEOUT_MS)
    expect(seen.get_by_label("Poste")).to_have_value("Train", timeout=NEWS_TIMEOUT_MS)
    expect(camille.champ("Objet")).to_contain_text("Réponse de Marie Dupont")
    axe(seen)
    camille.type("Lieu", "Lille")
    camille.expect_saved("Lieu")

    kept = Dossier.objects.get(pk=dossier.pk).reponses
    assert (kept["objet1"], kept["lieu01"]) == ("Un séjour", "Lille")


def test_the_second_to_answer_sees_both_answers_and_chooses(both, dossier, axe, troubles):
    troubles.allow("409")
    camille, marie = both
    camille.page.get_by_label("Objet").focus()
    marie.type("Objet", "Un séjour")
    marie.expect_saved("Objet")

    camille.type("Objet", "Un voyage")

    champ = camille.champ("Objet")
    expect(champ).to_contain_text("Marie Dupont a changé cette réponse")
    expect(champ.get_by_label("« Un séjour »")).to_be_visible()
    expect(champ.get_by_label("« Un voyage »")).to_be_visible()
    assert Dossier.objects.get(pk=dossier.pk).reponses["objet1"] == "Un séjour"
    axe(camille.page)
    champ.get_by_text("Garder ma réponse").click()
    camille.expect_saved("Objet")
    assert Dossier.objects.get(pk=dossier.pk).reponses["objet1"] == "Un voyage"
