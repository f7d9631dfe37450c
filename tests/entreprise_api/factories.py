"""Établissements for tests, as API Entreprise would have described them."""

import datetime
from decimal import Decimal

import factory
from django.utils import timezone

from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.models import Etablissement


class EtablissementFactory(factory.django.DjangoModelFactory):
    """A complete, public company; traits for the other stages."""

    class Meta:
        model = Etablissement

    class Params:
        pending = factory.Trait(
            state=LookupState.EN_ATTENTE,
            siret_answered="",
            siren="",
            raison_sociale="",
            sigle="",
            commune="",
            adresse="",
            naf_code="",
            naf_label="",
            forme_juridique="",
            forme_juridique_code="",
            etat_administratif="",
            date_creation=None,
            fetched_at=None,
            diffusable=False,
            capital_social=None,
            capital_state=CapitalState.A_RECUPERER,
            next_attempt_at=factory.LazyFunction(timezone.now),
        )
        protected = factory.Trait(
            diffusable=False,
            is_personne_physique=True,
            raison_sociale="",
            sigle="",
            personne="Camille ROUSSEAU (LEFEBVRE)",
            forme_juridique_code="1000",
            forme_juridique="Entrepreneur individuel",
            adresse="3 IMPASSE DES GLYCINES\n69100 VILLEURBANNE",
            code_postal="69100",
            commune="VILLEURBANNE",
            capital_social=None,
            capital_state=CapitalState.INCONNU,
        )
        closed = factory.Trait(etat_administratif="F", date_fermeture=datetime.date(2024, 6, 30))

    siret = "00041872300011"
    siret_answered = factory.SelfAttribute("siret")
    siren = factory.LazyAttribute(lambda etablissement: etablissement.siret[:9])
    state = LookupState.COMPLET
    raison_sociale = "TRANSPORTS DELMAS ET FILS"
    sigle = "TDF"
    forme_juridique_code = "5710"
    forme_juridique = "SAS, société par actions simplifiée"
    naf_code = "49.41G"
    naf_label = "Transports routiers de fret interurbains"
    tranche_effectif_code = "12"
    effectif = "20 à 49 salariés"
    effectif_annee = "2023"
    adresse = "14 B AVENUE DES COQUELICOTS\n94380 BONNEUIL-SUR-MARNE\nFRANCE"
    code_postal = "94380"
    code_commune = "94011"
    commune = "BONNEUIL-SUR-MARNE"
    date_creation = datetime.date(2014, 3, 17)
    etat_administratif = "A"
    unite_legale_active = True
    is_siege = True
    siret_siege = factory.SelfAttribute("siret")
    categorie_entreprise = "PME"
    diffusable = True
    capital_social = Decimal("123456.78")
    capital_devise = "EUR"
    capital_state = CapitalState.CONNU
    recipient = "13002526500013"
    purpose = "procedure_id: 1"
    fetched_at = factory.LazyFunction(timezone.now)
    next_attempt_at = None
