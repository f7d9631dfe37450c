"""Sign-up, sign-in, passwords: nothing says who has an account."""

import re
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courriels.models import Courriel
from tests.accounts.factories import PASSWORD, UserFactory
from tests.markup import Markup

pytestmark = pytest.mark.django_db

LOGIN, SIGNUP, RESET = "/compte/login/", "/compte/signup/", "/compte/password/reset/"
GOOD_PASSWORD = "phrase de quelques mots"
LINK = re.compile(rf"{re.escape(settings.SITE_URL)}|http://testserver")


def sign_up(client, email="nouvelle@exemple.fr", **data):
    return client.post(SIGNUP, {"email": email, "password1": GOOD_PASSWORD} | data)


def sign_in(client, email, password=PASSWORD, **data):
    return client.post(LOGIN, {"login": email, "password": password} | data)


def link_in(courriel: Courriel) -> str:
    line = next(line for line in courriel.body_text.splitlines() if line.startswith("http"))
    return LINK.sub("", line)


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_sign_up_verifies_the_address_then_goes_on_where_one_was(client):
    page = sign_up(client, "Nouvelle@Exemple.fr", next="/compte/")

    assert page["Location"] == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    courriel = Courriel.objects.get()
    assert (courriel.to_email, courriel.kind) == ("nouvelle@exemple.fr", "compte")
    assert courriel.subject == "Confirmez votre adresse électronique"
    assert "Confirmer mon adresse" in courriel.body_html

    link = link_in(courriel)
    question = Markup(client.get(link))
    assert question.one("main form button").text == "Oui, confirmer mon adresse"
    assert not EmailAddress.objects.get().verified
    answer = client.post(link)

    assert EmailAddress.objects.get().verified
    assert is_signed_in(client)
    assert answer["Location"] == "/compte/"


def test_sign_up_stays_closed_until_verified(client):
    sign_up(client)

    sign_in(client, "nouvelle@exemple.fr", GOOD_PASSWORD)

    assert not is_signed_in(client)


def test_weak_password_is_refused_with_the_reason(client):
    response = sign_up(client, password1="court")

    page = Markup(response)
    assert page.one("#id_email")["value"] == "nouvelle@exemple.fr"
    assert "12 caractères" in page.one("#id_password1_error").text
    assert page.one("[data-tps-error-summary] a")["href"] == "#id_password1"
    assert not User.objects.exists()


def test_known_and_unknown_address_get_the_same_answer_to_sign_up(client):
    UserFactory(email="connue@exemple.fr")

    known = sign_up(Client(), "connue@exemple.fr")
    unknown = sign_up(Client(), "inconnue@exemple.fr")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    subjects = dict(Courriel.objects.values_list("to_email", "subject"))
    assert subjects == {
        "connue@exemple.fr": "Vous avez déjà un compte",
        "inconnue@exemple.fr": "Confirmez votre adresse électronique",
    }


@pytest.mark.parametrize("is_known", [True, False])
def test_sign_up_hashes_one_password_whether_the_address_is_known_or_not(client, is_known):
    if is_known:
        UserFactory(email="nouvelle@exemple.fr")

    with patch.object(MD5PasswordHasher, "encode", autospec=True, return_value="md5$a$b") as hashed:
        sign_up(client)

    assert hashed.call_count == 1


def test_sign_in_leads_to_the_page_asked_for(client):
    user = UserFactory()

    response = sign_in(client, user.email.upper(), next="/compte/")

    assert response["Location"] == "/compte/"
    assert is_signed_in(client)


def test_sign_in_does_not_lead_off_the_site(client):
    response = sign_in(client, UserFactory().email, next="https://exemple.com/")

    assert response["Location"] == reverse("dossiers:dossier_list")


@pytest.mark.parametrize("email", ["connue@exemple.fr", "inconnue@exemple.fr"])
def test_wrong_password_and_unknown_address_get_the_same_answer(client, email):
    UserFactory(email="connue@exemple.fr")

    page = Markup(sign_in(client, email, "mauvais mot de passe"))

    assert not is_signed_in(client)
    message = page.one("[data-tps-error-summary] li").text
    assert message.startswith("L’adresse ou le mot de passe est inexact.")
    assert page.one("#id_login")["value"] == email
    assert "value" not in page.one("#id_password").attrs


def test_guessing_passwords_is_slowed_down(client):
    user = UserFactory()
    for _ in range(5):
        sign_in(client, user.email, "mauvais mot de passe")

    page = Markup(sign_in(client, user.email, PASSWORD))

    assert not is_signed_in(client)
    assert page.one("[data-tps-error-summary] li").text.startswith("Trop d’essais")


def test_too_many_sign_ups_get_the_page_that_says_so(client):
    for number in range(20):
        sign_up(client, f"personne{number}@exemple.fr")

    response = sign_up(client, "personne20@exemple.fr")

    assert response.status_code == 429
    assert Markup(response).one("h1").text == "Trop de demandes à la suite"


def test_forgotten_password_is_replaced_by_a_link_that_serves_once(client):
    user = UserFactory()

    client.post(RESET, {"email": user.email})
    courriel = Courriel.objects.get()
    link = link_in(courriel)
    form_url = client.get(link)["Location"]
    client.post(form_url, {"password1": GOOD_PASSWORD, "password2": GOOD_PASSWORD})

    assert courriel.subject == "Choisissez un nouveau mot de passe"
    user.refresh_from_db()
    assert user.check_password(GOOD_PASSWORD)
    again = Markup(Client().get(link))
    assert again.one("h1").text == "Ce lien ne sert plus"
    notice = Courriel.objects.exclude(pk=courriel.pk).get()
    assert notice.subject == "Votre mot de passe a changé"


def test_known_and_unknown_address_get_the_same_answer_to_reset(client):
    user = UserFactory()

    known = client.post(RESET, {"email": user.email})
    unknown = Client().post(RESET, {"email": "inconnue@exemple.fr"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert Courriel.objects.get(to_email="inconnue@exemple.fr").subject == (
        "Aucun compte à cette adresse"
    )


def test_reset_opens_the_account_of_an_invited_person_too(client):
    user = UserFactory(invited=True, verified=False)

    client.post(RESET, {"email": user.email})
    form_url = client.get(link_in(Courriel.objects.get()))["Location"]
    client.post(form_url, {"password1": GOOD_PASSWORD, "password2": GOOD_PASSWORD})

    sign_in(client, user.email, GOOD_PASSWORD)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("path", "is_known"), [(SIGNUP, False), (SIGNUP, True), (RESET, False), (RESET, True)]
)
def test_links_of_emails_owe_nothing_to_the_host_of_the_request(client, settings, path, is_known):
    settings.ALLOWED_HOSTS = ["*"]
    if is_known:
        UserFactory(email="nouvelle@exemple.fr")

    client.post(
        path,
        {"email": "nouvelle@exemple.fr", "password1": GOOD_PASSWORD},
        headers={"Host": "pirate.exemple.fr"},
    )

    courriel = Courriel.objects.get()
    assert "pirate" not in courriel.body_text + courriel.body_html
    assert f"{settings.SITE_URL}/compte/" in courriel.body_text
    assert f'href="{settings.SITE_URL}/compte/' in courriel.body_html


def test_change_of_address_takes_effect_once_verified(client_for):
    user = UserFactory(email="ancienne@exemple.fr")
    client = client_for(user)

    client.post("/compte/email/", {"email": "nouvelle@exemple.fr", "action_add": ""})

    user.refresh_from_db()
    assert user.email == "ancienne@exemple.fr"
    page = Markup(client.get("/compte/email/"))
    assert page.one(".fr-callout h2").text == "Adresse à confirmer : nouvelle@exemple.fr"
    client.post(link_in(Courriel.objects.get(to_email="nouvelle@exemple.fr")))
    user.refresh_from_db()
    assert user.email == "nouvelle@exemple.fr"


def test_change_of_password_wants_the_current_one(client_for):
    user = UserFactory()
    client = client_for(user)
    new = {"password1": GOOD_PASSWORD, "password2": GOOD_PASSWORD}

    refused = client.post("/compte/password/change/", {"oldpassword": "autre", **new})
    done = client.post("/compte/password/change/", {"oldpassword": PASSWORD, **new})

    assert Markup(refused).one("#id_oldpassword_error").text
    assert done["Location"] == "/compte/"
    user.refresh_from_db()
    assert user.check_password(GOOD_PASSWORD)


def test_new_password_must_keep_the_rules_everywhere(client_for, client):
    user = UserFactory()
    client.post(RESET, {"email": user.email})
    form_url = client.get(link_in(Courriel.objects.get()))["Location"]
    weak = {"password1": "court", "password2": "court"}

    reset = Markup(client.post(form_url, weak))
    change = Markup(
        client_for(user).post("/compte/password/change/", {"oldpassword": PASSWORD, **weak})
    )

    assert "12 caractères" in reset.one("#id_password1_error").text
    assert "12 caractères" in change.one("#id_password1_error").text
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_sign_out_is_a_post(client_for):
    client = client_for(UserFactory())

    assert client.get("/compte/logout/").status_code == 200
    assert is_signed_in(client)
    client.post("/compte/logout/")
    assert not is_signed_in(client)


def test_fields_tell_password_managers_what_they_are(client):
    login, signup = Markup(client.get(LOGIN)), Markup(client.get(SIGNUP))

    assert login.one("#id_login")["autocomplete"] == "email"
    assert login.one("#id_password")["autocomplete"] == "current-password"
    assert signup.one("#id_password1")["autocomplete"] == "new-password"


@pytest.mark.parametrize(
    "path",
    [
        LOGIN,
        SIGNUP,
        RESET,
        "/compte/password/reset/done/",
        "/compte/password/reset/key/x-y/",
        "/compte/confirm-email/",
        "/compte/confirm-email/faux/",
    ],
)
def test_page_of_a_visitor_has_one_title_and_no_inline_script_or_style(client, path):
    check_page(client.get(path))


@pytest.mark.parametrize(
    "path", ["/compte/", "/compte/email/", "/compte/password/change/", "/compte/logout/"]
)
def test_page_of_the_account_has_one_title_and_no_inline_script_or_style(client_for, path):
    check_page(client_for(UserFactory()).get(path))


@pytest.mark.parametrize(
    "path",
    [
        "/compte/2fa/",
        "/compte/2fa/totp/activate/",
        "/compte/2fa/recovery-codes/generate/",
        "/compte/2fa/webauthn/",
        "/compte/2fa/webauthn/add/",
    ],
)
def test_page_of_double_authentication_opens_after_the_password(client, path):
    user = UserFactory()
    sign_in(client, user.email)
    client.post("/compte/reauthenticate/", {"password": PASSWORD})

    check_page(client.get(path))


def check_page(response):
    assert response.status_code == 200
    page = Markup(response)
    assert len(page.all("h1")) == 1
    assert page.one("title").text.endswith(" · TPS")
    assert page.all("[style]") == []
    assert page.all("style") == []
    scripts = page.all("script:not([src])")
    assert [s for s in scripts if s.attrs.get("type") != "application/json"] == []
