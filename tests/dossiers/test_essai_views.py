"""Pages of the test mode."""

from io import BytesIO

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from pypdf import PdfReader

from courriels.models import Courriel
from dossiers.models import Dossier
from procedures.champs import new_champ
from procedures.models import FormulaireVierge, Procedure
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import TOKEN, essai_of, make_administrateur, procedure_to_try, status_of
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of
from tps.logs import without_secrets

pytestmark = pytest.mark.django_db

LINK = f"/essai/{TOKEN}/"
START = f"{LINK}commencer/"


@pytest.fixture
def procedure() -> Procedure:
    procedure = procedure_to_try(title="Aide aux bibliothèques")
    AffectationFactory(procedure=procedure)
    return procedure


@pytest.fixture
def administrateur(procedure):
    user = UserFactory(first_name="Claire", last_name="Dumas")
    make_administrateur(procedure, user)
    return user


@pytest.fixture
def admin_client(administrateur, client_for):
    return client_for(administrateur)


def manage_url(procedure, name="manage"):
    return reverse(f"dossiers:essai_{name}", args=[procedure.pk])


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- The page of the link -------------------------------------------------------------------------


def test_the_link_shows_the_draft_marked_test_to_anyone(procedure, client):
    response = client.get(LINK)

    page = Markup(response)
    assert page.one("title").text.startswith("[TEST] Aide aux bibliothèques")
    assert page.one(".tps-test-notice .fr-notice__title").text == "TEST"
    assert "Aperçu" not in response.content.decode()
    assert f"?next={LINK}" in page.one(".tps-start .fr-btn")["href"]
    assert "no-store" in response["Cache-Control"]


def test_the_link_shows_the_unpublished_changes_and_the_public_page_does_not(client):
    procedure = ProcedureFactory(test_token=TOKEN)
    draft = draft_of(procedure)
    piece = new_champ("piece_jointe", id="piece1", label="Statuts nouveaux")
    draft.set_formulaire(formulaire_of(piece))
    draft.save()

    assert "Statuts nouveaux" in client.get(LINK).content.decode()
    assert "Statuts nouveaux" not in client.get(procedure.get_absolute_url()).content.decode()


@pytest.mark.parametrize("token", ["faux", "None", "x" * 300, "jeton-d-essai_"])
def test_a_wrong_link_is_not_found_and_says_what_to_do(procedure, client, token):
    response = client.get(f"/essai/{token}/")

    assert response.status_code == 404
    assert "Ce lien d’essai ne fonctionne plus" in response.content.decode()


def test_procedures_without_link_are_not_opened_by_an_empty_one(client):
    ProcedureFactory(brouillon=True)

    assert client.get("/essai//").status_code == 404


def test_the_link_of_a_published_form_without_change_is_ended(client):
    ProcedureFactory(test_token=TOKEN)

    assert client.get(LINK).status_code == 404


def test_the_draft_stays_hidden_at_its_public_address(procedure, client):
    assert client.get(procedure.get_absolute_url()).status_code == 404


def test_a_person_begins_a_test_and_finds_it_on_the_page_of_the_link(procedure, client_for):
    tester = UserFactory()
    essai_of(procedure)
    client = client_for(tester)

    response = client.post(START)

    dossier = Dossier.tests.get(usager=tester)
    assert response.url == reverse("dossiers:dossier_identify", args=[dossier.pk])
    assert list(client.get(LINK).context["tests"]) == [dossier]


def test_somebody_not_signed_in_comes_back_to_the_link(procedure, client):
    assert client.post(START).url.endswith(f"next={LINK}")
    assert not Dossier.with_tests.exists()


def test_asking_to_begin_by_get_begins_nothing(procedure, client_for):
    assert client_for(UserFactory()).get(START).url == LINK
    assert not Dossier.with_tests.exists()


def test_beginning_by_a_dead_link_leads_to_what_it_says(procedure, client_for):
    response = client_for(UserFactory()).post("/essai/mort/commencer/", follow=True)

    assert response.status_code == 404
    assert "Ce lien d’essai ne fonctionne plus" in response.content.decode()


def test_logs_do_not_hold_the_link():
    assert without_secrets(f"GET {START} 302") == "GET /essai/…/commencer/ 302"
    assert without_secrets("/administration/procedures/3/mode-test/lien/").endswith("/lien/")


def test_blank_forms_of_the_draft_are_given_to_whoever_holds_the_link(procedure, client):
    vierge = FormulaireVierge.objects.create(
        procedure=procedure,
        file=ContentFile(b"%PDF-1.4", "modele.pdf"),
        name="modele.pdf",
        content_type="application/pdf",
        size_bytes=8,
    )
    elsewhere = FormulaireVierge.objects.create(
        procedure=ProcedureFactory(brouillon=True),
        file=ContentFile(b"%PDF-1.4", "modele.pdf"),
        name="modele.pdf",
        content_type="application/pdf",
        size_bytes=8,
    )
    before = status_of(client, vierge.get_absolute_url())
    client.get(LINK)
    while_open = status_of(client, vierge.get_absolute_url())
    of_another = status_of(client, elsewhere.get_absolute_url())
    Procedure.objects.filter(pk=procedure.pk).update(test_token=None)

    assert (before, while_open, of_another) == (404, 200, 404)
    assert status_of(client, vierge.get_absolute_url()) == 404


def test_filling_in_a_test_gives_the_blank_forms_on_another_computer(procedure, client_for):
    vierge = FormulaireVierge.objects.create(
        procedure=procedure,
        file=ContentFile(b"%PDF-1.4", "modele.pdf"),
        name="modele.pdf",
        content_type="application/pdf",
        size_bytes=8,
    )
    dossier = essai_of(procedure)
    client = client_for(dossier.usager)

    client.get(reverse("dossiers:dossier_edit", args=[dossier.pk]))

    assert status_of(client, vierge.get_absolute_url()) == 200


# --- Marked TEST ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dossiers:dossier_detail", "dossiers:dossier_edit"])
def test_every_page_of_the_usager_is_marked(procedure, client_for, name):
    dossier = essai_of(procedure, en_construction=True)

    assert_marked(client_for(dossier.usager).get(reverse(name, args=[dossier.pk])))


@pytest.mark.parametrize(
    "name", ["dossier_identify", "dossier_edit", "dossier_review", "dossier_delete"]
)
def test_every_page_of_a_brouillon_is_marked(procedure, client_for, name):
    dossier = essai_of(procedure)

    assert_marked(client_for(dossier.usager).get(reverse(f"dossiers:{name}", args=[dossier.pk])))


@pytest.mark.parametrize("name", ["detail", "accept", "reject", "close_sans_suite"])
def test_every_page_of_the_accompagnateur_is_marked(procedure, client_for, name):
    dossier = essai_of(procedure, en_instruction=True)
    url = reverse(f"instruction:dossier_{name}", args=[dossier.pk])

    assert_marked(client_for(dossier.usager).get(url))


def assert_marked(response) -> None:
    page = Markup(response)
    assert page.one("title").text.startswith("[TEST] ")
    assert page.one(".tps-test-notice .fr-notice__title").text == "TEST"


def test_pages_of_a_real_dossier_are_not_marked(client_for):
    dossier = DossierFactory(en_construction=True)

    page = client_for(dossier.usager).get(dossier.get_absolute_url()).content.decode()

    assert "TEST" not in page


@pytest.mark.parametrize("space", ["dossiers", "instruction"])
def test_the_recapitulatif_is_marked(procedure, client_for, space):
    dossier = essai_of(procedure, en_construction=True)
    url = reverse(f"{space}:dossier_recapitulatif", args=[dossier.pk])

    response = client_for(dossier.usager).get(url)

    reader = PdfReader(BytesIO(response.content))
    text = reader.pages[0].extract_text()
    assert "Ce document n’a aucune valeur" in text
    assert f"Dossier TEST nº {dossier.pk}" in text
    assert "[TEST]" in reader.metadata.title
    assert f"test-dossier-{dossier.pk}.pdf" in response["Content-Disposition"]


def test_the_tester_goes_from_one_role_to_the_other(procedure, client_for, administrateur):
    dossier = essai_of(procedure, en_construction=True)
    usager_url = reverse("dossiers:dossier_detail", args=[dossier.pk])
    instruction_url = reverse("instruction:dossier_detail", args=[dossier.pk])

    tester_page = Markup(client_for(dossier.usager).get(usager_url))
    administrateur_page = Markup(client_for(administrateur).get(instruction_url))

    links = ".tps-test-notice a"
    assert [link["href"] for link in tester_page.all(links)] == [usager_url, instruction_url]
    assert [link["href"] for link in administrateur_page.all(links)] == [instruction_url]


def test_the_whole_path_in_pages(procedure, client_for):
    tester = UserFactory(email="testeuse@exemple.fr")
    client = client_for(tester)
    client.post(START)
    dossier = Dossier.tests.get()

    def post(name, **data):
        return client.post(reverse(name, args=[dossier.pk]), data)

    post("dossiers:personne_save", civilite="Mme", prenom="Camille", nom="Martin")
    post("dossiers:dossier_edit", champ_objet1="Des livres", suite="verifier")
    post("dossiers:dossier_submit")
    post("instruction:dossier_start_instruction")
    post("instruction:dossier_reject", motivation="Non.")
    post("instruction:dossier_archive")

    dossier = Dossier.tests.get()
    assert (dossier.state, dossier.motivation, dossier.is_archived) == ("rejete", "Non.", True)


# --- What the administrateurs do ------------------------------------------------------------------


def test_the_cockpit_leads_to_the_test_mode(procedure, admin_client):
    response = admin_client.get(reverse("procedures:procedure_detail", args=[procedure.pk]))

    step = next(step for step in response.context["cockpit"].steps if step.title == "Essayer")
    assert (step.url, step.detail) == (manage_url(procedure), "Le lien d’essai est ouvert")


def test_the_page_lists_who_tried_and_how_far(procedure, admin_client, administrateur):
    filed = essai_of(procedure, en_construction=True, usager__email="nadia@exemple.fr")
    mine = essai_of(procedure, usager=administrateur)
    begun = essai_of(procedure)
    essai_of(procedure_to_try(test_token="autre"))
    DossierFactory(usager=administrateur)

    page = Markup(admin_client.get(manage_url(procedure)))

    names = [cell.text for cell in page.all("tbody td:first-child")]
    states = [cell.text for cell in page.all("tbody td:nth-child(3)")]
    assert dict(zip(names, states, strict=True)) == {
        f"Dossier TEST nº {filed.pk}": "en construction",
        f"Dossier TEST nº {mine.pk}": "en brouillon",
        f"Dossier TEST nº {begun.pk}": "en brouillon",
    }
    assert {link["href"] for link in page.all("tbody a")} == {
        f"/instruction/dossiers/{filed.pk}/",
        f"/dossiers/{mine.pk}/",
    }
    assert "nadia@exemple.fr" in page.one("tbody").text


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_page_do_not_grow(procedure, admin_client, count, django_assert_num_queries):
    for _ in range(count):
        essai_of(procedure, en_construction=True)

    with django_assert_num_queries(7):  # session, user, procédure, draft, count, rows, roles
        admin_client.get(manage_url(procedure))


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_link_do_not_grow(procedure, client_for, count, django_assert_num_queries):
    tester = UserFactory()
    client = client_for(tester)
    for _ in range(count):
        essai_of(procedure, usager=tester)
    client.get(LINK)

    with django_assert_num_queries(6):  # session, user, procédure, draft, tests, roles
        client.get(LINK)


def test_a_link_is_made_replaced_and_revoked(admin_client, administrateur, procedure):
    Procedure.objects.filter(pk=procedure.pk).update(test_token=None)
    tokens = []
    for _ in range(2):
        page = admin_client.post(manage_url(procedure, "link_create"), follow=True)
        tokens.append(Procedure.objects.get(pk=procedure.pk).test_token)
        assert f"/essai/{tokens[-1]}/" in page.content.decode()
    page = admin_client.post(manage_url(procedure, "link_revoke"), follow=True)

    assert len({*tokens, None}) == 3
    assert Procedure.objects.get(pk=procedure.pk).test_token is None
    assert "/essai/" not in page.content.decode()
    assert said(page) == ["Le lien d’essai ne fonctionne plus."]


def test_a_published_form_without_change_gets_no_link(admin_client, administrateur):
    procedure = ProcedureFactory()
    make_administrateur(procedure, administrateur)

    page = admin_client.post(manage_url(procedure, "link_create"), follow=True)

    assert "Il n’y a rien à essayer" in said(page)[0]
    assert Procedure.objects.get(pk=procedure.pk).test_token is None


def test_the_link_is_sent_to_each_address(
    procedure, admin_client, django_capture_on_commit_callbacks, settings
):
    settings.SITE_URL = "https://tps.exemple.fr"
    emails = "Nadia <nadia@exemple.fr>, paul@exemple.fr\nnadia@exemple.fr"

    with django_capture_on_commit_callbacks(execute=True):
        page = admin_client.post(manage_url(procedure, "invite"), {"emails": emails}, follow=True)

    assert said(page) == ["2 invitations partent."]
    assert {message.to[0] for message in mail.outbox} == {"nadia@exemple.fr", "paul@exemple.fr"}
    message = mail.outbox[0]
    assert message.subject == "Invitation à essayer « Aide aux bibliothèques »"
    assert f"https://tps.exemple.fr{LINK}" in message.body
    assert "Claire Dumas" in message.body
    assert "vous seul recevrez les emails, marqués [TEST]" in message.body


@pytest.mark.parametrize(
    ("emails", "error"),
    [
        ("", "Saisissez au moins une adresse email."),
        ("nadia", "« nadia » n’est pas une adresse email complète."),
        ("\n".join(f"a{n}@exemple.fr" for n in range(11)), "Invitez au plus 10 personnes"),
    ],
)
def test_wrong_addresses_are_refused_and_kept(procedure, admin_client, emails, error):
    response = admin_client.post(manage_url(procedure, "invite"), {"emails": emails})

    page = response.content.decode()
    assert error in page
    assert all(line in page for line in emails.splitlines())
    assert not Courriel.objects.exists()


def test_invitations_are_limited(procedure, admin_client):
    for _ in range(10):
        admin_client.post(manage_url(procedure, "invite"), {"emails": "nadia@exemple.fr"})

    response = admin_client.post(manage_url(procedure, "invite"), {"emails": "paul@exemple.fr"})

    assert response.status_code == 429
    assert "Attendez une heure" in response.content.decode()
    assert Courriel.objects.count() == 10


def test_nobody_is_invited_without_a_link(procedure, admin_client):
    Procedure.objects.filter(pk=procedure.pk).update(test_token=None)

    url = manage_url(procedure, "invite")
    page = admin_client.post(url, {"emails": "a@exemple.fr"}, follow=True)

    assert said(page) == ["Créez d’abord un lien d’essai."]
    assert not Courriel.objects.exists()


def test_a_hostile_title_makes_no_other_header(procedure, admin_client):
    Procedure.objects.filter(pk=procedure.pk).update(title="Aide\nBcc: tous@exemple.fr <b>")

    admin_client.post(manage_url(procedure, "invite"), {"emails": "nadia@exemple.fr"})

    courriel = Courriel.objects.get()
    assert "\n" not in courriel.subject
    assert "&lt;b&gt;" in courriel.body_html


def test_tests_are_erased_by_hand_after_asking_once(procedure, admin_client):
    essai_of(procedure)
    essai_of(procedure, en_instruction=True)
    elsewhere = essai_of(procedure_to_try(test_token="autre"))
    real = DossierFactory()

    asked = admin_client.get(manage_url(procedure, "erase"))
    assert "Les 2 dossiers d’essai" in asked.content.decode()
    assert Dossier.tests.count() == 3
    page = admin_client.post(manage_url(procedure, "erase"), follow=True)

    assert said(page) == ["2 essais effacés."]
    assert set(Dossier.with_tests.all()) == {elsewhere, real}


def test_the_link_is_dead_once_published(procedure, client, administrateur):
    publish(procedure, by=administrateur)

    assert client.get(LINK).status_code == 404
