"""Private modifications, deposits, versions."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from dossiers import pieces_jointes, workflow
from dossiers.copie import discard_modifications, open_working_copy
from dossiers.depots import (
    DepositRefused,
    DossierIncomplete,
    deposit_modifications,
)
from dossiers.enums import HistoryAction
from dossiers.identification import identify_personne
from dossiers.models import Dossier, Modification, PieceJointe, Version
from dossiers.reponses import save_reponses
from dossiers.versions import depots_of
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.dossiers.test_reponses import post
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def procedure():
    champs = [
        new_champ("texte_court", id="objet1", label="Objet"),
        new_champ("nombre_entier", id="nombre1", label="Nombre", required=False),
        new_champ("piece_jointe", id="piece1", label="Devis", required=False),
    ]
    return ProcedureFactory(champs=champs)


@pytest.fixture
def accompagnateur(procedure):
    return AffectationFactory(procedure=procedure).user


@pytest.fixture
def dossier(procedure):
    """Return a dossier filed once."""
    brouillon = DossierFactory(procedure=procedure, reponses={"objet1": "Livres"})
    workflow.run(workflow.SUBMIT, brouillon.pk, by=brouillon.usager)
    return Dossier.objects.get(pk=brouillon.pk)


def save(dossier, by=None, **values):
    data = post(**{f"champ_{key}": value for key, value in values.items()})
    return save_reponses(dossier.pk, data, by=by or dossier.usager)


def attach(dossier, name="devis.pdf", content=PDF):
    upload = SimpleUploadedFile(name, content)
    return pieces_jointes.attach(dossier.pk, "piece1", upload, by=dossier.usager)


def download_status(client, file) -> int:
    response = client.get(f"/dossiers/fichiers/{file.pk}/")
    if response.status_code == 200:
        assert b"".join(response.streaming_content).startswith(b"%PDF")
    return response.status_code


def page(client, url) -> str:
    return client.get(url).content.decode()


def test_submission_is_the_first_version(dossier):
    version = dossier.versions.get()

    assert (version.number, version.reponses) == (1, {"objet1": "Livres"})
    assert (version.by, version.by_name) == (dossier.usager, str(dossier.usager))


def test_accompagnateur_sees_no_modification_before_its_deposit(
    dossier, accompagnateur, client_for
):
    save(dossier, objet1="Secret")
    joined = attach(dossier, "secret.pdf")
    instructing = client_for(accompagnateur)
    url = f"/instruction/dossiers/{dossier.pk}/"

    before = page(instructing, url)
    assert "Livres" in before
    assert "Secret" not in before
    assert "secret.pdf" not in before
    assert download_status(instructing, joined) == 404
    deposit_modifications(dossier.pk, by=dossier.usager)

    after = page(instructing, url)
    assert "Secret" in after
    assert "secret.pdf" in after
    assert download_status(instructing, joined) == 200


def test_search_and_date_of_change_tell_nothing_before_the_deposit(dossier):
    before = dossier.updated_at

    save(dossier, objet1="Secret")
    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.updated_at, "secret" in fresh.search_text) == (before, False)
    deposit_modifications(dossier.pk, by=dossier.usager)

    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.updated_at > before, "secret" in fresh.search_text) == (True, True)


def test_deposit_makes_a_version_a_history_row_and_ends_the_modification(dossier):
    save(dossier, objet1="Disques", nombre1="2")

    version = deposit_modifications(dossier.pk, by=dossier.usager)

    dossier.refresh_from_db()
    assert dossier.reponses == {"objet1": "Disques", "nombre1": 2}
    assert (version.number, version.reponses) == (2, dossier.reponses)
    assert dossier.versions.get(number=1).reponses == {"objet1": "Livres"}
    assert not Modification.objects.filter(dossier=dossier).exists()
    last = dossier.history.last()
    assert (last.action, last.motivation) == (HistoryAction.DEPOSIT_CHANGES, "Version 2.")
    assert last.from_state == last.to_state == dossier.state


def test_deposit_with_nothing_changed_is_refused(dossier):
    with pytest.raises(DepositRefused, match="aucune modification"):
        deposit_modifications(dossier.pk, by=dossier.usager)

    assert dossier.versions.count() == 1


def test_incomplete_modifications_are_kept_and_not_filed(dossier):
    save(dossier, objet1="")

    with pytest.raises(DossierIncomplete) as refusal:
        deposit_modifications(dossier.pk, by=dossier.usager)

    assert [problem.champ.id for problem in refusal.value.problems] == ["objet1"]
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Livres"}
    assert Modification.objects.get(dossier=dossier).reponses == {}


def test_frozen_dossier_takes_no_deposit_and_keeps_the_modification(dossier, accompagnateur):
    save(dossier, objet1="Trop tard")
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)

    with pytest.raises(DepositRefused, match="en instruction"):
        deposit_modifications(dossier.pk, by=dossier.usager)
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)
    deposit_modifications(dossier.pk, by=dossier.usager)

    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Trop tard"}


def test_only_its_usager_deposits(dossier, accompagnateur):
    save(dossier, objet1="Disques")

    for person in (UserFactory(), accompagnateur):
        with pytest.raises(PermissionDenied):
            deposit_modifications(dossier.pk, by=person)


def test_identity_is_changed_in_private_too(dossier):
    before = dossier.nom
    identity = {"civilite": "Mme", "prenom": "Zoé", "nom": "Nouveau"}
    identify_personne(dossier.pk, **identity, by=dossier.usager)

    assert Dossier.objects.get(pk=dossier.pk).nom == before
    deposit_modifications(dossier.pk, by=dossier.usager)

    fresh = Dossier.objects.get(pk=dossier.pk)
    assert fresh.nom == "Nouveau"
    [change] = depots_of(fresh)[0][0].changes
    assert (change.label, change.after) == ("Demandeur", "Madame Zoé Nouveau")


def test_abandoning_brings_back_what_was_filed(dossier):
    filed = attach(dossier)
    deposit_modifications(dossier.pk, by=dossier.usager)
    save(dossier, objet1="Disques")
    pieces_jointes.remove(filed, by=dossier.usager)
    attach(dossier, "autre.pdf", PDF + b"%autre\n")

    discard_modifications(dossier.pk, by=dossier.usager)

    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.reponses, fresh.has_modification) == ({"objet1": "Livres"}, False)
    assert [(f.pk, f.is_working, f.is_filed) for f in PieceJointe.objects.all()] == [
        (filed.pk, True, True)
    ]


def test_file_of_a_former_version_stays_readable_for_both(dossier, accompagnateur, client_for):
    first = attach(dossier)
    deposit_modifications(dossier.pk, by=dossier.usager)
    pieces_jointes.remove(first, by=dossier.usager)
    deposit_modifications(dossier.pk, by=dossier.usager)

    assert Dossier.objects.get(pk=dossier.pk).files == []
    assert list(dossier.versions.get(number=2).pieces_jointes.all()) == [first]
    for person in (dossier.usager, accompagnateur):
        assert download_status(client_for(person), first) == 200


def test_what_each_deposit_changed_is_said_champ_by_champ_and_by_whom(dossier, client_for):
    save(dossier, objet1="Disques")
    attach(dossier)
    deposit_modifications(dossier.pk, by=dossier.usager)

    depots, following = depots_of(Dossier.objects.get(pk=dossier.pk))

    assert following is None
    assert [depot.version.number for depot in depots] == [2, 1]
    assert [
        (change.label, change.before, change.after, [file.name for file in change.added])
        for change in depots[0].changes
    ] == [("Objet", "Livres", "Disques", []), ("Devis", "", "", ["devis.pdf"])]
    assert {change.auteur.name for change in depots[0].changes} == {str(dossier.usager)}
    assert (depots[1].is_first, depots[1].changes) == (True, [])


@pytest.mark.parametrize("space", ["dossiers", "instruction/dossiers"])
def test_versions_are_read_by_usager_and_accompagnateur(dossier, accompagnateur, client_for, space):
    save(dossier, objet1="Disques")
    deposit_modifications(dossier.pk, by=dossier.usager)
    person = dossier.usager if space == "dossiers" else accompagnateur
    client = client_for(person)

    listed = Markup(client.get(f"/{space}/{dossier.pk}/versions/"))
    first = page(client, f"/{space}/{dossier.pk}/versions/1/")

    row = listed.one(".tps-changes tbody tr").text
    assert "Objet Livres Disques" in row
    assert "Livres" in first
    assert "Disques" not in first
    assert client.get(f"/{space}/{dossier.pk}/versions/3/").status_code == 404
    stranger = client_for(UserFactory())
    assert stranger.get(f"/{space}/{dossier.pk}/versions/1/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_versions_takes_the_same_queries(
    dossier, client_for, django_assert_num_queries, count
):
    for rank in range(count):
        save(dossier, objet1=f"Objet {rank}")
        deposit_modifications(dossier.pk, by=dossier.usager)
    client = client_for(dossier.usager)

    # session, user, roles; dossier; versions, their files, their forms
    with django_assert_num_queries(8):
        client.get(f"/dossiers/{dossier.pk}/versions/")


def test_older_deposits_are_on_the_next_page(dossier, client_for):
    for rank in range(21):
        save(dossier, objet1=f"Objet {rank}")
        deposit_modifications(dossier.pk, by=dossier.usager)

    client = client_for(dossier.usager)
    url = f"/dossiers/{dossier.pk}/versions/"
    newest = Markup(client.get(url))
    oldest = Markup(client.get(f"{url}?avant=3"))

    assert len(newest.all(".tps-depot")) == 20
    assert newest.one("a[href='?avant=3']").text == "Dépôts plus anciens"
    assert [title.text for title in oldest.all(".tps-depot h2")] == [
        "Version 2",
        "Version 1 · premier dépôt",
    ]
    assert client.get(f"{url}?avant=x").status_code == 200


def test_version_never_changes(dossier):
    version = dossier.versions.get()
    version.reponses = {}

    with pytest.raises(ValidationError):
        version.save()

    assert Version.objects.get().reponses == {"objet1": "Livres"}


def test_working_copy_cannot_be_saved_as_the_dossier(dossier, client_for):
    working = open_working_copy(Dossier.objects.get(pk=dossier.pk))

    with pytest.raises(RuntimeError):
        working.save(update_fields=["reponses"])


def test_page_of_the_dossier_says_that_modifications_wait(dossier, client_for):
    client = client_for(dossier.usager)
    url = f"/dossiers/{dossier.pk}/"
    assert "modifications non déposées" not in page(client, url)
    save(dossier, objet1="Disques")

    assert "Vous avez des modifications non déposées" in page(client, url)
    review = Markup(client.get(f"{url}verifier/"))
    assert "Objet Livres Disques" in review.one(".tps-changes tbody tr").text
    response = client.post(f"{url}deposer/", follow=True)

    assert "version 2 de votre dossier" in response.content.decode()
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Disques"}


def test_depositing_twice_files_once(dossier, client_for):
    save(dossier, objet1="Disques")
    client = client_for(dossier.usager)

    client.post(f"/dossiers/{dossier.pk}/deposer/")
    again = client.post(f"/dossiers/{dossier.pk}/deposer/", follow=True)

    assert "Il n’y a aucune modification à déposer." in again.content.decode()
    assert dossier.versions.count() == 2


def test_incomplete_modifications_lead_back_to_what_is_missing(dossier, client_for):
    save(dossier, objet1="")
    client = client_for(dossier.usager)

    response = client.post(f"/dossiers/{dossier.pk}/deposer/", follow=True)

    assert response.redirect_chain[-1][0] == f"/dossiers/{dossier.pk}/verifier/"
    assert "Objet&nbsp;: Répondez à cette question." in response.content.decode()


def test_abandoning_is_asked_once(dossier, client_for):
    save(dossier, objet1="Disques")
    client, url = client_for(dossier.usager), f"/dossiers/{dossier.pk}/abandonner/"

    asked = page(client, url)
    assert "Disques" in asked
    assert Modification.objects.exists()
    client.post(url)

    assert not Modification.objects.exists()
    assert client_for(UserFactory()).post(url).status_code == 404


def test_file_of_a_brouillon_never_filed_goes_for_good(procedure):
    brouillon = DossierFactory(procedure=procedure)
    file = PieceJointeFactory(dossier=brouillon)

    pieces_jointes.remove(file, by=brouillon.usager)

    assert not PieceJointe.objects.exists()
