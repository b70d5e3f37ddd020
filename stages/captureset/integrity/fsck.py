"""Is everything that Git names still there, and is each object what its name says?

DVC trusts a read-only object in its cache unhashed, and a pushed manifest to imply its files. Here bytes are read,
and what is damaged is named with the captures and releases it is part of. Nothing is changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from captureset.integrity.copies import Cache, Copy, Listing, Place, remote_of
from captureset.integrity.needed import Needed, Use, needed, tags
from captureset.integrity.rounds import Notes, Position, batches, part
from captureset.store import erasures
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

Progress = Callable[[int], None]

FAULTS = {
    "damaged": "its bytes are not what its name says",
    "lost": "Git names it and no place that was looked at has it",
    "not_on_remote": "the cache has it, the remote lacks it",
    "absent": "the remote has it, the cache lacks it; a clone need not have everything",
    "not_asked": "the cache lacks it, the remote was not asked: `fsck --remote` asks",
    "writable": "it can be changed in place; DVC makes objects read-only and trusts them for it",
    "stray": "no object has such a name",
    "erased": "its capture was erased, so that it is gone somewhere is as it should be",
}
HARMLESS = {"absent", "erased", "not_asked"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one object in one place."""

    place: str  # cache, remote
    oid: str  # or the name of a stray file
    fault: str
    paths: tuple[str, ...]  # what it is part of; empty: nothing that Git names
    captures: tuple[str, ...]
    releases: tuple[str, ...]  # tags
    refs: tuple[str, ...]  # branches and the rest


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings, and how much was looked at; `read` counts objects whose bytes or ETag were compared."""

    findings: tuple[Finding, ...]
    needed: int
    listed: dict[str, int]
    read: dict[str, int]
    complete: bool  # every object of every place was compared, in this run and earlier ones of its round

    @property
    def sound(self) -> bool:
        """Say whether nothing is wrong."""
        return all(finding.fault in HARMLESS for finding in self.findings)


def fsck(
    repository: Repository,
    *,
    remote: bool = False,
    at: str | None = None,
    share: float = 1.0,
    progress: Progress = lambda _: None,
) -> Checked:
    """Look at every object that Git names, and at everything in the cache, and in the remote if asked.

    Args:
        repository: the one to look at.
        remote: list the remote too; bytes are read there only where the store's own md5 (ETag) is missing.
        at: the name of a remote that is looked at instead of the default one, such as a backup.
        share: of the bytes to read now, above 0 to 1; the next run goes on there. Listings are always whole.
        progress: told how many objects have been compared.

    Raises:
        CapturesetError: a place cannot be listed, or Git names something that cannot be read.
    """
    store = ObjectStore(repository.root, at)
    look = _Look(needed(repository, store), tags(repository))
    places: list[Place] = [Cache(store.cache), *([remote_of(store)] if remote or at else [])]
    listings = {place.name: place.listing() for place in places}
    findings, read, complete = list(_absences(look, listings, alone=store.remote is None)), dict[str, int](), True
    for place in places:
        listing = listings[place.name]
        notes = Notes(repository.scratch / f"fsck-{_whose(place, at)}.json")
        compared = _compare(place, listing, notes, share, _further(progress, sum(read.values())))
        known = {oid for oid in look.names.unreadable if oid in listing.objects}  # a sample may pass over it
        damaged = {*compared.damaged, *(oid for oid in known if _is_damaged(place, listing.objects[oid]))}
        findings += look.all(place.name, "stray", listing.strays)
        findings += look.all(place.name, "writable", (copy.oid for copy in listing.objects.values() if copy.writable))
        findings += look.all(place.name, "damaged", damaged)
        read[place.name], complete = compared.read, complete and compared.over
    listed = {name: len(listing.objects) for name, listing in listings.items()}
    erased = erasures.anywhere(repository.root) | erasures.ids(repository)
    findings = [replace(found, fault="erased") if is_erased(found, erased) else found for found in findings]
    ordered = sorted(findings, key=lambda found: (found.place, found.fault, found.oid))
    return Checked(tuple(ordered), len(look.names.uses), listed, read, complete)


def is_erased(finding: Finding, erased: Container[str]) -> bool:
    """Say whether an object is gone from a place because a person's capture was erased."""
    gone = finding.fault in {"lost", "not_on_remote", "absent", "not_asked", "erased"}
    return gone and bool(finding.captures) and all(name in erased for name in finding.captures)


def _whose(place: Place, at: str | None) -> str:
    """Return under which name a place's round is noted: each remote has its own."""
    return f"remote-{at}" if at and place.name == "remote" else place.name


class _Look:
    """Turns an address into what it is part of."""

    def __init__(self, names: Needed, releases: Iterable[str]) -> None:
        self.names, self.tags = names, frozenset(releases)

    def all(self, place: str, fault: str, oids: Iterable[str]) -> list[Finding]:
        return [self.finding(place, oid, fault) for oid in oids]

    def finding(self, place: str, oid: str, fault: str) -> Finding:
        uses = self.names.uses.get(oid, [])
        refs = {ref for use in uses for ref in use.root.refs}
        return Finding(
            place,
            oid,
            fault,
            tuple(sorted({use.path for use in uses})),
            tuple(sorted(self._captures(oid, uses))),
            tuple(sorted(refs & self.tags)),
            tuple(sorted(refs - self.tags)),
        )

    def _captures(self, oid: str, uses: Iterable[Use]) -> set[str]:
        """Return the captures an object belongs to; a month's manifest belongs to all of the month that are known."""
        own = {use.capture_id for use in uses if use.capture_id}
        months = {use.root.oid for use in uses if use.below is None and use.root.path.startswith("data/images/")}
        if not months:
            return own
        return own | {u.capture_id for us in self.names.uses.values() for u in us if u.root.oid == oid and u.capture_id}


def _absences(look: _Look, listings: dict[str, Listing], *, alone: bool) -> Iterator[Finding]:
    cache, remote = listings["cache"].objects, listings.get("remote")
    for oid in sorted(look.names.uses):
        here = oid in cache
        if remote is None:
            if not here:
                yield look.finding("cache", oid, "lost" if alone or oid in look.names.unreadable else "not_asked")
        elif not here or oid not in remote.objects:
            there = oid in remote.objects
            yield look.finding("remote" if here else "cache", oid, _absence(here=here, there=there))


def _absence(*, here: bool, there: bool) -> str:
    if here:
        return "not_on_remote"
    return "absent" if there else "lost"


def _further(progress: Progress, before: int) -> Progress:
    return lambda count: progress(before + count)


@dataclass(frozen=True, slots=True)
class _Compared:
    """The damaged addresses of a place, how many objects were compared, and whether the round is over."""

    damaged: tuple[str, ...]
    read: int
    over: bool


def _compare(place: Place, listing: Listing, notes: Notes, share: float, progress: Progress) -> _Compared:
    oids, position = list(listing.objects), notes.load()
    now, done = part(oids, position, share), 0
    damaged: list[str] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for some in batches(now):
            verdicts = pool.map(lambda oid: _is_damaged(place, listing.objects[oid]), some)
            damaged += [oid for oid, bad in zip(some, verdicts, strict=True) if bad]
            position = Position(max(position.after, some[-1]), tuple(sorted({*position.suspects, *damaged})))
            notes.save(position)
            done += len(some)
            progress(done)
    over = not oids or position.after >= oids[-1]
    if over:
        notes.clear()
    else:
        notes.save(Position(position.after, tuple(sorted(damaged))))  # a suspect that is sound again is none
    return _Compared(tuple(damaged), len(now), over)


def _is_damaged(place: Place, copy: Copy) -> bool:
    """Compare; where the listed ETag is another, as of a store that encrypts, the bytes decide."""
    wanted = copy.oid.removesuffix(".dir")
    try:
        return copy.listed_md5 != wanted and place.md5(copy.oid) != wanted
    except OSError:  # in a folder
        return True  # bytes nobody can read are no sound copy


def summary(checked: Checked) -> Sequence[str]:
    """Return what was found, a line a fault."""
    counts: dict[tuple[str, str], int] = {}
    for finding in checked.findings:
        counts[finding.place, finding.fault] = counts.get((finding.place, finding.fault), 0) + 1
    return [f"{count} {fault} in the {place}: {FAULTS[fault]}" for (place, fault), count in sorted(counts.items())]
