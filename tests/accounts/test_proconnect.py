"""Sign-in by ProConnect: accounts by their address, and the second factor of the agent."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts import identites
from accounts.models import User
from tests.accounts.factories import PASSWORD, OrganismeFactory, UserFactory
from tests.accounts.oidc import begin, come_back, is_signed_in, query_of, said
from tests.oidc import AGENT, Answers, turned_on
from tests.procedures.factories import AffectationFactory

pytestmark = pytest.mark.django_db
EMAIL = AGENT["email"]
ACR = [
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
]


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"


def come_in(client, provider, sub="jean", **answers):
    provider.answers = Answers(id_token={"acr": None} | answers.pop("id_token", {}), **answers)
    return come_back(client, provider, sub=sub, name="proconnect")


def with_second_factor(user):
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return user


def test_what_goes_to_proconnect_is_what_it_takes(client, provider):
    query = query_of(begin(client, "proconnect"))

    assert min(len(query.pop("state")), len(query.pop("nonce"))) >= 32
    assert set(query.pop("scope").split()) == {
        "openid", "given_name", "usual_name", "email", "uid", "siret", "idp_id",
    }  # fmt: skip
    assert json.loads(query.pop("claims")) == {"id_token": {"amr": {"essential": True}}}
    assert query == {
        "response_type": "code",
        "client_id": "tps-client",
        "redirect_uri": "http://127.0.0.1:8000/compte/proconnect/retour/",
        "prompt": "login",
    }


def test_an_unknown_agent_gets_a_verified_account_and_no_role(client, provider):
    before = client.session.session_key

    answer = come_in(client, provider)

    user = User.objects.get()
    assert answer["Location"] == "/dossiers/"
    assert (user.email, user.full_name) == (EMAIL, "Jean Lefort")
    assert identites.is_verified(user)
    assert [role.name for role in user.roles] == ["usager"]
    linked = SocialAccount.objects.get()
    assert (linked.user, linked.provider, linked.extra_data) == (user, "proconnect", AGENT)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.session_key != before


def test_an_agent_is_found_by_their_address_whatever_the_sub(client, provider):
    user = AffectationFactory(user=UserFactory(email=EMAIL)).user
    come_in(client, provider)
    provider.know("jean-ailleurs", AGENT | {"idp_id": "fia-2"})

    other = Client()
    answer = come_in(other, provider, sub="jean-ailleurs")

    assert answer["Location"] == "/instruction/"
    assert other.session["_auth_user_id"] == str(user.pk)
    assert set(SocialAccount.objects.values_list("user_id", "uid")) == {
        (user.pk, "jean"),
        (user.pk, "jean-ailleurs"),
    }
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_second_answer_makes_no_second_account(client, provider):
    come_in(client, provider)
    come_in(Client(), provider)

    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 1)


def test_an_address_that_the_organisation_changed_keeps_the_account(client, provider):
    come_in(client, provider)
    provider.know("jean", AGENT | {"email": "jean.lefort@nouveau.exemple.fr"})

    other = Client()
    come_in(other, provider)

    assert User.objects.get().email == EMAIL
    assert is_signed_in(other)


def test_the_account_of_the_address_comes_before_that_of_the_sub(client, provider):
    come_in(client, provider)
    moved = UserFactory(email="jean.lefort@nouveau.exemple.fr")
    provider.know("jean", AGENT | {"email": moved.email})

    other = Client()
    come_in(other, provider)

    assert other.session["_auth_user_id"] == str(moved.pk)
    assert SocialAccount.objects.get().user == moved


def test_an_account_never_verified_loses_its_password_and_sessions(client, provider):
    user = with_second_factor(UserFactory(email=EMAIL, verified=False))
    thief = Client()
    thief.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert thief.get("/compte/").status_code == 200

    come_in(client, provider)

    user.refresh_from_db()
    assert not user.has_usable_password()
    assert not Authenticator.objects.exists()
    assert thief.get("/compte/").status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_without_an_address_nobody_is_signed_in(client, provider):
    provider.know("jean", {name: v for name, v in AGENT.items() if name != "email"})

    answer = come_in(client, provider)

    assert answer["Location"] == "/compte/login/"
    assert not is_signed_in(client)
    assert not User.objects.exists()


def test_an_agent_without_a_second_factor_is_sent_back_once(client, provider):
    AffectationFactory(user=UserFactory(email=EMAIL))
    first = come_in(client, provider, id_token={"amr": ["pwd"]})

    query = query_of(first["Location"])
    assert first["Location"].startswith(f"{provider.url}/oauth2/authorize?")
    assert not is_signed_in(client)
    assert query["login_hint"] == EMAIL
    assert json.loads(query["claims"])["id_token"] == {
        "amr": {"essential": True},
        "acr": {"essential": True, "values": ACR},
    }
    again = client.get(provider.authorize(first["Location"], "jean"))

    assert again["Location"] == "/instruction/"
    assert is_signed_in(client)


@pytest.mark.parametrize(("idp_id", "is_agent"), [("fia-1", False), ("sans-second-facteur", True)])
def test_nobody_else_is_sent_back(client, provider, idp_id, is_agent):
    user = UserFactory(email=EMAIL)
    if is_agent:
        OrganismeFactory(administrateurs=[user])
    provider.know("jean", AGENT | {"idp_id": idp_id})

    come_in(client, provider, id_token={"amr": ["pwd"]})

    assert is_signed_in(client)


def test_the_second_factor_of_proconnect_counts_as_one(client, provider):
    AffectationFactory(user=with_second_factor(UserFactory(email=EMAIL)))

    come_in(client, provider, id_token={"amr": ["pwd", "mfa"]})

    assert is_signed_in(client)


def test_without_it_the_second_factor_of_tps_is_asked_for(client, provider):
    provider.know("jean", AGENT | {"idp_id": "sans-second-facteur"})
    user = with_second_factor(UserFactory(email=EMAIL))

    answer = come_in(client, provider, id_token={"amr": ["pwd"]})

    assert answer["Location"] == "/compte/2fa/authenticate/"
    assert not is_signed_in(client)
    # What ProConnect vouched for in a sign-in serves no other one of that browser.
    come_in(Client(), provider, id_token={"amr": ["mfa"]})
    answer = client.post("/compte/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == "/compte/2fa/authenticate/"


def test_franceconnect_never_replaces_the_second_factor_of_tps(client, provider):
    user = with_second_factor(UserFactory())
    SocialAccount.objects.create(user=user, provider="franceconnect", uid="angela")
    provider.answers = Answers(id_token={"amr": ["mfa"]})

    answer = come_back(client, provider)

    assert answer["Location"] == "/compte/2fa/authenticate/"
    assert not is_signed_in(client)


def test_a_closed_account_stays_closed(client, provider):
    UserFactory(email=EMAIL, is_active=False)

    answer = come_in(client, provider)

    assert answer["Location"] == "/compte/inactive/"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("agreed", "answers", "is_taken"),
    [
        ("ES256", {}, True),
        ("ES256", {"algorithm": "RS256", "sign": "rsa", "kid": "rsa"}, False),
        ("ES256", {"algorithm": "HS256"}, False),
        ("RS256", {"algorithm": "RS256", "sign": "rsa", "kid": "rsa"}, True),
        ("RS256", {}, False),
        ("HS256", {"algorithm": "HS256"}, True),
        ("HS256", {}, False),
        ("HS256", {"algorithm": "none"}, False),
    ],
)
def test_the_one_algorithm_that_was_agreed_on_is_taken(
    client, provider, settings, agreed, answers, is_taken
):
    options = settings.PROCONNECT_OPTIONS | {"algorithms": [agreed]}
    settings.SOCIALACCOUNT_PROVIDERS |= turned_on(provider, "proconnect", options)

    come_in(client, provider, **answers)

    assert is_signed_in(client) is is_taken


def test_the_private_sector_is_told_so(client, provider):
    state = query_of(begin(client, "proconnect"))["state"]

    client.get(
        "/compte/proconnect/retour/",
        {"error": "access_denied", "error_description": "Y500015", "state": state},
    )

    assert said(client)[0] == (
        "ProConnect est réservé ici aux agents publics. Connectez-vous avec votre mot de passe."
    )


def test_a_wrong_nonce_is_refused(client, provider):
    come_in(client, provider, id_token={"nonce": f"{time.time()}"})

    assert not is_signed_in(client)
    assert not User.objects.exists()
