"""Seconds of release, diff, fsck and gc, step by step, beside what the machine needs for the bare work.

`python benchmarks/releases.py [--captures N]` draws N small captures, all different, brings nine tenths in, builds and
releases them, brings the rest in with corrections of one in a hundred, builds and releases again. Every part of it is
the real one, DVC and its local remote among them. Machines differ and are shared: quote ratios, and the load.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import main_road
import pyarrow.parquet as pq

from captureset.capture.commit import commit
from captureset.capture.submit import submit_feedback
from captureset.comparison.difference import difference
from captureset.comparison.snapshot import WORKSPACE, snapshot
from captureset.inspection import checking, quality_reports
from captureset.integrity.needed import needed
from captureset.quickstart import template
from captureset.release import release as releasing
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

NAME = "bench"
TABLES = ("catalog/captures", "catalog/annotations", "catalog/feedback", "quality/quality", "split/split")
WATCHED = (
    (releasing, "require_ready", "preflight: tree, check, gate"),
    (releasing, "difference", "what changed, and the number it asks for"),
    (releasing, "snapshot", "what changed, and the number it asks for"),
    (releasing, "_freeze", "ledger of splits"),
    (checking, "record_release", "ledger of checks"),
    (quality_reports, "known", "quality reports of every month"),
    (quality_reports, "write", "quality reports of every month"),
    (releasing, "_describe", "manifest, card, Croissant, history"),
    (releasing, "require_everything_there", "the remote asked for every byte"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, and of processors, child processes included: the latter hardly mind a busy machine."""

    clock_s: float
    processor_s: float

    @classmethod
    def now(cls) -> Cost:
        """Return both from some beginning on."""
        return cls(time.perf_counter(), sum(os.times()[:4]))

    def __sub__(self, other: Cost) -> Cost:
        """Return what lies between."""
        return Cost(self.clock_s - other.clock_s, self.processor_s - other.processor_s)

    def __add__(self, other: Cost) -> Cost:
        """Return both together."""
        return Cost(self.clock_s + other.clock_s, self.processor_s + other.processor_s)

    def line(self, name: str) -> str:
        """Return a row of the printed table."""
        return f"  {name:<52}{self.clock_s:9.2f} s {self.processor_s:9.2f} s of processors"


NOTHING = Cost(0.0, 0.0)


class Steps:
    """Cost of every step; what a step inside another takes counts for the inner one alone."""

    def __init__(self) -> None:
        self.costs: dict[str, Cost] = {}
        self._inside = [NOTHING]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the block for a step."""
        started = Cost.now()
        self._inside.append(NOTHING)
        try:
            yield
        finally:
            took = Cost.now() - started
            self.costs[name] = self.costs.get(name, NOTHING) + took - self._inside.pop()
            self._inside[-1] += took

    def watch(self, module: Any, attribute: str, name: Callable[..., str]) -> None:
        """Count every call of a function for the step that its arguments name."""
        real = getattr(module, attribute)

        def counted(*arguments: Any, **named: Any) -> Any:
            with self.step(name(*arguments)):
                return real(*arguments, **named)

        setattr(module, attribute, counted)


def watching() -> Steps:
    """Return the steps of a release, which are counted from now on."""
    steps = Steps()
    for module, attribute, name in WATCHED:
        steps.watch(module, attribute, lambda *_, name=name: name)
    steps.watch(git, "dvc", lambda _, command, *__: f"DVC's own: dvc {command}")
    steps.watch(git, "git", lambda *_: "Git's own")
    return steps


def clocked(name: str, job: Callable[[], object]) -> Cost:
    """Print and return what a job costs."""
    started = Cost.now()
    job()
    cost = Cost.now() - started
    print(cost.line(name), flush=True)
    return cost


def correct(repository: Repository, count: int) -> None:
    """Put corrections of one capture in a hundred into the inbox."""
    for number in range(0, count, 100):
        box = {
            "category": "APPL_TV",
            "xywh_px": [10, 10, 300, 200],
            "frame": {"width_px": main_road.WIDTH, "height_px": main_road.HEIGHT},
        }
        feedback = {
            "schema_version": 1,
            "feedback_id": f"fb-{number}",
            "capture_id": f"bench-{number:07d}",
            "given_at": "2025-01-20T09:05:00Z",
            "verdict": "correct",
            "boxes": [box],
        }
        submit_feedback(repository, f"bench-{number:07d}", feedback)


def build(repository: Repository, message: str) -> None:
    """Commit what waits, run the pipeline, commit that."""
    clocked("captureset commit", lambda: commit(repository))
    clocked("dvc repro", lambda: main_road.dvc_repro(repository.root))
    git.git(repository.root, "add", "--all")
    git.git(repository.root, "commit", "--quiet", "--message", message)


def release(repository: Repository, number: str) -> None:
    """Release and print the seconds of every step, the longest first, with those of DVC and Git apart."""
    print(f"release {number}, load {os.getloadavg()[0]:.1f}")
    steps = watching()
    with steps.step("the rest: lock, journal, tag"):
        releasing.release(repository, NAME, number)
    for name, cost in sorted(steps.costs.items(), key=lambda item: -item[1].clock_s):
        print(cost.line(name))
    whole = sum(steps.costs.values(), NOTHING)
    theirs = sum((cost for name, cost in steps.costs.items() if "'s own" in name), NOTHING)
    print((whole - theirs).line("in all, captureset's"))
    print(theirs.line("in all, DVC's and Git's"), flush=True)


def command(repository: Repository, *words: str) -> Callable[[], object]:
    """Return a command of captureset as a process of its own, as a person starts it."""
    whole = [sys.executable, "-m", "captureset", *words]
    return lambda: subprocess.run(whole, cwd=repository.root, check=True, stdout=subprocess.DEVNULL)


def compare(repository: Repository) -> None:
    """Time diff, fsck and gc, and the bare work beside each."""
    root, first, second = repository.root, f"{NAME}@v0.1.0", f"{NAME}@v0.2.0"
    store = ObjectStore(root)
    print(f"commands, load {os.getloadavg()[0]:.1f}")
    tables = clocked("bare: the five tables of both versions, Arrow alone", lambda: _read_tables(root))
    diff = clocked("captureset diff, two tags", command(repository, "diff", first, second))
    clocked("captureset diff, a tag and the workspace", command(repository, "diff", second, WORKSPACE))
    clocked("  of it: both snapshots", lambda: (snapshot(repository, first), snapshot(repository, second)))
    versions = snapshot(repository, first), snapshot(repository, second)
    clocked("  of it: the difference", lambda: difference(*versions))
    objects = sorted(needed(repository, store).uses)
    hashing = clocked(f"bare: md5 of {len(objects)} objects, {os.cpu_count()} threads", lambda: _hash(store, objects))
    fsck = clocked("captureset fsck", command(repository, "fsck"))
    clocked("captureset fsck --remote", command(repository, "fsck", "--remote"))
    clocked("captureset gc, the plan", command(repository, "gc", "--most", "1"))
    clocked("captureset gc --remote, the plan", command(repository, "gc", "--remote", "--most", "1"))
    clocked("dvc status dvc.yaml", lambda: git.dvc(root, "status", "dvc.yaml"))
    print(f"  processors, ratio: diff / tables {_ratio(diff, tables):.1f}, fsck / md5 {_ratio(fsck, hashing):.1f}")


def _ratio(cost: Cost, bare: Cost) -> float:
    return cost.processor_s / bare.processor_s


def _read_tables(root: Path) -> None:
    for table in TABLES * 2:
        pq.ParquetFile(root / "data" / f"{table}.parquet").read(use_threads=False).to_pylist()


def _hash(store: ObjectStore, objects: list[str]) -> None:
    def one(oid: str) -> str:
        return hashlib.md5(store.cache_path(oid).read_bytes(), usedforsecurity=False).hexdigest()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, objects))


def run(root: Path, captures: int) -> None:
    """Make the two versions and time everything."""
    with template.new_repository(root, template.checkout(), print):
        pass
    repository, first = Repository(root), captures * 9 // 10
    print(f"{captures} captures, {os.cpu_count()} cores")
    main_road.fill(repository, 0, first)
    build(repository, "Build")
    release(repository, "v0.1.0")
    main_road.fill(repository, first, captures - first)
    correct(repository, first)
    build(repository, "Build again")
    release(repository, "v0.2.0")
    compare(repository)


def main() -> None:
    """Work in a folder that is gone afterwards, unless it is to be kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="make the repository here and leave it")
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="captureset-bench-"))
    try:
        run(chosen.keep or work / "repository", chosen.captures)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
