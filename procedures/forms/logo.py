"""The form that chooses the logo of a procédure."""

from django import forms

from commun.forms import TpsFormHelper
from commun.images import draw_again


class LogoForm(forms.Form):
    """Choose an image, drawn again before it is kept."""

    file = forms.FileField(
        label="Image du logo",
        help_text="PNG ou JPEG, 1 Mo au plus. Un fond blanc ou transparent convient le mieux.",
        max_length=300,
        error_messages={
            "required": "Choisissez une image PNG ou JPEG.",
            "empty": "Cette image est vide. Choisissez-en une autre.",
        },
        widget=forms.FileInput({"accept": ".png,.jpg,.jpeg,image/png,image/jpeg"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()

    def clean_file(self) -> bytes:
        """Draw the image again."""
        return draw_again(self.cleaned_data["file"])
