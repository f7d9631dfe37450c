"""What becoming accompagnateur or administrateur of a procédure changes elsewhere."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.identites import erase_franceconnect
from procedures.models import Administration, Affectation


@receiver(post_save, sender=Affectation)
@receiver(post_save, sender=Administration)
def end_franceconnect_of_agents(instance, created, raw, **kwargs):
    """An agent no longer signs in by FranceConnect."""
    if created and not raw:
        erase_franceconnect(instance.user)
