"""What a dossier gives to those of its champs that ask more than their own answer."""

from functools import cached_property

from django.utils import timezone

from entreprise_api.models import Etablissement
from procedures.champs import ChampInContexte, DossierLiable
from procedures.formulaire import Formulaire

DOSSIERS_LIABLES_MAX = 500


class ContexteDuDossier:
    """The context of the champs of one dossier; what was read once is kept."""

    def __init__(self, dossier):
        self.dossier = dossier
        self._liables: dict[str, list[DossierLiable]] = {}
        self._hides_other_dossiers = False

    def bind(self, formulaire: Formulaire) -> Formulaire:
        """Give the context to the champs of the form that read it; return the form."""
        for champ in formulaire.champs:
            if isinstance(champ, ChampInContexte):
                champ.bind(self)
        return formulaire

    def hide_other_dossiers(self) -> None:
        """Offer no other dossier than those the answers already name: an invité looks."""
        self._hides_other_dossiers = True

    @cached_property
    def etablissements(self) -> dict[str, Etablissement]:
        """Return the companies that the answers name, by SIRET, in one query."""
        cited = self.dossier.etablissements_cites.order_by("pk")
        return {etablissement.siret: etablissement for etablissement in cited}

    def dossiers_liables(self, procedure_slug: str) -> list[DossierLiable]:
        """Return the submitted dossiers of its usager, the newest first, without itself."""
        if procedure_slug not in self._liables:
            self._liables[procedure_slug] = self._read_liables(procedure_slug)
        return self._liables[procedure_slug]

    def _read_liables(self, procedure_slug: str) -> list[DossierLiable]:
        dossiers = type(self.dossier).objects.filter(
            usager_id=self.dossier.usager_id, hidden_at=None
        )
        dossiers = dossiers.soumis().exclude(pk=self.dossier.pk)
        if self._hides_other_dossiers:
            named = [answer for answer in self.dossier.reponses.values() if type(answer) is int]
            dossiers = dossiers.filter(pk__in=named)
        if procedure_slug:
            # By its organisme too: a slug of elsewhere offers nothing.
            dossiers = dossiers.filter(
                procedure__slug=procedure_slug,
                procedure__organisme__procedures=self.dossier.procedure_id,
            )
        rows = dossiers.order_by("-submitted_at", "-pk").values_list(
            "pk", "procedure__title", "submitted_at"
        )
        return [
            DossierLiable(pk, title, timezone.localdate(submitted_at))
            for pk, title, submitted_at in rows[:DOSSIERS_LIABLES_MAX]
        ]
