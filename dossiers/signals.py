"""What dossiers tell the apps above them."""

from django.dispatch import Signal

# Sent in the transaction of the deposit, with `dossier`, `version` and `by`.
modifications_deposited = Signal()

# Sent in the transaction of each change of state, with `dossier`, `action`
# (`dossiers.workflow.Action`), `by` (None when TPS acts by itself) and the history `entry`.
dossier_transitioned = Signal()
