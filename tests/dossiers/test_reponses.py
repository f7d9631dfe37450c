"""Answers: merged champ by champ, never lost, never silently replaced."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import QueryDict

from dossiers.completeness import sections_of
from dossiers.models import Dossier, Modification
from dossiers.reponses import TAKE_THEIRS, save_reponses
from geographie.suggestions import COMMUNES
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import ProcedureFactory


def champs():
    return [
        new_champ("texte_court", id="objet1", label="Objet"),
        new_champ("nombre_entier", id="nombre1", label="Nombre"),
        new_champ("case_a_cocher", id="accord1", label="Accord"),
        new_champ("choix_multiple", id="zones1", label="Zones", options=["Nord", "Sud", "Est"]),
    ]


def make(**fields):
    return DossierFactory(procedure=ProcedureFactory(champs=champs()), **fields)


def post(**values) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def outcome(dossier, champ_id, **values):
    """Save what a page posts, and return what came of one champ."""
    outcomes = save_reponses(dossier.pk, post(**values), by=dossier.usager)
    return next(saved for saved in outcomes if saved.champ.id == champ_id)


def kept(dossier) -> tuple[dict, dict]:
    fresh = Dossier.objects.get(pk=dossier.pk)
    return fresh.reponses, fresh.saisies_refusees


@pytest.mark.django_db
def test_one_answer_leaves_the_others_alone():
    dossier = make(reponses={"objet1": "Livres", "nombre1": 3})

    outcomes = save_reponses(
        dossier.pk, post(champ_nombre1="1 250"), by=dossier.usager, champ_ids={"nombre1"}
    )

    assert [(saved.champ.id, saved.errors) for saved in outcomes] == [("nombre1", [])]
    assert kept(dossier) == ({"objet1": "Livres", "nombre1": 1250}, {})


@pytest.mark.django_db
def test_refused_value_is_kept_as_typed_until_it_is_corrected():
    dossier = make(reponses={"nombre1": 3})

    [saved] = save_reponses(
        dossier.pk, post(champ_nombre1="une dizaine"), by=dossier.usager, champ_ids={"nombre1"}
    )
    assert saved.errors == ["Saisissez un nombre entier, par exemple 1 250."]
    assert kept(dossier) == ({"nombre1": 3}, {"nombre1": "une dizaine"})

    save_reponses(dossier.pk, post(champ_nombre1="12"), by=dossier.usager, champ_ids={"nombre1"})
    assert kept(dossier) == ({"nombre1": 12}, {})


@pytest.mark.django_db
def test_empty_answer_is_removed_from_a_brouillon():
    dossier = make(reponses={"objet1": "Livres", "accord1": True})

    save_reponses(
        dossier.pk, post(champ_objet1=""), by=dossier.usager, champ_ids={"objet1", "accord1"}
    )

    assert kept(dossier) == ({}, {})


@pytest.mark.django_db
def test_answer_of_a_filed_dossier_changes_for_its_usager_alone():
    dossier = make(en_construction=True, reponses={"objet1": "Livres"})

    [saved] = save_reponses(
        dossier.pk, post(champ_objet1=""), by=dossier.usager, champ_ids={"objet1"}
    )

    assert saved.errors == []
    assert kept(dossier)[0] == {"objet1": "Livres"}
    assert Modification.objects.get(dossier=dossier).reponses == {}


@pytest.mark.django_db
def test_choices_are_stored_in_the_order_of_the_form():
    dossier = make(reponses={})

    save_reponses(dossier.pk, post(champ_zones1=["Est", "Nord"]), by=dossier.usager)

    assert kept(dossier)[0] == {"zones1": ["Nord", "Est"]}


@pytest.mark.django_db
@pytest.mark.parametrize("hostile", ["a\x00b", "<script>alert(1)</script>", "😀" * 100])
def test_hostile_text_is_kept_or_refused_but_never_fails(hostile):
    dossier = make(reponses={})

    save_reponses(dossier.pk, post(champ_objet1=hostile, champ_nombre1=hostile), by=dossier.usager)

    reponses, refusees = kept(dossier)
    assert reponses["objet1"] == hostile.replace("\x00", "")
    assert refusees["nombre1"] == hostile.replace("\x00", "")


@pytest.mark.django_db
def test_unknown_champs_are_ignored():
    dossier = make(reponses={})

    assert save_reponses(dossier.pk, post(champ_inconnu="x", autre="y"), by=dossier.usager) == []
    assert kept(dossier) == ({}, {})


@pytest.mark.django_db
@pytest.mark.parametrize("trait", ["en_instruction", "accepte", "sans_suite", "rejete"])
def test_frozen_dossier_takes_no_answer(trait):
    dossier = make(**{trait: True}, reponses={"objet1": "Livres"})

    with pytest.raises(PermissionDenied):
        save_reponses(dossier.pk, post(champ_objet1="Autre"), by=dossier.usager)

    assert kept(dossier)[0] == {"objet1": "Livres"}


@pytest.mark.django_db
def test_stranger_saves_nothing():
    dossier = make(reponses={})

    with pytest.raises(PermissionDenied):
        save_reponses(dossier.pk, post(champ_objet1="x"), by=UserFactory())


def page_of(dossier) -> dict[str, str]:
    """Return the marks that a page opened now holds."""
    return {
        f"base_{row.champ.id}": row.base for section in sections_of(dossier) for row in section.rows
    }


@pytest.mark.django_db
def test_old_page_does_not_undo_what_another_window_saved():
    dossier = make(reponses={"objet1": "Livres", "nombre1": 3})
    old_page = page_of(Dossier.objects.get(pk=dossier.pk))
    save_reponses(dossier.pk, post(champ_objet1="Disques"), by=dossier.usager)

    outcomes = save_reponses(
        dossier.pk,
        post(champ_objet1="Livres", champ_nombre1="4", **old_page),
        by=dossier.usager,
    )

    assert kept(dossier)[0] == {"objet1": "Disques", "nombre1": 4}
    assert [saved.conflict for saved in outcomes if saved.conflict] == []


@pytest.mark.django_db
def test_second_to_answer_a_question_overwrites_nothing_and_sees_both_answers():
    dossier = make(reponses={"objet1": "Livres"})
    old_page = page_of(Dossier.objects.get(pk=dossier.pk))
    save_reponses(dossier.pk, post(champ_objet1="Disques"), by=dossier.usager)

    saved = outcome(dossier, "objet1", champ_objet1="Films", **old_page)

    assert kept(dossier)[0]["objet1"] == "Disques"
    conflict = saved.conflict
    assert (conflict.theirs, conflict.mine, conflict.is_same_person) == ("Disques", "Films", True)
    assert conflict.auteur.name == str(dossier.usager)


@pytest.mark.django_db
@pytest.mark.parametrize(("mine", "expected"), [(True, "Films"), (False, "Disques")])
def test_second_to_answer_chooses_whose_answer_stays(mine, expected):
    dossier = make(reponses={"objet1": "Livres"})
    old_page = page_of(Dossier.objects.get(pk=dossier.pk))
    save_reponses(dossier.pk, post(champ_objet1="Disques"), by=dossier.usager)
    saved = outcome(dossier, "objet1", champ_objet1="Films", **old_page)

    choice = saved.conflict.kept if mine else TAKE_THEIRS
    saved = outcome(dossier, "objet1", champ_objet1="Films", choix_objet1=choice, **old_page)

    assert (saved.conflict, kept(dossier)[0]["objet1"]) == (None, expected)


@pytest.mark.django_db
def test_choice_made_before_a_third_answer_came_is_asked_again():
    dossier = make(reponses={"objet1": "Livres"})
    old_page = page_of(Dossier.objects.get(pk=dossier.pk))
    save_reponses(dossier.pk, post(champ_objet1="Disques"), by=dossier.usager)
    saved = outcome(dossier, "objet1", champ_objet1="Films", **old_page)
    save_reponses(dossier.pk, post(champ_objet1="Jeux"), by=dossier.usager)

    choice = saved.conflict.kept
    again = outcome(dossier, "objet1", champ_objet1="Films", choix_objet1=choice, **old_page)

    assert (again.conflict.theirs, kept(dossier)[0]["objet1"]) == ("Jeux", "Jeux")


@pytest.mark.django_db
def test_page_whose_former_save_was_not_answered_is_in_no_conflict_with_itself():
    dossier = make(reponses={"objet1": "Livres"})
    page = page_of(Dossier.objects.get(pk=dossier.pk)) | {"page": "fenetre1"}
    save_reponses(dossier.pk, post(champ_objet1="Film", **page), by=dossier.usager)

    saved = outcome(dossier, "objet1", champ_objet1="Films", **page)

    assert (saved.conflict, kept(dossier)[0]["objet1"]) == (None, "Films")


@pytest.mark.django_db
def test_refused_answers_conflict_too():
    dossier = make(reponses={"nombre1": 3})
    old_page = page_of(Dossier.objects.get(pk=dossier.pk))
    save_reponses(dossier.pk, post(champ_nombre1="trois"), by=dossier.usager)

    saved = outcome(dossier, "nombre1", champ_nombre1="4", **old_page)

    assert (saved.conflict.theirs, saved.conflict.mine) == ("trois", "4")
    assert kept(dossier) == ({"nombre1": 3}, {"nombre1": "trois"})


@pytest.mark.django_db
def test_page_posted_untouched_writes_nothing():
    dossier = make(reponses={"objet1": "Livres", "nombre1": 3, "accord1": True})
    page = page_of(Dossier.objects.get(pk=dossier.pk))
    before = Dossier.objects.get(pk=dossier.pk).updated_at

    save_reponses(
        dossier.pk,
        post(champ_objet1="Livres", champ_nombre1="3", champ_accord1="on", **page),
        by=dossier.usager,
    )

    assert Dossier.objects.get(pk=dossier.pk).updated_at == before


@pytest.mark.django_db(transaction=True)
def test_two_windows_saving_at_once_both_keep_their_answer():
    dossier = make(reponses={})
    barrier = threading.Barrier(4)

    def save(name, value):
        barrier.wait()
        for turn in range(5):
            save_reponses(dossier.pk, post(**{name: f"{value}{turn}"}), by=dossier.usager)
        connection.close()

    threads = [
        threading.Thread(target=save, args=args)
        for args in [
            ("champ_objet1", "texte"),
            ("champ_nombre1", "1"),
            ("champ_accord1", "on"),
            ("champ_zones1", "refuse"),
        ]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kept(dossier) == (
        {"objet1": "texte4", "nombre1": 14, "accord1": True},
        {"zones1": ["refuse4"]},
    )


LILLE = {"nom": "Lille", "code": "59350", "departement": "59", "code_postal": "59000"}


def make_with_commune(**fields):
    champ = new_champ("commune", id="commune1", label="Commune")
    return DossierFactory(procedure=ProcedureFactory(champs=[champ]), reponses={}, **fields)


@pytest.mark.django_db
def test_chosen_place_is_kept_with_its_codes_and_stays_on_a_second_save():
    dossier = make_with_commune()
    data = post(champ_commune1="Lille (59000)", champ_commune1_jeton=COMMUNES.sign(LILLE))

    for _ in range(2):
        [saved] = save_reponses(dossier.pk, data, by=dossier.usager, champ_ids={"commune1"})
        assert saved.errors == []
        assert kept(dossier) == ({"commune1": LILLE}, {})

    [section] = sections_of(Dossier.objects.get(pk=dossier.pk))
    assert section.rows[0].text == "Lille (59000)"
    assert section.is_complete


@pytest.mark.django_db
def test_codes_of_a_place_do_not_come_from_the_client():
    dossier = make_with_commune()
    forged = post(champ_commune1="Lille (59000)", champ_commune1_jeton='{"code": "75056"}')

    save_reponses(dossier.pk, forged, by=dossier.usager, champ_ids={"commune1"})

    assert kept(dossier) == ({"commune1": {"nom": "Lille (59000)"}}, {})


@pytest.mark.django_db
def test_place_too_long_is_refused_and_kept_as_typed():
    dossier = make_with_commune()
    data = post(champ_commune1="a" * 301, champ_commune1_jeton=COMMUNES.sign(LILLE))

    [saved] = save_reponses(dossier.pk, data, by=dossier.usager, champ_ids={"commune1"})

    assert saved.errors == ["Raccourcissez cette réponse : 300 caractères au plus."]
    assert kept(dossier) == ({}, {"commune1": "a" * 301})
