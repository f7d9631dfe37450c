"""Where usagers give up: the last section they answered of a brouillon left alone."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from instruction.statistiques.figures import Figure, Ligne, Serie
from instruction.statistiques.perimetre import Perimetre, fetch_over
from procedures.champs.bloc import ROW_SEPARATOR
from procedures.formulaire import Formulaire
from procedures.models import Revision

# A brouillon that nobody touched for this long is given up, until it is taken up again.
ABANDON_AFTER = timedelta(days=30)
_NOTHING = "Rien n’a été rempli"
_BEFORE_TITLES = "Avant la première section"
_WITHOUT_SECTIONS = "Le formulaire, sans section"
# `auteurs` holds what a person answered or sent, and not what was there when the dossier began.
_SQL = """
, places (revision_id, champ_id, rank) AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::int[])
), reached AS (
    SELECT perimetre.id, perimetre.revision_id, MAX(places.rank) AS rank
    FROM perimetre
    LEFT JOIN LATERAL jsonb_object_keys(perimetre.auteurs) AS answered (champ_id) ON TRUE
    LEFT JOIN places ON places.revision_id = perimetre.revision_id
        AND places.champ_id = split_part(answered.champ_id, %s, 1)
    GROUP BY perimetre.id, perimetre.revision_id
)
SELECT revision_id, rank, COUNT(*) FROM reached GROUP BY revision_id, rank
"""


def abandons(perimetre: Perimetre) -> Figure:
    """Return how many brouillons, begun within the period, stopped at each section."""
    left = perimetre.brouillons.filter(
        perimetre.periode.within("created_at"),
        updated_at__lt=timezone.now() - ABANDON_AFTER,
    )
    revisions = Revision.objects.filter(pk__in=left.order_by().values("revision_id"))
    # The newest last: it says what a section is called, and where it stands.
    sections = {
        revision.pk: _sections_of(revision.formulaire) for revision in revisions.order_by("number")
    }
    places = [
        (revision_id, champ_id, rank)
        for revision_id, found in sections.items()
        for rank, (_key, _label, champ_ids) in enumerate(found)
        for champ_id in champ_ids
    ]
    columns = [list(column) for column in zip(*places, strict=True)] or [[], [], []]
    rows = fetch_over(left, ("id", "revision_id", "auteurs"), _SQL, [*columns, ROW_SEPARATOR])
    return Figure(
        slug="abandons",
        title="Où les usagers s’arrêtent",
        note="La dernière section remplie des brouillons commencés dans la période et laissés "
        f"depuis plus de {ABANDON_AFTER.days} jours.",
        first_column="Section",
        series=(Serie("abandons", "Brouillons abandonnés"),),
        lignes=_lignes(sections, rows),
        empty_text="Aucun brouillon commencé dans cette période n’est abandonné.",
    )


def _sections_of(formulaire: Formulaire) -> list[tuple[str, str, list[str]]]:
    """Return the sections as their key, their title and the ids of their champs."""
    has_titles = any(title is not None for title, _champs in formulaire.sections())
    first = _BEFORE_TITLES if has_titles else _WITHOUT_SECTIONS
    return [
        (
            title.id if title else first,
            title.label if title else first,
            [champ.id for champ in champs if champ.holds_answer or champ.holds_files],
        )
        for title, champs in formulaire.sections()
    ]


def _lignes(sections: dict, rows: list[tuple]) -> tuple[Ligne, ...]:
    """Add up the revisions: a section is the same as long as its title has the same id."""
    if not rows:
        return ()
    counts, labels = Counter(), {}
    for found in reversed(sections.values()):
        labels |= {key: label for key, label, _champ_ids in found if key not in labels}
    for revision_id, rank, count in rows:
        counts[None if rank is None else sections[revision_id][rank][0]] += count
    return (
        Ligne(_NOTHING, (counts[None],)),
        *(Ligne(label, (counts[key],)) for key, label in labels.items()),
    )
