"""What dossiers tell the apps above them."""

from django.dispatch import Signal

# Sent in the transaction of the deposit, with `dossier`, `version` and `by`.
modifications_deposited = Signal()
