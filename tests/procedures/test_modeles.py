"""The public gallery: what is shared, what stays, who copies."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procedures.champs import new_champ
from procedures.formulaires_vierges import set_for_champ
from procedures.models import ModeleCourriel, Procedure
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

LIST = reverse("procedures:modele_list")
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def administrateur(db):
    user = UserFactory()
    OrganismeFactory(administrateurs=[user])
    return user


@pytest.fixture
def modele(db):
    """A shared form of somebody else, with all that must not leave its service."""
    procedure = ProcedureFactory(
        brouillon=True,
        is_modele=True,
        organisme=OrganismeFactory(administrateurs=[UserFactory()]),
        title="Aide vélo",
        description="Pour les cyclistes",
        service_name="Bureau secret",
        service_email="secret@exemple.fr",
        service_phone="01 40 61 80 80",
        service_website="https://secret.exemple.fr",
        service_hours="Secret le matin",
        service_address="1 rue secrète",
        donnees_destinataires="Service secret",
        dpo_contact="dpo-secret@exemple.fr",
        champs=[
            new_champ("titre_de_section", id="section1", label="Vous"),
            new_champ("texte_court", id="objet1", label="Quel vélo ?"),
            new_champ("piece_jointe", id="piece1", label="Facture", required=False),
        ],
    )
    set_for_champ(procedure, "piece1", SimpleUploadedFile("facture.pdf", PDF))
    ModeleCourriel.objects.create(
        procedure=procedure, event="rejet", subject="Refus", body="Appelez Mme Secret"
    )
    AffectationFactory(procedure=procedure)
    publish(procedure, by=None)
    procedure.refresh_from_db()
    return procedure


def _detail(procedure):
    return reverse("procedures:modele_detail", args=[procedure.slug])


def _copy(procedure):
    return reverse("procedures:modele_copy", args=[procedure.slug])


def _titles(response):
    return {procedure.title for procedure in response.context["page"]}


def test_the_gallery_shows_the_open_procedures_that_are_shared(client, modele):
    ProcedureFactory(title="Non partagée")
    ProcedureFactory(title="En préparation", brouillon=True, is_modele=True)
    ProcedureFactory(title="Close", close=True, is_modele=True)

    assert _titles(client.get(LIST)) == {"Aide vélo"}
    for procedure in Procedure.objects.exclude(pk=modele.pk):
        assert client.get(_detail(procedure)).status_code == 404


def test_the_gallery_is_searched(client, modele):
    ProcedureFactory(title="Permis de pêche", is_modele=True)

    assert _titles(client.get(LIST, {"q": "velo"})) == {"Aide vélo"}
    assert "Aucun modèle ne correspond" in client.get(LIST, {"q": "bateau"}).content.decode()


def test_the_gallery_turns_its_pages(client, db):
    modeles = ProcedureFactory.create_batch(23, is_modele=True)
    first = client.get(LIST).context["page"]
    second = client.get(LIST, {"suite": first.next_cursor}).context["page"]

    assert [row.pk for row in [*first, *second]] == [row.pk for row in modeles[::-1]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_gallery_costs_the_same_whatever_its_length(
    count, client, db, django_assert_num_queries
):
    champs = [new_champ("texte_court", label=f"Question {rank}") for rank in range(count)]
    procedure = ProcedureFactory.create_batch(count, is_modele=True, champs=champs)[0]

    with django_assert_num_queries(2):
        client.get(LIST)
    with django_assert_num_queries(1):
        client.get(_detail(procedure))


def test_the_detail_shows_the_published_questions_and_no_contact(client, modele):
    draft = draft_of(modele)
    draft.set_formulaire(formulaire_of(new_champ("texte_court", label="Pas encore publiée")))
    draft.save()

    response = client.get(_detail(modele))

    page = Markup(response)
    assert [part.text for part in page.all("#questions h3")] == ["Vous"]
    questions = page.one("#questions").text
    assert "Quel vélo ?" in questions
    assert "Pièce jointe, facultatif" in questions
    assert "Pas encore publiée" not in questions
    assert "ecret" not in response.content.decode()
    assert "Copier ce modèle" not in response.content.decode()


def test_an_administrateur_copies_the_form_and_nothing_of_the_service(
    client_for, administrateur, modele
):
    draft = draft_of(modele)
    draft.set_formulaire(formulaire_of(new_champ("texte_court", label="Pas encore publiée")))
    draft.save()

    response = client_for(administrateur).post(_copy(modele))

    copy = Procedure.objects.latest("pk")
    assert response["Location"] == reverse("procedures:procedure_detail", args=[copy.pk])
    assert copy.organisme == administrateur.organismes.get()
    assert [row.user for row in copy.administrations.all()] == [administrateur]
    assert (copy.title, copy.description) == ("Aide vélo", "Pour les cyclistes")
    assert copy.cadre_juridique == modele.cadre_juridique
    assert (copy.state, copy.is_modele) == ("brouillon", False)
    labels = [champ.label for champ in draft_of(copy).formulaire.champs]
    assert labels == ["Vous", "Quel vélo ?", "Facture"]
    with copy.formulaires_vierges.get().file.open() as file:
        assert file.read() == PDF
    assert not copy.modeles_courriels.exists()
    assert not copy.affectations.exists()
    texts = [str(value) for value in Procedure.objects.filter(pk=copy.pk).values_list().get()]
    assert not [text for text in texts if "ecret" in text or "01 40 61" in text]


def test_whoever_has_several_organismes_chooses_one_of_theirs(client_for, administrateur, modele):
    second = OrganismeFactory(administrateurs=[administrateur])
    client = client_for(administrateur)

    assert client.post(_copy(modele)).status_code == 422
    assert client.post(_copy(modele), {"organisme": modele.organisme_id}).status_code == 422
    client.post(_copy(modele), {"organisme": second.pk})

    assert [p.organisme for p in Procedure.objects.exclude(pk=modele.pk)] == [second]


def test_only_what_is_shared_is_copied(client_for, administrateur):
    procedure = ProcedureFactory()

    assert client_for(administrateur).post(_copy(procedure)).status_code == 404
    assert client_for(administrateur).get(_copy(procedure)).status_code == 405


def test_whoever_administers_nothing_copies_nothing(client_for, modele):
    assert client_for(UserFactory()).post(_copy(modele)).status_code == 403
    assert list(Procedure.objects.all()) == [modele]


def test_its_administrateur_shares_the_form_and_takes_it_back(client_for, modele):
    client = client_for(modele.organisme.administrateurs.get())
    url = reverse("procedures:modele_set", args=[modele.pk])

    client.post(url, {"modele": "non"})
    assert not Procedure.objects.modeles().exists()
    client.post(url, {"modele": "oui"})
    assert Procedure.objects.modeles().get() == modele


def test_nobody_else_shares_it(client_for, administrateur):
    procedure = ProcedureFactory()
    url = reverse("procedures:modele_set", args=[procedure.pk])

    assert client_for(administrateur).post(url, {"modele": "oui"}).status_code == 404
    assert not Procedure.objects.modeles().exists()


def test_the_gallery_is_limited_like_the_other_public_pages(client, modele, settings):
    settings.PUBLIC_PAGES_RATE = "1/m"

    assert [client.get(LIST).status_code, client.get(_detail(modele)).status_code] == [200, 429]
