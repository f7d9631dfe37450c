"""Procédures for tests."""

import factory
from django.utils import timezone

from procedures.champs import new_champ
from procedures.enums import Demandeurs, ProcedureState
from procedures.formulaire import Formulaire
from procedures.models import (
    Administration,
    Affectation,
    ModeleAttestation,
    Procedure,
    Revision,
)
from tests.accounts.factories import OrganismeFactory, UserFactory


def formulaire_of(*champs) -> Formulaire:
    """Return a form of the given champs, by default one required line of text."""
    return Formulaire(champs=list(champs) or [new_champ("texte_court", id="objet1", label="Objet")])


class ProcedureFactory(factory.django.DjangoModelFactory):
    """A procédure that is open, with a published form of `champs`; `brouillon=True`: not yet.

    Every administrateur its organisme has is on its list, unless `administrateurs=[…]` says who.
    """

    class Meta:
        model = Procedure
        skip_postgeneration_save = True

    brouillon = False
    close = False
    champs = ()
    annotations = ()
    ineligibilites = ()
    administrateurs = None
    organisme = factory.SubFactory(OrganismeFactory)
    title = factory.Sequence(lambda n: f"Demande de subvention {n}")
    slug = factory.Sequence(lambda n: f"demande-de-subvention-{n}")
    description = "Une aide pour les **associations**."
    demandeurs = Demandeurs.PARTICULIER
    service_name = "Service des subventions"
    service_email = "subventions@exemple.fr"
    cadre_juridique = "Article 9-1 de la loi nº 2000-321 du 12 avril 2000"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        brouillon, close = kwargs.pop("brouillon"), kwargs.pop("close")
        form = formulaire_of(*kwargs.pop("champs"))
        form = form.changed(
            annotations=list(kwargs.pop("annotations")),
            ineligibilites=list(kwargs.pop("ineligibilites")),
        )
        document = form.model_dump(mode="json")
        administrateurs = kwargs.pop("administrateurs")
        procedure = super()._create(model_class, *args, **kwargs)
        if administrateurs is None:
            administrateurs = procedure.organisme.administrateurs.all()
        for user in administrateurs:
            Administration.objects.create(procedure=procedure, user=user)
        revision = Revision.objects.create(
            procedure=procedure,
            number=1,
            document=document,
            published_at=None if brouillon else timezone.now(),
        )
        if not brouillon:
            procedure.published_revision = revision
            procedure.published_at = revision.published_at
            procedure.state = ProcedureState.CLOSE if close else ProcedureState.PUBLIEE
            procedure.closed_at = timezone.now() if close else None
            procedure.save(
                update_fields=["published_revision", "published_at", "state", "closed_at"]
            )
        return procedure


class AffectationFactory(factory.django.DjangoModelFactory):
    """An accompagnateur assigned to a procédure."""

    class Meta:
        model = Affectation

    procedure = factory.SubFactory(ProcedureFactory)
    user = factory.SubFactory(UserFactory)


class ModeleAttestationFactory(factory.django.DjangoModelFactory):
    """An attestation that is issued, with a text that uses balises."""

    class Meta:
        model = ModeleAttestation

    procedure = factory.SubFactory(ProcedureFactory)
    is_active = True
    title = "Attestation d’aide"
    body = "Le dossier **nº {{ numero_dossier }}** de {{ nom_usager }} est accepté."
    signatory_name = "Claude Préfet"
    signatory_title = "Chef du service"
    footer = "1 rue de la Paix, Paris"
