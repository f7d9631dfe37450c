"""From one procédure to the next: which may follow, and which answers it takes."""

from collections.abc import Mapping

from django.db import connection, transaction

from commun.text import fold
from procedures.champs import Champ
from procedures.enums import CourrielEvent, MomentEnchainement
from procedures.formulaire import Formulaire
from procedures.models import Enchainement, Procedure, ProcedureQuerySet

CANDIDATES_MAX = 200
# After which email of a dossier each moment comes.
_EVENTS = {
    MomentEnchainement.APRES_DEPOT: CourrielEvent.ACCUSE_RECEPTION,
    MomentEnchainement.A_L_ACCEPTATION: CourrielEvent.VALIDATION,
}
# What holds every change of the chain at once: a cycle may be closed by two people far apart.
_LOCK = 7_302_611


class EnchainementRefused(Exception):
    """This procédure may not follow; the message, in French, says why."""


def candidates(procedure: Procedure, *, by) -> ProcedureQuerySet:
    """Return the published procédures of the organismes of `by`, but for `procedure`."""
    return (
        Procedure.objects.publiees()
        .filter(organisme__administrateurs=by)
        .exclude(pk=procedure.pk)
        .order_by("title", "pk")[:CANDIDATES_MAX]
    )


def enchainement_of(procedure: Procedure) -> Enchainement | None:
    """Return the next step of a procédure with both published forms, in one query."""
    return (
        Enchainement.objects.filter(source=procedure)
        .select_related("source__published_revision", "target__published_revision")
        .first()
    )


def set_enchainement(
    procedure: Procedure, target: Procedure, *, moment: str, text: str
) -> Enchainement:
    """Make `target` the next step; the answers it takes are proposed when it is a new one.

    Raises EnchainementRefused.
    """
    with transaction.atomic():
        _hold_chain()
        _check(procedure, target)
        kept = Enchainement.objects.filter(source=procedure, target=target).first()
        mapping = kept.mapping if kept else suggested_mapping(_form(procedure), _form(target))
        values = {"target": target, "moment": moment, "text": text, "mapping": mapping}
        return Enchainement.objects.update_or_create(source=procedure, defaults=values)[0]


def set_mapping(enchainement: Enchainement, mapping: Mapping[str, str]) -> None:
    """Keep which answers are taken: champ ids of the target, and of the source."""
    Enchainement.objects.filter(
        source_id=enchainement.source_id, target_id=enchainement.target_id
    ).update(mapping=dict(mapping))


def remove_enchainement(procedure: Procedure) -> None:
    """Let nothing follow; the dossiers already begun stay."""
    Enchainement.objects.filter(source=procedure).delete()


def takers(target: Formulaire) -> list[Champ]:
    """Return the champs that may take an answer: asked once, and no file nor engagement."""
    return [champ for champ in target.answerable() if champ.is_prefillable and not _is_row(champ)]


def givers(champ: Champ, source: Formulaire) -> list[Champ]:
    """Return the champs of `source` whose answers `champ` may take."""
    return [it for it in source.answerable() if not _is_row(it) and champ.may_take(it)]


def suggested_mapping(source: Formulaire, target: Formulaire) -> dict[str, str]:
    """Return which champs ask the same thing in both forms, by their labels."""
    mapping = {}
    for champ in takers(target):
        same = [it for it in givers(champ, source) if fold(it.label) == fold(champ.label)]
        if same:
            mapping[champ.id] = same[0].id
    return mapping


def usable_mapping(enchainement: Enchainement) -> dict[str, str]:
    """Return the pairs that still hold in both published forms."""
    source, target = _form(enchainement.source), _form(enchainement.target)
    allowed = {champ.id: champ for champ in takers(target)}
    return {
        key: given
        for key, given in enchainement.mapping.items()
        if key in allowed and given in {champ.id for champ in givers(allowed[key], source)}
    }


def problems_of(enchainement: Enchainement) -> list[str]:
    """Return what an administrateur should look at again, in French."""
    problems = []
    if enchainement.target.closed_since is not None:
        problems.append("La procédure suivante est close : l’étape n’est plus proposée.")
    usable = usable_mapping(enchainement)
    target = _form(enchainement.target).by_id
    for key in enchainement.mapping:
        if key in usable:
            continue
        problems.append(
            f"« {target[key].label} » : la question dont la réponse était reprise a changé ou a "
            "disparu. La réponse n’est plus reprise."
            if key in target
            else "Une question de la procédure suivante, qui reprenait une réponse, a disparu."
        )
    return problems


def is_announced_by(event: str) -> bool:
    """Tell whether the email of `event` may offer a next step."""
    return event in _EVENTS.values()


def announcement(enchainement: Enchainement, event: str) -> str:
    """Return the sentence by which the email of `event` offers the next step, empty for none."""
    if _EVENTS[enchainement.moment] != event or not enchainement.target.is_open:
        return ""
    return (
        f"Étape suivante : « {enchainement.target.title} ». Vous pouvez la commencer depuis la "
        "page de votre dossier :"
    )


def _is_row(champ: Champ) -> bool:
    return champ.bloc is not None or champ.is_bloc


def _form(procedure: Procedure) -> Formulaire:
    return procedure.published_revision.formulaire


def _hold_chain() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _check(procedure: Procedure, target: Procedure) -> None:
    if not procedure.was_published:
        raise EnchainementRefused("Publiez d’abord la procédure : ses réponses seront reprises.")
    if target.pk == procedure.pk:
        raise EnchainementRefused("Une procédure ne peut pas se suivre elle-même.")
    following = dict(Enchainement.objects.values_list("source_id", "target_id"))
    step = target.pk
    while step in following:
        step = following[step]
        if step == procedure.pk:
            raise EnchainementRefused(
                f"« {target.title} » mène déjà, d’étape en étape, à « {procedure.title} » : "
                "l’usager tournerait en rond. Choisissez une autre procédure."
            )
