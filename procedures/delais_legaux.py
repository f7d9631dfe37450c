"""The legal deadline of a procédure: its calendar, and what an automatic decision says.

Source: code des relations entre le public et l’administration, art. L114-5, L231-1 to L231-4 and
L232-4.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.db import transaction

from procedures.enums import UniteDeDelai
from procedures.models import DelaiLegal, Procedure, RegleDeDelai

RULE_FIELDS = ("effet", "length", "unit", "start", "on_correction", "is_automatic", "motivation")
_MOTIVATION_SVA = (
    "Le service n’a pas répondu à votre demande dans le délai de {length} prévu pour cette "
    "procédure. En application des articles L. 231-1 et suivants du code des relations entre le "
    "public et l’administration, son silence vaut acceptation : votre demande est acceptée."
)
_MOTIVATION_SVR = (
    "Le service n’a pas répondu à votre demande dans le délai de {length} prévu pour cette "
    "procédure. En application de l’article L. 231-4 du code des relations entre le public et "
    "l’administration, son silence vaut rejet : votre demande est rejetée. Vous pouvez demander "
    "au service les motifs de ce rejet (article L. 232-4 du même code), ou le contester devant "
    "le tribunal administratif dans un délai de deux mois."
)


def last_day(event: date, rule: RegleDeDelai) -> date:
    """Return the last day of the deadline that what happened on `event` begins.

    The following day is day 1. Months end on the day that bears the same number, else on the last
    of the month.
    """
    if rule.unit == UniteDeDelai.MOIS:
        return event + relativedelta(months=rule.length)
    days = rule.length * (7 if rule.unit == UniteDeDelai.SEMAINES else 1)
    return event + timedelta(days=days)


def default_motivation(rule: RegleDeDelai) -> str:
    """Return what the usager reads of the automatic decision where nobody wrote it."""
    text = _MOTIVATION_SVA if rule.is_acceptance else _MOTIVATION_SVR
    return text.format(length=rule.length_in_words)


def motivation_of(rule: RegleDeDelai) -> str:
    """Return what the usager reads of the automatic decision."""
    return rule.motivation.strip() or default_motivation(rule)


def delai_legal_of(procedure: Procedure) -> DelaiLegal | None:
    """Return the legal deadline in force, in one query; None where there is none."""
    return DelaiLegal.objects.filter(procedure=procedure).first()


def set_delai_legal(procedure: Procedure, values: dict | None) -> None:
    """Change the rule for the dossiers filed from now on; None takes it away."""
    with transaction.atomic():
        Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        if values is None:
            DelaiLegal.objects.filter(procedure=procedure).delete()
        else:
            DelaiLegal.objects.update_or_create(procedure=procedure, defaults=values)
