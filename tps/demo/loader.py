"""Fills an empty database with the procédures of the demo and their dossiers."""

import hashlib
from datetime import timedelta
from types import ModuleType

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from faker import Faker

from accounts.models import Organisme, User
from dossiers import workflow
from dossiers.delais import refresh_delais
from dossiers.enums import Civilite, DossierState
from dossiers.models import Attestation, Dossier, HistoryEntry, PieceJointe, Version
from dossiers.search import refresh_search_text
from entreprise_api.models import Etablissement
from entreprise_api.simulator.companies import COMPANIES
from entreprise_api.simulator.snapshots import build_snapshot
from procedures.attestations import save_modele
from procedures.enchainements import set_enchainement
from procedures.formulaire import Formulaire
from procedures.groupes import create_groupe
from procedures.logos import set_logo
from procedures.models import Affectation, FormulaireVierge, Procedure
from procedures.publication import publish
from procedures.revisions import create_procedure, draft_of
from tps.demo import appel_a_projets, convocation, examen, transport
from tps.demo.echanges import create_echanges
from tps.demo.images import draw_logo, draw_signature
from tps.demo.invites import create_invites
from tps.demo.pdf import make_pdf
from tps.demo.people import create_accounts, create_organismes, create_person

# What becomes of the dossiers of one procédure: the actions each goes through, how many times.
_STORIES = [
    ((), 3),
    (("submit",), 4),
    (("submit", "start_instruction"), 4),
    (("submit", "start_instruction", "return_to_construction"), 1),
    (("submit", "start_instruction", "accept"), 4),
    (("submit", "start_instruction", "close_sans_suite"), 1),
    (("submit", "start_instruction", "reject"), 1),
    (("submit", "start_instruction", "reject", "reopen"), 1),
    (("submit", "start_instruction", "accept", "archive"), 1),
]
_REOPENING = "Une pièce qui manquait au moment de la décision nous est parvenue."
_SEED = 2026
_OTHER_USAGERS = 12
_OPEN_SINCE_DAYS = 200  # before the oldest dossier


@transaction.atomic
def load_demo() -> None:
    """Create the accounts, organismes, procédures and about sixty dossiers: all of it, or nothing."""
    fake = Faker("fr_FR")
    fake.seed_instance(_SEED)
    people = create_accounts()
    organismes = create_organismes(people)
    usagers = [people["usager@demo.tps"], people["usager2@demo.tps"]] + [
        create_person(f"usager{rank}@exemple.fr", fake.first_name(), fake.last_name())
        for rank in range(3, 3 + _OTHER_USAGERS)
    ]
    for story, organisme in (
        (transport, organismes["driea"]),
        (appel_a_projets, organismes["nord"]),
        (examen, organismes["apcma"]),
    ):
        procedure = _create_procedure(story, organisme, people)
        _create_dossiers(story, procedure, usagers, people["accompagnateur@demo.tps"], fake)
        if story is appel_a_projets:
            create_echanges(procedure, people)
    create_invites(people)
    _show_the_guichet(procedure, usagers[0])
    following = _create_procedure(convocation, organismes["apcma"], people)
    set_enchainement(procedure, following, **convocation.ENCHAINEMENT)
    refresh_delais()
    _create_procedure_being_made(organismes["autre"], people["admin2@demo.tps"])


def _create_procedure(
    story: ModuleType, organisme: Organisme, people: dict[str, User]
) -> Procedure:
    administrateur = people["admin@demo.tps"]
    procedure = create_procedure(by=administrateur, organisme=organisme, **story.PROCEDURE)
    vierges = {
        name: _create_formulaire_vierge(procedure, title).pk
        for name, title in story.FORMULAIRES_VIERGES.items()
    }
    draft = draft_of(procedure)
    draft.set_formulaire(
        Formulaire(
            champs=story.champs(vierges),
            annotations=story.ANNOTATIONS,
            ineligibilites=story.INELIGIBILITES,
        )
    )
    draft.save(update_fields=["document", "updated_at"])
    if hasattr(story, "GROUPE"):
        _create_groupes(story, procedure, people)
    else:
        for email in ("accompagnateur@demo.tps", "accompagnateur2@demo.tps"):
            Affectation.objects.create(procedure=procedure, user=people[email])
    if attestation := getattr(story, "ATTESTATION", None):
        images = {"logo": draw_logo(), "signature": draw_signature()}
        save_modele(procedure, attestation | {"is_active": True}, images)
        set_logo(procedure, images["logo"])
    publish(procedure, by=administrateur)
    if hasattr(story, "CLOSES_IN_DAYS"):
        noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
        closes_at = noon + timedelta(days=story.CLOSES_IN_DAYS)
        procedure.closes_at = procedure.passage_at = closes_at
        procedure.passage_at_closing = True
        procedure.save(update_fields=["closes_at", "passage_at", "passage_at_closing"])
    opened_at = timezone.now() - timedelta(days=_OPEN_SINCE_DAYS)
    procedure.revisions.update(published_at=opened_at)
    Procedure.objects.filter(pk=procedure.pk).update(published_at=opened_at)
    procedure.refresh_from_db()
    return procedure


def _create_groupes(story: ModuleType, procedure: Procedure, people: dict[str, User]) -> None:
    """Share the dossiers: the default groupe is that of one accompagnateur, both have the other."""
    procedure.groupes.filter(is_default=True).update(name=story.GROUPE_PAR_DEFAUT)
    Affectation.objects.create(procedure=procedure, user=people["accompagnateur@demo.tps"])
    groupe = create_groupe(procedure, story.GROUPE["name"], rule=story.GROUPE["rule"])
    groupe.contact_email = story.GROUPE["contact_email"]
    groupe.contact_phone = story.GROUPE["contact_phone"]
    groupe.save(update_fields=["contact_email", "contact_phone"])
    for email in story.GROUPE["members"]:
        Affectation.objects.create(procedure=procedure, groupe=groupe, user=people[email])


def _create_procedure_being_made(organisme: Organisme, administrateur: User) -> None:
    create_procedure(
        by=administrateur,
        organisme=organisme,
        title="Demande d’occupation du domaine public",
        slug="occupation-domaine-public",
    )


def _create_formulaire_vierge(procedure: Procedure, title: str) -> FormulaireVierge:
    content = make_pdf(title, "", blank=True)
    return FormulaireVierge.objects.create(
        procedure=procedure,
        file=ContentFile(content, "formulaire.pdf"),
        name=f"{title}.pdf",
        content_type="application/pdf",
        size_bytes=len(content),
    )


def _create_dossiers(story: ModuleType, procedure, usagers, accompagnateur, fake) -> None:
    rank = 0
    for actions, count in _STORIES:
        for _ in range(count):
            usager = usagers[rank % len(usagers)] if rank % 3 else usagers[0]
            dossier = _create_brouillon(story, procedure, usager, fake, rank)
            if not actions:
                _leave_unfinished(dossier, rank)
            _play(story, dossier, actions, accompagnateur)
            _age(dossier.pk, days=60 - 2 * rank + rank % 5)
            rank += 1


def _show_the_guichet(procedure, usager: User) -> None:
    """Make a brouillon of `usager` expire soon; let them fill another dossier in for somebody."""
    dossiers = Dossier.objects.owned_by(usager).for_procedure(procedure).order_by("pk")
    expiring = dossiers.filter(state=DossierState.BROUILLON).first()
    last_change = timezone.now() - timedelta(days=settings.BROUILLON_LIFETIME_DAYS - 20)
    Dossier.objects.filter(pk=expiring.pk).update(created_at=last_change, updated_at=last_change)
    dossier = dossiers.soumis().first()
    dossier.civilite, dossier.prenom, dossier.nom = Civilite.MONSIEUR, "Bernard", "Martin"
    dossier.mandataire_prenom, dossier.mandataire_nom = usager.first_name, usager.last_name
    dossier.beneficiaire_email = "bernard@exemple.fr"
    refresh_search_text(dossier)
    dossier.save()


def _create_brouillon(story: ModuleType, procedure, usager: User, fake, rank: int) -> Dossier:
    reponses = {
        key: value for key, value in story.reponses(fake, rank).items() if value is not None
    }
    by_siret = procedure.accepts_entreprises and not (procedure.accepts_particuliers and rank % 5)
    dossier = Dossier(
        procedure=procedure,
        revision=procedure.published_revision,
        usager=usager,
        reponses=reponses,
    )
    if by_siret or not procedure.accepts_particuliers:
        dossier.etablissement = _create_etablissement(procedure, rank)
    else:
        dossier.civilite = "Mme" if usager.first_name in ("Camille", "Inès") else "M."
        dossier.prenom, dossier.nom = usager.first_name, usager.last_name
    dossier.save()
    for champ_id, title in story.PIECES.items():
        _attach(dossier, champ_id, title, usager, rank)
    return dossier


def _leave_unfinished(dossier: Dossier, rank: int) -> None:
    """Keep the first answers only, and no file: somebody stopped there."""
    kept = list(dossier.reponses.items())[: 4 + 2 * (rank % 3)]
    dossier.reponses = dict(kept)
    dossier.save(update_fields=["reponses"])
    dossier.pieces_jointes.all().delete()


def _create_etablissement(procedure: Procedure, rank: int) -> Etablissement:
    """Make the snapshot that API Entreprise would have given, without calling it."""
    siret = list(COMPANIES)[rank % len(COMPANIES)]
    etablissement = build_snapshot(siret, recipient=procedure.organisme.siret)
    etablissement.save()
    return etablissement


def _attach(dossier: Dossier, champ_id: str, title: str, usager: User, rank: int) -> None:
    content = make_pdf(title, f"2026-{dossier.procedure_id:02d}-{rank % 2 + 1:04d}")
    PieceJointe.objects.create(
        dossier=dossier,
        champ_id=champ_id,
        file=ContentFile(content, "piece.pdf"),
        name=f"{title}.pdf",
        content_type="application/pdf",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=usager,
    )


def _play(story: ModuleType, dossier: Dossier, actions, accompagnateur: User) -> None:
    """Carry the actions out as the people would, so that history and emails are real."""
    for action in actions:
        if action == "archive":
            workflow.archive(dossier.pk, by=accompagnateur)
        elif action == "submit":
            workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
        else:
            workflow.run(
                workflow.ACTIONS[action],
                dossier.pk,
                by=accompagnateur,
                motivation=_REOPENING if action == "reopen" else story.MOTIVATIONS.get(action, ""),
            )


def _age(dossier_id: int, *, days: int) -> None:
    """Spread over the last weeks what was made in one second."""
    start = timezone.now() - timedelta(days=days, hours=dossier_id % 9)
    spread = {"submit": 1, "start_instruction": 6, "return_to_construction": 8, "reopen": 20}
    moments = {"created_at": start, "updated_at": start}
    # What INSEE said that day is too old to be used again: a breakdown of the API can be tried.
    Etablissement.objects.filter(dossiers=dossier_id).update(fetched_at=start)
    for entry in HistoryEntry.objects.filter(dossier_id=dossier_id):
        at = min(start + timedelta(days=spread.get(entry.action, 15)), timezone.now())
        HistoryEntry.objects.filter(pk=entry.pk).update(at=at)
        column = {
            "submit": "submitted_at",
            "start_instruction": "instruction_started_at",
            "accept": "decided_at",
            "close_sans_suite": "decided_at",
            "reject": "decided_at",
            "archive": "archived_at",
        }.get(entry.action)
        moments["updated_at"] = at
        if entry.action == "submit":
            Version.objects.filter(dossier_id=dossier_id).update(deposited_at=at)
        if column:
            moments[column] = at
        if entry.action == "reopen":
            del moments["decided_at"]
    Dossier.objects.filter(pk=dossier_id).update(**moments)
    if "decided_at" in moments:
        Attestation.objects.filter(dossier=dossier_id).update(issued_at=moments["decided_at"])
