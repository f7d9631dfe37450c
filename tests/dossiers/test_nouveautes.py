"""Two people, or two windows, on one form: presence, answers given elsewhere, lost sessions."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache

from dossiers.models import Dossier
from dossiers.presence import Presence, note_presence
from dossiers.reponses import save_reponses
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.dossiers.test_reponses import post
from tests.markup import Markup

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier():
    return DossierFactory(reponses={"objet1": "Livres"})


def news(client, dossier, **query):
    return client.get(f"/dossiers/{dossier.pk}/nouveautes/", query, headers={"HX-Request": "true"})


def since_of(response) -> str:
    return Markup(response).one("#presence")["data-tps-since"]


def test_page_gets_what_another_one_saved_and_not_its_own(dossier, client_for):
    client = client_for(dossier.usager)
    since = since_of(news(client, dossier, page="ici"))
    save_reponses(dossier.pk, post(champ_objet1="D’ici", page="ici"), by=dossier.usager)
    own = news(client, dossier, page="ici", depuis=since)
    save_reponses(dossier.pk, post(champ_objet1="D’ailleurs", page="ailleurs"), by=dossier.usager)
    other = news(client, dossier, page="ici", depuis=since)

    assert Markup(own).all(".tps-champ") == []
    assert Markup(other).one("#champ-objet1 input[name=champ_objet1]")["value"] == "D’ailleurs"
    assert Markup(news(client, dossier, page="ici", depuis=since_of(other))).all(".tps-champ") == []


@pytest.mark.parametrize("depuis", ["", "hier", "2026-13-45", "2026-11-25T10:00:00"])
def test_moment_that_is_none_gives_nothing(dossier, client_for, depuis):
    response = news(client_for(dossier.usager), dossier, page="ici", depuis=depuis)

    assert response.status_code == 200
    assert Markup(response).all(".tps-champ") == []


def test_strangers_learn_nothing(dossier, client_for):
    assert news(client_for(UserFactory()), dossier, page="x").status_code == 404


def test_page_left_open_learns_that_the_dossier_no_longer_changes(client_for):
    frozen = DossierFactory(en_instruction=True)

    response = news(client_for(frozen.usager), frozen, page="ici")

    assert "en instruction : il ne peut plus être modifié" in response.content.decode()
    assert Markup(response).all("#presence") == []


def test_those_who_fill_in_at_once_are_named_to_each_other(dossier):
    cache.clear()
    marie = UserFactory(first_name="Marie", last_name="Dupont")

    owner = str(dossier.usager)
    assert note_presence(dossier.pk, "a", user=dossier.usager) == Presence([], False)
    assert note_presence(dossier.pk, "b", user=marie) == Presence([owner], False)
    assert note_presence(dossier.pk, "a", user=dossier.usager) == Presence(["Marie Dupont"], False)
    assert note_presence(dossier.pk, "c", user=marie) == Presence([owner], True)


def test_who_left_is_named_no_more(dossier, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+01:00", tick=False)
    note_presence(dossier.pk, "a", user=UserFactory())
    time_machine.shift(80)

    assert note_presence(dossier.pk, "b", user=dossier.usager) == Presence([], False)


def test_form_posted_after_the_session_ended_is_saved_once_signed_in_again(dossier, client_for):
    client = client_for(dossier.usager)
    url = f"/dossiers/{dossier.pk}/modifier/"
    Session.objects.all().delete()

    refused = client.post(url, {"champ_objet1": "Tapé trop tard"})
    assert refused.url.startswith("/compte/connexion/") or "next=" in refused.url
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Livres"}
    client.force_login(dossier.usager, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(url, follow=True)

    assert "repris et enregistré" in response.content.decode()
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Tapé trop tard"}


def test_what_one_person_left_unsaved_is_not_saved_for_another(dossier, client_for):
    client = client_for(dossier.usager)
    Session.objects.all().delete()
    client.post(f"/dossiers/{dossier.pk}/modifier/", {"champ_objet1": "À moi"})

    other = DossierFactory(procedure=dossier.procedure)
    client.force_login(other.usager, backend="django.contrib.auth.backends.ModelBackend")
    client.get(f"/dossiers/{other.pk}/modifier/")
    assert client.get(f"/dossiers/{dossier.pk}/modifier/").status_code == 404

    assert Dossier.objects.get(pk=other.pk).reponses == other.reponses
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Livres"}


def test_whole_form_in_conflict_keeps_what_was_typed_and_asks(dossier, client_for):
    client, url = client_for(dossier.usager), f"/dossiers/{dossier.pk}/modifier/"
    shown = Markup(client.get(url))
    base = shown.one("input[name=base_objet1]")["value"]
    save_reponses(dossier.pk, post(champ_objet1="D’ailleurs"), by=dossier.usager)

    response = client.post(url, {"champ_objet1": "D’ici", "base_objet1": base})

    assert response.status_code == 409
    asked = Markup(response)
    assert asked.one("input[name=champ_objet1]")["value"] == "D’ici"
    assert "« D’ailleurs »" in asked.one(".tps-conflict").text
    assert asked.one("input[name=base_objet1]")["value"] == base
    mine = asked.one("#choix-objet1-mienne")["value"]
    client.post(url, {"champ_objet1": "D’ici", "base_objet1": base, "choix_objet1": mine})
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "D’ici"}


def test_one_answer_in_conflict_is_not_saved_and_says_so(dossier, client_for):
    client, url = client_for(dossier.usager), f"/dossiers/{dossier.pk}/champs/objet1/"
    base = Markup(client.get(url)).one("input[name=base_objet1]")["value"]
    save_reponses(dossier.pk, post(champ_objet1="D’ailleurs"), by=dossier.usager)

    response = client.post(
        url, {"champ_objet1": "D’ici", "base_objet1": base}, headers={"HX-Request": "true"}
    )

    assert response.status_code == 409
    assert "Enregistré à" not in response.content.decode()
    assert Markup(response).one("#conflit-objet1 [data-tps-conflict]")
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "D’ailleurs"}


def test_answers_say_whose_they_are_once_several_people_gave_some(dossier, client_for):
    client, url = client_for(dossier.usager), f"/dossiers/{dossier.pk}/modifier/"
    save_reponses(dossier.pk, post(champ_objet1="Livre"), by=dossier.usager)
    assert "Réponse de" not in client.get(url).content.decode()

    auteurs = {"objet1": {"by": 0, "name": "Marie Dupont", "at": "2026-11-25T09:00:00+01:00"}}
    auteurs["objet1"]["page"] = ""
    Dossier.objects.filter(pk=dossier.pk).update(auteurs=auteurs)

    assert "Réponse de Marie Dupont, le 25/11/2026 à 09:00" in client.get(url).content.decode()
