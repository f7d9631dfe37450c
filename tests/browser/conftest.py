"""A real Chromium on the live site: what a person would notice as broken fails the test."""

import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.oidc import provider

__all__ = ["provider"]

SCREEN = {"viewport": {"width": 1280, "height": 900}}
PHONE = {
    "viewport": {"width": 375, "height": 812},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
PAGE_TIMEOUT_MS = 15_000
REQUEST_POLLS = 50
# The scripts of the design system finish the roles of the header; the menu of phones, closed, is
# hidden, and on a wide screen it loses its name.
HEADER_IS_READY = """() => {
    const menu = document.getElementById("menu-mobile");
    if (!menu) return true;
    const isSettled = !menu.hasAttribute("aria-labelledby") || menu.hasAttribute("role");
    const isShown = menu.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return menu.hasAttribute("data-fr-js-header-modal") && (!isShown || isSettled);
}"""
ARGUMENTS = [
    "--no-sandbox",  # root, in a container, has no other way
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]


class Troubles(list):
    """What went wrong in the browser; a test that provokes an error allows it first."""

    # What htmx notes when a newer request takes the place of one that was still on its way.
    REPLACED = r"htmx:(afterRequest|sendAbort), \[object"

    def __init__(self):
        super().__init__()
        self._allowed: list[str] = [self.REPLACED]

    def allow(self, pattern: str) -> None:
        """Accept the troubles that match the regular expression `pattern`, as a 404 sought."""
        self._allowed.append(pattern)

    def unexpected(self) -> list[str]:
        """Return those that were not allowed."""
        return [text for text in self if not any(re.search(p, text) for p in self._allowed)]


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.failed_in_call = report.failed
    return report


def _find_chromium() -> str | None:
    candidates = [os.environ.get("TPS_CHROMIUM"), "/usr/bin/chromium", shutil.which("chromium")]
    return next((path for path in candidates if path and os.access(path, os.X_OK)), None)


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Return Debian's Chromium; without one the test is skipped, or fails in CI."""
    executable = _find_chromium()
    if executable is None:
        message = "Chromium est introuvable : sudo apt install chromium, ou TPS_CHROMIUM=…"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site_url(live_server, settings) -> str:
    """Return the address of the live site, which also plays API Entreprise."""
    settings.SITE_URL = live_server.url
    settings.API_ENTREPRISE_URL = f"{live_server.url}/demo/api-entreprise"
    return live_server.url


@pytest.fixture
def troubles() -> Troubles:
    """Collect errors of the console and of scripts, breaches of the CSP, calls to other hosts."""
    return Troubles()


@pytest.fixture
def new_page(browser, site_url, troubles, request) -> Callable[..., Page]:
    """Return a function that opens a page as one more person, on another computer."""
    contexts = []

    def new_page(**options) -> Page:
        context = browser.new_context(
            **(SCREEN | {"locale": "fr-FR", "timezone_id": "Europe/Paris"} | options)
        )
        context.set_default_timeout(PAGE_TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        _watch(page, troubles, urlsplit(site_url).netloc)
        return page

    yield new_page
    if getattr(request.node, "failed_in_call", False):
        _photograph(contexts, request.node.name)
    for context in contexts:
        context.close()
    _wait_for_requests()
    assert troubles.unexpected() == []


def _wait_for_requests() -> None:
    """Wait until the site has ended what the closed pages asked: tables are emptied after it."""
    busy = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    for _ in range(REQUEST_POLLS):
        with connection.cursor() as cursor:
            cursor.execute(busy)
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)


def _watch(page: Page, troubles: Troubles, host: str) -> None:
    def note_console(message):
        if message.type == "error":
            troubles.append(f"console : {message.text} ({message.location.get('url')})")

    def note_request(request):
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != host:
            troubles.append(f"autre hôte : {request.url}")

    page.on("console", note_console)
    page.on("pageerror", lambda error: troubles.append(f"script : {error}"))
    page.on("request", note_request)


def _photograph(contexts, name: str) -> None:
    folder = Path(django_settings.BASE_DIR) / "test-results"
    folder.mkdir(exist_ok=True)
    slug = re.sub(r"[^\w-]+", "-", name)
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages):
        page.screenshot(path=folder / f"{slug}-{number}.png", full_page=True)


@pytest.fixture
def page(new_page) -> Page:
    """Return a page on a screen of 1280 × 900."""
    return new_page()


@pytest.fixture
def phone(new_page) -> Page:
    """Return a page on a phone of 375 × 812."""
    return new_page(**PHONE)


@pytest.fixture
def sign_in(site_url) -> Callable:
    """Return a function that signs a person in on a page, without the form."""

    def sign_in(page: Page, user) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        name = django_settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": site_url}
        page.context.add_cookies([cookie])

    return sign_in


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Return a function that fails, element by element, on what axe-core finds in a page."""

    def check(page: Page) -> None:
        page.wait_for_function(HEADER_IS_READY)
        violations = Axe().run(page).response["violations"]
        lines = [
            f"{violation['id']} ({violation['impact']}) : {violation['help']}\n"
            f"    {' '.join(map(str, node['target']))}\n    {node['html']}"
            for violation in violations
            for node in violation["nodes"]
        ]
        assert not lines, f"axe-core, sur {page.url} :\n" + "\n".join(lines)

    return check
