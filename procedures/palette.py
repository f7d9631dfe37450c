"""The types of champ that the builder offers."""

from dataclasses import dataclass

from commun.text import fold
from procedures.part import CHAMPS, Part


@dataclass(frozen=True)
class PaletteItem:
    """A type of champ as the palette shows it."""

    type: str
    name: str
    description: str
    icon: str


def palette(search: str = "", part: Part = CHAMPS) -> dict[str, list[PaletteItem]]:
    """Return the types of champ by group, those whose name or description holds every word."""
    words = fold(search).split()
    groups: dict[str, list[PaletteItem]] = {}
    for type_name, champ_class in part.types.items():
        text = fold(f"{champ_class.name} {champ_class.description} {champ_class.group}")
        if all(word in text for word in words):
            item = PaletteItem(
                type_name, champ_class.name, champ_class.description, champ_class.icon
            )
            groups.setdefault(champ_class.group, []).append(item)
    return groups
