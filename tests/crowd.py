"""Many writers at once, some killed, while `commit` runs; `python tests/crowd.py ROOT NUMBER SIZE COUNT` is one.

Of every twenty captures four are delivered again, by the writer itself or its neighbour, and one once more with
another photo. Each acknowledgement is a line in the writer's own oracle file, on disk before the next delivery.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import syscalls
from captureset.capture.submit import submit
from captureset.errors import RefusedError
from captureset.store.repository import Repository
from deliveries import sidecar
from photos import jpeg

TWICE, CONTRADICTED = (3, 7, 11, 15), (19,)
OTHER = 500_000  # added to the seed of the photo that contradicts


def identity(writer: int, number: int) -> str:
    """Return the id of a writer's capture."""
    return f"w{writer}-{number}"


def photo(writer: int, number: int, *, other: bool = False) -> bytes:
    """Return its photo, or the one that contradicts it."""
    return jpeg(32, 24, writer * 1000 + number + (OTHER if other else 0))


def contradicted(count: int) -> list[int]:
    """Return the numbers of the captures that are delivered with another photo too."""
    return [number for number in range(count) if number % 20 in CONTRADICTED]


def deliveries(writer: int, size: int, count: int) -> Iterator[tuple[int, int, bool]]:
    """Give what a writer delivers, in order: whose capture, which, and whether it is the other photo."""
    neighbour = (writer + 1) % size
    for number in range(count):
        yield writer, number, False
        if number % 20 in TWICE:
            yield (writer if number % 2 else neighbour), number, False
        if number % 20 in CONTRADICTED:
            yield writer, number, True


def write(root: Path, writer: int, size: int, count: int) -> None:
    """Deliver everything that is not acknowledged yet, the last of what is as well."""
    oracle = root.parent / f"oracle-{writer}"
    done = oracle.read_bytes().count(b"\n") if oracle.exists() else 0
    descriptor = os.open(oracle, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for place, (owner, number, other) in enumerate(deliveries(writer, size, count)):
        if place >= done - 1:
            _deliver(Repository(root), owner, number, other=other)
        if place >= done:
            os.write(descriptor, f"{identity(owner, number)} {other}\n".encode())
            os.fsync(descriptor)


def _deliver(repository: Repository, owner: int, number: int, *, other: bool) -> None:
    try:
        submit(repository, photo(owner, number, other=other), sidecar(identity(owner, number)))
    except RefusedError as error:
        if not (other and error.reason == "conflict"):
            raise


@dataclass
class Crowd:
    """Writers and a committer on one repository, run to the end."""

    root: Path
    size: int
    count: int
    kills: int = 0

    def run(self) -> int:
        """Return how many kills hit somebody; every writer is started again until it has delivered everything."""
        choose, hits = random.Random(self.size), 0
        writers = {writer: self._start(writer) for writer in range(self.size)}
        committer = self._commit()
        while writers:
            time.sleep(choose.uniform(0.05, 0.3) if hits < self.kills else 0.1)
            if hits < self.kills:
                victim = choose.choice([*writers.values(), committer])
                hits += victim.poll() is None
                victim.kill()
            for writer, process in list(writers.items()):
                if process.poll() == 0:
                    del writers[writer]
                elif process.poll() is not None:
                    assert process.returncode == -9, process.returncode
                    writers[writer] = self._start(writer)
            committer = committer if committer.poll() is None else self._commit()
        committer.wait()
        return hits

    def _start(self, writer: int) -> subprocess.Popen[bytes]:
        return self._python(__file__, str(self.root), str(writer), str(self.size), str(self.count))

    def _commit(self) -> subprocess.Popen[bytes]:
        return self._python("-m", "captureset", "commit", "--repo", str(self.root), "--json")

    def _python(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *words], env=syscalls.environment(), stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:]))
