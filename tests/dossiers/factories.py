"""Dossiers for tests, at each stage of their life."""

from datetime import timedelta

import factory
from django.utils import timezone

from dossiers.attestations import new_code
from dossiers.enums import (
    Civilite,
    DossierState,
    HistoryAction,
    InviteOrigin,
    InviteRole,
    MessageSide,
)
from dossiers.models import (
    Attestation,
    Dossier,
    FilMessagerie,
    HistoryEntry,
    Invite,
    Message,
    MessageFile,
    PieceJointe,
    PreviewState,
    ScanState,
    Suivi,
    Televersement,
)
from dossiers.search import search_text_of
from tests.accounts.factories import UserFactory
from tests.procedures.factories import ProcedureFactory


class DossierFactory(factory.django.DjangoModelFactory):
    """A brouillon, identified and answered; `state=…` for the other stages."""

    class Meta:
        model = Dossier
        skip_postgeneration_save = True

    procedure = factory.SubFactory(ProcedureFactory)
    revision = factory.LazyAttribute(lambda o: o.procedure.published_revision)
    usager = factory.SubFactory(UserFactory)
    civilite = Civilite.MADAME
    prenom = "Camille"
    nom = factory.Sequence(lambda n: f"Martin{n}")
    reponses = factory.LazyFunction(lambda: {"objet1": "Achat de livres"})

    class Params:
        en_construction = factory.Trait(
            state=DossierState.EN_CONSTRUCTION, submitted_at=factory.LazyFunction(timezone.now)
        )
        en_instruction = factory.Trait(
            state=DossierState.EN_INSTRUCTION,
            submitted_at=factory.LazyFunction(timezone.now),
            instruction_started_at=factory.LazyFunction(timezone.now),
        )
        accepte = factory.Trait(
            state=DossierState.ACCEPTE,
            submitted_at=factory.LazyFunction(timezone.now),
            instruction_started_at=factory.LazyFunction(timezone.now),
            decided_at=factory.LazyFunction(timezone.now),
            motivation="Tout est conforme.",
        )
        sans_suite = factory.Trait(
            state=DossierState.SANS_SUITE,
            submitted_at=factory.LazyFunction(timezone.now),
            instruction_started_at=factory.LazyFunction(timezone.now),
            decided_at=factory.LazyFunction(timezone.now),
        )
        rejete = factory.Trait(
            state=DossierState.REJETE,
            submitted_at=factory.LazyFunction(timezone.now),
            instruction_started_at=factory.LazyFunction(timezone.now),
            decided_at=factory.LazyFunction(timezone.now),
            motivation="Le projet n’entre pas dans le cadre.",
        )
        archive = factory.Trait(archived_at=factory.LazyFunction(timezone.now))

    @factory.post_generation
    def searchable(self, create, extracted, **kwargs):
        if create:
            Dossier.with_tests.filter(pk=self.pk).update(search_text=search_text_of(self))


class PieceJointeFactory(factory.django.DjangoModelFactory):
    """A small PDF attached to a dossier."""

    class Meta:
        model = PieceJointe

    dossier = factory.SubFactory(DossierFactory)
    champ_id = "piece1"
    file = factory.django.FileField(filename="document.pdf", data=b"%PDF-1.4\n%%EOF\n")
    name = "document.pdf"
    content_type = "application/pdf"
    size_bytes = 15
    sha256 = "0" * 64
    is_filed = factory.LazyAttribute(lambda o: not o.dossier.is_brouillon)

    class Params:
        en_cours = factory.Trait(scan_state=ScanState.EN_COURS)
        sain = factory.Trait(scan_state=ScanState.SAIN)
        refuse = factory.Trait(scan_state=ScanState.REFUSE)
        with_preview = factory.Trait(
            preview=factory.django.FileField(filename="apercu", data=b"RIFF"),
            preview_state=PreviewState.FAIT,
        )


class TeleversementFactory(factory.django.DjangoModelFactory):
    """A file of 30 bytes announced in pieces of 10, none of which has come."""

    class Meta:
        model = Televersement

    dossier = factory.SubFactory(DossierFactory)
    by = factory.SelfAttribute("dossier.usager")
    champ_id = "piece1"
    name = "document.pdf"
    size_bytes = 30
    chunk_bytes = 10


class HistoryEntryFactory(factory.django.DjangoModelFactory):
    """The submission of a dossier."""

    class Meta:
        model = HistoryEntry

    dossier = factory.SubFactory(DossierFactory)
    action = HistoryAction.SUBMIT
    from_state = DossierState.BROUILLON
    to_state = DossierState.EN_CONSTRUCTION
    by_name = "Camille Martin"


class InviteFactory(factory.django.DjangoModelFactory):
    """An invitation of the usager to fill in, sent now; `accepted_by=user`: accepted."""

    class Meta:
        model = Invite

    dossier = factory.SubFactory(DossierFactory)
    email = factory.LazyAttributeSequence(
        lambda o, n: o.accepted_by.email if o.accepted_by else f"invite{n}@exemple.fr"
    )
    origin = InviteOrigin.USAGER
    role = InviteRole.ECRITURE
    invited_by = factory.SelfAttribute("dossier.usager")
    invited_by_name = factory.LazyAttribute(lambda o: str(o.invited_by))

    class Params:
        accepted_by = None
        lecture = factory.Trait(role=InviteRole.LECTURE)
        of_service = factory.Trait(
            origin=InviteOrigin.ACCOMPAGNATEUR,
            role=InviteRole.LECTURE,
            invited_by=factory.SubFactory(UserFactory),
        )
        an_hour_ago = factory.Trait(
            sent_at=factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))
        )
        expired = factory.Trait(
            sent_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=31)),
            expires_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=1)),
        )
        revoked = factory.Trait(revoked_at=factory.LazyFunction(timezone.now))
        left = factory.Trait(left_at=factory.LazyFunction(timezone.now))

    @factory.lazy_attribute
    def user(self):
        return self.accepted_by

    @factory.lazy_attribute
    def accepted_at(self):
        return timezone.now() if self.accepted_by else None


class AttestationFactory(factory.django.DjangoModelFactory):
    """The attestation of an accepted dossier, its PDF made; `file=None`: not yet."""

    class Meta:
        model = Attestation

    dossier = factory.SubFactory(DossierFactory, accepte=True)
    code = factory.LazyFunction(new_code)
    procedure_title = factory.SelfAttribute("dossier.procedure.title")
    organisme_name = factory.SelfAttribute("dossier.procedure.organisme.name")
    service_name = factory.SelfAttribute("dossier.procedure.service_name")
    title = "Attestation"
    body_html = "<p>Le dossier est accepté.</p>"
    file = factory.django.FileField(filename="attestation.pdf", data=b"%PDF-1.7\n%%EOF\n")
    sha256 = "0" * 64


class MessageFactory(factory.django.DjangoModelFactory):
    """A message of the usager; `side=…, author=…` for the others. The thread follows."""

    class Meta:
        model = Message
        skip_postgeneration_save = True

    dossier = factory.SubFactory(DossierFactory)
    author = factory.SelfAttribute("dossier.usager")
    author_name = factory.LazyAttribute(lambda o: str(o.author))
    side = MessageSide.USAGER
    body = "Quelle pièce faut-il joindre ?"

    @factory.post_generation
    def fil(self, create, extracted, **kwargs):
        if not create:
            return
        fil = FilMessagerie.objects.filter(dossier=self.dossier).first() or FilMessagerie(
            dossier=self.dossier,
            procedure=self.dossier.procedure,
            is_test=self.dossier.is_test,
            is_before_deposit=self.dossier.is_brouillon,
        )
        fil.last_message = self
        if self.is_of_service:
            fil.waiting_from = fil.waiting_to = None
        else:
            fil.waiting_from, fil.waiting_to = fil.waiting_from or self.pk, self.pk
        fil.save()


class MessageFileFactory(factory.django.DjangoModelFactory):
    """A small PDF sent with a message."""

    class Meta:
        model = MessageFile

    message = factory.SubFactory(MessageFactory)
    file = factory.django.FileField(filename="document.pdf", data=b"%PDF-1.4\n%%EOF\n")
    name = "document.pdf"
    content_type = "application/pdf"
    size_bytes = 15
    sha256 = "0" * 64


class SuiviFactory(factory.django.DjangoModelFactory):
    """A person who follows a dossier by themselves."""

    class Meta:
        model = Suivi

    dossier = factory.SubFactory(DossierFactory)
    user = factory.SubFactory(UserFactory)
