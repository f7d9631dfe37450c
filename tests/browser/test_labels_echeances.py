"""Labels by keyboard, their contrast, and the countdown of a legal deadline."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dossiers.models import EcheanceLegale
from procedures.enums import LabelColor
from procedures.models import Label
from tests.accounts.factories import UserFactory
from tests.browser.pages.base import BasePage
from tests.browser.pages.labels import LabelMenu
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

PHONE = {"width": 375, "height": 800}


@pytest.fixture
def procedure(transactional_db):
    return ProcedureFactory(title="Demande de subvention")


@pytest.fixture
def accompagnateur(procedure):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=procedure, user=user)
    return user


@pytest.fixture
def dossier(procedure):
    due_on = timezone.localdate() + timedelta(days=5)
    dossier = DossierFactory(procedure=procedure, en_instruction=True, nom="Second", due_on=due_on)
    EcheanceLegale.objects.create(
        dossier=dossier,
        effet="sva",
        is_automatic=True,
        started_on=timezone.localdate(),
        due_on=due_on,
    )
    return dossier


@pytest.fixture
def labels(procedure):
    return [
        Label.objects.create(procedure=procedure, name=str(color.label), color=color, position=rank)
        for rank, color in enumerate(LabelColor)
    ]


def test_labels_are_made_then_put_on_by_keyboard(
    page, site_url, sign_in, axe, accompagnateur, procedure, dossier
):
    sign_in(page, accompagnateur)
    made = BasePage(page, site_url).open(f"/administration/procedures/{procedure.pk}/labels/")
    axe(page)
    made.press("Ajouter ces 5 labels")
    expect(page.get_by_role("status").filter(has_text="5 labels ajoutés")).to_be_visible()
    page.get_by_role("button", name="Monter le label « Complet »").wait_for()
    axe(page)

    made.open(f"/instruction/dossiers/{dossier.pk}/")
    menu = LabelMenu(page, site_url)
    expect(page.get_by_role("region", name="Délai légal")).to_contain_text("5 jours restants")
    menu.open_by_keyboard()
    menu.toggle_by_keyboard("Complet")
    menu.toggle_by_keyboard("Prioritaire")
    axe(page)
    menu.save_by_keyboard()
    expect(menu.shown).to_have_text(["Complet", "Prioritaire"])
    expect(menu.opener).to_be_focused()
    assert list(dossier.labels.values_list("name", flat=True)) == ["Complet", "Prioritaire"]

    menu.open_by_keyboard()
    menu.toggle_by_keyboard("Complet")
    menu.save_by_keyboard()
    expect(menu.shown).to_have_text(["Prioritaire"])
    page.reload()
    expect(menu.shown).to_have_text(["Prioritaire"])
    made.open(f"/instruction/procedures/{procedure.pk}/?onglet=en-instruction")
    expect(page.get_by_role("row").filter(has_text="Second")).to_contain_text("5 jours restants")
    axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_has_contrast_and_fits_a_phone(
    new_page, site_url, sign_in, axe, accompagnateur, dossier, labels, scheme
):
    dossier.labels.set(labels)
    page = new_page(color_scheme=scheme, viewport=PHONE)
    sign_in(page, accompagnateur)
    shown = BasePage(page, site_url).open(f"/instruction/dossiers/{dossier.pk}/")
    menu = LabelMenu(page, site_url)
    expect(menu.shown).to_have_count(len(LabelColor))
    axe(page)
    assert not shown.scrolls_sideways()
    menu.open_by_keyboard()
    expect(page.get_by_role("checkbox", name="Violet")).to_be_visible()
    axe(page)
    assert not shown.scrolls_sideways()
    shown.open(f"/administration/procedures/{dossier.procedure_id}/labels/")
    axe(page)
    assert not shown.scrolls_sideways()


def test_usager_reads_the_deadline_and_no_label(page, site_url, sign_in, axe, dossier, labels):
    dossier.labels.set(labels)
    page.set_viewport_size(PHONE)
    sign_in(page, dossier.usager)
    shown = BasePage(page, site_url).open(f"/dossiers/{dossier.pk}/")
    expect(page.get_by_text("votre demande sera acceptée")).to_be_visible()
    expect(page.get_by_text("Violet")).to_have_count(0)
    axe(page)
    assert not shown.scrolls_sideways()
