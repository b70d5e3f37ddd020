"""Speed and memory of the whole stage `measure`, next to bare decoding and to cleanvision, on the same files.

`python benchmarks/measure_speed.py DIR [--copies N] [--rival-photos N]` makes a repository whose cache holds the photos
below DIR, N times over (each copy has a comment of its own, so another address), and times, in this order and twice:
a loop that reads and `draft`-decodes each file, in as many processes as there are cores; and `python -m
captureset.measure`, from its start to its tables. Then the stage again on a quarter of the files, for its peak memory,
and cleanvision's default run on some of them, with its own number of processes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))

import apart  # noqa: E402 - of the tests
import rows  # noqa: E402
from captureset.engines.local import cores  # noqa: E402
from captureset.formats import tables  # noqa: E402
from captureset.records.rows import AnnotationRow, CaptureRow  # noqa: E402
from captureset.store.objects import ObjectStore  # noqa: E402

SUFFIXES = {".jpg", ".jpeg"}
LONG_SIDE_PX = 1024
RECIPE = ("params.yaml", "schemas", "stages", ".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore")


def commented(data: bytes, text: str) -> bytes:
    """Return a JPEG with a comment: the same pixels under another address."""
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text.encode() + data[2:]


def fill(root: Path, photos: Sequence[Path], copies: int) -> list[Path]:
    """Make a repository with the photos in its cache and in its catalog, and return the paths of the cached files."""
    for name in RECIPE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    store = ObjectStore(root)
    addresses = [
        store.add(commented(photo.read_bytes(), f"copy {number}"), flush=False)
        for number in range(copies)
        for photo in photos
    ]
    list_captures(root, addresses)
    return [store.cache_path(address) for address in addresses]


def list_captures(root: Path, addresses: Sequence[str]) -> None:
    """Write a catalog of these photos, each with a box."""
    (root / "data/catalog").mkdir(parents=True, exist_ok=True)
    captures = [rows.capture(f"c{number}", image_md5=md5) for number, md5 in enumerate(addresses)]
    tables.write(root / "data/catalog/captures.parquet", CaptureRow, captures)
    boxes = [rows.annotation(capture.capture_id) for capture in captures]
    tables.write(root / "data/catalog/annotations.parquet", AnnotationRow, boxes)


def decode(path: str) -> None:
    """Read and decode a file as `measure` must at least."""
    with Image.open(path) as image:
        image.draft("L", (LONG_SIDE_PX, LONG_SIDE_PX))
        image.load()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took."""

    seconds: float
    processor_s: float  # of all processes: less disturbed by whatever else the machine does
    memory_mb: float = 0.0


def bare(paths: Sequence[Path]) -> Cost:
    """Return what bare decoding takes, processes started before."""
    before = children_s()
    with ProcessPoolExecutor(cores()) as pool:
        list(pool.map(abs, range(100)))
        started = time.perf_counter()
        list(pool.map(decode, map(str, paths), chunksize=20))
        seconds = time.perf_counter() - started
    return Cost(seconds, children_s() - before)


def children_s() -> float:
    """Return the processor time of all processes started here that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stage(root: Path) -> Cost:
    """Run the stage from nothing; memory is the most it and its children had."""
    before = children_s()
    shutil.rmtree(root / "data/measure", ignore_errors=True)
    environment = {**os.environ, "PYTHONPATH": str(root / "stages")}
    started, most = time.perf_counter(), 0
    process = psutil.Popen([sys.executable, "-m", "captureset.measure"], cwd=root, env=environment)
    while process.poll() is None:
        most = max(most, memory_of(process))
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit("the stage failed")
    return Cost(time.perf_counter() - started, children_s() - before, most / 2**20)


def memory_of(process: psutil.Process) -> int:
    """Return the memory of a process and its children, bytes; what ends meanwhile has none."""
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


def cleanvision(paths: Sequence[Path], folder: Path) -> float:
    """Return the seconds of cleanvision's default run, its start not counted."""
    python = apart.python(HERE / "rivals" / "requirements.txt")
    links = [folder / f"{number}.jpg" for number in range(len(paths))]
    for link, path in zip(links, paths, strict=True):
        link.symlink_to(path)
    (folder / "list.txt").write_text("\n".join(map(str, links)), encoding="utf-8")
    command = [str(python), str(HERE / "rivals/cleanvision_scores.py"), str(folder / "list.txt")]
    out = folder / "out.json"
    subprocess.run([*command, str(out)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return float(json.loads(out.read_text(encoding="utf-8"))["seconds"])


def main() -> None:
    """Time everything, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--copies", type=int, default=4, help="of every photo; 4 or more")
    parser.add_argument("--rival-photos", type=int, default=10**9, help="how many of the photos cleanvision gets")
    options = parser.parse_args()
    photos = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    with tempfile.TemporaryDirectory() as name:
        root, links = Path(name) / "repository", Path(name) / "links"
        links.mkdir()
        paths = fill(root, photos, options.copies)
        plain = min((bare(paths) for _ in range(2)), key=lambda cost: cost.seconds)
        whole = min((stage(root) for _ in range(2)), key=lambda cost: cost.seconds)
        quarter = paths[: len(paths) // 4]
        list_captures(root, [path.parent.name + path.name for path in quarter])
        part = stage(root)
        some = paths[: len(photos)][: options.rival_photos]
        rival_s = cleanvision(some, links)
    print(f"{len(paths)} files, {cores()} cores")
    print("\n".join(report(plain, whole, part, len(paths), len(quarter))))
    rival, ours = len(some) / rival_s, len(paths) / whole.seconds
    print(
        f"cleanvision           {rival:8.1f}          on {len(some)} of them; measure is {ours / rival:.0f} x as fast"
    )


def report(plain: Cost, whole: Cost, part: Cost, many: int, few: int) -> Iterator[str]:
    """Give the lines of the table."""
    steady_s = whole.seconds - part.seconds
    table = (
        ("bare draft decoding", many, plain),
        ("measure, whole stage", many, whole),
        ("  a quarter of them", few, part),
        ("  without its start", many - few, Cost(steady_s, whole.processor_s - part.processor_s)),
    )
    yield f"{'':20}{'images/s':>10}{'of bare':>9}{'ms of processor':>17}{'of bare':>9}{'peak MB':>9}"
    for title, count, cost in table:
        speed, work = plain.seconds / many / cost.seconds * count, plain.processor_s / many / cost.processor_s * count
        cells = f"{count / cost.seconds:10.1f}{speed:9.0%}{1000 * cost.processor_s / count:17.2f}{work:9.0%}"
        yield f"{title:20}{cells}{cost.memory_mb:9.0f}"


if __name__ == "__main__":
    main()
