"""Avis for the tests."""

from datetime import timedelta

import factory
from django.utils import timezone

from instruction.avis_enums import AvisAnswer, AvisFileKind
from instruction.models import Avis, AvisFile
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, InviteFactory


class AvisFactory(factory.django.DjangoModelFactory):
    """Confidential, asked two days ago of an expert who accepted; `given="favorable"`: given."""

    class Meta:
        model = Avis

    dossier = factory.SubFactory(DossierFactory, en_instruction=True)
    email = factory.LazyAttribute(lambda o: o.invite.email if o.invite else o.user.email)
    question = "Le budget tient-il ?"
    asked_by = factory.SubFactory(UserFactory)
    asked_by_name = factory.LazyAttribute(lambda o: str(o.asked_by))
    created_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=2))
    answer = factory.SelfAttribute("given")

    class Params:
        given = ""
        expert = None
        shared = factory.Trait(is_confidential=False)
        favorable = factory.Trait(given=AvisAnswer.FAVORABLE, text="Texte favorable")
        of_colleague = factory.Trait(invite=None, user=factory.SubFactory(UserFactory))

    @factory.lazy_attribute
    def invite(self):
        expert = self.expert or UserFactory()
        live = self.dossier.invites.live().of_service().filter(email=expert.email).first()
        return live or InviteFactory(dossier=self.dossier, of_service=True, accepted_by=expert)

    @factory.lazy_attribute
    def answered_at(self):
        return timezone.now() if self.given else None

    @factory.lazy_attribute
    def answered_by_name(self):
        return str(self.invite.user if self.invite else self.user) if self.given else ""


class AvisFileFactory(factory.django.DjangoModelFactory):
    """A small PDF joined to a question; `of_answer=True`: to an answer."""

    class Meta:
        model = AvisFile
        skip_postgeneration_save = True

    file = factory.django.FileField(filename="document.pdf", data=b"%PDF-1.4\n%%EOF\n")
    kind = AvisFileKind.QUESTION
    name = "question.pdf"
    content_type = "application/pdf"
    size_bytes = 15
    sha256 = "0" * 64

    class Params:
        of_answer = factory.Trait(kind=AvisFileKind.ANSWER, name="reponse.pdf")

    @factory.post_generation
    def avis(self, create, extracted, **kwargs):
        self.avis.set(extracted)


def avis_file(avis: Avis, **options) -> AvisFile:
    """Return a file that goes with an avis."""
    return AvisFileFactory(dossier=avis.dossier, avis=[avis], **options)
