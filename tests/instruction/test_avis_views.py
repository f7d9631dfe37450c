"""The pages where avis are asked for and given."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from courriels.models import Courriel
from dossiers.models import Invite
from instruction.models import Avis
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.instruction.avis_factories import AvisFactory, avis_file
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert():
    return UserFactory(email="expert@exemple.fr", first_name="Ève", last_name="Experte")


def page_of(dossier, query="") -> str:
    return reverse("instruction:avis_list", args=[dossier.pk]) + query


def url(name: str, avis: Avis) -> str:
    return reverse(name, args=[avis.dossier_id, avis.pk])


def said(response) -> list[str]:
    return [part.text for part in Markup(response).all("#tps-messages .fr-alert")]


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")


ASKED = {
    "emails": "a@exemple.fr, B@exemple.fr\nb@exemple.fr",
    "question": "Le budget ?",
    "confidential": "non",
    "due_on": "",
}


# --- the service --------------------------------------------------------------------------------


def test_accompagnateur_asks_several_with_a_file(client, dossier):
    due_on = timezone.localdate() + timedelta(days=5)
    data = ASKED | {"due_on": due_on.isoformat(), "files": [pdf()]}

    page = client.post(page_of(dossier, "?onglet=tous"), data, follow=True)

    assert page.redirect_chain == [(page_of(dossier, "?onglet=tous"), 302)]
    assert said(page) == ["La demande d’avis part à a@exemple.fr, b@exemple.fr."]
    facts = Avis.objects.values_list("email", "is_confidential", "due_on")
    assert set(facts) == {("a@exemple.fr", False, due_on), ("b@exemple.fr", False, due_on)}
    section = Markup(page).one('[aria-labelledby="avis-demandes"]').text
    for words in ("Invité par le service", "En attente", "Le budget ?", "plan.pdf", "partagé"):
        assert words in section
    assert Courriel.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "field", "error"),
    [
        ({"emails": "rien, a@exemple.fr"}, "emails", "Corrigez « rien »"),
        ({"emails": " "}, "emails", "Saisissez l’adresse électronique"),
        ({"emails": " ".join(f"p{n}@exemple.fr" for n in range(11))}, "emails", "10 personnes"),
        ({"question": ""}, "question", "Dites ce que vous demandez"),
        ({"due_on": "2020-01-01"}, "due_on", "Choisissez une date à venir"),
        ({"due_on": "demain"}, "due_on", "Saisissez une date complète"),
    ],
)
def test_refused_request_keeps_what_was_typed(client, dossier, data, field, error):
    typed = ASKED | {"question": "Question longue à retaper"} | data

    response = client.post(page_of(dossier), typed)

    assert response.status_code == 422
    assert error in Markup(response).one(f"#id_{field}_error").text
    assert typed["question"] in response.content.decode()
    assert not Avis.objects.exists()


def test_page_shows_each_answer_and_what_may_be_done(client, dossier, expert):
    waiting = AvisFactory(dossier=dossier, expert=expert)
    AvisFactory(dossier=dossier, given="favorable", text="Très <b>bien</b>")
    AvisFactory(dossier=dossier, given="defavorable")
    AvisFactory(dossier=dossier, due_on=timezone.localdate() - timedelta(days=1))
    AvisFactory(dossier=dossier, revoked_at=timezone.now())

    page = client.get(page_of(dossier))

    rows = Markup(page).all('[aria-labelledby="avis-demandes"] > ul > li')
    assert len(rows) == 5
    badges = [part.text for part in Markup(page).all('[aria-labelledby="avis-demandes"] .fr-badge')]
    assert set(badges) - {"Invité par le service"} == {
        "En attente",
        "En retard",
        "Révoqué",
        "Favorable",
        "Défavorable",
    }
    assert "Très &lt;b&gt;bien&lt;/b&gt;" in page.content.decode()
    row = Markup(page).one(f"#avis-{waiting.pk}")
    assert "Relancer" in row.text
    assert Markup(page).one(".tps-avis-summary").text == (
        "2 avis rendus sur 4 1 favorable 1 défavorable"
    )


def test_service_reminds_then_revokes(client, dossier, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)

    reminded = client.post(url("instruction:avis_remind", avis), follow=True)
    again = client.post(url("instruction:avis_remind", avis), follow=True)
    question = Markup(client.get(url("instruction:avis_revoke", avis)))
    revoked = client.post(url("instruction:avis_revoke", avis), follow=True)

    assert said(reminded) == ["La relance part à Ève Experte."]
    assert said(again)[0].startswith("Une relance par jour")
    assert "elle ne verra plus ce dossier" in question.one("main").text
    assert said(revoked) == ["La demande faite à Ève Experte est révoquée."]
    assert Invite.objects.get().revoked_at


def test_decision_warns_of_what_is_awaited_and_does_not_wait(client, dossier):
    decide = reverse("instruction:dossier_accept", args=[dossier.pk])
    assert "avis" not in Markup(client.get(decide)).one(".tps-decide").text

    AvisFactory(dossier=dossier)

    warned = Markup(client.get(decide)).one(".tps-decide .fr-notice").text
    assert warned.startswith("1 avis est encore attendu.")
    assert client.post(decide, {"motivation": "Oui"}).status_code == 302
    page = client.get(page_of(dossier))
    assert "Sans objet" in Markup(page).one('[aria-labelledby="avis-demandes"]').text
    assert Markup(page).all("#demander") == []
    assert client.post(page_of(dossier), ASKED).status_code == 403


def test_colleague_answers_from_the_dossier(client_for, dossier, colleague):
    avis = AvisFactory(dossier=dossier, of_colleague=True, user=colleague)
    browser = client_for(colleague)

    listed = Markup(browser.get("/avis/"))
    wrong = browser.post(url("instruction:avis_answer", avis), {"text": "À garder"})
    right = browser.post(url("instruction:avis_answer", avis), {"answer": "favorable"})

    assert page_of(dossier) in listed.one(".tps-dossier a")["href"]
    assert wrong.status_code == 422
    assert "À garder" in wrong.content.decode()
    assert right.status_code == 302
    avis.refresh_from_db()
    assert avis.answer == "favorable"


@pytest.mark.parametrize("count", [1, 3])
def test_tab_queries_do_not_grow(client, dossier, django_assert_num_queries, count):
    for _ in range(count):
        avis_file(AvisFactory(dossier=dossier, favorable=True), of_answer=True)
        AvisFactory(dossier=dossier)
        InviteFactory(dossier=dossier, accepted_by=UserFactory())

    # session, user, dossier, right to decide, right to ask, avis, files, before, after,
    # groupes, menu, number of avis, followers, news, my visit read and noted, roles
    with django_assert_num_queries(19):
        client.get(page_of(dossier))


# --- the expert ---------------------------------------------------------------------------------


def test_expert_answers_with_a_file_then_changes(client_for, dossier, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)
    avis_file(avis)
    browser = client_for(expert)

    first = browser.get(f"/avis/{dossier.pk}/")
    given = browser.post(
        url("avis:avis_answer", avis),
        {"answer": "defavorable", "text": "Trop cher", "files": [pdf()]},
        follow=True,
    )
    old = avis.files.get(kind="reponse")
    changed = browser.post(
        url("avis:avis_answer", avis), {"answer": "favorable", "text": "", "removed": [old.pk]}
    )

    assert "question.pdf" in Markup(first).one(f"#avis-{avis.pk}").text
    assert said(given) == ["Votre avis est transmis au service."]
    section = Markup(given).one(f"#avis-{avis.pk}").text
    for words in ("Votre avis", "Défavorable", "Trop cher", "plan.pdf", "Modifier mon avis"):
        assert words in section
    assert changed.status_code == 302
    avis.refresh_from_db()
    assert (avis.answer, avis.answer_files) == ("favorable", [])


def test_refused_answer_keeps_what_was_typed(client_for, dossier, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)
    browser = client_for(expert)

    nothing = browser.post(url("avis:avis_answer", avis), {"text": "Long texte"})
    too_long = browser.post(
        url("avis:avis_answer", avis), {"answer": "favorable", "text": "x" * 10_001}
    )
    empty_file = browser.post(
        url("avis:avis_answer", avis),
        {
            "answer": "favorable",
            "text": "Long texte",
            "files": [SimpleUploadedFile("a.pdf", b"MZ\x90")],
        },
    )

    assert {nothing.status_code, too_long.status_code, empty_file.status_code} == {422}
    assert "Long texte" in nothing.content.decode()
    assert "Choisissez un avis" in Markup(nothing).one(f"#id_avis{avis.pk}_answer_error").text
    assert "10000 caractères" in Markup(too_long).one(f"#id_avis{avis.pk}_text_error").text
    assert "Long texte" in empty_file.content.decode()
    assert "a.pdf" in Markup(empty_file).one(f"#id_avis{avis.pk}_files_error").text
    assert Avis.objects.get().answer == ""


def test_expert_hands_over(client_for, dossier, expert):
    avis = AvisFactory(dossier=dossier, expert=expert)
    browser = client_for(expert)

    refused = browser.post(
        url("avis:avis_hand_over", avis), {"email": dossier.usager.email, "word": "Mot gardé"}
    )
    done = browser.post(
        url("avis:avis_hand_over", avis), {"email": "autre@exemple.fr", "word": ""}, follow=True
    )

    assert refused.status_code == 422
    assert "Mot gardé" in refused.content.decode()
    assert said(done) == ["La demande est transmise à autre@exemple.fr."]
    assert browser.get(f"/avis/{dossier.pk}/").status_code == 404


def test_decided_dossier_says_that_nothing_is_expected(client_for, procedure, expert):
    dossier = DossierFactory(procedure=procedure, accepte=True)
    avis = AvisFactory(dossier=dossier, expert=expert)
    browser = client_for(expert)

    page = browser.get(f"/avis/{dossier.pk}/")

    assert "votre avis n’est plus attendu" in Markup(page).one(f"#avis-{avis.pk}").text
    assert "accepté" not in Markup(page).one("main").text
    assert browser.post(url("avis:avis_answer", avis), {"answer": "favorable"}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_the_expert_by_procedure(client_for, expert, django_assert_num_queries, count):
    other = ProcedureFactory(title="Autre aide")
    due_on = timezone.localdate() + timedelta(days=2)
    for _ in range(count):
        AvisFactory(expert=expert, due_on=due_on)
        AvisFactory(expert=expert, dossier__procedure=other)
        AvisFactory(expert=expert, favorable=True)
        AvisFactory(question="Pour quelqu’un d’autre")
    browser = client_for(expert)

    # session, user, number of avis, avis, invitations that wait, roles
    with django_assert_num_queries(6):
        page = browser.get("/avis/")
    given = browser.get("/avis/?onglet=rendus")

    tabs = [part.text for part in Markup(page).all(".tps-tabs__link")]
    assert tabs == [f"À rendre ({2 * count})", f"Rendus ({count})", "Tous les dossiers"]
    assert len(page.context["page"]) == 2 * count
    assert "Autre aide" in [part.text for part in Markup(page).all("main h2")]
    assert page.content.decode().count("à rendre au plus tard le") == count
    assert len(given.context["page"]) == count
    assert "quelqu’un d’autre" not in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_the_expert_queries_do_not_grow(
    client_for, dossier, expert, django_assert_num_queries, count
):
    for _ in range(count):
        avis_file(AvisFactory(dossier=dossier, expert=expert, favorable=True), of_answer=True)
        avis_file(AvisFactory(dossier=dossier, shared=True, favorable=True), of_answer=True)
    browser = client_for(expert)

    # session, user, dossier, files, invitation, avis, their files, shared avis, their files, roles
    with django_assert_num_queries(10):
        browser.get(f"/avis/{dossier.pk}/")


def test_zip_of_the_service_has_the_files_of_the_avis(client, dossier):
    avis_file(AvisFactory(dossier=dossier, favorable=True), of_answer=True)

    response = client.get(reverse("instruction:dossier_zip", args=[dossier.pk]))

    with ZipFile(BytesIO(b"".join(response.streaming_content))) as archive:
        assert "Avis - réponse/reponse.pdf" in archive.namelist()
