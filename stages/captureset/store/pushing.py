"""Months go to the DVC remote. What is there already costs one question, so all are named every time."""

from __future__ import annotations

from captureset.errors import CommandFailedError
from captureset.store import git, remote_faults
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository


def failure(repository: Repository) -> str | None:
    """Push every month and return None, or the sentence that says why that failed.

    A push that failed is made good by the next one, whether or not anything new came in between.
    """
    months = sorted(f"data/captures/{path.name}" for path in repository.pointers.glob("*.dvc"))
    try:
        if months:
            git.dvc(repository.root, "push", "--quiet", *months)
    except CommandFailedError as error:
        said = str(error).rpartition(f"push --quiet {' '.join(months)}` failed: ")[2]
        why = silence(repository) or said
        return (
            f"the commit stands, but the DVC remote took not all bytes ({why.rstrip('.')}); "
            "run `captureset commit --push` again."
        )
    return None


def silence(repository: Repository) -> str | None:
    """Return why the default remote does not answer in one sentence, None when it does or there is none."""
    remote = ObjectStore(repository.root).remote
    return None if remote is None else remote_faults.silence(remote)
