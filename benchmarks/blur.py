"""How well sharpness tells blurred photos from sharp ones, next to cleanvision, on the same files.

`python benchmarks/blur.py DIR [--photos N] [--sizes PX ...] [--without-cleanvision]` takes photos below DIR, scales
each to a long side of 512, 1024 and 2048 px (never up), blurs it by sigma 0 to 5 px of that size, with and without
noise, saves it as JPEG 85, and prints the area under the ROC curve of each number with sigma 0 as sharp and sigma 2 or
more as blurred: one threshold for all sizes, then size by size, and where that threshold would lie.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from captureset.calibration.roc import Roc, roc
from captureset.pixels.measures import measure_photo

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

import apart  # noqa: E402 - of the tests, which have such environments too

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SIZES = (512, 1024, 2048)
SIGMAS = (0.0, 1.0, 2.0, 3.0, 5.0)
NOISE_SIGMA = 5.0  # gray levels
BLURRED_FROM = 2.0
NUMBERS = ("sharpness_p99", "sharpness_mlv", "laplacian_variance")


@dataclass(frozen=True, slots=True)
class Sample:
    """One blurred photo and its numbers."""

    path: str
    size_px: int
    sigma_px: float
    noisy: bool
    numbers: Mapping[str, float]


def samples_of(work: tuple[Path, Path, Sequence[int]]) -> list[Sample]:
    """Return every variant of a photo that is large enough, saved in a folder; nothing of a file that is no photo."""
    path, folder, sizes = work
    try:
        with Image.open(path) as image:
            whole = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError):
        return []
    return [
        _sample(folder / f"{path.stem}-{size}-{sigma}-{noisy}.jpg", scaled, size, sigma, noisy=noisy)
        for size in sizes
        if max(whole.size) >= size
        for scaled in [_scaled(whole, size)]
        for sigma in SIGMAS
        for noisy in (False, True)
    ]


def _scaled(image: Image.Image, size: int) -> Image.Image:
    scale = size / max(image.size)
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def _sample(path: Path, image: Image.Image, size: int, sigma: float, *, noisy: bool) -> Sample:
    image = image.filter(ImageFilter.GaussianBlur(sigma)) if sigma else image
    if noisy:
        levels = np.asarray(image).astype(np.float32)
        levels += np.random.default_rng(size).normal(0, NOISE_SIGMA, levels.shape[:2])[:, :, None]
        image = Image.fromarray(levels.clip(0, 255).round().astype(np.uint8))
    image.save(path, "JPEG", quality=85)
    row = measure_photo("", path.read_bytes())
    return Sample(str(path), size, sigma, noisy, {name: float(getattr(row, name)) for name in NUMBERS})


def cleanvision(paths: Iterable[str], folder: Path) -> dict[str, float]:
    """Return cleanvision's blurry score, higher for sharp ones, of every file."""
    python = apart.python(HERE / "rivals" / "requirements.txt")
    (folder / "list.txt").write_text("\n".join(paths), encoding="utf-8")
    command = [
        str(python),
        str(HERE / "rivals/cleanvision_scores.py"),
        str(folder / "list.txt"),
        str(folder / "out.json"),
    ]
    subprocess.run([*command, "blurry"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    scores: dict[str, float] = json.loads((folder / "out.json").read_text(encoding="utf-8"))["blurry_score"]
    return scores


def curve(samples: Sequence[Sample], number: Callable[[Sample], float]) -> Roc:
    """Return how well a number tells sigma 0 from sigma 2 and more."""
    sharp = [number(sample) for sample in samples if sample.sigma_px == 0]
    return roc(sharp, [number(sample) for sample in samples if sample.sigma_px >= BLURRED_FROM])


def report(samples: Sequence[Sample], rivals: Mapping[str, float]) -> Iterator[str]:
    """Give the lines of the table."""
    groups: dict[str, list[Sample]] = {
        "all sizes": list(samples),
        "1024 px and more": [sample for sample in samples if sample.size_px >= 1024],
        "smaller": [sample for sample in samples if sample.size_px < 1024],
        **{f"{size} px": [s for s in samples if s.size_px == size] for size in sorted({s.size_px for s in samples})},
        "with noise": [sample for sample in samples if sample.noisy],
        "without noise": [sample for sample in samples if not sample.noisy],
    }
    names = [*NUMBERS, *(["cleanvision"] if rivals else [])]
    yield f"{'AUC, sigma >= 2 px':18}{'files':>7}" + "".join(f"{name:>20}" for name in names) + "   best p99 threshold"
    for title, group in groups.items():
        if group:
            curves = [curve(group, lambda sample, name=name: sample.numbers[name]) for name in NUMBERS]  # type: ignore[misc]
            curves += [curve(group, lambda sample: rivals[sample.path])] if rivals else []
            best = curves[0].best
            cells = "".join(f"{each.auc:20.4f}" for each in curves)
            cut = f"{best.threshold:8.1f} ({best.true_positive_rate:.3f} found, {best.false_positive_rate:.3f} false)"
            yield f"{title:18}{len(group):7}{cells}   {cut}"


def medians(samples: Sequence[Sample]) -> Iterator[str]:
    """Give the median sharpness by size and sigma, without and with noise."""
    yield "median sharpness_p99, without / with noise"
    for size in sorted({sample.size_px for sample in samples}):
        cells = []
        for sigma in SIGMAS:
            found = [
                [
                    s.numbers["sharpness_p99"]
                    for s in samples
                    if (s.size_px, s.sigma_px, s.noisy) == (size, sigma, noisy)
                ]
                for noisy in (False, True)
            ]
            cells.append(" /".join(f"{np.median(each):6.1f}" if each else "     -" for each in found))
        yield f"{size:6} px  " + "   ".join(
            f"sigma {sigma:g}: {cell}" for sigma, cell in zip(SIGMAS, cells, strict=True)
        )


def main() -> None:
    """Blur, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--photos", type=int, default=10**9, help="so many of them, whichever a hash of their names puts first"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="PX", help="long sides")
    parser.add_argument("--without-cleanvision", action="store_true")
    options = parser.parse_args()
    found = (path for path in options.folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    photos = sorted(found, key=lambda path: hashlib.sha256(path.name.encode()).hexdigest())[: options.photos]
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(os.cpu_count()) as pool:
        folder = Path(name)
        samples = [
            sample
            for each in pool.map(samples_of, [(path, folder, options.sizes) for path in photos])
            for sample in each
        ]
        rivals = {} if options.without_cleanvision else cleanvision([sample.path for sample in samples], folder)
    print("\n".join([*report(samples, rivals), "", *medians(samples)]))


if __name__ == "__main__":
    main()
