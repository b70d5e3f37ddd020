"""Months go to the DVC remote. What is there already costs one question, so all are named every time."""

from __future__ import annotations

import re

from captureset.errors import CommandFailedError
from captureset.store import git, remote_faults
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

SAID = re.compile(r"ERROR: (.*?)(?= ERROR: | Having any troubles|$)")


def failure(repository: Repository) -> str | None:
    """Push every month and return None, or the sentence that says why that failed.

    A push that failed is made good by the next one, whether or not anything new came in between.
    """
    months = sorted(f"data/captures/{path.name}" for path in repository.pointers.glob("*.dvc"))
    try:
        if months:
            push(repository, *months)
    except CommandFailedError as error:
        why = str(error).rstrip(".")
        return (
            f"the commit stands, but the DVC remote took not all bytes ({why}); run `captureset commit --push` again."
        )
    return None


def push(repository: Repository, *targets: str) -> None:
    """Send what targets name to the default remote, everything in the workspace when none is given.

    Raises:
        CommandFailedError: it took not all; the sentence says why and what to do.
    """
    try:
        git.dvc(repository.root, "push", *targets)
    except CommandFailedError as error:
        said = SAID.search(str(error))
        refused = CommandFailedError(said[1] if said else str(error))
        raise CommandFailedError(silence(repository) or remote_faults.told("`dvc push` failed", refused)) from None


def silence(repository: Repository) -> str | None:
    """Return why the default remote does not answer in one sentence, None when it does or there is none."""
    remote = ObjectStore(repository.root).remote
    return None if remote is None else remote_faults.silence(remote)
