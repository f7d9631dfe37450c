"""The labels of a procédure: who makes them, and how."""

import json

import pytest
from django.urls import reverse

from dossiers.enums import HistoryAction
from procedures import labels
from procedures.delais_legaux import set_delai_legal
from procedures.echange import create_from, export_of
from procedures.enums import LABELS_MAX, SUGGESTED_LABELS, LabelColor
from procedures.lecture import UnreadableEchange, read_echange
from procedures.models import Label
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrateur():
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(organisme=OrganismeFactory(administrateurs=[administrateur]))


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


def url(name, procedure, *args):
    return reverse(f"procedures:label_{name}", args=[procedure.pk, *args])


def names(procedure) -> list[str]:
    return list(procedure.labels.values_list("name", flat=True))


def test_label_is_made_renamed_and_recoloured(client, procedure):
    made = {"name": "  Très   urgent ", "color": LabelColor.ORANGE_TERRE_BATTUE}
    assert client.post(url("list", procedure), made).status_code == 302
    label = procedure.labels.get()
    assert (label.name, label.color, label.position) == ("Très urgent", "orange-terre-battue", 0)

    changed = {"name": "Calme", "color": LabelColor.BLUE_CUMULUS}
    assert client.post(url("edit", procedure, label.pk), changed).status_code == 302
    label.refresh_from_db()
    assert (label.name, label.color) == ("Calme", "blue-cumulus")
    page = Markup(client.get(url("list", procedure)))
    assert "fr-badge--blue-cumulus" in page.one("#labels .fr-badge")["class"]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"name": "", "color": "blue-cumulus"}, "Donnez un nom au label."),
        ({"name": "x" * 31, "color": "blue-cumulus"}, "Raccourcissez le nom"),
        ({"name": "URGENT", "color": "blue-cumulus"}, "porte déjà ce nom"),
        ({"name": "Autre", "color": "red"}, "Sélectionnez un choix valide"),
    ],
)
def test_bad_label_is_explained_and_kept(client, procedure, sent, error):
    Label.objects.create(procedure=procedure, name="Urgent")
    response = client.post(url("list", procedure), sent)
    assert response.status_code == 422
    assert error in response.content.decode()
    assert names(procedure) == ["Urgent"]


def test_suggested_labels_come_at_one_click_and_once(client, procedure):
    Label.objects.create(procedure=procedure, name="complet", position=3)
    for _ in range(2):
        client.post(url("suggest", procedure))
    assert names(procedure) == ["complet", *(name for name, _color in SUGGESTED_LABELS[1:])]
    assert Markup(client.get(url("list", procedure))).all('[action$="/proposes/"]') == []


def test_labels_are_put_in_order(client, procedure):
    first, second, third = (
        Label.objects.create(procedure=procedure, name=name, position=0) for name in "abc"
    )
    client.post(url("move", procedure, third.pk), {"sens": "monter"})
    assert names(procedure) == ["a", "c", "b"]
    client.post(url("move", procedure, first.pk), {"sens": "descendre"})
    assert names(procedure) == ["c", "a", "b"]
    client.post(url("move", procedure, second.pk), {"sens": "descendre"})
    client.post(url("move", procedure, second.pk), {"sens": "ailleurs"})
    assert names(procedure) == ["c", "a", "b"]


def test_deleted_label_leaves_the_dossiers_and_their_history_says_so(
    client, procedure, administrateur
):
    label = Label.objects.create(procedure=procedure, name="Urgent")
    dossiers = DossierFactory.create_batch(2, procedure=procedure, en_construction=True)
    other = DossierFactory(procedure=procedure, en_construction=True)
    for dossier in dossiers:
        dossier.labels.add(label)
    asked = client.get(url("delete", procedure, label.pk)).content.decode()
    assert "2 dossiers le portent" in asked

    client.post(url("delete", procedure, label.pk))
    assert names(procedure) == []
    for dossier in dossiers:
        entry = dossier.history.get()
        assert (entry.action, entry.motivation) == (HistoryAction.REMOVE_LABEL, "Urgent")
        assert (entry.by, entry.from_state) == (administrateur, "en_construction")
    assert not other.history.exists()


def test_a_procedure_has_so_many_labels_at_most(client, procedure):
    Label.objects.bulk_create(
        Label(procedure=procedure, name=f"L{rank}") for rank in range(LABELS_MAX)
    )
    response = client.post(url("list", procedure), {"name": "Trop", "color": "blue-cumulus"})
    assert "supprimez ceux qui ne servent plus" in response.content.decode()
    assert labels.add_suggested(procedure) == 0
    assert procedure.labels.count() == LABELS_MAX


def test_accompagnateur_manages_labels_and_stranger_does_not(client_for, procedure):
    label = Label.objects.create(procedure=procedure, name="Urgent")
    accompagnateur = client_for(AffectationFactory(procedure=procedure).user)
    stranger = client_for(AffectationFactory().user)
    page = accompagnateur.get(url("list", procedure))
    assert page.status_code == 200
    assert reverse("instruction:dossier_list", args=[procedure.pk]) in page.content.decode()
    for name, args in (("list", []), ("edit", [label.pk]), ("delete", [label.pk])):
        assert stranger.get(url(name, procedure, *args)).status_code == 404
        assert stranger.post(url(name, procedure, *args)).status_code == 404
    elsewhere = Label.objects.create(procedure=ProcedureFactory(), name="Ailleurs")
    assert accompagnateur.get(url("edit", procedure, elsewhere.pk)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_a_fixed_number_of_queries(client, procedure, count, django_assert_num_queries):
    for rank in range(count):
        Label.objects.create(procedure=procedure, name=f"L{rank}")
    # session, user, procédure, labels, administers, roles
    with django_assert_num_queries(6):
        client.get(url("list", procedure))


def test_labels_and_deadline_travel_in_the_exchange_document(procedure, administrateur):
    labels.add_suggested(procedure)
    values = {
        "effet": "svr",
        "length": 3,
        "unit": "semaines",
        "start": "complet",
        "on_correction": "restart",
        "is_automatic": True,
        "motivation": "Délai dépassé.",
    }
    set_delai_legal(procedure, values)
    exported = export_of(procedure)
    assert [it["name"] for it in json.loads(exported)["labels"]] == [
        name for name, _color in SUGGESTED_LABELS
    ]
    made = create_from(read_echange(exported), organisme=procedure.organisme, by=administrateur)
    assert names(made) == names(procedure)
    assert {name: getattr(made.delai_legal, name) for name in values} == values


def test_document_with_two_labels_of_one_name_is_refused(procedure):
    document = json.loads(export_of(procedure))
    document["labels"] = [{"name": "Urgent"}, {"name": "urgent"}]
    with pytest.raises(UnreadableEchange) as raised:
        read_echange(json.dumps(document).encode())
    assert "Deux labels portent le nom" in " ".join(raised.value.problems)
