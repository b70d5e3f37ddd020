"""What could be freed on this machine, each with the bytes and the command. Nothing is freed here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from captureset.inspection.content import Named, named
from captureset.inspection.disk import FoundFile, place
from captureset.integrity.gc import MOST_SHARE
from captureset.integrity.needed import Needed
from captureset.store.repository import Repository

COLLECT = "captureset gc --grace 0 --apply"
SHARDS = ".dvc/tmp/captureset/measure-*"
RELINK = "dvc config --local cache.type reflink,hardlink,copy && dvc checkout --relink dvc.yaml"


@dataclass(frozen=True, slots=True)
class Saving:
    """A command, what it would take away, and the bytes it frees."""

    what: str
    command: str
    files: int
    bytes: int


def savings(
    repository: Repository,
    needs: Needed,
    kept: Needed,
    in_cache: Mapping[str, FoundFile],
    found: Mapping[str, Sequence[FoundFile]],
) -> list[Saving]:
    """Return what would free bytes, the most first.

    Args:
        repository: which.
        needs: what its workspace, branches and tags name.
        kept: that, and what stashes and reflogs name.
        in_cache: the objects of the cache, by md5.
        found: the files that lie in each place.
    """
    files = named(needs)
    every = (
        _unnamed(kept, in_cache),
        _copies(repository, files, in_cache, [*found["exports"], *found["tables"]]),
        _checked_out(repository, files, in_cache, found["images"]),
        _whole("refused deliveries", "captureset quarantine drop NAME (`list` has the reasons)", found["quarantine"]),
        _whole(
            "finished shards of a stage that no longer runs", f"rm -r {SHARDS}", _shards(repository, found["scratch"])
        ),
    )
    return sorted((saving for saving in every if saving.bytes), key=lambda saving: -saving.bytes)


def _shards(repository: Repository, files: Sequence[FoundFile]) -> list[FoundFile]:
    """Return the files of finished shards; beside them stand a release under way and what a repair moved aside."""
    return [file for file in files if file.path.relative_to(repository.root).match(f"{SHARDS}/*")]


def _whole(what: str, command: str, files: Sequence[FoundFile]) -> Saving:
    taken = place(files)
    return Saving(what, command, taken.files, taken.bytes)


def _unnamed(kept: Needed, in_cache: Mapping[str, FoundFile]) -> Saving:
    """Return what `captureset gc` would remove, which refuses when a manifest is nowhere to be had."""
    gone = [] if kept.unreadable else [file for md5, file in in_cache.items() if md5 not in kept.uses]
    share = math.ceil(100 * len(gone) / max(len(in_cache), 1)) / 100
    command = COLLECT if share <= MOST_SHARE else f"{COLLECT} --most {share:.2f}"
    return _whole("objects of the cache that nothing in Git names, new ones too", command, gone)


def _copies(
    repository: Repository,
    files: Sequence[Named],
    in_cache: Mapping[str, FoundFile],
    lying: Sequence[FoundFile],
) -> Saving:
    """Return the stages' outputs that lie in the workspace a second time and could be links into the cache.

    None where DVC's copies are clones that share their blocks already, as on btrfs, XFS and APFS.
    """
    copied = [] if _clones(repository) else _also_cached(repository, files, in_cache, lying)
    return _whole("outputs of stages that are the same bytes as objects of the cache", RELINK, copied)


def _clones(repository: Repository) -> bool:
    from dvc.repo import Repo  # noqa: PLC0415 - half a second
    from dvc_objects.fs.generic import test_links  # noqa: PLC0415

    with Repo(str(repository.root)) as repo:
        cache = repo.cache.local
        there = test_links(["reflink"], cache.fs, cache.path, cache.fs, str(repository.root))
    return bool(there)


def _checked_out(
    repository: Repository,
    files: Sequence[Named],
    in_cache: Mapping[str, FoundFile],
    lying: Sequence[FoundFile],
) -> Saving:
    """Return data/images as a whole, if every file there is one that a pointer names and the cache has."""
    known = _also_cached(repository, files, in_cache, lying)
    linked = {file.inode for file in in_cache.values()}
    safe = all(file in known or file.inode in linked for file in lying)
    return _whole("photos checked out, which the cache has too", "rm -r data/images", known if safe else [])


def _also_cached(
    repository: Repository,
    files: Iterable[Named],
    in_cache: Mapping[str, FoundFile],
    lying: Iterable[FoundFile],
) -> list[FoundFile]:
    """Return the files with bytes of their own that the cache has too; as their path and size say, none is read."""
    by_path = {repository.root / file.path: in_cache.get(file.md5) for file in files}
    linked = {file.inode for file in in_cache.values()}
    return [file for file in lying if file.inode not in linked and _same_size(file, by_path.get(file.path))]


def _same_size(file: FoundFile, cached: FoundFile | None) -> bool:
    return cached is not None and cached.size_bytes == file.size_bytes
