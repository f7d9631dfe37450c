"""Sign-out from TPS and from the provider."""

import pytest
from allauth.socialaccount.models import SocialAccount

from tests.accounts.factories import UserFactory
from tests.accounts.oidc import come_back, is_signed_in, query_of, said
from tests.markup import Markup
from tests.oidc import Answers

pytestmark = pytest.mark.django_db
STILL_OPEN = (
    "Vous êtes déconnecté de TPS, mais FranceConnect n’a pas confirmé que votre session y est "
    "fermée. Sur un ordinateur partagé, fermez aussi le navigateur."
)


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def signed_in(client, provider):
    SocialAccount.objects.create(user=UserFactory(), provider="franceconnect", uid="angela")
    come_back(client, provider)
    assert is_signed_in(client)
    return client


def test_sign_out_leaves_franceconnect_too(signed_in, provider):
    client, id_token = signed_in, provider.tokens[0]

    answer = client.post("/compte/logout/")
    assert answer["Location"] == "/compte/deconnexion/"
    assert not is_signed_in(client)
    response = client.get(answer["Location"])
    page = Markup(response)
    url = page.one("main a.fr-btn")["href"]

    assert "no-store" in response["Cache-Control"]
    assert page.one('meta[http-equiv="refresh"]')["content"] == f"0;url={url}"
    assert url.startswith(f"{provider.url}/oauth2/end_session?")
    query = query_of(url)
    state = query.pop("state")
    assert query == {
        "id_token_hint": id_token,
        "post_logout_redirect_uri": "http://127.0.0.1:8000/compte/franceconnect/deconnexion/",
    }
    assert len(state) >= 32

    answer = client.get(f"/compte/franceconnect/deconnexion/?state={state}")
    assert answer["Location"] == "/"
    assert "Votre session FranceConnect est fermée." in said(client, "/")
    assert client.get("/compte/deconnexion/")["Location"] == "/"  # nothing is left to close


def test_the_id_token_stays_on_the_server_until_then(signed_in, provider):
    id_token = provider.tokens[0]

    pages = [signed_in.get(path).content.decode() for path in ("/compte/", "/dossiers/")]

    assert not any(id_token in page for page in pages)
    assert not any(id_token in cookie.OutputString() for cookie in signed_in.cookies.values())


@pytest.mark.parametrize("state", ["", "celui-d-un-autre"])
def test_a_return_with_another_state_confirms_nothing(signed_in, state):
    signed_in.post("/compte/logout/")

    answer = signed_in.get(f"/compte/franceconnect/deconnexion/?state={state}")

    assert answer["Location"] == "/"
    assert STILL_OPEN in said(signed_in, "/")


def test_a_return_that_nobody_asked_for_signs_nobody_out(signed_in):
    signed_in.get("/compte/franceconnect/deconnexion/?state=x")

    assert is_signed_in(signed_in)


def test_a_provider_that_does_not_answer_does_not_keep_the_person_in(signed_in, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["franceconnect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"

    answer = signed_in.post("/compte/logout/")
    assert not is_signed_in(signed_in)
    answer = signed_in.get(answer["Location"])

    assert answer["Location"] == "/"
    assert STILL_OPEN in said(signed_in, "/")


def test_a_provider_turned_off_meanwhile_is_said_to_be_left_open(signed_in, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    signed_in.post("/compte/logout/")

    assert signed_in.get("/compte/deconnexion/")["Location"] == "/"


def test_who_signed_in_by_password_leaves_tps_alone(client_for, provider):
    client = client_for(UserFactory())

    assert client.post("/compte/logout/")["Location"] == "/"


def test_sign_out_leaves_proconnect_too(client, provider):
    provider.answers = Answers(id_token={"acr": None})
    come_back(client, provider, sub="jean", name="proconnect")

    client.post("/compte/logout/")

    url = Markup(client.get("/compte/deconnexion/")).one("main a.fr-btn")["href"]
    assert query_of(url)["post_logout_redirect_uri"] == (
        "http://127.0.0.1:8000/compte/proconnect/deconnexion/"
    )


def test_who_gives_up_leaves_franceconnect_too(client, provider):
    come_back(client, provider)

    answer = client.post("/compte/franceconnect/compte/abandonner/")

    assert answer["Location"] == "/compte/deconnexion/"
    assert provider.url in Markup(client.get(answer["Location"])).one("main a.fr-btn")["href"]
