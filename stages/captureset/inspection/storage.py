"""Where the bytes are: by kind of file, by place on this machine, on the remote, and what could be freed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from captureset.errors import CapturesetError
from captureset.inspection.content import Content, content, named
from captureset.inspection.disk import FoundFile, Place, files_below, place
from captureset.inspection.savings import Saving, savings
from captureset.integrity.copies import remote_of
from captureset.integrity.needed import WORKSPACE, Needed, needed
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

TABLES = ("catalog", "measure", "quality", "filter", "split", "verify", "smoke_train", "report")


@dataclass(frozen=True, slots=True)
class Storage:
    """What a repository takes. Kinds are what it names, wherever the bytes are; places are on this machine."""

    content: Mapping[str, Content]  # originals, twins, sidecars, feedback, exports, tables, manifests
    unique_bytes: int  # of all kinds together
    places: Mapping[str, Place]  # cache, images, exports, tables, inbox, quarantine, scratch
    remote: Place | None  # None: there is no remote, or it did not answer
    unpushed_bytes: int | None  # named and in the cache, but not on the remote
    savings: tuple[Saving, ...]


def storage(repository: Repository) -> Storage:
    """Return what a repository takes; lists cache, workspace and remote, reads nothing but manifests.

    Raises:
        CapturesetError: a pointer or dvc.lock in Git cannot be read.
    """
    store = ObjectStore(repository.root)
    needs, kept, remote = needed(repository, store), _kept(repository, store), _remote_sizes(store)
    files = named(needs)
    found = _lying(repository, store)
    in_cache = {_md5_of(file): file for file in found["cache"] if file.path.is_relative_to(store.cache)}
    sizes = {**(remote or {}), **{md5: file.size_bytes for md5, file in in_cache.items()}}
    unique = {file.md5 for file in files}
    unpushed = [in_cache[md5].size_bytes for md5 in unique if remote is not None and md5 in in_cache.keys() - remote]
    inodes = frozenset(file.inode for file in in_cache.values())
    return Storage(
        content(files, sizes),
        sum(sizes.get(md5, 0) for md5 in unique),
        {name: place(listed, () if name == "cache" else inodes) for name, listed in found.items()},
        None if remote is None else Place(len(remote), sum(remote.values())),
        None if remote is None else sum(unpushed),
        tuple(savings(repository, needs, kept, in_cache, found)),
    )


def _kept(repository: Repository, store: ObjectStore) -> Needed:
    """Return what stays for `captureset gc`; where it would refuse, that something is unknown."""
    try:
        return needed(repository, store, unnamed=True)
    except CapturesetError as error:
        return Needed(unreadable={WORKSPACE: str(error)})


def _remote_sizes(store: ObjectStore) -> dict[str, int] | None:
    try:
        return {oid: copy.size_bytes for oid, copy in remote_of(store).listing().objects.items()}
    except CapturesetError:
        return None


def _lying(repository: Repository, store: ObjectStore) -> dict[str, list[FoundFile]]:
    """Return the files in each place of this machine; the cache with DVC's run-cache beside the objects."""
    data = repository.root / "data"
    return {
        "cache": files_below(store.cache.parents[1]),
        "images": files_below(data / "images"),
        "exports": files_below(data / "exports"),
        "tables": list(chain.from_iterable(files_below(data / name) for name in TABLES)),
        "inbox": files_below(repository.inbox),
        "quarantine": files_below(repository.quarantine),
        "scratch": files_below(repository.scratch),
    }


def _md5_of(file: FoundFile) -> str:
    return file.path.parent.name + file.path.name
