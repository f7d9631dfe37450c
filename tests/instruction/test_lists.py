from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import tostring

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dossiers.models import Dossier
from instruction.enums import Onglet
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

HOME = "/instruction/"
STAGES = ["en_construction", "en_instruction", "accepte", "sans_suite", "rejete"]


def list_url(procedure, query=""):
    return reverse("instruction:dossier_list", args=[procedure.pk]) + query


def page_of(response):
    assert response.status_code == 200
    return Markup(response)


def listed(response):
    """Return the numbers of the dossiers of a list, in order."""
    return [int(cell.text) for cell in page_of(response).all(".tps-dossiers__number")]


def one_of_each(procedure):
    return {stage: DossierFactory(procedure=procedure, **{stage: True}) for stage in STAGES}


# --- My procédures ------------------------------------------------------------------------------


def test_procedures_show_their_counts_with_links_to_the_tabs(client, procedure):
    one_of_each(procedure)
    DossierFactory(procedure=procedure, en_construction=True)
    DossierFactory(procedure=procedure, accepte=True, archive=True)
    DossierFactory(procedure=procedure)  # a brouillon
    links = page_of(client.get(HOME)).all(".tps-counts__link")
    assert [link.text for link in links] == [
        "3 À suivre",
        "0 Suivis",
        "0 En attente de l’usager",
        "3 Traités",
    ]
    assert links[3]["href"] == list_url(procedure, "?onglet=traites")


def test_procedures_of_others_are_not_shown(client, procedure):
    other = ProcedureFactory(title="Une autre")
    titles = [link.text for link in page_of(client.get(HOME)).all("article h2 a")]
    assert titles == [procedure.title]
    assert other.title not in titles


def test_procedures_are_searched_without_accents(client, procedure, accompagnateur):
    AffectationFactory(user=accompagnateur, procedure=ProcedureFactory(title="Permis d’été"))
    titles = [link.text for link in page_of(client.get(HOME, {"q": "ete"})).all("article h2 a")]
    assert titles == ["Permis d’été"]
    nothing = page_of(client.get(HOME, {"q": "zzz"}))
    assert "Aucune de vos procédures ne correspond à « zzz »" in nothing.one("main").text


def test_without_a_procedure_the_page_says_what_to_do(client_for, db):
    user = UserFactory()
    page = page_of(client_for(user).get(HOME))
    assert "Aucune procédure pour l’instant" in page.one("main").text
    assert user.email in page.one("main").text


def test_anonymous_is_sent_to_sign_in(procedure, db):
    for url in (HOME, list_url(procedure), reverse("instruction:dossier_search")):
        response = Client().get(url)
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("count", [1, 3])
def test_procedures_take_a_fixed_number_of_queries(
    client, accompagnateur, count, django_assert_num_queries
):
    for _ in range(count):
        other = AffectationFactory(user=accompagnateur).procedure
        DossierFactory.create_batch(count, procedure=other, en_construction=True)
    # session, user, procédures, counts, suivis, unread, news, roles
    with django_assert_num_queries(8):
        client.get(HOME)


# --- Dossiers of a procédure --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("onglet", "stages"),
    [
        ("a-suivre", ["en_construction", "en_instruction"]),
        ("traites", ["accepte", "sans_suite", "rejete"]),
        ("tous", STAGES),
    ],
)
def test_each_tab_holds_its_states_and_no_archived_dossier(client, procedure, onglet, stages):
    dossiers = one_of_each(procedure)
    for stage in STAGES:
        DossierFactory(procedure=procedure, archive=True, **{stage: True})
    response = client.get(list_url(procedure), {"onglet": onglet})
    assert set(listed(response)) == {dossiers[stage].pk for stage in stages}


def test_archived_tab_holds_dossiers_of_every_state(client, procedure):
    one_of_each(procedure)
    archived = {
        DossierFactory(procedure=procedure, archive=True, **{stage: True}).pk for stage in STAGES
    }
    assert set(listed(client.get(list_url(procedure), {"onglet": "archives"}))) == archived


def test_tabs_say_how_many(client, procedure):
    one_of_each(procedure)
    DossierFactory(procedure=procedure, rejete=True, archive=True)
    links = page_of(client.get(list_url(procedure))).all(".tps-onglets__link")
    assert [link.text for link in links] == [
        "À suivre 2 dossiers",
        "Suivis 0 dossiers",
        "En attente de l’usager 0 dossiers",
        "Traités 3 dossiers",
        "Tous 5 dossiers",
        "Archivés 1 dossier",
        "Bientôt supprimés 0 dossiers",
    ]
    assert [link.attrs.get("aria-current") for link in links] == ["page", *[None] * 6]


def test_brouillon_is_in_no_tab(client, procedure):
    brouillon = DossierFactory(procedure=procedure, nom="Secrète")
    DossierFactory(procedure=procedure, en_construction=True)
    for onglet in Onglet.values:
        for q in ("", "secrete", str(brouillon.pk)):
            response = client.get(list_url(procedure), {"onglet": onglet, "q": q})
            assert brouillon.pk not in listed(response)
            assert "Secrète" not in response.content.decode()


def test_dossiers_of_another_procedure_are_not_listed(client, procedure):
    mine = DossierFactory(procedure=procedure, en_construction=True)
    DossierFactory(en_construction=True)
    assert listed(client.get(list_url(procedure))) == [mine.pk]


def test_list_is_a_404_for_whoever_is_not_assigned(client_for, strangers, procedure):
    statuses = {
        who: client_for(user).get(list_url(procedure)).status_code
        for who, user in strangers.items()
    }
    assert set(statuses.values()) == {404}, statuses


def test_colleague_sees_the_same_list(client_for, colleague, procedure, dossier):
    response = client_for(colleague).get(list_url(procedure), {"onglet": "a-suivre"})
    assert listed(response) == [dossier.pk]


@pytest.mark.parametrize(
    ("tri", "expected"),
    [
        ("-depot", [2, 1, 0]),
        ("depot", [0, 1, 2]),
        ("-modification", [0, 2, 1]),
        ("modification", [1, 2, 0]),
        ("-numero", [2, 1, 0]),
        ("numero", [0, 1, 2]),
        ("nonsense", [2, 1, 0]),
    ],
)
def test_list_is_sorted(client, procedure, tri, expected):
    now = timezone.now()
    dossiers = [
        DossierFactory(
            procedure=procedure,
            en_construction=True,
            submitted_at=now + timedelta(days=rank),
            updated_at=now + timedelta(days=modified),
        )
        for rank, modified in enumerate([9, 3, 5])
    ]
    response = client.get(list_url(procedure), {"tri": tri})
    assert listed(response) == [dossiers[rank].pk for rank in expected]


def test_headings_say_and_change_the_order(client, procedure):
    DossierFactory(procedure=procedure, en_construction=True)
    page = page_of(client.get(list_url(procedure), {"tri": "-depot"}))
    heading = page.one('th[aria-sort="descending"]')
    assert heading.text == "Dépôt"
    assert parse_qs(urlsplit(page.one("th[aria-sort=descending] a")["href"]).query)["tri"] == [
        "depot"
    ]


@pytest.mark.parametrize("words", ["resumé elodie", "RÉSUMÉ", "élod", "livres"])
def test_search_ignores_accents_and_case(client, procedure, words):
    found = DossierFactory(procedure=procedure, en_construction=True, prenom="Élodie", nom="Résumé")
    DossierFactory(procedure=procedure, en_construction=True, reponses={"objet1": "Autre chose"})
    response = client.get(list_url(procedure), {"q": words})
    assert listed(response) == [found.pk]
    assert f"1 dossier pour « {words} »" in page_of(response).one("#dossiers").text


@pytest.mark.parametrize("words", ["zzz", "a:* | b & !", "'); DROP", "\x00", "%", "\\"])
def test_search_without_a_result_or_with_odd_characters_answers(client, procedure, words):
    DossierFactory(procedure=procedure, en_construction=True)
    assert client.get(list_url(procedure), {"q": words}).status_code == 200


def test_empty_procedure_and_empty_tab_say_so(client, procedure):
    page = page_of(client.get(list_url(procedure)))
    assert "Aucun dossier n’a encore été déposé" in page.one("main").text
    DossierFactory(procedure=procedure, en_construction=True)
    tab = page_of(client.get(list_url(procedure), {"onglet": "traites"}))
    assert "Aucun dossier n’a encore reçu de décision." in tab.one("main").text


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr("instruction.listing.DOSSIERS_PER_PAGE", 3)


@pytest.mark.parametrize("tri", ["-depot", "depot", "-modification", "modification", "-numero"])
def test_pages_go_to_the_end_and_back_with_equal_dates(client, procedure, small_pages, tri):
    now = timezone.now()
    for rank in range(8):
        moment = now + timedelta(days=rank // 4)
        DossierFactory(
            procedure=procedure, en_construction=True, submitted_at=moment, updated_at=moment
        )
    whole = Dossier.objects.order_by(
        *{
            "-depot": ["-submitted_at", "-id"],
            "depot": ["submitted_at", "id"],
            "-modification": ["-updated_at", "-id"],
            "modification": ["updated_at", "id"],
            "-numero": ["-id"],
        }[tri]
    ).values_list("pk", flat=True)
    forward, url = [], list_url(procedure, f"?tri={tri}")
    while url:
        page = client.get(url)
        forward.append(listed(page))
        last, url = url, _link(page, "next", procedure)
    assert forward == [list(whole[:3]), list(whole[3:6]), list(whole[6:])]
    backward, url = [], last
    while url:
        page = client.get(url)
        backward.insert(0, listed(page))
        url = _link(page, "prev", procedure)
    assert backward == forward


def _link(response, rel, procedure):
    links = page_of(response).all(f'nav[aria-label="Pages de dossiers"] a[rel="{rel}"]')
    return list_url(procedure, links[0]["href"]) if links else None


def test_forged_cursor_leads_to_the_first_page(client, procedure):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    assert listed(client.get(list_url(procedure), {"page": "W10:forged"})) == [dossier.pk]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("q", ["", "livres"])
def test_list_takes_a_fixed_number_of_queries(
    client, procedure, count, q, django_assert_num_queries
):
    DossierFactory.create_batch(count, procedure=procedure, en_construction=True)
    url = list_url(procedure, f"?onglet=a-suivre&q={q}")
    client.get(url)  # the list is now remembered
    # session, user, procédure, tableau, groupes, counts, suivis, expiring, unread, dialogues, page,
    # withdrawn, vues, roles; for a search, the messages, the number of results, their limits
    with django_assert_num_queries(25 if q else 15):
        client.get(url)


def test_htmx_swaps_the_part_that_a_reload_shows(client, procedure):
    DossierFactory.create_batch(2, procedure=procedure, en_construction=True)
    url = list_url(procedure, "?q=livres&tri=numero")
    whole = page_of(client.get(url)).one("#dossiers")
    response = client.get(url, headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    part = page_of(response).one("#dossiers")
    assert part.attrs.pop("data-tps-announce") == "À suivre : 2 dossiers"
    assert tostring(part.element).strip() == tostring(whole.element).strip()


def test_history_restore_gets_the_whole_page(client, procedure):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert page_of(client.get(list_url(procedure), headers=headers)).one("main")


# --- Search over all ----------------------------------------------------------------------------


def test_search_covers_my_procedures_only_and_archived_dossiers(client, procedure, accompagnateur):
    other = AffectationFactory(user=accompagnateur).procedure
    mine = {
        DossierFactory(procedure=procedure, en_construction=True, nom="Dupont").pk,
        DossierFactory(procedure=other, accepte=True, archive=True, nom="Dupont").pk,
    }
    DossierFactory(procedure=procedure, nom="Dupont")  # a brouillon
    DossierFactory(en_construction=True, nom="Dupont")  # of a procédure of others
    response = client.get(reverse("instruction:dossier_search"), {"q": "dupont"})
    assert set(listed(response)) == mine


def test_search_offers_the_dossier_of_that_number(client, dossier):
    response = client.get(reverse("instruction:dossier_search"), {"q": f" {dossier.pk} "})
    link = page_of(response).one("#dossiers > p .fr-icon-arrow-right-line")
    assert link.text == f"Aller au dossier nº {dossier.pk}, {dossier.demandeur_name}"


def test_search_does_not_offer_the_number_of_a_hidden_dossier(client, procedure):
    hidden = [DossierFactory(procedure=procedure), DossierFactory(en_construction=True)]
    for dossier in hidden:
        response = client.get(reverse("instruction:dossier_search"), {"q": str(dossier.pk)})
        assert "Aller au dossier" not in response.content.decode()


def test_search_with_nothing_asks_for_something(client):
    page = page_of(client.get(reverse("instruction:dossier_search")))
    assert "Donnez un numéro, un nom, un SIRET" in page.one("main").text


@pytest.mark.parametrize("count", [1, 3])
def test_search_takes_a_fixed_number_of_queries(
    client, procedure, count, django_assert_num_queries
):
    DossierFactory.create_batch(count, procedure=procedure, en_construction=True)
    # session, user, groupes, messages, number of results, page, their limits, roles
    with django_assert_num_queries(16):
        client.get(reverse("instruction:dossier_search"), {"q": "livres"})
