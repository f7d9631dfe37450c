"""What the service finds by messages and annotations, and its usager does not."""

import uuid

import pytest
from django.http import QueryDict

from dossiers import messagerie
from dossiers.annotations import save_annotations
from dossiers.enums import MessageSide
from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def procedure(db):
    return ProcedureFactory(annotations=[new_champ("texte_court", id="note1", label="Note")])


@pytest.fixture
def service(procedure):
    return AffectationFactory(procedure=procedure).user


def write(dossier, by, side, body):
    messagerie.post(dossier.pk, by=by, side=side, body=body, token=uuid.uuid4())


def found(text, procedure=None):
    return set(Dossier.objects.search_by_service(text, procedure))


def test_the_service_finds_a_dossier_by_the_messages_of_both_sides(procedure, service):
    dossier = DossierFactory(procedure=procedure, en_instruction=True)
    DossierFactory(procedure=procedure, en_instruction=True)
    write(dossier, service, MessageSide.SERVICE, "Il manque le Récépissé.")
    write(dossier, dossier.usager, MessageSide.USAGER, "Je l’envoie à l’automne.")
    assert found("recepisse AUTOMNE") == {dossier}
    assert found("recep", procedure) == {dossier}
    assert found("recepisse", ProcedureFactory()) == set()
    assert found("recepisse introuvable") == set()


def test_the_usager_never_finds_by_an_annotation(procedure, service):
    dossier = DossierFactory(procedure=procedure, en_instruction=True)
    save_annotations(dossier.pk, QueryDict("champ_note1=Suspicion+élevée"), by=service)
    assert found("suspicion elevee") == {dossier}
    mine = Dossier.objects.owned_by(dossier.usager)
    assert set(mine.search_of_usager("suspicion")) == set()
    save_annotations(dossier.pk, QueryDict("champ_note1=Rien"), by=service)
    assert found("suspicion") == set()


def test_a_word_of_very_many_messages_is_still_found(procedure, service, monkeypatch):
    monkeypatch.setattr("dossiers.models.queryset.FOUND_BY_MESSAGES_MAX", 1)
    dossiers = DossierFactory.create_batch(3, procedure=procedure, en_instruction=True)
    for dossier in dossiers:
        write(dossier, service, MessageSide.SERVICE, "Bonjour")
    assert found("bonjour") == set(dossiers)
