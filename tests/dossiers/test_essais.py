"""The test mode: who begins a test, who plays which part, what is erased and when."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from courriels.enums import CourrielState
from courriels.models import Courriel
from courriels.outbox import enqueue
from dossiers import policies, workflow
from dossiers.essais import LinkEnded, erase, erase_old_tests, start_test
from dossiers.models import Attestation, Dossier, HistoryEntry, PieceJointe
from procedures.champs import new_champ
from procedures.enums import ProcedureState
from procedures.essais import open_link, revoke_link
from procedures.models import Procedure, Revision
from procedures.publication import publish
from procedures.revisions import discard_draft, draft_of
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import TOKEN, essai_of, make_administrateur, procedure_to_try
from tests.dossiers.factories import DossierFactory, HistoryEntryFactory, PieceJointeFactory
from tests.procedures.factories import (
    AffectationFactory,
    ModeleAttestationFactory,
    ProcedureFactory,
    formulaire_of,
)

pytestmark = pytest.mark.django_db

NOUVEAU = new_champ("texte_court", id="nouveau1", label="Autre question", required=False)


@pytest.fixture
def procedure() -> Procedure:
    procedure = procedure_to_try(title="Aide aux bibliothèques")
    AffectationFactory(procedure=procedure)
    return procedure


@pytest.fixture
def administrateur(procedure):
    user = UserFactory()
    make_administrateur(procedure, user)
    return user


def changed(procedure: Procedure) -> Revision:
    """Add a question to the form, without publishing it."""
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(*draft.formulaire.champs, NOUVEAU))
    draft.save()
    return draft


# --- The link -----------------------------------------------------------------------------------


def test_a_new_link_ends_the_former_one(procedure):
    assert open_link(procedure)

    assert procedure.test_token not in (None, TOKEN)
    assert Procedure.objects.get(pk=procedure.pk).test_token == procedure.test_token
    with pytest.raises(LinkEnded):
        start_test(TOKEN, by=UserFactory())


def test_links_cannot_be_guessed():
    tokens = set()
    for _ in range(20):
        procedure = ProcedureFactory(brouillon=True)
        open_link(procedure)
        tokens.add(procedure.test_token)

    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {32}


def test_a_revoked_link_begins_nothing_and_leaves_what_was_begun(procedure):
    dossier = essai_of(procedure)

    revoke_link(procedure)

    with pytest.raises(LinkEnded):
        start_test(TOKEN, by=UserFactory())
    assert list(Dossier.tests.all()) == [dossier]


def test_a_link_is_no_modification_of_the_procedure(procedure):
    before = Procedure.objects.get(pk=procedure.pk).updated_at

    open_link(procedure)
    revoke_link(procedure)

    assert Procedure.objects.get(pk=procedure.pk).updated_at == before


def test_a_published_form_without_change_has_nothing_to_test():
    procedure = ProcedureFactory()

    assert not open_link(procedure)
    assert procedure.test_token is None


def test_unpublished_changes_of_a_published_procedure_are_tested():
    procedure = ProcedureFactory()
    draft = changed(procedure)

    assert open_link(procedure)
    dossier = start_test(procedure.test_token, by=UserFactory())

    assert (dossier.is_test, dossier.revision) == (True, draft)
    assert not dossier.revision.is_published


@pytest.mark.parametrize("state", ["brouillon", "close"])
def test_changes_are_tested_whatever_the_state_of_the_procedure(state):
    procedure = ProcedureFactory(**{state: True})
    changed(procedure)
    open_link(procedure)

    assert start_test(procedure.test_token, by=UserFactory()).is_test


# --- Beginning ----------------------------------------------------------------------------------


def test_a_test_begins_on_the_draft_for_whoever_holds_the_link(procedure):
    tester = UserFactory()

    dossier = start_test(TOKEN, by=tester)

    assert (dossier.procedure, dossier.usager, dossier.is_test) == (procedure, tester, True)
    assert dossier.revision == procedure.revisions.drafts().get()
    assert (list(Dossier.tests.all()), list(Dossier.objects.all())) == ([dossier], [])


def test_a_double_click_begins_one_test(procedure):
    tester = UserFactory()

    first, second = start_test(TOKEN, by=tester), start_test(TOKEN, by=tester)

    assert first == second


def test_another_test_begins_once_the_first_was_touched(procedure):
    tester = UserFactory()
    first = start_test(TOKEN, by=tester)
    Dossier.tests.filter(pk=first.pk).update(updated_at=timezone.now())

    assert start_test(TOKEN, by=tester) != first


def test_a_real_brouillon_is_never_taken_for_a_test():
    procedure = ProcedureFactory()
    changed(procedure)
    open_link(procedure)
    now = timezone.now()
    real = DossierFactory(procedure=procedure, reponses={}, created_at=now, updated_at=now)

    assert start_test(procedure.test_token, by=real.usager) != real


def test_the_draft_a_test_was_made_on_still_changes(procedure):
    essai_of(procedure)

    draft = changed(procedure)

    assert not Revision.objects.get(pk=draft.pk).is_published
    assert Dossier.tests.get().revision.formulaire.by_id.keys() == {"objet1", "nouveau1"}


# --- A test never becomes real ------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_the_database_refuses_that_a_test_becomes_real_or_the_reverse(before, after):
    procedure = ProcedureFactory()
    dossier = DossierFactory(procedure=procedure, is_test=before)
    dossier.is_test = after

    for change in (
        lambda: dossier.save(),
        lambda: Dossier.with_tests.filter(pk=dossier.pk).update(is_test=after),
    ):
        with pytest.raises(IntegrityError, match="is_test never changes"), transaction.atomic():
            change()
    assert Dossier.with_tests.get(pk=dossier.pk).is_test == before


# --- The whole path, by one person --------------------------------------------------------------


@pytest.mark.parametrize("action", [workflow.ACCEPT, workflow.CLOSE_SANS_SUITE, workflow.REJECT])
def test_the_tester_alone_goes_from_filling_in_to_the_decision(procedure, action):
    tester = UserFactory(email="testeuse@exemple.fr")
    dossier = essai_of(procedure, usager=tester)

    workflow.run(workflow.SUBMIT, dossier.pk, by=tester)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=tester)
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=tester)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=tester)
    workflow.run(action, dossier.pk, by=tester, motivation="Parce que.")

    assert Dossier.tests.get().is_termine
    courriels = Courriel.objects.order_by("pk")
    assert {courriel.to_email for courriel in courriels} == {"testeuse@exemple.fr"}
    assert [courriel.subject.startswith("[TEST] ") for courriel in courriels] == [True] * 4
    for courriel in courriels:
        assert courriel.body_text.startswith("TEST : ce message vient de l’essai")
        assert "TEST : ce message vient de l’essai" in courriel.body_html


def test_emails_of_real_dossiers_are_not_marked():
    dossier = DossierFactory()

    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    courriel = Courriel.objects.get()
    assert "TEST" not in courriel.subject + courriel.body_text + courriel.body_html


def test_the_email_shown_before_a_decision_is_the_one_that_leaves(procedure):
    dossier = essai_of(procedure, en_instruction=True)
    preview = workflow.preview_courriel(workflow.REJECT, dossier, motivation="Non.")

    workflow.run(workflow.REJECT, dossier.pk, by=dossier.usager, motivation="Non.")

    courriel = Courriel.objects.get()
    assert (courriel.subject, courriel.body_text) == (preview.subject, preview.body_text)


@pytest.mark.parametrize("kind", ["close", "publiee"])
def test_a_test_is_submitted_whatever_the_state_of_the_procedure(kind):
    procedure = ProcedureFactory(close=kind == "close")
    changed(procedure)
    dossier = essai_of(procedure)

    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    assert not Dossier.tests.get().is_brouillon


def test_who_decides_a_test(procedure, administrateur):
    dossier = essai_of(procedure, en_construction=True)
    accompagnateur = procedure.affectations.get().user
    others = {"accompagnateur": accompagnateur, "stranger": UserFactory()}
    others["other tester"] = essai_of(procedure, en_construction=True).usager
    others["exploitant"] = UserFactory(exploitant=True)

    assert policies.can_decide(dossier.usager, dossier)
    assert policies.can_decide(administrateur, dossier)
    assert {name for name, user in others.items() if policies.can_decide(user, dossier)} == set()
    with pytest.raises(PermissionDenied):
        workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)


def test_an_administrateur_does_not_fill_in_the_test_of_another(procedure, administrateur):
    dossier = essai_of(procedure)

    assert not policies.can_edit(administrateur, dossier)
    assert not policies.can_submit(administrateur, dossier)
    assert not policies.can_decide(administrateur, dossier)


def test_the_tester_who_leaves_the_link_still_decides_no_real_dossier():
    procedure = ProcedureFactory()
    changed(procedure)
    tester = essai_of(procedure, en_construction=True).usager
    real = DossierFactory(procedure=procedure, usager=tester, en_construction=True)

    assert not policies.can_decide(tester, real)
    assert list(Dossier.with_tests.examined_by(tester).filter(is_test=False)) == []


# --- Erased -------------------------------------------------------------------------------------


def everything_of(dossier: Dossier) -> PieceJointe:
    """Give a dossier a file, a history and two emails, one of which left."""
    HistoryEntryFactory(dossier=dossier)
    with transaction.atomic():
        for kind, state in (("attend", CourrielState.EN_ATTENTE), ("rate", CourrielState.ECHEC)):
            courriel = enqueue(
                to=dossier.usager.email,
                kind=kind,
                subject="[TEST] Accusé",
                body_text="Bonjour",
                reference=workflow.courriel_reference(dossier.pk),
            )
            Courriel.objects.filter(pk=courriel.pk).update(state=state)
    return PieceJointeFactory(dossier=dossier)


def test_publication_erases_every_test_with_files_history_and_emails(
    procedure, django_capture_on_commit_callbacks
):
    tests = [essai_of(procedure), essai_of(procedure, en_instruction=True)]
    files = [everything_of(dossier).file.name for dossier in tests]
    elsewhere = essai_of(procedure_to_try(test_token="un-autre"))
    other_file = everything_of(elsewhere)
    open_link(procedure)

    with django_capture_on_commit_callbacks(execute=True):
        publish(procedure, by=UserFactory())

    assert list(Dossier.with_tests.all()) == [elsewhere]
    assert {row.dossier_id for row in HistoryEntry.objects.all()} == {elsewhere.pk}
    assert list(PieceJointe.objects.all()) == [other_file]
    assert set(Courriel.objects.values_list("reference", flat=True)) == {f"dossier:{elsewhere.pk}"}
    assert [default_storage.exists(name) for name in files] == [False, False]
    assert default_storage.exists(other_file.file.name)
    fresh = Procedure.objects.get(pk=procedure.pk)
    assert (fresh.state, fresh.test_token) == (ProcedureState.PUBLIEE, None)


def test_a_publication_that_fails_erases_nothing(procedure, django_capture_on_commit_callbacks):
    dossier = essai_of(procedure)
    file = everything_of(dossier).file
    Procedure.objects.filter(pk=procedure.pk).update(description="")

    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(Exception, match="Rédigez la description"),
    ):
        publish(procedure, by=UserFactory())

    assert list(Dossier.tests.all()) == [dossier]
    assert file.storage.exists(file.name)
    assert Procedure.objects.get(pk=procedure.pk).test_token == TOKEN


def test_publishing_changes_erases_the_tests_and_keeps_the_real_dossiers():
    procedure = ProcedureFactory()
    AffectationFactory(procedure=procedure)
    real = DossierFactory(procedure=procedure)
    filed = DossierFactory(procedure=procedure, en_construction=True)
    changed(procedure)
    essai_of(procedure, usager=real.usager)

    revision = publish(procedure, by=UserFactory())

    assert set(Dossier.with_tests.all()) == {real, filed}
    assert Dossier.objects.get(pk=real.pk).revision == revision


def test_throwing_the_draft_away_erases_the_tests_made_on_it():
    procedure = ProcedureFactory()
    changed(procedure)
    essai_of(procedure)
    real = DossierFactory(procedure=procedure)

    discard_draft(procedure)

    assert list(Dossier.with_tests.all()) == [real]
    assert list(procedure.revisions.drafts()) == []


def test_publishing_a_draft_without_change_erases_the_tests_made_on_it():
    procedure = ProcedureFactory()
    draft_of(procedure)
    essai_of(procedure)

    assert publish(procedure, by=UserFactory()) == procedure.published_revision
    assert list(Dossier.with_tests.all()) == []


def test_tests_are_erased_after_thirty_days():
    procedure = procedure_to_try()
    limit = timezone.now() - timedelta(days=30)
    essai_of(procedure, created_at=limit - timedelta(minutes=1))
    recent = essai_of(procedure, created_at=limit + timedelta(minutes=1))
    real = DossierFactory(en_construction=True, created_at=limit - timedelta(days=400))

    assert erase_old_tests() == 1
    assert set(Dossier.with_tests.all()) == {recent, real}


def test_erasing_never_touches_a_real_dossier():
    real = DossierFactory()
    file = everything_of(real).file

    assert erase(Dossier.with_tests.all()) == 0
    assert Dossier.objects.get() == real
    assert (file.storage.exists(file.name), Courriel.objects.count()) == (True, 2)


def test_beat_erases_old_tests(settings):
    schedule = settings.CELERY_BEAT_SCHEDULE["essais-sweep"]

    assert schedule == {"task": "dossiers.tasks.erase_old_tests", "schedule": 3600.0}


# --- The attestation of a test ------------------------------------------------------------------


@pytest.fixture
def accepted(procedure, django_capture_on_commit_callbacks) -> Dossier:
    """A test accepted by its own tester, whose procédure issues attestations."""
    ModeleAttestationFactory(procedure=procedure)
    dossier = essai_of(procedure, en_instruction=True)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.run(workflow.ACCEPT, dossier.pk, by=dossier.usager)
    return Dossier.tests.get(pk=dossier.pk)


def test_the_attestation_of_a_test_is_a_specimen(accepted, client_for):
    url = reverse("dossiers:attestation_download", args=[accepted.pk])

    response = client_for(accepted.usager).get(url)

    text = PdfReader(BytesIO(response.content)).pages[0].extract_text()
    assert "[TEST]" in text
    assert "spécimen" in text.lower()
    assert accepted.attestation.number not in text
    assert client_for(UserFactory()).get(url).status_code == 404


def test_nobody_verifies_the_attestation_of_a_test(accepted, client_for, client):
    code = accepted.attestation.code
    pages = [accepted.get_absolute_url(), f"/instruction/dossiers/{accepted.pk}/"]

    assert client.get(reverse("dossiers:attestation_verify", args=[code])).status_code == 404
    for page in pages:
        assert "Spécimen de l’essai" in client_for(accepted.usager).get(page).content.decode()


def test_the_attestation_of_a_test_is_erased_with_it(accepted, django_capture_on_commit_callbacks):
    name = accepted.attestation.file.name
    assert default_storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        erase(Dossier.tests.all())

    assert (Attestation.objects.count(), default_storage.exists(name)) == (0, False)


def test_link_is_kept_out_of_the_exported_procedure(procedure, administrateur, client_for):
    url = reverse("procedures:procedure_export", args=[procedure.pk])

    content = client_for(administrateur).get(url).content.decode()

    assert TOKEN not in content


def test_a_copy_has_no_link(procedure, administrateur, client_for):
    client_for(administrateur).post(reverse("procedures:procedure_copy", args=[procedure.pk]))

    copy = Procedure.objects.exclude(pk=procedure.pk).get()
    assert copy.test_token is None


def test_answers_are_saved_in_a_test_as_in_a_dossier(procedure, client_for):
    dossier = essai_of(procedure)
    url = reverse("dossiers:reponse_save", args=[dossier.pk, "objet1"])

    client_for(dossier.usager).post(url, {"champ_objet1": "Des livres"})

    assert Dossier.tests.get().reponses == {"objet1": "Des livres"}
