"""What the statistics of a procédure count, theme by theme."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from dossiers import corbeille
from dossiers.enums import DossierState, HistoryAction
from dossiers.models import Suivi
from instruction.statistiques.abandons import abandons
from instruction.statistiques.bilan import THEMES, bilan_of, figure_of
from instruction.statistiques.charge import accompagnateurs, groupes
from instruction.statistiques.corrections import corrections
from instruction.statistiques.dessin import draw
from instruction.statistiques.durees import durees
from instruction.statistiques.fichiers import figure_to_csv, figure_to_png
from instruction.statistiques.figures import Figure, Ligne, Masque, Serie, Unite
from instruction.statistiques.flux import decisions, depots
from instruction.statistiques.forms import PeriodeForm
from instruction.statistiques.parcours import issues, parcours
from instruction.statistiques.perimetre import Perimetre
from instruction.statistiques.periode import Periode, Prereglage
from procedures.champs import new_champ
from procedures.formulaire import Formulaire
from procedures.models import Groupe, Revision
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, HistoryEntryFactory, MessageFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
EVERYTHING = Periode.of(Prereglage.TOUT)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def at(day, month=11, hour=10):
    return datetime(2026, month, day, hour, tzinfo=PARIS)


def whole(procedure, periode=EVERYTHING):
    return Perimetre.of_administrateur(procedure, periode)


def rows(figure):
    return {ligne.label: ligne.values for ligne in figure.lignes}


def filed(procedure, when, **stage):
    """Return a dossier submitted at that moment, begun the day before."""
    moments = {"submitted_at": when, "created_at": when - timedelta(days=1)}
    return DossierFactory(procedure=procedure, **moments, **(stage or {"en_construction": True}))


def noise(procedure):
    """Make what no figure may count: a test, a dossier in the bin, another procédure's."""
    DossierFactory(procedure=procedure, is_test=True, accepte=True)
    trashed = DossierFactory(procedure=procedure, en_construction=True)
    corbeille.delete(trashed.pk, by=trashed.usager)
    DossierFactory(accepte=True)


# --- The period ------------------------------------------------------------------------------


def test_presets_end_today_and_hold_their_number_of_days():
    assert Periode.of(Prereglage.MOIS).first == date(2026, 10, 27)
    assert Periode.of(Prereglage.ANNEE).first == date(2025, 11, 26)
    assert EVERYTHING.moments == (None, None)


def test_dates_are_days_in_paris_both_included():
    first, end = Periode(date(2026, 11, 3), date(2026, 11, 4)).moments
    assert first == datetime(2026, 11, 3, tzinfo=PARIS)
    assert end == datetime(2026, 11, 5, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"du": "31/02/2026"}, {"du": ["Saisissez une date réelle, par exemple 30/11/2026."]}),
        ({"du": "0001-01-01"}, {"du": ["Choisissez une date entre 2000 et 2100."]}),
        ({"au": "9999-12-31"}, {"au": ["Choisissez une date entre 2000 et 2100."]}),
        (
            {"du": "2026-11-20", "au": "2026-11-01"},
            {"au": ["Cette date précède celle du début : choisissez-en une qui la suit."]},
        ),
        (
            {"periode": "hier"},
            {"periode": ["Cette période n’existe pas : choisissez-en une de la liste."]},
        ),
    ],
)
def test_an_impossible_period_says_what_to_do(data, error):
    assert PeriodeForm(data).errors == error


@pytest.mark.parametrize(
    ("data", "periode"),
    [
        ({}, Periode.of(Prereglage.ANNEE)),
        ({"periode": "tout"}, EVERYTHING),
        ({"periode": "tout", "du": "03/11/2026"}, Periode(date(2026, 11, 3))),
        ({"du": "2026-11-03", "au": "2026-11-04"}, Periode(date(2026, 11, 3), date(2026, 11, 4))),
    ],
)
def test_dates_win_over_the_name_of_a_period(data, periode):
    with time_machine.travel(NOW, tick=False):
        form = PeriodeForm(data)
        assert form.is_valid()
        assert form.chosen == periode


def test_the_address_of_a_period_brings_it_back():
    for periode in (
        EVERYTHING,
        Periode(date(2026, 11, 3), date(2026, 11, 4)),
        Periode(None, NOW.date()),
    ):
        pairs = (pair.split("=") for pair in periode.query_string.lstrip("?").split("&"))
        form = PeriodeForm(dict(pairs))
        assert form.is_valid()
        assert form.chosen == periode


# --- What comes in and what goes out ------------------------------------------------------------


def test_dossiers_are_counted_by_the_week_of_their_deposit_and_their_status(procedure):
    filed(procedure, at(2))  # a Monday
    filed(procedure, at(8, hour=23), en_instruction=True)  # the Sunday after
    filed(procedure, at(16), accepte=True)
    DossierFactory(procedure=procedure)
    noise(procedure)

    figure = depots(whole(procedure))

    assert [serie.label for serie in figure.series] == [
        "En construction",
        "En instruction",
        "Accepté",
        "Classé sans suite",
        "Rejeté",
        "Déposés",
    ]
    assert rows(figure) == {
        "02/11/2026": (1, 1, 0, 0, 0, 2),
        "09/11/2026": (0, 0, 0, 0, 0, 0),
        "16/11/2026": (0, 0, 1, 0, 0, 1),
        "23/11/2026": (0, 0, 0, 0, 0, 0),
    }


def test_the_week_is_the_one_of_paris(procedure):
    filed(procedure, datetime(2026, 11, 8, 23, 30, tzinfo=ZoneInfo("UTC")))
    assert list(rows(depots(whole(procedure)))) == ["09/11/2026", "16/11/2026", "23/11/2026"]


def test_weeks_become_months_then_years_over_a_long_time(procedure):
    filed(procedure, datetime(2024, 1, 15, tzinfo=PARIS))
    figure = depots(whole(procedure))
    assert figure.title == "Dossiers déposés par mois"
    assert len(figure.lignes) == 35
    assert figure.lignes[0] == Ligne("janvier 2024", (1, 0, 0, 0, 0, 1))
    filed(procedure, datetime(2010, 3, 1, tzinfo=PARIS))
    figure = depots(whole(procedure))
    assert figure.title == "Dossiers déposés par année"
    assert [ligne.label for ligne in figure.lignes] == [str(year) for year in range(2010, 2027)]


def test_only_what_falls_within_the_period_counts(procedure):
    for day in (2, 3, 4, 5):
        filed(procedure, at(day), accepte=True, decided_at=at(day + 7))
    periode = Periode(date(2026, 11, 3), date(2026, 11, 4))
    assert sum(depots(whole(procedure, periode)).column("total")) == 2
    assert sum(decisions(whole(procedure, periode)).column("total")) == 0
    later = Periode(date(2026, 11, 10), date(2026, 11, 11))
    assert sum(decisions(whole(procedure, later)).column("total")) == 2


def test_decisions_are_counted_by_the_week_they_were_taken(procedure):
    filed(procedure, at(2), accepte=True, decided_at=at(17))
    filed(procedure, at(2), rejete=True, decided_at=at(18))
    filed(procedure, at(2), sans_suite=True, decided_at=at(24))
    filed(procedure, at(2), en_instruction=True, decided_at=at(18))  # taken up again since
    noise(procedure)
    periode = Periode(date(2026, 11, 1), date(2026, 11, 24))
    assert rows(decisions(whole(procedure, periode))) == {
        "16/11/2026": (1, 0, 1, 2),
        "23/11/2026": (0, 1, 0, 1),
    }


# --- How far they go ----------------------------------------------------------------------------


def test_the_funnel_leads_from_the_brouillon_to_the_decision(procedure):
    DossierFactory.create_batch(3, procedure=procedure)
    filed(procedure, at(2))
    filed(procedure, at(2), en_instruction=True)
    filed(procedure, at(2), accepte=True)
    filed(procedure, at(2), rejete=True)
    noise(procedure)
    figure = parcours(whole(procedure))
    assert figure.title == "Du brouillon à la décision"
    assert rows(figure) == {
        "Commencés": (7, 100.0),
        "Déposés": (4, 57.1),
        "Passés en instruction": (3, 42.9),
        "Décidés": (2, 28.6),
    }


def test_acceptance_is_the_share_of_the_last_decisions(procedure):
    for _ in range(3):
        filed(procedure, at(2), accepte=True)
    filed(procedure, at(2), sans_suite=True)
    noise(procedure)
    assert rows(issues(whole(procedure))) == {
        "Accepté": (3, 75.0),
        "Classé sans suite": (1, 25.0),
        "Rejeté": (0, 0.0),
    }


# --- How long -----------------------------------------------------------------------------------

EN_CONSTRUCTION, EN_INSTRUCTION = DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION
ACTIONS = {
    EN_CONSTRUCTION: HistoryAction.RETURN_TO_CONSTRUCTION,
    EN_INSTRUCTION: HistoryAction.START_INSTRUCTION,
    DossierState.ACCEPTE: HistoryAction.ACCEPT,
}


def lived(procedure, *steps):
    """Make a dossier begun on the 1st, that went through the given states on the given days."""
    (_, submitted), (last, decided) = steps[0], steps[-1]
    dossier = DossierFactory(
        procedure=procedure,
        state=last,
        created_at=at(1),
        submitted_at=at(submitted),
        instruction_started_at=at(decided),
        decided_at=at(decided),
    )
    previous = DossierState.BROUILLON
    for state, day in steps:
        action = HistoryAction.SUBMIT if previous == DossierState.BROUILLON else ACTIONS[state]
        HistoryEntryFactory(
            dossier=dossier, action=action, from_state=previous, to_state=state, at=at(day), by=None
        )
        previous = state
    return dossier


def test_a_dossier_that_comes_back_to_a_status_counts_once_for_all_its_stays(procedure):
    lived(
        procedure,
        (EN_CONSTRUCTION, 2),
        (EN_INSTRUCTION, 4),
        (EN_CONSTRUCTION, 5),
        (EN_INSTRUCTION, 10),
        (DossierState.ACCEPTE, 12),
    )
    noise(procedure)
    assert rows(durees(whole(procedure))) == {
        "En brouillon": (1.0, 1.0, 1),
        "En construction": (7.0, 7.0, 1),
        "En instruction": (3.0, 3.0, 1),
        "Du dépôt à la décision": (10.0, 10.0, 1),
    }


def test_a_decision_taken_again_counts_what_was_spent_on_it_and_not_the_time_between(procedure):
    lived(
        procedure,
        (EN_CONSTRUCTION, 2),
        (EN_INSTRUCTION, 3),
        (DossierState.ACCEPTE, 5),
        (EN_INSTRUCTION, 15),
        (DossierState.ACCEPTE, 16),
    )
    found = rows(durees(whole(procedure)))
    assert found["En instruction"] == (3.0, 3.0, 1)
    assert found["Du dépôt à la décision"] == (14.0, 14.0, 1)


def test_the_median_and_the_ninth_decile_are_interpolated(procedure):
    for days in range(1, 11):
        lived(
            procedure,
            (EN_CONSTRUCTION, 2),
            (EN_INSTRUCTION, 2),
            (DossierState.ACCEPTE, 2 + days),
        )
    figure = durees(whole(procedure))
    assert rows(figure)["En instruction"] == (5.5, 9.1, 10)
    assert figure.written[2] == ("En instruction", ["5,5\xa0j", "9,1\xa0j", "10"])


def test_what_is_beside_the_status_does_not_change_the_time_in_it(procedure):
    dossier = lived(
        procedure, (EN_CONSTRUCTION, 2), (EN_INSTRUCTION, 4), (DossierState.ACCEPTE, 12)
    )
    HistoryEntryFactory(
        dossier=dossier,
        action=HistoryAction.ARCHIVE,
        from_state=DossierState.ACCEPTE,
        to_state=DossierState.ACCEPTE,
        at=at(20),
    )
    HistoryEntryFactory(
        dossier=dossier,
        action=HistoryAction.DEPOSIT_CHANGES,
        from_state=EN_CONSTRUCTION,
        to_state=EN_CONSTRUCTION,
        at=at(3),
    )
    assert rows(durees(whole(procedure)))["En construction"] == (2.0, 2.0, 1)


# --- Where usagers give up ------------------------------------------------------------------------


def section(rank):
    return new_champ("titre_de_section", id=f"titre{rank}", label=f"Section {rank}")


def question(champ_id, **properties):
    return new_champ("texte_court", id=champ_id, label="Question", **properties)


@pytest.fixture
def in_sections(db):
    return ProcedureFactory(
        champs=[
            question("avant1"),
            section(1),
            question("un1"),
            question("un2"),
            section(2),
            new_champ("bloc_repetable", id="bloc1", label="Dépenses"),
            question("ligne1", bloc="bloc1"),
            new_champ("piece_jointe", id="piece1", label="Devis"),
        ]
    )


def left(procedure, *answered, days=31, **fields):
    """Make a brouillon that nobody touched for `days`, of which some champs were answered."""
    noted = {"by": 1, "name": "Camille", "at": "2026-01-01T10:00:00+01:00", "page": ""}
    return DossierFactory(
        procedure=procedure,
        auteurs=dict.fromkeys(answered, noted),
        updated_at=NOW - timedelta(days=days),
        created_at=NOW - timedelta(days=days + 1),
        **fields,
    )


def test_a_brouillon_left_alone_stops_at_the_last_section_that_a_person_answered(in_sections):
    left(in_sections)  # its default values are nobody's answer
    left(in_sections, "avant1")
    left(in_sections, "un1", "avant1")
    left(in_sections, "un2")
    left(in_sections, "un1", "ligne1-a1b2")
    left(in_sections, "piece1")
    left(in_sections, "disparu")  # a champ that its form has no more
    noise(in_sections)
    left(in_sections, "un1", is_test=True)
    left(in_sections, "un1", days=29)
    assert rows(abandons(whole(in_sections))) == {
        "Rien n’a été rempli": (2,),
        "Avant la première section": (1,),
        "Section 1": (2,),
        "Section 2": (2,),
    }


def test_sections_of_several_revisions_are_added_under_their_newest_title(in_sections):
    left(in_sections, "un1")
    renamed = new_champ("titre_de_section", id="titre1", label="Votre projet")
    newer = Revision.objects.create(
        procedure=in_sections,
        number=2,
        document=Formulaire(champs=[renamed, question("autre1")]).model_dump(mode="json"),
    )
    left(in_sections, "autre1", revision=newer)
    assert rows(abandons(whole(in_sections))) == {
        "Rien n’a été rempli": (0,),
        "Votre projet": (2,),
        "Avant la première section": (0,),
        "Section 2": (0,),
    }


def test_without_an_abandoned_brouillon_the_figure_is_empty(in_sections):
    assert abandons(whole(in_sections)).is_empty


# --- What is corrected ----------------------------------------------------------------------------


def asked(procedure, *named, when=NOW, dossier=None):
    message = MessageFactory(
        dossier=dossier or DossierFactory(procedure=procedure, en_construction=True)
    )
    champs = [{"id": champ_id, "label": label, "text": ""} for champ_id, label in named]
    return message.dossier.corrections.create(
        message=message,
        champs=champs,
        from_state=EN_CONSTRUCTION,
        asked_at=when,
        cancelled_at=when,
    )


def test_corrections_are_counted_by_champ_the_most_asked_first(procedure):
    first = asked(procedure, ("objet1", "Objet"), ("rib01", "RIB"), when=at(2))
    asked(procedure, ("objet1", "Objet du projet"), dossier=first.dossier, when=at(3))
    asked(procedure, ("objet1", "Objet du projet"), when=at(4))
    asked(procedure, ("cout1-aa", "Coût"), ("cout1-bb", "Coût"), when=at(4))
    asked(ProcedureFactory(), ("objet1", "Objet"), when=at(4))
    figure = corrections(whole(procedure))
    assert figure.lignes == (
        Ligne("Objet du projet", (3, 2)),
        Ligne("Coût", (1, 1)),
        Ligne("RIB", (1, 1)),
    )
    periode = Periode(date(2026, 11, 2), date(2026, 11, 2))
    assert rows(corrections(whole(procedure, periode))) == {"Objet": (1, 1), "RIB": (1, 1)}


# --- What the public may not know -----------------------------------------------------------------


def a_figure(*lignes, is_partition=False):
    return Figure(
        slug="essai",
        title="Essai",
        note="Une note.",
        first_column="Ligne",
        series=(
            Serie("a", "A"),
            Serie("b", "B"),
            Serie("total", "Total", is_drawn=False, is_total=True),
            Serie("part", "Part", Unite.POURCENT, is_drawn=False),
        ),
        lignes=tuple(Ligne(str(rank), values) for rank, values in enumerate(lignes)),
        is_partition=is_partition,
    )


def test_small_numbers_are_hidden_with_what_would_tell_them():
    figure = a_figure((4, 50, 54, 60.0), (5, 0, 5, 40.0)).masked()
    small, deduced = Masque.PETIT, Masque.DEDUIT
    assert [ligne.values for ligne in figure.lignes] == [
        (small, 50, deduced, deduced),
        (5, 0, 5, 40.0),
    ]
    assert figure.written[0] == ("0", ["moins de 5", "50", "non communiqué", "non communiqué"])


def test_a_share_of_a_partition_is_hidden_with_any_small_number_of_it():
    figure = a_figure((4, 50, 54, 60.0), (5, 0, 5, 40.0), is_partition=True).masked()
    assert figure.lignes[1].values == (5, 0, Masque.DEDUIT, Masque.DEDUIT)


def test_the_rate_of_acceptance_is_hidden_when_it_tells_a_few_refusals(procedure):
    for _ in range(20):
        filed(procedure, at(2), accepte=True, decided_at=at(10))
    filed(procedure, at(2), rejete=True, decided_at=at(10))
    bilan = bilan_of(Perimetre.of_public(procedure, EVERYTHING))
    assert {tuile.label: tuile.value for tuile in bilan.tuiles} == {
        "Dossiers déposés": "non communiqué",
        "Dossiers décidés": "non communiqué",
        "Taux d’acceptation": "non communiqué",
        "Du dépôt à la décision, médiane": "–",
        "Du dépôt à la décision, 9e décile": "–",
    }
    exact = {tuile.label: tuile.value for tuile in bilan_of(whole(procedure)).tuiles}
    assert exact["Taux d’acceptation"] == "95,2\xa0%"
    assert exact["Dossiers décidés"] == "21"


def test_delays_of_fewer_than_five_dossiers_are_not_public(procedure):
    steps = ((EN_CONSTRUCTION, 2), (EN_INSTRUCTION, 4), (DossierState.ACCEPTE, 12))
    for _ in range(4):
        lived(procedure, *steps)
    public = Perimetre.of_public(procedure, EVERYTHING)
    hidden = (Masque.DEDUIT, Masque.DEDUIT, Masque.PETIT)
    assert set(rows(durees(public).masked()).values()) == {hidden}
    lived(procedure, *steps)
    assert rows(durees(public).masked())["En instruction"] == (8.0, 8.0, 5)


# --- All of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_figures_take_the_same_queries_whatever_the_number_of_dossiers(
    in_sections, count, django_assert_num_queries
):
    for _ in range(count):
        left(in_sections, "un1")
        lived(in_sections, (EN_CONSTRUCTION, 2), (EN_INSTRUCTION, 3), (DossierState.ACCEPTE, 5))
        asked(in_sections, ("un1", "Un"))
    with django_assert_num_queries(QUERIES):
        bilan_of(whole(in_sections))


QUERIES = 16


def test_public_figures_are_kept_some_minutes(procedure, django_assert_num_queries):
    public = Perimetre.of_public(procedure, EVERYTHING)
    bilan_of(public)
    with django_assert_num_queries(0):
        assert figure_of(public, "depots").is_empty
    filed(procedure, at(2))
    assert not depots(whole(procedure)).is_empty


# --- Drawings and files ---------------------------------------------------------------------------


def test_every_figure_that_is_not_empty_is_drawn(in_sections):
    left(in_sections, "un1")
    lived(in_sections, (EN_CONSTRUCTION, 2), (EN_INSTRUCTION, 3), (DossierState.ACCEPTE, 5))
    asked(in_sections, ("un1", "Un"))
    for slug in THEMES:
        figure = figure_of(whole(in_sections), slug)
        image = draw(figure)
        assert len(image.groupes) == len(figure.lignes), slug
        assert all(float(bar.width) >= 0 for groupe in image.groupes for bar in groupe.rectangles)


def test_a_column_is_as_high_as_its_share_of_the_axis(procedure):
    for day, count in ((2, 3), (9, 6)):
        for _ in range(count):
            filed(procedure, at(day))
    image = draw(depots(whole(procedure)))
    heights = [[bar.height for bar in groupe.rectangles] for groupe in image.groupes]
    assert heights == [["75.0"], ["150.0"], [], []]  # of 200, for 8
    assert image.groupes[0].title == (
        "Semaine du 02/11/2026 : en construction 3, en instruction 0, accepté 0, "
        "classé sans suite 0, rejeté 0, déposés 3"
    )


def test_a_csv_opens_in_a_french_spreadsheet_and_runs_nothing():
    figure = Figure(
        slug="essai",
        title="Essai",
        note="",
        first_column="Champ",
        series=(Serie("a", "Dossiers"), Serie("b", "Médiane", Unite.JOURS)),
        lignes=(
            Ligne("=HYPERLINK(0)", (1204, 3.25)),
            Ligne("Objet ; « suite »", (Masque.PETIT, None)),
        ),
    )
    assert figure_to_csv(figure).decode() == (
        "\ufeffChamp;Dossiers;Médiane (j)\r\n"
        "'=HYPERLINK(0);1204;3,25\r\n"
        '"Objet ; « suite »";moins de 5;\r\n'
    )


def test_a_png_is_drawn_once_for_the_same_figures(procedure, monkeypatch):
    filed(procedure, at(2))
    perimetre = whole(procedure)
    content = figure_to_png(depots(perimetre), perimetre)
    assert content.startswith(b"\x89PNG\r\n")
    monkeypatch.setattr("instruction.statistiques.fichiers.html_to_pdf", None)
    assert figure_to_png(depots(perimetre), perimetre) == content


# --- How the work is shared out -------------------------------------------------------------------


@pytest.fixture
def nord(procedure):
    return Groupe.objects.create(procedure=procedure, name="Nord", position=1)


def of_accompagnateur(user, procedure, periode=EVERYTHING):
    return Perimetre.of_accompagnateur(user, procedure, periode)


def decided_by(procedure, user, when=NOW, **fields):
    dossier = DossierFactory(procedure=procedure, accepte=True, decided_at=when, **fields)
    HistoryEntryFactory(
        dossier=dossier,
        action=HistoryAction.ACCEPT,
        from_state=EN_INSTRUCTION,
        to_state=DossierState.ACCEPTE,
        by=user,
        by_name=str(user or ""),
        at=when,
    )
    return dossier


def test_groupes_show_what_is_open_and_what_they_decided(procedure, nord, accompagnateur):
    followed = DossierFactory(procedure=procedure, en_instruction=True)
    Suivi.objects.create(dossier=followed, user=accompagnateur)
    DossierFactory(procedure=procedure, en_construction=True)
    DossierFactory(procedure=procedure, en_construction=True, groupe=nord, awaited_since=NOW)
    DossierFactory(procedure=procedure, en_construction=True, groupe=nord, archived_at=NOW)
    DossierFactory(procedure=procedure, accepte=True, groupe=nord)
    DossierFactory(procedure=procedure, rejete=True, groupe=nord, decided_at=at(1, month=1))
    noise(procedure)
    periode = Periode(date(2026, 11, 1))
    assert rows(groupes(whole(procedure, periode))) == {
        "Groupe par défaut": (2, 1, 0, 0),
        "Nord": (1, 1, 1, 1),
    }


def test_accompagnateurs_show_what_they_follow_and_what_they_decided(
    procedure, accompagnateur, colleague
):
    for stage in ("en_construction", "en_instruction", "accepte"):
        dossier = DossierFactory(procedure=procedure, **{stage: True})
        Suivi.objects.create(dossier=dossier, user=accompagnateur)
    archived = DossierFactory(procedure=procedure, en_instruction=True, archive=True)
    Suivi.objects.create(dossier=archived, user=accompagnateur)
    decided_by(procedure, accompagnateur)
    decided_by(procedure, accompagnateur, when=at(1, month=1))
    decided_by(procedure, None)
    decided_by(ProcedureFactory(), accompagnateur)
    leaver = UserFactory(first_name="Zoé", last_name="Partie")
    decided_by(procedure, leaver)
    leaver.delete()
    assert rows(accompagnateurs(whole(procedure, Periode(date(2026, 11, 1))))) == {
        "Alice Instructrice": (2, 1),
        "TPS (automatique)": (0, 1),
        "Zoé Partie": (0, 1),
        "Bruno Collègue": (0, 0),
    }


def test_an_accompagnateur_sees_the_figures_of_their_groupes_alone(in_sections, nord_of):
    nord, user = nord_of(in_sections)
    elsewhere = UserFactory(first_name="Ailleurs", last_name="Ailleurs")
    AffectationFactory(procedure=in_sections, user=elsewhere)
    decided_by(in_sections, elsewhere)
    decided_by(in_sections, user, groupe=nord)
    DossierFactory(procedure=in_sections, en_construction=True, groupe=nord)
    asked(in_sections, ("un1", "Un"))
    left(in_sections, "un1")
    perimetre = of_accompagnateur(user, in_sections)
    assert figure_of(perimetre, "abandons") is None
    assert [figure.slug for figure in bilan_of(perimetre).figures] == [
        "depots",
        "decisions",
        "issues",
        "durees",
        "parcours",
        "corrections",
        "groupes",
        "accompagnateurs",
    ]
    assert sum(depots(perimetre).column("total")) == 2
    assert sum(decisions(perimetre).column("total")) == 1
    assert parcours(perimetre).title == "Du dépôt à la décision"
    assert rows(parcours(perimetre))["Déposés"] == (2, 100.0)
    assert corrections(perimetre).is_empty
    assert rows(groupes(perimetre)) == {"Nord": (1, 1, 0, 1)}
    assert rows(accompagnateurs(perimetre)) == {str(user): (0, 1)}


@pytest.fixture
def nord_of(db):
    def nord_of(procedure):
        nord = Groupe.objects.create(procedure=procedure, name="Nord", position=1)
        user = UserFactory(first_name="Nora", last_name="Nord")
        AffectationFactory(procedure=procedure, groupe=nord, user=user)
        return nord, user

    return nord_of


def test_an_accompagnateur_of_every_groupe_sees_the_brouillons_too(in_sections, nord_of):
    _nord, user = nord_of(in_sections)
    AffectationFactory(procedure=in_sections, user=user)
    left(in_sections, "un1")
    assert rows(abandons(of_accompagnateur(user, in_sections)))["Section 1"] == (1,)


def test_the_public_never_sees_who_does_what(procedure, accompagnateur):
    for _ in range(6):
        decided_by(procedure, accompagnateur)
    public = Perimetre.of_public(procedure, EVERYTHING)
    assert {figure.slug for figure in bilan_of(public).figures} == set(THEMES) - {
        "groupes",
        "accompagnateurs",
    }
    assert figure_of(public, "groupes") is None
    assert figure_of(public, "accompagnateurs") is None
