"""How the service of a procédure is reached, and the law it stands on: what may be written."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from procedures.champs.texte import is_valid_somewhere

_check_url = URLValidator(
    schemes=["https"],
    message="Saisissez une adresse web complète qui commence par https://.",
)


def check_phone(text: str) -> None:
    """Refuse what nobody can dial from France: neither a number, nor a short one (39 39)."""
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not (
        is_valid_somewhere(number) or phonenumbers.is_valid_short_number(number)
    ):
        raise ValidationError(
            "Saisissez un numéro de téléphone, par exemple 01 23 45 67 89 ou 39 39.",
            code="phone",
        )


def check_https_url(text: str) -> None:
    """Refuse what is no web address in https."""
    _check_url(text)


def check_cadre_juridique(text: str) -> None:
    """Take a text that quotes the law, or its address, then in https."""
    words = text.split()
    if len(words) == 1 and ("://" in text or text.lower().startswith("www.")):
        _check_url(words[0])
