"""The token of API Entreprise, a JWT whose claims may be read without its key."""

import base64
import binascii
import json
import time


def expires_at_timestamp(token: str) -> int | None:
    """Return the UNIX time at which `token` expires, None when it says nothing of it."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        exp = claims.get("exp")
    except (ValueError, binascii.Error, AttributeError, RecursionError):
        return None
    return exp if isinstance(exp, int) and not isinstance(exp, bool) else None


def has_expired(token: str) -> bool:
    """Say whether `token` names a moment of expiry and that moment has passed."""
    exp = expires_at_timestamp(token)
    return exp is not None and exp <= time.time()
