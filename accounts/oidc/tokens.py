"""Read the signed answers of a provider: nothing in them counts before all of this holds."""

from dataclasses import dataclass
from functools import lru_cache

import jwt
from jwt import PyJWK, PyJWKClient

from accounts.oidc.errors import OidcError, OidcUnavailable

LEEWAY_SECONDS = 10
KEYS_LIFETIME_SECONDS = 3600
TIMEOUT_SECONDS = 5
_REQUIRED = ["iss", "aud", "exp", "iat", "sub"]


@dataclass(frozen=True)
class Verifier:
    """What the tokens of one provider must be; `secret` serves where HS256 was agreed on."""

    issuer: str
    client_id: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    secret: str

    def read(self, token: str) -> dict:
        """Return the claims of `token`, once its signature, issuer, audience and dates hold.

        Raises OidcError, or OidcUnavailable when the keys cannot be fetched.
        """
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in self.algorithms:
                raise OidcError("algorithm")
            claims = jwt.decode(
                token,
                self._key(algorithm, header.get("kid")),
                algorithms=[algorithm],
                audience=self.client_id,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise OidcError(type(error).__name__) from None
        if claims["aud"] not in (self.client_id, [self.client_id]):
            raise OidcError("audience")
        return claims

    def _key(self, algorithm: str, kid: str | None) -> PyJWK | str:
        """Return the key that `kid` names; one that was just made is fetched, once."""
        if algorithm == "HS256":
            return self.secret
        if not kid:
            raise OidcError("kid")
        try:
            key = _keys(self.jwks_uri).get_signing_key(kid)
        except jwt.PyJWKClientConnectionError:
            raise OidcUnavailable("jwks") from None
        except ValueError:  # not JSON
            raise OidcUnavailable("jwks") from None
        if key.algorithm_name != algorithm:
            raise OidcError("key")
        return key


@lru_cache(maxsize=8)
def _keys(uri: str) -> PyJWKClient:
    # No cool-down: only the provider itself, over our own connection, can name an unknown key.
    return PyJWKClient(
        uri, lifespan=KEYS_LIFETIME_SECONDS, timeout=TIMEOUT_SECONDS, cooldown_duration=0
    )
