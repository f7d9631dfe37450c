"""Double authentication: turned on with the password, asked at sign-in, with codes to spare."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils import timezone

from courriels.models import Courriel
from tests.accounts.factories import PASSWORD, UserFactory
from tests.markup import Markup

pytestmark = pytest.mark.django_db

ACTIVATE = "/compte/2fa/totp/activate/"


def sign_in(client, user):
    """Give the password; the settings of security ask for it once more."""
    return client.post("/compte/login/", {"login": user.email, "password": PASSWORD})


def current_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def activate(client) -> str:
    """Turn the application on; return its secret."""
    client.post("/compte/reauthenticate/", {"password": PASSWORD})
    secret = Markup(client.get(ACTIVATE)).one("main p code").text
    client.post(ACTIVATE, {"code": current_code(secret)})
    return secret


def test_application_is_turned_on_and_asked_for(
    client, time_machine, django_capture_on_commit_callbacks
):
    user = UserFactory()
    sign_in(client, user)
    with django_capture_on_commit_callbacks(execute=True):
        secret = activate(client)
    assert [courriel.subject for courriel in Courriel.objects.all()] == [
        "La double authentification est activée"
    ]
    client.post("/compte/logout/")

    asked = sign_in(client, user)
    assert asked["Location"] == "/compte/2fa/authenticate/"
    page = Markup(client.get(asked["Location"]))
    assert page.one("h1").text == "Double authentification"
    assert page.one("#id_code")["autocomplete"] == "one-time-code"
    assert "_auth_user_id" not in client.session

    time_machine.move_to(timezone.now() + timedelta(minutes=1))  # a code serves once
    client.post(asked["Location"], {"code": current_code(secret)})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_wrong_code_opens_nothing_and_says_what_to_do(client):
    user = UserFactory()
    sign_in(client, user)
    activate(client)
    client.post("/compte/logout/")
    sign_in(client, user)

    page = Markup(client.post("/compte/2fa/authenticate/", {"code": "000000"}))

    assert "_auth_user_id" not in client.session
    assert page.one("#id_code_error").text.startswith("Ce code est inexact")


def test_recovery_codes_are_shown_and_open_the_account(client):
    user = UserFactory()
    sign_in(client, user)
    activate(client)

    client.post("/compte/2fa/recovery-codes/generate/")
    codes = [part.text for part in Markup(client.get("/compte/2fa/recovery-codes/")).all("li code")]
    client.post("/compte/logout/")
    sign_in(client, user)
    client.post("/compte/2fa/authenticate/", {"code": codes[0]})

    assert len(codes) == 10
    assert all(re.fullmatch(r"\d{8}", code) for code in codes)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_pages_of_security_say_what_is_on(client):
    user = UserFactory()
    sign_in(client, user)

    before = Markup(client.get("/compte/2fa/")).one("main").text
    activate(client)
    after = Markup(client.get("/compte/2fa/")).one("main").text

    assert "Activer une application" in before
    assert "Désactiver l’application" in after
    client.post("/compte/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_security_keys_are_listed_renamed_and_removed(client):
    user = UserFactory()
    sign_in(client, user)
    client.post("/compte/reauthenticate/", {"password": PASSWORD})
    key = Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Clé du bureau", "credential": {"clientExtensionResults": {}}},
    )

    listed = Markup(client.get("/compte/2fa/webauthn/"))
    client.post(f"/compte/2fa/webauthn/keys/{key.pk}/edit/", {"name": "Clé de la maison"})
    asked = Markup(client.get(f"/compte/2fa/webauthn/keys/{key.pk}/remove/"))
    client.post(f"/compte/2fa/webauthn/keys/{key.pk}/remove/")

    assert listed.one("main dt").text == "Clé du bureau"
    assert "Clé de la maison" in asked.one("main").text
    assert not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()
