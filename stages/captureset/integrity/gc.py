"""Objects that nothing in Git names any more, removed under guard.

DVC's own `gc` trusts whatever scope it is given. This one keeps every ref, every worktree, what is staged, stashed or
only in a reflog, whatever is young, and stops when anything cannot be listed, read or known.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from captureset.capture.lock import alone
from captureset.errors import CapturesetError, CommandFailedError
from captureset.integrity import clone
from captureset.integrity.copies import Cache, Copy, Place, remote_of
from captureset.integrity.needed import needed
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository

MOST_SHARE = 0.2
GRACE_DAYS = 14.0  # as long as Git keeps what nothing names
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Rules:
    """When to refuse, and what is too young to go."""

    most_share: float = MOST_SHARE  # of the objects that may go at once
    grace_days: float = GRACE_DAYS
    alone: bool = False  # nobody else uses the cache, though it lies outside the repository


USUAL = Rules()


@dataclass(frozen=True, slots=True)
class Waste:
    """What may go from one place, and what stays; `young` are those of the kept ones that only their age keeps."""

    place: str
    unneeded: tuple[Copy, ...]
    kept: int
    young: int = 0

    @property
    def size_bytes(self) -> int:
        """Bytes that would be free."""
        return sum(copy.size_bytes for copy in self.unneeded)

    @property
    def share(self) -> float:
        """Part of the objects that would go, 0 to 1."""
        total = len(self.unneeded) + self.kept
        return len(self.unneeded) / total if total else 0.0


def plan(repository: Repository, *, remote: bool = False, rules: Rules = USUAL, now_s: float | None = None) -> Waste:
    """Return what may go from the cache, or from the remote. Nothing is changed.

    Args:
        repository: where.
        remote: look at the remote instead of the cache.
        rules: when to refuse.
        now_s: the moment, seconds of the epoch; this one by default.

    Raises:
        CapturesetError: something cannot be listed, read or known, work is half done, or too much would go.
    """
    store = ObjectStore(repository.root)
    place = _place(repository, store, remote=remote, rules=rules)
    names = _names(repository, store, remote=remote)
    objects = place.listing().objects
    idle = [copy for oid, copy in objects.items() if oid not in names]
    since_s = (time.time() if now_s is None else now_s) - rules.grace_days * DAY_S
    old = [copy for copy in idle if copy.changed_s is not None and copy.changed_s <= since_s]
    young = {copy.oid for copy in idle} - {copy.oid for copy in old}
    listed = set(_listed(place, young))
    unneeded = tuple(copy for copy in old if copy.oid not in listed)
    waste = Waste(place.name, unneeded, len(objects) - len(unneeded), len(idle) - len(unneeded))
    _require_little(waste, rules.most_share)
    return waste


def _place(repository: Repository, store: ObjectStore, *, remote: bool, rules: Rules) -> Place:
    if remote:
        return remote_of(store)
    if not (rules.alone or store.cache.resolve().is_relative_to(repository.root.resolve())):
        raise CapturesetError(
            f"the cache {store.cache} lies outside this repository, so others may use it, and nobody knows what they "
            "need; if nobody does, say --alone."
        )
    return Cache(store.cache)


def _names(repository: Repository, store: ObjectStore, *, remote: bool) -> frozenset[str]:
    """Return the addresses of everything that is needed, when it is sure that nothing else is."""
    try:
        clone.require_whole(repository)
        clone.require_quiet(repository)
        if remote:
            clone.require_origins_known(repository)
        names = needed(repository, store, unnamed=True)
    except CommandFailedError as error:
        raise CapturesetError(f"Git cannot say what it needs; mend that first, `git fsck` may help ({error})") from None
    if names.unreadable:
        oid, why = next(iter(names.unreadable.items()))
        use = names.uses[oid][0]
        raise CapturesetError(
            f"{len(names.unreadable)} manifests cannot be read, so nobody knows what they need, and nothing was "
            f"removed; the first is {use.path} ({use.root.refs[0]}): {why}"
        )
    return frozenset(names.uses)


def _listed(place: Place, oids: Iterable[str]) -> Iterator[str]:
    """Give what manifests list that are kept for their age: somebody is about to name them."""
    for oid in sorted(oids):
        if oid.endswith(".dir"):
            try:
                yield from _entries(oid, place.read(oid))
            except (OSError, ValueError, TypeError, KeyError):
                raise CapturesetError(
                    f"the manifest {oid} in the {place.name} is damaged, so nobody knows what it needs; "
                    "`captureset fsck --remote --repair` may mend it."
                ) from None


def _entries(oid: str, data: bytes) -> list[str]:
    """Return what a manifest lists; ValueError when it is not what its name says."""
    if md5_of(data) != oid.removesuffix(".dir"):
        raise ValueError(oid)
    return [entry["md5"] for entry in json.loads(data)]


def _require_little(waste: Waste, most_share: float) -> None:
    if waste.share > most_share:
        count = len(waste.unneeded)
        raise CapturesetError(
            f"{count} of {count + waste.kept} objects in the {waste.place} ({waste.share:.0%}) would go, more than "
            f"{most_share:.0%}, so nothing was removed; if that is meant, say --most {waste.share + 0.005:.2f}."
        )


def carry_out(repository: Repository, waste: Waste) -> int:
    """Remove what a plan names and is still unneeded, and return how many objects went.

    Raises:
        CapturesetError: what a plan refuses has happened since, a command of captureset or DVC is at work, or the
            place stopped answering; what is gone by then was unneeded.
    """
    with alone(repository), clone.without_dvc(repository):
        store, remote = ObjectStore(repository.root), waste.place == "remote"
        place = _place(repository, store, remote=remote, rules=Rules(alone=True))
        still = _names(repository, store, remote=remote)
        gone = [copy.oid for copy in waste.unneeded if copy.oid not in still]
        _remove(place, gone)
    return len(gone)


def _remove(place: Place, oids: Sequence[str]) -> None:
    """Remove objects, manifests first: DVC takes a manifest on the remote as a sign that its files are there."""
    for done, oid in enumerate(sorted(oids, key=lambda oid: (not oid.endswith(".dir"), oid))):
        try:
            place.remove(oid)
        except Exception as error:  # noqa: BLE001 - every storage client has exceptions of its own
            raise CapturesetError(
                f"{done} of {len(oids)} objects were removed, then the {place.name} said: {error}; "
                "mend that and run gc again."
            ) from None
