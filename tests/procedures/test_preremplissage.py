"""Prefilled links: what is written is read back, and nothing hostile passes."""

from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.champs import CHAMP_TYPES, new_champ
from procedures.conditions import Condition, Regle
from procedures.enums import Demandeurs
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.preremplissage import (
    LienTooLong,
    digest_of,
    lien_of,
    read_lien,
    write_lien,
)

LISTS = ["--Nord--", "Lille", "--Rhône--", "Lyon"]
OPTIONS = {
    "choix_unique": {"options": ["Un", "Deux & trois", "=?#"], "autre": True},
    "choix_multiple": {"options": ["Un", "Deux & trois", "=?#"], "autre": True},
    "listes_liees": {"lists": LISTS},
}
TEXTS = st.text(max_size=60)
TYPED = {
    "texte_court": TEXTS,
    "texte_long": TEXTS,
    "nombre_entier": st.integers(-(10**15), 10**15).map(str),
    "nombre_decimal": st.decimals(-(10**9), 10**9, places=3).map(str),
    "montant": st.decimals(-(10**9), 10**9, places=2).map(str),
    "date": st.dates().map(str),
    "date_heure": st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M")),
    "case_a_cocher": st.just("on"),
    "oui_non": st.sampled_from(["oui", "non"]),
    "choix_unique": st.one_of(
        st.sampled_from(OPTIONS["choix_unique"]["options"]), TEXTS.map(lambda text: ["Autre", text])
    ),
    "choix_multiple": st.one_of(
        st.lists(st.sampled_from(OPTIONS["choix_multiple"]["options"]), min_size=1),
        TEXTS.map(lambda text: ["Autre", text, "Un"]),
    ),
    "listes_liees": st.sampled_from([["Nord", "Lille"], ["Rhône", "Lyon"]]),
    "civilite": st.sampled_from(["Mme", "M."]),
    "adresse_email": st.just("a+b@exemple.fr"),
    "telephone": st.sampled_from(["06 12 34 56 78", "+32 470 12 34 56"]),
    "departement": st.sampled_from(["2A", "59", "971"]),
    "region": st.sampled_from(["11", "32"]),
    "pays": st.sampled_from(["FR", "BE"]),
    "siret": st.just("130 025 265 00013"),
    "iban": st.just("FR76 3000 6000 0112 3456 7890 189"),
    "adresse": TEXTS,
    "commune": TEXTS,
}
PREFILLABLE = {name for name, champ in CHAMP_TYPES.items() if champ.is_prefillable}
TEXTE = new_champ("texte_court", id="objet1", label="Objet")


def everybody() -> Procedure:
    return Procedure(slug="aide", title="Aide", demandeurs=Demandeurs.TOUS)


def read(query: str, *champs):
    return read_lien(everybody(), Formulaire(champs=list(champs)), lien_of(query))


def test_every_type_is_written_to_a_link_and_read_back_or_said_not_to_be():
    assert set(TYPED) == PREFILLABLE
    assert set(CHAMP_TYPES) - PREFILLABLE == {
        "engagement", "piece_jointe", "titre_de_section", "paragraphe", "bloc_repetable",
        "dossier_lie",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(PREFILLABLE))
@pytest.mark.parametrize("in_bloc", [False, True])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_a_link_is_written_with_is_read_back(name, in_bloc, data):
    champ = new_champ(name, id="champ1", **OPTIONS.get(name, {}))
    try:
        stored = champ.to_stored(champ.form_field().clean(data.draw(TYPED[name])))
    except ValidationError:
        return
    if stored is None:
        return
    reponses, champs = {"champ1": stored}, [champ]
    if in_bloc:
        champ.bloc = "bloc1"
        champs = [new_champ("bloc_repetable", id="bloc1"), champ]
        reponses = {"bloc1": ["1", "2"], "champ1-1": stored, "champ1-2": stored}

    query = write_lien(Formulaire(champs=champs), reponses, {"nom": "L’Été", "civilite": "M."})
    found = read(query, *champs)

    assert found.reponses == reponses
    assert found.identite == {"nom": "L’Été", "civilite": "M."}
    assert (found.refused, found.ignored) == ([], 0)


@pytest.mark.parametrize("name", sorted(CHAMP_TYPES))
@given(values=st.lists(st.text(max_size=50), max_size=4))
@settings(max_examples=40, deadline=None)
def test_no_value_breaks_a_form(name, values):
    champ = new_champ(name, id="champ1", **OPTIONS.get(name, {}))

    found = read(urlencode([("champ_champ1[]", value) for value in values]), champ)

    for key, stored in found.reponses.items():
        assert key == "champ1"
        field = champ.form_field()
        assert champ.to_stored(field.clean(champ.to_initial(stored))) == stored


@given(query=st.text(alphabet="champ_identite[]0=&%é-objet1", max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_link_breaks_a_form(query):
    found = read(query, TEXTE, new_champ("bloc_repetable", id="bloc1", required=False))

    assert set(found.reponses) <= {"objet1"}


def test_answers_of_the_national_platform_are_understood():
    champs = [
        new_champ("oui_non", id="oui1"),
        new_champ("case_a_cocher", id="case1"),
        new_champ("pays", id="pays1"),
        new_champ("date", id="date1"),
        new_champ("nombre_decimal", id="taux1"),
    ]

    found = read(
        "champ_oui1=false&champ_case1=true&champ_pays1=BE&champ_date1=2026-11-23&champ_taux1=1.5"
        "&identite_prenom=Ada&identite_genre=Mme&utm_source=x",
        *champs,
    )

    assert found.reponses == {
        "oui1": False, "case1": True, "pays1": "BE", "date1": "2026-11-23", "taux1": "1.5",
    }  # fmt: skip
    assert found.identite == {"prenom": "Ada", "civilite": "Mme"}
    assert (found.count, found.refused, found.ignored) == (7, [], 0)


def test_what_does_not_fit_is_left_out_and_named():
    champs = [
        new_champ("date", id="date1", label="Naissance"),
        new_champ("engagement", id="engage1", label="Je certifie"),
        new_champ("piece_jointe", id="piece1", label="Devis"),
        TEXTE,
    ]

    found = read(
        "champ_date1=31/02/2026&champ_engage1=true&champ_piece1=x&champ_objet1=a&champ_objet1=b"
        "&champ_inconnu=1&champ_=1&identite_genre=Dr&identite_age=3",
        *champs,
    )

    assert found.reponses == {}
    assert found.refused == ["Civilité", "Naissance", "Je certifie", "Devis", "Objet"]
    assert found.ignored == 3


def test_name_is_not_taken_where_only_companies_apply():
    procedure = Procedure(slug="aide", title="Aide", demandeurs=Demandeurs.ENTREPRISE)

    found = read_lien(procedure, Formulaire(), lien_of("identite_nom=Martin"))

    assert (found.identite, found.ignored) == ({}, 1)


def test_rows_are_bounded_and_numbered_anew():
    bloc = new_champ("bloc_repetable", id="bloc1", label="Dépenses", rows_max=2)
    champ = new_champ("montant", id="montant1", label="Montant", bloc="bloc1")

    found = read(
        "champ_bloc1[7][champ_montant1]=3&champ_bloc1[2][champ_montant1]=1"
        "&champ_bloc1[5][champ_montant1]=x&champ_bloc1[9][champ_montant1]=4",
        bloc,
        champ,
    )

    assert found.reponses == {"bloc1": ["1"], "montant1-1": "1.00"}
    assert found.refused == ["Montant", "Dépenses"]


def test_hidden_question_is_not_answered():
    condition = Condition(regles=[Regle(champ="oui1", operator="est", values=["oui"])])
    champs = [
        new_champ("oui_non", id="oui1"),
        new_champ("texte_court", id="detail1", label="Détail", condition=condition),
    ]

    hidden = read("champ_oui1=false&champ_detail1=x", *champs)
    shown = read("champ_oui1=true&champ_detail1=x", *champs)

    assert (hidden.reponses, hidden.refused) == ({"oui1": False}, ["Détail"])
    assert hidden.champ_ids == ["oui1"]
    assert shown.reponses == {"oui1": True, "detail1": "x"}


@pytest.mark.parametrize(
    "query",
    [
        "champ_objet1=" + "a" * 8000,
        "&".join(["champ_a=1"] * 1001),
        # Within the limit as it came, beyond it once written as the page sends it back.
        "champ_objet1=" + "/" * 3000,
    ],
)
def test_endless_link_is_refused(query):
    with pytest.raises(LienTooLong):
        lien_of(query)


def test_mark_of_a_link_forgets_what_does_not_prefill():
    assert lien_of("utm=1&champ_a1b=x") == lien_of("champ_a1b=x")
    assert digest_of("champ_a1b=x") != digest_of("champ_a1b=y")
    assert lien_of("utm=1") == ""
