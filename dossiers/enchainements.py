"""Beginning the dossier that follows another, with the answers it takes."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction

from dossiers.brouillons import new_brouillon, prefill
from dossiers.models import Dossier
from dossiers.suites import offered_now
from dossiers.workflow import TransitionRefused
from procedures.enchainements import usable_mapping
from procedures.preremplissage import Preremplissage, without_hidden

_NOT_OFFERED = "L’étape suivante n’est pas proposée pour ce dossier, ou ne l’est plus."


def begin_next(dossier_id: int, *, by) -> Dossier:
    """Return the dossier that follows a dossier of `by`, begun now or before.

    Clicking twice begins one: the person's row is locked meanwhile. Raises Dossier.DoesNotExist
    for a dossier of somebody else, TransitionRefused when no step is offered.
    """
    with transaction.atomic():
        get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        dossier = (
            Dossier.with_tests.owned_by(by)
            .select_related(
                "etablissement",
                "revision",
                "procedure__published_revision",
                "procedure__enchainement__target__published_revision",
            )
            .get(pk=dossier_id)
        )
        target = offered_now(dossier)
        begun = Dossier.objects.owned_by(by).filter(precedent=dossier)
        if target is not None:
            begun = begun.for_procedure(target)
        existing = begun.order_by("-pk").first()
        if existing is not None:
            return existing
        if target is None:
            raise TransitionRefused(_NOT_OFFERED)
        following = new_brouillon(target, by=by, precedent=dossier)
        _identify(following, dossier)
        prefill(following, _taken(dossier, following))
    return following


def _identify(following: Dossier, dossier: Dossier) -> None:
    """Let the same person, or company, apply where the next procédure takes them."""
    if dossier.is_entreprise:
        if following.procedure.accepts_entreprises:
            following.etablissement = dossier.etablissement
    elif following.procedure.accepts_particuliers:
        following.civilite, following.prenom, following.nom = (
            dossier.civilite,
            dossier.prenom,
            dossier.nom,
        )


def _taken(dossier: Dossier, following: Dossier) -> Preremplissage:
    """Return the answers that `following` takes; one that does not fit is named."""
    formulaire = following.revision.formulaire
    questionnaire = dossier.questionnaire
    mapping = usable_mapping(dossier.procedure.enchainement)
    found = Preremplissage()
    for champ in formulaire.champs:
        source = questionnaire.by_id.get(mapping.get(champ.id, ""))
        if source is None or source.id in questionnaire.hidden or not champ.may_take(source):
            continue
        stored = dossier.reponses.get(source.id)
        if stored is None:
            continue
        try:
            taken = champ.take(source, stored)
        except ValidationError:
            found.refuse(champ.label)
        else:
            if taken is not None:
                found.answer(champ, taken)
    return without_hidden(formulaire, found)
