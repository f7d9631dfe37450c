"""Blocs, conditions, annotations and ineligibility in the pages of the builder."""

import re

import pytest
from django.urls import reverse

from procedures import builder
from procedures.champs import new_champ
from procedures.conditions import Condition, Regle
from procedures.part import ANNOTATIONS
from procedures.publication import missing_before_publication
from procedures.revisions import editable_revision, unpublished_changes
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "proprietes"}
WHEN_ASSOCIATION = {
    "affichage": "lorsque",
    "mode": "toutes",
    "regle-0-champ": "statut1",
    "regle-0-pour": "statut1",
    "regle-0-operator": "est",
    "regle-0-values": "Association",
}


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[administrateur]),
        champs=[
            new_champ(
                "choix_unique", id="statut1", label="Statut", options=["Association", "Commune"]
            ),
            new_champ("texte_court", id="rna1", label="Numéro RNA"),
            new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense"),
            new_champ("texte_court", id="poste1", label="Poste", bloc="bloc1"),
            new_champ("montant", id="cout1", label="Coût", bloc="bloc1"),
            new_champ("nombre_entier", id="age1", label="Âge"),
        ],
        annotations=[new_champ("texte_court", id="note1", label="Note")],
    )


@pytest.fixture
def browser(administrateur, client_for):
    return client_for(administrateur)


def url(procedure, name="formulaire_edit", *args):
    return reverse(f"procedures:{name}", args=[procedure.pk, *args])


def form_of(procedure):
    return editable_revision(procedure).formulaire


def blocs(procedure):
    return [(champ.id, champ.bloc) for champ in form_of(procedure).champs]


def order(response):
    return Markup(response).one("#etat")["data-tps-order"].split()


def test_champs_of_a_bloc_stand_before_its_end(procedure, browser):
    page = Markup(browser.get(url(procedure)))

    marks = [card["data-tps-mark"] for card in page.all("#champs > li")]
    assert marks == ["statut1", "rna1", "bloc1", "poste1", "cout1", "fin-bloc1", "age1"]
    assert [card["id"] for card in page.all(".tps-champ--inside")] == [
        "champ-poste1",
        "champ-cout1",
    ]
    assert page.one(".tps-bloc-end").text.endswith("Fin du bloc « Dépenses »")


def test_the_end_of_a_bloc_is_a_place_to_move_to(procedure, browser):
    page = Markup(browser.get(url(procedure), {"champ": "cout1"}))
    offered = [option["value"] for option in page.all("#deplacer-apres option")]
    assert offered == ["", "statut1", "rna1", "bloc1", "poste1", "fin-bloc1", "age1"]

    response = browser.post(url(procedure, "champ_move", "cout1"), {"apres": "fin-bloc1"}, **HTMX)

    assert blocs(procedure)[3:] == [("poste1", "bloc1"), ("cout1", None), ("age1", None)]
    assert order(response)[-4:] == ["poste1", "fin-bloc1", "cout1", "age1"]


@pytest.mark.parametrize(
    ("name", "data", "came"),
    [("champ_duplicate", {}, 4), ("champ_delete", {}, 0)],
)
def test_a_bloc_goes_whole_and_the_answer_says_the_order(procedure, browser, name, data, came):
    response = browser.post(url(procedure, name, "bloc1"), data, **HTMX)

    assert len(Markup(response).all('ol[hx-swap-oob="beforeend:#champs"] > li')) == came
    reload = browser.get(url(procedure))
    assert order(response) == order(reload)
    if name == "champ_delete":
        restored = browser.post(url(procedure, "champ_restore"), {"champ": "bloc1"}, **HTMX)
        assert order(restored)[2:6] == ["bloc1", "poste1", "cout1", "fin-bloc1"]


def test_a_condition_is_saved_and_said_on_the_card(procedure, browser):
    to = url(procedure, "champ_condition", "rna1")

    response = browser.post(to, WHEN_ASSOCIATION, **HTMX)

    assert form_of(procedure).by_id["rna1"].condition.regles[0].values == ["Association"]
    words = "Affiché lorsque « Statut » est « Association »"
    assert Markup(response).one("#champ-rna1 .tps-champ__condition").text == words
    assert Markup(response).one("#regle-0-values option[selected]").text == "Association"
    browser.post(to, {"affichage": "toujours"})
    assert form_of(procedure).by_id["rna1"].condition is None


def test_only_what_precedes_can_be_compared(procedure, browser):
    page = Markup(browser.get(url(procedure), {"champ": "cout1"}))
    offered = [option["value"] for option in page.all("#regle-0-champ option")]
    assert offered == ["", "statut1", "rna1", "bloc1", "poste1"][: len(offered)]
    first = Markup(browser.get(url(procedure), {"champ": "statut1"}))
    assert first.all("#condition form") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"regle-0-values": "Syndicat"}, "« Syndicat » n’est plus une réponse possible"),
        ({"regle-0-champ": "age1", "regle-0-pour": "age1"}, "vient après"),
        ({"regle-0-champ": "rna1", "regle-0-pour": "rna1"}, "de sa propre réponse"),
        ({"regle-0-champ": "\x00", "regle-0-pour": "\x00"}, "a été supprimé"),
        ({"regle-0-values": "a" * 5000}, "n’est plus une réponse possible"),
    ],
)
def test_an_impossible_rule_is_explained_and_kept(procedure, browser, changes, said):
    response = browser.post(url(procedure, "champ_condition", "rna1"), WHEN_ASSOCIATION | changes)

    assert response.status_code == 422
    assert said in Markup(response).one("#regle-0-probleme").text
    assert form_of(procedure).by_id["rna1"].condition is None


@pytest.mark.parametrize("typed", ["dix", "1\x00", "1" * 500])
def test_a_typed_number_is_checked(procedure, browser, typed):
    data = {
        "affichage": "lorsque",
        "regle-0-champ": "age1",
        "regle-0-pour": "age1",
        "regle-0-operator": "superieur",
        "regle-0-values": typed,
    }
    builder.move_champ(procedure, "age1", to_index=0)

    response = browser.post(url(procedure, "champ_condition", "rna1"), data)

    assert response.status_code == 422
    assert Markup(response).one("#regle-0-probleme").text


def test_rules_are_added_and_removed_without_scripts(procedure, browser):
    to = url(procedure, "champ_condition", "poste1")
    page = Markup(browser.post(to, WHEN_ASSOCIATION | {"ajouter": "1"}))
    assert len(page.all(".tps-regle")) == 2
    other = {
        "regle-1-champ": "rna1",
        "regle-1-pour": "rna1",
        "regle-1-operator": "rempli",
    }
    browser.post(to, WHEN_ASSOCIATION | other | {"mode": "une"})
    condition = form_of(procedure).by_id["poste1"].condition
    assert (condition.mode, len(condition.regles)) == ("une", 2)

    browser.post(to, WHEN_ASSOCIATION | other | {"retirer": "0"})

    regles = form_of(procedure).by_id["poste1"].condition.regles
    assert [(regle.champ, regle.operator) for regle in regles] == [("rna1", "rempli")]


def test_deleting_what_others_depend_on_is_said_at_once(procedure, browser):
    condition = Condition(regles=[Regle(champ="statut1", operator="est", values=["Commune"])])
    builder.set_condition(procedure, "rna1", condition)

    response = browser.post(url(procedure, "champ_delete", "statut1"), **HTMX)

    assert "Num\\u00e9ro RNA" in response["HX-Trigger"]
    page = Markup(response)
    assert "1 condition impossible" in page.one(".tps-builder-state__impossible").text
    assert "supprimé" in page.one("#champ-rna1 .tps-champ__impossible").text
    assert next(item.message for item in missing_before_publication(procedure)) == (
        "Champ « Numéro RNA » : La condition porte sur un champ qui a été supprimé."
    )


def test_deleting_what_a_rule_of_ineligibility_compares_is_said_at_once(procedure, browser):
    browser.post(
        url(procedure, "ineligibilite_create"), WHEN_ASSOCIATION | {"message": "Communes."}
    )

    page = Markup(browser.post(url(procedure, "champ_delete", "statut1"), **HTMX))

    assert page.one(".tps-builder-state__impossible").text == (
        "1 règle d’inéligibilité impossible, à corriger avant de publier : voir les règles"
    )
    link = page.one(".tps-builder-state__impossible a")
    assert link["href"] == url(procedure, "ineligibilite_list")


def test_no_answer_chosen_yet_is_no_answer_among_several(procedure, browser):
    data = WHEN_ASSOCIATION | {"regle-0-operator": "parmi", "regle-0-values": ""}

    page = Markup(browser.post(url(procedure, "champ_condition", "rna1"), data, **HTMX))

    assert "ne convient plus" not in page.one("#condition").text


def test_the_preview_gives_the_browser_its_conditions(procedure, browser):
    condition = Condition(regles=[Regle(champ="poste1", operator="rempli")])
    builder.set_condition(procedure, "cout1", condition)

    page = Markup(browser.get(url(procedure, "formulaire_preview")))

    assert '"champ": "poste1-1"' in page.one("#champ-cout1-1")["data-tps-conditions"]
    assert page.one("#champ-poste1-1 h4").text == "Dépense 1"


def test_an_outline_is_inserted_then_taken_back(procedure, browser):
    new = [new_champ("date", label=f"Jour {rank}") for rank in range(3)]
    before = blocs(procedure)
    builder.add_champs(procedure, new, after="rna1")
    page = browser.get(url(procedure))
    assert Markup(page).one("#annuler").text == "Annuler l’insertion de 3 champs"

    browser.post(url(procedure, "champ_restore"), {"champ": new[0].id, "insertion": "1"})

    assert blocs(procedure) == before
    page = browser.get(url(procedure))
    assert Markup(page).one("#annuler").text == "Annuler la suppression de 3 champs"
    browser.post(url(procedure, "champ_restore"), {"champ": new[0].id})
    assert [champ.label for champ in form_of(procedure).champs[2:5]] == [
        "Jour 0",
        "Jour 1",
        "Jour 2",
    ]


def test_undoing_an_insertion_keeps_what_was_put_into_its_bloc(procedure):
    bloc = new_champ("bloc_repetable", label="Partenaires")
    builder.add_champs(procedure, [bloc])
    builder.move_champ(procedure, "age1", after=bloc.id)

    builder.undo_insert(procedure, bloc.id)

    assert blocs(procedure)[-1] == ("age1", None)


def test_annotations_have_the_same_builder_and_their_own_undo(procedure, browser):
    names = [champ.id for champ in form_of(procedure).champs]
    browser.post(url(procedure, "annotations_champ_add"), {"type": "date"})
    browser.post(url(procedure, "annotations_champ_delete", "note1"))

    assert [champ.type for champ in form_of(procedure).annotations] == ["date"]
    assert [champ.id for champ in form_of(procedure).champs] == names
    assert Markup(browser.get(url(procedure))).all("#annuler") == []
    with pytest.raises(builder.NothingToUndo):
        builder.undo_delete(procedure)
    builder.undo_delete(procedure, part=ANNOTATIONS)
    assert form_of(procedure).annotations[0].id == "note1"


@pytest.mark.parametrize("type_name", ["bloc_repetable", "piece_jointe", "engagement"])
def test_annotations_leave_out_what_an_usager_gives(procedure, browser, type_name):
    page = browser.get(url(procedure, "annotations_formulaire_edit")).content.decode()
    assert not re.search(rf'name="type"\s+value="{type_name}"', page)

    response = browser.post(url(procedure, "annotations_champ_add"), {"type": type_name})

    assert response.status_code == 400


def test_a_champ_of_one_part_is_not_found_in_the_other(procedure, browser):
    for name, champ_id in [("champ_delete", "note1"), ("annotations_champ_delete", "rna1")]:
        assert browser.post(url(procedure, name, champ_id)).status_code == 404


def test_a_rule_of_ineligibility_is_added_changed_deleted(procedure, browser):
    data = WHEN_ASSOCIATION | {"message": "Réservé aux communes."}
    browser.post(url(procedure, "ineligibilite_create"), data)
    rule = form_of(procedure).ineligibilites[0]
    page = Markup(browser.get(url(procedure, "ineligibilite_list")))
    assert page.one("main h3").text == "Lorsque « Statut » est « Association »"
    assert "Réservé aux communes." in page.one(".fr-alert--warning").text

    browser.post(
        url(procedure, "ineligibilite_edit", rule.id), data | {"message": "Voyez la mairie."}
    )
    assert [rule.message for rule in form_of(procedure).ineligibilites] == ["Voyez la mairie."]
    (change,) = unpublished_changes(procedure)
    assert change.title == "lorsque « Statut » est « Association »"

    asked = Markup(browser.get(url(procedure, "ineligibilite_delete", rule.id)))
    assert "lorsque « Statut » est « Association »" in asked.one("main").text
    assert len(form_of(procedure).ineligibilites) == 1
    browser.post(url(procedure, "ineligibilite_delete", rule.id))
    assert form_of(procedure).ineligibilites == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"message": ""}, "Écrivez le message que l’usager lira."),
        ({"regle-0-values": "Syndicat"}, "Complétez la condition."),
        ({"regle-0-champ": ""}, "Complétez la condition."),
    ],
)
def test_an_incomplete_rule_is_kept_on_its_page(procedure, browser, changes, problem):
    data = WHEN_ASSOCIATION | {"message": "Réservé aux communes."} | changes

    response = browser.post(url(procedure, "ineligibilite_create"), data)

    assert response.status_code == 422
    assert form_of(procedure).ineligibilites == []
    page = Markup(response)
    assert page.one("#id_message").text.strip() == data["message"]
    assert [link.text for link in page.all('[role="alert"] a')] == [problem]
    assert page.one(page.one('[role="alert"] a')["href"])


def test_what_changes_is_said_in_words(procedure):
    condition = Condition(regles=[Regle(champ="statut1", operator="est", values=["Commune"])])
    builder.set_condition(procedure, "rna1", condition)
    builder.move_champ(procedure, "age1", after="cout1")
    builder.update_champ(procedure, "note1", {"label": "Avis"}, part=ANNOTATIONS)

    changes = {change.title: change for change in unpublished_changes(procedure)}

    shown = {
        title: [(a.label, a.before, a.after) for a in change.attributes]
        for title, change in changes.items()
    }
    assert shown == {
        "Numéro RNA": [
            ("Condition", "toujours affiché", "affiché lorsque « Statut » est « Commune »")
        ],
        "Âge": [("Bloc", "aucun", "Dépenses")],
        "Avis": [("Intitulé", "Note", "Avis")],
    }
    assert changes["Avis"].type_name == "annotation privée, Texte court"


def test_builder_says_how_many_changes_wait_for_publication(client_for):
    administrateur = UserFactory()
    organisme = OrganismeFactory(administrateurs=[administrateur])
    procedure = ProcedureFactory(organisme=organisme)
    client = client_for(administrateur)
    url = f"/administration/procedures/{procedure.pk}/formulaire/"
    assert "non publiée" not in client.get(url).content.decode()

    answer = client.post(
        f"{url}ajouter-un-champ/", {"type": "date"}, headers={"HX-Request": "true"}
    )

    assert "1 modification non publiée" in answer.content.decode()
    assert "1 modification non publiée" in client.get(url).content.decode()
