"""Ops see dossiers and change nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, HistoryEntryFactory, PieceJointeFactory

pytestmark = pytest.mark.django_db
MODELS = {
    "dossier": DossierFactory,
    "historyentry": HistoryEntryFactory,
    "piecejointe": PieceJointeFactory,
}


@pytest.fixture
def client(client_for):
    return client_for(UserFactory(exploitant=True))


@pytest.mark.parametrize("model", MODELS)
def test_rows_are_seen_and_never_changed(client, model):
    row = MODELS[model]()

    assert client.get(f"/admin/dossiers/{model}/{row.pk}/change/").status_code == 200
    assert client.post(f"/admin/dossiers/{model}/{row.pk}/change/").status_code == 403
    assert client.post(f"/admin/dossiers/{model}/{row.pk}/delete/").status_code == 403
    assert client.get(f"/admin/dossiers/{model}/add/").status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_list_queries_do_not_grow(client, model):
    counts = []
    for _ in range(2):
        MODELS[model].create_batch(2)
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/admin/dossiers/{model}/")
        counts.append(len(captured))

    assert counts[0] == counts[1] < 10


def test_dossiers_are_found_by_number_and_email(client):
    dossier = DossierFactory(usager=UserFactory(email="marie@exemple.fr"))
    DossierFactory()

    for query in (str(dossier.pk), "marie@"):
        found = client.get("/admin/dossiers/dossier/", {"q": query}).context["cl"].queryset
        assert [row.pk for row in found] == [dossier.pk]
