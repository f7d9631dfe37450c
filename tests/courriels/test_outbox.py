import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from courriels.enums import CourrielState
from courriels.models import Courriel
from courriels.outbox import enqueue, one_line, resend
from tests.courriels.factories import CourrielFactory


def accuse_reception(**changes) -> Courriel:
    values = {
        "to": "usager@exemple.fr",
        "kind": "accuse_reception",
        "subject": "Accusé de réception",
        "body_text": "Bonjour,\n\nVotre dossier nº 12 est bien déposé.",
        "reference": "dossier:12",
    }
    return enqueue(**values | changes)


def in_one_transaction(**changes) -> Courriel:
    with transaction.atomic():
        return accuse_reception(**changes)


@pytest.mark.django_db(transaction=True)
def test_enqueue_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction"):
        accuse_reception()

    assert Courriel.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_email(mailoutbox):
    with transaction.atomic():
        accuse_reception()
        transaction.set_rollback(True)

    assert Courriel.objects.count() == 0
    assert mailoutbox == []


@pytest.mark.django_db(transaction=True)
def test_on_commit_the_email_leaves_and_not_before(mailoutbox):
    with transaction.atomic():
        courriel = accuse_reception()
        assert mailoutbox == []

    courriel.refresh_from_db()
    [message] = mailoutbox
    assert courriel.state == CourrielState.ENVOYE
    assert courriel.attempts == 1
    assert courriel.sent_at is not None
    assert message.to == ["usager@exemple.fr"]
    assert message.subject == "Accusé de réception"
    assert message.body.startswith("Bonjour,\n\nVotre dossier nº 12 est bien déposé.\n\n-- \n")
    assert message.alternatives == [(courriel.body_html, "text/html")]
    assert message.extra_headers == {
        "Message-ID": f"<{courriel.uuid}@tps.localhost>",
        "Auto-Submitted": "auto-generated",
    }


@pytest.mark.django_db(transaction=True)
def test_the_same_key_sends_once(mailoutbox):
    first = in_one_transaction(key="changement:57")

    second = in_one_transaction(key="changement:57", subject="Autre objet")

    assert second.pk == first.pk
    assert second.subject == "Accusé de réception"
    assert Courriel.objects.count() == 1
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_key_twice_in_one_transaction_sends_once(mailoutbox):
    with transaction.atomic():
        accuse_reception(key="changement:57")
        accuse_reception(key="changement:57")

    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_key_each_call_is_an_email(mailoutbox):
    in_one_transaction()
    in_one_transaction()

    assert len(mailoutbox) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("Objet\r\nBcc: espion@exemple.fr", "Objet Bcc: espion@exemple.fr"),
        ("Objet\u2028suite\x85fin\x00", "Objet suite fin"),
        ("Dossier nº\u00a012", "Dossier nº\u00a012"),
        ("  \n ", "Message de TPS"),
        ("x" * 300, "x" * 249 + "…"),
    ],
)
def test_a_subject_is_folded_into_one_line(given, folded):
    assert one_line(given) == folded
    assert accuse_reception(subject=given).subject == folded


@pytest.mark.django_db
@pytest.mark.parametrize(
    "to",
    [
        "",
        "pas une adresse",
        "a@exemple.fr\nBcc: b@exemple.fr",
        "a@exemple.fr, b@exemple.fr",
        "x" * 250 + "@exemple.fr",
    ],
)
def test_an_address_that_is_none_is_refused(to):
    with pytest.raises(ValidationError) as refusal:
        accuse_reception(to=to)

    assert set(refusal.value.message_dict) == {"to_email"}
    assert Courriel.objects.count() == 0


@pytest.mark.django_db
def test_spaces_around_an_address_are_removed():
    assert accuse_reception(to=" usager@exemple.fr ").to_email == "usager@exemple.fr"


@pytest.mark.django_db
def test_without_html_the_text_is_laid_out_and_escaped():
    courriel = accuse_reception(body_text="Voir https://tps.exemple/d/12 <script>alert(1)</script>")

    assert '<a href="https://tps.exemple/d/12" rel="noopener noreferrer">' in courriel.body_html
    assert "<script>" not in courriel.body_html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in courriel.body_html
    assert "RÉPUBLIQUE" in courriel.body_html


@pytest.mark.django_db
def test_html_that_is_given_is_kept():
    assert accuse_reception(body_html="<p>Bonjour</p>").body_html == "<p>Bonjour</p>"


@pytest.mark.django_db
def test_null_characters_are_dropped():
    courriel = accuse_reception(body_text="a\x00b", body_html="c\x00d")

    assert (courriel.body_text, courriel.body_html) == ("ab", "cd")


@pytest.mark.django_db
def test_the_message_id_stays_when_the_sender_changes(settings):
    courriel = accuse_reception()
    settings.DEFAULT_FROM_EMAIL = "TPS <tps@interieur.gouv.fr>"

    courriel.save()

    assert courriel.message_id == f"<{courriel.uuid}@tps.localhost>"
    assert accuse_reception().message_id.endswith("@interieur.gouv.fr>")


@pytest.mark.django_db
def test_filters_on_state_reference_and_time():
    now = timezone.now()
    waiting = CourrielFactory(reference="dossier:12", next_attempt_at=now)
    later = CourrielFactory(next_attempt_at=now + timezone.timedelta(seconds=1))
    sent = CourrielFactory(envoye=True, reference="dossier:12")
    failed = CourrielFactory(echec=True, reference="dossier:1")

    assert set(Courriel.objects.en_attente()) == {waiting, later}
    assert set(Courriel.objects.due(now)) == {waiting}
    assert set(Courriel.objects.envoyes()) == {sent}
    assert set(Courriel.objects.en_echec()) == {failed}
    assert set(Courriel.objects.for_reference("dossier:12")) == {waiting, sent}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        {"state": CourrielState.ENVOYE},
        {"sent_at": timezone.now()},
        {"state": "perdu"},
        {"key": ""},
        {"subject": "deux\nlignes"},
        {"subject": ""},
    ],
)
def test_the_database_refuses_what_cannot_be(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        CourrielFactory(**values)


@pytest.mark.django_db(transaction=True)
def test_resend_gives_only_failed_emails_back_to_the_queue(mailoutbox):
    failed, sent = CourrielFactory(echec=True), CourrielFactory(envoye=True)

    count = resend(Courriel.objects.filter(pk__in=[failed.pk, sent.pk]))

    failed.refresh_from_db()
    assert count == 1
    assert failed.state == CourrielState.ENVOYE
    assert [message.to for message in mailoutbox] == [[failed.to_email]]
