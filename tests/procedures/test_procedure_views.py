"""The list, the description and the cockpit of an administrateur."""

import re

import pytest
from django.urls import reverse

from procedures.champs import new_champ
from procedures.enums import Demandeurs
from procedures.forms.procedure import ProcedureForm
from procedures.models import Procedure
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

LIST = reverse("procedures:procedure_list")
CREATE = reverse("procedures:procedure_create")
PAGES = [
    "procedure_detail",
    "procedure_edit",
    "accompagnateur_list",
    "courriel_list",
    "procedure_publish",
    "procedure_close",
    "procedure_reopen",
    "draft_discard",
]


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def organisme(administrateur):
    return OrganismeFactory(administrateurs=[administrateur])


@pytest.fixture
def client(client_for, administrateur, organisme):
    return client_for(administrateur)


def _fields(**changes):
    return {
        "title": "Aide à l’achat d’un vélo",
        "slug": "aide-velo",
        "description": "Pour **tous**.",
        "demandeurs": Demandeurs.PARTICULIER,
        "retention_months": "24",
        "service_name": "Bureau des vélos",
        "service_email": "velos@exemple.fr",
        "service_phone": "",
        "cadre_juridique": "Article L. 1 du code des transports",
    } | changes


def _text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- who enters -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_only_administrateurs_of_its_organisme_reach_a_procedure(
    page, client, organisme, client_for
):
    procedure = ProcedureFactory(organisme=organisme)
    other = UserFactory()
    OrganismeFactory(administrateurs=[other])
    accompagnateur = AffectationFactory(procedure=procedure).user
    url = reverse(f"procedures:{page}", args=[procedure.pk])

    assert client.get(url).status_code == 200
    for stranger in (other, accompagnateur, UserFactory(), UserFactory(exploitant=True)):
        assert client_for(stranger).get(url).status_code == 404
        assert client_for(stranger).post(url).status_code == 404


@pytest.mark.parametrize("url", [LIST, CREATE])
def test_whoever_administers_no_organisme_is_refused(url, client_for):
    accompagnateur = AffectationFactory().user

    assert client_for(accompagnateur).get(url).status_code == 403
    assert client_for(UserFactory()).get(url).status_code == 403


@pytest.mark.parametrize("url", [LIST, CREATE])
def test_a_visitor_is_led_to_sign_in(url, client, db):
    client.logout()

    assert client.get(url).status_code == 302


# --- the list ---------------------------------------------------------------------------------


def test_the_list_shows_the_procedures_of_my_organismes_only(client, organisme):
    mine = ProcedureFactory(organisme=organisme, title="À moi")
    ProcedureFactory(title="À un autre")

    response = client.get(LIST)

    assert list(response.context["page"]) == [mine]
    assert "À un autre" not in _text(response)
    assert "<strong>1 procédure</strong>" in _text(response)


def test_an_empty_list_invites_to_create(client):
    response = client.get(LIST)

    assert "Mettez votre première procédure en ligne" in _text(response)
    assert _text(response).count(f'href="{CREATE}"') == 1


def test_the_list_is_searched_and_filtered(client, organisme):
    velo = ProcedureFactory(organisme=organisme, title="Aide vélo", brouillon=True)
    ProcedureFactory(organisme=organisme, title="Aide train")
    closed = ProcedureFactory(organisme=organisme, title="Vélo cargo", close=True)

    assert set(client.get(LIST, {"q": "VELO"}).context["page"]) == {velo, closed}
    assert list(client.get(LIST, {"q": "velo", "etat": "close"}).context["page"]) == [closed]
    assert client.get(LIST, {"etat": "n’importe quoi"}).context["count"] == 3
    assert "Aucune procédure ne correspond" in _text(client.get(LIST, {"q": "avion"}))


def test_the_list_turns_its_pages(client, organisme):
    procedures = ProcedureFactory.create_batch(23, organisme=organisme, brouillon=True)

    first = client.get(LIST).context["page"]
    second = client.get(LIST, {"suite": first.next_cursor}).context["page"]

    assert len(first) == 20
    assert {p.pk for p in [*first, *second]} == {p.pk for p in procedures}


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_a_fixed_number_of_queries(
    count, client, organisme, django_assert_num_queries
):
    ProcedureFactory.create_batch(count, organisme=organisme)
    client.get(LIST)

    with django_assert_num_queries(8):
        client.get(LIST)


def test_the_list_tells_which_forms_have_unpublished_changes(client, organisme):
    changed = ProcedureFactory(organisme=organisme)
    draft = draft_of(changed)
    draft.document["champs"] = []
    draft.save()
    same = ProcedureFactory(organisme=organisme)
    draft_of(same)
    ProcedureFactory(organisme=organisme, brouillon=True)

    page = client.get(LIST).context["page"]

    assert {p.pk for p in page if p.has_unpublished_changes} == {changed.pk}


# --- creation ---------------------------------------------------------------------------------


def test_creating_a_procedure_opens_its_cockpit(client, administrateur, organisme):
    response = client.post(CREATE, _fields())

    procedure = Procedure.objects.get()
    assert response.headers["Location"] == reverse(
        "procedures:procedure_detail", args=[procedure.pk]
    )
    assert (procedure.title, procedure.slug) == ("Aide à l’achat d’un vélo", "aide-velo")
    assert (procedure.organisme, procedure.created_by) == (organisme, administrateur)
    assert (procedure.retention_months, procedure.state) == (24, "brouillon")
    assert [revision.is_published for revision in procedure.revisions.all()] == [False]


def test_an_empty_address_is_taken_from_the_title_and_is_free(client):
    ProcedureFactory(slug="aide-a-l-achat-d-un-velo")

    client.post(CREATE, _fields(slug=""))

    assert Procedure.objects.latest("pk").slug == "aide-a-l-achat-d-un-velo-2"


@pytest.mark.parametrize(
    "slug",
    ["../admin", "Aide", "a", "é-lan", "-ab", "ab-", "a b c", "abc\ndef", "<script>", "x" * 101],
)
def test_a_hostile_address_is_refused_and_what_was_typed_is_kept(slug, client):
    response = client.post(CREATE, _fields(slug=slug))

    assert response.status_code == 200
    assert "slug" in response.context["form"].errors
    assert "Pour **tous**." in _text(response)
    assert "<script>" not in _text(response).split("<main", 1)[1].split("</main>")[0]
    assert not Procedure.objects.exists()


def test_an_address_already_taken_is_refused(client):
    ProcedureFactory(slug="aide-velo")

    response = client.post(CREATE, _fields())

    assert response.context["form"].errors["slug"] == [
        "Cette adresse est déjà prise par une autre procédure."
    ]


def test_an_address_taken_meanwhile_is_refused(client, monkeypatch):
    ProcedureFactory(slug="aide-velo")
    monkeypatch.setattr(
        "procedures.forms.procedure.ProcedureForm.validate_unique", lambda form: None
    )

    response = client.post(CREATE, _fields())

    assert response.status_code == 200
    assert "déjà prise" in str(response.context["form"].errors["slug"])


@pytest.mark.parametrize("months", ["0", "61", "douze", ""])
def test_a_wrong_retention_is_explained(months, client):
    response = client.post(CREATE, _fields(retention_months=months))

    assert "60" in str(response.context["form"].errors["retention_months"])


def test_only_my_organismes_may_be_chosen(client, administrateur):
    second = OrganismeFactory(administrateurs=[administrateur])
    foreign = OrganismeFactory()

    refused = client.post(CREATE, _fields(organisme=foreign.pk))
    assert "organisme" in refused.context["form"].errors

    client.post(CREATE, _fields(organisme=second.pk))
    assert Procedure.objects.get().organisme == second


def test_the_layout_names_every_field(administrateur, organisme):
    OrganismeFactory(administrateurs=[administrateur])
    form = ProcedureForm(user=administrateur)

    assert {p.name for p in form.helper.layout.get_field_names()} == set(form.fields)


# --- description ------------------------------------------------------------------------------


def test_the_description_of_a_published_procedure_changes(client, organisme):
    procedure = ProcedureFactory(organisme=organisme)

    client.post(reverse("procedures:procedure_edit", args=[procedure.pk]), _fields(slug="autre"))

    slug = procedure.slug
    procedure.refresh_from_db()
    assert (procedure.title, procedure.description) == (
        "Aide à l’achat d’un vélo",
        "Pour **tous**.",
    )
    assert procedure.slug == slug
    assert procedure.state == "publiee"


def test_what_usagers_rely_on_is_frozen_by_the_publication(client, organisme, administrateur):
    OrganismeFactory(administrateurs=[administrateur])
    procedure = ProcedureFactory(organisme=organisme)
    url = reverse("procedures:procedure_edit", args=[procedure.pk])

    client.post(url, _fields(slug="autre", demandeurs=Demandeurs.TOUS))

    procedure.refresh_from_db()
    assert procedure.slug != "autre"
    assert procedure.demandeurs == Demandeurs.PARTICULIER
    assert procedure.organisme == organisme
    assert "Elle ne change plus" in _text(client.get(url))


@pytest.mark.parametrize(
    "name", ["description", "service_name", "service_email", "cadre_juridique"]
)
def test_what_the_publication_asked_for_cannot_be_emptied(name, client, organisme):
    procedure = ProcedureFactory(organisme=organisme)
    url = reverse("procedures:procedure_edit", args=[procedure.pk])

    response = client.post(url, _fields(**{name: " "}))

    assert list(response.context["form"].errors) == [name]
    assert getattr(Procedure.objects.get(), name) == getattr(procedure, name)


def test_a_procedure_not_yet_published_changes_wholly(client, organisme):
    procedure = ProcedureFactory(organisme=organisme, brouillon=True)

    client.post(
        reverse("procedures:procedure_edit", args=[procedure.pk]),
        _fields(slug="autre", demandeurs=Demandeurs.TOUS),
    )

    procedure.refresh_from_db()
    assert (procedure.slug, procedure.demandeurs) == ("autre", Demandeurs.TOUS)
    assert procedure.search_text.startswith("aide a l'achat d'un velo")


def test_an_invalid_title_keeps_the_saved_one_in_the_page(client, organisme):
    procedure = ProcedureFactory(organisme=organisme, title="Titre gardé")
    url = reverse("procedures:procedure_edit", args=[procedure.pk])

    response = client.post(url, _fields(title=""))

    assert response.context["form"].errors["title"] == ["Donnez un titre à la procédure."]
    assert "<title>Titre gardé · Description" in _text(response)


def test_the_preview_of_the_description_is_harmless(client):
    hostile = "**Gras** <script>alert(1)</script> [x](javascript:alert(1)) ![i](https://a.fr/x.png)"

    response = client.post(reverse("procedures:markdown_preview"), {"description": hostile})

    text = _text(response)
    assert "<strong>Gras</strong>" in text
    assert "<script" not in text
    assert 'href="javascript' not in text
    assert "<img" not in text


def test_the_preview_is_a_post(client):
    assert client.get(reverse("procedures:markdown_preview")).status_code == 405


# --- cockpit ----------------------------------------------------------------------------------


def test_the_cockpit_of_a_new_procedure_tells_what_to_do(client):
    client.post(CREATE, _fields(description=""))
    procedure = Procedure.objects.get()

    response = client.get(reverse("procedures:procedure_detail", args=[procedure.pk]))

    steps = [(s.title, s.state.value) for s in response.context["cockpit"].steps]
    assert steps == [
        ("Description", "a_faire"),
        ("Formulaire", "a_faire"),
        ("Pièces jointes", "facultatif"),
        ("Annotations privées", "facultatif"),
        ("Accompagnateurs et groupes", "a_faire"),
        ("Administrateurs", "facultatif"),
        ("Emails", "facultatif"),
        ("Attestation", "facultatif"),
        ("Dates", "facultatif"),
        ("Logo", "facultatif"),
        ("Textes", "facultatif"),
        ("Messagerie", "facultatif"),
        ("Essayer", "facultatif"),
        ("Liens pré-remplis", "facultatif"),
        ("Enchaînement", "facultatif"),
        ("Statistiques", "facultatif"),
        ("Délai légal", "facultatif"),
        ("Labels", "facultatif"),
        ("Publication", "a_faire"),
    ]
    assert response.context["cockpit"].progress == "0 étape sur 4 prête"
    assert "Rédigez la description de la procédure." in _text(response)
    assert "Adresse publique :" not in _text(response)


def test_the_cockpit_of_a_published_procedure_gives_its_link(client, organisme):
    procedure = ProcedureFactory(organisme=organisme)
    AffectationFactory(procedure=procedure)

    text = _text(client.get(reverse("procedures:procedure_detail", args=[procedure.pk])))

    assert "4 étapes sur 4 prêtes" in text
    assert f"/commencer/{procedure.slug}/" in text
    assert "Clore la procédure" in text


def test_the_cockpit_counts_unpublished_changes(client, organisme):
    procedure = ProcedureFactory(organisme=organisme)
    draft = draft_of(procedure)
    draft.document["champs"][0]["label"] = "Objet de la demande"
    draft.save()

    text = _text(client.get(reverse("procedures:procedure_detail", args=[procedure.pk])))

    assert "Vous avez 1 modification non publiée" in text


def test_the_cockpit_is_silent_on_a_draft_without_change(client, organisme):
    procedure = ProcedureFactory(organisme=organisme)
    draft_of(procedure)

    text = _text(client.get(reverse("procedures:procedure_detail", args=[procedure.pk])))

    assert "non publiée" not in text


def test_the_cockpit_escapes_the_title(client, organisme):
    procedure = ProcedureFactory(organisme=organisme, title="<b>Aide</b>")

    text = _text(client.get(reverse("procedures:procedure_detail", args=[procedure.pk])))

    assert "<b>Aide</b>" not in text
    assert "&lt;b&gt;Aide&lt;/b&gt;" in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_cockpit_asks_a_fixed_number_of_queries(
    count, client, organisme, django_assert_num_queries
):
    champs = [new_champ("texte_court") for _ in range(count)]
    procedure = ProcedureFactory(organisme=organisme, champs=champs)
    draft = draft_of(procedure)
    draft.document["champs"].pop()
    draft.save()
    AffectationFactory.create_batch(count, procedure=procedure)
    url = reverse("procedures:procedure_detail", args=[procedure.pk])
    client.get(url)

    with django_assert_num_queries(18):
        client.get(url)
