"""A dossier given to another person: offered, accepted, refused, cancelled."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from courriels.models import Courriel
from dossiers import corbeille, transferts
from dossiers.enums import HistoryAction, TransfertState
from dossiers.models import Dossier, Transfert
from dossiers.transferts import TransfertRefused
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def giver():
    return UserFactory(first_name="Claire", last_name="Donne")


@pytest.fixture
def taker():
    return UserFactory(first_name="Denis", last_name="Prend", email="denis@exemple.fr")


@pytest.fixture
def dossier(giver):
    return DossierFactory(usager=giver, en_construction=True)


@pytest.fixture
def transfert(dossier, giver, taker):
    return transferts.propose(dossier.pk, " Denis@Exemple.fr ", by=giver)


def answer_url(transfert) -> str:
    return reverse("dossiers:transfert_answer", args=[transfert.pk])


def sent() -> list[tuple[str, str]]:
    return list(Courriel.objects.order_by("pk").values_list("kind", "to_email"))


def test_offer_is_sent_by_email_and_shown_to_its_account(
    client_for, dossier, giver, taker, settings
):
    page = client_for(giver).post(
        f"/dossiers/{dossier.pk}/transferer/", {"email": "denis@exemple.fr"}, follow=True
    )

    transfert = Transfert.objects.get()
    assert "La proposition est partie par email" in page.content.decode()
    assert "Proposé à denis@exemple.fr" in Markup(page).one("main").text
    assert sent() == [("transfert_propose", "denis@exemple.fr")]
    courriel = Courriel.objects.get()
    assert settings.SITE_URL + answer_url(transfert) in courriel.body_text
    assert "avec le compte de l’adresse denis@exemple.fr" in courriel.body_text
    listed = Markup(client_for(taker).get("/dossiers/")).one("main").text
    assert f"vous propose de reprendre le dossier nº {dossier.pk}" in listed
    shown = Markup(client_for(taker).get(answer_url(transfert))).one("main").text
    assert "Claire Donne" in shown
    assert "Achat de livres" not in shown
    assert client_for(taker).get(f"/dossiers/{dossier.pk}/").status_code == 404


def test_acceptance_moves_the_whole_access_and_tells_both(client_for, transfert, giver, taker):
    pk = transfert.dossier_id
    page = client_for(taker).post(answer_url(transfert), {"reponse": "accepter"}, follow=True)

    assert f"Le dossier nº {pk} est à vous." in page.content.decode()
    assert page.redirect_chain[-1][0] == f"/dossiers/{pk}/"
    for path in ("", "modifier/", "documents/", "recapitulatif/", "transferer/", "supprimer/"):
        assert client_for(giver).get(f"/dossiers/{pk}/{path}").status_code == 404
        assert client_for(taker).get(f"/dossiers/{pk}/{path}").status_code == 200
    fresh = Dossier.objects.get(pk=pk)
    assert (fresh.usager, taker.email in fresh.search_text) == (taker, True)
    assert giver.email not in fresh.search_text
    entry = fresh.history.get()
    assert (entry.action, entry.by) == (HistoryAction.TRANSFER, taker)
    assert entry.motivation == f"De Claire Donne ({giver.email}) à Denis Prend ({taker.email})."
    assert sent()[1:] == [
        ("transfert_accepte", giver.email),
        ("transfert_accepte", taker.email),
    ]
    to_giver, to_taker = Courriel.objects.filter(kind="transfert_accepte").order_by("pk")
    assert f"/dossiers/{pk}/" not in to_giver.body_text
    assert f"/dossiers/{pk}/" in to_taker.body_text


def test_refusal_changes_nothing_and_is_told(client_for, transfert, giver, taker):
    client_for(taker).post(answer_url(transfert), {"reponse": "refuser"})

    transfert.refresh_from_db()
    assert transfert.state == TransfertState.REFUSE
    assert Dossier.objects.get(pk=transfert.dossier_id).usager == giver
    assert sent()[1:] == [("transfert_refuse", giver.email)]
    assert client_for(taker).get(answer_url(transfert)).status_code == 404
    with pytest.raises(TransfertRefused):
        transferts.accept(transfert, by=taker)


def test_offer_may_be_taken_back(client_for, transfert, giver, taker):
    url = reverse("dossiers:transfert_cancel", args=[transfert.dossier_id, transfert.pk])
    client_for(giver).post(url)

    assert client_for(taker).get(answer_url(transfert)).status_code == 404
    with pytest.raises(TransfertRefused):
        transferts.accept(transfert, by=taker)
    again = client_for(giver).post(url, follow=True).content.decode()
    assert "a déjà reçu une réponse" in again


def test_offer_waits_fourteen_days(client_for, transfert, taker):
    url = answer_url(transfert)
    with time_machine.travel(transfert.created_at + timedelta(days=14, seconds=-1), tick=False):
        assert client_for(taker).get(url).status_code == 200
    with time_machine.travel(transfert.created_at + timedelta(days=14, seconds=1), tick=False):
        assert client_for(taker).get(url).status_code == 404
        with pytest.raises(TransfertRefused):
            transferts.accept(transfert, by=taker)


def test_expired_offer_leaves_its_place(dossier, transfert, giver):
    old = timezone.now() - timedelta(days=15)
    Transfert.objects.filter(pk=transfert.pk).update(created_at=old)

    transferts.propose(dossier.pk, "autre@exemple.fr", by=giver)

    states = Transfert.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [TransfertState.ANNULE, TransfertState.PROPOSE]


def test_link_forwarded_opens_nothing_for_anybody_else(client_for, dossier, transfert, giver):
    people = [UserFactory(), giver, AffectationFactory(procedure=dossier.procedure).user]

    for person in people:
        response = client_for(person).get(answer_url(transfert))
        unknown = client_for(person).get(reverse("dossiers:transfert_answer", args=[999_999]))
        assert (response.status_code, unknown.status_code) == (404, 404)
        text = Markup(response).one("main").text
        assert text == Markup(unknown).one("main").text
        assert person.email in text
        client_for(person).post(answer_url(transfert), {"reponse": "accepter"})
        with pytest.raises(TransfertRefused):
            transferts.accept(transfert, by=person)
    assert Dossier.objects.get(pk=dossier.pk).usager == giver


def test_only_the_usager_offers_or_takes_back(client_for, dossier, transfert, taker):
    cancel = reverse("dossiers:transfert_cancel", args=[dossier.pk, transfert.pk])
    other = DossierFactory(usager=taker)
    borrowed = reverse("dossiers:transfert_cancel", args=[other.pk, transfert.pk])
    for person in (taker, AffectationFactory(procedure=dossier.procedure).user):
        client = client_for(person)
        assert client.get(f"/dossiers/{dossier.pk}/transferer/").status_code == 404
        assert client.post(cancel).status_code == 404
        with pytest.raises(PermissionDenied):
            transferts.propose(dossier.pk, "x@exemple.fr", by=person)
    assert client_for(taker).post(borrowed).status_code == 404
    transfert.refresh_from_db()
    assert transfert.is_pending


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "Saisissez une adresse email."),
        ("denis", "Saisissez une adresse email complète"),
        ("giver", "Ce dossier est déjà à vous"),
    ],
)
def test_bad_address_is_kept_and_explained(client_for, dossier, giver, email, message):
    email = giver.email.upper() if email == "giver" else email
    response = client_for(giver).post(f"/dossiers/{dossier.pk}/transferer/", {"email": email})

    assert response.status_code == 422
    assert message in response.content.decode()
    assert f'value="{email}"' in response.content.decode() or not email
    assert not Transfert.objects.exists()


def test_second_offer_waits_for_the_answer_to_the_first(client_for, dossier, transfert, giver):
    client_for(giver).post(f"/dossiers/{dossier.pk}/transferer/", {"email": "x@exemple.fr"})

    assert Transfert.objects.get() == transfert


def test_offer_ends_when_the_dossier_goes_to_the_bin(client_for, transfert, giver, taker):
    corbeille.delete(transfert.dossier_id, by=giver)
    assert client_for(taker).get(answer_url(transfert)).status_code == 404
    with pytest.raises(TransfertRefused):
        transferts.accept(transfert, by=taker)
    corbeille.restore(transfert.dossier_id, by=giver)

    assert client_for(taker).get(answer_url(transfert)).status_code == 404


def test_what_follows_stays_with_its_usager(dossier, giver, taker):
    following = DossierFactory(usager=giver, precedent=dossier)
    offer = transferts.propose(dossier.pk, taker.email, by=giver)

    transferts.accept(offer, by=taker)

    following.refresh_from_db()
    assert (following.usager, following.precedent) == (giver, None)


def test_test_is_not_given(client_for):
    dossier = essai_of(procedure_to_try(), en_construction=True)

    response = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/transferer/")

    assert response.status_code == 403


def test_offers_of_a_day_are_counted(client_for, giver, taker, monkeypatch):
    monkeypatch.setattr("dossiers.views.transferts.PROPOSE_RATE", "1/d")
    first, second = DossierFactory.create_batch(2, usager=giver)
    client = client_for(giver)
    client.post(f"/dossiers/{first.pk}/transferer/", {"email": taker.email})

    response = client.post(f"/dossiers/{second.pk}/transferer/", {"email": taker.email})

    assert "Recommencez demain" in response.content.decode()
    assert Transfert.objects.count() == 1
