"""The messagerie: who writes, who reads, what is kept, what leaves by email."""

import threading
import uuid
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from courriels.models import Courriel
from dossiers import messagerie, policies, workflow
from dossiers.annonces import excerpt_of
from dossiers.destinataires import recipients_of
from dossiers.enums import MessageSide
from dossiers.models import (
    Dossier,
    FilMessagerie,
    LectureMessagerie,
    Message,
    MessageFile,
    ScanState,
)
from instruction.counts import count_dialogues, count_unread
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, make_administrateur, procedure_to_try
from tests.dossiers.factories import (
    DossierFactory,
    InviteFactory,
    MessageFactory,
    MessageFileFactory,
)
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def dossier():
    return DossierFactory(en_construction=True, usager__first_name="Marie", usager__last_name="D")


@pytest.fixture
def accompagnateur(dossier):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=dossier.procedure, user=user)
    return user


@pytest.fixture
def client(dossier, client_for):
    return client_for(dossier.usager)


def url_of(dossier) -> str:
    return reverse("dossiers:message_list", args=[dossier.pk])


def say(dossier, body, *, by=None, side=MessageSide.USAGER, token=None, uploads=()) -> Message:
    return messagerie.post(
        dossier.pk,
        by=by or dossier.usager,
        side=side,
        body=body,
        token=token or uuid.uuid4(),
        uploads=uploads,
    )


def posted(body="Bonjour", **more) -> dict:
    return {"body": body, "token": str(uuid.uuid4()), **more}


def pdf(name="devis.pdf", content=PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def bodies(dossier) -> list[str]:
    return list(dossier.messages.values_list("body", flat=True))


# --- sending ------------------------------------------------------------------------------------


def test_a_message_is_sent_with_its_files(client, dossier):
    response = client.post(url_of(dossier), posted("Voici le devis.", files=[pdf(), pdf("b.pdf")]))

    message = dossier.messages.get()
    assert response.status_code == 302
    assert response.url == f"{url_of(dossier)}#message-{message.pk}"
    assert (message.body, message.author, message.author_name, message.side) == (
        "Voici le devis.",
        dossier.usager,
        "Marie D",
        "usager",
    )
    files = [(file.name, file.content_type, file.size_bytes) for file in message.files.all()]
    assert files == [
        ("devis.pdf", "application/pdf", len(PDF)),
        ("b.pdf", "application/pdf", len(PDF)),
    ]
    with message.files.first().file.open() as kept:
        assert kept.read() == PDF


def test_a_double_click_sends_once(client, dossier, accompagnateur):
    data = posted("Une fois.")
    client.post(url_of(dossier), data)
    again = client.post(url_of(dossier), data)

    assert again.status_code == 302
    assert bodies(dossier) == ["Une fois."]
    assert Courriel.objects.filter(kind="message").count() == 1


def test_another_text_under_a_used_token_is_another_message(dossier):
    token = uuid.uuid4()
    say(dossier, "Le premier.", token=token)
    say(dossier, "Le second, après être revenu en arrière.", token=token)
    say(dossier, "Le premier.", token=token, uploads=[pdf()])

    assert bodies(dossier) == [
        "Le premier.",
        "Le second, après être revenu en arrière.",
        "Le premier.",
    ]


def test_the_token_of_somebody_else_holds_nothing_back(dossier, accompagnateur):
    token = uuid.uuid4()
    say(dossier, "Bonjour", token=token)
    say(dossier, "Bonjour", token=token, by=accompagnateur, side=MessageSide.SERVICE)

    assert list(dossier.messages.values_list("side", flat=True)) == ["usager", "service"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_same", [True, False])
def test_messages_sent_at_once_are_all_kept_and_a_repeated_one_once(
    dossier, accompagnateur, is_same
):
    token, errors, barrier = uuid.uuid4(), [], threading.Barrier(4)

    def send(rank):
        try:
            barrier.wait()
            body, key = ("Le même", token) if is_same else (f"Message {rank}", uuid.uuid4())
            say(dossier, body, token=key)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[rank]) for rank in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    expected = ["Le même"] if is_same else [f"Message {rank}" for rank in range(4)]
    assert sorted(bodies(dossier)) == expected
    assert Courriel.objects.filter(kind="message").count() == len(expected)


def test_a_sent_message_never_changes(dossier):
    message = MessageFactory(dossier=dossier)
    message.body = "Autre chose"

    with pytest.raises(ValidationError):
        message.save()
    assert bodies(dossier) == ["Quelle pièce faut-il joindre ?"]


def test_what_cannot_be_sent_is_given_back_with_its_reason(client, dossier):
    data = posted("Mon texte", files=[pdf("photo.png"), pdf("vide.pdf", b"")])
    response = client.post(url_of(dossier), data)

    page = Markup(response)
    assert response.status_code == 422
    assert page.one("textarea[name=body]").text == "Mon texte"
    assert page.one("input[name=token]")["value"] == data["token"]
    errors = page.one("#div_id_files").text
    assert "« photo.png » : Le contenu de ce fichier n’est pas celui d’un fichier .png." in errors
    assert "« vide.pdf » : Ce fichier est vide." in errors
    assert bodies(dossier) == []
    assert not MessageFile.objects.exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("   \r\n ", "Écrivez votre message, ou joignez un fichier."),
        ("a" * 10_001, "Votre message compte 10001 caractères"),
    ],
)
def test_an_empty_or_too_long_message_is_refused(client, dossier, body, reason):
    response = client.post(url_of(dossier), posted(body))

    assert response.status_code == 422
    assert reason in Markup(response).one("#div_id_body").text
    assert bodies(dossier) == []


def test_a_message_may_be_as_long_as_said_and_hold_a_file_alone(dossier):
    say(dossier, "é" * 10_000)
    say(dossier, "", uploads=[pdf()])

    assert [len(body) for body in bodies(dossier)] == [10_000, 0]


def test_eleven_files_are_too_many(dossier):
    with pytest.raises(ValidationError, match="10 fichiers au plus"):
        say(dossier, "Voici", uploads=[pdf(f"{n}.pdf") for n in range(11)])


def test_sending_too_often_keeps_the_text(client, dossier, monkeypatch):
    monkeypatch.setattr("dossiers.views.messagerie.MESSAGE_RATE", "3/h")
    for rank in range(3):
        client.post(url_of(dossier), posted(f"Message {rank}"))
    response = client.post(url_of(dossier), posted("Le dernier"))

    assert response.status_code == 429
    assert Markup(response).one("textarea[name=body]").text == "Le dernier"
    assert "Patientez une minute" in response.content.decode()
    assert dossier.messages.count() == 3


# --- who may ------------------------------------------------------------------------------------


def test_who_may_write_in_which_state(accompagnateur, dossier):
    procedure, usager = dossier.procedure, dossier.usager
    ouverte = ProcedureFactory(dialogue_prealable=True)
    AffectationFactory(procedure=ouverte, user=accompagnateur)
    both = ({"usager"}, {"service"})
    expected = {
        "brouillon": (set(), set()),
        "en_construction": both,
        "en_instruction": both,
        "accepte": both,
        "rejete": both,
    }
    for stage, (of_usager, of_service) in expected.items():
        trait = {} if stage == "brouillon" else {stage: True}
        at_stage = DossierFactory(procedure=procedure, usager=usager, **trait)
        assert policies.message_sides(usager, at_stage) == of_usager, stage
        assert policies.message_sides(accompagnateur, at_stage) == of_service, stage
        assert policies.message_sides(UserFactory(), at_stage) == set()
    archived = DossierFactory(procedure=procedure, usager=usager, accepte=True, archive=True)
    brouillon = DossierFactory(procedure=ouverte, usager=usager)
    assert not policies.can_write_message(usager, archived)
    assert not policies.can_write_message(accompagnateur, archived)
    assert policies.can_write_message(usager, brouillon)


def test_nobody_writes_for_the_other_side(dossier, accompagnateur):
    for by, side in (
        (dossier.usager, MessageSide.SERVICE),
        (accompagnateur, MessageSide.USAGER),
        (accompagnateur, MessageSide.INVITE),
        (UserFactory(), MessageSide.USAGER),
    ):
        with pytest.raises(PermissionDenied):
            say(dossier, "Bonjour", by=by, side=side)
    assert bodies(dossier) == []


def test_an_archived_thread_is_read_only(client, dossier):
    MessageFactory(dossier=dossier)
    Dossier.objects.filter(pk=dossier.pk).update(archived_at=dossier.submitted_at)

    page = client.get(url_of(dossier))

    assert "la messagerie se lit encore" in page.content.decode()
    assert Markup(page).all("textarea") == []
    assert client.post(url_of(dossier), posted()).status_code == 403


def test_a_file_is_for_both_sides_and_nobody_else(dossier, accompagnateur, client_for):
    file = MessageFileFactory(message__dossier=dossier, name="plan d’accès.pdf")
    url = reverse("dossiers:message_file_download", args=[file.pk])
    elsewhere = AffectationFactory().user

    for user in (dossier.usager, accompagnateur):
        response = client_for(user).get(url)
        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for user in (elsewhere, UserFactory()):
        assert client_for(user).get(url).status_code == 404


def test_ids_guessed_lead_nowhere(client, accompagnateur):
    other = MessageFileFactory(message__dossier=DossierFactory(en_construction=True))
    their = other.message.dossier

    for url in (
        url_of(their),
        reverse("dossiers:message_news", args=[their.pk]) + "?apres=0",
        reverse("dossiers:message_file_download", args=[other.pk]),
        reverse("instruction:message_list", args=[their.pk]),
        reverse("instruction:message_news", args=[their.pk]) + "?apres=0",
    ):
        assert client.get(url).status_code == 404
    assert client.post(url_of(their), posted()).status_code == 404
    assert bodies(their) == ["Quelle pièce faut-il joindre ?"]


# --- reading ------------------------------------------------------------------------------------


def test_the_thread_is_read_oldest_first_with_sides_and_authors_told_apart(
    client, dossier, accompagnateur
):
    MessageFactory(dossier=dossier, body="Première")
    MessageFactory(
        dossier=dossier, author=accompagnateur, side=MessageSide.SERVICE, body="Deuxième"
    )

    page = Markup(client.get(url_of(dossier)))

    heads = [item.text for item in page.all(".tps-message__head")]
    assert [item.text for item in page.all(".tps-message__body")] == ["Première", "Deuxième"]
    assert heads[0].startswith("Usager Marie D (vous) le ")
    assert heads[1].startswith("Service Alice Instructrice le ")
    assert ["tps-message--mine" in item.classes for item in page.all(".tps-message")] == [
        True,
        False,
    ]


def test_hostile_markup_is_shown_as_typed_and_only_addresses_become_links(client, dossier):
    hostile = (
        "<script>alert(1)</script> <b>gras</b> **étoiles** javascript:alert(1) "
        'https://exemple.fr/?a="><img src=x onerror=alert(1)> [ici](https://mal.fr) ftp://x.fr'
    )
    MessageFactory(dossier=dossier, body=hostile, author_name='<img src="x">')

    response = client.get(url_of(dossier))
    message = Markup(response).one(".tps-message__body")

    assert message.text == hostile
    links = [link["href"] for link in Markup(response).all(".tps-message__body a")]
    assert links == ["https://exemple.fr/?a=", "https://mal.fr"]
    assert {link["rel"] for link in Markup(response).all(".tps-message__body a")} == {
        "noopener noreferrer"
    }
    html = response.content.decode()
    assert "<img src=x" not in html
    assert '<img src="x">' not in html


def test_a_long_thread_is_read_page_by_page(client, dossier):
    for rank in range(65):
        MessageFactory(dossier=dossier, body=f"Message {rank}")

    page, seen = client.get(url_of(dossier)), []
    while True:
        seen = [item.text for item in Markup(page).all(".tps-message__body")] + seen
        older = Markup(page).all("a[rel=next]")
        if not older:
            break
        assert len(Markup(page).all("li[hx-get]")) == (1 if len(seen) == 30 else 0)
        page = client.get(older[0]["href"])

    assert seen == [f"Message {rank}" for rank in range(65)]


@pytest.mark.parametrize("count", [3, 300])
def test_the_thread_costs_the_same_however_long(client, dossier, django_assert_num_queries, count):
    for rank in range(count):
        MessageFactory(dossier=dossier, body=f"Message {rank}")
    MessageFileFactory(message=dossier.messages.last())
    client.get(url_of(dossier))

    with django_assert_num_queries(8):
        client.get(url_of(dossier))


def test_new_messages_come_to_an_open_page(client, dossier, accompagnateur):
    first = MessageFactory(dossier=dossier)
    url = reverse("dossiers:message_news", args=[dossier.pk])
    assert Markup(client.get(url_of(dossier))).one("li[hx-get]")["hx-get"] == (
        f"{url}?apres={first.pk}"
    )
    assert client.get(url, {"apres": first.pk}).status_code == 204
    answer = MessageFactory(
        dossier=dossier, author=accompagnateur, side=MessageSide.SERVICE, body="Réponse"
    )

    part = Markup(client.get(url, {"apres": first.pk}))

    assert [item.text for item in part.all(".tps-message__body")] == ["Réponse"]
    assert part.one(".tps-message")["data-tps-announce"] == (
        "Nouveau message de Alice Instructrice"
    )
    assert part.one("li[hx-get]")["hx-get"] == f"{url}?apres={answer.pk}"
    assert client.get(url, {"apres": "abc"}).status_code == 404


# --- what is not read yet -----------------------------------------------------------------------


def unread(dossier, user, side) -> int:
    return messagerie.unread_count(dossier, by=user, side=side)


def test_unread_counts_follow_reading_and_answering(client, dossier, accompagnateur, client_for):
    colleague = AffectationFactory(procedure=dossier.procedure).user
    say(dossier, "Un")
    say(dossier, "Deux")
    service, usager = MessageSide.SERVICE, MessageSide.USAGER

    assert unread(dossier, accompagnateur, service) == 2
    assert unread(dossier, colleague, service) == 2
    assert unread(dossier, dossier.usager, usager) == 0
    client_for(colleague).get(reverse("instruction:message_list", args=[dossier.pk]))
    assert unread(dossier, colleague, service) == 0
    assert unread(dossier, accompagnateur, service) == 2

    say(dossier, "Réponse", by=colleague, side=service)
    # Answered: nobody of the service has to read it any more.
    assert unread(dossier, accompagnateur, service) == 0
    assert unread(dossier, dossier.usager, usager) == 1
    client.get(url_of(dossier))
    assert unread(dossier, dossier.usager, usager) == 0


def test_reading_an_older_page_or_an_older_message_unreads_nothing(dossier, accompagnateur):
    first, last = (MessageFactory(dossier=dossier, author=accompagnateur) for _ in range(2))
    messagerie.mark_read(dossier, last.pk, by=dossier.usager)
    messagerie.mark_read(dossier, first.pk, by=dossier.usager)

    assert LectureMessagerie.objects.get().last_message_id == last.pk


def test_my_dossiers_show_what_is_not_read(client, dossier, accompagnateur):
    for _ in range(2):
        say(dossier, "Bonjour", by=accompagnateur, side=MessageSide.SERVICE)

    page = Markup(client.get("/dossiers/"))
    tabs = Markup(client.get(f"/dossiers/{dossier.pk}/"))

    assert "2 messages non lus" in page.one(".tps-dossier__badges").text
    assert tabs.one("nav[aria-label='Pages de ce dossier'] .tps-unread").text == (
        "2 messages non lus"
    )


def test_procedures_count_the_threads_to_read_without_tests_or_archived(dossier, accompagnateur):
    procedure = dossier.procedure
    say(dossier, "Un")
    say(dossier, "Deux")
    archived = MessageFactory(dossier=DossierFactory(procedure=procedure, en_construction=True))
    workflow.archive(archived.dossier_id, by=accompagnateur)
    MessageFactory(dossier=DossierFactory(procedure=procedure))  # a brouillon
    MessageFactory(dossier=DossierFactory(procedure=procedure, en_construction=True, is_test=True))
    MessageFactory(dossier=DossierFactory(en_construction=True))
    for trait in ({}, {"en_construction": True}):  # in the bin
        thrown = DossierFactory(procedure=procedure, **trait)
        MessageFactory(dossier=thrown)
        Dossier.objects.filter(pk=thrown.pk).update(deleted_at=thrown.created_at)

    counts = count_unread([procedure.pk], by=accompagnateur)[procedure.pk]

    assert (counts.dossiers, counts.dialogues) == (1, 1)
    assert count_dialogues(procedure.pk) == 1
    messagerie.mark_read(dossier, dossier.messages.last().pk, by=accompagnateur)
    assert count_unread([procedure.pk], by=accompagnateur)[procedure.pk].dossiers == 0


# --- emails -------------------------------------------------------------------------------------


def test_the_email_to_the_usager_is_whole_and_leads_to_sign_in(
    client_for, dossier, accompagnateur, settings
):
    settings.SITE_URL = "https://tps.exemple"
    body = "Il manque le devis. Voir https://mal.exemple/a et mal.fr pour " + "la suite " * 60
    say(dossier, body, by=accompagnateur, side=MessageSide.SERVICE, uploads=[pdf()])

    courriel = Courriel.objects.get(kind="message")
    title = dossier.procedure.title
    assert courriel.to_email == dossier.usager.email
    assert courriel.subject == f"Nouveau message sur votre dossier nº {dossier.pk}"
    assert courriel.body_text == (
        "Bonjour,\n\n"
        f"Service des subventions vous a écrit au sujet de votre dossier nº {dossier.pk}, "
        f"« {title} ».\n\n"
        f"« {excerpt_of(body)} »\n\n"
        "Un fichier est joint : devis.pdf.\n\n"
        "Pour le lire en entier et y répondre, connectez-vous à votre compte :\n"
        f"https://tps.exemple/dossiers/{dossier.pk}/messagerie/\n"
    )
    assert "mal.exemple" not in courriel.body_html
    assert "mal.fr" not in courriel.body_html
    anonymous = client_for(UserFactory())
    anonymous.logout()
    assert "/compte/login/" in anonymous.get(url_of(dossier)).url


def test_the_email_to_the_service_names_who_wrote(dossier, accompagnateur, settings):
    settings.SITE_URL = "https://tps.exemple"
    say(dossier, "Bonjour,\n\nPuis-je joindre <b>un plan</b> ?")

    courriel = Courriel.objects.get(kind="message")
    assert courriel.to_email == accompagnateur.email
    assert courriel.subject == f"Dossier nº {dossier.pk} : nouveau message de Marie D"
    assert courriel.body_text == (
        "Bonjour,\n\n"
        f"Marie D a écrit au sujet du dossier nº {dossier.pk}, « {dossier.procedure.title} ».\n\n"
        "« Bonjour, Puis-je joindre <b>un plan</b> ? »\n\n"
        "Pour le lire en entier et y répondre, connectez-vous à votre compte :\n"
        f"https://tps.exemple/instruction/dossiers/{dossier.pk}/messagerie/\n"
    )
    assert "<b>un plan</b>" not in courriel.body_html


def test_an_excerpt_is_short_and_cannot_be_followed():
    assert excerpt_of("Voir www.mal.fr et\n\nhttps://mal.fr/x") == "Voir [lien] et [lien]"
    assert excerpt_of("a@exemple.fr") == "a@exemple.fr"
    assert excerpt_of("mot " * 200).endswith("mot…")
    assert len(excerpt_of("mot " * 200)) <= 301


def test_the_service_is_those_who_took_part_else_all(dossier, accompagnateur):
    colleague = AffectationFactory(procedure=dossier.procedure).user
    gone = UserFactory()
    AffectationFactory()
    everybody = {accompagnateur, colleague}

    assert set(recipients_of(dossier, MessageSide.USAGER)) == everybody
    MessageFactory(dossier=dossier, author=gone, side=MessageSide.SERVICE)
    assert set(recipients_of(dossier, MessageSide.USAGER)) == everybody
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    assert recipients_of(dossier, MessageSide.USAGER) == [accompagnateur]
    say(dossier, "Bonjour", by=colleague, side=MessageSide.SERVICE)
    assert set(recipients_of(dossier, MessageSide.USAGER)) == everybody
    assert recipients_of(dossier, MessageSide.SERVICE) == [dossier.usager]


def test_on_a_test_both_sides_write_and_the_tester_alone_is_told():
    procedure = procedure_to_try()
    make_administrateur(procedure, administrateur := UserFactory())
    AffectationFactory(procedure=procedure)
    essai = essai_of(procedure, en_construction=True)

    say(essai, "Bonjour")
    say(essai, "Bonjour", side=MessageSide.SERVICE)
    say(essai, "Bonjour", by=administrateur, side=MessageSide.SERVICE)

    courriels = Courriel.objects.filter(kind="message")
    assert {courriel.to_email for courriel in courriels} == {essai.usager.email}
    assert len(courriels) == 3
    for courriel in courriels:
        assert courriel.subject.startswith("[TEST] ")
        assert courriel.body_text.startswith("TEST : ce message vient de l’essai")
        assert "TEST : ce message vient de l’essai" in courriel.body_html


# --- with the dossier ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_files_go_with_an_erased_dossier():
    file = MessageFileFactory(message__dossier=DossierFactory())
    path = Path(file.file.path)
    assert path.exists()

    file.message.dossier.delete()

    assert not path.exists()
    assert not FilMessagerie.objects.exists()


# --- with invités -------------------------------------------------------------------------------


def test_an_invite_of_the_usager_takes_part_and_one_of_the_service_does_not(
    dossier, accompagnateur, client_for
):
    invite = InviteFactory(dossier=dossier, accepted_by=UserFactory()).user
    asked = InviteFactory(dossier=dossier, of_service=True, accepted_by=UserFactory()).user
    MessageFileFactory(message__dossier=dossier)
    file_url = reverse("dossiers:message_file_download", args=[MessageFile.objects.get().pk])

    client_for(invite).post(url_of(dossier), posted("De ma part"))

    message = dossier.messages.last()
    assert (message.side, message.author) == ("invite", invite)
    assert {u.pk for u in recipients_of(dossier, MessageSide.SERVICE)} == {
        dossier.usager.pk,
        invite.pk,
    }
    assert messagerie.unread_count(dossier, by=dossier.usager, side=MessageSide.USAGER) == 1
    assert messagerie.unread_count(dossier, by=accompagnateur, side=MessageSide.SERVICE) == 2
    heads = Markup(client_for(dossier.usager).get(url_of(dossier))).all(".tps-message__head")
    assert heads[-1].text.startswith("Invité par l’usager")
    response = client_for(invite).get(file_url)
    assert b"".join(response.streaming_content) == PDF
    assert policies.message_sides(asked, dossier) == set()
    assert client_for(asked).get(url_of(dossier)).status_code == 404
    assert client_for(asked).get(file_url).status_code == 404


def test_a_file_is_not_given_before_it_is_clean_and_its_sender_is_told_of_a_refusal(
    dossier, accompagnateur, client_for, settings
):
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    file = MessageFileFactory(
        message__dossier=dossier, message__author=accompagnateur, message__side="service"
    )
    url = reverse("dossiers:message_file_download", args=[file.pk])
    client = client_for(dossier.usager)
    assert client.get(url).status_code == 403
    assert "Analyse antivirus en cours" in client.get(url_of(dossier)).content.decode()

    file.scan_state = ScanState.REFUSE
    file.save(update_fields=["scan_state"])
    file.on_refused()

    assert client.get(url).status_code == 403
    courriel = Courriel.objects.get(kind="message_fichier_refuse")
    assert courriel.to_email == accompagnateur.email
    assert f"/instruction/dossiers/{dossier.pk}/messagerie/" in courriel.body_text
