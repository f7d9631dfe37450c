"""Folders for embedded servers: those of pytest are private, which moves the data of root away."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def make_public_folder():
    """Return a function that makes a folder any account may enter, erased after the module."""
    folders = []

    def make() -> Path:
        folders.append(Path(tempfile.mkdtemp(prefix="tps-test-")))
        folders[-1].chmod(0o755)
        return folders[-1]

    yield make
    for folder in folders:
        shutil.rmtree(folder)
