"""Forms of the usager; the form of a dossier is built from its revision."""

from django import forms

from commun.forms import TpsFormHelper
from dossiers.models import Dossier
from procedures.formulaire import Formulaire


class ReponsesForm(forms.Form):
    """The form of a revision: one field per champ, filled in with the answers of a dossier."""

    def __init__(self, formulaire: Formulaire, dossier: Dossier | None = None, **kwargs):
        super().__init__(**kwargs)
        self.formulaire = formulaire
        self.helper = TpsFormHelper()
        for champ in formulaire.champs:
            field = champ.form_field()
            if field is None:
                continue
            if dossier is not None:
                field.initial = champ.to_initial(dossier.reponses.get(champ.id))
                if champ.id in dossier.saisies_refusees:
                    field.initial = dossier.saisies_refusees[champ.id]
            # The browser must not hold a brouillon back: the server says what is missing.
            self.fields[champ.field_name] = field
            self.use_required_attribute = False
