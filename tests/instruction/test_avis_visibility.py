"""Who sees what of a dossier about which experts are asked: every persona, every resource."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dossiers.depots import file_version
from dossiers.models import Dossier
from instruction.models import AvisFile
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import (
    AttestationFactory,
    DossierFactory,
    HistoryEntryFactory,
    InviteFactory,
    MessageFactory,
    PieceJointeFactory,
)
from tests.instruction.avis_factories import AvisFactory, avis_file
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

SHARED, CONFIDENTIAL, MINE = "Réponse partagée", "Réponse confidentielle", "Question pour moi"
SECRETS = (
    "Annotation secrète",
    "Motivation secrète",
    "Auteur Secret",
    "Message secret",
    CONFIDENTIAL,
    "Question confidentielle",
)


@dataclass
class World:
    """The dossier, its people by their part, its addresses by what they give."""

    dossier: Dossier
    people: dict
    urls: dict
    files: dict[str, AvisFile]


@pytest.fixture
def world():
    procedure = ProcedureFactory(
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis", required=False),
        ],
        annotations=[new_champ("texte_court", id="note01", label="Note interne")],
    )
    dossier = DossierFactory(
        procedure=procedure,
        en_instruction=True,
        reponses={"objet1": "Achat de livres"},
        annotations={"note01": "Annotation secrète"},
        motivation="Motivation secrète",
    )
    file_version(dossier, by=dossier.usager)
    piece = PieceJointeFactory(dossier=dossier)
    MessageFactory(dossier=dossier, body="Message secret")
    HistoryEntryFactory(dossier=dossier, by_name="Auteur Secret")
    AttestationFactory(dossier=dossier)
    asked = AvisFactory(dossier=dossier, question=MINE)
    shared = AvisFactory(dossier=dossier, shared=True, given="favorable", text=SHARED)
    hidden = AvisFactory(
        dossier=dossier,
        question="Question confidentielle",
        given="defavorable",
        text=CONFIDENTIAL,
    )
    revoked = AvisFactory(dossier=dossier, revoked_at=timezone.now())
    revoked.invite.revoked_at = timezone.now()
    revoked.invite.save()
    former = AvisFactory(dossier=dossier, handed_over_at=timezone.now())
    former.invite.left_at = timezone.now()
    former.invite.save()
    elsewhere = AvisFactory()
    reader = InviteFactory(dossier=dossier, of_service=True, accepted_by=UserFactory())
    waiting = InviteFactory(dossier=dossier, of_service=True, email="attend@exemple.fr")
    AvisFactory(dossier=dossier, invite=waiting)
    partner = InviteFactory(dossier=dossier, accepted_by=UserFactory())
    accompagnateur = AffectationFactory(procedure=procedure).user
    autre_groupe = AffectationFactory(
        procedure=procedure, groupe=procedure.groupes.create(name="Nord", position=1)
    ).user
    administrateur = UserFactory()
    procedure.administrations.create(user=administrateur)
    files = {
        "question": avis_file(asked),
        "shared": avis_file(shared, of_answer=True),
        "shared question": avis_file(shared),
        "hidden": avis_file(hidden, of_answer=True),
        "of revoked": avis_file(revoked),
    }
    pk = dossier.pk
    urls = {
        "avis page": reverse("avis:dossier_detail", args=[pk]),
        "piece": reverse("dossiers:piece_jointe_download", args=[piece.pk]),
        "dossier page": reverse("instruction:dossier_detail", args=[pk]),
        "avis of service": reverse("instruction:avis_list", args=[pk]),
        "messagerie": reverse("instruction:message_list", args=[pk]),
        "versions": reverse("instruction:version_list", args=[pk]),
        "recapitulatif": reverse("instruction:dossier_recapitulatif", args=[pk]),
        "zip": reverse("instruction:dossier_zip", args=[pk]),
        "usager page": reverse("dossiers:dossier_detail", args=[pk]),
        "usager messagerie": reverse("dossiers:message_list", args=[pk]),
    } | {f"file {name}": file.download_url for name, file in files.items()}
    people = {
        "expert asked": asked.invite.user,
        "expert with a shared avis": shared.invite.user,
        "expert with a confidential avis": hidden.invite.user,
        "expert revoked": revoked.invite.user,
        "expert who handed over": former.invite.user,
        "expert of another dossier": elsewhere.invite.user,
        "expert who has not accepted": UserFactory(email="attend@exemple.fr"),
        "invited to read alone": reader.user,
        "usager": dossier.usager,
        "invité of the usager": partner.user,
        "accompagnateur": accompagnateur,
        "colleague of another groupe": autre_groupe,
        "administrateur": administrateur,
        "exploitant": UserFactory(exploitant=True),
        "anonymous": None,
    }
    return World(dossier, people, urls, files)


_EXPERT = {"avis page", "piece"}
_OF_SERVICE = {
    "piece",
    "dossier page",
    "avis of service",
    "messagerie",
    "versions",
    "recapitulatif",
    "zip",
    "file question",
    "file shared",
    "file shared question",
    "file hidden",
    "file of revoked",
}
OPENED = {
    "expert asked": _EXPERT | {"file question", "file shared"},
    "expert with a shared avis": _EXPERT | {"file shared", "file shared question"},
    "expert with a confidential avis": _EXPERT | {"file hidden", "file shared"},
    "expert revoked": set(),
    "expert who handed over": set(),
    "expert of another dossier": set(),
    "expert who has not accepted": set(),
    "invited to read alone": _EXPERT,
    "usager": {"piece", "usager page", "usager messagerie"},
    "invité of the usager": {"piece", "usager page", "usager messagerie"},
    "accompagnateur": _OF_SERVICE,
    "colleague of another groupe": set(),
    "administrateur": set(),
    "exploitant": set(),
    "anonymous": set(),
}


@pytest.mark.parametrize("persona", OPENED)
def test_each_persona_opens_what_is_declared(world, client_for, persona):
    user = world.people[persona]
    browser = client_for(user) if user else Client()
    refused = 302 if user is None else 404

    found = {}
    for name, url in world.urls.items():
        response = browser.get(url)
        found[name] = response.status_code
        if response.streaming:
            assert list(response)  # read to its end, which closes it

    assert found == {name: 200 if name in OPENED[persona] else refused for name in world.urls}
    if user is None:
        assert "/compte/" in browser.get(world.urls["avis page"])["Location"]


@pytest.mark.parametrize("persona", [name for name in OPENED if "avis page" in OPENED[name]])
def test_an_expert_reads_nothing_of_what_is_kept_from_them(world, client_for, persona):
    html = client_for(world.people[persona]).get(world.urls["avis page"]).content.decode()

    own = {CONFIDENTIAL, "Question confidentielle"} if "confidential" in persona else set()
    assert "Achat de livres" in html
    assert {text for text in SECRETS if text in html} == own
    assert (MINE in html) == (persona == "expert asked")
    # Shared answers are for those who are asked, not for who only reads.
    assert (SHARED in html) == (persona != "invited to read alone")
    shown = {name for name, file in world.files.items() if file.download_url in html}
    assert shown == {
        name.removeprefix("file ") for name in OPENED[persona] if name.startswith("file ")
    }


@pytest.mark.parametrize("persona", ["usager", "invité of the usager"])
def test_the_usager_hears_nothing_of_the_avis(world, client_for, persona):
    browser = client_for(world.people[persona])

    for name in ("usager page", "usager messagerie"):
        html = browser.get(world.urls[name]).content.decode()
        assert SHARED not in html
        assert MINE not in html
        assert world.people["expert asked"].email not in html


def test_the_service_reads_all_of_it(world, client_for):
    browser = client_for(world.people["accompagnateur"])

    html = browser.get(world.urls["avis of service"]).content.decode()
    invites = reverse("instruction:invite_list", args=[world.dossier.pk])

    for text in (SHARED, CONFIDENTIAL, MINE, "Question confidentielle"):
        assert text in html
    assert "Invité par le service" in html
    assert "Invité par l’usager" in browser.get(invites).content.decode()


def test_an_accompagnateur_reads_no_avis_on_their_own_dossier(world, client_for):
    AffectationFactory(procedure=world.dossier.procedure, user=world.dossier.usager)
    browser = client_for(world.dossier.usager)

    assert browser.get(world.urls["avis of service"]).status_code == 403
    assert browser.get(world.urls["file hidden"]).status_code == 404
    assert SHARED not in browser.get(world.urls["dossier page"]).content.decode()


def test_a_colleague_who_leaves_the_groupe_loses_what_was_asked(world, client_for):
    affectation = AffectationFactory(procedure=world.dossier.procedure)
    avis = AvisFactory(dossier=world.dossier, of_colleague=True, user=affectation.user)
    file = avis_file(avis)
    browser = client_for(affectation.user)
    answer = reverse("instruction:avis_answer", args=[world.dossier.pk, avis.pk])

    assert list(browser.get(file.download_url))
    affectation.delete()

    assert browser.get(file.download_url).status_code == 404
    assert browser.post(answer, {"answer": "favorable"}).status_code == 404
    assert "Le budget" not in browser.get("/avis/").content.decode()


@pytest.mark.parametrize("persona", [name for name in OPENED if name != "anonymous"])
def test_only_who_was_asked_answers_and_hands_over(world, client_for, persona):
    avis = world.people["expert asked"].invites.get().avis.get()
    browser = client_for(world.people[persona])
    args = [world.dossier.pk, avis.pk]

    found = [
        browser.get(reverse("avis:avis_hand_over", args=args)).status_code,
        browser.post(reverse("avis:avis_answer", args=args), {}).status_code,
        browser.post(reverse("instruction:avis_answer", args=args), {}).status_code,
    ]

    assert found == ([200, 422, 404] if persona == "expert asked" else [404, 404, 404])
