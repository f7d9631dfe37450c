"""Two groupes: each accompagnateur sees theirs; a dossier changes hands, its contact too."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from courriels.models import Courriel
from dossiers import corbeille
from dossiers.balises import balise_values
from dossiers.changement_de_groupe import change_groupe
from dossiers.contact import contact_of
from dossiers.destinataires import recipients_of
from dossiers.enums import MessageSide
from dossiers.models import Dossier, Suivi
from instruction.counts import count_dossiers, count_unread
from instruction.enums import Onglet
from procedures.accompagnateurs import unassign
from procedures.models import Affectation, Groupe
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, MessageFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory
from tests.test_url_matrix import MATRIX, World, first_world, world

__all__ = ["first_world", "world"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def procedure():
    return ProcedureFactory()


@pytest.fixture
def nord(procedure):
    return Groupe.objects.create(procedure=procedure, name="Nord", position=1)


@pytest.fixture
def sud(procedure):
    return Groupe.objects.create(
        procedure=procedure,
        name="Sud",
        position=2,
        contact_email="sud@exemple.fr",
        contact_phone="04 00 00 00 00",
    )


def member(groupe):
    return AffectationFactory(procedure=groupe.procedure, groupe=groupe).user


def dossier_of(groupe, **values):
    return DossierFactory(
        **{"procedure": groupe.procedure, "groupe": groupe, "en_construction": True} | values
    )


# Of the whole procédure, whatever the groupe; a brouillon is nobody's yet.
OF_THE_PROCEDURE = {
    "instruction:dossier_list",
    "instruction:retrait_list",
    "instruction:procedure_list",
    "instruction:dossier_search",
    "instruction:dialogue_list",
    "instruction:dialogue_detail",
    "instruction:reponse_type_list",
    "instruction:reponse_type_create",
    "instruction:reponse_type_edit",
    "instruction:reponse_type_delete",
    "dossiers:passage_list",
    "instruction:column_choose",
    "instruction:filter_add",
    "instruction:lot_detail",
    "instruction:lot_export",
    "instruction:lot_list",
    "instruction:lot_prepare",
    "instruction:lot_report",
    "instruction:lot_stop",
    "instruction:vue_delete",
    "instruction:vue_list",
    "instruction:vue_rename",
    "procedures:label_delete",
    "procedures:label_edit",
    "procedures:label_list",
    "procedures:label_move",
    "procedures:label_suggest",
    "statistiques:instruction_csv",
    "statistiques:instruction_png",
    "statistiques:instruction_show",
}
SEES = ("200", "302", "422", "400")
BY_ACCOMPAGNATEUR = sorted(
    name
    for name, (_method, _objects, statuses) in MATRIX.items()
    if statuses.split()[3] in SEES and statuses.split()[2] == "404" and name not in OF_THE_PROCEDURE
)


def test_the_matrix_still_has_pages_to_hold():
    assert len(BY_ACCOMPAGNATEUR) > 20


@pytest.mark.parametrize("name", BY_ACCOMPAGNATEUR)
def test_the_other_groupe_finds_no_page_of_a_dossier(world: World, client_for, name):
    other = Groupe.objects.create(procedure=world.procedure, name="Autre groupe")
    world.affectation.delete()
    stranger = world.people["accompagnateur"]
    Affectation.objects.create(procedure=world.procedure, groupe=other, user=stranger)
    method, objects, _statuses = MATRIX[name]

    response = getattr(client_for(stranger), method)(reverse(name, kwargs=objects(world)))

    assert response.status_code == 404


def test_each_sees_their_groupe_and_a_member_of_both_sees_both(nord, sud):
    of_nord, of_sud = dossier_of(nord), dossier_of(sud)
    one, two, both = member(nord), member(sud), member(nord)
    Affectation.objects.create(procedure=sud.procedure, groupe=sud, user=both)

    seen = [set(Dossier.objects.in_groupes_of(user, nord.procedure)) for user in (one, two, both)]

    assert seen == [{of_nord}, {of_sud}, {of_nord, of_sud}]


def test_counts_and_unread_are_those_of_my_groupes(nord, sud):
    procedure = nord.procedure
    user = member(nord)
    dossier_of(nord)
    MessageFactory(dossier=dossier_of(sud))

    counts = count_dossiers([procedure.pk], by=user)[procedure.pk]
    unread = count_unread([procedure.pk], by=user)[procedure.pk]

    assert counts.of(Onglet.TOUS) == 1
    assert (unread.dossiers, unread.dialogues) == (0, 0)


def test_what_the_usager_says_is_told_to_their_groupe_alone(nord, sud):
    user = member(nord)
    member(sud)

    assert recipients_of(dossier_of(nord), MessageSide.USAGER) == [user]


def test_leaving_a_groupe_takes_effect_at_once(nord, client_for):
    user = member(nord)
    dossier = dossier_of(nord)
    Suivi.objects.create(dossier=dossier, user=user)
    client, url = client_for(user), reverse("instruction:dossier_detail", args=[dossier.pk])
    assert client.get(url).status_code == 200

    unassign(Affectation.objects.get(user=user))

    assert client.get(url).status_code == 404
    dossier.refresh_from_db()
    assert dossier.followers_count == 0


def test_a_withdrawn_dossier_is_known_to_its_groupe_alone(nord, sud, client_for):
    dossier = dossier_of(nord)
    url = reverse("instruction:dossier_detail", args=[dossier.pk])
    list_url = reverse("instruction:retrait_list", args=[nord.procedure_id])
    corbeille.delete(dossier.pk, by=dossier.usager)

    mine, other = client_for(member(nord)), client_for(member(sud))

    assert (mine.get(url).status_code, other.get(url).status_code) == (410, 404)
    assert f"nº {dossier.pk}" in mine.get(list_url).content.decode()
    assert f"nº {dossier.pk}" not in other.get(list_url).content.decode()


# --- moving ---------------------------------------------------------------------------------------


def test_changing_groupe_sticks_is_noted_and_loses_the_other_followers(nord, sud):
    mover, stays, leaves = member(nord), member(nord), member(nord)
    Affectation.objects.create(procedure=sud.procedure, groupe=sud, user=stays)
    dossier = dossier_of(nord)
    for user in (mover, stays, leaves):
        Suivi.objects.create(dossier=dossier, user=user)

    still_seen = change_groupe(dossier.pk, sud, by=mover, reason="Commune du Sud.")

    dossier.refresh_from_db()
    assert not still_seen
    assert (dossier.groupe, dossier.groupe_is_manual) == (sud, True)
    entry = dossier.history.get()
    assert (entry.action, entry.by) == ("change_groupe", mover)
    assert entry.motivation == "De « Nord » à « Sud ». Commune du Sud."
    assert [suivi.user for suivi in dossier.suivis.all()] == [stays]
    told = Courriel.objects.filter(to_email__in=[user.email for user in (mover, stays, leaves)])
    courriel = told.get()
    assert courriel.to_email == leaves.email
    assert "Commune du Sud." in courriel.body_text


def test_the_page_brings_back_to_the_list_who_loses_sight_of_it(nord, sud, client_for):
    dossier, client = dossier_of(nord), client_for(member(nord))
    url = reverse("instruction:groupe_change", args=[dossier.pk])
    assert "Sud (vous n’en êtes pas membre)" in client.get(url).content.decode()

    response = client.post(url, {"groupe": sud.pk, "reason": "Erreur"})

    assert response.url.startswith(reverse("instruction:dossier_list", args=[nord.procedure_id]))
    page = client.get(response.url).content.decode()
    assert "Vous ne le voyez plus." in page


def test_a_groupe_of_another_procedure_or_none_is_refused_and_the_reason_kept(nord, client_for):
    dossier, client = dossier_of(nord), client_for(member(nord))
    foreign = Groupe.objects.create(procedure=ProcedureFactory(), name="Ailleurs")
    url = reverse("instruction:groupe_change", args=[dossier.pk])

    for groupe in (foreign.pk, ""):
        response = client.post(url, {"groupe": groupe, "reason": "Mon motif"})
        assert response.status_code == 422
        assert "Mon motif" in response.content.decode()
    dossier.refresh_from_db()
    assert dossier.groupe == nord


def test_the_head_says_the_groupe_only_where_there_are_several(nord, client_for):
    alone = ProcedureFactory()
    user = AffectationFactory(procedure=alone).user
    dossier = DossierFactory(procedure=alone, en_construction=True)
    client = client_for(user)
    url = reverse("instruction:dossier_detail", args=[dossier.pk])
    assert "Changer de groupe" not in client.get(url).content.decode()

    url = reverse("instruction:dossier_detail", args=[dossier_of(nord).pk])
    assert "Changer de groupe" in client_for(member(nord)).get(url).content.decode()


# --- contact --------------------------------------------------------------------------------------


def test_contact_of_the_groupe_replaces_that_of_the_service_where_given(nord, sud):
    sud.procedure.service_hours = "Le matin"
    sud.procedure.save()
    contact = contact_of(dossier_of(sud, procedure=sud.procedure))

    assert (contact.email, contact.phone, contact.hours, contact.name) == (
        "sud@exemple.fr",
        "04 00 00 00 00",
        "Le matin",
        "Service des subventions",
    )
    assert contact_of(dossier_of(nord)).email == "subventions@exemple.fr"


def test_usager_reads_the_contact_of_the_groupe(sud, client_for):
    dossier = dossier_of(sud)

    page = client_for(dossier.usager).get(dossier.get_absolute_url()).content.decode()

    assert "mailto:sud@exemple.fr" in page
    assert "subventions@exemple.fr" not in page


@pytest.mark.parametrize(("name", "expected"), [("Sud", "Sud"), (None, "Service des subventions")])
def test_balise_groupe_is_its_name_or_the_service_where_it_has_none(sud, name, expected):
    groupe = sud if name else Groupe.objects.default_of(sud.procedure_id)

    values = balise_values(dossier_of(groupe))

    assert values["groupe"] == expected
    assert values["email_service"] == ("sud@exemple.fr" if name else "subventions@exemple.fr")


def test_a_stranger_cannot_give_a_dossier(nord, sud):

    with pytest.raises(PermissionDenied):
        change_groupe(dossier_of(nord).pk, sud, by=UserFactory(), reason="")
