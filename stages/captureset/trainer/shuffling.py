"""Labels dealt out to the wrong photos: what a training must beat to show that the right ones fit."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from captureset.trainer.process import WORK_FOLDER
from captureset.trainer.view import label_of

FEWEST_PHOTOS = 2


def show_shuffled(view: Path, images: Sequence[Path], seed: int) -> list[Path]:
    """Return links to the images, as many and in this order, beside which each label file is another image's.

    No image with boxes keeps its own label file, images without boxes stay without, and every box of the set is still
    there once, so nothing but the match between photo and label is gone. Drawn by a hash of seed and stem. Empty when
    fewer than two images have boxes.

    Args:
        view: from `trainer_view`; the links go below its work folder.
        images: of the view.
        seed: another seed, another deal.
    """
    boxed = sorted((image for image in images if _rows(image)), key=lambda image: _lot(image, seed))
    if len(boxed) < FEWEST_PHOTOS:
        return []
    dealt = dict(zip(boxed, (*boxed[1:], boxed[0]), strict=True))
    return [_show(image, dealt.get(image, image), view) for image in images]


def _lot(image: Path, seed: int) -> bytes:
    return hashlib.sha256(f"shuffle/{seed}/{image.stem}".encode()).digest()


def _rows(image: Path) -> str:
    label = label_of(image)
    return label.read_text(encoding="utf-8").strip() if label.exists() else ""


def _show(image: Path, labelled_as: Path, view: Path) -> Path:
    link = view / WORK_FOLDER / "shuffled" / image.relative_to(view)
    label = label_of(link)
    for path in (link, label):
        path.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(image)
    label.write_text(_rows(labelled_as) + "\n", encoding="utf-8")
    return link
