"""The tables are emptied between transactional tests without a `flush`."""

from django.contrib.auth.models import Permission

from accounts.models import User
from dossiers.models import Dossier
from tests import database
from tests.dossiers.factories import DossierFactory, PieceJointeFactory


def test_nothing_is_left_but_what_all_tests_share(transactional_db):
    permissions = Permission.objects.count()
    PieceJointeFactory(dossier=DossierFactory(en_instruction=True))

    database._empty_tables(None)

    assert (User.objects.count(), Dossier.with_tests.count()) == (0, 0)
    assert permissions > 100
    assert Permission.objects.count() == permissions


def test_another_migration_asks_for_another_template(tmp_path, monkeypatch):
    (tmp_path / "requirements.txt").touch()
    folder = tmp_path / "dossiers" / "migrations"
    folder.mkdir(parents=True)
    monkeypatch.setattr(database, "ROOT", tmp_path)
    before = database.template_name()

    (folder / "0001_initial.py").write_text("# first")
    first = database.template_name()
    (folder / "0001_initial.py").write_text("# second")

    assert len({before, first, database.template_name()}) == 3
