"""What may be suggested for a text being typed, each suggestion signed.

The browser sends back the signature of the one that was chosen: what is kept of it is what the
service said, never what a client says.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.cache import cache

from commun.text import fold
from geographie import client
from geographie.exceptions import GeographieUnavailable

KEPT_SECONDS = 24 * 3600
HOLD_SECONDS = 20
HOLD_SECONDS_MAX = 300
JETON_MAX = 3000


@dataclass(frozen=True)
class Source:
    """Where suggestions come from: how they are fetched, and how one is written."""

    name: str
    fetch: Callable[[str], list[dict[str, Any]]]
    label: Callable[[dict[str, Any]], str]
    text_min: int

    def search(self, text: str) -> list[dict[str, Any]]:
        """Return the suggestions for `text`; none for a text too short to mean anything.

        Raises GeographieUnavailable: at once, for a while, after a call that failed.
        """
        text = " ".join(text.split())[: client.TEXT_MAX]
        if len(text) < self.text_min:
            return []
        key = self._key(fold(text))
        if (known := cache.get(key)) is not None:
            return known
        if cache.get(self._key("attente")) is not None:
            raise GeographieUnavailable(f"{self.name} : en attente")
        try:
            found = self.fetch(text)
        except GeographieUnavailable as error:
            seconds = error.retry_after_seconds or HOLD_SECONDS
            cache.set(self._key("attente"), 1, timeout=min(seconds, HOLD_SECONDS_MAX))
            raise
        cache.set(key, found, timeout=KEPT_SECONDS)
        return found

    def sign(self, suggestion: dict[str, Any]) -> str:
        """Return the token of a suggestion; the same one for the same suggestion."""
        return self._signer().sign_object(suggestion)

    def read(self, jeton: str, text: str) -> dict[str, Any] | None:
        """Return the suggestion of which `jeton` is the token and `text` the label, else None."""
        if not jeton or len(jeton) > JETON_MAX:
            return None
        try:
            suggestion = self._signer().unsign_object(jeton)
        except (signing.BadSignature, ValueError):
            return None
        return suggestion if self.label(suggestion) == text.strip() else None

    def _signer(self) -> signing.Signer:
        return signing.Signer(salt=f"geographie.{self.name}")

    def _key(self, text: str) -> str:
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:24]
        return f"geographie:{self.name}:{digest}"


def adresse_label(adresse: dict[str, Any]) -> str:
    """Write an address on one line."""
    return adresse["label"]


def commune_label(commune: dict[str, Any]) -> str:
    """Write a commune as « Lille (59000) »."""
    return f"{commune['nom']} ({commune['code_postal']})"


ADRESSES = Source("adresse", client.fetch_adresses, adresse_label, text_min=3)
COMMUNES = Source("commune", client.fetch_communes, commune_label, text_min=2)
