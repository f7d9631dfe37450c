"""Companies that the answers of a dossier name by their SIRET."""

import pytest
from django.template.loader import render_to_string

from dossiers.completeness import problems_of
from dossiers.models import Dossier
from dossiers.recapitulatif import make_recapitulatif
from entreprise_api.enums import LookupState
from entreprise_api.lookup import complete
from entreprise_api.models import Etablissement
from entreprise_api.simulator.companies import COMPANIES
from procedures.champs import new_champ
from procedures.champs.siret import UNKNOWN_SIRET
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.entreprise_api.factories import EtablissementFactory
from tests.http_server import serve
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SIRET, OTHER_SIRET = "00041872300011", "00053916300014"
ANSWER = {"data": COMPANIES[SIRET]["data"], "links": {}, "meta": {}}


@pytest.fixture
def fake_api(settings):
    with serve() as api:
        settings.API_ENTREPRISE_URL = api.url
        settings.API_ENTREPRISE_TOKEN = "jeton"
        settings.API_ENTREPRISE_INTERACTIVE_TIMEOUT_SECONDS = 10
        yield api


@pytest.fixture
def dossier():
    champs = [
        new_champ("siret", id="gest1", label="Gestionnaire"),
        new_champ("siret", id="prop1", label="Propriétaire", required=False),
    ]
    return DossierFactory(procedure=ProcedureFactory(champs=champs), reponses={})


@pytest.fixture
def save(client_for, dossier):
    client = client_for(dossier.usager)

    def save(typed, champ_id="gest1"):
        response = client.post(
            f"/dossiers/{dossier.pk}/champs/{champ_id}/",
            {f"champ_{champ_id}": typed},
            headers=HTMX,
        )
        assert response.status_code == 200
        return response.content.decode()

    return save


def fresh(dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def cited(dossier) -> list[tuple[str, str]]:
    return list(dossier.etablissements_cites.order_by("siret").values_list("siret", "state"))


def test_saved_number_brings_the_company(fake_api, dossier, save):
    fake_api.reply(body=ANSWER)

    page = save("000 418 723 00011")

    assert fresh(dossier).reponses == {"gest1": SIRET}
    assert cited(dossier) == [(SIRET, LookupState.COMPLET)]
    assert 'id="entreprise-gest1"' in page
    assert "TRANSPORTS DELMAS ET FILS" in page
    assert f"procedure_id%3A+{dossier.procedure_id}" in fake_api.requests[0][0]


def test_same_number_is_looked_up_once(fake_api, dossier, save):
    fake_api.reply(body=ANSWER)
    save(SIRET)
    calls = len(fake_api.requests)
    save(SIRET)
    save(SIRET, "prop1")

    assert len(fake_api.requests) == calls
    assert len(cited(dossier)) == 1


def test_unknown_number_is_refused_beside_the_field_and_blocks(fake_api, dossier, save):
    fake_api.reply(404, {"errors": []})

    page = save(SIRET)

    assert UNKNOWN_SIRET in page
    assert "Enregistré à" not in page
    kept = fresh(dossier)
    assert (kept.reponses, kept.saisies_refusees) == ({}, {"gest1": SIRET})
    assert UNKNOWN_SIRET in [problem.message for problem in problems_of(kept)]

    fake_api.replies.clear()
    fake_api.reply(body=ANSWER)  # INSEE knows it at last
    assert "TRANSPORTS DELMAS" in save(SIRET)
    assert fresh(dossier).saisies_refusees == {}
    assert cited(dossier) == [(SIRET, LookupState.COMPLET)]


def test_number_is_kept_while_the_api_is_down_and_completed_later(fake_api, dossier, save):
    fake_api.reply(503, {"errors": []})

    page = save(SIRET)

    assert "seront récupérées automatiquement" in page
    assert fresh(dossier).reponses == {"gest1": SIRET}
    [etablissement] = dossier.etablissements_cites.all()
    assert etablissement.is_pending
    fake_api.replies.clear()
    fake_api.reply(body=ANSWER)
    complete(etablissement.pk)
    assert fresh(dossier).contexte.etablissements[SIRET].raison_sociale == (
        "TRANSPORTS DELMAS ET FILS"
    )


def test_whole_form_asks_a_failing_api_once(fake_api, dossier, client_for):
    fake_api.reply(503, {"errors": []})

    client_for(dossier.usager).post(
        f"/dossiers/{dossier.pk}/modifier/", {"champ_gest1": SIRET, "champ_prop1": OTHER_SIRET}
    )

    assert len(fake_api.requests) == 1
    assert cited(dossier) == [(SIRET, "en_attente"), (OTHER_SIRET, "en_attente")]
    assert fresh(dossier).reponses == {"gest1": SIRET, "prop1": OTHER_SIRET}


@pytest.mark.parametrize("typed", ["123", "<b>", "00041872300012", "", "\x00"])
def test_wrong_number_is_not_looked_up(fake_api, dossier, save, typed):
    save(typed)

    assert fake_api.requests == []
    assert Etablissement.objects.count() == 0


def test_look_ups_are_limited_and_the_answer_kept(fake_api, dossier, save, monkeypatch):
    monkeypatch.setattr("dossiers.views.identification.LOOK_UP_RATE", "1/m")
    fake_api.reply(body=ANSWER)
    save(SIRET)

    page = save(OTHER_SIRET, "prop1")

    assert "Vous avez recherché beaucoup d’établissements" in page
    assert fresh(dossier).reponses["prop1"] == OTHER_SIRET
    assert cited(dossier) == [(SIRET, LookupState.COMPLET)]


def test_stranger_makes_no_look_up(fake_api, dossier, client_for):
    response = client_for(UserFactory()).post(
        f"/dossiers/{dossier.pk}/champs/gest1/", {"champ_gest1": SIRET}
    )

    assert response.status_code == 404
    assert fake_api.requests == []


def test_frozen_dossier_makes_no_look_up(fake_api, client_for):
    champ = new_champ("siret", id="gest1", label="Gestionnaire")
    dossier = DossierFactory(procedure=ProcedureFactory(champs=[champ]), en_instruction=True)
    client = client_for(dossier.usager)

    client.post(f"/dossiers/{dossier.pk}/champs/gest1/", {"champ_gest1": SIRET}, headers=HTMX)

    assert fake_api.requests == []


def cite(dossier, *etablissements):
    dossier.etablissements_cites.add(*etablissements)
    ids = ["gest1", "prop1"]
    reponses = {key: it.siret for key, it in zip(ids, etablissements, strict=False)}
    Dossier.objects.filter(pk=dossier.pk).update(reponses=reponses)


def test_name_of_a_protected_company_is_for_those_who_instruct(dossier, client_for):
    cite(dossier, EtablissementFactory(protected=True))
    Dossier.objects.filter(pk=dossier.pk).update(
        state="en_construction",
        submitted_at=dossier.created_at,
        groupe=dossier.procedure.groupes.get(),
    )
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user

    usager_page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/").content.decode()
    form_page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/modifier/").content.decode()
    page = client_for(accompagnateur).get(f"/instruction/dossiers/{dossier.pk}/").content.decode()

    for shown in (usager_page, form_page):
        assert "ROUSSEAU" not in shown
        assert "GLYCINES" not in shown
        assert "VILLEURBANNE" in shown
    assert "Camille ROUSSEAU (LEFEBVRE)" in page
    assert "3 IMPASSE DES GLYCINES" in page


def test_company_of_another_dossier_does_not_show(dossier, client_for):
    cite(DossierFactory(procedure=dossier.procedure), EtablissementFactory())
    Dossier.objects.filter(pk=dossier.pk).update(reponses={"gest1": SIRET})

    page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/modifier/").content.decode()

    assert "TRANSPORTS DELMAS" not in page


@pytest.mark.parametrize("is_public", [True, False])
def test_recapitulatif_holds_what_its_reader_may_see(dossier, is_public, monkeypatch):
    cite(dossier, EtablissementFactory(protected=True))
    pages = []
    monkeypatch.setattr(
        "dossiers.recapitulatif.render_pdf",
        lambda name, context: pages.append(render_to_string(name, context)) or b"",
    )

    make_recapitulatif(Dossier.objects.with_detail().get(pk=dossier.pk), is_public=is_public)

    assert "VILLEURBANNE" in pages[0]
    assert ("ROUSSEAU" in pages[0]) == (not is_public)


@pytest.mark.parametrize("count", [1, 2])
def test_one_query_reads_the_companies_of_a_dossier(dossier, count, django_assert_num_queries):
    cite(dossier, *[EtablissementFactory(siret=it) for it in (SIRET, OTHER_SIRET)[:count]])
    read = Dossier.objects.select_related("revision").get(pk=dossier.pk)

    with django_assert_num_queries(1):
        for champ in read.questionnaire.champs * 2:
            champ.etablissement_of(read.reponses.get(champ.id))


def test_exports_and_the_api_describe_the_company(dossier):
    cite(dossier, EtablissementFactory())
    champ = fresh(dossier).questionnaire.champs[0]

    row = dict(zip(champ.export_columns(), champ.export_values(SIRET), strict=True))

    assert row["Gestionnaire"] == SIRET
    assert row["Gestionnaire (dénomination)"] == "TRANSPORTS DELMAS ET FILS"
    assert row["Gestionnaire (commune)"] == "BONNEUIL-SUR-MARNE"
    assert champ.api_value(SIRET)["siret"] == SIRET
    assert champ.api_value(SIRET)["date_creation"] == "2014-03-17"
