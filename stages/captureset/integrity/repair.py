"""What is damaged in one place comes back from the other; bytes that give way are kept aside, nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.capture.lock import alone
from captureset.errors import CapturesetError
from captureset.integrity.copies import Cache, Place, remote_of
from captureset.integrity.fsck import HARMLESS, Finding, is_erased
from captureset.store import erasures
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository

ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Step:
    """What would mend one finding; `action` is copy, protect, set_aside or none, `why` says it in words."""

    finding: Finding
    action: str
    why: str


class _Places:
    """Cache and remote of one repository."""

    def __init__(self, repository: Repository, at: str | None) -> None:
        store = ObjectStore(repository.root, at)
        self.cache = Cache(store.cache)
        self.remote = None if store.remote is None else remote_of(store)

    def own(self, finding: Finding) -> Place:
        """Return the place a finding is about."""
        return self.cache if finding.place == "cache" or self.remote is None else self.remote

    def other(self, finding: Finding) -> Place | None:
        """Return the other one."""
        return self.remote if finding.place == "cache" else self.cache


def plan(
    repository: Repository, findings: Iterable[Finding], *, absent: bool = False, at: str | None = None
) -> list[Step]:
    """Return a step for every finding; the other copy is read and must be sound. Nothing is changed.

    Args:
        repository: where.
        findings: of `fsck`.
        absent: bring what a cache lacks too; a clone need not have everything.
        at: the remote they are about, as `fsck` was told.
    """
    places = _Places(repository, at)
    erased = erasures.anywhere(repository.root) | erasures.ids(repository)
    return [_step(finding, places, erased, absent=absent) for finding in findings]


def _step(finding: Finding, places: _Places, erased: Container[str], *, absent: bool) -> Step:
    if is_erased(finding, erased):
        return Step(finding, "none", "left: its capture was erased, nothing of it is brought back")
    if finding.fault == "stray":
        local = finding.place == "cache"
        return Step(finding, "set_aside" if local else "none", "moved aside" if local else "left: nothing reads it")
    if finding.fault == "writable":
        sound = _sound(places.cache, finding.oid)
        return Step(finding, "protect" if sound else "none", "made read-only" if sound else "damaged too, see there")
    if finding.fault in HARMLESS and not absent:
        return Step(finding, "none", "left: it comes when it is read; --absent brings it now")
    other = places.other(finding)
    if other is not None and _sound(other, finding.oid):
        return Step(finding, "copy", f"copied from the {other.name}")
    return Step(finding, "none", "no other sound copy; restore it from a backup")


def _sound(place: Place, oid: str) -> bool:
    try:
        return place.md5(oid) == oid.removesuffix(".dir")
    except Exception:  # noqa: BLE001 - every storage client has exceptions of its own for what is not there
        return False


def carry_out(
    repository: Repository,
    steps: Sequence[Step],
    progress: Callable[[int], None] = lambda _: None,
    *,
    at: str | None = None,
) -> int:
    """Carry the steps out and return how many changed something; killed anywhere, `fsck` sees what is left.

    Raises:
        CapturesetError: `captureset commit` is running, or another copy changed meanwhile.
    """
    todo = [step for step in steps if step.action != "none"]
    todo.sort(key=lambda step: step.finding.oid.endswith(".dir"))  # DVC takes a manifest as a sign of its files
    with alone(repository):
        places, aside = _Places(repository, at), repository.scratch / ASIDE
        for done, step in enumerate(todo, 1):
            _carry_out(step, places, aside)
            progress(done)
    return len(todo)


def _carry_out(step: Step, places: _Places, aside: Path) -> None:
    oid, source = step.finding.oid, places.other(step.finding)
    if step.action == "protect":
        places.cache.protect(oid)
    elif step.action == "set_aside":
        places.cache.set_aside(oid, aside)
    elif source is not None:
        data = source.read(oid)
        if md5_of(data) != oid.removesuffix(".dir"):
            raise CapturesetError(f"object {oid} changed in the {source.name} meanwhile; run `captureset fsck` again.")
        places.own(step.finding).put(oid, data, aside)
