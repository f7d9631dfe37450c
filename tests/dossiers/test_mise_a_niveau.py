"""Dossiers en construction get a newer form where nothing is lost; old answers stay readable."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from dossiers import mise_a_niveau, workflow
from dossiers.anciennes_reponses import anciennes_reponses
from dossiers.models import Dossier, MiseANiveau
from dossiers.tasks import run_mise_a_niveau, sweep_mises_a_niveau
from procedures.champs import new_champ
from procedures.conditions import Condition, Operator, Regle
from procedures.effets import Effets, effets_of
from procedures.models import Procedure
from procedures.publication import publish
from procedures.revisions import draft_of
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory, formulaire_of

pytestmark = pytest.mark.django_db
OBJET = new_champ("texte_court", id="objet1", label="Objet")
ANCIEN = new_champ("texte_court", id="ancien1", label="Question retirée")


@pytest.fixture
def administrateur():
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    procedure = ProcedureFactory(
        champs=[OBJET, ANCIEN], organisme=OrganismeFactory(administrateurs=[administrateur])
    )
    AffectationFactory(procedure=procedure)
    return procedure


def en_construction(procedure, **reponses):
    return DossierFactory(
        procedure=procedure,
        en_construction=True,
        reponses={"objet1": "Livres", "ancien1": "Gardé"} | reponses,
    )


def publish_form(procedure, *champs):
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(*champs))
    draft.save()
    revision = publish(procedure, by=UserFactory())
    procedure.refresh_from_db()
    return revision


def move_all(procedure, by):
    asked = mise_a_niveau.ask(procedure, by=by)
    run_mise_a_niveau(asked.pk)
    asked.refresh_from_db()
    return asked


def test_compatible_dossier_moves_and_its_history_says_so(procedure, administrateur):
    dossier = en_construction(procedure)
    revision = publish_form(procedure, OBJET.model_copy(update={"label": "Objet du projet"}))

    asked = move_all(procedure, administrateur)

    dossier.refresh_from_db()
    assert (dossier.revision, dossier.state) == (revision, "en_construction")
    assert dossier.reponses == {"objet1": "Livres", "ancien1": "Gardé"}
    assert [entry.get_action_display() for entry in dossier.history.all()] == [
        "Formulaire mis à niveau"
    ]
    assert (asked.total, asked.moved, asked.kept, asked.percentage) == (1, 1, 0, 100)
    assert asked.finished_at is not None


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (new_champ("texte_court", id="neuf01", label="Nouveau"), "Nouveau : Répondez à cette"),
        (new_champ("date", id="objet1", label="Objet"), "Objet : Saisissez une date réelle"),
        (
            new_champ("texte_court", id="objet1", label="Objet", length_max=2),
            "Objet : Raccourcissez ce texte",
        ),
        (new_champ("piece_jointe", id="piece1", label="Devis"), "Devis : Joignez le document"),
    ],
)
def test_dossier_that_would_lack_something_keeps_its_form(procedure, administrateur, new, reason):
    dossier = en_construction(procedure)
    publish_form(procedure, *([OBJET] if new.id != "objet1" else []), new)

    asked = move_all(procedure, administrateur)

    dossier.refresh_from_db()
    assert dossier.revision.number == 1
    assert (asked.moved, asked.kept) == (0, 1)
    assert asked.reasons[0][0] == dossier.pk
    assert asked.reasons[0][1].startswith(reason)


def test_only_dossiers_en_construction_move(procedure, administrateur):
    frozen = [
        DossierFactory(procedure=procedure, **{trait: True})
        for trait in ("en_instruction", "accepte")
    ]
    publish_form(procedure, OBJET)

    assert move_all(procedure, administrateur).total == 0
    for dossier in frozen:
        dossier.refresh_from_db()
        assert dossier.revision.number == 1


def test_a_worker_that_dies_is_replaced_and_nothing_is_done_twice(
    procedure, administrateur, monkeypatch
):
    dossiers = [en_construction(procedure) for _ in range(3)]
    publish_form(procedure, OBJET)
    asked = mise_a_niveau.ask(procedure, by=administrateur)
    real, done = mise_a_niveau.reasons_to_stay, []

    def die_at_the_second(dossier, revision):
        done.append(dossier.pk)
        if len(done) == 2:
            raise KeyboardInterrupt
        return real(dossier, revision)

    monkeypatch.setattr(mise_a_niveau, "reasons_to_stay", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_mise_a_niveau(asked.pk)
    MiseANiveau.objects.update(active_at="2026-01-01T00:00:00Z")

    sweep_mises_a_niveau()
    run_mise_a_niveau(asked.pk)

    asked.refresh_from_db()
    assert asked.moved == 3
    for dossier in dossiers:
        assert dossier.history.count() == 1


def test_asking_twice_makes_one_move(procedure, administrateur):
    en_construction(procedure)
    publish_form(procedure, OBJET)

    first = mise_a_niveau.ask(procedure, by=administrateur)
    second = mise_a_niveau.ask(procedure, by=administrateur)

    assert first == second


def test_a_newer_publication_ends_the_move(procedure, administrateur):
    dossier = en_construction(procedure)
    publish_form(procedure, OBJET)
    asked = mise_a_niveau.ask(procedure, by=administrateur)
    publish_form(procedure, OBJET.model_copy(update={"label": "Encore autre"}))

    run_mise_a_niveau(asked.pk)

    dossier.refresh_from_db()
    assert dossier.revision.number == 1


def test_only_the_administrateur_asks(procedure, client_for):
    en_construction(procedure)
    publish_form(procedure, OBJET)
    with pytest.raises(PermissionDenied):
        mise_a_niveau.ask(procedure, by=UserFactory())


def test_page_says_what_waits_moves_it_and_shows_the_progress(
    procedure, administrateur, client_for
):
    en_construction(procedure)
    publish_form(procedure, OBJET)
    client = client_for(administrateur)
    url = f"/administration/procedures/{procedure.pk}/mise-a-niveau/"
    assert "1 dossier en construction a un formulaire" in client.get(url).content.decode()
    publication = client.get(f"/administration/procedures/{procedure.pk}/publication/")
    assert url in publication.content.decode()

    client.post(url)
    markup = Markup(client.get(url))
    assert markup.one("progress")["value"] == "0"
    assert markup.one("#mise-a-niveau")["hx-get"] == url
    run_mise_a_niveau(MiseANiveau.objects.get().pk)

    page = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "1 dossier mis à niveau, 0 inchangé" in page
    assert "<html" not in page


def test_publication_says_what_it_does_to_the_dossiers(procedure, administrateur, client_for):
    en_construction(procedure)
    DossierFactory(procedure=procedure)
    DossierFactory()
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(OBJET, new_champ("date", id="jour01", label="Jour")))
    draft.save()

    page = client_for(administrateur).get(f"/administration/procedures/{procedure.pk}/publication/")

    assert effets_of(procedure) == Effets(
        1, 1, 0, f"/administration/procedures/{procedure.pk}/mise-a-niveau/"
    )
    text = Markup(page).one("main").text
    assert "1 brouillon" in text
    assert "1 dossier en construction" in text
    assert "Les brouillons devront y répondre" in text
    assert "reste gardé, et lisible" in text


def test_removed_answers_and_files_stay_readable(procedure, administrateur, client_for):
    dossier = en_construction(procedure)
    PieceJointeFactory(dossier=dossier, champ_id="ancien1", name="preuve.pdf")
    publish_form(procedure, OBJET)
    move_all(procedure, administrateur)
    accompagnateur = procedure.affectations.get().user

    pages = [
        client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/"),
        client_for(accompagnateur).get(f"/instruction/dossiers/{dossier.pk}/"),
    ]

    for page in pages:
        text = Markup(page).one("[aria-labelledby=anciennes-reponses]").text
        assert "Question retirée Révision 1 Gardé preuve.pdf" in text


def test_removed_annotations_stay_readable_for_accompagnateurs_alone(
    procedure, administrateur, client_for
):
    draft = draft_of(procedure)
    note = new_champ("texte_court", id="note01", label="Note retirée")
    draft.set_formulaire(draft.formulaire.changed(annotations=[note]))
    draft.save()
    publish(procedure, by=administrateur)
    procedure.refresh_from_db()
    dossier = en_construction(procedure)
    Dossier.objects.filter(pk=dossier.pk).update(annotations={"note01": "À suivre de près"})
    publish_form(procedure, OBJET, ANCIEN)
    move_all(procedure, administrateur)

    accompagnateur = client_for(procedure.affectations.get().user)
    page = accompagnateur.get(f"/instruction/dossiers/{dossier.pk}/annotations/")

    text = Markup(page).one("[aria-labelledby=anciennes-annotations]").text
    assert "Note retirée Révision 2 À suivre de près" in text
    for stranger in (dossier.usager, administrateur):
        seen = client_for(stranger).get(f"/dossiers/{dossier.pk}/").text
        assert "À suivre de près" not in seen


def test_removed_answer_of_a_brouillon_is_readable_once_filed(procedure):
    dossier = DossierFactory(procedure=procedure, reponses={"objet1": "Livres", "ancien1": "Gardé"})
    publish_form(procedure, OBJET)

    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    fresh = Dossier.objects.with_detail().get(pk=dossier.pk)
    assert [(item.champ.label, item.text) for item in anciennes_reponses(fresh)] == [
        ("Question retirée", "Gardé")
    ]


def test_nothing_is_asked_of_the_database_where_nothing_is_old(
    procedure, django_assert_num_queries
):
    dossier = Dossier.objects.with_detail().get(pk=en_construction(procedure).pk)

    with django_assert_num_queries(0):
        assert anciennes_reponses(dossier) == []


def test_accompagnateur_sees_the_revision_of_a_dossier(procedure, client_for):
    dossier = en_construction(procedure)
    publish_form(procedure, OBJET)
    client = client_for(procedure.affectations.get().user)

    old = client.get(f"/instruction/dossiers/{dossier.pk}/").content.decode()
    new = client.get(f"/instruction/dossiers/{en_construction(procedure).pk}/").content.decode()

    assert "révision 1" in old
    assert "plus ancienne que la révision publiée" in old
    assert "révision 2" in new
    assert "plus ancienne" not in new


def test_publishing_leads_to_the_dossiers_left_behind(procedure, administrateur, client_for):
    address = reverse("procedures:procedure_publish", args=[procedure.pk])
    cockpit = reverse("procedures:procedure_detail", args=[procedure.pk])
    client = client_for(administrateur)

    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(OBJET))
    draft.save()
    assert client.post(address)["Location"] == cockpit

    en_construction(Procedure.objects.get(pk=procedure.pk))
    draft = draft_of(Procedure.objects.get(pk=procedure.pk))
    draft.set_formulaire(formulaire_of(OBJET, ANCIEN))
    draft.save()
    response = client.post(address)

    assert response["Location"] == address
    page = Markup(client.get(address))
    assert page.one(".fr-callout a")["href"] == effets_of(procedure).update_url


def test_one_broken_dossier_does_not_hold_the_others_back(procedure, administrateur, caplog):
    broken = en_construction(procedure, ancien1={"reste": "d’un autre temps"})
    sound = en_construction(procedure, ancien1="2026-11-02")
    publish_form(procedure, OBJET, new_champ("date", id="ancien1", label="Date"))

    asked = move_all(procedure, administrateur)

    sound.refresh_from_db()
    assert sound.revision.number == 2
    assert (asked.moved, asked.kept) == (1, 1)
    assert asked.finished_at is not None
    assert asked.reasons == [
        [
            broken.pk,
            "Erreur inattendue (AttributeError) : signalez-la à l’exploitant de TPS.",
        ]
    ]
    assert "mise à niveau impossible" in caplog.text


def test_what_the_usager_took_out_does_not_come_back_as_a_former_answer(administrateur):
    """Neither a removed row nor the answer to a champ that was hidden."""
    when = Condition(regles=[Regle(champ="objet1", operator=Operator.IS, values=["Oui"])])
    bloc = new_champ("bloc_repetable", id="bloc1", label="Dépenses", required=False)
    inner = new_champ("texte_court", id="poste1", label="Poste", bloc="bloc1", required=False)
    devis = new_champ("piece_jointe", id="devis1", label="Devis", bloc="bloc1", required=False)
    hidden = new_champ("texte_court", id="cache1", label="Raison", condition=when)
    procedure = ProcedureFactory(
        champs=[OBJET, hidden, bloc, inner, devis],
        organisme=OrganismeFactory(administrateurs=[administrateur]),
    )
    AffectationFactory(procedure=procedure)
    reponses = {"objet1": "Non", "cache1": "Tu", "bloc1": ["a1"], "poste1-a1": "Son"}
    dossier = DossierFactory(
        procedure=procedure, en_construction=True, reponses=reponses | {"poste1-b2": "Retiré"}
    )
    shown = PieceJointeFactory(dossier=dossier, champ_id="devis1-a1")
    PieceJointeFactory(dossier=dossier, champ_id="devis1-b2")
    publish_form(procedure, OBJET)

    move_all(procedure, administrateur)

    dossier = Dossier.objects.get(pk=dossier.pk)
    found = anciennes_reponses(dossier)
    assert [(item.champ.label, item.text) for item in found] == [("Poste", "Son"), ("Devis", "")]
    assert found[1].files == [shown]
