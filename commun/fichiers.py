"""Files that people send: what they are, whatever their name says, and how to name them."""

import hashlib
import re
import unicodedata
import zipfile
from pathlib import PurePosixPath

import puremagic
from django.core.exceptions import ValidationError
from django.core.files import File

HEAD_BYTES = 8192
ANY_FILE = "un PDF, un document bureautique, une image, un texte ou une archive ZIP"
NAME_MAX = 150
# About forty thousand names: more would hold a process for seconds and fill its memory.
ZIP_DIRECTORY_MAX_BYTES = 2 * 1024 * 1024
# What an archive may hold once unfolded, at most, and how much larger than itself beyond a
# size that harms nobody. Real documents shrink to a fifth; a bomb, to a thousandth.
ZIP_UNFOLDED_MAX_BYTES = 4 * 1024**3
ZIP_RATIO_MAX = 100
ZIP_HARMLESS_BYTES = 200 * 1024**2
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OPEN_XML = "application/vnd.openxmlformats-officedocument."

# What may be sent: the type under which each extension is given back.
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": f"{_OPEN_XML}wordprocessingml.document",
    "xlsx": f"{_OPEN_XML}spreadsheetml.sheet",
    "pptx": f"{_OPEN_XML}presentationml.presentation",
    "odt": f"{_OPEN_DOCUMENT}text",
    "ods": f"{_OPEN_DOCUMENT}spreadsheet",
    "odp": f"{_OPEN_DOCUMENT}presentation",
    "rtf": "application/rtf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "heif": "image/heif",
    "txt": "text/plain",
    "csv": "text/csv",
    "zip": "application/zip",
}
_TEXT = {"txt", "csv"}
_OLE = {"doc", "xls", "ppt"}
_OPEN_XML_FOLDERS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_ZIPPED = {*_OPEN_XML_FOLDERS, "odt", "ods", "odp", "zip"}
# What puremagic may answer for one extension.
_SIGNATURES = {
    "jpg": {".jpg"}, "jpeg": {".jpg"}, "tif": {".tif"}, "tiff": {".tif"},
    "heic": {".heic", ".heif"}, "heif": {".heic", ".heif"},
}  # fmt: skip
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP_MAGIC = b"PK\x03\x04"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


def clean_name(name: str) -> str:
    """Return a name fit to be shown and saved: one part, no control character, not too long."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = _UNSAFE_IN_NAMES.sub(" ", name)
    name = " ".join(name.split()).strip(". ") or "document"
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:NAME_MAX]
    return f"{stem[: NAME_MAX - len(extension) - 1].rstrip()}.{extension}"[-NAME_MAX:]


def recognise(upload: File, extensions=CONTENT_TYPES, *, wanted: str = ANY_FILE) -> str:
    """Return the content type of `upload`, or raise ValidationError saying what to do.

    Its extension must be one of `extensions`, which `wanted` names, and its content must agree
    with it.
    """
    extension = check_extension(upload.name or "", extensions, wanted=wanted)
    if not upload.size:
        raise ValidationError("Ce fichier est vide. Choisissez-en un autre.", code="empty")
    if not _agrees(upload, extension):
        raise ValidationError(
            f"Le contenu de ce fichier n’est pas celui d’un fichier .{extension}. "
            "Ouvrez-le, enregistrez-le de nouveau, puis renvoyez-le.",
            code="content",
        )
    if extension in _ZIPPED and _is_bomb(upload):
        raise ValidationError(
            "Cette archive prendrait trop de place une fois ouverte. Envoyez ses documents "
            "séparément.",
            code="bomb",
        )
    return CONTENT_TYPES[extension]


def check_extension(name: str, extensions=CONTENT_TYPES, *, wanted: str = ANY_FILE) -> str:
    """Return the extension of a name, or raise ValidationError when it is none of `extensions`."""
    extension = PurePosixPath(clean_name(name)).suffix.lower().lstrip(".")
    if extension not in CONTENT_TYPES or extension not in extensions:
        raise ValidationError(
            f"Ce type de fichier n’est pas accepté. Envoyez {wanted}.", code="extension"
        )
    return extension


def sha256_of(upload: File) -> str:
    """Return the SHA-256 of the content in hexadecimal and rewind the file."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _agrees(upload: File, extension: str) -> bool:
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if extension in _OLE:
        return head.startswith(_OLE_MAGIC)
    if extension in _ZIPPED:
        return head.startswith(_ZIP_MAGIC) and _is_zip_of(upload, extension)
    found = _signatures(head)
    if extension in _TEXT:
        return _is_text(head, found)
    return bool(found & _SIGNATURES.get(extension, {f".{extension}"}))


def _signatures(head: bytes) -> set[str]:
    try:
        return {match.extension for match in puremagic.magic_string(head) if match.offset <= 8}
    except (puremagic.PureError, ValueError):
        return set()


class _ShortDirectory:
    """A file that refuses to give `zipfile`, which reads it at once, too long a directory."""

    def __init__(self, file: File):
        self._file = file

    def __getattr__(self, name: str):
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        if size > ZIP_DIRECTORY_MAX_BYTES:
            raise zipfile.BadZipFile("The directory of this archive is too long.")
        return self._file.read(size)


def _is_zip_of(upload: File, extension: str) -> bool:
    """Tell whether the archive is a sound one and holds what its extension promises."""
    try:
        with zipfile.ZipFile(_ShortDirectory(upload)) as archive:
            names = archive.namelist()
            if extension in _OPEN_XML_FOLDERS:
                return any(name.startswith(_OPEN_XML_FOLDERS[extension]) for name in names)
            if extension == "zip":
                return True
            with archive.open("mimetype") as entry:
                return entry.read(100).decode("ascii", "replace") == CONTENT_TYPES[extension]
    except Exception:  # a broken archive leads zipfile, zlib and lzma to errors of every kind
        return False
    finally:
        upload.seek(0)


def _is_bomb(upload: File) -> bool:
    """Tell whether a sound archive announces far more than it weighs; nothing is unfolded."""
    try:
        with zipfile.ZipFile(_ShortDirectory(upload)) as archive:
            unfolded = sum(entry.file_size for entry in archive.infolist())
    finally:
        upload.seek(0)
    if unfolded > ZIP_UNFOLDED_MAX_BYTES:
        return True
    return unfolded > ZIP_HARMLESS_BYTES and unfolded > ZIP_RATIO_MAX * upload.size


def _is_text(head: bytes, found: set[str]) -> bool:
    """Tell whether it is readable text that is no other kind of file in disguise."""
    if found & {".pdf", ".rtf", ".html", ".svg", ".xml", ".png"}:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut at the end of the head is no fault.
        is_cut = error.start >= len(head) - 3
        text = head[: error.start].decode() if is_cut else head.decode("cp1252", "replace")
    return not _CONTROL.search(text)
