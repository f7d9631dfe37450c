"""What becoming administrateur of an organisme changes."""

from django.db.models.signals import m2m_changed
from django.dispatch import receiver

from accounts.identites import erase_franceconnect
from accounts.models import Organisme, User


@receiver(m2m_changed, sender=Organisme.administrateurs.through)
def end_franceconnect_of_administrateurs(instance, action, reverse, pk_set, **kwargs):
    """An administrateur no longer signs in by FranceConnect."""
    if action == "post_add" and pk_set:
        people = [instance] if reverse else User.objects.filter(pk__in=pk_set)
        for user in people:
            erase_franceconnect(user)
