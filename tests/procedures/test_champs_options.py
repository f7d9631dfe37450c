"""The options of the types of champ: what an administrateur may set, and what it changes."""

import re
from time import perf_counter

import pytest
from crispy_forms.utils import render_crispy_form
from django.core.exceptions import ValidationError
from django.http import QueryDict

from procedures.builder import changed_champ
from procedures.champs import new_champ
from procedures.champs.expression import ExpressionError, compile_expression
from procedures.champs.piece_jointe import FILES_MAX, FORMATS
from procedures.conditions import Operator, Regle
from procedures.diff import diff_formulaires
from procedures.forms.champ import ApercuForm, ChampForm
from procedures.formulaire import Formulaire
from tests.markup import Markup

MEGA = 1024 * 1024


def edit(champ, **data):
    """Return the form of the builder for `champ` as posted with `data`, the rest unchanged."""
    kept = {name: value for name, value in champ.property_values().items() if value is not None}
    return ChampForm(champ, kept | data)


def changes(before, after):
    """Return what the diff tells of one champ that changed."""
    (change,) = diff_formulaires(Formulaire(champs=[before]), Formulaire(champs=[after]))
    return [(item.label, item.before, item.after) for item in change.attributes]


# --- Decimals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decimals", "taken", "refused", "message"),
    [
        (None, "1,123456", "1,1234567", None),
        (2, "1,25", "1,256", "Saisissez un nombre avec 2 chiffres au plus après la virgule."),
        (1, "1,5", "1,55", "Saisissez un nombre avec 1 chiffre au plus après la virgule."),
        (0, "12", "12,5", "Saisissez un nombre sans virgule."),
    ],
)
def test_number_keeps_to_its_decimals(decimals, taken, refused, message):
    field = new_champ("nombre_decimal", decimals=decimals).form_field()

    assert str(field.clean(taken)) == taken.replace(",", ".")
    with pytest.raises(ValidationError) as error:
        field.clean(refused)
    assert message is None or error.value.messages == [message]


def test_decimals_are_announced_beside_the_bounds():
    champ = new_champ("nombre_decimal", decimals=2, minimum=0, maximum=100)

    assert champ.form_field().help_text == ("De 0 à 100. Avec 2 chiffres au plus après la virgule.")
    assert new_champ("nombre_decimal", decimals=0).form_field().help_text == "Sans virgule."


@pytest.mark.parametrize(("decimals", "sample"), [(0, "1\u202f251"), (1, "1\u202f250,5")])
def test_sample_has_no_more_decimals_than_an_answer(decimals, sample):
    champ = new_champ("nombre_decimal", decimals=decimals)

    assert champ.sample() == sample
    assert champ.form_field().clean(champ.sample()) is not None


def test_decimals_that_no_number_between_the_bounds_has_are_refused():
    champ = new_champ("nombre_decimal", minimum="0.1", maximum="0.2")

    form = edit(champ, decimals="0")

    assert form.non_field_errors() == [
        "Aucun nombre n’a si peu de chiffres après la virgule entre les deux valeurs."
    ]
    assert edit(champ, decimals="1").is_valid()


@pytest.mark.parametrize("decimals", ["-1", "7", "deux", "1,5"])
def test_wrong_number_of_decimals_is_refused_in_the_builder(decimals):
    assert list(edit(new_champ("nombre_decimal"), decimals=decimals).errors) == ["decimals"]


# --- Regular expressions -------------------------------------------------------------------------


def test_text_keeps_to_the_form_its_administrateur_describes():
    champ = new_champ(
        "texte_court", pattern=r"[A-Z]{2}\d{3}", pattern_message="Deux lettres, trois chiffres."
    )
    field = champ.form_field()

    assert field.clean(" AB123 ") == "AB123"
    for answer in ("xAB123", "AB123x", "AB1234", "ab123", "AB123\nAB123", "AB\u0661\u0662\u0663"):
        with pytest.raises(ValidationError) as refused:
            field.clean(answer)
        assert refused.value.messages == ["Deux lettres, trois chiffres."]


def test_expression_asks_nothing_of_an_optional_answer_left_empty():
    champ = new_champ("texte_court", pattern="[0-9]+", required=False)

    assert champ.form_field().clean("") == ""


def test_expression_without_message_has_one_that_says_what_to_do():
    with pytest.raises(ValidationError) as refused:
        new_champ("texte_court", pattern="[0-9]+").form_field().clean("abc")

    assert refused.value.messages == ["Corrigez cette réponse : elle n’a pas la forme voulue."]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "une parenthèse n’est pas refermée"),
        ("a)", "une parenthèse fermante est de trop"),
        ("[a", "un crochet n’est pas refermé"),
        ("*a", "ne répète rien"),
        ("a**", "deux répétitions se suivent"),
        ("a{2000}", "dépasse mille fois"),
        ("((a{100}){100}){100}", "dépasse mille fois"),
        ("[z-a]", "un intervalle est à l’envers"),
        ("a\\", "barre oblique inverse"),
        (r"(a)\1", "que ce site n’accepte pas"),
        ("(?=a)b", "ne sont pas acceptées"),
    ],
)
def test_wrong_expression_is_explained_in_the_builder(pattern, reason):
    form = edit(new_champ("texte_court"), pattern=pattern)

    assert list(form.errors) == ["pattern"]
    assert reason in form.errors["pattern"][0]


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}", "([a-z]+)*!", "(x+x+)+y"]
)
def test_no_expression_makes_an_answer_slow_to_check(pattern):
    field = new_champ("texte_court", pattern=pattern).form_field()
    started = perf_counter()

    with pytest.raises(ValidationError):
        field.clean("a" * 15 + "x" * 480 + "?")

    assert perf_counter() - started < 1


@pytest.mark.parametrize("pattern", ["\ud800", r"\pL{1000}" * 50, "(a{0,90}){0,12}"])
def test_expression_too_large_is_refused_with_a_message(pattern):
    with pytest.raises(ExpressionError, match=r"^Corrigez cette expression : "):
        compile_expression(pattern)


# --- Files ---------------------------------------------------------------------------------------


def test_piece_jointe_takes_everything_unless_told():
    champ = new_champ("piece_jointe")

    assert champ.files_hint == (
        "PDF, Images, Documents texte, Tableurs, Présentations, Archives ZIP ; "
        "50\xa0Mo au plus par fichier, 10 fichiers au plus."
    )
    assert champ.size_max_bytes == 50 * MEGA


def test_piece_jointe_says_what_it_accepts():
    champ = new_champ("piece_jointe", formats=["images", "pdf"], size_max_mo=5, files_max=1)

    assert champ.extensions == [*FORMATS["pdf"][2], *FORMATS["images"][2]]
    assert champ.accept == ".pdf,.png,.jpg,.jpeg,.gif,.webp,.tif,.tiff,.heic,.heif"
    assert champ.wanted == "un PDF ou une image"
    assert champ.files_hint == "PDF, Images ; un seul fichier, 5\xa0Mo au plus."


def test_platform_limit_wins_over_the_one_of_a_champ(settings):
    champ = new_champ("piece_jointe", size_max_mo=30)
    settings.PIECE_JOINTE_MAX_BYTES = 10 * MEGA

    assert champ.size_max_bytes == 10 * MEGA
    assert list(edit(champ, size_max_mo="11").errors) == ["size_max_mo"]
    assert edit(champ, size_max_mo="10").is_valid()


@pytest.mark.parametrize(
    ("name", "value"),
    [("files_max", "0"), ("files_max", "11"), ("size_max_mo", "0"), ("formats", ["exe"])],
)
def test_wrong_limit_of_files_is_refused_in_the_builder(name, value):
    assert list(edit(new_champ("piece_jointe"), **{name: value}).errors) == [name]


def test_no_number_of_files_is_the_usual_one():
    champ = new_champ("piece_jointe", files_max=3)
    form = edit(champ, files_max="")

    assert form.is_valid()
    assert changed_champ(champ, form.cleaned_data).files_max == FILES_MAX


def test_changed_options_are_told_in_french():
    before = new_champ("piece_jointe", id="piece1", formats=["pdf"])
    after = changed_champ(before, {"formats": ["pdf", "images"], "size_max_mo": 5, "files_max": 2})

    assert changes(before, after) == [
        ("Formats acceptés : ajouts", None, "images"),
        ("Taille d’un fichier, en Mo, au plus", "(vide)", "5"),
        ("Nombre de fichiers, au plus", "10", "2"),
    ]


# --- « Autre » and the way options are shown -----------------------------------------------------

FORME = ["Association", "Entreprise", "Collectivité"]


def post(champ, /, **data):
    """Return what is stored of a form posted by a browser, « + » for several values."""
    query = QueryDict(mutable=True)
    for name, value in data.items():
        query.setlist(name.replace("champ", champ.field_name), value.split("+"))
    field = champ.form_field()
    raw = field.widget.value_from_datadict(query, {}, champ.field_name)
    return champ.to_stored(field.clean(raw))


@pytest.mark.parametrize(
    ("data", "stored", "shown"),
    [
        ({"champ": "Entreprise"}, "Entreprise", "Entreprise"),
        ({"champ": "Autre", "champ_autre": " Club "}, {"autre": "Club"}, "Autre : Club"),
        ({"champ_autre": "Club"}, {"autre": "Club"}, "Autre : Club"),
        ({"champ": "Entreprise", "champ_autre": "Club"}, "Entreprise", "Entreprise"),
        ({"champ": "Autre", "champ_autre": "Entreprise"}, "Entreprise", "Entreprise"),
        ({"champ": "Autre", "champ_autre": "Autre"}, {"autre": "Autre"}, "Autre : Autre"),
    ],
)
@pytest.mark.parametrize("extra", [0, 10, 30], ids=["radios", "list", "search"])
def test_autre_of_a_choice_keeps_its_text(data, stored, shown, extra):
    options = FORME + [f"Option {rank}" for rank in range(extra)]
    champ = new_champ("choix_unique", options=options, autre=True)

    assert post(champ, **data) == stored
    assert champ.display(stored) == shown
    assert champ.export_values(stored) == [shown]
    assert champ.api_value(stored) == stored
    assert champ.search_text(stored) == shown.removeprefix("Autre : ")


@pytest.mark.parametrize(
    ("data", "stored", "shown"),
    [
        (
            {"champ": "Entreprise+Association"},
            ["Association", "Entreprise"],
            "Association, Entreprise",
        ),
        (
            {"champ": "Autre+Entreprise", "champ_autre": "Club"},
            ["Entreprise", {"autre": "Club"}],
            "Entreprise, Autre : Club",
        ),
        ({"champ": "Entreprise", "champ_autre": "Club"}, ["Entreprise", {"autre": "Club"}],
            "Entreprise, Autre : Club"),
        ({"champ": "Autre", "champ_autre": "Club"}, [{"autre": "Club"}], "Autre : Club"),
        ({"champ": "Autre", "champ_autre": "Entreprise"}, ["Entreprise"], "Entreprise"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("extra", [0, 30], ids=["boxes", "filter"])
def test_autre_of_several_choices_keeps_its_text(data, stored, shown, extra):
    options = FORME + [f"Option {rank}" for rank in range(extra)]
    champ = new_champ("choix_multiple", options=options, autre=True)

    assert post(champ, **data) == stored
    assert champ.display(stored) == shown
    assert champ.export_values(stored) == [shown]


@pytest.mark.parametrize("type_name", ["choix_unique", "choix_multiple"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  ", "Précisez votre réponse « Autre »."),
        (
            "a" * 301,
            "Raccourcissez votre réponse « Autre » : 300 caractères au plus, elle en a 301.",
        ),
    ],
)
def test_autre_asks_for_its_text(type_name, text, message):
    champ = new_champ(type_name, options=FORME, autre=True, required=False)

    with pytest.raises(ValidationError) as refused:
        post(champ, champ="Autre", champ_autre=text)

    assert refused.value.messages == [message]


@pytest.mark.parametrize("type_name", ["choix_unique", "choix_multiple"])
def test_text_of_autre_is_refused_where_it_is_not_proposed(type_name):
    champ = new_champ(type_name, options=FORME)

    with pytest.raises(ValidationError):
        post(champ, champ="Autre", champ_autre="Club")
    stored = {"autre": "Club"} if type_name == "choix_unique" else [{"autre": "Club"}]
    assert champ.display(stored) == "Autre : Club"  # given before « Autre » went away
    with pytest.raises(ValidationError):
        champ.form_field().clean(champ.to_initial(stored))


@pytest.mark.parametrize("option", ["Autre", "autre", "AUTRE"])
def test_autre_is_not_proposed_twice(option):
    champ = new_champ("choix_unique", options=[*FORME, option])

    assert edit(champ, options="\n".join(champ.options), autre="on").non_field_errors() == [
        "« Autre » est déjà proposé : retirez-le de la liste des options."
    ]


def test_text_typed_is_no_option_chosen():
    champ = new_champ("choix_unique", options=FORME, autre=True)
    html = champ.form_field().widget.render("champ", ["Autre", "Entreprise"])

    assert re.findall(r'value="(\w+)"[^>]*checked', html) == ["Autre"]


@pytest.mark.parametrize(
    ("count", "kind"),
    [(5, "RadioSelect"), (6, "LongSelect"), (20, "LongSelect"), (21, "SearchableSelect")],
)
def test_options_are_shown_by_their_number(count, kind):
    options = [f"Option {rank}" for rank in range(count)]
    unique = new_champ("choix_unique", options=options).form_field().widget
    multiple = new_champ("choix_multiple", options=options).form_field().widget

    assert type(unique).__name__ == kind
    assert hasattr(multiple, "filterable") == (count > 20)


@pytest.mark.parametrize("type_name", ["departement", "region", "pays"])
def test_official_list_is_searched_by_typing(type_name):
    html = new_champ(type_name).form_field().widget.render("champ", None)

    assert html.startswith('<select name="champ" data-tps-combobox>')


def test_rule_may_ask_whether_the_answer_is_autre():
    unique = new_champ("choix_unique", options=FORME, autre=True)
    multiple = new_champ("choix_multiple", options=FORME, autre=True)

    assert ("Autre", "Autre") in unique.operand_choices()
    assert unique.comparable({"autre": "Club"}) == unique.read_operand("Autre") == "Autre"
    assert multiple.comparable(["Entreprise", {"autre": "Club"}]) == {"Entreprise", "Autre"}
    with pytest.raises(ValueError, match="Autre"):
        new_champ("choix_unique", options=FORME).read_operand("Autre")


# --- Linked lists --------------------------------------------------------------------------------

LISTS = ["--Nord--", "Lille", "Dunkerque", "Autre", "--Rhône--", "Lyon", "Autre"]


def linked(**options):
    return new_champ("listes_liees", label="Ville", lists=LISTS, **options)


def test_linked_lists_keep_a_pair():
    champ = linked(secondary_label="Commune")

    stored = post(champ, champ_0="Rhône", champ_1="Autre")

    assert stored == ["Rhône", "Autre"]
    assert champ.display(stored) == "Rhône – Autre"
    assert champ.export_columns() == ["Ville", "Ville (Commune)"]
    assert champ.export_values(stored) == stored
    assert champ.api_value(stored) == {"primaire": "Rhône", "secondaire": "Autre"}
    assert champ.search_text(stored) == "Rhône Autre"


@pytest.mark.parametrize(
    ("primary", "secondary", "message"),
    [
        ("Nord", "Lyon", "« Lyon » ne va pas avec « Nord » : choisissez de nouveau."),
        ("Nord", "", "Choisissez aussi une réponse dans « Précisez »."),
        ("", "Lyon", "Choisissez aussi une réponse dans « Ville »."),
        ("Est", "Lyon", "Choisissez des réponses dans les listes."),
        ("", "", "Choisissez une réponse dans chaque liste."),
    ],
)
def test_pair_is_checked_by_the_server(primary, secondary, message):
    with pytest.raises(ValidationError) as refused:
        post(linked(), champ_0=primary, champ_1=secondary)

    assert refused.value.messages == [message]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "Lille\n--Nord--",
            "Ligne 1 : commencez par une option de la première liste, « --Lille-- ».",
        ),
        ("--Nord--\n\nLille\n--Nord--", "Ligne 4 : « Nord » est déjà plus haut."),
        ("--Nord--\nLille\nLille", "Ligne 3 : « Lille » est deux fois sous la même option."),
        ("--Nord--\n" + "a" * 301, "Ligne 2 : une option compte de 1 à 300 caractères."),
        ("----", "Ligne 1 : une option compte de 1 à 300 caractères."),
    ],
)
def test_wrong_line_of_lists_is_told(lines, message):
    form = edit(linked(), lists=lines)

    assert form.errors == {"lists": [message]}


def test_lists_pasted_with_empty_lines_are_kept_in_order():
    form = edit(linked(), lists="\n\n".join(LISTS))

    assert form.is_valid()
    assert form.cleaned_data["lists"] == LISTS


@pytest.mark.parametrize(
    ("lists", "missing"),
    [
        ([], "Donnez au moins deux options à la première liste."),
        (["--Nord--", "Lille"], "Donnez au moins deux options à la première liste."),
        (["--Nord--", "Lille", "--Rhône--"], "Donnez au moins une option sous « Rhône »."),
        (LISTS, ""),
    ],
)
def test_lists_are_whole_before_publication(lists, missing):
    assert new_champ("listes_liees", lists=lists).missing_before_publication() == missing


def test_second_list_is_grouped_and_chosen_in_its_own_group():
    html = linked().form_field().widget.render("champ", ["Rhône", "Autre"], {"id": "x"})
    nord, rhone = html.partition('<optgroup label="Rhône">')[::2]

    assert '<option value="Rhône" selected>' in nord
    assert '<option value="Autre">' in nord
    assert '<option value="Autre" selected>' in rhone


@pytest.mark.parametrize(
    ("operator", "values", "stored", "holds"),
    [
        (Operator.IS, ["--Nord--"], ["Nord", "Lille"], True),
        (Operator.IS, ["--Nord-- Lille"], ["Nord", "Lille"], True),
        (Operator.IS, ["--Nord-- Autre"], ["Rhône", "Autre"], False),
        (Operator.IS, ["--Nord--"], None, False),
        (Operator.IS_NOT, ["--Nord--"], ["Nord", "Lille"], False),
        (Operator.IS_NOT, ["--Nord-- Lille"], ["Nord", "Dunkerque"], True),
        (Operator.IS_NOT, ["--Nord--"], None, False),
        (Operator.IS_ONE_OF, ["--Nord-- Lille", "--Rhône--"], ["Rhône", "Lyon"], True),
        (Operator.IS_ONE_OF, ["--Nord-- Lille", "--Rhône--"], ["Nord", "Dunkerque"], False),
        (Operator.IS_EMPTY, [], None, True),
        (Operator.IS_EMPTY, [], ["Nord", "Lille"], False),
        (Operator.IS_FILLED, [], ["Nord", "Lille"], True),
        (Operator.IS_NOT, ["--Disparu--"], ["Nord", "Lille"], False),
    ],
)
def test_linked_lists_are_compared_by_the_first_list_or_by_pair(operator, values, stored, holds):
    regle = Regle(champ="ville", operator=operator, values=values)

    assert linked().satisfies(regle, stored) is holds


def test_rules_on_linked_lists_are_chosen_and_said_in_words():
    champ = linked()

    assert champ.operand_choices()[:3] == [
        ("--Nord--", "Nord"),
        ("--Nord-- Lille", "Nord – Lille"),
        ("--Nord-- Dunkerque", "Nord – Dunkerque"),
    ]
    assert champ.display_operand("--Nord-- Lille") == "Nord – Lille"
    with pytest.raises(ValidationError):
        champ.clean_operand("Lille")
    with pytest.raises(ValueError, match="Disparu"):
        champ.read_operand("--Disparu--")


# --- Folded help ---------------------------------------------------------------------------------


def test_help_is_folded_where_the_administrateur_wants():
    champ = new_champ(
        "nombre_entier", label="<b>Âge</b>", help_text="<i>Voir", help_collapsed=True, minimum=1
    )

    assert champ.form_field().help_text == (
        '<details class="tps-aide"><summary>Voir l’aide<span class="fr-sr-only"> de '
        "« &lt;b&gt;Âge&lt;/b&gt; »</span></summary>&lt;i&gt;Voir</details>Au moins 1."
    )
    assert new_champ("texte_court", help_collapsed=True).form_field().help_text == ""


def test_folded_help_describes_its_field():
    champ = new_champ("texte_court", id="objet1", help_text="Longue aide", help_collapsed=True)
    part = Markup(render_crispy_form(ApercuForm([champ])))

    described = part.one("input")["aria-describedby"].split()
    assert "id_champ_objet1_helptext" in described
    assert (
        part.one("#id_champ_objet1_helptext summary").text == "Voir l’aide de « Nouvelle question »"
    )
