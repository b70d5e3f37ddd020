"""Taking back what a release wrote, and nothing that is a person's: only the files a release writes are touched."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress

from captureset.errors import CommandFailedError
from captureset.release.version import parse_version
from captureset.store import git
from captureset.store.repository import Repository

KEPT = ".dvc/tmp/captureset/undone"
WRITTEN = re.compile(
    r"dvc\.(?:yaml|lock)|data/(?:splits|checks)\.csv|data/report/metrics\.json"
    r"|data/metadata/(?:CHANGELOG\.md|quality_reports/[^/]+)|(?:data/(?:[^/]+/)*)?\.[^/]+\.partial"
)
OUTS = ("data/split", "report")  # what freezing runs again


def undo(repository: Repository, tag: str, *, keep: bool = False) -> list[str]:
    """Put every file a release of a tag writes back to the last commit, and return which differed from it.

    The tree was clean before, so a difference is the release's work, or a person's since it was killed.

    Args:
        repository: whose HEAD is still the commit before.
        tag: the version.
        keep: copy each such file to `KEPT` first.
    """
    changed = [path for path in git.changed_paths(repository.root) if is_written(path, tag)]
    if keep:
        _keep(repository, changed)
    if changed:
        _put_back(repository, changed)
    with suppress(CommandFailedError):  # the fault that led here is the one to tell; `dvc repro` mends this too
        git.dvc(repository.root, "checkout", "--quiet", "--force", *OUTS)
    return changed


def is_written(path: str, tag: str) -> bool:
    """Say whether a release of a tag writes a file, given by its path in the repository."""
    stem = parse_version(*tag.split("@")).file_stem
    own = re.fullmatch(rf"data/metadata/datasets/{re.escape(stem)}\.[^/]+", path)
    return bool(own or WRITTEN.fullmatch(path))


def _keep(repository: Repository, paths: list[str]) -> None:
    before = [int(entry.name) for entry in (repository.root / KEPT).glob("[0-9]*") if entry.name.isdigit()]
    folder = repository.root / KEPT / str(max(before, default=0) + 1)  # an undoing may be killed as well
    for path in paths:
        if (repository.root / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository.root / path, folder / path)


def _put_back(repository: Repository, paths: list[str]) -> None:
    root = repository.root
    git.git(root, "reset", "--quiet", "--", *paths)
    before = git.git(root, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", *paths).split("\0")[:-1]
    if before:
        git.git(root, "checkout", "HEAD", "--", *before)
    for path in {*paths} - {*before}:
        (root / path).unlink(missing_ok=True)
