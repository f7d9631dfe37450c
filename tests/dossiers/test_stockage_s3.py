"""Files on S3: the same journeys, on a real server, with nothing open to the public."""

import hashlib
import io
import uuid
import zipfile

import boto3
import pytest
import requests
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from commun.storage import PrivateS3Storage, StorageUnavailable
from dossiers import pieces_jointes
from dossiers.models import PieceJointe, PreviewState, ScanState
from procedures.champs import new_champ
from tests import clamd_server, s3_server
from tests.dossiers.factories import DossierFactory
from tests.dossiers.test_televersements import CHUNK, CONTENT, Sender
from tests.procedures.factories import ProcedureFactory
from tps import settings as tps_settings

BUCKET = "tps-fichiers"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def s3():
    with s3_server.serve() as server:
        yield server


@pytest.fixture
def client(s3):
    return boto3.client(
        "s3",
        endpoint_url=s3.endpoint_url,
        aws_access_key_id=s3_server.ACCESS_KEY,
        aws_secret_access_key=s3_server.SECRET_KEY,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )


def s3_storages(endpoint_url: str, prefix: str) -> dict:
    """Return the setting that the variables of the environment make."""
    options = tps_settings._S3_STORAGE["OPTIONS"] | {
        "bucket_name": BUCKET,
        "endpoint_url": endpoint_url,
        "region_name": "us-east-1",
        "access_key": s3_server.ACCESS_KEY,
        "secret_key": s3_server.SECRET_KEY,
        "location": prefix,
    }
    return {"default": {"BACKEND": "commun.storage.PrivateS3Storage", "OPTIONS": options}}


@pytest.fixture
def prefix(s3, client, settings):
    """Use a folder of its own as the storage of the test, and return its name."""
    prefix = uuid.uuid4().hex
    present = {found["Name"] for found in client.list_buckets()["Buckets"]}
    if BUCKET not in present:
        client.create_bucket(Bucket=BUCKET)
    settings.STORAGES = settings.STORAGES | s3_storages(s3.endpoint_url, prefix)
    settings.TELEVERSEMENT_CHUNK_BYTES = CHUNK
    return prefix


@pytest.fixture
def dossier(prefix):
    champs = [new_champ("piece_jointe", id="piece1", label="Devis")]
    return DossierFactory(procedure=ProcedureFactory(champs=champs))


@pytest.fixture
def keys(client, prefix):
    """Return a function that lists the objects of the test, without its prefix."""

    def keys() -> list[str]:
        found = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/")
        return sorted(item["Key"].removeprefix(f"{prefix}/") for item in found.get("Contents", []))

    return keys


def photo() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (800, 400), "blue").save(output, "JPEG")
    return output.getvalue()


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_file_goes_through_its_whole_life(
    dossier, keys, client_for, settings, django_capture_on_commit_callbacks
):
    usager = client_for(dossier.usager)
    content = photo()
    with clamd_server.serve() as clamd:
        settings.CLAMD_URL = clamd.url
        with django_capture_on_commit_callbacks(execute=True):
            pieces_jointes.attach(
                dossier.pk, "piece1", SimpleUploadedFile("photo.jpg", content), by=dossier.usager
            )
        piece_jointe = PieceJointe.objects.get()
        assert clamd.scanned == [content]
        assert (piece_jointe.scan_state, piece_jointe.preview_state) == (
            ScanState.SAIN,
            PreviewState.FAIT,
        )
        folder = f"dossiers/{dossier.pk % 1000:03d}/{dossier.pk}/"
        assert len(keys()) == 2
        assert all(key.startswith(folder) for key in keys())

        download = usager.get(f"/dossiers/fichiers/{piece_jointe.pk}/")
        assert (download.status_code, body(download)) == (200, content)
        assert download["Content-Length"] == str(len(content))
        preview = usager.get(f"/dossiers/fichiers/{piece_jointe.pk}/apercu/")
        assert Image.open(io.BytesIO(body(preview))).size == (480, 240)
        zipped = body(usager.get(f"/dossiers/{dossier.pk}/zip/"))
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            assert archive.read("01 - Devis/photo.jpg") == content
    with django_capture_on_commit_callbacks(execute=True):
        pieces_jointes.remove(piece_jointe, by=dossier.usager)
    assert keys() == []


def test_file_arrives_in_pieces(dossier, keys, client_for, django_capture_on_commit_callbacks):
    sender = Sender(client_for(dossier.usager), dossier)
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])
    assert sender.send(created, 0, CONTENT[:CHUNK]).status_code == 409
    sender.send_all(created | {"offset": CHUNK})
    assert len([key for key in keys() if key.startswith("televersements/")]) == 4

    with django_capture_on_commit_callbacks(execute=True):
        assert sender.finish(created).status_code == 200

    piece_jointe = PieceJointe.objects.get()
    assert piece_jointe.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert keys() == [piece_jointe.file.name]


def test_cancelled_upload_leaves_no_object(
    dossier, keys, client_for, django_capture_on_commit_callbacks
):
    sender = Sender(client_for(dossier.usager), dossier)
    created = sender.announce().json()
    sender.send(created, 0, CONTENT[:CHUNK])

    with django_capture_on_commit_callbacks(execute=True):
        sender.client.post(created["cancel_url"])

    assert keys() == []


def test_large_file_is_read_without_filling_the_memory(prefix):
    content = bytes(5 * 1024 * 1024)
    name = default_storage.save("grand", ContentFile(content))

    with default_storage.open(name) as stored:
        assert stored.size == len(content)
        assert stored.file._rolled  # on the disk
        assert stored.read() == content


def test_object_has_no_public_address(dossier, s3, prefix, keys):
    name = default_storage.save("prive", ContentFile(b"secret"))

    with pytest.raises(ValueError, match="not accessible via a URL"):
        default_storage.url(name)
    response = requests.get(f"{s3.endpoint_url}/{BUCKET}/{prefix}/{keys()[0]}", timeout=10)
    assert response.status_code == 403
    assert b"secret" not in response.content


def test_missing_object_is_a_missing_file(dossier, client_for, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        piece_jointe = pieces_jointes.attach(
            dossier.pk, "piece1", SimpleUploadedFile("a.txt", b"Bonjour"), by=dossier.usager
        )
    default_storage.delete(piece_jointe.file.name)

    with pytest.raises(FileNotFoundError):
        default_storage.open("absent")
    response = client_for(dossier.usager).get(f"/dossiers/fichiers/{piece_jointe.pk}/")
    assert response.status_code == 404


def test_service_that_is_down_is_said_and_loses_nothing(dossier, client_for, settings):
    storages = s3_storages("http://127.0.0.1:9", "nulle-part")
    options = storages["default"]["OPTIONS"]
    options["client_config"] = options["client_config"].merge(
        Config(retries={"total_max_attempts": 1})
    )
    settings.STORAGES = settings.STORAGES | storages
    for attempt in (
        lambda: default_storage.save("x", ContentFile(b"x")),
        lambda: default_storage.open("x"),
        lambda: default_storage.delete("x"),
    ):
        with pytest.raises(StorageUnavailable):
            attempt()

    answer = client_for(dossier.usager).post(
        f"/dossiers/{dossier.pk}/champs/piece1/fichiers/",
        {"champ_piece1": SimpleUploadedFile("a.txt", b"Bonjour")},
        headers={"HX-Request": "true"},
    )

    assert "Le service n’a pas pu garder ce fichier." in answer.content.decode()
    assert not PieceJointe.objects.exists()


def test_storage_of_the_settings_is_private():
    options = tps_settings._S3_STORAGE["OPTIONS"]
    storage = PrivateS3Storage(**options | {"bucket_name": "x"})

    assert (storage.default_acl, storage.querystring_auth, storage.custom_domain) == (
        None,
        True,
        None,
    )
