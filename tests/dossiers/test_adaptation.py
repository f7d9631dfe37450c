"""A test dossier shows the newest draft, whatever its champs have become."""

import pytest
from django.urls import reverse

from dossiers.adaptation import adapt_reponses
from dossiers.models import Dossier
from procedures.champs import CHAMP_TYPES, new_champ
from procedures.formulaire import Formulaire
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import ProcedureFactory, formulaire_of
from tests.procedures.test_champs import ACCEPTED

pytestmark = pytest.mark.django_db

OPTIONS = ["Association", "Entreprise", "Collectivité"]
STORED = {name: stored for name, _options, _raw, stored, *_rest in ACCEPTED if stored is not None}
STORED |= {"listes_liees": ["Bretagne", "Rennes"], "dossier_lie": 12}
# Structures that no type stores today.
STORED |= {"dict": {"a": [1]}, "liste de listes": [["a"]], "vide": [], "nul": [None]}


def champ_of(type_name: str, champ_id: str, **properties):
    if "options" in CHAMP_TYPES[type_name].model_fields:
        properties.setdefault("options", OPTIONS)
    return new_champ(type_name, id=champ_id, label=type_name, **properties)


def one_of_each_type() -> list:
    return [champ_of(type_name, type_name.replace("_", "")[:30]) for type_name in CHAMP_TYPES]


def answered(dossier: Dossier, **answers) -> Dossier:
    """Store answers as they were before the form changed."""
    Dossier.tests.filter(pk=dossier.pk).update(**answers)
    return dossier


def pages_of(client, dossier: Dossier) -> None:
    """Ask for every page that shows the answers."""
    for name in ("edit", "review", "detail", "recapitulatif"):
        url = reverse(f"dossiers:dossier_{name}", args=[dossier.pk])
        assert client.get(url).status_code in (200, 302), name


def instruction_pages_of(client, dossier: Dossier) -> None:
    for name in ("detail", "recapitulatif", "accept"):
        url = reverse(f"instruction:dossier_{name}", args=[dossier.pk])
        assert client.get(url).status_code == 200, name


def test_every_type_has_an_answer_to_mistake_for_another():
    answered = {name for name, champ in CHAMP_TYPES.items() if champ.holds_answer}

    assert answered - set(STORED) == set()


@pytest.mark.parametrize("origin", STORED)
def test_no_page_breaks_on_an_answer_of_any_other_type(origin, client_for):
    champs = one_of_each_type()
    procedure = procedure_to_try(champs=champs)
    reponses = {champ.id: STORED[origin] for champ in champs}
    for trait in ({}, {"en_instruction": True}):
        dossier = answered(essai_of(procedure, **trait), reponses=reponses)
        PieceJointeFactory(dossier=dossier, champ_id=champs[0].id)
        pages_of(client_for(dossier.usager), dossier)
    instruction_pages_of(client_for(dossier.usager), dossier)


@pytest.mark.parametrize("origin", STORED)
def test_no_page_breaks_on_an_annotation_of_any_other_type(origin, client_for):
    annotations = [champ for champ in one_of_each_type() if champ.holds_answer]
    procedure = procedure_to_try()
    draft = procedure.revisions.drafts().get()
    questions = draft.formulaire.champs
    draft.set_formulaire(Formulaire(champs=questions, annotations=annotations))
    draft.save()
    stored = {champ.id: STORED[origin] for champ in annotations}
    dossier = answered(essai_of(procedure, en_instruction=True), annotations=stored)
    client = client_for(dossier.usager)
    url = reverse("instruction:annotation_save", args=[dossier.pk, "textecourt"])

    instruction_pages_of(client, dossier)
    response = client.post(url, {"champ_textecourt": "Vu"}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert Dossier.tests.get().annotations["textecourt"] == "Vu"


@pytest.mark.parametrize("origin", STORED)
def test_an_answer_saved_alone_breaks_on_no_other_one(origin, client_for):
    champs = one_of_each_type()
    procedure = procedure_to_try(champs=champs)
    reponses = {champ.id: STORED[origin] for champ in champs}
    dossier = answered(essai_of(procedure), reponses=reponses)
    client = client_for(dossier.usager)
    url = reverse("dossiers:reponse_save", args=[dossier.pk, "textecourt"])

    for text in ("Neuf", "Neuf"):  # the second time, nothing changes
        data = {"champ_textecourt": text}
        assert client.post(url, data, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize("typed", ["abc", "12", ["a", "b"], [], "", {"a": 1}, 12, None, [None]])
def test_no_page_breaks_on_what_was_refused_by_any_other_type(typed, client_for):
    champs = one_of_each_type()
    procedure = procedure_to_try(champs=champs)
    refused = {champ.id: typed for champ in champs}
    dossier = answered(essai_of(procedure), reponses={}, saisies_refusees=refused)

    pages_of(client_for(dossier.usager), dossier)


@pytest.mark.parametrize("origin", STORED)
def test_saving_the_form_after_a_change_of_type_keeps_answers_of_the_new_type(origin, client_for):
    champs = one_of_each_type()
    procedure = procedure_to_try(champs=champs)
    reponses = {champ.id: STORED[origin] for champ in champs}
    dossier = answered(essai_of(procedure), reponses=reponses)
    url = reverse("dossiers:dossier_edit", args=[dossier.pk])

    client_for(dossier.usager).post(url, {"champ_textecourt": "Neuf"})

    saved = Dossier.tests.get().reponses
    assert saved["textecourt"] == "Neuf"
    for champ in champs:
        if champ.is_bloc:
            assert isinstance(saved.get(champ.id, []), list)
        elif champ.id in saved:
            initial = champ.to_initial(saved[champ.id])
            assert champ.to_stored(champ.form_field().clean(initial)) == saved[champ.id]


@pytest.mark.parametrize("type_name", sorted({name for name, *_ in ACCEPTED}))
def test_an_answer_of_its_own_type_stays(type_name):
    options = next(
        options
        for name, options, _raw, stored, *_ in ACCEPTED
        if name == type_name and stored == STORED[type_name]
    )
    champ = new_champ(type_name, id="objet1", label="Objet", **options)
    dossier = essai_of(procedure_to_try(champs=[champ]), reponses={"objet1": STORED[type_name]})

    adapt_reponses(dossier)

    assert (dossier.reponses, dossier.saisies_refusees) == ({"objet1": STORED[type_name]}, {})


def test_an_answer_of_another_type_is_shown_as_refused_input(client_for):
    procedure = procedure_to_try()
    dossier = essai_of(procedure, reponses={"objet1": "Des livres"})
    draft = procedure.revisions.drafts().get()
    draft.set_formulaire(formulaire_of(new_champ("nombre_entier", id="objet1", label="Combien")))
    draft.save()

    page = client_for(dossier.usager).get(reverse("dossiers:dossier_edit", args=[dossier.pk]))

    assert 'value="Des livres"' in page.content.decode()
    assert "Saisissez un nombre entier" in page.content.decode()


def test_the_answer_to_a_champ_that_left_is_unseen_and_comes_back_with_it(client_for):
    procedure = procedure_to_try()
    dossier = essai_of(procedure, reponses={"objet1": "Des livres"})
    draft = procedure.revisions.drafts().get()
    other = new_champ("texte_court", id="autre1", label="Autre")
    url = reverse("dossiers:dossier_edit", args=[dossier.pk])
    shown = []
    for champ in (other, new_champ("texte_court", id="objet1", label="Objet")):
        draft.set_formulaire(formulaire_of(champ))
        draft.save()
        shown.append("Des livres" in client_for(dossier.usager).get(url).content.decode())

    assert shown == [False, True]


def test_real_dossiers_are_left_alone():
    champ = new_champ("nombre_entier", id="objet1", label="Combien")
    dossier = DossierFactory(
        procedure=ProcedureFactory(champs=[champ]), reponses={"objet1": "Des livres"}
    )

    adapt_reponses(dossier)

    assert (dossier.reponses, dossier.saisies_refusees) == ({"objet1": "Des livres"}, {})
