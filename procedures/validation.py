"""What pydantic refuses, said in French."""

from collections.abc import Mapping
from typing import Any


def french_error(item: Mapping[str, Any]) -> str:
    """Return what to do about one error of pydantic, as `ValidationError.errors()` gives it."""
    context = item.get("ctx", {})
    match item["type"]:
        case "string_too_short":
            return "Remplissez ce champ."
        case "string_too_long":
            return f"Écrivez {context['max_length']} caractères au plus."
        case "too_long":
            return f"Donnez {context['max_length']} éléments au plus."
        case "greater_than_equal":
            return f"Donnez un nombre au moins égal à {context['ge']}."
        case "less_than_equal":
            return f"Donnez un nombre au plus égal à {context['le']}."
        case "missing" | "union_tag_not_found":
            name = f" « {context['discriminator'].strip(chr(39))} »" if context else ""
            return f"Il manque cette propriété{name}."
        case "extra_forbidden":
            return "Cette propriété n’existe pas."
        case "union_tag_invalid":
            return f"Le type « {context['tag'][:60]} » n’existe pas."
        case "literal_error" | "enum":
            return f"Donnez une de ces valeurs : {context['expected'].replace(' or ', ', ')}."
        case "value_error":
            return str(context["error"])
    return _wrong_type(item["type"])


def _wrong_type(error_type: str) -> str:
    """Say what was expected, from the first word of the error: `int_parsing`, `list_type`…"""
    expected = {
        "string": "Donnez un texte.",
        "int": "Donnez un nombre entier.",
        "decimal": "Donnez un nombre.",
        "date": "Donnez une date : 2026-11-23.",
        "datetime": "Donnez une date et une heure avec son décalage : 2026-11-23T14:30:00+01:00.",
        "timezone": "Donnez une date et une heure avec son décalage : 2026-11-23T14:30:00+01:00.",
        "bool": "Donnez « true » ou « false ».",
        "list": "Donnez une liste.",
        "dict": "Donnez un objet.",
        "model": "Donnez un objet.",
    }
    if error_type == "string_pattern_mismatch":
        return "Corrigez cette valeur."
    return expected.get(error_type.partition("_")[0], "Corrigez cette valeur.")
