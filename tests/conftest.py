"""Fixtures of the whole suite."""

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache

from tps.celery import app


@pytest.fixture(autouse=True)
def isolated_services(request, settings, tmp_path, worker_id):
    """Give each test its own files and cache keys; run tasks in place unless it wants a worker."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.CACHES = {
        "default": django_settings.CACHES["default"] | {"KEY_PREFIX": f"test-{worker_id}"}
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    eager = request.node.get_closest_marker("worker") is None
    app.conf.task_always_eager = eager
    app.conf.task_eager_propagates = eager
    yield
    cache.clear()
