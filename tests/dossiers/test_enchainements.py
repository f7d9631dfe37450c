"""The dossier that follows another: when it is offered, what it takes, who sees it."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from courriels.models import Courriel
from dossiers import workflow
from dossiers.enchainements import begin_next
from dossiers.models import Dossier
from entreprise_api.enums import LookupState
from entreprise_api.models import Etablissement
from procedures.champs import new_champ
from procedures.enchainements import set_enchainement, set_mapping
from procedures.enums import Demandeurs
from procedures.models import Enchainement
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

OBJET = new_champ("texte_court", id="objet1", label="Objet")
EMAIL = new_champ("adresse_email", id="email1", label="Adresse email")
COURT = new_champ("texte_court", id="objet2", label="Objet", length_max=5)
TITLE = "Suite <b>{{ nom_usager }}</b>"


@pytest.fixture
def target():
    return ProcedureFactory(champs=[OBJET, EMAIL], title=TITLE, demandeurs=Demandeurs.TOUS)


@pytest.fixture
def source(target):
    return chain(target)


def chain(target, moment="a_l_acceptation", text="<i>Pour finir</i>"):
    source = ProcedureFactory(champs=[OBJET], demandeurs=Demandeurs.TOUS)
    AffectationFactory(procedure=source)
    set_enchainement(source, target, moment=moment, text=text)
    return source


def go_on(client_for, dossier, user=None):
    url = reverse("dossiers:suite_begin", args=[dossier.pk])
    return client_for(user or dossier.usager).post(url)


def block_of(client_for, dossier):
    page = Markup(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/"))
    found = page.all("#etape-suivante")
    return found[0] if found else None


@pytest.mark.parametrize(
    ("moment", "stage", "is_offered"),
    [
        ("apres_depot", "en_construction", True),
        ("apres_depot", "en_instruction", True),
        ("apres_depot", "accepte", True),
        ("apres_depot", "rejete", False),
        ("a_l_acceptation", "en_construction", False),
        ("a_l_acceptation", "en_instruction", False),
        ("a_l_acceptation", "accepte", True),
        ("a_l_acceptation", "sans_suite", False),
    ],
)
def test_the_step_is_offered_at_its_moment(client_for, target, moment, stage, is_offered):
    dossier = DossierFactory(procedure=chain(target, moment), **{stage: True})

    block = block_of(client_for, dossier)
    go_on(client_for, dossier)

    assert (block is not None) == is_offered
    assert Dossier.objects.filter(precedent=dossier).exists() == is_offered


def test_a_closed_step_is_not_offered(client_for):
    dossier = DossierFactory(procedure=chain(ProcedureFactory(close=True)), accepte=True)

    assert block_of(client_for, dossier) is None
    assert go_on(client_for, dossier).url == f"/dossiers/{dossier.pk}/"
    assert Dossier.objects.count() == 1


def test_the_answers_and_the_person_are_taken_and_the_texts_escaped(client_for, source):
    dossier = DossierFactory(procedure=source, accepte=True)
    block = block_of(client_for, dossier)
    assert f"Étape suivante : {TITLE}" in " ".join(block.text.split())
    assert "<i>Pour finir</i>" in block.text

    response = go_on(client_for, dossier)

    following = Dossier.objects.get(precedent=dossier)
    assert response.url == f"/dossiers/{following.pk}/"
    assert following.reponses == {"objet1": "Achat de livres"}
    assert (following.prenom, following.nom) == (dossier.prenom, dossier.nom)
    assert following.is_brouillon
    edit = client_for(dossier.usager).get(f"/dossiers/{following.pk}/modifier/").content.decode()
    assert f"dossier nº {dossier.pk}</a>" in edit
    assert "1 réponse remplie d’avance, à vérifier" in edit
    assert f"dossier nº {following.pk}" in block_of(client_for, dossier).text


def test_an_answer_that_does_not_fit_is_named(client_for):
    dossier = DossierFactory(procedure=chain(ProcedureFactory(champs=[COURT])), accepte=True)

    go_on(client_for, dossier)

    following = Dossier.objects.get(precedent=dossier)
    assert following.reponses == {}
    assert following.preremplissage.refused == ["Objet"]


def test_a_stale_mapping_is_skipped(client_for, source):
    set_mapping(Enchainement.objects.get(), {"email1": "objet1", "parti1": "objet1"})
    dossier = DossierFactory(procedure=source, accepte=True)

    go_on(client_for, dossier)

    assert Dossier.objects.get(precedent=dossier).reponses == {}


def test_a_second_click_leads_to_the_same_dossier(client_for, source):
    dossier = DossierFactory(procedure=source, accepte=True)

    assert go_on(client_for, dossier).url == go_on(client_for, dossier).url
    assert dossier.suites.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_begin_one_dossier(source):
    dossier = DossierFactory(procedure=source, accepte=True)
    start, begun = threading.Barrier(2), []

    def click():
        start.wait()
        try:
            begun.append(begin_next(dossier.pk, by=dossier.usager).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(begun) == 2
    assert begun[0] == begun[1] == dossier.suites.get().pk


def test_strangers_begin_nothing(client_for, source):
    dossier = DossierFactory(procedure=source, accepte=True)
    for user in (UserFactory(), source.affectations.get().user):
        assert go_on(client_for, dossier, user).status_code == 404

    assert not dossier.suites.exists()


def test_a_protected_company_is_taken_and_stays_hidden(client_for, source):
    company = Etablissement.objects.create(
        siret="13002526500013",
        state=LookupState.COMPLET,
        diffusable=False,
        raison_sociale="SECRET SARL",
    )
    dossier = DossierFactory(
        procedure=source, accepte=True, etablissement=company, civilite="", prenom="", nom=""
    )

    go_on(client_for, dossier)

    following = Dossier.objects.get(precedent=dossier)
    assert following.etablissement == company
    client = client_for(dossier.usager)
    for number in (dossier.pk, following.pk):
        page = client.get(f"/dossiers/{number}/", follow=True).content.decode()
        assert "SECRET" not in page


@pytest.mark.parametrize("moment", ["apres_depot", "a_l_acceptation"])
def test_the_email_of_that_moment_alone_tells_it(target, moment):
    source = chain(target, moment)
    accompagnateur = source.affectations.get().user
    dossier = DossierFactory(procedure=source)
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    dossier.refresh_from_db()
    preview = workflow.preview_courriel(workflow.ACCEPT, dossier, motivation="")
    workflow.run(workflow.ACCEPT, dossier.pk, by=accompagnateur)

    told = {row.kind for row in Courriel.objects.all() if f"« {TITLE} »" in row.body_text}
    assert told == {"accuse_reception" if moment == "apres_depot" else "validation"}
    assert (f"« {TITLE} »" in preview.body_text) == (moment == "a_l_acceptation")
    assert "Suite <b>" not in "".join(row.body_html for row in Courriel.objects.all())


def test_accompagnateurs_are_led_where_they_may_go(client_for, source, target):
    dossier = DossierFactory(procedure=source, accepte=True)
    brouillon = DossierFactory(precedent=dossier, usager=dossier.usager)
    following = DossierFactory(
        precedent=dossier, usager=dossier.usager, procedure=target, en_construction=True
    )
    user = source.affectations.get().user
    url = reverse("instruction:dossier_detail", args=[dossier.pk])
    link = reverse("instruction:dossier_detail", args=[following.pk])

    page = client_for(user).get(url).content.decode()
    assert f"dossier nº {following.pk}" in page
    assert f'href="{link}"' not in page
    assert f"dossier nº {brouillon.pk}" not in page

    AffectationFactory(procedure=target, user=user)
    assert f'href="{link}"' in client_for(user).get(url).content.decode()
    back = client_for(user).get(link).content.decode()
    assert "Fait suite au" in back
    assert f'href="{url}"' in back


@pytest.mark.parametrize("count", [1, 3])
def test_what_follows_costs_one_query(client_for, source, count, django_assert_num_queries):
    dossier = DossierFactory(procedure=source, accepte=True)
    for _ in range(count):
        DossierFactory(precedent=dossier, usager=dossier.usager, en_construction=True)
    client = client_for(dossier.usager)
    # session, user, dossier, files, history, what follows, emails, roles
    with django_assert_num_queries(10):
        client.get(f"/dossiers/{dossier.pk}/")
