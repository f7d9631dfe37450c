"""Two people in one dossier: one asks, the other comes in by the email, helps, and leaves."""

import re

import pytest
from playwright.sync_api import Page, expect

from courriels.models import DemoMessage
from dossiers.models import Dossier, Invite
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.browser.pages.base import BasePage
from tests.browser.pages.invites import InvitesPage
from tests.browser.pages.usager import FormulairePage
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

LINK = re.compile(r"http://\S+/dossiers/invitations/\S+")
CONFIRM = re.compile(r"http://\S+/compte/confirm-email/\S+")
PASSWORD = "une phrase de quelques mots"


@pytest.fixture
def dossier(transactional_db, settings) -> Dossier:
    settings.EMAIL_BACKEND = "courriels.demo.InboxBackend"
    procedure = ProcedureFactory(
        title="Politique de la ville",
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("nombre_entier", id="nombre1", label="Nombre de personnes"),
        ],
    )
    usager = UserFactory(first_name="Camille", last_name="Martin")
    return DossierFactory(procedure=procedure, usager=usager, reponses={"objet1": "Un séjour"})


def read_email(page: Page, site_url: str, subject: str, link: re.Pattern) -> str:
    """Open an email in the inbox of the demo and return the address it leads to."""
    BasePage(page, site_url).open("/demo/courriels/")
    page.get_by_role("link", name=re.compile(subject)).first.click()
    return link.search(DemoMessage.objects.filter(subject__contains=subject).last().text)[0]


def test_partner_comes_in_by_the_email_helps_and_leaves(
    page, new_page, site_url, sign_in, axe, dossier, troubles
):
    troubles.allow("403")  # the partner tries to submit
    sign_in(page, dossier.usager)
    owner = InvitesPage(page, site_url).open_for(dossier)
    axe(page)
    owner.invite(
        "ines@exemple.fr", right="Remplir le dossier avec moi", message="Tu as les chiffres ?"
    )
    expect(owner.row("ines@exemple.fr")).to_contain_text("En attente")
    axe(page)

    other = new_page()
    link = read_email(other, site_url, "Invitation à remplir un dossier", LINK)
    other.goto(link)
    axe(other)
    expect(other.get_by_text("Camille Martin vous invite à remplir")).to_be_visible()
    other.get_by_role("main").get_by_role("link", name="Créer un compte").click()
    partner = BasePage(other, site_url)
    expect(other.get_by_label("Adresse électronique")).to_have_value("ines@exemple.fr")
    other.get_by_label("Mot de passe").fill(PASSWORD)
    partner.press("Créer mon compte")
    expect(other.get_by_role("heading", level=1)).to_have_text("Vérifiez votre adresse")
    other.goto(CONFIRM.search(DemoMessage.objects.order_by("pk").last().text)[0])
    partner.press("Oui, confirmer mon adresse")

    expect(other.get_by_text("Tu as les chiffres ?")).to_be_visible()  # back to the invitation
    axe(other)
    partner.press("Accepter l’invitation")
    form = FormulairePage(other, site_url)
    expect(other.get_by_text("Ce dossier est celui de Camille Martin")).to_be_visible()
    axe(other)
    form.type("Nombre de personnes", "12")
    form.expect_saved("Nombre de personnes")
    assert Dossier.objects.get().reponses == {"objet1": "Un séjour", "nombre1": 12}

    expect(other.get_by_role("button", name="Vérifier et soumettre")).to_have_count(0)
    form.press("Vérifier les réponses")
    expect(other.get_by_text("à qui est ce dossier, peut le déposer")).to_be_visible()
    expect(other.get_by_role("button", name="Soumettre mon dossier")).to_have_count(0)
    axe(other)
    refused = other.evaluate(
        """async url => (await fetch(url, {method: "POST", headers: {"X-CSRFToken":
        document.querySelector("[name=csrfmiddlewaretoken]").value}})).status""",
        f"/dossiers/{dossier.pk}/soumettre/",
    )
    assert refused == 403
    assert Dossier.objects.get().is_brouillon

    partner.open("/dossiers/")
    expect(other.get_by_text("Invité par l’usager")).to_be_visible()
    axe(other)
    owner.open_for(dossier)
    expect(owner.row("ines@exemple.fr")).to_contain_text("Acceptée")

    InvitesPage(other, site_url).open_for(dossier)
    axe(other)
    partner.follow("Quitter ce dossier")
    dialog = other.get_by_role("dialog")
    dialog.get_by_role("button", name="Quitter ce dossier").click()
    expect(other.get_by_text(f"Vous avez quitté le dossier nº {dossier.pk}.")).to_be_visible()
    expect(other.get_by_text("Vous n’avez pas encore de dossier")).to_be_visible()
    page.reload()
    expect(owner.row("ines@exemple.fr")).to_contain_text("A quitté le dossier")


def test_link_forwarded_to_somebody_else_opens_nothing(
    page, site_url, sign_in, axe, dossier, troubles
):
    troubles.allow("403")
    ines = UserFactory(email="ines@exemple.fr")
    invited = InviteFactory(dossier=dossier, email=ines.email)
    sign_in(page, UserFactory(email="curieux@exemple.fr"))
    someone = BasePage(page, site_url).open(invited.get_absolute_url())

    assert someone.heading == "Cette invitation est pour ines@exemple.fr"
    axe(page)
    someone.press("Changer de compte")

    expect(page.get_by_role("link", name="Se connecter").last).to_be_visible()
    assert page.url.endswith(invited.get_absolute_url())
    assert Invite.objects.get().accepted_at is None


def test_reader_reads_a_brouillon_on_a_phone(phone, site_url, sign_in, axe, dossier):
    reader = InviteFactory(dossier=dossier, lecture=True, accepted_by=UserFactory()).user
    sign_in(phone, reader)
    mine = BasePage(phone, site_url).open(f"/dossiers/{dossier.pk}/")

    expect(phone.get_by_text("Un séjour")).to_be_visible()
    expect(phone.get_by_text("Vous ne pouvez pas le modifier.")).to_be_visible()
    assert not mine.scrolls_sideways()
    axe(phone)
    phone.get_by_role("link", name="Invités", exact=True).click()
    expect(phone.get_by_text("Votre droit")).to_contain_text("lecture")
    assert not mine.scrolls_sideways()
    axe(phone)


def test_usager_gives_rights_by_keyboard_on_a_phone(phone, site_url, sign_in, axe, dossier):
    invited = InviteFactory(dossier=dossier, accepted_by=UserFactory(), message="x" * 300)
    InviteFactory(dossier=dossier, expired=True, email=f"{'long-' * 12}adresse@exemple.fr")
    sign_in(phone, dossier.usager)
    owner = InvitesPage(phone, site_url).open_for(dossier)
    assert not owner.scrolls_sideways()
    axe(phone)

    phone.get_by_label(f"Droit de {invited.user}").select_option("Lecture")
    phone.get_by_role("button", name=f"Changer le droit de {invited.user}").press("Enter")
    expect(phone.get_by_text("a désormais ce droit : lecture.")).to_be_visible()
    owner.revoke(str(invited.user))
    expect(phone.get_by_text(f"{invited.user} n’a plus accès à ce dossier.")).to_be_visible()

    invited.refresh_from_db()
    assert (invited.role, bool(invited.revoked_at)) == ("lecture", True)


def test_service_asks_an_expert_who_reads_what_was_filed(
    page, new_page, site_url, sign_in, axe, dossier
):
    nadia = AffectationFactory(procedure=dossier.procedure).user
    Dossier.objects.update(
        state="en_construction",
        submitted_at=dossier.created_at,
        groupe=dossier.procedure.groupes.get(),
    )
    expert = UserFactory(email="expert@exemple.fr")
    sign_in(page, nadia)
    desk = InvitesPage(page, site_url).open_for(dossier, "instruction")
    axe(page)
    desk.invite("expert@exemple.fr", message="Que pensez-vous de ce séjour ?")
    expect(desk.row("expert@exemple.fr")).to_contain_text("Invité par le service")

    other = new_page()
    sign_in(other, expert)
    other.goto(read_email(other, site_url, "Invitation du service", LINK))
    axe(other)
    reader = BasePage(other, site_url).press("Accepter l’invitation")
    expect(other.get_by_text("Un séjour", exact=True)).to_be_visible()
    expect(other.get_by_text("Que pensez-vous de ce séjour ?")).to_be_visible()
    axe(other)
    reader.open("/avis/")
    expect(other.get_by_text("Invité par le service")).to_be_visible()
    axe(other)

    page.reload()
    desk.revoke("expert@exemple.fr")
    expect(page.get_by_text("n’a plus accès à ce dossier.")).to_be_visible()
    axe(page)
    other.reload()
    expect(other.get_by_text("Aucun dossier pour l’instant")).to_be_visible()
