"""Following a dossier, giving it to colleagues, waiting for its usager."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from courriels.models import Courriel
from dossiers.models import Dossier, Suivi
from instruction import equipe
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, MessageFactory, SuiviFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory


def url(dossier, name, *args):
    return reverse(f"instruction:{name}", args=[dossier.pk, *args])


def followers(dossier):
    return set(Suivi.objects.filter(dossier=dossier).values_list("user_id", flat=True))


def test_following_is_one_button_that_turns(client, accompagnateur, dossier):
    page = Markup(client.post(url(dossier, "dossier_follow"), follow=True))
    assert "Ne plus suivre" in page.one(".tps-decision-bar").text
    assert "Suivi par Alice Instructrice (vous)" in page.one(".tps-dossier-head").text
    assert followers(dossier) == {accompagnateur.pk}
    client.post(url(dossier, "dossier_follow"))  # twice changes nothing

    page = Markup(client.post(url(dossier, "dossier_unfollow"), follow=True))
    assert "Personne ne suit ce dossier" in page.one(".tps-dossier-head").text
    assert followers(dossier) == set()
    assert not dossier.history.exists()


@pytest.mark.parametrize("name", ["dossier_follow", "dossier_unfollow", "follower_list"])
def test_usager_of_the_dossier_and_a_test_are_not_followed(client, accompagnateur, procedure, name):
    own = DossierFactory(procedure=procedure, en_instruction=True, usager=accompagnateur)
    essai = DossierFactory(
        procedure=procedure, en_instruction=True, usager=accompagnateur, is_test=True
    )
    assert client.post(url(own, name)).status_code == 403
    assert client.post(url(essai, name)).status_code == 403
    assert not Suivi.objects.exists()


def test_dossier_is_given_to_several_who_are_told_once(
    client, accompagnateur, colleague, procedure, dossier
):
    third = AffectationFactory(procedure=procedure).user
    data = {"colleagues": [colleague.pk, third.pk]}
    response = client.post(url(dossier, "follower_list"), data, follow=True)

    assert followers(dossier) == {colleague.pk, third.pk}
    assert {suivi.assigned_by for suivi in dossier.suivis.all()} == {accompagnateur}
    courriels = Courriel.objects.order_by("to_email")
    assert {courriel.to_email for courriel in courriels} == {colleague.email, third.email}
    assert courriels[0].subject == f"Dossier nº {dossier.pk} : Alice Instructrice vous le confie"
    assert f"/instruction/dossiers/{dossier.pk}/" in courriels[0].body_text
    entries = dossier.history.order_by("person").values_list("action", "by_name", "person")
    assert set(entries) == {
        ("assign", "Alice Instructrice", str(colleague)),
        ("assign", "Alice Instructrice", str(third)),
    }
    assert "confié par Alice Instructrice" in Markup(response).one("main").text

    # Sent again by going back: refused, as they follow already.
    assert client.post(url(dossier, "follower_list"), data).status_code == 422
    assert equipe.assign(dossier.pk, [colleague], by=accompagnateur) == []
    assert Courriel.objects.count() == 2


def test_nobody_chosen_is_said(client, colleague, dossier):
    response = client.post(url(dossier, "follower_list"), {})
    assert response.status_code == 422
    assert "Choisissez au moins un collègue." in Markup(response).one("main").text


def test_colleagues_offered_are_those_who_may_instruct(
    client, accompagnateur, colleague, procedure, dossier
):
    SuiviFactory(dossier=dossier, user=AffectationFactory(procedure=procedure).user)
    AffectationFactory(procedure=procedure, user=dossier.usager)
    AffectationFactory(procedure=procedure, user=UserFactory(is_active=False))
    AffectationFactory()
    assert set(equipe.colleagues_of(dossier)) == {accompagnateur, colleague}
    stranger = AffectationFactory().user
    response = client.post(url(dossier, "follower_list"), {"colleagues": [stranger.pk]})
    assert response.status_code == 422
    with pytest.raises(PermissionDenied):
        equipe.assign(dossier.pk, [stranger], by=accompagnateur)
    with pytest.raises(PermissionDenied):
        equipe.assign(dossier.pk, [colleague], by=stranger)


def test_taking_a_colleague_off_asks_once_and_is_recorded(client, colleague, dossier):
    SuiviFactory(dossier=dossier, user=colleague)
    remove = url(dossier, "follower_remove", colleague.pk)
    assert "Retirer Bruno Collègue" in Markup(client.get(remove)).one("h1").text
    assert followers(dossier) == {colleague.pk}
    client.post(remove)
    assert followers(dossier) == set()
    entry = dossier.history.get()
    assert (entry.action, entry.person) == ("unassign", "Bruno Collègue")
    assert client.post(remove).status_code == 404


def test_usager_never_reads_whom_it_was_given_to(client_for, accompagnateur, colleague, dossier):
    equipe.assign(dossier.pk, [colleague], by=accompagnateur)
    client = client_for(dossier.usager)
    for path in ("", "documents/", "messagerie/"):
        page = client.get(f"/dossiers/{dossier.pk}/{path}").content.decode()
        assert "Bruno Collègue" not in page
        assert "Confié" not in page


@pytest.mark.parametrize(
    "name", ["dossier_follow", "dossier_unfollow", "follower_list", "answer_wait_stop"]
)
def test_strangers_get_a_404(client_for, strangers, dossier, name):
    for user in strangers.values():
        assert client_for(user).post(url(dossier, name)).status_code == 404


# --- Waiting for the usager -----------------------------------------------------------------------


def send(client, dossier, **values):
    page = Markup(client.get(url(dossier, "message_list")))
    token = page.one("form.tps-message-form input[name=token]")["value"]
    return client.post(url(dossier, "message_list"), {"body": "?", "token": token} | values)


def test_message_may_ask_for_an_answer(client, client_for, dossier):
    send(client, dossier)
    dossier.refresh_from_db()
    assert dossier.awaited_since is None
    send(client, dossier, asks_answer="on")
    dossier.refresh_from_db()
    assert dossier.awaited_since is not None
    page = Markup(client.get(url(dossier, "dossier_detail")))
    assert "En attente de l’usager depuis le" in page.one('[aria-label="Attente de l’usager"]').text


def test_usager_is_not_offered_to_wait_for_themselves(client_for, dossier):
    page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/messagerie/").content.decode()
    assert "asks_answer" not in page


def test_waiting_may_be_given_up(client, accompagnateur, dossier):
    send(client, dossier, asks_answer="on")
    page = Markup(client.post(url(dossier, "answer_wait_stop"), follow=True))
    assert page.all('[aria-label="Attente de l’usager"]') == []
    assert Dossier.objects.get(pk=dossier.pk).awaited_since is None
    assert dossier.history.get().action == "stop_waiting"
    client.post(url(dossier, "answer_wait_stop"))  # nothing is waited for: nothing is recorded
    assert dossier.history.count() == 1


def test_own_usager_may_not_give_up_waiting(client_for, accompagnateur, procedure):
    own = DossierFactory(procedure=procedure, en_instruction=True, usager=accompagnateur)
    MessageFactory(dossier=own)
    assert client_for(accompagnateur).post(url(own, "answer_wait_stop")).status_code == 403
