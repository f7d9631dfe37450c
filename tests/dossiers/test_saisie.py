"""Filling in: the whole form, or one answer at a time."""

import pytest
from django.http import QueryDict

from dossiers.models import Dossier, Modification
from dossiers.reponses import save_reponses
from procedures.champs import new_champ
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def champs():
    return [
        new_champ("titre_de_section", id="partie1", label="Votre projet"),
        new_champ("paragraphe", id="para01", label="Lisez ceci", text="Un **conseil**"),
        new_champ("texte_court", id="objet1", label="Objet"),
        new_champ("nombre_entier", id="nombre1", label="Nombre"),
        new_champ("titre_de_section", id="partie2", label="Vos documents"),
        new_champ("piece_jointe", id="piece1", label="Devis"),
        new_champ("texte_long", id="note01", label="Remarques", required=False),
    ]


@pytest.fixture
def procedure():
    return ProcedureFactory(
        champs=champs(), organisme=OrganismeFactory(administrateurs=[UserFactory()])
    )


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure, reponses={})


def edit_url(dossier):
    return f"/dossiers/{dossier.pk}/modifier/"


def save_url(dossier, champ_id="objet1"):
    return f"/dossiers/{dossier.pk}/champs/{champ_id}/"


def text(response) -> str:
    return response.content.decode()


def test_form_shows_sections_answers_and_what_is_missing(dossier, client_for):
    Dossier.objects.filter(pk=dossier.pk).update(reponses={"objet1": "Des livres"})

    page = text(client_for(dossier.usager).get(edit_url(dossier)))

    assert 'value="Des livres"' in page
    assert "<strong>conseil</strong>" in page
    assert 'href="#champ-partie1">Votre projet' in page
    assert "1 réponse à compléter" in page
    assert "Enregistrer comme brouillon" in page
    assert "Vérifier et soumettre" in page


def test_form_of_an_unknown_person_begins_by_the_identification(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, nom="")

    response = client_for(dossier.usager).get(edit_url(dossier))

    assert response.url == f"/dossiers/{dossier.pk}/identification/"


def test_whole_form_is_saved_as_brouillon(dossier, client_for):
    client = client_for(dossier.usager)

    response = client.post(
        edit_url(dossier), {"champ_objet1": "Des livres", "champ_nombre1": "1 250"}, follow=True
    )

    assert "Votre brouillon est enregistré." in text(response)
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Des livres", "nombre1": 1250}


def test_wrong_answer_is_kept_shown_and_explained_while_the_others_are_saved(dossier, client_for):
    client = client_for(dossier.usager)

    response = client.post(
        edit_url(dossier),
        {"champ_objet1": "Des livres", "champ_nombre1": "dix <b>", "suite": "verifier"},
        follow=True,
    )

    page = text(response)
    assert response.redirect_chain[-1][0].startswith(edit_url(dossier))
    assert 'value="dix &lt;b&gt;"' in page
    assert "data-tps-error-summary" in page
    assert f'href="/dossiers/{dossier.pk}/modifier/#champ-nombre1"' in page
    assert page.count("Saisissez un nombre entier, par exemple 1 250.") == 2
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Des livres"}


def test_verify_saves_then_leads_to_the_review(dossier, client_for):
    response = client_for(dossier.usager).post(
        edit_url(dossier), {"champ_objet1": "Des livres", "suite": "verifier"}
    )

    assert response.url == f"/dossiers/{dossier.pk}/verifier/"
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Des livres"}


def test_submitted_dossier_is_changed_on_the_same_page(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    PieceJointeFactory(dossier=dossier)
    client = client_for(dossier.usager)

    page = text(client.get(edit_url(dossier)))
    response = client.post(edit_url(dossier), {"champ_objet1": "Corrigé", "champ_nombre1": "2"})

    assert "Vérifier et déposer mes modifications" in page
    assert "Enregistrer comme brouillon" not in page
    assert "Supprimer ce brouillon" not in page
    assert response.url == edit_url(dossier)
    assert Dossier.objects.get(pk=dossier.pk).reponses["objet1"] == "Achat de livres"
    assert Modification.objects.get(dossier=dossier).reponses["objet1"] == "Corrigé"


@pytest.mark.parametrize("trait", ["en_instruction", "accepte", "sans_suite", "rejete"])
def test_frozen_dossier_leads_to_its_page_and_says_why(procedure, client_for, trait):
    dossier = DossierFactory(procedure=procedure, **{trait: True})
    client = client_for(dossier.usager)

    shown = client.get(edit_url(dossier), follow=True)
    posted = client.post(edit_url(dossier), {"champ_objet1": "Trop tard"}, follow=True)

    for response in (shown, posted):
        assert response.redirect_chain == [(f"/dossiers/{dossier.pk}/", 302)]
        assert f"{dossier.get_state_display()} : il ne peut plus être modifié" in text(response)
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Achat de livres"}


def test_autosave_answers_with_the_parts_that_change(dossier, client_for):
    client = client_for(dossier.usager)

    saved = client.post(save_url(dossier), {"champ_objet1": "Des livres"}, headers=HTMX)
    refused = client.post(save_url(dossier, "nombre1"), {"champ_nombre1": "dix"}, headers=HTMX)

    assert "Enregistré à" in text(saved)
    assert 'id="etat-objet1"' in text(saved)
    assert '<div id="id_champ_objet1_error"></div>' in text(saved)
    assert "1 réponse à compléter" in text(saved)
    assert "Saisissez un nombre entier" in text(refused)
    assert "Enregistré à" not in text(refused)
    # Never the field itself, in which the person may still be typing.
    assert "<input" not in text(saved) + text(refused)
    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.reponses, fresh.saisies_refusees) == (
        {"objet1": "Des livres"},
        {"nombre1": "dix"},
    )


def test_autosaved_page_equals_a_reload(dossier, client_for):
    client = client_for(dossier.usager)
    for champ_id, value in (("objet1", "Des livres"), ("nombre1", "12")):
        part = text(
            client.post(save_url(dossier, champ_id), {f"champ_{champ_id}": value}, headers=HTMX)
        )

    status = Markup(part).one("#sommaire-1").text

    assert status == "complet"
    assert Markup(client.get(edit_url(dossier))).one("#sommaire-1").text == status


def test_autosave_without_htmx_comes_back_to_the_field(dossier, client_for):
    response = client_for(dossier.usager).post(save_url(dossier), {"champ_objet1": "x"})

    assert response.url == f"{edit_url(dossier)}#champ-objet1"


def test_autosave_of_a_frozen_dossier_says_why(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, en_instruction=True)

    response = client_for(dossier.usager).post(
        save_url(dossier), {"champ_objet1": "x"}, headers=HTMX
    )

    assert response.status_code == 409
    assert 'id="autosave-etat"' in text(response)
    assert "en instruction : il ne peut plus être modifié" in text(response)


@pytest.mark.parametrize("champ_id", ["inconnu1", "piece1", "partie1"])
def test_autosave_of_what_is_no_question_is_a_404(dossier, client_for, champ_id):
    assert client_for(dossier.usager).post(save_url(dossier, champ_id)).status_code == 404


def test_get_gives_the_question_and_saves_nothing(dossier, client_for):
    save_reponses(dossier.pk, QueryDict("champ_objet1=Livres"), by=dossier.usager)

    response = client_for(dossier.usager).get(f"{save_url(dossier)}?champ_objet1=Autre")

    assert Markup(response).one("#champ-objet1 input[name=champ_objet1]")["value"] == "Livres"
    assert Dossier.objects.get(pk=dossier.pk).reponses["objet1"] == "Livres"


@pytest.mark.parametrize("end", ["modifier/", "champs/objet1/", "verifier/", "soumettre/", ""])
def test_dossier_of_another_is_a_404_for_everyone_else(procedure, client_for, client, end):
    dossier = DossierFactory(procedure=procedure, en_construction=True)
    address = f"/dossiers/{dossier.pk}/{end}"
    others = [
        UserFactory(),
        AffectationFactory(procedure=procedure).user,
        AffectationFactory().user,
        procedure.organisme.administrateurs.get(),
        UserFactory(exploitant=True),
    ]

    for user in others:
        visitor = client_for(user)
        assert visitor.post(address, {"champ_objet1": "Pirate"}).status_code in (404, 405)
        assert visitor.get(address).status_code in (404, 405)
    assert "/compte/" in client.get(address).url
    assert "/compte/" in client.post(address).url
    assert Dossier.objects.get(pk=dossier.pk).reponses == {"objet1": "Achat de livres"}


def many_champs(count):
    types = ("texte_court", "nombre_entier", "oui_non", "piece_jointe", "date")
    return [
        new_champ(types[rank % len(types)], id=f"champ{rank:04d}", label=f"Question {rank}")
        for rank in range(count)
    ]


@pytest.mark.parametrize("count", [5, 60])
def test_form_queries_do_not_grow_with_the_champs(client_for, django_assert_num_queries, count):
    dossier = DossierFactory(
        procedure=ProcedureFactory(champs=many_champs(count)),
        reponses={f"champ{rank:04d}": "Réponse" for rank in range(0, count, 5)},
    )
    PieceJointeFactory.create_batch(count // 5, dossier=dossier, champ_id="champ0003")
    client = client_for(dossier.usager)

    with django_assert_num_queries(7):  # session, user, roles, dossier, files, unread, thread
        client.get(edit_url(dossier))
    with django_assert_num_queries(5):
        client.get(f"/dossiers/{dossier.pk}/verifier/")


@pytest.mark.parametrize("count", [5, 60])
def test_autosave_queries_do_not_grow_with_the_champs(client_for, django_assert_num_queries, count):
    dossier = DossierFactory(procedure=ProcedureFactory(champs=many_champs(count)), reponses={})
    client = client_for(dossier.usager)

    # session, user, dossier, files; savepoint, lock, dossier, save, release; dossier, files
    with django_assert_num_queries(11):
        client.post(save_url(dossier, "champ0000"), {"champ_champ0000": "Réponse"}, headers=HTMX)


def test_form_of_300_champs_is_answered(client_for):
    dossier = DossierFactory(procedure=ProcedureFactory(champs=many_champs(300)), reponses={})
    values = {f"champ_champ{rank:04d}": "x" for rank in range(0, 300, 5)}

    response = client_for(dossier.usager).post(edit_url(dossier), values)

    assert response.status_code == 302
    assert len(Dossier.objects.get(pk=dossier.pk).reponses) == 60
