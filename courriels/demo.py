"""The email provider of the demo: what leaves is kept, and read at `/demo/courriels/`."""

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from courriels.models import DemoMessage


class InboxBackend(BaseEmailBackend):
    """Keep messages in the database instead of sending them."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        """Keep each message that has a recipient; return how many."""
        return sum(self._keep(message) for message in email_messages)

    def _keep(self, message: EmailMessage) -> bool:
        recipients = message.recipients()
        if not recipients:
            return False
        headers = {name: str(value) for name, value in message.message().items()}
        DemoMessage.objects.create(
            from_email=message.from_email,
            to=", ".join(recipients),
            subject=message.subject,
            text=message.body,
            html=_html_of(message),
            headers=headers,
        )
        return True


def _html_of(message: EmailMessage) -> str:
    for alternative in getattr(message, "alternatives", []):
        if alternative.mimetype == "text/html":
            return alternative.content
    return ""
