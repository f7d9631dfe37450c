"""Choosing what one is told of, on a screen and on a phone, and refusing from an email."""

import pytest
from playwright.sync_api import expect

from dossiers.models import PreferenceNotification
from instruction.notifications.desabonnement import unsubscribe_path
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(transactional_db):
    procedure = ProcedureFactory(title="Aide aux associations")
    return AffectationFactory(procedure=procedure).user


def test_accompagnateur_chooses_then_refuses_from_an_email(
    page, phone, live_server, person, sign_in, axe
):
    sign_in(phone, person)
    phone.goto(f"{live_server.url}/instruction/notifications/")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    phone.get_by_role("group", name="Aide aux associations").get_by_label("Synthèse du jour").check(
        force=True
    )
    phone.get_by_role("button", name="Enregistrer mes notifications").click()
    expect(phone.get_by_text("Vos notifications sont enregistrées.")).to_be_visible()
    kept = PreferenceNotification.objects.get()
    assert (kept.user, kept.weekly, kept.daily) == (person, True, True)

    page.goto(live_server.url + unsubscribe_path(person, kept.procedure))
    axe(page)
    page.get_by_role("button", name="Ne plus recevoir de synthèse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous ne recevrez plus de synthèse")
    kept.refresh_from_db()
    assert (kept.weekly, kept.daily) == (False, False)
