"""The messagerie of a dossier: what was written, the files, who read up to where."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from dossiers.enums import MESSAGE_MAX, MessageSide
from dossiers.models.fichier import Fichier
from procedures.models import Procedure


class Message(models.Model):
    """A message of the thread of a dossier: append-only.

    Written under the lock of the dossier's row, so that in one thread the order of the ids is
    that in which messages appear: who read one has read all those before.
    """

    # `db_index=False`: the index and the constraint below begin with this column.
    dossier = models.ForeignKey(
        "dossiers.Dossier", models.CASCADE, related_name="messages", db_index=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="auteur",
    )
    # The author's name at that time, which outlives the account.
    author_name = models.CharField("nom de l’auteur", max_length=300)
    side = models.CharField("côté", max_length=10, choices=MessageSide)
    body = models.TextField("texte", max_length=MESSAGE_MAX, blank=True)
    # Chosen by the page where it was written: sent twice, the message is there once.
    token = models.UUIDField("jeton d’envoi", default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField("envoi", default=timezone.now)

    class Meta:
        verbose_name = "message"
        ordering = ["id"]
        indexes = [models.Index(fields=["dossier", "id"], name="message_thread")]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "author", "token"], name="message_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(side__in=MessageSide.values), name="message_side_known"
            ),
        ]

    def __str__(self):
        return f"message nº {self.pk} de {self.author_name}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValidationError("Un message envoyé ne se modifie pas.")
        super().save(*args, **kwargs)

    @property
    def is_of_service(self) -> bool:
        """Tell whether the administration wrote it."""
        return self.side == MessageSide.SERVICE

    @property
    def asked_correction(self):
        """Return the correction that this message asks for, None when it asks for none."""
        return getattr(self, "correction", None)


class MessageFile(Fichier):
    """A file sent with a message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="files")

    class Meta(Fichier.Meta):
        verbose_name = "fichier d’un message"
        verbose_name_plural = "fichiers de messages"

    @property
    def folder(self) -> str:
        dossier_id = self.message.dossier_id
        return f"messages/{dossier_id % 1000:03d}/{dossier_id}"

    @property
    def download_url(self) -> str:
        return reverse("dossiers:message_file_download", args=[self.pk])

    @property
    def preview_url(self) -> str:
        return reverse("dossiers:message_file_preview", args=[self.pk])

    @property
    def state_url(self) -> str:
        return reverse("dossiers:message_file_state", args=[self.pk])

    def on_refused(self) -> None:
        """Write to its sender what to do."""
        from dossiers.annonces import announce_refused  # noqa: PLC0415 -- it imports the models

        announce_refused(self)


class FilMessagerie(models.Model):
    """Where the thread of a dossier stands, so that lists need not read its messages."""

    dossier = models.OneToOneField(
        "dossiers.Dossier", models.CASCADE, primary_key=True, related_name="fil"
    )
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", db_index=False)
    last_message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    # As the dossier is; here so that lists and counts read this table alone.
    is_test = models.BooleanField(default=False)
    is_before_deposit = models.BooleanField(default=False)
    # Numbers of the messages of the usager's side that nobody of the service answered yet: the
    # first and the last of them; None when none waits.
    waiting_from = models.BigIntegerField(null=True)
    waiting_to = models.BigIntegerField(null=True)
    # When the service asked for an answer that has not come; None when it waits for none.
    answer_asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "fil de messagerie"
        verbose_name_plural = "fils de messagerie"
        indexes = [
            models.Index(
                fields=["procedure", "-last_message"],
                condition=Q(is_test=False, is_before_deposit=True),
                name="fil_dialogues",
            ),
            models.Index(
                fields=["procedure", "dossier", "waiting_to", "is_before_deposit"],
                condition=Q(is_test=False, waiting_to__isnull=False),
                name="fil_waiting",
            ),
        ]

    def __str__(self):
        return f"fil du dossier nº {self.dossier_id}"


class LectureMessagerie(models.Model):
    """How far a person has read the thread of a dossier."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    dossier = models.ForeignKey("dossiers.Dossier", models.CASCADE, related_name="lectures")
    last_message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    read_at = models.DateTimeField("lecture", default=timezone.now)

    class Meta:
        verbose_name = "lecture de messagerie"
        verbose_name_plural = "lectures de messagerie"
        constraints = [
            models.UniqueConstraint(fields=["user", "dossier"], name="lecture_one_by_person"),
        ]

    def __str__(self):
        return f"lecture du dossier nº {self.dossier_id}"
