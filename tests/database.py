"""The test database: cloned from one that is migrated already, emptied without rebuilding it."""

import fcntl
import hashlib
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

ROOT = Path(settings.BASE_DIR)
PREFIX = "tps_modele_"
# `flush` would empty them, then have Django fill them in again with the same rows.
SAME_FOR_ALL_TESTS = {"django_content_type", "auth_permission"}


def template_name() -> str:
    """Return the name of the migrated database, another one as soon as what makes it changes."""
    digest = hashlib.sha256()
    for path in [ROOT / "requirements.txt", *sorted(ROOT.glob("*/migrations/*.py"))]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def clone_from_template(lock: ExitStack) -> None:
    """Have the test database cloned from the template; without one, take `lock` until it exists."""
    folder = Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    file = lock.enter_context((folder / "modele.lock").open("a"))
    fcntl.flock(file, fcntl.LOCK_EX)  # another process may be making it
    if template_name() in _templates():
        connection.settings_dict["TEST"]["TEMPLATE"] = template_name()
        lock.close()


def keep_as_template() -> None:
    """Keep a copy of the test database, just migrated, in place of those of other migrations."""
    former, name = _templates(), template_name()
    if name in former:
        return
    source = connection.settings_dict["NAME"]
    connection.close()  # a database in use cannot be cloned
    with connection._nodb_cursor() as cursor:
        for database in former:
            cursor.execute(f'DROP DATABASE IF EXISTS "{database}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')


def _templates() -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        return [name for (name,) in cursor.fetchall()]


@cache
def _emptying() -> tuple[str, str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [connection.ops.quote_name(name) for name in names if name not in SAME_FOR_ALL_TESTS]
    # Like TRUNCATE, which makes each table and index anew, it waits for those who still write.
    lock = f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"
    return lock, ";".join(f"DELETE FROM {table}" for table in tables)


def _empty_tables(_test_case: TransactionTestCase) -> None:
    lock, delete = _emptying()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(lock)
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, any order
        cursor.execute(delete)


def empty_tables_fast() -> None:
    """Replace the `flush` that ends each transactional test."""
    TransactionTestCase._fixture_teardown = _empty_tables
