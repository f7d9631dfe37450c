import re

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.urls import reverse

from courriels import views
from courriels.models import DemoMessage
from tests.courriels.factories import DemoMessageFactory

HOSTILE = "<p>Bonjour</p><script>alert(1)</script><img src=https://espion.exemple/x>"


def page_text(response) -> str:
    return response.content.decode()


@pytest.fixture
def inbox(settings):
    settings.EMAIL_BACKEND = "courriels.demo.InboxBackend"


@pytest.mark.django_db
def test_the_inbox_keeps_what_leaves(inbox):
    message = EmailMultiAlternatives(
        "Objet é", "Texte", "TPS <tps@exemple.fr>", ["a@exemple.fr"], cc=["b@exemple.fr"]
    )
    message.attach_alternative("<p>HTML</p>", "text/html")

    assert message.send() == 1

    kept = DemoMessage.objects.get()
    assert kept.from_email == "TPS <tps@exemple.fr>"
    assert kept.to == "a@exemple.fr, b@exemple.fr"
    assert (kept.subject, kept.text, kept.html) == ("Objet é", "Texte", "<p>HTML</p>")
    assert kept.headers["To"] == "a@exemple.fr"
    assert "Message-ID" in kept.headers


@pytest.mark.django_db
def test_the_inbox_keeps_a_plain_text_and_ignores_a_message_to_nobody(inbox):
    assert send_mail("Objet", "Texte", None, ["a@exemple.fr"]) == 1
    assert send_mail("Objet", "Texte", None, []) == 0

    assert DemoMessage.objects.get().html == ""


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_list_is_public_and_costs_the_same_for_any_number(
    client, count, django_assert_num_queries
):
    messages = DemoMessageFactory.create_batch(count)

    with django_assert_num_queries(2):  # the rows, their count
        response = client.get("/demo/courriels/")

    assert response.status_code == 200
    assert [row.pk for row in response.context["page"]] == [row.pk for row in messages[::-1]]
    for message in messages:
        assert message.subject in page_text(response)
        assert reverse("courriels:demo_detail", args=[message.pk]) in page_text(response)


@pytest.mark.django_db
def test_an_empty_inbox_says_what_to_do(client):
    assert "Aucun email pour l’instant" in page_text(client.get("/demo/courriels/"))


@pytest.mark.django_db
def test_search_keeps_one_recipient_and_what_was_typed(client):
    wanted = DemoMessageFactory(to="zoe@exemple.fr")
    DemoMessageFactory(to="max@exemple.fr")

    response = client.get("/demo/courriels/", {"destinataire": " ZOE@ "})

    assert [row.pk for row in response.context["page"]] == [wanted.pk]
    assert response.context["count"] == 1
    assert 'value="ZOE@"' in page_text(response)


@pytest.mark.django_db
def test_search_without_result_leads_back_to_all(client):
    DemoMessageFactory(to="max@exemple.fr")

    response = client.get("/demo/courriels/", {"destinataire": "<b>%"})

    assert "Aucun email pour « &lt;b&gt;% »." in page_text(response)
    assert "Voir tous les emails" in page_text(response)


@pytest.mark.django_db
def test_pages_follow_one_another_within_a_search(client, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    messages = DemoMessageFactory.create_batch(3, to="zoe@exemple.fr")
    DemoMessageFactory(to="max@exemple.fr")

    first = client.get("/demo/courriels/", {"destinataire": "zoe"})
    cursor = first.context["page"].next_cursor
    second = client.get("/demo/courriels/", {"destinataire": "zoe", "suite": cursor})

    assert [row.pk for row in first.context["page"]] == [messages[2].pk, messages[1].pk]
    assert [row.pk for row in second.context["page"]] == [messages[0].pk]
    assert "Plus anciens" in page_text(first)
    assert "Plus récents" in page_text(second)
    assert "Plus anciens" not in page_text(second)


@pytest.mark.django_db
def test_a_message_shows_its_text_with_links_and_its_html_in_a_sandbox(
    client, django_assert_num_queries
):
    message = DemoMessageFactory(html=HOSTILE)

    with django_assert_num_queries(1):
        response = client.get(message.get_absolute_url())

    html = page_text(response)
    assert message.to in html
    assert '<a href="https://tps.exemple/dossiers/1/" rel="noopener noreferrer">' in html
    assert re.search(rf'<iframe[^>]+src="{message.get_absolute_url()}html/"\s+sandbox=""', html)
    assert "alert(1)" not in html
    assert "espion.exemple" not in html


@pytest.mark.django_db
def test_hostile_words_are_escaped(client):
    message = DemoMessageFactory(subject="<script>a", text="<script>b", to="<script>c")

    for url in ("/demo/courriels/", message.get_absolute_url()):
        html = page_text(client.get(url))
        assert "&lt;script&gt;a" in html
        assert "<script>a" not in html
        assert "<script>b" not in html
        assert "<script>c" not in html


@pytest.mark.django_db
def test_html_is_served_apart_where_nothing_runs_or_calls_out(client):
    message = DemoMessageFactory(html=HOSTILE)

    response = client.get(reverse("courriels:demo_html", args=[message.pk]))

    policy = set(response["Content-Security-Policy"].split("; "))
    assert page_text(response) == HOSTILE
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert policy == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src 'self' data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    }


@pytest.mark.django_db
def test_a_message_without_html_has_no_frame(client):
    message = DemoMessageFactory(html="")

    assert "<iframe" not in page_text(client.get(message.get_absolute_url()))
    assert client.get(reverse("courriels:demo_html", args=[message.pk])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["demo_list", "demo_detail", "demo_html"])
def test_outside_of_the_demo_there_is_no_inbox(client, settings, name):
    settings.DEMO = False
    message = DemoMessageFactory()
    url = reverse(f"courriels:{name}", args=[] if name == "demo_list" else [message.pk])

    assert client.get(url).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["demo_list", "demo_detail", "demo_html"])
def test_the_inbox_is_only_read(client, name):
    message = DemoMessageFactory()
    url = reverse(f"courriels:{name}", args=[] if name == "demo_list" else [message.pk])

    assert client.post(url).status_code == 405


@pytest.mark.django_db
def test_an_unknown_message_is_not_found(client):
    assert client.get(reverse("courriels:demo_detail", args=[1])).status_code == 404
