"""Speed of the main road, in one run, as ratios where it can be: `python benchmarks/main_road.py`.

Machines differ and are shared: quote the ratios, not the seconds. Captures are drawn here, small and all different;
`--photos DIR` measures your own photos instead.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from captureset.capture.commit import commit
from captureset.capture.envelope import pack
from captureset.capture.submit import prepare
from captureset.formats.taxonomy import load_taxonomy
from captureset.pixels import measures
from captureset.quickstart import template
from captureset.store.objects import md5_of
from captureset.store.repository import Repository

CODES = ("FURN_SOFA", "FURN_BED", "APPL_FRIDGE", "FURN_CHAIR")
WIDTH, HEIGHT = 640, 480


def photo(number: int) -> bytes:
    """Return a JPEG of coloured blocks, 640x480, unlike any other number's."""
    random = np.random.default_rng(number)
    blocks = random.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    sink = io.BytesIO()
    Image.fromarray(blocks).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(sink, "JPEG", quality=88)
    return sink.getvalue()


def fill(repository: Repository, first: int, count: int) -> None:
    """Put drawn captures into the inbox as one batch, one box each."""
    taxonomy = load_taxonomy(repository.categories)
    batch = repository.inbox / f"batch-{first}"
    batch.mkdir(parents=True)

    def one(number: int) -> None:
        x, y = number % 300, number % 200
        frame = {"width_px": WIDTH, "height_px": HEIGHT}
        box = {"category": CODES[number % 4], "xywh_px": [x, y, 200.5, 150.25], "frame": frame}
        sidecar = {
            "schema_version": 1,
            "capture_id": f"bench-{number:07d}",
            "captured_at": f"2024-{1 + number % 12:02d}-{1 + number % 28:02d}T12:00:00Z",
            "source": {"kind": "synthetic", "name": "benchmark"},
            "label": {"reviewed": True, "boxes": [box]},
        }
        envelope = prepare(photo(number), sidecar, None, taxonomy, sidecar["capture_id"])  # type: ignore[arg-type]
        (batch / envelope.file_name).write_bytes(pack(envelope))

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, range(first, first + count)))


@contextlib.contextmanager
def timed(results: dict[str, float], name: str) -> Iterator[None]:
    """Note the seconds a block takes."""
    started = time.perf_counter()
    yield
    results[name] = time.perf_counter() - started
    print(f"  {name:<46}{results[name]:9.2f} s", flush=True)


def dvc_repro(root: Path) -> None:
    """Run `dvc repro` with the repository's own code."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PYTHONPATH": str(root / "stages"), "PATH": path}
    subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--quiet"],
        cwd=root,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def growth(work: Path, sizes: list[int]) -> None:
    """Print commit, full build, no-op and append of 100 at every size."""
    root = work / "repository"
    with template.new_repository(root, template.checkout(), print):
        pass
    repository, have = Repository(root), 0
    for size in sizes:
        print(f"{size} captures")
        seconds: dict[str, float] = {}
        fill(repository, have, size - have)
        with timed(seconds, f"commit of {size - have}"):
            commit(repository)
        with timed(seconds, "dvc repro, what is new"):
            dvc_repro(root)
        with timed(seconds, "dvc repro, nothing new"):
            dvc_repro(root)
        fill(repository, size, 100)
        with timed(seconds, "append of 100: commit"):
            commit(repository)
        with timed(seconds, "append of 100: dvc repro"):
            dvc_repro(root)
        have = size + 100


def measure_against_decoding(photos: list[bytes]) -> None:
    """Print images/s of `measure` against plain decoding of the same photos, same threads, in turn."""
    print(f"measure against decoding, {len(photos)} photos, {os.cpu_count()} threads")

    def full(data: bytes) -> None:
        Image.open(io.BytesIO(data)).convert("L").load()

    def draft(data: bytes) -> None:
        image = Image.open(io.BytesIO(data))
        image.draft("L", (1024, 1024))
        image.load()

    jobs: dict[str, Callable[[bytes], object]] = {
        "plain decoding (full size)": full,
        "plain decoding (DCT-scaled)": draft,
        "measure (md5 verified)": lambda data: (md5_of(data), measures.measure_photo("", data)),
    }
    best = dict.fromkeys(jobs, 0.0)
    for _ in range(3):
        for name, job in jobs.items():
            started = time.perf_counter()
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(job, photos))
            best[name] = max(best[name], len(photos) / (time.perf_counter() - started))
    for name, speed in best.items():
        print(f"  {name:<46}{speed:9.1f} images/s")
    measured = best["measure (md5 verified)"]
    for name in list(best)[:2]:
        print(f"  ratio measure / {name:<30}{measured / best[name]:9.2f}")


def main() -> None:
    """Run every part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, nargs="+", default=[1000, 20000])
    parser.add_argument("--photos", type=Path, help="folder of JPEGs to measure; by default drawn ones")
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="captureset-bench-"))
    try:
        files = sorted(chosen.photos.rglob("*.[jJ][pP]*[gG]")) if chosen.photos else []
        measure_against_decoding([path.read_bytes() for path in files] or [photo(n) for n in range(300)])
        growth(work, sorted(chosen.captures))
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
