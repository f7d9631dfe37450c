"""What publication asks for, what it freezes, and that it happens once."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from procedures.champs import new_champ
from procedures.dates import close, reopen
from procedures.enums import CourrielEvent, ProcedureState
from procedures.models import ModeleCourriel, Procedure, Revision
from procedures.publication import missing_before_publication, publish
from procedures.revisions import discard_draft, draft_of, unpublished_changes
from procedures.signals import revision_published
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def organisme(administrateur):
    return OrganismeFactory(administrateurs=[administrateur])


@pytest.fixture
def ready(organisme):
    """Return a procédure that lacks nothing and is not published."""
    procedure = ProcedureFactory(organisme=organisme, brouillon=True)
    AffectationFactory(procedure=procedure)
    return procedure


@pytest.fixture
def published(organisme):
    """Return a published procédure with an accompagnateur."""
    procedure = ProcedureFactory(organisme=organisme)
    AffectationFactory(procedure=procedure)
    return procedure


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


def _change(procedure, *champs):
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(*champs))
    draft.save()
    return draft


def _url(name, procedure):
    return reverse(f"procedures:{name}", args=[procedure.pk])


# --- what is missing --------------------------------------------------------------------------


def test_nothing_is_missing_when_all_is_ready(ready):
    assert missing_before_publication(ready) == []


def test_everything_missing_is_told_with_its_link(organisme):
    procedure = ProcedureFactory(
        organisme=organisme,
        brouillon=True,
        description=" ",
        service_email="",
        cadre_juridique="",
        champs=[new_champ("titre_de_section", label="Projet")],
    )

    missing = missing_before_publication(procedure)

    assert [item.message for item in missing] == [
        "Rédigez la description de la procédure.",
        "Indiquez le service à contacter et son email.",
        "Indiquez le cadre juridique de la procédure.",
        "Ajoutez au moins une question au formulaire.",
        "Affectez au moins un accompagnateur.",
    ]
    assert [item.url.split("/")[-2] for item in missing] == [
        "description",
        "description",
        "description",
        "formulaire",
        "accompagnateurs",
    ]


def test_a_choice_without_options_is_told(ready):
    _change(ready, new_champ("choix_unique", id="choix1", label="Taille"))

    assert [item.message for item in missing_before_publication(ready)] == [
        "Champ « Taille » : Donnez au moins deux options."
    ]


def test_an_email_that_quotes_a_champ_that_left_is_told(ready):
    ModeleCourriel.objects.create(
        procedure=ready,
        event=CourrielEvent.REJET,
        subject="Votre demande",
        body="Sur {{ champ_objet1 }} et {{ champ_abcdef }}",
    )

    missing = missing_before_publication(ready)

    assert [item.message for item in missing] == [
        "Email « Accusé de rejet » : La balise « {{ champ_abcdef }} » désigne un champ que le "
        "formulaire n’a pas."
    ]
    assert missing[0].url.endswith("/emails/rejet/")


# --- the act ----------------------------------------------------------------------------------


def test_publishing_freezes_the_draft_and_opens_the_procedure(ready, administrateur):
    revision = publish(ready, by=administrateur)

    ready.refresh_from_db()
    assert (ready.state, ready.published_revision) == (ProcedureState.PUBLIEE, revision)
    assert ready.published_at == revision.published_at
    assert revision.published_by == administrateur
    assert not Revision.objects.drafts().exists()


def test_publishing_tells_the_apps_above_once(ready, administrateur):
    told = []

    def listen(sender, revision, **kwargs):
        told.append(revision.pk)

    revision_published.connect(listen)
    publish(ready, by=administrateur)
    publish(ready, by=administrateur)
    revision_published.disconnect(listen)

    assert told == [Revision.objects.get().pk]


def test_publishing_is_refused_while_something_is_missing(ready, administrateur):
    ready.affectations.all().delete()

    with pytest.raises(ValidationError, match="accompagnateur"):
        publish(ready, by=administrateur)

    ready.refresh_from_db()
    assert ready.state == ProcedureState.BROUILLON


def test_a_draft_without_change_makes_no_revision(published, administrateur):
    draft_of(published)

    revision = publish(published, by=administrateur)

    assert revision == published.published_revision
    assert Revision.objects.count() == 1


def test_publishing_changes_leaves_a_closed_procedure_closed(organisme, administrateur):
    procedure = ProcedureFactory(organisme=organisme, close=True)
    AffectationFactory(procedure=procedure)
    _change(procedure, new_champ("date", id="date11", label="Début"))

    revision = publish(procedure, by=administrateur)

    procedure.refresh_from_db()
    assert (procedure.state, procedure.published_revision) == (ProcedureState.CLOSE, revision)
    assert procedure.closed_at is not None


def test_a_published_revision_never_changes(published):
    revision = published.published_revision
    revision.document = {}

    with pytest.raises(ValidationError):
        revision.save()


@pytest.mark.django_db(transaction=True)
def test_publishing_twice_at_once_publishes_once():
    administrateur = UserFactory()
    procedure = ProcedureFactory(brouillon=True)
    AffectationFactory(procedure=procedure)
    barrier, outcomes = Barrier(2), []

    def run():
        try:
            barrier.wait()
            outcomes.append(publish(Procedure.objects.get(pk=procedure.pk), by=administrateur).pk)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    revision = Revision.objects.get()
    assert outcomes == [revision.pk, revision.pk]
    assert revision.is_published


# --- the page ---------------------------------------------------------------------------------


def test_the_page_lists_what_is_missing_and_offers_no_button(client, ready):
    ready.affectations.all().delete()

    page = Markup(client.get(_url("procedure_publish", ready)))

    assert [link.text for link in page.all("#manques a")] == [
        "Affectez au moins un accompagnateur."
    ]
    assert page.all("main button[type=submit]") == []


def test_the_page_of_a_first_publication_sums_up_and_publishes(client, ready):
    page = Markup(client.get(_url("procedure_publish", ready)))
    assert page.one("main button[type=submit]").text == "Publier la procédure"
    assert ready.service_email in page.one("main dl").text

    response = client.post(_url("procedure_publish", ready), follow=True)

    assert response.redirect_chain == [(_url("procedure_detail", ready), 302)]
    assert "La procédure est publiée." in response.content.decode()
    ready.refresh_from_db()
    assert ready.is_open


def test_a_post_while_something_is_missing_publishes_nothing(client, ready):
    ready.affectations.all().delete()

    response = client.post(_url("procedure_publish", ready), follow=True)

    assert "il reste des points à régler" in Markup(response).one("#tps-messages").text
    ready.refresh_from_db()
    assert not ready.was_published


def test_the_page_of_later_publications_shows_the_changes(client, published):
    _change(
        published,
        new_champ("texte_court", id="objet1", label="Objet <b>précis</b>"),
        new_champ("date", id="date11", label="Début"),
    )

    page = Markup(client.get(_url("procedure_publish", published)))

    rows = [row.text for row in page.all("#modifications > li")]
    assert len(rows) == 2
    assert rows[0].startswith("modifié Objet <b>précis</b> (Texte court)")
    assert "Avant : Objet Après : Objet <b>précis</b>" in rows[0]
    assert rows[1].startswith("ajouté Début (Date) après « Objet <b>précis</b> »")


def test_the_page_without_change_says_so(client, published):
    page = Markup(client.get(_url("procedure_publish", published)))

    assert "il n’y a rien à publier" in page.one("main").text
    assert page.all("main form") == []


def test_changes_are_published_from_the_page(client, published):
    draft = _change(published, new_champ("date", id="date11", label="Début"))

    response = client.post(_url("procedure_publish", published), follow=True)

    assert "Les modifications sont publiées." in response.content.decode()
    published.refresh_from_db()
    assert published.published_revision == draft


# --- throw away, close, open again ------------------------------------------------------------


def test_unpublished_changes_are_thrown_away_after_asking(client, published):
    _change(published, new_champ("date", id="date11", label="Début"))

    page = Markup(client.get(_url("draft_discard", published)))
    assert page.one("main form button[type=submit]").text == "Jeter les modifications"
    assert Revision.objects.drafts().exists()

    client.post(_url("draft_discard", published))
    assert not Revision.objects.drafts().exists()
    assert unpublished_changes(published) == []


def test_the_form_of_a_procedure_never_published_is_not_thrown_away(ready):
    discard_draft(ready)

    assert ready.revisions.count() == 1


def test_close_then_reopen(client, published):
    client.get(_url("procedure_close", published))
    published.refresh_from_db()
    assert published.is_open

    client.post(_url("procedure_close", published))
    published.refresh_from_db()
    assert (published.state, published.closed_at is not None) == (ProcedureState.CLOSE, True)

    client.post(_url("procedure_reopen", published))
    published.refresh_from_db()
    assert (published.state, published.closed_at) == (ProcedureState.PUBLIEE, None)


def test_only_an_open_procedure_closes_and_only_a_closed_one_opens_again(ready, published):
    assert (close(ready), reopen(ready, by=None), reopen(published, by=None)) == (
        False,
        False,
        False,
    )
    ready.refresh_from_db()
    assert ready.state == ProcedureState.BROUILLON
    assert (close(published), close(published)) == (True, False)
