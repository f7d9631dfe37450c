"""Any change of a form: the diff tells all of it, and no dossier breaks or loses an answer."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossiers.completeness import problems_of
from dossiers.demande import sections_of
from dossiers.forms import ReponsesForm
from dossiers.models import Dossier
from procedures.champs import base_id, new_champ
from procedures.conditions import Condition, Operator, Regle
from procedures.diff import ChangeKind, diff_formulaires
from procedures.formulaire import Formulaire
from procedures.models import Procedure, Revision

LABELS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
OPTIONS = st.lists(st.sampled_from(["Un", "Deux", "Trois"]), unique=True, max_size=3)
# What each type stores, and the options it may be given: a champ keeps its type from one form to
# the next, its options change. Those that read the database have tests of their own.
STORED = {
    "texte_court": ["Une réponse", "AB"],
    "texte_long": ["Plusieurs\nlignes"],
    "nombre_entier": [0, -12, 10**9],
    "nombre_decimal": ["0.5", "1250.505050"],
    "montant": ["1250.50"],
    "date": ["2026-11-23"],
    "date_heure": ["2026-11-23T14:30:00+01:00"],
    "oui_non": [True, False],
    "case_a_cocher": [True],
    "civilite": ["Mme"],
    "choix_unique": ["Un", "Parti", {"autre": "Autre chose"}],
    "choix_multiple": [["Un", "Parti"], ["Deux", {"autre": "Autre chose"}]],
    "listes_liees": [["Nord", "Lille"], ["Parti", "Ailleurs"]],
    "departement": ["59", "XX"],
    "pays": ["FR", "XX"],
    "adresse": [{"label": "12 rue Nationale"}],
    "commune": [{"nom": "Lille"}, {"nom": "Lille", "code": "59350", "code_postal": "59000"}],
    "adresse_email": ["camille@exemple.fr"],
    "telephone": ["+33612345678"],
    "iban": ["FR7630006000011234567890189"],
    "bloc_repetable": [["r1"], []],
}
OPTIONAL = {
    "texte_court": {"length_max": st.none() | st.integers(1, 5)},
    "nombre_entier": {"minimum": st.none() | st.integers(0, 5)},
    "nombre_decimal": {"decimals": st.integers(0, 6)},
    "choix_unique": {"options": OPTIONS, "autre": st.booleans()},
    "choix_multiple": {"options": OPTIONS, "autre": st.booleans()},
    "listes_liees": {"lists": st.just([]) | st.just(["--Nord--", "Lille"])},
    "bloc_repetable": {"rows_max": st.integers(1, 3)},
}
TYPES = {f"champ{rank}": name for rank, name in enumerate([*STORED, "titre_de_section"])}
RUNS = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def forms(draw):
    """Draw a form of some of the champs of `TYPES`, blocs and conditions included."""
    made, bloc = [], None
    for champ_id in draw(st.lists(st.sampled_from(sorted(TYPES)), unique=True, max_size=9)):
        options = OPTIONAL.get(TYPES[champ_id], {})
        champ = new_champ(
            TYPES[champ_id],
            id=champ_id,
            label=draw(LABELS),
            **{name: draw(values) for name, values in options.items()},
        )
        if champ.is_bloc or champ.is_section:
            bloc = champ.id if champ.is_bloc else None
        elif bloc is not None and draw(st.booleans()):
            champ = champ.model_copy(update={"bloc": bloc})
        else:
            bloc = None
        if made and draw(st.booleans()):
            rule = Regle(champ=draw(st.sampled_from(made)).id, operator=Operator.IS_FILLED)
            champ = champ.model_copy(update={"condition": Condition(regles=[rule])})
        made.append(champ)
    return Formulaire(champs=made)


@st.composite
def answers(draw):
    """Draw what a dossier may hold: answers of each type, in rows too."""
    reponses = {}
    for champ_id in draw(st.lists(st.sampled_from(sorted(TYPES)), unique=True, max_size=9)):
        if TYPES[champ_id] in STORED:
            key = champ_id if draw(st.booleans()) else f"{champ_id}-r1"
            reponses[key] = draw(st.sampled_from(STORED[TYPES[champ_id]]))
    return reponses


FORMS, ANSWERS = forms(), answers()


class WithoutFiles(Dossier):
    """A dossier that is in no database."""

    class Meta:
        app_label = "dossiers"
        proxy = True
        managed = False

    @property
    def pieces_jointes(self):
        return Dossier.objects.none()


def dossier_of(form, reponses):
    revision = Revision(procedure=Procedure(), number=1, document=form.model_dump(mode="json"))
    return WithoutFiles(revision=revision, reponses=reponses, nom="A", prenom="B")


@RUNS
@given(FORMS)
def test_a_form_does_not_differ_from_itself(form):
    assert diff_formulaires(form, Formulaire.model_validate(form.model_dump(mode="json"))) == []


@RUNS
@given(FORMS, FORMS)
def test_diff_names_each_champ_that_differs_once(before, after):
    changes = diff_formulaires(before, after)
    named = [change.champ.id for change in changes]

    def ids(kind):
        return {change.champ.id for change in changes if change.kind == kind}

    assert len(named) == len(set(named))
    assert ids(ChangeKind.ADDED) == set(after.by_id) - set(before.by_id)
    assert ids(ChangeKind.REMOVED) == set(before.by_id) - set(after.by_id)
    common = set(before.by_id) & set(after.by_id)
    assert {item for item in common if before.by_id[item] != after.by_id[item]} <= set(named)
    assert (changes == []) == (before == after)


@RUNS
@given(FORMS, ANSWERS)
def test_no_stored_answer_breaks_the_pages_of_a_form(form, reponses):
    dossier = dossier_of(form, reponses)

    ReponsesForm(dossier).as_p()
    for section in sections_of(dossier):
        for group in section.groups:
            assert all(isinstance(row.text, str) for row in group.rows)
    assert all(problem.message for problem in problems_of(dossier))


@RUNS
@given(FORMS, FORMS, ANSWERS)
def test_moving_to_another_form_keeps_each_answer_that_it_does_not_hide(before, after, reponses):
    dossier = dossier_of(before, reponses)
    dossier.revision = dossier_of(after, {}).revision
    questionnaire = dossier.questionnaire

    kept = questionnaire.kept()

    assert dossier.reponses == reponses
    for key, stored in reponses.items():
        is_gone = base_id(key) not in after.by_id
        is_seen = key in questionnaire.by_id and key not in questionnaire.hidden
        assert (kept.get(key) == stored and key in kept) == (is_gone or is_seen)
