"""The answers that a prefilled link gives, chosen by an administrateur."""

from django import forms

from commun.forms import TpsFormHelper
from procedures.champs import Champ, champ_of_row
from procedures.champs.identite import CIVILITES
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.preremplissage import IDENTITE, NAME_MAX, write_lien

ROW_ID = "1"


class LienForm(forms.Form):
    """Every question that a link may answer, optional; of a bloc, one row."""

    use_required_attribute = False

    def __init__(self, *args, procedure: Procedure, formulaire: Formulaire, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper(mark_optional=False)
        self.formulaire = formulaire
        if procedure.accepts_particuliers:
            self._add_identite()
        self.champs = [champ for champ in map(_in_link, formulaire.champs) if champ.is_prefillable]
        for champ in self.champs:
            field = champ.form_field()
            field.required = False
            bloc = formulaire.by_id.get(champ.bloc) if champ.bloc else None
            if bloc:
                field.label = f"{bloc.row_label} 1 · {champ.label}"
            self.fields[champ.field_name] = field

    def _add_identite(self) -> None:
        self.fields["identite_genre"] = forms.ChoiceField(
            label="Civilité de l’usager",
            choices=[("", "Ne pas remplir"), *CIVILITES.items()],
            required=False,
        )
        for name, label in (("identite_prenom", "Prénom"), ("identite_nom", "Nom")):
            self.fields[name] = forms.CharField(
                label=f"{label} de l’usager", max_length=NAME_MAX, required=False
            )

    @property
    def query(self) -> str:
        """Return the query of the link that gives the answers that are right."""
        answers = getattr(self, "cleaned_data", {})
        reponses = {
            champ.id: champ.to_stored(answers[champ.field_name])
            for champ in self.champs
            if champ.field_name in answers
        }
        given = {key: stored for key, stored in reponses.items() if stored is not None}
        for champ in self.champs:
            if champ.bloc and champ.id in given:
                given[champ.bloc] = [ROW_ID]
        identite = {column: answers.get(name, "") for name, column in IDENTITE.items()}
        return write_lien(self.formulaire, given, identite)


def _in_link(champ: Champ) -> Champ:
    return champ_of_row(champ, ROW_ID) if champ.bloc else champ
