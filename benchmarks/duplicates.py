"""Near-duplicates found and not found, and how long the search takes.

`python benchmarks/duplicates.py --photos DIR` makes copies of every photo below DIR (saved at quality 20 to 95, a
quarter as wide, 20 % darker and brighter, blurred) and says how many the hash finds, which photos it holds for copies
of one another (look at these before calling them errors), and which were left out for their little texture.
Then it compares random hashes: all with all, and new ones with all.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from captureset import params
from captureset.duplicates.hamming import pairs_within
from captureset.duplicates.neighbours import distance_bits, find_neighbours
from captureset.duplicates.pairs import DuplicateParams
from captureset.pixels.phash import phash
from captureset.pixels.picture import UNREADABLE, read_picture

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}

Hash = tuple[str, float]  # bits, texture


def _saved(image: Image.Image, quality: int = 90) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=quality)
    return sink.getvalue()


def _scaled(image: Image.Image) -> Image.Image:
    return image.resize((max(image.width // 4, 1), max(image.height // 4, 1)))


COPIES: Mapping[str, Callable[[Image.Image], bytes]] = {
    "quality 20": lambda image: _saved(image, 20),
    "quality 50": lambda image: _saved(image, 50),
    "quality 80": lambda image: _saved(image, 80),
    "quality 95": lambda image: _saved(image, 95),
    "a quarter as wide": lambda image: _saved(_scaled(image)),
    "20 % darker": lambda image: _saved(ImageEnhance.Brightness(image).enhance(0.8)),
    "20 % brighter": lambda image: _saved(ImageEnhance.Brightness(image).enhance(1.2)),
    "blurred, sigma 1": lambda image: _saved(image.filter(ImageFilter.GaussianBlur(1))),
}


def hashes_of(path: Path) -> dict[str, Hash]:
    """Return the hash of a photo, under "", and of its copies; nothing of a file that is no photo."""
    data = path.read_bytes()
    try:
        found = {"": phash(read_picture(data).gray)}
        with Image.open(io.BytesIO(data)) as image:
            exif = image.getexif()
            rgb = image.convert("RGB")
    except UNREADABLE:
        return {}
    for name, change in COPIES.items():
        copy = Image.open(io.BytesIO(change(rgb)))
        sink = io.BytesIO()
        copy.save(sink, "JPEG", quality="keep", exif=exif)
        found[name] = phash(read_picture(sink.getvalue()).gray)
    return found


def search_photos(folder: Path, settings: DuplicateParams) -> None:
    """Print how many copies are found and which photos are taken for copies of others."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        hashes = {path: found for path, found in zip(paths, pool.map(hashes_of, paths), strict=True) if found}
    print(f"{len(hashes)} of {len(paths)} files are photos")
    originals = {path: found[""] for path, found in hashes.items()}
    trusted = {path for path, (_, texture) in originals.items() if texture >= settings.min_hash_texture}
    for path in sorted(set(originals) - trusted):
        print(f"  left out, texture {originals[path][1]:.3f} is below {settings.min_hash_texture}: {path.name}")
    total = Counter[str]()
    for name in COPIES:
        bits = [distance_bits(originals[path][0], hashes[path][name][0]) for path in sorted(trusted)]
        found = sum(each <= settings.near_bits for each in bits)
        total.update(found=found, made=len(bits))
        print(f"  {name:<20} found {found}/{len(bits)}, at most {max(bits, default=0)} bits apart")
    print(f"  all copies           found {total['found']}/{total['made']} ({total['found'] / total['made']:.2%})")
    for line in _joined({path: originals[path][0] for path in trusted}, settings):
        print(f"  {line}")


def _joined(hashes: Mapping[Path, str], settings: DuplicateParams) -> Iterator[str]:
    named = {bits: path for path, bits in sorted(hashes.items(), reverse=True)}
    for row in find_neighbours(named, [], settings.review_bits):
        for other in row.neighbours:
            bits = distance_bits(row.phash, other)
            kind = "near-duplicates" if bits <= settings.near_bits else "for review"
            yield f"{kind}, {bits} bits apart: {named[row.phash].name} {named[other].name}"
    same = len(hashes) - len(named)
    yield f"{same} photos have the very hash of another one"


def time_search(count: int, new: int, radius_bits: int) -> None:
    """Print the seconds of comparing random hashes, the slowest there are: all with all, and new ones with all."""
    codes = np.random.default_rng(0).integers(0, 256, (count + new, 32), dtype=np.uint8)
    for what, given, first_new in (
        (f"{count:,} hashes with one another", codes[:count], 0),
        (f"{new:,} new ones with {count:,}", codes, count),
    ):
        started, cpu = time.perf_counter(), time.process_time()
        pairs = pairs_within(given, radius_bits, first_new)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        print(f"  {what:<36}{seconds:8.2f} s ({cpu:.2f} s of processor), {len(pairs.one)} pairs within {radius_bits}")
    print(
        f"  memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, {os.cpu_count()} cores"
    )


def main() -> None:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of photos to copy and find again")
    parser.add_argument("--hashes", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=1_000)
    chosen = parser.parse_args()
    settings = params.record(DuplicateParams, "quality", ROOT / "params.yaml")
    if chosen.photos:
        search_photos(chosen.photos, settings)
    time_search(chosen.hashes, chosen.new, settings.review_bits)


if __name__ == "__main__":
    main()
