"""Sign-in by FranceConnect: what leaves, what comes back, and every answer that is refused."""

import logging
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.accounts.factories import PASSWORD, UserFactory
from tests.accounts.oidc import begin, come_back, is_signed_in, query_of, said
from tests.markup import Markup
from tests.oidc import ANGELA, Answers

pytestmark = pytest.mark.django_db
CALLBACK = "http://127.0.0.1:8000/compte/franceconnect/retour/"
KEEP = "/compte/franceconnect/compte/garder/"
PROVIDERS_OWN = ("werkzeug", "oidc_provider_mock", "authlib")  # they log on its side
STATE_LOST = (
    "Cette connexion par FranceConnect n’est plus valable : elle a expiré, a déjà servi, ou a "
    "commencé dans un autre navigateur. Recommencez, ou connectez-vous avec votre mot de passe."
)
REFUSED = (
    "La réponse de FranceConnect n’a pas pu être vérifiée ; par sécurité, vous n’êtes pas "
    "connecté. Recommencez, ou connectez-vous avec votre mot de passe."
)
UNAVAILABLE = (
    "FranceConnect ne répond pas. Réessayez dans quelques minutes, ou connectez-vous avec votre "
    "mot de passe."
)


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"


def nothing_happened(client) -> bool:
    """Tell whether nobody is signed in, made or linked, and the password still serves."""
    user = UserFactory()
    is_clean = not is_signed_in(client) and User.objects.count() == 1
    client.post("/compte/login/", {"login": user.email, "password": PASSWORD})
    return is_clean and not SocialAccount.objects.exists() and is_signed_in(client)


def test_what_goes_to_franceconnect_is_what_it_takes(client, provider):
    url = begin(client)

    query = query_of(url)
    assert url.startswith(f"{provider.url}/oauth2/authorize?")
    scopes = set(query.pop("scope").split())
    assert scopes == {"openid", "given_name", "family_name", "birthdate", "gender", "email"}
    state, nonce = query.pop("state"), query.pop("nonce")
    assert min(len(state), len(nonce)) >= 32
    assert state != nonce
    assert query == {
        "response_type": "code",
        "client_id": "tps-client",
        "redirect_uri": CALLBACK,
        "acr_values": "eidas1",
    }


def test_the_address_of_the_request_changes_nothing_of_what_leaves(client, provider):
    url = client.get(
        "/compte/franceconnect/?scope=phone&auth_params=prompt%3Dnone",
        headers={"host": "localhost"},
    )["Location"]

    query = query_of(url)
    assert query["redirect_uri"] == CALLBACK
    assert "prompt" not in query
    assert "phone" not in query["scope"]


def test_each_start_has_its_own_state_and_nonce(client, provider):
    first, second = query_of(begin(client)), query_of(begin(client))

    assert first["state"] != second["state"]
    assert first["nonce"] != second["nonce"]


def test_a_new_usager_keeps_their_address_and_goes_on(client, provider):
    answer = come_back(client, provider, next_url="/compte/")

    assert answer["Location"] == "/compte/franceconnect/compte/"
    assert not User.objects.exists()
    page = Markup(client.get(answer["Location"]))
    assert page.one("h1").text == "Votre compte sur TPS"
    assert "Angela Claire Louise Dubois" in page.one("main .fr-text--lead").text
    before = client.session.session_key

    answer = client.post(KEEP)

    assert answer["Location"] == "/compte/"
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == (
        "angela.dubois@exemple.fr",
        "Angela",
        "Dubois",
    )
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    linked = SocialAccount.objects.get()
    assert (linked.user, linked.provider, linked.uid) == (user, "franceconnect", "angela")
    assert linked.extra_data == {
        name: value for name, value in ANGELA.items() if name != "birthplace"
    }
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.session_key != before


def test_a_known_identity_opens_its_account_and_brings_its_claims_up_to_date(client, provider):
    user = UserFactory(email="autre@exemple.fr")
    SocialAccount.objects.create(user=user, provider="franceconnect", uid="angela", extra_data={})

    answer = come_back(client, provider)

    assert answer["Location"] == "/dossiers/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert SocialAccount.objects.get().extra_data["family_name"] == "Dubois"
    assert User.objects.count() == 1


def test_keeping_twice_makes_one_account(client, provider):
    come_back(client, provider)
    other = Client()
    come_back(other, provider)

    client.post(KEEP)
    other.post(KEEP)

    assert User.objects.count() == 1
    assert SocialAccount.objects.count() == 1
    assert is_signed_in(other)


def test_a_second_answer_makes_no_second_account(client, provider):
    path = provider.authorize(begin(client), "angela")
    client.get(path)
    client.post(KEEP)

    again = client.get(path)

    assert again["Location"] == "/compte/accueil/"
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 1)


LIES = {
    "nonce": Answers(id_token={"nonce": "celui-d-un-autre"}),
    "no nonce": Answers(id_token={"nonce": None}),
    "expired": Answers(id_token={"exp": 1_700_000_000, "iat": 1_699_999_940}),
    "from the future": Answers(id_token={"iat": 4_000_000_000, "exp": 4_000_000_060}),
    "no exp": Answers(id_token={"exp": None}),
    "no iat": Answers(id_token={"iat": None}),
    "other audience": Answers(id_token={"aud": "un-autre-service"}),
    "two audiences": Answers(id_token={"aud": ["tps-client", "un-autre-service"]}),
    "other issuer": Answers(id_token={"iss": "https://ailleurs.exemple"}),
    "other acr": Answers(id_token={"acr": "eidas0"}),
    "no acr": Answers(id_token={"acr": None}),
    "alg none": Answers(algorithm="none"),
    "HS256 with the secret": Answers(algorithm="HS256"),
    "ES256 by another key": Answers(sign="stranger"),
    "unknown kid": Answers(kid="stranger", sign="stranger"),
    "no kid": Answers(kid=None),
    "kid of another type": Answers(kid="rsa"),
    "RS384": Answers(algorithm="RS384", sign="rsa", kid="rsa"),
    "userinfo of another": Answers(userinfo={"sub": "quelqu-un-d-autre"}),
    "userinfo without sub": Answers(userinfo={"sub": None}),
    "userinfo for another": Answers(userinfo={"aud": "un-autre-service"}),
    "userinfo from another": Answers(userinfo={"iss": "https://ailleurs.exemple"}),
    "userinfo expired": Answers(userinfo={"exp": 1_700_000_000, "iat": 1_699_999_940}),
    "userinfo not signed": Answers(userinfo_is_signed=False),
    "userinfo alg none": Answers(userinfo_algorithm="none"),
    "userinfo HS256": Answers(userinfo_algorithm="HS256"),
    "a sub too long": Answers(id_token={"sub": "x" * 192}, userinfo={"sub": "x" * 192}),
    "an empty sub": Answers(id_token={"sub": ""}, userinfo={"sub": ""}),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_does_not_hold_signs_nobody_in(client, provider, lie):
    provider.answers = LIES[lie]

    answer = come_back(client, provider)

    assert answer["Location"] == "/compte/login/"
    assert said(client)[0] == REFUSED
    assert nothing_happened(client)


@pytest.mark.parametrize("lie", [Answers(token_status=500), Answers(userinfo_status=503)])
def test_a_provider_that_fails_half_way_leaves_the_password(client, provider, lie):
    provider.answers = lie

    answer = come_back(client, provider)

    assert answer["Location"] == "/compte/login/"
    assert said(client)[0] in (REFUSED, UNAVAILABLE)
    assert nothing_happened(client)


def test_rs256_is_taken_too(client, provider):
    provider.answers = Answers(algorithm="RS256", sign="rsa", kid="rsa")

    assert come_back(client, provider)["Location"] == "/compte/franceconnect/compte/"


def test_a_key_that_was_just_made_is_fetched_once(client, provider):
    come_back(client, provider)
    assert provider.seen.count("/jwks") == 1  # for two tokens
    provider.published = ["stranger"]
    provider.answers = Answers(sign="stranger", kid="stranger")

    answer = come_back(Client(), provider)

    assert answer["Location"] == "/compte/franceconnect/compte/"
    assert provider.seen.count("/jwks") == 2


def test_another_state_is_refused(client, provider):
    path = provider.authorize(begin(client), "angela")
    state = query_of(path)["state"]

    answer = client.get(path.replace(state, "x" * len(state)))

    assert answer["Location"] == "/compte/login/"
    assert said(client)[0] == STATE_LOST
    assert provider.seen.count("/oauth2/token") == 0
    assert nothing_happened(client)


def test_an_answer_without_state_is_refused(client, provider):
    begin(client)

    client.get("/compte/franceconnect/retour/?code=abc")

    assert said(client)[0] == STATE_LOST


def test_the_answer_of_another_browser_is_refused(client, provider):
    path = provider.authorize(begin(Client()), "angela")

    client.get(path)

    assert said(client)[0] == STATE_LOST
    assert nothing_happened(client)


def test_the_state_of_one_provider_does_not_serve_the_other(client, provider):
    path = provider.authorize(begin(client), "angela")

    client.get(path.replace("franceconnect", "proconnect"))

    assert nothing_happened(client)


def test_an_answer_serves_once(client, provider):
    path = provider.authorize(begin(client), "angela")
    client.get(path)
    client.post("/compte/franceconnect/compte/abandonner/")

    client.get(path)

    assert said(client)[0] == STATE_LOST
    assert provider.seen.count("/oauth2/token") == 1
    assert nothing_happened(client)


def test_a_code_that_served_is_refused_with_a_fresh_state(client, provider):
    used = query_of(provider.authorize(begin(client), "angela"))["code"]
    state = query_of(begin(client))["state"]
    Client().get("/")  # anyone
    first = client.get(f"/compte/franceconnect/retour/?code={used}&state={state}")
    assert first["Location"] == "/compte/login/"  # its nonce is that of the first start

    assert said(client)[0] == REFUSED
    assert nothing_happened(client)


def test_an_answer_that_comes_late_is_refused(client, provider, time_machine):
    path = provider.authorize(begin(client), "angela")
    time_machine.move_to(timezone.now() + timedelta(minutes=11))

    client.get(path)

    assert said(client)[0] == STATE_LOST
    assert nothing_happened(client)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            "access_denied",
            "Vous avez quitté FranceConnect avant la fin : rien n’a changé. Recommencez, ou "
            "connectez-vous avec votre mot de passe.",
        ),
        ("server_error", UNAVAILABLE),
        ("temporarily_unavailable", UNAVAILABLE),
        (
            "invalid_scope",
            "La connexion par FranceConnect est mal réglée sur ce site. Connectez-vous avec "
            "votre mot de passe.",
        ),
        ("<b>autre</b>", UNAVAILABLE),
    ],
)
def test_an_error_of_the_provider_is_said_in_plain_french(client, provider, error, message):
    state = query_of(begin(client, next_url="/compte/"))["state"]

    answer = client.get("/compte/franceconnect/retour/", {"error": error, "state": state})

    assert answer["Location"] == "/compte/login/?next=%2Fcompte%2F"
    assert said(client)[0] == message
    assert nothing_happened(client)


def test_a_provider_that_does_not_answer_leaves_the_password(client, settings, provider):
    app = settings.SOCIALACCOUNT_PROVIDERS["franceconnect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"

    answer = client.get("/compte/franceconnect/")

    assert answer["Location"] == "/compte/login/"
    assert said(client)[0] == UNAVAILABLE
    assert nothing_happened(client)


def test_a_document_of_discovery_of_somebody_else_is_refused(client, settings, provider):
    app = settings.SOCIALACCOUNT_PROVIDERS["franceconnect"]["APPS"][0]
    app["settings"]["server_url"] = provider.url.replace("127.0.0.1", "localhost") + "/x/.."

    client.get("/compte/franceconnect/")

    assert said(client)[0] == UNAVAILABLE


def test_next_never_leads_away(client, provider):
    come_back(client, provider, next_url="https://ailleurs.exemple/")

    assert client.post(KEEP)["Location"] == "/dossiers/"


def test_who_is_signed_in_is_not_signed_in_again(client_for, provider):
    client = client_for(UserFactory())

    assert client.get("/compte/franceconnect/")["Location"] == "/compte/accueil/"


def test_logs_hold_no_code_token_or_claim(client, provider, caplog):
    with caplog.at_level(logging.DEBUG):
        come_back(client, provider)
        client.post(KEEP)
        client.post("/compte/logout/")
        client.get("/compte/deconnexion/")
        for lie in ("nonce", "alg none", "userinfo of another"):
            provider.answers = LIES[lie]
            come_back(Client(), provider)
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(PROVIDERS_OWN)]
    text = "\n".join(ours)

    assert "Sign-in by FranceConnect refused: nonce" in text
    secrets = [*provider.codes, *provider.tokens, "Dubois", "1962-08-24", "Angela.Dubois"]
    assert [secret for secret in secrets if secret in text] == []


def test_without_settings_there_is_nothing(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}

    for path in ("", "retour/"):
        assert client.get(f"/compte/franceconnect/{path}").status_code == 404
        assert client.get(f"/compte/proconnect/{path}").status_code == 404
    for page in ("/compte/login/", "/compte/signup/"):
        assert Markup(client.get(page)).all(".fr-connect-group") == []


@pytest.mark.parametrize("page", ["/compte/login/", "/compte/signup/"])
def test_the_buttons_are_those_of_the_state(client, provider, page):
    markup = Markup(client.get(page))

    groups = [part.text for part in markup.all(".fr-connect-group")]
    assert groups == [
        "S’identifier avec FranceConnect Qu’est-ce que FranceConnect ?",
        "S’identifier avec ProConnect Qu’est-ce que ProConnect ?",
    ]
    about = markup.all(".fr-connect-group p a")
    assert [link["href"] for link in about] == [
        "https://franceconnect.gouv.fr/",
        "https://www.proconnect.gouv.fr/",
    ]
    title = " ".join(about[0]["title"].split())
    assert title == "Qu’est-ce que FranceConnect ? – nouvelle fenêtre"
    assert about[0]["target"] == "_blank"
