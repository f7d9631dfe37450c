"""Many dossiers in every status, with their usagers, companies, answers and history."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from commun.text import fold
from dossiers.compteurs import fold as fold_counts
from dossiers.copie import FIELDS
from dossiers.enums import STATES_EN_COURS, Civilite, DossierState
from dossiers.models import Dossier, HistoryEntry, Version
from dossiers.search import SEARCH_TEXT_MAX
from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.models import Etablissement
from instruction.peuplement.copie import Copie, reserve_ids
from instruction.peuplement.formulaire import ACCOMPAGNATEUR_EMAIL, samples_of
from instruction.peuplement.histoire import HISTORY_FIELDS, Story, history_of, tell_story
from instruction.peuplement.vocabulaire import (
    ACTIVITES,
    COMMUNES,
    METIERS,
    NOMS,
    PRENOMS,
    sentence,
    siren,
    siret,
)
from procedures.models import Groupe, Procedure

DOSSIERS_PER_CHUNK = 10_000
_DOSSIERS_PER_USAGER = 2.5
_SHARE_OF_COMPANIES = 0.6
# Of a hundred open dossiers.
_SHARE_OF_FOLLOWED = 40
_SHARE_OF_AWAITED = 0.2
_SHARE_OF_UNFINISHED_BROUILLONS = 0.5

_USER_FIELDS = ("id", "email", "first_name", "last_name", "password", "date_joined")
_ETABLISSEMENT_FIELDS = (
    "id", "siret", "siret_answered", "siren", "state", "raison_sociale", "naf_code", "naf_label",
    "code_postal", "commune", "adresse", "etat_administratif", "diffusable", "capital_social",
    "capital_state", "fetched_at", "next_attempt_at",
)  # fmt: skip
_DOSSIER_FIELDS = (
    "id", "procedure", "groupe", "revision", "usager", "etablissement", "state",
    "civilite", "prenom", "nom", "reponses", "auteurs", "motivation", "created_at", "updated_at",
    "submitted_at", "instruction_started_at", "decided_at", "archived_at", "demande_changed_at",
    "awaited_since", "search_text",
)  # fmt: skip


# What submitting does for one dossier, for all of them at once.
_VERSIONED = [Version._meta.get_field(name).column for name in FIELDS if name != "saisies_refusees"]
_FIRST_VERSIONS = f"""
    INSERT INTO dossiers_version
        (dossier_id, number, revision_id, by_id, by_name, deposited_at, {", ".join(_VERSIONED)})
    SELECT d.id, 1, d.revision_id, u.id, u.first_name || ' ' || u.last_name, d.submitted_at,
           {", ".join(f"d.{column}" for column in _VERSIONED)}
    FROM dossiers_dossier d JOIN accounts_user u ON u.id = d.usager_id
    WHERE d.id = ANY(%s) AND d.state <> 'brouillon'
"""  # noqa: S608 -- the names of our own columns


# The accompagnateur follows part of the open dossiers.
_SUIVIS = """
    INSERT INTO dossiers_suivi (user_id, dossier_id, created_at)
    SELECT %s, id, submitted_at FROM dossiers_dossier
    WHERE id = ANY(%s) AND state IN ('en_construction', 'en_instruction') AND archived_at IS NULL
      AND id %% 100 < %s
"""


@dataclass(frozen=True)
class _Usager:
    id: int
    email: str
    prenom: str
    nom: str


@dataclass(frozen=True)
class _Company:
    id: int
    siren: str
    siret: str
    name: str


def populate(
    procedure: Procedure, count: int, *, seed: int = 2026, tell: Callable[[int], None] | None = None
) -> None:
    """Add `count` dossiers to a published procédure, by chunks that are each a transaction.

    `tell` is called after each chunk with the number of dossiers written so far.
    """
    writer = _Writer(procedure, Random(seed))  # noqa: S311 -- invented data, no secret
    written = 0
    while written < count:
        chunk = min(DOSSIERS_PER_CHUNK, count - written)
        with transaction.atomic():
            writer.write(chunk)
        written += chunk
        if tell is not None:
            tell(written)


def tidy() -> None:
    """Let PostgreSQL know of the new rows, as its autovacuum would in a while.

    Never inside a transaction.
    """
    with connection.cursor() as cursor:
        for model in (Dossier, Version, HistoryEntry, Etablissement, User):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"VACUUM (ANALYZE) {table}")


class _Writer:
    """What the chunks share: the samples of each champ, the accompagnateur."""

    def __init__(self, procedure: Procedure, random: Random):
        self.procedure, self.random = procedure, random
        self.now = timezone.now()
        self.accompagnateur = User.objects.get(email=ACCOMPAGNATEUR_EMAIL)
        self.password = make_password(None)
        self.groupe = Groupe.objects.default_of(procedure.pk)
        champs = procedure.published_revision.formulaire.champs
        self.samples = [
            (f'"{champ.id}": ', champ.required, samples_of(champ, random))
            for champ in champs
            if champ.holds_answer
        ]

    def write(self, count: int) -> None:
        usagers = self._write_usagers(max(1, round(count / _DOSSIERS_PER_USAGER)))
        companies = self._write_companies(round(count * _SHARE_OF_COMPANIES))
        ids = reserve_ids(Dossier, count)
        stories = [tell_story(self.random, self.now) for _ in ids]
        applicants = [
            (
                self.random.choice(usagers),
                companies[rank] if rank < len(companies) else None,
            )
            for rank in range(count)
        ]
        self.random.shuffle(applicants)
        rows = zip(ids, stories, applicants, strict=True)
        Copie(Dossier, *_DOSSIER_FIELDS).write(
            self._dossier_row(dossier_id, story, usager, company)
            for dossier_id, story, (usager, company) in rows
        )
        Copie(HistoryEntry, *HISTORY_FIELDS).write(
            entry
            for dossier_id, story, (usager, _company) in zip(ids, stories, applicants, strict=True)
            for entry in history_of(
                dossier_id, story, (usager.id, f"{usager.prenom} {usager.nom}"), self.accompagnateur
            )
        )
        with connection.cursor() as cursor:
            cursor.execute(_FIRST_VERSIONS, [ids])
            cursor.execute(_SUIVIS, [self.accompagnateur.pk, ids, _SHARE_OF_FOLLOWED])
        fold_counts()

    def _write_usagers(self, count: int) -> list[_Usager]:
        token = secrets.token_hex(4)
        usagers = [
            _Usager(
                user_id,
                f"usager-{token}-{user_id}@charge.exemple.fr",
                self.random.choice(PRENOMS),
                self.random.choice(NOMS),
            )
            for user_id in reserve_ids(User, count)
        ]
        Copie(User, *_USER_FIELDS).write(
            (usager.id, usager.email, usager.prenom, usager.nom, self.password, self.now)
            for usager in usagers
        )
        return usagers

    def _write_companies(self, count: int) -> list[_Company]:
        companies = []
        for company_id in reserve_ids(Etablissement, count):
            number = siren(self.random)
            name = f"{self.random.choice(METIERS)} {self.random.choice(NOMS)}".upper()
            companies.append(_Company(company_id, number, siret(self.random, number), name))
        Copie(Etablissement, *_ETABLISSEMENT_FIELDS).write(
            self._company_row(company) for company in companies
        )
        return companies

    def _company_row(self, company: _Company) -> tuple:
        naf_code, naf_label = self.random.choice(ACTIVITES)
        code_postal, commune = self.random.choice(COMMUNES)
        street = f"{self.random.randrange(1, 200)} RUE {self.random.choice(NOMS).upper()}"
        return (
            company.id, company.siret, company.siret, company.siren, LookupState.COMPLET,
            company.name, naf_code, naf_label, code_postal, commune,
            f"{street}\n{code_postal} {commune}", "A", True, self.random.randrange(1, 500) * 1000,
            CapitalState.CONNU, self.now, None,
        )  # fmt: skip

    def _dossier_row(
        self, dossier_id: int, story: Story, usager: _Usager, company: _Company | None
    ) -> tuple:
        civilite = self.random.choice(Civilite.values) if company is None else ""
        prenom, nom = (usager.prenom, usager.nom) if company is None else ("", "")
        reponses, auteurs, answers_text = self._answers(story, usager)
        searched = [str(dossier_id), prenom, nom, usager.email, f"{usager.prenom} {usager.nom}"]
        if company is not None:
            searched += [company.siret, company.siren, company.name]
        identity = fold(" ".join(part for part in searched if part))
        return (
            dossier_id, self.procedure.pk, self._groupe_of(story),
            self.procedure.published_revision_id, usager.id,
            company.id if company else None, story.state, civilite, prenom, nom, reponses,
            auteurs, self._motivation(story), story.created_at, story.updated_at,
            story.submitted_at, story.started_at, story.decided_at, story.archived_at,
            story.submitted_at, self._awaited_since(story),
            f"{identity} {answers_text}"[:SEARCH_TEXT_MAX],
        )  # fmt: skip

    def _awaited_since(self, story: Story) -> datetime | None:
        is_open = story.state in STATES_EN_COURS and story.archived_at is None
        return story.updated_at if is_open and self.random.random() < _SHARE_OF_AWAITED else None

    def _groupe_of(self, story: Story) -> int | None:
        return None if story.state == DossierState.BROUILLON else self.groupe.pk

    def _answers(self, story: Story, usager: _Usager) -> tuple[str, str, str]:
        """Return the answers and who gave them, as JSON, and their search text.

        Half the brouillons stop midway.
        """
        random = self.random
        end = len(self.samples)
        is_brouillon = story.state == DossierState.BROUILLON
        if is_brouillon and random.random() < _SHARE_OF_UNFINISHED_BROUILLONS:
            end = random.randrange(end)
        auteur = self._auteur(story, usager)
        parts, auteurs, texts = [], [], []
        for key, required, samples in self.samples[:end]:
            if not samples or (not required and random.random() < 0.3):
                continue
            sample = samples[int(random.random() * len(samples))]
            parts.append(key + sample.json)
            auteurs.append(key + auteur)
            if sample.search_text:
                texts.append(sample.search_text)
        return "{" + ", ".join(parts) + "}", "{" + ", ".join(auteurs) + "}", " ".join(texts)

    def _auteur(self, story: Story, usager: _Usager) -> str:
        """Return as JSON what `dossiers.auteurs` notes of an answer of the usager."""
        name, at = f"{usager.prenom} {usager.nom}", story.updated_at.isoformat()
        return json.dumps({"by": usager.id, "name": name, "at": at, "page": ""})

    def _motivation(self, story: Story) -> str:
        if story.state in (DossierState.REJETE, DossierState.SANS_SUITE):
            return sentence(self.random, 25)
        return ""
