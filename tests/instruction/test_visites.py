"""What changed since my last visit: marked once, shown again, and never my own doing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from dossiers import depots, identification, pieces_jointes, workflow
from dossiers.annotations import save_annotations
from dossiers.models import Dossier
from dossiers.reponses import save_reponses
from instruction import visites
from instruction.changements import changes_since
from instruction.models import Visite
from instruction.nouveautes import count_news, news_of, with_news
from procedures.champs import new_champ
from tests.dossiers.factories import DossierFactory, MessageFactory, SuiviFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def procedure(db):
    return ProcedureFactory(
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("nombre_entier", id="nombre1", label="Nombre", required=False),
            new_champ("piece_jointe", id="piece1", label="Devis", required=False),
            new_champ(
                "bloc_repetable",
                id="bloc1",
                label="Dépenses",
                required=False,
            ),
        ],
        annotations=[new_champ("texte_court", id="note01", label="Note interne")],
    )


@pytest.fixture
def dossier(procedure):
    brouillon = DossierFactory(procedure=procedure, reponses={"objet1": "Livres"})
    workflow.run(workflow.SUBMIT, brouillon.pk, by=brouillon.usager)
    return Dossier.objects.get(pk=brouillon.pk)


def post(**values):
    data = QueryDict(mutable=True)
    data.update({f"champ_{key}": value for key, value in values.items()})
    return data


def deposit(dossier, **values):
    save_reponses(dossier.pk, post(**values), by=dossier.usager)
    depots.deposit_modifications(dossier.pk, by=dossier.usager)


def url(dossier, name="dossier_detail", query=""):
    return reverse(f"instruction:{name}", args=[dossier.pk]) + query


def show(client, dossier, query=""):
    return Markup(client.get(url(dossier, query=query)))


def test_first_visit_marks_nothing(client, dossier):
    deposit(dossier, objet1="Cahiers")
    page = show(client, dossier)
    assert page.all(".tps-answers__change") == []
    assert page.all("#changements-titre") == []


def test_what_changed_since_is_marked_with_what_it_was(client, dossier):
    show(client, dossier)
    upload = SimpleUploadedFile("devis.pdf", PDF)
    pieces_jointes.attach(dossier.pk, "piece1", upload, by=dossier.usager)
    deposit(dossier, objet1="Cahiers", nombre1="3")

    page = show(client, dossier)

    marked = {part["id"]: part.text for part in page.all(".tps-answers__change")}
    assert marked.keys() == {"champ-objet1", "champ-nombre1", "champ-piece1"}
    assert marked["champ-objet1"] == "Objet Modifié Cahiers Avant : Livres"
    assert marked["champ-nombre1"] == "Nombre Modifié 3 Avant : sans réponse"
    assert marked["champ-piece1"].endswith("Ajouté : devis.pdf")
    assert page.one("#changements-titre").text.startswith(
        "3 réponses ont changé depuis votre visite du "
    )
    links = [link["href"] for link in page.all('[aria-labelledby="changements-titre"] a')]
    assert links == ["#champ-objet1", "#champ-nombre1", "#champ-piece1"]


def test_removed_file_is_shown_as_it_was(client, dossier):
    upload = SimpleUploadedFile("devis.pdf", PDF)
    joined = pieces_jointes.attach(dossier.pk, "piece1", upload, by=dossier.usager)
    deposit(dossier, objet1="Livres")
    show(client, dossier)
    pieces_jointes.remove(joined, by=dossier.usager)
    depots.deposit_modifications(dossier.pk, by=dossier.usager)

    assert "Retiré : devis.pdf" in show(client, dossier).one("#champ-piece1").text


def test_who_applies_is_marked_too(client, dossier):
    show(client, dossier)
    identification.identify_personne(
        dossier.pk, civilite="M.", prenom="Jean", nom="Autre", by=dossier.usager
    )
    depots.deposit_modifications(dossier.pk, by=dossier.usager)

    page = show(client, dossier)

    assert "Avant : Madame Camille" in page.one('[aria-labelledby="demandeur"] .tps-modifie').text
    assert page.one('[aria-labelledby="changements-titre"] a')["href"] == "#demandeur"


def test_marks_last_one_view_and_come_back_when_asked(client, dossier):
    show(client, dossier)
    deposit(dossier, objet1="Cahiers")
    assert len(show(client, dossier).all(".tps-answers__change")) == 1

    page = show(client, dossier)
    assert page.all(".tps-answers__change") == []
    recall = next(link for link in page.all("a") if link.text.startswith("Voir ce qui a changé"))
    assert "changements=1" in recall["href"]

    for _ in range(2):
        again = show(client, dossier, recall["href"])
        assert [it["id"] for it in again.all(".tps-answers__change")] == ["champ-objet1"]


def test_marks_are_each_persons_own(client, client_for, colleague, dossier):
    show(client, dossier)
    show(client_for(colleague), dossier)
    deposit(dossier, objet1="Cahiers")
    show(client, dossier)
    assert len(show(client_for(colleague), dossier).all(".tps-answers__change")) == 1


def test_two_deposits_since_are_told_as_one_change(client, accompagnateur, dossier):
    show(client, dossier)
    deposit(dossier, objet1="Cahiers")
    deposit(dossier, objet1="Crayons")
    page = show(client, dossier)
    assert page.one(".tps-answers__change").text == "Objet Modifié Crayons Avant : Livres"


def test_a_change_taken_back_is_no_change(client, dossier):
    show(client, dossier)
    deposit(dossier, objet1="Cahiers")
    deposit(dossier, objet1="Livres")
    assert show(client, dossier).all("#changements-titre") == []


def test_changes_cost_two_queries(dossier, django_assert_num_queries):
    since = timezone.now()
    deposit(dossier, objet1="Cahiers", nombre1="3")
    seen = Dossier.objects.with_demande().get(pk=dossier.pk)
    with django_assert_num_queries(2):
        assert len(changes_since(seen, since).changes) == 2


# --- News -----------------------------------------------------------------------------------------


def kinds(user, dossier):
    news = news_of(user, dossier)
    names = ("news_demande", "news_messages", "news_avis", "news_annotations")
    return {name.removeprefix("news_") for name in names if getattr(news, name)}


def test_news_are_told_by_kind_to_who_follows(accompagnateur, colleague, dossier):
    SuiviFactory(dossier=dossier, user=accompagnateur)
    assert kinds(accompagnateur, dossier) == set()
    deposit(dossier, objet1="Cahiers")
    MessageFactory(dossier=dossier)
    save_annotations(dossier.pk, post(note01="Vu"), by=colleague)
    Dossier.objects.filter(pk=dossier.pk).update(avis_changed_at=timezone.now())

    assert kinds(accompagnateur, dossier) == {"demande", "messages", "avis", "annotations"}
    assert kinds(colleague, dossier) == {"messages"}  # they do not follow it


def test_opening_each_page_ends_its_news(client, accompagnateur, colleague, dossier):
    SuiviFactory(dossier=dossier, user=accompagnateur)
    deposit(dossier, objet1="Cahiers")
    save_annotations(dossier.pk, post(note01="Vu"), by=colleague)
    Dossier.objects.filter(pk=dossier.pk).update(avis_changed_at=timezone.now())
    client.get(url(dossier))
    assert kinds(accompagnateur, dossier) == {"annotations", "avis"}
    client.get(url(dossier, "annotation_list"))
    assert kinds(accompagnateur, dossier) == {"avis"}
    visites.note(accompagnateur, dossier, visites.AVIS)
    assert kinds(accompagnateur, dossier) == set()


@pytest.mark.parametrize("path", ["annotation_list", "annotation_save"])
def test_my_own_annotation_is_no_news_to_me(client, accompagnateur, dossier, path):
    SuiviFactory(dossier=dossier, user=accompagnateur)
    client.get(url(dossier, "annotation_list"))
    args = [dossier.pk] + (["note01"] if path == "annotation_save" else [])
    client.post(reverse(f"instruction:{path}", args=args), {"champ_note01": "De moi"})
    dossier.refresh_from_db()
    assert dossier.annotations == {"note01": "De moi"}
    assert kinds(accompagnateur, dossier) == set()


def test_what_a_colleague_noted_unseen_stays_news_when_i_annotate(
    client, accompagnateur, colleague, dossier
):
    SuiviFactory(dossier=dossier, user=accompagnateur)
    client.get(url(dossier, "annotation_list"))
    save_annotations(dossier.pk, post(note01="Du collègue"), by=colleague)
    client.post(url(dossier, "annotation_list"), {"champ_note01": "De moi"})
    assert kinds(accompagnateur, dossier) == {"annotations"}


def test_list_shows_the_badges(client, accompagnateur, procedure, dossier):
    SuiviFactory(dossier=dossier, user=accompagnateur)
    deposit(dossier, objet1="Cahiers")
    page = Markup(client.get(f"/instruction/procedures/{procedure.pk}/?onglet=tous"))
    assert "Demande modifiée" in page.one(".tps-dossiers__row").text


@pytest.mark.parametrize("count", [1, 3])
def test_news_of_a_list_cost_one_query(accompagnateur, procedure, count, django_assert_num_queries):
    for suivi in SuiviFactory.create_batch(
        count, dossier__procedure=procedure, dossier__en_construction=True, user=accompagnateur
    ):
        MessageFactory(dossier=suivi.dossier)
    with django_assert_num_queries(1):
        rows = list(with_news(Dossier.objects.all(), accompagnateur))
    assert [row.unread_count for row in rows] == [1] * count
    assert all(row.is_followed for row in rows)


def test_count_of_news_holds_my_followed_dossiers_alone(
    accompagnateur, colleague, procedure, dossier, django_assert_num_queries
):
    def follow(user, **changes):
        suivi = SuiviFactory(dossier__procedure=procedure, dossier__en_instruction=True, user=user)
        Dossier.objects.filter(pk=suivi.dossier_id).update(**changes)
        return suivi.dossier

    later = timezone.now() + timedelta(minutes=1)
    follow(accompagnateur, demande_changed_at=later, avis_changed_at=later)
    MessageFactory(dossier=follow(accompagnateur))
    follow(accompagnateur)
    follow(accompagnateur, demande_changed_at=later, archived_at=later)
    follow(colleague, demande_changed_at=later)
    elsewhere = SuiviFactory(user=accompagnateur, dossier__en_instruction=True).dossier
    Dossier.objects.filter(pk=elsewhere.pk).update(demande_changed_at=later)

    with django_assert_num_queries(1):
        counts = count_news([procedure.pk, elsewhere.procedure_id], by=accompagnateur)
    assert counts == {procedure.pk: 2}  # of a groupe that is not mine any more: nothing


def test_home_says_how_many(client, accompagnateur, procedure, dossier):
    SuiviFactory(dossier=dossier, user=accompagnateur)
    deposit(dossier, objet1="Cahiers")
    page = Markup(client.get("/instruction/"))
    assert "1 dossier suivi avec du nouveau" in page.one(".tps-procedure-card").text


def test_a_visit_of_one_part_leaves_the_others(accompagnateur, dossier):
    visites.note(accompagnateur, dossier, visites.AVIS)
    visites.note(accompagnateur, dossier, visites.ANNOTATIONS)
    visite = Visite.objects.get()
    assert visite.demande_at is None
    assert visite.avis_at < visite.annotations_at
