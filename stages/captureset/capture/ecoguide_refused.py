"""Labels of the app that may not come in: a copy of each is kept in data/quarantine with its reason.

The uploads folder is the app's and stays as it is; mend it there and import it again.
"""

from __future__ import annotations

import hashlib

from captureset.capture import quarantine
from captureset.errors import RefusedError
from captureset.formats.sources.ecoguide import UUID, EcoguideRecord
from captureset.store.repository import Repository

NEVER_KEPT = ("outside", "erased")  # what no copy may be made of
NAME_DIGITS = 16


def keep(repository: Repository, record: EcoguideRecord, error: RefusedError) -> None:
    """Put a copy of a refused label into quarantine, its reason beside it; doing it twice changes nothing."""
    if error.reason in NEVER_KEPT:
        return
    try:
        data = record.path.read_bytes()
    except OSError:
        return  # what cannot be read cannot be kept; its fate says so
    quarantine.keep(repository, kept_name(record.file_id), data, error)


def forget(repository: Repository, file_id: str) -> None:
    """Remove what was kept of a label that has come in since."""
    for path in repository.quarantine.glob(f"{kept_name(file_id)}*"):
        path.unlink()


def kept_name(file_id: str) -> str:
    """Return the name a refused label is kept under; a stranger's name is never used for a file."""
    digest = hashlib.sha256(file_id.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{file_id if UUID.fullmatch(file_id) else digest[:NAME_DIGITS]}.ecoguide.json"
