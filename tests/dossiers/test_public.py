"""The home page and the public page of a procédure."""

import pytest

from courriels.models import Courriel
from dossiers.models import Dossier
from procedures.champs import new_champ
from procedures.conditions import Condition, Operator, Regle
from procedures.enums import Demandeurs
from procedures.models import FormulaireVierge
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def test_home_lists_open_procedures_alone(client):
    ProcedureFactory(title="Aide ouverte")
    ProcedureFactory(title="Aide close", close=True)
    ProcedureFactory(title="Aide en préparation", brouillon=True)

    page = text(client.get("/"))

    assert "Aide ouverte" in page
    assert "Aide close" not in page
    assert "Aide en préparation" not in page
    assert "1 procédure<" in page


@pytest.mark.parametrize("query", ["subvention", "SUBVÉNTION", "nord", "subvention prefecture"])
def test_home_search_ignores_accents_and_case(client, query):
    ProcedureFactory(title="Subvention", organisme=OrganismeFactory(name="Préfecture du Nord"))
    ProcedureFactory(title="Permis de pêche", organisme=OrganismeFactory(name="Ministère"))

    page = text(client.get("/", {"q": query}))

    assert "Subvention" in page
    assert "Permis de pêche" not in page


def test_home_search_without_result_says_what_to_do(client):
    page = text(client.get("/", {"q": "<script>"}))

    assert "Aucune procédure ouverte ne correspond." in page
    assert "&lt;script&gt;" in page


def test_home_pages_hold_twenty_procedures(client):
    ProcedureFactory.create_batch(21)

    first = client.get("/")
    second = client.get("/", {"suite": first.context["page"].next_cursor})

    assert len(first.context["page"]) == 20
    assert len(second.context["page"]) == 1
    assert second.context["page"].next_cursor is None


@pytest.mark.parametrize("count", [1, 3])
def test_home_queries_do_not_grow(client, django_assert_num_queries, count):
    ProcedureFactory.create_batch(count)

    with django_assert_num_queries(2):
        client.get("/")


def test_home_leads_signed_in_people_to_their_space(client_for):
    assert 'href="/dossiers/">Mes dossiers' in text(client_for(UserFactory()).get("/"))


def procedure_with_everything(**fields):
    procedure = ProcedureFactory(**fields)
    vierge = FormulaireVierge.objects.create(
        procedure=procedure,
        file="procedures/x",
        name="modele.pdf",
        content_type="application/pdf",
        size_bytes=2048,
    )
    revision = procedure.published_revision or procedure.revisions.get()
    revision.document = {
        "version": 1,
        "champs": [
            new_champ("titre_de_section", label="Partie 1").model_dump(),
            new_champ("texte_court", label="Objet").model_dump(),
            new_champ(
                "piece_jointe",
                label="Devis",
                help_text="Signé, voir https://exemple.fr",
                formulaire_vierge_id=vierge.pk,
            ).model_dump(),
            new_champ("piece_jointe", label="Photo", required=False).model_dump(),
        ],
    }
    type(revision).objects.filter(pk=revision.pk).update(document=revision.document)
    return procedure


def test_public_page_counts_in_french(client):
    procedure = ProcedureFactory(champs=[new_champ("titre_de_section", label="Partie 1")])

    facts = " ".join(text(client.get(procedure.get_absolute_url())).split())

    assert "Environ 1 minute<" in facts
    assert "0 question<" in facts


def test_public_page_says_what_is_needed(client):
    procedure = procedure_with_everything(
        description="Pour **tous** <script>alert(1)</script>", service_phone="01 02 03 04 05"
    )

    page = text(client.get(procedure.get_absolute_url()))

    assert "<strong>tous</strong>" in page
    assert "<script>alert" not in page
    assert "1 question, 2 documents" in page
    assert "Devis" in page
    assert "Photo" in page
    assert page.count("obligatoire") == 1
    assert page.count(">facultatif<") == 1
    assert "modele.pdf" in page
    assert 'href="https://exemple.fr"' in page
    assert "subventions@exemple.fr" in page
    assert "01 02 03 04 05" in page


@pytest.mark.parametrize(
    ("demandeurs", "expected"),
    [
        (Demandeurs.PARTICULIER, "Les particuliers"),
        (Demandeurs.ENTREPRISE, "Les entreprises, associations et administrations"),
        (Demandeurs.TOUS, "Les particuliers, et les entreprises"),
    ],
)
def test_public_page_says_who_may_apply(client, demandeurs, expected):
    procedure = ProcedureFactory(demandeurs=demandeurs)

    assert expected in text(client.get(procedure.get_absolute_url()))


def test_anonymous_person_signs_in_and_comes_back(client):
    procedure = ProcedureFactory()
    address = procedure.get_absolute_url()

    page = text(client.get(address))
    posted = client.post(f"{address}brouillon/")

    assert f"?next={address}" in page
    assert posted.status_code == 302
    assert posted.url.endswith(f"?next={address}")
    assert not Dossier.objects.exists()


def test_begin_makes_one_brouillon_whatever_the_clicks(client_for):
    procedure, usager = ProcedureFactory(), UserFactory()
    client = client_for(usager)

    responses = [client.post(f"{procedure.get_absolute_url()}brouillon/") for _ in range(2)]

    dossier = Dossier.objects.get()
    assert {response.url for response in responses} == {f"/dossiers/{dossier.pk}/identification/"}
    assert (dossier.usager, dossier.revision) == (usager, procedure.published_revision)
    assert not Courriel.objects.exists()


def test_second_dossier_may_be_begun_beside_the_first(client_for):
    dossier = DossierFactory()
    client = client_for(dossier.usager)

    page = text(client.get(dossier.procedure.get_absolute_url()))
    client.post(f"{dossier.procedure.get_absolute_url()}brouillon/")

    assert f'href="/dossiers/{dossier.pk}/modifier/">Reprendre mon brouillon' in page
    assert "Commencer un autre dossier" in page
    assert Dossier.objects.owned_by(dossier.usager).count() == 2


def test_brouillon_of_another_person_is_not_offered(client_for):
    dossier = DossierFactory()

    page = text(client_for(UserFactory()).get(dossier.procedure.get_absolute_url()))

    assert "Reprendre mon brouillon" not in page


def test_get_begins_nothing(client_for):
    procedure = ProcedureFactory()

    response = client_for(UserFactory()).get(f"{procedure.get_absolute_url()}brouillon/")

    assert response.url == procedure.get_absolute_url()
    assert not Dossier.objects.exists()


def test_closed_procedure_says_so_and_begins_nothing(client_for):
    procedure = ProcedureFactory(close=True)
    client = client_for(UserFactory())

    page = text(client.get(procedure.get_absolute_url()))
    client.post(f"{procedure.get_absolute_url()}brouillon/")

    assert "Cette procédure est close" in page
    assert ">Commencer<" not in page
    assert not Dossier.objects.exists()


def test_procedure_in_preparation_is_shown_to_its_administrateurs_alone(client, client_for):
    administrateur = UserFactory()
    procedure = procedure_with_everything(
        brouillon=True, organisme=OrganismeFactory(administrateurs=[administrateur])
    )
    other = OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get()
    address = procedure.get_absolute_url()

    preview = client_for(administrateur).get(address)

    assert "Aperçu" in text(preview)
    assert ">Commencer<" not in text(preview)
    assert "Devis" in text(preview)
    assert client.get(address).status_code == 404
    assert client_for(other).get(address).status_code == 404
    assert client_for(administrateur).post(f"{address}brouillon/").status_code == 404


def test_unknown_procedure_is_a_404(client):
    assert client.get("/commencer/nulle-part/").status_code == 404


def test_document_under_a_condition_is_said_to_depend_on_the_answers(client):
    condition = Condition(regles=[Regle(champ="aide01", operator=Operator.IS, values=["oui"])])
    procedure = ProcedureFactory(
        champs=[
            new_champ("oui_non", id="aide01", label="Déjà aidé ?"),
            new_champ("piece_jointe", id="bilan1", label="Bilan", condition=condition),
        ]
    )

    page = text(client.get(procedure.get_absolute_url()))

    assert page.count(">selon vos réponses<") == 1
    assert ">obligatoire<" not in page
    assert ">facultatif<" not in page


def test_headings_within_a_part_are_no_parts(client):
    champs = [
        new_champ("titre_de_section", label="Le projet"),
        new_champ("titre_de_section", label="Son budget", level=2),
        new_champ("texte_court", label="Objet"),
        new_champ("titre_de_section", label="Le porteur"),
    ]
    procedure = ProcedureFactory(champs=champs)

    assert "1 question, en 2 parties" in client.get(procedure.get_absolute_url()).text
