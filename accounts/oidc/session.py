"""What the session keeps of a sign-in by a provider; the browser never sees any of it."""

import time
from dataclasses import dataclass, field
from hashlib import sha256

from accounts.oidc.client import new_secret
from accounts.oidc.identity import Identity

PENDING_LIFETIME_SECONDS = 30 * 60  # FranceConnect's own session
LINK_LIFETIME_SECONDS = 15 * 60
LINKS_MAX = 5
_PENDING = "identite_en_attente"
_OPEN = "session_du_fournisseur"
_CLOSING = "fermeture_chez_le_fournisseur"


@dataclass
class Pending:
    """A verified identity without an account yet, and the links sent for it in this browser.

    `links` goes from the digest of a link to its address and the moment it was sent.
    """

    identity: Identity
    next_url: str
    since: float = field(default_factory=time.time)
    links: dict[str, list] = field(default_factory=dict)

    def email_of(self, token: str) -> str | None:
        """Return the address to which the link was sent, None when it is another's or too old."""
        email, sent_at = self.links.get(_digest(token), ("", 0.0))
        return email if time.time() - sent_at < LINK_LIFETIME_SECONDS and email else None


def keep_pending(request, pending: Pending) -> None:
    """Keep the identity until its account is known."""
    request.session[_PENDING] = {
        "identity": pending.identity.as_dict(),
        "next_url": pending.next_url,
        "since": pending.since,
        "links": pending.links,
    }


def read_pending(request) -> Pending | None:
    """Return the identity that waits for its account, None when there is none or it waited long."""
    kept = request.session.get(_PENDING)
    if kept is None:
        return None
    pending = Pending(**kept | {"identity": Identity(**kept["identity"])})
    if time.time() - pending.since > PENDING_LIFETIME_SECONDS:
        forget_pending(request)
        return None
    return pending


def forget_pending(request) -> None:
    """Forget the identity and its links: it found its account, or the person gave up."""
    request.session.pop(_PENDING, None)


def new_link(request, pending: Pending, email: str) -> str:
    """Return the secret of a link to `email`, which this browser alone can use."""
    token = new_secret()
    links = dict(list(pending.links.items())[1 - LINKS_MAX :])
    pending.links = links | {_digest(token): [email, time.time()]}
    keep_pending(request, pending)
    return token


def remember_provider(request, identity: Identity) -> None:
    """Keep what closes the session at the provider."""
    request.session[_OPEN] = {"provider": identity.provider, "id_token": identity.id_token}


def has_provider(request) -> bool:
    """Tell whether the session began at a provider, where it must end too."""
    return _OPEN in request.session


def take_provider(request) -> dict | None:
    """Return what closes the session at the provider, and forget it."""
    return request.session.pop(_OPEN, None)


def begin_closing(request, opened: dict, *, text: str = "") -> None:
    """Note, in a session without anyone, that the one at the provider ends; `text` is said then."""
    request.session[_CLOSING] = opened | {"state": new_secret(), "text": text}


def read_closing(request) -> dict | None:
    """Return what `begin_closing` noted: provider, id_token, state, text."""
    return request.session.get(_CLOSING)


def end_closing(request) -> None:
    """Forget it: the provider is done, or cannot be reached."""
    request.session.pop(_CLOSING, None)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
