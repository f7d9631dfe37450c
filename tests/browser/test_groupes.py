"""Groupes from end to end: made from a champ, filled, each sees theirs, one changes hands."""

import pytest
from playwright.sync_api import expect

from dossiers import workflow
from procedures.champs import new_champ
from procedures.models import Groupe
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.browser.pages.base import BasePage
from tests.browser.pages.groupes import GroupesPage
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def administrateur(transactional_db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    procedure = ProcedureFactory(
        title="Aide aux associations",
        champs=[
            new_champ("choix_unique", id="ville1", label="Ville", options=["Lille", "Douai"]),
        ],
        organisme=OrganismeFactory(administrateurs=[administrateur]),
    )
    AffectationFactory(procedure=procedure, user=administrateur)
    return procedure


def deposit(procedure, ville, nom):
    dossier = DossierFactory(procedure=procedure, reponses={"ville1": ville}, prenom="Zoé", nom=nom)
    return workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)


def test_two_groupes_share_the_dossiers_and_one_changes_hands(
    new_page, page, phone, site_url, sign_in, axe, administrateur, procedure
):
    people = {name: UserFactory(email=f"{name}@exemple.fr") for name in ("lille", "douai")}
    url = f"/administration/procedures/{procedure.pk}/accompagnateurs/"
    sign_in(page, administrateur)
    desk = GroupesPage(page, site_url).open(url)
    axe(page)
    desk.make_from("Ville")
    expect(page.get_by_role("heading", name="3 groupes")).to_be_visible()
    axe(page)
    desk.add_member("Lille", "lille@exemple.fr")
    desk.add_member("Douai", "douai@exemple.fr")
    expect(desk.row_of("Lille")).to_contain_text("Lorsque « Ville » est « Lille »")
    expect(desk.row_of("Lille")).to_contain_text("1 membre")
    for path in ("", "nouveau/", "importer/", f"{Groupe.objects.get(name='Lille').pk}/regle/"):
        BasePage(page, site_url).open(
            url.replace("accompagnateurs/", f"groupes/{path}") if path else url
        )
        axe(page)
    sign_in(phone, administrateur)
    GroupesPage(phone, site_url).open(url)
    axe(phone)

    of_lille = deposit(procedure, "Lille", "Delille")
    of_douai = deposit(procedure, "Douai", "Dedouai")

    pages = {name: new_page() for name in people}
    for name, mine, other in (("lille", "Delille", "Dedouai"), ("douai", "Dedouai", "Delille")):
        sign_in(pages[name], people[name])
        BasePage(pages[name], site_url).open(f"/instruction/procedures/{procedure.pk}/")
        expect(pages[name].get_by_role("link", name=f"Zoé {mine}")).to_be_visible()
        expect(pages[name].get_by_role("link", name=f"Zoé {other}")).to_have_count(0)

    lille = pages["lille"]
    BasePage(lille, site_url).open(f"/instruction/dossiers/{of_lille.pk}/")
    axe(lille)
    lille.get_by_role("link", name="Changer de groupe").click()
    lille.get_by_label("Nouveau groupe").select_option(label="Douai (vous n’en êtes pas membre)")
    lille.get_by_label("Motif").fill("Siège à Douai.")
    axe(lille)
    BasePage(lille, site_url).press("Changer le dossier de groupe")
    expect(lille.get_by_text("Vous ne le voyez plus.")).to_be_visible()
    expect(lille.get_by_role("link", name="Zoé Delille")).to_have_count(0)

    pages["douai"].reload()
    expect(pages["douai"].get_by_role("link", name="Zoé Delille")).to_be_visible()
    expect(pages["douai"].get_by_role("link", name="Zoé Dedouai")).to_be_visible()
    of_douai.refresh_from_db()
    assert not of_douai.groupe_is_manual


def test_new_rules_are_looked_at_before_they_are_applied(
    page, phone, site_url, sign_in, axe, administrateur, procedure
):
    deposit(procedure, "Douai", "Dedouai")
    url = f"/administration/procedures/{procedure.pk}/accompagnateurs/"
    sign_in(page, administrateur)
    desk = GroupesPage(page, site_url).open(url)
    desk.make_from("Ville")
    page.get_by_role("link", name="Appliquer les nouvelles règles").click()
    desk.press("Voir ce qui changerait")
    expect(page.get_by_role("row", name="Groupe par défaut Douai 1")).to_be_visible()
    axe(page)
    sign_in(phone, administrateur)
    BasePage(phone, site_url).open(f"/administration/procedures/{procedure.pk}/routage/")
    axe(phone)
    desk.press("Changer 1 dossier de groupe")
    expect(page.get_by_text("Vous pouvez quitter cette page.")).to_be_visible()
