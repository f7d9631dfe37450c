"""Every type of champ: what it accepts, stores, shows again, and refuses."""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import dsfr
import pytest
from django.core.exceptions import ValidationError
from django.template.loader import get_template
from hypothesis import given
from hypothesis import strategies as st

from geographie.suggestions import ADRESSES, COMMUNES
from procedures.champs import CHAMP_TYPES, new_champ
from procedures.champs.nombre import ENTIER_MAX
from procedures.champs.texte import TEXTE_COURT_MAX, TEXTE_LONG_MAX

PARIS = ZoneInfo("Europe/Paris")
ADRESSE = {
    "label": "12 Rue Nationale 59000 Lille",
    "numero": "12",
    "voie": "Rue Nationale",
    "code_postal": "59000",
    "commune": "Lille",
    "code_insee": "59350",
    "departement": "59",
    "lon": 3.0617,
    "lat": 50.6366,
}
LILLE = {"nom": "Lille", "code": "59350", "departement": "59", "code_postal": "59000"}
OPTIONS = ["Association", "Entreprise", "Collectivité"]
DSFR_DIST = Path(dsfr.__file__).parent / "static" / "dsfr" / "dist"
# PostgreSQL keeps no NUL, and a form never carries a lone surrogate.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)


def clean(champ, raw):
    """Return what is stored for a posted value, as a dossier does it."""
    return champ.to_stored(champ.form_field().clean(raw))


# --- What each type accepts: posted, stored, displayed, shown again in the field ---------------

ACCEPTED = [
    ("texte_court", {}, "  Bonjour ", "Bonjour", "Bonjour", "Bonjour"),
    ("texte_court", {}, "<b>&</b>", "<b>&</b>", "<b>&</b>", "<b>&</b>"),
    ("texte_court", {}, "a\x00b\x07c", "abc", "abc", "abc"),
    ("texte_long", {}, "un\r\ndeux", "un\ndeux", "un\ndeux", "un\ndeux"),
    ("nombre_entier", {}, "1 250", 1250, "1\u202f250", 1250),
    ("nombre_entier", {}, "1\u202f250", 1250, "1\u202f250", 1250),
    ("nombre_entier", {}, "-3", -3, "-3", -3),
    ("nombre_entier", {}, "0", 0, "0", 0),
    ("nombre_decimal", {}, "1 234,56", "1234.56", "1\u202f234,56", "1234,56"),
    ("nombre_decimal", {}, "1234.50", "1234.50", "1\u202f234,50", "1234,50"),
    ("nombre_decimal", {}, "1e3", "1000", "1\u202f000", "1000"),
    ("nombre_decimal", {}, "-0", "0", "0", "0"),
    ("date", {}, "2026-11-23", "2026-11-23", "23/11/2026", "2026-11-23"),
    ("date", {}, "23/11/2026", "2026-11-23", "23/11/2026", "2026-11-23"),
    ("date", {}, "29/02/2028", "2028-02-29", "29/02/2028", "2028-02-29"),
    ("case_a_cocher", {}, "on", True, "Oui", True),
    ("oui_non", {}, "oui", True, "Oui", "oui"),
    ("oui_non", {}, "non", False, "Non", "non"),
    ("choix_unique", {"options": OPTIONS}, "Entreprise", "Entreprise", "Entreprise", "Entreprise"),
    (
        "choix_multiple",
        {"options": OPTIONS},
        ["Collectivité", "Association"],
        ["Association", "Collectivité"],
        "Association, Collectivité",
        ["Association", "Collectivité"],
    ),
    ("adresse_email", {}, " nom@exemple.fr ", "nom@exemple.fr", "nom@exemple.fr", "nom@exemple.fr"),
    ("telephone", {}, "06 12 34 56 78", "+33612345678", "06 12 34 56 78", "06 12 34 56 78"),
    ("telephone", {}, "+32 470 12 34 56", "+32470123456", "+32 470 12 34 56", "+32 470 12 34 56"),
    ("siret", {}, "130 025 265 00013", "13002526500013", "130 025 265 00013", "130 025 265 00013"),
    ("montant", {}, "1 250,5", "1250.50", "1\u202f250,50\xa0€", "1250,50"),
    ("montant", {}, "1 250,50 €", "1250.50", "1\u202f250,50\xa0€", "1250,50"),
    ("montant", {}, "-0", "0.00", "0,00\xa0€", "0,00"),
    (
        "date_heure",
        {},
        "2026-11-23T14:30",
        "2026-11-23T14:30:00+01:00",
        "23/11/2026 à 14:30",
        datetime(2026, 11, 23, 14, 30, tzinfo=PARIS),
    ),
    (
        "date_heure",
        {},
        "14/07/2026 à 08:05",
        "2026-07-14T08:05:00+02:00",
        "14/07/2026 à 08:05",
        datetime(2026, 7, 14, 8, 5, tzinfo=PARIS),
    ),
    ("civilite", {}, "Mme", "Mme", "Madame", "Mme"),
    ("departement", {}, "2A", "2A", "2A – Corse-du-Sud", "2A"),
    ("departement", {}, "974", "974", "974 – La Réunion", "974"),
    ("region", {}, "32", "32", "Hauts-de-France", "32"),
    ("pays", {}, "DE", "DE", "Allemagne", "DE"),
    (
        "iban",
        {},
        "fr76 3000 6000 0112 3456 7890 189",
        "FR7630006000011234567890189",
        "FR76 3000 6000 0112 3456 7890 189",
        "FR76 3000 6000 0112 3456 7890 189",
    ),
    ("engagement", {}, "on", True, "Oui", True),
    ("adresse", {}, " 3 impasse B ", {"label": "3 impasse B"}, "3 impasse B", "3 impasse B"),
    (
        "adresse",
        {},
        [ADRESSE["label"], ADRESSES.sign(ADRESSE)],
        ADRESSE,
        "12 Rue Nationale 59000 Lille",
        [ADRESSE["label"], ADRESSES.sign(ADRESSE)],
    ),
    ("commune", {}, "Ys", {"nom": "Ys"}, "Ys (à vérifier)", "Ys"),
    (
        "commune",
        {},
        ["Lille (59000)", COMMUNES.sign(LILLE)],
        LILLE,
        "Lille (59000)",
        ["Lille (59000)", COMMUNES.sign(LILLE)],
    ),
]


@pytest.mark.parametrize(("type_name", "options", "raw", "stored", "shown", "initial"), ACCEPTED)
def test_answer_is_stored_shown_and_given_back(type_name, options, raw, stored, shown, initial):
    champ = new_champ(type_name, **options)

    assert clean(champ, raw) == stored
    assert champ.display(stored) == shown
    assert champ.to_initial(stored) == initial


@pytest.mark.parametrize(("type_name", "options", "raw", "stored", "shown", "initial"), ACCEPTED)
def test_what_the_field_shows_again_is_the_same_answer(
    type_name, options, raw, stored, shown, initial
):
    champ = new_champ(type_name, **options)
    posted = champ.form_field().prepare_value(initial)

    assert clean(champ, posted) == stored


# --- What each type refuses --------------------------------------------------------------------

REFUSED = [
    ("texte_court", "a" * (TEXTE_COURT_MAX + 1)),
    ("texte_long", "a" * (TEXTE_LONG_MAX + 1)),
    ("nombre_entier", "douze"),
    ("nombre_entier", "1,5"),
    ("nombre_entier", "1e400"),
    ("nombre_entier", "NaN"),
    ("nombre_entier", "9" * 5000),
    ("nombre_entier", str(ENTIER_MAX + 1)),
    ("nombre_entier", "1\x002"),
    ("nombre_decimal", "douze"),
    ("nombre_decimal", "NaN"),
    ("nombre_decimal", "sNaN"),
    ("nombre_decimal", "Infinity"),
    ("nombre_decimal", "-Infinity"),
    ("nombre_decimal", "1e400"),
    ("nombre_decimal", "1e999999999"),
    ("nombre_decimal", "1e-400"),
    ("nombre_decimal", "1.234,56"),
    ("nombre_decimal", "9" * 5000),
    ("nombre_decimal", "1\x002"),
    ("date", "30/02/2026"),
    ("date", "2026-13-01"),
    ("date", "0000-01-01"),
    ("date", "12/25/2026"),
    ("date", "hier"),
    ("date", "2026-11-23\x00"),
    ("date", "9" * 5000),
    ("oui_non", "peut-être"),
    ("oui_non", "True"),
    ("choix_unique", "Autre"),
    ("choix_unique", "association"),
    ("choix_multiple", ["Association", "Autre"]),
    ("choix_multiple", "Association"),
    ("adresse_email", "nom@"),
    ("adresse_email", "nom@exemple"),
    ("adresse_email", "a" * 300 + "@exemple.fr"),
    ("adresse_email", "nom@exemple.fr\x00"),
    ("telephone", "123"),
    ("telephone", "06 12 34 56"),
    ("telephone", "abc"),
    ("telephone", "0" * 60),
    ("siret", "13002526500014"),
    ("siret", "123"),
    ("siret", "abcdefghijklmn"),
    ("siret", "1" * 200),
    ("montant", "1,234"),
    ("montant", "dix euros"),
    ("montant", "NaN"),
    ("date_heure", "2026-11-23"),
    ("date_heure", "30/02/2026 10:00"),
    ("date_heure", "23/11/2026 25:00"),
    ("date_heure", "hier à midi"),
    ("date_heure", "0001-01-01T00:00"),
    ("civilite", "Madame"),
    ("departement", "20"),
    ("departement", "99"),
    ("region", "Bretagne"),
    ("pays", "fr"),
    ("pays", "ZZ"),
    ("iban", "FR76 3000 6000 0112 3456 7890 188"),
    ("iban", "FR76"),
    ("iban", "12345"),
    ("iban", "A" * 80),
    ("adresse", "a" * 301),
    ("commune", "a" * 301),
]


@pytest.mark.parametrize(("type_name", "raw"), REFUSED)
def test_wrong_answer_is_refused_in_french(type_name, raw):
    champ = new_champ(type_name, **({"options": OPTIONS} if "choix" in type_name else {}))

    with pytest.raises(ValidationError) as refused:
        champ.form_field().clean(raw)

    assert not re.search(r"\b(valid|value|enter|field|ensure)\b", str(refused.value.messages))


ANSWERED = sorted(name for name, champ in CHAMP_TYPES.items() if champ.holds_answer)


@pytest.mark.parametrize("type_name", ANSWERED)
def test_no_answer_is_stored_as_none_when_optional(type_name):
    champ = new_champ(type_name, required=False)
    empty = [] if type_name == "choix_multiple" else ""

    stored = clean(champ, empty)

    assert stored is None
    assert champ.display(stored) == ""
    assert champ.search_text(stored).strip() == ""
    assert champ.export_values(stored) == [None] * len(champ.export_columns())
    champ.form_field().prepare_value(champ.to_initial(stored))


@pytest.mark.parametrize("type_name", ANSWERED)
def test_no_answer_is_refused_when_required(type_name):
    champ = new_champ(type_name, required=True)
    empty = [] if type_name == "choix_multiple" else ""

    with pytest.raises(ValidationError) as refused:
        champ.form_field().clean(empty)

    assert refused.value.messages[0].split()[0] in {"Répondez", "Cochez", "Choisissez"}


@given(TEXTS)
def test_any_line_of_text_survives_a_round_trip(text):
    champ = new_champ("texte_court", required=False)

    stored = clean(champ, text)

    assert clean(champ, champ.to_initial(stored) or "") == stored


@given(st.integers(-ENTIER_MAX, ENTIER_MAX))
def test_any_integer_survives_display_and_typing_again(number):
    champ = new_champ("nombre_entier")

    assert clean(champ, champ.display(number)) == number


@given(st.decimals(-(10**11), 10**11, places=6, allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_decimal_number_is_lost(number):
    champ = new_champ("nombre_decimal")
    stored = clean(champ, str(number))

    assert clean(champ, champ.display(stored)) == stored
    assert clean(champ, champ.to_initial(stored)) == stored
    assert champ.export_values(stored) == [number]


@given(st.dates())
def test_any_day_survives_display_and_typing_again(day):
    champ = new_champ("date")
    stored = clean(champ, day.isoformat())

    assert date.fromisoformat(stored) == day
    assert clean(champ, champ.display(stored)) == stored


@given(st.sets(st.sampled_from(OPTIONS), min_size=1))
def test_choices_are_stored_in_the_order_of_the_options(chosen):
    champ = new_champ("choix_multiple", options=OPTIONS)

    assert clean(champ, list(chosen)) == [option for option in OPTIONS if option in chosen]


@pytest.mark.parametrize("type_name", ["departement", "region", "pays"])
def test_official_list_gives_names_and_codes_apart(type_name):
    champ = new_champ(type_name, label="Lieu")
    code, name = list(champ.entries().items())[3]

    assert champ.export_columns() == ["Lieu", "Lieu (code)"]
    assert champ.export_values(code) == [name, code]
    assert champ.api_value(code) == {"code": code, "nom": name}


def test_address_gives_its_parts_apart():
    champ = new_champ("adresse", label="Lieu")

    assert dict(zip(champ.export_columns(), champ.export_values(ADRESSE), strict=True)) == {
        "Lieu": "12 Rue Nationale 59000 Lille",
        "Lieu (numéro)": "12",
        "Lieu (voie)": "Rue Nationale",
        "Lieu (code postal)": "59000",
        "Lieu (commune)": "Lille",
        "Lieu (code INSEE)": "59350",
        "Lieu (département)": "59",
        "Lieu (longitude)": 3.0617,
        "Lieu (latitude)": 50.6366,
    }
    assert champ.export_values({"label": "Ici"}) == ["Ici", *[None] * 8]
    assert champ.api_value(ADRESSE) == ADRESSE
    assert champ.api_value({"label": "Ici"}) == dict.fromkeys(ADRESSE) | {"label": "Ici"}


def test_commune_gives_its_codes_apart():
    champ = new_champ("commune", label="Ville")

    assert champ.export_columns() == [
        "Ville",
        "Ville (code INSEE)",
        "Ville (code postal)",
        "Ville (département)",
    ]
    assert champ.export_values(LILLE) == ["Lille", "59350", "59000", "59"]
    assert champ.export_values({"nom": "Ys"}) == ["Ys", None, None, None]
    assert champ.api_value(LILLE) == LILLE
    assert champ.search_text(LILLE) == "Lille 59000"


@pytest.mark.parametrize(
    ("text", "jeton"),
    [
        ("Lille (59000)", "eyJub20iOiJMaWxsZSJ9:forge"),
        ("Lille (59000)", ADRESSES.sign(ADRESSE)),
        ("Roubaix (59100)", COMMUNES.sign(LILLE)),
        ("Lille (59000)", "{}"),
    ],
)
def test_no_client_forges_the_codes_of_a_place(text, jeton):
    field = new_champ("commune").form_field()
    raw = field.widget.value_from_datadict({"lieu": text, "lieu_jeton": jeton}, {}, "lieu")

    assert raw == text
    assert new_champ("commune").to_stored(field.clean([text, jeton])) == {"nom": text}


def test_chosen_place_is_posted_with_its_token():
    widget = new_champ("commune").form_field().widget
    posted = {"lieu": "Lille (59000)", "lieu_jeton": COMMUNES.sign(LILLE)}

    assert widget.value_from_datadict(posted, {}, "lieu") == list(posted.values())
    assert f'name="lieu_jeton" value="{COMMUNES.sign(LILLE)}"' in widget.render(
        "lieu", list(posted.values())
    )


def test_code_that_left_an_official_list_stays_readable():
    champ = new_champ("departement")

    assert champ.display("20") == "20"
    assert champ.export_values("20") == ["20", "20"]


def test_official_lists_are_whole():
    assert len(new_champ("departement").entries()) == 101
    assert len(new_champ("region").entries()) == 18
    pays = new_champ("pays").entries()
    assert len(pays) >= 249
    assert pays["CI"] == "Côte d’Ivoire"
    assert pays["TW"] == "Taïwan"


# --- What every type promises ------------------------------------------------------------------


@pytest.mark.parametrize("type_name", CHAMP_TYPES)
def test_icon_is_shipped_with_the_design_system(type_name):
    css = (DSFR_DIST / "dsfr.min.css").read_text()
    css += (DSFR_DIST / "utility" / "utility.min.css").read_text()

    icon = CHAMP_TYPES[type_name].icon

    assert re.search(rf"\.{re.escape(icon)}(?![a-z0-9-])", css), icon


@pytest.mark.parametrize("type_name", CHAMP_TYPES)
def test_type_is_complete(type_name):
    champ = new_champ(type_name)

    assert champ.type == type_name
    assert champ.name
    assert champ.description
    assert get_template(champ.template_name)
    assert (champ.form_field() is not None) == champ.holds_answer
    assert set(champ.property_values()) == set(champ.property_fields())
    assert len(champ.export_columns()) == len(champ.export_values(None))
    assert type(champ).model_validate(champ.model_dump(mode="json")) == champ


def test_help_text_is_escaped_and_its_addresses_become_links():
    champ = new_champ("texte_court", help_text="<script> https://exemple.fr")

    assert champ.help_html == (
        '&lt;script&gt; <a href="https://exemple.fr" rel="noopener noreferrer">'
        "https://exemple.fr</a>"
    )


# Between eight and twenty no clock was ever changed since 1980.
DAYTIMES = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 -- as typed
    lambda moment: moment.replace(hour=8 + moment.hour % 12)
)


@given(DAYTIMES)
def test_any_minute_survives_display_and_typing_again(moment):
    champ = new_champ("date_heure")
    stored = clean(champ, moment.strftime("%Y-%m-%dT%H:%M"))

    assert clean(champ, champ.display(stored)) == stored


@pytest.mark.parametrize("type_name", ["nombre_entier", "nombre_decimal", "montant"])
def test_number_stands_between_its_bounds(type_name):
    champ = new_champ(type_name, minimum=10, maximum=20)
    field = champ.form_field()

    assert [field.clean(str(number)) for number in (10, 20)] == [10, 20]
    with pytest.raises(ValidationError) as too_small:
        field.clean("9")
    with pytest.raises(ValidationError) as too_large:
        field.clean("21")
    assert too_small.value.messages == ["Saisissez un nombre au moins égal à 10."]
    assert too_large.value.messages == ["Saisissez un nombre au plus égal à 20."]
    assert champ.sample() in {"12", "20", "20\xa0€"}


@pytest.mark.parametrize(
    ("type_name", "attributes", "hint"),
    [
        ("nombre_entier", {}, ""),
        ("nombre_entier", {"minimum": 1000, "maximum": 2000}, "De 1\u202f000 à 2\u202f000."),
        ("nombre_decimal", {"minimum": 0}, "Au moins 0."),
        (
            "nombre_decimal",
            {"maximum": Decimal("2.5"), "help_text": "En m"},
            "En m<br>2,5 au plus.",
        ),
        ("montant", {}, "En euros."),
        ("montant", {"minimum": 10}, "En euros. Au moins 10."),
    ],
)
def test_number_says_what_it_accepts(type_name, attributes, hint):
    assert new_champ(type_name, **attributes).form_field().help_text == hint


@pytest.mark.parametrize("type_name", ["nombre_entier", "nombre_decimal", "montant"])
def test_bounds_the_wrong_way_round_are_refused(type_name):
    with pytest.raises(ValueError, match="plus grande que la valeur maximale"):
        new_champ(type_name, minimum=20, maximum=10)


def test_bound_reads_the_same_after_a_round_trip():
    champ = new_champ("montant", minimum=Decimal("1E+3"), maximum=Decimal("2500.50"))
    document = champ.model_dump(mode="json")

    assert document["minimum"] == "1000"
    assert type(champ).model_validate(document) == champ


@pytest.mark.parametrize("type_name", ["texte_court", "texte_long"])
def test_text_keeps_to_the_length_its_administrateur_set(type_name):
    champ = new_champ(type_name, length_max=5, help_text="En bref")
    field = champ.form_field()

    assert field.clean("12345") == "12345"
    assert field.clean("12\r\n45") == "12\n45"
    with pytest.raises(ValidationError) as refused:
        field.clean("123456")
    assert refused.value.messages == ["Raccourcissez ce texte : 5 caractères au plus, il en a 6."]
    assert field.help_text == "En bref<br>5 caractères au plus."
    assert field.widget.attrs["data-tps-counter"] == "5"
    assert "maxlength" not in field.widget.attrs


def test_length_beyond_what_the_type_allows_is_refused():
    with pytest.raises(ValueError, match="500 caractères au plus"):
        new_champ("texte_court", length_max=501)
