"""Forms of the accompagnateur: one for each decision."""

from django import forms

from commun.forms import TpsFormHelper
from dossiers import workflow
from dossiers.enums import MOTIVATION_MAX


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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False
        self.fields["motivation"].required = self.motivation_required
        self.fields["motivation"].help_text = self.motivation_help

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
