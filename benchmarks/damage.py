"""How much damage is found at intake and by `measure`, next to Pillow and OpenCV.

`python benchmarks/damage.py DIR [--trials N] [--seed N]` damages photos below DIR, N times in each way, at random
places, and prints the share that each check finds.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

import cv2
import numpy as np
from PIL import Image

from captureset.pixels.measures import measure_photo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from damages import DAMAGES, damaged, refused_at_intake

SUFFIXES = {".jpg", ".jpeg"}


def measure(data: bytes) -> bool:
    """Say whether `measure` would give it a failure."""
    return measure_photo("", data).failure is not None


def pillow_verify(data: bytes) -> bool:
    """Say whether `Image.verify` raises."""
    return _raises(lambda: Image.open(io.BytesIO(data)).verify())


def pillow_load(data: bytes) -> bool:
    """Say whether loading the pixels raises."""
    return _raises(lambda: Image.open(io.BytesIO(data)).load())


def opencv(data: bytes) -> bool:
    """Say whether OpenCV decodes nothing."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is None


def _raises(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - whatever it raises, it noticed
        return True
    return False


CHECKS: Mapping[str, Callable[[bytes], bool]] = {
    "intake": refused_at_intake,
    "measure": measure,
    "Pillow verify": pillow_verify,
    "Pillow load": pillow_load,
    "OpenCV": opencv,
}


def found_by(paths: list[Path], seed: int, trial: tuple[str, int]) -> list[bool]:
    """Return which checks find one damage."""
    warnings.simplefilter("ignore")
    kind, number = trial
    random = Random(f"{seed} {kind} {number}")  # noqa: S311 - the same damages in every run
    data = damaged(random.choice(paths).read_bytes(), kind, random)
    return [check(data) for check in CHECKS.values()]


def main() -> None:
    """Damage, check, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
    paths = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    sound = [path for path in paths if not refused_at_intake(path.read_bytes())]
    print(f"{len(sound)} sound photos of {len(paths)}, {options.trials} damages of each kind; found by")
    print(f"{'':20}" + "".join(f"{name:>15}" for name in CHECKS))
    with ProcessPoolExecutor() as pool:
        for kind in DAMAGES:
            trials = [(kind, number) for number in range(options.trials)]
            hits = np.mean(list(pool.map(partial(found_by, sound, options.seed), trials, chunksize=10)), axis=0)
            print(f"{kind:20}" + "".join(f"{share:15.1%}" for share in hits), flush=True)


if __name__ == "__main__":
    main()
