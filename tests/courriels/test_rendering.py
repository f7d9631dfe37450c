import pytest
from django.utils.safestring import mark_safe

from courriels.rendering import FOOTER_TEXT, render_courriel, with_footer, wrap_html

BASE = "mails/decision"


@pytest.fixture
def mail_templates(settings, tmp_path):
    """Return a function that writes a template among those of the site."""
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], tmp_path]}]

    def write(suffix: str, text: str) -> None:
        path = tmp_path / f"{BASE}{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    write("_subject.txt", "Dossier {{ titre }}\n")
    write("_body.txt", "Bonjour {{ prenom }},\n\nVotre dossier : {{ action_url }}\n")
    return write


def test_texts_are_not_escaped_and_html_made_from_them_is(mail_templates):
    rendered = render_courriel(
        BASE,
        {"titre": "« Écoles & <Co> »", "prenom": "<b>Zoé</b>", "action_url": "https://tps.fr/d/1"},
    )

    assert rendered.subject == "Dossier « Écoles & <Co> »"
    assert rendered.body_text == "Bonjour <b>Zoé</b>,\n\nVotre dossier : https://tps.fr/d/1\n"
    assert "Dossier « Écoles &amp; &lt;Co&gt; »" in rendered.body_html
    assert "Bonjour &lt;b&gt;Zoé&lt;/b&gt;,<br><br>" in rendered.body_html
    assert '<a href="https://tps.fr/d/1" rel="noopener noreferrer">' in rendered.body_html
    assert "<b>" not in rendered.body_html


def test_a_button_appears_with_an_address_and_a_label(mail_templates):
    context = {"titre": "12", "prenom": "Zoé", "action_url": "https://tps.fr/d/1"}

    with_label = render_courriel(BASE, context | {"action_label": "Voir mon dossier"})
    without_label = render_courriel(BASE, context)

    assert "Voir mon dossier</a>" in with_label.body_html
    assert "tps-button" in with_label.body_html
    assert 'class="tps-button"' not in without_label.body_html


def test_a_subject_is_one_line(mail_templates):
    mail_templates("_subject.txt", "Dossier\n{{ titre }}\n")

    assert render_courriel(BASE, {"titre": "a\r\nb", "prenom": ""}).subject == "Dossier a b"


def test_an_html_template_extends_the_layout_and_escapes_what_people_typed(mail_templates):
    mail_templates(
        "_body.html",
        '{% extends "courriels/mails/layout.html" %}'
        "{% block content %}<p>Bonjour {{ prenom }}</p>{% endblock %}",
    )

    rendered = render_courriel(BASE, {"titre": "12", "prenom": "<script>"})

    assert "<p>Bonjour &lt;script&gt;</p>" in rendered.body_html
    assert "RÉPUBLIQUE" in rendered.body_html
    assert FOOTER_TEXT in rendered.body_html


def test_content_that_is_not_safe_is_escaped_by_the_layout():
    assert "<p>oui</p>" in wrap_html(title="T", content_html=mark_safe("<p>oui</p>"))
    assert "&lt;p&gt;non&lt;/p&gt;" in wrap_html(title="T", content_html="<p>non</p>")


def test_the_layout_calls_nothing_from_elsewhere():
    html = wrap_html(title="T", content_html="C", action_url="https://tps.fr/", action_label="Voir")

    assert "<img" not in html
    assert "<link" not in html
    assert "<script" not in html
    assert "url(" not in html


def test_the_text_says_not_to_answer():
    assert with_footer("Bonjour\n") == f"Bonjour\n\n-- \n{FOOTER_TEXT}\n"
