"""The widgets of `commun.forms`."""

import pytest
from django import forms
from django.test.html import parse_html

from commun.forms import LongSelect

CHOICES = [("", "Choisissez"), ("59", "Nord"), ("2A", "Corse-du-Sud"), ("<b>", "<i>&")]


@pytest.mark.parametrize("value", [None, "", "2A", "<b>", "inconnu"])
def test_long_select_writes_what_django_writes(value):
    attrs = {"id": "id_lieu", "class": "fr-select", "aria-describedby": "aide"}
    ours, theirs = (
        widget(choices=CHOICES).render("lieu", value, attrs=attrs)
        for widget in (LongSelect, forms.Select)
    )

    assert parse_html(ours) == parse_html(theirs)
    assert "<i>" not in ours
