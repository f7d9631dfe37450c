"""A company that asked not to be published: its usager is shown nothing of what it hides."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from courriels.models import Courriel
from dossiers import workflow
from dossiers.identification import confirmation_token
from dossiers.models import Dossier
from dossiers.search import refresh_search_text
from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.models import Etablissement
from procedures.enums import CourrielEvent, Demandeurs
from procedures.models import ModeleCourriel
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
HIDDEN = "Zorglubix"


@pytest.fixture
def etablissement() -> Etablissement:
    return Etablissement.objects.create(
        siret="13002526500013", siren="130025265", state=LookupState.COMPLET, diffusable=False,
        raison_sociale=f"{HIDDEN} SAS", sigle=f"{HIDDEN} sigle", enseigne=f"{HIDDEN} enseigne",
        personne=f"{HIDDEN} personne", adresse=f"1 rue {HIDDEN}\n75001 Paris",
        code_postal=HIDDEN, commune="Paris", capital_devise=HIDDEN, capital_social=1,
        capital_state=CapitalState.CONNU,
    )  # fmt: skip


@pytest.fixture
def accompagnateur():
    return UserFactory()


@pytest.fixture
def make(etablissement, accompagnateur):
    """Return a function that makes a dossier of the company, with the emails of its life."""
    usager = UserFactory()
    procedure = ProcedureFactory(demandeurs=Demandeurs.TOUS)
    AffectationFactory(procedure=procedure, user=accompagnateur)
    for event in CourrielEvent:
        ModeleCourriel.objects.create(
            procedure=procedure,
            event=event,
            subject="Entreprise {{ nom_entreprise }}",
            body="{{ nom_entreprise }} {{ siret_entreprise }} {{ nom_usager }}",
        )

    def make(*actions) -> Dossier:
        dossier = DossierFactory(
            procedure=procedure, usager=usager, etablissement=etablissement, prenom="", nom=""
        )
        refresh_search_text(dossier)
        dossier.save(update_fields=["search_text"])
        for action in actions:
            by = usager if action is workflow.SUBMIT else accompagnateur
            workflow.run(action, dossier.pk, by=by, motivation="Oui")
        return Dossier.objects.get(pk=dossier.pk)

    return make


def text_of(response) -> str:
    if response["Content-Type"] == "application/pdf":
        pages = PdfReader(io.BytesIO(response.content)).pages
        return "\n".join(page.extract_text() for page in pages)
    return response.content.decode()


def pages_of(dossier) -> list[str]:
    names = ["identify", "edit", "review", "detail", "recapitulatif"]
    urls = [reverse(f"dossiers:dossier_{name}", args=[dossier.pk]) for name in names]
    token = confirmation_token(dossier, dossier.etablissement)
    return [
        *urls,
        f"{urls[0]}?etablissement={token}",
        f"{urls[0]}?changer=1",
        reverse("dossiers:dossier_list"),
        dossier.procedure.get_absolute_url(),
    ]


@pytest.mark.parametrize(
    "actions",
    [
        [],
        [workflow.SUBMIT],
        [workflow.SUBMIT, workflow.START_INSTRUCTION],
        [workflow.SUBMIT, workflow.START_INSTRUCTION, workflow.ACCEPT],
    ],
    ids=["brouillon", "en construction", "en instruction", "accepté"],
)
def test_usager_is_shown_nothing_of_it(make, client_for, actions):
    dossier = make(*actions)
    client = client_for(dossier.usager)

    shown = {url: text_of(client.get(url, follow=True)) for url in pages_of(dossier)}

    assert [url for url, text in shown.items() if HIDDEN.lower() in text.lower()] == []
    assert any("130 025 265 00013" in text for text in shown.values())
    courriels = Courriel.objects.all()
    assert len(courriels) == len(actions)
    for courriel in courriels:
        written = courriel.subject + courriel.body_text + courriel.body_html
        assert HIDDEN not in written


@pytest.mark.parametrize("q", [HIDDEN, HIDDEN[:3], f"{HIDDEN} 13002526500013", f"Paris {HIDDEN}"])
def test_usager_cannot_guess_it_by_searching(make, client_for, q):
    dossier = make(workflow.SUBMIT)
    link = f"/dossiers/{dossier.pk}/"
    client = client_for(dossier.usager)

    assert link not in client.get("/dossiers/", {"q": q}).content.decode()
    assert link in client.get("/dossiers/", {"q": "13002526500013"}).content.decode()


def test_accompagnateur_sees_it_on_the_dossier_and_in_the_list(make, client_for, accompagnateur):
    dossier = make(workflow.SUBMIT)
    client = client_for(accompagnateur)

    for name in ("dossier_detail", "dossier_recapitulatif"):
        assert HIDDEN in text_of(client.get(reverse(f"instruction:{name}", args=[dossier.pk])))
    found = client.get(reverse("instruction:dossier_search"), {"q": HIDDEN}).content.decode()
    assert f"/instruction/dossiers/{dossier.pk}/" in found
