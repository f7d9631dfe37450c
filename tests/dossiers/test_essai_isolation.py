"""Tests and real dossiers never meet: each list is given both kinds, for the same people."""

import pytest
from django.urls import reverse

from dossiers.enums import DossierTab
from dossiers.models import Dossier, HistoryEntry, PieceJointe
from dossiers.search import refresh_search_text
from entreprise_api.signals import etablissement_completed
from instruction.counts import count_dossiers
from instruction.enums import Onglet
from procedures.champs import new_champ
from procedures.enums import Demandeurs
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.revisions import draft_of
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import TOKEN, essai_of, make_administrateur, status_of
from tests.dossiers.factories import DossierFactory, HistoryEntryFactory, PieceJointeFactory
from tests.entreprise_api.factories import EtablissementFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

pytestmark = pytest.mark.django_db

SUBMITTED = ["en_construction", "en_instruction", "accepte", "sans_suite", "rejete"]


@pytest.fixture
def procedure() -> Procedure:
    """A published procédure with unpublished changes, which is tried."""
    procedure = ProcedureFactory(demandeurs=Demandeurs.TOUS, test_token=TOKEN)
    draft_of(procedure)
    return procedure


@pytest.fixture
def person(procedure):
    """Somebody who is usager, tester, accompagnateur and administrateur at once."""
    user = UserFactory(email="partout@exemple.fr")
    AffectationFactory(procedure=procedure, user=user)
    make_administrateur(procedure, user)
    return user


@pytest.fixture
def tests(procedure, person) -> list[Dossier]:
    """A test of the person and one of another tester, at every stage, archived too."""
    reponses = {"objet1": "Introuvable"}
    return [
        essai_of(procedure, usager=usager, reponses=reponses, **traits)
        for usager in (person, UserFactory())
        for traits in (
            {},
            *({stage: True} for stage in SUBMITTED),
            {"accepte": True, "archive": True},
        )
    ]


def test_no_queryset_of_real_dossiers_holds_a_test(procedure, person, tests):
    real = DossierFactory(procedure=procedure, usager=person, en_construction=True)

    for found in (
        Dossier.objects.all(),
        Dossier.objects.owned_by(person),
        Dossier.objects.visible_to(person),
        Dossier.objects.instructed_by(person),
        Dossier.objects.examined_by(person),
        Dossier.objects.for_procedure(procedure),
        Dossier.objects.soumis(),
        Dossier.objects.not_archived(),
        Dossier.with_tests.instructed_by(person),
        procedure.dossiers.all(),
        person.dossiers.all(),
        procedure.published_revision.dossiers.all(),
    ):
        assert set(found) == {real}
    assert not Dossier.objects.archived().exists()
    assert not Dossier.objects.termines().exists()
    assert not Dossier.objects.search("introuvable").exists()
    assert not Dossier.objects.search_of_usager("introuvable").exists()
    assert set(Dossier.objects.owned_by(person).tab_counts().values()) == {1, 0}
    for tab in DossierTab:
        assert not set(Dossier.objects.in_tab(tab)) & set(tests)
    assert set(Dossier.tests.all()) == set(tests)


@pytest.mark.parametrize("onglet", Onglet.values)
def test_the_list_of_accompagnateurs_holds_no_test(procedure, person, tests, client_for, onglet):
    url = reverse("instruction:dossier_list", args=[procedure.pk])

    for query in ({"onglet": onglet}, {"onglet": onglet, "q": "introuvable"}):
        response = client_for(person).get(url, query)
        assert response.context["page"].rows == []
        assert {number for _onglet, number, _said, _url in response.context["onglets"]} == {0}


def test_the_list_of_accompagnateurs_of_a_procedure_never_published_is_empty(client_for):
    procedure = ProcedureFactory(brouillon=True)
    person = AffectationFactory(procedure=procedure).user
    essai_of(procedure, usager=person, en_construction=True)

    response = client_for(person).get(reverse("instruction:dossier_list", args=[procedure.pk]))

    assert response.context["page"].rows == []


def test_counts_hold_no_test(procedure, person, tests, client_for):
    DossierFactory(procedure=procedure, en_instruction=True)

    counts = count_dossiers([procedure.pk], by=person)[procedure.pk]
    page = client_for(person).get(reverse("instruction:procedure_list"))

    assert counts.total == 1
    [(_procedure, shown, _unread, _news)] = page.context["rows"]
    assert sum(number for onglet, number in shown if onglet.value != "tous") == 1


def test_the_search_of_accompagnateurs_finds_no_test(person, tests, client_for):
    url = reverse("instruction:dossier_search")

    for text in ("introuvable", str(tests[1].pk), "partout", tests[1].nom):
        context = client_for(person).get(url, {"q": text}).context
        assert (context["exact"], context["page"].rows) == ([], [])


def test_a_real_dossier_has_no_test_beside_it(procedure, person, tests, client_for):
    DossierFactory(procedure=procedure, en_construction=True)
    real = DossierFactory(procedure=procedure, en_construction=True)
    essai_of(procedure, en_construction=True)
    DossierFactory(procedure=procedure, en_construction=True)
    numbers = set(Dossier.objects.values_list("pk", flat=True))
    url = reverse("instruction:dossier_detail", args=[real.pk])

    for query in ({"onglet": "a-suivre"}, {"onglet": "tous"}, {"liste": "recherche"}):
        context = client_for(person).get(url, query).context
        for beside in (context["previous_url"], context["next_url"]):
            assert int(beside.split("/dossiers/")[1].split("/")[0]) in numbers


def test_a_test_has_nothing_beside_it(procedure, person, tests, client_for):
    DossierFactory.create_batch(2, procedure=procedure, en_construction=True)
    url = reverse("instruction:dossier_detail", args=[tests[1].pk])

    context = client_for(person).get(url, {"onglet": "tous"}).context

    assert (context["previous_url"], context["next_url"]) == ("", "")


@pytest.mark.parametrize("query", ["", "?onglet=termines", "?onglet=archives", "?q=introuvable"])
def test_my_dossiers_keep_tests_apart(person, tests, client_for, query):
    context = client_for(person).get(reverse("dossiers:dossier_list") + query).context

    assert (context["page"].rows, context["total"]) == ([], 0)
    assert {name: count for name, _label, count in context["tabs"]} == dict.fromkeys(DossierTab, 0)
    assert set(context["tests"]) == {test for test in tests if test.usager_id == person.pk}


def test_the_public_page_offers_no_test_to_go_on_with(procedure, person, tests, client_for):
    context = client_for(person).get(reverse("dossiers:procedure_public", args=[procedure.slug]))

    assert context.context["brouillon"] is None


def test_a_real_dossier_begins_beside_an_untouched_test(procedure, person, client_for):
    untouched = essai_of(procedure, usager=person, reponses={}, nom="", prenom="")

    client_for(person).post(reverse("dossiers:brouillon_create", args=[procedure.slug]))

    assert Dossier.objects.get() != untouched


def test_the_admin_shows_no_test(tests, client_for):
    exploitant = UserFactory(exploitant=True)
    real = DossierFactory(en_construction=True)
    of_real = [HistoryEntryFactory(dossier=real), PieceJointeFactory(dossier=real)]
    HistoryEntryFactory(dossier=tests[1])
    PieceJointeFactory(dossier=tests[1])
    found = {}
    for model in ("dossier", "historyentry", "piecejointe"):
        response = client_for(exploitant).get(reverse(f"admin:dossiers_{model}_changelist"))
        found[model] = list(response.context["cl"].result_list)

    assert found == {"dossier": [real], "historyentry": of_real[:1], "piecejointe": of_real[1:]}
    assert (HistoryEntry.objects.count(), PieceJointe.objects.count()) == (2, 2)


# --- Pages of a test: the tester, the administrateurs, nobody else --------------------------------

USAGER_PAGES = ["detail", "edit", "review", "identify", "recapitulatif"]
ACCOMPAGNATEUR_PAGES = ["detail", "recapitulatif", "accept", "reject", "close_sans_suite"]


@pytest.fixture
def people(procedure):
    administrateur = UserFactory()
    make_administrateur(procedure, administrateur)
    return {
        "administrateur": administrateur,
        "accompagnateur": AffectationFactory(procedure=procedure).user,
        "other tester": essai_of(procedure, en_construction=True).usager,
        "usager": DossierFactory(procedure=procedure, en_construction=True).usager,
        "exploitant": UserFactory(exploitant=True),
    }


def statuses(client_for, people, url) -> dict[str, int]:
    return {name: status_of(client_for(user), url) for name, user in people.items()}


@pytest.mark.parametrize("name", ACCOMPAGNATEUR_PAGES)
def test_the_tester_and_the_administrateurs_alone_play_the_accompagnateur(
    procedure, people, client_for, name
):
    dossier = essai_of(procedure, en_instruction=True)
    url = reverse(f"instruction:dossier_{name}", args=[dossier.pk])
    expected = dict.fromkeys(people, 404) | {"tester": 200, "administrateur": 200}

    assert statuses(client_for, people | {"tester": dossier.usager}, url) == expected


@pytest.mark.parametrize("name", USAGER_PAGES)
def test_the_tester_alone_fills_a_test_in(procedure, people, client_for, name):
    dossier = essai_of(procedure)
    url = reverse(f"dossiers:dossier_{name}", args=[dossier.pk])
    expected = dict.fromkeys(people, 404) | {"tester": 302 if name == "detail" else 200}

    assert statuses(client_for, people | {"tester": dossier.usager}, url) == expected


@pytest.mark.parametrize("name", ACCOMPAGNATEUR_PAGES)
def test_nobody_plays_the_accompagnateur_of_a_test_not_yet_submitted(
    procedure, people, client_for, name
):
    dossier = essai_of(procedure)
    url = reverse(f"instruction:dossier_{name}", args=[dossier.pk])
    everyone = people | {"tester": dossier.usager}

    assert statuses(client_for, everyone, url) == dict.fromkeys(everyone, 404)


def test_who_downloads_the_file_of_a_test(procedure, people, client_for):
    dossier = essai_of(procedure, en_construction=True)
    everyone = people | {"tester": dossier.usager}
    urls = [
        reverse("dossiers:piece_jointe_download", args=[PieceJointeFactory(dossier=each).pk])
        for each in (dossier, essai_of(procedure, usager=dossier.usager))
    ]
    found = [statuses(client_for, everyone, url) for url in urls]

    nobody = dict.fromkeys(everyone, 404)
    assert found == [
        nobody | {"tester": 200, "administrateur": 200},
        nobody | {"tester": 200},
    ]


def test_whoever_plays_the_accompagnateur_sees_of_a_protected_company_what_is_public(
    procedure, client_for
):
    dossier = essai_of(
        procedure, en_instruction=True, etablissement=EtablissementFactory(protected=True), nom=""
    )
    client = client_for(dossier.usager)
    pages = [
        client.get(reverse(f"instruction:dossier_{name}", args=[dossier.pk])).content.decode()
        for name in ("detail", "accept")
    ]

    for page in pages:
        for hidden in ("ROUSSEAU", "LEFEBVRE", "GLYCINES", "69100"):
            assert hidden not in page


def test_a_protected_company_named_by_an_answer_stays_hidden_too(procedure, client_for):
    protected = EtablissementFactory(protected=True)
    draft = procedure.revisions.drafts().get()
    draft.set_formulaire(formulaire_of(new_champ("siret", id="siret1", label="Partenaire")))
    draft.save()
    reponses = {"siret1": protected.siret}
    dossier = essai_of(procedure, en_instruction=True, reponses=reponses)
    dossier.etablissements_cites.add(protected)

    page = client_for(dossier.usager).get(f"/instruction/dossiers/{dossier.pk}/").content.decode()

    assert protected.siren in page.replace("\u202f", "").replace("\xa0", "").replace(" ", "")
    for hidden in ("ROUSSEAU", "LEFEBVRE", "GLYCINES", "69100"):
        assert hidden not in page


def test_who_writes_the_annotations_of_a_test(procedure, people, client_for):
    draft = procedure.revisions.drafts().get()
    note = new_champ("texte_court", id="note1", label="Note", required=False)
    draft.set_formulaire(Formulaire(champs=draft.formulaire.champs, annotations=[note]))
    draft.save()
    dossier = essai_of(procedure, en_instruction=True)
    url = reverse("instruction:annotation_save", args=[dossier.pk, "note1"])
    everyone = people | {"tester": dossier.usager}
    found = {
        name: client_for(user).post(url, {"champ_note1": name}).status_code
        for name, user in everyone.items()
    }

    assert found == dict.fromkeys(everyone, 404) | {"tester": 302, "administrateur": 302}


def test_a_company_completed_late_leaves_tests_as_they_are(procedure):
    etablissement = EtablissementFactory()
    dossier = essai_of(procedure, etablissement=etablissement)
    refresh_search_text(dossier)

    etablissement_completed.send(type(etablissement), etablissement=etablissement)

    assert not Dossier.objects.search("delmas").exists()
