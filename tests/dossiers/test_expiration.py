"""Brouillons that nobody touches: warned twice, then in the bin, then erased."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from courriels.models import Courriel
from dossiers import corbeille
from dossiers.enums import HistoryAction
from dossiers.models import Dossier
from dossiers.tasks import expire_brouillons, purge_corbeille
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def dossier(clock):
    return DossierFactory()


def kinds() -> list[str]:
    return list(Courriel.objects.order_by("pk").values_list("kind", flat=True))


def at(clock, moment) -> None:
    clock.move_to(moment)
    expire_brouillons()
    expire_brouillons()


def test_brouillon_is_warned_twice_then_goes_to_the_bin_then_is_erased(clock, dossier):
    at(clock, START + 150 * DAY - SECOND)
    assert kinds() == []
    at(clock, START + 150 * DAY)
    assert kinds() == ["brouillon_expire"]
    at(clock, START + 173 * DAY - SECOND)
    assert kinds() == ["brouillon_expire"]
    at(clock, START + 173 * DAY)
    assert kinds() == ["brouillon_expire"] * 2
    at(clock, START + 180 * DAY - SECOND)
    assert Dossier.objects.filter(pk=dossier.pk).exists()
    at(clock, START + 180 * DAY)

    assert not Dossier.objects.filter(pk=dossier.pk).exists()
    assert kinds() == ["brouillon_expire", "brouillon_expire", "brouillon_supprime"]
    assert set(Courriel.objects.values_list("to_email", flat=True)) == {dossier.usager.email}
    entry = dossier.history.get()
    assert (entry.action, entry.author) == (HistoryAction.TRASH, "TPS (automatique)")
    clock.move_to(START + 194 * DAY)
    purge_corbeille()
    assert not Dossier.with_trash.exists()


def test_warning_says_the_day_and_leads_to_the_brouillon(clock, dossier, settings):
    at(clock, START + 150 * DAY)

    courriel = Courriel.objects.get()
    assert courriel.subject == f"Votre brouillon nº {dossier.pk} sera supprimé le 30/06/2026"
    address = f"{settings.SITE_URL}/dossiers/{dossier.pk}/modifier/"
    assert address in courriel.body_text
    assert f'href="{address}"' in courriel.body_html


def test_change_begins_the_time_again_and_is_warned_of_again(clock, dossier):
    at(clock, START + 150 * DAY)
    Dossier.objects.filter(pk=dossier.pk).update(updated_at=START + 151 * DAY)

    at(clock, START + 180 * DAY)
    assert len(kinds()) == 1
    at(clock, START + (151 + 150) * DAY)
    assert len(kinds()) == 2


def test_prolonging_gives_the_whole_time_again(clock, dossier, client_for):
    at(clock, START + 175 * DAY)
    client = client_for(dossier.usager)
    page = Markup(client.get(f"/dossiers/{dossier.pk}/modifier/"))
    assert "sera supprimé le 02/07/2026" in page.one("#expiration").text

    client.post(f"/dossiers/{dossier.pk}/prolonger/")

    fresh = Dossier.objects.get(pk=dossier.pk)
    assert fresh.updated_at == START
    assert fresh.expires_at == START + (175 + 180) * DAY
    page = Markup(client.get(f"/dossiers/{dossier.pk}/modifier/"))
    assert not page.all("#expiration button")
    at(clock, START + (175 + 150) * DAY - SECOND)
    assert kinds() == ["brouillon_expire"]


def test_brouillon_older_than_the_rule_is_warned_a_week_before_it_goes(clock, dossier):
    at(clock, START + 400 * DAY)
    assert kinds() == ["brouillon_expire"]
    fresh = Dossier.objects.get(pk=dossier.pk)
    assert fresh.expires_at == START + 407 * DAY
    at(clock, START + 407 * DAY - SECOND)
    assert Dossier.objects.filter(pk=dossier.pk).exists()
    at(clock, START + 407 * DAY)
    assert not Dossier.objects.filter(pk=dossier.pk).exists()


def test_brouillon_taken_back_has_its_whole_time_again(clock, dossier):
    for days in (150, 173, 180):
        at(clock, START + days * DAY)
    corbeille.restore(dossier.pk, by=dossier.usager)

    at(clock, START + (180 + 149) * DAY)

    assert Dossier.objects.get(pk=dossier.pk).expires_at == START + 360 * DAY


def test_only_brouillons_expire(clock):
    kept = [DossierFactory(en_construction=True), DossierFactory(accepte=True)]
    essai = essai_of(procedure_to_try())

    for days in (150, 173, 180, 500):
        at(clock, START + days * DAY)

    assert kinds() == []
    assert set(Dossier.objects.all()) == set(kept)
    assert (essai.expires_at, kept[0].expires_at) == (None, None)


def test_lifetime_is_a_setting(clock, dossier, settings):
    settings.BROUILLON_LIFETIME_DAYS = 90

    for days in (60, 83, 90):
        at(clock, START + days * DAY)

    assert not Dossier.objects.filter(pk=dossier.pk).exists()


def test_brouillons_are_taken_batch_by_batch(clock, monkeypatch):
    monkeypatch.setattr("dossiers.expiration.BATCH_SIZE", 2)
    dossiers = DossierFactory.create_batch(5)

    at(clock, START + 173 * DAY)
    assert Courriel.objects.count() == 5
    at(clock, START + 180 * DAY)

    assert Dossier.with_trash.exclude(deleted_at=None).count() == len(dossiers)


def test_nobody_else_prolongs(clock, dossier, client_for):
    filed = DossierFactory(en_construction=True)

    stranger = client_for(UserFactory()).post(f"/dossiers/{dossier.pk}/prolonger/")
    of_filed = client_for(filed.usager).post(f"/dossiers/{filed.pk}/prolonger/")

    assert (stranger.status_code, of_filed.status_code) == (404, 403)
    assert set(Dossier.objects.values_list("prolonged_at", flat=True)) == {None}
