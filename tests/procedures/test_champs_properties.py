"""What holds for every type of champ, whatever is typed: nothing is lost, nothing breaks."""

import json
from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.champs import CHAMP_TYPES, new_champ
from procedures.champs.autre import AUTRE
from procedures.champs.identite import CIVILITES
from procedures.champs.nombre import ENTIER_MAX

OPTIONS = ["Association", "Entreprise", "Collectivité", "Fondation", "Coopérative", "Syndicat"]
# PostgreSQL keeps no NUL, and a form never carries a lone surrogate.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
# Between eight and twenty no clock was ever changed since 1980.
DAYTIMES = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 -- as typed
    lambda moment: moment.replace(hour=8 + moment.hour % 12)
)
DECIMALS = st.decimals(-(10**11), 10**11, places=2, allow_nan=False, allow_infinity=False)
MOBILES = st.integers(612000000, 612999999).map(lambda number: f"0{number}")
AUTRES = TEXTS.filter(str.strip)


def listed(champ_type: str) -> st.SearchStrategy:
    return st.sampled_from(sorted(CHAMP_TYPES[champ_type].entries()))


# What a person may type, or choose, by type and options.
CASES = [
    ("texte_court", {}, TEXTS),
    (
        "texte_court",
        {"pattern": r"[A-Z]{2}\d{3}"},
        st.from_regex(r"[A-Z]{2}[0-9]{3}", fullmatch=True),
    ),
    ("texte_long", {}, TEXTS),
    ("nombre_entier", {}, st.integers(-ENTIER_MAX, ENTIER_MAX).map(str)),
    ("nombre_decimal", {}, DECIMALS.map(str)),
    ("nombre_decimal", {"decimals": 2}, DECIMALS.map(str)),
    ("montant", {}, DECIMALS.map(lambda number: f"{number} €")),
    ("date", {}, st.dates().map(str)),
    ("date_heure", {}, DAYTIMES.map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M"))),
    (
        "date",
        {"minimum": "1900-01-01", "maximum": "2026-01-31", "past_only": True},
        st.dates(date(1900, 1, 1), date(2026, 1, 31)).map(str),
    ),
    (
        "date_heure",
        {"minimum": "1979-01-01T00:00:00+01:00", "maximum": "2201-01-01T00:00:00+01:00"},
        DAYTIMES.map(lambda moment: moment.strftime("%d/%m/%Y à %H:%M")),
    ),
    ("case_a_cocher", {}, st.sampled_from(["on", ""])),
    ("engagement", {}, st.sampled_from(["on", ""])),
    ("oui_non", {}, st.sampled_from(["oui", "non", ""])),
    ("civilite", {}, st.sampled_from(sorted(CIVILITES))),
    ("choix_unique", {"options": OPTIONS}, st.sampled_from(OPTIONS)),
    (
        "choix_unique",
        {"options": OPTIONS, "autre": True},
        st.sampled_from(OPTIONS) | AUTRES.map(lambda text: [AUTRE, text]),
    ),
    ("choix_multiple", {"options": OPTIONS}, st.lists(st.sampled_from(OPTIONS))),
    (
        "choix_multiple",
        {"options": OPTIONS, "autre": True},
        st.builds(
            lambda text, options: [AUTRE, text, *options],
            AUTRES,
            st.lists(st.sampled_from(OPTIONS)),
        ),
    ),
    (
        "listes_liees",
        {"lists": ["--Nord--", "Lille", "Autre", "--Rhône--", "Lyon", "Autre"]},
        st.sampled_from([["Nord", "Lille"], ["Nord", "Autre"], ["Rhône", "Autre"], ["", ""]]),
    ),
    ("adresse", {}, TEXTS),
    ("commune", {}, TEXTS),
    ("adresse_email", {}, st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}\.fr", fullmatch=True)),
    ("telephone", {}, MOBILES),
    ("departement", {}, listed("departement")),
    ("region", {}, listed("region")),
    ("pays", {}, listed("pays")),
    ("siret", {}, st.sampled_from(["130 025 265 00013", "35600000000048"])),
    ("iban", {}, st.sampled_from(["FR76 3000 6000 0112 3456 7890 189", "DE89370400440532013000"])),
]
# A link between dossiers is answered within a dossier alone: see tests/dossiers/test_dossier_lie.
IN_A_DOSSIER = {"dossier_lie"}
ANSWERED = {name for name, champ in CHAMP_TYPES.items() if champ.holds_answer} - IN_A_DOSSIER


def clean(champ, raw):
    """Return what is stored for a posted value, as a dossier does it."""
    return champ.to_stored(champ.form_field().clean(raw))


def test_every_type_has_its_case():
    assert {type_name for type_name, _, _ in CASES} == ANSWERED


@pytest.mark.parametrize(("type_name", "options", "typed"), CASES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_typed_is_stored_shown_and_stored_again(type_name, options, typed, data):
    champ = new_champ(type_name, required=False, **options)
    field = champ.form_field()
    raw = data.draw(typed)
    try:
        stored = clean(champ, raw)
    except ValidationError:
        # A control character is dropped from a text; nothing else of what is drawn is refused.
        assert not any(map(str.isprintable, raw[1] if isinstance(raw, list) else raw))
        return

    kept = json.loads(json.dumps(stored))
    assert kept == stored
    assert clean(champ, field.prepare_value(champ.to_initial(kept))) == stored
    assert isinstance(champ.display(kept), str)
    assert (champ.display(kept) == "") == (stored is None)
    assert isinstance(champ.search_text(kept), str)
    assert len(champ.export_values(kept)) == len(champ.export_columns())
    assert not any(isinstance(value, dict | list) for value in champ.export_values(kept))
    json.dumps(champ.api_value(kept))


@pytest.mark.parametrize(("type_name", "options", "typed"), CASES)
@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_no_text_breaks_a_champ(type_name, options, typed, text):
    champ = new_champ(type_name, required=False, **options)
    raw = [text] if type_name in {"choix_multiple", "listes_liees"} else text
    shown, messages = _outcome(champ, raw)

    assert shown is None or isinstance(shown, str)
    assert (shown is None) == bool(messages)


def _outcome(champ, raw) -> tuple[str | None, list[str]]:
    """Return the display of what is taken, else why it is refused."""
    try:
        return champ.display(clean(champ, raw)), []
    except ValidationError as error:
        return None, error.messages


@pytest.mark.parametrize(("type_name", "options", "typed"), CASES)
@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_refused_input_is_shown_again(type_name, options, typed, text):
    field = new_champ(type_name, required=False, **options).form_field()
    for raw in (text, [text], [AUTRE, text], [AUTRE], []):
        assert isinstance(str(field.widget.render("champ", field.prepare_value(raw))), str)


@pytest.mark.parametrize("type_name", CHAMP_TYPES)
def test_champ_survives_the_exchange_of_its_document(type_name):
    champ = new_champ(type_name)

    assert type(champ).model_validate_json(champ.model_dump_json()) == champ
