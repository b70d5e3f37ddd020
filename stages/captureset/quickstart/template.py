"""A new dataset repository made from the checkout this package runs from: its recipe, none of its data."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import captureset
from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers
from captureset.records.quality_rows import Check
from captureset.records.rows import Erasure, Exclusion, FrozenSplit
from captureset.store import git
from captureset.store.repository import Repository

OWN_FILES = ("data/captures/*.dvc", "dvc.lock")
OWN_FOLDERS = ("data/metadata", "data/verify", "data/smoke_train", "data/report")
EMBEDDED_REMOTE = """\
[core]
    remote = storage
    analytics = false
    check_update = false
    autostage = true
['remote "storage"']
    url = ../.dvcstore
    verify = true
"""
LEDGERS: dict[str, type[Exclusion | FrozenSplit | Erasure | Check]] = {
    "data/splits.csv": FrozenSplit,
    "data/checks.csv": Check,
    "data/exclusions.csv": Exclusion,
    "data/erasures.csv": Erasure,
}
USER_NAME, USER_EMAIL = "captureset quickstart", "quickstart@localhost"
FIRST_COMMIT = "Begin a dataset repository"

Tell = Callable[[str], None]


def checkout() -> Path:
    """Return the source checkout this package runs from.

    Raises:
        CapturesetError: it was installed without one.
    """
    root = Path(captureset.__file__).resolve().parents[2]
    if not ((root / "dvc.yaml").is_file() and (root / "stages" / "captureset").is_dir()):
        raise CapturesetError(
            f"{root} is no checkout of captureset (no dvc.yaml, no stages/), so no repository can be made from it; "
            "clone captureset and install it from there with `pip install -e '.[pipeline,train]'`."
        )
    return root


@contextmanager
def new_repository(directory: Path, source: Path, tell: Tell) -> Iterator[Path]:
    """Give a new repository with one commit to work on; it becomes `directory` when the block ends well.

    It is built beside `directory`, so a failure or an interrupt leaves nothing behind.

    Args:
        directory: may exist if it is empty; may not be inside a captureset repository, the checkout among them.
        source: the checkout to take the recipe from.
        tell: hears the one thing a person should know: that a Git identity was made up.

    Raises:
        CapturesetError: `directory` cannot be used, or Git failed.
    """
    target = directory.expanduser().resolve()
    require_usable(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    made = _make_parents(partial)
    try:
        copy_recipe(source, partial)
        _begin_history(partial, tell)
        yield partial
        _put_in_place(partial, target)
        made = []
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        for folder in made:
            folder.rmdir()


def require_usable(directory: Path) -> None:
    """Return when a repository may be made in this folder.

    Raises:
        CapturesetError: something is in it, or it is inside another captureset repository, whose Git and DVC would
            trip over it.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise CapturesetError(f"{directory} exists and is not empty; name a new or an empty folder.")
    if os.pathsep in str(directory):
        raise CapturesetError(f"{directory} has a {os.pathsep!r} in its path, which no PYTHONPATH can hold; rename it.")
    try:
        around = Repository.find(directory.parent).root
    except CapturesetError:
        return
    raise CapturesetError(
        f"{directory} is inside the captureset repository {around}; name a folder outside it, "
        f"such as {around.parent / directory.name}."
    )


def copy_recipe(source: Path, target: Path) -> None:
    """Copy everything that makes a dataset repository, and nothing of the dataset in the source.

    That is every file Git tracks or, in a source without `.git`, every file that is not ignored.
    """
    for name in filter(is_recipe, _source_files(source)):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, path, follow_symlinks=False)
    for name, record in LEDGERS.items():
        ledgers.write(target / name, record, ())
    (target / ".dvc").mkdir(exist_ok=True)
    jsontext.write_text(target / ".dvc" / "config", EMBEDDED_REMOTE)  # never the checkout's own remote


def is_recipe(name: str) -> bool:
    """Say whether a path of a checkout belongs to the recipe, not to the dataset made with it."""
    path = PurePosixPath(name)
    in_own_folder = any(path.is_relative_to(folder) for folder in OWN_FOLDERS)
    return not in_own_folder and not any(path.match(pattern) for pattern in OWN_FILES)


def _source_files(source: Path) -> list[str]:
    listing = git.git(source, "ls-files", "-z") if (source / ".git").exists() else _not_ignored(source)
    names = sorted(filter(None, listing.split("\0")))
    return [name for name in names if (source / name).is_file() or (source / name).is_symlink()]


def _not_ignored(source: Path) -> str:
    """List the files of a folder without history by its own `.gitignore` files, whatever a user's say."""
    with tempfile.TemporaryDirectory() as scratch:
        git.git(source, "init", "--quiet", "--bare", scratch)
        places = (f"--git-dir={scratch}", f"--work-tree={source}", "-c", f"core.excludesFile={os.devnull}")
        return git.git(source, *places, "ls-files", "-z", "--others", "--exclude-standard")


def _begin_history(root: Path, tell: Tell) -> None:
    git.git(root, "init", "--quiet", "--initial-branch=main")
    if not git.has_identity(root):
        git.git(root, "config", "--local", "user.name", USER_NAME)
        git.git(root, "config", "--local", "user.email", USER_EMAIL)
        tell(f"Git does not know who you are, so in this repository it commits as {USER_NAME} <{USER_EMAIL}>.")
    git.git(root, "add", "--all", "--force")
    git.git(root, "commit", "--quiet", "--message", FIRST_COMMIT)


def _make_parents(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the ones above that are new, the deepest first."""
    made = [parent for parent in folder.parents if not parent.exists()]
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise CapturesetError(
            f"{folder.parent} cannot be written to: {error.strerror}; name a folder elsewhere."
        ) from None
    return made


def _put_in_place(partial: Path, target: Path) -> None:
    """Give the finished repository its name; an existing empty folder stays the same folder and is filled."""
    if not target.exists():
        partial.rename(target)
        return
    for entry in sorted(partial.iterdir()):
        shutil.move(entry, target / entry.name)
