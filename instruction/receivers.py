"""What the instruction does when something below it changes."""

from django.dispatch import receiver

from entreprise_api.signals import etablissement_completed
from instruction import actualisations


@receiver(etablissement_completed)
def end_actualisations(sender, etablissement, **kwargs):
    """Give the dossiers the company that was asked for again."""
    actualisations.end(etablissement)
