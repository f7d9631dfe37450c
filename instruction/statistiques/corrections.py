"""What usagers are asked to correct most."""

from dossiers.models import Correction
from instruction.statistiques.figures import Figure, Ligne, Serie
from instruction.statistiques.perimetre import Perimetre, fetch_over
from procedures.champs.bloc import ROW_SEPARATOR

CHAMPS_SHOWN = 10
# A champ of a bloc counts once for its rows; the label is the one it had when last asked.
_SQL = f"""
SELECT (array_agg(champ ->> 'label' ORDER BY asked.id DESC))[1],
    COUNT(DISTINCT asked.id), COUNT(DISTINCT asked.dossier_id)
FROM {Correction._meta.db_table} asked
JOIN perimetre ON perimetre.id = asked.dossier_id
CROSS JOIN LATERAL jsonb_array_elements(asked.champs) AS named (champ)
WHERE asked.asked_at >= COALESCE(%s, '-infinity'::timestamptz)
    AND asked.asked_at < COALESCE(%s, 'infinity'::timestamptz)
GROUP BY split_part(champ ->> 'id', %s, 1)
ORDER BY 2 DESC, 1
LIMIT %s
"""  # noqa: S608 -- the name of our own table


def corrections(perimetre: Perimetre) -> Figure:
    """Return the champs named most in the corrections asked within the period."""
    first, end = perimetre.periode.moments
    rows = fetch_over(perimetre.soumis, ("id",), _SQL, [first, end, ROW_SEPARATOR, CHAMPS_SHOWN])
    return Figure(
        slug="corrections",
        title="Ce que les usagers doivent corriger",
        note=f"Les {CHAMPS_SHOWN} champs le plus souvent nommés dans les corrections demandées "
        "pendant la période.",
        first_column="Champ",
        series=(
            Serie("corrections", "Corrections demandées"),
            Serie("dossiers", "Dossiers concernés", is_drawn=False),
        ),
        lignes=tuple(Ligne(label, tuple(counts)) for label, *counts in rows),
        empty_text="Aucune correction n’a été demandée dans cette période.",
    )
