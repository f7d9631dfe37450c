"""A service asks two people for an avis: one comes in and answers, the other is revoked."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from courriels.models import DemoMessage
from dossiers.models import Dossier
from instruction.models import Avis
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.browser.pages.base import BasePage
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.instruction.avis_factories import AvisFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

LINK = re.compile(r"http://\S+/dossiers/invitations/\S+")
PDF = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}


@pytest.fixture
def dossier(transactional_db, settings) -> Dossier:
    settings.EMAIL_BACKEND = "courriels.demo.InboxBackend"
    champs = [new_champ("texte_court", id="objet1", label="Objet")]
    procedure = ProcedureFactory(title="Politique de la ville", champs=champs)
    return DossierFactory(
        procedure=procedure, en_instruction=True, reponses={"objet1": "Un séjour"}
    )


def test_avis_is_asked_given_and_another_revoked(
    page, new_page, site_url, sign_in, axe, troubles, dossier
):
    troubles.allow("422")
    nadia = AffectationFactory(procedure=dossier.procedure).user
    expert = UserFactory(email="expert@exemple.fr", first_name="Ève", last_name="Experte")
    late = AvisFactory(dossier=dossier, due_on=timezone.localdate() - timedelta(days=1))
    sign_in(page, nadia)
    desk = BasePage(page, site_url).open(f"/instruction/dossiers/{dossier.pk}/avis/")
    axe(page)
    page.get_by_label("Adresses électroniques").fill("expert@exemple.fr")
    page.get_by_label("Question").fill("Ce séjour est-il utile ?")
    page.get_by_label("Fichiers à joindre").set_input_files(PDF)
    desk.press("Envoyer la demande")
    expect(page.get_by_text("La demande d’avis part à expert@exemple.fr.")).to_be_visible()
    axe(page)

    other = new_page()
    sign_in(other, expert)
    BasePage(other, site_url).open("/demo/courriels/")
    other.get_by_role("link", name=re.compile("Votre avis est demandé")).first.click()
    other.goto(LINK.search(DemoMessage.objects.filter(subject__contains="avis").last().text)[0])
    reader = BasePage(other, site_url).press("Accepter l’invitation")
    expect(other.get_by_text("Ce séjour est-il utile ?")).to_be_visible()
    expect(other.get_by_role("link", name=re.compile(r"plan\.pdf"))).to_be_visible()
    axe(other)
    reader.press("Rendre mon avis")
    expect(other.get_by_role("alert")).to_contain_text("Choisissez un avis")
    axe(other)
    other.get_by_text("Défavorable", exact=True).click()
    other.get_by_label("Vos explications").fill("Trop court.")
    other.get_by_label("Fichiers à joindre").set_input_files(PDF | {"name": "note.pdf"})
    reader.press("Rendre mon avis")
    expect(other.get_by_text("Votre avis est transmis au service.")).to_be_visible()
    axe(other)
    reader.open("/avis/?onglet=rendus")
    expect(other.get_by_text("Défavorable")).to_be_visible()
    axe(other)

    page.reload()
    row = page.locator(f"#avis-{Avis.objects.get(email=expert.email).pk}")
    expect(row).to_contain_text("Trop court.")
    expect(row.get_by_role("link", name=re.compile(r"note\.pdf"))).to_be_visible()
    expect(page.locator(".tps-avis-summary")).to_contain_text("1 avis rendu sur 2")
    waiting = page.locator(f"#avis-{late.pk}")
    waiting.get_by_role("button", name=re.compile("Relancer")).click()
    expect(page.get_by_text("La relance part à")).to_be_visible()
    waiting.get_by_role("link", name=re.compile("Révoquer")).click()
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Révoquer", exact=True).click()
    expect(page.get_by_text("est révoquée.")).to_be_visible()
    expect(page.locator(".tps-avis-summary")).to_contain_text("1 avis rendu sur 1")


def test_expert_answers_and_hands_over_on_a_phone(phone, site_url, sign_in, axe, dossier):
    expert = InviteFactory(dossier=dossier, of_service=True, accepted_by=UserFactory()).user
    AvisFactory(dossier=dossier, expert=expert, question="Une question " * 30)
    AvisFactory(dossier=dossier, shared=True, favorable=True)
    sign_in(phone, expert)
    mine = BasePage(phone, site_url).open("/avis/")
    assert not mine.scrolls_sideways()
    axe(phone)
    phone.get_by_role("link", name=re.compile(f"Dossier nº {dossier.pk}")).click()
    expect(phone.get_by_text("Texte favorable")).to_be_visible()
    assert not mine.scrolls_sideways()
    axe(phone)

    mine.follow("Transmettre à un confrère")
    assert not mine.scrolls_sideways()
    axe(phone)
    phone.get_by_label("Adresse électronique").fill("confrere@exemple.fr")
    mine.press("Transmettre")
    expect(phone.get_by_text("La demande est transmise à confrere@exemple.fr.")).to_be_visible()
    assert Avis.objects.get(email="confrere@exemple.fr").handed_over_from is not None


def test_service_asks_on_a_phone(phone, site_url, sign_in, axe, dossier):
    AvisFactory(dossier=dossier, favorable=True, text="Oui. " * 60)
    AvisFactory(dossier=dossier)
    sign_in(phone, AffectationFactory(procedure=dossier.procedure).user)
    desk = BasePage(phone, site_url).open(f"/instruction/dossiers/{dossier.pk}/avis/")

    assert not desk.scrolls_sideways()
    axe(phone)
