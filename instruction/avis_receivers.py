"""What happens to the files of the avis when their rows go."""

from django.db.models.signals import post_delete
from django.dispatch import receiver

from dossiers.retrait import delete_files_after_commit
from instruction.models import AvisFile


@receiver(post_delete, sender=AvisFile)
def delete_avis_file(sender, instance, **kwargs):
    """Delete the content of a file that goes, with its dossier or alone, once that is certain."""
    delete_files_after_commit([instance])
