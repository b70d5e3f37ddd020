"""What a clone may not know: work that no branch or tag names, and what others have that was never fetched here."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from captureset.capture import inbox
from captureset.errors import CapturesetError, CommandFailedError
from captureset.release import journal
from captureset.store import git
from captureset.store.repository import Repository

# Files and folders that Git has while it is at work, and what ends that.
UNDER_WAY = {
    "MERGE_HEAD": "git merge",
    "CHERRY_PICK_HEAD": "git cherry-pick",
    "REVERT_HEAD": "git revert",
    "rebase-merge": "git rebase",
    "rebase-apply": "git rebase",
}
NO_QUESTIONS = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}


def worktrees(repository: Repository) -> list[Repository]:
    """Return the repository in every worktree of this clone that has it, this one first.

    Raises:
        CapturesetError: the folder of one is not there, as that of a disk that is not mounted.
    """
    inside = git.git(repository.root, "rev-parse", "--show-prefix").strip()
    others = []
    for entry in git.git(repository.root, "worktree", "list", "--porcelain").split("\n\n"):
        lines = entry.split("\n")
        folder = Path(lines[0].removeprefix("worktree "))
        if not lines[0] or "bare" in lines[1:] or (folder / inside).resolve() == repository.root.resolve():
            continue
        if not folder.exists():
            raise CapturesetError(
                f"the worktree {folder} cannot be looked at, so nobody knows what it needs; "
                "bring it back, or forget it with `git worktree prune`."
            )
        others += [Repository(folder / inside)] if (folder / inside).is_dir() else []
    return [repository, *others]


def unnamed(root: Path, named: Container[str]) -> list[str]:
    """Return the commits that Git keeps though no branch, tag or HEAD has them: stashes, and what only a reflog knows.

    Those are of a branch that was deleted, reset or rebased; Git itself forgets them after 30 days.
    """
    published = ("--not", "--branches", "--tags", "--remotes", *(["HEAD"] if "HEAD" in named else []))
    return git.git(root, "rev-list", "--all", "--reflog", *published).split()


def require_whole(repository: Repository) -> None:
    """Return when this clone has the whole history.

    Raises:
        CapturesetError: it is shallow.
    """
    if git.git(repository.root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise CapturesetError(
            "this clone is shallow, so it may lack branches and tags that need bytes; "
            "run `git fetch --unshallow --tags` first, then gc."
        )


def require_quiet(repository: Repository) -> None:
    """Return when no work is half done: bytes may be there that Git names only later.

    Raises:
        CapturesetError: deliveries wait, a release was interrupted, or a worktree is amid a merge, rebase or the like.
    """
    if len(inbox.waiting(repository)):
        raise CapturesetError("deliveries wait in data/inbox; run `captureset commit` first, then gc.")
    begun = journal.under_way(repository)
    if begun is not None:
        raise CapturesetError(
            f"a release of {begun.tag} was interrupted; run `captureset release` again, which finishes or undoes it, "
            "then gc."
        )
    for worktree in worktrees(repository):
        _require_finished(worktree.root)


def _require_finished(root: Path) -> None:
    for mark, command in UNDER_WAY.items():
        if (root / git.git(root, "rev-parse", "--git-path", mark).rstrip("\n")).exists():
            raise CapturesetError(
                f"a {command.removeprefix('git ')} is under way in {root}; finish it, or undo it with "
                f"`{command} --abort`, then gc."
            )
    unmerged = git.git(root, "diff", "--name-only", "--diff-filter=U").split("\n")[0]
    if unmerged:
        raise CapturesetError(f"{unmerged} has conflicts; resolve them and `git add` it, then gc.")


def require_origins_known(repository: Repository) -> None:
    """Return when every branch and tag of every Git remote is known here as it is there.

    Raises:
        CapturesetError: one is not, or a remote does not answer: others may need bytes that nothing here names.
    """
    here = set(git.git(repository.root, "for-each-ref", "--format=%(objectname)").split())
    for remote in git.git(repository.root, "remote").split():
        lacking = [name for name, commit in _refs_of(repository.root, remote) if commit not in here]
        if lacking:
            raise CapturesetError(
                f"{remote} has {len(lacking)} branches or tags that this clone does not know as they are there "
                f"({lacking[0]} first), and they may need bytes; run `git fetch --all --tags --force` first, then gc."
            )


def _refs_of(root: Path, remote: str) -> list[tuple[str, str]]:
    """Return name and object of every branch and tag of a Git remote."""
    try:
        said = git.run(["git", "ls-remote", "--refs", "--heads", "--tags", remote], root, NO_QUESTIONS)
    except CommandFailedError as error:
        raise CapturesetError(
            f"{remote} does not say which branches and tags it has, and they may need bytes; try again when it "
            f"answers, or `git remote remove {remote}` if it is gone for good ({error})"
        ) from None
    return [(name, commit) for commit, _, name in (line.partition("\t") for line in said.splitlines())]


@contextmanager
def without_dvc(repository: Repository) -> Iterator[None]:
    """Hold DVC's own lock, so that no dvc command here begins to need what is removed meanwhile.

    Raises:
        CapturesetError: a dvc command is at work.
    """
    import psutil  # noqa: PLC0415 - comes with dvc
    from dvc.lock import LockError  # noqa: PLC0415 - needs the extra `pipeline`
    from dvc.repo import Repo  # noqa: PLC0415

    with Repo(str(repository.root)) as repo:
        busy = "a dvc command is at work here and may need any object; wait for it, then gc."
        try:
            repo.lock.lock()
        except LockError:
            raise CapturesetError(busy) from None
        try:
            if any(psutil.pid_exists(pid) for pid in _stage_processes(Path(repo.tmp_dir) / "rwlock")):
                raise CapturesetError(busy)
            yield
        finally:
            repo.lock.unlock()


def _stage_processes(noted: Path) -> set[int]:
    """Return the processes that DVC notes as running stages; it lets go of its lock meanwhile."""
    try:
        document: dict[str, dict[str, Any]] = json.loads(noted.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return set()
    writers = list(document.get("write", {}).values())
    readers = [entry for entries in document.get("read", {}).values() for entry in entries]
    return {int(entry["pid"]) for entry in writers + readers}
