"""Two answers of FranceConnect at the same moment, on the real database."""

import pytest
from allauth.socialaccount.models import SocialAccount

from accounts import identites
from accounts.models import User
from accounts.oidc.identity import Identity
from tests.accounts.factories import UserFactory
from tests.dossiers.test_races import made_while_it_waits
from tests.oidc import AGENT, ANGELA

pytestmark = pytest.mark.django_db(transaction=True)
USAGER = Identity("franceconnect", "angela", ANGELA, "")
AGENT_IDENTITY = Identity("proconnect", "jean", AGENT, "")


def test_an_account_kept_twice_at_once_is_made_once():
    second = made_while_it_waits(
        lambda: identites.open_account(USAGER), lambda: identites.open_account(USAGER)
    )

    assert second == User.objects.get()
    assert SocialAccount.objects.get().user == second


def test_an_account_made_meanwhile_is_not_taken():
    second = made_while_it_waits(
        lambda: UserFactory(email=USAGER.email), lambda: identites.open_account(USAGER)
    )

    assert isinstance(second, identites.EmailTaken)
    assert not SocialAccount.objects.exists()


def test_an_agent_who_comes_twice_at_once_has_one_account():
    second = made_while_it_waits(
        lambda: identites.agent_account(AGENT_IDENTITY),
        lambda: identites.agent_account(AGENT_IDENTITY),
    )

    assert second == User.objects.get()
    assert SocialAccount.objects.get().user == second


def test_an_identity_linked_elsewhere_meanwhile_stays_there():
    other, user = UserFactory(), UserFactory()
    second = made_while_it_waits(
        lambda: identites.link_proven(USAGER, other),
        lambda: identites.link_proven(USAGER, user),
    )

    assert isinstance(second, identites.IdentityTaken)
    assert SocialAccount.objects.get().user == other
