"""A clone at a tag in which nothing can be taken from an earlier run: inputs alone, no output, no remote, no memo.

The memo of a stage (`store.previous`), DVC's run-cache and its cache of outputs all need an address in dvc.lock or
bytes in a cache. Here dvc.lock is gone, the cache holds exactly the files that the tag's month pointers list, the
remote is an empty folder, and no DVC setting of this machine reaches in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError, MissingObjectError
from captureset.formats import jsontext
from captureset.store import erasures, git, pointers
from captureset.store.objects import CACHE_MODE, REMOTE_THREADS, ObjectStore
from captureset.store.repository import Repository

LOCK = "dvc.lock"
QUIETLY = ("-c", "advice.detachedHead=false")
OWN_CONFIG = """\
[core]
    analytics = false
    check_update = false
    remote = nothing
[cache]
    dir = {cache}
['remote "nothing"']
    url = {nothing}
"""


@dataclass(frozen=True, slots=True)
class CleanRoom:
    """The folder of one rebuild; everything it writes is in there."""

    folder: Path

    @property
    def clone(self) -> Path:
        """The repository at the tag."""
        return self.folder / "repository"

    @property
    def lock(self) -> Path:
        """What `dvc repro` says it made."""
        return self.clone / LOCK

    @property
    def cache(self) -> Path:
        """Its DVC cache."""
        return self.folder / "cache"

    @property
    def environment(self) -> dict[str, str]:
        """What keeps the settings of this machine out."""
        names = ("DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR", "DVC_SITE_CACHE_DIR")
        folders = {name: str(self.folder / name.lower()) for name in names}
        own = {"PYTHONPATH": str(self.clone / "stages"), "PYTHONNOUSERSITE": "1"}
        return {**folders, **own, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


def enter(repository: Repository, tag: str, folder: Path) -> CleanRoom:
    """Return a clean room at a tag.

    Args:
        repository: cloned, and asked for the inputs' bytes (cache, then remote); nothing in it changes.
        tag: of a release.
        folder: exists, empty.

    Raises:
        CapturesetError: an input is missing or damaged everywhere, or belongs to a capture that was erased since.
    """
    room = CleanRoom(folder)
    origin = str(repository.root)
    git.git(folder, *QUIETLY, "clone", "--quiet", "--shared", "--template=", "--no-checkout", origin, room.clone.name)
    git.git(room.clone, *QUIETLY, "checkout", "--quiet", "--detach", f"refs/tags/{tag}")  # a branch may be called so
    room.lock.unlink()
    nothing = folder / "nothing"
    nothing.mkdir()
    own = OWN_CONFIG.format(cache=room.cache.as_posix(), nothing=nothing.as_posix())
    jsontext.write_text(room.clone / ".dvc" / "config.local", own)
    _bring(repository, tag, room)
    return room


def _bring(repository: Repository, tag: str, room: CleanRoom) -> None:
    """Put the tag's inputs into the room's cache, every one verified."""
    store = ObjectStore(repository.root)
    _ = store.cache, store.remote  # resolved once, before the threads

    def bring(oid: str, path: str) -> None:
        target = room.cache / "files" / "md5" / oid[:2] / oid[2:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_input(repository, store, tag, oid, path))
        target.chmod(CACHE_MODE)

    inputs = dict(_inputs(repository, store, tag, room))
    with ThreadPoolExecutor(REMOTE_THREADS) as pool:
        list(pool.map(bring, inputs, inputs.values()))


def _inputs(repository: Repository, store: ObjectStore, tag: str, room: CleanRoom) -> Iterator[tuple[str, str]]:
    """Give address and path of everything the month pointers name."""
    for pointer in pointers.read(Repository(room.clone).pointers):
        if pointer.manifest:
            folder = f"data/images/{pointers.month_folder(pointer.month)}"
            yield pointer.manifest, folder
            listing = json.loads(_input(repository, store, tag, pointer.manifest, folder))
            yield from ((entry["md5"], f"{folder}/{entry['relpath']}") for entry in listing)


def _input(repository: Repository, store: ObjectStore, tag: str, oid: str, path: str) -> bytes:
    try:
        return store.peek(oid)
    except MissingObjectError as error:
        if pointers.capture_of(path)[0] in erasures.anywhere(repository.root):
            raise CapturesetError(
                f"{path} of {tag} belongs to a capture that was erased since and its bytes are gone, as they should; "
                "this version can never be rebuilt, release a later one."
            ) from None
        raise CapturesetError(f"{path} of {tag}: {error}") from None
