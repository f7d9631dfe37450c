"""The page of one of my dossiers, and its documents."""

import re

import pytest
from django.utils import timezone

from courriels.models import Courriel
from dossiers import workflow
from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.courriels.factories import CourrielFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def usager():
    return UserFactory()


@pytest.fixture
def client(usager, client_for):
    return client_for(usager)


def text(response) -> str:
    return response.content.decode()


def badges(page: str) -> list[str]:
    return re.findall(r'<span class="fr-badge [^"]*">([^<]+)</span>', page)


# --- one dossier --------------------------------------------------------------------------------


def test_page_of_a_brouillon_is_its_form(client, usager):
    dossier = DossierFactory(usager=usager)

    assert client.get(f"/dossiers/{dossier.pk}/").url == f"/dossiers/{dossier.pk}/modifier/"


def test_page_follows_the_dossier_to_its_decision(client, usager):
    dossier = DossierFactory(usager=usager)
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    address = f"/dossiers/{dossier.pk}/"

    client.post(f"{address}soumettre/")
    submitted = text(client.get(address))
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    frozen = text(client.get(address))
    workflow.run(
        workflow.REJECT, dossier.pk, by=accompagnateur, motivation="Hors <i>délai</i>.\nDésolé."
    )
    decided = text(client.get(address))

    assert "Modifier mon dossier" in submitted
    assert "Modifier mon dossier" not in frozen
    assert "ne peut plus être modifié" in frozen
    assert "Votre dossier est rejeté" in decided
    assert "Hors &lt;i&gt;délai&lt;/i&gt;.<br>Désolé." in decided
    assert badges(decided)[0] == "rejeté"
    subjects = Courriel.objects.for_reference(f"dossier:{dossier.pk}").values_list("subject")
    assert len(subjects) == 3
    documents = text(client.get(f"{address}documents/"))
    assert all(subject in documents for (subject,) in subjects)
    assert not {"en instruction", "en construction"} & set(badges(decided))


def test_timeline_dates_each_status(client, usager):
    dossier = DossierFactory(usager=usager)
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    client.post(f"/dossiers/{dossier.pk}/soumettre/")
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    en_instruction = client.get(f"/dossiers/{dossier.pk}/").context["steps"]
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)
    returned = client.get(f"/dossiers/{dossier.pk}/").context["steps"]

    first, last = dossier.history.first(), dossier.history.last()
    assert [step.is_current for step in en_instruction] == [False, False, True, False]
    assert en_instruction[1].at == first.at
    assert [step.is_current for step in returned] == [False, True, False, False]
    assert returned[1].at == last.at
    assert returned[2].at is None


def test_page_shows_only_the_emails_of_this_dossier_to_its_usager(client, usager):
    dossier = DossierFactory(usager=usager, en_construction=True)
    reference = f"dossier:{dossier.pk}"
    sent = {"envoye": True, "reference": reference}
    CourrielFactory(**sent, to_email=usager.email, subject="Le mien")
    CourrielFactory(**sent, to_email="autre@exemple.fr", subject="Celui d’un autre")
    CourrielFactory(
        reference=f"dossier:{dossier.pk + 1}", to_email=usager.email, subject="Autre dossier"
    )

    page = text(client.get(f"/dossiers/{dossier.pk}/documents/"))

    assert "Le mien" in page
    assert "Celui d’un autre" not in page
    assert "Autre dossier" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_page_queries_do_not_grow(client, usager, django_assert_num_queries, count):
    form = [new_champ("piece_jointe", id="piece1", label="Devis", required=False)]
    dossier = DossierFactory(
        usager=usager, en_construction=True, procedure=ProcedureFactory(champs=form), reponses={}
    )
    PieceJointeFactory.create_batch(count, dossier=dossier)
    CourrielFactory.create_batch(
        count, reference=f"dossier:{dossier.pk}", to_email=usager.email, envoye=True
    )

    # session, user, dossier, files, history, delays, what follows, corrections, messages, roles
    with django_assert_num_queries(10):
        client.get(f"/dossiers/{dossier.pk}/")
    # session, user, dossier, files, history, emails, messages, roles
    with django_assert_num_queries(8):
        client.get(f"/dossiers/{dossier.pk}/documents/")


def test_dates_are_those_of_paris(client, usager):
    at = timezone.datetime(2026, 7, 14, 22, 30, tzinfo=timezone.get_fixed_timezone(0))
    dossier = DossierFactory(usager=usager, en_construction=True)
    Dossier.objects.filter(pk=dossier.pk).update(submitted_at=at)

    assert "15/07/2026 à 00:30" in text(client.get(f"/dossiers/{dossier.pk}/"))
