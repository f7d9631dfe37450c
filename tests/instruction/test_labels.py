"""The labels of a dossier: put on, taken off, seen by its accompagnateurs alone."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from dossiers.enums import HistoryAction
from dossiers.labels import change_labels
from dossiers.models import Dossier
from procedures.models import Label
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import InviteFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory


@pytest.fixture
def labels(procedure):
    return [
        Label.objects.create(procedure=procedure, name=name, position=rank)
        for rank, name in enumerate(["Urgent", "Complet", "À relancer"])
    ]


def url_of(dossier) -> str:
    return reverse("instruction:labels_change", args=[dossier.pk])


def put(dossier) -> list[str]:
    return list(dossier.labels.values_list("name", flat=True))


def history(dossier) -> list[tuple]:
    return list(dossier.history.values_list("action", "motivation"))


def test_labels_are_put_on_and_taken_off_and_noted(client, dossier, labels, accompagnateur):
    urgent, complet, _relancer = labels
    response = client.post(url_of(dossier), {"labels": [urgent.pk, complet.pk]})
    assert response.status_code == 302
    assert put(dossier) == ["Urgent", "Complet"]
    client.post(url_of(dossier), {"labels": [complet.pk], "vus": [urgent.pk, complet.pk]})
    assert put(dossier) == ["Complet"]
    assert history(dossier) == [
        (HistoryAction.ADD_LABEL, "Urgent, Complet"),
        (HistoryAction.REMOVE_LABEL, "Urgent"),
    ]
    assert {entry.by for entry in dossier.history.all()} == {accompagnateur}


def test_same_form_sent_twice_is_noted_once(client, dossier, labels):
    for _ in range(2):
        client.post(url_of(dossier), {"labels": [labels[0].pk]})
    assert history(dossier) == [(HistoryAction.ADD_LABEL, "Urgent")]


def test_two_colleagues_at_once_lose_nothing(client, dossier, labels, colleague, client_for):
    urgent, complet, relancer = labels
    dossier.labels.add(urgent)
    client.post(url_of(dossier), {"labels": [urgent.pk, complet.pk], "vus": [urgent.pk]})
    client_for(colleague).post(url_of(dossier), {"labels": [relancer.pk], "vus": [urgent.pk]})
    assert put(dossier) == ["Complet", "À relancer"]


def test_labels_of_elsewhere_and_nonsense_are_left_out(client, dossier, labels):
    elsewhere = Label.objects.create(procedure=ProcedureFactory(), name="Ailleurs")
    sent = {"labels": [elsewhere.pk, labels[0].pk, "abc", "²", "9" * 40, ""]}
    assert client.post(url_of(dossier), sent).status_code == 302
    assert put(dossier) == ["Urgent"]


def test_htmx_gets_the_menu_that_a_reload_shows(client, dossier, labels):
    response = client.post(
        url_of(dossier), {"labels": [labels[0].pk]}, headers={"HX-Request": "true"}
    )
    part = Markup(response)
    assert [it.text for it in part.all(".tps-labels__list li")] == ["Urgent"]
    page = Markup(client.get(reverse("instruction:dossier_detail", args=[dossier.pk])))
    assert [it.text for it in page.all(".tps-labels__list li")] == ["Urgent"]
    boxes = page.all(".tps-labels__menu input[name=labels]")
    assert ["checked" in box.attrs for box in boxes] == [True, False, False]


def test_rows_of_the_list_show_labels(client, procedure, dossier, labels):
    dossier.labels.add(labels[2], labels[0])
    url = reverse("instruction:dossier_list", args=[procedure.pk])
    page = Markup(client.get(url, {"onglet": "en-instruction"}))
    shown = page.all(".tps-dossiers__row .tps-labels__list li")
    assert [it.text for it in shown] == ["Urgent", "À relancer"]
    assert list(Dossier.objects.filter(labels=labels[2])) == [dossier]


def test_strangers_may_not_change_labels(client_for, dossier, labels, strangers):
    for name, user in strangers.items():
        response = client_for(user).post(url_of(dossier), {"labels": [labels[0].pk]})
        assert response.status_code == 404, name
        with pytest.raises(PermissionDenied):
            change_labels(dossier.pk, put={labels[0].pk}, taken=set(), by=user)
    assert put(dossier) == []


def test_usager_and_experts_never_see_labels(client, client_for, dossier, labels):
    expert = UserFactory()
    InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)
    client.post(url_of(dossier), {"labels": [labels[0].pk]})
    pages = [
        (dossier.usager, reverse("dossiers:dossier_detail", args=[dossier.pk])),
        (dossier.usager, reverse("dossiers:document_list", args=[dossier.pk])),
        (expert, reverse("avis:dossier_detail", args=[dossier.pk])),
    ]
    for user, url in pages:
        response = client_for(user).get(url)
        assert response.status_code == 200, url
        assert "Urgent" not in response.content.decode(), url
