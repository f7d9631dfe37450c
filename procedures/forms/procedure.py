"""The form that creates and describes a procédure."""

from crispy_forms.layout import HTML, Fieldset, Layout
from django import forms
from django.db import IntegrityError, transaction
from django.urls import reverse_lazy

from accounts.models import Organisme
from commun.forms import RichRadioSelect, TpsFormHelper
from procedures.models import SLUG_VALIDATOR, Procedure
from procedures.revisions import create_procedure
from procedures.slugs import free_slug

TITLE_ATTRS = {"data-tps-slug-source": "", "autocomplete": "off"}
SLUG_ATTRS = {
    "data-tps-slug": "",
    "autocomplete": "off",
    "autocapitalize": "none",
    "spellcheck": "false",
}
PREVIEW_ATTRS = {
    "rows": 10,
    "hx-post": reverse_lazy("procedures:markdown_preview"),
    "hx-trigger": "input changed delay:400ms",
    "hx-target": "#description-apercu",
    "hx-swap": "innerHTML",
    "hx-sync": "this:replace",
}
SECTION = "tps-form-section"
NEEDED = {
    "description": "Rédigez la description : la procédure est publiée.",
    "service_name": "Indiquez le service à contacter : la procédure est publiée.",
    "service_email": "Indiquez l’email du service : la procédure est publiée.",
    "cadre_juridique": "Indiquez le cadre juridique : la procédure est publiée.",
}
FROZEN_SLUG = (
    "Elle ne change plus : la procédure est publiée, et des usagers peuvent avoir gardé le lien."
)
FROZEN_DEMANDEURS = (
    "Ce choix ne change plus : la procédure est publiée, et des usagers se sont peut-être déjà "
    "identifiés."
)
FROZEN_ORGANISME = "L’organisme ne change plus une fois la procédure publiée."


class ProcedureForm(forms.ModelForm):
    """Describe a procédure; what usagers rely on is frozen once it was published."""

    class Meta:
        model = Procedure
        fields = [
            "title",
            "slug",
            "organisme",
            "description",
            "demandeurs",
            "retention_months",
            "service_name",
            "service_email",
            "service_phone",
            "service_website",
            "service_hours",
            "service_address",
            "cadre_juridique",
            "donnees_destinataires",
            "dpo_contact",
        ]
        labels = {
            "title": "Titre",
            "demandeurs": "Qui peut déposer un dossier ?",
            "retention_months": "Durée de conservation des dossiers, en mois",
            "service_name": "Nom du service",
            "service_email": "Adresse email du service",
            "service_phone": "Téléphone du service",
            "service_website": "Site web du service",
            "service_hours": "Horaires d’ouverture",
            "service_address": "Adresse postale",
            "cadre_juridique": "Cadre juridique",
            "donnees_destinataires": "Destinataires des données",
            "dpo_contact": "Contact du délégué à la protection des données",
        }
        help_texts = {
            "title": "Tel que les usagers le verront et le chercheront, par exemple « Demande de "
            "subvention pour une association ».",
            "slug": "La fin du lien que vous donnerez aux usagers : minuscules sans accent, "
            "chiffres et tirets. Chaque adresse ne sert qu’à une procédure. Laissée vide, elle est "
            "tirée du titre. Vous pouvez la changer jusqu’à la publication.",
            "description": "Demandée pour publier. À quoi sert la procédure, à qui elle s’adresse, "
            "ce qui suivra. Une ligne vide sépare deux paragraphes, **deux étoiles** mettent en "
            "gras, un tiret en début de ligne fait une liste ; les adresses web deviennent des "
            "liens.",
            "retention_months": "De 1 à 60 mois à partir de la décision.",
            "service_email": "Demandée pour publier. Montrée aux usagers, par exemple "
            "service@exemple.fr.",
            "service_phone": "Facultatif, par exemple 01 23 45 67 89.",
            "service_website": "Facultatif, en https.",
            "service_hours": "Facultatif, par exemple « Du lundi au vendredi, de 9 h à 12 h ».",
            "service_address": "Facultatif.",
            "cadre_juridique": "Demandé pour publier. Le texte qui fonde la procédure, par exemple "
            "« Article L. 3211-1 du code des transports », ou son adresse https sur Légifrance.",
            "donnees_destinataires": "Facultatif. Les services qui recevront les dossiers.",
            "dpo_contact": "Facultatif. Une adresse email ou une page web, montrée aux usagers.",
        }
        widgets = {
            "title": forms.TextInput(TITLE_ATTRS),
            "slug": forms.TextInput(SLUG_ATTRS),
            "demandeurs": RichRadioSelect,
            "description": forms.Textarea(PREVIEW_ATTRS),
            "retention_months": forms.TextInput({"inputmode": "numeric"}),
            "service_phone": forms.TextInput({"type": "tel"}),
            "service_website": forms.TextInput({"type": "url"}),
            "service_hours": forms.Textarea({"rows": 2}),
            "service_address": forms.Textarea({"rows": 3}),
            "cadre_juridique": forms.Textarea({"rows": 3}),
            "donnees_destinataires": forms.Textarea({"rows": 2}),
        }
        error_messages = {
            "title": {"required": "Donnez un titre à la procédure."},
            "organisme": {"required": "Choisissez l’organisme qui propose la procédure."},
            "demandeurs": {"required": "Choisissez qui peut déposer un dossier."},
            "retention_months": {
                "required": "Indiquez une durée, de 1 à 60 mois.",
                "invalid": "Saisissez un nombre entier de mois, de 1 à 60.",
                "min_value": "Saisissez un nombre entier de mois, de 1 à 60.",
                "max_value": "Saisissez un nombre entier de mois, de 1 à 60.",
            },
            "service_email": {
                "invalid": "Saisissez une adresse email complète, par exemple service@exemple.fr."
            },
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.use_required_attribute = False
        self.fields["slug"].required = False
        self.fields[
            "service_name"
        ].help_text = "Demandé pour publier. Celui à qui les usagers posent leurs questions."
        self._set_organismes()
        if self.instance.was_published:
            self._freeze()
        self.helper = TpsFormHelper(mark_optional=False)
        self.helper.layout = self._layout()

    def _set_organismes(self) -> None:
        organismes = Organisme.objects.filter(administrateurs=self.user)
        if len(organismes) == 1:
            del self.fields["organisme"]
            if self.instance.organisme_id is None:
                self.instance.organisme = organismes[0]
        else:
            self.fields["organisme"].queryset = organismes
            self.fields["organisme"].empty_label = "Sélectionnez un organisme"

    def _freeze(self) -> None:
        """Freeze what usagers rely on, and require what publication asked for."""
        frozen = {
            "slug": FROZEN_SLUG,
            "demandeurs": FROZEN_DEMANDEURS,
            "organisme": FROZEN_ORGANISME,
        }
        for name in frozen.keys() & self.fields.keys():
            self.fields[name].disabled = True
            self.fields[name].help_text = frozen[name]
        for name, message in NEEDED.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = message

    def _layout(self) -> Layout:
        organisme = ["organisme"] if "organisme" in self.fields else []
        return Layout(
            Fieldset(
                "La procédure",
                "title",
                "slug",
                HTML('{% include "procedures/includes/slug_address.html" %}'),
                *organisme,
                "description",
                HTML('{% include "procedures/includes/description_preview.html" %}'),
                css_class=SECTION,
            ),
            Fieldset("Les dossiers", "demandeurs", "retention_months", css_class=SECTION),
            Fieldset(
                "Le service à contacter",
                "service_name",
                "service_email",
                "service_phone",
                "service_website",
                "service_hours",
                "service_address",
                css_class=SECTION,
            ),
            Fieldset(
                "Le droit et les données",
                "cadre_juridique",
                "donnees_destinataires",
                "dpo_contact",
                css_class=SECTION,
            ),
        )

    def clean_slug(self):
        """Take the address from the title where none was typed."""
        slug = self.cleaned_data["slug"] or free_slug(self.cleaned_data.get("title", ""))
        if "slug" in self.changed_data or not self.instance.slug:
            SLUG_VALIDATOR(slug)
        return slug

    def save_procedure(self) -> Procedure | None:
        """Create or update the procédure; None, and an error, when the address was just taken."""
        try:
            with transaction.atomic():
                if self.instance.pk:
                    self.instance.save(update_fields=list(self.fields))
                    return self.instance
                fields = {"organisme": self.instance.organisme} | self.cleaned_data
                return create_procedure(by=self.user, **fields)
        except IntegrityError:
            self.add_error("slug", Procedure._meta.get_field("slug").error_messages["unique"])
            return None
