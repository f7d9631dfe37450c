"""What the usager reads on their dossier when the service takes its decision back."""

import pytest

from dossiers import workflow
from dossiers.enums import HistoryAction
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory

pytestmark = pytest.mark.django_db


def test_the_page_says_that_the_instruction_was_taken_up_again_and_why(client):
    dossier = DossierFactory(rejete=True)
    client.force_login(dossier.usager)
    workflow.run(
        workflow.ACTIONS[HistoryAction.REOPEN],
        dossier.pk,
        by=AffectationFactory(procedure=dossier.procedure).user,
        motivation="Pièce reçue après coup.",
    )

    page = Markup(client.get(f"/dossiers/{dossier.pk}/")).one("main").text

    assert "Le service a repris l’instruction de votre dossier" in page
    assert "Motif : Pièce reçue après coup." in page


def test_a_dossier_examined_for_the_first_time_speaks_of_no_reopening(client):
    dossier = DossierFactory(en_instruction=True)
    client.force_login(dossier.usager)

    page = Markup(client.get(f"/dossiers/{dossier.pk}/")).one("main").text

    assert "Le service examine votre dossier" in page
    assert "a repris l’instruction" not in page
