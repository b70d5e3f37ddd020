"""Needed objects that `dvc gc` removes, beside `captureset gc`: `python benchmarks/gc_and_dvc.py`.

Every state of tests/gc_states.py in a fresh repository: a photo and the manifest that lists it, both in cache and
remote, named by that state alone. Prints how many of the two are gone from each afterwards, as in docs/integrity.md.
`captureset gc` runs with `--grace 0`, so that their age keeps nothing, but for the last states, which name nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import fsck_and_dvc

import dvc_beside as beside
import gc_states
import pipeline
from captureset.errors import CapturesetError
from captureset.integrity import gc
from captureset.store.repository import Repository
from released import cache_folder, remote_folder

DVC = ("gc", "--all-branches", "--all-tags", "--force")
COMMIT = ("gc", "--all-commits", "--force")


Collector = Callable[[Repository, gc.Rules], str]


def by_dvc(*words: str) -> Collector:
    """Return what collects with DVC."""

    def collect(repository: Repository, _: gc.Rules) -> str:
        done = [beside.dvc(repository.root, *words, *more).code for more in ((), ("--cloud",))]
        return ", refused" if any(done) else ""

    return collect


def by_captureset(repository: Repository, rules: gc.Rules) -> str:
    """Collect cache and remote; say when that is refused."""
    said = ""
    for remote in (False, True):
        try:
            gc.carry_out(repository, gc.plan(repository, remote=remote, rules=rules))
        except CapturesetError:
            said = ", refused"
    return said


COLLECTORS = {
    "`dvc gc -a -T`": by_dvc(*DVC),
    "`dvc gc -A`": by_dvc(*COMMIT),
    "`captureset gc`": by_captureset,
}


def lost(source: Path, work: Path, name: str, collect: Collector) -> str:
    """Return how many of the two needed objects a collector removes from cache and remote."""
    for left in work.iterdir():
        if left != source:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    repository = beside.world(source, work).repository
    gc_states.begin(repository)
    mine = gc_states.work(repository, "mine")
    {**gc_states.KEPT, **gc_states.OTHERS}[name](repository, mine)
    said = collect(repository, gc.Rules(most_share=1, grace_days=0 if name in gc_states.KEPT else gc.GRACE_DAYS))
    folders = cache_folder(repository), remote_folder(repository)
    gone = [sum(not (folder / oid[:2] / oid[2:]).exists() for oid in mine.oids) for folder in folders]
    return f"{gone[0]} and {gone[1]}{said}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("states", nargs="*", help="of these alone; by default of all")
    chosen = parser.parse_args().states
    work = Path(tempfile.mkdtemp(prefix="captureset-bench-"))
    try:
        os.environ.update(pipeline.NOBODY)
        source = fsck_and_dvc.versions(work, 10)
        print(f"| lost | {' | '.join(COLLECTORS)} |")
        print(f"|---|{'---|' * len(COLLECTORS)}")
        for name in chosen or (*gc_states.KEPT, *gc_states.OTHERS):
            cells = [lost(source, work, name, collect) for collect in COLLECTORS.values()]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
