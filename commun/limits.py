"""How often one visitor may ask for the pages that are open to everyone."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_ratelimit.decorators import ratelimit


def limit_visitors(key: str = "user_or_ip") -> Callable:
    """Refuse with 429 the account, or the network address, that asks too often.

    The limit is one for all the pages so decorated; without Redis there is none.
    """

    def decorator(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return ratelimit(group="public", key=key, rate=_public_pages_rate)(view)

    return decorator


def client_address(request: HttpRequest) -> str:
    """Return the network address that asks: behind a proxy, the last one that it noted."""
    if settings.BEHIND_PROXY:
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(address))
        except ValueError:
            pass
    return request.META["REMOTE_ADDR"]


def _public_pages_rate(group: str, request: HttpRequest) -> str | None:
    return settings.PUBLIC_PAGES_RATE or None
