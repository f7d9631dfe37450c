"""How long a dossier stays in each status."""

from dossiers.enums import DossierState
from dossiers.models import HistoryEntry
from instruction.statistiques.figures import Figure, Ligne, Serie, Unite, days
from instruction.statistiques.perimetre import Perimetre, fetch_over

# Whatever the number of its comings and goings, the time that a dossier spent in a status is the
# sum of the moments it left it, less the sum of those it entered it: it is in neither any more.
_SQL = f"""
, sejours AS (
    SELECT h.dossier_id,
        MIN(h.at) FILTER (WHERE h.from_state = 'brouillon') AS submitted_at,
        SUM(EXTRACT(EPOCH FROM h.at)::float8 * (
            (h.from_state = 'en_construction')::int - (h.to_state = 'en_construction')::int
        )) AS construction,
        SUM(EXTRACT(EPOCH FROM h.at)::float8 * (
            (h.from_state = 'en_instruction')::int - (h.to_state = 'en_instruction')::int
        )) AS instruction,
        COUNT(*) FILTER (WHERE h.to_state = 'en_instruction') AS passages
    FROM {HistoryEntry._meta.db_table} h JOIN perimetre ON perimetre.id = h.dossier_id
    WHERE h.from_state <> h.to_state
    GROUP BY h.dossier_id
), durees AS (
    SELECT
        EXTRACT(EPOCH FROM sejours.submitted_at - perimetre.created_at)::float8 AS brouillon,
        sejours.construction,
        CASE WHEN sejours.passages > 0 THEN sejours.instruction END AS instruction,
        EXTRACT(EPOCH FROM perimetre.decided_at - sejours.submitted_at)::float8 AS decision
    FROM perimetre JOIN sejours ON sejours.dossier_id = perimetre.id
    WHERE sejours.submitted_at IS NOT NULL
)
SELECT
    COUNT(brouillon), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY brouillon),
    COUNT(construction), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY construction),
    COUNT(instruction), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY instruction),
    COUNT(decision), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY decision)
FROM durees
"""  # noqa: S608 -- the name of our own table
_LABELS = (
    DossierState.BROUILLON.label.capitalize(),
    DossierState.EN_CONSTRUCTION.label.capitalize(),
    DossierState.EN_INSTRUCTION.label.capitalize(),
    "Du dépôt à la décision",
)


def durees(perimetre: Perimetre) -> Figure:
    """Return the median and the 90th percentile of the time in each status, and in all.

    Of the dossiers decided within the period; one that came back to a status counts once, for
    the sum of its stays. The time as a terminé, before a decision that was taken again, is in
    « du dépôt à la décision » alone.
    """
    [row] = fetch_over(perimetre.decided, ("id", "created_at", "decided_at"), _SQL)
    lignes = []
    for rank, label in enumerate(_LABELS):
        count, percentiles = row[2 * rank], row[2 * rank + 1]
        median, p90 = percentiles or (None, None)
        lignes.append(Ligne(label, (days(median), days(p90), count)))
    return Figure(
        slug="durees",
        title="Temps passé dans chaque statut",
        note="Pour les dossiers décidés dans la période, tous leurs passages additionnés. "
        "Un dossier sur deux reste moins longtemps que la médiane ; neuf sur dix, moins que le "
        "neuvième décile.",
        first_column="Statut",
        series=(
            Serie("mediane", "Médiane", Unite.JOURS),
            Serie("decile", "9e décile", Unite.JOURS),
            Serie("dossiers", "Dossiers", is_drawn=False),
        ),
        lignes=tuple(lignes) if row[0] else (),
        empty_text="Aucune décision n’a été prise dans cette période.",
    )
