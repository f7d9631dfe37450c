"""Taking files out of a dossier: for good, or out of what is being filled in alone."""

from collections.abc import Iterable

from django.db import transaction

from dossiers.models import Fichier, PieceJointe


def retire_files(files: Iterable[PieceJointe]) -> None:
    """Take files out of what is being filled in; within a transaction.

    One that was filed stays as it is for accompagnateurs until the next deposit, and for the
    versions that have it for ever. The others are deleted.
    """
    files = list(files)
    filed = [file.pk for file in files if file.is_filed]
    PieceJointe.objects.filter(pk__in=filed).update(is_working=False)
    delete_files([file for file in files if not file.is_filed])


def delete_files(files: Iterable[Fichier]) -> None:
    """Delete rows, then their content once the deletion is certain; within a transaction."""
    files = list(files)
    delete_files_after_commit(files)
    for model in {type(file) for file in files}:
        pks = [file.pk for file in files if type(file) is model]
        model.objects.filter(pk__in=pks).delete()


def delete_files_after_commit(files: Iterable[Fichier]) -> None:
    """Delete the content of rows that this transaction deletes, once that is certain."""
    for file in files:
        _delete_after_commit(file)


def _delete_after_commit(file: Fichier) -> None:
    for stored in (file.file, file.preview):
        if stored:
            transaction.on_commit(lambda stored=stored: stored.storage.delete(stored.name))
