import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from entreprise_api.siret import SiretError, format_siren, format_siret, normalize_siret

SEPARATORS = st.sampled_from(list(" .\u00a0\u202f\t\n\u2009\u200b\ufeff"))


def with_key(digits):
    return digits + luhn.calc_check_digit(digits)


@st.composite
def sirets(draw):
    siren = with_key(f"{draw(st.integers(1, 35_599_999)):08d}")  # below La Poste’s
    return with_key(siren + f"{draw(st.integers(0, 9999)):04d}")


@pytest.mark.parametrize(
    "text",
    [
        "13002526500013",
        " 130 025 265 00013 ",
        "130.025.265.00013",
        "130\u00a0025\u202f265\u00a000013",
        "\ufeff130 025 265 00013\n",
        "130\u200b02526500013",
    ],
)
def test_separators_are_dropped(text):
    assert normalize_siret(text) == "13002526500013"


@pytest.mark.parametrize("number", ["35600000000048", "35600000099012", "35600000009075"])
def test_la_poste_may_have_a_sum_that_is_a_multiple_of_five(number):
    assert normalize_siret(number) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "format"),
        ("   ", "format"),
        ("1300252650001", "format"),
        ("130025265000133", "format"),
        ("1300252650001A", "format"),
        ("130-025-265-00013", "format"),
        ("١٣٠٠٢٥٢٦٥٠٠٠١٣", "format"),
        ("130025265000¹³", "format"),
        ("-3002526500013", "format"),
        ("13002526500013\x00", "format"),
        ("130025265", "siren"),
        ("130 025 265", "siren"),
        ("123456789", "siren"),
        ("13002526500014", "checksum"),
        ("00000000000000", "checksum"),
        ("00000000000018", "checksum"),
        ("12345678900005", "checksum"),
        ("35600000099013", "checksum"),
        ("9" * 14, "checksum"),
    ],
)
def test_anything_else_is_refused_with_its_reason(text, code):
    with pytest.raises(SiretError) as caught:
        normalize_siret(text)
    assert caught.value.code == code
    assert caught.value.message == str(caught.value) == SiretError.MESSAGES[code]


def test_a_siren_typed_instead_is_said_so():
    with pytest.raises(ValueError, match="SIREN"):
        normalize_siret("130 025 265")


@given(sirets())
def test_every_well_made_number_is_accepted_and_written_back(number):
    assert normalize_siret(number) == number
    assert normalize_siret(format_siret(number)) == number
    assert len(format_siret(number)) == 17


@given(sirets(), st.lists(SEPARATORS, max_size=20), st.randoms(use_true_random=False))
def test_separators_anywhere_change_nothing(number, separators, random):
    chars = list(number)
    for separator in separators:
        chars.insert(random.randint(0, len(chars)), separator)
    assert normalize_siret("".join(chars)) == number


@given(sirets(), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(number, place, shift):
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(SiretError):
        normalize_siret(wrong)


@given(st.text())
def test_any_text_is_a_siret_or_a_siret_error(text):
    try:
        number = normalize_siret(text)
    except SiretError:
        return
    assert len(number) == 14
    assert number.isascii()
    assert number.isdigit()


def test_numbers_are_written_in_groups():
    assert format_siret("13002526500013") == "130 025 265 00013"
    assert format_siren("130025265") == "130 025 265"


@pytest.mark.parametrize("text", ["", "abc", "130025265"])
def test_what_is_no_siret_is_written_as_it_is(text):
    assert format_siret(text) == text
