"""The SIRET number: fourteen digits and a key, and what people type instead of it."""

import re
import unicodedata

from stdnum import luhn

SIREN_LENGTH = 9
SIRET_LENGTH = 14
LA_POSTE_SIREN = "356000000"

_DIGITS = re.compile(r"[0-9]+")


class SiretError(ValueError):
    """A text that is no SIRET: `code` is "format", "siren" or "checksum", `message` is French."""

    MESSAGES = {
        "format": (
            "Un numéro SIRET compte 14 chiffres, par exemple 130 025 265 00013. "
            "Vérifiez votre saisie."
        ),
        "siren": (
            "Vous avez saisi un numéro SIREN (9 chiffres). Saisissez le numéro SIRET de "
            "l’établissement : le SIREN suivi de 5 chiffres."
        ),
        "checksum": (
            "Ce numéro SIRET n’est pas valide : il contient probablement une faute de frappe. "
            "Vérifiez chaque chiffre."
        ),
    }

    def __init__(self, code: str) -> None:
        self.code = code
        self.message = self.MESSAGES[code]
        super().__init__(self.message)


def normalize_siret(text: str) -> str:
    """Return the fourteen digits of `text`, or raise `SiretError`.

    White space of every kind, invisible characters and dots are dropped. Both the SIREN and
    the SIRET must pass Luhn, except for La Poste, whose établissements may have a sum of digits
    that is a multiple of 5 instead (INSEE, « Numéro SIRET »).
    """
    number = "".join(char for char in text if not _is_separator(char))
    if not _DIGITS.fullmatch(number):
        raise SiretError("format")
    if len(number) == SIREN_LENGTH:
        raise SiretError("siren")
    if len(number) != SIRET_LENGTH:
        raise SiretError("format")
    if not _has_valid_key(number):
        raise SiretError("checksum")
    return number


def format_siret(number: str) -> str:
    """Write a SIRET as `123 456 789 00012` and leave any other text as it is."""
    if not (_DIGITS.fullmatch(number) and len(number) == SIRET_LENGTH):
        return number
    return f"{format_siren(number[:SIREN_LENGTH])} {number[SIREN_LENGTH:]}"


def format_siren(number: str) -> str:
    """Write a SIREN as `123 456 789` and leave any other text as it is."""
    if not (_DIGITS.fullmatch(number) and len(number) == SIREN_LENGTH):
        return number
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def _is_separator(char: str) -> bool:
    return char == "." or char.isspace() or unicodedata.category(char) == "Cf"


def _has_valid_key(number: str) -> bool:
    siren = number[:SIREN_LENGTH]
    if int(siren) == 0 or not luhn.is_valid(siren):
        return False
    if luhn.is_valid(number):
        return True
    return siren == LA_POSTE_SIREN and sum(map(int, number)) % 5 == 0
