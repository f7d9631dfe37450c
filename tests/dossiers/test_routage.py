"""Routing: the first groupe whose rule holds, and what keeps a dossier where it is."""

import pytest

from dossiers import workflow
from dossiers.depots import deposit_modifications
from dossiers.models import Dossier, Modification, Suivi
from procedures.champs import new_champ
from procedures.conditions import Condition, Mode, Operator, Regle
from procedures.models import Groupe
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

DEPARTEMENT = new_champ("departement", id="dept1", label="Département", required=False)
CHOIX = new_champ(
    "choix_unique", id="choix1", label="Choix", options=["Un", "Deux", "Trois"], required=False
)
NOMBRE = new_champ("nombre_entier", id="nombre1", label="Nombre", required=False)
OUI_NON = new_champ("oui_non", id="ouinon1", label="Oui ou non", required=False)
TEXTE = new_champ("texte_court", id="objet1", label="Objet", required=False)
DATE = new_champ("date", id="date1", label="Date", required=False)
CACHE = new_champ(
    "choix_unique",
    id="cache1",
    label="Caché",
    options=["A", "B"],
    required=False,
    condition=Condition(regles=[Regle(champ="ouinon1", operator=Operator.IS, values=["oui"])]),
)
CHAMPS = [DEPARTEMENT, CHOIX, NOMBRE, OUI_NON, TEXTE, DATE, CACHE]


def rule(champ, operator, *values):
    return Condition(regles=[Regle(champ=champ, operator=operator, values=list(values))])


def add_groupe(procedure, name, condition=None, position=1):
    return Groupe.objects.create(
        procedure=procedure,
        name=name,
        position=position,
        rule=condition.model_dump(mode="json") if condition else None,
    )


@pytest.fixture
def procedure():
    procedure = ProcedureFactory(champs=CHAMPS)
    AffectationFactory(procedure=procedure)
    return procedure


def submitted(procedure, **reponses):
    dossier = DossierFactory(procedure=procedure, reponses=reponses)
    return workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)


def deposit(dossier, **reponses):
    """File other answers than those that were filed."""
    values = {"reponses": reponses, "civilite": "Mme", "prenom": "Camille", "nom": "Martin"}
    Modification.objects.create(dossier=dossier, **values)
    deposit_modifications(dossier.pk, by=dossier.usager)
    return Dossier.objects.get(pk=dossier.pk)


@pytest.mark.parametrize(
    ("condition", "reponses", "holds"),
    [
        (rule("dept1", Operator.IS, "59"), {"dept1": "59"}, True),
        (rule("dept1", Operator.IS, "59"), {"dept1": "62"}, False),
        (rule("dept1", Operator.IS_ONE_OF, "59", "62"), {"dept1": "62"}, True),
        (rule("dept1", Operator.IS_NOT, "59"), {"dept1": "62"}, True),
        (rule("dept1", Operator.IS_EMPTY), {}, True),
        (rule("choix1", Operator.IS, "Un"), {"choix1": "Un"}, True),
        (rule("choix1", Operator.IS, "Un"), {"choix1": "Deux"}, False),
        (rule("choix1", Operator.IS_FILLED), {"choix1": "Trois"}, True),
        (rule("nombre1", Operator.GREATER, "10"), {"nombre1": 11}, True),
        (rule("nombre1", Operator.GREATER, "10"), {"nombre1": 10}, False),
        (rule("nombre1", Operator.AT_LEAST, "10"), {"nombre1": 10}, True),
        (rule("nombre1", Operator.LESS, "10"), {"nombre1": 9}, True),
        (rule("nombre1", Operator.AT_MOST, "10"), {"nombre1": 11}, False),
        (rule("ouinon1", Operator.IS, "oui"), {"ouinon1": True}, True),
        (rule("ouinon1", Operator.IS, "non"), {"ouinon1": True}, False),
        (rule("objet1", Operator.CONTAINS, "livre"), {"objet1": "Des livres"}, True),
        (rule("objet1", Operator.LACKS, "livre"), {"objet1": "Des livres"}, False),
        (rule("date1", Operator.AFTER, "2026-01-01"), {"date1": "2026-02-01"}, True),
        (rule("date1", Operator.BEFORE, "2026-01-01"), {"date1": "2026-02-01"}, False),
        # Hidden: the stored answer counts as none.
        (rule("cache1", Operator.IS, "A"), {"cache1": "A", "ouinon1": False}, False),
        (rule("cache1", Operator.IS, "A"), {"cache1": "A", "ouinon1": True}, True),
        (rule("cache1", Operator.IS_EMPTY), {"cache1": "A", "ouinon1": False}, True),
        # A champ that the form does not have: never.
        (rule("parti99", Operator.IS, "A"), {"parti99": "A"}, False),
    ],
)
def test_rule_sends_a_dossier_to_its_groupe_else_to_the_default_one(
    procedure, condition, reponses, holds
):
    groupe = add_groupe(procedure, "Visé", condition)

    dossier = submitted(procedure, **reponses)

    expected = groupe if holds else Groupe.objects.default_of(procedure.pk)
    assert dossier.groupe == expected


@pytest.mark.parametrize(("mode", "name"), [(Mode.ALL, "Groupe par défaut"), (Mode.ANY, "Visé")])
def test_several_comparisons_hold_together_or_one_at_least(procedure, mode, name):
    regles = [
        Regle(champ="dept1", operator=Operator.IS, values=["59"]),
        Regle(champ="ouinon1", operator=Operator.IS, values=["oui"]),
    ]
    add_groupe(procedure, "Visé", Condition(mode=mode, regles=regles))

    assert submitted(procedure, dept1="59", ouinon1=False).groupe.name == name


def test_the_first_rule_that_holds_wins(procedure):
    add_groupe(procedure, "Second", rule("dept1", Operator.IS_FILLED), position=2)
    first = add_groupe(procedure, "Premier", rule("dept1", Operator.IS, "59"), position=1)

    assert submitted(procedure, dept1="59").groupe == first


def test_a_groupe_without_rule_receives_nothing(procedure):
    add_groupe(procedure, "Sans règle")

    assert submitted(procedure, dept1="59").groupe.is_default


def test_first_deposit_leaves_no_word_of_its_groupe_in_the_history(procedure):
    add_groupe(procedure, "Nord", rule("dept1", Operator.IS, "59"))

    dossier = submitted(procedure, dept1="59")

    assert [entry.action for entry in dossier.history.all()] == ["submit"]


def test_modification_sends_it_elsewhere_and_the_history_says_so(procedure):
    add_groupe(procedure, "Nord", rule("dept1", Operator.IS, "59"))
    dossier = submitted(procedure, dept1="59")

    dossier = deposit(dossier, dept1="75")

    assert dossier.groupe.is_default
    entry = dossier.history.get(action="change_groupe")
    assert entry.motivation == (
        "De « Nord » à « Groupe par défaut », selon les règles de la procédure."
    )


def test_modification_that_leads_to_the_same_groupe_notes_nothing(procedure):
    add_groupe(procedure, "Nord", rule("dept1", Operator.IS, "59"))
    dossier = submitted(procedure, dept1="59")

    dossier = deposit(dossier, dept1="59", objet1="Autre objet")

    assert dossier.groupe.name == "Nord"
    assert not dossier.history.filter(action="change_groupe").exists()


@pytest.mark.parametrize("held_by", ["suivi", "instruction", "main", "archive"])
def test_a_dossier_taken_up_or_moved_by_hand_stays(procedure, held_by):
    add_groupe(procedure, "Nord", rule("dept1", Operator.IS, "59"))
    dossier = submitted(procedure, dept1="59")
    if held_by == "suivi":
        Suivi.objects.create(dossier=dossier, user=UserFactory())
    else:
        values = {
            "instruction": {"instruction_started_at": dossier.submitted_at},
            "main": {"groupe_is_manual": True},
            "archive": {"archived_at": dossier.submitted_at},
        }
        Dossier.objects.filter(pk=dossier.pk).update(**values[held_by])

    dossier = deposit(Dossier.objects.get(pk=dossier.pk), dept1="75")

    assert dossier.groupe.name == "Nord"


def test_new_rules_hold_for_new_dossiers_and_leave_the_others(procedure):
    groupe = add_groupe(procedure, "Nord", rule("dept1", Operator.IS, "59"))
    before = submitted(procedure, dept1="59")
    groupe.rule = rule("dept1", Operator.IS, "62").model_dump(mode="json")
    groupe.save()

    after = submitted(procedure, dept1="59")

    before.refresh_from_db()
    assert (before.groupe.name, after.groupe.name) == ("Nord", "Groupe par défaut")
