"""The rows of blocs répétables: added, filled in, removed, put back, moved, filed."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from dossiers import lignes, workflow
from dossiers.completeness import problems_of
from dossiers.models import Dossier, Modification, PieceJointe
from procedures.champs import new_champ
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


def champs(**bloc):
    return [
        new_champ("texte_court", id="objet1", label="Objet"),
        new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense", **bloc),
        new_champ("texte_court", id="poste1", label="Poste", bloc="bloc1"),
        new_champ("piece_jointe", id="devis1", label="Devis", bloc="bloc1", required=False),
    ]


@pytest.fixture
def dossier():
    organisme = OrganismeFactory(administrateurs=[UserFactory()])
    return DossierFactory(
        procedure=ProcedureFactory(champs=champs(), organisme=organisme),
        reponses={"objet1": "Fête", "bloc1": ["a1", "b2"], "poste1-a1": "Son", "poste1-b2": "Feu"},
    )


def rows(dossier):
    dossier.refresh_from_db()
    return dossier.reponses.get("bloc1", [])


def url(dossier, rest):
    return f"/dossiers/{dossier.pk}/blocs/bloc1/lignes/{rest}/"


def test_row_is_added_at_the_end(dossier):
    row_id = lignes.add_row(dossier.pk, "bloc1", by=dossier.usager)

    assert rows(dossier) == ["a1", "b2", row_id]


def test_bloc_takes_no_more_rows_than_it_may():
    procedure = ProcedureFactory(champs=champs(rows_max=1))
    dossier = DossierFactory(procedure=procedure, reponses={"bloc1": ["a1"]})

    with pytest.raises(ValidationError, match="au plus 1 ligne"):
        lignes.add_row(dossier.pk, "bloc1", by=dossier.usager)
    assert rows(dossier) == ["a1"]


def test_removed_row_comes_back_with_its_answers(dossier):
    place = lignes.remove_row(dossier.pk, "bloc1", "a1", by=dossier.usager)
    assert (place, rows(dossier)) == (0, ["b2"])

    lignes.restore_row(dossier.pk, "bloc1", "a1", place, by=dossier.usager)
    lignes.restore_row(dossier.pk, "bloc1", "a1", place, by=dossier.usager)

    assert rows(dossier) == ["a1", "b2"]
    assert dossier.reponses["poste1-a1"] == "Son"


@pytest.mark.parametrize(
    ("row", "step", "after"),
    [("a1", 1, ["b2", "a1"]), ("a1", -1, ["a1", "b2"]), ("b2", -9, ["b2", "a1"]),
     ("parti1", 1, ["a1", "b2"])],
)  # fmt: skip
def test_row_moves_within_its_bloc(dossier, row, step, after):
    lignes.move_row(dossier.pk, "bloc1", row, step, by=dossier.usager)

    assert rows(dossier) == after


def test_only_who_may_edit_changes_rows(dossier):
    with pytest.raises(PermissionDenied):
        lignes.add_row(dossier.pk, "bloc1", by=UserFactory())
    with pytest.raises(lignes.BlocNotFound):
        lignes.add_row(dossier.pk, "objet1", by=dossier.usager)


def test_row_of_a_filed_dossier_is_removed_for_the_usager_alone(dossier):
    filed = DossierFactory(
        procedure=dossier.procedure, en_construction=True, reponses={"bloc1": ["a1"]}
    )

    lignes.remove_row(filed.pk, "bloc1", "a1", by=filed.usager)

    assert Dossier.objects.get(pk=filed.pk).reponses == {"bloc1": ["a1"]}
    assert Modification.objects.get(dossier=filed).reponses == {}


@pytest.mark.django_db(transaction=True)
def test_two_people_add_rows_at_once_and_both_stay(dossier):
    def add():
        try:
            lignes.add_row(dossier.pk, "bloc1", by=dossier.usager)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(rows(dossier)) == 6


def test_form_shows_each_row_and_saves_its_answers(dossier, client_for):
    client = client_for(dossier.usager)
    markup = Markup(client.get(f"/dossiers/{dossier.pk}/modifier/"))
    assert [legend.text for legend in markup.all(".tps-ligne legend")] == ["Dépense 1", "Dépense 2"]
    assert [
        field["value"] for field in markup.all('[data-tps-bloc] input[name^="champ_poste1"]')
    ] == ["Son", "Feu"]

    client.post(
        f"/dossiers/{dossier.pk}/champs/poste1-b2/", {"champ_poste1-b2": "Artifice"}, headers=HTMX
    )

    dossier.refresh_from_db()
    assert dossier.reponses["poste1-b2"] == "Artifice"


def test_answer_to_a_row_that_is_not_there_is_refused(dossier, client_for):
    response = client_for(dossier.usager).post(
        f"/dossiers/{dossier.pk}/champs/poste1-c3/", {"champ_poste1-c3": "x"}, headers=HTMX
    )

    assert response.status_code == 404


def test_without_javascript_the_form_is_saved_before_a_row_comes(dossier, client_for):
    response = client_for(dossier.usager).post(url(dossier, "ajouter"), {"champ_objet1": "Gala"})

    assert len(rows(dossier)) == 3
    assert dossier.reponses["objet1"] == "Gala"
    assert response["Location"].endswith(f"#ligne-bloc1-{dossier.reponses['bloc1'][-1]}")


def test_without_javascript_a_removed_row_can_be_put_back(dossier, client_for):
    client = client_for(dossier.usager)
    response = client.post(url(dossier, "a1/retirer"), follow=True)

    button = Markup(response).one("[data-tps-ligne-restore]")
    client.post(button["formaction"], {"place": button["value"]})

    assert rows(dossier) == ["a1", "b2"]


def test_added_row_is_sent_alone_with_the_progress(dossier, client_for):
    response = client_for(dossier.usager).post(url(dossier, "ajouter"), headers=HTMX)

    markup = Markup(response)
    added = rows(dossier)[-1]
    assert [line["id"] for line in markup.all("li.tps-ligne")] == [f"ligne-bloc1-{added}"]
    assert markup.one("#ligne-ajoutee")["data-tps-place"] == "2"
    assert markup.one("#sommaire-1").text == "1 réponse à compléter"


def test_files_belong_to_their_row(dossier, client_for, tmp_path):
    upload = SimpleUploadedFile("devis.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")
    response = client_for(dossier.usager).post(
        f"/dossiers/{dossier.pk}/champs/devis1-b2/fichiers/",
        {"champ_devis1-b2": upload},
        headers=HTMX,
    )

    assert response.status_code == 200
    assert list(dossier.pieces_jointes.values_list("champ_id", flat=True)) == ["devis1-b2"]


def test_submission_drops_the_answers_and_files_of_removed_rows(
    dossier, django_capture_on_commit_callbacks
):
    kept = PieceJointeFactory(dossier=dossier, champ_id="devis1-b2")
    PieceJointeFactory(dossier=dossier, champ_id="devis1-a1")
    other = PieceJointeFactory(dossier=dossier, champ_id="disparu")
    lignes.remove_row(dossier.pk, "bloc1", "a1", by=dossier.usager)

    with django_capture_on_commit_callbacks(execute=True):
        workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    dossier.refresh_from_db()
    assert dossier.reponses == {"objet1": "Fête", "bloc1": ["b2"], "poste1-b2": "Feu"}
    assert set(PieceJointe.objects.values_list("pk", flat=True)) == {kept.pk, other.pk}


def test_required_bloc_begins_with_a_row_and_asks_for_one(dossier, client_for):
    usager = UserFactory()
    client_for(usager).post(f"/commencer/{dossier.procedure.slug}/brouillon/")
    client_for(usager).post(f"/commencer/{dossier.procedure.slug}/brouillon/")

    begun = Dossier.objects.get(usager=usager)
    assert begun.reponses == {"bloc1": ["1"]}
    lignes.remove_row(begun.pk, "bloc1", "1", by=usager)
    begun.refresh_from_db()
    assert "Ajoutez au moins une ligne « Dépense »." in [
        problem.message for problem in problems_of(begun)
    ]


@pytest.mark.parametrize("count", [1, 30])
def test_page_costs_the_same_whatever_the_rows(
    dossier, client_for, count, django_assert_num_queries
):
    row_ids = [f"r{number}" for number in range(count)]
    Dossier.objects.filter(pk=dossier.pk).update(reponses={"bloc1": row_ids})
    client = client_for(dossier.usager)
    client.get(f"/dossiers/{dossier.pk}/modifier/")

    with django_assert_num_queries(7):
        client.get(f"/dossiers/{dossier.pk}/modifier/")


def test_answers_are_read_row_by_row(dossier, client_for):
    markup = Markup(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/verifier/"))

    headings = [heading.text for heading in markup.all("main h3, main h4")]
    assert headings == ["Dépenses", "Dépense 1", "Dépense 2"]


def test_rows_stop_where_the_form_would_be_too_long_to_show(dossier, monkeypatch):
    """Two rows of two champs, the bloc and the subject are six."""
    monkeypatch.setattr(lignes, "CHAMPS_OF_DOSSIER_MAX", 7)
    by, too_long = dossier.usager, "trop long pour une ligne de plus"

    with pytest.raises(ValidationError, match=too_long):
        lignes.add_row(dossier.pk, "bloc1", by=by)
    with pytest.raises(ValidationError, match=too_long):
        lignes.restore_row(dossier.pk, "bloc1", "c3", 0, by=by)
    assert rows(dossier) == ["a1", "b2"]

    monkeypatch.setattr(lignes, "CHAMPS_OF_DOSSIER_MAX", 8)
    lignes.add_row(dossier.pk, "bloc1", by=by)
    assert len(rows(dossier)) == 3


def test_removed_rows_are_kept_up_to_a_number(dossier, monkeypatch):
    """Else a dossier, and the storage, would grow with each change of mind."""
    monkeypatch.setattr(lignes, "REMOVED_ROWS_MAX", 1)
    by = dossier.usager
    Dossier.objects.filter(pk=dossier.pk).update(
        reponses=dossier.reponses | {"poste1": "Hors du bloc"}, saisies_refusees={"poste1-b2": "x"}
    )
    for row_id in ("a1", "b2"):
        PieceJointeFactory(dossier=dossier, champ_id=f"devis1-{row_id}")
    kept = PieceJointeFactory(dossier=dossier, champ_id="piece1")

    lignes.remove_row(dossier.pk, "bloc1", "a1", by=by)
    first = lignes.add_row(dossier.pk, "bloc1", by=by)
    lignes.remove_row(dossier.pk, "bloc1", "b2", by=by)
    dossier.refresh_from_db()
    assert {"poste1-a1", "poste1-b2"} <= dossier.reponses.keys()

    second = lignes.add_row(dossier.pk, "bloc1", by=by)

    assert rows(dossier) == [first, second]
    assert dossier.reponses.keys() == {"objet1", "poste1", "bloc1"}
    assert dossier.saisies_refusees == {}
    assert list(PieceJointe.objects.all()) == [kept]


def test_the_longest_form_may_be_sent_whole(settings):
    """Without JavaScript each champ comes with its mark, and often with a text beside it."""
    assert lignes.CHAMPS_OF_DOSSIER_MAX * 3 < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
