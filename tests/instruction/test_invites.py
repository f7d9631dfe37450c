"""The invités of a dossier for those who instruct it, and what an invité of the service reads."""

from contextlib import closing

import pytest
from django.urls import reverse

from courriels.models import Courriel
from dossiers import invitations
from dossiers.annotations import FeuilleAnnotations
from dossiers.models import Invite
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import (
    DossierFactory,
    HistoryEntryFactory,
    InviteFactory,
    PieceJointeFactory,
)
from tests.entreprise_api.factories import EtablissementFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert():
    return UserFactory(email="expert@exemple.fr", first_name="Ève", last_name="Experte")


def page_of(dossier, query="") -> str:
    return reverse("instruction:invite_list", args=[dossier.pk]) + query


def url(name: str, invited: Invite) -> str:
    return reverse(f"instruction:{name}", args=[invited.dossier_id, invited.pk])


def said(response) -> list[str]:
    return [part.text for part in Markup(response).all("#tps-messages .fr-alert")]


# --- the tab of the accompagnateurs -------------------------------------------------------------


def test_accompagnateur_invites_with_a_message(client, dossier):
    page = client.post(
        page_of(dossier, "?onglet=tous"),
        {"email": "Expert@Exemple.fr", "message": "Votre avis sur le budget ?"},
        follow=True,
    )

    assert page.redirect_chain == [(page_of(dossier, "?onglet=tous"), 302)]
    assert said(page) == ["L’invitation part à expert@exemple.fr."]
    section = Markup(page).one('[aria-labelledby="invites-service"]').text
    for words in ("Invité par le service", "En attente", "expert@exemple.fr", "sur le budget"):
        assert words in section
    assert "Alice Instructrice, qui instruit pour" in Courriel.objects.get().body_text


def test_an_invite_of_the_service_never_writes_whatever_is_posted(client, dossier):
    client.post(page_of(dossier), {"email": "expert@exemple.fr", "role": "ecriture"})

    assert Invite.objects.get().role == "lecture"


def test_refused_invitation_keeps_what_was_typed(client, dossier):
    response = client.post(page_of(dossier), {"email": "rien", "message": "Bonjour Ève"})

    assert response.status_code == 422
    assert "adresse électronique complète" in Markup(response).one("#id_email_error").text
    assert "Bonjour Ève" in response.content.decode()


def test_the_two_kinds_are_told_apart(client, dossier, expert):
    InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)
    InviteFactory(dossier=dossier, email="partenaire@exemple.fr", an_hour_ago=True)

    page = Markup(client.get(page_of(dossier)))

    of_service = page.one('[aria-labelledby="invites-service"]')
    of_usager = page.one('[aria-labelledby="invites-usager"]')
    assert "Ève Experte" in of_service.text
    assert "partenaire@exemple.fr" not in of_service.text
    assert "partenaire@exemple.fr" in of_usager.text
    badges = {
        part.text: set(part.classes) for part in page.all(".fr-badge") if "Invité" in part.text
    }
    assert "fr-badge--brown-caramel" in badges["Invité par le service"]
    assert "fr-badge--green-archipel" in badges["Invité par l’usager"]
    # The usager's invités are not the service's to revoke.
    assert "Révoquer" in of_service.text
    assert "Révoquer" not in of_usager.text


def test_history_tells_them_apart_too(client, dossier, accompagnateur):
    invitations.invite(dossier.pk, "a@exemple.fr", by=dossier.usager, origin="usager")
    invitations.invite(dossier.pk, "b@exemple.fr", by=accompagnateur, origin="accompagnateur")

    page = Markup(client.get(reverse("instruction:history_list", args=[dossier.pk])))

    usager = page.one(".tps-history__invite--usager").text
    service = page.one(".tps-history__invite--accompagnateur").text
    assert usager.startswith("Invitation par l’usager : a@exemple.fr (lecture), par")
    assert service.startswith("Invitation par le service : b@exemple.fr, par Alice Instructrice")


def test_accompagnateur_sends_again_then_revokes(client, dossier):
    invited = InviteFactory(dossier=dossier, of_service=True, expired=True, email="e@exemple.fr")

    again = client.post(url("invite_resend", invited), follow=True)
    question = Markup(client.get(url("invite_revoke", invited)))
    revoked = client.post(url("invite_revoke", invited), follow=True)

    assert said(again) == ["L’invitation repart à e@exemple.fr."]
    assert question.one("h1").text.startswith("Révoquer e@exemple.fr")
    assert said(revoked) == ["e@exemple.fr n’a plus accès à ce dossier."]


def test_decided_dossier_asks_nobody_more_but_may_revoke(client, procedure, expert):
    dossier = DossierFactory(procedure=procedure, accepte=True)
    invited = InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)

    page = Markup(client.get(page_of(dossier)))

    assert page.all("#inviter") == []
    assert client.post(page_of(dossier), {"email": "x@exemple.fr"}).status_code == 403
    assert client.post(url("invite_revoke", invited)).status_code == 302
    assert client.get(f"/avis/{dossier.pk}/").status_code == 404


def test_strangers_do_not_see_the_tab(client_for, dossier, strangers):
    for name, user in strangers.items():
        assert client_for(user).get(page_of(dossier)).status_code == 404, name


def test_accompagnateur_who_is_the_usager_invites_nobody_for_the_service(client_for, procedure):
    own = DossierFactory(procedure=procedure, en_construction=True)
    AffectationFactory(procedure=procedure, user=own.usager)
    client = client_for(own.usager)

    assert Markup(client.get(page_of(own))).all("#inviter") == []
    assert client.post(page_of(own), {"email": "x@exemple.fr"}).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_tab_queries_do_not_grow(client, dossier, django_assert_num_queries, count):
    for _ in range(count):
        InviteFactory(dossier=dossier, of_service=True, accepted_by=UserFactory())
        InviteFactory(dossier=dossier, accepted_by=UserFactory())

    # session, user, dossier, right to ask, invités, groupes, before, after, menu, followers, news,
    # right to manage, avis, roles
    with django_assert_num_queries(17):
        client.get(page_of(dossier))


# --- what the invité of the service reads -------------------------------------------------------


@pytest.fixture
def filed(procedure):
    """A dossier with all that must not be seen beside its answers."""
    procedure = ProcedureFactory(
        title="Demande de subvention",
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis", required=False),
            new_champ("dossier_lie", id="lien1", label="Autre dossier", required=False),
        ],
        annotations=[new_champ("texte_court", id="note01", label="Note interne")],
    )
    other = DossierFactory(procedure=procedure, en_construction=True)
    dossier = DossierFactory(
        procedure=procedure,
        rejete=True,
        reponses={"objet1": "Achat de <b>livres</b>", "lien1": other.pk},
        annotations={"note01": "Annotation secrète"},
        motivation="Motivation secrète",
    )
    PieceJointeFactory(dossier=dossier, name="devis.pdf")
    HistoryEntryFactory(dossier=dossier, by_name="Auteur Secret")
    assert FeuilleAnnotations(dossier).reponses == {"note01": "Annotation secrète"}
    return dossier


def test_expert_reads_the_demande_and_its_documents_alone(client_for, filed, expert):
    InviteFactory(
        dossier=filed,
        of_service=True,
        accepted_by=expert,
        message="Le budget <i>tient</i> ?",
        invited_by_name="Alice Instructrice",
    )
    InviteFactory(dossier=filed, email="partenaire-secret@exemple.fr")
    client = client_for(expert)

    page = client.get(f"/avis/{filed.pk}/")

    html = page.content.decode()
    for shown in (
        "Invité par le service",
        "Alice Instructrice vous invite",
        "Le budget &lt;i&gt;tient&lt;/i&gt; ?",
        "Achat de &lt;b&gt;livres&lt;/b&gt;",
        "devis.pdf",
    ):
        assert shown in html
    for hidden in (
        "Annotation secrète",
        "Note interne",
        "Motivation secrète",
        "Auteur Secret",
        "partenaire-secret@exemple.fr",
        "rejeté",
        "/instruction/",
        filed.usager.email,
    ):
        assert hidden not in html
    file = Markup(page).one(".fr-link--download")["href"]
    with closing(client.get(file)) as download:
        assert download.status_code == 200


def test_what_a_company_keeps_to_itself_is_not_shown_to_an_expert(client_for, procedure, expert):
    hidden = EtablissementFactory(protected=True, personne="NOM PROTÉGÉ")
    dossier = DossierFactory(
        procedure=procedure, en_construction=True, etablissement=hidden, nom="", prenom=""
    )
    InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)
    client = client_for(expert)

    assert "NOM PROTÉGÉ" not in client.get(f"/avis/{dossier.pk}/").content.decode()
    assert "NOM PROTÉGÉ" not in client.get("/avis/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_the_expert_holds_theirs_alone(
    client_for, expert, django_assert_num_queries, count
):
    theirs = set()
    for _ in range(count):
        invited = InviteFactory(dossier__en_construction=True, of_service=True, accepted_by=expert)
        theirs.add(invited.dossier_id)
        InviteFactory(dossier__en_construction=True, accepted_by=expert)
        InviteFactory(dossier__en_construction=True, of_service=True, email=expert.email)
        InviteFactory(
            dossier__en_construction=True, of_service=True, accepted_by=expert, revoked=True
        )
        InviteFactory(dossier__en_construction=True, of_service=True)
    client = client_for(expert)

    # session, user, number of avis, dossiers, invitations that wait, roles
    with django_assert_num_queries(6):
        page = client.get("/avis/")

    assert {dossier.pk for dossier in page.context["page"]} == theirs
    assert page.content.decode().count("Voir l’invitation") == count
    assert "Invité par l’usager" not in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_the_expert_queries_do_not_grow(
    client_for, expert, django_assert_num_queries, count
):
    form = [new_champ("piece_jointe", id="piece1", label="Devis", required=False)]
    dossier = DossierFactory(
        en_construction=True, procedure=ProcedureFactory(champs=form), reponses={}
    )
    InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)
    PieceJointeFactory.create_batch(count, dossier=dossier)
    client = client_for(expert)

    # session, user, dossier, files, invitation, avis, roles
    with django_assert_num_queries(7):
        client.get(f"/avis/{dossier.pk}/")


def test_space_of_the_expert_is_in_their_menu(client_for, expert, dossier):
    client = client_for(expert)
    assert "Invité par un service" not in client.get("/dossiers/").content.decode()

    InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)

    assert "Vous êtes : Invité par un service" in client.get("/avis/").content.decode()


def test_expert_leaves(client_for, dossier, expert):
    invited = InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)
    client = client_for(expert)

    question = Markup(client.get(f"/avis/{dossier.pk}/quitter/"))
    left = client.post(f"/avis/{dossier.pk}/quitter/", follow=True)

    assert question.one("h1").text.startswith("Quitter ce dossier")
    assert said(left) == [f"Vous avez quitté le dossier nº {dossier.pk}."]
    assert client.get(f"/avis/{dossier.pk}/").status_code == 404
    invited.refresh_from_db()
    assert invited.left_at


def test_usager_who_is_asked_by_the_service_too_keeps_both_apart(client_for, dossier, expert):
    """The partner of the usager is also the expert of the service: each space has its rights."""
    InviteFactory(dossier=dossier, accepted_by=expert, lecture=True)
    asked = InviteFactory(dossier=dossier, of_service=True, accepted_by=expert)
    client = client_for(expert)

    client.post(f"/avis/{dossier.pk}/quitter/")

    assert client.get(f"/avis/{dossier.pk}/").status_code == 404
    assert client.get(f"/dossiers/{dossier.pk}/").status_code == 200
    asked.refresh_from_db()
    assert asked.left_at
