"""Asking for an avis, giving it, and what comes between."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from time_machine import travel

from courriels.models import Courriel
from dossiers import invitations
from dossiers.enums import INVITES_MAX, DossierState
from dossiers.models import Dossier, HistoryEntry, Invite, Suivi
from instruction import avis as avis_of
from instruction.avis_enums import AvisState
from instruction.models import Avis, AvisFile
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.instruction.avis_factories import AvisFactory, avis_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert():
    return UserFactory(email="expert@exemple.fr", first_name="Ève", last_name="Experte")


def pdf(name="plan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4\n%%EOF\n", "application/pdf")


def ask(dossier, by, *emails, **options):
    facts = {"question": "Le budget tient-il ?", "is_confidential": True} | options
    return avis_of.ask(dossier.pk, emails or ["expert@exemple.fr"], by=by, **facts)


def mails() -> list[tuple[str, str]]:
    rows = Courriel.objects.order_by("pk")
    return [(row.kind, row.to_email) for row in rows]


# --- asking -------------------------------------------------------------------------------------


def test_a_stranger_gets_one_email_which_invites_and_asks(dossier, accompagnateur):
    due_on = timezone.localdate() + timedelta(days=10)

    (avis,) = ask(dossier, accompagnateur, uploads=[pdf()], due_on=due_on)

    invited = Invite.objects.get()
    assert (invited.email, invited.origin, invited.accepted_at) == (
        "expert@exemple.fr",
        "accompagnateur",
        None,
    )
    assert avis.invite == invited
    assert mails() == [("avis_demande", "expert@exemple.fr")]
    courriel = Courriel.objects.get()
    for words in (
        "Alice Instructrice, qui instruit pour",
        "« Le budget tient-il ? »",
        "plan.pdf",
        invited.get_absolute_url(),
        "valable 30 jours",
        "Votre avis est confidentiel",
    ):
        assert words in courriel.body_text
    assert courriel.reference == f"invite:{invited.pk}"
    entry = HistoryEntry.objects.get()
    assert (entry.action, entry.person, entry.by) == (
        "avis_ask",
        "expert@exemple.fr",
        accompagnateur,
    )


def test_who_is_in_already_is_sent_to_the_page(dossier, accompagnateur, expert):
    invited = InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)

    (avis,) = ask(dossier, accompagnateur, is_confidential=False)

    assert avis.invite == invited
    body = Courriel.objects.get().body_text
    assert f"/avis/{dossier.pk}/#avis-{avis.pk}" in body
    assert "Votre avis est partagé" in body
    assert "30 jours" not in body


def test_several_are_asked_at_once_with_the_same_file(dossier, accompagnateur):
    asked = ask(dossier, accompagnateur, "a@exemple.fr", "b@exemple.fr", uploads=[pdf()])

    assert [avis.email for avis in asked] == ["a@exemple.fr", "b@exemple.fr"]
    file = AvisFile.objects.get()
    assert set(file.avis.all()) == set(asked)
    with file.file.open() as content:
        assert content.read() == b"%PDF-1.4\n%%EOF\n"


def test_a_colleague_is_asked_without_an_invitation(dossier, accompagnateur, colleague):
    (avis,) = ask(dossier, accompagnateur, colleague.email)

    assert (avis.user, avis.invite) == (colleague, None)
    assert not Invite.objects.exists()
    assert f"/instruction/dossiers/{dossier.pk}/avis/" in Courriel.objects.get().body_text
    avis_of.answer(avis.pk, by=colleague, answer="favorable", text="Oui")
    avis.refresh_from_db()
    assert avis.answer == "favorable"


@pytest.mark.parametrize(
    ("emails", "error"),
    [
        (["ok@exemple.fr", "USAGER"], "C’est l’usager du dossier"),
        (["ok@exemple.fr", "SELF"], "C’est votre propre adresse"),
    ],
)
def test_one_refused_address_asks_nobody(dossier, accompagnateur, emails, error):
    real = {"USAGER": dossier.usager.email, "SELF": accompagnateur.email}

    with pytest.raises(ValidationError, match=error):
        ask(dossier, accompagnateur, *[real.get(email, email) for email in emails])

    assert not Avis.objects.exists()
    assert not Invite.objects.exists()
    assert mails() == []


def test_the_same_question_is_not_asked_twice(dossier, accompagnateur):
    ask(dossier, accompagnateur)

    with pytest.raises(ValidationError, match="a déjà reçu cette question"):
        ask(dossier, accompagnateur)
    ask(dossier, accompagnateur, question="Et le calendrier ?")

    assert Avis.objects.count() == 2
    assert Invite.objects.count() == 1


def test_invites_have_a_maximum(dossier, accompagnateur):
    for _ in range(INVITES_MAX):
        InviteFactory(dossier=dossier, of_service=True)

    with pytest.raises(ValidationError, match="a déjà 20 invités"):
        ask(dossier, accompagnateur)


def test_only_who_instructs_asks_and_only_before_the_decision(
    dossier, accompagnateur, expert, procedure
):
    with pytest.raises(PermissionDenied):
        ask(dossier, expert)
    with pytest.raises(PermissionDenied):
        ask(DossierFactory(procedure=procedure, accepte=True), accompagnateur)
    assert not Avis.objects.exists()


def test_a_file_that_lies_is_refused(dossier, accompagnateur):
    lie = SimpleUploadedFile("plan.pdf", BytesIO(b"MZ\x90\x00").read())

    with pytest.raises(ValidationError, match=r"plan\.pdf"):
        ask(dossier, accompagnateur, uploads=[lie])

    assert not AvisFile.objects.exists()


# --- answering ----------------------------------------------------------------------------------


def test_an_answer_is_told_to_who_asked_and_who_follows(dossier, accompagnateur, colleague, expert):
    avis = AvisFactory(dossier=dossier, expert=expert, asked_by=accompagnateur)
    Suivi.objects.create(dossier=dossier, user=colleague)
    Suivi.objects.create(dossier=dossier, user=UserFactory())  # no longer of the groupe

    avis_of.answer(avis.pk, by=expert, answer="defavorable", text="Non", uploads=[pdf()])

    avis.refresh_from_db()
    assert (avis.answer, avis.text, avis.answered_by_name) == (
        "defavorable",
        "Non",
        "Ève Experte",
    )
    assert [file.name for file in avis.answer_files] == ["plan.pdf"]
    assert set(mails()) == {
        ("avis_rendu", accompagnateur.email),
        ("avis_rendu", colleague.email),
    }
    assert "défavorable" in Courriel.objects.first().subject
    dossier.refresh_from_db()
    assert dossier.avis_changed_at >= avis.answered_at


def test_an_answer_changes_until_the_decision_and_history_says_it(dossier, expert):
    avis = AvisFactory(dossier=dossier, expert=expert, favorable=True)
    old = avis_file(avis, of_answer=True)

    avis_of.answer(avis.pk, by=expert, answer="sans_avis", text="", removed=[old.pk])

    avis.refresh_from_db()
    assert (avis.answer, avis.text, bool(avis.changed_at)) == ("sans_avis", "", True)
    assert avis.answer_files == []
    assert [entry.action for entry in HistoryEntry.objects.all()] == ["avis_change"]
    Dossier.objects.filter(pk=dossier.pk).update(
        state=DossierState.ACCEPTE, decided_at=timezone.now()
    )
    with pytest.raises(ValidationError, match="La décision est prise"):
        avis_of.answer(avis.pk, by=expert, answer="favorable", text="")


def test_an_answer_removes_no_file_of_the_question_nor_of_another(dossier, expert):
    avis = AvisFactory(dossier=dossier, expert=expert, favorable=True)
    of_question = avis_file(avis)
    other = avis_file(AvisFactory(dossier=dossier, favorable=True), of_answer=True)

    avis_of.answer(
        avis.pk, by=expert, answer="favorable", text="", removed=[of_question.pk, other.pk]
    )

    assert AvisFile.objects.count() == 2


def test_nobody_else_answers(dossier, expert, accompagnateur):
    avis = AvisFactory(dossier=dossier, expert=expert)

    for person in (accompagnateur, dossier.usager, AvisFactory(dossier=dossier).invite.user):
        with pytest.raises(PermissionDenied):
            avis_of.answer(avis.pk, by=person, answer="favorable", text="")


def test_states_follow_what_happens_to_the_invitation(dossier, expert, accompagnateur):
    avis = AvisFactory(dossier=dossier, expert=expert)
    assert avis.state == AvisState.EN_ATTENTE
    avis.due_on = timezone.localdate() - timedelta(days=1)
    assert avis.state == AvisState.EN_RETARD
    invitations.revoke(avis.invite_id, by=accompagnateur)
    assert Avis.objects.get().state == AvisState.REVOQUE
    Invite.objects.update(revoked_at=None, left_at=timezone.now())
    assert Avis.objects.get().state == AvisState.QUITTE
    Invite.objects.update(left_at=None)
    Dossier.objects.update(state=DossierState.REJETE, decided_at=timezone.now())
    assert Avis.objects.get().state == AvisState.SANS_OBJET
    assert avis_of.counts_of(Dossier.objects.get())["awaited"] == 0


# --- reminding ----------------------------------------------------------------------------------


def test_service_reminds_once_a_day(dossier, accompagnateur, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)

    avis_of.remind(avis.pk, by=accompagnateur)
    with pytest.raises(ValidationError, match="Une relance par jour"):
        avis_of.remind(avis.pk, by=accompagnateur)

    assert mails() == [("avis_rappel", expert.email)]


def test_tps_reminds_three_days_before_and_the_day_after_each_once(dossier, expert):
    with travel("2026-11-01 08:00+01:00", tick=False):
        avis = AvisFactory(dossier=dossier, expert=expert, due_on=date(2026, 11, 20))
    told = {}
    for day in range(10, 30):
        with travel(f"2026-11-{day:02d} 08:00+01:00", tick=False):
            avis_of.remind_due()
            avis_of.remind_due()
            told[day] = Courriel.objects.count()

    assert told[16] == 0
    assert [told[day] for day in (17, 20)] == [1, 1]
    assert [told[day] for day in (21, 29)] == [2, 2]
    subjects = Courriel.objects.values_list("subject", flat=True)
    assert set(subjects) == {"Rappel : votre avis est attendu pour le 20 novembre 2026"}
    assert "était attendu" in Courriel.objects.order_by("pk").last().body_text
    assert avis.pk


@pytest.mark.parametrize("ended", ["given", "revoked", "decided", "handed over"])
def test_tps_reminds_of_nothing_that_is_over(dossier, expert, ended):
    late = timezone.localdate() - timedelta(days=1)
    avis = AvisFactory(dossier=dossier, expert=expert, due_on=late, favorable=ended == "given")
    if ended == "revoked":
        Invite.objects.update(revoked_at=timezone.now())
    if ended == "decided":
        Dossier.objects.update(state=DossierState.ACCEPTE, decided_at=timezone.now())
    if ended == "handed over":
        Avis.objects.filter(pk=avis.pk).update(handed_over_at=timezone.now())

    avis_of.remind_due()

    assert mails() == []


# --- revoking -----------------------------------------------------------------------------------


def test_revoking_takes_the_access_and_tells(dossier, accompagnateur, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)

    avis_of.revoke(avis.pk, by=accompagnateur)
    avis_of.revoke(avis.pk, by=accompagnateur)

    assert Invite.objects.get().revoked_at
    assert mails() == [("avis_revoque", expert.email)]
    assert "Vous n’avez plus accès" in Courriel.objects.get().body_text
    assert [entry.action for entry in HistoryEntry.objects.all()] == ["avis_revoke"]


def test_another_avis_keeps_the_access(dossier, accompagnateur, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)
    AvisFactory(dossier=dossier, expert=expert, favorable=True)

    avis_of.revoke(avis.pk, by=accompagnateur)

    assert Invite.objects.get().revoked_at is None
    assert "plus accès" not in Courriel.objects.get().body_text


def test_a_given_avis_stays_after_its_access_is_taken(dossier, accompagnateur, expert):
    avis = AvisFactory(dossier=dossier, expert=expert, favorable=True)

    avis_of.revoke(avis.pk, by=accompagnateur)

    assert Avis.objects.get().state == AvisState.RENDU
    assert avis_of.counts_of(dossier) == {
        "total": 1,
        "given": 1,
        "favorable": 1,
        "defavorable": 0,
        "awaited": 0,
    }
    with pytest.raises(PermissionDenied):
        avis_of.answer(avis.pk, by=expert, answer="defavorable", text="")


# --- handing over -------------------------------------------------------------------------------


def test_handing_over_moves_the_right(dossier, accompagnateur, expert):
    avis = AvisFactory(dossier=dossier, expert=expert, asked_by=accompagnateur)
    file = avis_file(avis)

    following = avis_of.hand_over(avis.pk, "autre@exemple.fr", by=expert, word="Ton domaine")

    old = Avis.objects.get(pk=avis.pk)
    assert old.state == AvisState.TRANSMIS
    assert old.invite.left_at
    assert following.handed_over_from == old
    assert following.question == avis.question
    assert following.asked_by == accompagnateur
    assert set(file.avis.all()) == {old, following}
    assert mails() == [
        ("avis_demande", "autre@exemple.fr"),
        ("avis_transmis", accompagnateur.email),
    ]
    assert "Ton domaine" in Courriel.objects.first().body_text
    assert not Dossier.objects.consulted_by(expert).exists()
    with pytest.raises(PermissionDenied):
        avis_of.hand_over(avis.pk, "encore@exemple.fr", by=expert, word="")


def test_handing_over_to_nobody_proper_changes_nothing(dossier, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)

    with pytest.raises(ValidationError, match="C’est l’usager du dossier"):
        avis_of.hand_over(avis.pk, dossier.usager.email, by=expert, word="")

    assert Avis.objects.get().state == AvisState.EN_ATTENTE
    assert Invite.objects.get().left_at is None


def test_handing_over_to_a_colleague_of_the_service(dossier, expert, colleague):
    avis = AvisFactory(dossier=dossier, expert=expert)

    following = avis_of.hand_over(avis.pk, colleague.email, by=expert, word="")

    assert (following.user, following.invite) == (colleague, None)


def test_files_go_with_the_dossier(dossier, expert, django_capture_on_commit_callbacks):
    file = avis_file(AvisFactory(dossier=dossier, expert=expert))
    storage, name = file.file.storage, file.file.name

    with django_capture_on_commit_callbacks(execute=True):
        file.delete()

    assert not storage.exists(name)
