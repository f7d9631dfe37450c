"""What the procédures tell the apps above them."""

from django.dispatch import Signal

# Sent inside the transaction that publishes; argument: `revision`, the Revision just frozen.
revision_published = Signal()

# Sent inside the transaction that throws a draft away, before; argument: `revision`, the draft.
draft_discarded = Signal()

# Sent inside the transaction that gives a procédure to another organisme; argument: `procedure`.
procedure_transferred = Signal()

# Sent inside the transaction that deletes a label, before; arguments: `label`, `by`.
label_deleted = Signal()
