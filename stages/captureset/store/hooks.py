"""What a clone must know that Git does not carry: our merge driver, and hooks that refuse a commit losing captures."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import captureset
from captureset.errors import CapturesetError
from captureset.store import git
from captureset.store.repository import Repository

MARK = "# Written by `captureset install`"
HOOKS = ("pre-commit", "pre-merge-commit")
DRIVER = "merge.captureset"
EARLIER = ".before-captureset"


@dataclass(frozen=True, slots=True)
class Installed:
    """What now stands in the clone; `kept` are hooks of a person that were moved aside."""

    driver: str
    hooks: tuple[Path, ...]
    kept: tuple[Path, ...]


def install(repository: Repository, *, force: bool = False) -> Installed:
    """Tell this clone's Git about merge driver and hooks; doing it again changes nothing.

    Args:
        repository: whose clone.
        force: move hooks that a person wrote aside, and write even where `core.hooksPath` leads out of the clone.

    Raises:
        CapturesetError: a hook is there, or hooks stand outside the clone; nothing is written.
    """
    folder = _hooks_folder(repository.root)
    if not force:
        _require_ours(repository.root, folder)
    driver = f"{_command()} merge-driver %O %A %B %P".replace(str(_python()), str(_python()).replace("%", "%%"))
    git.git(repository.root, "config", f"{DRIVER}.name", "captureset: the union of two months")
    git.git(repository.root, "config", f"{DRIVER}.driver", driver)
    inside = git.git(repository.root, "rev-parse", "--show-prefix").rstrip("\n") or "."
    folder.mkdir(parents=True, exist_ok=True)
    kept = [path for name in HOOKS if (path := _put(folder / name, _hook(inside))) is not None]
    return Installed(driver, tuple(folder / name for name in HOOKS), tuple(kept))


def _hooks_folder(root: Path) -> Path:
    return (root / git.git(root, "rev-parse", "--git-path", "hooks").rstrip("\n")).resolve()


def _require_ours(root: Path, folder: Path) -> None:
    common = (root / git.git(root, "rev-parse", "--git-common-dir").rstrip("\n")).resolve()
    top = Path(git.git(root, "rev-parse", "--show-toplevel").rstrip("\n"))
    if not (folder.is_relative_to(common) or folder.is_relative_to(top)):
        raise CapturesetError(
            f"core.hooksPath leads to {folder}, which other repositories share, so nothing was installed; "
            "unset it here with `git config core.hooksPath .git/hooks`, or repeat with --force."
        )
    for name in HOOKS:
        if (folder / name).exists() and not _is_ours(folder / name):
            raise CapturesetError(
                f"{folder / name} is a hook of somebody else, so nothing was installed; add the line "
                f"`captureset check --staged` to it, or repeat with --force (it is kept as {name}{EARLIER})."
            )


def _is_ours(hook: Path) -> bool:
    return MARK.encode() in hook.read_bytes()


def _put(hook: Path, text: str) -> Path | None:
    """Write a hook; return where a person's own one went, None where there was none."""
    kept = None
    if (hook.exists() or hook.is_symlink()) and not _is_ours(hook):
        kept = hook.rename(hook.with_name(hook.name + EARLIER))
    hook.write_text(text, encoding="utf-8")
    hook.chmod(0o755)
    return kept


def _python() -> Path:
    return Path(sys.executable)


def _command() -> str:
    """Return how the shell starts this very captureset, whatever its PATH is then."""
    source = Path(captureset.__file__).resolve().parents[1]
    return f"PYTHONPATH={shlex.quote(str(source))} {shlex.quote(str(_python()))} -m captureset"


def _hook(inside: str) -> str:
    python = shlex.quote(str(_python()))
    gone = shlex.quote(f"captureset: {_python()} is gone, so nothing was checked; run `captureset install` again.")
    return (
        f"#!/bin/sh\n{MARK}: refuses a commit that would lose captures.\n"
        f"[ -x {python} ] || {{ echo {gone} >&2; exit 1; }}\n"
        f"found=$({_command()} check --staged --repo {shlex.quote(inside)} 2>&1) && exit 0\n"
        'printf "%s\\n" "$found" >&2\nexit 1\n'
    )
