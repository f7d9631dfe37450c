"""How far dossiers go: from the brouillon to the decision, and which one."""

from django.db.models import Count

from dossiers.enums import STATES_TERMINES
from instruction.statistiques.figures import Figure, Ligne, Serie, Unite, share
from instruction.statistiques.perimetre import Perimetre


def parcours(perimetre: Perimetre) -> Figure:
    """Return, of the dossiers begun within the period, how many reached each step."""
    is_whole = perimetre.is_whole
    dossiers = perimetre.dossiers if is_whole else perimetre.soumis
    counts = dossiers.filter(perimetre.periode.within("created_at")).aggregate(
        begun=Count("*"),
        submitted=Count("submitted_at"),
        started=Count("instruction_started_at"),
        decided=Count("decided_at"),
    )
    steps = {
        "begun": "Commencés",
        "submitted": "Déposés",
        "started": "Passés en instruction",
        "decided": "Décidés",
    }
    if not is_whole:
        del steps["begun"]
    return Figure(
        slug="parcours",
        title="Du brouillon à la décision" if is_whole else "Du dépôt à la décision",
        note="Les dossiers commencés dans la période, et jusqu’où ils sont allés depuis. "
        "Ceux que leur usager a supprimés n’y sont plus.",
        first_column="Étape",
        series=(
            Serie("parcours", "Dossiers"),
            Serie("part", "Part", Unite.POURCENT, is_drawn=False),
        ),
        lignes=tuple(
            Ligne(label, (counts[key], share(counts[key], counts["begun"])))
            for key, label in steps.items()
        ),
        empty_text="Aucun dossier n’a été commencé dans cette période.",
    )


def issues(perimetre: Perimetre) -> Figure:
    """Return what was decided within the period, the rate of acceptance first."""
    rows = perimetre.decided.values_list("state").annotate(total=Count("*")).order_by()
    counts = dict(rows)
    decided = sum(counts.values())
    return Figure(
        slug="issues",
        title="Ce qui est décidé",
        note="Les dossiers décidés dans la période, selon leur dernière décision.",
        first_column="Décision",
        series=(
            Serie("issues", "Dossiers"),
            Serie("part", "Part", Unite.POURCENT, is_drawn=False),
        ),
        lignes=tuple(
            Ligne(
                state.label.capitalize(),
                (counts.get(state.value, 0), share(counts.get(state.value, 0), decided)),
            )
            for state in STATES_TERMINES
        ),
        empty_text="Aucune décision n’a été prise dans cette période.",
        is_partition=True,
    )
