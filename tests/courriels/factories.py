"""Emails for tests, at each stage of their life."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from courriels.enums import CourrielState
from courriels.models import Courriel, DemoMessage


class CourrielFactory(DjangoModelFactory):
    """An email that waits, queued this instant; `envoye=True` or `echec=True` for the others."""

    class Meta:
        model = Courriel

    class Params:
        envoye = factory.Trait(
            state=CourrielState.ENVOYE,
            attempts=1,
            queued_at=None,
            sent_at=factory.LazyFunction(timezone.now),
        )
        echec = factory.Trait(
            state=CourrielState.ECHEC,
            attempts=9,
            queued_at=None,
            last_error="SMTPServerDisconnected : Connection unexpectedly closed",
        )

    kind = "accuse_reception"
    to_email = factory.Sequence(lambda n: f"usager{n}@exemple.fr")
    subject = factory.Sequence(lambda n: f"Votre dossier nº {n} est bien déposé")
    body_text = "Bonjour,\n\nVotre dossier est bien déposé."
    body_html = "<p>Bonjour,</p><p>Votre dossier est bien déposé.</p>"
    queued_at = factory.LazyFunction(timezone.now)


class DemoMessageFactory(DjangoModelFactory):
    """A message in the inbox of the demo."""

    class Meta:
        model = DemoMessage

    from_email = "TPS <ne-pas-repondre@tps.localhost>"
    to = factory.Sequence(lambda n: f"usager{n}@demo.tps")
    subject = factory.Sequence(lambda n: f"Votre dossier nº {n} est bien déposé")
    text = "Bonjour,\n\nVotre dossier : https://tps.exemple/dossiers/1/"
    html = "<p>Bonjour,</p>"
    headers = {"Message-ID": "<1@tps.localhost>"}
