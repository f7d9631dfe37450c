"""People and a procédure for the tests of the accompagnateurs."""

import pytest

from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def procedure(db):
    """A published procédure."""
    return ProcedureFactory(title="Demande de subvention")


@pytest.fixture
def accompagnateur(procedure):
    """A person assigned to the procédure."""
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=procedure, user=user)
    return user


@pytest.fixture
def colleague(procedure):
    """Another person assigned to the procédure."""
    user = UserFactory(first_name="Bruno", last_name="Collègue")
    AffectationFactory(procedure=procedure, user=user)
    return user


@pytest.fixture
def client(accompagnateur, client_for):
    """A browser where the accompagnateur is signed in."""
    return client_for(accompagnateur)


@pytest.fixture
def dossier(procedure):
    """A dossier en instruction."""
    return DossierFactory(procedure=procedure, en_instruction=True)


@pytest.fixture
def strangers(procedure, dossier):
    """Signed-in people who may not know of the dossier as accompagnateurs, by their name."""
    elsewhere = AffectationFactory().user
    administrateur = UserFactory()
    procedure.organisme.administrateurs.add(administrateur)
    procedure.administrations.create(user=administrateur)
    OrganismeFactory(administrateurs=[elsewhere])
    return {
        "accompagnateur of another procédure": elsewhere,
        "usager of the dossier": dossier.usager,
        "administrateur not assigned": administrateur,
        "exploitant": UserFactory(exploitant=True),
        "anyone": UserFactory(),
    }
