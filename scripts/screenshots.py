"""Redo the screenshots of the README, on a demo of its own (`make screenshots`)."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = ROOT / "docs" / "captures"
PASSWORD = "demo-TPS-2026"  # noqa: S105 -- the public password of the demo
SCREEN = {"width": 1280, "height": 900}
START_TIMEOUT_SECONDS = 60
# File, account, and the links to follow by their text or address from the given page.
SHOTS = [
    (
        "administrateur",
        "admin@demo.tps",
        "/administration/",
        ["Inscription au registre", "Formulaire", "Choix unique : Type de transport"],
    ),
    ("usager", "usager@demo.tps", "/commencer/registre-transport-routier/", ["Reprendre"]),
    (
        "accompagnateur",
        "accompagnateur@demo.tps",
        "/instruction/",
        ["Inscription au registre", "À suivre", "TRANSPORTS DELMAS"],
    ),
]


def main() -> None:
    """Start a site with a fresh demo, photograph it, stop it."""
    folder = tempfile.mkdtemp(prefix="tps-captures-")
    os.chmod(folder, 0o755)  # noqa: S103 -- the embedded PostgreSQL may run as another person
    port = _free_port()
    environment = os.environ | {"DEBUG": "1", "DEMO": "1", "PORT": str(port), "TPS_VAR": folder}
    try:
        for command in (["migrate", "--verbosity", "0"], ["demo"]):
            _manage(command, environment).wait()
        server = _manage(["runserver", f"127.0.0.1:{port}", "--noreload"], environment)
        try:
            _wait_for(f"http://127.0.0.1:{port}/etat/")
            _shoot(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manage(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen(  # noqa: S603 -- our own manage.py, fixed arguments
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 -- loopback
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _shoot(site: str) -> None:
    CAPTURES.mkdir(parents=True, exist_ok=True)
    executable = os.environ.get("TPS_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for name, email, path, links in SHOTS:
            _shoot_one(browser, site, name, email, path, links)
        browser.close()


def _shoot_one(browser: Browser, site: str, name: str, email: str, path: str, links) -> None:
    context = browser.new_context(
        viewport=SCREEN, locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{site}/compte/login/?next={path}")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**{path}")
    for link in links:
        page.get_by_role("link", name=link).first.click()
        page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=CAPTURES / f"{name}.png")
    context.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
