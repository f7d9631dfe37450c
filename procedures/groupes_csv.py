"""Groupes and their members as a CSV file: read with what is wrong in it, applied, written."""

import csv
import io
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import normalize_email
from commun.text import fold
from procedures.accompagnateurs import assign
from procedures.groupes import GROUPES_MAX, TOO_MANY, create_groupe, groupes_of
from procedures.models import GROUPE_NAME_MAX, Affectation, Procedure

LINES_MAX = 1000
HEADER = ("groupe", "email")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Plan:
    """What a file would do, and the lines that are wrong: [(line number, why), …]."""

    new_groupes: list[str] = field(default_factory=list)
    # (groupe, email) of those who are not members yet.
    new_members: list[tuple[str, str]] = field(default_factory=list)
    known: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Tell whether anything is to be done."""
        return bool(self.new_groupes or self.new_members)


def plan_of(procedure: Procedure, text: str) -> Plan:
    """Return what the file would add to a procédure; the lines that are wrong are left out."""
    plan = Plan()
    groupes = list(groupes_of(procedure))
    names = {fold(groupe.name): groupe.name for groupe in groupes}
    members = {
        (fold(name), email)
        for name, email in Affectation.objects.filter(procedure=procedure).values_list(
            "groupe__name", "user__email"
        )
    }
    for number, name, email, problem in _lines(text):
        if problem:
            plan.problems.append((number, problem))
            continue
        key = fold(name)
        if key not in names:
            if len(names) >= GROUPES_MAX:
                plan.problems.append((number, TOO_MANY))
                continue
            names[key] = name
            plan.new_groupes.append(name)
        if not email:
            continue
        if (key, email) in members:
            plan.known += 1
        else:
            members.add((key, email))
            plan.new_members.append((names[key], email))
    return plan


def carry_out(procedure: Procedure, plan: Plan, *, by) -> None:
    """Make the groupes and assign the members, all or none. Raises ValidationError."""
    with transaction.atomic():
        by_name = {groupe.name: groupe for groupe in groupes_of(procedure)}
        for name in plan.new_groupes:
            by_name.setdefault(name, None)
            by_name[name] = by_name[name] or create_groupe(procedure, name)
        for name, email in plan.new_members:
            if by_name.get(name) is None:
                raise ValidationError(f"Le groupe « {name} » n’existe plus : recommencez.")
            assign(procedure, email, by=by, groupe=by_name[name])


def write_csv(procedure: Procedure) -> str:
    """Return the groupes and their members as the file that comes back by the import."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for groupe in groupes_of(procedure).prefetch_related("affectations__user"):
        emails = sorted(affectation.user.email for affectation in groupe.affectations.all())
        writer.writerows((_inert(groupe.name), _inert(email)) for email in emails or [""])
    return output.getvalue()


def _inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(text: str):
    """Yield (number, groupe, email, problem) for each line that holds something."""
    delimiter = max(";,\t", key=text.split("\n", 1)[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        yield 1, "", "", "Ce fichier n’est pas un CSV lisible."
        return
    heading = [fold(cell).strip() for cell in rows[0]] if rows else []
    if "groupe" not in heading:
        yield 1, "", "", "La première ligne doit nommer les colonnes « groupe » et « email »."
        return
    at_groupe = heading.index("groupe")
    at_email = heading.index("email") if "email" in heading else None
    kept = 0
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        kept += 1
        if kept > LINES_MAX:
            yield number, "", "", f"Un fichier compte au plus {LINES_MAX} lignes : coupez-le."
            return
        name, email = _cell(row, at_groupe), _cell(row, at_email)
        yield number, name, normalize_email(email), _problem(name, email)


def _cell(row: list[str], at: int | None) -> str:
    if at is None or at >= len(row):
        return ""
    text = " ".join(row[at].replace("\x00", "").split())
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _problem(name: str, email: str) -> str:
    if not name:
        return "Le nom du groupe manque."
    if len(name) > GROUPE_NAME_MAX:
        return f"Le nom du groupe dépasse {GROUPE_NAME_MAX} caractères."
    if email:
        try:
            validate_email(email)
        except ValidationError:
            return f"« {email[:100]} » n’est pas une adresse email complète."
        if len(email) > 254:
            return "Cette adresse email est trop longue."
    return ""
