"""In the demo, what is not found is answered as on a real site, not in a developer’s English."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found

# What Django writes at the foot of its own page, where DEBUG is on.
_MARK = b"<code>DEBUG = True</code>"


class NotFoundMiddleware:
    """Replace Django’s page for developers; it must be the last middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and not response.streaming and _MARK in response.content:
            return page_not_found(request, Http404())
        return response
