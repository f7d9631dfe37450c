"""The list of the administrateurs of a procédure."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from procedures.models import Administration, Procedure

NO_ACCOUNT = (
    "Personne n’a de compte à cette adresse. Vérifiez-la, ou demandez à la personne d’ouvrir un "
    "compte, puis à l’exploitant de TPS de la nommer administrateur de votre organisme."
)
NOT_GRANTED = (
    "Cette personne a un compte, mais n’est pas administrateur de « {organisme} ». Demandez à "
    "l’exploitant de TPS de lui donner cet accès, puis ajoutez-la ici."
)


class LastAdministrateur(Exception):
    """Nobody else could change the procédure any more."""


def add_administrateur(procedure: Procedure, email: str, *, by: User) -> tuple[User, bool]:
    """Put the person at `email` on the list and tell them; return them, and whether it changed.

    Raises ValidationError, saying what to do, unless they are administrateur of the organisme.
    """
    user = User.objects.for_email(email).filter(is_active=True).first()
    if user is None:
        raise ValidationError(NO_ACCOUNT, code="unknown")
    if not procedure.organisme.administrateurs.filter(pk=user.pk).exists():
        raise ValidationError(NOT_GRANTED.format(organisme=procedure.organisme), code="not_granted")
    with transaction.atomic():
        _, is_new = Administration.objects.get_or_create(procedure=procedure, user=user)
        if is_new and user != by:
            tell(user, "administrateur_ajoute", procedure, by=by)
    return user, is_new


def remove_administrateur(administration: Administration) -> None:
    """Take a person off the list; raise LastAdministrateur when nobody else is on it in force."""
    with transaction.atomic():
        # Two who remove each other at once must not both succeed.
        Procedure.objects.select_for_update(of=("self",)).get(pk=administration.procedure_id)
        others = Administration.objects.in_force().filter(procedure_id=administration.procedure_id)
        if not others.exclude(pk=administration.pk).exists():
            raise LastAdministrateur
        administration.delete()


def tell(user: User, event: str, procedure: Procedure, *, by: User, path: str = "") -> None:
    """Write to `user` about a procédure, in the transaction of what happened to it."""
    context = {
        "procedure": procedure,
        "by": by,
        "action_url": settings.SITE_URL
        + (path or reverse("procedures:procedure_detail", args=[procedure.pk])),
    }
    rendered = render_courriel(f"procedures/mails/{event}", context)
    enqueue(
        to=user.email,
        kind=event,
        subject=rendered.subject,
        body_text=rendered.body_text,
        body_html=rendered.body_html,
    )
