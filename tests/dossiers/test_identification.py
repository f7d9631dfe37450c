"""Who applies: each way to say it, and each way a look-up may fail."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount

from dossiers import identification as identification_of_dossier
from dossiers.depots import deposit_modifications
from dossiers.models import Dossier
from dossiers.recapitulatif import demandeur_rows
from dossiers.views import identification
from entreprise_api.enums import LookupState
from entreprise_api.exceptions import EtablissementNotDiffusible, EtablissementNotFound
from entreprise_api.models import Etablissement
from entreprise_api.signals import etablissement_completed
from procedures.enums import Demandeurs
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
SIRET = "13002526500013"


def make(demandeurs=Demandeurs.ENTREPRISE, **fields):
    organisme = OrganismeFactory(siret="13002526500013")
    fields = {"nom": "", "prenom": "", "civilite": ""} | fields
    return DossierFactory(
        procedure=ProcedureFactory(demandeurs=demandeurs, organisme=organisme), **fields
    )


def etablissement(**fields) -> Etablissement:
    values = {
        "siret": SIRET,
        "siren": SIRET[:9],
        "state": LookupState.COMPLET,
        "raison_sociale": "TRANSPORTS MARTIN",
        "etat_administratif": "A",
        "diffusable": True,
        "adresse": "1 RUE DES LILAS\n59000 LILLE",
        "commune": "LILLE",
    }
    return Etablissement.objects.create(**values | fields)


@pytest.fixture
def answers(monkeypatch):
    """Return a function that sets what the look-up gives, and the calls it got."""
    calls = []

    def answer_with(outcome):
        def look_up(siret, *, recipient, purpose):
            calls.append((siret, recipient, purpose))
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(identification, "look_up", look_up)
        return calls

    return answer_with


def url(dossier, end=""):
    return f"/dossiers/{dossier.pk}/identification/{end}"


def text(response) -> str:
    return response.content.decode()


# --- a person -----------------------------------------------------------------------------------


def test_person_gives_civilite_prenom_and_nom(client_for):
    dossier = make(Demandeurs.PARTICULIER)
    client = client_for(dossier.usager)

    page = text(client.get(url(dossier)))
    response = client.post(
        url(dossier, "personne/"), {"civilite": "Mme", "prenom": "Zoé", "nom": "Lœuvre"}
    )

    assert f'value="{dossier.usager.first_name}"' in page
    assert response.url == f"/dossiers/{dossier.pk}/modifier/"
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (dossier.civilite, dossier.prenom, dossier.nom) == ("Mme", "Zoé", "Lœuvre")
    assert Dossier.objects.search("loeuvre").get() == dossier


def test_incomplete_person_is_told_and_keeps_what_was_typed(client_for):
    dossier = make(Demandeurs.PARTICULIER)

    page = text(client_for(dossier.usager).post(url(dossier, "personne/"), {"nom": "Gardé"}))

    assert "Choisissez votre civilité." in page
    assert "Indiquez votre prénom." in page
    assert 'value="Gardé"' in page
    assert not Dossier.objects.get(pk=dossier.pk).is_identified


def test_company_procedure_takes_no_person(client_for):
    dossier = make(Demandeurs.ENTREPRISE)

    response = client_for(dossier.usager).post(
        url(dossier, "personne/"), {"civilite": "M.", "prenom": "A", "nom": "B"}
    )

    assert response.status_code == 403
    assert not Dossier.objects.get(pk=dossier.pk).is_identified


def test_both_kinds_choose_first(client_for):
    dossier = make(Demandeurs.TOUS)
    client = client_for(dossier.usager)

    assert "Qui dépose ce dossier" in text(client.get(url(dossier)))
    assert "Votre identité" in text(client.get(url(dossier), {"demandeur": "particulier"}))
    assert "Numéro SIRET" in text(client.get(url(dossier), {"demandeur": "entreprise"}))


def test_person_takes_the_place_of_a_company_and_back(client_for, answers):
    dossier = make(Demandeurs.TOUS, etablissement=etablissement())
    client = client_for(dossier.usager)

    client.post(url(dossier, "personne/"), {"civilite": "M.", "prenom": "A", "nom": "B"})
    as_person = Dossier.objects.get(pk=dossier.pk)
    answers(etablissement())
    token = token_of(client.post(url(dossier, "siret/"), {"siret": SIRET}))
    client.post(url(dossier, "confirmer/"), {"etablissement": token})
    as_company = Dossier.objects.get(pk=dossier.pk)

    assert (as_person.etablissement, as_person.nom) == (None, "B")
    assert as_company.is_entreprise
    assert as_company.nom == ""


# --- a company ----------------------------------------------------------------------------------


def token_of(response) -> str:
    return parse_qs(urlsplit(response.url).query)["etablissement"][0]


def test_company_is_shown_then_confirmed(client_for, answers):
    dossier = make()
    calls = answers(etablissement())
    client = client_for(dossier.usager)

    found = client.post(url(dossier, "siret/"), {"siret": "130 025 265 00013"})
    page = text(client.get(found.url))
    assert Dossier.objects.get(pk=dossier.pk).etablissement is None
    confirmed = client.post(url(dossier, "confirmer/"), {"etablissement": token_of(found)})

    assert calls == [
        (SIRET, dossier.procedure.organisme.siret, f"procedure_id: {dossier.procedure_id}")
    ]
    assert "TRANSPORTS MARTIN" in page
    assert "C’est bien mon établissement" in page
    assert confirmed.url == f"/dossiers/{dossier.pk}/modifier/"
    assert Dossier.objects.get(pk=dossier.pk).etablissement.siret == SIRET
    assert Dossier.objects.search("transports martin").get() == dossier


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Saisissez le numéro SIRET de votre établissement."),
        ("abc", "Un numéro SIRET compte 14 chiffres"),
        ("1300252650001", "Un numéro SIRET compte 14 chiffres"),
        ("130025265", "Vous avez saisi un numéro SIREN"),
        ("13002526500014", "Ce numéro SIRET n’est pas valide"),
        ("9" * 41, "Un numéro SIRET compte 14 chiffres"),
    ],
)
def test_wrong_number_is_explained_and_kept_without_a_look_up(client_for, answers, typed, message):
    dossier = make()
    calls = answers(etablissement())

    page = text(client_for(dossier.usager).post(url(dossier, "siret/"), {"siret": typed}))

    assert message in page
    assert not typed or f'value="{typed}"' in page
    assert calls == []


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (EtablissementNotFound("404"), identification.NOT_FOUND),
        (EtablissementNotDiffusible("451"), identification.NOT_DIFFUSIBLE),
    ],
)
def test_final_refusal_is_explained(client_for, answers, failure, message):
    dossier = make()
    answers(failure)

    page = text(client_for(dossier.usager).post(url(dossier, "siret/"), {"siret": SIRET}))

    assert message in page
    assert dossier.procedure.service_email in page
    assert not Dossier.objects.get(pk=dossier.pk).is_identified


def test_closed_company_is_warned_and_may_go_on(client_for, answers):
    dossier = make()
    answers(etablissement(etat_administratif="F"))
    client = client_for(dossier.usager)

    found = client.post(url(dossier, "siret/"), {"siret": SIRET})
    page = text(client.get(found.url))
    client.post(url(dossier, "confirmer/"), {"etablissement": token_of(found)})

    assert "fermé" in page
    assert Dossier.objects.get(pk=dossier.pk).is_identified


def test_protected_company_is_never_shown_back(client_for, answers):
    dossier = make()
    answers(etablissement(diffusable=False))
    client = client_for(dossier.usager)

    found = client.post(url(dossier, "siret/"), {"siret": SIRET})
    pages = [text(client.get(found.url))]
    client.post(url(dossier, "confirmer/"), {"etablissement": token_of(found)})
    pages += [
        text(client.get(address))
        for address in (
            url(dossier),
            f"/dossiers/{dossier.pk}/modifier/",
            f"/dossiers/{dossier.pk}/verifier/",
            "/dossiers/",
        )
    ]
    client.post(f"/dossiers/{dossier.pk}/soumettre/")
    pages.append(text(client.get(f"/dossiers/{dossier.pk}/")))

    assert Dossier.objects.get(pk=dossier.pk).submitted_at is not None
    for page in pages:
        assert "130 025 265 00013" in page
        assert "MARTIN" not in page
        assert "LILAS" not in page


def test_protected_name_cannot_be_guessed_by_searching(client_for):
    dossier = make(etablissement=etablissement(diffusable=False))
    client = client_for(dossier.usager)

    assert len(client.get("/dossiers/", {"q": "transports"}).context["page"]) == 0
    assert len(client.get("/dossiers/", {"q": SIRET}).context["page"]) == 1
    assert len(client.get("/dossiers/", {"q": str(dossier.pk)}).context["page"]) == 1


def test_company_not_answered_yet_may_go_on(client_for, answers):
    dossier = make()
    answers(etablissement(state=LookupState.EN_ATTENTE, raison_sociale=""))
    client = client_for(dossier.usager)

    found = client.post(url(dossier, "siret/"), {"siret": SIRET})
    page = text(client.get(found.url))
    client.post(url(dossier, "confirmer/"), {"etablissement": token_of(found)})

    assert "nous récupérerons plus tard" in page
    assert "Continuer avec ce numéro SIRET" in page
    assert Dossier.objects.get(pk=dossier.pk).is_identified


def test_name_that_comes_late_is_found_by_search():
    waiting = etablissement(state=LookupState.EN_ATTENTE, raison_sociale="")
    dossier = make(etablissement=waiting)
    assert not Dossier.objects.search("transports").exists()

    waiting.state, waiting.raison_sociale = LookupState.COMPLET, "TRANSPORTS MARTIN"
    waiting.save()
    etablissement_completed.send(sender=Etablissement, etablissement=waiting)

    assert Dossier.objects.search("transports").get() == dossier


def test_company_unknown_in_the_end_must_be_corrected_before_submission(client_for):
    dossier = make(etablissement=etablissement(state=LookupState.INTROUVABLE, raison_sociale=""))
    client = client_for(dossier.usager)

    client.post(f"/dossiers/{dossier.pk}/soumettre/")
    page = text(client.get(f"/dossiers/{dossier.pk}/verifier/"))

    assert Dossier.objects.get(pk=dossier.pk).is_brouillon
    assert "L’INSEE ne connaît pas le SIRET indiqué" in page


def test_look_ups_are_limited(client_for, answers):
    dossier = make()
    calls = answers(EtablissementNotFound("404"))
    client = client_for(dossier.usager)

    responses = [client.post(url(dossier, "siret/"), {"siret": SIRET}) for _ in range(21)]

    assert [response.status_code for response in responses] == [200] * 20 + [429]
    assert identification.TOO_MANY in text(responses[-1])
    assert len(calls) == 20


def test_etablissement_of_another_dossier_cannot_be_confirmed(client_for, answers):
    mine, other = make(), make()
    answers(etablissement())
    theirs = token_of(client_for(other.usager).post(url(other, "siret/"), {"siret": SIRET}))
    client = client_for(mine.usager)

    for token in (theirs, str(Etablissement.objects.get().pk), "", "x" * 500):
        response = client.post(url(mine, "confirmer/"), {"etablissement": token})
        assert response.url == f"{url(mine)}?demandeur=entreprise&changer=1"
        assert "C’est bien mon" not in text(client.get(url(mine), {"etablissement": token}))
    assert Dossier.objects.get(pk=mine.pk).etablissement is None


# --- whose, and when ----------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", "personne/", "siret/", "confirmer/"])
def test_another_persons_dossier_is_a_404(client_for, end):
    dossier = make()
    client = client_for(UserFactory())

    response = client.post(url(dossier, end)) if end else client.get(url(dossier))

    assert response.status_code == 404


@pytest.mark.parametrize("end", ["", "personne/", "siret/", "confirmer/"])
def test_frozen_dossier_leads_to_its_page(client_for, end):
    dossier = make(en_instruction=True, etablissement=etablissement())
    client = client_for(dossier.usager)

    response = client.post(url(dossier, end)) if end else client.get(url(dossier))

    assert response.url == f"/dossiers/{dossier.pk}/"


def from_franceconnect(user, uid="angela", **claims):
    claims = {
        "given_name": "Angela Claire",
        "family_name": "Dubois",
        "birthdate": "1962-08-24",
        "gender": "female",
    } | claims
    SocialAccount.objects.create(user=user, provider="franceconnect", uid=uid, extra_data=claims)


def identite_page(client, dossier) -> Markup:
    return Markup(client.get(f"/dossiers/{dossier.pk}/identification/"))


ANGELA = {"civilite": "Mme", "prenom": "Angela Claire", "nom": "Dubois"}


def test_the_identity_of_franceconnect_is_typed_in_advance_and_said(client_for):
    dossier = make(Demandeurs.PARTICULIER)
    from_franceconnect(dossier.usager)
    client = client_for(dossier.usager)

    page = identite_page(client, dossier)

    assert page.one("main .fr-alert").text == (
        "Identité reprise de FranceConnect, avec votre date de naissance, le 24/08/1962. "
        "Vérifiez-la ; si vous la changez, le dossier ne dira plus qu’elle vient de FranceConnect."
    )
    assert page.one("#id_prenom")["value"] == "Angela Claire"
    assert page.one("#id_nom")["value"] == "Dubois"
    assert page.one("input[name=civilite][checked]")["value"] == "Mme"

    client.post(f"/dossiers/{dossier.pk}/identification/personne/", ANGELA)
    dossier.refresh_from_db()
    assert dossier.is_from_franceconnect
    assert dossier.date_de_naissance.isoformat() == "1962-08-24"
    verification = Markup(client.get(f"/dossiers/{dossier.pk}/verifier/"))
    assert "Née le 24/08/1962 · Identité reprise de FranceConnect" in verification.one("main").text
    assert identite_page(client, dossier).all("main .fr-alert--info") != []


def test_a_changed_identity_no_longer_comes_from_franceconnect(client_for):
    dossier = make(Demandeurs.PARTICULIER)
    from_franceconnect(dossier.usager)
    client = client_for(dossier.usager)
    client.post(f"/dossiers/{dossier.pk}/identification/personne/", ANGELA)

    client.post(f"/dossiers/{dossier.pk}/identification/personne/", ANGELA | {"nom": "Martin"})

    dossier.refresh_from_db()
    assert not dossier.is_from_franceconnect
    assert dossier.date_de_naissance is None
    assert identite_page(client, dossier).all("main .fr-alert") == []


def test_an_unknown_gender_leaves_the_civilite_to_choose(client_for):
    dossier = make(Demandeurs.PARTICULIER)
    from_franceconnect(dossier.usager, gender="", birthdate="")
    client = client_for(dossier.usager)

    assert identite_page(client, dossier).all("input[name=civilite][checked]") == []
    client.post(f"/dossiers/{dossier.pk}/identification/personne/", ANGELA | {"civilite": "M."})

    dossier.refresh_from_db()
    assert dossier.is_from_franceconnect
    assert dossier.date_de_naissance is None


def test_two_identities_fill_nothing_in(client_for):
    dossier = make(Demandeurs.PARTICULIER)
    from_franceconnect(dossier.usager)
    from_franceconnect(dossier.usager, "conjoint")
    client = client_for(dossier.usager)

    page = identite_page(client, dossier)

    assert page.all("main .fr-alert") == []
    assert page.one("#id_prenom")["value"] == dossier.usager.first_name
    client.post(f"/dossiers/{dossier.pk}/identification/personne/", ANGELA)
    dossier.refresh_from_db()
    assert not dossier.is_from_franceconnect


def test_a_company_forgets_the_identity_of_franceconnect(client_for):
    dossier = make(Demandeurs.TOUS)
    from_franceconnect(dossier.usager)
    client_for(dossier.usager).post(f"/dossiers/{dossier.pk}/identification/personne/", ANGELA)

    identification_of_dossier.identify_entreprise(dossier.pk, etablissement(), by=dossier.usager)

    dossier.refresh_from_db()
    assert (dossier.is_from_franceconnect, dossier.date_de_naissance) == (False, None)


def test_the_service_sees_where_the_identity_comes_from(client_for):
    dossier = DossierFactory(
        en_construction=True, is_from_franceconnect=True, date_de_naissance="1962-08-24"
    )
    agent = AffectationFactory(procedure=dossier.procedure).user

    page = Markup(client_for(agent).get(f"/instruction/dossiers/{dossier.pk}/"))

    demandeur = page.one('section[aria-labelledby="demandeur"]').text
    assert "Née le 24/08/1962 · Identité reprise de FranceConnect" in demandeur
    dossier.refresh_from_db()
    assert (
        "FranceConnect",
        "date de naissance : 24/08/1962 ; identité reprise de FranceConnect",
    ) in demandeur_rows(dossier, is_public=False)


def test_a_filed_dossier_takes_it_at_the_next_deposit(client_for):
    dossier = make(Demandeurs.PARTICULIER, en_construction=True, nom="Ancien", prenom="Nom")
    from_franceconnect(dossier.usager)

    client_for(dossier.usager).post(f"/dossiers/{dossier.pk}/identification/personne/", ANGELA)
    dossier.refresh_from_db()
    assert (dossier.nom, dossier.is_from_franceconnect) == ("Ancien", False)
    version = deposit_modifications(dossier.pk, by=dossier.usager)

    dossier.refresh_from_db()
    for filed in (dossier, version):
        assert filed.is_from_franceconnect
        assert filed.date_de_naissance == date(1962, 8, 24)
