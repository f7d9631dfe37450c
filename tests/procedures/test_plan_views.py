"""The pages where an outline is pasted, reviewed, inserted."""

import re

import pytest
from django.urls import reverse

from procedures.champs import new_champ
from procedures.enums import CHAMPS_MAX
from procedures.part import CHAMPS
from procedures.revisions import editable_revision
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

PLAN = "# Le projet\nNom du projet\nType (facultatif)\n- Fête\n- Concert\nNB : soyez bref"


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    organisme = OrganismeFactory(administrateurs=[administrateur])
    champs = [new_champ("date", id=champ_id, label=champ_id) for champ_id in ("alpha1", "bravo1")]
    return ProcedureFactory(organisme=organisme, champs=champs)


@pytest.fixture
def browser(administrateur, client_for):
    return client_for(administrateur)


def url(procedure, name="plan_read"):
    return reverse(f"procedures:{name}", args=[procedure.pk])


def champs_of(procedure):
    return editable_revision(procedure).formulaire.champs


def reviewed(response) -> dict:
    """Return what the review page would post untouched."""
    lignes = response.context["lignes"]
    data = {"ligne-TOTAL_FORMS": len(lignes.forms), "ligne-INITIAL_FORMS": len(lignes.forms)}
    after = response.context["after"]
    data["apres"] = after.id if after else ""
    for form in lignes:
        for bound in form:
            if bound.value() not in (None, "", False):
                data[bound.html_name] = "on" if bound.value() is True else bound.value()
    return data


def test_an_outline_is_reviewed_then_inserted_after_the_selected_champ(browser, procedure):
    page = browser.post(url(procedure), {"text": PLAN, "apres": "alpha1"})

    assert "après « alpha1 »" in re.sub(r"\s+", " ", page.content.decode())
    assert [champ.id for champ in champs_of(procedure)] == ["alpha1", "bravo1"]

    response = browser.post(url(procedure, "plan_insert"), reviewed(page))

    champs = champs_of(procedure)
    assert [champ.type for champ in champs] == [
        "date", "titre_de_section", "texte_court", "choix_unique", "paragraphe", "date",
    ]  # fmt: skip
    assert [champ.required for champ in champs[1:5]] == [False, True, False, False]
    assert champs[3].options == ["Fête", "Concert"]
    assert champs[4].text == "NB : soyez bref"
    builder_url = reverse("procedures:formulaire_edit", args=[procedure.pk])
    assert response.url == f"{builder_url}?champ={champs[1].id}#champ-{champs[1].id}"
    assert [champ.id for champ in procedure.published_revision.formulaire.champs] == [
        "alpha1",
        "bravo1",
    ]


def test_what_was_reviewed_wins_over_what_was_guessed(browser, procedure):
    data = reviewed(browser.post(url(procedure), {"text": "Nom\nMontant\nPays"}))
    data |= {"ligne-0-label": "Nom complet", "ligne-1-type": "texte_long", "ligne-2-type": ""}
    del data["ligne-0-required"]

    browser.post(url(procedure, "plan_insert"), data)

    added = champs_of(procedure)[2:]
    assert [(champ.type, champ.label, champ.required) for champ in added] == [
        ("texte_court", "Nom complet", False),
        ("texte_long", "Montant", True),
    ]


def test_a_wrong_line_is_explained_and_nothing_is_lost(browser, procedure):
    data = reviewed(browser.post(url(procedure), {"text": "Nom\nType\n- Un\n- Deux"}))
    data |= {"ligne-0-label": "a" * 301, "ligne-1-options": "b" * 301}

    response = browser.post(url(procedure, "plan_insert"), data)

    html = response.content.decode()
    assert response.status_code == 422
    assert "Écrivez 300 caractères au plus." in html
    assert "Une option compte de 1 à 300 caractères." in html
    assert "a" * 301 in html
    assert "b" * 301 in html
    assert len(champs_of(procedure)) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ligne-0-type": ""}, "Gardez au moins une ligne à insérer."),
        ({"ligne-0-type": "script"}, "Choisissez un type de la liste."),
        ({"ligne-0-label": ""}, "Donnez un intitulé à ce champ."),
        ({"ligne-TOTAL_FORMS": "beaucoup"}, "Les champs ne sont pas insérés"),
    ],
)
def test_a_forged_or_emptied_review_is_refused(browser, procedure, changes, expected):
    data = reviewed(browser.post(url(procedure), {"text": "Nom"})) | changes

    response = browser.post(url(procedure, "plan_insert"), data)

    assert response.status_code == 422
    assert expected in response.content.decode()
    assert len(champs_of(procedure)) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Collez au moins une ligne."),
        ("-\n#\n", "Collez au moins une ligne qui contienne une question."),
        ("Nom\n" * (CHAMPS_MAX + 1), "Ce plan donne 501 champs"),
        ("a" * 200_001, "Ce plan est trop long"),
        ("a\x00b", "Le caractère nul n’est pas autorisé."),
    ],
)
def test_an_outline_that_makes_no_form_is_refused(browser, procedure, text, expected):
    response = browser.post(url(procedure), {"text": text})

    assert response.status_code == 422
    assert expected in response.content.decode()


def test_a_full_form_says_so_and_keeps_the_review(browser, procedure, monkeypatch):
    monkeypatch.setitem(CHAMPS.__dict__, "champs_max", 3)
    data = reviewed(browser.post(url(procedure), {"text": "Nom\nPays"}))

    response = browser.post(url(procedure, "plan_insert"), data)

    assert response.status_code == 422
    assert "Un formulaire compte au plus 3 champs." in response.content.decode()
    assert response.context["lignes"].forms[1]["label"].value() == "Pays"


def test_without_selected_champ_the_lines_come_last(browser, procedure):
    data = reviewed(browser.post(url(procedure), {"text": "Nom", "apres": "disparu"}))

    browser.post(url(procedure, "plan_insert"), data)

    assert [champ.label for champ in champs_of(procedure)] == ["alpha1", "bravo1", "Nom"]


@pytest.mark.parametrize("count", [1, 300])
def test_each_step_takes_the_same_queries_whatever_the_outline(
    count, browser, procedure, django_assert_num_queries
):
    with django_assert_num_queries(5):
        page = browser.post(url(procedure), {"text": "Nom\n" * count})
    data = reviewed(page)
    with django_assert_num_queries(18):
        browser.post(url(procedure, "plan_insert"), data)

    assert len(champs_of(procedure)) == count + 2


def test_only_administrateurs_of_its_organisme_paste(procedure, client_for):
    other = UserFactory()
    OrganismeFactory(administrateurs=[other])

    for stranger in (other, UserFactory(), AffectationFactory(procedure=procedure).user):
        for name in ("plan_read", "plan_insert"):
            response = client_for(stranger).post(url(procedure, name), {"text": "Nom"})
            assert response.status_code == 404


def test_the_builder_leads_to_the_page(browser, procedure):
    page = reverse("procedures:formulaire_edit", args=[procedure.pk])

    html = browser.get(f"{page}?champ=bravo1").content.decode()

    assert f'href="{url(procedure)}?apres=bravo1"' in html
    assert "après « bravo1 »" in browser.get(f"{url(procedure)}?apres=bravo1").content.decode()
