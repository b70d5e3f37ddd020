"""Objects that no tag, no branch and no file of the workspace names any more, removed under guard.

DVC's own `gc` trusts whatever scope it is given. This one keeps every ref, stops when anything cannot be listed or
read, and refuses to remove much at once unless told to.
"""

from __future__ import annotations

from dataclasses import dataclass

from captureset.capture import inbox
from captureset.capture.lock import alone
from captureset.errors import CapturesetError
from captureset.integrity.copies import Cache, Copy, remote_of
from captureset.integrity.needed import needed
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

MOST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Waste:
    """What may go from one place, and what stays."""

    place: str
    unneeded: tuple[Copy, ...]
    kept: int

    @property
    def size_bytes(self) -> int:
        """Bytes that would be free."""
        return sum(copy.size_bytes for copy in self.unneeded)

    @property
    def share(self) -> float:
        """Part of the objects that would go, 0 to 1."""
        total = len(self.unneeded) + self.kept
        return len(self.unneeded) / total if total else 0.0


def plan(repository: Repository, *, remote: bool = False, most_share: float = MOST_SHARE) -> Waste:
    """Return what may go from the cache, or from the remote. Nothing is changed.

    Args:
        repository: where.
        remote: look at the remote instead of the cache.
        most_share: refuse when more than this part of the objects would go.

    Raises:
        CapturesetError: something cannot be listed or read, nothing is needed at all, or too much would go.
    """
    store = ObjectStore(repository.root)
    names = needed(repository, store)
    if names.unreadable:
        first = next(iter(names.unreadable.values()))
        raise CapturesetError(
            f"{len(names.unreadable)} manifests cannot be read, so nobody knows what they need, and nothing was "
            f"removed; the first: {first}"
        )
    place = remote_of(store) if remote else Cache(store.cache)
    objects = place.listing().objects
    unneeded = tuple(copy for oid, copy in objects.items() if oid not in names.uses)
    waste = Waste(place.name, unneeded, len(objects) - len(unneeded))
    if waste.share > most_share:
        raise CapturesetError(
            f"{len(unneeded)} of {len(objects)} objects in the {place.name} ({waste.share:.0%}) would go, more than "
            f"{most_share:.0%}, so nothing was removed; if that is meant, say --most {waste.share:.2f}."
        )
    return waste


def carry_out(repository: Repository, waste: Waste) -> int:
    """Remove what a plan names and is still unneeded, and return how many objects went.

    Raises:
        CapturesetError: `captureset commit` is running, deliveries wait, or Git's work is unfinished.
    """
    with alone(repository):
        _require_quiet(repository)
        store = ObjectStore(repository.root)
        place = remote_of(store) if waste.place == "remote" else Cache(store.cache)
        still = needed(repository, store).uses
        gone = [copy.oid for copy in waste.unneeded if copy.oid not in still]
        for oid in gone:
            place.remove(oid)
    return len(gone)


def _require_quiet(repository: Repository) -> None:
    if len(inbox.waiting(repository)):
        raise CapturesetError("deliveries wait in data/inbox; run `captureset commit` first, then gc.")
    if git.merging(repository.root):
        raise CapturesetError("a merge is under way; finish it with `git commit` or `git merge --abort`, then gc.")
