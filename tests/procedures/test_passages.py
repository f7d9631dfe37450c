"""Conditional passages of emails and attestations."""

import time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from procedures.balises import Balise
from procedures.passages import DEPTH_MAX, check_text, fill_text, select_passages

KNOWN = [Balise("ville", "Ville", "Paris"), Balise("nom", "Nom", "Martin")]


def problems(text: str) -> list[str]:
    try:
        check_text(text, KNOWN)
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ("ville = Paris", {"ville": "Paris"}, True),
        ("ville = Paris", {"ville": "Lyon"}, False),
        ("ville=paris", {"ville": " PÂRIS "}, True),
        ("ville = Paris 1", {"ville": "Paris\u00a0 1"}, True),
        ("ville ≠ Paris", {"ville": "Lyon"}, True),
        ("ville != Paris", {"ville": "Paris"}, False),
        ("ville est vide", {"ville": " "}, True),
        ("ville est vide", {}, True),
        ("ville n’est pas vide", {"ville": "Lyon"}, True),
        ("ville n'est pas vide", {"ville": ""}, False),
        ("ville = a = b", {"ville": "a = b"}, True),
    ],
)
def test_a_passage_is_written_when_its_condition_holds(condition, values, holds):
    text = f"A [si {condition}]B[sinon]C[fin] D"

    assert problems(text) == []
    assert select_passages(text, values) == ("A B D" if holds else "A C D")


def test_passages_stand_one_in_another():
    text = "[si ville = Paris]1[si nom est vide]2[sinon]3[fin]4[sinon]5[si nom = x]6[fin][fin]7"

    assert select_passages(text, {"ville": "Paris"}) == "1247"
    assert select_passages(text, {"ville": "Paris", "nom": "y"}) == "1347"
    assert select_passages(text, {"nom": "x"}) == "567"


def test_tags_alone_on_their_lines_leave_no_hole():
    text = "- a\r\n[si ville = Paris]\r\n- b\r\n[fin]\r\n- c"

    assert select_passages(text, {"ville": "Paris"}) == "- a\n- b\n- c"
    assert select_passages(text, {}) == "- a\n- c"


def test_values_are_never_read_for_tags_or_balises():
    text = "{{ nom }}[si ville = Paris]secret[fin]{{ ville }}"
    hostile = "[si nom n’est pas vide]{{ nom }}[fin]"

    assert fill_text(text, {"nom": hostile, "ville": hostile}) == hostile * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n[si vile = x]b[fin]", "Ligne 2 : « vile » n’est pas une balise. Vouliez-vous écrire"),
        ("[si ville]b[fin]", "Ligne 1 : « [si ville] » ne se lit pas."),
        ("[si ville =]b[fin]", "Ligne 1 : « [si ville =] » ne se lit pas."),
        ("[si ville > 3]b[fin]", "Ligne 1 : « [si ville > 3] » ne se lit pas."),
        ("[si __import__('os') = x]b[fin]", "Ligne 1 : « [si __import__('os') = x] » ne se lit"),
        ("a\n\n[si ville = x]b", "Ligne 3 : « [si ville = x] » n’est pas refermé"),
        ("a\nb[fin]", "Ligne 2 : « [fin] » ne répond à aucun"),
        ("[sinon]", "Ligne 1 : « [sinon] » ne répond à aucun"),
        ("[si ville = x]a[sinon]b[sinon]c[fin]", "Ligne 1 : ce passage a déjà un « [sinon] »."),
        ("a\n[si ville = x\nb[fin]", "Ligne 2 : « [si … » n’est pas fermé par un crochet"),
        (
            "[si ville = x]" * (DEPTH_MAX + 1) + "[fin]" * (DEPTH_MAX + 1),
            "Ligne 1 : pas plus de 5 passages l’un dans l’autre.",
        ),
        ("{{ autre }}", "La balise « {{ autre }} » n’existe pas."),
    ],
)
def test_each_mistake_is_said_with_its_place(text, expected):
    assert problems(text)[0].startswith(expected)


@pytest.mark.parametrize("text", ["[lien](https://a.fr)", "[siret]", "[finale]", "sinon fin", "[]"])
def test_brackets_that_are_no_tags_are_left_alone(text):
    assert problems(text) == []
    assert select_passages(text, {}) == text


PIECES = ["[si ville = a]", "[sinon]", "[fin]", "[si ", "]", "\n", "{{ nom }}", "x", "[si ?]"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_read_to_its_end(text):
    found = problems(text)
    shown = select_passages(text, {"ville": "a", "nom": "b"})

    assert shown.count("x") <= text.count("x")
    if not found:
        assert not {"[si ville = a]", "[sinon]", "[fin]"} & {shown}


@pytest.mark.parametrize("piece", ["[si ", "[si ville = a]", "[fin]", "[si" + " " * 50, "[", "] "])
def test_hostile_texts_are_read_in_no_time(piece):
    text = (piece * 20_000)[:20_000]
    start = time.process_time()

    problems(text)
    select_passages(text, {"ville": "a"})

    assert time.process_time() - start < 1
