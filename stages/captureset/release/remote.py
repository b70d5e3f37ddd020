"""A version must be fetchable: the remote is asked for every byte, not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.integrity.copies import Remote, remote_of
from captureset.integrity.needed import WORKSPACE, needed
from captureset.store import remote_faults
from captureset.store.objects import REMOTE_THREADS, ObjectStore
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Lacking:
    """What the remote lacks of what the workspace names: path to address, by path; and how many it should have."""

    paths: Mapping[str, str]
    needed: int


def lacking(repository: Repository) -> Lacking:
    """Return the objects of the workspace that the remote lacks, or has under a wrong md5.

    DVC takes a pushed manifest as a sign that its files are there; here they are counted in one listing, with the
    store's own md5 (ETag) where it has one; an object whose ETag is another is read. Files of a folder whose own list
    is nowhere cannot be counted.

    Raises:
        CapturesetError: the remote cannot be listed.
    """
    store = ObjectStore(repository.root)
    names = needed(repository, store, only=WORKSPACE)
    paths = {names.uses[oid][0].path: oid for oid in _lacked(remote_of(store), names.uses)}
    unread = {names.uses[oid][0].path: oid for oid in names.unreadable}
    return Lacking(dict(sorted({**paths, **unread}.items())), len(names.uses))


def require_everything_there(repository: Repository) -> int:
    """Return how many objects the remote has of what the workspace names: all.

    Raises:
        CapturesetError: it lacks one, has one under a wrong md5, or cannot be listed.
    """
    found = lacking(repository)
    if found.paths:
        path, oid = next(iter(found.paths.items()))
        raise CapturesetError(
            f"the remote lacks {len(found.paths)} of {found.needed} objects of this version, or has them damaged "
            f"({path}, {oid}, first); mend it with `captureset fsck --repair --apply`, then release."
        )
    return found.needed


def _lacked(remote: Remote, oids: Iterable[str]) -> list[str]:
    """Return what is not there, or not what its name says; where the ETag is no md5 of it the bytes decide."""
    listed = remote.listing().objects
    absent = [oid for oid in oids if oid not in listed]
    doubted = [oid for oid in oids if oid in listed and listed[oid].listed_md5 not in {None, oid.removesuffix(".dir")}]
    with ThreadPoolExecutor(REMOTE_THREADS) as pool:
        read = pool.map(remote.md5, doubted)
        return absent + [oid for oid, md5 in zip(doubted, read, strict=True) if md5 != oid.removesuffix(".dir")]


def embedded(repository: Repository) -> Path | None:
    """Return the folder of a remote that is inside the repository, None when it is elsewhere or there is none."""
    store = ObjectStore(repository.root)
    if store.remote is None:
        return None
    remote: Remote = remote_of(store)
    return remote.folder if remote.local and repository.root in remote.folder.parents else None


def require_answer(repository: Repository) -> None:
    """Return when the remote answers.

    Raises:
        CapturesetError: it does not, or there is none.
    """
    silent = remote_faults.silence(remote_of(ObjectStore(repository.root)).odb)
    if silent:
        raise CapturesetError(silent)


def warn_if_embedded(repository: Repository, say: Callable[[str], None]) -> None:
    """Say so when the remote is a folder inside the repository: nobody else can fetch from it."""
    folder = embedded(repository)
    if folder is not None:
        say(
            "Nobody else can fetch this version: the DVC remote is a folder of this clone "
            f"({folder.relative_to(repository.root).parts[0]}); for S3 run "
            "`dvc remote modify storage url s3://bucket/prefix` and `dvc push --all-tags --all-branches`"
        )
