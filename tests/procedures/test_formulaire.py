"""The pages of the form builder."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procedures import builder, revisions
from procedures.champs import CHAMP_TYPES, new_champ
from procedures.enums import ANNOTATIONS_MAX
from procedures.formulaires_vierges import set_for_champ
from procedures.revisions import editable_revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "proprietes"}
CHAMP_ACTS = [
    ("champ_edit", {"label": "Autre"}),
    ("champ_move", {"vers": "bas"}),
    ("champ_condition", {"affichage": "toujours"}),
    ("champ_duplicate", {}),
    ("champ_delete", {}),
    ("formulaire_vierge_set", {}),
    ("formulaire_vierge_remove", {}),
]


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def organisme(administrateur):
    return OrganismeFactory(administrateurs=[administrateur])


@pytest.fixture
def procedure(organisme):
    champs = [
        new_champ("texte_court", id="alpha1", label="Nom du projet"),
        new_champ("choix_unique", id="bravo1", label="Type", options=["Un", "Deux"]),
        new_champ("piece_jointe", id="charl1", label="Budget"),
    ]
    return ProcedureFactory(organisme=organisme, brouillon=True, champs=champs)


@pytest.fixture
def browser(administrateur, client_for):
    return client_for(administrateur)


def url(procedure, name="formulaire_edit", *args):
    return reverse(f"procedures:{name}", args=[procedure.pk, *args])


def ids(procedure):
    return [champ.id for champ in editable_revision(procedure).formulaire.champs]


def part(html, element_id):
    """Return the card or panel of this id, without what differs from one answer to the next."""
    html = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", html)
    html = re.sub(r'hx-swap-oob="true"', "", html)
    tag, start = re.search(rf'<(\w+)[^>]*\sid="{element_id}"', html).group(1), None
    start = re.search(rf'<{tag}[^>]*\sid="{element_id}"', html).start()
    depth = 0
    for match in re.finditer(rf"<(/?){tag}\b", html[start:]):
        depth += -1 if match[1] else 1
        if depth == 0:
            return re.sub(r"\s+", " ", html[start : start + match.start()]).replace(" >", ">")
    raise AssertionError(f"{element_id} is not closed")


# --- Who ---------------------------------------------------------------------------------------


def test_strangers_and_accompagnateurs_find_nothing(procedure, client, client_for):
    accompagnateur = AffectationFactory(procedure=procedure).user
    other = OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get()
    exploitant = UserFactory(exploitant=True)
    for person in (accompagnateur, other, exploitant, UserFactory()):
        browser = client_for(person)
        assert browser.get(url(procedure)).status_code == 404
        assert browser.get(url(procedure, "formulaire_preview")).status_code == 404
        assert browser.post(url(procedure, "champ_add"), {"type": "date"}).status_code == 404
        assert browser.post(url(procedure, "champ_restore")).status_code == 404
        for name, data in CHAMP_ACTS:
            assert browser.post(url(procedure, name, "alpha1"), data).status_code == 404
    assert client.get(url(procedure)).status_code == 302
    assert ids(procedure) == ["alpha1", "bravo1", "charl1"]


def test_acts_are_posts(procedure, browser):
    for name, _ in CHAMP_ACTS[1:]:
        assert browser.get(url(procedure, name, "alpha1")).status_code == 405
    assert browser.get(url(procedure, "champ_add")).status_code == 405
    assert browser.get(url(procedure, "champ_restore")).status_code == 405
    assert browser.post(url(procedure)).status_code == 405


# --- The page ----------------------------------------------------------------------------------


def test_page_shows_the_palette_the_form_and_the_properties(procedure, browser):
    html = browser.get(url(procedure), {"champ": "alpha1"}).content.decode()

    assert re.findall(r'data-tps-champ="(\w+)"', html) == ["alpha1", "bravo1", "charl1"]
    assert re.findall(r'name="type"\s+value="(\w+)"', html) == list(CHAMP_TYPES)
    assert 'value="Nom du projet"' in part(html, "proprietes")
    assert "tps-champ--selected" in part(html, "champ-alpha1")
    assert "tps-champ--selected" not in part(html, "champ-bravo1")


@pytest.mark.parametrize("champ", ["inconnu", "", "\x00", "a" * 5000])
def test_unknown_selection_selects_nothing(procedure, browser, champ):
    response = browser.get(url(procedure), {"champ": champ})

    assert response.status_code == 200
    assert "tps-champ--selected" not in response.content.decode()


def test_palette_is_searched_without_scripts(procedure, browser):
    html = browser.get(url(procedure), {"q": "telephone"}).content.decode()

    assert re.findall(r'name="type"\s+value="(\w+)"', html) == ["telephone"]


def test_page_of_an_empty_form(organisme, browser):
    procedure = revisions.create_procedure(
        by=organisme.administrateurs.get(), organisme=organisme, title="Vide", slug="tout-vide"
    )

    html = browser.get(url(procedure)).content.decode()

    assert "<strong>0 champ</strong>" in html
    assert browser.get(url(procedure, "formulaire_preview")).status_code == 200


def test_what_an_administrateur_typed_is_escaped(organisme, browser):
    hostile = "<script>alert(1)</script>"
    champs = [
        new_champ(type_name, label=hostile, help_text=hostile)
        for type_name in CHAMP_TYPES
        if type_name != "paragraphe"
    ]
    champs.append(new_champ("paragraphe", label=hostile, text=hostile))
    champs.append(new_champ("choix_unique", label="x", options=[hostile]))
    procedure = ProcedureFactory(organisme=organisme, title=hostile, champs=champs)

    html = browser.get(url(procedure), {"champ": champs[0].id}).content.decode()
    builder.delete_champ(procedure, champs[0].id)
    html += browser.get(url(procedure)).content.decode()

    assert "<script>alert" not in html


def test_published_procedure_says_that_changes_wait(organisme, browser):
    procedure = ProcedureFactory(organisme=organisme)

    assert "Cette procédure est publiée" in browser.get(url(procedure)).content.decode()


@pytest.mark.parametrize("count", [3, 60])
@pytest.mark.parametrize("is_htmx", [False, True])
def test_queries_do_not_grow_with_the_form(
    organisme, browser, django_assert_num_queries, count, is_htmx
):
    types = list(CHAMP_TYPES)
    champs = [new_champ(types[number % len(types)]) for number in range(count)]
    champs += [new_champ("piece_jointe", id=f"piece{number}") for number in range(count)]
    procedure = ProcedureFactory(organisme=organisme, brouillon=True, champs=champs)
    headers = HTMX if is_htmx else {}
    for number in range(min(count, 4)):
        set_for_champ(procedure, f"piece{number}", SimpleUploadedFile("a.pdf", b"%PDF-1.7\n"))

    with django_assert_num_queries(5 if is_htmx else 6):
        browser.get(url(procedure), {"champ": champs[0].id}, **headers)
    with django_assert_num_queries(10):
        browser.post(url(procedure, "champ_edit", champs[0].id), {"label": "Nom"}, **HTMX)
    with django_assert_num_queries(9):
        browser.post(url(procedure, "champ_move", champs[0].id), {"vers": "bas"}, **HTMX)


# --- Without scripts ---------------------------------------------------------------------------


def test_add_leads_to_the_new_champ(procedure, browser):
    response = browser.post(url(procedure, "champ_add"), {"type": "date", "selection": "alpha1"})

    new_id = ids(procedure)[1]
    assert ids(procedure) == ["alpha1", new_id, "bravo1", "charl1"]
    assert response.status_code == 302
    assert response["Location"] == f"{url(procedure)}?champ={new_id}#champ-{new_id}"


def test_every_act_redirects_to_its_champ(procedure, browser):
    for name, data, order in [
        ("champ_edit", {"label": "Nom"}, ["alpha1", "bravo1", "charl1"]),
        ("champ_move", {"vers": "bas"}, ["bravo1", "alpha1", "charl1"]),
        ("champ_move", {"vers": "haut"}, ["alpha1", "bravo1", "charl1"]),
        ("champ_move", {"apres": "charl1"}, ["bravo1", "charl1", "alpha1"]),
        ("champ_move", {"apres": ""}, ["alpha1", "bravo1", "charl1"]),
    ]:
        response = browser.post(url(procedure, name, "alpha1"), data)
        assert response["Location"] == f"{url(procedure)}?champ=alpha1#champ-alpha1"
        assert ids(procedure) == order


def test_deletion_is_offered_for_undo_after_a_reload(procedure, browser):
    browser.post(url(procedure, "champ_delete", "alpha1"))
    html = browser.get(url(procedure)).content.decode()
    assert "Annuler la suppression de « Nom du projet »" in html

    response = browser.post(url(procedure, "champ_restore"), {"champ": "alpha1"})

    assert response["Location"] == f"{url(procedure)}?champ=alpha1#champ-alpha1"
    assert ids(procedure) == ["alpha1", "bravo1", "charl1"]
    assert "Annuler la suppression" not in browser.get(url(procedure)).content.decode()


def test_undo_of_nothing_is_explained(procedure, browser):
    response = browser.post(url(procedure, "champ_restore"), follow=True)

    assert "Cette suppression ne peut plus être annulée." in response.content.decode()


def test_wrong_properties_are_explained_and_kept(procedure, browser):
    data = {"label": "", "help_text": "Mon aide", "options": "Un\nUn\nTrois"}

    response = browser.post(url(procedure, "champ_edit", "bravo1"), data)

    panel = part(response.content.decode(), "proprietes")
    assert response.status_code == 422
    assert "Donnez un intitulé à ce champ." in panel
    assert "Mon aide</textarea>" in panel
    assert "Trois</textarea>" in panel
    assert editable_revision(procedure).formulaire.by_id["bravo1"].label == "Type"


def test_options_are_pasted_one_per_line(procedure, browser):
    data = {"label": "Type", "options": " Un \r\n\r\nDeux\r\nUn\nTrois\n"}

    browser.post(url(procedure, "champ_edit", "bravo1"), data)

    champ = editable_revision(procedure).formulaire.by_id["bravo1"]
    assert champ.options == ["Un", "Deux", "Trois"]
    assert champ.required is False


def test_too_many_options_are_refused_beside_their_field(procedure, browser):
    data = {"label": "Type", "options": "\n".join(str(number) for number in range(501))}

    response = browser.post(url(procedure, "champ_edit", "bravo1"), data)

    assert "Donnez 500 éléments au plus." in part(response.content.decode(), "proprietes")


@pytest.mark.parametrize("label", ["a\x00b", "a" * 301, "   ", "\n"])
def test_impossible_labels_are_refused(procedure, browser, label):
    response = browser.post(url(procedure, "champ_edit", "alpha1"), {"label": label})

    assert response.status_code == 422
    assert editable_revision(procedure).formulaire.by_id["alpha1"].label == "Nom du projet"


def test_label_is_one_line(procedure, browser):
    browser.post(url(procedure, "champ_edit", "alpha1"), {"label": " Nom\r\n du   projet "})

    assert editable_revision(procedure).formulaire.by_id["alpha1"].label == "Nom du projet"


def test_a_link_to_the_act_leads_to_the_champ(procedure, browser):
    response = browser.get(url(procedure, "champ_edit", "alpha1"))

    assert response["Location"] == f"{url(procedure)}?champ=alpha1#champ-alpha1"


# --- Hostile requests --------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_unknown_champ_is_not_found(procedure, browser, headers):
    for name, data in CHAMP_ACTS:
        response = browser.post(url(procedure, name, "inconnu"), data, **headers)
        assert response.status_code == 404
    assert browser.get(url(procedure, "champ_edit", "inconnu"), **headers).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("type_name", ["", "montagne", "\x00"])
def test_unknown_type_is_a_bad_request(procedure, browser, headers, type_name):
    response = browser.post(url(procedure, "champ_add"), {"type": type_name}, **headers)

    assert response.status_code == 400


def test_move_to_nowhere(procedure, browser):
    to = url(procedure, "champ_move", "alpha1")
    assert browser.post(to).status_code == 400
    assert browser.post(to, {"vers": "gauche"}).status_code == 400
    assert browser.post(to, {"apres": "inconnu"}).status_code == 404
    assert ids(procedure) == ["alpha1", "bravo1", "charl1"]


def test_blank_form_belongs_to_a_piece_jointe(procedure, browser):
    for name in ("formulaire_vierge_set", "formulaire_vierge_remove"):
        assert browser.post(url(procedure, name, "alpha1")).status_code in {400, 404}


def test_full_form_is_explained(organisme, browser):
    notes = [new_champ("date") for _ in range(ANNOTATIONS_MAX)]
    procedure = ProcedureFactory(organisme=organisme, annotations=notes)

    response = browser.post(url(procedure, "annotations_champ_add"), {"type": "date"}, **HTMX)

    assert response["HX-Redirect"] == url(procedure, "annotations_formulaire_edit")
    page = browser.get(url(procedure, "annotations_formulaire_edit")).content.decode()
    assert f"au plus {ANNOTATIONS_MAX} champs" in page


# --- With htmx: the parts equal a reload -------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "data", "changed"),
    [
        ("champ_move", ["bravo1"], {"vers": "haut"}, "bravo1"),
        ("champ_move", ["bravo1"], {"apres": "charl1"}, "bravo1"),
        ("champ_edit", ["bravo1"], {"label": "Nouveau", "options": "A\nB\nC"}, "bravo1"),
        ("champ_edit", ["charl1"], {"label": "Devis", "help_text": "https://exemple.fr"}, "charl1"),
        ("champ_delete", ["alpha1"], {}, "bravo1"),
        ("champ_delete", ["charl1"], {}, "bravo1"),
        ("champ_add", [], {"type": "paragraphe"}, None),
        ("champ_duplicate", ["charl1"], {}, None),
    ],
)
def test_parts_equal_a_reload(procedure, browser, name, args, data, changed):
    data = data | {"selection": "alpha1"}

    response = browser.post(url(procedure, name, *args), data, **HTMX)

    answer = response.content.decode()
    champ_id = changed or re.search(r'id="choisir-(\w+)"[^>]*aria-current', answer).group(1)
    page = browser.get(url(procedure), {"champ": champ_id}).content.decode()
    assert response["HX-Replace-Url"] == f"{url(procedure)}?champ={champ_id}#champ-{champ_id}"
    for element_id in ("proprietes", f"champ-{champ_id}", "etat"):
        if element_id == f"champ-{champ_id}":
            answer = answer[answer.rindex('<li class="tps-champ tps-champ--selected') - 1 :]
        assert part(answer, element_id) == part(page, element_id)


def test_selection_shows_its_properties_and_leaves_the_former_one(procedure, browser):
    response = browser.get(url(procedure), {"champ": "bravo1", "selection": "alpha1"}, **HTMX)

    answer = response.content.decode()
    assert "<html" not in answer
    assert "tps-champ--selected" in part(answer, "champ-bravo1")
    assert "tps-champ--selected" not in part(answer, "champ-alpha1")
    assert 'value="Type"' in part(answer, "proprietes")
    assert "no-store" in response["Cache-Control"]


def test_selection_of_a_deleted_champ_is_not_found(procedure, browser):
    assert browser.get(url(procedure), {"champ": "inconnu"}, **HTMX).status_code == 404


def test_what_is_being_typed_is_not_replaced(procedure, browser):
    to = url(procedure, "champ_edit", "alpha1")

    assert browser.post(to, {"label": "Nom"}, **HTMX)["HX-Reswap"] == "none"
    refused = browser.post(to, {"label": ""}, **HTMX)
    assert refused.status_code == 422
    assert "HX-Reswap" not in refused
    assert 'name="erreurs"' in refused.content.decode()
    assert "HX-Reswap" not in browser.post(to, {"label": "Nom", "erreurs": "1"}, **HTMX)


def test_save_is_announced_with_its_hour(procedure, browser):
    response = browser.post(url(procedure, "champ_edit", "alpha1"), {"label": "Nom"}, **HTMX)

    assert re.search(r"Enregistr\\u00e9 \\u00e0 \d\d:\d\d\.", response["HX-Trigger"])
    assert re.search(r"Enregistré à \d\d:\d\d", response.content.decode())
