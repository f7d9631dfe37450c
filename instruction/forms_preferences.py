"""What an accompagnateur wants to be told of by email."""

from django import forms

from dossiers.models import PreferenceNotification


class PreferenceForm(forms.ModelForm):
    """The choices for one procédure; whoever is only invited to dossiers has the digests alone."""

    class Meta:
        model = PreferenceNotification
        fields = ["weekly", "daily", "new_dossier", "new_message", "avis_rendu"]

    def __init__(self, *args, is_instructing: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not is_instructing:
            for name in ("new_dossier", "new_message", "avis_rendu"):
                del self.fields[name]
