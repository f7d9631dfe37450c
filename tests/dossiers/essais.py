"""What the tests of the test mode begin with."""

from django.test import Client

from dossiers.models import Dossier
from procedures.models import Administration, Procedure
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import ProcedureFactory

TOKEN = "jeton-d-essai_1"


def procedure_to_try(**kwargs) -> Procedure:
    """Return an unpublished procédure with an open link."""
    return ProcedureFactory(brouillon=True, **{"test_token": TOKEN} | kwargs)


def make_administrateur(procedure: Procedure, user) -> None:
    """Let `user` design the procédure."""
    procedure.organisme.administrateurs.add(user)
    Administration.objects.create(procedure=procedure, user=user)


def status_of(client: Client, url: str) -> int:
    """Return the status of a page or of a file, which is closed."""
    response = client.get(url)
    for close_file in response._resource_closers:  # response.close() would end the connection
        close_file()
    return response.status_code


def essai_of(procedure: Procedure, **kwargs) -> Dossier:
    """Return a test on the draft of `procedure`."""
    draft = procedure.revisions.drafts().get()
    return DossierFactory(procedure=procedure, revision=draft, is_test=True, **kwargs)
