"""Whether usagers may write before the deposit: the administrateur's choice."""

import pytest
from django.urls import reverse

from procedures.echange import copy_procedure
from procedures.models import Procedure
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrateur():
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(organisme=OrganismeFactory(administrateurs=[administrateur]))


def test_the_dialogue_is_closed_until_it_is_opened(client_for, administrateur, procedure):
    client = client_for(administrateur)
    url = reverse("procedures:messagerie_edit", args=[procedure.pk])
    assert "checked" not in Markup(client.get(url)).one("input[type=checkbox]").attrs

    client.post(url, {"envoi": "1", "dialogue_prealable": "on"})
    assert Procedure.objects.get().dialogue_prealable
    cockpit = client.get(reverse("procedures:procedure_detail", args=[procedure.pk]))
    step = next(s for s in cockpit.context["cockpit"].steps if s.title == "Messagerie")
    assert (step.detail, step.state) == (
        "Ouverte dès le brouillon : dialogue avant le dépôt",
        "pret",
    )

    client.post(url, {"envoi": "1"})
    assert not Procedure.objects.get().dialogue_prealable


def test_a_stranger_does_not_choose(client_for, procedure):
    url = reverse("procedures:messagerie_edit", args=[procedure.pk])

    assert client_for(UserFactory()).post(url, {"dialogue_prealable": "on"}).status_code == 404
    assert not Procedure.objects.get().dialogue_prealable


def test_a_copy_keeps_the_choice(administrateur, procedure):
    procedure.dialogue_prealable = True
    procedure.save(update_fields=["dialogue_prealable"])

    assert copy_procedure(procedure, by=administrateur).dialogue_prealable
