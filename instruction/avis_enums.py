"""What an avis says, what became of it, and how it is shown."""

from datetime import timedelta

from django.db import models


class AvisAnswer(models.TextChoices):
    """What an expert answers."""

    FAVORABLE = "favorable", "Favorable"
    DEFAVORABLE = "defavorable", "Défavorable"
    SANS_AVIS = "sans_avis", "Sans avis"


class AvisState(models.TextChoices):
    """What became of an avis that was asked."""

    EN_ATTENTE = "en_attente", "En attente"
    EN_RETARD = "en_retard", "En retard"
    RENDU = "rendu", "Rendu"
    REVOQUE = "revoque", "Révoqué"
    TRANSMIS = "transmis", "Transmis à un confrère"
    QUITTE = "quitte", "L’expert a quitté le dossier"
    SANS_OBJET = "sans_objet", "Sans objet : la décision est prise"


class AvisOnglet(models.TextChoices):
    """A tab of the page of those whom services ask."""

    A_RENDRE = "a-rendre", "À rendre"
    RENDUS = "rendus", "Rendus"
    DOSSIERS = "dossiers", "Tous les dossiers"


# What the tabs of the expert say when they hold nothing.
ONGLET_EMPTY = {
    AvisOnglet.A_RENDRE: "Aucun avis n’attend votre réponse.",
    AvisOnglet.RENDUS: "Vous n’avez encore rendu aucun avis.",
    AvisOnglet.DOSSIERS: "Aucun dossier pour l’instant. Quand un service vous invite, un email "
    "vous donne le lien pour accepter.",
}


class AvisFileKind(models.TextChoices):
    """What a file goes with."""

    QUESTION = "question", "question"
    ANSWER = "reponse", "réponse"


AWAITED = (AvisState.EN_ATTENTE, AvisState.EN_RETARD)
# The DSFR badge of each answer, and of each state.
ANSWER_BADGES = {
    AvisAnswer.FAVORABLE: "fr-badge--success",
    AvisAnswer.DEFAVORABLE: "fr-badge--error",
    AvisAnswer.SANS_AVIS: "",
}
STATE_BADGES = {AvisState.EN_ATTENTE: "fr-badge--info", AvisState.EN_RETARD: "fr-badge--warning"}
QUESTION_MAX = 5000
TEXT_MAX = 10_000
WORD_MAX = 1000
# Asked at once.
EMAILS_MAX = 10
AVIS_PER_PAGE = 30
REMIND_AFTER = timedelta(days=1)
# How many days before the deadline TPS reminds by itself.
REMIND_BEFORE_DAYS = 3
