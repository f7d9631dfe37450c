"""What the builder does to the draft of a form."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from procedures import builder
from procedures.champs import CHAMP_TYPES, new_champ
from procedures.enums import CHAMPS_MAX, DELETED_CHAMPS_KEPT
from procedures.models import Procedure
from procedures.palette import palette
from procedures.revisions import draft_of, editable_revision
from tests.procedures.factories import ProcedureFactory


def a_champ(champ_id, **properties):
    return new_champ(properties.pop("type", "texte_court"), id=champ_id, **properties)


@pytest.fixture
def procedure(db):
    champs = [a_champ("alpha1", label="A"), a_champ("bravo1", label="B"), a_champ("charl1")]
    return ProcedureFactory(brouillon=True, champs=champs)


def ids(procedure):
    return [champ.id for champ in editable_revision(procedure).formulaire.champs]


def labels(procedure):
    return [champ.label for champ in editable_revision(procedure).formulaire.champs]


def test_champ_is_added_after_the_selected_one(procedure):
    edited = builder.add_champ(procedure, "date", after="alpha1")

    assert ids(procedure) == ["alpha1", edited.champ.id, "bravo1", "charl1"]
    assert edited.position == 1
    assert edited.champ.type == "date"


@pytest.mark.parametrize("after", [None, "", "inconnu", "\x00"])
def test_champ_is_added_at_the_end_without_a_selected_one(procedure, after):
    edited = builder.add_champ(procedure, "date", after=after)

    assert ids(procedure) == ["alpha1", "bravo1", "charl1", edited.champ.id]


@pytest.mark.parametrize("type_name", CHAMP_TYPES)
def test_every_type_can_be_added_to_an_empty_form(db, type_name):
    procedure = ProcedureFactory(brouillon=True)
    draft = draft_of(procedure)
    draft.document = {}
    draft.save()

    edited = builder.add_champ(procedure, type_name)

    assert ids(procedure) == [edited.champ.id]


@pytest.mark.parametrize("type_name", ["", "montagne", "__class__", "texte_court\x00"])
def test_unknown_type_is_refused(procedure, type_name):
    with pytest.raises(builder.UnknownChampType):
        builder.add_champ(procedure, type_name)

    assert len(ids(procedure)) == 3


def test_full_form_takes_no_more(db):
    champs = [a_champ(f"champ{number:04}") for number in range(CHAMPS_MAX)]
    procedure = ProcedureFactory(brouillon=True, champs=champs)
    builder.delete_champ(procedure, "champ0000")
    builder.add_champ(procedure, "date")

    for act in (
        lambda: builder.add_champ(procedure, "date"),
        lambda: builder.duplicate_champ(procedure, "champ0001"),
        lambda: builder.undo_delete(procedure),
    ):
        with pytest.raises(builder.FormulaireIsFull, match=str(CHAMPS_MAX)):
            act()


def test_properties_change_but_neither_id_nor_type(procedure):
    properties = {"label": "Nom", "required": False, "id": "pirate", "type": "date"}

    edited = builder.update_champ(procedure, "alpha1", properties)

    assert edited.champ.model_dump() == {
        "id": "alpha1",
        "type": "texte_court",
        "label": "Nom",
        "help_text": "",
        "required": False,
        "bloc": None,
        "condition": None,
        "length_max": None,
        "pattern": "",
        "default": None,
        "help_collapsed": False,
        "pattern_message": "",
    }
    assert editable_revision(procedure).formulaire.by_id["alpha1"] == edited.champ


@pytest.mark.parametrize(
    ("properties", "errors"),
    [
        ({"label": ""}, {"label": ["Remplissez ce champ."]}),
        ({"label": "a" * 301}, {"label": ["Écrivez 300 caractères au plus."]}),
        ({"options": ["a", "a"]}, {"options": ["Deux options portent le même nom."]}),
        ({"options": ["a" * 301]}, {"options": ["Une option compte de 1 à 300 caractères."]}),
        (
            {"options": [str(number) for number in range(501)]},
            {"options": ["Donnez 500 éléments au plus."]},
        ),
        ({"label": ["pas", "un", "texte"]}, {"label": ["Donnez un texte."]}),
        ({"couleur": "rouge"}, {"couleur": ["Cette propriété n’existe pas."]}),
    ],
)
def test_wrong_property_is_refused_in_french(db, properties, errors):
    procedure = ProcedureFactory(brouillon=True, champs=[a_champ("alpha1", type="choix_unique")])
    before = editable_revision(procedure).document

    with pytest.raises(ValidationError) as refused:
        builder.update_champ(procedure, "alpha1", properties)

    assert refused.value.message_dict == errors
    assert editable_revision(procedure).document == before


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({"to_index": 0}, "charl1 alpha1 bravo1"),
        ({"to_index": 1}, "alpha1 charl1 bravo1"),
        ({"to_index": 99}, "alpha1 bravo1 charl1"),
        ({"to_index": -99}, "charl1 alpha1 bravo1"),
        ({"before": "alpha1"}, "charl1 alpha1 bravo1"),
        ({"before": "bravo1"}, "alpha1 charl1 bravo1"),
        ({"after": "alpha1"}, "alpha1 charl1 bravo1"),
        ({"after": "bravo1"}, "alpha1 bravo1 charl1"),
        ({"after": "charl1"}, "alpha1 bravo1 charl1"),
        ({"before": "charl1"}, "alpha1 bravo1 charl1"),
        ({}, "charl1 alpha1 bravo1"),
    ],
)
def test_last_champ_moves_to_its_place(procedure, places, order):
    builder.move_champ(procedure, "charl1", **places)

    assert ids(procedure) == order.split()


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({"before": "charl1"}, "bravo1 alpha1 charl1"),
        ({"after": "charl1"}, "bravo1 charl1 alpha1"),
        ({"after": "bravo1"}, "bravo1 alpha1 charl1"),
        ({"before": "bravo1"}, "alpha1 bravo1 charl1"),
    ],
)
def test_first_champ_moves_down_to_its_place(procedure, places, order):
    builder.move_champ(procedure, "alpha1", **places)

    assert ids(procedure) == order.split()


@pytest.mark.parametrize(
    ("champ_id", "by", "order"),
    [
        ("bravo1", -1, "bravo1 alpha1 charl1"),
        ("bravo1", 1, "alpha1 charl1 bravo1"),
        ("alpha1", -1, "alpha1 bravo1 charl1"),
        ("charl1", 1, "alpha1 bravo1 charl1"),
    ],
)
def test_champ_steps_up_and_down_and_stops_at_the_ends(procedure, champ_id, by, order):
    builder.step_champ(procedure, champ_id, by=by)

    assert ids(procedure) == order.split()


def test_copy_has_its_own_id_and_says_so(procedure):
    edited = builder.duplicate_champ(procedure, "alpha1")

    assert labels(procedure) == ["A", "A (copie)", "B", "Nouvelle question"]
    assert edited.champ.id not in {"alpha1", "bravo1", "charl1"}
    assert edited.position == 1


def test_copy_of_a_long_label_stays_within_the_limit(procedure):
    builder.update_champ(procedure, "alpha1", {"label": "a" * 300})

    assert builder.duplicate_champ(procedure, "alpha1").champ.label == "a" * 292 + " (copie)"


def test_deleted_champ_comes_back_where_it_was(procedure):
    edited = builder.delete_champ(procedure, "bravo1")
    assert ids(procedure) == ["alpha1", "charl1"]
    assert edited.champ.id == "charl1"

    edited = builder.undo_delete(Procedure.objects.get(pk=procedure.pk))

    assert ids(procedure) == ["alpha1", "bravo1", "charl1"]
    assert edited.champ.label == "B"
    assert edited.revision.deleted_champs == []


def test_deletions_are_undone_from_the_last_one(procedure):
    for champ_id in ("alpha1", "bravo1", "charl1"):
        builder.delete_champ(procedure, champ_id)
    assert ids(procedure) == []

    assert [builder.undo_delete(procedure).champ.id for _ in range(3)] == [
        "charl1",
        "bravo1",
        "alpha1",
    ]
    assert ids(procedure) == ["alpha1", "bravo1", "charl1"]
    with pytest.raises(builder.NothingToUndo):
        builder.undo_delete(procedure)


def test_undo_twice_restores_once(procedure):
    builder.delete_champ(procedure, "alpha1")
    builder.delete_champ(procedure, "bravo1")
    builder.undo_delete(procedure, "bravo1")

    with pytest.raises(builder.NothingToUndo):
        builder.undo_delete(procedure, "bravo1")

    assert ids(procedure) == ["bravo1", "charl1"]


def test_only_the_last_deletions_are_kept(db):
    count = DELETED_CHAMPS_KEPT + 5
    champs = [a_champ(f"champ{number:04}") for number in range(count)]
    procedure = ProcedureFactory(brouillon=True, champs=champs)

    for number in range(count):
        edited = builder.delete_champ(procedure, f"champ{number:04}")

    kept = [kept["champ"]["id"] for kept in edited.revision.deleted_champs]
    assert kept == [f"champ{number:04}" for number in range(5, count)]


@pytest.mark.parametrize("champ_id", ["inconnu", "", "\x00", "alpha1 "])
def test_unknown_champ_is_not_found(procedure, champ_id):
    for act in (
        lambda: builder.update_champ(procedure, champ_id, {"label": "X"}),
        lambda: builder.move_champ(procedure, champ_id, to_index=0),
        lambda: builder.move_champ(procedure, "alpha1", after=champ_id or "-"),
        lambda: builder.step_champ(procedure, champ_id, by=1),
        lambda: builder.duplicate_champ(procedure, champ_id),
        lambda: builder.delete_champ(procedure, champ_id),
    ):
        with pytest.raises(builder.ChampNotFound):
            act()

    assert ids(procedure) == ["alpha1", "bravo1", "charl1"]


def test_published_form_stays_as_it_is_and_a_draft_takes_the_change(db):
    procedure = ProcedureFactory(champs=[a_champ("alpha1", label="A")])

    builder.add_champ(procedure, "date")

    published = procedure.published_revision
    published.refresh_from_db()
    assert [champ["id"] for champ in published.document["champs"]] == ["alpha1"]
    draft = editable_revision(procedure)
    assert (draft.number, draft.is_published) == (2, False)
    assert len(ids(procedure)) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("brouillon", [True, False])
def test_two_administrateurs_at_once_lose_nothing(brouillon):
    champs = [a_champ("alpha1"), a_champ("bravo1")]
    procedure = ProcedureFactory(brouillon=brouillon, champs=champs)
    barrier, failures = threading.Barrier(2), []

    def work(champ_id):
        try:
            own = Procedure.objects.get(pk=procedure.pk)
            barrier.wait()
            for number in range(5):
                builder.update_champ(own, champ_id, {"label": f"{champ_id} {number}"})
                builder.add_champ(own, "date", after=champ_id)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[champ_id]) for champ_id in ("alpha1", "bravo1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    by_id = editable_revision(procedure).formulaire.by_id
    assert (by_id["alpha1"].label, by_id["bravo1"].label) == ("alpha1 4", "bravo1 4")
    assert len(by_id) == 12


def test_palette_groups_every_type():
    groups = palette()

    assert [item.type for items in groups.values() for item in items] == list(CHAMP_TYPES)
    assert next(iter(groups)) == "Texte"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("téléphone", ["telephone"]),
        ("TELEPHONE", ["telephone"]),
        ("choix uniq", ["choix_unique"]),
        ("introuvable", []),
        ("  ", list(CHAMP_TYPES)),
    ],
)
def test_palette_finds_types_whatever_accents_and_case(search, found):
    items = [item.type for items in palette(search).values() for item in items]

    assert items == found
