"""Who finds what of a dossier, by its addresses: usager, every kind of invité, everybody else."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import (
    AttestationFactory,
    DossierFactory,
    InviteFactory,
    PieceJointeFactory,
)
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

PERSONAS = (
    "usager",
    "writer",  # invited by the usager, accepted, in writing
    "reader",  # the same, to read
    "waiting",  # invited by the usager, not accepted yet
    "expired",
    "revoked",
    "left",
    "expert",  # invited by the service, accepted
    "former_expert",  # revoked by the service
    "accompagnateur",
    "stranger",
)
# Stage of the dossier, method, address, and the status for each of PERSONAS in their order.
MATRIX = """
brouillon       get  dossiers:dossier_detail             302 302 200 404 404 404 404 404 404 404 404
brouillon       get  dossiers:dossier_edit               200 200 403 404 404 404 404 404 404 404 404
brouillon       get  dossiers:dossier_identify           200 200 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:personne_save              200 200 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:reponse_save               302 302 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:ligne_add                  302 302 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:piece_jointe_add           302 302 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:piece_jointe_delete        302 302 403 404 404 404 404 404 404 404 404
brouillon       get  dossiers:piece_jointe_download      200 200 200 404 404 404 404 404 404 404 404
brouillon       get  dossiers:dossier_recapitulatif      200 200 200 404 404 404 404 404 404 404 404
brouillon       get  dossiers:dossier_review             200 200 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:dossier_submit             302 403 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:dossier_delete             302 403 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:brouillon_prolong          302 302 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:dossier_duplicate          302 403 403 404 404 404 404 404 404 404 404
brouillon       get  dossiers:document_list              200 200 200 404 404 404 404 404 404 404 404
brouillon       get  dossiers:attestation_depot          404 404 404 404 404 404 404 404 404 404 404
brouillon       get  dossiers:dossier_transfer           200 403 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:dossier_restore            404 404 404 404 404 404 404 404 404 404 404
brouillon       get  dossiers:invite_list                200 200 200 404 404 404 404 404 404 404 404
brouillon       post dossiers:invite_list                422 403 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:invite_resend              302 403 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:invite_change_role         302 403 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:invite_revoke              302 403 403 404 404 404 404 404 404 404 404
brouillon       post dossiers:invite_leave               404 302 302 404 404 404 404 404 404 404 404
brouillon       get  avis:dossier_detail                 404 404 404 404 404 404 404 404 404 404 404
brouillon       get  avis:dossier_leave                  404 404 404 404 404 404 404 200 404 404 404
brouillon       get  instruction:dossier_detail          404 404 404 404 404 404 404 404 404 404 404
brouillon       get  instruction:invite_list             404 404 404 404 404 404 404 404 404 404 404
en_construction get  dossiers:dossier_detail             200 200 200 404 404 404 404 404 404 404 404
en_construction get  dossiers:dossier_edit               200 200 403 404 404 404 404 404 404 404 404
en_construction post dossiers:reponse_save               302 302 403 404 404 404 404 404 404 404 404
en_construction get  dossiers:piece_jointe_download      200 200 200 404 404 404 404 200 404 200 404
en_construction post dossiers:dossier_delete             302 403 403 404 404 404 404 404 404 404 404
en_construction post dossiers:dossier_duplicate          302 403 403 404 404 404 404 404 404 404 404
en_construction get  dossiers:document_list              200 200 200 404 404 404 404 404 404 404 404
en_construction get  dossiers:attestation_depot          200 200 200 404 404 404 404 404 404 404 404
en_construction get  dossiers:dossier_transfer           200 403 403 404 404 404 404 404 404 404 404
en_construction post dossiers:suite_begin                302 404 404 404 404 404 404 404 404 404 404
en_construction get  dossiers:version_list               200 200 200 404 404 404 404 404 404 404 404
en_construction get  dossiers:nouveaute_list             200 200 403 404 404 404 404 404 404 404 404
en_construction post dossiers:modifications_deposit      302 403 403 404 404 404 404 404 404 404 404
en_construction post dossiers:modifications_discard      302 403 403 404 404 404 404 404 404 404 404
en_construction get  instruction:version_list            404 404 404 404 404 404 404 404 404 200 404
en_construction get  avis:dossier_detail                 404 404 404 404 404 404 404 200 404 404 404
en_construction post avis:dossier_leave                  404 404 404 404 404 404 404 302 404 404 404
en_construction get  instruction:dossier_detail          404 404 404 404 404 404 404 404 404 200 404
en_construction get  instruction:dossier_recapitulatif   404 404 404 404 404 404 404 404 404 200 404
en_construction get  instruction:invite_list             404 404 404 404 404 404 404 404 404 200 404
en_construction post instruction:invite_list             404 404 404 404 404 404 404 404 404 422 404
en_construction get  instruction:history_list            404 404 404 404 404 404 404 404 404 200 404
en_construction get  instruction:document_list           404 404 404 404 404 404 404 404 404 200 404
en_construction get  instruction:dossier_print           404 404 404 404 404 404 404 404 404 200 404
en_construction get  instruction:follower_list           404 404 404 404 404 404 404 404 404 200 404
en_construction post instruction:dossier_follow          404 404 404 404 404 404 404 404 404 302 404
en_construction post instruction:annotation_list         404 404 404 404 404 404 404 404 404 302 404
en_construction post instruction:dossier_archive         404 404 404 404 404 404 404 404 404 302 404
accepte         get  dossiers:dossier_detail             200 200 200 404 404 404 404 404 404 404 404
accepte         get  dossiers:dossier_edit               302 302 403 404 404 404 404 404 404 404 404
accepte         get  dossiers:attestation_download       200 200 200 404 404 404 404 404 404 200 404
accepte         get  avis:dossier_detail                 404 404 404 404 404 404 404 200 404 404 404
accepte         post instruction:invite_list             404 404 404 404 404 404 404 404 404 403 404
"""


def rows_of(matrix: str) -> Iterator[tuple]:
    for line in matrix.strip().splitlines():
        stage, method, name, *statuses = line.split()
        yield name, method, stage, dict(zip(PERSONAS, map(int, statuses), strict=True))


@pytest.fixture
def people():
    return {name: UserFactory() for name in PERSONAS}


@pytest.fixture
def procedure(people):
    procedure = ProcedureFactory(
        annotations=[new_champ("texte_court", id="note01", label="Note interne")],
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis", required=False),
            new_champ("bloc_repetable", id="bloc1", label="Dépenses", required=False),
        ],
    )
    AffectationFactory(procedure=procedure, user=people["accompagnateur"])
    return procedure


@pytest.fixture
def dossier_at(people, procedure):
    """Return a function that gives a dossier at one stage, with every kind of invité."""

    def dossier_at(stage: str) -> Dossier:
        traits = {} if stage == "brouillon" else {stage: True}
        dossier = DossierFactory(procedure=procedure, usager=people["usager"], **traits)
        of_service = {"dossier": dossier, "of_service": True}
        InviteFactory(dossier=dossier, accepted_by=people["writer"])
        InviteFactory(dossier=dossier, accepted_by=people["reader"], lecture=True)
        InviteFactory(dossier=dossier, email=people["waiting"].email, user=people["waiting"])
        InviteFactory(
            dossier=dossier, email=people["expired"].email, user=people["expired"], expired=True
        )
        InviteFactory(dossier=dossier, accepted_by=people["revoked"], revoked=True)
        InviteFactory(dossier=dossier, accepted_by=people["left"], left=True)
        InviteFactory(**of_service, accepted_by=people["expert"])
        InviteFactory(**of_service, accepted_by=people["former_expert"], revoked=True)
        PieceJointeFactory(dossier=dossier)
        if stage == "accepte":
            AttestationFactory(dossier=dossier)
        return dossier

    return dossier_at


def url_of(name: str, dossier: Dossier) -> str:
    extra = {
        "reponse_save": {"champ_id": "objet1"},
        "piece_jointe_add": {"champ_id": "piece1"},
        "ligne_add": {"bloc_id": "bloc1"},
        "invite_resend": {"invite_pk": dossier.invites.first().pk},
        "invite_change_role": {"invite_pk": dossier.invites.first().pk},
        "invite_revoke": {"invite_pk": dossier.invites.first().pk},
    }.get(name.split(":")[1], {})
    if name.startswith("dossiers:piece_jointe_d"):
        return reverse(name, args=[dossier.pieces_jointes.get().pk])
    return reverse(name, kwargs={"pk": dossier.pk} | extra)


def status(user, method: str, url: str) -> int:
    """Return the status `user` gets, and undo what the request did."""
    client = Client()
    with transaction.atomic():
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        response = getattr(client, method)(url)
        for close_file in response._resource_closers:
            close_file()
        transaction.set_rollback(True)
    return response.status_code


@pytest.mark.parametrize(("name", "method", "stage", "expected"), list(rows_of(MATRIX)))
def test_each_person_finds_what_their_right_says(people, dossier_at, name, method, stage, expected):
    url = url_of(name, dossier_at(stage))

    found = {persona: status(people[persona], method, url) for persona in PERSONAS}

    assert found == expected


@pytest.mark.parametrize(
    ("stage", "shared", "visible", "consulted"),
    [
        ("brouillon", "usager writer reader", "usager writer reader", ""),
        (
            "en_construction",
            "usager writer reader",
            "usager writer reader expert accompagnateur",
            "expert",
        ),
    ],
)
def test_querysets_agree_with_the_pages(people, dossier_at, stage, shared, visible, consulted):
    dossier = dossier_at(stage)
    other = DossierFactory(procedure=dossier.procedure, en_construction=True)

    def among(queryset) -> set[str]:
        return {name for name, user in people.items() if dossier in queryset(user)}

    assert among(Dossier.objects.filled_in_by) == set(shared.split())
    assert among(Dossier.objects.visible_to) == set(visible.split())
    assert among(Dossier.objects.consulted_by) == set(consulted.split())
    assert among(Dossier.objects.followed_by) == set(visible.split()) - {"expert"}
    assert among(Dossier.objects.owned_by) == {"usager"}
    for name in set(PERSONAS) - {"accompagnateur"}:
        assert other not in Dossier.objects.visible_to(people[name])


def test_number_of_another_invitation_leads_nowhere(people, dossier_at):
    """One guesses the numbers of invitations: those of another dossier, or of the service."""
    mine = dossier_at("en_construction")
    elsewhere = InviteFactory(an_hour_ago=True)
    of_service = mine.invites.of_service().first()
    of_usager = mine.invites.of_usager().first()

    for invited in (elsewhere, of_service):
        for name in ("invite_resend", "invite_change_role", "invite_revoke"):
            url = reverse(f"dossiers:{name}", args=[mine.pk, invited.pk])
            assert status(people["usager"], "post", url) == 404
    for invited in (elsewhere, of_usager):
        for name in ("invite_resend", "invite_revoke"):
            url = reverse(f"instruction:{name}", args=[mine.pk, invited.pk])
            assert status(people["accompagnateur"], "post", url) == 404


def test_file_not_yet_deposited_is_for_the_side_of_the_usager_alone(people, dossier_at):
    dossier = dossier_at("en_construction")
    working = PieceJointeFactory(dossier=dossier, is_filed=False)
    url = reverse("dossiers:piece_jointe_download", args=[working.pk])

    found = {name for name, user in people.items() if status(user, "get", url) == 200}

    assert found == {"usager", "writer", "reader"}


def test_what_an_invite_changes_once_it_is_filed_waits_for_the_usager_to_deposit(
    people, dossier_at, client_for
):
    dossier = dossier_at("en_construction")
    edit = reverse("dossiers:dossier_edit", args=[dossier.pk])
    writer, usager = client_for(people["writer"]), client_for(people["usager"])

    page = writer.get(edit).content.decode()
    writer.post(edit, {"champ_objet1": "Changé par l’invité"})
    expert = client_for(people["expert"]).get(f"/avis/{dossier.pk}/").content.decode()
    review = writer.get(reverse("dossiers:dossier_review", args=[dossier.pk])).content.decode()
    refused = writer.post(reverse("dossiers:modifications_deposit", args=[dossier.pk]))
    usager.post(reverse("dossiers:modifications_deposit", args=[dossier.pk]))

    assert "Vérifier les modifications" in page
    assert "Achat de livres" in expert
    assert "Changé par l’invité" not in expert
    assert "peut le déposer." in review
    assert "Déposer mes modifications</button>" not in review
    assert refused.status_code == 403
    dossier.refresh_from_db()
    assert dossier.reponses["objet1"] == "Changé par l’invité"
