"""Speed of writing exports, in one run, as ratios: `python benchmarks/exports.py [--captures N]`.

Labels: COCO + YOLO of the same captures against labelformat's COCO -> YOLO conversion, with the floor, the bare writing
of as many files. Photos: placed with md5 verified against a plain `cp`. Growth: labels of five times as many captures.
Every figure is the best of `--rounds`, taken in turn. labelformat runs in the environment of tests/clients.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from dvc.repo import Repo

import apart
import photos
import rows
from captureset.exporting.layouts import LAYOUTS
from captureset.exporting.selecting import Tables
from captureset.exporting.settings import ExportParams
from captureset.exporting.writing import Selection, into, put_files, select, write_export
from captureset.formats.exports.items import ExportItem, Naming
from captureset.formats.taxonomy import load_taxonomy
from captureset.store.objects import ObjectStore

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 640, 480
DISTINCT = 64  # drawn pictures; the bytes of every capture differ all the same
SPLITS = ("train",) * 7 + ("val",) * 2 + ("test",)
LABELFORMAT = """
import sys, time, pathlib
from labelformat.formats import COCOObjectDetectionInput, YOLOv8ObjectDetectionOutput
started = time.perf_counter()
for number, source in enumerate(sys.argv[2:]):
    out = pathlib.Path(sys.argv[1]) / str(number)
    out.mkdir(parents=True)
    YOLOv8ObjectDetectionOutput(out / "data.yaml", "train").save(COCOObjectDetectionInput(pathlib.Path(source)))
print(time.perf_counter() - started)
"""


def tables(count: int, addresses: Sequence[str]) -> Tables:
    """Return so many captures with two boxes each, one of ten without."""
    names = [f"bench-{number:07d}" for number in range(count)]
    captures = [
        rows.confirmed(name, width_px=WIDTH, height_px=HEIGHT, image_md5=addresses[number % len(addresses)])
        if number % 10
        else rows.confirmed(
            name,
            width_px=WIDTH,
            height_px=HEIGHT,
            label_kind="empty",
            category=None,
            image_md5=addresses[number % len(addresses)],
        )
        for number, name in enumerate(names)
    ]
    boxes = [
        rows.annotation(name, "FURN_SOFA", (number % 300 + 0.5, number % 200 + 0.25, 200.5, 150.25 - at), position=at)
        for number, name in enumerate(names)
        if number % 10
        for at in (0, 1)
    ]
    places = [rows.placed(name, SPLITS[number % len(SPLITS)]) for number, name in enumerate(names)]
    return Tables(captures, boxes, [rows.quality(name) for name in names], places)


def labels(folder: Path, items: Sequence[ExportItem], naming: Naming) -> int:
    """Write the text files of COCO and YOLO; return how many there are."""
    count = 0
    for kind in ("coco", "yolo"):
        files = LAYOUTS[kind].files(items, naming)
        put_files(into(folder / kind), files)
        count += len(files)
    return count


def floor(folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
    """Write the same bytes under the same names, and nothing else."""
    for parent in {path.rpartition("/")[0] for path, _ in files}:
        (folder / parent).mkdir(parents=True, exist_ok=True)
    for path, data in files:
        with open(f"{folder}/{path}", "wb") as handle:  # noqa: PTH123 - the bare call is the floor
            handle.write(data)


def by_labelformat(folder: Path, coco: Path) -> float:
    """Return the seconds labelformat takes, its imports not counted, for the three splits one after the other."""
    sources = [str(coco / split / f"{split}.json") for split in ("train", "val", "test")]
    command = [str(apart.python(ROOT / "tests/clients/requirements.txt")), "-c", LABELFORMAT, str(folder), *sources]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def clocked(job: Callable[[], object]) -> float:
    """Return the seconds a job takes."""
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def best(rounds: int, work: Path, jobs: dict[str, Callable[[Path], float]]) -> dict[str, float]:
    """Return the least seconds of every job; they take turns, each in a fresh folder."""
    found = dict.fromkeys(jobs, float("inf"))
    for turn in range(rounds):
        for name, job in jobs.items():
            folder = work / f"{turn}-{len(name)}"
            folder.mkdir()
            found[name] = min(found[name], job(folder))
            shutil.rmtree(folder)
    for name, seconds in found.items():
        print(f"  {name:<52}{seconds:9.2f} s", flush=True)
    return found


def named(items: Sequence[ExportItem]) -> list[ExportItem]:
    """Return items whose photos are all JPEG."""
    return [replace(item, file_name=f"{item.file_name}.jpg") for item in items]


def measure_labels(work: Path, rounds: int, items: Sequence[ExportItem], naming: Naming) -> float:
    """Print labels against labelformat and the floor; return seconds per capture."""
    print(f"labels of {len(items)} captures")
    kept = work / "kept"
    count = labels(kept, items, naming)
    files = [(str(path.relative_to(kept)), path.read_bytes()) for path in kept.rglob("*") if path.is_file()]
    seconds = best(
        rounds,
        work,
        {
            f"floor: bare writing of the {count} files": lambda folder: clocked(lambda: floor(folder, files)),
            "captureset: COCO + YOLO labels": lambda folder: clocked(lambda: labels(folder, items, naming)),
            "labelformat: COCO -> YOLO": lambda folder: by_labelformat(folder, kept / "coco"),
        },
    )
    shutil.rmtree(kept)
    least, ours, theirs = seconds.values()
    print(f"  labelformat / captureset {theirs / ours:.2f} (2 and more are due); captureset / floor {ours / least:.2f}")
    return ours / len(items)


def measure_photos(work: Path, rounds: int, store: ObjectStore, chosen: Selection, naming: Naming) -> None:
    """Print the placing of photos, labels and manifest included, against `cp` of the same photos."""
    print(f"photos of {len(chosen.items)} captures")
    settings = rows.settings(ExportParams, "export")
    paths = [str(store.cache_path(item.capture.image_md5)) for item in chosen.items]
    seconds = best(
        rounds,
        work,
        {
            "cp": lambda folder: clocked(lambda: cp(paths, folder)),
            "captureset: export coco, md5 verified": lambda folder: clocked(
                lambda: write_export(into(folder), "coco", chosen, store.read, settings, naming)
            ),
        },
    )
    plain, ours = seconds.values()
    print(f"  captureset / cp {ours / plain:.2f} (2 at most)")


def cp(paths: Sequence[str], folder: Path) -> None:
    """Copy as a shell would; one file after the other gets a name of its own."""
    for start in range(0, len(paths), 5000):
        subprocess.run(["cp", "--target-directory", str(folder), *paths[start : start + 5000]], check=True)


def main() -> None:
    """Run every part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="captureset-exports-"))
    try:
        naming = rows.settings(ExportParams, "export").naming(load_taxonomy(ROOT / "data/categories.yaml"))
        run(work, chosen.captures, chosen.rounds, naming)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run(work: Path, count: int, rounds: int, naming: Naming) -> None:
    """Measure labels, growth and photos."""
    settings = rows.settings(ExportParams, "export", outlines=False)
    spent = []
    for size in (count, 5 * count):
        items = named(select(tables(size, ["0" * 32]), "coco", settings, naming, str.encode).items)
        spent.append(measure_labels(work, rounds, items, naming))
    print(f"growth: seconds a capture x{spent[1] / spent[0]:.2f} at five times as many (0.8 to 1.2 is linear)")
    repository = work / "repository"
    repository.mkdir()
    Repo.init(str(repository), no_scm=True)
    store = ObjectStore(repository)
    drawn = [photos.encoded(photos.picture(WIDTH, HEIGHT, seed), "JPEG") for seed in range(DISTINCT)]
    addresses = [store.add(distinct(number, drawn), flush=False) for number in range(count)]
    chosen = select(tables(count, addresses), "coco", settings, naming, store.read)
    measure_photos(work, rounds, store, chosen, naming)


def distinct(number: int, drawn: Sequence[bytes]) -> bytes:
    """Return a JPEG whose bytes no other number has: its density, which is no private metadata, says which it is."""
    data = drawn[number % len(drawn)]
    return data[:14] + (number // len(drawn) + 1).to_bytes(2, "big") * 2 + data[18:]


if __name__ == "__main__":
    main()
