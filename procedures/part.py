"""The two parts of a form that the builder composes: what usagers fill in, and annotations."""

from dataclasses import dataclass

from django.urls import reverse

from procedures.champs import CHAMP_TYPES, Champ
from procedures.enums import ANNOTATIONS_MAX, CHAMPS_MAX
from procedures.formulaire import Formulaire
from procedures.models import Procedure


@dataclass(frozen=True)
class Part:
    """One list of champs of a form, and how the builder speaks of it."""

    # The attribute of `Formulaire` that holds it.
    name: str
    # Before the name of each URL of the builder.
    url_prefix: str
    title: str
    list_title: str
    preview_label: str
    empty_title: str
    champs_max: int
    is_private: bool = False
    excluded_types: frozenset[str] = frozenset()

    @property
    def types(self) -> dict[str, type[Champ]]:
        """Return the types of champ that may stand in it, by name."""
        return {
            name: champ_class
            for name, champ_class in CHAMP_TYPES.items()
            if name not in self.excluded_types
        }

    def of(self, formulaire: Formulaire) -> Formulaire:
        """Return this part of a whole form, as a form."""
        return formulaire.of_annotations if self.is_private else formulaire

    def replaced(self, formulaire: Formulaire, champs: list[Champ]) -> Formulaire:
        """Return a whole form whose champs of this part are others."""
        return formulaire.changed(**{self.name: champs})

    def url(self, name: str, procedure: Procedure, *args) -> str:
        """Return the address of a page or an act of the builder of this part."""
        return reverse(f"procedures:{self.url_prefix}{name}", args=[procedure.pk, *args])

    def champ_url(self, procedure: Procedure, champ: Champ | None) -> str:
        """Return where the builder shows a champ, the builder itself for None."""
        url = self.url("formulaire_edit", procedure)
        return f"{url}?champ={champ.id}#champ-{champ.id}" if champ is not None else url


CHAMPS = Part(
    name="champs",
    url_prefix="",
    title="Formulaire",
    list_title="Le formulaire, tel que l’usager le verra",
    preview_label="Voir comme l’usager",
    empty_title="Votre formulaire est vide",
    champs_max=CHAMPS_MAX,
)
# Left out: what an usager signs, lists, or sends, and what belongs to an usager.
ANNOTATIONS = Part(
    name="annotations",
    url_prefix="annotations_",
    title="Annotations privées",
    list_title="Les annotations, telles que l’accompagnateur les verra",
    preview_label="Voir comme l’accompagnateur",
    empty_title="Aucune annotation privée",
    champs_max=ANNOTATIONS_MAX,
    is_private=True,
    excluded_types=frozenset(
        name
        for name, champ_class in CHAMP_TYPES.items()
        if champ_class.is_bloc
        or champ_class.holds_files
        or champ_class.links_dossier
        or name == "engagement"
    ),
)
PARTS = (CHAMPS, ANNOTATIONS)
