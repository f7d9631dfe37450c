"""Invited people: an account without a password, opened by a link that serves once."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.invitations import get_or_invite, invitation_path, read_invitation
from accounts.models import User
from courriels.models import Courriel
from tests.accounts.factories import PASSWORD, UserFactory
from tests.markup import Markup

pytestmark = pytest.mark.django_db

NEXT = "/compte/"
GOOD_PASSWORD = "phrase de quelques mots"


def invite(email="Nouveau@Exemple.fr", **changes):
    options = {
        "invited_by": None,
        "reason": "Camille Martin vous invite à remplir le dossier nº 12.",
        "next_path": NEXT,
    } | changes
    with transaction.atomic():
        return get_or_invite(email, **options)


def link_of(courriel: Courriel) -> str:
    return next(
        line.removeprefix(settings.SITE_URL)
        for line in courriel.body_text.splitlines()
        if "/compte/invitation/" in line
    )


def test_unknown_address_gets_a_closed_account_and_a_link():
    user, is_new = invite()

    assert is_new
    assert user.email == "nouveau@exemple.fr"
    assert not user.has_usable_password()
    courriel = Courriel.objects.get()
    assert (courriel.to_email, courriel.kind) == ("nouveau@exemple.fr", "invitation")
    assert courriel.subject == "Vous êtes invité sur TPS"
    assert "Camille Martin vous invite à remplir le dossier nº 12." in courriel.body_text
    assert "Choisir mon mot de passe" in courriel.body_html


def test_known_person_gets_a_notice_that_opens_nothing():
    known = UserFactory(email="connue@exemple.fr")

    user, is_new = invite("Connue@exemple.fr")

    assert (user, is_new) == (known, False)
    courriel = Courriel.objects.get()
    assert courriel.subject == "Une invitation vous attend sur TPS"
    assert "/compte/invitation/" not in courriel.body_text


def test_second_invitation_before_the_first_was_opened_holds_a_link_too():
    first, _ = invite()

    second, is_new = invite()

    assert (second, is_new) == (first, False)
    assert [c.subject for c in Courriel.objects.all()] == ["Vous êtes invité sur TPS"] * 2


def test_reason_is_escaped_in_the_html_of_the_email():
    invite(reason="<script>alert(1)</script> vous invite.")

    assert "<script>" not in Courriel.objects.get().body_html


def test_invitation_that_is_rolled_back_leaves_nothing():
    with transaction.atomic():
        get_or_invite("a@exemple.fr", invited_by=None, reason="Venez.", next_path=NEXT)
        transaction.set_rollback(True)

    assert not User.objects.exists()
    assert not Courriel.objects.exists()


def test_what_is_no_address_is_refused():
    with pytest.raises(ValidationError):
        invite("pas une adresse")

    assert not User.objects.exists()


def test_link_opens_the_account_then_leads_to_the_page(client):
    user, _ = invite()
    link = link_of(Courriel.objects.get())

    page = Markup(client.get(link))
    response = client.post(link, {"password": GOOD_PASSWORD})

    assert page.one("h1").text == "Ouvrir mon compte"
    assert page.one("#id_password")["autocomplete"] == "new-password"
    assert response.status_code == 302
    assert response["Location"] == NEXT
    assert client.get(NEXT).status_code == 200
    user.refresh_from_db()
    assert user.check_password(GOOD_PASSWORD)
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == (user.email, True, True)


def test_link_serves_once(client):
    invite()
    link = link_of(Courriel.objects.get())
    client.post(link, {"password": GOOD_PASSWORD})

    again = Client().post(link, {"password": "une autre phrase de mots"})

    assert again.status_code == 410
    assert Markup(again).one("h1").text == "Ce lien ne sert plus"
    assert User.objects.get().check_password(GOOD_PASSWORD)


def test_link_that_serves_twice_at_once_serves_once(client):
    user, _ = invite()
    link = link_of(Courriel.objects.get())

    def serve_elsewhere_first(password, user):
        User.objects.filter(pk=user.pk).update(password=make_password(GOOD_PASSWORD))

    with patch("accounts.forms.validate_password", side_effect=serve_elsewhere_first):
        response = client.post(link, {"password": "une autre phrase de mots"})

    assert response.status_code == 410
    assert "_auth_user_id" not in client.session
    user.refresh_from_db()
    assert user.check_password(GOOD_PASSWORD)


def test_weak_password_is_refused_and_explained(client):
    invite()
    link = link_of(Courriel.objects.get())

    response = client.post(link, {"password": "court"})

    assert response.status_code == 200
    assert "12" in Markup(response).one("#id_password_error").text
    assert not User.objects.get().has_usable_password()


def test_link_expires_after_thirty_days(time_machine):
    user, _ = invite()
    path = invitation_path(user, NEXT)
    token = path.split("/")[-2]

    time_machine.move_to(timezone.now() + timedelta(days=30, minutes=1))

    assert read_invitation(token) is None


def test_link_of_the_thirtieth_day_still_opens(time_machine):
    user, _ = invite()
    token = invitation_path(user, NEXT).split("/")[-2]

    time_machine.move_to(timezone.now() + timedelta(days=29, hours=23))

    assert read_invitation(token).user == user


def test_forged_links_open_nothing(client):
    user, _ = invite()
    victim = UserFactory()
    other_salt = signing.dumps([victim.pk, "0" * 32, NEXT], salt="autre")
    no_fingerprint = signing.dumps([victim.pk, "0" * 32, NEXT], salt="accounts.invitations")

    for token in ("x", "a:b:c", other_salt, no_fingerprint):
        response = client.post(
            reverse("account_invitation", args=[token]), {"password": GOOD_PASSWORD}
        )
        assert response.status_code == 410
    assert victim.check_password(PASSWORD)
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_page_outside_the_site_is_not_followed(client):
    user, _ = invite(next_path="https://exemple.com/")

    response = client.post(invitation_path(user, "//exemple.com/"), {"password": GOOD_PASSWORD})

    assert response["Location"] == reverse("account_home")


def test_link_opened_while_signed_in_as_another_changes_the_account(client_for):
    someone = UserFactory(email="autre@exemple.fr")
    user, _ = invite()
    client = client_for(someone)
    link = invitation_path(user, NEXT)

    warning = Markup(client.get(link)).one(".fr-alert--warning").text
    client.post(link, {"password": GOOD_PASSWORD})

    assert "autre@exemple.fr" in warning
    assert client.session["_auth_user_id"] == str(user.pk)
