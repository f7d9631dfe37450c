"""The exploitant's pages about people and organismes."""

from urllib.parse import quote

import pytest
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from accounts.models import Organisme, User
from tests.accounts.factories import PASSWORD, OrganismeFactory, UserFactory
from tests.markup import Markup

pytestmark = pytest.mark.django_db

USERS = reverse("admin:accounts_user_changelist")


@pytest.fixture
def ops(client_for):
    return client_for(UserFactory(exploitant=True, email="ops@exemple.fr"))


def test_people_are_found_by_their_address(ops):
    UserFactory(email="awa@exemple.fr")
    UserFactory(email="leo@exemple.fr", verified=False)

    page = Markup(ops.get(USERS, {"q": "exemple.fr"}))
    found = Markup(ops.get(USERS, {"q": "awa"}))

    verified = {
        row.text: icon["alt"]
        for row, icon in zip(
            page.all("th.field-email"), page.all(".field-is_verified img"), strict=True
        )
    }
    assert verified == {
        "awa@exemple.fr": "True",
        "leo@exemple.fr": "False",
        "ops@exemple.fr": "True",
    }
    assert [row.text for row in found.all("th.field-email")] == ["awa@exemple.fr"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_people_costs_the_same_for_many(ops, count, django_assert_num_queries):
    for _ in range(count):
        UserFactory()

    with django_assert_num_queries(4):  # session, person, count, rows
        ops.get(USERS)


def test_page_of_a_person_shows_no_password(ops):
    user = UserFactory()

    response = ops.get(reverse("admin:accounts_user_change", args=[user.pk]))

    assert response.status_code == 200
    assert user.password not in response.content.decode()
    assert Markup(response).all("[name=password]") == []


def test_person_added_by_hand_has_no_password(ops):
    ops.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Nouvelle@exemple.fr",
            "is_active": "on",
            "emailaddress_set-TOTAL_FORMS": "0",
            "emailaddress_set-INITIAL_FORMS": "0",
        },
    )

    assert not User.objects.get(email="nouvelle@exemple.fr").has_usable_password()


def test_organisme_gets_its_administrateurs(ops):
    person, organisme = UserFactory(), OrganismeFactory()
    url = reverse("admin:accounts_organisme_change", args=[organisme.pk])

    assert ops.get(url).status_code == 200
    ops.post(url, {"name": organisme.name, "siret": "", "administrateurs": [person.pk]})

    assert list(Organisme.objects.get().administrateurs.all()) == [person]


def test_admin_has_no_sign_in_form_of_its_own(client):
    ops = UserFactory(exploitant=True)

    response = client.post(
        f"{reverse('admin:login')}?next={USERS}", {"username": ops.email, "password": PASSWORD}
    )

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={quote(USERS, safe='')}"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", [USERS, reverse("admin:accounts_organisme_changelist")])
def test_others_do_not_enter(client_for, path):
    administrateur = OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get()

    response = client_for(administrateur).get(path)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


def test_the_exploitant_unlinks_an_identity_without_reading_it(ops):
    user = UserFactory()
    identity = SocialAccount.objects.create(
        user=user, provider="franceconnect", uid="angela", extra_data={"birthdate": "1962-08-24"}
    )
    change = reverse("admin:socialaccount_socialaccount_change", args=[identity.pk])

    assert "1962" not in ops.get(change).content.decode()
    ops.post(
        reverse("admin:socialaccount_socialaccount_delete", args=[identity.pk]), {"post": "yes"}
    )

    assert not SocialAccount.objects.exists()
    assert ops.get("/admin/socialaccount/socialapp/").status_code == 404
    assert ops.get("/admin/socialaccount/socialaccount/add/").status_code == 403
