"""A clone of one commit with none of DVC's data in it: what CI has. One's own clone is left alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from captureset.errors import CapturesetError, CommandFailedError
from captureset.store import git
from captureset.store.repository import Repository


def commit_of(repository: Repository, revision: str) -> str:
    """Return the hash of the commit a revision names.

    Raises:
        CapturesetError: there is no such revision here.
    """
    try:
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return git.git(repository.root, *asked).strip()
    except CommandFailedError:
        raise CapturesetError(
            f"{revision!r} is no revision of this repository; bring it with `git fetch --tags origin`."
        ) from None


@contextmanager
def clone(repository: Repository, commit: str) -> Iterator[Repository]:
    """Give a clone at a commit, with all refs, the same remote and an empty cache of its own; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="captureset-ci-") as folder:
        root = Path(folder) / "clone"
        root.mkdir()
        git.git(root, "init", "--quiet")
        git.git(root, "fetch", "--quiet", "--update-head-ok", str(repository.root), "+refs/*:refs/*", commit)
        git.git(root, "checkout", "--quiet", "--detach", commit)
        _reach_the_same_remote(repository, root)
        yield Repository(root)


def _reach_the_same_remote(repository: Repository, root: Path) -> None:
    """Give the clone the remote as it is set now, whatever an old commit says, and a cache of its own."""
    from dvc.repo import Repo  # noqa: PLC0415 - half a second that only some commands pay

    with Repo(str(repository.root)) as now:
        name = now.config["core"].get("remote")
        settings = now.config["remote"].get(name, {}) if name else {}
    with Repo(str(root)) as fresh, fresh.config.edit("local") as local:
        local["cache"] = {"dir": str(root / ".dvc" / "cache")}
        if name:
            local["core"] = {"remote": name}
            local["remote"] = {name: {key: str(v) if isinstance(v, str) else v for key, v in settings.items()}}
