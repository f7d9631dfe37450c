import pytest
from django.template import engines
from django.template.base import Origin, Template

from tests.undefined import OWN_TEMPLATES, UndefinedVariable


def _render(source, *, folder=OWN_TEMPLATES, **context):
    engine = engines["django"].engine
    template = Template(source, Origin(f"{folder}/essai.html"), "essai.html", engine)
    return engines["django"].from_string("{% include page %}").render({"page": template} | context)


@pytest.mark.parametrize(
    "source",
    [
        "{{ oubli }}",
        "{{ oubli|upper }}",
        "{{ connu.oubli }}",
        "{% if connu %}{{ oubli }}{% endif %}",
        "{% with autre=oubli %}{{ autre }}{% endwith %}",
    ],
)
def test_an_undefined_variable_of_our_templates_is_a_failure(source):
    with pytest.raises(UndefinedVariable, match=r"oubli.*essai\.html:1"):
        _render(source, connu={"nom": "Camille"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ connu }}", "Camille"),
        ("{{ vide }}", ""),
        ("{% if oubli %}oui{% else %}non{% endif %}", "non"),
        ('{{ oubli|default:"rien" }}', "rien"),
        ('{% firstof oubli "rien" %}', "rien"),
    ],
)
def test_what_is_defined_or_foreseen_is_shown(source, expected):
    assert _render(source, connu="Camille", vide="") == expected


@pytest.mark.parametrize(
    ("source", "expected"), [("{{ oubli }}", ""), ('{{ oubli|default:"rien"|upper }}', "RIEN")]
)
def test_templates_of_libraries_go_on_as_in_production(source, expected):
    assert _render(source, folder="/ailleurs/templates") == expected
