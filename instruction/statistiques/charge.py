"""How the work is shared out: by groupe, and by accompagnateur."""

from collections import Counter

from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.models import User
from dossiers.enums import STATES_TERMINES, DossierState
from dossiers.models import Compteur, HistoryEntry, Suivi
from instruction.statistiques.figures import Figure, Ligne, Serie
from instruction.statistiques.perimetre import Perimetre
from procedures.models import Affectation, Groupe

PERSONNES_SHOWN = 30
_OPEN = (DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION)
_AUTOMATIC = "TPS (automatique)"


def groupes(perimetre: Perimetre) -> Figure:
    """Return, for each groupe, what is open today and what was decided within the period."""
    found = _groupes_of(perimetre)
    is_open = Q(state__in=_OPEN, is_archived=False)
    opened = {
        groupe_id: counts
        for groupe_id, *counts in Compteur.objects.filter(
            is_open, procedure_id=perimetre.procedure.pk, groupe__in=found
        )
        .values_list("groupe_id")
        .annotate(
            total=Sum("number"),
            unfollowed=Sum("number", filter=Q(is_followed=False), default=0),
            awaited=Sum("number", filter=Q(is_awaited=True), default=0),
        )
        .order_by()
    }
    decided = dict(perimetre.decided.values_list("groupe_id").annotate(total=Count("*")).order_by())
    return Figure(
        slug="groupes",
        title="Charge de travail par groupe",
        note="Les dossiers ouverts et non archivés, aujourd’hui, et ceux qui ont été décidés dans "
        "la période.",
        first_column="Groupe",
        series=(
            Serie("ouverts", "Ouverts"),
            Serie("sans_suivi", "Ouverts que personne ne suit", is_drawn=False),
            Serie("attente", "Ouverts en attente de l’usager", is_drawn=False),
            Serie("decile", "Décidés"),
        ),
        lignes=tuple(
            Ligne(groupe.name, (*opened.get(groupe.pk, (0, 0, 0)), decided.get(groupe.pk, 0)))
            for groupe in found
        ),
    )


def accompagnateurs(perimetre: Perimetre) -> Figure:
    """Return what each accompagnateur follows today and decided within the period.

    Somebody who left counts for what they decided, and TPS for what it decides by itself.
    """
    follows = Counter(
        dict(
            Suivi.objects.filter(
                dossier__in=perimetre.soumis.filter(state__in=_OPEN, archived_at=None)
            )
            .values_list("user_id")
            .annotate(total=Count("*"))
            .order_by()
        )
    )
    decided = Counter()
    for user_id, name, count in _decisions(perimetre):
        # A name outlives its account; TPS has neither.
        decided[user_id or name or _AUTOMATIC] += count
    members = Affectation.objects.filter(groupe__in=_groupes_of(perimetre)).values("user_id")
    named = [key for key in (*follows, *decided) if isinstance(key, int)]
    people = {
        user.pk: str(user) for user in User.objects.filter(Q(pk__in=members) | Q(pk__in=named))
    }
    keys = {**people, **{key: key for key in decided if isinstance(key, str)}}
    rows = sorted(
        (Ligne(label, (follows[key], decided[key])) for key, label in keys.items()),
        key=lambda ligne: (-sum(ligne.values), ligne.label),
    )
    return Figure(
        slug="accompagnateurs",
        title="Charge de travail par accompagnateur",
        note="Les dossiers ouverts que chacun suit aujourd’hui, et les décisions qu’il a prises "
        f"dans la période ; les {PERSONNES_SHOWN} plus chargés.",
        first_column="Accompagnateur",
        series=(Serie("suivis", "Dossiers suivis"), Serie("decile", "Décisions prises")),
        lignes=tuple(rows[:PERSONNES_SHOWN]),
        empty_text="Personne ne suit de dossier, ni n’en a décidé dans cette période.",
    )


def _groupes_of(perimetre: Perimetre) -> QuerySet:
    found = Groupe.objects.filter(procedure=perimetre.procedure)
    return found if perimetre.is_whole else found.filter(pk__in=perimetre.groupes)


def _decisions(perimetre: Perimetre) -> QuerySet:
    """Return the decisions by author: every one of them, were it taken again since."""
    return (
        HistoryEntry.objects.filter(
            perimetre.periode.within("at"),
            dossier__in=perimetre.soumis.values("pk"),
            to_state__in=STATES_TERMINES,
        )
        .exclude(from_state=F("to_state"))
        .values_list("by_id", "by_name")
        .annotate(total=Count("*"))
        .order_by()
    )
