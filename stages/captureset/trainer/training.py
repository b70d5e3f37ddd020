"""Trains a small detector from scratch for a few epochs: does a model learn from this export?

It proves that the trainer reads every image and label and that gradients flow. A network lowers its loss on wrong boxes
too, so it is trained a second time, alike in all but the labels, which are shuffled between the photos: labels that
belong to their photos are learned faster.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.trainer import loop
from captureset.trainer.process import WORK_FOLDER, run_apart
from captureset.trainer.shuffling import show_shuffled
from captureset.trainer.view import images_below, label_of, read_data_yaml, split_folders

FEWEST_EPOCHS = 2
STRIDE_PX = 32
SMALLEST_IMAGE_PX = 64


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What a smoke-train costs; `max_images` caps train and val each, 0 takes all.

    The loss falls reliably from about 30 images, 3 epochs and 192 px on. With less, and objects of few pixels,
    an untrained network matches no box at first, which looks like a low loss that then rises.
    """

    epochs: int = 3
    image_size_px: int = 192
    batch: int = 8
    seed: int = 0
    max_images: int = 96
    model: str = "yolo11n.yaml"

    def __post_init__(self) -> None:
        size = self.image_size_px
        rules = {
            "epochs": (self.epochs >= FEWEST_EPOCHS, "at least 2, or no loss can fall"),
            "image_size_px": (size >= SMALLEST_IMAGE_PX and size % STRIDE_PX == 0, "a multiple of 32 from 64 up"),
            "batch": (self.batch >= 1, "at least 1"),
            "seed": (self.seed >= 0, "0 or more"),
            "max_images": (self.max_images >= 0, "0 (all) or more"),
            "model": (self.model.endswith(".yaml"), "a .yaml architecture: weights would have to be downloaded"),
        }
        for name, (kept, rule) in rules.items():
            if not kept:
                raise CapturesetError(f"smoke_train.{name} is {getattr(self, name)!r}; it must be {rule}.")


@dataclass(frozen=True, slots=True)
class EpochLosses:
    """The mean training losses of one epoch; `total` is their sum, NaN where not finite."""

    box: float
    cls: float
    dfl: float
    total: float


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What was given to the trainer, what came through its loop, and what it learned.

    `*_given` are counted by us in the files, `*_seen` from the batches of the training loop; `corrupt` images
    were given and left out. `losses` are those on the true labels, `shuffled` those of the second training, empty
    when fewer than two images have boxes. `map50` is of the val images after the last epoch, 0 to 1. `seconds` is the
    wall time of both.
    """

    images_given: int
    labels_given: int
    images_seen: int
    labels_seen: int
    backgrounds_seen: int
    corrupt: int
    losses: tuple[EpochLosses, ...]
    shuffled: tuple[EpochLosses, ...]
    finite: bool
    fell: bool
    seconds: float
    map50: float


def smoke_train(view: Path, settings: TrainSettings) -> TrainResult:
    """Return what a few epochs from scratch on the CPU came to.

    The same view and seed give the same losses on one machine with one number of threads, not across machines.

    Args:
        view: from `trainer_view`; the trainer writes its caches there.
        settings: its cost.

    Raises:
        CapturesetError: ultralytics is missing, there is nothing to learn from, or the trainer failed.
    """
    started = time.perf_counter()
    data = read_data_yaml(view)
    images = {split: _chosen_of(view, data, split, settings) for split in ("train", "val")}
    labels = sum(map(_row_count, images["train"]))
    if not labels:
        raise CapturesetError(
            f"None of the {len(images['train'])} training images has a box, so no loss can be judged; "
            f"raise smoke_train.max_images or export labelled captures."
        )
    _write_lists(view, "true", data.get("names"), images)
    shuffled = show_shuffled(view, images["train"], settings.seed)
    if shuffled:
        _write_lists(view, "shuffled", data.get("names"), {**images, "train": shuffled})
    found = run_apart(loop.train, view, asdict(settings))
    losses = _losses(found.pop("losses"))
    return TrainResult(
        images_given=len(images["train"]),
        labels_given=labels,
        corrupt=len(images["train"]) - found.pop("images_kept"),
        losses=losses,
        shuffled=_losses(found.pop("shuffled")),
        finite=len(losses) == settings.epochs and all(math.isfinite(epoch.total) for epoch in losses),
        fell=loss_fell(losses),
        seconds=time.perf_counter() - started,
        map50=_number(found.pop("map50")),
        **found,
    )


def loss_fell(losses: Sequence[EpochLosses]) -> bool:
    """Return whether the mean total loss of the last epoch is below that of the first.

    False for fewer than two epochs and whenever one of the two is not finite.
    """
    return len(losses) > 1 and losses[-1].total < losses[0].total


def advantage(true: Sequence[EpochLosses], shuffled: Sequence[EpochLosses]) -> float:
    """Return by which part of it the loss on shuffled labels lies above that on the true ones.

    Compared is the classification loss, which also says where an object is, over the second half of the epochs: of the
    losses and spans tried on drawn and on meaningless labels it told the two apart best, see benchmarks/alignment.py.

    Returns:
        Up to 1; about 0 when labels and photos have nothing to do with each other; NaN where there is no comparison.
    """
    second_half = slice(len(true) // 2, None)
    if not shuffled or len(shuffled) != len(true):
        return math.nan
    learned, dealt = (sum(epoch.cls for epoch in losses[second_half]) for losses in (true, shuffled))
    return (dealt - learned) / dealt if dealt > 0 else math.nan


def chosen_images(images: Sequence[Path], max_images: int, seed: int) -> list[Path]:
    """Return at most `max_images` of the images, sorted; 0 means all.

    Drawn by a hash of seed and stem: another image in the dataset displaces at most one of them.
    """
    drawn = sorted(images, key=lambda path: hashlib.sha256(f"{seed}/{path.stem}".encode()).digest())
    return sorted(drawn[: max_images or None])


def _chosen_of(view: Path, data: dict[str, Any], split: str, settings: TrainSettings) -> list[Path]:
    images = [path for folder in split_folders(data, split) for path in images_below(view / folder)]
    if not images:
        raise CapturesetError(f"data.yaml names no image for {split}; export at least one capture for it.")
    return chosen_images(images, settings.max_images, settings.seed)


def _row_count(image: Path) -> int:
    label = label_of(image)
    return sum(map(bool, label.read_text(encoding="utf-8").split("\n"))) if label.exists() else 0


def _write_lists(view: Path, labels: str, names: object, images: dict[str, list[Path]]) -> None:
    work = view / WORK_FOLDER
    work.mkdir(exist_ok=True)
    for split, paths in images.items():
        (work / f"{labels}-{split}.txt").write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    data = {"train": f"{labels}-train.txt", "val": f"{labels}-val.txt", "names": names}
    (work / f"{labels}.yaml").write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _losses(epochs: Sequence[dict[str, float | None]]) -> tuple[EpochLosses, ...]:
    return tuple(EpochLosses(**{name: _number(epoch[name]) for name in epoch}) for epoch in epochs)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
