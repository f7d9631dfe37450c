"""A procédure offered to another organisme: proposed, accepted once, refused, cancelled."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from courriels.models import Courriel
from dossiers.models import Dossier
from procedures import transferts
from procedures.models import Procedure, Transfert
from procedures.policies import can_administer
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def giver(db):
    return UserFactory(email="cedant@exemple.fr")


@pytest.fixture
def receiver(db):
    user = UserFactory(email="repreneur@exemple.fr")
    OrganismeFactory(name="Région", administrateurs=[user])
    return user


@pytest.fixture
def procedure(giver):
    organisme = OrganismeFactory(name="Mairie", administrateurs=[giver])
    return ProcedureFactory(organisme=organisme, title="Aide vélo")


@pytest.fixture
def offer(procedure, giver, receiver):
    transfert = transferts.propose(procedure, receiver.email, by=giver)
    Courriel.objects.all().delete()
    return transfert


def _list(procedure):
    return reverse("procedures:transfert_list", args=[procedure.pk])


def _answer(transfert):
    return reverse("procedures:transfert_answer", args=[transfert.pk])


def _cancel(transfert):
    return reverse("procedures:transfert_cancel", args=[transfert.procedure_id, transfert.pk])


def _mails():
    return set(Courriel.objects.values_list("to_email", "kind"))


def test_the_receiver_is_told_and_sees_the_offer(client_for, procedure, giver, receiver):
    client_for(giver).post(_list(procedure), {"email": " Repreneur@Exemple.FR "})

    transfert = Transfert.objects.get()
    assert _mails() == {("repreneur@exemple.fr", "transfert_propose")}
    assert _answer(transfert) in Courriel.objects.get().body_text
    browser = client_for(receiver)
    page = Markup(browser.get(reverse("procedures:procedure_list")))
    assert page.one("#transferts-proposes a").text == "Aide vélo"
    assert browser.get(_answer(transfert)).status_code == 200
    assert browser.get(_list(procedure)).status_code == 404


@pytest.mark.parametrize(
    "email",
    ["repreneur@exemple.fr", "usager@exemple.fr", "personne@exemple.fr", "cedant@exemple.fr"],
)
def test_proposing_says_the_same_whoever_has_that_address(
    email, client_for, procedure, giver, receiver
):
    usager = UserFactory(email="usager@exemple.fr")
    browser = client_for(giver)

    page = Markup(browser.post(_list(procedure), {"email": email}, follow=True))

    said = page.one("main").text.replace(email, "X")
    expected = "Si cette adresse est celle d’un administrateur d’un autre organisme"
    assert expected in said
    assert "Proposée à X" in said
    assert _mails() == ({(email, "transfert_propose")} if email == receiver.email else set())
    for other in (usager, giver):
        assert client_for(other).get(_answer(Transfert.objects.get())).status_code == 404


@pytest.mark.parametrize(
    "email", ["", "pas une adresse", "a@b.fr\nBcc: c@d.fr", "a" * 300 + "@b.fr"]
)
def test_what_is_no_address_is_refused(email, client_for, procedure, giver):
    assert client_for(giver).post(_list(procedure), {"email": email}).context["form"].errors
    assert not Transfert.objects.exists()


def test_acceptance_changes_organisme_and_administrateurs_and_nothing_else(
    client_for, procedure, giver, receiver, offer
):
    affectation = AffectationFactory(procedure=procedure)
    dossier = DossierFactory(procedure=procedure, en_construction=True)

    response = client_for(receiver).post(_answer(offer), {"reponse": "accepter"})

    procedure.refresh_from_db()
    assert response["Location"] == reverse("procedures:procedure_detail", args=[procedure.pk])
    assert procedure.organisme.name == "Région"
    assert "region" in procedure.search_text
    assert [row.user for row in procedure.administrations.all()] == [receiver]
    assert (can_administer(giver, procedure), can_administer(receiver, procedure)) == (False, True)
    assert list(procedure.affectations.all()) == [affectation]
    assert list(procedure.dossiers.all()) == [dossier]
    assert _mails() == {
        (giver.email, "transfert_accepte"),
        (receiver.email, "transfert_accepte"),
    }
    history = Markup(client_for(receiver).get(_list(procedure))).one("#transferts").text
    for text in ("repreneur@exemple.fr", "(Mairie)", "accepté le", ", pour Région"):
        assert text in history


def test_whoever_has_several_organismes_chooses_one_of_theirs(
    client_for, procedure, receiver, offer
):
    second = OrganismeFactory(administrateurs=[receiver])
    strange = OrganismeFactory()
    browser, accepts = client_for(receiver), {"reponse": "accepter"}

    assert browser.post(_answer(offer), accepts).status_code == 422
    for wrong in (strange, procedure.organisme):
        refused = browser.post(_answer(offer), accepts | {"organisme": wrong.pk})
        assert refused.status_code == 422
    browser.post(_answer(offer), accepts | {"organisme": second.pk})

    assert Procedure.objects.get().organisme == second


def test_an_organisme_one_does_not_administer_takes_nothing(procedure, receiver, offer):
    with pytest.raises(transferts.TransfertRefused):
        transferts.accept(offer, organisme=OrganismeFactory(), by=receiver)

    assert Procedure.objects.get().organisme.name == "Mairie"


def test_a_refusal_changes_nothing_and_tells_who_proposed(
    client_for, procedure, giver, receiver, offer
):
    client_for(receiver).post(_answer(offer), {"reponse": "refuser"})

    assert can_administer(giver, procedure)
    assert _mails() == {(giver.email, "transfert_refuse")}
    assert client_for(receiver).get(_answer(offer)).status_code == 404


def test_a_cancelled_offer_cannot_be_accepted(client_for, procedure, giver, receiver, offer):
    client_for(giver).post(_cancel(offer))

    answered = client_for(receiver).post(_answer(offer), {"reponse": "accepter"})
    assert answered.status_code == 404
    with pytest.raises(transferts.TransfertRefused):
        transferts.accept(offer, organisme=receiver.organismes.get(), by=receiver)
    assert can_administer(giver, procedure)


def test_an_offer_expires_after_thirty_days_and_leaves_its_place(
    client_for, procedure, giver, receiver, offer
):
    Transfert.objects.update(created_at=timezone.now() - timedelta(days=30))

    assert client_for(receiver).get(_answer(offer)).status_code == 404
    assert "expiré" in client_for(giver).get(_list(procedure)).content.decode()
    client_for(giver).post(_list(procedure), {"email": receiver.email})
    assert Transfert.objects.pending().count() == 1
    assert Transfert.objects.count() == 2


def test_one_offer_at_a_time(client_for, procedure, giver, offer):
    client_for(giver).post(_list(procedure), {"email": "autre@exemple.fr"})

    assert list(Transfert.objects.all()) == [offer]


@pytest.mark.parametrize("who", ["receiver", "stranger", "exploitant"])
def test_only_its_administrateurs_propose_and_cancel(who, client_for, procedure, receiver, offer):
    people = {
        "receiver": receiver,
        "stranger": OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get(),
        "exploitant": UserFactory(exploitant=True),
    }
    browser = client_for(people[who])

    assert browser.post(_list(procedure), {"email": "a@exemple.fr"}).status_code == 404
    assert browser.post(_cancel(offer)).status_code == 404
    assert Transfert.objects.pending().get() == offer


@pytest.mark.django_db(transaction=True)
def test_an_offer_accepted_twice_at_once_is_accepted_once(procedure, receiver, offer):
    barrier, outcomes = threading.Barrier(2), []

    def work():
        mine = Transfert.objects.get(pk=offer.pk)
        organisme = receiver.organismes.get()
        barrier.wait()
        try:
            transferts.accept(mine, organisme=organisme, by=receiver)
            outcomes.append("accepted")
        except transferts.TransfertRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["accepted", "refused"]
    assert Courriel.objects.count() == 2
    assert procedure.administrations.get().user == receiver


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_costs_the_same_whatever_its_length(
    count, client_for, procedure, giver, receiver, django_assert_num_queries
):
    for _ in range(count):
        transferts.cancel(transferts.propose(procedure, receiver.email, by=giver), by=giver)
    browser = client_for(giver)

    with django_assert_num_queries(5):
        assert browser.get(_list(procedure)).status_code == 200


def test_the_giver_keeps_no_way_to_the_draft(procedure, giver, receiver, offer):
    Procedure.objects.filter(pk=procedure.pk).update(test_token="jeton-du-cedant")
    tried = DossierFactory(
        procedure=procedure, revision=draft_of(procedure), usager=giver, is_test=True
    )
    real = DossierFactory(procedure=procedure)
    organisme = receiver.organismes.get()

    transferts.accept(offer, organisme=organisme, by=receiver)

    procedure.refresh_from_db()
    assert procedure.test_token is None
    assert list(Dossier.with_tests.filter(pk__in=[tried.pk, real.pk])) == [real]
