"""Changed rules move only the dossiers nobody took up, after an aperçu, and survive a crash."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from dossiers import reroutages, routage
from dossiers.enums import ReroutageKind
from dossiers.models import Dossier, Reroutage, Suivi
from dossiers.tasks import run_reroutage, sweep_reroutages
from procedures.champs import new_champ
from procedures.conditions import Condition, Operator, Regle
from procedures.models import Affectation, Groupe
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
DEPARTEMENT = new_champ("departement", id="dept1", label="Département")


@pytest.fixture
def administrateur():
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(
        champs=[DEPARTEMENT], organisme=OrganismeFactory(administrateurs=[administrateur])
    )


@pytest.fixture
def nord(procedure):
    rule = Condition(regles=[Regle(champ="dept1", operator=Operator.IS, values=["59"])])
    return Groupe.objects.create(
        procedure=procedure, name="Nord", rule=rule.model_dump(mode="json"), position=1
    )


def deposited(procedure, **values):
    """Return a dossier of the Nord that is where it was before the rules."""
    return DossierFactory(
        **{"procedure": procedure, "en_construction": True, "reponses": {"dept1": "59"}} | values
    )


def applied(procedure, by):
    seen = reroutages.preview(procedure, by=by)
    asked = reroutages.apply(seen, by=by)
    run_reroutage(asked.pk)
    asked.refresh_from_db()
    return asked


def test_apercu_counts_what_would_move_and_moves_nothing(procedure, nord, administrateur):
    moving = [deposited(procedure) for _ in range(2)]
    deposited(procedure, reponses={"dept1": "75"})

    seen = reroutages.preview(procedure, by=administrateur)

    assert seen.moves == [
        {
            "from": "Groupe par défaut",
            "to": "Nord",
            "count": 2,
            "examples": [dossier.pk for dossier in moving],
        }
    ]
    assert (seen.total, seen.done, seen.percentage) == (3, 3, 100)
    assert not nord.dossiers.exists()


def test_application_moves_what_the_apercu_showed_and_notes_it(procedure, nord, administrateur):
    dossier = deposited(procedure)
    other = deposited(procedure, reponses={"dept1": "75"})

    asked = applied(procedure, administrateur)

    assert set(nord.dossiers.all()) == {dossier}
    entry = dossier.history.get()
    assert (entry.action, entry.by) == ("change_groupe", administrateur)
    assert entry.motivation == (
        "De « Groupe par défaut » à « Nord », selon les règles de la procédure."
    )
    assert not other.history.exists()
    assert (asked.moved, asked.announced, asked.skipped, asked.done) == (1, 1, 0, 2)
    dossier.refresh_from_db()
    assert not dossier.groupe_is_manual


def test_what_somebody_took_up_is_left_alone(procedure, nord, administrateur):
    followed = deposited(procedure)
    Suivi.objects.create(dossier=followed, user=UserFactory())
    deposited(procedure, groupe_is_manual=True)
    deposited(procedure, archive=True)
    DossierFactory(procedure=procedure, en_instruction=True, reponses={"dept1": "59"})
    DossierFactory(procedure=procedure, accepte=True, reponses={"dept1": "59"})

    asked = applied(procedure, administrateur)

    assert (asked.total, asked.moved) == (0, 0)
    assert not nord.dossiers.exists()


def test_one_taken_up_since_the_walk_chose_it_is_skipped_and_said(
    procedure, nord, administrateur, monkeypatch
):
    dossier = deposited(procedure)
    real = reroutages.locked_dossier

    def follow_first(dossier_id, *joined):
        Suivi.objects.create(dossier_id=dossier_id, user=administrateur)
        return real(dossier_id, *joined)

    seen = reroutages.preview(procedure, by=administrateur)
    asked = reroutages.apply(seen, by=administrateur)
    monkeypatch.setattr(reroutages, "locked_dossier", follow_first)
    run_reroutage(asked.pk)

    asked.refresh_from_db()
    assert (asked.moved, asked.skipped) == (0, 1)
    assert asked.reasons == [[dossier.pk, "Pris en charge entre-temps."]]
    assert not nord.dossiers.exists()


def test_a_worker_that_dies_is_replaced_and_nothing_is_done_twice(
    procedure, nord, administrateur, monkeypatch
):
    dossiers = [deposited(procedure) for _ in range(3)]
    asked = reroutages.apply(reroutages.preview(procedure, by=administrateur), by=administrateur)
    real, done = routage.reroute, []

    def die_at_the_second(dossier, **kwargs):
        done.append(dossier.pk)
        if len(done) == 2:
            raise KeyboardInterrupt
        return real(dossier, **kwargs)

    monkeypatch.setattr(routage, "reroute", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_reroutage(asked.pk)
    Reroutage.objects.update(active_at="2026-01-01T00:00:00Z")

    sweep_reroutages()
    run_reroutage(asked.pk)

    asked.refresh_from_db()
    assert (asked.moved, asked.done) == (3, 3)
    assert [dossier.history.count() for dossier in dossiers] == [1, 1, 1]


def test_rules_changed_after_the_apercu_ask_for_another(procedure, nord, administrateur):
    deposited(procedure)
    seen = reroutages.preview(procedure, by=administrateur)
    Groupe.objects.filter(pk=nord.pk).update(rule=None)

    with pytest.raises(reroutages.RerouteRefused, match="nouvel aperçu"):
        reroutages.apply(seen, by=administrateur)


def test_rules_changed_while_it_is_applied_stop_it(procedure, nord, administrateur):
    deposited(procedure)
    seen = reroutages.preview(procedure, by=administrateur)
    asked = reroutages.apply(seen, by=administrateur)
    Groupe.objects.filter(pk=nord.pk).update(rule=None)

    run_reroutage(asked.pk)

    asked.refresh_from_db()
    assert (asked.moved, asked.stopped) == (0, reroutages.RULES_CHANGED)


def test_only_one_walk_at_a_time(procedure, nord, administrateur):
    deposited(procedure)
    reroutages.apply(reroutages.preview(procedure, by=administrateur), by=administrateur)

    with pytest.raises(reroutages.RerouteRefused, match="déjà"):
        reroutages.preview(procedure, by=administrateur)


def test_only_the_administrateur_asks(procedure, nord):
    with pytest.raises(PermissionDenied):
        reroutages.preview(procedure, by=UserFactory())


def test_a_groupe_without_dossier_is_deleted_at_once(procedure, nord, administrateur):
    assert reroutages.empty_and_delete(nord, None, by=administrateur) is None
    assert not Groupe.objects.filter(pk=nord.pk).exists()


def test_a_groupe_with_dossiers_gives_them_first(procedure, nord, administrateur):
    target = Groupe.objects.create(procedure=procedure, name="Reprise")
    stays = UserFactory()
    leaves = AffectationFactory(procedure=procedure, groupe=nord).user
    for groupe in (nord, target):
        Affectation.objects.create(procedure=procedure, groupe=groupe, user=stays)
    dossiers = [
        deposited(procedure, groupe=nord),
        DossierFactory(procedure=procedure, groupe=nord, accepte=True),
        deposited(procedure, groupe=nord, deleted_at="2026-11-20T00:00:00Z"),
    ]
    for user in (stays, leaves):
        Suivi.objects.create(dossier=dossiers[0], user=user)

    asked = reroutages.empty_and_delete(nord, target, by=administrateur)
    run_reroutage(asked.pk)

    assert not Groupe.objects.filter(pk=nord.pk).exists()
    assert {dossier.pk for dossier in Dossier.with_trash.filter(groupe=target)} == {
        dossier.pk for dossier in dossiers
    }
    assert [suivi.user for suivi in dossiers[0].suivis.all()] == [stays]
    asked.refresh_from_db()
    assert (asked.moved, asked.stopped, asked.source_name) == (3, "", "Nord")


@pytest.mark.parametrize("case", ["default", "no_target"])
def test_a_groupe_that_cannot_be_deleted_says_why(procedure, nord, administrateur, case):
    deposited(procedure, groupe=nord)
    groupe = Groupe.objects.default_of(procedure.pk) if case == "default" else nord

    with pytest.raises(reroutages.RerouteRefused):
        reroutages.empty_and_delete(groupe, None, by=administrateur)
    assert procedure.groupes.count() == 2


def test_the_page_shows_the_apercu_then_applies_it(
    procedure, nord, administrateur, client_for, django_capture_on_commit_callbacks
):
    dossier = deposited(procedure)
    client, url = client_for(administrateur), reverse("dossiers:reroutage", args=[procedure.pk])

    page = client.post(url, {"apercu": "1"}, follow=True).content.decode()
    assert "1 changerait de groupe" in page
    seen = procedure.reroutages.get()
    assert f'value="{seen.pk}"' in page
    client.post(url, {"appliquer": seen.pk})
    asked = procedure.reroutages.get(kind=ReroutageKind.APPLICATION)
    assert "0 dossiers sur 1" in client.get(url).content.decode()
    run_reroutage(asked.pk)

    assert "1 dossier a changé de groupe" in client.get(url).content.decode()
    dossier.refresh_from_db()
    assert dossier.groupe == nord


def test_an_apercu_of_another_procedure_is_not_applied(procedure, nord, administrateur, client_for):
    other = ProcedureFactory(champs=[DEPARTEMENT])
    Reroutage.objects.create(procedure=other, kind=ReroutageKind.APERCU)
    seen = Reroutage.objects.get()

    url = reverse("dossiers:reroutage", args=[procedure.pk])
    client_for(administrateur).post(url, {"appliquer": seen.pk})

    assert not procedure.reroutages.exists()
    assert other.reroutages.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_looking_again_at_a_batch_takes_the_same_queries(
    procedure, nord, administrateur, count, django_assert_num_queries
):
    for _ in range(count):
        deposited(procedure)
    values = {"kind": ReroutageKind.APERCU, "rules_mark": reroutages.rules_mark(procedure)}
    reroutage = Reroutage.objects.create(procedure=procedure, **values)

    with django_assert_num_queries(13):
        reroutages.carry_on(reroutage.pk)
