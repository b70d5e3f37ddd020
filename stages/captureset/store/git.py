"""Git and DVC as commands: started by name, never through a shell, their words kept when they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from captureset.errors import CommandFailedError

ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"}
# A power cut leaves no empty ref or index; nothing goes on in the background. An older Git ignores what it knows not.
ON_DISK = ("-c", "core.fsync=all", "-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false")


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Return what a command printed on standard output.

    Raises:
        CommandFailedError: it exited non-zero or is not installed; the sentence carries its own words.
    """
    try:
        done = subprocess.run(
            list(command),
            cwd=cwd,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",  # a file's name is bytes; Git hands it on as it is
            check=False,
            close_fds=False,  # the one file that is inheritable is the lock of `capture.lock`
            env={**_own_environment(), **(env or {})},
        )
    except FileNotFoundError:
        raise CommandFailedError(f"`{command[0]}` is not installed; install it and try again.") from None
    if done.returncode:
        said = " ".join((done.stderr.strip() or done.stdout.strip()).split())
        asked = " ".join(" ".join(command).split())
        raise CommandFailedError(f"`{asked}` failed: {said[-800:]}")
    return done.stdout


def _own_environment() -> dict[str, str]:
    """Return the environment without what points Git at another repository, as it does inside a Git hook."""
    return {name: value for name, value in os.environ.items() if name not in ELSEWHERE}


def git(root: Path, *arguments: str) -> str:
    """Return what `git` printed in the repository at root."""
    return run(["git", *arguments], root)


def dvc(root: Path, *arguments: str) -> str:
    """Return what `dvc` of this very environment printed in the repository at root."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return run([sys.executable, "-m", "dvc", *arguments], root, {"PATH": path})  # stages find this `python`


def has_identity(root: Path) -> bool:
    """Return whether Git knows who commits here."""
    try:
        return bool(git(root, "config", "user.email").strip() and git(root, "config", "user.name").strip())
    except CommandFailedError:
        return bool(os.environ.get("GIT_AUTHOR_EMAIL") and os.environ.get("GIT_COMMITTER_EMAIL"))


def require_identity(root: Path) -> None:
    """Return when Git knows who commits here.

    Raises:
        CommandFailedError: it does not.
    """
    if not has_identity(root):
        raise CommandFailedError(
            "Git does not know who commits here; "
            "run `git config user.name NAME` and `git config user.email ADDRESS` first."
        )


def require_branch(root: Path) -> None:
    """Return when HEAD is on a branch that has a commit.

    Raises:
        CommandFailedError: it is not.
    """
    try:
        name = git(root, "rev-parse", "--abbrev-ref", "HEAD").strip()
    except CommandFailedError:
        raise CommandFailedError("nothing is committed here yet; `git add` and `git commit` first.") from None
    if name == "HEAD":
        raise CommandFailedError("HEAD is on no branch, so a commit here would be lost from all; `git switch BRANCH`.")


def merging(root: Path) -> list[str]:
    """Return the commits that a merge under way brings, none when there is no merge."""
    heads = root / git(root, "rev-parse", "--git-path", "MERGE_HEAD").rstrip("\n")
    return heads.read_text(encoding="ascii").split() if heads.exists() else []


def is_unborn(root: Path) -> bool:
    """Return whether the branch has no commit yet; one whose ref is there but empty or broken had some."""
    if _answers(root, "rev-parse", "--verify", "--quiet", "HEAD") or not _answers(root, "symbolic-ref", "HEAD"):
        return False
    branch = git(root, "symbolic-ref", "HEAD").strip()
    return not (root / git(root, "rev-parse", "--git-path", branch).rstrip("\n")).exists()


def _answers(root: Path, *arguments: str) -> bool:
    try:
        git(root, *arguments)
    except CommandFailedError:
        return False
    return True


def changed_paths(root: Path, *paths: str) -> list[str]:
    """Return the paths, sorted, that differ from the last commit; untracked ones count, ignored ones do not."""
    listing = git(root, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", *paths)
    return sorted(entry[3:] for entry in listing.split("\0") if len(entry) > 3)  # noqa: PLR2004 - "XY " and a path


def committed_text(root: Path, path: str, revision: str = "HEAD") -> str | None:
    """Return a file as it stands in the last commit, or another one, or None when it is not there."""
    try:
        return git(root, "show", f"{revision}:./{path}")
    except CommandFailedError:
        return None


def commit_paths(root: Path, paths: Sequence[str], message: str) -> str:
    """Make one commit of exactly these paths, whatever else is staged, and return its hash."""
    git(root, *ON_DISK, "add", "--", *paths)
    git(root, *ON_DISK, "commit", "--quiet", "--message", message, "--only", "--", *paths)
    return git(root, "rev-parse", "HEAD").strip()
