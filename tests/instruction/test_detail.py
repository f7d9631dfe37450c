from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dossiers.enums import HistoryAction
from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.courriels.factories import CourrielFactory
from tests.dossiers.factories import (
    DossierFactory,
    HistoryEntryFactory,
    MessageFactory,
    MessageFileFactory,
    PieceJointeFactory,
    SuiviFactory,
)
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

CHAMPS = (
    new_champ("texte_court", id="objet1", label="Objet"),
    new_champ("titre_de_section", id="budget", label="Votre budget"),
    new_champ("paragraphe", id="conseil", label="Conseil"),
    new_champ("nombre_decimal", id="montant", label="Montant demandé"),
    new_champ("piece_jointe", id="piece1", label="Statuts"),
    new_champ("oui_non", id="ouinon", label="Premier projet", required=False),
)


def url_of(dossier, query=""):
    return reverse("instruction:dossier_detail", args=[dossier.pk]) + query


def history_of(dossier):
    return reverse("instruction:history_list", args=[dossier.pk])


@pytest.fixture
def procedure(db):
    return ProcedureFactory(title="Demande de subvention", champs=CHAMPS)


@pytest.fixture
def dossier(procedure):
    return DossierFactory(
        procedure=procedure,
        en_instruction=True,
        reponses={"objet1": "<b>Livres</b>", "montant": "1250.50"},
    )


def test_answers_are_shown_by_section(client, dossier):
    markup = Markup(client.get(url_of(dossier)))
    titles = [title.text for title in markup.all(".tps-instruction section > h2")]
    assert titles == ["Demandeur", "Demande", "Votre budget"]
    rows = [row.text for row in markup.all('[aria-labelledby="champ-budget"] dl > div')]
    assert rows == [
        "Montant demandé 1\u202f250,50".replace("\u202f", " "),
        "Statuts Aucun fichier",
        "Premier projet Sans réponse",
    ]


def test_what_the_usager_typed_is_escaped(client, dossier):
    html = client.get(url_of(dossier)).content.decode()
    assert "&lt;b&gt;Livres&lt;/b&gt;" in html
    assert "<b>Livres" not in html


def test_files_have_download_links(client, dossier):
    piece_jointe = PieceJointeFactory(dossier=dossier, name="statuts.pdf")
    link = Markup(client.get(url_of(dossier))).one(".fr-link--download")
    assert link["href"] == reverse("dossiers:piece_jointe_download", args=[piece_jointe.pk])
    assert link.text.startswith("statuts.pdf PDF – 15 octets · ajouté le ")


def test_history_says_from_to_who_when_and_why(client, dossier):
    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    HistoryEntryFactory(dossier=dossier, at=at)
    HistoryEntryFactory(
        dossier=dossier,
        action=HistoryAction.REJECT,
        from_state="en_instruction",
        to_state="rejete",
        by_name="",
        motivation="Hors délai.",
    )
    items = [item.text for item in Markup(client.get(history_of(dossier))).all(".tps-history > li")]
    assert "Dossier déposé par Camille Martin, le 02/11/2026 à 10:30" in items[0]
    assert "en brouillon →vers en construction" in items[0]
    assert "Rejeté par TPS (automatique), le" in items[1]
    assert items[1].endswith("Hors délai.")


@pytest.mark.parametrize(
    ("traits", "said"),
    [({"envoye": True}, "Envoyé"), ({"echec": True}, "Non remis"), ({}, "En cours d’envoi")],
)
def test_emails_say_whether_they_left(client, dossier, traits, said):
    CourrielFactory(reference=f"dossier:{dossier.pk}", subject="Bien reçu", **traits)
    CourrielFactory(reference=f"dossier:{dossier.pk + 1}", subject="Autre dossier")
    courriel = Markup(client.get(history_of(dossier))).one(".tps-courriel summary")
    assert courriel.text.startswith(f"Bien reçu {said}")


@pytest.mark.parametrize("count", [1, 3])
def test_dossier_takes_a_fixed_number_of_queries(
    client, procedure, dossier, count, django_assert_num_queries
):
    DossierFactory.create_batch(count, procedure=procedure, en_instruction=True)
    PieceJointeFactory.create_batch(count, dossier=dossier)
    SuiviFactory.create_batch(count, dossier=dossier)
    # session, user, dossier, files, my visit read and noted, groupes, previous, next, right to
    # decide, followers, news, labels, deadline, groupes,
    # before and after, roles
    with django_assert_num_queries(18):
        client.get(url_of(dossier))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"), [("history_list", 16), ("document_list", 16), ("follower_list", 19)]
)
def test_other_pages_take_a_fixed_number_of_queries(
    client, dossier, count, page, queries, django_assert_num_queries
):
    PieceJointeFactory.create_batch(count, dossier=dossier)
    HistoryEntryFactory.create_batch(count, dossier=dossier)
    CourrielFactory.create_batch(count, reference=f"dossier:{dossier.pk}")
    SuiviFactory.create_batch(count, dossier=dossier)
    for message in MessageFactory.create_batch(count, dossier=dossier):
        MessageFileFactory(message=message)
    with django_assert_num_queries(queries):
        client.get(reverse(f"instruction:{page}", args=[dossier.pk]))


# --- Who sees it --------------------------------------------------------------------------------


def test_dossier_is_a_404_for_strangers(client_for, strangers, dossier):
    statuses = {
        who: client_for(user).get(url_of(dossier)).status_code for who, user in strangers.items()
    }
    assert set(statuses.values()) == {404}, statuses


def test_colleague_sees_it(client_for, colleague, dossier):
    assert client_for(colleague).get(url_of(dossier)).status_code == 200


def test_anonymous_is_sent_to_sign_in(dossier):
    response = Client().get(url_of(dossier))
    assert response.url.startswith(reverse("account_login"))


def test_brouillon_is_a_404_even_by_its_address(client, procedure):
    brouillon = DossierFactory(procedure=procedure)
    assert client.get(url_of(brouillon)).status_code == 404


def test_own_dossier_is_read_without_a_menu(client_for, accompagnateur, procedure):
    own = DossierFactory(procedure=procedure, en_instruction=True, usager=accompagnateur)
    markup = Markup(client_for(accompagnateur).get(url_of(own)))
    assert "un autre accompagnateur doit l’instruire" in markup.one(".tps-decision-bar").text
    assert markup.all(".tps-decision-bar :is(a, button)") == []


# --- The menu -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "labels"),
    [
        (
            "en_construction",
            ["Passer en instruction", "Suivre", "Demander une correction", "Archiver"],
        ),
        (
            "en_instruction",
            [
                "Accepter",
                "Classer sans suite",
                "Rejeter",
                "Suivre",
                "Repasser en construction",
                "Demander une correction",
                "Archiver",
            ],
        ),
        ("accepte", ["Suivre", "Repasser en instruction", "Archiver"]),
        ("sans_suite", ["Suivre", "Repasser en instruction", "Archiver"]),
        ("rejete", ["Suivre", "Repasser en instruction", "Archiver"]),
    ],
)
def test_menu_offers_what_the_state_allows(client, procedure, stage, labels):
    dossier = DossierFactory(procedure=procedure, **{stage: True})
    markup = Markup(client.get(url_of(dossier)))
    assert [item.text for item in markup.all(".tps-decision-bar li")] == labels


def test_archived_dossier_shows_its_state_and_its_archive(client, procedure):
    dossier = DossierFactory(procedure=procedure, accepte=True, archive=True)
    markup = Markup(client.get(url_of(dossier)))
    badges = [badge.text for badge in markup.all(".tps-decision-bar .fr-badge")]
    assert badges == ["accepté", "archivé"]
    assert markup.all(".tps-decision-bar button")[-1].text == "Désarchiver"


def test_decision_and_motivation_are_shown(client, procedure):
    dossier = DossierFactory(procedure=procedure, rejete=True)
    text = Markup(client.get(url_of(dossier))).one(".tps-decision").text
    assert text.startswith("Dossier rejeté le ")
    assert text.endswith("Le projet n’entre pas dans le cadre.")


# --- The list I came from -----------------------------------------------------------------------


def beside(client, url):
    markup = Markup(client.get(url))
    links = {link["rel"]: link["href"] for link in markup.all("nav a[rel]")}
    return links.get("prev"), links.get("next")


def test_previous_and_next_follow_the_list(client, procedure):
    now = timezone.now()
    dossiers = [
        DossierFactory(
            procedure=procedure, en_construction=True, submitted_at=now + timedelta(days=rank)
        )
        for rank in range(3)
    ]
    DossierFactory(procedure=procedure, accepte=True, submitted_at=now)
    first, middle, last = dossiers
    down, up = "?onglet=a-suivre", "?onglet=a-suivre&tri=depot"
    assert beside(client, url_of(middle)) == (url_of(last, down), url_of(first, down))
    assert beside(client, url_of(middle, up)) == (url_of(first, up), url_of(last, up))
    assert beside(client, url_of(first, up)) == (None, url_of(middle, up))
    assert beside(client, url_of(last, up)) == (url_of(middle, up), None)


def test_previous_and_next_follow_the_search_over_all(client, accompagnateur, procedure):
    other = AffectationFactory(user=accompagnateur).procedure
    elsewhere = DossierFactory(procedure=other, accepte=True, archive=True, nom="Zorro")
    here = DossierFactory(procedure=procedure, en_construction=True, nom="Zorro")
    DossierFactory(procedure=procedure, en_construction=True, nom="Dupont")
    query = "?liste=recherche&q=zorro"
    assert beside(client, url_of(here, query)) == (None, url_of(elsewhere, query))


def test_neighbours_are_never_brouillons_nor_of_others(client, procedure, dossier):
    DossierFactory(procedure=procedure)
    DossierFactory(en_instruction=True)
    for query in ("", "?onglet=tous", "?liste=recherche"):
        assert beside(client, url_of(dossier, query)) == (None, None)
    assert Dossier.objects.count() == 3


# --- On paper -----------------------------------------------------------------------------------


def test_paper_holds_the_demande_and_the_history_and_no_menu(client, dossier):
    HistoryEntryFactory(dossier=dossier)
    markup = Markup(client.get(reverse("instruction:dossier_print", args=[dossier.pk])))
    titles = [title.text for title in markup.all("main section > h2")]
    assert titles == ["Demandeur", "Demande", "Votre budget", "Historique"]
    assert markup.all("nav, header, footer, form") == []


def test_paper_holds_the_annotations_when_they_are_asked_for(client_for):
    procedure = ProcedureFactory(
        annotations=[new_champ("texte_court", id="note01", label="Note interne")]
    )
    client = client_for(AffectationFactory(procedure=procedure).user)
    dossier = DossierFactory(
        procedure=procedure, en_instruction=True, annotations={"note01": "À vérifier"}
    )
    url = reverse("instruction:dossier_print", args=[dossier.pk])
    assert "À vérifier" not in client.get(url).content.decode()
    assert "À vérifier" in client.get(url, {"annotations": "1"}).content.decode()


def test_documents_hold_every_file(client, dossier):
    PieceJointeFactory(dossier=dossier, name="statuts.pdf")
    message = MessageFactory(dossier=dossier)
    MessageFileFactory(message=message, name="reponse.pdf")
    MessageFileFactory(message=MessageFactory(dossier__en_instruction=True), name="ailleurs.pdf")
    markup = Markup(client.get(reverse("instruction:document_list", args=[dossier.pk])))
    names = [link.text.split()[0] for link in markup.all(".fr-link--download")]
    assert names == ["statuts.pdf", "reponse.pdf"]
