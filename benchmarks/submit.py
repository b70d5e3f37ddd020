"""Throughput of `submit` next to the bare minimum for the same bytes, in one run: `python benchmarks/submit.py`.

The minimum is: write a temporary file, fsync it, rename it, fsync the folder. Both write the very same bytes into
folders of one disk, in turn, so that the machine's moods meet both. Quote the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from captureset.capture.submit import submit
from captureset.store.repository import Repository

TAXONOMY = Path(__file__).resolve().parents[1] / "data" / "categories.yaml"
SIZES_BYTES = (100_000, 2_000_000)
BYTES_PER_PIXEL = 1.53  # of noise as JPEG at quality 95


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds the two took over one capture."""

    submit_s: float
    bare_s: float


def photo(size_bytes: int, seed: int) -> bytes:
    """Return a JPEG of noise of about this size."""
    side = round((size_bytes / BYTES_PER_PIXEL) ** 0.5)
    sink = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(noise).save(sink, "JPEG", quality=95)
    return sink.getvalue()


def sidecar(number: int) -> dict[str, Any]:
    """Return what an app says of a capture: a model's answer with a box."""
    box = {"category": "FURN_SOFA", "xywh_px": [10, 10, 100, 80], "frame": {"width_px": 200, "height_px": 200}}
    return {
        "schema_version": 1,
        "capture_id": f"bench-{number:07d}",
        "captured_at": "2024-01-15T12:20:00+09:00",
        "source": {"kind": "app", "name": "ecoguide"},
        "model": {"name": "m", "version": "1", "category": "FURN_SOFA", "confidence": 0.9, "boxes": [box]},
    }


def bare(path: Path, data: bytes) -> None:
    """Write a file the shortest way that is safe for one writer."""
    partial = path.with_name(f".{path.name}")
    with partial.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    partial.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def seconds(job: Callable[[], object]) -> float:
    """Return how long a job takes."""
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun


def turn(repository: Repository, data: bytes, number: int) -> Turn:
    """Submit a capture and write the bytes that makes, in an order that alternates."""
    document, minimum = sidecar(number), repository.root / "bare"
    if number % 2:
        receipt_s = seconds(lambda: submit(repository, data, document))
        written = (repository.inbox / f"{document['capture_id']}.capture").read_bytes()
        return Turn(receipt_s, seconds(lambda: bare(minimum / str(number), written)))
    other = submit(repository, data, {**document, "capture_id": f"other-{number:07d}"}).path.read_bytes()
    bare_s = seconds(lambda: bare(minimum / str(number), other))
    return Turn(seconds(lambda: submit(repository, data, document)), bare_s)


def measured(work: Path, size_bytes: int, captures: int) -> list[Turn]:
    """Return the times of every capture; the first few, which load schema and taxonomy, do not count."""
    root = work / str(size_bytes)
    (root / "bare").mkdir(parents=True)
    (root / "data").mkdir()
    shutil.copy(TAXONOMY, root / "data" / "categories.yaml")
    data = photo(size_bytes, size_bytes)
    return [turn(Repository(root), data, number) for number in range(captures + 5)][5:]


def main() -> None:
    """Print the throughput of both and their ratio for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=400)
    parser.add_argument("--on", type=Path, help="folder of the disk to measure; by default the one for temporary files")
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="captureset-bench-", dir=chosen.on))
    try:
        for size_bytes in SIZES_BYTES:
            turns = measured(work, size_bytes, chosen.captures)
            submit_s, bare_s = sum(one.submit_s for one in turns), sum(one.bare_s for one in turns)
            middle = statistics.median(one.submit_s for one in turns)
            print(
                f"{size_bytes // 1000} KB: submit {len(turns) / submit_s:.0f}/s (median {middle * 1e3:.2f} ms), "
                f"bare {len(turns) / bare_s:.0f}/s, ratio {bare_s / submit_s:.2f}, "
                f"of medians {statistics.median(one.bare_s for one in turns) / middle:.2f}"
            )
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
