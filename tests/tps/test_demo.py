"""The demo: what a newcomer finds after `make run`."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from courriels.models import Courriel
from dossiers.completeness import problems_of
from dossiers.enums import DossierState
from dossiers.models import Dossier, PieceJointe
from entreprise_api.models import Etablissement
from procedures.enums import CourrielEvent, ProcedureState
from procedures.models import Enchainement, Procedure
from tps.demo.people import ACCOUNTS, PASSWORD


def test_the_demo_shows_every_status_and_every_email(db, django_capture_on_commit_callbacks):
    call_command("demo", verbosity=0)

    assert set(ACCOUNTS) <= set(User.objects.values_list("email", flat=True))
    assert User.objects.get(email="usager@demo.tps").check_password(PASSWORD)
    assert Procedure.objects.filter(state=ProcedureState.PUBLIEE).count() == 4
    assert Procedure.objects.exclude(logo="").count() == 1
    assert Dossier.objects.count() == 60
    assert set(Enchainement.objects.get().mapping) == {"naissance", "adresse", "tel", "epreuve"}
    assert set(Dossier.objects.values_list("state", flat=True)) == set(DossierState.values)
    assert Dossier.objects.archived().count() == 3
    assert set(CourrielEvent.values) <= set(Courriel.objects.values_list("kind", flat=True))
    yesterday = timezone.now() - timedelta(days=1)
    assert not Etablissement.objects.filter(fetched_at__gt=yesterday).exists()
    for dossier in Dossier.objects.select_related("revision"):
        assert dossier.revision.published_at < dossier.created_at
        assert bool(problems_of(dossier)) == dossier.is_brouillon
    with PieceJointe.objects.first().file.open() as pdf:
        assert pdf.read(5) == b"%PDF-"


def test_the_demo_never_touches_a_database_in_use(db):
    User.objects.create_user("quelquun@exemple.fr")

    with pytest.raises(CommandError, match="rien n’a été chargé"):
        call_command("demo")
    call_command("demo", if_empty=True)

    assert User.objects.count() == 1
    assert not Procedure.objects.exists()


def test_the_demo_is_refused_where_it_is_not_wanted(db, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
