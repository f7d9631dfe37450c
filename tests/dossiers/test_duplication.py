"""A new brouillon from a dossier already filled in."""

import pytest
from django.core.files.storage import default_storage

from dossiers import workflow
from dossiers.models import Dossier, PieceJointe
from procedures.champs import new_champ
from procedures.enums import ProcedureState
from procedures.models import Procedure
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

pytestmark = pytest.mark.django_db

OBJET = new_champ("texte_court", id="objet1", label="Objet")
NOMBRE = new_champ("nombre_entier", id="nombre1", label="Nombre")
CHOIX = new_champ("choix_unique", id="choix1", label="Public", options=["Jeunes", "Adultes"])
ENGAGEMENT = new_champ("engagement", id="engage1", label="Je certifie")
PARTI = new_champ("texte_court", id="parti1", label="Question retirée", required=False)
PIECE = new_champ("piece_jointe", id="piece1", label="Devis", required=False)
BLOC = new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense")
MONTANT = new_champ("montant", id="montant1", label="Montant", bloc="bloc1")
FACTURE = new_champ("piece_jointe", id="facture1", label="Facture", required=False, bloc="bloc1")
REPONSES = {
    "objet1": "Un séjour",
    "nombre1": 12,
    "choix1": "Jeunes",
    "engage1": True,
    "parti1": "Ancienne",
    "bloc1": ["a1", "b2"],
    "montant1-a1": "10.50",
    "montant1-b2": "20.00",
}


@pytest.fixture
def dossier():
    champs = [OBJET, NOMBRE, CHOIX, ENGAGEMENT, PARTI, PIECE, BLOC, MONTANT, FACTURE]
    procedure = ProcedureFactory(champs=champs)
    AffectationFactory(procedure=procedure)
    dossier = DossierFactory(procedure=procedure, reponses=REPONSES, accepte=True)
    PieceJointeFactory(dossier=dossier, name="devis.pdf", sha256="a" * 64)
    PieceJointeFactory(dossier=dossier, champ_id="facture1-b2", name="facture.pdf")
    return dossier


def duplicated(client_for, dossier) -> Dossier:
    response = client_for(dossier.usager).post(f"/dossiers/{dossier.pk}/dupliquer/")
    copy = Dossier.objects.exclude(pk=dossier.pk).get()
    assert response.url == f"/dossiers/{copy.pk}/identification/"
    return copy


def republish(procedure, *champs):
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(*champs))
    draft.save()
    publish(procedure, by=UserFactory())
    return draft


def test_answers_files_and_identity_are_copied(client_for, dossier):
    copy = duplicated(client_for, dossier)

    assert (copy.state, copy.usager, copy.submitted_at) == ("brouillon", dossier.usager, None)
    assert copy.reponses == {key: REPONSES[key] for key in REPONSES if key != "engage1"}
    assert (copy.civilite, copy.prenom, copy.nom) == ("Mme", "Camille", dossier.nom)
    files = {(it.champ_id, it.name, it.sha256) for it in copy.pieces_jointes.all()}
    assert files == {("piece1", "devis.pdf", "a" * 64), ("facture1-b2", "facture.pdf", "0" * 64)}
    names = list(PieceJointe.objects.values_list("file", flat=True))
    assert len(set(names)) == 4
    for name in names:
        with default_storage.open(name) as file:
            assert file.read() == b"%PDF-1.4\n%%EOF\n"
    assert (copy.motivation, copy.annotations, list(copy.history.all())) == ("", {}, [])
    assert Dossier.objects.get(pk=dossier.pk).reponses == REPONSES


def test_only_what_fits_the_published_form_is_copied(client_for, dossier):
    changed = [
        OBJET,
        new_champ("texte_court", id="nombre1", label="Nombre, en lettres"),
        new_champ("choix_unique", id="choix1", label="Public", options=["Tous", "Adultes"]),
        new_champ("texte_court", id="nouveau1", label="Commune visée"),
    ]
    draft = republish(dossier.procedure, *changed)

    copy = duplicated(client_for, dossier)

    assert copy.revision == draft
    assert copy.reponses == {"objet1": "Un séjour"}
    assert not copy.pieces_jointes.exists()
    page = Markup(client_for(dossier.usager).get(f"/dossiers/{copy.pk}/modifier/"))
    assert "« Public »" in page.one("#rempli-d-avance").text


def test_file_too_large_now_is_named_and_left(client_for, dossier, settings):
    settings.PIECE_JOINTE_MAX_BYTES = 10

    copy = duplicated(client_for, dossier)

    assert not copy.pieces_jointes.exists()
    assert copy.preremplissage.refused == ["Devis", "Facture"]


def test_file_that_is_lost_does_not_hold_the_copy_back(client_for, dossier):
    default_storage.delete(dossier.pieces_jointes.first().file.name)

    copy = duplicated(client_for, dossier)

    assert copy.pieces_jointes.get().name == "facture.pdf"
    assert copy.preremplissage.refused == ["Devis"]


def test_copy_may_be_filed(client_for, dossier):
    republish(dossier.procedure, OBJET, PIECE)
    copy = duplicated(client_for, dossier)

    assert workflow.run(workflow.SUBMIT, copy.pk, by=copy.usager).state == "en_construction"


def test_closed_procedure_takes_no_copy(client_for, dossier):
    Procedure.objects.filter(pk=dossier.procedure_id).update(state=ProcedureState.CLOSE)

    page = client_for(dossier.usager).post(f"/dossiers/{dossier.pk}/dupliquer/", follow=True)

    assert page.redirect_chain[-1][0] == f"/dossiers/{dossier.pk}/"
    assert Dossier.objects.get() == dossier


def test_nobody_else_copies_it(client_for, dossier):
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    for person in (UserFactory(), accompagnateur):
        url = f"/dossiers/{dossier.pk}/dupliquer/"
        assert client_for(person).post(url).status_code == 404
    essai = essai_of(procedure_to_try())
    assert client_for(essai.usager).post(f"/dossiers/{essai.pk}/dupliquer/").status_code == 404

    assert Dossier.objects.get() == dossier


def test_copy_of_a_dossier_for_somebody_else_is_for_them_too(client_for):
    people = {"mandataire_prenom": "Paul", "mandataire_nom": "Aidant"}
    dossier = DossierFactory(**people, beneficiaire_email="jeanne@exemple.fr")

    copy = duplicated(client_for, dossier)

    assert (copy.mandataire_name, copy.beneficiaire_email) == ("Paul Aidant", "jeanne@exemple.fr")
    assert "aidant" in copy.search_text
