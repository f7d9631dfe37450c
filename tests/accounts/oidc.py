"""What a person does to sign in by FranceConnect or ProConnect, in a test client."""

from urllib.parse import parse_qsl, urlsplit

from tests.markup import Markup


def begin(client, name="franceconnect", next_url="") -> str:
    """Follow the button of the sign-in page; return the address at the provider."""
    page = client.get("/compte/login/", {"next": next_url} if next_url else {})
    buttons = [link["href"] for link in Markup(page).all("a.fr-connect")]
    button = next(href for href in buttons if href.startswith(f"/compte/{name}/"))
    answer = client.get(button)
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl(urlsplit(url).query))


def come_back(client, provider, sub="angela", name="franceconnect", next_url=""):
    """Go to the provider, sign in there, and return the answer of TPS on the way back."""
    return client.get(provider.authorize(begin(client, name, next_url), sub))


def is_signed_in(client) -> bool:
    """Tell whether the client has a session of somebody."""
    return "_auth_user_id" in client.session


def said(client, url="/compte/login/") -> list[str]:
    """Return the messages that the next page shows."""
    return [part.text for part in Markup(client.get(url)).all(".fr-alert")]
