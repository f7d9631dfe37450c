"""The pages that belong to no one, errors among them."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_ratelimit.exceptions import Ratelimited
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ResponseError

from courriels.models import Courriel
from tests import clamd_server
from tests.accounts.factories import UserFactory
from tests.courriels.factories import CourrielFactory
from tests.markup import Markup
from tps.views import permission_denied

PUBLIC = ["status", "legal", "privacy", "accessibility"]


def check_layout(response) -> Markup:
    page = Markup(response)
    assert len(page.all("h1")) == 1
    assert page.one("title").text.endswith(" · TPS")
    assert page.one("html")["lang"] == "fr"
    assert [link["href"] for link in page.all(".fr-skiplinks a")] == [
        "#contenu", "#tps-menu", "#pied-de-page",
    ]  # fmt: skip
    for target in ("#contenu", "#tps-menu", "#pied-de-page", "#tps-live"):
        page.one(target)
    assert page.all("[style]") == []
    assert page.all("script:not([src])") == []
    return page


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_public_page_opens_without_an_account(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 200
    check_layout(response)


@pytest.mark.django_db
def test_policy_of_content_lets_no_inline_script_or_style_run(client):
    policy = client.get(reverse("legal"))["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.django_db
def test_every_file_of_the_page_comes_from_the_site(client):
    page = Markup(client.get(reverse("legal")))

    sources = [part["src"] for part in page.all("script[src]")]
    sources += [part["href"] for part in page.all("link[href]")]
    assert sources
    assert [source for source in sources if not source.startswith("/static/")] == []


@pytest.mark.parametrize("name", ["legal", "privacy", "accessibility"])
def test_public_page_asks_nothing_of_the_database(client, name):
    """No `django_db` mark: a query would fail the test."""
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.django_db
def test_demo_says_so_and_leads_to_its_inbox(client):
    page = Markup(client.get(reverse("legal")))

    links = [link["href"] for link in page.all(".tps-demo-notice a")]
    assert links == [
        reverse("courriels:demo_list"),
        reverse("entreprise_api:demo_companies"),
        reverse("geographie:demo_lieux"),
    ]


@pytest.mark.django_db
def test_status_tells_machines_that_all_is_well(client):
    for response in (
        client.get("/etat/?format=json"),
        client.get("/etat/", headers={"accept": "application/json"}),
    ):
        assert response.status_code == 200
        assert response.json() == {
            "ok": True,
            "database": {"ok": True},
            "redis": {"ok": True},
            "courriels": {"ok": True, "late": 0},
        }


@pytest.mark.django_db
def test_status_looks_at_the_antivirus_where_there_is_one(client, settings):
    assert "antivirus" not in client.get("/etat/?format=json").json()
    with clamd_server.serve() as clamd:
        settings.CLAMD_URL = clamd.url
        assert client.get("/etat/?format=json").json()["antivirus"] == {"ok": True}

    answer = client.get("/etat/?format=json")
    assert (answer.status_code, answer.json()["antivirus"]) == (200, {"ok": False})
    assert "ils s’ouvriront une fois analysés" in client.get("/etat/").content.decode()


@pytest.mark.django_db
def test_status_says_when_emails_are_late(client):
    for _ in range(2):
        CourrielFactory()
    Courriel.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=11))

    page = Markup(client.get("/etat/"))

    assert "Emails en retard : 2." in page.one("main dl").text
    assert client.get("/etat/?format=json").json()["courriels"] == {"ok": False, "late": 2}


@pytest.mark.django_db
def test_service_goes_on_without_redis(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/etat/?format=json")

    assert answer.status_code == 200
    assert answer.json()["redis"] == {"ok": False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error", [RedisConnectionError, ResponseError("MISCONF"), OutOfMemoryError], ids=str
)
def test_pages_go_on_while_redis_is_down_or_full(client, error):
    with patch("redis.client.Redis.execute_command", side_effect=error):
        assert client.get("/").status_code == 200
        assert client.get("/etat/").status_code == 200


@pytest.mark.django_db
def test_visitor_who_asks_too_often_is_told_to_wait(client, client_for, settings):
    settings.PUBLIC_PAGES_RATE = "3/m"
    for _ in range(3):
        assert client.get("/").status_code == 200

    refused = client.get("/")

    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert check_layout(refused).one("h1").text == "Trop de demandes à la suite"
    assert client.get("/", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client_for(UserFactory()).get("/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("behind_proxy", "status"), [(False, 429), (True, 200)], ids=["alone", "behind a proxy"]
)
def test_address_that_a_proxy_noted_counts_only_behind_one(client, settings, behind_proxy, status):
    settings.PUBLIC_PAGES_RATE, settings.BEHIND_PROXY = "1/m", behind_proxy
    client.get("/", headers={"X-Forwarded-For": "192.0.2.1"})

    other = client.get("/", headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
    unreadable = client.get("/", headers={"X-Forwarded-For": "192.0.2.2, inconnue:80"})

    assert other.status_code == status
    assert unreadable.status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16"])
def test_request_is_read_as_utf_8_whatever_it_announces(client, charset):
    content_type = f"text/plain; charset={charset}"

    page = Markup(client.get("/?q=%5Cud800%C3%A9", CONTENT_TYPE=content_type))

    assert page.one("input[name=q]")["value"] == "\\ud800é"


@pytest.mark.django_db
def test_personal_page_is_kept_in_no_cache(client, client_for):
    personal = client_for(UserFactory()).get(reverse("instruction:procedure_list"))

    assert personal["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get("/").headers


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/inconnue/", "/admin/", "/compte/login/"])
def test_every_answer_says_what_the_browser_must_refuse(client, path):
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
def test_status_answers_while_the_database_is_down(client_for):
    client = client_for(UserFactory())

    with patch(
        "django.db.backends.base.base.BaseDatabaseWrapper.cursor", side_effect=OperationalError
    ):
        page = client.get("/etat/")
        answer = client.get("/etat/?format=json")

    assert page.status_code == 503
    assert check_layout(page).one(".fr-alert--error h2").text == "Le service est interrompu"
    assert answer.status_code == 503
    assert answer.json()["database"] == {"ok": False}


@pytest.mark.django_db
def test_unknown_address_gets_the_page_that_says_so(client, settings):
    settings.DEBUG = False

    response = client.get("/rien-ici/")

    assert response.status_code == 404
    assert check_layout(response).one("h1").text == "Page introuvable"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/rien-ici/", "/commencer/nulle-part/"])
def test_demo_says_it_too_while_it_debugs(address, settings):
    settings.DEBUG = True
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tps.demo.not_found.NotFoundMiddleware"]

    response = Client().get(address)

    assert response.status_code == 404
    assert check_layout(response).one("h1").text == "Page introuvable"


@pytest.mark.django_db
def test_form_without_token_gets_the_page_that_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/compte/login/", {})

    assert response.status_code == 403
    assert check_layout(response).one("h1").text == "Cette page avait expiré"


@pytest.mark.parametrize(
    ("exception", "status", "title"),
    [
        (PermissionDenied(), 403, "Accès refusé"),
        (Ratelimited(), 429, "Trop de demandes à la suite"),
    ],
)
def test_refusal_says_why(exception, status, title):
    response = permission_denied(RequestFactory().get("/"), exception)

    assert response.status_code == status
    assert check_layout(response).one("h1").text == title


def test_refusal_names_the_account_one_is_signed_in_with():
    request = RequestFactory().get("/")
    request.user = UserFactory.build(email="awa@exemple.fr")
    request.user.__dict__["roles"] = []

    page = Markup(permission_denied(request, PermissionDenied()))

    assert "awa@exemple.fr" in page.one("main").text


@pytest.mark.django_db
def test_request_that_is_not_understood_gets_a_page(client, settings):
    settings.DEBUG = False

    with patch("tps.views.check_service", side_effect=SuspiciousOperation):
        response = client.get("/etat/")

    assert response.status_code == 400
    assert Markup(response).one("h1").text == "Demande incomprise"


def test_failure_gets_a_page_that_needs_nothing():
    page = Markup(render_to_string("500.html"))

    assert page.one("h1").text == "Erreur inattendue"
    assert page.one("title").text == "Erreur inattendue · TPS"
    assert page.all("script") == []


@pytest.mark.django_db
def test_failure_of_a_view_shows_that_page(settings):
    settings.DEBUG = False

    with patch("tps.views.check_service", side_effect=ZeroDivisionError):
        response = Client(raise_request_exception=False).get("/etat/")

    assert response.status_code == 500
    assert Markup(response).one("h1").text == "Erreur inattendue"
