"""A whole dossier in one ZIP, written while it is sent: its files, its récapitulatif, its sums."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zipstream import ZipStream

from commun.fichiers import clean_name
from dossiers.anciennes_reponses import anciennes_reponses
from dossiers.demande import sections_of
from dossiers.models import Dossier, Fichier
from dossiers.recapitulatif import make_recapitulatif, recapitulatif_filename
from dossiers.telechargement import CHUNK_BYTES, NotServable, open_content

logger = logging.getLogger(__name__)
RATE = "10/m"
RATE_GROUP = "zip"
FOLDER_MAX = 80
MANIFEST = "SHA256SUMS.txt"
# What Windows takes for a device, whatever the extension.
_RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in "0123456789"
}


@dataclass(frozen=True)
class Entry:
    """One file of the archive, and its path there."""

    path: str
    fichier: Fichier


def zip_filename(dossier: Dossier) -> str:
    """Return the name under which the archive is saved."""
    return f"{'test-' if dossier.is_test else ''}dossier-{dossier.pk}.zip"


def zip_of(
    dossier: Dossier, *, is_public: bool, others: Iterable[tuple[str, Fichier]] = ()
) -> ZipStream:
    """Return the archive of a dossier fetched `with_detail()`, to be sent as it is iterated.

    Files are read one after another, a piece at a time. What may not be given is named in the
    manifest with the reason. `is_public`: as in `make_recapitulatif`; `others` are files beside
    the answers, each with the name of its folder.
    """
    archive = ZipStream()
    manifest: list[str] = []
    recapitulatif = make_recapitulatif(dossier, is_public=is_public)
    name = recapitulatif_filename(dossier)
    archive.add(recapitulatif, name)
    manifest.append(f"{hashlib.sha256(recapitulatif).hexdigest()}  {name}")
    for entry in [*entries_of(dossier), *_entries_beside(others)]:
        if entry.fichier.is_servable:
            archive.add(_content(entry, manifest), entry.path)
        else:
            manifest.append(f"# Non joint ({entry.fichier.scan_label}) : {entry.path}")
    # Last, so that it tells what was really sent.
    archive.add(_manifest(manifest), MANIFEST)
    return archive


def entries_of(dossier: Dossier) -> list[Entry]:
    """Return the files that the pages of a dossier show, each under a path that harms nothing.

    A folder for each question, numbered in the order of the form.
    """
    groups: list[tuple[str, list[Fichier]]] = []
    for section in sections_of(dossier):
        if not section.is_hidden:
            groups += [
                (_label(group.heading, group.depth, row.champ.label), row.files)
                for group in section.groups
                for row in group.rows
            ]
    groups += [(ancienne.champ.label, ancienne.files) for ancienne in anciennes_reponses(dossier)]
    entries, rank = [], 0
    for label, fichiers in groups:
        if not fichiers:
            continue
        rank += 1
        folder = f"{rank:02d} - {_harmless(label)[:FOLDER_MAX].strip('. ')}"
        taken: set[str] = set()
        entries += [Entry(f"{folder}/{_unique(item.name, taken)}", item) for item in fichiers]
    return entries


def _entries_beside(others: Iterable[tuple[str, Fichier]]) -> list[Entry]:
    taken: dict[str, set[str]] = {}
    entries = []
    for label, fichier in others:
        folder = _harmless(label)[:FOLDER_MAX].strip(". ")
        name = _unique(fichier.name, taken.setdefault(folder, set()))
        entries.append(Entry(f"{folder}/{name}", fichier))
    return entries


def _label(heading: str, depth: int, label: str) -> str:
    """Name the row of a bloc too, which several questions share."""
    return f"{heading} - {label}" if depth > 1 else label


def _harmless(name: str) -> str:
    """Return a name that no system takes for anything but a name."""
    # Not `clean_name` alone, which takes what stands before a slash for folders.
    name = clean_name(name.replace("/", " ").replace("\\", " "))
    name = name.lstrip("-~ ") or "document"
    return f"_{name}" if name.partition(".")[0].strip().lower() in _RESERVED else name


def _unique(name: str, taken: set[str]) -> str:
    """Return a name that no other of the folder has, whatever its case; remember it."""
    name = _harmless(name)
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{stem} ({number}){dot}{extension}"
    taken.add(candidate.casefold())
    return candidate


def _content(entry: Entry, manifest: list[str]) -> Iterator[bytes]:
    """Read a file piece by piece, and note what was read."""
    digest = hashlib.sha256()
    try:
        with open_content(entry.fichier) as content:
            while piece := content.read(CHUNK_BYTES):
                digest.update(piece)
                yield piece
    except (NotServable, OSError) as error:
        logger.error("Fichier nº %s absent du ZIP : %s", entry.fichier.pk, error)
        manifest.append(f"# Incomplet, le fichier n’a pas pu être lu : {entry.path}")
        return
    manifest.append(f"{digest.hexdigest()}  {entry.path}")
    if digest.hexdigest() != entry.fichier.sha256:
        manifest.append(f"# Attention, ce fichier a changé depuis son dépôt : {entry.path}")


def _manifest(lines: list[str]) -> Iterator[bytes]:
    yield ("\n".join(lines) + "\n").encode()
