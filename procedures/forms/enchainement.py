"""The forms that chain one procédure to the next."""

from crispy_forms.layout import Layout
from django import forms

from commun.forms import RichRadioSelect, TpsFormHelper
from procedures.enchainements import candidates, givers, suggested_mapping, takers
from procedures.enums import MomentEnchainement
from procedures.models import ENCHAINEMENT_TEXT_MAX, Enchainement, Procedure


class EnchainementForm(forms.Form):
    """Choose the next step, the moment it is offered, and what is said of it."""

    target = forms.ModelChoiceField(
        label="Procédure suivante",
        queryset=Procedure.objects.none(),
        required=False,
        empty_label="Choisir parmi les procédures de mes organismes",
        error_messages={"invalid_choice": "Choisissez une procédure publiée de la liste."},
    )
    slug = forms.CharField(
        label="Ou l’adresse d’une autre procédure publiée",
        help_text="La fin de son adresse publique, après « /commencer/ ».",
        required=False,
        max_length=100,
    )
    moment = forms.ChoiceField(
        label="Quand proposer cette étape ?",
        choices=MomentEnchainement,
        widget=RichRadioSelect,
        error_messages={"required": "Choisissez quand proposer cette étape."},
    )
    text = forms.CharField(
        label="Ce que l’usager lira",
        help_text="À quoi sert l’étape suivante, et quand la commencer. Sans mise en forme.",
        required=False,
        max_length=ENCHAINEMENT_TEXT_MAX,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args, procedure: Procedure, by, enchainement: Enchainement | None):
        offered = list(candidates(procedure, by=by))
        initial = {"moment": MomentEnchainement.A_L_ACCEPTATION}
        if enchainement:
            initial = {"moment": enchainement.moment, "text": enchainement.text}
            is_offered = enchainement.target in offered
            initial["target" if is_offered else "slug"] = (
                enchainement.target_id if is_offered else enchainement.target.slug
            )
        super().__init__(*args, initial=initial)
        self.fields["target"].queryset = Procedure.objects.filter(
            pk__in=[item.pk for item in offered]
        ).order_by("title", "pk")
        self.use_required_attribute = False
        self.helper = TpsFormHelper(mark_optional=False)
        self.helper.layout = Layout("target", "slug", "moment", "text")

    def clean(self):
        cleaned = super().clean()
        slug = cleaned.get("slug", "").strip().strip("/").rpartition("/")[2]
        if cleaned.get("target") and slug:
            self.add_error("slug", "Choisissez dans la liste ou donnez une adresse, pas les deux.")
        elif slug:
            cleaned["target"] = Procedure.objects.publiees().filter(slug=slug).first()
            if cleaned["target"] is None:
                self.add_error("slug", "Aucune procédure publiée n’a cette adresse.")
        elif not cleaned.get("target") and "target" not in self.errors:
            self.add_error("target", "Choisissez la procédure suivante.")
        return cleaned


class MappingForm(forms.Form):
    """For each question of the next step, the question whose answer it takes."""

    def __init__(self, *args, enchainement: Enchainement):
        super().__init__(*args)
        source = enchainement.source.published_revision.formulaire
        target = enchainement.target.published_revision.formulaire
        suggested = suggested_mapping(source, target)
        self.unmatched = []
        self.champ_ids = {}
        for champ in takers(target):
            offered = givers(champ, source)
            if not offered:
                self.unmatched.append(champ)
                continue
            self.champ_ids[champ.field_name] = champ.id
            self.fields[champ.field_name] = forms.ChoiceField(
                label=champ.label,
                choices=[("", "Ne rien reprendre"), *((it.id, it.label) for it in offered)],
                initial=enchainement.mapping.get(champ.id, ""),
                help_text="Même intitulé dans les deux formulaires."
                if champ.id in suggested
                else "",
                required=False,
            )
        self.helper = TpsFormHelper(mark_optional=False)

    @property
    def mapping(self) -> dict[str, str]:
        """Return what was chosen, once valid."""
        return {
            champ_id: self.cleaned_data[name]
            for name, champ_id in self.champ_ids.items()
            if self.cleaned_data[name]
        }
