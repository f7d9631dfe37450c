"""An outline pasted to make a form."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procedures.champs import CHAMP_TYPES
from procedures.champs.bloc import row_label_of
from procedures.plan import Guess, read_outline


def only(text: str) -> Guess:
    (guess,) = read_outline(text)
    return guess


def types(text: str) -> list[tuple[str, str]]:
    return [(guess.type, guess.label) for guess in read_outline(text)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Nom du projet", "texte_court"),
        ("Description du projet", "texte_long"),
        ("Décrivez votre projet en quelques lignes", "texte_long"),
        ("Date de naissance", "date"),
        ("Dates prévues", "date"),
        ("Date et heure du rendez-vous", "date_heure"),
        ("Quand commence le projet ?", "date"),
        ("Email", "adresse_email"),
        ("E-mail du contact", "adresse_email"),
        ("Adresse électronique", "adresse_email"),
        ("Courriel du représentant légal", "adresse_email"),
        ("Téléphone", "telephone"),
        ("N° de téléphone portable", "telephone"),
        ("SIRET", "siret"),
        ("Numéro SIRET de l’association", "siret"),
        ("Montant demandé", "montant"),
        ("Quel est le montant demandé ?", "montant"),
        ("Budget prévisionnel", "montant"),
        ("Coût total", "montant"),
        ("Total (€)", "montant"),
        ("Nombre de salariés", "nombre_entier"),
        ("Nombre d'adhérents", "nombre_entier"),
        ("Combien de personnes ?", "nombre_entier"),
        ("Surface du local", "nombre_decimal"),
        ("IBAN", "iban"),
        ("Civilité", "civilite"),
        ("Département", "departement"),
        ("Région", "region"),
        ("Pays", "pays"),
        ("Joindre le dernier bilan", "piece_jointe"),
        ("Pièce d’identité", "piece_jointe"),
        ("Attestation sur l’honneur", "piece_jointe"),
        ("Copie de la carte grise", "piece_jointe"),
        ("Devis", "piece_jointe"),
        ("RIB", "piece_jointe"),
        ("Je certifie l’exactitude des renseignements", "engagement"),
        ("J'atteste être majeur", "engagement"),
        ("Avez-vous un devis ?", "oui_non"),
        ("L’association est-elle agréée ?", "oui_non"),
        ("Quel est votre métier ?", "texte_court"),
        ("Pourquoi ce projet ?", "texte_long"),
        ("NB : ne rien envoyer par la poste", "paragraphe"),
        ("a" * 201, "paragraphe"),
        ("# Le projet", "titre_de_section"),
        ("### Le projet", "titre_de_section"),
        ("LE PROJET", "titre_de_section"),
        ("Partie 2 : le projet", "titre_de_section"),
        ("PIÈCES À FOURNIR", "titre_de_section"),
        ("Pièces justificatives :", "titre_de_section"),
        ("NUMÉRO SIRET", "siret"),
    ],
)
def test_a_line_suggests_a_type(line, expected):
    assert only(line).type == expected


@pytest.mark.parametrize(
    ("line", "label", "required"),
    [
        ("Nom :", "Nom", True),
        ("Nom : ..............", "Nom", True),
        ("Nom *", "Nom", True),
        ("Nom* :", "Nom", True),
        ("Nom (obligatoire)", "Nom", True),
        ("Nom (facultatif)", "Nom", False),
        ("Autre adresse (Facultative) :", "Autre adresse", False),
        ("Nom [optionnel]", "Nom", False),
        ("Montant : ______ €", "Montant", True),
        ("  Nom   et\u00a0prénom  ", "Nom et prénom", True),
    ],
)
def test_marks_are_read_and_taken_off_the_label(line, label, required):
    guess = only(line)

    assert (guess.label, guess.required) == (label, required)


def test_dashed_or_indented_lines_below_a_question_are_its_options():
    for mark in ("- ", "• ", "* ", "    ", "\t", "  – ", "o "):
        guess = only(f"Type de structure\n\n{mark}Association\n{mark}Commune\n{mark}Commune")

        assert guess == Guess(
            "choix_unique", "Type de structure", options=("Association", "Commune")
        )


@pytest.mark.parametrize(
    "text", ["Publics\n☐ Enfants\n☐ Adultes", "Publics (plusieurs choix)\n- Enfants\n- Adultes"]
)
def test_boxes_and_words_make_a_multiple_choice(text):
    assert only(text).type == "choix_multiple"


def test_yes_and_no_are_no_options():
    assert only("Avez-vous un local ?\n- Oui\n- Non") == Guess("oui_non", "Avez-vous un local ?")


def test_a_list_of_dashed_questions_is_no_list_of_options():
    text = "# Vous\n- Nom\n- Statut\n  - Salarié\n  - Retraité\n- Date de naissance"

    assert read_outline(text) == [
        Guess("titre_de_section", "Vous", required=False),
        Guess("texte_court", "Nom"),
        Guess("choix_unique", "Statut", options=("Salarié", "Retraité")),
        Guess("date", "Date de naissance"),
    ]


def test_numbered_lines_above_others_are_titles():
    text = "1. Le demandeur\nNom\nPrénom\n2. Le projet\nBudget\n3) Autre\n3.1 Pays\n3.2 Région"

    assert types(text) == [
        ("titre_de_section", "Le demandeur"),
        ("texte_court", "Nom"),
        ("texte_court", "Prénom"),
        ("titre_de_section", "Le projet"),
        ("montant", "Budget"),
        ("titre_de_section", "Autre"),
        ("pays", "Pays"),
        ("region", "Région"),
    ]


def test_numbered_questions_are_questions():
    assert types("1. Nom\n2. Statut\n- Un\n- Deux\n3. Pays") == [
        ("texte_court", "Nom"),
        ("choix_unique", "Statut"),
        ("pays", "Pays"),
    ]


def test_acronyms_in_capitals_are_no_titles():
    assert types("SIRET\nIBAN\nNOM") == [
        ("siret", "SIRET"),
        ("iban", "IBAN"),
        ("texte_court", "NOM"),
    ]


def test_indented_questions_below_a_title_are_questions():
    assert types("PARTIE A\n    Nom\n    Pays") == [
        ("titre_de_section", "PARTIE A"),
        ("texte_court", "Nom"),
        ("pays", "Pays"),
    ]


def test_empty_lines_and_lone_marks_make_nothing():
    assert read_outline("") == []
    assert read_outline("\n  \n-\n#\n.....\n\ufeff") == []


def test_a_whole_text_indented_the_same_has_no_option():
    assert types("   Nom\n   Pays") == [("texte_court", "Nom"), ("pays", "Pays")]


@example(">")
@given(st.text())
def test_any_text_gives_known_types_and_labels(text):
    for guess in read_outline(text):
        assert guess.type in CHAMP_TYPES
        assert guess.label
        assert bool(guess.options) == (guess.type in ("choix_unique", "choix_multiple"))
        assert all(guess.options)


@pytest.mark.parametrize(
    ("label", "row"),
    [
        ("Dépenses", "Dépense"),
        ("Les aides reçues", "Élément"),
        ("Adress", "Élément"),
        ("As", "Élément"),
    ],
)
def test_row_of_a_pasted_bloc_is_named_after_it(label, row):
    assert row_label_of(label) == row
