"""What a consumer of an export does: trains on it where it stands, with the trainer's own front door."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def train(view: Path, data_yaml: str) -> dict[str, Any]:
    """Train a small detector for one epoch on the export that the argument names; runs in the trainer's process."""
    from ultralytics import YOLO  # noqa: PLC0415 - only this process may import it

    model = YOLO("yolo11n.yaml")
    model.train(
        data=data_yaml,
        epochs=1,
        imgsz=64,
        batch=8,
        device="cpu",
        workers=0,
        plots=False,
        project=str(view / "runs"),
        verbose=False,
    )
    return {"trained": True}
