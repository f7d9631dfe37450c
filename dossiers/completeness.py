"""What a dossier lacks before it can be submitted, as a whole and section by section."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from dossiers import demande
from dossiers.demande import Problem, Section
from dossiers.models import Dossier, PieceJointe
from entreprise_api.enums import LookupState
from procedures.champs import Champ


def problems_of(dossier: Dossier) -> list[Problem]:
    """Return what is missing or wrong, in the order of the form; empty when it may be submitted."""
    problems = identification_problems(dossier)
    for section in sections_of(dossier):
        problems += section.problems
    return problems


def identification_problems(dossier: Dossier) -> list[Problem]:
    """Return what is wrong with who applies."""
    etablissement = dossier.etablissement
    if not dossier.is_identified:
        return [Problem("Indiquez qui dépose ce dossier.")]
    if etablissement is not None and etablissement.state == LookupState.INTROUVABLE:
        return [Problem("L’INSEE ne connaît pas le SIRET indiqué : corrigez-le.")]
    return []


def ineligibility_messages(dossier: Dossier) -> list[str]:
    """Return why the answers make the dossier ineligible, in the administrateur's words."""
    return [rule.message for rule in dossier.questionnaire.ineligibilites()]


def sections_of(dossier: Dossier) -> list[Section]:
    """Return the sections of the form with the answers of a dossier and what they lack."""
    return demande.sections_of(dossier, _problem_of)


def refused_messages(champ: Champ, raw, *, dossier: Dossier) -> list[str]:
    """Return why `raw`, as typed, is refused as the answer to `champ`; nothing when it is not."""
    form_field = champ.form_field()
    form_field.required = champ.required and not dossier.may_be_incomplete
    try:
        form_field.clean(raw)
    except ValidationError as error:
        return list(error.messages)
    return []


def _problem_of(champ: Champ, dossier: Dossier, files: list[PieceJointe]) -> str:
    if champ.holds_files:
        return _file_wanted(files) if champ.required else ""
    if champ.is_bloc:
        is_empty = not champ.row_ids(dossier.reponses.get(champ.id))
        wanted = f"Ajoutez au moins une ligne « {champ.row_label} »."
        return wanted if champ.required and is_empty else ""
    if not champ.holds_answer:
        return ""
    if champ.id in dossier.saisies_refusees:
        messages = refused_messages(champ, dossier.saisies_refusees[champ.id], dossier=dossier)
        return _first(messages, "Corrigez cette réponse.")
    stored = dossier.reponses.get(champ.id)
    if stored is None:
        return _answer_wanted(champ) if champ.required else ""
    # The form may have changed since, and an option be gone.
    messages = refused_messages(champ, champ.to_initial(stored), dossier=dossier)
    return _first(messages, "")


def _file_wanted(files: list[PieceJointe]) -> str:
    """Ask for a file where none counts: one that the antivirus refused does not."""
    if any(not file.is_refused for file in files):
        return ""
    if files:
        return "Remplacez le fichier que l’antivirus a refusé par une copie saine."
    return "Joignez le document demandé."


def _answer_wanted(champ: Champ) -> str:
    """Ask for an answer in the words of the champ, where it has its own."""
    message = champ.form_field().error_messages["required"]
    is_default = message == forms.Field.default_error_messages["required"]
    return "Répondez à cette question." if is_default else message


def _first(messages: Iterable[str], default: str) -> str:
    return next(iter(messages), default)
