"""What the procédures tell the apps above them."""

from django.dispatch import Signal

# Sent inside the transaction that publishes; argument: `revision`, the Revision just frozen.
revision_published = Signal()
