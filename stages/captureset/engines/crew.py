"""Child processes that measure shards, one for each thread; a photo that kills its child costs that photo."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from captureset.engines.process import Child, ChildDiedError
from captureset.engines.settings import WorkerSettings
from captureset.engines.versions import require_same
from captureset.errors import CapturesetError
from captureset.pixels.measures import Job, Measured, failed

TRIES = 2  # a child may also die of what came before, or of the machine


@dataclass(frozen=True, slots=True)
class Shard:
    """Photos that are measured by one child in a row."""

    jobs: tuple[Job, ...]
    settings: WorkerSettings
    versions: str  # of all that can change a number, where the shard was made


class Crew:
    """The children of this process."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._all: list[Child] = []
        self._lock = threading.Lock()
        self._dismissed = False

    def measure(self, shard: Shard) -> list[Measured]:
        """Return the rows of every job; of one that kills its child twice, no numbers and the reason.

        Raises:
            MissingObjectError: bytes cannot be read.
            CapturesetError: this machine would measure otherwise than the one that asks, or no child can start.
        """
        require_same(shard.versions)
        return self._measure(shard.jobs, shard.settings)

    def _measure(self, jobs: Sequence[Job], settings: WorkerSettings) -> list[Measured]:
        done: list[Measured] = []
        deaths = 0
        while len(done) < len(jobs):
            before = len(done)
            with self._child(settings) as child:
                try:
                    for measured in child.measure(jobs[before:]):
                        done.append(measured)  # noqa: PERF402 - what came before a death is kept
                except ChildDiedError as death:
                    child.end()
                    deaths = 1 if len(done) > before else deaths + 1
                    if deaths == TRIES:
                        done.append(failed(jobs[len(done)], str(death)))
                        deaths = 0
        return done

    @contextlib.contextmanager
    def _child(self, settings: WorkerSettings) -> Iterator[Child]:
        """Give this thread's child; whatever goes wrong with it, the next one is new."""
        child: Child | None = getattr(self._own, "child", None)
        if child is None or child.ended or child.settings != settings:
            child = self._own.child = self._started(settings)
        with child.busy:
            try:
                yield child
            except BaseException:
                child.end()
                raise

    def _started(self, settings: WorkerSettings) -> Child:
        with self._lock:
            if self._dismissed:
                raise CapturesetError("measuring was stopped; run the same command again to go on.")
            self._all = [child for child in self._all if not child.ended]
            self._all.append(Child(settings))
            return self._all[-1]

    def dismiss(self) -> None:
        """End all children; threads under way get no new ones."""
        with self._lock:
            self._dismissed = True
            for child in self._all:
                child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dismiss()


_CREW = Crew()


def measure_shard(shard: Shard) -> list[Measured]:
    """Return the rows of a shard, by children of this process that stay for the next: what a Dask worker runs."""
    return _CREW.measure(shard)
