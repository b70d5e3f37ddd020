"""Reads a YOLO export with the trainer's own dataset class: what it says it found, split by split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from captureset.errors import CapturesetError
from captureset.records.splits import ALL_SPLITS, TEST_RECENT
from captureset.trainer.process import one_line, run_apart

BoxRows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TrainerSplit:
    """What the trainer found for one split of `data.yaml`.

    `images_found` counts every image file, `backgrounds` those with an empty label file, `missing` those
    without one, `corrupt` those the trainer leaves out whole, `rewritten` those whose file it re-encoded or
    whose repeated rows it dropped; `notes` holds its own words. `boxes` has, for every image it keeps by
    stem, float64 rows (class, cx, cy, w, h) of shape (N, 5), normalised to the image, exact to float32.
    Two splits may name the same `folder`: an empty val borrows train's.
    """

    folder: str
    class_names: tuple[str, ...]
    images_found: int
    labels_found: int
    backgrounds: int
    missing: int
    corrupt: int
    rewritten: int
    notes: tuple[str, ...]
    boxes: Mapping[str, BoxRows]


def read_with_trainer(view: Path) -> dict[str, TrainerSplit]:
    """Return what ultralytics' own `check_det_dataset` and `YOLODataset` find, by split.

    Args:
        view: from `trainer_view`; the trainer writes its caches there.

    Raises:
        CapturesetError: ultralytics is missing, or it finds no valid image in a split that `data.yaml` names.
    """
    found = run_apart(read_splits, view)
    return {split: _split_from(found[split]) for split in ALL_SPLITS if split in found}


def _split_from(row: dict[str, Any]) -> TrainerSplit:
    boxes = {stem: np.asarray(rows, np.float64).reshape(-1, 5) for stem, rows in sorted(row["boxes"].items())}
    names, notes = tuple(row["class_names"]), tuple(row["notes"])
    return TrainerSplit(**{**row, "class_names": names, "notes": notes, "boxes": boxes})


def read_splits(view: Path, _: None) -> dict[str, Any]:
    """Return the fields of `TrainerSplit` by split; runs in the trainer's process."""
    from ultralytics.data.utils import check_det_dataset  # noqa: PLC0415 - see captureset.trainer.process

    data = check_det_dataset(str(view / "data.yaml"), autodownload=False)
    if data.get(TEST_RECENT):  # the trainer resolves the paths of its own splits only
        data[TEST_RECENT] = str((view / data[TEST_RECENT]).resolve())
    return {split: _read_split(view, data, split) for split in ALL_SPLITS if data.get(split)}


def _read_split(view: Path, data: dict[str, Any], split: str) -> dict[str, Any]:
    from ultralytics.data.dataset import YOLODataset  # noqa: PLC0415
    from ultralytics.data.utils import load_dataset_cache_file  # noqa: PLC0415

    dataset = YOLODataset(img_path=data[split], data=data, task="detect", augment=False)
    scan = load_dataset_cache_file(Path(dataset.label_files[0]).parent.with_suffix(".cache"))
    _, missing, empty, corrupt, images = scan["results"]
    return {
        "folder": _folder(view, data[split]),
        "class_names": list(data["names"].values()),
        "images_found": images,
        "labels_found": sum(len(label["cls"]) for label in dataset.labels),
        "backgrounds": empty,
        "missing": missing,
        "corrupt": corrupt,
        "rewritten": len(scan["msgs"]) - corrupt,
        "notes": sorted(one_line(message, view) for message in scan["msgs"]),
        "boxes": _boxes_by_stem(dataset.labels),
    }


def _folder(view: Path, value: str | list[str]) -> str:
    paths = [value] if isinstance(value, str) else value
    return " ".join(Path(path).relative_to(view).as_posix() for path in paths)


def _boxes_by_stem(labels: Sequence[dict[str, Any]]) -> dict[str, list[list[float]]]:
    boxes: dict[str, list[list[float]]] = {}
    for label in labels:
        image = Path(label["im_file"])
        if image.stem in boxes:
            raise CapturesetError(
                f"{image.name} shares its stem with another image in {image.parent.name}, "
                f"so the trainer reads one label file for both; rename one."
            )
        boxes[image.stem] = np.hstack([label["cls"], label["bboxes"]]).astype(float).tolist()
    return boxes
