"""The form that writes the attestation of a procédure."""

from crispy_forms.layout import HTML, Field, Fieldset, Layout
from django import forms

from commun.forms import TpsFormHelper
from commun.images import draw_again
from procedures.attestations import IMAGES, TEXTS
from procedures.balises import Balise
from procedures.models import ModeleAttestation
from procedures.passages import check_text

SECTION = "tps-form-section"
IMAGE_HELP = "PNG ou JPEG, 1 Mo au plus. {}"


def _image_field(label: str, advice: str) -> forms.FileField:
    return forms.FileField(
        label=label,
        help_text=IMAGE_HELP.format(advice),
        required=False,
        max_length=300,
        error_messages={"empty": "Cette image est vide. Choisissez-en une autre."},
        widget=forms.FileInput({"accept": ".png,.jpg,.jpeg,image/png,image/jpeg"}),
    )


class AttestationForm(forms.ModelForm):
    """Write the texts and choose the images; only known balises and closed passages pass.

    `images` names the images that change: their content, None for one to remove.
    """

    logo_file = _image_field("Logo", "En haut à gauche, à la place de « République Française ».")
    logo_remove = forms.BooleanField(label="Retirer le logo enregistré", required=False)
    signature_file = _image_field("Image de la signature", "Sous le nom du signataire.")
    signature_remove = forms.BooleanField(label="Retirer la signature enregistrée", required=False)

    class Meta:
        model = ModeleAttestation
        fields = ["is_active", *TEXTS]
        labels = {
            "is_active": "Délivrer une attestation à chaque dossier accepté",
            "title": "Titre",
            "body": "Texte",
            "signatory_name": "Nom du signataire",
            "signatory_title": "Qualité du signataire",
            "footer": "Pied de page",
        }
        help_texts = {
            "body": "Une ligne vide sépare deux paragraphes, **deux étoiles** mettent en gras, un "
            "tiret en début de ligne fait une liste.",
            "signatory_title": "Par exemple « Le chef de l’unité régionale ».",
            "footer": "Par exemple l’adresse du service.",
        }
        widgets = {
            "title": forms.TextInput({"data-tps-balise-field": "", "autocomplete": "off"}),
            "body": forms.Textarea({"data-tps-balise-field": "", "rows": 14}),
        }
        error_messages = {
            "title": {"required": "Donnez un titre à l’attestation."},
            "body": {"required": "Rédigez le texte de l’attestation."},
        }

    def __init__(self, *args, balises: list[Balise], **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.balises = balises
        self.use_required_attribute = False
        for name in IMAGES:
            if getattr(self.instance, f"{name}_id") is None:
                del self.fields[f"{name}_remove"]
        self.helper = TpsFormHelper()
        self.helper.layout = self._layout()

    def _layout(self) -> Layout:
        remove = {
            name: [Field(f"{name}_remove", wrapper_class="fr-mt-2w")]
            for name in IMAGES
            if f"{name}_remove" in self.fields
        }
        return Layout(
            "is_active",
            "title",
            "body",
            HTML('{% include "procedures/includes/balise_menu.html" %}'),
            Fieldset(
                "Signataire",
                "signatory_name",
                "signatory_title",
                "signature_file",
                *remove.get("signature", []),
                css_class=SECTION,
            ),
            Fieldset(
                "Mise en page", "logo_file", *remove.get("logo", []), "footer", css_class=SECTION
            ),
        )

    def clean_title(self):
        """Refuse unknown balises."""
        return self._checked("title")

    def clean_body(self):
        """Refuse unknown balises and passages left open."""
        return self._checked("body").replace("\r\n", "\n")

    def clean_logo_file(self):
        """Draw the logo again."""
        return self._drawn("logo_file")

    def clean_signature_file(self):
        """Draw the signature again."""
        return self._drawn("signature_file")

    @property
    def texts(self) -> dict[str, str | bool]:
        """Return what was typed, once the form is valid."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def images(self) -> dict[str, bytes | None]:
        """Return the images that change, once cleaned; a new one wins over a removal."""
        changed: dict[str, bytes | None] = {}
        for name in IMAGES:
            if content := self.cleaned_data.get(f"{name}_file"):
                changed[name] = content
            elif self.cleaned_data.get(f"{name}_remove"):
                changed[name] = None
        return changed

    @property
    def refused_images(self) -> list[str]:
        """Return what is wrong with the images, once the form is cleaned."""
        names = [f"{name}_file" for name in IMAGES]
        return [
            f"{self.fields[name].label} : {error}"
            for name in names
            for error in self.errors.get(name, [])
        ]

    def _checked(self, name: str) -> str:
        text = self.cleaned_data[name]
        check_text(text, self.balises)
        return text

    def _drawn(self, name: str) -> bytes | None:
        upload = self.cleaned_data[name]
        return draw_again(upload) if upload else None
