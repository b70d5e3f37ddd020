"""A repository with two tagged versions and a remote, small enough to damage a hundred times."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from captureset.capture.commit import commit
from captureset.capture.submit import submit
from captureset.store import git
from captureset.store.repository import Repository
from deliveries import sidecar
from photos import jpeg

RECIPE = f"""stages:
  list:
    cmd: >-
      {sys.executable} -c "import pathlib; p = pathlib.Path('data/list'); p.mkdir();
      [(p / path.name).write_text(path.read_text()) for path in pathlib.Path('data/captures').glob('*.dvc')]"
    deps: [data/captures]
    outs: [data/list]
    metrics:
    - data/note.json: {{cache: false}}
"""
FIRST, SECOND = "sofas@v0.1.0", "sofas@v0.2.0"


def add(repository: Repository, first: int, count: int, day: str) -> None:
    """Commit drawn captures of one day."""
    for number in range(first, first + count):
        seed = int(hashlib.sha256(str(number).encode()).hexdigest()[:6], 16)
        submit(repository, jpeg(64, 48, seed), sidecar(f"c-{number:03d}", f"{day}T03:20:00Z"))
    assert commit(repository).captures == count


def version(repository: Repository, tag: str) -> None:
    """Build, commit, tag and push."""
    root = repository.root
    (root / "dvc.yaml").write_text(RECIPE.replace("p.mkdir();", f"p.mkdir(); {_noted()}"), encoding="utf-8")
    git.dvc(root, "repro", "--quiet")
    git.git(root, "add", "--all")
    git.git(root, "commit", "--quiet", "--message", tag)
    git.git(root, "tag", "--annotate", tag, "--message", tag)
    git.dvc(root, "push", "--quiet", "--all-tags")


def _noted() -> str:
    return "pathlib.Path('data/note.json').write_text('1');"


def two_versions(repository: Repository, captures: int = 30) -> Repository:
    """Return the repository with two versions of growing data in two months, all of it pushed."""
    add(repository, 0, captures, "2024-01-15")
    version(repository, FIRST)
    add(repository, captures, captures, "2024-02-20")
    version(repository, SECOND)
    return repository


def remote_folder(repository: Repository) -> Path:
    """Return where the embedded remote keeps its objects."""
    return repository.root / ".dvcstore" / "files" / "md5"


def cache_folder(repository: Repository) -> Path:
    """Return where the cache keeps its objects."""
    return repository.root / ".dvc" / "cache" / "files" / "md5"
