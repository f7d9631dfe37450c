"""Publication: what a procédure lacks before it, and the act itself."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from procedures.attestations import problems_of_attestation
from procedures.balises import balises_of
from procedures.champs import Champ
from procedures.conditions.controle import problems_of_formulaire
from procedures.courriels import problems_of
from procedures.enums import ProcedureState
from procedures.models import Procedure, Revision
from procedures.part import CHAMPS, PARTS
from procedures.revisions import editable_revision
from procedures.signals import draft_discarded, revision_published

# What a new champ is called until it is named; « Civilité » and the like are good names.
PLACEHOLDERS = ("Nouveau ", "Nouvel ", "Nouvelle ")


@dataclass(frozen=True)
class Missing:
    """One thing to do before publication, and where."""

    message: str
    url: str


def missing_before_publication(procedure: Procedure) -> list[Missing]:
    """Return what is still to be done, in the order of the cockpit; empty when all is ready."""
    missing = []
    description_url = reverse("procedures:procedure_edit", args=[procedure.pk])
    if not procedure.description.strip():
        missing.append(Missing("Rédigez la description de la procédure.", description_url))
    if not (procedure.service_name and procedure.service_email):
        missing.append(Missing("Indiquez le service à contacter et son email.", description_url))
    if not procedure.cadre_juridique.strip():
        missing.append(Missing("Indiquez le cadre juridique de la procédure.", description_url))
    missing.extend(_missing_in_form(procedure))
    if not procedure.affectations.exists():
        missing.append(
            Missing(
                "Affectez au moins un accompagnateur.",
                reverse("procedures:accompagnateur_list", args=[procedure.pk]),
            )
        )
    missing.extend(_missing_in_courriels(procedure))
    missing.extend(_missing_in_attestation(procedure))
    missing.extend(_missing_in_dates(procedure))
    return missing


def _missing_in_dates(procedure: Procedure) -> list[Missing]:
    """Name the planned dates that came before a first publication."""
    if procedure.was_published:
        return []
    now, missing = timezone.now(), []
    url = reverse("procedures:dates_edit", args=[procedure.pk])
    if procedure.closes_at and procedure.closes_at <= now:
        missing.append(Missing("La date de clôture est passée : choisissez-en une autre.", url))
    if procedure.passage_at and not procedure.passage_at_closing and procedure.passage_at <= now:
        missing.append(
            Missing("La date du passage en instruction est passée : choisissez-en une autre.", url)
        )
    return missing


def _missing_in_courriels(procedure: Procedure) -> list[Missing]:
    """Name the emails that quote a champ the form no longer has."""
    modeles = list(procedure.modeles_courriels.order_by("pk"))
    if not modeles:
        return []
    known = balises_of(procedure, editable_revision(procedure).formulaire)
    missing = []
    for modele in modeles:
        url = reverse("procedures:courriel_edit", args=[procedure.pk, modele.event])
        missing.extend(
            Missing(f"Email « {modele.get_event_display()} » : {problem}", url)
            for problem in problems_of([modele.subject, modele.body], known)
        )
    return missing


def _missing_in_attestation(procedure: Procedure) -> list[Missing]:
    """Say what is wrong with the attestation that dossiers will be given, if any."""
    modele = getattr(procedure, "modele_attestation", None)
    if modele is None or not modele.is_active:
        return []
    url = reverse("procedures:attestation_edit", args=[procedure.pk])
    problems = problems_of_attestation(modele, editable_revision(procedure).formulaire)
    return [Missing(f"Attestation : {problem}", url) for problem in problems]


def _missing_in_form(procedure: Procedure) -> list[Missing]:
    """Name what is wrong in the form, its annotations privées, its rules of ineligibility."""
    whole = editable_revision(procedure).formulaire
    if not whole.answerable():
        url = CHAMPS.champ_url(procedure, None)
        return [Missing("Ajoutez au moins une question au formulaire.", url)]
    missing = []
    for part in PARTS:
        noun = "Annotation" if part.is_private else "Champ"
        formulaire = part.of(whole)
        missing.extend(
            Missing(f"{noun} « {champ.label} » : {problem}", part.champ_url(procedure, champ))
            for champ in formulaire.champs
            if (problem := _unnamed(champ) or champ.missing_before_publication())
        )
        for champ, problem in problems_of_formulaire(formulaire):
            if champ is None:
                url = reverse("procedures:ineligibilite_list", args=[procedure.pk])
                missing.append(Missing(f"Règle d’inéligibilité : {problem}", url))
            else:
                url = part.champ_url(procedure, champ)
                missing.append(Missing(f"{noun} « {champ.label} » : {problem}", url))
    return missing


def _unnamed(champ: Champ) -> str:
    """Ask for a label where the one the builder gave, « Nouvelle question », is still there."""
    is_unnamed = champ.label == champ.default_label and champ.label.startswith(PLACEHOLDERS)
    return "Donnez-lui un intitulé." if is_unnamed else ""


def publish(procedure: Procedure, *, by) -> Revision:
    """Freeze the draft and open the procédure; brouillons of usagers move to the new revision.

    A closed procédure stays closed. Raises ValidationError with what is missing. Publishing twice
    at once, or without any change, publishes nothing more.
    """
    with transaction.atomic():
        procedure = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        drafts = Revision.objects.drafts().filter(procedure=procedure)
        draft = drafts.select_for_update(of=("self",)).first()
        published = procedure.published_revision
        if draft is None:
            return published
        if published is not None and published.formulaire == draft.formulaire:
            draft_discarded.send(Revision, revision=draft)
            draft.delete()
            return published
        missing = missing_before_publication(procedure)
        if missing:
            raise ValidationError([item.message for item in missing])
        draft.published_at, draft.published_by = timezone.now(), by
        draft.deleted_champs = []
        draft.save(update_fields=["published_at", "published_by", "deleted_champs", "updated_at"])
        procedure.published_revision = draft
        procedure.published_at = procedure.published_at or draft.published_at
        if procedure.state == ProcedureState.BROUILLON:
            procedure.state = ProcedureState.PUBLIEE
        procedure.test_token = None
        procedure.save(update_fields=["published_revision", "state", "published_at", "test_token"])
        revision_published.send(Revision, revision=draft)
    return draft
