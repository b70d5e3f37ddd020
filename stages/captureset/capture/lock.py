"""One process at a time writes months."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from captureset.errors import CapturesetError
from captureset.store import git_locks
from captureset.store.repository import Repository


@contextmanager
def alone(repository: Repository) -> Iterator[None]:
    """Hold the repository's one lock for writing months.

    Raises:
        CapturesetError: another process holds it, or a git is at work; a lock that a killed git left is removed.
    """
    repository.scratch.mkdir(parents=True, exist_ok=True)
    with (repository.scratch / "commit.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CapturesetError(
                f"{handle.name} is held by another captureset, or by a git or dvc that one started; wait for it, then "
                "do the same again."
            ) from None
        # A git or dvc that outlives a killed run still holds it.
        os.set_inheritable(handle.fileno(), True)  # noqa: FBT003 - its own signature
        git_locks.release(repository.root)
        yield
