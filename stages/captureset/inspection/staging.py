"""What is staged in Git, as files: a hook must judge what is about to be committed, not what lies in the folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from captureset.store import git
from captureset.store.repository import Repository

CHECKED = (
    *("params.yaml", "schemas", "data/categories.yaml", "data/captures", "data/metadata/datasets"),
    *("data/splits.csv", "data/checks.csv", "data/exclusions.csv", "data/erasures.csv"),
)


@contextmanager
def exported(repository: Repository) -> Iterator[Repository]:
    """Give a folder that holds the staged files `captureset check` looks at; it is gone afterwards.

    Inside a hook that is the index Git commits from, which `git commit --only` makes for itself.
    """
    index = os.environ.get("GIT_INDEX_FILE")
    env = {"GIT_INDEX_FILE": str(Path(index).resolve())} if index else {}
    inside = git.git(repository.root, "rev-parse", "--show-prefix").rstrip("\n")
    with tempfile.TemporaryDirectory() as folder:
        names = git.run(["git", "ls-files", "-z", "--cached", "--", *CHECKED], repository.root, env)
        wanted = sorted(set(filter(None, names.split("\0"))))
        for start in range(0, len(wanted), 500):
            command = ["git", "checkout-index", f"--prefix={folder}/", "--", *wanted[start : start + 500]]
            git.run(command, repository.root, env)
        yield Repository(Path(folder) / inside)
