"""A dossier that names another one of its usager."""

import pytest

from dossiers.completeness import problems_of
from dossiers.models import Dossier
from dossiers.reponses import save_reponses
from procedures.champs import new_champ
from procedures.champs.dossier_lie import CHOOSE, SELECT_MAX, SlugField
from tests.dossiers.factories import DossierFactory
from tests.dossiers.test_reponses import post
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db


def make(usager=None, procedure_slug="", **fields):
    champ = new_champ("dossier_lie", id="lie1", label="Dossier", procedure_slug=procedure_slug)
    owner = {"usager": usager} if usager else {}
    procedure = ProcedureFactory(champs=[champ])
    return DossierFactory(procedure=procedure, reponses={}, **owner, **fields)


def offered(dossier) -> list[int]:
    fresh = Dossier.objects.get(pk=dossier.pk)
    return [item.number for item in fresh.contexte.dossiers_liables("")]


def save(dossier, typed):
    [saved] = save_reponses(
        dossier.pk, post(champ_lie1=typed), by=dossier.usager, champ_ids={"lie1"}
    )
    return saved.errors, Dossier.objects.get(pk=dossier.pk).reponses


def test_only_my_submitted_dossiers_are_offered():
    dossier = make(en_construction=True)
    mine = DossierFactory(usager=dossier.usager, accepte=True)
    DossierFactory(usager=dossier.usager)  # a brouillon
    DossierFactory(en_construction=True)  # somebody else's

    assert offered(dossier) == [mine.pk]


def test_chosen_dossier_is_stored_by_its_number():
    dossier = make()
    mine = DossierFactory(usager=dossier.usager, en_instruction=True)

    assert save(dossier, str(mine.pk)) == ([], {"lie1": mine.pk})
    assert problems_of(Dossier.objects.get(pk=dossier.pk)) == []


@pytest.mark.parametrize("of", ["another", "brouillon", "itself", "nobody", "hostile"])
def test_other_numbers_are_refused(of):
    dossier = make(en_construction=True)
    DossierFactory(usager=dossier.usager, en_construction=True)
    typed = {
        "another": DossierFactory(en_construction=True).pk,
        "brouillon": DossierFactory(usager=dossier.usager).pk,
        "itself": dossier.pk,
        "nobody": 999_999_999,
        "hostile": "9" * 500 + "<script>\x00",
    }[of]

    assert save(dossier, str(typed)) == ([CHOOSE], {})


def test_one_procedure_of_the_same_organisme_may_be_asked_for():
    dossier = make(procedure_slug="aide-2025")
    organisme = dossier.procedure.organisme
    wanted = ProcedureFactory(slug="aide-2025", organisme=organisme)
    mine = DossierFactory(usager=dossier.usager, procedure=wanted, en_construction=True)
    other = DossierFactory(usager=dossier.usager, en_construction=True)

    assert save(dossier, str(other.pk)) == ([CHOOSE], {})
    assert save(dossier, str(mine.pk)) == ([], {"lie1": mine.pk})


def test_procedure_of_another_organisme_offers_nothing():
    dossier = make(procedure_slug="aide-2025")
    elsewhere = ProcedureFactory(slug="aide-2025")
    DossierFactory(usager=dossier.usager, procedure=elsewhere, en_construction=True)

    assert Dossier.objects.get(pk=dossier.pk).contexte.dossiers_liables("aide-2025") == []


def test_many_dossiers_are_searched_as_one_types(client_for):
    dossier = make()
    mine = [
        DossierFactory(usager=dossier.usager, en_construction=True) for _ in range(SELECT_MAX + 1)
    ]
    page = Markup(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/modifier/"))
    labels = [option["value"] for option in page.all("datalist option")]

    assert len(labels) == SELECT_MAX + 1
    assert save(dossier, labels[0]) == ([], {"lie1": mine[-1].pk})
    page = Markup(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/modifier/"))
    assert page.one("#id_champ_lie1")["value"] == labels[0]


@pytest.mark.parametrize("may_see", [True, False])
def test_link_is_for_those_who_may_follow_it(client_for, may_see):
    dossier = make(en_construction=True)
    mine = DossierFactory(usager=dossier.usager, en_construction=True)
    Dossier.objects.filter(pk=dossier.pk).update(reponses={"lie1": mine.pk})
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    if may_see:
        AffectationFactory(procedure=mine.procedure, user=accompagnateur)

    usager_page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/").content.decode()
    page = client_for(accompagnateur).get(f"/instruction/dossiers/{dossier.pk}/").content.decode()

    assert f'href="/dossiers/{mine.pk}/"' in usager_page
    assert f"nº {mine.pk}" in page
    assert (f'href="/instruction/dossiers/{mine.pk}/"' in page) == may_see


def test_form_of_several_links_reads_the_dossiers_once(django_assert_num_queries):
    champs = [new_champ("dossier_lie", id=f"lie{rank}") for rank in range(3)]
    dossier = DossierFactory(procedure=ProcedureFactory(champs=champs), reponses={})
    read = Dossier.objects.select_related("revision").get(pk=dossier.pk)

    with django_assert_num_queries(1):
        for champ in read.questionnaire.champs:
            champ.form_field()


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("aide-2025", "aide-2025"),
        (" https://tps.exemple.fr/commencer/aide-2025/?x=1#y ", "aide-2025"),
        ("/commencer/aide-2025", "aide-2025"),
        ("", ""),
    ],
)
def test_procedure_is_named_by_its_address(typed, slug):
    assert SlugField(required=False).clean(typed) == slug
