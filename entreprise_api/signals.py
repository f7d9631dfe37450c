"""What this app tells the apps above it."""

from django.dispatch import Signal

# Sent once by a task, inside its transaction, when an établissement left waiting gets its final
# state. Arguments: sender=Etablissement, etablissement=<the row as saved>.
etablissement_completed = Signal()
