"""What DVC's own commands say of damaged objects, beside `captureset fsck`: `python benchmarks/fsck_and_dvc.py`.

For every kind of damage, in the cache and on the remote, some objects of a fresh repository are damaged in that way and
each command runs as a process of its own. It notices what makes it end or print otherwise than in a sound repository;
it hands out what then stands, wrong, where the command puts bytes. Prints the table of docs/integrity.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import dvc_beside as beside
import pipeline
import released
from captureset.store.repository import Repository


def versions(work: Path, captures: int) -> Path:
    """Return a repository with two versions of so many captures each, all pushed."""
    repository = pipeline.begin(work / "versions")
    (repository.root / "dvc.yaml").unlink()
    return released.two_versions(Repository(repository.root), captures).root


def table(source: Path, work: Path, place: str, count: int) -> None:
    """Print a Markdown table of one place: a row a command, a column a kind of damage."""
    kinds = tuple(beside.KINDS[place])
    print(f"\n| {place}, {count} objects each | {' | '.join(kind.replace('_', ', ') for kind in kinds)} |")
    print(f"|---|{'---|' * len(kinds)}")
    for name, command in beside.COMMANDS[place].items():
        sound = command(beside.world(source, work))[0]
        cells = []
        for kind in kinds:
            here = beside.world(source, work)
            victims = beside.chosen(here, count)
            beside.damage(here, place, kind, victims)
            bad = [] if kind in {"mode", "extra"} else victims
            cells.append(beside.verdict(here, place, bad, sound, command(here)))
        print(f"| `{name}` | {' | '.join(cells)} |", flush=True)
    found = []
    for kind in kinds:
        here = beside.world(source, work)
        beside.damage(here, place, kind, beside.chosen(here, count))
        found.append(f"names {beside.found_by_fsck(here, place)}")
    print(f"| `captureset fsck --remote` | {' | '.join(found)} |", flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=30, help="captures in each of two months")
    parser.add_argument("--damages", type=int, default=15, help="of each kind: more than 100 a place in all")
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="captureset-bench-"))
    try:
        os.environ.update(pipeline.NOBODY)
        source = versions(work, chosen.captures)
        for place in ("cache", "remote"):
            table(source, work, place, chosen.damages)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
