from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.validators import validate_email

from dossiers.completeness import problems_of
from dossiers.enums import DossierState, HistoryAction
from dossiers.models import Dossier, Version
from dossiers.search import search_text_of
from entreprise_api.models import Etablissement
from entreprise_api.siret import normalize_siret
from instruction.peuplement import create_procedure_of_load, populate
from procedures.champs import CHAMP_TYPES

COUNT = 200


@pytest.fixture
def procedure(db):
    return create_procedure_of_load("charge-essai", title="Essai de charge", champs=30)


@pytest.fixture
def dossiers(procedure, monkeypatch):
    monkeypatch.setattr("instruction.peuplement.dossiers.DOSSIERS_PER_CHUNK", 50)
    told = []
    populate(procedure, COUNT, tell=told.append)
    assert told == [50, 100, 150, COUNT]
    return list(Dossier.objects.for_procedure(procedure).with_detail().order_by("pk"))


def test_form_holds_every_type_and_the_number_asked(procedure):
    champs = procedure.published_revision.formulaire.champs
    assert len(champs) == 30
    assert {champ.type for champ in champs} == set(CHAMP_TYPES) - {"bloc_repetable"}


def test_dossiers_stand_in_every_state(dossiers):
    assert len(dossiers) == COUNT
    assert {dossier.state for dossier in dossiers} == set(DossierState.values)
    assert any(dossier.is_archived for dossier in dossiers)


def test_submitted_dossiers_lack_nothing_and_some_brouillons_do(dossiers):
    incomplete = [dossier for dossier in dossiers if problems_of(dossier)]
    assert {dossier.state for dossier in incomplete} == {DossierState.BROUILLON}
    brouillons = [dossier for dossier in dossiers if dossier.is_brouillon]
    assert 0 < len(incomplete) < len(brouillons)


def test_search_text_is_the_one_tps_writes(dossiers):
    for dossier in dossiers:
        assert dossier.search_text == search_text_of(dossier)


def test_history_leads_to_the_state_in_order(dossiers):
    for dossier in dossiers:
        entries = list(dossier.history.all())
        previous = DossierState.BROUILLON
        for entry in entries:
            assert entry.from_state == previous
            previous = entry.to_state
        assert previous == dossier.state
        assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
        archived = any(entry.action == HistoryAction.ARCHIVE for entry in entries)
        assert archived == dossier.is_archived


def test_each_submitted_dossier_has_its_first_version(dossiers):
    submitted = {dossier.pk: dossier for dossier in dossiers if not dossier.is_brouillon}
    versions = list(Version.objects.select_related("by"))

    assert {version.dossier_id for version in versions} == set(submitted)
    for version in versions:
        dossier = submitted[version.dossier_id]
        assert (version.number, version.reponses) == (1, dossier.reponses)
        assert (version.by, version.by_name) == (dossier.usager, dossier.usager.full_name)


def test_companies_and_people_look_real(dossiers):
    companies = list(Etablissement.objects.all())
    assert len(companies) == COUNT * 6 // 10
    for company in companies:
        assert normalize_siret(company.siret) == company.siret
        assert company.is_complete
        assert not company.is_pending
        assert company.next_attempt_at is None
    assert 1 < len({dossier.usager_id for dossier in dossiers}) < COUNT
    for dossier in dossiers:
        validate_email(dossier.usager.email)
        assert not dossier.usager.has_usable_password()


@pytest.mark.django_db(transaction=True)
def test_command_fills_and_tells_the_speed():
    output = StringIO()
    call_command("peupler", dossiers=7, champs=12, force=True, stdout=output)
    assert Dossier.objects.count() == 7
    assert "7 dossiers en" in output.getvalue()
    assert "par seconde : /commencer/charge-" in output.getvalue()


def test_command_refuses_a_production_unless_forced(db, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--force"):
        call_command("peupler", dossiers=7)
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("options", [{"dossiers": 0}, {"dossiers": 1, "champs": 1}])
def test_command_refuses_nonsense(db, settings, options):
    settings.DEBUG = True
    with pytest.raises(CommandError):
        call_command("peupler", **options)
