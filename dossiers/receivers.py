"""What dossiers do when something below them changes."""

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from dossiers import corrections, echeances, workflow
from dossiers.enums import DossierState
from dossiers.essais import erase
from dossiers.labels import note_deleted
from dossiers.models import DecisionFile, Dossier, MessageFile, Suivi
from dossiers.retrait import delete_files_after_commit
from dossiers.search import refresh_search_text
from dossiers.signals import dossier_transitioned, modifications_deposited
from entreprise_api.signals import etablissement_completed
from procedures.models import Affectation
from procedures.signals import (
    draft_discarded,
    label_deleted,
    procedure_transferred,
    revision_published,
)


@receiver(revision_published)
@receiver(draft_discarded)
def erase_tests(sender, revision, **kwargs):
    """Erase what was tried on a draft, which is a draft no more."""
    erase(Dossier.tests.filter(procedure_id=revision.procedure_id))


@receiver(procedure_transferred)
def erase_tests_of_transferred(sender, procedure, **kwargs):
    """Erase the tests of a procédure: they would show the draft to those who gave it away."""
    erase(Dossier.tests.filter(procedure_id=procedure.pk))


@receiver(revision_published)
def move_brouillons(sender, revision, **kwargs):
    """Move the brouillons to the new form; answers to removed champs stay stored, unseen."""
    # Those in the bin too: they may come back.
    Dossier.with_trash.filter(
        procedure_id=revision.procedure_id, state=DossierState.BROUILLON, is_test=False
    ).exclude(revision=revision).update(revision=revision)


@receiver(etablissement_completed)
def refresh_search_of_etablissement(sender, etablissement, **kwargs):
    """Let the dossiers of a company be found by the name that came late."""
    with transaction.atomic():
        real = Dossier.with_trash.filter(is_test=False)
        concerned = real.filter(etablissement=etablissement).order_by("pk")
        # In two queries, for the reason that `dossiers.locks` gives.
        pks = list(concerned.select_for_update(of=("self",)).values_list("pk", flat=True))
        joined = real.select_related("usager", "etablissement", "revision")
        for dossier in joined.filter(pk__in=pks):
            refresh_search_text(dossier)
            dossier.save(update_fields=["search_text"])


@receiver(post_delete, sender=Affectation)
def stop_following(sender, instance, **kwargs):
    """Let who leaves a groupe follow its dossiers no more: they do not see them any longer."""
    Suivi.objects.filter(user_id=instance.user_id, dossier__groupe_id=instance.groupe_id).delete()


@receiver(modifications_deposited)
def resolve_correction(sender, dossier, by, **kwargs):
    """Note that the deposit makes the correction that was asked for, where one was."""
    corrections.resolve(dossier, by)


@receiver(dossier_transitioned)
def follow_echeance(sender, dossier, action, **kwargs):
    """Begin the legal deadline of a dossier, or end it, as its state changes."""
    if action is workflow.SUBMIT:
        echeances.open_echeance(dossier)
    elif action.is_decision:
        echeances.end(dossier)
    elif action is workflow.START_INSTRUCTION:
        echeances.begin_if_waiting(dossier)
        echeances.resume(dossier)  # the correction asked for is awaited no longer


@receiver(label_deleted)
def note_label_deleted(sender, label, by, **kwargs):
    """Note on the dossiers of a label that they lose it."""
    note_deleted(label, by=by)


@receiver(post_delete, sender=DecisionFile)
@receiver(post_delete, sender=MessageFile)
def delete_message_file(sender, instance, **kwargs):
    """Delete the file of a message or of a decision that goes with its dossier, after commit."""
    delete_files_after_commit([instance])
