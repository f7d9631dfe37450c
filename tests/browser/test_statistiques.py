"""The statistics, from the administrateur who publishes them to anyone who reads them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dossiers.enums import DossierState, HistoryAction
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.browser.pages.base import BasePage
from tests.browser.pages.statistiques import StatistiquesPage
from tests.dossiers.factories import DossierFactory, HistoryEntryFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

WEEKS = 6


@pytest.fixture
def administrateur(transactional_db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    organisme = OrganismeFactory(administrateurs=[administrateur])
    procedure = ProcedureFactory(organisme=organisme, title="Aide à l’emploi", slug="aide")
    now = timezone.now()
    for week in range(WEEKS):
        for stage in ("accepte", "accepte", "rejete", "en_instruction", "en_construction"):
            submitted_at = now - timedelta(weeks=week, days=2)
            dossier = DossierFactory(
                procedure=procedure,
                created_at=submitted_at - timedelta(days=1),
                submitted_at=submitted_at,
                **{stage: True},
            )
            _tell(dossier, submitted_at)
    return procedure


def _tell(dossier, submitted_at):
    state = DossierState
    steps = [(HistoryAction.SUBMIT, state.BROUILLON, state.EN_CONSTRUCTION)]
    if dossier.is_termine:
        steps.append((HistoryAction.START_INSTRUCTION, state.EN_CONSTRUCTION, state.EN_INSTRUCTION))
        steps.append((HistoryAction.ACCEPT, state.EN_INSTRUCTION, dossier.state))
    for rank, (action, before, after) in enumerate(steps):
        HistoryEntryFactory(
            dossier=dossier,
            action=action,
            from_state=before,
            to_state=after,
            at=submitted_at + timedelta(hours=12 * rank),
        )


def test_an_accompagnateur_reads_the_figures_on_any_screen(
    page, new_page, phone, site_url, sign_in, axe, procedure
):
    accompagnateur = AffectationFactory(procedure=procedure).user
    sign_in(page, accompagnateur)
    BasePage(page, site_url).open(f"/instruction/procedures/{procedure.pk}/").follow("Statistiques")
    statistics = StatistiquesPage(page, site_url)
    expect(statistics.tile("Dossiers déposés")).to_have_text("30")
    expect(statistics.tile("Taux d’acceptation")).to_have_text("66,7 %")
    expect(statistics.drawing("Dossiers déposés par semaine")).to_be_visible()
    table = statistics.unfold_table("Ce qui est décidé")
    expect(table.get_by_role("row", name="Accepté")).to_contain_text("12")
    axe(page)

    statistics.choose_period("30 derniers jours")
    expect(statistics.tile("Dossiers déposés")).to_have_text("20")
    today = timezone.localdate().isoformat()
    statistics.choose_dates(today, "2020-01-01")
    expect(page.get_by_label("Au", exact=True)).to_have_value("2020-01-01")
    expect(statistics.error_summary).to_contain_text("choisissez-en une qui la suit")
    axe(page)

    sign_in(phone, accompagnateur)
    small = StatistiquesPage(phone, site_url).open(
        f"/instruction/procedures/{procedure.pk}/statistiques/"
    )
    expect(small.drawing("Temps passé dans chaque statut")).to_be_visible()
    small.unfold_table("Dossiers déposés par semaine")
    assert not small.scrolls_sideways()
    axe(phone)


def test_figures_leave_as_a_table_and_as_a_picture(
    page, site_url, sign_in, administrateur, procedure
):
    sign_in(page, administrateur)
    statistics = StatistiquesPage(page, site_url).open(
        f"/administration/procedures/{procedure.pk}/statistiques/"
    )
    found = statistics.figure("Ce qui est décidé")
    with page.expect_download() as table:
        found.get_by_role("link", name="Tableau CSV").click()
    assert table.value.path().read_text("utf-8-sig").splitlines()[1] == "Accepté;12;66,7"
    with page.expect_download() as picture:
        found.get_by_role("link", name="Image PNG").click()
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    assert picture.value.suggested_filename.startswith("statistiques-aide-issues-")


def test_an_administrateur_makes_the_figures_public(
    page, new_page, site_url, sign_in, axe, administrateur, procedure
):
    sign_in(page, administrateur)
    desk = BasePage(page, site_url).open(f"/administration/procedures/{procedure.pk}/")
    desk.follow("Statistiques").press("Publier les statistiques")
    expect(page.get_by_text("Les statistiques sont publiques.")).to_be_visible()
    axe(page)

    anyone = new_page()
    BasePage(anyone, site_url).open(procedure.get_absolute_url()).follow(
        "Voir les statistiques de cette procédure"
    )
    public = StatistiquesPage(anyone, site_url)
    expect(public.tile("Dossiers déposés")).to_have_text("30")
    expect(anyone.get_by_role("main")).to_contain_text("moins de cinq dossiers")
    expect(anyone.get_by_label("Du", exact=True)).to_have_count(0)
    axe(anyone)
