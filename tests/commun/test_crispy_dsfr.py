"""The template pack of forms: DSFR markup, and each hint and error tied to its field."""

import warnings

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.utils.safestring import mark_safe

from commun.forms import DateTimeWidget, DateWidget, TpsFormHelper
from tests.markup import Markup

CHOICES = [("a", "Association"), ("e", "Entreprise")]


class EveryWidgetForm(forms.Form):
    nom = forms.CharField(
        label="Nom du projet",
        help_text="En <b>une</b> ligne",
        widget=forms.TextInput({"autocomplete": "off", "hx-post": "/x/", "class": "mine"}),
    )
    texte = forms.CharField(label="Description", widget=forms.Textarea, help_text="Librement")
    choix = forms.ChoiceField(label="Statut", choices=CHOICES, help_text="De l’organisme")
    radio = forms.ChoiceField(
        label="Nature",
        choices=CHOICES,
        widget=forms.RadioSelect({"hx-get": "/r/"}),
        help_text="Une",
    )
    cases = forms.MultipleChoiceField(
        label="Publics", choices=CHOICES, widget=forms.CheckboxSelectMultiple, help_text="Plusieurs"
    )
    coche = forms.BooleanField(label="Je m’engage", help_text="À tenir")
    fichier = forms.FileField(label="Statuts", help_text="En PDF")
    date = forms.DateField(label="Début", widget=DateWidget, help_text="Du projet")
    moment = forms.DateTimeField(label="Rendez-vous", widget=DateTimeWidget, help_text="Exact")
    double = forms.SplitDateTimeField(label="Période", help_text="Jour et heure")
    jeton = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()


SINGLE = {
    "nom": ("fr-input-group", "fr-input"),
    "texte": ("fr-input-group", "fr-input"),
    "choix": ("fr-select-group", "fr-select"),
    "fichier": ("fr-upload-group", "fr-upload"),
    "date": ("fr-input-group", "fr-input"),
    "moment": ("fr-input-group", "fr-input"),
    "coche": ("fr-checkbox-group", None),
}
GROUPS = {"radio": "fr-radio-group", "cases": "fr-checkbox-group", "double": None}


def render_field(form, name) -> Markup:
    source = "{% load crispy_forms_tags %}{{ field|as_crispy_field }}"
    return Markup(Template(source).render(Context({"field": form[name]})))


def render_form(form, **context) -> Markup:
    source = "{% load crispy_forms_tags %}{% crispy form %}"
    return Markup(Template(source).render(Context({"form": form, **context})))


@pytest.mark.parametrize("name", SINGLE)
def test_field_has_group_label_hint_and_dsfr_class(name):
    form = EveryWidgetForm()
    group_class, input_class = SINGLE[name]

    page = render_field(form, name)

    group = page.one(f"#div_id_{name}")
    assert group_class in group.classes
    assert f"{group_class}--error" not in group.classes
    assert page.one(f"label[for=id_{name}]").text == form.fields[name].label
    control = page.one(f"#id_{name}")
    assert input_class is None or input_class in control.classes
    assert control["aria-describedby"] == f"id_{name}_helptext"
    assert page.one(f"#id_{name}_helptext").classes == ["fr-hint-text"]
    assert "aria-invalid" not in control.attrs


@pytest.mark.parametrize("name", SINGLE)
def test_error_is_tied_to_its_field(name):
    page = render_field(EveryWidgetForm({}), name)

    group_class = SINGLE[name][0]
    assert f"{group_class}--error" in page.one(f"#div_id_{name}").classes
    control = page.one(f"#id_{name}")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == f"id_{name}_helptext id_{name}_error"
    assert page.one(f"#id_{name}_error .fr-error-text").text == "Ce champ est obligatoire."


@pytest.mark.parametrize("name", GROUPS)
def test_group_of_controls_is_a_fieldset_with_legend_hint_and_error(name):
    page = render_field(EveryWidgetForm({}), name)

    fieldset = page.one("fieldset")
    assert fieldset.classes == ["fr-fieldset", "fr-fieldset--error"]
    assert fieldset["aria-labelledby"] == f"id_{name}_legend"
    assert fieldset["aria-describedby"] == f"id_{name}_helptext id_{name}_error"
    assert page.one("legend").text == EveryWidgetForm().fields[name].label
    assert page.one(f"#id_{name}_error .fr-error-text").text == "Ce champ est obligatoire."
    if GROUPS[name]:
        assert len(page.all(f".{GROUPS[name]} > input + label")) == len(CHOICES)


def test_choice_that_was_made_is_kept():
    page = render_field(EveryWidgetForm({"radio": "e", "cases": ["a", "e"]}), "radio")

    assert [radio["value"] for radio in page.all("input[checked]")] == ["e"]


def test_attributes_of_the_widget_are_kept():
    control = render_field(EveryWidgetForm(), "nom").one("#id_nom")

    assert (control["autocomplete"], control["hx-post"]) == ("off", "/x/")
    assert control.classes == ["fr-input", "mine"]
    assert len(render_field(EveryWidgetForm(), "radio").all("input[hx-get]")) == 2


def test_safe_hint_keeps_its_markup():
    assert render_field(EveryWidgetForm(), "nom").one("#id_nom_helptext b").text == "une"


def test_date_is_shown_in_the_form_the_browser_reads():
    form = EveryWidgetForm({"date": "2026-11-23"})

    control = render_field(form, "date").one("#id_date")

    assert (control["type"], control["value"]) == ("date", "2026-11-23")


def test_optional_field_says_so_and_required_one_does_not():
    class OptionalForm(forms.Form):
        nom = forms.CharField(label="Nom", required=False)
        choix = forms.ChoiceField(label="Choix", choices=CHOICES, widget=forms.RadioSelect)

    form = OptionalForm()

    assert render_field(form, "nom").one("label").text == "Nom (facultatif)"
    assert render_field(form, "choix").one("legend").text == "Choix"


def test_helper_may_leave_the_mention_of_optional_out():
    class SearchForm(forms.Form):
        q = forms.CharField(label="Rechercher", required=False)

    form = SearchForm()
    form.helper = TpsFormHelper(mark_optional=False)

    assert render_form(form).one("label").text == "Rechercher"


def test_whole_form_has_csrf_token_fields_in_order_and_no_summary():
    page = render_form(EveryWidgetForm(), csrf_token="jeton-csrf")

    assert page.one("input[name=csrfmiddlewaretoken]")["value"] == "jeton-csrf"
    assert page.all("form") == []
    assert page.all("[data-tps-error-summary]") == []
    ids = [group["id"] for group in page.all("[id^=div_id_]")]
    assert ids == [f"div_id_{name}" for name in EveryWidgetForm.base_fields if name != "jeton"]
    assert page.one("#id_jeton")["type"] == "hidden"


def test_summary_counts_errors_and_leads_to_each_field():
    class PairForm(forms.Form):
        nom = forms.CharField(label="Nom")
        radio = forms.ChoiceField(label="Nature", choices=CHOICES, widget=forms.RadioSelect)

        def clean(self):
            raise forms.ValidationError("Les deux réponses ne vont pas ensemble.")

    page = render_form(PairForm({}))

    summary = page.one("[data-tps-error-summary]")
    assert (summary["role"], summary["tabindex"]) == ("alert", "-1")
    assert page.one(".fr-alert--error h2").text == "Il y a 3 erreurs dans le formulaire"
    assert page.all(".fr-alert li")[0].text == "Les deux réponses ne vont pas ensemble."
    links = page.all(".fr-alert a")
    assert [link["href"] for link in links] == ["#id_nom", "#id_radio_0"]
    assert links[0].text == "Nom : Ce champ est obligatoire."
    assert page.one("#id_radio_0")["type"] == "radio"


def test_what_was_typed_is_escaped_and_kept():
    form = EveryWidgetForm({"nom": '"><script>alert(1)</script>'})

    page = render_form(form)

    assert page.one("#id_nom")["value"] == '"><script>alert(1)</script>'
    assert page.all("script") == []


def test_label_with_markup_is_escaped_unless_safe():
    form = EveryWidgetForm()
    form.fields["nom"].label = "<i>a</i>"
    form.fields["texte"].label = mark_safe("<i>b</i>")

    assert render_field(form, "nom").one("label").text == "<i>a</i>"
    assert render_field(form, "texte").one("label i").text == "b"


def test_file_field_of_an_existing_file_names_it_and_can_drop_it():
    class Stored:
        name, url = "statuts.pdf", "/fichiers/1/"

        def __str__(self):
            return self.name

    class OptionalFileForm(forms.Form):
        fichier = forms.FileField(label="Statuts", required=False)

    page = render_field(OptionalFileForm(initial={"fichier": Stored()}), "fichier")

    assert page.one("a[href='/fichiers/1/']").text == "statuts.pdf"
    assert page.one("label[for=fichier-clear_id]").text == "Retirer ce fichier"


def test_multipart_form_with_tag_says_so():
    form = EveryWidgetForm()
    form.helper.form_tag = True

    assert render_form(form).one("form")["enctype"] == "multipart/form-data"


def test_valid_form_renders_without_errors():
    data = {
        "nom": "a", "texte": "b", "choix": "a", "radio": "a", "cases": ["a"], "coche": "on",
        "date": "2026-11-23", "moment": "2026-11-23T10:00", "double_0": "2026-11-23",
        "double_1": "10:00",
    }  # fmt: skip
    form = EveryWidgetForm(data, {"fichier": SimpleUploadedFile("a.pdf", b"a")})

    assert form.errors == {}
    assert render_form(form).all(".fr-error-text") == []


def test_formset_renders_each_form_and_one_summary():
    class RowForm(forms.Form):
        nom = forms.CharField(label="Nom")

    formset = forms.formset_factory(RowForm, extra=0, min_num=2, validate_min=True)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-nom": "a"}
    )
    formset.helper = TpsFormHelper()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = render_form(formset)

    assert len(page.all("input.fr-input")) == 2
    assert len(page.all("[data-tps-error-summary]")) == 1
