"""Does it train? yolo11n from scratch on the CPU, offline, for a few epochs, on the YOLO export.

Proves that the trainer's loader saw every image and label and that the loss is finite and fell; says nothing about how
good a model could be. Counts and the verdict are in verdict.json; the losses are metrics, for they are floats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.trainer.training import EpochLosses, TrainResult, TrainSettings, smoke_train
from captureset.trainer.view import trainer_view

OUT = Path("data/smoke_train")
EXPORT = Path("data/exports/yolo_format")


@dataclass(frozen=True, slots=True)
class SmokeTrainParams:
    """Section `smoke_train` of params.yaml."""

    epochs: int
    image_size_px: int
    batch: int
    seed: int
    max_images: int


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


def verdict(result: TrainResult, images_in_train: int) -> dict[str, Any]:
    """Return verdict.json: counts and verdicts, no float."""
    return {
        "verdict": "passed",
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


def loss_table(losses: tuple[EpochLosses, ...]) -> str:
    """Return the losses as CSV, one row an epoch."""
    rows = [f"{epoch},{x.box:.6f},{x.cls:.6f},{x.dfl:.6f},{x.total:.6f}" for epoch, x in enumerate(losses, start=1)]
    return "\n".join(["epoch,box_loss,cls_loss,dfl_loss,total_loss", *rows]) + "\n"


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
    if found:
        raise CapturesetError(f"the smoke-train on data/exports/yolo_format failed: {'; '.join(found)}.")
    with stage.output(OUT) as folder:
        jsontext.write(folder / "verdict.json", verdict(result, manifest["counts"]["train"]["images"]))
        jsontext.write_text(folder / "losses.csv", loss_table(result.losses))
        first, last = result.losses[0].total, result.losses[-1].total
        map50 = result.map50 if math.isfinite(result.map50) else None  # val may hold no box
        numbers = {"loss_first": first, "loss_last": last, "map50": map50}
        jsontext.write(folder / "metrics.json", numbers)


if __name__ == "__main__":
    stage.run(main, "smoke_train")
