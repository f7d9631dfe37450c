import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from courriels.enums import CourrielState
from tests.courriels.factories import CourrielFactory

LIST = "/admin/courriels/courriel/"


@pytest.fixture
def ops(client):
    """Sign in an exploitant with every right."""
    user = User.objects.create_superuser("ops@exemple.fr")
    client.force_login(user)
    return user


@pytest.fixture
def reader(client):
    """Sign in an exploitant who may only look."""
    user = User.objects.create_user("lecteur@exemple.fr", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_courriel"))
    client.force_login(user)
    return user


def about_courriels(queries) -> list[str]:
    return [query["sql"] for query in queries if "courriels_courriel" in query["sql"]]


def resend(client, *courriels):
    data = {"action": "resend_courriels", "_selected_action": [row.pk for row in courriels]}
    return client.post(LIST, data, follow=True)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number(client, ops, count):
    CourrielFactory.create_batch(count, envoye=True)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(LIST)

    assert len(response.context["cl"].result_list) == count
    assert len(about_courriels(queries)) == 2  # how many, the rows


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["q=ZOE@", "q=dossier:12", "q=changement:57", "q=invitation", "state__exact=echec"]
)
def test_one_finds_an_email_by_address_reference_key_type_and_state(client, ops, query):
    wanted = CourrielFactory(
        echec=True,
        to_email="zoe@exemple.fr",
        reference="dossier:12",
        key="changement:57",
        kind="invitation",
    )
    CourrielFactory(reference="dossier:1")

    response = client.get(f"{LIST}?{query}")

    assert [row.pk for row in response.context["cl"].result_list] == [wanted.pk]


@pytest.mark.django_db
def test_a_record_is_read_and_never_changed(client, ops):
    courriel = CourrielFactory(body_html="<script>alert(1)</script>")
    url = reverse("admin:courriels_courriel_change", args=[courriel.pk])

    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)

    assert len(about_courriels(queries)) == 1
    assert courriel.subject in response.content.decode()
    assert "<script>alert(1)" not in response.content.decode()
    assert 'name="_save"' not in response.content.decode()
    assert client.post(url, {"subject": "Autre"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    delete = reverse("admin:courriels_courriel_delete", args=[courriel.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.django_db
def test_renvoyer_sends_again_what_failed_and_only_that(
    client, ops, mailoutbox, django_capture_on_commit_callbacks
):
    failed, sent = CourrielFactory(echec=True), CourrielFactory(envoye=True)

    with django_capture_on_commit_callbacks(execute=True):
        response = resend(client, failed, sent)

    failed.refresh_from_db()
    assert "1 email en échec a été remis dans la file." in response.content.decode()
    assert failed.state == CourrielState.ENVOYE
    assert [message.to for message in mailoutbox] == [[failed.to_email]]


@pytest.mark.django_db
def test_renvoyer_is_not_for_those_who_only_look(
    client, reader, mailoutbox, django_capture_on_commit_callbacks
):
    failed = CourrielFactory(echec=True)

    with django_capture_on_commit_callbacks(execute=True):
        response = resend(client, failed)

    failed.refresh_from_db()
    assert "Renvoyer" not in response.content.decode()
    assert failed.state == CourrielState.ECHEC
    assert mailoutbox == []


@pytest.mark.django_db
def test_the_admin_is_closed_to_others(client):
    client.force_login(User.objects.create_user("usager@exemple.fr"))

    assert client.get(LIST).status_code == 302
