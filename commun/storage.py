"""Files on an S3-compatible service: private, whatever the bucket says."""

from collections.abc import Callable
from functools import wraps

from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage


class StorageUnavailable(OSError):
    """The service does not answer, or refuses: what a full disk is to a local folder."""


def _as_oserror(method: Callable) -> Callable:
    """Raise StorageUnavailable for what goes wrong on the way, as callers expect of a disk."""

    @wraps(method)
    def wrapper(*args, **kwargs):
        try:
            return method(*args, **kwargs)
        except (BotoCoreError, ClientError) as error:
            raise StorageUnavailable(str(error)) from error

    return wrapper


class PrivateS3Storage(S3Storage):
    """The objects of a bucket, read and written by TPS alone: nothing has an address of its own."""

    def _open(self, name, mode="rb"):
        opened = _as_oserror(super()._open)(name, mode)
        if "r" in mode:
            _as_oserror(lambda: opened.file)()  # fetched now, so that what fails, fails here
        return opened

    def _save(self, name, content):
        return _as_oserror(super()._save)(name, content)

    def delete(self, name):
        return _as_oserror(super().delete)(name)

    def exists(self, name):
        return _as_oserror(super().exists)(name)

    def listdir(self, name):
        return _as_oserror(super().listdir)(name)

    def size(self, name):
        return _as_oserror(super().size)(name)

    def url(self, name, parameters=None, expire=None, http_method=None):
        """Refuse: a file is only ever served by a page that checks who asks."""
        raise ValueError("This file is not accessible via a URL.")
