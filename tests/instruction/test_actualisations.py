"""« Actualiser »: the company of a dossier asked again, the former data kept meanwhile."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from dossiers.models import Dossier, Modification
from entreprise_api import lookup, tasks
from entreprise_api.models import Etablissement
from entreprise_api.simulator.companies import COMPANIES
from instruction import actualisations
from instruction.models import Actualisation
from tests.dossiers.factories import DossierFactory
from tests.entreprise_api.conftest import fake_api  # noqa: F401 -- a fixture
from tests.entreprise_api.factories import EtablissementFactory
from tests.markup import Markup

SIRET = "00041872300011"


@pytest.fixture
def company(db):
    return EtablissementFactory(
        siret=SIRET, raison_sociale="ANCIEN NOM", fetched_at=timezone.now() - timedelta(days=13)
    )


@pytest.fixture
def dossier(procedure, company):
    return DossierFactory(procedure=procedure, en_construction=True, etablissement=company)


@pytest.fixture
def no_worker(monkeypatch):
    """Leave what is queued in the queue."""
    queued = []
    monkeypatch.setattr(tasks.complete_etablissement, "delay_on_commit", queued.append)
    return queued


def url(dossier, name="etablissement_refresh"):
    return reverse(f"instruction:{name}", args=[dossier.pk])


def panel(client, dossier):
    return Markup(client.get(url(dossier, "dossier_detail"))).one("#entreprise")


def answers(api):
    api.reply(body={"data": COMPANIES[SIRET]["data"], "links": {}, "meta": {}})
    api.reply(body={"data": COMPANIES[SIRET]["extrait"], "links": {}, "meta": {}})


def test_panel_says_the_age_of_its_data(client, dossier):
    assert "il y a 13 jours" in panel(client, dossier).text
    assert "Actualiser" in panel(client, dossier).text


def test_former_data_stay_until_the_new_ones_come(client, dossier, company, no_worker, fake_api):  # noqa: F811 -- the fixture
    Modification.objects.create(dossier=dossier, etablissement=company)
    client.post(url(dossier))

    waiting = panel(client, dossier)
    assert "ANCIEN NOM" in waiting.text
    assert "Actualisation en cours" in waiting.text
    assert waiting["hx-get"].startswith(url(dossier, "etablissement_detail"))
    assert no_worker == [Actualisation.objects.get().etablissement_id]

    answers(fake_api)
    lookup.complete(no_worker[0])

    known = Dossier.objects.get(pk=dossier.pk)
    assert known.etablissement_id == no_worker[0]
    assert known.etablissement.raison_sociale != "ANCIEN NOM"
    assert Modification.objects.get().etablissement_id == no_worker[0]
    assert Dossier.objects.search(known.etablissement.raison_sociale).get() == dossier
    done = client.get(url(dossier, "etablissement_detail")).content.decode()
    assert "Les données de l’entreprise sont à jour" in done
    text = panel(client, dossier).text
    assert "Dénomination : ANCIEN NOM" in text
    assert "aujourd’hui" in text


def test_when_the_api_is_down_the_former_data_stay_and_it_is_said(
    client,
    dossier,
    company,
    no_worker,
    fake_api,  # noqa: F811 -- the fixture
):
    client.post(url(dossier))
    fake_api.reply(status=503)
    lookup.complete(no_worker[0])

    text = panel(client, dossier).text
    assert "L’API Entreprise ne répond pas" in text
    assert "ANCIEN NOM" in text
    assert Dossier.objects.get(pk=dossier.pk).etablissement == company
    # The sweep takes it up again: nothing is lost when the queue is wiped.
    assert Etablissement.objects.get(pk=no_worker[0]).next_attempt_at is not None


def test_company_that_is_gone_leaves_the_former_data(
    client,
    dossier,
    company,
    no_worker,
    fake_api,  # noqa: F811 -- the fixture
):
    client.post(url(dossier))
    fake_api.reply(status=404)
    lookup.complete(no_worker[0])

    assert "sans résultat" in panel(client, dossier).text
    assert Dossier.objects.get(pk=dossier.pk).etablissement == company
    assert not Actualisation.objects.get().is_pending


def test_data_of_less_than_a_day_are_given_at_once(client, dossier, no_worker):
    EtablissementFactory(siret=SIRET, raison_sociale="NOM DU JOUR", fetched_at=timezone.now())
    client.post(url(dossier))
    assert Dossier.objects.get(pk=dossier.pk).etablissement.raison_sociale == "NOM DU JOUR"
    assert no_worker == []


def test_asked_twice_it_is_asked_once(client, dossier, no_worker):
    client.post(url(dossier))
    client.post(url(dossier))
    assert len(no_worker) == 1
    assert Etablissement.objects.count() == 2


def test_too_many_are_refused(client, dossier, no_worker):
    for _ in range(20):
        client.post(url(dossier))
    response = client.post(url(dossier), follow=True)
    assert "Réessayez dans une heure" in Markup(response).one(".fr-alert--error").text


def test_others_may_not(client_for, strangers, dossier, accompagnateur, procedure):
    for user in strangers.values():
        assert client_for(user).post(url(dossier)).status_code == 404
        assert client_for(user).get(url(dossier, "etablissement_detail")).status_code == 404
    with pytest.raises(PermissionDenied):
        actualisations.ask(dossier.pk, by=dossier.usager)


def test_dossier_without_a_company_has_nothing_to_refresh(client, procedure):
    person = DossierFactory(procedure=procedure, en_construction=True)
    assert client.post(url(person)).status_code == 404
    assert client.get(url(person, "etablissement_detail")).status_code == 404
