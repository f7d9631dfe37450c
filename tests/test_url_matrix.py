"""Every URL of the site, as every persona: who gets in, who is sent to sign in, who is refused.

A new URL fails `test_every_url_is_declared` until a line says what each persona finds there.
"""

import copy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from courriels.models import DemoMessage
from dossiers import corbeille, transferts
from dossiers.depots import file_version
from dossiers.models import (
    Attestation,
    DecisionFile,
    Dossier,
    Invite,
    MessageFile,
    PieceJointe,
    Televersement,
    Transfert,
)
from instruction.models import Avis, ReponseType, VueEnregistree
from instruction.notifications.desabonnement import unsubscribe_path
from procedures.champs import new_champ
from procedures.models import Administration, Affectation, FormulaireVierge, Procedure
from procedures.revisions import draft_of
from procedures.transferts import propose
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import (
    AttestationFactory,
    DossierFactory,
    InviteFactory,
    MessageFactory,
    MessageFileFactory,
    PieceJointeFactory,
    SuiviFactory,
    TeleversementFactory,
)
from tests.entreprise_api.factories import EtablissementFactory
from tests.instruction.avis_factories import AvisFactory, avis_file
from tests.procedures.factories import AffectationFactory, ProcedureFactory

PERSONAS = (
    "anonyme",
    "usager",  # who owns the dossier
    "autre_usager",
    "accompagnateur",  # of the procédure
    "autre_accompagnateur",  # of another procédure
    "administrateur",  # of the procédure
    "autre_administrateur",  # of another organisme
    "exploitant",
)
# The library's own pages and Django's admin are held by their own tests below.
OF_LIBRARIES = ("account_", "mfa_", "admin", "static")
OWN_ACCOUNT_PAGES = ("account_profile", "account_home", "account_invitation")


@dataclass
class World:
    """One procédure, its people, and two dossiers of its usager."""

    people: dict[str, User | None]
    procedure: Procedure
    dossier: Dossier
    en_instruction: Dossier
    brouillon: Dossier
    piece_jointe: PieceJointe
    televersement: Televersement
    affectation: Affectation
    administration: Administration
    formulaire_vierge: FormulaireVierge
    attestation: Attestation
    invite: Invite
    invite_of_service: Invite
    avis: Avis
    message: DemoMessage
    tested: Procedure
    identity: SocialAccount
    message_file: MessageFile
    dialogue: Dossier
    media: Path | None = None


@pytest.fixture(scope="module")
def first_world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """Make the world once for a file of tests, each of which is undone."""
    media = tmp_path_factory.mktemp("monde")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=str(media)):
            world = _make_world()
        world.media = media
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(first_world, db, settings) -> World:
    settings.API_ENTREPRISE_URL = "http://127.0.0.1:9"  # nobody answers there
    shutil.copytree(first_world.media, settings.MEDIA_ROOT)
    return copy.deepcopy(first_world)


def _make_world() -> World:
    organisme, autre_organisme = OrganismeFactory(), OrganismeFactory()
    people = {name: UserFactory() for name in PERSONAS[1:]} | {"anonyme": None}
    User.objects.filter(pk=people["exploitant"].pk).update(is_staff=True, is_superuser=True)
    people["exploitant"].refresh_from_db()
    organisme.administrateurs.add(people["administrateur"])
    autre_organisme.administrateurs.add(people["autre_administrateur"])
    procedure = ProcedureFactory(
        organisme=organisme,
        annotations=[new_champ("texte_court", id="note01", label="Note interne")],
        ineligibilites=[
            {
                "id": "regle1",
                "condition": {
                    "regles": [{"champ": "objet1", "operator": "est", "values": ["Refus"]}]
                },
                "message": "Adressez-vous à un autre service.",
            }
        ],
        is_modele=True,
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis", required=False),
            new_champ("bloc_repetable", id="bloc1", label="Dépenses", required=False),
        ],
    )
    affectation = AffectationFactory(procedure=procedure, user=people["accompagnateur"])
    AffectationFactory(
        procedure=ProcedureFactory(organisme=autre_organisme), user=people["autre_accompagnateur"]
    )
    propose(procedure, people["autre_administrateur"].email, by=people["administrateur"])
    owned = {"procedure": procedure, "usager": people["usager"]}
    dossier = DossierFactory(**owned, en_construction=True)
    file_version(dossier, by=people["usager"])
    ReponseType.objects.create(procedure=procedure, title="Reçu", body="Bien reçu.")
    tested = ProcedureFactory(test_token="jeton-d-essai_1")
    draft_of(tested)
    return World(
        people=people,
        procedure=procedure,
        dossier=dossier,
        en_instruction=DossierFactory(**owned, en_instruction=True),
        brouillon=DossierFactory(**owned),
        piece_jointe=PieceJointeFactory(dossier=dossier, with_preview=True),
        televersement=TeleversementFactory(dossier=dossier, by=people["usager"]),
        affectation=affectation,
        administration=procedure.administrations.get(),
        formulaire_vierge=FormulaireVierge.objects.create(
            procedure=procedure,
            file=ContentFile(b"%PDF-1.4", "modele.pdf"),
            name="modele.pdf",
            content_type="application/pdf",
            size_bytes=8,
        ),
        attestation=AttestationFactory(dossier=DossierFactory(**owned, accepte=True)),
        invite=InviteFactory(dossier=dossier, an_hour_ago=True),
        invite_of_service=InviteFactory(dossier=dossier, of_service=True, an_hour_ago=True),
        message=DemoMessage.objects.create(
            from_email="a@exemple.fr", to="b@exemple.fr", subject="Essai", html="<p>Oui</p>"
        ),
        tested=tested,
        identity=SocialAccount.objects.create(
            user=people["usager"], provider="franceconnect", uid="angela"
        ),
        message_file=MessageFileFactory(message__dossier=dossier),
        dialogue=MessageFactory(dossier=DossierFactory(**owned)).dossier,
        avis=an_avis_with_a_file(AvisFactory(dossier=dossier)),
    )


def an_avis_with_a_file(avis):
    avis_file(avis)
    return avis


def an_identity(world):
    return {"pk": world.identity.pk}


def the_procedure(world):
    return {"pk": world.procedure.pk}


def the_slug(world):
    return {"slug": world.procedure.slug}


def the_dossier(world):
    return {"pk": world.dossier.pk}


def a_company(world):
    company = EtablissementFactory()
    Dossier.objects.filter(pk=world.dossier.pk).update(etablissement=company)
    return {"pk": world.dossier.pk}


def a_follower(world):
    user = world.people["accompagnateur"]
    if not world.dossier.suivis.filter(user=user).exists():
        SuiviFactory(dossier=world.dossier, user=user)
    return {"pk": world.dossier.pk, "user_pk": user.pk}


def the_dossier_en_instruction(world):
    return {"pk": world.en_instruction.pk}


def the_brouillon(world):
    return {"pk": world.brouillon.pk}


def a_version(world):
    return {"pk": world.dossier.pk, "number": 1}


def a_champ(world):
    return {"pk": world.procedure.pk, "champ_id": "objet1"}


def an_annotation_champ(world):
    return {"pk": world.procedure.pk, "champ_id": "note01"}


def a_rule(world):
    return {"pk": world.procedure.pk, "rule_id": "regle1"}


def a_file_champ(world):
    return {"pk": world.procedure.pk, "champ_id": "piece1"}


def an_answer(world):
    return {"pk": world.brouillon.pk, "champ_id": "objet1"}


def a_file_answer(world):
    return {"pk": world.brouillon.pk, "champ_id": "piece1"}


def a_bloc(world):
    return {"pk": world.brouillon.pk, "bloc_id": "bloc1"}


def a_row(world):
    return {"pk": world.brouillon.pk, "bloc_id": "bloc1", "row_id": "a1"}


def an_annotation(world):
    return {"pk": world.dossier.pk, "champ_id": "note01"}


def a_file(world):
    return {"pk": world.piece_jointe.pk}


def an_upload(world):
    return {"pk": world.televersement.pk}


def an_event(world):
    return {"pk": world.procedure.pk, "event": "rejet"}


def an_affectation(world):
    return {"pk": world.procedure.pk, "affectation_pk": world.affectation.pk}


def an_administration(world):
    return {"pk": world.procedure.pk, "administration_pk": world.administration.pk}


def a_transfert(world):
    return {"pk": world.procedure.pk, "transfert_pk": world.procedure.transferts.get().pk}


def an_offer(world):
    return {"pk": world.procedure.transferts.get().pk}


def a_blank_form(world):
    return {"pk": world.formulaire_vierge.pk}


def an_attestation(world):
    return {"pk": world.attestation.dossier_id}


def an_attestation_code(world):
    return {"code": world.attestation.number}


def an_avis(world):
    return {"pk": world.avis.dossier_id, "avis_pk": world.avis.pk}


def an_avis_file(world):
    return {"pk": world.avis.files.get().pk}


def an_invite(world):
    return {"pk": world.dossier.pk, "invite_pk": world.invite.pk}


def an_invite_of_service(world):
    return {"pk": world.dossier.pk, "invite_pk": world.invite_of_service.pk}


def a_message(world):
    return {"pk": world.message.pk}


def a_siret(world):
    return {"siret": "00041872300011"}


def a_siren(world):
    return {"siren": "000418723"}


def a_forged_invitation(world):
    return {"token": "forged:token"}


def a_trashed(world):
    if Dossier.objects.filter(pk=world.brouillon.pk).exists():
        corbeille.delete(world.brouillon.pk, by=world.people["usager"])
    return {"pk": world.brouillon.pk}


def _offer(world):
    to = world.people["autre_usager"].email
    offered = Transfert.objects.filter(dossier=world.dossier, to_email=to).first()
    return offered or transferts.propose(world.dossier.pk, to, by=world.people["usager"])


def a_given_dossier(world):
    return {"pk": world.dossier.pk, "transfert_pk": _offer(world).pk}


def an_offered_dossier(world):
    return {"pk": _offer(world).pk}


def a_refusal(world):
    path = unsubscribe_path(world.people["accompagnateur"], world.procedure)
    return {"token": path.split("/")[-2]}


def a_link(world):
    return {"token": world.tested.test_token}


def a_message_file(world):
    return {"pk": world.message_file.pk}


def the_dialogue(world):
    return {"pk": world.dialogue.pk}


def a_canned_answer(world):
    canned, _ = world.procedure.reponses_types.get_or_create(title="Reçu", body="Bien reçu.")
    return {"pk": world.procedure.pk, "reponse_pk": canned.pk}


def a_figure(world):
    return {"pk": world.procedure.pk, "figure": "depots"}


def public_statistics(world):
    Procedure.objects.filter(pk=world.procedure.pk).update(statistiques_publiques=True)
    return {"slug": world.procedure.slug}


def a_public_figure(world):
    return public_statistics(world) | {"figure": "depots"}


def a_label(world):
    label, _ = world.procedure.labels.get_or_create(name="Urgent")
    return {"pk": world.procedure.pk, "label_pk": label.pk}


def a_decided_dossier(world):
    return {"pk": world.attestation.dossier_id}


def a_groupe(world):
    groupe, _ = world.procedure.groupes.get_or_create(name="Nord", is_default=False)
    return {"pk": world.procedure.pk, "groupe_pk": groupe.pk}


def a_decision_file(world):
    document = DecisionFile(
        dossier=world.dossier,
        name="decision.pdf",
        content_type="application/pdf",
        size_bytes=15,
        sha256="0" * 64,
    )
    document.file.save("decision.pdf", ContentFile(b"%PDF-1.4\n%%EOF\n"))
    return {"pk": document.pk}


def a_lot(world):
    lot = world.procedure.lots.create(by=world.people["accompagnateur"], action="archive")
    return {"pk": world.procedure.pk, "lot_pk": lot.pk}


def a_vue(world):
    vue, _ = VueEnregistree.objects.get_or_create(
        user=world.people["accompagnateur"], procedure=world.procedure, name="Urgents"
    )
    return {"pk": world.procedure.pk, "vue_pk": vue.pk}


def nothing(world):
    return {}


# Name: method, objects, and the status for each of PERSONAS in their order.
MATRIX = {
    "home": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "status": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "legal": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "privacy": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "accessibility": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "account_profile": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "account_home": ("get", nothing, "302 302 302 302 302 302 302 302"),
    "account_invitation": ("get", a_forged_invitation, "410 410 410 410 410 410 410 410"),
    # FranceConnect and ProConnect, turned off here: `tests/accounts/test_oidc.py` turns them on.
    "franceconnect_begin": ("get", nothing, "404 404 404 404 404 404 404 404"),
    "franceconnect_callback": ("get", nothing, "404 404 404 404 404 404 404 404"),
    "franceconnect_closed": ("get", nothing, "302 302 302 302 302 302 302 302"),
    "proconnect_begin": ("get", nothing, "404 404 404 404 404 404 404 404"),
    "proconnect_callback": ("get", nothing, "404 404 404 404 404 404 404 404"),
    "proconnect_closed": ("get", nothing, "302 302 302 302 302 302 302 302"),
    "identite_choose": ("get", nothing, "302 302 302 302 302 302 302 302"),
    "identite_keep": ("post", nothing, "302 302 302 302 302 302 302 302"),
    "identite_prove": ("post", nothing, "302 302 302 302 302 302 302 302"),
    "identite_send_link": ("post", nothing, "302 302 302 302 302 302 302 302"),
    "identite_link_sent": ("get", nothing, "302 302 302 302 302 302 302 302"),
    "identite_confirm": ("get", a_forged_invitation, "410 410 410 410 410 410 410 410"),
    "identite_give_up": ("post", nothing, "302 302 302 302 302 302 302 302"),
    "identite_remove": ("post", an_identity, "302 302 404 404 404 404 404 404"),
    "identite_close": ("get", nothing, "302 302 302 302 302 302 302 302"),
    "courriels:demo_list": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "courriels:demo_detail": ("get", a_message, "200 200 200 200 200 200 200 200"),
    "courriels:demo_html": ("get", a_message, "200 200 200 200 200 200 200 200"),
    "entreprise_api:demo_companies": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "entreprise_api:demo_outage_toggle": ("post", nothing, "302 302 302 302 302 302 302 302"),
    "entreprise_api:simulator_privileges": ("get", nothing, "401 401 401 401 401 401 401 401"),
    "entreprise_api:simulator_ping": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "entreprise_api:simulator_etablissement": ("get", a_siret, "401 401 401 401 401 401 401 401"),
    "entreprise_api:simulator_etablissement_diffusible": (
        "get",
        a_siret,
        "401 401 401 401 401 401 401 401",
    ),
    "entreprise_api:simulator_extrait_rcs": ("get", a_siren, "401 401 401 401 401 401 401 401"),
    "geographie:adresse_list": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "geographie:commune_list": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "geographie:demo_lieux": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "geographie:demo_outage_toggle": ("post", nothing, "302 302 302 302 302 302 302 302"),
    "geographie:simulator_ban": ("get", nothing, "400 400 400 400 400 400 400 400"),
    "geographie:simulator_communes": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "procedures:label_list": ("get", the_procedure, "302 404 404 200 404 200 404 404"),
    "procedures:label_suggest": ("post", the_procedure, "302 404 404 302 404 302 404 404"),
    "procedures:label_edit": ("get", a_label, "302 404 404 200 404 200 404 404"),
    "procedures:label_move": ("post", a_label, "302 404 404 302 404 302 404 404"),
    "procedures:label_delete": ("get", a_label, "302 404 404 200 404 200 404 404"),
    "procedures:delai_legal_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "instruction:labels_change": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "instruction:dossier_declare_complete": (
        "post",
        the_dossier,
        "302 404 404 302 404 404 404 404",
    ),
    "instruction:dossier_keep_longer": (
        "post",
        a_decided_dossier,
        "302 404 404 302 404 404 404 404",
    ),
    "procedures:procedure_list": ("get", nothing, "302 403 403 403 403 200 200 403"),
    "procedures:markdown_preview": ("post", nothing, "302 403 403 403 403 200 200 403"),
    "procedures:procedure_create": ("get", nothing, "302 403 403 403 403 200 200 403"),
    "procedures:procedure_import": ("get", nothing, "302 403 403 403 403 200 200 403"),
    "procedures:procedure_pick": ("get", nothing, "302 403 403 403 403 200 200 403"),
    "procedures:procedure_export": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:procedure_copy": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:procedure_detail": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:procedure_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:accompagnateur_list": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:accompagnateur_delete": ("post", an_affectation, "302 404 404 404 404 302 404 404"),
    "procedures:administrateur_list": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:administrateur_delete": (
        "post",
        an_administration,
        "302 404 404 404 404 302 404 404",
    ),
    "procedures:enchainement_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:enchainement_mapping": ("get", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:enchainement_remove": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:dates_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:messagerie_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:textes_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:logo_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:logo_remove": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:logo_show": ("get", the_procedure, "404 404 404 404 404 404 404 404"),
    "procedures:procedure_publish": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:draft_discard": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:procedure_close": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:procedure_reopen": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:transfert_list": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:transfert_cancel": ("post", a_transfert, "302 404 404 404 404 302 404 404"),
    "procedures:transfert_answer": ("get", an_offer, "302 404 404 404 404 404 200 404"),
    "procedures:lien_create": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:modele_list": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "procedures:modele_detail": ("get", the_slug, "200 200 200 200 200 200 200 200"),
    "procedures:modele_copy": ("post", the_slug, "302 403 403 403 403 302 302 403"),
    "procedures:modele_set": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:formulaire_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:formulaire_preview": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:plan_read": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:plan_insert": ("post", the_procedure, "302 404 404 404 404 422 404 404"),
    "procedures:champ_add": ("post", the_procedure, "302 404 404 404 404 400 404 404"),
    "procedures:champ_restore": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "procedures:champ_edit": ("post", a_champ, "302 404 404 404 404 422 404 404"),
    "procedures:champ_move": ("post", a_champ, "302 404 404 404 404 400 404 404"),
    "procedures:champ_condition": ("post", a_champ, "302 404 404 404 404 302 404 404"),
    "procedures:annotations_formulaire_edit": (
        "get",
        the_procedure,
        "302 404 404 404 404 200 404 404",
    ),
    "procedures:annotations_formulaire_preview": (
        "get",
        the_procedure,
        "302 404 404 404 404 200 404 404",
    ),
    "procedures:annotations_plan_read": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:annotations_plan_insert": (
        "post",
        the_procedure,
        "302 404 404 404 404 422 404 404",
    ),
    "procedures:annotations_champ_add": ("post", the_procedure, "302 404 404 404 404 400 404 404"),
    "procedures:annotations_champ_restore": (
        "post",
        the_procedure,
        "302 404 404 404 404 302 404 404",
    ),
    "procedures:annotations_champ_edit": (
        "post",
        an_annotation_champ,
        "302 404 404 404 404 422 404 404",
    ),
    "procedures:annotations_champ_condition": (
        "post",
        an_annotation_champ,
        "302 404 404 404 404 302 404 404",
    ),
    "procedures:annotations_champ_move": (
        "post",
        an_annotation_champ,
        "302 404 404 404 404 400 404 404",
    ),
    "procedures:annotations_champ_duplicate": (
        "post",
        an_annotation_champ,
        "302 404 404 404 404 302 404 404",
    ),
    "procedures:annotations_champ_delete": (
        "post",
        an_annotation_champ,
        "302 404 404 404 404 302 404 404",
    ),
    "procedures:ineligibilite_list": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:ineligibilite_create": ("post", the_procedure, "302 404 404 404 404 422 404 404"),
    "procedures:ineligibilite_edit": ("post", a_rule, "302 404 404 404 404 422 404 404"),
    "procedures:ineligibilite_delete": ("post", a_rule, "302 404 404 404 404 302 404 404"),
    "procedures:champ_duplicate": ("post", a_champ, "302 404 404 404 404 302 404 404"),
    "procedures:champ_delete": ("post", a_champ, "302 404 404 404 404 302 404 404"),
    "procedures:formulaire_vierge_set": ("post", a_file_champ, "302 404 404 404 404 422 404 404"),
    "procedures:formulaire_vierge_remove": (
        "post",
        a_file_champ,
        "302 404 404 404 404 302 404 404",
    ),
    "procedures:formulaire_vierge_download": (
        "get",
        a_blank_form,
        "404 404 404 404 404 200 404 404",
    ),
    "procedures:courriel_list": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:courriel_edit": ("get", an_event, "302 404 404 404 404 200 404 404"),
    "procedures:courriel_reset": ("post", an_event, "302 404 404 404 404 302 404 404"),
    "procedures:attestation_edit": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:attestation_pdf": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:attestation_reset": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "dossiers:attestation_search": ("get", nothing, "200 200 200 200 200 200 200 200"),
    "dossiers:attestation_verify": ("get", an_attestation_code, "200 200 200 200 200 200 200 200"),
    "dossiers:attestation_download": (
        "get",
        an_attestation,
        "302 200 404 200 404 404 404 404",
    ),
    "dossiers:procedure_public": ("get", the_slug, "200 200 200 200 200 200 200 200"),
    "dossiers:brouillon_create": ("post", the_slug, "302 302 302 302 302 302 302 302"),
    "dossiers:mise_a_niveau": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "dossiers:dossier_list": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "dossiers:dossier_detail": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:dossier_recapitulatif": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:suite_begin": ("post", the_dossier, "302 302 404 404 404 404 404 404"),
    "dossiers:dossier_delete": ("post", the_brouillon, "302 302 404 404 404 404 404 404"),
    "dossiers:corbeille_list": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "dossiers:dossier_restore": ("post", a_trashed, "302 302 404 404 404 404 404 404"),
    "dossiers:brouillon_prolong": ("post", the_brouillon, "302 302 404 404 404 404 404 404"),
    "dossiers:dossier_duplicate": ("post", the_dossier, "302 302 404 404 404 404 404 404"),
    "dossiers:document_list": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:attestation_depot": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:dossier_transfer": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:transfert_cancel": ("post", a_given_dossier, "302 302 404 404 404 404 404 404"),
    "dossiers:transfert_answer": ("get", an_offered_dossier, "302 404 200 404 404 404 404 404"),
    "dossiers:dossier_identify": ("get", the_brouillon, "302 200 404 404 404 404 404 404"),
    "dossiers:personne_save": ("post", the_brouillon, "302 200 404 404 404 404 404 404"),
    "dossiers:siret_look_up": ("post", the_brouillon, "302 200 404 404 404 404 404 404"),
    "dossiers:etablissement_confirm": ("post", the_brouillon, "302 302 404 404 404 404 404 404"),
    "dossiers:dossier_edit": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:reponse_save": ("post", an_answer, "302 302 404 404 404 404 404 404"),
    "dossiers:ligne_add": ("post", a_bloc, "302 302 404 404 404 404 404 404"),
    "dossiers:ligne_remove": ("post", a_row, "302 302 404 404 404 404 404 404"),
    "dossiers:ligne_restore": ("post", a_row, "302 302 404 404 404 404 404 404"),
    "dossiers:ligne_move": ("post", a_row, "302 400 404 404 404 404 404 404"),
    "dossiers:piece_jointe_add": ("post", a_file_answer, "302 302 404 404 404 404 404 404"),
    "dossiers:piece_jointe_download": ("get", a_file, "302 200 404 200 404 404 404 404"),
    "dossiers:piece_jointe_delete": ("post", a_file, "302 302 404 404 404 404 404 404"),
    "dossiers:invite_list": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:invite_resend": ("post", an_invite, "302 302 404 404 404 404 404 404"),
    "dossiers:invite_change_role": ("post", an_invite, "302 302 404 404 404 404 404 404"),
    "dossiers:invite_revoke": ("post", an_invite, "302 302 404 404 404 404 404 404"),
    "dossiers:invite_leave": ("post", the_dossier, "302 404 404 404 404 404 404 404"),
    "dossiers:invite_accept": ("get", a_forged_invitation, "404 404 404 404 404 404 404 404"),
    "dossiers:piece_jointe_preview": ("get", a_file, "302 200 404 200 404 404 404 404"),
    "dossiers:piece_jointe_state": ("get", a_file, "302 200 404 200 404 404 404 404"),
    "dossiers:dossier_zip": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:televersement_create": (
        "post",
        a_file_answer,
        "302 422 404 404 404 404 404 404",
    ),
    "dossiers:televersement_state": ("get", an_upload, "302 200 404 404 404 404 404 404"),
    "dossiers:televersement_receive": ("post", an_upload, "302 400 404 404 404 404 404 404"),
    "dossiers:televersement_finish": ("post", an_upload, "302 409 404 404 404 404 404 404"),
    "dossiers:televersement_cancel": ("post", an_upload, "302 204 404 404 404 404 404 404"),
    "dossiers:passage_list": ("get", the_procedure, "302 404 404 200 404 200 404 404"),
    "dossiers:dossier_review": ("get", the_brouillon, "302 200 404 404 404 404 404 404"),
    "dossiers:dossier_submit": ("post", the_brouillon, "302 302 404 404 404 404 404 404"),
    "dossiers:modifications_deposit": ("post", the_dossier, "302 302 404 404 404 404 404 404"),
    "dossiers:modifications_discard": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:nouveaute_list": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:version_list": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:version_detail": ("get", a_version, "302 200 404 404 404 404 404 404"),
    "dossiers:essai_public": ("get", a_link, "200 200 200 200 200 200 200 200"),
    "dossiers:essai_start": ("post", a_link, "302 302 302 302 302 302 302 302"),
    "dossiers:essai_manage": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "dossiers:essai_link_create": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "dossiers:essai_link_revoke": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "dossiers:essai_invite": ("post", the_procedure, "302 404 404 404 404 302 404 404"),
    "dossiers:essai_erase": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "instruction:version_list": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:version_detail": ("get", a_version, "302 404 404 200 404 404 404 404"),
    "dossiers:message_list": ("get", the_dossier, "302 200 404 404 404 404 404 404"),
    "dossiers:message_news": ("get", the_dossier, "302 404 404 404 404 404 404 404"),
    "dossiers:decision_file_download": (
        "get",
        a_decision_file,
        "302 200 404 200 404 404 404 404",
    ),
    "dossiers:decision_file_preview": (
        "get",
        a_decision_file,
        "302 404 404 404 404 404 404 404",
    ),
    "dossiers:decision_file_state": (
        "get",
        a_decision_file,
        "302 200 404 200 404 404 404 404",
    ),
    "dossiers:message_file_download": (
        "get",
        a_message_file,
        "302 200 404 200 404 404 404 404",
    ),
    "dossiers:message_file_preview": (
        "get",
        a_message_file,
        "302 404 404 404 404 404 404 404",
    ),
    "dossiers:message_file_state": (
        "get",
        a_message_file,
        "302 200 404 200 404 404 404 404",
    ),
    "dossiers:correction_resolve": ("post", the_dossier, "302 302 404 404 404 404 404 404"),
    "instruction:message_list": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:message_news": ("get", the_dossier, "302 404 404 404 404 404 404 404"),
    "instruction:reponse_type_fill": ("get", the_dossier, "302 404 404 404 404 404 404 404"),
    "instruction:dialogue_list": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:dialogue_detail": ("get", the_dialogue, "302 404 404 200 404 404 404 404"),
    "instruction:reponse_type_list": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:reponse_type_create": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:reponse_type_edit": ("get", a_canned_answer, "302 404 404 200 404 404 404 404"),
    "instruction:reponse_type_delete": (
        "post",
        a_canned_answer,
        "302 404 404 302 404 404 404 404",
    ),
    "instruction:correction_ask": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:correction_cancel": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "instruction:procedure_list": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "instruction:dossier_search": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "instruction:dossier_list": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:filter_add": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:column_choose": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:vue_list": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:vue_rename": ("post", a_vue, "302 404 404 302 404 404 404 404"),
    "instruction:vue_delete": ("post", a_vue, "302 404 404 302 404 404 404 404"),
    "instruction:retrait_list": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:dossier_detail": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:annotation_list": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "instruction:annotation_save": ("post", an_annotation, "302 404 404 302 404 404 404 404"),
    "instruction:dossier_recapitulatif": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:dossier_zip": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:dossier_start_instruction": (
        "post",
        the_dossier,
        "302 404 404 302 404 404 404 404",
    ),
    "instruction:dossier_return_to_construction": (
        "post",
        the_dossier_en_instruction,
        "302 404 404 302 404 404 404 404",
    ),
    "instruction:dossier_accept": (
        "post",
        the_dossier_en_instruction,
        "302 404 404 302 404 404 404 404",
    ),
    "instruction:dossier_close_sans_suite": (
        "post",
        the_dossier_en_instruction,
        "302 404 404 200 404 404 404 404",
    ),
    "instruction:dossier_reject": (
        "post",
        the_dossier_en_instruction,
        "302 404 404 200 404 404 404 404",
    ),
    "instruction:lot_list": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "instruction:lot_prepare": ("get", the_procedure, "302 404 404 302 404 404 404 404"),
    "instruction:lot_export": ("get", the_procedure, "302 404 404 302 404 404 404 404"),
    "instruction:lot_detail": ("get", a_lot, "302 404 404 200 404 404 404 404"),
    "instruction:lot_stop": ("post", a_lot, "302 404 404 302 404 404 404 404"),
    "instruction:lot_report": ("get", a_lot, "302 404 404 200 404 404 404 404"),
    "instruction:dossier_reopen": ("get", the_dossier, "302 404 404 409 404 404 404 404"),
    "instruction:invite_list": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:invite_resend": ("post", an_invite_of_service, "302 404 404 302 404 404 404 404"),
    "instruction:invite_revoke": ("post", an_invite_of_service, "302 404 404 302 404 404 404 404"),
    "instruction:preference_list": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "instruction:unsubscribe": ("post", a_refusal, "200 200 200 200 200 200 200 200"),
    "avis:dossier_list": ("get", nothing, "302 200 200 200 200 200 200 200"),
    "avis:dossier_detail": ("get", the_dossier, "302 404 404 404 404 404 404 404"),
    "avis:dossier_leave": ("post", the_dossier, "302 404 404 404 404 404 404 404"),
    "avis:avis_answer": ("post", an_avis, "302 404 404 404 404 404 404 404"),
    "avis:avis_hand_over": ("post", an_avis, "302 404 404 404 404 404 404 404"),
    "avis:file_download": ("get", an_avis_file, "302 404 404 200 404 404 404 404"),
    "avis:file_preview": ("get", an_avis_file, "302 404 404 404 404 404 404 404"),
    "avis:file_state": ("get", an_avis_file, "302 404 404 200 404 404 404 404"),
    "instruction:avis_list": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:avis_remind": ("post", an_avis, "302 404 404 302 404 404 404 404"),
    "instruction:avis_revoke": ("post", an_avis, "302 404 404 302 404 404 404 404"),
    "instruction:avis_answer": ("post", an_avis, "302 404 404 404 404 404 404 404"),
    "instruction:dossier_archive": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "instruction:groupe_change": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "procedures:groupe_create": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:groupe_wizard": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:groupe_import": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:groupe_export": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "procedures:groupe_detail": ("get", a_groupe, "302 404 404 404 404 200 404 404"),
    "procedures:groupe_edit": ("get", a_groupe, "302 404 404 404 404 200 404 404"),
    "procedures:groupe_rule": ("get", a_groupe, "302 404 404 404 404 200 404 404"),
    "procedures:groupe_move": ("post", a_groupe, "302 404 404 404 404 302 404 404"),
    "dossiers:reroutage": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "dossiers:groupe_delete": ("get", a_groupe, "302 404 404 404 404 200 404 404"),
    "instruction:dossier_unarchive": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "statistiques:administration_show": ("get", the_procedure, "302 404 404 404 404 200 404 404"),
    "statistiques:administration_publish": (
        "post",
        the_procedure,
        "302 404 404 404 404 302 404 404",
    ),
    "statistiques:administration_csv": ("get", a_figure, "302 404 404 404 404 200 404 404"),
    "statistiques:administration_png": ("get", a_figure, "302 404 404 404 404 200 404 404"),
    "statistiques:instruction_show": ("get", the_procedure, "302 404 404 200 404 404 404 404"),
    "statistiques:instruction_csv": ("get", a_figure, "302 404 404 200 404 404 404 404"),
    "statistiques:instruction_png": ("get", a_figure, "302 404 404 200 404 404 404 404"),
    "statistiques:public_show": ("get", public_statistics, "200 200 200 200 200 200 200 200"),
    "statistiques:public_csv": ("get", a_public_figure, "200 200 200 200 200 200 200 200"),
    "statistiques:public_png": ("get", a_public_figure, "200 200 200 200 200 200 200 200"),
    "instruction:history_list": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:document_list": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:dossier_print": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:dossier_follow": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "instruction:dossier_unfollow": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "instruction:follower_list": ("get", the_dossier, "302 404 404 200 404 404 404 404"),
    "instruction:follower_remove": ("get", a_follower, "302 404 404 200 404 404 404 404"),
    "instruction:answer_wait_stop": ("post", the_dossier, "302 404 404 302 404 404 404 404"),
    "instruction:etablissement_detail": ("get", a_company, "302 404 404 200 404 404 404 404"),
    "instruction:etablissement_refresh": ("post", a_company, "302 404 404 302 404 404 404 404"),
}


def _url_names(resolver=None, namespace=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = pattern.namespace or ""
            yield from _url_names(pattern, ":".join(filter(None, (namespace, inner))))
        elif isinstance(pattern, URLPattern):
            yield ":".join(filter(None, (namespace, pattern.name)))


def test_every_url_is_declared():
    names = {
        name
        for name in _url_names()
        if not name.startswith(OF_LIBRARIES) or name in OWN_ACCOUNT_PAGES
    }

    assert names == set(MATRIX)


@pytest.mark.parametrize("name", MATRIX)
def test_each_persona_finds_what_is_declared(world, name):
    method, objects, expected = MATRIX[name]
    url = reverse(name, kwargs=objects(world))
    found = {persona: _status(world.people[persona], method, url) for persona in PERSONAS}

    assert found == dict(zip(PERSONAS, map(int, expected.split()), strict=True))


def _status(user: User | None, method: str, url: str) -> int:
    """Return the status `user` gets, and undo what the request did."""
    client = Client(raise_request_exception=True)
    with transaction.atomic():
        if user is not None:
            client.force_login(user)
        response = getattr(client, method)(url)
        status = response.status_code
        for close_file in response._resource_closers:  # response.close() would end the connection
            close_file()
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_admin_is_for_the_exploitant_alone(world, persona):
    status = _status(world.people[persona], "get", reverse("admin:index"))

    assert status == (200 if persona == "exploitant" else 302)
