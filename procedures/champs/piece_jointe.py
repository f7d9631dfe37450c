"""Files to attach: their formats, their size, their number."""

from typing import Any, Literal

from django import forms
from django.conf import settings
from pydantic import Field, JsonValue, PrivateAttr, field_validator

from commun.fichiers import CONTENT_TYPES
from commun.file_size import KILO, file_size
from procedures.champs.base import Champ
from procedures.champs.nombre import EntierField

FILES_MAX = 10
MEGA = KILO * KILO
# The widest limit a document may hold; the one of the platform, which may change, always wins.
SIZE_MAX_MO = 1000
Format = Literal["pdf", "images", "textes", "tableurs", "presentations", "archives"]
# Of each family: its name, what a person sends, its extensions.
FORMATS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "pdf": ("PDF", "un PDF", ("pdf",)),
    "images": (
        "Images",
        "une image",
        ("png", "jpg", "jpeg", "gif", "webp", "tif", "tiff", "heic", "heif"),
    ),
    "textes": ("Documents texte", "un document texte", ("doc", "docx", "odt", "rtf", "txt")),
    "tableurs": ("Tableurs", "un tableur", ("xls", "xlsx", "ods", "csv")),
    "presentations": ("Présentations", "une présentation", ("ppt", "pptx", "odp")),
    "archives": ("Archives ZIP", "une archive ZIP", ("zip",)),
}


class PieceJointeChamp(Champ):
    """Files to attach, with an optional blank form to download; the files are rows of their own."""

    name = "Pièce jointe"
    description = "Un ou plusieurs fichiers, avec un modèle à télécharger"
    icon = "fr-icon-attachment-line"
    group = "Fichiers"
    default_label = "Nouvelle pièce jointe"
    holds_answer = False
    is_prefillable = False
    holds_files = True
    template_name = "procedures/champs/piece_jointe.html"
    seconds = 120
    type: Literal["piece_jointe"] = "piece_jointe"
    formats: list[Format] = Field(default_factory=list, max_length=len(FORMATS))
    size_max_mo: int | None = Field(default=None, ge=1, le=SIZE_MAX_MO)
    files_max: int = Field(default=FILES_MAX, ge=1, le=FILES_MAX)
    formulaire_vierge_id: int | None = None
    # The row `formulaires_vierges.attach` put here, so that a page asks for all in one query.
    _formulaire_vierge: Any = PrivateAttr(default=None)

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        platform_mo = settings.PIECE_JOINTE_MAX_BYTES // MEGA
        return super().property_fields() | {
            "formats": forms.MultipleChoiceField(
                label="Formats acceptés",
                help_text="Tous, si vous n’en cochez aucun.",
                required=False,
                choices=[
                    (key, f"{name} ({', '.join(extensions)})")
                    for key, (name, _, extensions) in FORMATS.items()
                ],
                widget=forms.CheckboxSelectMultiple,
            ),
            "size_max_mo": EntierField(
                label="Taille d’un fichier, en Mo, au plus",
                help_text=f"{platform_mo} Mo par défaut.",
                required=False,
                min_value=1,
                max_value=platform_mo,
                widget=forms.TextInput({"inputmode": "numeric"}),
            ),
            "files_max": EntierField(
                label="Nombre de fichiers, au plus",
                help_text=f"De 1 à {FILES_MAX} ; {FILES_MAX} par défaut.",
                required=False,
                min_value=1,
                max_value=FILES_MAX,
                widget=forms.TextInput({"inputmode": "numeric"}),
            ),
        }

    @field_validator("files_max", mode="before")
    @classmethod
    def set_usual_number(cls, files_max: Any) -> Any:
        """Read no number as the usual one."""
        return FILES_MAX if files_max is None else files_max

    @property
    def formulaire_vierge(self):
        """Return the attached blank form, None where there is none."""
        return self._formulaire_vierge

    def attach_formulaire_vierge(self, formulaire_vierge) -> None:
        """Remember the row of the blank form to download, or None."""
        self._formulaire_vierge = formulaire_vierge

    # --- what may be attached -----------------------------------------------------------------

    @property
    def extensions(self) -> list[str]:
        """Return the accepted extensions, without their dot."""
        if not self.formats:
            return list(CONTENT_TYPES)
        return [extension for key in self._families() for extension in FORMATS[key][2]]

    @property
    def accept(self) -> str:
        """Return the value of the `accept` attribute of a file input."""
        return ",".join(f".{extension}" for extension in self.extensions)

    @property
    def wanted(self) -> str:
        """Return what to send: `un PDF ou une image`."""
        wanted = [FORMATS[key][1] for key in self._families()]
        return " ou ".join(part for part in (", ".join(wanted[:-1]), wanted[-1]) if part)

    @property
    def size_max_bytes(self) -> int:
        """Return the largest size of a file, never beyond what the platform takes."""
        if self.size_max_mo is None:
            return settings.PIECE_JOINTE_MAX_BYTES
        return min(self.size_max_mo * MEGA, settings.PIECE_JOINTE_MAX_BYTES)

    @property
    def files_hint(self) -> str:
        """Say what may be attached, for whoever is about to."""
        names = ", ".join(FORMATS[key][0] for key in self._families())
        size = f"{file_size(self.size_max_bytes)} au plus"
        if self.files_max == 1:
            return f"{names} ; un seul fichier, {size}."
        return f"{names} ; {size} par fichier, {self.files_max} fichiers au plus."

    def _families(self) -> list[str]:
        return [key for key in FORMATS if not self.formats or key in self.formats]

    # --- in a dossier -------------------------------------------------------------------------

    def display(self, stored: JsonValue) -> str:
        return ""

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [stored]

    def sample(self) -> str:
        return "document.pdf"
