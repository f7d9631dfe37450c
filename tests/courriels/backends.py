"""Email backends that fail the way providers do."""

import os
import threading
import time
from pathlib import Path
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

from anymail.exceptions import AnymailRecipientsRefused
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as LocmemBackend

from courriels.models import Courriel


class DownBackend(BaseEmailBackend):
    """A provider that does not answer."""

    def send_messages(self, email_messages):
        raise SMTPServerDisconnected("Connection unexpectedly closed")


class UnknownRecipientBackend(BaseEmailBackend):
    """A server that knows no such recipient, for good."""

    code = 550

    def send_messages(self, email_messages):
        address = email_messages[0].to[0]
        raise SMTPRecipientsRefused({address: (self.code, b"5.1.1 User unknown")})


class GreylistingBackend(UnknownRecipientBackend):
    """A server that asks to come back later."""

    code = 451


class AnymailRefusalBackend(BaseEmailBackend):
    """A provider of Anymail that refuses the recipient."""

    def send_messages(self, email_messages):
        raise AnymailRecipientsRefused("rejected", email_message=email_messages[0])


class SilentBackend(BaseEmailBackend):
    """A backend that takes nothing and says nothing."""

    def send_messages(self, email_messages):
        return 0


class BrokenQueryBackend(BaseEmailBackend):
    """A backend whose own query fails in the database."""

    def send_messages(self, email_messages):
        return Courriel.objects.extra(where=["colonne_absente = 1"]).count()


class SlowBackend(LocmemBackend):
    """A provider slow enough for other senders to come meanwhile."""

    began = threading.Event()

    def send_messages(self, messages):
        self.began.set()
        time.sleep(0.3)
        return super().send_messages(messages)


class StuckBackend(BaseEmailBackend):
    """A provider that never ends its answer; says in a file that the sending began."""

    def send_messages(self, email_messages):
        Path(os.environ["STUCK_FILE"]).write_text(email_messages[0].to[0])
        time.sleep(600)
