import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from dossiers.enums import DossierState
from dossiers.models import Dossier
from instruction.peuplement import create_procedure_of_load, populate
from tps.bench.charge import Answer, Measure, Request, send_all
from tps.bench.formulaires import ROWS, SIZES, form_scenarios, formulaire_of
from tps.bench.middleware import QUERIES_HEADER, QueryCountMiddleware
from tps.bench.rapport import Line, table_of
from tps.bench.scenarios import NotEnoughDossiers, scenarios_of, session_for

COUNT = 3


def measure(*queries, problem=""):
    return Measure([Answer(0.010 * (rank + 1), n, problem) for rank, n in enumerate(queries)], 2.0)


def test_header_says_how_many_queries_a_page_took(db):
    def page(request):
        list(User.objects.all())
        User.objects.exists()
        return HttpResponse()

    response = QueryCountMiddleware(page)(RequestFactory().get("/"))
    assert response[QUERIES_HEADER] == "2"


def test_header_is_absent_without_the_measures(client, db):
    assert not any("bench" in middleware for middleware in settings.MIDDLEWARE)
    assert QUERIES_HEADER not in client.get("/").headers


def test_measure_sums_up():
    taken = measure(*range(1, 101))
    assert taken.per_second == 50
    assert taken.queries == 100
    assert taken.percentile_ms(50) == pytest.approx(510)
    assert taken.percentile_ms(95) == pytest.approx(960)
    assert measure(4).percentile_ms(95) == pytest.approx(10)


@pytest.mark.parametrize(
    ("small", "large", "said"),
    [
        (measure(5), measure(5), []),
        (measure(6), measure(5), []),
        (measure(30), measure(30), []),
        (measure(31), measure(31), ["Liste : 31 requêtes SQL, plus de 30"]),
        (
            measure(5),
            measure(5, 6),
            ["Liste : le nombre de requêtes SQL grandit avec les dossiers ou les champs, de 5 à 6"],
        ),
        (measure(5), measure(5, problem="/x : 500"), ["Liste : /x : 500"]),
        (measure(5, problem="/y : 404"), measure(5), ["Liste : /y : 404"]),
    ],
)
def test_rules_that_are_broken_are_said(small, large, said):
    assert Line("Liste", small, large).problems == said


def test_table_has_a_line_for_each_measure():
    table = table_of([Line("Liste", measure(5), measure(6))], small=1000, large=100_000)
    heading, _rule, line = table.splitlines()
    assert heading.split()[:5] == ["nombre", "par", "s", "p50", "ms"]
    assert line.split() == ["Liste", "1", "0.5", "10.0", "10.0", "5", "6"]


@pytest.fixture
def procedure(db):
    procedure = create_procedure_of_load("mesure-essai", title="Mesure", champs=14)
    populate(procedure, 150)
    return procedure


def test_each_scenario_gets_the_answers_it_expects(procedure):
    for scenario in scenarios_of(procedure, COUNT):
        assert len(scenario.requests) == COUNT
        for request in scenario.requests:
            response = played(request)
            assert response.status_code == request.status, (scenario.name, request)
            assert response.headers.get("Location", "").startswith(request.location)
    assert Dossier.objects.filter(motivation="Le dossier remplit les conditions.").count() == COUNT


def test_forms_of_every_size_are_shown_saved_and_checked(db):
    for size in SIZES:
        assert len(formulaire_of(size).champs) == size
        for scenario in form_scenarios(size, 1):
            assert played(scenario.requests[0]).status_code == 200, scenario.name


def test_forms_of_the_measures_have_conditions_and_rows(db):
    form_scenarios(20, 1)
    dossier = Dossier.objects.get()

    assert len(dossier.questionnaire.rows["bloc"]) == ROWS
    assert dossier.questionnaire.conditions
    assert not dossier.questionnaire.hidden


def played(request):
    client = Client()
    if request.session:
        client.cookies[settings.SESSION_COOKIE_NAME] = request.session
    headers = {"HX-Request": "true"} if request.htmx else {}
    if request.data is None:
        return client.get(request.path, headers=headers)
    return client.post(request.path, request.data, headers=headers)


def test_too_few_dossiers_are_noticed(procedure):
    Dossier.objects.filter(procedure=procedure, state=DossierState.BROUILLON).delete()
    with pytest.raises(NotEnoughDossiers):
        scenarios_of(procedure, COUNT)


@pytest.mark.django_db(transaction=True)
def test_requests_are_all_sent_and_wrong_answers_noticed(live_server):
    port = int(live_server.url.rpartition(":")[2])
    user = User.objects.create_user("charge@exemple.fr")
    home = Request("/instruction/", session_for(user))
    lost = Request("/nulle-part/")
    refused = Request("/instruction/", status=302, location="/ailleurs/")
    taken = send_all(port, [home] * 5 + [lost, refused], threads=2)
    assert len(taken.answers) == 7
    assert all(answer.seconds > 0 for answer in taken.answers)
    assert sorted(problem.split(" : ")[1].split(" ")[0] for problem in taken.problems) == [
        "404",
        "redirigé",
    ]
