"""Conditional champs and ineligibility in a dossier."""

import pytest

from dossiers import workflow
from dossiers.completeness import problems_of
from dossiers.models import Modification, PieceJointe
from dossiers.recapitulatif import make_recapitulatif
from dossiers.search import search_text_of
from procedures.champs import new_champ
from procedures.conditions import Condition, Ineligibilite, Operator, Regle
from procedures.models import Revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db
ASSOCIATION = Condition(
    regles=[Regle(champ="statut", operator=Operator.IS, values=["Association"])]
)


def champs():
    return [
        new_champ(
            "choix_unique", id="statut", label="Statut", options=["Association", "Entreprise"]
        ),
        new_champ("texte_court", id="rna1", label="Numéro RNA", condition=ASSOCIATION),
        new_champ("piece_jointe", id="jo1", label="Parution au JO", condition=ASSOCIATION),
        new_champ(
            "titre_de_section", id="titre1", label="Votre association", condition=ASSOCIATION
        ),
        new_champ("texte_court", id="objet1", label="Objet social"),
    ]


@pytest.fixture
def procedure():
    return ProcedureFactory(
        champs=champs(), organisme=OrganismeFactory(administrateurs=[UserFactory()])
    )


def dossier_of(procedure, **fields):
    return DossierFactory(procedure=procedure, **fields)


def make_ineligible(procedure):
    rule = Ineligibilite(id="regle1", condition=ASSOCIATION, message="Réservé aux entreprises.")
    form = procedure.published_revision.formulaire.changed(ineligibilites=[rule])
    Revision.objects.filter(pk=procedure.published_revision_id).update(
        document=form.model_dump(mode="json")
    )


def test_hidden_champ_is_not_required(procedure):
    dossier = dossier_of(procedure, reponses={"statut": "Entreprise"})

    assert problems_of(dossier) == []


def test_visible_champ_is_required(procedure):
    dossier = dossier_of(procedure, reponses={"statut": "Association"})

    assert [problem.champ.id for problem in problems_of(dossier)] == ["rna1", "jo1", "objet1"]


def test_form_hides_what_is_not_asked_and_says_when_it_is(procedure, client_for):
    dossier = dossier_of(procedure, reponses={"statut": "Entreprise"})

    markup = Markup(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/modifier/"))

    hidden = [part["id"] for part in markup.all(".tps-champ[hidden]")]
    assert hidden == ["champ-rna1", "champ-jo1", "champ-objet1"]
    assert [part["aria-labelledby"] for part in markup.all("section[hidden]")] == ["section-titre1"]
    assert markup.one("#champ-rna1")["data-tps-conditions"] == (
        '[{"mode": "toutes", "regles": [{"champ": "statut", "operator": "est", '
        '"values": ["Association"]}]}]'
    )
    assert [item.text for item in markup.all(".tps-toc__item[hidden]")] != []


def test_each_save_says_what_is_hidden(procedure, client_for):
    dossier = dossier_of(procedure, reponses={})
    client = client_for(dossier.usager)

    def hidden_after(answer):
        response = client.post(
            f"/dossiers/{dossier.pk}/champs/statut/", {"champ_statut": answer}, headers=HTMX
        )
        return Markup(response).one("#champs-masques")["data-tps-hidden"]

    assert hidden_after("Association") == ""
    assert hidden_after("Entreprise") == "jo1 objet1 rna1 titre1"


def test_hidden_answers_stay_until_submission_then_go(
    procedure, django_capture_on_commit_callbacks
):
    reponses = {"statut": "Entreprise", "rna1": "W123456789"}
    dossier = dossier_of(procedure, reponses=reponses)
    PieceJointeFactory(dossier=dossier, champ_id="jo1")

    with django_capture_on_commit_callbacks(execute=True):
        workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    dossier.refresh_from_db()
    assert dossier.reponses == {"statut": "Entreprise"}
    assert not PieceJointe.objects.exists()


def test_refused_input_of_a_hidden_champ_does_not_block(procedure):
    dossier = dossier_of(
        procedure, reponses={"statut": "Entreprise"}, saisies_refusees={"rna1": "x" * 9000}
    )

    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    dossier.refresh_from_db()
    assert dossier.saisies_refusees == {}


def test_hidden_answers_are_shown_to_nobody(procedure, client_for):
    dossier = dossier_of(
        procedure, en_construction=True, reponses={"statut": "Entreprise", "rna1": "W123456789"}
    )
    accompagnateur = AffectationFactory(procedure=procedure).user

    pages = [
        client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/"),
        client_for(accompagnateur).get(f"/instruction/dossiers/{dossier.pk}/"),
    ]

    for page in pages:
        assert "W123456789" not in page.content.decode()
        assert "Entreprise" in page.content.decode()
    assert make_recapitulatif(dossier, is_public=True).startswith(b"%PDF")


def test_hidden_answer_does_not_find_the_dossier(procedure):
    dossier = dossier_of(procedure, reponses={"statut": "Entreprise", "rna1": "W123456789"})

    assert "w123456789" not in search_text_of(dossier)
    dossier.reponses["statut"] = "Association"
    assert "w123456789" in search_text_of(dossier)


def test_saving_the_whole_form_en_construction_does_not_ask_for_what_it_hides(
    procedure, client_for
):
    dossier = dossier_of(
        procedure,
        en_construction=True,
        reponses={"statut": "Association", "rna1": "W1", "objet1": "Sport"},
    )

    client_for(dossier.usager).post(
        f"/dossiers/{dossier.pk}/modifier/",
        {"champ_statut": "Entreprise", "champ_rna1": "", "champ_objet1": ""},
    )

    copy = Modification.objects.get(dossier=dossier)
    assert (copy.reponses, copy.saisies_refusees) == ({"statut": "Entreprise"}, {})


def test_ineligible_dossier_is_not_submitted_and_says_why(procedure, client_for):
    make_ineligible(procedure)
    dossier = dossier_of(
        procedure, reponses={"statut": "Association", "rna1": "W1", "objet1": "Sport"}
    )
    PieceJointeFactory(dossier=dossier, champ_id="jo1")
    client = client_for(dossier.usager)

    page = client.get(f"/dossiers/{dossier.pk}/verifier/").content.decode()
    response = client.post(f"/dossiers/{dossier.pk}/soumettre/")

    assert "Réservé aux entreprises." in page
    assert "Soumettre mon dossier" not in page
    assert response["Location"] == f"/dossiers/{dossier.pk}/verifier/"
    dossier.refresh_from_db()
    assert dossier.state == "brouillon"


def test_ineligibility_lets_go_as_soon_as_the_answer_changes(procedure, client_for):
    make_ineligible(procedure)
    dossier = dossier_of(procedure, reponses={"statut": "Association"})
    client = client_for(dossier.usager)
    form = client.get(f"/dossiers/{dossier.pk}/modifier/")
    assert "Réservé aux entreprises." in Markup(form).one("#ineligibilite").text

    response = client.post(
        f"/dossiers/{dossier.pk}/champs/statut/", {"champ_statut": "Entreprise"}, headers=HTMX
    )

    assert Markup(response).one("#ineligibilite").text == ""
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    dossier.refresh_from_db()
    assert dossier.state == "en_construction"
