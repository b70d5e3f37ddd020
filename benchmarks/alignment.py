"""Does the smoke-train tell true labels from shuffled ones? `python benchmarks/alignment.py`.

Builds a quickstart (or takes the YOLO export given with --export) and trains with the settings of params.yaml on three
kinds of its labels, seed after seed: as they are (must be told apart), dealt out to the wrong photos beforehand, and
the same boxes in every photo (neither may be told apart). Prints the advantage each time and ends with 1 when one of
them comes out on the wrong side of the margin.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from captureset import params
from captureset.quickstart import quickstart
from captureset.smoke_train import SmokeTrainParams, alignment
from captureset.trainer.shuffling import show_shuffled
from captureset.trainer.training import TrainSettings, advantage, smoke_train
from captureset.trainer.view import images_below, label_of, trainer_view

ANOTHER_DEAL = 1_000_003  # the smoke-train's own shuffling has small seeds


def as_they_are(_: Path) -> None:
    """Leave the labels of a view alone."""


def meaningless(view: Path) -> None:
    """Give every photo another one's boxes, as a slipped column or a wrong join does."""
    images = images_below(view / "images" / "train")
    for image, link in zip(images, show_shuffled(view, images, ANOTHER_DEAL), strict=True):
        shutil.copyfile(label_of(link), label_of(image))
    shutil.rmtree(view / ".trainer")


def all_the_same(view: Path) -> None:
    """Give every photo the boxes of the first, as a template nobody filled in does."""
    labels = [label_of(image) for image in images_below(view / "images" / "train")]
    first = next(text for label in labels if (text := label.read_text(encoding="utf-8")).strip())
    for label in labels:
        label.write_text(first, encoding="utf-8")


KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "as they are": (as_they_are, "proved"),
    "of other photos": (meaningless, "not_told_apart"),
    "the same in every photo": (all_the_same, "not_told_apart"),
}


def measure(export: Path, kind: str, settings: SmokeTrainParams, seeds: range) -> int:
    """Print advantage and verdict of each seed; return how many came out as they should."""
    spoil, wanted = KINDS[kind]
    right, found = 0, []
    for seed in seeds:
        with trainer_view(export) as view:
            spoil(view)
            how = (settings.epochs, settings.image_size_px, settings.batch, seed, settings.max_images)
            result = smoke_train(view, TrainSettings(*how))
        said = alignment(result, settings.margin)
        found.append(advantage(result.losses, result.shuffled))
        right += said == wanted
        print(f"  labels {kind:<24} seed {seed}  advantage {found[-1]:6.3f}  {said:<14} {result.seconds:5.1f} s")
    print(f"  labels {kind:<24} {wanted} in {right} of {len(seeds)}: {min(found):.3f} to {max(found):.3f}")
    return right


def built(folder: Path) -> Path:
    """Return the YOLO export of a new quickstart."""
    made = quickstart.run(folder, step=lambda text: print(f"  {text}", flush=True), note=print)
    return made.root / "data/exports/yolo_format"


def main() -> int:
    """Measure every kind of labels; return 1 when one of them was judged wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--export", type=Path, help="a YOLO export; by default a new quickstart's")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kinds", nargs="+", choices=sorted(KINDS), default=list(KINDS))
    chosen = parser.parse_args()
    settings, seeds = SmokeTrainParams(**params.load("smoke_train")), range(chosen.seeds)
    with tempfile.TemporaryDirectory(prefix="captureset-bench-") as work:
        export = chosen.export or built(Path(work) / "quickstart")
        print(f"{export}, margin {settings.margin}")
        right = sum(measure(export, kind, settings, seeds) for kind in chosen.kinds)
    return int(right != len(seeds) * len(chosen.kinds))


if __name__ == "__main__":
    raise SystemExit(main())
