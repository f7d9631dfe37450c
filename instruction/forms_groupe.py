"""The form that gives a dossier to another groupe."""

from django import forms

from commun.forms import TpsFormHelper
from dossiers.enums import GROUPE_CHANGE_REASON_MAX
from procedures.models import Groupe


class GroupeField(forms.ModelChoiceField):
    """A groupe; those that the person would lose sight of say so."""

    mine: set[int] = frozenset()

    def label_from_instance(self, groupe):
        return str(groupe) if groupe.pk in self.mine else f"{groupe} (vous n’en êtes pas membre)"


class GroupeChangeForm(forms.Form):
    """The groupe that takes a dossier, and why."""

    groupe = GroupeField(
        Groupe.objects.none(),
        label="Nouveau groupe",
        empty_label="Sélectionnez un groupe",
        error_messages={
            "required": "Choisissez le groupe qui prend le dossier.",
            "invalid_choice": "Ce groupe n’existe plus : choisissez-en un autre.",
        },
    )
    reason = forms.CharField(
        label="Motif",
        required=False,
        max_length=GROUPE_CHANGE_REASON_MAX,
        help_text="Pour vos collègues : noté dans l’historique, l’usager ne le lit pas.",
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args, groupes, mine: set[int], **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        self.fields["groupe"].mine = mine
        self.fields["groupe"].queryset = groupes
