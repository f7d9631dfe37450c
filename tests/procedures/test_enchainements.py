"""One procédure after another: which may follow, which answers are taken."""

import threading
from itertools import pairwise

import pytest
from django.db import connection
from django.urls import reverse

from procedures.champs import new_champ
from procedures.enchainements import (
    EnchainementRefused,
    enchainement_of,
    problems_of,
    set_enchainement,
    set_mapping,
    usable_mapping,
)
from procedures.models import Enchainement
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

pytestmark = pytest.mark.django_db

TEL = new_champ("telephone", id="tel1", label="Téléphone")
DATE = new_champ("date", id="date1", label="Naissance")
TEXTE = new_champ("texte_court", id="texte1", label="Commentaire")
VALUES = {"moment": "a_l_acceptation", "text": ""}


@pytest.fixture
def administrateur():
    return UserFactory()


@pytest.fixture
def organisme(administrateur):
    organisme = OrganismeFactory()
    organisme.administrateurs.add(administrateur)
    return organisme


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


def page_of(name, procedure):
    return reverse(f"procedures:{name}", args=[procedure.pk])


def publish_form(procedure, *champs):
    AffectationFactory(procedure=procedure)
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(*champs))
    draft.save()
    publish(procedure, by=UserFactory())


def test_a_procedure_never_follows_itself():
    procedure = ProcedureFactory()

    with pytest.raises(EnchainementRefused, match="se suivre elle-même"):
        set_enchainement(procedure, procedure, **VALUES)


@pytest.mark.parametrize("length", [2, 3])
def test_a_cycle_is_refused(length):
    procedures = ProcedureFactory.create_batch(length)
    for source, target in pairwise(procedures):
        set_enchainement(source, target, **VALUES)

    with pytest.raises(EnchainementRefused, match="tournerait en rond"):
        set_enchainement(procedures[-1], procedures[0], **VALUES)

    assert Enchainement.objects.count() == length - 1


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_close_no_cycle():
    one, two = ProcedureFactory.create_batch(2)
    start, refused = threading.Barrier(2), []

    def chain(source, target):
        start.wait()
        try:
            set_enchainement(source, target, **VALUES)
        except EnchainementRefused as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=chain, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Enchainement.objects.count(), len(refused)) == (1, 1)


def test_the_same_labels_are_proposed_when_compatible():
    source = ProcedureFactory(champs=[TEL, new_champ("date", id="com1", label="Commentaire")])
    other = new_champ("date", id="tel9", label="Téléphone")
    target = ProcedureFactory(champs=[other, TEXTE])

    assert set_enchainement(source, target, **VALUES).mapping == {"texte1": "com1"}


def test_a_mapping_that_no_longer_holds_is_told_and_not_used(client, organisme):
    source = ProcedureFactory(organisme=organisme, champs=[TEL, DATE])
    target = ProcedureFactory(champs=[TEL, DATE])
    set_enchainement(source, target, **VALUES)
    publish_form(source, TEL)

    enchainement = enchainement_of(source)

    assert usable_mapping(enchainement) == {"tel1": "tel1"}
    assert [problem[:14] for problem in problems_of(enchainement)] == ["« Naissance » "]
    page = client.get(page_of("enchainement_edit", source)).content.decode()
    assert "La réponse n’est plus reprise." in page
    cockpit = client.get(page_of("procedure_detail", source)).context["cockpit"]
    assert ("Enchaînement", "a_revoir") in [(s.title, s.state.value) for s in cockpit.steps]


def test_choosing_then_mapping_then_removing(client, organisme):
    source = ProcedureFactory(organisme=organisme, champs=[TEL, DATE])
    target = ProcedureFactory(organisme=organisme, champs=[TEL, TEXTE], title="<b>Suite</b>")

    response = client.post(
        page_of("enchainement_edit", source),
        {"target": target.pk, "moment": "apres_depot", "text": "<b>Ensuite</b>"},
    )
    assert response.url == page_of("enchainement_mapping", source)
    page = Markup(client.get(response.url))
    assert [option.text for option in page.all("select[name=champ_tel1] option")] == [
        "Ne rien reprendre",
        "Téléphone",
    ]
    assert not page.all("main b")
    client.post(response.url, {"champ_tel1": "", "champ_texte1": "date1"})
    assert Enchainement.objects.get().mapping == {"texte1": "date1"}

    client.post(page_of("enchainement_remove", source))
    assert not Enchainement.objects.exists()


def test_an_incompatible_champ_is_refused(client, organisme):
    source = ProcedureFactory(organisme=organisme, champs=[TEL, DATE])
    set_enchainement(source, ProcedureFactory(champs=[TEL]), **VALUES)
    set_mapping(enchainement_of(source), {})

    response = client.post(page_of("enchainement_mapping", source), {"champ_tel1": "date1"})

    assert response.status_code == 200
    assert Enchainement.objects.get().mapping == {}


def test_another_organisme_is_reached_by_the_exact_address_alone(client, organisme):
    source = ProcedureFactory(organisme=organisme)
    other, hidden = ProcedureFactory(), ProcedureFactory(brouillon=True)
    url = page_of("enchainement_edit", source)
    assert other.title not in client.get(url).content.decode()

    for wrong in ({"target": other.pk}, {"slug": hidden.slug}, {"slug": "nulle-part"}, {}):
        assert client.post(url, {"moment": "apres_depot"} | wrong).status_code == 200
    assert not Enchainement.objects.exists()

    client.post(url, {"moment": "apres_depot", "slug": other.slug})
    assert Enchainement.objects.get().target == other


@pytest.mark.parametrize("event", ["accuse_reception", "validation"])
def test_the_preview_of_the_email_ends_as_the_email_will(client, organisme, event):
    source = ProcedureFactory(organisme=organisme)
    set_enchainement(source, ProcedureFactory(title="Suite {{ nom_usager }}"), **VALUES)

    response = client.get(reverse("procedures:courriel_edit", args=[source.pk, event]))

    text = response.context["preview"].body_text
    assert ("« Suite {{ nom_usager }} »" in text) == (event == "validation")
