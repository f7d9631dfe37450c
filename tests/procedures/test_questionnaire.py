"""What a dossier is asked: conditions, sections, blocs répétables."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procedures.champs import CHAMP_TYPES, new_champ
from procedures.conditions import Condition, Ineligibilite, Mode, Operator, Regle
from procedures.conditions.controle import (
    comparable_champs,
    problems_of_condition,
    problems_of_formulaire,
)
from procedures.conditions.explication import condition_in_words
from procedures.formulaire import Formulaire
from procedures.questionnaire import Questionnaire


def when(champ, operator, *values, mode=Mode.ALL):
    return Condition(mode=mode, regles=[Regle(champ=champ, operator=operator, values=list(values))])


def statut(**properties):
    return new_champ(
        "choix_unique", id="statut", label="Statut", options=["Association", "Entreprise"]
    ).model_copy(update=properties)


def text(champ_id, **properties):
    return new_champ("texte_court", id=champ_id, label=champ_id).model_copy(update=properties)


def hidden(champs, reponses):
    return set(Questionnaire(Formulaire(champs=champs), reponses).hidden)


ASSOCIATION = when("statut", Operator.IS, "Association")


@pytest.mark.parametrize(
    ("champ", "operator", "values", "stored", "holds"),
    [
        ("texte_court", Operator.IS, ["Été"], "ete", True),
        ("texte_court", Operator.CONTAINS, ["été"], "Cet ETE là", True),
        ("texte_court", Operator.LACKS, ["été"], "Cet ETE là", False),
        ("texte_court", Operator.IS_NOT, ["a"], "b", True),
        ("texte_court", Operator.IS_NOT, ["a"], None, False),
        ("texte_court", Operator.IS_EMPTY, [], None, True),
        ("texte_court", Operator.IS_FILLED, [], "x", True),
        ("nombre_entier", Operator.GREATER, ["9"], 10, True),
        ("nombre_entier", Operator.AT_LEAST, ["10"], 10, True),
        ("nombre_entier", Operator.LESS, ["10"], 10, False),
        ("nombre_entier", Operator.AT_MOST, ["10"], 10, True),
        ("montant", Operator.IS, ["1000"], "1000.00", True),
        ("montant", Operator.GREATER, ["999.99"], "1000.00", True),
        ("date", Operator.AFTER, ["2026-11-23"], "2026-11-24", True),
        ("date", Operator.BEFORE, ["2026-11-23"], "2026-11-23", False),
        ("date_heure", Operator.AFTER, ["2026-11-23T12:00:00+01:00"],
         "2026-11-23T11:30:00+00:00", True),
        ("oui_non", Operator.IS, ["non"], False, True),
        ("oui_non", Operator.IS, ["non"], None, False),
        ("case_a_cocher", Operator.IS, ["non"], None, True),
        ("case_a_cocher", Operator.IS, ["oui"], True, True),
        ("civilite", Operator.IS, ["Mme"], "Mme", True),
        ("departement", Operator.IS_ONE_OF, ["59", "62"], "62", True),
        ("iban", Operator.IS_FILLED, [], "FR7630006000011234567890189", True),
        ("bloc_repetable", Operator.IS_EMPTY, [], [], True),
        ("bloc_repetable", Operator.IS_FILLED, [], ["a1"], True),
    ],
)  # fmt: skip
def test_rule_compares_as_its_type_does(champ, operator, values, stored, holds):
    compared = new_champ(champ, id="compare")
    rule = Regle(champ="compare", operator=operator, values=values)

    assert compared.satisfies(rule, stored) is holds


def test_choices_are_compared_by_their_options():
    several = new_champ("choix_multiple", id="aides", options=["Loyer", "Matériel", "Salaires"])

    assert several.satisfies(
        Regle(champ="aides", operator=Operator.CONTAINS, values=["Loyer"]), ["Loyer", "Matériel"]
    )
    assert several.satisfies(
        Regle(champ="aides", operator=Operator.LACKS, values=["Salaires"]), ["Loyer"]
    )
    assert not several.satisfies(
        Regle(champ="aides", operator=Operator.CONTAINS, values=["Disparue"]), ["Disparue"]
    )


def test_champ_is_asked_while_its_condition_holds():
    champs = [statut(), text("rna1", condition=ASSOCIATION)]

    assert hidden(champs, {}) == {"rna1"}
    assert hidden(champs, {"statut": "Entreprise"}) == {"rna1"}
    assert hidden(champs, {"statut": "Association"}) == set()


def test_all_or_one_of_the_rules_must_hold():
    rules = [
        Regle(champ="statut", operator=Operator.IS, values=["Association"]),
        Regle(champ="nom1", operator=Operator.IS_FILLED),
    ]
    both = [statut(), text("nom1"), text("suite1", condition=Condition(regles=rules))]
    either = [*both[:2], text("suite1", condition=Condition(mode=Mode.ANY, regles=rules))]

    assert hidden(both, {"statut": "Association"}) == {"suite1"}
    assert hidden(either, {"statut": "Association"}) == set()


def test_hidden_answer_counts_as_none_for_what_follows():
    champs = [
        statut(),
        text("rna1", condition=ASSOCIATION),
        text("suite1", condition=when("rna1", Operator.IS_FILLED)),
        text("sinon1", condition=when("rna1", Operator.IS_EMPTY)),
    ]

    reponses = {"statut": "Entreprise", "rna1": "W123"}

    assert hidden(champs, reponses) == {"rna1", "suite1"}


def test_title_hides_its_section_and_what_is_below_it():
    champs = [
        statut(),
        new_champ("titre_de_section", id="titre1", condition=ASSOCIATION),
        text("un1"),
        new_champ("titre_de_section", id="titre2", level=2),
        text("deux1"),
        new_champ("titre_de_section", id="titre3"),
        text("trois1"),
    ]

    assert hidden(champs, {"statut": "Entreprise"}) == {"titre1", "un1", "titre2", "deux1"}


def bloc_of_depenses():
    return [
        new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense"),
        new_champ("oui_non", id="devis1", label="Devis ?", bloc="bloc1"),
        text("raison1", bloc="bloc1", condition=when("devis1", Operator.IS, "non")),
    ]


def test_each_row_has_champs_of_its_own_and_its_own_conditions():
    form = Formulaire(champs=bloc_of_depenses())
    reponses = {"bloc1": ["a1", "b2"], "devis1-a1": True, "devis1-b2": False}

    questionnaire = Questionnaire(form, reponses)

    assert [champ.id for champ in questionnaire.visible] == [
        "bloc1", "devis1-a1", "devis1-b2", "raison1-b2",
    ]  # fmt: skip
    assert [row.label for row in questionnaire.rows["bloc1"]] == ["Dépense 1", "Dépense 2"]


def test_bloc_hides_its_rows():
    bloc, *inside = bloc_of_depenses()
    champs = [statut(), bloc.model_copy(update={"condition": ASSOCIATION}), *inside]

    reponses = {"bloc1": ["a1"], "devis1-a1": False}

    assert hidden(champs, reponses) == {"bloc1", "devis1-a1", "raison1-a1"}


@pytest.mark.parametrize("stored", [None, "a", {"a": 1}, [1, None, "A B", "x" * 40, "a1", "a1"]])
def test_rows_that_are_none_are_passed_over(stored):
    form = Formulaire(champs=bloc_of_depenses())

    rows = Questionnaire(form, {"bloc1": stored}).rows["bloc1"]

    assert [row.id for row in rows] == (["a1"] if isinstance(stored, list) else [])


def test_only_answers_that_were_asked_are_kept():
    champs = [statut(), text("rna1", condition=ASSOCIATION), *bloc_of_depenses()]
    reponses = {
        "statut": "Entreprise",
        "rna1": "W123",
        "bloc1": ["a1"],
        "devis1-a1": True,
        "devis1-b2": True,
        "disparu": "gardé",
    }

    assert Questionnaire(Formulaire(champs=champs), reponses).kept() == {
        "statut": "Entreprise",
        "bloc1": ["a1"],
        "devis1-a1": True,
        "disparu": "gardé",
    }


def test_ineligibility_follows_the_answers():
    rule = Ineligibilite(id="regle1", condition=ASSOCIATION, message="Réservé aux entreprises.")
    form = Formulaire(champs=[statut()], ineligibilites=[rule])

    assert Questionnaire(form, {"statut": "Association"}).ineligibilites() == [rule]
    assert Questionnaire(form, {"statut": "Entreprise"}).ineligibilites() == []


def test_condition_is_said_in_plain_french():
    rules = [
        Regle(champ="statut", operator=Operator.IS_ONE_OF, values=["Association", "Entreprise"]),
        Regle(champ="budget", operator=Operator.GREATER, values=["1250.5"]),
        Regle(champ="debut", operator=Operator.AFTER, values=["2026-11-23"]),
        Regle(champ="perdu1", operator=Operator.IS_EMPTY),
    ]
    champs = {
        "statut": statut(),
        "budget": new_champ("montant", id="budget", label="Budget"),
        "debut": new_champ("date", id="debut", label="Début"),
    }

    assert condition_in_words(Condition(regles=rules), champs).replace("\u202f", " ") == (
        "« Statut » est l’une de ces réponses : « Association » ou « Entreprise », "
        "« Budget » est supérieur à « 1 250,50 € », "
        "« Début » est après le « 23/11/2026 » et un champ supprimé n’a pas de réponse"
    ).replace("1 250,50 €", "1 250,5\N{NO-BREAK SPACE}€")


def test_impossible_rules_say_why():
    champs = [statut(), text("soi1"), text("apres1"), *bloc_of_depenses()]
    form = Formulaire(champs=champs)
    asking = form.by_id["soi1"]

    def problems(condition):
        return problems_of_condition(form, condition, asking)

    assert problems(ASSOCIATION) == []
    assert problems(when("soi1", Operator.IS_EMPTY)) == [
        "Un champ ne peut pas dépendre de sa propre réponse."
    ]
    assert problems(when("apres1", Operator.IS_EMPTY)) == [
        "« apres1 » vient après : une condition porte sur un champ qui précède."
    ]
    assert problems(when("parti1", Operator.IS_EMPTY)) == [
        "La condition porte sur un champ qui a été supprimé."
    ]
    assert problems(when("statut", Operator.IS, "Syndicat")) == [
        "« Syndicat » n’est plus une réponse possible à « Statut »."
    ]
    assert problems(when("statut", Operator.GREATER, "Association")) == [
        "« Statut » ne se compare pas ainsi : « est supérieur à »."
    ]
    assert problems(when("statut", Operator.IS)) == ["Indiquez à quoi « Statut » est comparé."]
    assert problems_of_condition(form, when("devis1", Operator.IS, "oui"), None) == [
        "« Devis ? » est dans un bloc répétable : seuls les champs du même bloc peuvent en "
        "dépendre."
    ]


def test_rule_that_became_impossible_is_found_in_the_whole_form():
    champ = text("rna1", condition=when("statut", Operator.IS, "Syndicat"))
    form = Formulaire(
        champs=[statut(), champ],
        ineligibilites=[
            Ineligibilite(id="regle1", condition=when("parti1", Operator.IS_EMPTY), message="Non.")
        ],
    )

    assert problems_of_formulaire(form) == [
        (champ, "« Syndicat » n’est plus une réponse possible à « Statut »."),
        (None, "La condition porte sur un champ qui a été supprimé."),
    ]


def test_only_earlier_champs_and_those_of_the_row_are_offered():
    form = Formulaire(champs=[statut(), *bloc_of_depenses(), text("apres1")])

    assert [champ.id for champ in comparable_champs(form, form.by_id["raison1"])] == [
        "statut", "bloc1", "devis1",
    ]  # fmt: skip
    assert [champ.id for champ in comparable_champs(form, form.by_id["apres1"])] == [
        "statut", "bloc1",
    ]  # fmt: skip
    assert [champ.id for champ in comparable_champs(form, None)] == ["statut", "bloc1", "apres1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@example("listes_liees", Operator.IS, [], True)
@example("listes_liees", Operator.IS, [], ["seule"])
@given(
    st.sampled_from(sorted(CHAMP_TYPES)),
    st.sampled_from(list(Operator)),
    st.lists(st.text(max_size=20), max_size=3),
    JSON,
)
def test_no_answer_and_no_rule_breaks_a_comparison(type_name, operator, values, stored):
    compared = new_champ(type_name, id="compare")
    rule = Regle(champ="compare", operator=operator, values=values)

    assert compared.satisfies(rule, stored) in (True, False)


@given(st.lists(st.sampled_from(["Association", "Entreprise", None]), min_size=1, max_size=6))
def test_conditions_depend_on_the_last_answers_alone(answers):
    champs = [statut(), text("rna1", condition=ASSOCIATION)]
    reponses = {}
    for answer in answers:
        reponses["statut"] = answer

    assert ("rna1" in hidden(champs, reponses)) is (answers[-1] != "Association")
