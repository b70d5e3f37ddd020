"""Lock files that a killed git left behind: without help every later git command would refuse for ever."""

from __future__ import annotations

import time
from pathlib import Path

from captureset.errors import CommandFailedError
from captureset.store import git

LOCKS = ("index.lock", "HEAD.lock", "next-index-*.lock", "refs/heads/**/*.lock")
PATIENCE_S, LOOK_EVERY_S = 2.0, 0.05
PROCESSES = Path("/proc")


def release(root: Path) -> None:
    """Return when nothing locks the Git repository; a lock whose git is gone is removed.

    A lock that stands unchanged for two seconds while no git runs in the repository is a dead one's.

    Raises:
        CommandFailedError: a git is at work, or nobody can say whether one is.
    """
    folder = root / git.git(root, "rev-parse", "--git-dir").strip()
    before = _locks(folder)
    deadline = time.monotonic() + PATIENCE_S
    while before and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        before &= _locks(folder)
    for path, _, _ in sorted(before):
        _require_nobody(root, path)
        path.unlink(missing_ok=True)


def _locks(folder: Path) -> set[tuple[Path, int, int]]:
    """Return the locks with what tells one from the next of the same name."""
    found = set()
    for pattern in LOCKS:
        for path in folder.glob(pattern):
            try:
                state = path.stat()
            except FileNotFoundError:
                continue  # released at this very moment
            found.add((path, state.st_ino, state.st_mtime_ns))
    return found


def _require_nobody(root: Path, lock: Path) -> None:
    remedy = f"wait for it, or remove {lock} if no git is at work, then do the same again"
    if not PROCESSES.is_dir():
        raise CommandFailedError(f"{lock} says that a git is at work here; {remedy}.")
    for process in PROCESSES.glob("[0-9]*"):
        if _is_git_in(process, root):
            raise CommandFailedError(f"git, process {process.name}, is at work here and holds {lock}; {remedy}.")


def _is_git_in(process: Path, root: Path) -> bool:
    """Say whether a process is a git that may be at work in the repository."""
    try:
        if not (process / "comm").read_text(encoding="utf-8", errors="replace").startswith("git"):
            return False
        return (process / "cwd").resolve(strict=True).is_relative_to(root.resolve())
    except PermissionError:
        return True  # somebody else's: it may be
    except OSError:
        return False  # it has ended
