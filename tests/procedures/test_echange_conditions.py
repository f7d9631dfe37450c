"""What a form became able to say crosses an export and an import unchanged."""

import json

import pytest

from procedures.champs import new_champ
from procedures.conditions import Condition, Ineligibilite, Operator, Regle
from procedures.echange import export_of
from procedures.formulaire import Formulaire
from procedures.lecture import SEPARATOR, UnreadableEchange, read_echange
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db


def test_conditions_blocs_ineligibility_and_annotations_are_exported():
    when = Condition(regles=[Regle(champ="statut", operator=Operator.IS, values=["oui"])])
    form = Formulaire(
        champs=[
            new_champ("oui_non", id="statut"),
            new_champ("bloc_repetable", id="bloc1", condition=when),
            new_champ("piece_jointe", id="devis1", bloc="bloc1"),
        ],
        ineligibilites=[Ineligibilite(id="regle1", condition=when, message="Non.")],
        annotations=[new_champ("texte_court", id="avis01", label="Avis du service")],
    )
    procedure = ProcedureFactory(brouillon=True)
    draft = procedure.revisions.get()
    draft.set_formulaire(form)
    draft.save()

    assert read_echange(export_of(procedure)).formulaire == form


@pytest.mark.parametrize("type_name", ["piece_jointe", "bloc_repetable", "dossier_lie"])
def test_what_belongs_to_usagers_is_no_annotation(type_name):
    """A pièce jointe among them could name the blank form of somebody else's procédure."""
    document = json.loads(export_of(ProcedureFactory()))
    annotation = {"id": "note01", "type": type_name, "label": "Note"}
    document["formulaire"]["annotations"] = [annotation]

    with pytest.raises(UnreadableEchange) as refused:
        read_echange(json.dumps(document).encode())

    place = SEPARATOR.join(["formulaire", "annotations", "élément 1 (« Note »)"])
    assert refused.value.problems == [f"{place} : ce type de champ ne va qu’au formulaire."]
