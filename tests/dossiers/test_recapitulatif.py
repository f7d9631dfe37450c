"""The récapitulatif: a dossier as a PDF, for its usager and for those who instruct it."""

import time
from datetime import UTC, datetime
from io import BytesIO
from urllib.request import OpenerDirector

import pytest
from django.urls import reverse
from pypdf import PdfReader

from dossiers.models import Dossier
from dossiers.recapitulatif import (
    LINE_WEIGHT,
    TEXT_MAX,
    abridge,
    answer_weight_max,
    make_recapitulatif,
    weight_of,
)
from procedures.champs import new_champ
from procedures.enums import Demandeurs
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.entreprise_api.factories import EtablissementFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

CHAMPS = (
    new_champ("texte_court", id="objet1", label="Objet"),
    new_champ("titre_de_section", id="budget", label="Votre budget"),
    new_champ("nombre_decimal", id="montant", label="Montant demandé"),
    new_champ("piece_jointe", id="piece1", label="Statuts", required=False),
    new_champ("texte_long", id="texte1", label="Présentation", required=False),
)


@pytest.fixture
def procedure():
    return ProcedureFactory(
        title="Aide aux bibliothèques", champs=CHAMPS, demandeurs=Demandeurs.TOUS
    )


@pytest.fixture
def accompagnateur(procedure):
    return AffectationFactory(procedure=procedure).user


@pytest.fixture
def dossier(procedure):
    reponses = {"objet1": "Achat de livres", "montant": "1250.50"}
    return DossierFactory(procedure=procedure, accepte=True, reponses=reponses)


def url_for_usager(dossier) -> str:
    return reverse("dossiers:dossier_recapitulatif", args=[dossier.pk])


def url_for_accompagnateur(dossier) -> str:
    return reverse("instruction:dossier_recapitulatif", args=[dossier.pk])


def text_of(content: bytes) -> str:
    """Return the text of a PDF, its spaces folded."""
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def both_texts(client_for, dossier, accompagnateur) -> tuple[str, str]:
    """Return what the usager's PDF says, then the accompagnateur's."""
    mine = client_for(dossier.usager).get(url_for_usager(dossier))
    theirs = client_for(accompagnateur).get(url_for_accompagnateur(dossier))
    assert (mine.status_code, theirs.status_code) == (200, 200)
    return text_of(mine.content), text_of(theirs.content)


def test_pdf_holds_the_whole_dossier_and_nothing_of_another(client_for, dossier, accompagnateur):
    PieceJointeFactory(dossier=dossier, name="statuts-2026.pdf", sha256="ab12" * 16)
    other = DossierFactory(
        procedure=dossier.procedure, en_construction=True, reponses={"objet1": "Vélos"}
    )
    PieceJointeFactory(dossier=other, name="secret.pdf")

    for text in both_texts(client_for, dossier, accompagnateur):
        for part in (
            "RÉPUBLIQUE FRANÇAISE",
            str(dossier.procedure.organisme),
            f"Dossier nº {dossier.pk}",
            "Aide aux bibliothèques",
            "Terminé : accepté",
            "Tout est conforme.",
            f"Madame Camille {dossier.nom}",
            dossier.usager.email,
            "Objet Achat de livres",
            "Votre budget",
            "1 250,50",
            "statuts-2026.pdf",
            "ab12ab12ab12ab12…",
            "Présentation Sans réponse",
            "Page 1 sur ",
        ):
            assert part in text
        assert "Vélos" not in text
        assert "secret.pdf" not in text


def test_pdf_says_when_each_step_and_itself_were_made(client_for, dossier, time_machine):
    Dossier.objects.filter(pk=dossier.pk).update(
        submitted_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        decided_at=datetime(2026, 3, 9, 8, 0, tzinfo=UTC),
    )
    client = client_for(dossier.usager)
    time_machine.move_to(datetime(2026, 4, 1, 12, 0, tzinfo=UTC), tick=False)

    text = text_of(client.get(url_for_usager(dossier)).content)

    assert "En construction 02/03/2026 à 10:30" in text
    assert "Terminé : accepté 09/03/2026 à 09:00" in text
    assert "Édité le 01/04/2026 à 14:00" in text


def test_name_of_a_protected_company_is_for_the_service_alone(
    client_for, procedure, accompagnateur
):
    dossier = DossierFactory(
        procedure=procedure,
        en_instruction=True,
        etablissement=EtablissementFactory(protected=True),
        prenom="",
        nom="",
    )

    mine, theirs = both_texts(client_for, dossier, accompagnateur)

    for part in ("ROUSSEAU", "GLYCINES", "LEFEBVRE"):
        assert part not in mine
        assert part in theirs
    assert "VILLEURBANNE" in mine
    assert "ne doivent pas être communiquées" in theirs


def test_what_an_usager_typed_is_text_and_fetches_nothing(
    client_for, procedure, accompagnateur, monkeypatch
):
    def refuse(self, request, *args, **kwargs):
        raise AssertionError(f"{request} was opened")

    monkeypatch.setattr(OpenerDirector, "open", refuse)
    hostile = '<img src="http://127.0.0.1:9/a.png"><script>alert(1)</script>'
    dossier = DossierFactory(
        procedure=procedure,
        rejete=True,
        prenom="<b>Camille</b>",
        reponses={
            "objet1": hostile,
            "texte1": "file:///etc/passwd\n<link rel=attachment href=file:///etc/passwd>",
        },
        motivation='</style><style>@import "file:///etc/passwd"</style>',
    )
    PieceJointeFactory(dossier=dossier, name="<img src=file:///etc/passwd>.pdf")

    for text in both_texts(client_for, dossier, accompagnateur):
        folded = text.replace(" ", "")
        for part in (
            hostile,
            "<b>Camille</b>",
            "<link rel=attachment href=file:///etc/passwd>",
            dossier.motivation,
            "<img src=file:///etc/passwd>.pdf",
        ):
            assert part.replace(" ", "") in folded
        assert "root:" not in text


def test_pdf_is_tagged_titled_and_saved_under_its_number(client_for, dossier, caplog):
    response = client_for(dossier.usager).get(url_for_usager(dossier))

    reader = PdfReader(BytesIO(response.content))
    assert "/MarkInfo" in reader.root_object
    assert reader.root_object["/Lang"] == "fr"
    assert reader.metadata.title == f"Récapitulatif du dossier nº {dossier.pk}"
    assert response["Content-Disposition"] == f'attachment; filename="dossier-{dossier.pk}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert [record.message for record in caplog.records if record.levelname != "INFO"] == []


def test_each_of_the_three_people_gets_their_own(client_for, dossier, accompagnateur):
    people = {"owner": dossier.usager, "service": accompagnateur, "stranger": UserFactory()}
    urls = (url_for_usager(dossier), url_for_accompagnateur(dossier))

    statuses = {
        who: [client_for(user).get(url).status_code for url in urls] for who, user in people.items()
    }

    assert statuses == {"owner": [200, 404], "service": [404, 200], "stranger": [404, 404]}


def test_brouillon_is_for_its_usager_alone(client_for, procedure, accompagnateur):
    brouillon = DossierFactory(
        procedure=procedure, reponses={}, saisies_refusees={"montant": "douze"}
    )

    text = text_of(client_for(brouillon.usager).get(url_for_usager(brouillon)).content)

    assert "le service ne l’a pas reçu" in text
    assert "Saisie à corriger, non enregistrée : douze" in text
    assert client_for(accompagnateur).get(url_for_accompagnateur(brouillon)).status_code == 404


def test_ten_a_minute_for_each_person(client_for, dossier, accompagnateur, monkeypatch):
    monkeypatch.setattr("dossiers.views.recapitulatif.make_recapitulatif", lambda *a, **k: b"%PDF")
    client = client_for(dossier.usager)

    statuses = [client.get(url_for_usager(dossier)).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]
    assert client_for(accompagnateur).get(url_for_accompagnateur(dossier)).status_code == 200


@pytest.mark.parametrize("count", [5, 60])
def test_pdf_takes_a_fixed_number_of_queries(client_for, count, django_assert_num_queries):
    client, dossier = _dossier_of(count, client_for)
    # session, user, dossier, files, history
    with django_assert_num_queries(5):
        response = client.get(url_for_usager(dossier))

    assert f"Réponse {count - 1} " in text_of(response.content)


def test_fifty_champs_take_well_under_two_seconds():
    _, dossier = _dossier_of(50)
    make_recapitulatif(dossier, is_public=True)
    start = time.process_time()

    make_recapitulatif(dossier, is_public=True)

    assert time.process_time() - start < 2


@pytest.mark.parametrize("text", ["mot " * 5000, "a\n" * 10_000, "a" * 20_000])
def test_answers_of_a_huge_dossier_are_abridged_and_say_so(text):
    assert abridge(text, answer_weight_max([text])) == text or "\n" in text

    shared = answer_weight_max([text] * 100)
    begun = abridge(text, shared)

    assert text.startswith(begun)
    assert sum(map(weight_of, begun.split("\n"))) <= shared + LINE_WEIGHT
    assert shared == TEXT_MAX // 100


def test_abridged_answer_says_that_it_goes_on(procedure, monkeypatch):
    monkeypatch.setattr("dossiers.recapitulatif.TEXT_MAX", 600)
    dossier = DossierFactory(
        procedure=procedure,
        en_construction=True,
        reponses={"objet1": "Court", "texte1": "Début" + " mot" * 500 + " fin"},
    )

    text = text_of(make_recapitulatif(dossier, is_public=True))

    assert "Objet Court Votre" in text
    assert "Début mot" in text
    assert text.count("la suite de cette réponse se lit en ligne") == 1
    assert "fin" not in text


def _dossier_of(count: int, client_for=None):
    champs = [
        new_champ("texte_long", id=f"texte{rank}", label=f"Question {rank}")
        for rank in range(count)
    ]
    procedure = ProcedureFactory(
        champs=[*champs, new_champ("piece_jointe", id="piece1", label="Devis", required=False)]
    )
    reponses = {champ.id: f"Réponse {rank} {'bla ' * 40}" for rank, champ in enumerate(champs)}
    dossier = DossierFactory(procedure=procedure, en_construction=True, reponses=reponses)
    PieceJointeFactory.create_batch(count // 5, dossier=dossier)
    client = client_for(dossier.usager) if client_for else None
    return client, Dossier.objects.with_detail().get(pk=dossier.pk)


def test_pages_of_the_dossier_lead_to_it(client_for, dossier, accompagnateur):
    mine = client_for(dossier.usager).get(dossier.get_absolute_url())
    theirs = client_for(accompagnateur).get(
        reverse("instruction:dossier_detail", args=[dossier.pk])
    )

    for page, url in ((mine, url_for_usager(dossier)), (theirs, url_for_accompagnateur(dossier))):
        html = page.content.decode()
        assert f'href="{url}"' in html
        assert "écapitulatif (PDF)" in html
