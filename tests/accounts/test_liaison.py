"""Which account a new identity opens: on a proof, never on the address alone."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import identites
from accounts.models import User
from accounts.oidc.identity import Identity
from courriels.models import Courriel
from tests.accounts.factories import PASSWORD, OrganismeFactory, UserFactory
from tests.accounts.oidc import come_back, is_signed_in, said
from tests.markup import Markup
from tests.oidc import ANGELA
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
CHOOSE = "/compte/franceconnect/compte/"
EMAIL = "angela.dubois@exemple.fr"
AGENT_REFUSED = (
    "Cette adresse est celle d’un compte d’agent, que FranceConnect n’ouvre pas. Connectez-vous "
    "avec votre mot de passe ou par ProConnect."
)


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"


def link(user, uid="angela", **claims) -> SocialAccount:
    return SocialAccount.objects.create(
        user=user, provider="franceconnect", uid=uid, extra_data=ANGELA | claims
    )


def link_sent() -> str:
    courriel = Courriel.objects.get(subject__startswith="Confirmez votre adresse pour")
    return re.search(r"http://127\.0\.0\.1:8000(\S+)", courriel.body_text)[1]


def ask_for_link(client, email=EMAIL) -> str:
    answer = client.post(f"{CHOOSE}lien/", {"email": email})
    assert answer["Location"] == f"{CHOOSE}lien/envoye/"
    return link_sent()


def opened_by(client) -> str:
    return client.session.get("_auth_user_id", "")


def test_an_account_at_the_address_is_not_linked_by_itself(client, provider):
    UserFactory(email=EMAIL)

    answer = come_back(client, provider)

    assert answer["Location"] == CHOOSE
    page = Markup(client.get(CHOOSE))
    assert page.one("#compte").text.startswith("Ce compte est-il le vôtre")
    assert page.all(f'form[action="{CHOOSE}garder/"]') == []
    assert not is_signed_in(client)
    client.post(f"{CHOOSE}garder/")  # asked for all the same
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_the_password_of_the_account_proves_it(client, provider):
    user = UserFactory(email=EMAIL, first_name="Angie")
    come_back(client, provider, next_url="/compte/")
    before = client.session.session_key

    wrong = client.post(f"{CHOOSE}mot-de-passe/", {"password": "pas celui-là du tout"})
    assert "Ce mot de passe est inexact." in Markup(wrong).one("main").text
    assert not SocialAccount.objects.exists()
    answer = client.post(f"{CHOOSE}mot-de-passe/", {"password": PASSWORD})

    assert answer["Location"] == "/compte/"
    assert opened_by(client) == str(user.pk)
    assert client.session.session_key != before
    assert SocialAccount.objects.get().user == user
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.first_name == "Angie"
    assert [c.subject for c in Courriel.objects.filter(to_email=EMAIL)] == [
        "Une identité FranceConnect ouvre désormais votre compte"
    ]


def test_passwords_are_not_tried_without_end(client, provider):
    UserFactory(email=EMAIL)
    come_back(client, provider)
    for _ in range(15):
        page = client.post(f"{CHOOSE}mot-de-passe/", {"password": "pas celui-là du tout"})

    assert "Trop d’essais à la suite" in Markup(page).one("main").text
    client.post(f"{CHOOSE}mot-de-passe/", {"password": PASSWORD})
    assert not is_signed_in(client)


def test_a_password_proves_nothing_where_nobody_verified_the_address(client, provider):
    UserFactory(email=EMAIL, verified=False)
    come_back(client, provider)

    assert Markup(client.get(CHOOSE)).all("input[type=password]") == []
    client.post(f"{CHOOSE}mot-de-passe/", {"password": PASSWORD})

    assert not SocialAccount.objects.exists()
    assert not is_signed_in(client)


def test_a_link_to_the_address_proves_it(client, provider):
    user = UserFactory(email=EMAIL)
    come_back(client, provider)
    path = ask_for_link(client)

    page = Markup(client.get(path))
    assert page.one("h1").text == "Relier FranceConnect à votre compte"
    assert not is_signed_in(client)  # a link signs nobody in by itself
    assert not SocialAccount.objects.exists()
    client.post(path)

    assert opened_by(client) == str(user.pk)
    assert SocialAccount.objects.get().user == user
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_link_opens_nothing_in_another_browser(client, provider):
    UserFactory(email=EMAIL)
    come_back(client, provider)
    path = ask_for_link(client)
    victim = Client()

    for answer in (victim.get(path), victim.post(path)):
        assert answer.status_code == 410
        assert Markup(answer).one("h1").text == "Ce lien ne sert pas ici"
    assert not SocialAccount.objects.exists()
    assert not is_signed_in(victim)


def test_a_link_does_not_serve_the_identity_of_somebody_else(client, provider):
    UserFactory(email=EMAIL)
    come_back(client, provider)
    path = ask_for_link(client)
    provider.know("voleur", ANGELA | {"family_name": "Voleur"})
    thief = Client()
    come_back(thief, provider, sub="voleur")

    assert thief.post(path).status_code == 410
    assert not SocialAccount.objects.exists()


def test_a_link_serves_once_and_fifteen_minutes(client, provider, time_machine):
    UserFactory(email=EMAIL)
    come_back(client, provider)
    path = ask_for_link(client)
    start = timezone.now()

    time_machine.move_to(start + timedelta(minutes=14, seconds=50))
    assert client.get(path).status_code == 200
    time_machine.move_to(start + timedelta(minutes=15, seconds=10))
    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410
    time_machine.move_to(start + timedelta(minutes=5))
    client.post(path)
    assert is_signed_in(client)
    client.post("/compte/logout/")

    assert client.post(path).status_code == 410
    assert not is_signed_in(client)


def test_links_are_random(client, provider):
    come_back(client, provider)
    first = ask_for_link(client)
    Courriel.objects.all().delete()
    second = ask_for_link(client)

    tokens = [path.rstrip("/").rpartition("/")[2] for path in (first, second)]
    assert tokens[0] != tokens[1]
    assert min(map(len, tokens)) >= 32


def test_a_link_is_dead_once_the_identity_is_linked_elsewhere(client, provider):
    UserFactory(email=EMAIL)
    come_back(client, provider)
    path = ask_for_link(client)
    link(UserFactory())

    answer = client.post(path)

    assert answer["Location"] == "/compte/login/"
    assert not is_signed_in(client)
    assert SocialAccount.objects.count() == 1


def test_another_address_of_nobody_opens_an_account_by_a_link(client, provider):
    come_back(client, provider)
    path = ask_for_link(client, " Perso@Exemple.fr ")
    assert not User.objects.exists()
    assert Markup(client.get(path)).one("h1").text == "Ouvrir votre compte"

    client.post(path)

    user = User.objects.get()
    assert (user.email, user.last_name) == ("perso@exemple.fr", "Dubois")
    assert EmailAddress.objects.get(user=user).verified
    assert opened_by(client) == str(user.pk)


def test_another_address_of_an_account_is_proven_by_a_link(client, provider):
    user = UserFactory(email="perso@exemple.fr")
    come_back(client, provider)
    sent = client.post(f"{CHOOSE}lien/", {"email": "perso@exemple.fr"})
    unknown = client.post(f"{CHOOSE}lien/", {"email": "personne@exemple.fr"})
    assert sent["Location"] == unknown["Location"]  # nothing says who has an account
    courriel = Courriel.objects.get(to_email="perso@exemple.fr")

    client.post(re.search(r":8000(\S+)", courriel.body_text)[1])

    assert opened_by(client) == str(user.pk)


def test_a_bad_address_is_explained_and_kept(client, provider):
    come_back(client, provider)

    page = Markup(client.post(f"{CHOOSE}lien/", {"email": "perso@"}))

    assert page.one("#id_email")["value"] == "perso@"
    assert "adresse électronique complète" in page.one("main").text
    assert not Courriel.objects.exists()


def test_links_are_not_sent_without_end(client, provider):
    cache.clear()
    come_back(client, provider)
    for _ in range(5):
        client.post(f"{CHOOSE}lien/", {"email": "victime@exemple.fr"})

    page = client.post(f"{CHOOSE}lien/", {"email": "victime@exemple.fr"})

    assert "Plusieurs liens sont déjà partis" in Markup(page).one("main").text
    assert Courriel.objects.filter(to_email="victime@exemple.fr").count() == 5


def test_who_made_the_account_of_somebody_else_loses_it(client, provider):
    user = UserFactory(email=EMAIL, verified=False, first_name="Pirate")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    come_back(client, provider)

    client.post(ask_for_link(client))

    user.refresh_from_db()
    assert opened_by(client) == str(user.pk)
    assert not user.has_usable_password()
    assert (user.first_name, user.last_name) == ("Angela", "Dubois")
    assert not Authenticator.objects.exists()
    assert identites.is_verified(user)


def test_without_an_address_a_link_is_the_only_way(client, provider):
    provider.know("angela", {name: v for name, v in ANGELA.items() if name != "email"})
    come_back(client, provider)

    page = Markup(client.get(CHOOSE))
    assert page.all(f'form[action="{CHOOSE}garder/"]') == []
    client.post(f"{CHOOSE}garder/")
    assert not User.objects.exists()
    client.post(ask_for_link(client, "perso@exemple.fr"))
    assert is_signed_in(client)


def test_an_identity_waits_thirty_minutes(client, provider, time_machine):
    come_back(client, provider)
    time_machine.move_to(timezone.now() + timedelta(minutes=31))

    answer = client.post(f"{CHOOSE}garder/")

    assert answer["Location"] == "/compte/login/"
    assert said(client)[0].startswith("Cette connexion par FranceConnect a attendu trop longtemps.")
    assert not User.objects.exists()


def accompagnateur(**fields):
    return AffectationFactory(user=UserFactory(**fields)).user


def administrateur(**fields):
    return OrganismeFactory(administrateurs=[UserFactory(**fields)]).administrateurs.get()


def exploitant(**fields):
    return UserFactory(exploitant=True, **fields)


AGENTS = [accompagnateur, administrateur, exploitant]


@pytest.mark.parametrize("make", AGENTS)
def test_a_linked_agent_is_refused_and_the_link_erased(client, provider, make):
    user = make()
    link(user)  # behind the signals, as an import would

    answer = come_back(client, provider)

    assert answer["Location"] == "/compte/deconnexion/"  # FranceConnect is left too
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("make", AGENTS)
def test_no_proof_links_franceconnect_to_an_agent(client, provider, make):
    make(email=EMAIL)
    come_back(client, provider)

    page = Markup(client.get(CHOOSE))
    assert page.one("main .fr-alert__title").text == (
        "FranceConnect n’ouvre pas les comptes d’agents"
    )
    assert page.all("input[type=password]") == []
    client.post(f"{CHOOSE}mot-de-passe/", {"password": PASSWORD})
    assert not is_signed_in(client)
    client.post(ask_for_link(client))

    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_the_refusal_of_an_agent_is_said_once_franceconnect_is_left(client, provider):
    link(accompagnateur())
    come_back(client, provider)

    page = Markup(client.get("/compte/deconnexion/"))
    state = re.search(r"state=([\w-]+)", page.one("main a.fr-btn")["href"])[1]
    answer = client.get(f"/compte/franceconnect/deconnexion/?state={state}")

    assert answer["Location"] == "/compte/login/"
    assert said(client)[0] == AGENT_REFUSED


def becomes_accompagnateur(user):
    AffectationFactory(user=user)


def becomes_administrateur(user):
    OrganismeFactory().administrateurs.add(user)


def becomes_administrateur_from_the_other_side(user):
    user.organismes.add(OrganismeFactory())


def is_put_on_the_list_of_a_procedure(user):
    ProcedureFactory().administrations.create(user=user)


@pytest.mark.parametrize(
    "become",
    [
        becomes_accompagnateur,
        becomes_administrateur,
        becomes_administrateur_from_the_other_side,
        is_put_on_the_list_of_a_procedure,
    ],
)
def test_becoming_an_agent_erases_the_links(become):
    user, other = UserFactory(), UserFactory()
    link(user), link(user, "conjoint"), link(other, "autre")
    SocialAccount.objects.create(user=user, provider="proconnect", uid="pro")

    become(user)

    left = set(SocialAccount.objects.values_list("provider", "uid"))
    assert left == {("franceconnect", "autre"), ("proconnect", "pro")}
    assert [c.subject for c in Courriel.objects.filter(to_email=user.email)] == [
        "FranceConnect n’ouvre plus votre compte"
    ]


def test_becoming_an_agent_without_a_link_writes_to_nobody():
    becomes_accompagnateur(UserFactory())

    assert not Courriel.objects.filter(subject__startswith="FranceConnect").exists()


def test_several_identities_are_listed_and_removed(client_for, provider):
    user = UserFactory()
    link(user)
    partner = link(user, "conjoint", given_name="Paul", gender="male", birthdate="1960-01-02")
    client = client_for(user)

    page = Markup(client.get("/compte/"))
    rows = [row.text for row in page.all('[aria-labelledby="identites"] dl > div')]
    today = timezone.localdate().strftime("%d/%m/%Y")
    assert rows == [
        f"FranceConnect Angela Claire Louise Dubois, née le 24/08/1962 Reliée le {today} "
        "Retirer l’identité FranceConnect de Angela Claire Louise Dubois",
        f"FranceConnect Paul Dubois, né le 02/01/1960 Reliée le {today} "
        "Retirer l’identité FranceConnect de Paul Dubois",
    ]
    path = f"/compte/identites/{partner.pk}/retirer/"
    assert Markup(client.get(path)).one("h1").text == "Retirer une identité FranceConnect"
    assert SocialAccount.objects.count() == 2
    answer = client.post(path)

    assert answer["Location"] == "/compte/"
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == ["angela"]
    assert Courriel.objects.get().subject == "Une identité a été retirée de votre compte"


def test_the_identity_of_somebody_else_cannot_be_removed(client_for, provider):
    identity = link(UserFactory())

    answer = client_for(UserFactory()).post(f"/compte/identites/{identity.pk}/retirer/")

    assert answer.status_code == 404
    assert SocialAccount.objects.count() == 1


def test_who_has_no_password_is_warned_and_chooses_one(client, provider):
    come_back(client, provider)
    client.post(f"{CHOOSE}garder/")
    identity = SocialAccount.objects.get()

    page = Markup(client.get(f"/compte/identites/{identity.pk}/retirer/"))
    assert page.one("main .fr-alert a")["href"] == "/compte/password/set/"
    words = "phrase de quelques mots"
    client.post("/compte/password/set/", {"password1": words, "password2": words})

    assert identity.user.__class__.objects.get().check_password(words)
    assert is_signed_in(client)
    page = Markup(client.get(f"/compte/identites/{identity.pk}/retirer/"))
    assert page.all("main .fr-alert--warning") == []


def test_who_has_no_password_may_ask_for_one_by_email(client, provider):
    come_back(client, provider)
    client.post(f"{CHOOSE}garder/")
    client.post("/compte/logout/")

    client.post("/compte/password/reset/", {"email": EMAIL})

    assert [c.to_email for c in Courriel.objects.filter(body_text__contains="/reset/key/")] == [
        EMAIL
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_profile(client_for, provider, django_assert_num_queries, count):
    user = UserFactory()
    for number in range(count):
        link(user, f"personne-{number}")
    client = client_for(user)

    with django_assert_num_queries(4):
        client.get("/compte/")


def test_what_is_known_of_the_person_is_told_for_one_identity_alone():
    user = UserFactory()
    assert identites.etat_civil(user) is None
    link(user)
    assert identites.etat_civil(user).nom == "Dubois"
    link(user, "conjoint")
    assert identites.etat_civil(user) is None


@pytest.mark.parametrize(
    ("claims", "birthdate"), [({}, "1962-08-24"), ({"birthdate": "1962-08"}, None)]
)
def test_the_date_of_birth_may_be_partial(claims, birthdate):
    user = UserFactory()
    link(user, **claims)

    found = identites.etat_civil(user).birthdate

    assert (found and found.isoformat()) == birthdate


def test_two_at_once_make_one_account():
    identity = Identity("franceconnect", "angela", ANGELA, "")
    first = identites.open_account(identity)

    assert identites.open_account(identity) == first
    other = Identity("franceconnect", "autre", ANGELA, "")
    with pytest.raises(identites.EmailTaken):
        identites.open_account(other)
