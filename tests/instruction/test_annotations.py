"""Annotations privées: for the accompagnateurs of the procédure, and for nobody else."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import QueryDict

from dossiers import workflow
from dossiers.annotations import save_annotations
from dossiers.models import Dossier
from dossiers.recapitulatif import make_recapitulatif
from procedures.champs import new_champ
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

HTMX = {"HX-Request": "true"}
SECRET = "Dossier suspect"
pytestmark = pytest.mark.django_db


@pytest.fixture
def procedure():
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[UserFactory()]),
        annotations=[
            new_champ("texte_court", id="note01", label="Note interne"),
            new_champ("nombre_entier", id="points", label="Points", maximum=20),
        ],
    )


@pytest.fixture
def accompagnateur(procedure):
    return AffectationFactory(procedure=procedure).user


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure, en_construction=True)


def save(dossier, by, **values):
    data = QueryDict(mutable=True)
    data.update({f"champ_{name}": value for name, value in values.items()})
    return save_annotations(dossier.pk, data, by=by)


def url(dossier, rest=""):
    return f"/instruction/dossiers/{dossier.pk}/{rest}"


def test_annotations_are_saved_apart_from_the_answers(dossier, accompagnateur):
    before = dossier.updated_at

    save(dossier, accompagnateur, note01=SECRET, objet1="pirate")

    dossier.refresh_from_db()
    assert dossier.annotations == {"note01": SECRET}
    assert dossier.reponses == {"objet1": "Achat de livres"}
    assert dossier.updated_at == before


def test_page_shows_and_saves_them(dossier, accompagnateur, client_for):
    client = client_for(accompagnateur)
    client.post(url(dossier, "annotations/note01/"), {"champ_note01": SECRET}, headers=HTMX)

    markup = Markup(client.get(url(dossier, "annotations/")))

    assert markup.one("#champ-note01 input[name=champ_note01]")["value"] == SECRET
    assert "Enregistrer les annotations" in markup.one("#annotations").text


def test_refused_annotation_is_kept_as_typed_and_explained(dossier, accompagnateur, client_for):
    client = client_for(accompagnateur)
    response = client.post(
        url(dossier, "annotations/points/"), {"champ_points": "99"}, headers=HTMX
    )
    assert "au plus égal à 20" in response.content.decode()

    markup = Markup(client.get(url(dossier, "annotations/")))

    assert markup.one("input[name=champ_points]")["value"] == "99"
    assert "au plus égal à 20" in markup.one("#champ-points").text
    dossier.refresh_from_db()
    assert dossier.annotations == {}


def test_without_javascript_all_are_saved_at_once(dossier, accompagnateur, client_for):
    response = client_for(accompagnateur).post(
        url(dossier, "annotations/"), {"champ_note01": SECRET, "champ_points": "12"}
    )

    assert response["Location"] == url(dossier, "annotations/")
    dossier.refresh_from_db()
    assert dossier.annotations == {"note01": SECRET, "points": 12}


def test_decided_dossier_can_still_be_annotated(procedure, accompagnateur):
    dossier = DossierFactory(procedure=procedure, accepte=True)

    save(dossier, accompagnateur, note01=SECRET)

    assert Dossier.objects.get(pk=dossier.pk).annotations == {"note01": SECRET}


def test_others_may_not_annotate(dossier, procedure):
    stranger = AffectationFactory().user
    own = AffectationFactory(procedure=procedure, user=dossier.usager).user

    for person in (stranger, own, procedure.organisme.administrateurs.get()):
        with pytest.raises(PermissionDenied):
            save(dossier, person, note01="x")


def test_usager_sees_them_nowhere(dossier, accompagnateur, client_for):
    save(dossier, accompagnateur, note01=SECRET, points="99")
    client = client_for(dossier.usager)

    for path in ("", "modifier/", "recapitulatif/"):
        response = client.get(f"/dossiers/{dossier.pk}/{path}")
        assert response.status_code == 200
        assert SECRET.encode() not in response.content
        assert b"Note interne" not in response.content
    assert (
        client.post(
            f"/dossiers/{dossier.pk}/champs/note01/", {"champ_note01": "x"}, headers=HTMX
        ).status_code
        == 404
    )
    found = client.get("/dossiers/", {"q": "suspect"})
    assert f"/dossiers/{dossier.pk}/" not in found.content.decode()
    assert SECRET.encode() not in make_recapitulatif(dossier, is_public=True)


def test_accompagnateur_who_is_the_usager_sees_none_of_their_own(dossier, procedure, client_for):
    Dossier.objects.filter(pk=dossier.pk).update(annotations={"note01": SECRET})
    AffectationFactory(procedure=procedure, user=dossier.usager)

    page = client_for(dossier.usager).get(url(dossier, "annotations/")).content.decode()

    assert SECRET not in page
    assert client_for(dossier.usager).post(url(dossier, "annotations/")).status_code == 403


def test_they_survive_every_change_of_state(dossier, accompagnateur):
    save(dossier, accompagnateur, note01=SECRET, points="99")

    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)

    dossier.refresh_from_db()
    assert dossier.annotations == {"note01": SECRET}
    assert dossier.annotations_refusees == {"points": "99"}


def test_without_annotations_nothing_is_shown(client_for):
    dossier = DossierFactory(en_construction=True)
    person = AffectationFactory(procedure=dossier.procedure).user

    assert "Annotations privées" not in client_for(person).get(url(dossier)).content.decode()
