"""The cockpit: the steps that lead a procédure from nothing to its public page."""

from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from procedures.accompagnateurs import count_people
from procedures.dates import moment
from procedures.delais_legaux import delai_legal_of
from procedures.enchainements import enchainement_of, problems_of
from procedures.enums import CourrielEvent
from procedures.formulaire import Formulaire
from procedures.groupes import groupes_of
from procedures.models import Procedure
from procedures.publication import Missing, missing_before_publication
from procedures.revisions import editable_revision, unpublished_changes


class StepState(models.TextChoices):
    """Where a step of the cockpit stands."""

    A_FAIRE = "a_faire", "à faire"
    PRET = "pret", "prêt"
    FACULTATIF = "facultatif", "facultatif"
    A_REVOIR = "a_revoir", "à revoir"


@dataclass(frozen=True)
class Step:
    """A card of the cockpit."""

    title: str
    detail: str
    url: str
    icon: str
    state: StepState

    @property
    def badge(self) -> str:
        """Return the DSFR class of the badge of its state."""
        return {
            StepState.A_FAIRE: "fr-badge--warning",
            StepState.PRET: "fr-badge--success",
            StepState.FACULTATIF: "fr-badge--info",
            StepState.A_REVOIR: "fr-badge--warning",
        }[self.state]


@dataclass(frozen=True)
class Cockpit:
    """What the page of a procédure shows its administrateurs."""

    steps: list[Step]
    missing: list[Missing]
    changes_count: int

    @property
    def required_count(self) -> int:
        """Return how many steps a publication needs."""
        return sum(step.state != StepState.FACULTATIF for step in self.steps)

    @property
    def ready_count(self) -> int:
        """Return how many of them are done."""
        return sum(step.state == StepState.PRET for step in self.steps)

    @property
    def progress(self) -> str:
        """Say how far it is: `3 étapes sur 5 prêtes`."""
        ending = "s" if self.ready_count > 1 else ""
        return f"{self.ready_count} étape{ending} sur {self.required_count} prête{ending}"


def cockpit_of(procedure: Procedure) -> Cockpit:
    """Return the steps of `procedure`, what is missing, and how many changes wait."""
    missing = missing_before_publication(procedure)
    formulaire = editable_revision(procedure).formulaire
    changes_count = len(unpublished_changes(procedure))
    steps = [
        _description(procedure, missing),
        _formulaire(procedure, formulaire, missing),
        _pieces_jointes(procedure, formulaire),
        _annotations(procedure, formulaire, missing),
        _accompagnateurs(procedure),
        _administrateurs(procedure),
        _courriels(procedure, missing),
        _attestation(procedure, missing),
        _dates(procedure, missing),
        _logo(procedure),
        _textes(procedure),
        _messagerie(procedure),
        _essai(procedure),
        _liens(procedure),
        _enchainement(procedure),
        _statistiques(procedure),
        _delai_legal(procedure),
        _labels(procedure),
        _publication(procedure, missing, changes_count),
    ]
    return Cockpit(steps, missing, changes_count)


def _state(is_ready: bool) -> StepState:
    return StepState.PRET if is_ready else StepState.A_FAIRE


def _concerns(missing: list[Missing], url: str) -> bool:
    return any(item.url.startswith(url) for item in missing)


def _description(procedure: Procedure, missing: list[Missing]) -> Step:
    url = reverse("procedures:procedure_edit", args=[procedure.pk])
    return Step(
        "Description",
        f"{procedure.get_demandeurs_display()}, dossiers conservés {procedure.retention_months} "
        "mois",
        url,
        "fr-icon-article-line",
        _state(not _concerns(missing, url)),
    )


def _formulaire(procedure: Procedure, formulaire: Formulaire, missing: list[Missing]) -> Step:
    url = reverse("procedures:formulaire_edit", args=[procedure.pk])
    champs, rules = formulaire.answerable(), len(formulaire.ineligibilites)
    detail = _plural(len(champs), "question") if champs else "Aucune question pour l’instant"
    if rules:
        detail += f", {_plural(rules, 'règle')} d’inéligibilité"
    rules_url = reverse("procedures:ineligibilite_list", args=[procedure.pk])
    is_ready = not _concerns(missing, url) and not _concerns(missing, rules_url)
    return Step("Formulaire", detail, url, "fr-icon-survey-line", _state(is_ready))


def _pieces_jointes(procedure: Procedure, formulaire: Formulaire) -> Step:
    """Lead to the first of the files that the form asks for, else to the form."""
    pieces = [champ for champ in formulaire.champs if champ.holds_files]
    blank = sum(champ.formulaire_vierge_id is not None for champ in pieces)
    url = reverse("procedures:formulaire_edit", args=[procedure.pk])
    if pieces:
        url = f"{url}?champ={pieces[0].id}#champ-{pieces[0].id}"
    detail = _plural(len(pieces), "pièce", "demandée") if pieces else "Aucun document à joindre"
    if blank:
        detail += f", {_plural(blank, 'modèle')} à télécharger"
    return Step(
        "Pièces jointes",
        detail,
        url,
        "fr-icon-attachment-line",
        StepState.PRET if pieces else StepState.FACULTATIF,
    )


def _annotations(procedure: Procedure, formulaire: Formulaire, missing: list[Missing]) -> Step:
    url = reverse("procedures:annotations_formulaire_edit", args=[procedure.pk])
    count = len(formulaire.annotations)
    if _concerns(missing, url):
        state = StepState.A_FAIRE
    else:
        state = StepState.PRET if count else StepState.FACULTATIF
    detail = (
        f"{_plural(count, 'champ')} pour les accompagnateurs"
        if count
        else "Ce que les accompagnateurs notent sur un dossier"
    )
    return Step("Annotations privées", detail, url, "fr-icon-draft-line", state)


def _accompagnateurs(procedure: Procedure) -> Step:
    groupes = list(groupes_of(procedure))
    people = count_people(procedure)
    detail = _plural(people, "accompagnateur") if people else "Personne pour instruire les dossiers"
    if len(groupes) > 1:
        detail += f", {len(groupes)} groupes"
        empty = sum(not groupe.members_count for groupe in groupes)
        if people and empty:
            detail += f", dont {empty} sans membre"
    return Step(
        "Accompagnateurs et groupes",
        detail,
        reverse("procedures:accompagnateur_list", args=[procedure.pk]),
        "fr-icon-team-line",
        _state(people > 0),
    )


def _administrateurs(procedure: Procedure) -> Step:
    count = procedure.administrations.in_force().count()
    return Step(
        "Administrateurs",
        _plural(count, "administrateur"),
        reverse("procedures:administrateur_list", args=[procedure.pk]),
        "fr-icon-user-setting-line",
        StepState.PRET if count > 1 else StepState.FACULTATIF,
    )


def _courriels(procedure: Procedure, missing: list[Missing]) -> Step:
    url = reverse("procedures:courriel_list", args=[procedure.pk])
    own = procedure.modeles_courriels.count()
    if _concerns(missing, url):
        state = StepState.A_FAIRE
    else:
        state = StepState.PRET if own else StepState.FACULTATIF
    detail = (
        f"{_plural(own, 'texte', 'personnalisé')} sur {len(CourrielEvent)}"
        if own
        else f"{len(CourrielEvent)} textes par défaut, prêts à partir"
    )
    return Step("Emails", detail, url, "fr-icon-mail-line", state)


def _attestation(procedure: Procedure, missing: list[Missing]) -> Step:
    url = reverse("procedures:attestation_edit", args=[procedure.pk])
    modele = getattr(procedure, "modele_attestation", None)
    is_active = modele is not None and modele.is_active
    if _concerns(missing, url):
        state = StepState.A_FAIRE
    else:
        state = StepState.PRET if is_active else StepState.FACULTATIF
    detail = (
        "Un PDF délivré à chaque dossier accepté" if is_active else "Aucun document n’est délivré"
    )
    return Step("Attestation", detail, url, "fr-icon-award-line", state)


def _dates(procedure: Procedure, missing: list[Missing]) -> Step:
    url = reverse("procedures:dates_edit", args=[procedure.pk])
    planned = [
        f"{name} le {moment(at)}"
        for name, at in (
            ("Ouverture", procedure.opens_at),
            ("Clôture", procedure.closes_at),
            ("Passage en instruction", procedure.passage_at),
        )
        if at and not (procedure.passage_at_closing and name.startswith("Passage"))
    ]
    if procedure.passage_at_closing:
        planned.append("Passage en instruction à la clôture")
    if _concerns(missing, url):
        state = StepState.A_FAIRE
    else:
        state = StepState.PRET if planned else StepState.FACULTATIF
    detail = ". ".join(planned) or "Aucune date prévue : ouverte dès sa publication"
    return Step("Dates", detail, url, "fr-icon-calendar-event-line", state)


def _logo(procedure: Procedure) -> Step:
    return Step(
        "Logo",
        "Montré sur la page publique et dans les emails"
        if procedure.logo
        else "Aucun logo : la procédure n’a que son titre",
        reverse("procedures:logo_edit", args=[procedure.pk]),
        "fr-icon-image-line",
        StepState.PRET if procedure.logo else StepState.FACULTATIF,
    )


def _textes(procedure: Procedure) -> Step:
    written = [
        name
        for name, text in (
            ("remerciement", procedure.thanks_text),
            ("clôture", procedure.closing_text),
        )
        if text.strip()
    ]
    return Step(
        "Textes",
        f"Après le dépôt et après la clôture : {' et '.join(written)}"
        if written
        else "Ni remerciement, ni texte de clôture",
        reverse("procedures:textes_edit", args=[procedure.pk]),
        "fr-icon-chat-quote-line",
        StepState.PRET if written else StepState.FACULTATIF,
    )


def _messagerie(procedure: Procedure) -> Step:
    return Step(
        "Messagerie",
        "Ouverte dès le brouillon : dialogue avant le dépôt"
        if procedure.dialogue_prealable
        else "Ouverte à partir du dépôt",
        reverse("procedures:messagerie_edit", args=[procedure.pk]),
        "fr-icon-question-answer-line",
        StepState.PRET if procedure.dialogue_prealable else StepState.FACULTATIF,
    )


def _essai(procedure: Procedure) -> Step:
    return Step(
        "Essayer",
        "Le lien d’essai est ouvert"
        if procedure.test_token
        else "Parcourir tout le chemin avant de publier",
        reverse("dossiers:essai_manage", args=[procedure.pk]),
        "fr-icon-test-tube-line",
        StepState.FACULTATIF,
    )


def _liens(procedure: Procedure) -> Step:
    return Step(
        "Liens pré-remplis",
        "Une adresse qui remplit d’avance des réponses",
        reverse("procedures:lien_create", args=[procedure.pk]),
        "fr-icon-links-line",
        StepState.FACULTATIF,
    )


def _enchainement(procedure: Procedure) -> Step:
    enchainement = enchainement_of(procedure)
    if enchainement is None:
        detail, state = "Aucune procédure ne suit celle-ci", StepState.FACULTATIF
    else:
        detail = f"{enchainement.get_moment_display()} : {enchainement.target.title}"
        state = StepState.A_REVOIR if problems_of(enchainement) else StepState.PRET
    url = reverse("procedures:enchainement_edit", args=[procedure.pk])
    return Step("Enchaînement", detail, url, "fr-icon-git-branch-line", state)


def _statistiques(procedure: Procedure) -> Step:
    return Step(
        "Statistiques",
        "Publiques : tout le monde peut les lire"
        if procedure.statistiques_publiques
        else "Délais, décisions, abandons : réservées au service",
        reverse("statistiques:administration_show", args=[procedure.pk]),
        "fr-icon-bar-chart-box-line",
        StepState.PRET if procedure.statistiques_publiques else StepState.FACULTATIF,
    )


def _delai_legal(procedure: Procedure) -> Step:
    delai = delai_legal_of(procedure)
    if delai is None:
        detail = "Le silence du service ne vaut pas décision"
    else:
        worth = "acceptation" if delai.is_acceptance else "rejet"
        ending = ", décision automatique" if delai.is_automatic else ""
        detail = f"Le silence vaut {worth} après {delai.length_in_words}{ending}"
    return Step(
        "Délai légal",
        detail,
        reverse("procedures:delai_legal_edit", args=[procedure.pk]),
        "fr-icon-timer-line",
        StepState.PRET if delai else StepState.FACULTATIF,
    )


def _labels(procedure: Procedure) -> Step:
    count = procedure.labels.count()
    return Step(
        "Labels",
        _plural(count, "label") if count else "Des repères que les accompagnateurs posent",
        reverse("procedures:label_list", args=[procedure.pk]),
        "fr-icon-bookmark-line",
        StepState.PRET if count else StepState.FACULTATIF,
    )


def _publication(procedure: Procedure, missing: list[Missing], changes_count: int) -> Step:
    if not procedure.was_published:
        detail = (
            f"{_plural(len(missing), 'point')} à régler avant de publier"
            if missing
            else "Tout est prêt : vous pouvez publier"
        )
    elif changes_count:
        detail = f"{_plural(changes_count, 'modification')} à publier"
    else:
        detail = f"Publiée le {date_format(localtime(procedure.published_at), 'd/m/Y')}"
    return Step(
        "Publication",
        detail,
        reverse("procedures:procedure_publish", args=[procedure.pk]),
        "fr-icon-global-line",
        _state(procedure.was_published and not changes_count),
    )


def _plural(count: int, noun: str, adjective: str = "") -> str:
    """Write `3 pièces jointes`, `0 question`."""
    words = [word + ("s" if count > 1 else "") for word in (noun, adjective) if word]
    return f"{count} {' '.join(words)}"
