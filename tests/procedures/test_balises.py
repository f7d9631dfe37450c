"""Balises: known ones only, filled in once."""

import time

import pytest
from django.core.exceptions import ValidationError

from procedures.attestations import write_body
from procedures.balises import (
    COMMON_BALISES,
    balises_of,
    check_balises,
    fill_balises,
    sample_values,
)
from procedures.champs import new_champ
from procedures.courriels import default_template, preview_of, write_courriel
from procedures.enums import CourrielEvent
from procedures.formulaire import Formulaire
from procedures.models import Procedure


def _problems(text, known=COMMON_BALISES):
    with pytest.raises(ValidationError) as refused:
        check_balises(text, known)
    return refused.value.messages


@pytest.mark.parametrize(
    "text", ["", "Bonjour", "{{ numero_dossier }}", "{{motivation}}{{ nom_usager}}"]
)
def test_known_balises_are_accepted(text):
    check_balises(text, COMMON_BALISES)


def test_an_unknown_balise_is_named_with_a_close_one():
    assert _problems("Nº {{ numero_dosier }}") == [
        "La balise « {{ numero_dosier }} » n’existe pas. "
        "Vouliez-vous écrire « {{ numero_dossier }} » ?"
    ]


def test_an_unknown_balise_without_a_close_one_is_named():
    assert _problems("{{ xyz }}") == ["La balise « {{ xyz }} » n’existe pas."]


def test_the_balise_of_a_champ_that_left_the_form_says_so():
    assert _problems("{{ champ_abcdef1234 }}") == [
        "La balise « {{ champ_abcdef1234 }} » désigne un champ que le formulaire n’a pas."
    ]


@pytest.mark.parametrize(
    "text", ["{{ numero_dossier", "numero }}", "{{ numero_dossier }", "{{ {{ }}"]
)
def test_an_unfinished_balise_is_refused(text):
    assert any("mal fermée" in problem for problem in _problems(text))


@pytest.mark.parametrize(
    "text", ["{{ 7|add:7 }}", "{{ request.user }}", "{{ __class__ }}", "{{ }}"]
)
def test_template_code_is_no_balise(text):
    assert len(_problems(text)) == 1


def test_an_unfinished_balise_of_many_spaces_takes_no_time():
    text = "{{" + " " * 20_000
    started = time.monotonic()

    assert fill_balises(text, {}) == text
    assert _problems(text)
    assert time.monotonic() - started < 1


def test_a_value_that_looks_like_a_balise_is_not_read_again():
    values = {"nom_usager": "{{ motivation }}", "motivation": "secret"}

    assert fill_balises("Bonjour {{ nom_usager }}", values) == "Bonjour {{ motivation }}"


def test_an_unknown_balise_is_filled_with_nothing():
    assert fill_balises("a{{ inconnue }}b", {}) == "ab"


def test_what_a_person_typed_is_escaped_in_the_html():
    written = write_courriel(
        "{{ nom_usager }}", "Bonjour {{ nom_usager }}", {"nom_usager": "<script>alert(1)</script>"}
    )

    assert "<script>alert" not in written.body_html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written.body_html
    assert written.body_text == "Bonjour <script>alert(1)</script>"


def test_a_value_cannot_add_a_line_to_the_subject():
    written = write_courriel("Objet {{ motivation }}", "x", {"motivation": "a\r\nBcc: b@c.fr"})

    assert written.subject == "Objet a Bcc: b@c.fr"


@pytest.mark.parametrize("event", CourrielEvent)
def test_default_texts_hold_only_common_balises(event):
    for text in default_template(event):
        check_balises(text, COMMON_BALISES)


def test_each_champ_with_an_answer_has_a_balise():
    formulaire = Formulaire(
        champs=[
            new_champ("titre_de_section", id="titre1", label="Projet"),
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Statuts"),
        ]
    )

    known = balises_of(Procedure(title="Aide", service_name="Bureau"), formulaire)

    assert [(b.name, b.label) for b in known[len(COMMON_BALISES) :]] == [
        ("champ_objet1", "Champ « Objet »")
    ]
    assert sample_values(known)["titre_procedure"] == "Aide"
    assert all(balise.sample for balise in known)


def test_a_preview_shows_the_text_and_what_is_wrong():
    preview = preview_of("Nº {{ numero_dossier }}", "Bonjour {{ nom }}", COMMON_BALISES)

    assert preview.subject == "Nº 1042"
    assert preview.body_text == "Bonjour"
    assert preview.problems[0].startswith("La balise « {{ nom }} » n’existe pas.")


def test_values_together_are_cut_beyond_what_a_text_may_weigh(monkeypatch):
    monkeypatch.setattr("procedures.balises.FILLED_MAX", 7)

    filled = fill_balises("{{ a }}-{{ a }}-{{ a }}.", {"a": "mots"})

    assert filled == "mots-mot-."


def test_a_long_answer_named_hundreds_of_times_takes_no_minutes():
    started = time.monotonic()

    write_body("{{ champ_objet1 }}\n" * 500, {"champ_objet1": "*_[a](http://x) " * 1250})

    assert time.monotonic() - started < 10
