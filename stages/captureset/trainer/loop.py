"""The training loop itself; runs in the trainer's process."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from captureset.trainer.process import WORK_FOLDER

# No augmentation, no warm-up, no shuffling, one step a batch: every epoch sees the same batches, so its mean loss
# differs from the last one's by what was learned and by nothing else.
PLAIN_TRAINING = {
    "optimizer": "AdamW",
    "lr0": 0.002,
    "lrf": 1.0,
    "momentum": 0.9,
    "warmup_epochs": 0.0,
    "mosaic": 0.0,
    "close_mosaic": 0,
    "mixup": 0.0,
    "cutmix": 0.0,
    "copy_paste": 0.0,
    "hsv_h": 0.0,
    "hsv_s": 0.0,
    "hsv_v": 0.0,
    "degrees": 0.0,
    "translate": 0.0,
    "scale": 0.0,
    "shear": 0.0,
    "perspective": 0.0,
    "flipud": 0.0,
    "fliplr": 0.0,
}
RUN = {
    "device": "cpu",
    "workers": 0,
    "deterministic": True,
    "amp": False,
    "cache": "ram",
    "pretrained": False,
    "plots": False,
    "val": False,
    "save": False,
    "verbose": False,
    "patience": 0,
    "exist_ok": True,
}


def train(view: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Return what training on `.trainer/true.yaml` came to, as JSON; a number that is not finite is null.

    `shuffled` has the losses of a second training, alike in all but the labels, on `.trainer/shuffled.yaml`; it is
    empty when there is no such file.
    """
    found = _trained(view, "true", settings)
    alike = (view / WORK_FOLDER / "shuffled.yaml").exists()
    return found | {"shuffled": _trained(view, "shuffled", settings)["losses"] if alike else []}


def _trained(view: Path, labels: str, settings: dict[str, Any]) -> dict[str, Any]:
    trainer, seen = _trainer(view / WORK_FOLDER, labels, settings), set[str]()
    _keep_order(trainer)
    _watch_batches(trainer, seen)
    losses: list[dict[str, float | None]] = []
    trainer.add_callback("on_train_epoch_end", lambda it: losses.append(_mean_losses(it)))
    try:
        trainer.train()
    except RuntimeError:
        # From the second epoch on the trainer answers a NaN with an exception; the verdict is ours to give.
        if not losses or losses[-1]["total"] is not None:
            raise
    kept = {label["im_file"]: len(label["cls"]) for label in trainer.train_loader.dataset.labels}
    label_counts = [kept[image] for image in seen]
    return {
        "images_kept": len(kept),
        "images_seen": len(seen),
        "labels_seen": sum(label_counts),
        "backgrounds_seen": label_counts.count(0),
        "losses": losses,
        "map50": _finite(trainer.metrics.get("metrics/mAP50(B)", math.nan)),
    }


def _trainer(work: Path, labels: str, settings: dict[str, Any]) -> Any:
    """Return a trainer that keeps no weights, validates once, true labels only, and uses every thread of torch."""
    import torch  # noqa: PLC0415 - see captureset.trainer.process
    from ultralytics.models.yolo.detect import DetectionTrainer  # noqa: PLC0415

    threads = torch.get_num_threads()
    trainer = DetectionTrainer(overrides=_overrides(work, labels, settings))
    torch.set_num_threads(threads)
    trainer.save_model = lambda: False
    trainer.final_eval = lambda: None
    if labels != "true":
        trainer.validate = lambda: ({}, 0.0)
    return trainer


def _overrides(work: Path, labels: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        **RUN,
        **PLAIN_TRAINING,
        "data": str(work / f"{labels}.yaml"),
        "project": str(work),
        "name": labels,
        "model": settings["model"],
        "epochs": settings["epochs"],
        "imgsz": settings["image_size_px"],
        "batch": settings["batch"],
        "nbs": settings["batch"],
        "seed": settings["seed"],
    }


def _keep_order(trainer: Any) -> None:
    """Let every epoch go through the same batches."""
    from ultralytics.data import build_dataloader  # noqa: PLC0415

    def get_dataloader(folder: str, batch_size: int, rank: int = -1, mode: str = "train") -> Any:
        dataset = trainer.build_dataset(folder, mode, batch_size)
        return build_dataloader(dataset, batch_size, workers=0, shuffle=False, rank=rank)

    trainer.get_dataloader = get_dataloader


def _watch_batches(trainer: Any, seen: set[str]) -> None:
    """Note the image files that come through the training loop."""
    preprocess = trainer.preprocess_batch

    def noting(batch: dict[str, Any]) -> Any:
        seen.update(batch["im_file"])
        return preprocess(batch)

    trainer.preprocess_batch = noting


def _mean_losses(trainer: Any) -> dict[str, float | None]:
    items = trainer.label_loss_items(trainer.tloss, prefix="train")
    losses = {name: items[f"train/{name}_loss"] for name in ("box", "cls", "dfl")}
    return {name: _finite(value) for name, value in (losses | {"total": sum(items.values())}).items()}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
