"""All the columns of the list of a procédure."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter, ValidationError

from instruction.colonnes.base import Colonne
from instruction.colonnes.des_champs import columns_of_champ
from instruction.colonnes.du_dossier import columns_of_company, columns_of_dossier
from procedures.champs import AnyChamp, Champ
from procedures.models import Procedure

DEFAULT_COLUMNS = ("d.statut", "d.submitted_at", "d.updated_at")
# Shown whatever one chooses: they lead to the dossier.
FIXED_COLUMNS = ("d.numero", "d.demandeur")
COLUMNS_MAX = 20
_CHAMP = TypeAdapter(AnyChamp)


class Catalogue:
    """The columns of a procédure; its forms are read only when a champ is asked for, once."""

    def __init__(self, procedure: Procedure):
        self.procedure = procedure
        self._known: dict[str, Colonne | None] = {
            column.key: column for column in (*columns_of_dossier(procedure), *columns_of_company())
        }

    def get(self, key: str) -> Colonne | None:
        """Return the column of that key, None where there is none."""
        if key not in self._known:
            prefix, _, rest = key.partition(".")
            champ_id = rest.partition(".")[0]
            champ = self._champ(prefix, champ_id) if prefix in ("c", "a") else None
            columns = columns_of_champ(champ, is_annotation=prefix == "a") if champ else ()
            self._known |= {column.key: column for column in columns}
            self._known.setdefault(key, None)
        return self._known[key]

    def chosen(self, keys: Iterable[str]) -> list[Colonne]:
        """Return the columns of `keys` that exist, without those that are always shown."""
        wanted = [key for key in dict.fromkeys(keys) if key not in FIXED_COLUMNS]
        return [column for key in wanted[:COLUMNS_MAX] if (column := self.get(key)) is not None]

    def all(self) -> Iterator[Colonne]:
        """Yield every column, those of each group together."""
        yield from columns_of_dossier(self.procedure)
        yield from columns_of_company()
        for prefix, documents in (("c", "champs"), ("a", "annotations")):
            for champ_id in self._documents[documents]:
                champ = self._champ(prefix, champ_id)
                if champ is not None:
                    yield from columns_of_champ(champ, is_annotation=prefix == "a")

    def by_group(self) -> list[tuple[str, list[Colonne]]]:
        """Return every column under the name of its group."""
        return [(group, list(columns)) for group, columns in groupby(self.all(), lambda c: c.group)]

    @cached_property
    def _documents(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the champs and annotations of all published forms by id, the latest first.

        Those within a bloc répétable have as many answers as it has rows: they make no column.
        """
        found: dict[str, dict[str, dict[str, Any]]] = {"champs": {}, "annotations": {}}
        documents = self.procedure.revisions.published().order_by("-number")
        for document in documents.values_list("document", flat=True):
            for name, champs in found.items():
                for champ in document.get(name, []):
                    if champ.get("bloc") is None:
                        champs.setdefault(champ["id"], champ)
        return found

    def _champ(self, prefix: str, champ_id: str) -> Champ | None:
        document = self._documents["champs" if prefix == "c" else "annotations"].get(champ_id)
        try:
            return None if document is None else _CHAMP.validate_python(document)
        except ValidationError:
            return None
