"""Procédures in the exploitants' admin."""

import pytest
from django.urls import reverse

from tests.accounts.factories import UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def client(client_for):
    return client_for(UserFactory(exploitant=True))


@pytest.mark.parametrize("name", ["procedure", "revision"])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_a_fixed_number_of_queries(name, count, client, django_assert_num_queries):
    ProcedureFactory.create_batch(count)
    url = reverse(f"admin:procedures_{name}_changelist")
    client.get(url)

    with django_assert_num_queries({"procedure": 6, "revision": 4}[name]):
        response = client.get(url)
    assert len(Markup(response).all("#result_list tbody tr")) == count


def test_procedures_are_searched(client):
    ProcedureFactory(title="Aide vélo")
    ProcedureFactory(title="Aide train")

    page = Markup(client.get(reverse("admin:procedures_procedure_changelist"), {"q": "vélo"}))

    assert [link.text for link in page.all("#result_list tbody th a")] == ["Aide vélo"]


def test_what_the_life_cycle_owns_is_read_only(client):
    procedure = ProcedureFactory()
    AffectationFactory(procedure=procedure)
    url = reverse("admin:procedures_procedure_change", args=[procedure.pk])
    page = Markup(client.get(url))

    names = {part.attrs.get("name") for part in page.all("#procedure_form [name]")}

    assert "title" in names
    assert names.isdisjoint({"state", "slug", "published_revision", "published_at", "demandeurs"})


def test_revisions_are_read_only(client):
    revision = ProcedureFactory().published_revision
    url = reverse("admin:procedures_revision_change", args=[revision.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, {"number": 9}).status_code == 403
    assert client.get(reverse("admin:procedures_revision_add")).status_code == 403
    assert client.get(reverse("admin:procedures_procedure_add")).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_procedure_asks_a_fixed_number_of_queries(
    count, client, django_assert_num_queries
):
    procedure = ProcedureFactory()
    AffectationFactory.create_batch(count, procedure=procedure)
    for user in UserFactory.create_batch(count):
        procedure.administrations.create(user=user)
    url = reverse("admin:procedures_procedure_change", args=[procedure.pk])
    client.get(url)

    with django_assert_num_queries(6):
        client.get(url)
