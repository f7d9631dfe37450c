"""Asking people to a dossier: the rules, the emails, the history."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from courriels.models import Courriel
from dossiers import invitations, policies
from dossiers.enums import HistoryAction, InviteOrigin, InviteRole, InviteState
from dossiers.models import Dossier, HistoryEntry, Invite
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

USAGER, SERVICE = InviteOrigin.USAGER, InviteOrigin.ACCOMPAGNATEUR


@pytest.fixture
def dossier():
    procedure = ProcedureFactory(title="Aide aux associations")
    usager = UserFactory(first_name="Camille", last_name="Martin")
    return DossierFactory(procedure=procedure, usager=usager, en_construction=True)


@pytest.fixture
def accompagnateur(dossier):
    user = UserFactory(first_name="Nadia", last_name="Benali")
    return AffectationFactory(procedure=dossier.procedure, user=user).user


def ask(dossier, email="Ines@Exemple.fr", **changes):
    options = {"by": dossier.usager, "origin": USAGER} | changes
    return invitations.invite(dossier.pk, email, **options)


def history(dossier) -> list[tuple[str, str, str]]:
    rows = HistoryEntry.objects.filter(dossier=dossier)
    return [(row.get_action_display(), row.person, row.by_name) for row in rows]


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.code


# --- inviting -----------------------------------------------------------------------------------


def test_invitation_is_written_sent_and_recorded_at_once(dossier):
    invited = ask(dossier, role=InviteRole.ECRITURE, message=" Le budget\r\nest à toi. ")

    invited.refresh_from_db()
    assert (invited.email, invited.user, invited.role) == ("ines@exemple.fr", None, "ecriture")
    assert invited.message == "Le budget\nest à toi."
    assert invited.invited_by_name == "Camille Martin"
    assert invited.expires_at - invited.sent_at == timedelta(days=30)
    assert invited.state == InviteState.EN_ATTENTE
    assert Courriel.objects.get().to_email == "ines@exemple.fr"
    assert history(dossier) == [
        ("Invitation par l’usager", "ines@exemple.fr (lecture et écriture)", "Camille Martin")
    ]


def test_email_says_who_to_what_with_the_message_and_opens_no_account(dossier):
    invited = ask(dossier, role=InviteRole.ECRITURE, message="Va voir https://mal.exemple/ <b>")

    courriel = Courriel.objects.get()
    assert courriel.subject == "Invitation à remplir un dossier : Aide aux associations"
    for text in (
        "Camille Martin, l’usager du dossier, vous invite à remplir",
        f"dossier nº {dossier.pk}",
        "«\u00a0Va voir https://mal.exemple/ <b>\u00a0»",
        f"{settings.SITE_URL}{invited.get_absolute_url()}",
        "réservée à l’adresse ines@exemple.fr et valable 30 jours",
    ):
        assert text in courriel.body_text
    assert "/compte/invitation/" not in courriel.body_text
    assert "Va voir https://mal.exemple/ &lt;b&gt;" in courriel.body_html
    assert 'href="https://mal.exemple/' not in courriel.body_html
    assert f'href="{settings.SITE_URL}{invited.get_absolute_url()}"' in courriel.body_html
    # The service reads the emails of a dossier: not what its usager writes to a partner.
    assert not Courriel.objects.for_reference(f"dossier:{dossier.pk}").exists()


def test_email_to_a_reader_promises_no_more(dossier):
    ask(dossier)

    courriel = Courriel.objects.get()
    assert courriel.subject == "Invitation à lire un dossier : Aide aux associations"
    assert "sans le modifier" in courriel.body_text
    assert "Son message" not in courriel.body_text


def test_email_of_the_service_has_its_own_words(dossier, accompagnateur):
    ask(dossier, by=accompagnateur, origin=SERVICE, message="Un œil sur le budget ?")

    courriel = Courriel.objects.get()
    assert courriel.subject == (
        "Invitation du service à examiner un dossier : Aide aux associations"
    )
    assert "Nadia Benali, qui instruit pour" in courriel.body_text
    assert "l’usager du dossier" not in courriel.body_text
    assert "Martin" not in courriel.body_text


def test_account_of_the_address_is_noted_but_has_no_right_yet(dossier):
    known = UserFactory(email="ines@exemple.fr")

    invited = ask(dossier)

    invited.refresh_from_db()
    assert invited.user == known
    assert invited.person == "ines@exemple.fr"
    assert not policies.can_read_as_usager(known, dossier)
    assert not Dossier.objects.filled_in_by(known).exists()


def test_nobody_but_the_usager_invites_to_fill_in(dossier, accompagnateur):
    writer = InviteFactory(dossier=dossier, accepted_by=UserFactory()).user

    for by in (writer, accompagnateur, UserFactory(exploitant=True)):
        with pytest.raises(PermissionDenied):
            ask(dossier, by=by)
    assert Invite.objects.count() == 1
    assert not Courriel.objects.exists()


def test_only_who_may_decide_asks_for_the_service(dossier, accompagnateur):
    elsewhere = AffectationFactory().user
    expert = InviteFactory(dossier=dossier, of_service=True, accepted_by=UserFactory()).user

    for by in (dossier.usager, elsewhere, expert, UserFactory()):
        with pytest.raises(PermissionDenied):
            ask(dossier, by=by, origin=SERVICE)
    assert ask(dossier, by=accompagnateur, origin=SERVICE).role == InviteRole.LECTURE


@pytest.mark.parametrize("trait", [{}, {"accepte": True}])
def test_service_asks_neither_before_the_deposit_nor_after_the_decision(trait):
    dossier = DossierFactory(**trait)
    by = AffectationFactory(procedure=dossier.procedure).user

    with pytest.raises(PermissionDenied):
        ask(dossier, by=by, origin=SERVICE)


def test_who_needs_no_invitation_is_not_invited(dossier, accompagnateur):
    colleague = AffectationFactory(procedure=dossier.procedure).user
    of_service = {"by": accompagnateur, "origin": SERVICE}

    assert refusal(ask, dossier, dossier.usager.email.upper()) == "self"
    assert refusal(ask, dossier, accompagnateur.email, **of_service) == "self"
    assert refusal(ask, dossier, dossier.usager.email, **of_service) == "usager"
    assert refusal(ask, dossier, colleague.email, **of_service) == "colleague"
    assert not Courriel.objects.exists()


def test_one_invitation_lives_for_an_address_and_an_origin(dossier, accompagnateur):
    first = ask(dossier)

    assert refusal(ask, dossier, "INES@exemple.fr") == "waiting"
    ask(dossier, by=accompagnateur, origin=SERVICE)
    with pytest.raises(IntegrityError), transaction.atomic():
        InviteFactory(dossier=dossier, email=first.email)
    assert Invite.objects.count() == 2


def test_what_was_accepted_is_not_asked_again(dossier):
    InviteFactory(dossier=dossier, accepted_by=UserFactory(email="ines@exemple.fr"))

    assert refusal(ask, dossier) == "accepted"


def test_expired_invitation_is_renewed_with_what_is_asked_now(dossier):
    old = InviteFactory(dossier=dossier, email="ines@exemple.fr", expired=True, message="Avant")

    again = ask(dossier, message="Maintenant")

    assert (again.pk, again.role, again.message) == (old.pk, "lecture", "Maintenant")
    assert again.state == InviteState.EN_ATTENTE


def test_revoked_person_may_be_invited_anew(dossier):
    old = InviteFactory(dossier=dossier, email="ines@exemple.fr", revoked=True)

    assert ask(dossier).pk != old.pk


def test_invites_of_a_dossier_are_bounded(dossier):
    InviteFactory.create_batch(20, dossier=dossier)
    InviteFactory(dossier=dossier, revoked=True)

    assert refusal(ask, dossier) == "too_many"


def test_test_dossier_has_no_invite():
    dossier = DossierFactory(is_test=True)

    with pytest.raises(PermissionDenied):
        ask(dossier)


@pytest.mark.parametrize(
    "wrong",
    [
        {"of_service": True, "role": InviteRole.ECRITURE},
        {"left": True},
        {"revoked": True, "left": True, "accepted_at": timezone.now()},
        {"role": "tout"},
        {"expires_at": timezone.now() - timedelta(days=2)},
    ],
)
def test_database_refuses_what_makes_no_sense(dossier, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        InviteFactory(dossier=dossier, **wrong)


# --- accepting ----------------------------------------------------------------------------------


def test_person_of_the_address_accepts_once(dossier):
    ines = UserFactory(email="ines@exemple.fr", first_name="Inès", last_name="Faure")
    invited = ask(dossier)

    first = invitations.accept(invited.pk, by=ines)
    second = invitations.accept(invited.pk, by=ines)

    assert (first.user, first.accepted_at) == (ines, second.accepted_at)
    assert history(dossier)[1:] == [("Invitation de l’usager acceptée", "Inès Faure", "Inès Faure")]
    assert set(Dossier.objects.filled_in_by(ines)) == {dossier}


def test_another_address_accepts_nothing_nor_one_not_verified(dossier):
    invited = ask(dossier)
    unverified = UserFactory(email="ines@exemple.fr", verified=False)

    for by in (UserFactory(), unverified, dossier.usager):
        with pytest.raises(PermissionDenied):
            invitations.accept(invited.pk, by=by)
    assert Invite.objects.get().accepted_at is None


@pytest.mark.parametrize(
    ("trait", "words"),
    [("expired", "a expiré. Demandez à Camille Martin"), ("revoked", "retirée par Camille Martin")],
)
def test_ended_invitation_is_not_accepted(dossier, trait, words):
    ines = UserFactory()
    invited = InviteFactory(dossier=dossier, email=ines.email, **{trait: True})

    with pytest.raises(invitations.InviteEnded, match=words):
        invitations.accept(invited.pk, by=ines)
    assert not Dossier.objects.filled_in_by(ines).exists()


def test_accompagnateur_does_not_fill_in_what_they_instruct(dossier, accompagnateur):
    invited = ask(dossier, accompagnateur.email)

    with pytest.raises(invitations.InviteEnded, match="Vous accompagnez cette procédure"):
        invitations.accept(invited.pk, by=accompagnateur)


def test_right_of_an_invite_sleeps_once_they_instruct():
    dossier = DossierFactory()
    ines = InviteFactory(dossier=dossier, accepted_by=UserFactory()).user
    assert policies.can_edit(ines, dossier)

    AffectationFactory(procedure=dossier.procedure, user=ines)

    assert not policies.can_edit(ines, dossier)
    assert not Dossier.objects.visible_to(ines).exists()


# --- sending again ------------------------------------------------------------------------------


def test_invitation_is_sent_again_after_ten_minutes_and_lives_thirty_days_more(
    dossier, time_machine
):
    invited = ask(dossier, message="Bonjour")
    assert refusal(invitations.resend, invited.pk, by=dossier.usager) == "too_soon"

    time_machine.move_to(timezone.now() + timedelta(minutes=10, seconds=1))
    again = invitations.resend(invited.pk, by=dossier.usager)

    assert again.expires_at > invited.expires_at
    first, second = Courriel.objects.order_by("pk")
    assert first.body_text == second.body_text
    assert refusal(invitations.resend, invited.pk, by=dossier.usager) == "too_soon"
    assert Courriel.objects.count() == 2


def test_expired_invitation_lives_again_when_it_is_sent_again(dossier):
    invited = InviteFactory(dossier=dossier, expired=True)

    assert invitations.resend(invited.pk, by=dossier.usager).state == InviteState.EN_ATTENTE


@pytest.mark.parametrize("end", ["accepted", "revoked", "left"])
def test_answered_invitation_is_not_sent_again(dossier, end):
    traits = {
        "accepted": {"accepted_by": UserFactory()},
        "revoked": {"revoked": True},
        "left": {"accepted_by": UserFactory(), "left": True},
    }[end]
    invited = InviteFactory(dossier=dossier, an_hour_ago=True, **traits)

    assert refusal(invitations.resend, invited.pk, by=dossier.usager) == "answered"
    assert not Courriel.objects.exists()


# --- ending -------------------------------------------------------------------------------------


def test_revoked_invite_has_no_right_left_and_no_email_leaves(dossier):
    ines = UserFactory(first_name="Inès", last_name="Faure")
    invited = InviteFactory(dossier=dossier, accepted_by=ines)

    invitations.revoke(invited.pk, by=dossier.usager)
    invitations.revoke(invited.pk, by=dossier.usager)

    assert not policies.can_read_as_usager(ines, dossier)
    assert not Dossier.objects.visible_to(ines).exists()
    assert history(dossier) == [("Invitation de l’usager révoquée", "Inès Faure", "Camille Martin")]
    assert not Courriel.objects.exists()


def test_each_origin_is_revoked_by_its_own_side(dossier, accompagnateur):
    of_usager = InviteFactory(dossier=dossier)
    of_service = InviteFactory(dossier=dossier, of_service=True)

    with pytest.raises(PermissionDenied):
        invitations.revoke(of_usager.pk, by=accompagnateur)
    with pytest.raises(PermissionDenied):
        invitations.revoke(of_service.pk, by=dossier.usager)
    invitations.revoke(of_service.pk, by=accompagnateur)

    assert [row.state for row in Invite.objects.all()] == [
        InviteState.EN_ATTENTE,
        InviteState.REVOQUEE,
    ]


def test_invite_leaves_alone_and_cannot_come_back_by_the_old_link(dossier):
    ines = UserFactory(first_name="Inès", last_name="Faure")
    invited = InviteFactory(dossier=dossier, accepted_by=ines)
    with pytest.raises(PermissionDenied):
        invitations.leave(invited.pk, by=dossier.usager)

    invitations.leave(invited.pk, by=ines)

    assert not policies.can_read_as_usager(ines, dossier)
    assert history(dossier) == [
        ("Dossier quitté par un invité de l’usager", "Inès Faure", "Inès Faure")
    ]
    with pytest.raises(invitations.InviteEnded, match="Vous avez quitté ce dossier"):
        invitations.accept(invited.pk, by=ines)


def test_service_has_its_own_rows_of_history(dossier, accompagnateur):
    expert = UserFactory(email="ines@exemple.fr", first_name="Inès", last_name="Faure")
    invited = ask(dossier, by=accompagnateur, origin=SERVICE)
    invitations.accept(invited.pk, by=expert)
    invitations.leave(invited.pk, by=expert)
    invitations.revoke(ask(dossier, by=accompagnateur, origin=SERVICE).pk, by=accompagnateur)

    assert history(dossier) == [
        ("Invitation par le service", "ines@exemple.fr", "Nadia Benali"),
        ("Invitation du service acceptée", "Inès Faure", "Inès Faure"),
        ("Dossier quitté par un invité du service", "Inès Faure", "Inès Faure"),
        ("Invitation par le service", "ines@exemple.fr", "Nadia Benali"),
        ("Invitation du service révoquée", "ines@exemple.fr", "Nadia Benali"),
    ]
    origins = {row.invite_origin for row in HistoryEntry.objects.all()}
    assert origins == {SERVICE}


# --- the right ----------------------------------------------------------------------------------


def test_right_is_changed_by_the_usager_and_holds_at_once(dossier):
    ines = InviteFactory(dossier=dossier, accepted_by=UserFactory()).user
    invited = Invite.objects.get()
    assert policies.can_edit(ines, dossier)

    invitations.change_role(invited.pk, InviteRole.LECTURE, by=dossier.usager)
    invitations.change_role(invited.pk, InviteRole.LECTURE, by=dossier.usager)

    assert not policies.can_edit(ines, dossier)
    assert policies.can_read_as_usager(ines, dossier)
    rows = HistoryEntry.objects.filter(action=HistoryAction.INVITE_USAGER_CHANGE)
    assert [row.person for row in rows] == [f"{ines} (lecture)"]


def test_invite_does_not_change_their_own_right_nor_the_service_writes(dossier, accompagnateur):
    reader = InviteFactory(dossier=dossier, lecture=True, accepted_by=UserFactory())
    of_service = InviteFactory(dossier=dossier, of_service=True)

    for pk, by in (
        (reader.pk, reader.user),
        (of_service.pk, accompagnateur),
        (of_service.pk, dossier.usager),
    ):
        with pytest.raises(PermissionDenied):
            invitations.change_role(pk, InviteRole.ECRITURE, by=by)
    assert {row.role for row in Invite.objects.all()} == {"lecture"}


@pytest.mark.parametrize("trait", ["en_instruction", "accepte"])
def test_invite_edits_no_frozen_dossier(trait):
    dossier = DossierFactory(**{trait: True})
    ines = InviteFactory(dossier=dossier, accepted_by=UserFactory()).user

    assert policies.can_fill_in(ines, dossier)
    assert not policies.can_edit(ines, dossier)


def test_messagerie_is_for_the_usager_their_invites_and_who_decides(dossier, accompagnateur):
    people = {
        "usager": dossier.usager,
        "reader": InviteFactory(dossier=dossier, lecture=True, accepted_by=UserFactory()).user,
        "writer": InviteFactory(dossier=dossier, accepted_by=UserFactory()).user,
        "accompagnateur": accompagnateur,
        "expert": InviteFactory(dossier=dossier, of_service=True, accepted_by=UserFactory()).user,
        "revoked": InviteFactory(dossier=dossier, accepted_by=UserFactory(), revoked=True).user,
        "stranger": UserFactory(),
    }

    writing = {name for name, user in people.items() if policies.can_write_message(user, dossier)}

    assert writing == {"usager", "reader", "writer", "accompagnateur"}
