"""A whole dossier in one ZIP: what is in it, under which names, in how much memory."""

import hashlib
import io
import tracemalloc
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from dossiers import archives
from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db
MEGA = 1024 * 1024


@pytest.fixture
def procedure():
    return ProcedureFactory(
        champs=[
            new_champ("titre_de_section", id="partie1", label="Documents"),
            new_champ("piece_jointe", id="piece1", label="Devis / factures : ../ 2026 ?"),
            new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense"),
            new_champ("piece_jointe", id="recu1", label="Reçu", bloc="bloc1", required=False),
            new_champ("oui_non", id="choix1", label="Autre", required=False),
            new_champ(
                "piece_jointe",
                id="cache1",
                label="Caché",
                required=False,
                condition={"regles": [{"champ": "choix1", "operator": "est", "values": ["oui"]}]},
            ),
        ]
    )


@pytest.fixture
def dossier(procedure):
    return DossierFactory(
        procedure=procedure, en_construction=True, reponses={"bloc1": ["a1", "b2"]}
    )


def add(dossier, name, content=b"contenu", **options):
    return PieceJointeFactory(
        dossier=dossier,
        name=name,
        file__data=content,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        **options,
    )


def opened(response) -> zipfile.ZipFile:
    assert response.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_archive_holds_the_files_by_question_the_pdf_and_the_sums(dossier, client_for):
    add(dossier, "devis.pdf", b"un")
    add(dossier, "DEVIS.pdf", b"deux")
    add(dossier, "recu.pdf", b"trois", champ_id="recu1-b2")
    add(dossier, "cache.pdf", b"jamais", champ_id="cache1")

    response = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/zip/")

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == f'attachment; filename="dossier-{dossier.pk}.zip"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    archive = opened(response)
    assert archive.testzip() is None
    names = archive.namelist()
    assert names == [
        f"dossier-{dossier.pk}.pdf",
        "01 - Devis factures .. 2026/devis.pdf",
        "01 - Devis factures .. 2026/DEVIS (2).pdf",
        "02 - Dépense 2 - Reçu/recu.pdf",
        "SHA256SUMS.txt",
    ]
    assert archive.read(names[2]) == b"deux"
    assert archive.read(names[0]).startswith(b"%PDF")
    sums = archive.read("SHA256SUMS.txt").decode().splitlines()
    assert sums == [
        f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}" for name in names[:-1]
    ]


def test_accompagnateur_gets_it_too_and_not_that_of_a_brouillon(procedure, dossier, client_for):
    add(dossier, "devis.pdf")
    accompagnateur = client_for(AffectationFactory(procedure=procedure).user)
    brouillon = DossierFactory(procedure=procedure)

    archive = opened(accompagnateur.get(f"/instruction/dossiers/{dossier.pk}/zip/"))

    assert len(archive.namelist()) == 3
    assert accompagnateur.get(f"/instruction/dossiers/{brouillon.pk}/zip/").status_code == 404


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "etc shadow"),
        ("C:\\windows\\x.txt", "C windows x.txt"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("-rf.txt", "rf.txt"),
        ("~root.txt", "root.txt"),
        ("a\x00b\u202egnp.exe.txt", "a b gnp.exe.txt"),
        ("...", "document"),
        (" . ", "document"),
    ],
)
def test_names_of_the_archive_harm_nothing(dossier, client_for, name, kept):
    piece_jointe = add(dossier, "x")
    type(piece_jointe).objects.update(name=name.replace("\x00", "\x01"))

    names = opened(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/zip/")).namelist()

    folder, _, found = names[1].rpartition("/")
    assert found == kept
    assert folder == "01 - Devis factures .. 2026"


def test_file_that_was_lost_or_changed_is_said_in_the_manifest(dossier, client_for):
    lost, changed = add(dossier, "perdu.pdf"), add(dossier, "change.pdf", b"avant")
    default_storage.delete(lost.file.name)
    default_storage.delete(changed.file.name)
    default_storage.save(changed.file.name, ContentFile(b"depuis"))

    archive = opened(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/zip/"))

    manifest = archive.read("SHA256SUMS.txt").decode()
    assert "# Incomplet, le fichier n’a pas pu être lu : 01 - Devis factures .. 2026/perdu.pdf" in (
        manifest
    )
    assert "# Attention, ce fichier a changé depuis son dépôt" in manifest
    assert f"{hashlib.sha256(b'depuis').hexdigest()}  01 - Devis" in manifest


def test_archive_is_sent_in_constant_memory(dossier, monkeypatch):
    """Ten files of 30 Mo leave through a few hundred Ko."""
    monkeypatch.setattr(archives, "make_recapitulatif", lambda *args, **kwargs: b"%PDF-1.7")
    whole = bytes(30 * MEGA)
    first = add(dossier, "0.pdf", whole)
    for rank in range(1, 10):
        copy = add(dossier, f"{rank}.pdf", b"")
        type(copy).objects.filter(pk=copy.pk).update(file=first.file.name, sha256=first.sha256)
    del whole
    fetched = Dossier.objects.with_detail().get(pk=dossier.pk)
    sent = 0

    tracemalloc.start()
    try:
        for piece in archives.zip_of(fetched, is_public=True):
            sent += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert sent > 300 * MEGA
    assert peak < 4 * MEGA


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_the_files(dossier, client_for, django_assert_num_queries, count):
    for rank in range(count):
        add(dossier, f"{rank}.pdf")
    client = client_for(dossier.usager)

    with django_assert_num_queries(5):
        opened(client.get(f"/dossiers/{dossier.pk}/zip/"))
