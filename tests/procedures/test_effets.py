"""What the page of publication says that each change does to the dossiers."""

import pytest
from django.urls import reverse

from procedures.champs import new_champ
from procedures.conditions import Condition, Ineligibilite, Operator, Regle
from procedures.diff import diff_formulaires
from procedures.effets import effect_in_words
from procedures.formulaire import Formulaire
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.procedures.factories import ProcedureFactory

AGE = new_champ("nombre_entier", id="age1", label="Âge")
NOTE = new_champ("texte_court", id="note1", label="Note")
MUST = (
    "Les brouillons devront y répondre ; les dossiers en construction qui n’y répondent pas "
    "gardent leur formulaire."
)
BARRED = (
    "Les brouillons qu’elle concerne ne pourront pas être soumis ; les dossiers en construction "
    "qu’elle concerne gardent leur formulaire."
)


def rule(message="Trop jeune."):
    regle = Regle(champ="age1", operator=Operator.LESS, values=["18"])
    return Ineligibilite(id="mineur", condition=Condition(regles=[regle]), message=message)


def effects(before, after):
    return [effect_in_words(change) for change in diff_formulaires(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [rule()], BARRED),
        ([rule()], [rule("Il faut être majeur.")], BARRED),
        ([rule()], [], "Elle n’empêche plus de soumettre un brouillon."),
    ],
)
def test_rule_of_ineligibility_says_whom_it_bars(before, after, expected):
    sides = [Formulaire(champs=[AGE], ineligibilites=rules) for rules in (before, after)]

    assert effects(*sides) == [expected]


def test_annotation_changes_nothing_for_usagers():
    before, after = Formulaire(champs=[AGE]), Formulaire(champs=[AGE], annotations=[NOTE])

    assert effects(before, after) == ["Rien ne change pour les usagers."]
    assert diff_formulaires(before, after)[0].place == "en tête des annotations"


def test_answer_that_becomes_required_must_be_given():
    optional = AGE.model_copy(update={"required": False})

    assert effects(Formulaire(), Formulaire(champs=[AGE])) == [MUST]
    assert effects(Formulaire(champs=[optional]), Formulaire(champs=[AGE])) == [MUST]
    assert MUST not in effects(Formulaire(champs=[AGE]), Formulaire(champs=[optional]))


def test_heading_asks_nothing():
    title = new_champ("titre_de_section", id="titre1", label="Partie", required=True)

    assert effects(Formulaire(), Formulaire(champs=[title])) == [""]


@pytest.mark.django_db
def test_page_of_publication_shows_a_changed_rule(client_for):
    administrateur = UserFactory()
    procedure = ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[administrateur]), champs=[AGE]
    )
    draft = draft_of(procedure)
    draft.set_formulaire(draft.formulaire.changed(ineligibilites=[rule()]))
    draft.save()

    page = client_for(administrateur).get(
        reverse("procedures:procedure_publish", args=[procedure.pk])
    )

    assert page.status_code == 200
    assert BARRED in page.text
