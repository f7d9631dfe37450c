"""What a diff between two forms says."""

from hypothesis import given
from hypothesis import strategies as st

from procedures.champs import new_champ
from procedures.diff import AttributeChange, ChangeKind, diff_formulaires
from procedures.formulaire import Formulaire


def _champ(champ_id, **properties):
    properties = {"label": f"Question {champ_id}"} | properties
    return new_champ(properties.pop("type", "texte_court"), id=champ_id, **properties)


def _form(*ids):
    return Formulaire(champs=[_champ(champ_id) for champ_id in ids])


def _kinds(changes):
    return [(change.kind, change.champ.id) for change in changes]


def test_equal_forms_have_no_change():
    assert diff_formulaires(_form("aaaaaa", "bbbbbb"), _form("aaaaaa", "bbbbbb")) == []


def test_an_added_champ_is_told_with_its_place():
    changes = diff_formulaires(_form("aaaaaa"), _form("aaaaaa", "bbbbbb"))

    assert _kinds(changes) == [(ChangeKind.ADDED, "bbbbbb")]
    assert changes[0].place == "après « Question aaaaaa »"


def test_a_champ_added_first_stands_at_the_head():
    changes = diff_formulaires(_form("aaaaaa"), _form("bbbbbb", "aaaaaa"))

    assert [change.place for change in changes] == ["en tête du formulaire"]


def test_a_removed_champ_is_told_last():
    changes = diff_formulaires(_form("aaaaaa", "bbbbbb"), _form("bbbbbb", "cccccc"))

    assert _kinds(changes) == [(ChangeKind.ADDED, "cccccc"), (ChangeKind.REMOVED, "aaaaaa")]


def test_moving_one_champ_across_many_is_one_move():
    before = _form("aaaaaa", "bbbbbb", "cccccc", "dddddd", "eeeeee")
    after = _form("bbbbbb", "cccccc", "dddddd", "eeeeee", "aaaaaa")

    assert _kinds(diff_formulaires(before, after)) == [(ChangeKind.MOVED, "aaaaaa")]
    assert _kinds(diff_formulaires(after, before)) == [(ChangeKind.MOVED, "aaaaaa")]


def test_a_removal_moves_nobody():
    before = _form("aaaaaa", "bbbbbb", "cccccc")

    assert _kinds(diff_formulaires(before, _form("bbbbbb", "cccccc"))) == [
        (ChangeKind.REMOVED, "aaaaaa")
    ]


def test_changed_attributes_are_told_in_french():
    before = Formulaire(champs=[_champ("aaaaaa", label="Objet", required=True)])
    after = Formulaire(
        champs=[_champ("aaaaaa", label="Objet du projet", required=False, help_text="Court.")]
    )

    (change,) = diff_formulaires(before, after)

    assert change.kind == ChangeKind.CHANGED
    assert set(change.attributes) == {
        AttributeChange("Intitulé", "Objet", "Objet du projet"),
        AttributeChange("Aide à la saisie", "(vide)", "Court."),
        AttributeChange("Réponse obligatoire", "Oui", "Non"),
    }


def test_options_tell_what_left_and_what_entered():
    def form(*options):
        return Formulaire(champs=[_champ("aaaaaa", type="choix_unique", options=list(options))])

    def attributes(before, after):
        return list(diff_formulaires(before, after)[0].attributes)

    assert attributes(form("A", "B"), form("A", "C")) == [
        AttributeChange("Options : retraits", "B", None),
        AttributeChange("Options : ajouts", None, "C"),
    ]
    assert attributes(form("A", "B"), form("B", "A")) == [
        AttributeChange("Options : ordre", "A, B", "B, A")
    ]


def test_a_change_of_type_is_told():
    before = Formulaire(champs=[_champ("aaaaaa")])
    after = Formulaire(champs=[_champ("aaaaaa", type="texte_long")])

    assert diff_formulaires(before, after)[0].attributes == (
        AttributeChange("Type de champ", "Texte court", "Texte long"),
    )


def test_blank_forms_are_told_by_their_names():
    before = Formulaire(champs=[_champ("aaaaaa", type="piece_jointe", formulaire_vierge_id=1)])
    after = Formulaire(champs=[_champ("aaaaaa", type="piece_jointe", formulaire_vierge_id=2)])

    (change,) = diff_formulaires(before, after, {1: "cerfa.pdf"})

    assert [(a.before, a.after) for a in change.attributes] == [("cerfa.pdf", "fichier nº 2")]


def test_a_champ_changed_and_moved_is_told_once():
    before = _form("aaaaaa", "bbbbbb", "cccccc")
    after = Formulaire(champs=[_champ("bbbbbb"), _champ("cccccc"), _champ("aaaaaa", label="Autre")])

    (change,) = diff_formulaires(before, after)

    assert (change.kind, change.champ.id) == (ChangeKind.CHANGED, "aaaaaa")
    assert change.place == "après « Question cccccc »"


_IDS = [f"champ{letter}" for letter in "abcdefgh"]
_LISTS = st.lists(
    st.tuples(st.sampled_from(_IDS), st.sampled_from(["Un", "Deux"])),
    unique_by=lambda pair: pair[0],
)


def _form_of(pairs):
    return Formulaire(champs=[_champ(champ_id, label=label) for champ_id, label in pairs])


@given(_LISTS)
def test_nothing_differs_from_itself(pairs):
    assert diff_formulaires(_form_of(pairs), _form_of(pairs)) == []


@given(_LISTS, _LISTS)
def test_every_difference_is_told_once_and_what_stays_keeps_its_order(before, after):
    changes = diff_formulaires(_form_of(before), _form_of(after))
    told = {change.champ.id: change for change in changes}
    old, new = dict(before), dict(after)

    assert len(told) == len(changes)
    assert {i for i, c in told.items() if c.kind == ChangeKind.ADDED} == new.keys() - old.keys()
    assert {i for i, c in told.items() if c.kind == ChangeKind.REMOVED} == old.keys() - new.keys()
    relabelled = {i for i in old.keys() & new.keys() if old[i] != new[i]}
    assert {i for i, c in told.items() if c.kind == ChangeKind.CHANGED} == relabelled
    still = {i for i in old.keys() & new.keys() if i not in told or not told[i].place}
    assert [i for i in old if i in still] == [i for i in new if i in still]
