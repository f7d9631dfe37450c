"""Corrections: asked on named champs, made by the usager, closed."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse

from courriels.models import Courriel
from dossiers import corrections, lignes, policies, workflow
from dossiers.copie import open_working_copy
from dossiers.depots import deposit_modifications
from dossiers.enums import DossierState, MessageSide
from dossiers.identification import identify_personne
from dossiers.models import Correction, Dossier
from dossiers.pieces_jointes import attach, remove
from dossiers.reponses import save_reponses
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
STAGES = ["brouillon", "en_construction", "en_instruction", "accepte", "sans_suite", "rejete"]


def only_when(champ_id, value):
    return {"regles": [{"champ": champ_id, "operator": "est", "values": [value]}]}


def champs():
    return [
        new_champ("texte_court", id="objet1", label="Objet"),
        new_champ("texte_court", id="lieu1", label="Lieu"),
        new_champ("piece_jointe", id="piece1", label="Devis", required=False),
        new_champ("piece_jointe", id="piece2", label="Plan", required=False),
        new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense"),
        new_champ("texte_court", id="poste1", label="Poste", bloc="bloc1"),
        new_champ("bloc_repetable", id="bloc2", label="Partenaires", required=False),
        new_champ("texte_court", id="nom01", label="Nom", bloc="bloc2"),
        new_champ(
            "texte_court",
            id="detail1",
            label="Détail",
            required=False,
            condition=only_when("objet1", "Travaux"),
        ),
        new_champ(
            "texte_court",
            id="suite1",
            label="Suite du détail",
            required=False,
            condition=only_when("detail1", "Oui"),
        ),
        new_champ(
            "texte_court",
            id="ailleurs1",
            label="Autre lieu",
            required=False,
            condition=only_when("lieu1", "Ailleurs"),
        ),
    ]


@pytest.fixture
def procedure():
    return ProcedureFactory(champs=champs())


@pytest.fixture
def accompagnateur(procedure):
    user = UserFactory(first_name="Alice", last_name="Instructrice")
    AffectationFactory(procedure=procedure, user=user)
    return user


@pytest.fixture
def dossier(procedure):
    return DossierFactory(
        procedure=procedure,
        en_instruction=True,
        reponses={
            "objet1": "Fête",
            "lieu1": "Lille",
            "bloc1": ["a1"],
            "poste1-a1": "Son",
            "bloc2": ["b1"],
            "nom01-b1": "Ville",
        },
    )


def ask(dossier, by, *champ_ids, message="Merci de corriger.", token=None, **texts):
    named = {champ_id: texts.get(champ_id, "") for champ_id in champ_ids}
    return corrections.ask(
        dossier.pk, by=by, texts=named, message=message, token=token or uuid.uuid4()
    )


def fresh(dossier) -> Dossier:
    return Dossier.with_tests.select_related("revision", "usager", "procedure").get(pk=dossier.pk)


def worked(dossier) -> Dossier:
    """Return what its usager is filling in."""
    return open_working_copy(fresh(dossier))


def editable(dossier):
    return corrections.editable_champ_ids(fresh(dossier))


def save(dossier, *, champ_ids=None, **typed):
    data = QueryDict(mutable=True)
    for key, value in typed.items():
        data[f"champ_{key}"] = value
    return save_reponses(dossier.pk, data, by=dossier.usager, champ_ids=champ_ids)


def history(dossier):
    return list(dossier.history.values_list("action", "from_state", "to_state", "by_name"))


# --- asking -------------------------------------------------------------------------------------


def test_asked_en_instruction_it_sends_the_dossier_back(dossier, accompagnateur, settings):
    settings.SITE_URL = "https://tps.exemple"
    correction = ask(
        dossier, accompagnateur, "bloc1", "objet1", message="", objet1="Soyez plus précis."
    )

    dossier = fresh(dossier)
    assert dossier.state == DossierState.EN_CONSTRUCTION
    assert history(dossier) == [
        ("ask_correction", "en_instruction", "en_construction", "Alice Instructrice")
    ]
    assert correction.champs == [  # in the order of the form
        {"id": "objet1", "label": "Objet", "text": "Soyez plus précis."},
        {"id": "bloc1", "label": "Dépenses", "text": ""},
    ]
    message = dossier.messages.get()
    assert (message.side, message.body) == ("service", corrections.DEFAULT_MESSAGE)
    courriel = Courriel.objects.get()
    assert (courriel.to_email, courriel.kind, courriel.subject) == (
        dossier.usager.email,
        "correction_demandee",
        f"Dossier nº {dossier.pk} : une correction vous est demandée",
    )
    assert courriel.body_text == (
        "Bonjour,\n\n"
        f"Service des subventions vous demande de corriger votre dossier nº {dossier.pk}, "
        f"« {dossier.procedure.title} ».\n\n"
        "Merci de corriger les réponses suivantes.\n\n"
        "Réponses à corriger :\n"
        "- Objet : Soyez plus précis.\n"
        "- Dépenses\n\n"
        "Votre dossier est de nouveau ouvert. Connectez-vous pour le corriger, puis rendez-le au "
        "service :\n"
        f"https://tps.exemple/dossiers/{dossier.pk}/modifier/\n"
    )


def test_asked_en_construction_it_leaves_every_champ_open(dossier, accompagnateur):
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)
    ask(dossier, accompagnateur, "objet1")

    assert editable(dossier) is None
    assert history(dossier)[-1] == (
        "ask_correction",
        "en_construction",
        "en_construction",
        "Alice Instructrice",
    )
    save(dossier, lieu1="Roubaix")
    assert worked(dossier).reponses["lieu1"] == "Roubaix"


@pytest.mark.parametrize("stage", STAGES)
def test_it_is_asked_on_an_open_dossier_alone(procedure, accompagnateur, stage):
    trait = {} if stage == "brouillon" else {stage: True}
    dossier = DossierFactory(procedure=procedure, reponses={"objet1": "Fête"}, **trait)

    if stage in ("en_construction", "en_instruction"):
        assert ask(dossier, accompagnateur, "objet1").from_state == stage
        return
    with pytest.raises(PermissionDenied if stage == "brouillon" else ValidationError):
        ask(dossier, accompagnateur, "objet1")
    assert not Correction.objects.exists()
    assert not dossier.messages.exists()
    assert fresh(dossier).state == stage


def test_only_who_may_decide_asks_and_cancels(dossier, accompagnateur):
    for stranger in (dossier.usager, UserFactory(), AffectationFactory().user):
        with pytest.raises(PermissionDenied):
            ask(dossier, stranger, "objet1")
    ask(dossier, accompagnateur, "objet1")
    for stranger in (dossier.usager, UserFactory(), AffectationFactory().user):
        with pytest.raises(PermissionDenied):
            corrections.cancel(dossier.pk, by=stranger)
    assert fresh(dossier).pending_correction is not None


@pytest.mark.parametrize("champ_ids", [(), ("inconnu1",), ("poste1-a1",), ("detail1",)])
def test_what_is_not_asked_of_the_usager_cannot_be_named(dossier, accompagnateur, champ_ids):
    with pytest.raises(ValidationError):
        ask(dossier, accompagnateur, *champ_ids)

    assert fresh(dossier).state == DossierState.EN_INSTRUCTION


def test_one_at_a_time_and_a_double_click_asks_once(dossier, accompagnateur):
    token = uuid.uuid4()
    first = ask(dossier, accompagnateur, "objet1", token=token)

    assert ask(dossier, accompagnateur, "objet1", token=token) == first
    with pytest.raises(ValidationError, match="déjà demandée"):
        ask(dossier, accompagnateur, "lieu1")
    assert (Correction.objects.count(), Courriel.objects.count()) == (1, 1)


# --- what it opens ------------------------------------------------------------------------------


def test_it_opens_the_named_champs_the_rows_of_a_named_bloc_and_what_appears(
    dossier, accompagnateur
):
    ask(dossier, accompagnateur, "objet1", "bloc1")

    assert editable(dossier) == {"objet1", "bloc1", "poste1-a1", "detail1", "suite1"}


def test_what_was_shown_and_depends_on_a_named_champ_stays_closed(dossier, accompagnateur):
    Dossier.objects.filter(pk=dossier.pk).update(
        reponses=dossier.reponses | {"objet1": "Travaux", "detail1": "Non"}
    )
    ask(dossier, accompagnateur, "objet1")

    assert editable(dossier) == {"objet1"}


def test_answers_of_other_champs_are_neither_saved_nor_lost(dossier, accompagnateur, client_for):
    ask(dossier, accompagnateur, "objet1")
    before = dict(dossier.reponses)

    save(dossier, objet1="Travaux", lieu1="Roubaix", detail1="Oui", suite1="Fin")

    assert worked(dossier).reponses == before | {
        "objet1": "Travaux",
        "detail1": "Oui",
        "suite1": "Fin",
    }
    with pytest.raises(PermissionDenied):
        save(dossier, champ_ids={"lieu1"}, lieu1="Roubaix")
    url = reverse("dossiers:reponse_save", args=[dossier.pk, "lieu1"])
    refused = client_for(dossier.usager).post(
        url, {"champ_lieu1": "Roubaix"}, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 409
    assert "d’autres réponses" in refused.content.decode()
    assert worked(dossier).reponses["lieu1"] == "Lille"


def test_rows_of_other_blocs_are_closed(dossier, accompagnateur):
    ask(dossier, accompagnateur, "bloc1")
    by = dossier.usager

    row_id = lignes.add_row(dossier.pk, "bloc1", by=by)
    save(dossier, **{f"poste1-{row_id}": "Lumière", "nom01-b1": "Région"})
    for act in (
        lambda: lignes.add_row(dossier.pk, "bloc2", by=by),
        lambda: lignes.remove_row(dossier.pk, "bloc2", "b1", by=by),
        lambda: lignes.move_row(dossier.pk, "bloc2", "b1", 1, by=by),
        lambda: lignes.restore_row(dossier.pk, "bloc2", "c1", 0, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()

    reponses = worked(dossier).reponses
    assert (reponses["bloc1"], reponses[f"poste1-{row_id}"]) == (["a1", row_id], "Lumière")
    assert (reponses["bloc2"], reponses["nom01-b1"]) == (["b1"], "Ville")


def test_files_of_other_champs_are_closed(dossier, accompagnateur):
    kept = PieceJointeFactory(dossier=dossier, champ_id="piece2")
    ask(dossier, accompagnateur, "piece1")
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF\n")

    attach(dossier.pk, "piece1", upload, by=dossier.usager)
    with pytest.raises(PermissionDenied):
        attach(dossier.pk, "piece2", upload, by=dossier.usager)
    with pytest.raises(PermissionDenied):
        remove(kept, by=dossier.usager)

    assert sorted(dossier.pieces_jointes.values_list("champ_id", flat=True)) == ["piece1", "piece2"]


def test_who_applies_does_not_change(dossier, accompagnateur, client_for):
    ask(dossier, accompagnateur, "objet1")

    with pytest.raises(PermissionDenied):
        identify_personne(dossier.pk, civilite="M.", prenom="X", nom="Y", by=dossier.usager)
    page = client_for(dossier.usager).get(reverse("dossiers:dossier_identify", args=[dossier.pk]))
    assert page.status_code == 302
    assert "Modifier l’identification" not in edit_page(client_for, dossier).decode()


def test_a_second_correction_adds_to_what_the_first_opened(dossier, accompagnateur):
    ask(dossier, accompagnateur, "objet1")
    corrections.resolve(dossier, dossier.usager)
    ask(dossier, accompagnateur, "lieu1")

    assert editable(dossier) >= {"objet1", "lieu1"}
    assert "bloc1" not in editable(dossier)


def test_what_was_being_changed_before_in_closed_champs_is_not_filed(dossier, accompagnateur):
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)
    filed = PieceJointeFactory(dossier=dossier, champ_id="piece1")
    save(dossier, objet1="Concert", lieu1="Roubaix")
    remove(filed, by=dossier.usager)
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF\n")
    attach(dossier.pk, "piece2", upload, by=dossier.usager)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)

    ask(dossier, accompagnateur, "objet1")
    deposit_modifications(dossier.pk, by=dossier.usager)

    dossier = fresh(dossier)
    assert (dossier.reponses["objet1"], dossier.reponses["lieu1"]) == ("Concert", "Lille")
    assert [file.pk for file in dossier.files] == [filed.pk]
    assert not Correction.objects.pending().exists()


# --- making it, being spared ---------------------------------------------------------------------


def test_made_the_service_is_told_and_the_rest_stays_closed(dossier, accompagnateur):
    ask(dossier, accompagnateur, "objet1")
    corrections.resolve(dossier, dossier.usager)
    again = corrections.resolve(dossier, dossier.usager)

    assert again is None
    assert Correction.objects.get().resolved_by == dossier.usager
    assert history(dossier)[-1][0] == "resolve_correction"
    courriel = Courriel.objects.get(kind="correction_faite")
    assert (courriel.to_email, courriel.subject) == (
        accompagnateur.email,
        f"Dossier nº {dossier.pk} : corrigé par l’usager",
    )
    assert "- Objet\n" in courriel.body_text
    # Until the instruction goes on: what was examined does not change unseen.
    assert "lieu1" not in editable(dossier)
    assert policies.can_edit_champ(
        dossier.usager, fresh(dossier), dossier.questionnaire.by_id["objet1"]
    )
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)
    assert editable(dossier) is None


@pytest.mark.parametrize(
    ("origin", "state_after"),
    [("en_instruction", "en_instruction"), ("en_construction", "en_construction")],
)
def test_cancelled_the_dossier_is_where_it_was_and_the_usager_is_told(
    dossier, accompagnateur, origin, state_after
):
    if origin == "en_construction":
        workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)
    ask(dossier, accompagnateur, "objet1")
    corrections.cancel(dossier.pk, by=accompagnateur)
    assert corrections.cancel(dossier.pk, by=accompagnateur) is None

    assert fresh(dossier).state == state_after
    assert Correction.objects.get().cancelled_by == accompagnateur
    assert dossier.messages.last().body == corrections.CANCELLED_MESSAGE
    assert history(dossier)[-1][:3] == ("cancel_correction", origin_state(origin), state_after)
    kinds = list(Courriel.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["correction_demandee", "message"]


def origin_state(origin: str) -> str:
    # Both were en construction while the correction was pending.
    return "en_construction"


def test_taking_the_instruction_up_again_ends_what_was_asked(dossier, accompagnateur):
    ask(dossier, accompagnateur, "objet1")
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)

    correction = Correction.objects.get()
    assert (correction.is_pending, correction.cancelled_by) == (False, accompagnateur)


# --- pages --------------------------------------------------------------------------------------


def edit_page(client_for, dossier) -> bytes:
    url = reverse("dossiers:dossier_edit", args=[dossier.pk])
    return client_for(dossier.usager).get(url).content


def test_the_form_shows_what_to_correct_where_and_the_rest_read_only(
    dossier, accompagnateur, client_for
):
    PieceJointeFactory(dossier=dossier, champ_id="piece2", name="plan.pdf")
    ask(dossier, accompagnateur, "objet1", "bloc1", objet1="Soyez <b>précis</b>.")

    page = Markup(edit_page(client_for, dossier).decode())

    links = [(link["href"], link.text) for link in page.all("#correction li a")]
    form_url = reverse("dossiers:dossier_edit", args=[dossier.pk])
    assert links == [(f"{form_url}#champ-objet1", "Objet"), (f"{form_url}#champ-bloc1", "Dépenses")]
    assert page.one("#champ-objet1 .tps-champ__correction").text == (
        "À corriger Soyez <b>précis</b>."
    )
    assert page.all("#champ-objet1 input[name=champ_objet1]:not([disabled])")
    assert "data-tps-url" not in page.one("#champ-lieu1").attrs
    assert len(page.all("#champ-lieu1 fieldset[disabled] input")) == 1
    assert "Lille" in page.one("#champ-lieu1").text
    assert page.one("#champ-piece2 a").text.startswith("plan.pdf")
    assert page.all("#champ-piece2 button") == []
    assert page.all("#champ-bloc2 button") == []
    assert "Ville" in page.one("#champ-bloc2").text
    assert len(page.all("#champ-bloc1 [data-tps-ligne-add]")) == 1


def test_the_usager_corrects_and_gives_back_with_the_form(dossier, accompagnateur, client_for):
    ask(dossier, accompagnateur, "objet1")
    client = client_for(dossier.usager)
    url = reverse("dossiers:dossier_edit", args=[dossier.pk])

    empty = client.post(url, {"champ_objet1": "", "suite": "corrige"})
    assert empty.url.startswith(url)
    assert Correction.objects.pending().exists()

    typed = {"champ_objet1": "Concert", "champ_lieu1": "Roubaix", "suite": "corrige"}
    response = client.post(url, typed, follow=True)

    assert "votre dossier est corrigé" in response.content.decode()
    assert (fresh(dossier).reponses["objet1"], fresh(dossier).reponses["lieu1"]) == (
        "Concert",
        "Lille",
    )
    assert not Correction.objects.pending().exists()
    assert [row[0] for row in history(dossier)] == [
        "ask_correction",
        "deposit_changes",
        "resolve_correction",
    ]


def test_nothing_to_change_the_usager_says_so(dossier, accompagnateur, client_for):
    ask(dossier, accompagnateur, "objet1")
    url = reverse("dossiers:correction_resolve", args=[dossier.pk])

    client_for(dossier.usager).post(url)
    client_for(dossier.usager).post(url)

    assert Correction.objects.get().resolved_by == dossier.usager
    assert [row[0] for row in history(dossier)] == ["ask_correction", "resolve_correction"]


def test_only_its_usager_gives_it_back(dossier, accompagnateur, client_for):
    ask(dossier, accompagnateur, "objet1")
    url = reverse("dossiers:correction_resolve", args=[dossier.pk])

    for user in (accompagnateur, UserFactory()):
        assert client_for(user).post(url).status_code == 404
    assert Correction.objects.pending().exists()


def test_my_dossiers_begin_with_what_is_to_be_corrected(dossier, accompagnateur, client_for):
    recent = DossierFactory(usager=dossier.usager, en_construction=True)
    ask(dossier, accompagnateur, "objet1")
    Dossier.objects.filter(pk=dossier.pk).update(updated_at=dossier.created_at)

    page = client_for(dossier.usager).get("/dossiers/")

    assert [row.pk for row in page.context["page"]] == [dossier.pk, recent.pk]
    badges = [part.text for part in Markup(page).all(".tps-dossier__badges")]
    assert badges[0].startswith("Correction demandée")
    assert "Correction" not in badges[1]


def test_the_thread_lists_what_is_to_be_corrected(dossier, accompagnateur, client_for):
    ask(dossier, accompagnateur, "objet1", objet1="Précisez.")

    page = Markup(
        client_for(dossier.usager).get(reverse("dossiers:message_list", args=[dossier.pk]))
    )

    part = page.one(".tps-message__correction")
    assert part.text == "Correction demandée à faire Objet Précisez."
    assert MessageSide.SERVICE in page.one(".tps-message").attrs["class"]
