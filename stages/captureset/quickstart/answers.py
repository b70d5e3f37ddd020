"""The drawn-model: what a plausible, imperfect vision model answers about a drawn scene.

It is told the truth and spoils it, always in the same way: one category in eight is wrong, boxes are a little off,
poor photos make it less sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from captureset.quickstart.drawing import Rng
from captureset.quickstart.furniture import FURNITURE
from captureset.quickstart.scenes import DrawnObject, Scene, Trait
from captureset.records.box import Frame

NAME, VERSION = "drawn-model", "1"
LONG_SIDE_PX = 640  # of the copy it looks at
STREAM = 1  # keeps its random numbers apart from those of the drawings
MISTAKEN_EVERY, MISTAKEN_AT = 8, 5
HESITANT_EVERY, HESITANT_AT = 20, 14
SURE, MISTAKEN, HESITANT = (0.8, 0.98), (0.42, 0.68), (0.28, 0.46)
POOR_PHOTO = frozenset({Trait.BLURRED, Trait.DARK, Trait.OVEREXPOSED})
POOR_PHOTO_FACTOR = 0.85
EDGE_OFF, EDGE_MOST_OFF = 0.01, 0.025  # shares of the box's side


@dataclass(frozen=True, slots=True)
class Kind:
    """What the drawn-model says about a category, and what it confuses it with."""

    category_text: str
    object_names: tuple[str, ...]
    depth_cm: int
    fee_krw: int
    mistaken_for: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "FURN_SOFA": Kind("소파", ("3인용 소파", "2인용 소파", "패브릭 소파"), 90, 8000, "FURN_BED"),
        "APPL_FRIDGE": Kind("냉장고", ("2도어 냉장고", "일반 냉장고"), 72, 12000, "FURN_WARD"),
        "FURN_BED": Kind("침대/매트리스", ("퀸 매트리스", "줄무늬 매트리스"), 22, 8000, "FURN_SOFA"),
        "FURN_CHAIR": Kind("의자", ("식탁 의자", "등받이 의자"), 52, 2000, "FURN_TABLE"),
        "FURN_WARD": Kind("옷장", ("2문 옷장", "원목 옷장"), 60, 15000, "APPL_FRIDGE"),
        "APPL_TV": Kind("TV", ("55인치 TV", "벽걸이 TV"), 8, 5000, "APPL_PC"),
    }
)

MISTAKEN_NAMES: Mapping[str, str] = MappingProxyType(
    {**{code: kind.object_names[0] for code, kind in KINDS.items()}, "FURN_TABLE": "협탁", "APPL_PC": "모니터"}
)


def main_object(scene: Scene) -> DrawnObject | None:
    """Return the largest object of a scene, None in an empty one."""
    return max(scene.objects, key=lambda each: each.xywh_px[2] * each.xywh_px[3], default=None)


def is_mistaken(scene: Scene, index: int) -> bool:
    """Say whether the drawn-model names a wrong category for the main object of the scene with this index."""
    return bool(scene.objects) and index % MISTAKEN_EVERY == MISTAKEN_AT


def answer(scene: Scene, index: int, *, boxes: bool = True) -> dict[str, Any]:
    """Return the section `model` of a sidecar; the same for the same scene and index.

    Args:
        scene: what it looks at.
        index: of the scene, from 0; decides where the model errs.
        boxes: False gives an image-level answer.
    """
    said: dict[str, Any] = {"name": NAME, "version": VERSION}
    largest = main_object(scene)
    if largest is None:
        return {**said, "boxes": []}
    rng = np.random.Generator(np.random.PCG64((STREAM, index)))
    truth = KINDS[largest.category]
    category = truth.mistaken_for if is_mistaken(scene, index) else largest.category
    confidence = _confidence(scene, index, rng)
    said |= {"category": category, "confidence": confidence, "size_cm": _size_cm(largest.category, rng)}
    if category == largest.category:
        name = truth.object_names[int(rng.integers(len(truth.object_names)))]
        said |= {"category_text": truth.category_text, "object_name": name, "fee_krw": truth.fee_krw}
    else:
        said["object_name"] = MISTAKEN_NAMES[category]
    if boxes:
        said["boxes"] = _boxes(scene, largest, category, confidence, rng)
    return said


def exact_boxes(scene: Scene) -> list[dict[str, Any]]:
    """Return the true boxes in the frame of the photo, as a careful person draws them."""
    frame = {"width_px": scene.width_px, "height_px": scene.height_px}
    return [{"category": each.category, "xywh_px": list(each.xywh_px), "frame": frame} for each in scene.objects]


def _confidence(scene: Scene, index: int, rng: Rng) -> float:
    hesitant = index % HESITANT_EVERY == HESITANT_AT
    among = MISTAKEN if is_mistaken(scene, index) else HESITANT if hesitant else SURE
    return round(float(rng.uniform(*among)) * (POOR_PHOTO_FACTOR if scene.trait in POOR_PHOTO else 1.0), 2)


def _size_cm(category: str, rng: Rng) -> dict[str, int]:
    furniture = FURNITURE[category]
    width_cm, height_cm = (round(float(rng.uniform(*span))) for span in (furniture.width_cm, furniture.height_cm))
    return {"width_cm": width_cm, "height_cm": height_cm, "depth_cm": KINDS[category].depth_cm}


def _boxes(scene: Scene, largest: DrawnObject, category: str, confidence: float, rng: Rng) -> list[dict[str, Any]]:
    """Return all objects, most confident first, in the frame of the copy the model looked at."""
    scale = min(1.0, LONG_SIDE_PX / max(scene.width_px, scene.height_px))
    frame = Frame(round(scene.width_px * scale), round(scene.height_px * scale))
    found = [
        {
            "category": category if each is largest else each.category,
            "xywh_px": _jittered(each, scale, frame, rng),
            "frame": {"width_px": frame.width_px, "height_px": frame.height_px},
            "confidence": round(confidence * (1.0 if each is largest else float(rng.uniform(0.75, 0.98))), 2),
        }
        for each in scene.objects
    ]
    return sorted(found, key=lambda box: -box["confidence"])


def _jittered(drawn: DrawnObject, scale: float, frame: Frame, rng: Rng) -> list[float]:
    x, y, w, h = (value * scale for value in drawn.xywh_px)
    off = rng.normal(0, EDGE_OFF, 4).clip(-EDGE_MOST_OFF, EDGE_MOST_OFF).tolist()
    left, top = max(0.0, x + off[0] * w), max(0.0, y + off[1] * h)
    right, bottom = min(float(frame.width_px), x + w + off[2] * w), min(float(frame.height_px), y + h + off[3] * h)
    return [round(left, 1), round(top, 1), round(right - left - 0.1, 1), round(bottom - top - 0.1, 1)]
