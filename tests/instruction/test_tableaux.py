"""Columns, filters, orders, saved lists and the search of the service."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from dossiers.models import Dossier, Suivi
from instruction.colonnes import Catalogue
from instruction.colonnes.filtres import Filtre, write_filter
from instruction.models import Tableau, VueEnregistree
from instruction.tableaux import listing_of
from procedures.champs import new_champ
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

CHAMPS = [
    new_champ("texte_court", id="objet1", label="Objet"),
    new_champ("nombre_entier", id="1234567890", label="Effectif"),
    new_champ("date", id="jour1", label="Jour"),
    new_champ("date_heure", id="moment1", label="Moment"),
    new_champ("oui_non", id="ouinon1", label="Oui ou non"),
    new_champ("case_a_cocher", id="case1", label="Case"),
    new_champ("choix_unique", id="choix1", label="Choix", options=["Un", "Deux~"], autre=True),
    new_champ("choix_multiple", id="choix2", label="Plusieurs", options=["A", "B", "C"]),
    new_champ("commune", id="lieu1", label="Commune du projet"),
]
FIRST = {
    "objet1": "Éclairage du Cœur de ville",
    "1234567890": 9,
    "jour1": "2026-11-20",
    "moment1": "2026-11-20T23:30:00+01:00",
    "ouinon1": True,
    "case1": True,
    "choix1": "Un",
    "choix2": ["A", "B"],
    "lieu1": {"nom": "Lille", "code_postal": "59000", "departement": "59"},
}
SECOND = {
    "objet1": "Rénovation d’une école",
    "1234567890": 100,
    "jour1": "2026-01-02",
    "moment1": "2026-01-02T08:00:00+01:00",
    "ouinon1": False,
    "choix1": {"autre": "Trois"},
    "choix2": ["C"],
    "lieu1": {"nom": "Douai"},
}


@pytest.fixture
def procedure(db):
    return ProcedureFactory(title="Demande de subvention", champs=CHAMPS)


@pytest.fixture
def dossiers(procedure):
    """One dossier with FIRST answers, one with SECOND, one with none."""
    now = timezone.now()
    return [
        DossierFactory(
            procedure=procedure,
            en_construction=True,
            reponses=reponses,
            submitted_at=now - timedelta(days=40 * rank),
        )
        for rank, reponses in enumerate([FIRST, SECOND, {}])
    ]


def list_url(procedure):
    return reverse("instruction:dossier_list", args=[procedure.pk])


def listed(response):
    assert response.status_code == 200
    return [int(cell.text) for cell in Markup(response).all(".tps-dossiers__number")]


def filtered(client, procedure, *filters, **parameters):
    response = client.get(list_url(procedure), {"onglet": "tous", "f": filters} | parameters)
    return listed(response)


@pytest.mark.parametrize(
    ("filtre", "found"),
    [
        ("c.objet1~contient~coeur ecl", [0]),
        ("c.objet1~contient~ville eclairage", [0]),
        ("c.objet1~contient~airage", []),
        ("c.objet1~egal~RENOVATION D'UNE ECOLE", [1]),
        ("c.objet1~egal~renovation", []),
        ("c.objet1~vide", [2]),
        ("c.objet1~rempli", [0, 1]),
        ("c.1234567890~entre~10~", [1]),
        ("c.1234567890~entre~~9,0", [0]),
        ("c.1234567890~egal~100", [1]),
        ("c.jour1~entre~2026-11-20~20/11/2026", [0]),
        ("c.jour1~entre~~2026-06-01", [1]),
        ("c.moment1~entre~2026-11-20~2026-11-20", [0]),
        ("c.moment1~entre~2026-11-21~", []),
        ("c.ouinon1~oui", [0]),
        ("c.ouinon1~non", [1]),
        ("c.ouinon1~vide", [2]),
        ("c.case1~non", [1, 2]),
        ("c.choix1~parmi~Un~Deux%7E", [0]),
        ("c.choix1~parmi~Autre", [1]),
        ("c.choix2~parmi~B~C", [0, 1]),
        ("c.choix2~vide", [2]),
        ("c.lieu1~contient~lil", [0]),
        ("c.lieu1.departement~egal~59", [0]),
        ("d.statut~parmi~en_construction", [0, 1, 2]),
        ("d.submitted_at~periode~30-jours", [0]),
        ("d.labels~vide", [0, 1, 2]),
        ("d.suivi~rempli", []),
    ],
)
def test_a_filter_keeps_what_it_says(client, procedure, dossiers, filtre, found):
    assert filtered(client, procedure, filtre) == [dossiers[rank].pk for rank in found]


def test_filters_are_combined_with_the_search(client, procedure, dossiers):
    both = ("c.ouinon1~oui", "c.objet1~rempli")
    assert filtered(client, procedure, *both) == [dossiers[0].pk]
    assert filtered(client, procedure, *both, q="ecole") == []


@pytest.mark.parametrize(
    ("filtre", "said"),
    [
        ("c.1234567890~entre~dix~", "« dix » n’est pas un nombre"),
        ("c.jour1~entre~2026-02-31~", "« 2026-02-31 » n’est pas une date"),
        ("c.jour1~entre~2026-02-03~2026-02-01", "échangez-les"),
        ("c.jour1~periode~jamais", "Choisissez une période"),
        ("c.objet1~entre~1~2", "ne se filtre pas ainsi"),
        ("c.inconnu~vide", "Cette colonne n’existe pas"),
        ("'); DROP~~~", "Cette colonne n’existe pas"),
    ],
)
def test_a_bad_filter_says_so_and_the_others_apply(client, procedure, dossiers, filtre, said):
    parameters = {"onglet": "tous", "f": [filtre, "c.ouinon1~oui"]}
    response = client.get(list_url(procedure), parameters)
    assert said in Markup(response).one("#dossiers").text
    assert listed(response) == [dossiers[0].pk]


def test_a_filter_is_written_as_it_is_read(procedure):
    raw = write_filter("c.choix1", "parmi", ["Deux~", "50 %"])
    filtre = Filtre.read(raw, Catalogue(procedure))
    assert filtre.values == ("Deux~", "50 %")
    assert filtre.label == "Choix est « Deux~ » ou « 50 % »"


@pytest.mark.parametrize(
    ("tri", "order"),
    [
        ("c.1234567890", [0, 1, 2]),
        ("-c.1234567890", [1, 0, 2]),
        ("c.objet1", [0, 1, 2]),
        ("-c.objet1", [1, 0, 2]),
        ("c.moment1", [1, 0, 2]),
        ("-c.jour1", [0, 1, 2]),
        ("c.choix2", [0, 1, 2]),  # no order among several choices: the usual one
        ("c.inconnu", [0, 1, 2]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 30])
def test_list_is_sorted_on_an_answer_the_missing_ones_last(
    client, procedure, dossiers, tri, order, size, monkeypatch
):
    monkeypatch.setattr("instruction.listing.DOSSIERS_PER_PAGE", size)
    forward, url = [], f"{list_url(procedure)}?onglet=tous&tri={tri}"
    while url:
        response = client.get(url)
        forward += listed(response)
        last, url = url, _link(response, "next", procedure)
    assert forward == [dossiers[rank].pk for rank in order]
    backward, url = [], last
    while url:
        response = client.get(url)
        backward = listed(response) + backward
        url = _link(response, "prev", procedure)
    assert backward == forward


def _link(response, rel, procedure):
    links = Markup(response).all(f'nav[aria-label="Pages de dossiers"] a[rel="{rel}"]')
    return list_url(procedure) + links[0]["href"] if links else None


def test_the_dossiers_beside_follow_filters_and_order(client, procedure, dossiers):
    query = "?onglet=tous&tri=-c.1234567890&f=c.objet1~rempli"
    url = reverse("instruction:dossier_detail", args=[dossiers[1].pk])
    context = client.get(url + query).context
    assert context["previous_url"] == ""
    assert context["next_url"].split("?")[0] == reverse(
        "instruction:dossier_detail", args=[dossiers[0].pk]
    )


def test_chosen_columns_are_shown_to_their_owner_alone(
    client, client_for, colleague, procedure, dossiers
):
    url = reverse("instruction:column_choose", args=[procedure.pk])
    form = Markup(client.get(url))
    boxes = {box["value"]: box["name"] for box in form.all("main input[type=checkbox]")}
    assert {"d.statut", "e.raison_sociale", "c.objet1", "c.lieu1.code_postal"} <= set(boxes)
    data = {}
    for key in ("c.objet1", "c.choix1", "c.1234567890"):
        data.setdefault(boxes[key], []).append(key)
    assert client.post(url, data).status_code == 302
    page = Markup(client.get(list_url(procedure), {"onglet": "tous"}))
    headings = [heading.text for heading in page.all("thead th")]
    assert headings == ["Sélection", "Nº", "Demandeur", "Objet", "Choix", "Effectif"]
    cells = [cell.text for cell in page.all("tbody tr:nth-child(2) td[data-label]")]
    assert cells == ["Rénovation d’une école", "Autre : Trois", "100"]
    theirs = Markup(client_for(colleague).get(list_url(procedure)))
    assert "Objet" not in [heading.text for heading in theirs.all("thead th")]


def test_adding_a_filter_asks_for_a_column_then_a_value(client, procedure, dossiers):
    url = reverse("instruction:filter_add", args=[procedure.pk])
    first = Markup(client.get(url, {"onglet": "tous", "f": "c.ouinon1~oui"}))
    assert "Objet" in first.one("select[name=colonne]").text
    wrong = client.get(url, {"onglet": "tous", "colonne": "c.objet1", "filtrer": "1"})
    assert "Donnez au moins un mot à chercher." in Markup(wrong).one("main").text
    typed = {"colonne": "c.objet1", "filtrer": "1", "texte": "cœur ~ 50 %"}
    response = client.get(url, {"onglet": "tous", "f": "c.ouinon1~oui"} | typed)
    query = QueryDict(response.url.split("?")[1])
    assert response.url.split("?")[0] == list_url(procedure)
    assert query.getlist("f") == ["c.ouinon1~oui", "c.objet1~contient~cœur %7E 50 %25"]


def test_a_saved_list_shows_a_colleague_the_same(
    client, client_for, colleague, procedure, dossiers, accompagnateur
):
    Tableau.objects.create(user=accompagnateur, procedure=procedure, columns=["c.objet1"])
    query = "?onglet=tous&f=c.ouinon1~oui"
    url = reverse("instruction:vue_list", args=[procedure.pk])
    response = client.post(url, {"name": "Urgents", "query": query}, follow=True)
    assert listed(response) == [dossiers[0].pk]
    vue = VueEnregistree.objects.get()
    assert f"?{vue.query}" in [
        link["href"][len(list_url(procedure)) :] for link in Markup(response).all("main a.fr-tag")
    ]
    shared = client_for(colleague).get(f"{list_url(procedure)}?{vue.query}")
    assert listed(shared) == [dossiers[0].pk]
    assert "Objet" in [heading.text for heading in Markup(shared).all("thead th")]
    twice = client.post(url, {"name": "urgents ", "query": query})
    assert twice.status_code == 302
    again = client.post(url, {"name": "Urgents", "query": query})
    assert "Vous avez déjà une vue de ce nom" in Markup(again).one("main").text
    assert client_for(colleague).post(f"{url}{vue.pk}/supprimer/").status_code == 404
    client.post(f"{url}{vue.pk}/renommer/", {"name": "À voir"})
    assert VueEnregistree.objects.get(pk=vue.pk).name == "À voir"
    client.post(f"{url}{vue.pk}/supprimer/")
    assert not VueEnregistree.objects.filter(pk=vue.pk).exists()


def test_the_list_is_remembered(client, procedure, dossiers):
    query = {"onglet": "tous", "tri": "depot", "f": "c.objet1~rempli"}
    shown = listed(client.get(list_url(procedure), query))
    back = client.get(list_url(procedure), follow=True)
    assert listed(back) == shown == [dossiers[1].pk, dossiers[0].pk]
    assert back.redirect_chain[0][0].endswith("?onglet=tous&tri=depot&f=c.objet1~rempli")


def test_tabs_of_work(client, accompagnateur, colleague, procedure, dossiers):
    mine, theirs, free = dossiers
    Suivi.objects.create(dossier=mine, user=accompagnateur)
    Suivi.objects.create(dossier=theirs, user=colleague)
    Dossier.objects.filter(pk=free.pk).update(awaited_since=timezone.now())
    old = timezone.now() - timedelta(days=31 * (procedure.retention_months + 1))
    gone = DossierFactory(procedure=procedure, accepte=True, decided_at=old)
    DossierFactory(procedure=procedure, accepte=True)
    expected = {"a-suivre": [free], "suivis": [mine], "en-attente": [free]}
    expected["bientot-supprimes"] = [gone]
    for onglet, rows in expected.items():
        response = client.get(list_url(procedure), {"onglet": onglet})
        assert listed(response) == [dossier.pk for dossier in rows], onglet
        counts = {tab: number for tab, number, *_rest in response.context["onglets"]}
        assert counts[onglet] == 1, onglet


@pytest.mark.parametrize("count", [1, 3, 30])
def test_a_rich_list_takes_a_fixed_number_of_queries(
    client, accompagnateur, procedure, count, django_assert_num_queries
):
    columns = ["c.objet1", "c.choix2", "e.naf_code", "d.labels", "d.suivi", "d.groupe"]
    Tableau.objects.create(user=accompagnateur, procedure=procedure, columns=columns)
    for _ in range(count):
        dossier = DossierFactory(procedure=procedure, en_construction=True, reponses=FIRST)
        Suivi.objects.create(dossier=dossier, user=accompagnateur)
    url = f"{list_url(procedure)}?onglet=suivis&q=lille&f=c.ouinon1~oui&tri=c.objet1"
    client.get(url)
    with django_assert_num_queries(28):
        assert len(listed(client.get(url))) == count


def test_a_list_that_takes_too_long_says_what_to_do(client, procedure, dossiers, monkeypatch):
    monkeypatch.setattr("instruction.views.lists.PAGE_SECONDS_MAX", 0.001)
    monkeypatch.setattr(
        "instruction.listing.Listing.page",
        lambda *args: list(Dossier.objects.extra(where=["pg_sleep(1) IS NOT NULL"])),
    )
    page = Markup(client.get(list_url(procedure), {"onglet": "tous", "q": "ecole"}))
    assert "Cette liste est trop longue à établir" in page.one("#dossiers").text


def test_a_task_reads_the_same_dossiers_from_the_address(procedure, dossiers, accompagnateur):
    query = "onglet=tous&f=c.ouinon1~oui"
    listing = listing_of(accompagnateur, procedure, QueryDict(query))
    found = listing.filter(Dossier.objects.in_groupes_of(accompagnateur, procedure))
    assert list(found) == [dossiers[0]]
