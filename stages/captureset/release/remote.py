"""A version must be fetchable: the remote is asked for every byte, not believed."""

from __future__ import annotations

from collections.abc import Callable

from captureset.errors import CapturesetError
from captureset.integrity.copies import Copy, Remote, remote_of
from captureset.integrity.needed import WORKSPACE, needed
from captureset.store import remote_faults
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository


def require_everything_there(repository: Repository) -> int:
    """Return how many objects the remote has of what the workspace names: all.

    DVC takes a pushed manifest as a sign that its files are there; here they are counted in one listing, with the
    store's own md5 (ETag) where it has one.

    Raises:
        CapturesetError: it lacks one, has one under a wrong md5, or cannot be listed.
    """
    store = ObjectStore(repository.root)
    names = needed(repository, store, only=WORKSPACE)
    if names.unreadable:
        raise CapturesetError(next(iter(names.unreadable.values())))
    listed = remote_of(store).listing().objects
    lacking = sorted(oid for oid in names.uses if not _sound(listed.get(oid), oid))
    if lacking:
        use = names.uses[lacking[0]][0]
        raise CapturesetError(
            f"the remote lacks {len(lacking)} of {len(names.uses)} objects of this version, or has them damaged "
            f"({use.path}, {lacking[0]}, first); mend it with `captureset fsck --repair --apply`, then release."
        )
    return len(names.uses)


def _sound(copy: Copy | None, oid: str) -> bool:
    return copy is not None and copy.listed_md5 in {None, oid.removesuffix(".dir")}


def warn_if_embedded(repository: Repository, say: Callable[[str], None]) -> None:
    """Say so when the remote is a folder inside the repository: nobody else can fetch from it.

    Raises:
        CapturesetError: it does not answer at all, or there is none; nothing was written yet.
    """
    remote: Remote = remote_of(ObjectStore(repository.root))
    silent = remote_faults.silence(remote.odb)
    if silent:
        raise CapturesetError(silent)
    if remote.local and repository.root in remote.folder.parents:
        say(
            "Nobody else can fetch this version: the DVC remote is a folder of this clone "
            f"({remote.folder.relative_to(repository.root)}); for S3 run "
            "`dvc remote modify storage url s3://bucket/prefix` and `dvc push --all-tags`"
        )
