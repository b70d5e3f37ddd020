"""Does it train? yolo11n from scratch on the CPU, offline, for a few epochs, on the YOLO export.

Proves that the trainer's loader saw every image and label and that the loss is finite and fell, and says whether labels
and photos belong together: the same training on labels shuffled between the photos must learn less. It says nothing
about how good a model could be. Counts and verdicts are in verdict.json; the losses are metrics, for they are floats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.trainer.training import EpochLosses, TrainResult, TrainSettings, advantage, smoke_train
from captureset.trainer.view import trainer_view

OUT = Path("data/smoke_train")
EXPORT = Path("data/exports/yolo_format")
PARTS = ("box", "cls", "dfl", "total")


@dataclass(frozen=True, slots=True)
class SmokeTrainParams:
    """Section `smoke_train` of params.yaml."""

    epochs: int
    image_size_px: int
    batch: int
    seed: int
    max_images: int
    margin: float
    require_alignment: bool


def alignment(result: TrainResult, margin: float) -> str:
    """Return whether labels belong to their photos: `proved`, `not_told_apart` or `not_tried`.

    `not_told_apart` is no proof of wrong labels: few photos, or photos that are all alike, end so too. `not_tried` is a
    train split with boxes in one photo only, where nothing can be shuffled.
    """
    if not result.shuffled:
        return "not_tried"
    return "proved" if advantage(result.losses, result.shuffled) >= margin else "not_told_apart"


def unproved(result: TrainResult, margin: float) -> list[str]:
    """Return what is wrong when the match of labels and photos must be proved and is not."""
    if alignment(result, margin) == "proved":
        return []
    shown = advantage(result.losses, result.shuffled)
    remedy = "look whether boxes lie on their objects, raise smoke_train.epochs or max_images, or do not require it"
    return [f"true labels cannot be told apart from shuffled ones (advantage {shown:.3f}, {margin:g} is due); {remedy}"]


def faults(result: TrainResult, manifest: Mapping[str, Any], max_images: int) -> list[str]:
    """Return what is wrong with a run, empty when it proves what it should.

    Every image and label given must come through the training loop; without a cap, that is the whole train split.
    """
    train = manifest["counts"]["train"]
    given = min(train["images"], max_images) if max_images else train["images"]
    wanted = {
        "images_given": given,
        "images_seen": given,
        "labels_seen": result.labels_given,
        "labels_given": train["boxes"] if given == train["images"] else result.labels_given,
        "corrupt": 0,
    }
    found = [
        f"{name} is {getattr(result, name)}, {number} are due"
        for name, number in wanted.items()
        if getattr(result, name) != number
    ]
    if not result.finite:
        found.append("a loss is not finite")
    elif not result.fell:
        shown = ", ".join(f"{losses.total:.3f}" for losses in result.losses)
        found.append(f"the loss did not fall ({shown}); raise smoke_train.epochs or look at the labels")
    return found


def verdict(result: TrainResult, images_in_train: int, margin: float) -> dict[str, Any]:
    """Return verdict.json: counts and verdicts, no float."""
    return {
        "verdict": "passed",
        "alignment": alignment(result, margin),
        "images_in_train": images_in_train,
        "images_given": result.images_given,
        "labels_given": result.labels_given,
        "images_seen": result.images_seen,
        "labels_seen": result.labels_seen,
        "backgrounds_seen": result.backgrounds_seen,
        "corrupt": result.corrupt,
        "finite": result.finite,
        "fell": result.fell,
    }


def loss_table(true: Sequence[EpochLosses], shuffled: Sequence[EpochLosses]) -> str:
    """Return the losses on true and on shuffled labels as CSV, one row an epoch; what was not trained is empty."""
    head = ",".join(["epoch", *(f"{kind}{part}_loss" for kind in ("", "shuffled_") for part in PARTS)])
    pairs = enumerate(zip_longest(true, shuffled), start=1)
    rows = [",".join([str(epoch), *_cells(one), *_cells(other)]) for epoch, (one, other) in pairs]
    return "\n".join([head, *rows]) + "\n"


def _cells(losses: EpochLosses | None) -> list[str]:
    return [f"{getattr(losses, part):.6f}" if losses else "" for part in PARTS]


def metrics(result: TrainResult) -> dict[str, float | None]:
    """Return metrics.json; what nobody could compute is null, for JSON has no NaN."""
    numbers = {
        "loss_first": result.losses[0].total,
        "loss_last": result.losses[-1].total,
        "shuffled_loss_last": result.shuffled[-1].total if result.shuffled else math.nan,
        "advantage": advantage(result.losses, result.shuffled),
        "map50": result.map50,  # val may hold no box
    }
    return {name: number if math.isfinite(number) else None for name, number in numbers.items()}


def main() -> None:
    """Train on the YOLO export and refuse when it does not prove what it should."""
    settings = SmokeTrainParams(**params.load("smoke_train"))
    manifest = jsontext.read(EXPORT / "manifest.json")
    if not manifest["enabled"]:
        raise CapturesetError(
            "data/exports/yolo_format is switched off, so nothing can be trained; set export.export_yolo to true."
        )
    if not manifest["counts"]["train"]["boxes"]:
        raise CapturesetError(
            "data/exports/yolo_format has no box in train, so nothing can be trained; bring in captures with boxes or "
            "loosen the section `filter` of params.yaml."
        )
    with trainer_view(EXPORT) as view:
        result = smoke_train(
            view,
            TrainSettings(
                epochs=settings.epochs,
                image_size_px=settings.image_size_px,
                batch=settings.batch,
                seed=settings.seed,
                max_images=settings.max_images,
            ),
        )
    found = faults(result, manifest, settings.max_images)
    found += unproved(result, settings.margin) if settings.require_alignment else []
    if found:
        raise CapturesetError(f"the smoke-train on data/exports/yolo_format failed: {'; '.join(found)}.")
    with stage.output(OUT) as folder:
        images = manifest["counts"]["train"]["images"]
        jsontext.write(folder / "verdict.json", verdict(result, images, settings.margin))
        jsontext.write_text(folder / "losses.csv", loss_table(result.losses, result.shuffled))
        jsontext.write(folder / "metrics.json", metrics(result))


if __name__ == "__main__":
    stage.run(main, "smoke_train")
