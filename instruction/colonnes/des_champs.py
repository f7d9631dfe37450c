"""The columns that the champs of a form make, annotations privées included."""

from collections.abc import Iterator

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from dossiers.models import PieceJointe
from entreprise_api.models import Etablissement
from instruction.colonnes import sql
from instruction.colonnes.base import Colonne
from procedures.champs import Champ
from procedures.champs.colonne import ColumnKind

OF_FORM = "Formulaire"
OF_ANNOTATIONS = "Annotations privées"
_COMPANY = {
    "raison_sociale": "raison sociale",
    "forme_juridique": "forme juridique",
    "naf_code": "code NAF",
    "naf_label": "activité",
    "code_postal": "code postal",
    "commune": "commune",
    "effectif": "effectif",
}
_TYPED = {ColumnKind.NUMBER: sql.Nombre, ColumnKind.MOMENT: sql.Moment}


def columns_of_champ(champ: Champ, *, is_annotation: bool) -> Iterator[Colonne]:
    """Yield the column of a champ, then those of what its answer holds."""
    field, prefix, group = (
        ("annotations", "a", OF_ANNOTATIONS) if is_annotation else ("reponses", "c", OF_FORM)
    )
    key = f"{prefix}.{champ.id}"
    if champ.holds_files:
        yield Colonne(
            key, f"{champ.label} (nombre de fichiers)", group, ColumnKind.NUMBER,
            _count_files(champ.id), _count_files(champ.id),
        )  # fmt: skip
        return
    if not (champ.holds_answer or champ.is_bloc):
        return
    text = sql.answer_text(field, champ.id, *champ.column_path)
    typed = _TYPED.get(champ.column_kind)
    yield Colonne(
        key, champ.label, group, champ.column_kind, typed(text) if typed else text,
        sql.answer(field, champ.id), champ.display,
        list_choices=champ.column_choices,
        is_searched=not is_annotation and champ.column_kind == ColumnKind.TEXT,
    )  # fmt: skip
    for part, label in champ.column_parts().items():
        text = sql.answer_text(field, champ.id, part)
        yield Colonne(
            f"{key}.{part}", f"{champ.label} ({label})", group, ColumnKind.TEXT, text, text
        )
    if champ.cites_etablissement and not is_annotation:
        for name, label in _COMPANY.items():
            text = _of_company(champ.id, name)
            yield Colonne(
                f"{key}.{name}", f"{champ.label} ({label})", group, ColumnKind.TEXT, text, text
            )


def _of_company(champ_id: str, name: str) -> Subquery:
    """Return a datum of the company that an answer names."""
    named = sql.ExtraitTexte(OuterRef("reponses"), Value(champ_id))
    cited = Etablissement.objects.filter(dossiers_citants=OuterRef("pk"), siret=named)
    return Subquery(cited.order_by("-pk").values(name)[:1])


def _count_files(champ_id: str) -> Coalesce:
    """Return how many of the files that were filed answer a champ."""
    files = (
        PieceJointe.objects.filter(dossier_id=OuterRef("pk"), champ_id=champ_id, is_filed=True)
        .order_by()
        .values("dossier_id")
        .annotate(total=Count("pk"))
    )
    return Coalesce(Subquery(files.values("total")), 0)
