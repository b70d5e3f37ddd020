"""States of a repository in which bytes are needed that a careless collector would remove.

Commits are made without a trace in any reflog, so that nothing but the state itself keeps the bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from released import remote_folder


@dataclass(frozen=True, slots=True)
class Work:
    """A folder of one photo that somebody tracks with DVC: its pointer, and what must not go."""

    path: str
    text: str
    oids: frozenset[str]


def work(repository: Repository, name: str) -> Work:
    """Put such a folder into cache and remote; nothing names it yet."""
    store = ObjectStore(repository.root)
    photo = store.add(f"photo of {name}".encode())
    manifest = store.add(json.dumps([{"md5": photo, "relpath": "x.jpg"}]).encode(), ".dir")
    for oid in (photo, manifest):
        target = remote_folder(repository) / oid[:2] / oid[2:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(store.cache_path(oid), target)
    text = f"outs:\n- md5: {manifest}\n  nfiles: 1\n  hash: md5\n  path: photos-{name}\n"
    return Work(f"{name}.dvc", text, frozenset({photo, manifest}))


def begin(repository: Repository) -> None:
    """Let Git forget where its refs have been."""
    shutil.rmtree(repository.root / ".git" / "logs", ignore_errors=True)
    git.git(repository.root, "config", "core.logAllRefUpdates", "false")


def commit_of(repository: Repository, path: str, text: str, parent: str = "HEAD") -> str:
    """Return a commit that has this file, on no branch and in no reflog."""
    root, index = repository.root, {"GIT_INDEX_FILE": str(repository.root.parent / "index-of-its-own")}
    file = root.parent / "content"
    file.write_text(text, encoding="utf-8")
    blob = git.git(root, "hash-object", "-w", str(file)).strip()
    git.run(["git", "read-tree", parent], root, index)
    git.run(["git", "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}"], root, index)
    tree = git.run(["git", "write-tree"], root, index).strip()
    return git.git(root, "commit-tree", "-p", parent, "-m", f"Work: {path}", tree).strip()


def at_ref(ref: str) -> Callable[[Repository, Work], None]:
    """Return what names work by a ref."""

    def plant(repository: Repository, mine: Work) -> None:
        git.git(repository.root, "update-ref", ref, commit_of(repository, mine.path, mine.text))

    return plant


def write(repository: Repository, mine: Work) -> None:
    """Write the pointer as a new file."""
    (repository.root / mine.path).write_text(mine.text, encoding="utf-8")


def stage(repository: Repository, mine: Work) -> None:
    """Stage the pointer, then write another into the file."""
    write(repository, mine)
    git.git(repository.root, "add", mine.path)
    (repository.root / mine.path).write_text("outs: []\n", encoding="utf-8")


def stash(repository: Repository, mine: Work) -> None:
    """Stash it."""
    write(repository, mine)
    git.git(repository.root, "add", mine.path)
    git.git(repository.root, "stash", "push", "--quiet")


def stash_below(repository: Repository, mine: Work) -> None:
    """Stash it, then something else on top."""
    stash(repository, mine)
    stash(repository, work(repository, "on-top"))


def stash_staged(repository: Repository, mine: Work) -> None:
    """Stash what was staged and then changed in the file."""
    stage(repository, mine)
    git.git(repository.root, "stash", "push", "--quiet")


def stash_untracked(repository: Repository, mine: Work) -> None:
    """Stash a file Git never had."""
    write(repository, mine)
    git.git(repository.root, "stash", "push", "--quiet", "--include-untracked")


def worktree(repository: Repository, name: str) -> Repository:
    """Return the repository in another worktree, its HEAD on no branch."""
    folder = repository.root.parent / f"worktree-{name}"
    git.git(repository.root, "worktree", "add", "--quiet", "--detach", str(folder))
    return Repository(folder)


def worktree_head(repository: Repository, mine: Work) -> None:
    """Check a commit out there that nothing else names."""
    there = worktree(repository, "head")
    git.git(there.root, "update-ref", "--no-deref", "HEAD", commit_of(repository, mine.path, mine.text))
    shutil.rmtree(repository.root / ".git/worktrees/worktree-head/logs", ignore_errors=True)


def worktree_file(repository: Repository, mine: Work) -> None:
    """Leave it uncommitted there."""
    write(worktree(repository, "file"), mine)


def worktree_staged(repository: Repository, mine: Work) -> None:
    """Leave it staged there, with another in the file."""
    stage(worktree(repository, "staged"), mine)


def only_a_branchs_reflog(repository: Repository, mine: Work) -> None:
    """Reset a branch away from it."""
    commit = commit_of(repository, mine.path, mine.text)
    git.git(repository.root, "update-ref", "--create-reflog", "refs/heads/topic", commit)
    git.git(repository.root, "update-ref", "refs/heads/topic", "main")


def only_heads_reflog(repository: Repository, mine: Work) -> None:
    """Leave a commit that was checked out."""
    root, before = repository.root, git.git(repository.root, "rev-parse", "HEAD").strip()
    commit = commit_of(repository, mine.path, mine.text)
    git.git(root, "update-ref", "--create-reflog", "--no-deref", "HEAD", commit)
    git.git(root, "update-ref", "--no-deref", "HEAD", before)


def detached(repository: Repository, mine: Work) -> None:
    """Commit on no branch and stay there."""
    commit = commit_of(repository, mine.path, mine.text)
    git.git(repository.root, "update-ref", "--no-deref", "HEAD", commit)
    git.git(repository.root, "reset", "--quiet", "--hard")


def sparse(repository: Repository, mine: Work) -> None:
    """Have it in the index, and no file of it in a sparse worktree."""
    write(repository, mine)
    git.git(repository.root, "add", mine.path)
    git.git(repository.root, "update-index", "--skip-worktree", mine.path)
    (repository.root / mine.path).unlink()


# Work that a ref, a worktree or a reflog names: kept. The later ones leave the workspace as somebody amid work has it.
KEPT: dict[str, Callable[[Repository, Work], None]] = {
    "branch": at_ref("refs/heads/kept"),
    "tag": at_ref("refs/tags/kept"),
    "fetched branch": at_ref("refs/remotes/origin/kept"),
    "DVC experiment": at_ref("refs/exps/ab/cdef/kept"),
    "note or any other ref": at_ref("refs/notes/kept"),
    "stash": stash,
    "older stash": stash_below,
    "staged part of a stash": stash_staged,
    "untracked part of a stash": stash_untracked,
    "HEAD of another worktree": worktree_head,
    "uncommitted in another worktree": worktree_file,
    "staged in another worktree": worktree_staged,
    "reflog of a branch that was reset": only_a_branchs_reflog,
    "detached HEAD": detached,
    "reflog of HEAD": only_heads_reflog,
    "staged, not in a sparse worktree": sparse,
    "staged, changed since": stage,
    "uncommitted": write,
}


def nothing(_: Repository, __: Work) -> None:
    """Push the bytes and go home before the commit."""


def at_origin(repository: Repository, mine: Work) -> None:
    """Have it on a branch of origin that was not fetched here."""
    there = origin(repository)
    git.git(
        repository.root, "push", "--quiet", str(there), f"{commit_of(repository, mine.path, mine.text)}:refs/heads/x"
    )


def origin(repository: Repository) -> Path:
    """Give the repository a Git remote that has everything it has."""
    folder = repository.root.parent / "origin.git"
    git.git(repository.root, "clone", "--quiet", "--mirror", str(repository.root), str(folder))
    git.git(repository.root, "remote", "add", "origin", str(folder))
    git.git(repository.root, "fetch", "--quiet", "--tags", "origin")
    return folder


# Bytes on the remote that nothing in this clone names: what is young stays, the rest is refused.
OTHERS: dict[str, Callable[[Repository, Work], None]] = {
    "pushed by somebody, not yet committed": nothing,
    "branch of origin, not fetched": at_origin,
}
