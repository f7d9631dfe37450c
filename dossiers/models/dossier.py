"""The dossier: who applies, the answers, the state."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django_fsm import FSMField, FSMModelMixin, transition

from dossiers.enums import (
    EXPIRY_WARNED_AGAIN_BEFORE,
    EXPIRY_WARNED_BEFORE,
    MOTIVATION_MAX,
    STATE_BADGES,
    STATES_EDITABLE,
    STATES_EN_COURS,
    STATES_TERMINES,
    STATES_TRASHABLE,
    Civilite,
    DossierState,
)
from dossiers.models.contexte import ContexteDuDossier
from dossiers.models.correction import Correction
from dossiers.models.demandeur import Demandeur
from dossiers.models.echeance import TempsDuDossier
from dossiers.models.franceconnect import FromFranceConnect
from dossiers.models.piece_jointe import PieceJointe
from dossiers.models.queryset import (
    DossierManager,
    DossierTestManager,
    DossierTrashManager,
    DossierWithTestsManager,
)
from entreprise_api.models import Etablissement
from procedures.models import Groupe, Label, Procedure, Revision
from procedures.questionnaire import Questionnaire


class Dossier(FSMModelMixin, Demandeur, FromFranceConnect, TempsDuDossier, models.Model):
    """One application to a procédure; its number is its primary key.

    `state` changes only in `dossiers.workflow`; answers only in `dossiers.reponses`.
    """

    # `db_index=False`: the composite indexes below begin with these columns.
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, related_name="dossiers", db_index=False
    )
    # Whose dossier it is, among the accompagnateurs; None before it is filed.
    groupe = models.ForeignKey(
        Groupe, models.PROTECT, null=True, blank=True, related_name="dossiers", db_index=False
    )
    # Moved there by a person: rules leave it.
    groupe_is_manual = models.BooleanField(default=False, editable=False)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="dossiers")
    usager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="dossiers",
        verbose_name="usager",
        db_index=False,
    )
    # The dossier this one follows, where its procédure comes after another.
    precedent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="suites", db_index=False
    )
    # Of the test mode: set when it begins, and the database refuses that it ever changes.
    is_test = models.BooleanField("essai", default=False, editable=False)
    state = FSMField(
        "statut",
        max_length=20,
        choices=DossierState.choices,
        default=DossierState.BROUILLON,
        protected=True,
    )
    civilite = models.CharField("civilité", max_length=4, choices=Civilite, blank=True)
    prenom = models.CharField("prénom", max_length=150, blank=True)
    nom = models.CharField("nom", max_length=150, blank=True)
    # Who fills it in for somebody else, who is then the person named above.
    mandataire_prenom = models.CharField("prénom du mandataire", max_length=150, blank=True)
    mandataire_nom = models.CharField("nom du mandataire", max_length=150, blank=True)
    beneficiaire_email = models.EmailField("adresse email du bénéficiaire", blank=True)
    etablissement = models.ForeignKey(
        Etablissement, models.PROTECT, null=True, blank=True, related_name="dossiers"
    )
    # What INSEE says of the companies that the answers name, as of the day they were given.
    etablissements_cites = models.ManyToManyField(
        Etablissement, blank=True, related_name="dossiers_citants", editable=False
    )
    # Stored answers by champ id (see procedures.champs.Champ, procedures.questionnaire).
    reponses = models.JSONField("réponses", default=dict, encoder=DjangoJSONEncoder, blank=True)
    # What was typed and refused, by champ id, so that nothing typed is lost: {"abc": ["12a"]}.
    saisies_refusees = models.JSONField(default=dict, blank=True)
    # Who gave each answer last, by champ id: see `dossiers.auteurs`.
    auteurs = models.JSONField(default=dict, blank=True)
    # Stored annotations privées by champ id: for accompagnateurs alone.
    annotations = models.JSONField(
        "annotations privées", default=dict, encoder=DjangoJSONEncoder, blank=True
    )
    annotations_refusees = models.JSONField(default=dict, blank=True)
    annotations_auteurs = models.JSONField(default=dict, blank=True)
    motivation = models.TextField("motivation", blank=True, max_length=MOTIVATION_MAX)
    created_at = models.DateTimeField("création", default=timezone.now)
    updated_at = models.DateTimeField("dernière modification", default=timezone.now)
    submitted_at = models.DateTimeField("dépôt", null=True, blank=True)
    instruction_started_at = models.DateTimeField("passage en instruction", null=True, blank=True)
    decided_at = models.DateTimeField("décision", null=True, blank=True)
    archived_at = models.DateTimeField("archivage", null=True, blank=True)
    # The last change of each kind, for whoever has not seen it yet.
    demande_changed_at = models.DateTimeField(null=True, editable=False)
    annotations_changed_at = models.DateTimeField(null=True, editable=False)
    avis_changed_at = models.DateTimeField(null=True, editable=False)
    # Since when the service waits for the usager, see `dossiers.attente_usager`.
    awaited_since = models.DateTimeField("attente de l’usager", null=True, editable=False)
    # Kept by the database, see `Suivi`.
    followers_count = models.PositiveIntegerField(default=0, editable=False)
    labels = models.ManyToManyField(Label, blank=True, related_name="dossiers")
    # The last day the service has to answer, None while nothing runs: see `EcheanceLegale`.
    due_on = models.DateField("échéance légale", null=True, editable=False)
    # Beyond what its procédure keeps, and the day of erasure that was announced.
    kept_months_more = models.PositiveSmallIntegerField(default=0, editable=False)
    erasure_announced_on = models.DateField(null=True, editable=False)
    # In the bin since: only `with_trash` still finds it.
    deleted_at = models.DateTimeField("mise à la corbeille", null=True, editable=False)
    # A terminé that left the list of its usager: the service keeps it.
    hidden_at = models.DateTimeField("retrait de la liste", null=True, editable=False)
    # What a brouillon's lifetime depends on, beside its last change.
    prolonged_at = models.DateTimeField("prolongation", null=True, editable=False)
    expiry_warned_at = models.DateTimeField(null=True, editable=False)
    expiry_warned_again_at = models.DateTimeField(null=True, editable=False)
    search_text = models.TextField(editable=False, blank=True)
    search_vector = models.GeneratedField(
        expression=SearchVector("search_text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    # What it shows, in memory: see `dossiers.copie` and `dossiers.versions`.
    is_working_copy = False
    shown_files: list[PieceJointe] | None = None
    # By champ id, what somebody else saved before: see `dossiers.reponses`.
    conflicts: Mapping[str, Any] = MappingProxyType({})

    # The first one is what Django takes for `procedure.dossiers` too: no list holds a test, or
    # what is in the bin, unless it asks for it by name.
    objects = DossierManager()
    tests = DossierTestManager()
    with_tests = DossierWithTestsManager()
    with_trash = DossierTrashManager()

    class Meta:
        verbose_name = "dossier"
        indexes = [
            models.Index(fields=["procedure", "state", "-submitted_at", "-id"]),
            models.Index(fields=["procedure", "-submitted_at", "-id"]),
            models.Index(fields=["procedure", "-updated_at", "-id"]),
            models.Index(fields=["procedure", "-id"]),
            # The lists of an accompagnateur, whose groupes they name.
            models.Index(
                fields=["groupe", "-submitted_at", "-id"],
                condition=Q(archived_at=None),
                name="dossier_of_groupe",
            ),
            models.Index(
                fields=["groupe", "-updated_at", "-id"],
                condition=Q(archived_at=None),
                name="dossier_of_groupe_updated",
            ),
            models.Index(
                fields=["groupe", "-id"],
                condition=Q(archived_at=None),
                name="dossier_of_groupe_number",
            ),
            models.Index(
                fields=["groupe", "-decided_at", "-id"],
                condition=Q(state__in=STATES_TERMINES),
                name="dossier_of_groupe_decided",
            ),
            models.Index(
                fields=["procedure", "-submitted_at", "-id"],
                condition=Q(
                    archived_at=None,
                    followers_count=0,
                    state__in=STATES_EN_COURS,
                ),
                name="dossier_a_suivre",
            ),
            models.Index(
                fields=["procedure", "awaited_since"],
                condition=Q(awaited_since__isnull=False),
                name="dossier_awaited",
            ),
            # What the clock looks for, and the lists sorted by deadline.
            models.Index(fields=["due_on"], condition=Q(due_on__isnull=False), name="dossier_due"),
            models.Index(
                fields=["procedure", "due_on", "-id"],
                condition=Q(due_on__isnull=False),
                name="dossier_due_of_procedure",
            ),
            # Which terminés come to the end of their conservation.
            models.Index(
                fields=["procedure", "decided_at"],
                condition=Q(state__in=STATES_TERMINES, is_test=False),
                name="dossier_conservation",
            ),
            # Counts by state read this one alone, whatever the number of dossiers.
            models.Index(
                fields=["procedure", "state", "archived_at"],
                condition=Q(is_test=False, deleted_at=None),
                name="dossier_counts",
            ),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False),
                name="dossier_corbeille",
            ),
            # Which brouillons nobody touches any more.
            models.Index(
                fields=["updated_at"],
                condition=Q(state=DossierState.BROUILLON, is_test=False, deleted_at=None),
                name="dossier_brouillon_expiry",
            ),
            # The statistics read every dossier of a procédure, and this alone of each.
            models.Index(
                fields=["procedure", "created_at"],
                include=[
                    "id",
                    "state",
                    "groupe",
                    "submitted_at",
                    "instruction_started_at",
                    "decided_at",
                ],
                condition=Q(is_test=False, deleted_at=None),
                name="dossier_statistiques",
            ),
            models.Index(
                fields=["procedure", "-id"], condition=Q(is_test=True), name="dossier_tests"
            ),
            models.Index(
                fields=["procedure", "-submitted_at", "-id"],
                condition=Q(archived_at__isnull=False),
                name="dossier_archived",
            ),
            # A search over several procédures walks the newest first.
            models.Index(
                fields=["-submitted_at", "-id"],
                condition=~Q(state=DossierState.BROUILLON),
                name="dossier_submitted",
            ),
            models.Index(
                fields=["procedure", "state", "-updated_at", "-id"],
                condition=Q(
                    archived_at__isnull=True,
                    state__in=[DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION],
                ),
                name="dossier_open_updated",
            ),
            models.Index(fields=["usager", "-updated_at", "-id"]),
            GinIndex(fields=["search_vector"], name="dossier_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["precedent", "procedure"],
                condition=Q(deleted_at=None),
                name="dossier_follows_once_by_procedure",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(state__in=STATES_TRASHABLE, is_test=False),
                name="dossier_in_corbeille_is_editable",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None) | Q(state__in=STATES_TERMINES),
                name="dossier_hidden_is_termine",
            ),
            models.CheckConstraint(
                condition=Q(mandataire_nom="", mandataire_prenom="", beneficiaire_email="")
                | (~Q(mandataire_nom="") & ~Q(mandataire_prenom="")),
                name="dossier_beneficiaire_has_a_mandataire",
            ),
            models.CheckConstraint(
                condition=Q(state=DossierState.BROUILLON) | Q(submitted_at__isnull=False),
                name="dossier_soumis_has_a_date",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=STATES_TERMINES) | Q(decided_at__isnull=False),
                name="dossier_termine_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(state=DossierState.BROUILLON) | Q(groupe__isnull=False),
                name="dossier_soumis_has_a_groupe",
            ),
            models.CheckConstraint(
                condition=~Q(state=DossierState.BROUILLON) | Q(archived_at=None),
                name="dossier_brouillon_is_never_archived",
            ),
        ]

    def __str__(self):
        return f"dossier {'TEST ' if self.is_test else ''}nº {self.pk}"

    def save(self, *args, **kwargs):
        if self.is_working_copy or self.shown_files is not None:
            raise RuntimeError("This shows what was not filed, or no longer is: see dossiers.copie")
        if self._state.adding and self.groupe_id is None and not self.is_brouillon:
            self.groupe = Groupe.objects.default_of(self.procedure_id)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("dossiers:dossier_detail", args=[self.pk])

    @property
    def questionnaire(self) -> Questionnaire:
        """Return its form as its present answers make it; read `revision` with it."""
        return Questionnaire(self.contexte.bind(self.revision.formulaire), self.reponses)

    @cached_property
    def contexte(self) -> ContexteDuDossier:
        """Return what its champs may ask of it."""
        return ContexteDuDossier(self)

    @property
    def files(self) -> list[PieceJointe]:
        """Return the files of what it shows: being filled in, filed, or a version."""
        if self.shown_files is not None:
            return self.shown_files
        return [
            file
            for file in self.pieces_jointes.all()
            if (file.is_working if self.may_be_incomplete else file.is_filed)
        ]

    @cached_property
    def shows_auteurs(self) -> bool:
        """Tell whether several people answered: each answer then says whose it is."""
        return bool({noted["by"] for noted in self.auteurs.values()} - {self.usager_id})

    @property
    def may_be_incomplete(self) -> bool:
        """Tell whether it shows what is being filled in, in which anything may be missing."""
        return self.is_brouillon or self.is_working_copy

    @property
    def decision_files(self):
        """Return the documents of the decision that stands."""
        return self.documents_decision.filter(withdrawn_at=None) if self.is_termine else []

    @property
    def has_modification(self) -> bool:
        """Tell whether something was changed since it was filed; costs a query unless joined."""
        return getattr(self, "modification", None) is not None

    @property
    def is_brouillon(self) -> bool:
        """Tell whether the dossier was never submitted."""
        return self.state == DossierState.BROUILLON

    @property
    def is_editable(self) -> bool:
        """Tell whether its state lets the usager change it."""
        return self.state in STATES_EDITABLE

    @property
    def is_termine(self) -> bool:
        """Tell whether it was decided."""
        return self.state in STATES_TERMINES

    @property
    def is_archived(self) -> bool:
        """Tell whether it was archived, on top of its state."""
        return self.archived_at is not None

    @property
    def state_badge(self) -> str:
        """Return the DSFR class of the badge of its state."""
        return STATE_BADGES[self.state]

    @property
    def may_be_submitted(self) -> bool:
        """Tell whether its procédure takes it: a test is taken as long as it exists."""
        return self.is_test or self.procedure.is_open

    @cached_property
    def pending_correction(self) -> Correction | None:
        """Return the correction that its usager is asked for, None when none is pending."""
        if self.state != DossierState.EN_CONSTRUCTION:
            return None
        return self.corrections.pending().select_related("message").first()

    @cached_property
    def editable_champ_ids(self) -> frozenset[str] | None:
        """Return the ids of the champs that a correction leaves open, None when all of them are.

        A correction asked en instruction holds the others until the instruction goes on, made or
        not: what was examined does not change unseen.
        """
        if self.state != DossierState.EN_CONSTRUCTION or self.instruction_started_at is None:
            return None
        asked = list(
            self.corrections.filter(asked_at__gte=self.instruction_started_at, cancelled_at=None)
        )
        if not any(item.from_state == DossierState.EN_INSTRUCTION for item in asked):
            return None
        questionnaire = self.questionnaire
        return frozenset().union(*(item.editable_ids(questionnaire) for item in asked))

    @property
    def untouched_since(self) -> datetime:
        """Return from when a brouillon's lifetime is reckoned."""
        return max(self.updated_at, self.prolonged_at or self.updated_at)

    @property
    def expires_at(self) -> datetime | None:
        """Return when a brouillon that nobody touches goes to the bin, None for what never does.

        Never less than a week after its usager was last warned.
        """
        if not self.is_brouillon or self.is_test:
            return None
        warned_at = self.expiry_warned_again_at
        if warned_at is None or warned_at < self.untouched_since:
            warned_at = timezone.now()
        lifetime = timedelta(days=settings.BROUILLON_LIFETIME_DAYS)
        return max(self.untouched_since + lifetime, warned_at + EXPIRY_WARNED_AGAIN_BEFORE)

    @property
    def expires_soon(self) -> bool:
        """Tell whether its usager should see to it now."""
        expires_at = self.expires_at
        return expires_at is not None and expires_at <= timezone.now() + EXPIRY_WARNED_BEFORE

    # --- transitions: each changes this row only; `workflow` owns everything around -----------

    @transition(field=state, source=DossierState.BROUILLON, target=DossierState.EN_CONSTRUCTION)
    def submit(self, *, by, motivation=""):
        """File the dossier; the first date of submission stays for ever."""
        self.submitted_at = timezone.now()

    @transition(
        field=state, source=DossierState.EN_CONSTRUCTION, target=DossierState.EN_INSTRUCTION
    )
    def start_instruction(self, *, by, motivation=""):
        """Freeze the dossier and begin to examine it."""
        self.instruction_started_at = timezone.now()

    @transition(
        field=state, source=DossierState.EN_INSTRUCTION, target=DossierState.EN_CONSTRUCTION
    )
    def return_to_construction(self, *, by, motivation=""):
        """Let the usager change the dossier again."""

    @transition(
        field=state, source=DossierState.EN_INSTRUCTION, target=DossierState.EN_CONSTRUCTION
    )
    def ask_correction(self, *, by, motivation=""):
        """Let the usager correct named champs."""

    @transition(
        field=state, source=DossierState.EN_CONSTRUCTION, target=DossierState.EN_INSTRUCTION
    )
    def cancel_correction(self, *, by, motivation=""):
        """Take the examination up again: the correction asked for is not needed any more."""
        self.instruction_started_at = timezone.now()

    @transition(field=state, source=DossierState.EN_INSTRUCTION, target=DossierState.ACCEPTE)
    def accept(self, *, by, motivation=""):
        """Close the dossier with a yes."""
        self.decided_at, self.motivation = timezone.now(), motivation

    @transition(field=state, source=DossierState.EN_INSTRUCTION, target=DossierState.SANS_SUITE)
    def close_sans_suite(self, *, by, motivation=""):
        """Close the dossier without a decision on its merits."""
        self.decided_at, self.motivation = timezone.now(), motivation

    @transition(field=state, source=DossierState.EN_INSTRUCTION, target=DossierState.REJETE)
    def reject(self, *, by, motivation=""):
        """Close the dossier with a refusal."""
        self.decided_at, self.motivation = timezone.now(), motivation

    @transition(field=state, source=list(STATES_TERMINES), target=DossierState.EN_INSTRUCTION)
    def reopen(self, *, by, motivation=""):
        """Take the decision back; its words and its date stay in the history alone.

        `motivation` is the reason. The dossier comes back to the lists, its usager's too.
        """
        self.decided_at, self.motivation = None, ""
        self.archived_at = self.hidden_at = None
