"""The groupes of a procédure as its administrateur makes them."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from courriels.models import Courriel
from procedures import groupes
from procedures.champs import new_champ
from procedures.conditions import Condition, Mode, Operator, Regle
from procedures.echange import copy_procedure, create_from, export_of
from procedures.echange.document import Echange
from procedures.groupes_csv import plan_of, write_csv
from procedures.models import Affectation, Groupe
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

pytestmark = pytest.mark.django_db

COMMUNE = new_champ(
    "choix_unique", id="commune1", label="Commune", options=["Lille", "Roubaix", "Douai"]
)
REGION = new_champ("region", id="region1", label="Région")
TEXTE = new_champ("texte_court", id="objet1", label="Objet")
LIST_QUERIES = 5


@pytest.fixture
def administrateur():
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(
        champs=[COMMUNE, REGION, TEXTE],
        organisme=OrganismeFactory(administrateurs=[administrateur]),
    )


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


def url(name, procedure, *args):
    return reverse(f"procedures:{name}", args=[procedure.pk, *args])


def rule(*values, champ="commune1", operator=Operator.IS):
    return Condition(regles=[Regle(champ=champ, operator=operator, values=list(values))])


def names(procedure):
    return [groupe.name for groupe in groupes.groupes_of(procedure)]


# --- pages ----------------------------------------------------------------------------------------


def test_with_one_groupe_the_page_is_the_list_of_accompagnateurs(client, procedure):
    AffectationFactory(procedure=procedure, user__email="agent@exemple.fr")

    page = client.get(url("accompagnateur_list", procedure)).content.decode()

    assert "agent@exemple.fr" in page
    assert "Ajouter ces accompagnateurs" in page
    assert "Groupe par défaut" not in page


def test_a_groupe_is_made_with_its_contact(client, procedure):
    response = client.post(
        url("groupe_create", procedure),
        {"name": "  Unité   du Nord ", "contact_email": "nord@exemple.fr"},
    )

    groupe = procedure.groupes.get(is_default=False)
    assert response.url == url("groupe_detail", procedure, groupe.pk)
    assert (groupe.name, groupe.contact_email) == ("Unité du Nord", "nord@exemple.fr")


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"name": ""}, "Donnez un nom au groupe."),
        ({"name": "Groupe par défaut"}, "porte déjà ce nom"),
        ({"name": "Nord", "contact_email": "nord"}, "Saisissez une adresse email complète."),
        ({"name": "Nord", "contact_phone": "abc"}, "Saisissez un numéro de téléphone"),
    ],
)
def test_a_wrong_groupe_is_explained_and_kept(client, procedure, sent, message):
    response = client.post(url("groupe_create", procedure), sent | {"contact_hours": "Le matin"})

    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert "Le matin" in page
    assert names(procedure) == ["Groupe par défaut"]


def test_the_default_groupe_is_renamed(client, procedure):
    default = Groupe.objects.default_of(procedure.pk)

    client.post(url("groupe_edit", procedure, default.pk), {"name": "Siège"})

    assert names(procedure) == ["Siège"]


def test_members_are_added_and_removed_and_the_last_one_is_warned_of(client, procedure):
    groupe = groupes.create_groupe(procedure, "Nord")
    client.post(
        url("groupe_detail", procedure, groupe.pk),
        {"emails": "un@exemple.fr, deux@exemple.fr"},
    )
    assert groupe.affectations.count() == 2
    assert "groupe « Nord »" in Courriel.objects.first().body_text
    one, other = groupe.affectations.order_by("user__email")

    response = client.post(url("accompagnateur_delete", procedure, one.pk))

    assert response.url == url("groupe_detail", procedure, groupe.pk)
    page = client.get(url("accompagnateur_delete", procedure, other.pk)).content.decode()
    assert "C’est le dernier membre" in page


def test_groupes_move_up_and_down_and_stop_at_the_ends(client, procedure):
    made = [groupes.create_groupe(procedure, name) for name in ("A", "B", "C")]

    def move(groupe, sens):
        client.post(url("groupe_move", procedure, groupe.pk), {"sens": sens})
        return names(procedure)

    assert move(made[2], "haut") == ["A", "C", "B", "Groupe par défaut"]
    assert move(made[0], "haut") == ["A", "C", "B", "Groupe par défaut"]
    assert move(made[0], "bas") == ["C", "A", "B", "Groupe par défaut"]
    assert move(made[1], "bas") == ["C", "A", "B", "Groupe par défaut"]


def test_a_rule_is_written_changed_and_taken_away(client, procedure):
    groupe = groupes.create_groupe(procedure, "Lille")
    page = url("groupe_rule", procedure, groupe.pk)
    typed = {
        "mode": "toutes",
        "regle-0-champ": "commune1",
        "regle-0-pour": "commune1",
        "regle-0-operator": "est",
        "regle-0-values": "Lille",
    }

    client.post(page, typed)
    groupe.refresh_from_db()
    assert Condition.model_validate(groupe.rule) == rule("Lille")
    assert "Ceux où « Commune » est « Lille »" in " ".join(
        client.get(url("groupe_detail", procedure, groupe.pk)).content.decode().split()
    )

    client.post(page, {"enlever": "1"})
    groupe.refresh_from_db()
    assert groupe.rule is None


def test_an_unfinished_rule_is_not_saved(client, procedure):
    groupe = groupes.create_groupe(procedure, "Lille")

    response = client.post(url("groupe_rule", procedure, groupe.pk), {"regle-0-champ": "commune1"})

    assert response.status_code == 422
    groupe.refresh_from_db()
    assert groupe.rule is None


def test_the_default_groupe_has_no_rule(client, procedure):
    default = Groupe.objects.default_of(procedure.pk)

    assert client.get(url("groupe_rule", procedure, default.pk)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_whatever_the_number(
    client, procedure, count, django_assert_num_queries
):
    for number in range(count):
        AffectationFactory(
            procedure=procedure,
            groupe=groupes.create_groupe(procedure, f"G{number}", rule=rule("Lille")),
        )
    page = url("accompagnateur_list", procedure)
    client.get(page)

    with django_assert_num_queries(LIST_QUERIES):
        assert client.get(page).status_code == 200


# --- what is wrong with a rule --------------------------------------------------------------------

A_ROUBAIX_ET_DOUAI = Condition(
    mode=Mode.ANY,
    regles=[
        Regle(champ="commune1", operator=Operator.IS, values=["Roubaix"]),
        Regle(champ="commune1", operator=Operator.IS, values=["Douai"]),
    ],
)


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ([rule("Lille"), rule("Roubaix")], ""),
        ([rule("Lille"), rule("Lille")], "C’est déjà la règle de « G0 »"),
        ([rule("Lille", "Roubaix", operator=Operator.IS_ONE_OF), rule("Lille")], "déjà à « G0 »"),
        ([rule("Lille"), rule("Lille", "Douai", operator=Operator.IS_ONE_OF)], ""),
        ([A_ROUBAIX_ET_DOUAI, rule("Douai")], "déjà à « G0 »"),
        ([rule(operator=Operator.IS_FILLED), rule("Lille")], "déjà à « G0 »"),
        ([rule(operator=Operator.IS_FILLED), rule("Lille", operator=Operator.IS_NOT)], ""),
        ([rule("Paris"), rule("Paris")], "« Paris » n’est plus une réponse possible"),
        ([rule("x", champ="parti99")], "un champ qui a été supprimé"),
    ],
)
def test_rules_that_no_dossier_reaches_or_impossible_are_said_so(procedure, rules, problem):
    for number, one in enumerate(rules):
        groupes.create_groupe(procedure, f"G{number}", rule=one)

    explained = groupes.explain(
        list(groupes.groupes_of(procedure)), groupes.formulaire_of(procedure)
    )

    found = " ".join(explained[len(rules) - 1].problems)
    assert (problem in found) if problem else not found


def test_publication_says_the_rules_it_makes_impossible(client, procedure):
    groupes.create_groupe(procedure, "Lille", rule=rule("Lille"))
    assert (
        "règles de groupes" not in client.get(url("procedure_publish", procedure)).content.decode()
    )
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(TEXTE))
    draft.save()

    page = client.get(url("procedure_publish", procedure)).content.decode()

    assert "« Lille » : La condition porte sur un champ qui a été supprimé." in page


# --- from a champ ---------------------------------------------------------------------------------


def test_the_wizard_makes_a_groupe_of_each_answer_and_keeps_the_others(client, procedure):
    mine = groupes.create_groupe(procedure, "À moi", rule=rule("Douai"))
    empty = groupes.create_groupe(procedure, "Roubaix")
    page = f"{url('groupe_wizard', procedure)}?champ=commune1"
    shown = client.get(page).content.decode()
    assert 'value="Lille"' in shown
    assert 'value="Douai"' not in shown

    client.post(page, {"values": ["Lille", "Roubaix"]})

    assert names(procedure) == ["À moi", "Roubaix", "Lille", "Groupe par défaut"]
    empty.refresh_from_db()
    assert Condition.model_validate(empty.rule) == rule("Roubaix")
    assert Condition.model_validate(procedure.groupes.get(name="Lille").rule) == rule("Lille")
    mine.refresh_from_db()
    assert Condition.model_validate(mine.rule) == rule("Douai")


def test_the_wizard_offers_the_champs_of_one_choice(client, procedure):
    page = client.get(url("groupe_wizard", procedure)).content.decode()

    assert "?champ=commune1" in page
    assert [champ.id for champ in groupes.wizard_champs(groupes.formulaire_of(procedure))] == [
        "commune1",
        "region1",
    ]


# --- CSV ------------------------------------------------------------------------------------------


def test_a_csv_is_read_before_it_is_carried_out_and_each_wrong_line_is_said(client, procedure):
    groupes.create_groupe(procedure, "Nord")
    content = (
        "Groupe;Email\r\nnord;un@exemple.fr\r\nSud;deux@exemple.fr\r\nSud;pas une adresse\r\n"
        ";trois@exemple.fr\r\nNord;un@exemple.fr\r\n\r\nVide;\r\n"
    )
    file = SimpleUploadedFile("groupes.csv", content.encode("cp1252"), "text/csv")

    page = client.post(url("groupe_import", procedure), {"file": file}).content.decode()

    assert "Ligne 4&nbsp;: « pas une adresse » n’est pas une adresse email complète." in page
    assert "Ligne 5&nbsp;: Le nom du groupe manque." in page
    assert names(procedure) == ["Nord", "Groupe par défaut"]

    client.post(url("groupe_import", procedure), {"contenu": content})
    assert names(procedure) == ["Nord", "Sud", "Vide", "Groupe par défaut"]
    assert set(Affectation.objects.values_list("groupe__name", "user__email")) == {
        ("Nord", "un@exemple.fr"),
        ("Sud", "deux@exemple.fr"),
    }
    assert not plan_of(procedure, content).changes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nom,adresse\na,b", "La première ligne doit nommer les colonnes"),
        ("groupe\n" + "x" * 101, "dépasse 100 caractères"),
        ("groupe\n" + "\n".join(f"g{n}" for n in range(301)), "au plus 300 groupes"),
        ("groupe\n" + "a\n" * 1001, "au plus 1000 lignes"),
        ("", "La première ligne doit nommer les colonnes"),
    ],
)
def test_a_csv_beyond_its_limits_is_said_so(procedure, text, problem):
    assert problem in " ".join(text for _line, text in plan_of(procedure, text).problems)


def test_what_is_exported_comes_back_unchanged_and_holds_no_formula(procedure):
    AffectationFactory(procedure=procedure, groupe=groupes.create_groupe(procedure, "=1+1"))

    written = write_csv(procedure)

    assert "'=1+1;" in written
    assert not plan_of(procedure, written).changes
    assert not plan_of(procedure, written).problems


# --- elsewhere ------------------------------------------------------------------------------------


def test_a_copy_and_a_file_keep_groupes_rules_and_contacts_without_members(
    procedure, administrateur
):
    groupe = groupes.create_groupe(procedure, "Lille", rule=rule("Lille"))
    Groupe.objects.filter(pk=groupe.pk).update(contact_email="lille@exemple.fr")
    procedure.groupes.filter(is_default=True).update(name="Siège")
    AffectationFactory(procedure=procedure, groupe=groupe)
    echange = Echange.model_validate(json.loads(export_of(procedure)))

    for made in (
        copy_procedure(procedure, by=administrateur),
        create_from(echange, organisme=procedure.organisme, by=administrateur),
    ):
        assert names(made) == ["Lille", "Siège"]
        copied = made.groupes.get(name="Lille")
        assert Condition.model_validate(copied.rule) == rule("Lille")
        assert copied.contact_email == "lille@exemple.fr"
        assert not made.affectations.exists()


@pytest.mark.parametrize(
    "described",
    [
        [{"name": "A"}, {"name": "A"}],
        [{"name": "Groupe par défaut"}],
        [{"name": "A", "is_default": True}, {"name": "B", "is_default": True}],
        [{"name": "A", "is_default": True, "rule": rule("Lille").model_dump(mode="json")}],
    ],
)
def test_groupes_that_no_procedure_could_have_are_refused(procedure, described):
    document = json.loads(export_of(procedure)) | {"groupes": described}

    with pytest.raises(ValueError, match="groupe"):
        Echange.model_validate(document)


def test_the_cockpit_counts_people_once_and_says_the_groupes(client, procedure):
    user = UserFactory()
    for groupe in (groupes.create_groupe(procedure, "A"), groupes.create_groupe(procedure, "B")):
        AffectationFactory(procedure=procedure, groupe=groupe, user=user)

    page = client.get(url("procedure_detail", procedure)).content.decode()

    assert "1 accompagnateur, 3 groupes, dont 1 sans membre" in page
