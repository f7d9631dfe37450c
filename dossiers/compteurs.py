"""Keeping the counts of dossiers short: see `dossiers.models.Compteur`."""

from django.db import connection

_KIND = "procedure_id, groupe_id, state, is_archived, is_followed, is_awaited"

_FOLD = f"""
    WITH several AS (
        SELECT {_KIND} FROM dossiers_compteur GROUP BY {_KIND} HAVING count(*) > 1
    ), gone AS (
        DELETE FROM dossiers_compteur USING several
        WHERE (dossiers_compteur.procedure_id, dossiers_compteur.groupe_id,
               dossiers_compteur.state, dossiers_compteur.is_archived,
               dossiers_compteur.is_followed, dossiers_compteur.is_awaited)
            = (several.procedure_id, several.groupe_id, several.state, several.is_archived,
               several.is_followed, several.is_awaited)
        RETURNING dossiers_compteur.*
    )
    INSERT INTO dossiers_compteur ({_KIND}, number)
    SELECT {_KIND}, sum(number) FROM gone GROUP BY {_KIND} HAVING sum(number) <> 0
"""  # noqa: S608 -- our own columns


def fold() -> None:
    """Replace the changes of each kind by their sum, in one statement.

    Changes that others write meanwhile stay for the next time; two at once change nothing twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
