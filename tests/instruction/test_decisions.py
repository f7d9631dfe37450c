"""The actions of an accompagnateur: every one, by every person, from every state."""

import threading
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from courriels.models import Courriel
from dossiers import workflow
from dossiers.enums import DossierState
from dossiers.models import Attestation, Dossier
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import (
    AffectationFactory,
    ModeleAttestationFactory,
    ProcedureFactory,
)

ACTIONS = [
    # path, from, to, email
    ("passer-en-instruction", "en_construction", "en_instruction", "passage_en_instruction"),
    ("repasser-en-construction", "en_instruction", "en_construction", None),
    ("accepter", "en_instruction", "accepte", "validation"),
    ("classer-sans-suite", "en_instruction", "sans_suite", "sans_suite"),
    ("rejeter", "en_instruction", "rejete", "rejet"),
]
DECISIONS = ["accepter", "classer-sans-suite", "rejeter"]
SUBMITTED = ["en_construction", "en_instruction", "accepte", "sans_suite", "rejete"]
MOTIVATION = {"motivation": "Voici pourquoi.\r\nVraiment."}


def url_of(dossier, action, query=""):
    return f"/instruction/dossiers/{dossier.pk}/{action}/{query}"


def dossier_in(procedure, state, **fields):
    return DossierFactory(procedure=procedure, **{state: True}, **fields)


def state_of(dossier):
    return Dossier.objects.values_list("state", flat=True).get(pk=dossier.pk)


# --- Each action --------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "before", "after", "event"), ACTIONS)
def test_action_changes_the_state_writes_history_and_sends_the_email(
    client, accompagnateur, procedure, action, before, after, event
):
    dossier = dossier_in(procedure, before)
    response = client.post(url_of(dossier, action), MOTIVATION, follow=True)
    assert state_of(dossier) == after
    entry = dossier.history.get()
    assert (entry.from_state, entry.to_state, entry.by) == (before, after, accompagnateur)
    assert entry.by_name == "Alice Instructrice"
    assert entry.motivation == ("Voici pourquoi.\nVraiment." if action in DECISIONS else "")
    kinds = list(Courriel.objects.values_list("kind", "to_email"))
    assert kinds == ([(event, dossier.usager.email)] if event else [])
    assert (
        Markup(response)
        .one(".fr-alert--success")
        .text.startswith(f"Le dossier nº {dossier.pk} est ")
    )


@pytest.mark.parametrize(("action", "before", "after", "event"), ACTIONS)
def test_action_is_refused_from_every_other_state(client, procedure, action, before, after, event):
    for state in SUBMITTED:
        if state == before:
            continue
        dossier = dossier_in(procedure, state)
        response = client.post(url_of(dossier, action), MOTIVATION, follow=True)
        assert state_of(dossier) == state
        assert "Cette action n’est pas possible" in Markup(response).one(".fr-alert--error").text
        assert not dossier.history.exists()
    assert not Courriel.objects.exists()


@pytest.mark.parametrize("action", [action for action, *_ in ACTIONS] + ["archiver", "desarchiver"])
def test_action_is_a_404_for_strangers_and_on_a_brouillon(
    client, client_for, strangers, procedure, dossier, action
):
    for user in strangers.values():
        assert client_for(user).post(url_of(dossier, action), MOTIVATION).status_code == 404
        assert client_for(user).get(url_of(dossier, action)).status_code in (404, 405)
    brouillon = DossierFactory(procedure=procedure)
    assert client.post(url_of(brouillon, action), MOTIVATION).status_code == 404
    assert state_of(dossier) == "en_instruction"
    assert state_of(brouillon) == "brouillon"


@pytest.mark.parametrize("action", [action for action, *_ in ACTIONS] + ["archiver", "desarchiver"])
def test_nobody_decides_their_own_dossier(client, accompagnateur, procedure, action):
    own = dossier_in(procedure, "en_instruction", usager=accompagnateur)
    assert client.post(url_of(own, action), MOTIVATION).status_code == 403
    assert state_of(own) == "en_instruction"
    assert not own.history.exists()


@pytest.mark.parametrize("action", [action for action, *_ in ACTIONS] + ["archiver", "desarchiver"])
def test_anonymous_is_sent_to_sign_in(dossier, action):
    response = Client().post(url_of(dossier, action), MOTIVATION)
    assert response.url.startswith(reverse("account_login"))
    assert state_of(dossier) == "en_instruction"


def test_colleague_decides(client_for, colleague, dossier):
    client_for(colleague).post(url_of(dossier, "accepter"), MOTIVATION)
    assert state_of(dossier) == "accepte"


@pytest.mark.parametrize(
    "action", ["passer-en-instruction", "repasser-en-construction", "archiver", "desarchiver"]
)
def test_reading_an_action_changes_nothing(client, dossier, action):
    assert client.get(url_of(dossier, action)).status_code == 405


@pytest.mark.parametrize("state", SUBMITTED)
def test_archive_stands_on_top_of_every_state(client, procedure, state):
    dossier = dossier_in(procedure, state)
    client.post(url_of(dossier, "archiver"))
    dossier.refresh_from_db()
    assert (dossier.state, dossier.is_archived) == (state, True)
    client.post(url_of(dossier, "archiver"))  # twice changes nothing
    client.post(url_of(dossier, "desarchiver"))
    dossier.refresh_from_db()
    assert (dossier.state, dossier.is_archived) == (state, False)
    assert list(dossier.history.values_list("action", flat=True)) == ["archive", "unarchive"]
    assert not Courriel.objects.exists()


# --- The page of a decision ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "label", "event"),
    [
        ("accepter", "Accepter", "Accusé de validation"),
        ("classer-sans-suite", "Classer sans suite", "Accusé de classement sans suite"),
        ("rejeter", "Rejeter", "Accusé de rejet"),
    ],
)
def test_decision_says_what_will_happen(client, dossier, action, label, event):
    markup = Markup(client.get(url_of(dossier, action)))
    assert markup.one("h1").text == f"{label} le dossier nº {dossier.pk}"
    text = markup.one("main").text
    assert f"L’email « {event} » partira à {dossier.usager.email}." in text
    assert markup.one("#apercu .fr-text--bold").text != ""
    assert [button.text for button in markup.all("main form button")] == [
        label,
        "Actualiser l’aperçu",
    ]


@pytest.mark.parametrize("action", ["classer-sans-suite", "rejeter"])
@pytest.mark.parametrize("motivation", ["", "  \n "])
def test_unfavourable_decision_needs_a_motivation(client, dossier, action, motivation):
    response = client.post(url_of(dossier, action), {"motivation": motivation})
    markup = Markup(response)
    assert markup.one("[data-tps-error-summary] a")["href"] == "#id_motivation"
    assert state_of(dossier) == "en_instruction"
    assert not Courriel.objects.exists()


def test_acceptance_may_go_without_a_motivation(client, dossier):
    client.post(url_of(dossier, "accepter"), {"motivation": ""})
    assert state_of(dossier) == "accepte"


def test_too_long_a_motivation_is_refused_and_kept(client, dossier):
    long = "a" * 10_001
    markup = Markup(client.post(url_of(dossier, "rejeter"), {"motivation": long}))
    assert markup.one("textarea").text == long
    assert state_of(dossier) == "en_instruction"


@pytest.mark.parametrize("action", DECISIONS)
def test_preview_shows_the_motivation_and_decides_nothing(client, dossier, action):
    response = client.post(
        url_of(dossier, action), {"motivation": "Parce <que> oui", "apercu": "1"}
    )
    markup = Markup(response)
    assert "Parce <que> oui" in markup.one("#apercu").text
    assert markup.one("textarea").text == "Parce <que> oui"
    assert state_of(dossier) == "en_instruction"
    assert not dossier.history.exists()
    assert not Courriel.objects.exists()


def test_preview_is_the_very_email_that_leaves(client, dossier):
    url, data = url_of(dossier, "rejeter"), {"motivation": "Hors délai."}
    preview = Markup(client.post(url, data | {"apercu": "1"})).one("#apercu").text
    client.post(url, data)
    courriel = Courriel.objects.get()
    shown = f"L’email qui partira À : {courriel.to_email}{courriel.subject}{courriel.body_text}"
    assert "".join(preview.split()) == "".join(shown.split())


def test_htmx_gets_the_parts_of_the_page(client, dossier):
    url, htmx = url_of(dossier, "rejeter"), {"HX-Request": "true"}
    form = client.get(url, headers=htmx)
    assert b"<html" not in form.content
    assert Markup(form).one("h2").text == f"Rejeter le dossier nº {dossier.pk}"
    data = {"motivation": "Hors délai.", "apercu": "1"}
    part = client.post(url, data, headers=htmx)
    assert b"<html" not in part.content
    assert Markup(part).one("#apercu").text == Markup(client.post(url, data)).one("#apercu").text


def test_decision_leads_to_the_next_dossier_of_the_list(client, procedure):
    dossiers = [dossier_in(procedure, "en_instruction") for _ in range(3)]
    query = "?onglet=tous&tri=numero"
    response = client.post(url_of(dossiers[1], "accepter", query), follow=True)
    assert response.redirect_chain == [(f"/instruction/dossiers/{dossiers[2].pk}/{query}", 302)]
    link = Markup(response).one(".fr-alert--success a")
    assert link["href"] == f"/instruction/dossiers/{dossiers[1].pk}/{query}"
    assert link.text == f"dossier nº {dossiers[1].pk}"


def test_decision_of_the_last_dossier_leads_to_the_list_and_says_so(client, procedure):
    dossier = dossier_in(procedure, "en_instruction")
    response = client.post(url_of(dossier, "accepter", "?onglet=tous"), follow=True)
    here = f"/instruction/procedures/{procedure.pk}/?onglet=tous"
    assert response.redirect_chain == [(here, 302)]
    assert "Aucun dossier ne suit dans cette liste." in str(response.content.decode())


def test_reponse_type_is_added_after_what_was_typed_and_decides_nothing(client, procedure, dossier):
    canned = procedure.reponses_types.create(title="Non", body="Le nº {{ numero_dossier }} : non.")
    sent = {"motivation": "Bonjour.", "reponse": canned.pk, "inserer": "1"}
    response = client.post(url_of(dossier, "rejeter"), sent)
    text = Markup(response).one("textarea").text
    assert text.split() == f"Bonjour. Le nº {dossier.pk} : non.".split()
    assert f"Bonjour.\n\nLe nº {dossier.pk} : non." in response.content.decode()
    assert state_of(dossier) == DossierState.EN_INSTRUCTION


def test_balises_of_a_motivation_are_filled_in_and_unknown_ones_refused(client, dossier):
    refused = client.post(url_of(dossier, "rejeter"), {"motivation": "{{ numero }}"})
    assert "n’existe pas" in refused.content.decode()
    assert state_of(dossier) == DossierState.EN_INSTRUCTION
    client.post(url_of(dossier, "rejeter"), {"motivation": "nº {{ numero_dossier }}"})
    assert Dossier.objects.get(pk=dossier.pk).motivation == f"nº {dossier.pk}"


def test_attestation_is_seen_before_the_acceptance_and_nothing_is_written(client, dossier):
    assert client.post(url_of(dossier, "accepter"), {"attestation": "1"}).status_code == 404
    ModeleAttestationFactory(procedure=dossier.procedure, is_active=True)
    response = client.post(url_of(dossier, "accepter"), {"attestation": "1", "motivation": "Oui."})
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert state_of(dossier) == DossierState.EN_INSTRUCTION
    assert not Attestation.objects.exists()


@pytest.mark.parametrize("action", DECISIONS)
def test_decision_already_taken_says_by_whom_and_when(client, colleague, dossier, action):
    with time_machine.travel(datetime(2026, 11, 23, 13, 5, tzinfo=UTC), tick=False):
        workflow.run(workflow.ACCEPT, dossier.pk, by=colleague)
    said = (
        "Cette action n’est plus possible : le dossier est accepté "
        "depuis le 23/11/2026 à 14:05, par Bruno Collègue."
    )
    read = client.get(url_of(dossier, action))
    assert read.status_code == 409
    assert said in Markup(read).one(".fr-alert--error").text
    sent = client.post(url_of(dossier, action), {"motivation": "Ce que j’ai écrit"})
    assert sent.status_code == 409
    markup = Markup(sent)
    assert said in markup.one(".fr-alert--error").text
    assert markup.one("textarea").text == "Ce que j’ai écrit"
    assert markup.one("main .fr-badge").text == "accepté"
    assert Courriel.objects.count() == 1


def test_simple_action_already_done_says_by_whom(client, colleague, procedure):
    dossier = dossier_in(procedure, "en_construction")
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=colleague)
    response = client.post(url_of(dossier, "passer-en-instruction"), follow=True)
    assert "par Bruno Collègue" in Markup(response).one(".fr-alert--error").text


# --- Two at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_accompagnateurs_at_once_one_wins_the_other_is_told():
    procedure = ProcedureFactory()
    dossier = DossierFactory(procedure=procedure, en_instruction=True)
    people = [UserFactory(last_name=name) for name in ("Premier", "Second")]
    clients = []
    for user in people:
        AffectationFactory(procedure=procedure, user=user)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        clients.append(client)
    responses, start = {}, threading.Barrier(2)

    def decide(rank, action):
        try:
            start.wait(timeout=10)
            responses[rank] = clients[rank].post(url_of(dossier, action), MOTIVATION)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=args) for args in ((0, "accepter"), (1, "rejeter"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(response.status_code for response in responses.values()) == [302, 409]
    winner = next(rank for rank in responses if responses[rank].status_code == 302)
    assert state_of(dossier) == [DossierState.ACCEPTE, DossierState.REJETE][winner]
    assert f"par {people[winner]}" in Markup(responses[1 - winner]).one(".fr-alert--error").text
    assert dossier.history.count() == 1
    assert Courriel.objects.count() == 1
