"""The messagerie of the accompagnateurs: threads, dialogues before the deposit, canned answers."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from courriels.models import Courriel
from dossiers import corrections, messagerie, workflow
from dossiers.enums import DossierState, MessageSide
from dossiers.models import Correction, Dossier
from instruction.models import ReponseType
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, make_administrateur, procedure_to_try
from tests.dossiers.factories import DossierFactory, MessageFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

SECRET = "Réponse secrète du brouillon"


@pytest.fixture
def procedure(db):
    return ProcedureFactory(title="Demande de subvention", dialogue_prealable=True)


@pytest.fixture
def brouillon(procedure):
    return DossierFactory(
        procedure=procedure,
        reponses={"objet1": SECRET},
        prenom="Prénomcaché",
        nom="Nomcaché",
        usager__first_name="Marie",
        usager__last_name="D",
    )


def thread_url(dossier) -> str:
    return reverse("instruction:message_list", args=[dossier.pk])


def dialogue_url(dossier) -> str:
    return reverse("instruction:dialogue_detail", args=[dossier.pk])


def posted(body="Bonjour", **more) -> dict:
    return {"body": body, "token": str(uuid.uuid4()), **more}


def reponse_type(procedure, body="Bien reçu.", title="Accusé") -> ReponseType:
    return ReponseType.objects.create(procedure=procedure, title=title, body=body)


# --- the thread ---------------------------------------------------------------------------------


def test_an_accompagnateur_answers_with_a_file(
    client, accompagnateur, dossier, strangers, client_for
):
    MessageFactory(dossier=dossier)
    upload = SimpleUploadedFile("modele.pdf", b"%PDF-1.4\n%%EOF\n")

    response = client.post(thread_url(dossier), posted("Voici le modèle.", files=[upload]))

    answer = dossier.messages.last()
    assert response.url.endswith(f"#message-{answer.pk}")
    assert (answer.side, answer.author, answer.files.get().name) == (
        "service",
        accompagnateur,
        "modele.pdf",
    )
    for name, stranger in strangers.items():
        assert client_for(stranger).get(thread_url(dossier)).status_code == 404, name
        assert client_for(stranger).post(thread_url(dossier), posted()).status_code == 404, name
    assert dossier.messages.count() == 2


def test_an_accompagnateur_reads_their_own_dossier_on_the_other_side_alone(
    client, accompagnateur, procedure
):
    mine = DossierFactory(procedure=procedure, usager=accompagnateur, en_construction=True)

    assert client.post(thread_url(mine), posted()).status_code == 403
    assert Markup(client.get(thread_url(mine))).all("textarea") == []


@pytest.mark.parametrize("count", [1, 3])
def test_lists_show_what_is_not_read_at_a_constant_cost(
    client, procedure, count, django_assert_num_queries
):
    for _ in range(count):
        MessageFactory(dossier=DossierFactory(procedure=procedure, en_construction=True))
    url = reverse("instruction:dossier_list", args=[procedure.pk])

    with django_assert_num_queries(18):
        page = Markup(client.get(url))

    rows = [part.text for part in page.all(".tps-dossiers__name")]
    assert [row.endswith("1 message non lu") for row in rows] == [True] * count
    home = Markup(client.get("/instruction/")).one("article").text
    ending = "s" if count > 1 else ""
    assert f"{count} dossier{ending} avec un message non lu" in home


def test_lists_show_where_a_correction_stands(client, accompagnateur, procedure, dossier):
    url = reverse("instruction:dossier_list", args=[procedure.pk]) + "?onglet=tous"

    def badges():
        return Markup(client.get(url)).one("tbody tr").text

    corrections.ask(
        dossier.pk, by=accompagnateur, texts={"objet1": ""}, message="Non", token=uuid.uuid4()
    )
    assert "En attente de l’usager" in badges()
    corrections.resolve(dossier, dossier.usager)
    assert "Corrigé" in badges()
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    assert "Corrigé" not in badges()
    assert "En attente" not in badges()


# --- before the deposit -------------------------------------------------------------------------


def test_the_dialogue_shows_nothing_of_the_brouillon(client, brouillon):
    MessageFactory(dossier=brouillon, body="Puis-je déposer en décembre ?")
    listing = client.get(reverse("instruction:dialogue_list", args=[brouillon.procedure_id]))
    page = client.get(dialogue_url(brouillon))

    assert "Puis-je déposer en décembre ?" in page.content.decode()
    assert "Marie D" in Markup(listing).one("main li h2").text
    for response in (listing, page):
        for hidden in (SECRET, "Prénomcaché", "Nomcaché"):
            assert hidden not in response.content.decode()
    for name in ("dossier_detail", "message_list", "dossier_recapitulatif", "correction_ask"):
        assert client.get(reverse(f"instruction:{name}", args=[brouillon.pk])).status_code == 404
    assert [d.pk for d in listing.context["page"]] == [brouillon.pk]


def test_a_brouillon_without_a_word_is_invisible_and_cannot_be_written_to(
    client, accompagnateur, brouillon
):
    listing = client.get(reverse("instruction:dialogue_list", args=[brouillon.procedure_id]))

    assert list(listing.context["page"]) == []
    assert client.get(dialogue_url(brouillon)).status_code == 404
    assert client.post(dialogue_url(brouillon), posted()).status_code == 404
    with pytest.raises(PermissionDenied):
        messagerie.post(
            brouillon.pk,
            by=accompagnateur,
            side=MessageSide.SERVICE,
            body="Bonjour",
            token=uuid.uuid4(),
        )


def test_the_dialogue_goes_both_ways_then_becomes_the_thread(
    client, accompagnateur, brouillon, client_for, settings
):
    settings.SITE_URL = "https://tps.exemple"
    usager = client_for(brouillon.usager)
    usager.post(reverse("dossiers:message_list", args=[brouillon.pk]), posted("Une question"))
    courriel = Courriel.objects.get()
    assert courriel.to_email == accompagnateur.email
    assert f"https://tps.exemple/instruction/dialogues/{brouillon.pk}/" in courriel.body_text
    assert SECRET not in courriel.body_text

    client.post(dialogue_url(brouillon), posted("Une réponse"))
    assert [m.side for m in brouillon.messages.all()] == ["usager", "service"]
    workflow.run(workflow.SUBMIT, brouillon.pk, by=brouillon.usager)

    assert client.get(dialogue_url(brouillon)).url == thread_url(brouillon)
    texts = Markup(client.get(thread_url(brouillon))).all(".tps-message__body")
    assert [part.text for part in texts] == ["Une question", "Une réponse"]
    listing = client.get(reverse("instruction:dialogue_list", args=[brouillon.procedure_id]))
    assert list(listing.context["page"]) == []


def test_where_it_is_not_allowed_nothing_is_written_before_the_deposit(
    client, brouillon, client_for
):
    MessageFactory(dossier=brouillon)
    brouillon.procedure.dialogue_prealable = False
    brouillon.procedure.save(update_fields=["dialogue_prealable"])
    usager = client_for(brouillon.usager)
    url = reverse("dossiers:message_list", args=[brouillon.pk])

    assert "la messagerie s’ouvre quand le dossier est déposé" in usager.get(url).content.decode()
    assert usager.post(url, posted()).status_code == 403
    assert client.get(dialogue_url(brouillon)).status_code == 200
    assert client.post(dialogue_url(brouillon), posted()).status_code == 403
    assert brouillon.messages.count() == 1


def test_strangers_see_no_dialogue(brouillon, client_for):
    message = MessageFactory(dossier=brouillon)
    elsewhere = AffectationFactory().user
    news = reverse("instruction:message_news", args=[brouillon.pk])

    for user in (elsewhere, brouillon.usager, UserFactory(exploitant=True), UserFactory()):
        client = client_for(user)
        assert client.get(dialogue_url(brouillon)).status_code == 404
        assert client.get(news, {"apres": message.pk - 1}).status_code == 404
    listing = reverse("instruction:dialogue_list", args=[brouillon.procedure_id])
    assert client_for(elsewhere).get(listing).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_dialogues_costs_the_same(client, procedure, count, django_assert_num_queries):
    for _ in range(count):
        MessageFactory(dossier=DossierFactory(procedure=procedure))
    url = reverse("instruction:dialogue_list", args=[procedure.pk])

    with django_assert_num_queries(5):  # session, user, procédure, rows, roles
        response = client.get(url)

    assert len(response.context["page"]) == count
    page = Markup(client.get(reverse("instruction:dossier_list", args=[procedure.pk])))
    assert f"Dialogues préalables ({count})" in page.one("main").text


def test_on_a_test_the_administrateur_plays_the_service(client_for):
    procedure = procedure_to_try(dialogue_prealable=True)
    make_administrateur(procedure, administrateur := UserFactory())
    essai = essai_of(procedure)
    MessageFactory(dossier=essai)

    assert client_for(administrateur).get(dialogue_url(essai)).status_code == 200
    assert client_for(administrateur).post(dialogue_url(essai), posted()).status_code == 302
    assert client_for(UserFactory()).get(dialogue_url(essai)).status_code == 404


# --- canned answers -----------------------------------------------------------------------------


def test_canned_answers_are_written_changed_and_deleted(client, accompagnateur, procedure):
    url = reverse("instruction:reponse_type_create", args=[procedure.pk])
    client.post(url, {"title": "Accusé", "body": "Dossier {{ numero_dossier }}\r\nreçu."})
    reponse = ReponseType.objects.get()
    assert (reponse.body, reponse.updated_by) == (
        "Dossier {{ numero_dossier }}\nreçu.",
        accompagnateur,
    )

    edit = reverse("instruction:reponse_type_edit", args=[procedure.pk, reponse.pk])
    client.post(edit, {"title": "Reçu", "body": "Bien reçu."})
    reponse.refresh_from_db()
    assert (reponse.title, reponse.body) == ("Reçu", "Bien reçu.")
    listing = client.get(reverse("instruction:reponse_type_list", args=[procedure.pk]))
    assert Markup(listing).one("main li h2").text == "Reçu"

    delete = reverse("instruction:reponse_type_delete", args=[procedure.pk, reponse.pk])
    assert client.get(delete).status_code == 200
    assert ReponseType.objects.exists()
    client.post(delete)
    assert not ReponseType.objects.exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"title": "", "body": "Texte"}, "Donnez un titre à la réponse type."),
        ({"title": "Titre", "body": ""}, "Écrivez le texte du message."),
        ({"title": "Titre", "body": "{{ numero }}"}, "La balise « {{ numero }} » n’existe pas."),
        ({"title": "Titre", "body": "{{ motivation }}"}, "n’existe pas."),
        ({"title": "Prise", "body": "Texte"}, "porte déjà ce titre."),
    ],
)
def test_a_bad_canned_answer_is_given_back(client, procedure, data, reason):
    reponse_type(procedure, title="Prise")
    response = client.post(reverse("instruction:reponse_type_create", args=[procedure.pk]), data)

    assert response.status_code == 422
    assert reason in Markup(response).one("main").text
    assert Markup(response).one("textarea[name=body]").text == data["body"]
    assert ReponseType.objects.count() == 1


def test_canned_answers_of_others_are_out_of_reach(client, procedure):
    theirs = reponse_type(ProcedureFactory())

    for pk in (procedure.pk, theirs.procedure_id):
        for name in ("reponse_type_edit", "reponse_type_delete"):
            url = reverse(f"instruction:{name}", args=[pk, theirs.pk])
            assert client.post(url, {"title": "x", "body": "x"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.title == "Accusé"


def test_a_canned_answer_fills_the_box_with_the_values_of_the_dossier(client, dossier):
    reponse = reponse_type(
        dossier.procedure, "Dossier {{ numero_dossier }} : « {{ champ_objet1 }} », {{ inconnu }}."
    )
    theirs = reponse_type(ProcedureFactory())
    Dossier.objects.filter(pk=dossier.pk).update(reponses={"objet1": "{{ nom_usager }}"})
    expected = f"Dossier {dossier.pk} : « {{{{ nom_usager }}}} », ."
    fill = reverse("instruction:reponse_type_fill", args=[dossier.pk])

    page = Markup(client.get(thread_url(dossier), {"reponse": reponse.pk}))

    assert page.one("textarea[name=body]").text == expected
    assert page.one("#reponse-type option[selected]").text == "Accusé"
    assert client.get(fill, {"reponse": reponse.pk}).content.decode() == expected
    for guessed in (theirs.pk, "abc", "", 10**20):
        assert client.get(fill, {"reponse": guessed}).status_code == 404
    assert not dossier.messages.exists()


def test_on_a_brouillon_a_canned_answer_says_nothing_of_the_answers(client, brouillon):
    MessageFactory(dossier=brouillon)
    reponse = reponse_type(
        brouillon.procedure,
        "{{ nom_usager }} {{ champ_objet1 }} {{ civilite_usager }} {{ numero_dossier }}",
    )
    fill = reverse("instruction:reponse_type_fill", args=[brouillon.pk])

    text = client.get(fill, {"reponse": reponse.pk}).content.decode()

    assert text == f"Marie D   {brouillon.pk}"


# --- asking for a correction --------------------------------------------------------------------


def test_a_correction_is_asked_from_the_page(client, dossier):
    url = reverse("instruction:correction_ask", args=[dossier.pk])
    page = Markup(client.get(url))
    assert [box["value"] for box in page.all("input[name=champs]")] == ["objet1"]
    token = page.one("input[name=token]")["value"]

    response = client.post(
        url, {"champs": ["objet1"], "texte_objet1": "Précisez.", "message": "", "token": token}
    )

    assert response.status_code == 302
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.state == DossierState.EN_CONSTRUCTION
    assert dossier.pending_correction.texts == {"objet1": "Précisez."}
    detail = Markup(client.get(reverse("instruction:dossier_detail", args=[dossier.pk])))
    assert "en attente de l’usager" in detail.one("#correction-titre").text
    history = Markup(client.get(reverse("instruction:history_list", args=[dossier.pk])))
    assert "Correction demandée" in history.one(".tps-history").text

    client.post(reverse("instruction:correction_cancel", args=[dossier.pk]))
    assert Dossier.objects.get(pk=dossier.pk).state == DossierState.EN_INSTRUCTION


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"champs": [], "message": "Corrigez."}, "Choisissez au moins une question à corriger."),
        ({"champs": ["objet1"], "message": ""}, "Écrivez un message, ou dites pour chaque"),
        ({"champs": ["autre1"], "message": "Corrigez."}, "n’est plus dans ce dossier"),
    ],
)
def test_a_bad_request_is_given_back_as_typed(client, dossier, data, reason):
    url = reverse("instruction:correction_ask", args=[dossier.pk])
    response = client.post(url, data | {"token": str(uuid.uuid4())})

    page = Markup(response)
    assert response.status_code == 422
    assert reason in page.one("[data-tps-error-summary]").text
    assert page.one("textarea[name=message]").text == data["message"]
    assert not Correction.objects.exists()
    assert Dossier.objects.get(pk=dossier.pk).state == DossierState.EN_INSTRUCTION
