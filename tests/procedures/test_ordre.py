"""The order of the champs, with the blocs and their ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures import builder
from procedures.champs import new_champ
from procedures.formulaire import Formulaire
from procedures.ordre import champs_in_order, marks_of, span_of
from tests.procedures.factories import ProcedureFactory

TYPES = st.sampled_from(["texte_court", "date", "titre_de_section", "bloc_repetable"])


def a_form_with_a_bloc():
    return [
        new_champ("texte_court", id="avant1", label="Avant"),
        new_champ("bloc_repetable", id="bloc1", label="Dépenses"),
        new_champ("texte_court", id="poste1", label="Poste", bloc="bloc1"),
        new_champ("montant", id="cout1", label="Coût", bloc="bloc1"),
        new_champ("texte_court", id="apres1", label="Après"),
    ]


@pytest.fixture
def procedure(db):
    return ProcedureFactory(brouillon=True, champs=a_form_with_a_bloc())


def order(edited):
    return [(champ.id, champ.bloc) for champ in edited.formulaire.champs]


def test_order_has_the_end_of_each_bloc():
    assert marks_of(a_form_with_a_bloc()) == [
        "avant1", "bloc1", "poste1", "cout1", "fin-bloc1", "apres1",
    ]  # fmt: skip


@st.composite
def forms(draw):
    types = draw(st.lists(TYPES, max_size=12))
    champs, bloc = [], None
    for rank, type_name in enumerate(types):
        champ = new_champ(type_name, id=f"champ{rank}")
        if champ.is_bloc:
            bloc = champ.id
        elif champ.is_section or draw(st.booleans()):
            bloc = None
        if bloc and not champ.is_bloc:
            champ = champ.model_copy(update={"bloc": bloc})
        champs.append(champ)
    return Formulaire(champs=champs).champs


@given(forms())
def test_order_says_everything_of_a_form(champs):
    assert champs_in_order(champs, marks_of(champs)) == champs


@given(forms(), st.data())
def test_any_move_leaves_a_valid_form_with_the_same_champs(champs, data):
    if not champs:
        return
    champ = data.draw(st.sampled_from(champs))
    span = span_of(champs, champ)
    marks = [mark for mark in marks_of(champs) if mark not in span]
    place = data.draw(st.integers(0, len(marks)))

    moved = champs_in_order(champs, [*marks[:place], *span, *marks[place:]])

    assert sorted(item.id for item in Formulaire(champs=moved).champs) == sorted(
        item.id for item in champs
    )


def test_champ_put_after_a_bloc_is_its_first(procedure):
    assert order(builder.move_champ(procedure, "apres1", after="bloc1")) == [
        ("avant1", None), ("bloc1", None), ("apres1", "bloc1"), ("poste1", "bloc1"),
        ("cout1", "bloc1"),
    ]  # fmt: skip


def test_champ_put_after_the_end_of_a_bloc_leaves_it(procedure):
    assert order(builder.move_champ(procedure, "poste1", after="fin-bloc1")) == [
        ("avant1", None), ("bloc1", None), ("cout1", "bloc1"), ("poste1", None), ("apres1", None),
    ]  # fmt: skip


def test_steps_lead_into_a_bloc_and_out_of_it(procedure):
    into = builder.step_champ(procedure, "apres1", by=-1)
    assert into.formulaire.by_id["apres1"].bloc == "bloc1"
    assert [champ.id for champ in into.formulaire.champs][-1] == "apres1"

    out = builder.step_champ(procedure, "apres1", by=1)
    assert out.formulaire.by_id["apres1"].bloc is None


def test_bloc_moves_with_its_champs(procedure):
    assert order(builder.step_champ(procedure, "bloc1", by=-1)) == [
        ("bloc1", None), ("poste1", "bloc1"), ("cout1", "bloc1"), ("avant1", None),
        ("apres1", None),
    ]  # fmt: skip


def test_title_passes_over_a_bloc(procedure):
    builder.add_champ(procedure, "titre_de_section", after="apres1")
    draft = procedure.revisions.get()
    title = draft.formulaire.champs[-1]
    builder.step_champ(procedure, title.id, by=-1)

    edited = builder.step_champ(procedure, title.id, by=-1)

    assert [champ.id for champ in edited.formulaire.champs] == [
        "avant1", title.id, "bloc1", "poste1", "cout1", "apres1",
    ]  # fmt: skip


def test_bloc_added_within_a_bloc_stands_after_it(procedure):
    edited = builder.add_champ(procedure, "bloc_repetable", after="poste1")

    assert [champ.id for champ in edited.formulaire.champs] == [
        "avant1", "bloc1", "poste1", "cout1", edited.champ.id, "apres1",
    ]  # fmt: skip


def test_bloc_is_copied_with_its_champs(procedure):
    edited = builder.duplicate_champ(procedure, "bloc1")

    copies = edited.formulaire.champs[4:7]
    assert [champ.label for champ in copies] == ["Dépenses (copie)", "Poste", "Coût"]
    assert [champ.bloc for champ in copies] == [None, copies[0].id, copies[0].id]
    assert len(edited.formulaire.by_id) == 8


@pytest.mark.parametrize("champ_id", ["avant1", "bloc1", "poste1", "cout1", "apres1"])
def test_undo_puts_a_champ_back_where_it_stood(procedure, champ_id):
    before = procedure.revisions.get().formulaire.champs
    builder.delete_champ(procedure, champ_id)

    edited = builder.undo_delete(procedure)

    assert edited.formulaire.champs == before
