"""A dialogue between two people, each in their own browser, then a correction made."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from dossiers.models import Correction, Dossier, Message
from instruction.models import ReponseType
from procedures.champs import new_champ
from tests.accounts.factories import PASSWORD, UserFactory
from tests.browser.conftest import PHONE
from tests.browser.pages.accounts import LoginPage
from tests.browser.pages.messagerie import MessageriePage
from tests.browser.pages.usager import FormulairePage
from tests.dossiers.factories import DossierFactory, MessageFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
POLL_TIMEOUT_MS = 25_000


@pytest.fixture
def procedure(transactional_db):
    return ProcedureFactory(
        title="Aide aux associations",
        champs=[
            new_champ("titre_de_section", id="partie1", label="Votre projet"),
            new_champ("texte_court", id="objet1", label="Objet de la demande"),
            new_champ("nombre_entier", id="nombre1", label="Nombre de personnes"),
            new_champ("texte_court", id="lieu1", label="Lieu"),
            new_champ(
                "texte_court",
                id="detail1",
                label="Précisez le lieu",
                required=False,
                condition={"regles": [{"champ": "lieu1", "operator": "est", "values": ["Autre"]}]},
            ),
        ],
    )


@pytest.fixture
def accompagnateur(procedure):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=procedure, user=user)
    ReponseType.objects.create(
        procedure=procedure, title="Pièce reçue", body="Dossier {{ numero_dossier }} : bien reçu."
    )
    return user


@pytest.fixture
def dossier(procedure, accompagnateur):
    return DossierFactory(
        procedure=procedure,
        en_instruction=True,
        reponses={"objet1": "Fête", "nombre1": 12, "lieu1": "Lille"},
        usager__first_name="Marie",
        usager__last_name="Dupont",
    )


def path_of(dossier, side="dossiers") -> str:
    return f"/{side}/{dossier.pk}/messagerie/"


def test_two_people_talk_then_a_correction_is_asked_and_made(
    new_page, site_url, sign_in, axe, dossier, accompagnateur
):
    mine, theirs = new_page(), new_page(**PHONE)
    sign_in(mine, dossier.usager)
    sign_in(theirs, accompagnateur)
    usager = MessageriePage(mine, site_url).open(path_of(dossier))
    service = MessageriePage(theirs, site_url).open(path_of(dossier, "instruction/dossiers"))
    axe(mine)
    axe(theirs)

    usager.write("Puis-je changer le lieu ? <b>merci</b> https://exemple.fr")
    usager.send()
    expect(usager.messages).to_have_count(1)
    expect(usager.box).to_have_value("")
    service.write("Je commence à écrire")
    expect(service.messages).to_have_count(1, timeout=POLL_TIMEOUT_MS)
    expect(service.messages.first).to_contain_text("Usager Marie Dupont")
    expect(service.messages.first).to_contain_text("<b>merci</b>")
    expect(service.box).to_have_value("Je commence à écrire")

    service.write("")
    service.insert("Pièce reçue")
    expect(service.box).to_have_value(f"Dossier {dossier.pk} : bien reçu.")
    service.join({"name": "modele.pdf", "mimeType": "application/pdf", "buffer": PDF})
    service.send()
    expect(service.messages).to_have_count(2)
    axe(theirs)
    assert not service.scrolls_sideways()
    expect(usager.messages).to_have_count(2, timeout=POLL_TIMEOUT_MS)
    with mine.expect_download() as download:
        usager.messages.last.get_by_role("link", name=re.compile("modele.pdf")).click()
    assert download.value.suggested_filename == "modele.pdf"
    axe(mine)

    _ask_for_a_correction(theirs, service, axe)
    _make_it(mine, site_url, axe, dossier)

    service.open(f"/instruction/procedures/{dossier.procedure_id}/?onglet=suivis")
    expect(theirs.get_by_role("row").filter(has_text="Corrigé")).to_be_visible()
    axe(theirs)
    assert Correction.objects.get().resolved_by == dossier.usager
    assert Dossier.objects.get().reponses == {
        "objet1": "Concert",
        "nombre1": 12,
        "lieu1": "Autre",
        "detail1": "À Roubaix",
    }


def _ask_for_a_correction(page, service, axe) -> None:
    service.follow("Demander une correction")
    axe(page)
    _choose(page, "Objet de la demande")
    page.get_by_label("Que faut-il corriger ? Objet de la demande").fill("Soyez plus précis.")
    _choose(page, "Lieu")
    page.get_by_label("Message à l’usager").fill("Deux réponses sont à revoir.")
    axe(page)
    assert not service.scrolls_sideways()
    service.press("Demander la correction")
    expect(page.get_by_text("en attente de l’usager")).to_be_visible()


def _make_it(page, site_url, axe, dossier) -> None:
    page.goto(f"{site_url}/dossiers/")
    expect(page.get_by_text("Correction demandée")).to_be_visible()
    axe(page)
    page.goto(f"{site_url}/dossiers/{dossier.pk}/")
    axe(page)
    notice = page.get_by_role("region", name="Une correction vous est demandée")
    notice.get_by_role("link", name="Objet de la demande").click()
    form = FormulairePage(page, site_url)
    expect(form.champ("Objet de la demande")).to_contain_text("Soyez plus précis.")
    expect(page.get_by_label("Nombre de personnes")).to_be_hidden()
    expect(form.champ("Nombre de personnes")).to_contain_text("12")
    expect(page.get_by_label("Précisez le lieu")).to_be_hidden()
    axe(page)
    page.get_by_label("Objet de la demande").fill("Concert")
    page.get_by_label("Lieu", exact=True).fill("Autre")
    page.get_by_label("Précisez le lieu").fill("À Roubaix")
    form.press("J’ai corrigé")
    expect(page.get_by_text("votre dossier est corrigé")).to_be_visible()


def test_what_is_written_survives_a_reload_and_the_end_of_the_session(
    page, site_url, sign_in, troubles, dossier
):
    sign_in(page, dossier.usager)
    messagerie = MessageriePage(page, site_url).open(path_of(dossier))
    messagerie.write("Un long message")
    page.reload()
    expect(messagerie.box).to_have_value("Un long message")
    expect(page.get_by_text("Nous avons gardé le message")).to_be_visible()

    Session.objects.all().delete()
    messagerie.send()
    LoginPage(page, site_url).sign_in(dossier.usager.email, PASSWORD)
    expect(messagerie.box).to_have_value("Un long message")
    messagerie.send()
    expect(messagerie.messages).to_have_count(1)
    expect(messagerie.box).to_have_value("")
    page.reload()
    expect(messagerie.box).to_have_value("")
    assert Message.objects.get().body == "Un long message"


def test_a_message_that_left_unknown_to_the_page_is_not_sent_twice(
    page, site_url, sign_in, troubles, dossier
):
    troubles.allow("ERR_")
    sign_in(page, dossier.usager)
    messagerie = MessageriePage(page, site_url).open(path_of(dossier))

    def lose_the_answer(route):
        if route.request.method != "POST":
            return route.continue_()
        route.fetch(max_redirects=0)
        return route.abort()

    page.route(f"**{path_of(dossier)}", lose_the_answer)
    messagerie.write("Une seule fois")
    messagerie.send()
    page.wait_for_timeout(1000)
    page.unroute_all(behavior="ignoreErrors")
    messagerie.open(path_of(dossier))

    expect(messagerie.messages).to_have_count(1)
    expect(messagerie.box).to_have_value("")
    assert Message.objects.count() == 1


def test_without_javascript_one_reads_answers_and_asks(
    new_page, site_url, sign_in, dossier, accompagnateur
):
    page = new_page(java_script_enabled=False)
    sign_in(page, accompagnateur)
    MessageFactory(dossier=dossier)
    service = MessageriePage(page, site_url).open(path_of(dossier, "instruction/dossiers"))
    service.insert("Pièce reçue")
    expect(service.box).to_have_value(f"Dossier {dossier.pk} : bien reçu.")
    service.send()
    expect(service.messages).to_have_count(2)
    service.follow("Demander une correction")
    _choose(page, "Lieu")
    page.get_by_label("Que faut-il corriger ? Lieu").fill("Où ?")
    service.press("Demander la correction")
    expect(page.get_by_text("en attente de l’usager")).to_be_visible()

    mine = new_page(java_script_enabled=False)
    sign_in(mine, dossier.usager)
    form = FormulairePage(mine, site_url).open_for(dossier)
    mine.get_by_label("Lieu", exact=True).fill("Roubaix")
    form.press("J’ai corrigé")
    expect(mine.get_by_text("votre dossier est corrigé")).to_be_visible()
    assert Dossier.objects.get().reponses["lieu1"] == "Roubaix"


def _choose(page, label: str) -> None:
    # The box itself is drawn by its label, as the design system has it.
    page.get_by_role("checkbox", name=re.compile(rf"^\s*{label}\s")).check(force=True)
