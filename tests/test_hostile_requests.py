"""Every URL of the site, asked by hand: nothing that is sent may end in an error of the server."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from commun.keyset import paginate
from procedures.models import Procedure
from tests.procedures.factories import ProcedureFactory
from tests.test_url_matrix import MATRIX, World, first_world, world

HUGE = 10**40
PEOPLE = ("usager", "accompagnateur", "administrateur")
LISTS = [
    "home",
    "dossiers:dossier_list",
    "procedures:procedure_list",
    "instruction:procedure_list",
    "instruction:dossier_search",
    "instruction:dossier_list",
    "courriels:demo_list",
]
SEARCH_PARAMETERS = ("q", "destinataire", "onglet", "tri", "etat", "liste", "champ")
CURSOR_PARAMETERS = ("suite", "page")
HOSTILE_TEXTS = [
    "a\x00b",
    "\x00",
    "a & !b | (c <-> d):* ' \\ \"",
    "'\"%_\\;--/*",
    "mot " * 10_000,
    str(HUGE),
    "9" * 5000,
    "٣٤٥",
    "ﷺ㎏㏂" * 70,
]
FIELDS = [
    "objet1", "champ_objet1", "base_objet1", "civilite", "prenom", "nom", "siret",
    "etablissement", "motivation", "apercu", "title", "slug", "organisme", "description",
    "demandeurs", "retention_months", "service_name", "service_email", "service_phone", "emails",
    "service_website", "service_hours", "service_address", "cadre_juridique",
    "donnees_destinataires", "dpo_contact", "email",
    "subject", "body", "label", "help_text", "options", "type", "selection", "vers", "apres",
    "champ", "suite", "action", "password", "first_name", "last_name",
]  # fmt: skip

__all__ = ["first_world", "world"]  # the fixtures


def _pages(world: World, names) -> Iterator[tuple[str, Client, str]]:
    """Yield each named page for each of PEOPLE: its name, their client, its address."""
    for persona in PEOPLE:
        client = Client()
        client.force_login(world.people[persona])
        for name in names:
            yield name, client, reverse(name, kwargs=MATRIX[name][1](world))


def test_a_number_beyond_those_of_the_database_is_not_found(world):
    found = {}
    for name, client, _url in _pages(world, MATRIX):
        method, objects, _statuses = MATRIX[name]
        kwargs = objects(world)
        for key in [key for key, value in kwargs.items() if isinstance(value, int)]:
            url = reverse(name, kwargs=kwargs | {key: HUGE})
            found[url] = getattr(client, method)(url).status_code

    assert len(found) > 40
    assert set(found.values()) == {404}


@pytest.mark.parametrize("name", LISTS)
def test_whatever_is_searched_the_list_answers(world, name):
    for _name, client, url in _pages(world, [name]):
        for parameter in SEARCH_PARAMETERS:
            for text in HOSTILE_TEXTS:
                assert client.get(url, {parameter: text}).status_code in (200, 403, 404)


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_of_another_list_leads_to_the_first_page(world, name):
    ProcedureFactory(title="Titre")
    orders = [["title", "id"], ["-published_at", "-pk"], ["-pk"]]
    procedures = Procedure.objects.all()
    cursors = [paginate(procedures, order, None, 1).next_cursor for order in orders]
    for _name, client, url in _pages(world, [name]):
        for parameter in CURSOR_PARAMETERS:
            for cursor in [*cursors, "x" * 5000, "a\x00b", "[1]:é"]:
                assert client.get(url, {parameter: cursor}).status_code in (200, 403, 404)


def test_a_form_of_nul_characters_is_no_error_of_the_server(world):
    statuses = {
        name: client.post(url, dict.fromkeys(FIELDS, "a\x00b")).status_code
        for name, client, url in _pages(world, MATRIX)
    }

    assert max(statuses.values()) < 500
