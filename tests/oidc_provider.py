"""A provider of identities that answers on this machine, well or as badly as a test asks.

The exchange is that of `oidc-provider-mock`: the page of sign-in, codes that serve once, tokens,
sign-out. Around it, what FranceConnect and ProConnect do that it does not: ES256, a signed
`/userinfo`, `acr`, and each way of lying that must be refused.

`python -m tests.oidc_provider` runs it for trials by hand: see docs/developpement.md.
"""

import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
import requests
import werkzeug.serving
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from oidc_provider_mock import app as provider_app
from werkzeug.test import Client as WsgiClient
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

DEMO_PORT = 9400
CLIENT_ID, SECRET = "tps-client", "secret-de-tps-" + "0" * 32
ANGELA = {
    "given_name": "Angela Claire Louise",
    "given_name_array": ["Angela", "Claire", "Louise"],
    "family_name": "Dubois",
    "birthdate": "1962-08-24",
    "gender": "female",
    "email": "Angela.Dubois@exemple.fr",
    "birthplace": "75107",
}
AGENT = {
    "given_name": "Jean",
    "usual_name": "Lefort",
    "email": "jean.lefort@prefecture.exemple.fr",
    "uid": "jlefort",
    "siret": "13002526500013",
    "idp_id": "fia-1",
}
_KEYS = {
    "ec": ec.generate_private_key(ec.SECP256R1()),
    "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "stranger": ec.generate_private_key(ec.SECP256R1()),
}


@dataclass
class Answers:
    """How the provider answers; a claim set to None is left out.

    `sign` names the key that really signs, `kid` the one that is said to.
    """

    id_token: dict = field(default_factory=dict)
    userinfo: dict = field(default_factory=dict)
    algorithm: str = "ES256"
    sign: str = "ec"
    kid: str | None = "ec"
    userinfo_algorithm: str = ""
    userinfo_is_signed: bool = True
    token_status: int = 0
    userinfo_status: int = 0


class Provider:
    """The WSGI application, and what a test asks of it."""

    def __init__(self):
        self.answers = Answers()
        self.published = ["ec", "rsa"]
        self.seen: list[str] = []
        self.codes: list[str] = []
        self.tokens: list[str] = []
        self._mock = provider_app(require_nonce=True)
        self._client = WsgiClient(self._mock, Response)
        self.url = ""

    def know(self, sub: str, claims: dict) -> None:
        """Let a person be known to the provider."""
        requests.put(f"{self.url}/users/{sub}", json=claims, timeout=5).raise_for_status()

    def authorize(self, url: str, sub: str) -> str:
        """Sign in at the page `url` as `sub`; return the path of TPS where that leads."""
        answer = requests.post(url, data={"sub": sub}, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        location = urlsplit(answer.headers["Location"])
        self.codes.append(dict(parse_qsl(location.query))["code"])
        return f"{location.path}?{location.query}"

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.seen.append(path)
        handler = {
            "/jwks": self._jwks,
            "/oauth2/token": self._token,
            "/userinfo": self._userinfo,
            "/oauth2/authorize": self._authorize,
        }.get(path)
        response = handler(Request(environ)) if handler else self._mock
        return response(environ, start_response)

    def _authorize(self, request):
        query = {
            name: values[0] for name, values in parse_qs(request.query_string.decode()).items()
        }
        body = request.get_data()
        if b"action=deny" in body:  # the mock forgets the state
            refusal = urlencode({"error": "access_denied", "state": query["state"]})
            return redirect(f"{query['redirect_uri']}?{refusal}")
        request.environ["wsgi.input"] = BytesIO(body)
        # The mock knows the claims of `profile` only by that name.
        scope = query.get("scope", "") + " profile"
        request.environ["QUERY_STRING"] = urlencode(query | {"scope": scope})
        return self._mock

    def _jwks(self, request):
        return Response(
            json.dumps({"keys": [_public(name) for name in self.published]}),
            mimetype="application/json",
        )

    def _token(self, request):
        form = request.form.to_dict()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, SECRET):
            return Response("{}", 401)
        if self.answers.token_status:
            return Response("{}", self.answers.token_status)
        answer = self._client.post("/oauth2/token", data=form, base_url=self.url)
        if answer.status_code != 200:
            return answer
        found = json.loads(answer.data)
        claims = jwt.decode(found["id_token"], options={"verify_signature": False})
        claims = {name: claims[name] for name in ("iss", "aud", "exp", "iat", "nonce", "sub")} | {
            "acr": "eidas1"
        }
        found["id_token"] = self._sign(claims | self.answers.id_token, self.answers.algorithm)
        self.tokens += [found["id_token"], found["access_token"]]
        return Response(json.dumps(found), mimetype="application/json")

    def _userinfo(self, request):
        if self.answers.userinfo_status:
            return Response("", self.answers.userinfo_status)
        authorization = {"Authorization": request.headers.get("Authorization", "")}
        answer = self._client.get("/userinfo", headers=authorization, base_url=self.url)
        if answer.status_code != 200 or not self.answers.userinfo_is_signed:
            return answer
        now = int(time.time())
        claims = json.loads(answer.data) | {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 60,
        }
        algorithm = self.answers.userinfo_algorithm or self.answers.algorithm
        token = self._sign(claims | self.answers.userinfo, algorithm)
        self.tokens.append(token)
        return Response(token, mimetype="application/jwt")

    def _sign(self, claims: dict, algorithm: str) -> str:
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": self.answers.kid} if self.answers.kid else {}
        key = {"none": None, "HS256": SECRET}.get(algorithm, _KEYS[self.answers.sign])
        return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def _public(name: str) -> dict:
    key = _KEYS[name].public_key()
    algorithm = jwt.algorithms.RSAAlgorithm if name == "rsa" else jwt.algorithms.ECAlgorithm
    return algorithm.to_jwk(key, as_dict=True) | {"kid": name, "use": "sig"}


@contextmanager
def serve(port: int = 0):
    """Run a provider that knows Angela, an usager, and Jean, an agent."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    provider = Provider()
    server = werkzeug.serving.make_server("127.0.0.1", port, provider, threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    provider.know("angela", ANGELA)
    provider.know("jean", AGENT)
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


if __name__ == "__main__":
    with serve(DEMO_PORT) as running:
        print(f"{running.url} : angela (FranceConnect), jean (ProConnect)")  # noqa: T201
        threading.Event().wait()
