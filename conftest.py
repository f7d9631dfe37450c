"""Where the suite runs: private PostgreSQL and Redis, set up before Django reads its settings."""

import gc
import os
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent

os.environ["DEBUG"] = "1"
os.environ["DEMO"] = "1"
os.environ["TPS_DURABLE"] = "0"
os.environ.setdefault("TPS_VAR", str(ROOT / "var" / "tests"))
os.environ["SECRET_KEY"] = "clef-de-test-" + "0" * 40
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the test
os.environ["DJANGO_SETTINGS_MODULE"] = "tps.settings"
# Not by the option of pytest-django, which reads the settings before this file.
django.setup()
# What was imported stays: the collector need not look through it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
