"""The attestation that an administrateur writes."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from commun.images import draw_again
from procedures.attestations import (
    content_of,
    default_text,
    literal,
    modele_of,
    save_modele,
    write_body,
    write_title,
)
from procedures.champs import new_champ
from procedures.echange import copy_procedure, create_from, export_of
from procedures.enums import Demandeurs
from procedures.lecture import read_echange
from procedures.models import ImageAttestation, ModeleAttestation
from procedures.publication import missing_before_publication
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import AttestationFactory, DossierFactory
from tests.markup import Markup
from tests.procedures.factories import (
    AffectationFactory,
    ModeleAttestationFactory,
    ProcedureFactory,
    formulaire_of,
)

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[administrateur]),
        champs=[new_champ("texte_court", id="objet1", label="Objet")],
    )


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


def url_of(procedure, page="edit") -> str:
    return reverse(f"procedures:attestation_{page}", args=[procedure.pk])


def typed(**changes) -> dict:
    return {"is_active": "on", "title": "Titre", "body": "Texte {{ champ_objet1 }}"} | changes


def png(color="red") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (30, 10), color).save(output, "PNG")
    return output.getvalue()


def upload(color="red", name="logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png(color))


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


# --- the editor -------------------------------------------------------------------------------


def test_the_form_starts_from_a_default_text_that_is_sound(client, procedure):
    page = client.get(url_of(procedure))

    form = page.context["form"]
    assert (form["title"].value(), form["body"].value()) == default_text()
    assert page.context["preview"].problems == []
    assert len(page.context["preview"].pages) == 1
    assert not ModeleAttestation.objects.exists()


def test_texts_and_images_are_saved(client, procedure):
    response = client.post(
        url_of(procedure),
        typed(
            body="Un\r\nDeux",
            signatory_name="Moi",
            logo_file=upload(),
            signature_file=upload("blue"),
        ),
    )

    assert response.headers["Location"] == url_of(procedure)
    modele = ModeleAttestation.objects.get()
    assert (modele.is_active, modele.title, modele.body) == (True, "Titre", "Un\nDeux")
    assert modele.signatory_name == "Moi"
    for image in (modele.logo, modele.signature):
        with image.file.open("rb") as file:
            assert Image.open(file).size == (30, 10)
    page = Markup(client.get(url_of(procedure)))
    assert [box["name"] for box in page.all("[type=checkbox]")] == [
        "is_active",
        "signature_remove",
        "logo_remove",
    ]


def test_a_replaced_or_removed_image_is_deleted(
    client, procedure, django_capture_on_commit_callbacks
):
    client.post(url_of(procedure), typed(logo_file=upload()))
    first = ImageAttestation.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url_of(procedure), typed(logo_file=upload("blue"), logo_remove="on"))
    second = ImageAttestation.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url_of(procedure), typed(logo_remove="on"))

    assert second.pk != first.pk
    assert not ImageAttestation.objects.exists()
    assert ModeleAttestation.objects.get().logo is None
    assert not any(image.file.storage.exists(image.file.name) for image in (first, second))


def test_an_image_that_an_attestation_prints_is_kept(
    client, procedure, django_capture_on_commit_callbacks
):
    client.post(url_of(procedure), typed(logo_file=upload()))
    image = ImageAttestation.objects.get()
    AttestationFactory(dossier=DossierFactory(procedure=procedure, accepte=True), logo=image)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url_of(procedure), typed(logo_remove="on"))

    assert ModeleAttestation.objects.get().logo is None
    assert image.file.storage.exists(ImageAttestation.objects.get().file.name)


def test_a_failed_save_leaves_no_file(procedure, monkeypatch):
    written = []
    store = ImageAttestation.save
    monkeypatch.setattr(
        ImageAttestation, "save", lambda self, **_: (store(self), written.append(self.file))
    )
    monkeypatch.setattr(ModeleAttestation, "save", lambda self, **_: 1 / 0)
    ModeleAttestationFactory._meta.model.objects.bulk_create(
        [ModeleAttestation(procedure=procedure, title="a", body="b")]
    )

    with pytest.raises(ZeroDivisionError):
        save_modele(procedure, {"title": "a"}, {"logo": png()})

    assert [file.storage.exists(file.name) for file in written] == [False]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"title": " "}, "title", "Donnez un titre"),
        ({"body": ""}, "body", "Rédigez le texte"),
        ({"body": "{{ champ_zzz }}"}, "body", "désigne un champ que le formulaire n’a pas"),
        ({"body": "a\n[si nom_usager = x]b"}, "body", "Ligne 2 : "),
        ({"title": "[fin]"}, "title", "Ligne 1 : "),
        ({"body": "{{ lien_attestation }}"}, "body", "n’existe pas"),
        ({"logo_file": SimpleUploadedFile("a.svg", b"<svg/>")}, "logo_file", "PNG ou JPEG"),
        ({"signature_file": SimpleUploadedFile("a.png", b"<svg/>")}, "signature_file", "contenu"),
    ],
)
def test_a_mistake_is_explained_and_nothing_saved(client, procedure, changes, field, message):
    data = typed(**changes)

    response = client.post(url_of(procedure), data)

    assert message in response.context["form"].errors[field][0]
    assert response.context["form"]["body"].value() == data["body"]
    assert not ModeleAttestation.objects.exists()
    assert not ImageAttestation.objects.exists()


def test_the_preview_is_drawn_and_saves_nothing(client, procedure):
    data = typed(apercu="1", body="Texte\n[si nom_usager = x]")

    part = client.post(url_of(procedure), data, **HTMX)
    page = client.post(url_of(procedure), data)

    for response in (part, page):
        preview = response.context["preview"]
        assert preview.problems == [
            "Ligne 2 : « [si nom_usager = x] » n’est pas refermé : ajoutez « [fin] »."
        ]
        assert preview.pages[0].startswith("data:image/png;base64,")
        assert "page 1 sur 1" in response.content.decode()
    assert "<form" not in part.content.decode()
    assert not ModeleAttestation.objects.exists()


def test_the_preview_shows_the_image_just_chosen(client, procedure):
    save_modele(procedure, {"title": "Titre", "body": "Texte"}, {"logo": png("blue")})

    def drawn(**changes):
        answer = client.post(url_of(procedure), typed(apercu="1", **changes), **HTMX)
        return answer.context["preview"]

    saved, chosen = drawn(), drawn(logo_file=upload("red"))
    removed = drawn(logo_remove="on")
    refused = drawn(logo_file=SimpleUploadedFile("logo.png", b"<svg>"))

    assert len({saved.pages[0], chosen.pages[0], removed.pages[0]}) == 3
    assert refused.pages == saved.pages
    assert [problem.partition(" : ")[0] for problem in refused.problems] == ["Logo"]
    assert ImageAttestation.objects.count() == 1


def test_the_specimen_holds_the_image_just_chosen(client, procedure):
    def images(**changes):
        content = client.post(url_of(procedure, "pdf"), typed(**changes)).content
        return len(PdfReader(io.BytesIO(content)).pages[0].images)

    assert images(logo_file=upload()) == images() + 1
    assert not ImageAttestation.objects.exists()


def test_the_preview_rests_when_it_is_asked_too_often(client, procedure, monkeypatch):
    monkeypatch.setattr("procedures.views.attestation.PREVIEW_RATE", "2/m")
    answers = [client.post(url_of(procedure), typed(apercu="1"), **HTMX) for _ in range(3)]

    assert [len(answer.context["preview"].pages) for answer in answers] == [1, 1, 0]
    assert "pause d’une minute" in answers[2].content.decode()
    assert client.post(url_of(procedure), typed()).status_code == 302


def test_the_specimen_is_a_tagged_pdf_of_what_is_typed(client, procedure):
    response = client.post(url_of(procedure, "pdf"), typed(title="Mon titre", footer="Mon pied"))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline")
    reader = PdfReader(io.BytesIO(response.content))
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "fr"
    assert reader.metadata.title == "Mon titre"
    text = text_of(response.content)
    for part in ("Mon titre", "Texte", "Mon pied", "ce document n’atteste rien", "/attestations/"):
        assert part in text


def test_an_attestation_for_people_alone_has_no_company(client, procedure):
    body = "[si siret_entreprise est vide]Personne[sinon]Entreprise[fin]"
    pdf = url_of(procedure, "pdf")

    assert "Personne" in text_of(client.post(pdf, typed(body=body)).content)
    type(procedure).objects.update(demandeurs=Demandeurs.ENTREPRISE)
    assert "Entreprise" in text_of(client.post(pdf, typed(body=body)).content)


def test_a_lost_image_is_said_so(client, procedure):
    client.post(url_of(procedure), typed(logo_file=upload()))
    image = ImageAttestation.objects.get()
    image.file.storage.delete(image.file.name)

    page = client.get(url_of(procedure))

    assert page.context["preview"].problems == [
        "Une image est introuvable : retirez-la ou remplacez-la."
    ]


def test_the_default_text_comes_back_after_asking(client, procedure):
    ModeleAttestationFactory(procedure=procedure)
    assert "data-tps-dialog-open" in client.get(url_of(procedure)).content.decode()
    assert client.get(url_of(procedure, "reset")).status_code == 200

    client.post(url_of(procedure, "reset"))

    modele = ModeleAttestation.objects.get()
    assert (modele.title, modele.body) == default_text()
    assert (modele.is_active, modele.signatory_name) == (True, "Claude Préfet")


def test_only_administrateurs_of_its_organisme_see_it(procedure, client_for):
    foreign = UserFactory()
    OrganismeFactory(administrateurs=[foreign])
    people = [foreign, AffectationFactory(procedure=procedure).user, UserFactory()]

    for page in ("edit", "pdf", "reset"):
        for stranger in people:
            browser = client_for(stranger)
            assert browser.get(url_of(procedure, page)).status_code == 404
            assert browser.post(url_of(procedure, page), typed()).status_code == 404
    assert not ModeleAttestation.objects.exists()


@pytest.mark.parametrize("count", [1, 5])
def test_the_editor_asks_a_fixed_number_of_queries(
    count, client, administrateur, django_assert_num_queries
):
    champs = [new_champ("texte_court") for _ in range(count)]
    organisme = OrganismeFactory(administrateurs=[administrateur])
    procedure = ProcedureFactory(organisme=organisme, champs=champs)
    ModeleAttestationFactory(procedure=procedure)
    client.get(url_of(procedure))

    with django_assert_num_queries(6):  # session, user, procédure, model, draft, roles
        client.get(url_of(procedure))


# --- what is typed is text --------------------------------------------------------------------

HOSTILE = (
    "**gras** [x](javascript:alert(1)) <script>alert(1)</script> ![i](http://127.0.0.1:9/a.png) "
    "`code` # titre {{ nom_usager }} [fin] www.exemple.fr https://a.fr | a | &amp; \\* ~~s~~"
)


def test_values_are_shown_as_they_are():
    html = write_body("**{{ nom }}**, [lien]({{ lien }})", {"nom": HOSTILE, "lien": "https://a.fr"})

    assert re.findall(r"<(\w+)", html) == ["p", "strong", "a"]
    assert 'href="https://a.fr"' in html


@pytest.mark.parametrize("value", ["javascript:alert(1)", "data:text/html,x", '" onclick="x'])
def test_a_value_makes_no_dangerous_link(value):
    html = write_body("[lien]({{ nom }})", {"nom": value})

    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert "onclick=" not in re.sub(r">[^<]*<", "><", html)


@pytest.mark.parametrize("prefix", ["", "- ", "> ", "## ", "Nom : "])
@given(value=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])))
def test_any_value_stays_text(prefix, value):
    shown = Markup(f"<div>{write_body(prefix + 'x{{ nom }}x', {'nom': value})}</div>").one("div")

    kept = " ".join(f"{prefix.strip('->#')} x{value.strip()}x".split())
    assert " ".join(shown.text.split()) == kept


def test_lines_of_a_value_stay_in_their_paragraph():
    html = write_body("Texte {{ nom }}", {"nom": "un\n\n    - deux\n# trois\x00\x1b"})

    assert html.strip() == "<p>Texte un<br>\n- deux<br>\n# trois</p>"
    assert literal("\n \n") == ""


def test_the_title_is_one_line_of_text():
    assert write_title("A {{ nom }}", {"nom": "<b>\n\x00x</b>"}) == "A <b> x</b>"


# --- around the procédure ---------------------------------------------------------------------


def test_publication_waits_for_a_sound_attestation(procedure):
    modele = ModeleAttestationFactory(procedure=procedure, body="Pour {{ champ_objet1 }}")
    AffectationFactory(procedure=procedure)
    assert missing_before_publication(procedure) == []
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(new_champ("date", id="date1", label="Date")))
    draft.save()
    procedure.refresh_from_db()

    (missing,) = missing_before_publication(procedure)
    assert missing.message.startswith("Attestation : La balise « {{ champ_objet1 }} »")
    assert missing.url == url_of(procedure)
    ModeleAttestation.objects.filter(pk=modele.pk).update(is_active=False)
    procedure.refresh_from_db()
    assert missing_before_publication(procedure) == []


@pytest.mark.parametrize(
    ("modele", "state"),
    [
        (None, "facultatif"),
        ({"is_active": False}, "facultatif"),
        ({}, "pret"),
        ({"body": "{{ inconnue }}"}, "a_faire"),
    ],
)
def test_the_cockpit_says_where_it_stands(client, procedure, modele, state):
    if modele is not None:
        ModeleAttestationFactory(procedure=procedure, **modele)

    page = client.get(reverse("procedures:procedure_detail", args=[procedure.pk]))

    steps = {step.title: step for step in page.context["cockpit"].steps}
    assert steps["Attestation"].state.value == state
    assert steps["Attestation"].url == url_of(procedure)


def test_its_text_and_images_are_copied_and_exchanged(procedure, administrateur):
    images = {"logo": draw_again(upload()), "signature": None}
    save_modele(procedure, {"title": "T", "body": "B {{ nom_usager }}"}, images)

    copy = copy_procedure(procedure, by=administrateur)
    exported = export_of(procedure)
    imported = create_from(read_echange(exported), organisme=procedure.organisme, by=administrateur)

    for other in (copy, imported):
        modele = modele_of(other)
        assert (modele.title, modele.body) == ("T", "B {{ nom_usager }}")
        assert content_of(modele.logo) == images["logo"]
        assert modele.signature is None
    assert export_of(imported) == exported
