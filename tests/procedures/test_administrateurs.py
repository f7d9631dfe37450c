"""The list of the administrateurs of a procédure: who is on it, added, removed, leaves."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Organisme
from courriels.models import Courriel
from procedures.administrateurs import LastAdministrateur, remove_administrateur
from procedures.models import Administration, Procedure
from procedures.policies import can_administer
from procedures.revisions import create_procedure
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def colleague(db):
    return UserFactory(email="collegue@exemple.fr")


@pytest.fixture
def procedure(administrateur, colleague):
    """A procédure of `administrateur`; `colleague` administers its organisme, not it."""
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[administrateur, colleague], name="Mairie"),
        title="Aide vélo",
        administrateurs=[administrateur],
    )


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


def _list(procedure):
    return reverse("procedures:administrateur_list", args=[procedure.pk])


def _delete(administration):
    return reverse(
        "procedures:administrateur_delete", args=[administration.procedure_id, administration.pk]
    )


def _people(procedure):
    return set(procedure.administrations.values_list("user__email", flat=True))


def test_whoever_creates_a_procedure_administers_it(administrateur):
    organisme = OrganismeFactory(administrateurs=[administrateur, UserFactory()])

    procedure = create_procedure(by=administrateur, organisme=organisme, title="A", slug="aaa")

    assert _people(procedure) == {administrateur.email}


def test_whoever_copies_a_procedure_administers_the_copy_alone(client, administrateur, procedure):
    Administration.objects.create(
        procedure=procedure,
        user=procedure.organisme.administrateurs.exclude(pk=administrateur.pk).get(),
    )

    client.post(reverse("procedures:procedure_copy", args=[procedure.pk]))

    assert _people(Procedure.objects.latest("pk")) == {administrateur.email}


@pytest.mark.parametrize("name", ["procedure_detail", "procedure_edit", "formulaire_edit"])
def test_a_colleague_who_is_not_on_the_list_does_not_edit_it(
    name, procedure, colleague, client_for
):
    url = reverse(f"procedures:{name}", args=[procedure.pk])

    assert client_for(colleague).get(url).status_code == 404
    assert not can_administer(colleague, procedure)
    assert not Procedure.objects.administered_by(colleague).exists()


def test_who_lost_the_organisme_no_longer_designs_its_procedures(procedure, administrateur, client):
    procedure.organisme.administrateurs.remove(administrateur)

    assert client.get(_list(procedure)).status_code == 404
    assert not can_administer(administrateur, procedure)


def test_a_colleague_is_added_and_told(client, procedure, administrateur, colleague):
    response = client.post(_list(procedure), {"email": " Collegue@Exemple.FR "})

    assert response.status_code == 302
    assert _people(procedure) == {administrateur.email, colleague.email}
    assert can_administer(colleague, procedure)
    courriel = Courriel.objects.get()
    assert (courriel.to_email, courriel.kind) == (colleague.email, "administrateur_ajoute")
    assert "« Aide vélo » (Mairie)" in courriel.body_text
    assert reverse("procedures:procedure_detail", args=[procedure.pk]) in courriel.body_text


def test_adding_twice_changes_and_sends_nothing(client, procedure, colleague):
    client.post(_list(procedure), {"email": colleague.email})
    client.post(_list(procedure), {"email": colleague.email})

    assert Administration.objects.filter(user=colleague).count() == 1
    assert Courriel.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("stranger@exemple.fr", "n’est pas administrateur de « Mairie »"),
        ("personne@exemple.fr", "Personne n’a de compte à cette adresse"),
        ("inactif@exemple.fr", "Personne n’a de compte à cette adresse"),
        ("pas une adresse", "Saisissez une adresse email complète"),
        ("a@exemple.fr\nBcc: b@exemple.fr", "Saisissez une adresse email complète"),
        (f"{'a' * 300}@exemple.fr", "254 caractères"),
        ("", "Saisissez une adresse email."),
    ],
)
def test_whoever_has_not_the_grant_is_refused_with_a_reason(
    email, said, client, procedure, administrateur
):
    OrganismeFactory(administrateurs=[UserFactory(email="stranger@exemple.fr")])
    procedure.organisme.administrateurs.add(
        UserFactory(email="inactif@exemple.fr", is_active=False)
    )

    response = client.post(_list(procedure), {"email": email})

    assert said in Markup(response).one("form.tps-panel").text
    assert _people(procedure) == {administrateur.email}
    assert not Courriel.objects.exists()


def test_an_administrateur_is_removed_after_being_asked_once(client, procedure, colleague):
    administration = procedure.administrations.create(user=colleague)

    assert client.get(_delete(administration)).status_code == 200
    client.post(_delete(administration))

    assert colleague.email not in _people(procedure)


def test_an_administrateur_leaves(client, procedure, administrateur, colleague):
    procedure.administrations.create(user=colleague)
    mine = procedure.administrations.get(user=administrateur)

    response = client.post(_delete(mine))

    assert response["Location"] == reverse("procedures:procedure_list")
    assert _people(procedure) == {colleague.email}


def test_the_last_administrateur_stays(client, procedure, administrateur):
    mine = procedure.administrations.get()

    response = client.post(_delete(mine), follow=True)

    assert "dernière à pouvoir administrer" in response.content.decode()
    assert _people(procedure) == {administrateur.email}
    assert "Quitter la procédure" not in client.get(_list(procedure)).content.decode()


def test_whoever_lost_the_grant_does_not_count_as_another(client, procedure, administrateur):
    gone = UserFactory()
    procedure.administrations.create(user=gone)
    mine = procedure.administrations.get(user=administrateur)

    client.post(_delete(mine))

    assert _people(procedure) == {administrateur.email, gone.email}
    page = Markup(client.get(_list(procedure)))
    assert page.one("#administrateurs .fr-badge").text == "sans accès à l’organisme"


def test_the_place_of_another_procedure_is_not_found(client, procedure):
    foreign = ProcedureFactory(administrateurs=[UserFactory()]).administrations.get()
    url = reverse("procedures:administrateur_delete", args=[procedure.pk, foreign.pk])

    assert client.post(url).status_code == 404
    assert Administration.objects.filter(pk=foreign.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_remove_each_other_at_once_leave_one(procedure, colleague):
    procedure.administrations.create(user=colleague)
    barrier, refused = threading.Barrier(2), []

    def work(administration):
        barrier.wait()
        try:
            remove_administrateur(administration)
        except LastAdministrateur:
            refused.append(administration)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[a]) for a in procedure.administrations.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(procedure.administrations.all()) == refused
    assert len(refused) == 1


@pytest.mark.parametrize("who", ["stranger", "accompagnateur", "colleague", "exploitant"])
def test_only_its_administrateurs_change_the_list(who, client_for, procedure, colleague):
    people = {
        "stranger": OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get(),
        "accompagnateur": AffectationFactory(procedure=procedure).user,
        "colleague": colleague,
        "exploitant": UserFactory(exploitant=True),
    }
    before = _people(procedure)
    browser = client_for(people[who])

    assert browser.post(_list(procedure), {"email": colleague.email}).status_code == 404
    assert browser.post(_delete(procedure.administrations.get())).status_code == 404
    assert _people(procedure) == before


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    count, client, procedure, django_assert_num_queries
):
    for _ in range(count - 1):
        user = UserFactory()
        procedure.organisme.administrateurs.add(user)
        procedure.administrations.create(user=user)

    with django_assert_num_queries(6):
        assert client.get(_list(procedure)).status_code == 200


# --- exploitants ------------------------------------------------------------------------------


def test_exploitants_find_and_recover_an_orphaned_procedure(client_for, procedure, administrateur):
    ProcedureFactory(organisme=OrganismeFactory(administrateurs=[UserFactory()]))
    ops, heir = client_for(UserFactory(exploitant=True)), UserFactory()
    Organisme.objects.get(name="Mairie").administrateurs.set([heir])
    changelist = reverse("admin:procedures_procedure_changelist")

    found = ops.get(changelist, {"administrateurs": "aucun"}).context["cl"].result_list

    assert list(found) == [procedure]
    _give(ops, procedure, heir)
    assert can_administer(heir, procedure)
    assert not Procedure.objects.orphaned().exists()


def test_exploitants_cannot_give_a_procedure_to_who_has_not_the_grant(client_for, procedure):
    ops, stranger = client_for(UserFactory(exploitant=True)), UserFactory()

    response = _give(ops, procedure, stranger)

    assert "n’est pas administrateur de Mairie" in response.content.decode()
    assert not Administration.objects.filter(user=stranger).exists()


def _give(ops, procedure, user):
    url = reverse("admin:procedures_procedure_change", args=[procedure.pk])
    fields = ops.get(url).context["adminform"].form.initial
    fields = {name: value for name, value in fields.items() if value is not None}
    administration = procedure.administrations.first()
    return ops.post(
        url,
        fields
        | {
            "affectations-TOTAL_FORMS": 0,
            "affectations-INITIAL_FORMS": 0,
            "administrations-TOTAL_FORMS": 2,
            "administrations-INITIAL_FORMS": 1,
            "administrations-0-id": administration.pk,
            "administrations-0-procedure": procedure.pk,
            "administrations-0-user": administration.user_id,
            "administrations-0-DELETE": "on",
            "administrations-1-procedure": procedure.pk,
            "administrations-1-user": user.pk,
        },
    )
