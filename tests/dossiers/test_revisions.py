"""A form that changes loses no answer."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossiers.models import Dossier
from procedures.champs import new_champ
from procedures.enums import ProcedureState
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def procedure():
    procedure = ProcedureFactory(
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("texte_court", id="ancien1", label="Ancienne question"),
        ]
    )
    AffectationFactory(procedure=procedure)
    return procedure


def change(procedure):
    draft = draft_of(procedure)
    draft.set_formulaire(
        formulaire_of(
            new_champ("texte_court", id="objet1", label="Objet de la demande"),
            new_champ("texte_court", id="nouveau1", label="Autre question"),
        )
    )
    draft.save()
    return publish(procedure, by=UserFactory())


def test_brouillons_move_to_the_new_form_with_every_answer(procedure, client_for):
    reponses = {"objet1": "Des livres", "ancien1": "Gardé"}
    dossier = DossierFactory(procedure=procedure, reponses=reponses)

    revision = change(procedure)

    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.revision, fresh.reponses) == (revision, reponses)
    page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/modifier/").content.decode()
    assert 'value="Des livres"' in page
    assert "Autre question" in page
    assert "Gardé" not in page


@pytest.mark.parametrize("trait", ["en_construction", "en_instruction", "accepte"])
def test_submitted_dossiers_keep_the_form_they_were_filed_with(procedure, trait):
    dossier = DossierFactory(procedure=procedure, **{trait: True})

    change(procedure)

    assert Dossier.objects.get(pk=dossier.pk).revision == dossier.revision


def test_brouillons_of_other_procedures_stay(procedure):
    other = DossierFactory()

    change(procedure)

    assert Dossier.objects.get(pk=other.pk).revision == other.revision


def test_publication_moves_all_brouillons_in_one_query(procedure):
    for _ in range(3):
        DossierFactory(procedure=procedure)

    with CaptureQueriesContext(connection) as captured:
        change(procedure)

    updates = [
        query["sql"] for query in captured if query["sql"].startswith('UPDATE "dossiers_dossier"')
    ]
    assert len(updates) == 1


def test_late_answer_to_a_removed_champ_is_refused_without_harm(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, reponses={"ancien1": "Gardé"})
    change(procedure)

    response = client_for(dossier.usager).post(
        f"/dossiers/{dossier.pk}/champs/ancien1/", {"champ_ancien1": "Trop tard"}
    )

    assert response.status_code == 404
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"ancien1": "Gardé"}


def test_closed_procedure_still_lets_its_brouillons_be_read(procedure, client_for):
    dossier = DossierFactory(procedure=procedure)
    type(procedure).objects.filter(pk=procedure.pk).update(state=ProcedureState.CLOSE)

    page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/verifier/").content.decode()

    assert "Cette procédure est close" in page


def test_usager_who_comes_back_is_told_that_the_form_changed(procedure, client_for):
    dossier = DossierFactory(procedure=procedure)
    client = client_for(dossier.usager)
    pages = [f"/dossiers/{dossier.pk}/modifier/", f"/dossiers/{dossier.pk}/verifier/"]
    before = [client.get(page).content.decode() for page in pages]

    change(procedure)
    after = [client.get(page).content.decode() for page in pages]
    client.post(f"/dossiers/{dossier.pk}/champs/nouveau1/", {"champ_nouveau1": "Lu"})

    assert ["Le formulaire a changé" in page for page in before] == [False, False]
    assert ["Le formulaire a changé" in page for page in after] == [True, True]
    assert "Le formulaire a changé" not in client.get(pages[0]).content.decode()


def test_usager_is_told_of_the_closing_before_typing_in_vain(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, reponses={})
    type(procedure).objects.filter(pk=procedure.pk).update(state=ProcedureState.CLOSE)
    client = client_for(dossier.usager)

    edit = client.get(f"/dossiers/{dossier.pk}/modifier/").content.decode()
    review = client.get(f"/dossiers/{dossier.pk}/verifier/").content.decode()
    public = client.get(procedure.get_absolute_url()).content.decode()

    assert "Cette procédure est close" in edit
    assert "Vérifier et soumettre" not in edit
    assert review.count("Cette procédure est close") == 1
    assert "Avant de soumettre, complétez votre dossier" not in review
    assert "Relire mon brouillon" in public
    assert "Reprendre mon brouillon" not in public
