"""The pages of the invités: the usager's tab, the invité's, the page where one accepts."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courriels.models import Courriel
from dossiers import corbeille, invitations
from dossiers.models import Dossier, HistoryEntry, Invite
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.courriels.factories import CourrielFactory
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory
from tps.logs import without_secrets

pytestmark = pytest.mark.django_db


@pytest.fixture
def usager():
    return UserFactory(first_name="Camille", last_name="Martin")


@pytest.fixture
def dossier(usager):
    return DossierFactory(procedure=ProcedureFactory(title="Aide"), usager=usager)


@pytest.fixture
def ines():
    return UserFactory(email="ines@exemple.fr", first_name="Inès", last_name="Faure")


@pytest.fixture
def client(usager, client_for):
    return client_for(usager)


def page_of(dossier) -> str:
    return reverse("dossiers:invite_list", args=[dossier.pk])


def url(name: str, invited: Invite) -> str:
    return reverse(f"dossiers:{name}", args=[invited.dossier_id, invited.pk])


def said(response) -> list[str]:
    return [part.text for part in Markup(response).all("#tps-messages .fr-alert")]


# --- the usager's tab ---------------------------------------------------------------------------


def test_usager_invites_with_a_right_and_a_message(client, dossier):
    empty = Markup(client.get(page_of(dossier)))
    data = {"email": " Ines@Exemple.fr ", "role": "lecture", "message": "Relis-moi"}

    page = client.post(page_of(dossier), data, follow=True)

    assert "Personne n’est invité" in [part.text for part in empty.all("h2")]
    assert said(page) == ["L’invitation part à ines@exemple.fr."]
    row = Markup(page).one("#invites > li").text
    for words in ("Invité par l’usager", "En attente", "ines@exemple.fr", "« Relis-moi »"):
        assert words in row
    assert Courriel.objects.get().to_email == "ines@exemple.fr"


@pytest.mark.parametrize(
    ("data", "field", "error"),
    [
        ({"email": "pas une adresse"}, "email", "Saisissez une adresse électronique complète"),
        ({"email": ""}, "email", "Saisissez l’adresse électronique de la personne"),
        ({"role": "tout"}, "role", "Choisissez ce que cette personne pourra faire."),
        ({"message": "x" * 1001}, "message", "Raccourcissez ce message"),
        ({"email": "deja@exemple.fr"}, "email", "deja@exemple.fr est déjà invité"),
    ],
)
def test_refused_invitation_says_what_to_do_and_keeps_what_was_typed(
    client, dossier, data, field, error
):
    InviteFactory(dossier=dossier, email="deja@exemple.fr")
    typed = {"email": "ines@exemple.fr", "role": "lecture", "message": "Bonjour"} | data

    response = client.post(page_of(dossier), typed)

    assert response.status_code == 422
    assert error in Markup(response).one(f"#id_{field}_error").text
    assert typed["message"] in response.content.decode()
    assert not Courriel.objects.exists()


def test_list_shows_each_state_and_offers_what_is_possible(client, dossier, ines):
    traits = {
        "En attente": {"an_hour_ago": True},
        "Acceptée": {"accepted_by": ines},
        "Expirée": {"expired": True},
        "Révoquée": {"revoked": True},
        "A quitté le dossier": {"accepted_by": UserFactory(), "left": True},
    }
    for trait in traits.values():
        InviteFactory(dossier=dossier, **trait)
    InviteFactory(dossier=dossier, of_service=True, email="expert@exemple.fr")

    page = client.get(page_of(dossier))
    rows = Markup(page).all("#invites > li")

    badges = [part.text for part in Markup(page).all("#invites .fr-badge")]
    assert badges[::2] == ["Invité par l’usager"] * 5
    assert badges[1::2] == list(traits)
    assert ["Renvoyer" in row.text for row in rows] == [True, False, True, False, False]
    assert ["Révoquer" in row.text for row in rows] == [True, True, True, False, False]
    assert "Inès Faure" in rows[1].text
    # Whom the service asks is the service's business.
    assert "expert@exemple.fr" not in page.content.decode()


def test_name_of_an_account_is_not_told_before_it_accepts(client, dossier, ines):
    client.post(page_of(dossier), {"email": ines.email, "role": "lecture"})

    assert "Faure" not in client.get(page_of(dossier)).content.decode()


def test_usager_sends_again_changes_the_right_then_revokes(client, dossier):
    invited = InviteFactory(dossier=dossier, an_hour_ago=True, email="ines@exemple.fr")

    again = client.post(url("invite_resend", invited), follow=True)
    too_soon = client.post(url("invite_resend", invited), follow=True)
    changed = client.post(url("invite_change_role", invited), {"role": "lecture"}, follow=True)
    wrong = client.post(url("invite_change_role", invited), {"role": "tout"}, follow=True)
    question = Markup(client.get(url("invite_revoke", invited)))
    revoked = client.post(url("invite_revoke", invited), follow=True)

    assert said(again) == ["L’invitation repart à ines@exemple.fr."]
    assert said(too_soon)[0].startswith("L’invitation vient de partir.")
    assert said(changed) == ["ines@exemple.fr a désormais ce droit : lecture."]
    assert said(wrong) == ["Choisissez ce que cette personne pourra faire."]
    assert question.one("h1").text.startswith("Révoquer ines@exemple.fr")
    assert said(revoked) == ["ines@exemple.fr n’a plus accès à ce dossier."]
    invited.refresh_from_db()
    assert invited.revoked_at


def test_emails_are_limited_for_an_account(client, dossier):
    for number in range(20):
        invited = InviteFactory(an_hour_ago=True, dossier__usager=dossier.usager)
        assert client.post(url("invite_resend", invited)).status_code == 302, number
    late = InviteFactory(an_hour_ago=True, dossier__usager=dossier.usager)

    client.get(page_of(dossier))  # shows the messages of before
    page = client.post(url("invite_resend", late), follow=True)
    refused = client.post(page_of(dossier), {"email": "x@exemple.fr", "role": "lecture"})

    assert said(page) == ["Vous avez envoyé beaucoup d’invitations. Attendez une heure."]
    assert "Attendez une heure" in Markup(refused).one("#id_email_error").text
    assert Courriel.objects.count() == 20


@pytest.mark.parametrize("count", [1, 3])
def test_tab_queries_do_not_grow(client, dossier, django_assert_num_queries, count):
    for _ in range(count):
        InviteFactory(dossier=dossier, accepted_by=UserFactory())
        InviteFactory(dossier=dossier)

    with django_assert_num_queries(
        8
    ):  # session, user, dossier, files, invités, unread, thread, roles
        client.get(page_of(dossier))


# --- what an invité finds -----------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_shared_dossiers_are_in_my_list_with_their_badge(
    client_for, ines, django_assert_num_queries, count
):
    for number in range(count):
        shared = DossierFactory(usager=UserFactory(first_name="Zoé", last_name=f"Blanc{number}"))
        InviteFactory(dossier=shared, accepted_by=ines)
        DossierFactory(usager=ines)
        InviteFactory(email=ines.email)
        InviteFactory(dossier__en_construction=True, of_service=True, accepted_by=ines)
    client = client_for(ines)

    with django_assert_num_queries(14):
        page = client.get("/dossiers/")

    marked = [row for row in Markup(page).all(".tps-dossier") if "Invité par l’usager" in row.text]
    assert len(marked) == count
    assert all("dossier de Zoé Blanc" in row.text for row in marked)
    assert len(page.context["page"].rows) == 2 * count
    assert page.content.decode().count("Voir l’invitation") == count
    assert "Invité par le service" not in page.content.decode()


def test_invitation_waits_in_the_list_until_it_expires(client_for, ines):
    InviteFactory(email=ines.email, invited_by_name="Camille Martin")
    InviteFactory(email=ines.email, expired=True, invited_by_name="Trop Tard")
    InviteFactory(email=ines.email, revoked=True, invited_by_name="Retirée")

    page = client_for(ines).get("/dossiers/").content.decode()

    assert "Camille Martin vous invite" in page
    assert "Trop Tard" not in page
    assert "Retirée" not in page


def test_writer_fills_in_but_neither_submits_nor_deletes(client_for, dossier, ines):
    InviteFactory(dossier=dossier, accepted_by=ines)
    client = client_for(ines)
    edit = reverse("dossiers:dossier_edit", args=[dossier.pk])

    form = client.get(edit).content.decode()
    client.post(edit, {"champ_objet1": "Écrit par Inès"})
    review = client.get(reverse("dossiers:dossier_review", args=[dossier.pk])).content.decode()

    dossier.refresh_from_db()
    assert dossier.reponses == {"objet1": "Écrit par Inès"}
    assert "Ce dossier est celui de Camille Martin" in form
    assert "Vérifier les réponses" in form
    for refused in ("Vérifier et soumettre", "Supprimer ce brouillon"):
        assert refused not in form
    assert "Soumettre mon dossier" not in review
    assert "Seul Camille Martin, à qui est ce dossier, peut le déposer" in review


def test_reader_reads_a_brouillon_and_finds_nothing_to_press(client_for, dossier, ines):
    InviteFactory(dossier=dossier, accepted_by=ines, lecture=True)

    page = client_for(ines).get(dossier.get_absolute_url())
    markup = Markup(page)

    assert "Achat de livres" in page.content.decode()
    assert markup.all("main form") == []
    assert [link for link in markup.all("main a") if "modifier" in link["href"]] == []


def test_invite_sees_where_the_dossier_stands_and_their_own_emails(client_for, usager, ines):
    dossier = DossierFactory(usager=usager, accepte=True)
    InviteFactory(dossier=dossier, accepted_by=ines)
    reference = f"dossier:{dossier.pk}"
    CourrielFactory(reference=reference, to_email=usager.email, subject="À l’usager")
    CourrielFactory(reference=reference, to_email=ines.email, subject="À l’invitée")

    page = client_for(ines).get(dossier.get_absolute_url()).content.decode()
    documents = reverse("dossiers:document_list", args=[dossier.pk])
    emails = client_for(ines).get(documents).content.decode()

    assert "Tout est conforme." in page
    assert "À l’invitée" in emails
    assert "À l’usager" not in emails


def test_invite_links_no_other_dossier_of_the_usager_by_its_number(client_for, usager, ines):
    champ = new_champ("dossier_lie", id="lien1", label="Autre dossier", required=False)
    dossier = DossierFactory(usager=usager, procedure=ProcedureFactory(champs=[champ]), reponses={})
    other = DossierFactory(usager=usager, en_construction=True)
    InviteFactory(dossier=dossier, accepted_by=ines)
    url = f"/dossiers/{dossier.pk}/champs/lien1/"

    for person, kept in ((ines, {}), (usager, {"lien1": other.pk})):
        client_for(person).post(url, {"champ_lien1": str(other.pk)})
        assert Dossier.objects.get(pk=dossier.pk).reponses == kept


def test_invite_is_not_offered_the_other_dossiers_of_the_usager(client_for, usager, ines):
    champs = [new_champ("dossier_lie", id="lien1", label="Dossier précédent", required=False)]
    named = DossierFactory(usager=usager, en_construction=True)
    secret = DossierFactory(usager=usager, en_construction=True)
    dossier = DossierFactory(
        usager=usager, procedure=ProcedureFactory(champs=champs), reponses={"lien1": named.pk}
    )
    InviteFactory(dossier=dossier, accepted_by=ines)
    edit = reverse("dossiers:dossier_edit", args=[dossier.pk])

    def offered(user) -> list[str]:
        options = Markup(client_for(user).get(edit)).all("select option")
        return [option["value"] for option in options if option["value"]]

    assert set(offered(usager)) == {str(named.pk), str(secret.pk)}
    assert offered(ines) == [str(named.pk)]


def test_invite_sees_who_invited_and_leaves(client_for, dossier, ines):
    invited = InviteFactory(dossier=dossier, accepted_by=ines, message="À deux <b>")
    InviteFactory(dossier=dossier, email="autre@exemple.fr")
    client = client_for(ines)
    leave = reverse("dossiers:invite_leave", args=[dossier.pk])

    mine = client.get(page_of(dossier)).content.decode()
    question = client.get(leave).content.decode()
    left = client.post(leave, follow=True)

    assert "Camille Martin vous a invité" in mine
    assert "« À deux &lt;b&gt; »" in mine.replace("\xa0", " ").replace("&nbsp;", " ")
    assert "autre@exemple.fr" not in mine
    assert "Ce que vous y avez écrit reste." in question
    assert said(left) == [f"Vous avez quitté le dossier nº {dossier.pk}."]
    assert client.get(page_of(dossier)).status_code == 404
    invited.refresh_from_db()
    assert invited.left_at


def test_right_taken_away_while_one_types_saves_nothing_more(client_for, dossier, ines):
    invited = InviteFactory(dossier=dossier, accepted_by=ines)
    client = client_for(ines)
    save = reverse("dossiers:reponse_save", args=[dossier.pk, "objet1"])
    invitations.change_role(invited.pk, "lecture", by=dossier.usager)

    reading = client.post(save, {"champ_objet1": "Trop tard"}, headers={"HX-Request": "true"})
    invitations.revoke(invited.pk, by=dossier.usager)
    revoked = client.post(save, {"champ_objet1": "Trop tard"}, headers={"HX-Request": "true"})

    assert (reading.status_code, revoked.status_code) == (403, 404)
    dossier.refresh_from_db()
    assert dossier.reponses == {"objet1": "Achat de livres"}


def test_identification_begins_with_the_names_of_the_usager(client_for, usager, ines):
    dossier = DossierFactory(usager=usager, nom="", prenom="")
    InviteFactory(dossier=dossier, accepted_by=ines)

    page = Markup(client_for(ines).get(f"/dossiers/{dossier.pk}/identification/"))

    assert (page.one("#id_prenom")["value"], page.one("#id_nom")["value"]) == ("Camille", "Martin")


# --- accepting ----------------------------------------------------------------------------------


def test_stranger_with_the_link_is_asked_to_sign_in_and_nothing_opens(client_for, dossier):
    invited = InviteFactory(dossier=dossier, email="ines@exemple.fr", message="Confidentiel")
    link = invited.get_absolute_url()
    anonymous = Client()

    page = anonymous.get(link)
    posted = anonymous.post(link)

    markup = Markup(page)
    hrefs = [part["href"] for part in markup.all("main a.fr-btn")]
    assert hrefs == [
        f"/compte/login/?next={link}".replace(":", "%3A"),
        f"/compte/signup/?next={link}".replace(":", "%3A") + "&email=ines%40exemple.fr",
    ]
    assert "Confidentiel" not in page.content.decode()
    assert "_auth_user_id" not in anonymous.session
    assert posted.status_code == 200
    invited.refresh_from_db()
    assert invited.accepted_at is None


def test_person_signed_in_with_another_address_is_told_for_whom_it_is(client_for, dossier):
    invited = InviteFactory(dossier=dossier, email="ines@exemple.fr", message="Confidentiel")
    client = client_for(UserFactory(email="autre@exemple.fr"))

    page = client.get(invited.get_absolute_url())
    posted = client.post(invited.get_absolute_url())

    assert (page.status_code, posted.status_code) == (403, 403)
    assert Markup(page).one("h1").text == "Cette invitation est pour ines@exemple.fr"
    assert "autre@exemple.fr" in page.content.decode()
    assert "Confidentiel" not in page.content.decode()
    logout = client.post("/compte/logout/", {"next": invited.get_absolute_url()})
    assert logout["Location"] == invited.get_absolute_url()


def test_person_invited_accepts_and_lands_on_the_dossier(client_for, dossier, ines):
    invited = InviteFactory(dossier=dossier, email=ines.email, message="Viens")
    client = client_for(ines)

    offer = client.get(invited.get_absolute_url()).content.decode()
    accepted = client.post(invited.get_absolute_url())
    again = client.get(invited.get_absolute_url())

    assert "Viens" in offer
    assert "Invité par l’usager" in offer
    assert accepted["Location"] == f"/dossiers/{dossier.pk}/"
    assert again["Location"] == f"/dossiers/{dossier.pk}/"
    assert "Le dossier nº" in said(client.get(f"/dossiers/{dossier.pk}/modifier/"))[0]


def test_invitation_of_the_service_is_told_apart_and_leads_to_its_place(client_for, ines):
    dossier = DossierFactory(en_construction=True)
    invited = InviteFactory(dossier=dossier, of_service=True, email=ines.email)
    client = client_for(ines)

    offer = client.get(invited.get_absolute_url()).content.decode()
    accepted = client.post(invited.get_absolute_url())

    assert "Invité par le service" in offer
    assert "Invité par l’usager" not in offer
    assert accepted["Location"] == f"/avis/{dossier.pk}/"


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ({"expired": True}, "Cette invitation a expiré"),
        ({"revoked": True}, "Cette invitation a été retirée"),
        ({"accepted_at": timezone.now()}, "Cette invitation a déjà été acceptée"),
    ],
)
def test_ended_invitation_says_why(client_for, ines, traits, words):
    invited = InviteFactory(email=ines.email, **traits)
    client = client_for(ines)

    for response in (
        client.get(invited.get_absolute_url()),
        client.post(invited.get_absolute_url()),
    ):
        assert response.status_code == 410
        assert words in response.content.decode()


def test_forged_links_lead_nowhere(client_for, ines):
    invited = InviteFactory(email=ines.email)
    token = invited.get_absolute_url().split("/")[-2]
    client = client_for(ines)

    for forged in ("x", str(invited.pk), token[:-1], token + "A", "a:b:c"):
        response = client.post(reverse("dossiers:invite_accept", args=[forged]))
        assert response.status_code == 404
    dossier = invited.dossier
    dossier.delete()
    assert client.post(reverse("dossiers:invite_accept", args=[token])).status_code == 404


def test_link_of_an_invitation_is_not_logged():
    assert without_secrets("GET /dossiers/invitations/NQ:abc/") == "GET /dossiers/invitations/…/"


# --- two at once --------------------------------------------------------------------------------


def at_once(*calls) -> list:
    """Make each call in its own connection, at the same moment; return what they gave or raised."""
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(call):
        try:
            barrier.wait()
            outcomes.append(call())
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_invitation_to_a_dossier_in_the_bin_waits_for_it_to_come_back(client_for, dossier, ines):
    invited = InviteFactory(dossier=dossier, email=ines.email)
    client = client_for(ines)
    link = invited.get_absolute_url()

    corbeille.delete(dossier.pk, by=dossier.usager)
    in_bin = client.post(link)
    listed = client.get("/dossiers/").content.decode()
    corbeille.restore(dossier.pk, by=dossier.usager)
    back = client.post(link)

    assert in_bin.status_code == 404
    assert "le dossier a été supprimé" in in_bin.content.decode()
    assert "Voir l’invitation" not in listed
    assert back["Location"] == dossier.get_absolute_url()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_accept_once(dossier, ines):
    invited = InviteFactory(dossier=dossier, email=ines.email)

    outcomes = at_once(*[lambda: invitations.accept(invited.pk, by=ines)] * 3)

    assert {outcome.pk for outcome in outcomes} == {invited.pk}
    assert len({outcome.accepted_at for outcome in outcomes}) == 1
    assert HistoryEntry.objects.filter(dossier=dossier).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_invite_once(dossier):
    def ask():
        return invitations.invite(dossier.pk, "ines@exemple.fr", by=dossier.usager, origin="usager")

    outcomes = at_once(ask, ask)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Invite", "ValidationError"]
    assert Courriel.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_revoked_while_accepting_ends_revoked(dossier, ines):
    invited = InviteFactory(dossier=dossier, email=ines.email)

    at_once(
        lambda: invitations.accept(invited.pk, by=ines),
        lambda: invitations.revoke(invited.pk, by=dossier.usager),
    )

    assert not Dossier.objects.filled_in_by(ines).exists()
    invited.refresh_from_db()
    assert invited.revoked_at


def test_accompagnateur_invited_by_the_usager_is_told_why_not(client_for, dossier):
    nadia = AffectationFactory(procedure=dossier.procedure).user
    invited = InviteFactory(dossier=dossier, email=nadia.email)

    response = client_for(nadia).post(invited.get_absolute_url())

    assert response.status_code == 410
    assert "Vous accompagnez cette procédure" in response.content.decode()
