"""How django-allauth behaves in TPS."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in rules of TPS."""
