"""A procédure as a file: what leaves, what comes back, what is refused and where."""

import base64
import json
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.champs import CHAMP_TYPES, new_champ
from procedures.dates import Planning, set_dates
from procedures.echange import Echange, copy_procedure, create_from, creation, export_of
from procedures.formulaire import Formulaire
from procedures.formulaires_vierges import set_for_champ
from procedures.lecture import SEPARATOR, UnreadableEchange, read_echange
from procedures.models import FormulaireVierge, ModeleCourriel, Procedure
from procedures.revisions import draft_of, editable_revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.procedures.factories import (
    AffectationFactory,
    ModeleAttestationFactory,
    ProcedureFactory,
)

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
IMPORT = reverse("procedures:procedure_import")
PICK = reverse("procedures:procedure_pick")


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def organisme(administrateur):
    return OrganismeFactory(administrateurs=[administrateur])


@pytest.fixture
def browser(administrateur, organisme, client_for):
    return client_for(administrateur)


@pytest.fixture
def procedure(organisme):
    champs = [
        new_champ("titre_de_section", id="titre1", label="Le projet"),
        new_champ("montant", id="montant1", label="Montant", maximum="1500.50"),
        new_champ("choix_unique", id="choix1", label="Type", options=["Un", "Deux"]),
        new_champ("piece_jointe", id="piece1", label="Budget"),
    ]
    procedure = ProcedureFactory(
        organisme=organisme, title="Aide au vélo", slug="aide-au-velo", champs=champs
    )
    upload = SimpleUploadedFile("Budget prévisionnel.pdf", PDF)
    set_for_champ(procedure, "piece1", upload)
    ModeleCourriel.objects.create(
        procedure=procedure, event="rejet", subject="Non", body="Désolé : {{ champ_montant1 }}"
    )
    ModeleAttestationFactory(procedure=procedure)
    AffectationFactory(procedure=procedure)
    return procedure


def document(**changes):
    return {
        "format": "tps-procedure",
        "version": 1,
        "procedure": {"title": "Aide au train"},
        "formulaire": {"version": 1, "champs": []},
    } | changes


def raw(**changes) -> bytes:
    return json.dumps(document(**changes)).encode()


def form_of(*champs):
    return {"champs": [{"id": f"champ{rank}"} | champ for rank, champ in enumerate(champs)]}


def problems(content: bytes) -> list[str]:
    with pytest.raises(UnreadableEchange) as raised:
        read_echange(content)
    return raised.value.problems


def sent(content: bytes):
    return {"file": SimpleUploadedFile("procedure.json", content)}


# --- what leaves ------------------------------------------------------------------------------


def test_an_export_holds_the_procedure_and_nothing_of_a_person(procedure):
    exported = json.loads(export_of(procedure))

    assert set(exported) == {
        "format", "version", "procedure", "formulaire", "courriels", "attestation",
        "formulaires_vierges", "dates", "delai_legal", "labels", "logo", "groupes",
    }  # fmt: skip
    assert exported["procedure"]["title"] == "Aide au vélo"
    assert exported["courriels"] == {
        "rejet": {"subject": "Non", "body": "Désolé : {{ champ_montant1 }}"}
    }
    assert exported["attestation"] == {
        "is_active": True,
        "title": "Attestation d’aide",
        "body": "Le dossier **nº {{ numero_dossier }}** de {{ nom_usager }} est accepté.",
        "signatory_name": "Claude Préfet",
        "signatory_title": "Chef du service",
        "footer": "1 rue de la Paix, Paris",
        "logo": "",
        "signature": "",
    }
    assert exported["dates"] is None
    assert exported["formulaires_vierges"] == {
        "1": {
            "name": "Budget prévisionnel.pdf",
            "content_type": "application/pdf",
            "content": base64.b64encode(PDF).decode(),
        }
    }
    assert exported["formulaire"]["champs"][3]["formulaire_vierge_id"] == 1


def test_the_draft_leaves_if_there_is_one_else_the_published_form(organisme):
    procedure = ProcedureFactory(organisme=organisme)
    published = json.loads(export_of(procedure))
    draft = draft_of(procedure)
    draft.set_formulaire(Formulaire(champs=[new_champ("date", id="autre1", label="Autre")]))
    draft.save()

    assert [champ["id"] for champ in published["formulaire"]["champs"]] == ["objet1"]
    exported = json.loads(export_of(procedure))
    assert [champ["id"] for champ in exported["formulaire"]["champs"]] == ["autre1"]


@pytest.mark.parametrize("count", [1, 4])
def test_an_export_takes_the_same_queries_whatever_its_size(
    count, browser, organisme, django_assert_num_queries
):
    champs = [new_champ("piece_jointe", label=f"Pièce {rank}") for rank in range(count)]
    procedure = ProcedureFactory(organisme=organisme, brouillon=True, champs=champs)
    for champ in champs:
        set_for_champ(procedure, champ.id, SimpleUploadedFile("modele.pdf", PDF))
    url = reverse("procedures:procedure_export", args=[procedure.pk])

    with django_assert_num_queries(10):
        response = browser.get(url)

    assert len(response.json()["formulaires_vierges"]) == count
    assert response["Content-Disposition"].startswith(f'attachment; filename="{procedure.slug}-')


def test_blank_forms_too_heavy_to_come_back_are_said_so(browser, procedure):
    FormulaireVierge.objects.update(size_bytes=25 * 1024 * 1024)

    response = browser.get(reverse("procedures:procedure_export", args=[procedure.pk]), follow=True)

    assert "trop lourds pour un seul fichier" in response.content.decode()


def test_a_lost_blank_form_is_named(browser, procedure):
    vierge = FormulaireVierge.objects.get()
    vierge.file.storage.delete(vierge.file.name)

    for name, act in [("procedure_export", browser.get), ("procedure_copy", browser.post)]:
        response = act(reverse(f"procedures:{name}", args=[procedure.pk]), follow=True)

        assert "« Budget prévisionnel.pdf » est introuvable" in response.content.decode()
    assert Procedure.objects.count() == 1


# --- what comes back --------------------------------------------------------------------------


def test_an_import_makes_a_procedure_that_exports_the_same_document(
    procedure, administrateur, organisme
):
    exported = export_of(procedure)

    imported = create_from(read_echange(exported), organisme=organisme, by=administrateur)

    assert export_of(imported) == exported
    assert imported.slug == "aide-au-velo-2"
    assert (imported.state, imported.published_revision) == ("brouillon", None)
    assert not imported.affectations.exists()
    mine, theirs = procedure.formulaires_vierges.get(), imported.formulaires_vierges.get()
    assert mine.file.name != theirs.file.name
    with theirs.file.open("rb") as file:
        assert file.read() == PDF


LABELS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1)


@st.composite
def champs(draw):
    """Draw a champ of any type, with the options of that type."""
    name = draw(st.sampled_from(sorted(CHAMP_TYPES)))
    properties = {"label": draw(LABELS)[:200], "help_text": draw(LABELS)[:200]}
    fields = CHAMP_TYPES[name].model_fields
    if "options" in fields:
        properties["options"] = draw(st.lists(LABELS.map(lambda text: text[:80]), unique=True))
    for bound in {"minimum", "maximum"} & set(fields) if "past_only" not in fields else ():
        whole = draw(st.none() | st.integers(0, 9))
        properties[bound] = whole if whole is None or bound == "minimum" else whole + 10
    if "past_only" in fields:
        days = st.none() | st.dates(date(1900, 1, 1), date(2000, 1, 1)).map(str)
        day = draw(days)
        properties["minimum"] = day and (f"{day}T08:00:00Z" if name == "date_heure" else day)
    if "length_max" in fields:
        properties["length_max"] = draw(st.none() | st.integers(1, 500))
    if "text" in fields:
        properties["text"] = draw(LABELS)[:200]
    if "formulaire_vierge_id" in fields:
        properties["formulaire_vierge_id"] = draw(st.none() | st.just(1))
    return new_champ(name, **properties)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=st.lists(champs(), max_size=8),
    title=LABELS,
    description=LABELS,
    months=st.integers(1, 60),
)
def test_any_procedure_survives_a_round_trip(
    administrateur, organisme, drawn, title, description, months
):
    sent_document = Echange(
        procedure={
            "title": title[:200], "description": description, "retention_months": months,
        },
        formulaire=Formulaire(champs=drawn),
        formulaires_vierges=(
            {1: {"name": "a.pdf", "content_type": "application/pdf", "content": PDF}}
            if any(getattr(champ, "formulaire_vierge_id", None) for champ in drawn)
            else {}
        ),
    )  # fmt: skip
    text = json.dumps(sent_document.model_dump(mode="json")).encode()

    imported = create_from(read_echange(text), organisme=organisme, by=administrateur)

    assert read_echange(export_of(imported)) == sent_document
    ids = [champ.id for champ in editable_revision(imported).formulaire.champs]
    assert ids == [champ.id for champ in drawn]


def test_nothing_is_left_of_an_import_that_fails(
    procedure, administrateur, organisme, monkeypatch, django_capture_on_commit_callbacks
):
    read = read_echange(export_of(procedure))
    written = []
    save = FormulaireVierge._meta.get_field("file").attr_class.save

    def save_and_tell(self, *args, **kwargs):
        save(self, *args, **kwargs)
        written.append((self.storage, self.name))

    monkeypatch.setattr(FormulaireVierge._meta.get_field("file").attr_class, "save", save_and_tell)
    monkeypatch.setattr(ModeleCourriel.objects, "bulk_create", lambda rows: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        create_from(read, organisme=organisme, by=administrateur)

    assert Procedure.objects.count() == 1
    assert [storage.exists(name) for storage, name in written] == [False]


def test_an_address_taken_meanwhile_gives_the_next_one(
    procedure, administrateur, organisme, monkeypatch
):
    proposed = iter(["aide-au-velo", "aide-au-velo-2"])
    monkeypatch.setattr(creation, "free_slug", lambda title: next(proposed))

    imported = create_from(
        read_echange(export_of(procedure)), organisme=organisme, by=administrateur
    )

    assert imported.slug == "aide-au-velo-2"


OPENING, CLOSING = datetime(2027, 1, 4, 8, tzinfo=UTC), datetime(2027, 3, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "planning",
    [
        Planning(opens_at=OPENING, closes_at=CLOSING),
        Planning(closes_at=CLOSING, passage_at_closing=True),
        Planning(passage_at=CLOSING),
    ],
)
def test_planned_dates_come_back_but_are_not_copied(planning, procedure, administrateur, organisme):
    set_dates(procedure, planning, by=administrateur)
    exported = export_of(procedure)

    imported = create_from(read_echange(exported), organisme=organisme, by=administrateur)
    copy = copy_procedure(procedure, by=administrateur)

    assert export_of(imported) == exported
    for name in ("opens_at", "closes_at", "passage_at", "passage_at_closing"):
        assert getattr(imported, name) == getattr(procedure, name)
    assert (copy.opens_at, copy.closes_at, copy.passage_at) == (None, None, None)


# --- what is refused, and where ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "Ligne 1, colonne 1 : ce n’est pas du JSON."),
        (b'{"format":\n oui}', "Ligne 2, colonne 2 : ce n’est pas du JSON."),
        (b"\xff\xd8\xff\xe0 image", "Ce fichier n’est pas un texte JSON lisible."),
        (b"[" * 100_000, "Ce fichier imbrique trop d’éléments."),
        (b"[" + b"1," * 1_000_001 + b"1]", "Ce fichier contient trop d’éléments."),
        (b'{"version": ' + b"9" * 5000 + b"}", "Ce fichier n’est pas un texte JSON lisible."),
        (b'{"version": NaN}', "Ce fichier n’est pas un texte JSON lisible."),
        (
            b'["tps-procedure"]',
            "Ce fichier n’est pas une procédure exportée de TPS "
            "(« format » : « tps-procedure »).",
        ),
        (raw(version=2), "version : ce site lit la version 1 du format. Exportez de nouveau."),
        (raw(procedure={}), "procedure > title : Il manque cette propriété."),
        (raw(procedure={"title": "  "}), "procedure > title : Remplissez ce champ."),
        (raw(procedure=[]), "procedure : Donnez un objet."),
        (
            raw(procedure={"title": "Aide", "retention_months": 61}),
            "procedure > retention_months : Donnez un nombre au plus égal à 60.",
        ),
        (
            raw(procedure={"title": "Aide", "demandeurs": "tous le monde"}),
            "procedure > demandeurs : Donnez une de ces valeurs : "
            "'particulier', 'entreprise', 'tous'.",
        ),
        (
            raw(procedure={"title": "Aide", "service_email": "personne"}),
            "procedure > service_email : Donnez une adresse email complète.",
        ),
        (
            raw(procedure={"title": "A\x00b"}),
            "procedure > title : retirez les caractères invisibles.",
        ),
        (
            raw(procedure={"title": "A", "description": "\ud800"}),
            "procedure > description : retirez les caractères invisibles.",
        ),
        (
            raw(dates={"opens_at": "2027-03-01T08:00:00"}),
            "dates > opens_at : Donnez une date et une heure avec son décalage : "
            "2026-11-23T14:30:00+01:00.",
        ),
        (
            raw(dates={"opens_at": "2027-03-01T08:00:00Z", "closes_at": "2027-03-01T08:00:00Z"}),
            "dates : La clôture doit venir après l’ouverture.",
        ),
        (
            raw(dates={"passage_at_closing": True}),
            "dates : Le passage en instruction à la clôture demande une clôture.",
        ),
        (
            raw(attestation={"title": "T", "body": "B", "logo": "PHN2Zz4="}),
            "attestation > logo : Le contenu de ce fichier n’est pas celui d’un fichier .jpg. "
            "Ouvrez-le, enregistrez-le de nouveau, puis renvoyez-le.",
        ),
        (raw(secret=1), "secret : Cette propriété n’existe pas."),
        (
            raw(
                formulaire=form_of(
                    {"type": "date", "label": "Jour"},
                    {"type": "montant", "label": "Montant", "options": ["a"]},
                )
            ),
            "formulaire > champ 2 (« Montant ») > options : Cette propriété n’existe pas.",
        ),
        (
            raw(formulaire=form_of({"type": "choix_unique", "label": "Qui", "options": ["a", ""]})),
            "formulaire > champ 1 (« Qui ») > options : Une option compte de 1 à 300 caractères.",
        ),
        (
            raw(formulaire=form_of({"type": "choix_unique", "label": "Type", "options": ["a", 3]})),
            "formulaire > champ 1 (« Type ») > options > élément 2 : Donnez un texte.",
        ),
        (
            raw(formulaire=form_of({"type": "montant", "label": "M", "minimum": 5, "maximum": 2})),
            "formulaire > champ 1 (« M ») : La valeur minimale est plus grande que la valeur "
            "maximale.",
        ),
        (
            raw(formulaire=form_of({"type": "script", "label": "Zut"})),
            "formulaire > champ 1 (« Zut ») : Le type « script » n’existe pas.",
        ),
        (
            raw(formulaire=form_of({"label": "Zut"})),
            "formulaire > champ 1 (« Zut ») : Il manque cette propriété « type ».",
        ),
        (
            raw(formulaire={"champs": [{"id": "Ab", "type": "date", "label": "Jour"}]}),
            "formulaire > champ 1 (« Jour ») > id : Corrigez cette valeur.",
        ),
        (
            raw(formulaire={"champs": [{"id": "aaa", "type": "date", "label": "J"}] * 2}),
            "formulaire : Deux champs portent le même identifiant.",
        ),
        (
            raw(courriels={"anniversaire": {"subject": "a", "body": "b"}}),
            "courriels > anniversaire > [key] : Donnez une de ces valeurs : 'accuse_reception', "
            "'passage_en_instruction', 'validation', 'sans_suite', 'rejet', "
            "'repassage_en_instruction'.",
        ),
        (
            raw(courriels={"rejet": {"subject": "", "body": "b"}}),
            "courriels > rejet > subject : Remplissez ce champ.",
        ),
        (
            raw(formulaires_vierges={"1": {"name": "a.pdf", "content": "é"}}),
            "formulaires_vierges > 1 (« a.pdf ») > content : Ce contenu n’est pas du base64.",
        ),
        (
            raw(formulaires_vierges={"1": {"name": "a.pdf", "content": ""}}),
            "formulaires_vierges > 1 (« a.pdf ») : Ce fichier est vide. Choisissez-en un autre.",
        ),
        (
            raw(
                formulaires_vierges={
                    "1": {"name": "a.pdf", "content": base64.b64encode(b"<script>").decode()}
                }
            ),
            "formulaires_vierges > 1 (« a.pdf ») : Le contenu de ce fichier n’est pas celui d’un "
            "fichier .pdf. Ouvrez-le, enregistrez-le de nouveau, puis renvoyez-le.",
        ),
        (
            raw(
                formulaire=form_of(
                    {"type": "piece_jointe", "label": "Devis", "formulaire_vierge_id": 7}
                )
            ),
            "Le champ 1 (« Devis ») donne le formulaire vierge 7, qui n’est pas dans le fichier.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_place(content, expected):
    assert problems(content) == [expected.replace(" > ", SEPARATOR)]


def test_errors_without_number_are_counted():
    champs = [{"type": "date", "label": ""}] * 30

    found = problems(raw(formulaire=form_of(*champs)))

    assert len(found) == 21
    assert found[-1] == "Et 10 autres erreurs."


def test_the_type_of_a_blank_form_is_what_its_content_says():
    vierge = {"name": "../a.pdf", "content_type": "text/html"}
    vierge["content"] = base64.b64encode(PDF).decode()

    read = read_echange(raw(formulaires_vierges={"1": vierge}))

    assert read.formulaires_vierges[1].content_type == "application/pdf"


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
))  # fmt: skip
def test_no_value_in_the_place_of_another_breaks_the_reading(value):
    for part in ("procedure", "formulaire", "courriels", "formulaires_vierges"):
        for wrong in (document(**{part: value}), document(formulaire={"champs": [value]})):
            try:
                outcome = read_echange(json.dumps(wrong).encode())
            except UnreadableEchange as error:
                outcome = error.problems
            assert outcome


# --- the pages --------------------------------------------------------------------------------


def test_a_file_makes_a_procedure_of_mine(browser, procedure, organisme):
    content = export_of(procedure)

    response = browser.post(IMPORT, sent(content))

    imported = Procedure.objects.exclude(pk=procedure.pk).get()
    assert response.url == reverse("procedures:procedure_detail", args=[imported.pk])
    assert imported.organisme == organisme


def test_a_wrong_file_is_explained(browser):
    response = browser.post(IMPORT, sent(raw(procedure={"title": "<b>", "retention_months": 0})))

    html = response.content.decode()
    assert response.status_code == 422
    assert "Ce fichier ne peut pas être importé." in html
    assert f"procedure{SEPARATOR}retention_months : Donnez un nombre au moins égal à 1." in html
    assert not Procedure.objects.exists()


def test_no_file_and_a_heavy_file_are_refused(browser, monkeypatch):
    monkeypatch.setattr("procedures.forms.echange.IMPORT_MAX_BYTES", 10)

    assert "Choisissez le fichier à importer." in browser.post(IMPORT).content.decode()
    assert "30 Mo au plus." in browser.post(IMPORT, sent(raw())).content.decode()


def test_whoever_has_several_organismes_chooses_one_of_theirs(browser, administrateur):
    second, strange = OrganismeFactory(administrateurs=[administrateur]), OrganismeFactory()

    refused = browser.post(IMPORT, sent(raw()) | {"organisme": strange.pk})
    browser.post(IMPORT, sent(raw()) | {"organisme": second.pk})

    assert refused.status_code == 422
    assert [procedure.organisme for procedure in Procedure.objects.all()] == [second]


def test_a_copy_is_like_its_model_and_apart_from_it(browser, procedure, administrateur):
    response = browser.post(reverse("procedures:procedure_copy", args=[procedure.pk]))

    copy = Procedure.objects.exclude(pk=procedure.pk).get()
    assert response.url == reverse("procedures:procedure_detail", args=[copy.pk])
    assert (copy.title, copy.slug) == ("Aide au vélo (copie)", "aide-au-velo-copie")
    assert (copy.organisme, copy.created_by) == (procedure.organisme, administrateur)
    expected = json.loads(export_of(procedure))
    expected["procedure"]["title"] = "Aide au vélo (copie)"
    assert json.loads(export_of(copy)) == expected
    assert copy.formulaires_vierges.get().file.name != procedure.formulaires_vierges.get().file.name


def test_a_long_title_leaves_room_for_the_word_copy(organisme, administrateur):
    procedure = ProcedureFactory(organisme=organisme, title="a" * 200)

    assert copy_procedure(procedure, by=administrateur).title == "a" * 192 + " (copie)"


@pytest.mark.parametrize("count", [1, 3])
def test_copying_and_choosing_take_the_same_queries_whatever_the_number(
    count, browser, organisme, django_assert_num_queries
):
    ProcedureFactory.create_batch(count - 1, organisme=organisme)
    champs = [new_champ("piece_jointe", label=f"Pièce {rank}") for rank in range(count)]
    procedure = ProcedureFactory(organisme=organisme, brouillon=True, champs=champs)
    for champ in champs:
        set_for_champ(procedure, champ.id, SimpleUploadedFile("modele.pdf", PDF))

    with django_assert_num_queries(5):
        browser.get(PICK)
    with django_assert_num_queries(23):
        browser.post(reverse("procedures:procedure_copy", args=[procedure.pk]))


def test_only_my_procedures_are_offered_to_copy(browser, procedure):
    ProcedureFactory(title="Aide au bateau")

    html = browser.get(PICK).content.decode()

    assert reverse("procedures:procedure_copy", args=[procedure.pk]) in html
    assert "Aide au bateau" not in html
    assert "Aucune procédure ne correspond" in browser.get(PICK, {"q": "bateau"}).content.decode()


def test_a_stranger_neither_exports_nor_copies(procedure, client_for):
    other = UserFactory()
    OrganismeFactory(administrateurs=[other])

    for name, verb in [("procedure_export", "get"), ("procedure_copy", "post")]:
        for stranger in (other, UserFactory(), AffectationFactory(procedure=procedure).user):
            url = reverse(f"procedures:{name}", args=[procedure.pk])
            assert getattr(client_for(stranger), verb)(url).status_code == 404
    assert Procedure.objects.count() == 1


def test_each_starting_point_leads_to_the_others(browser):
    pages = {reverse("procedures:procedure_create"), PICK, IMPORT}

    for page in pages:
        html = browser.get(page).content.decode()
        assert all(f'href="{other}"' in html for other in pages)


def test_the_cockpit_copies_and_exports(browser, procedure):
    html = browser.get(reverse("procedures:procedure_detail", args=[procedure.pk])).content.decode()

    for name in ("procedure_copy", "procedure_export"):
        assert reverse(f"procedures:{name}", args=[procedure.pk]) in html
