"""Batches, as an accompagnateur makes them."""

import pytest
from playwright.sync_api import expect

from dossiers.enums import DossierState
from dossiers.models import Dossier
from tests.accounts.factories import UserFactory
from tests.browser.pages.base import BasePage
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def procedure(transactional_db):
    return ProcedureFactory(title="Demande de subvention")


@pytest.fixture
def accompagnateur(procedure):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=procedure, user=user)
    return user


@pytest.mark.parametrize("width", [1280, 375])
def test_two_ticked_dossiers_are_rejected_with_one_motivation(
    page, site_url, sign_in, axe, accompagnateur, procedure, width
):
    first, second, _other = DossierFactory.create_batch(3, procedure=procedure, en_instruction=True)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, accompagnateur)
    base = BasePage(page, site_url)
    base.open(f"/instruction/procedures/{procedure.pk}/?onglet=a-suivre")
    for dossier in (first, second):
        page.get_by_label(f"Sélectionner le dossier nº {dossier.pk}", exact=True).check()
    page.get_by_label("Action par lot").select_option(label="Rejeter")
    axe(page)
    assert not base.scrolls_sideways()
    base.press("Traiter la sélection")

    expect(page.get_by_role("heading", level=1)).to_have_text("Rejeter : 2 dossiers")
    page.get_by_label("Motivation").fill("Hors du département.")
    preview = page.get_by_role("region", name="L’email qui partira")
    expect(preview).to_contain_text("Hors du département.")
    axe(page)
    assert not base.scrolls_sideways()
    base.press("Rejeter (2)")

    expect(page.get_by_text("2 dossiers traités, 0 écarté")).to_be_visible()
    axe(page)
    assert not base.scrolls_sideways()
    decided = Dossier.objects.filter(state=DossierState.REJETE, motivation="Hors du département.")
    assert set(decided.values_list("pk", flat=True)) == {first.pk, second.pk}
