"""Pages of the account: one's own, and those of FranceConnect and ProConnect."""

from accounts.views.compte import account_home, account_invitation, account_profile
from accounts.views.connexion import (
    identite_close,
    oidc_begin,
    oidc_callback,
    oidc_closed,
)
from accounts.views.identites import identite_remove
from accounts.views.liaison import (
    identite_choose,
    identite_confirm,
    identite_give_up,
    identite_keep,
    identite_link_sent,
    identite_prove,
    identite_send_link,
)

__all__ = [
    "account_home",
    "account_invitation",
    "account_profile",
    "identite_choose",
    "identite_close",
    "identite_confirm",
    "identite_give_up",
    "identite_keep",
    "identite_link_sent",
    "identite_prove",
    "identite_remove",
    "identite_send_link",
    "oidc_begin",
    "oidc_callback",
    "oidc_closed",
]
