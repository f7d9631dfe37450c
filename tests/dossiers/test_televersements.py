"""Files that arrive piece by piece: announced, cut, resumed, refused, swept."""

import errno
import hashlib
import threading
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.utils import timezone

from dossiers import televersements
from dossiers.models import Dossier, PieceJointe, Televersement
from dossiers.tasks import erase_abandoned_uploads
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory, InviteFactory, TeleversementFactory
from tests.procedures.factories import ProcedureFactory

CHUNK = 16
CONTENT = b"%PDF-1.4\n" + b"0123456789" * 4 + b"\n%%EOF\n"
SIZE = len(CONTENT)
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def procedure(settings):
    settings.TELEVERSEMENT_CHUNK_BYTES = CHUNK
    champs = [
        new_champ("texte_court", id="objet1", label="Objet"),
        new_champ("piece_jointe", id="piece1", label="Devis"),
        new_champ("piece_jointe", id="image1", label="Photo", formats=["images"], size_max_mo=1),
    ]
    return ProcedureFactory(champs=champs)


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure)


class Sender:
    """What `static/js/upload.js` asks of the server."""

    def __init__(self, client, dossier):
        self.client, self.dossier = client, dossier

    def announce(self, name="devis.pdf", size=SIZE, *, champ="piece1", modified=1234):
        path = f"/dossiers/{self.dossier.pk}/champs/{champ}/televersements/"
        return self.client.post(path, {"name": name, "size": size, "modified": modified})

    def send(self, created, offset, content):
        return self.client.post(
            created["url"],
            content,
            content_type="application/octet-stream",
            headers={"Upload-Offset": str(offset)},
        )

    def send_all(self, created, content=CONTENT):
        for offset in range(created["offset"], len(content), CHUNK):
            answer = self.send(created, offset, content[offset : offset + CHUNK])
            assert answer.json() == {"offset": min(offset + CHUNK, len(content))}

    def finish(self, created):
        return self.client.post(created["finish_url"], headers=HTMX)

    def state(self, created):
        return self.client.get(created["state_url"]).json()


@pytest.fixture
def sender(client_for, dossier):
    return Sender(client_for(dossier.usager), dossier)


def stored() -> list[str]:
    """Return the pieces that the storage holds."""
    if not default_storage.exists("televersements"):
        return []
    found = []
    for outer in default_storage.listdir("televersements")[0]:
        for inner in default_storage.listdir(f"televersements/{outer}")[0]:
            folder = f"televersements/{outer}/{inner}"
            found += [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    return sorted(found)


def test_file_sent_in_pieces_is_the_same_file(sender, dossier, django_capture_on_commit_callbacks):
    answer = sender.announce("../../Devis\x07 signé.pdf")
    assert answer.status_code == 201
    created = answer.json()
    assert (created["chunk"], created["offset"]) == (CHUNK, 0)
    sender.send_all(created)
    assert len(stored()) == 4

    with django_capture_on_commit_callbacks(execute=True):
        part = sender.finish(created)

    piece_jointe = PieceJointe.objects.get()
    assert (piece_jointe.name, piece_jointe.content_type) == ("Devis signé.pdf", "application/pdf")
    assert piece_jointe.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (piece_jointe.dossier, piece_jointe.uploaded_by) == (dossier, dossier.usager)
    with piece_jointe.file.open() as content:
        assert content.read() == CONTENT
    assert stored() == []
    assert 'id="fichiers-piece1"' in part.content.decode()
    assert "Devis signé.pdf" in part.content.decode()


def test_cut_upload_goes_on_from_what_has_come(sender):
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])
    # Half a piece came before the cut: none of it is kept.
    assert sender.send(created, CHUNK, CONTENT[CHUNK : CHUNK + 5]).status_code == 400

    assert sender.state(created) == {"offset": CHUNK}
    again = sender.announce().json()  # the page was reloaded, the same file chosen again

    assert again == created | {"offset": CHUNK}
    sender.send_all(again)
    assert sender.finish(again).status_code == 200
    assert PieceJointe.objects.get().sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        {"name": "autre.pdf"},
        {"size": len(CONTENT) + 1},
        {"modified": 99},
        {"champ": "image1", "name": "a.png"},
    ],
)
def test_another_file_never_goes_on_from_the_pieces_of_this_one(sender, other):
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])

    again = sender.announce(**other).json()

    assert again["url"] != created["url"]
    assert again["offset"] == 0


def test_lost_answers_are_asked_again_without_harm(sender, django_capture_on_commit_callbacks):
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])
    repeated = sender.send(created, 0, CONTENT[:CHUNK])
    assert (repeated.status_code, repeated.json()) == (409, {"offset": CHUNK})
    ahead = sender.send(created, 3 * CHUNK, CONTENT[3 * CHUNK :])
    assert (ahead.status_code, ahead.json()) == (409, {"offset": CHUNK})
    early = sender.finish(created)
    assert (early.status_code, early.json()) == (409, {"offset": CHUNK})
    for offset in range(CHUNK, len(CONTENT), CHUNK):
        sender.send(created, offset, CONTENT[offset : offset + CHUNK])

    with django_capture_on_commit_callbacks(execute=True):
        answers = [sender.finish(created) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert PieceJointe.objects.count() == 1
    assert sender.send(created, len(CONTENT), b"more").status_code == 409


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK + 1, 4 * CHUNK])
def test_piece_of_another_length_is_refused(sender, length):
    created = sender.announce().json()

    assert sender.send(created, 0, bytes(length)).status_code == 400
    assert sender.state(created) == {"offset": 0}
    assert stored() == []


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.5", "²", "9" * 30])
def test_odd_offset_is_refused(sender, offset):
    created = sender.announce().json()
    answer = sender.client.post(
        created["url"], b"x", content_type="application/octet-stream",
        headers={"Upload-Offset": offset.encode().decode("latin-1")},
    )  # fmt: skip

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("announced", "status", "said"),
    [
        ({"size": 2 * 1024**3}, 413, "trop lourd (2\xa0048\xa0Mo)"),
        ({"size": 10**17}, 413, "trop lourd"),
        ({"size": 0}, 422, "Ce fichier est vide."),
        ({"size": "beaucoup"}, 422, "Ce fichier est vide."),
        ({"name": "page.svg"}, 422, "Ce type de fichier n’est pas accepté."),
        ({"name": ""}, 422, "Ce type de fichier n’est pas accepté."),
        ({"name": "devis.pdf", "champ": "image1"}, 422, "Envoyez une image."),
        ({"name": "a.png", "champ": "image1", "size": 1024**2 + 1}, 413, "1\xa0Mo au plus"),
    ],
)
def test_announcement_is_refused_at_once(sender, announced, status, said):
    answer = sender.announce(**announced)

    assert answer.status_code == status
    assert said.replace("2\xa0048", "2048") in answer.json()["error"]
    assert not Televersement.objects.exists()


def test_champ_must_exist_and_take_files(sender):
    assert [sender.announce(champ=champ).status_code for champ in ("objet1", "absent")] == [
        404,
        404,
    ]


def test_content_that_lies_is_refused_once_whole_and_erased(
    sender, django_capture_on_commit_callbacks
):
    created = sender.announce("photo.png").json()
    sender.send_all(created)

    with django_capture_on_commit_callbacks(execute=True):
        answer = sender.finish(created)

    assert answer.status_code == 422
    assert "n’est pas celui d’un fichier .png" in answer.json()["error"]
    assert (PieceJointe.objects.count(), Televersement.objects.count(), stored()) == (0, 0, [])


def test_storage_that_fails_loses_nothing(sender, monkeypatch):
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])

    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(FileSystemStorage, "_save", refuse)
        answer = sender.send(created, CHUNK, CONTENT[CHUNK : 2 * CHUNK])
    assert answer.status_code == 503
    assert sender.state(created) == {"offset": CHUNK}

    sender.send_all(created | {"offset": CHUNK})
    with monkeypatch.context() as full:
        full.setattr(FileSystemStorage, "_save", refuse)
        assert sender.finish(created).status_code == 503
    assert sender.finish(created).status_code == 200
    assert PieceJointe.objects.count() == 1


def test_piece_left_by_a_crash_is_written_over(sender):
    created = sender.announce().json()
    televersement = Televersement.objects.get()
    default_storage.save(televersement.chunk_name(0), televersements.ContentFile(b"half"))

    sender.send_all(created)
    sender.finish(created)

    assert PieceJointe.objects.get().sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_cancelled_upload_leaves_nothing(sender, django_capture_on_commit_callbacks):
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])

    with django_capture_on_commit_callbacks(execute=True):
        answer = sender.client.post(created["cancel_url"])

    assert answer.status_code == 204
    assert (Televersement.objects.count(), stored()) == (0, [])
    assert sender.client.get(created["state_url"]).status_code == 404


def test_abandoned_uploads_are_swept_with_their_pieces(
    sender, dossier, django_capture_on_commit_callbacks
):
    sender.send(sender.announce("vieux.pdf").json(), 0, CONTENT[:CHUNK])
    Televersement.objects.update(updated_at=timezone.now() - timedelta(hours=25))
    sender.send(sender.announce("neuf.pdf").json(), 0, CONTENT[:CHUNK])
    orphan = TeleversementFactory(dossier=dossier, name="orphelin.pdf")
    Televersement.objects.filter(pk=orphan.pk).update(dossier=None)
    assert len(stored()) == 2

    with django_capture_on_commit_callbacks(execute=True):
        erase_abandoned_uploads()

    assert [found.name for found in Televersement.objects.all()] == ["neuf.pdf"]
    assert stored() == [Televersement.objects.get().chunk_name(0)]


def test_deleted_brouillon_leaves_its_uploads_to_the_sweep(
    sender, dossier, django_capture_on_commit_callbacks
):
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])
    Dossier.objects.filter(pk=dossier.pk).delete()

    assert sender.finish(created).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        erase_abandoned_uploads()
    assert (Televersement.objects.count(), stored()) == (0, [])


def test_person_has_a_quota_of_what_is_on_its_way(sender, settings):
    settings.TELEVERSEMENT_MAX_BYTES = 100
    assert sender.announce("un.pdf", 60).status_code == 201

    refused = sender.announce("deux.pdf", 60)
    assert refused.status_code == 422
    assert "trop d’envois en cours" in refused.json()["error"]
    Televersement.objects.update(finished_at=timezone.now())
    assert sender.announce("deux.pdf", 60).status_code == 201


def test_person_has_a_limited_number_of_uploads_at_once(sender, settings):
    settings.TELEVERSEMENT_MAX_COUNT = 2

    found = [sender.announce(f"{rank}.pdf").status_code for rank in range(3)]

    assert found == [201, 201, 422]


def test_announcements_and_pieces_are_rate_limited(sender, settings):
    settings.TELEVERSEMENT_CREATE_RATE = "2/m"
    settings.TELEVERSEMENT_CHUNK_RATE = "1/m"

    answers = [sender.announce() for _ in range(3)]
    pieces = [sender.send(answers[0].json(), 0, CONTENT[:CHUNK]) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert [answer.status_code for answer in pieces] == [200, 429]
    assert "patientez" in answers[2].json()["error"]


@pytest.mark.parametrize("when", ["before", "during"])
def test_frozen_dossier_takes_nothing(sender, procedure, client_for, when):
    created = sender.announce().json() if when == "during" else None
    if created:
        sender.send_all(created)
    Dossier.objects.filter(pk=sender.dossier.pk).update(
        state="en_instruction",
        submitted_at=timezone.now(),
        instruction_started_at=timezone.now(),
        groupe=procedure.groupes.get(),
    )

    answer = sender.finish(created) if created else sender.announce()

    assert answer.status_code == (422 if created else 409)
    assert "en instruction : il ne peut plus être modifié" in answer.json()["error"]
    assert not PieceJointe.objects.exists()


def test_upload_belongs_to_who_began_it(sender, client_for):
    created = sender.announce().json()
    stranger = client_for(UserFactory())

    assert stranger.get(created["state_url"]).status_code == 404
    for address in (created["url"], created["finish_url"], created["cancel_url"]):
        assert stranger.post(address).status_code == 404
    assert sender.state(created) == {"offset": 0}


def test_piece_needs_the_csrf_token(sender):
    created = sender.announce().json()
    sender.client.handler.enforce_csrf_checks = True

    assert sender.send(created, 0, CONTENT[:CHUNK]).status_code == 403
    assert sender.state(created) == {"offset": 0}


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_send_the_same_file_make_one(sender, dossier):
    """They share its pieces, and each finishes it: one file, whatever the order."""
    created = sender.announce().json()
    barrier = threading.Barrier(4)
    statuses = []

    def send():
        barrier.wait()
        offset = 0
        while offset < len(CONTENT):
            answer = sender.send(created, offset, CONTENT[offset : offset + CHUNK])
            assert answer.status_code in (200, 409)
            offset = answer.json()["offset"]
        statuses.append(sender.finish(created).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 4
    assert PieceJointe.objects.get().sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert stored() == []


@pytest.mark.parametrize(("lecture", "status"), [(False, 201), (True, 403)])
def test_invite_sends_files_where_they_may_write(dossier, client_for, lecture, status):
    invited = UserFactory()
    InviteFactory(dossier=dossier, accepted_by=invited, lecture=lecture)
    sender = Sender(client_for(invited), dossier)

    answer = sender.announce()

    assert answer.status_code == status
    if status == 201:
        sender.send_all(answer.json())
        assert sender.finish(answer.json()).status_code == 200
        assert PieceJointe.objects.get().uploaded_by == invited


def test_revoked_invite_finishes_nothing(dossier, client_for):
    invited = UserFactory()
    invite = InviteFactory(dossier=dossier, accepted_by=invited)
    sender = Sender(client_for(invited), dossier)
    created = sender.announce().json()
    sender.send_all(created)
    type(invite).objects.update(revoked_at=timezone.now())

    assert sender.finish(created).status_code == 404
    assert not PieceJointe.objects.exists()
