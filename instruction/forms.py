"""Forms of the accompagnateur: one for each decision."""

from django import forms

from commun.forms import TpsFormHelper
from dossiers import workflow
from dossiers.demande import Section
from dossiers.enums import CORRECTION_TEXT_MAX, MOTIVATION_MAX
from dossiers.forms import FilesField, FilesInput, files_hint
from dossiers.messagerie import check_files
from instruction.models import ReponseType
from procedures.balises import Balise, check_balises


class DossierDecisionForm(forms.Form):
    """The motivation of a decision; each decision is a subclass."""

    action: workflow.Action
    motivation_required = True
    motivation_help = ""

    motivation = forms.CharField(
        label="Motivation",
        max_length=MOTIVATION_MAX,
        widget=forms.Textarea({"rows": 6, "autofocus": True}),
    )

    documents = FilesField(label="Documents à joindre", required=False, widget=FilesInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False
        self.fields["documents"].help_text = files_hint()
        self.fields["motivation"].required = self.motivation_required
        self.fields["motivation"].help_text = self.motivation_help

    def clean_documents(self):
        """Return the files checked, or say what is wrong with each."""
        return check_files(self.cleaned_data["documents"] or [])

    def clean_motivation(self):
        return self.cleaned_data["motivation"].replace("\r\n", "\n")


class DossierAcceptForm(DossierDecisionForm):
    """A yes; it may go without saying why."""

    action = workflow.ACCEPT
    motivation_required = False
    motivation_help = "L’usager la lit sur son dossier et dans l’email."


class DossierCloseSansSuiteForm(DossierDecisionForm):
    """A closing that says why the dossier is not examined further."""

    action = workflow.CLOSE_SANS_SUITE
    motivation_help = (
        "Dites à l’usager pourquoi son dossier n’est pas examiné plus avant, "
        "et ce qu’il peut faire."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["motivation"].error_messages["required"] = (
            "Écrivez pourquoi le dossier est classé sans suite : l’usager a le droit de le savoir."
        )


class DossierRejectForm(DossierDecisionForm):
    """A refusal, which must say why.

    Source: code des relations entre le public et l’administration, art. L211-2 and L211-5.
    """

    action = workflow.REJECT
    motivation_help = (
        "Indiquez à l’usager les raisons de fait et de droit du refus, et ses voies de recours."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["motivation"].error_messages["required"] = (
            "Écrivez les raisons du refus : une décision défavorable doit être motivée."
        )


class DossierReopenForm(DossierDecisionForm):
    """Taking a decision back, which must say why."""

    action = workflow.REOPEN
    motivation_help = "L’usager le lit dans l’email ; il reste dans l’historique."

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["documents"]
        self.fields["motivation"].label = "Motif"
        self.fields["motivation"].error_messages["required"] = (
            "Écrivez pourquoi le dossier est repris : l’usager en est prévenu."
        )


class ReponseTypeForm(forms.ModelForm):
    """A canned answer; its balises are checked at once."""

    class Meta:
        model = ReponseType
        fields = ["title", "body"]
        labels = {"title": "Titre", "body": "Texte du message"}
        help_texts = {
            "title": "Vu des accompagnateurs seulement, par exemple « Pièce illisible ».",
            "body": "Les balises sont remplacées par ce qu’elles désignent dans chaque dossier. "
            "Le texte inséré se relit et se modifie avant l’envoi.",
        }
        widgets = {"body": forms.Textarea({"rows": 10, "data-tps-balise-field": ""})}
        error_messages = {
            "title": {"required": "Donnez un titre à la réponse type."},
            "body": {"required": "Écrivez le texte du message."},
        }

    def __init__(self, *args, balises: list[Balise], **kwargs):
        super().__init__(*args, **kwargs)
        self.balises = balises
        self.helper = TpsFormHelper()
        self.use_required_attribute = False

    def clean_body(self) -> str:
        """Refuse what would be sent as it is written."""
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        check_balises(body, self.balises)
        return body

    def clean(self):
        """Check the title against the others of the procédure, which the form does not show."""
        cleaned = super().clean()
        twins = ReponseType.objects.filter(
            procedure_id=self.instance.procedure_id, title=cleaned.get("title", "")
        )
        if twins.exclude(pk=self.instance.pk).exists():
            self.add_error("title", "Une réponse type de cette procédure porte déjà ce titre.")
        return cleaned


class CorrectionForm(forms.Form):
    """Which champs are to be corrected, what is asked of each, and a message."""

    message = forms.CharField(
        label="Message à l’usager",
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="Facultatif si chaque question choisie dit ce qu’il faut corriger.",
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, sections: list[Section], chosen: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.chosen = chosen
        self.groups = [(section.label, self._rows(section)) for section in sections]
        self.groups = [(label, rows) for label, rows in self.groups if rows]

    def _rows(self, section: Section) -> list[dict]:
        """Return the champs of a section that may be named, each with its text."""
        rows = []
        for row in section.rows:
            if not (row.is_asked or (row.champ.is_bloc and not row.is_hidden)):
                continue
            name = f"texte_{row.champ.id}"
            self.fields[name] = forms.CharField(
                label=f"Que faut-il corriger ? {row.champ.label}",
                required=False,
                max_length=CORRECTION_TEXT_MAX,
                widget=forms.Textarea({"rows": 2, "class": "fr-input"}),
            )
            is_chosen = row.champ.id in self.chosen
            rows.append({"row": row, "field": self[name], "is_chosen": is_chosen})
        return rows

    def clean(self):
        """Ask for at least one champ, and for words about each."""
        cleaned = super().clean()
        if not self.chosen:
            raise forms.ValidationError("Choisissez au moins une question à corriger.")
        texts = {champ_id: cleaned.get(f"texte_{champ_id}", "") for champ_id in self.chosen}
        if not cleaned.get("message") and not all(texts.values()):
            self.add_error(
                "message",
                "Écrivez un message, ou dites pour chaque question choisie ce qu’il faut corriger.",
            )
        cleaned["texts"] = texts
        return cleaned
