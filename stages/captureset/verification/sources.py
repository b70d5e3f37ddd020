"""Where the boxes of a capture come from, read from its sidecar and feedback a second time and without the catalog.

Deliberately simple and written apart from `records.label`, which the catalog goes through: two ways to one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from captureset.formats import jsontext
from captureset.records.box import Box, Frame
from captureset.store import pointers
from captureset.store.capture_files import CaptureFiles, grouped
from captureset.store.objects import ObjectStore

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """The boxes somebody gave last, in pixels of the photo, and whether people's latest word rejects the capture.

    `by_feedback` says whether any feedback is there at all.
    """

    boxes: tuple[Box, ...]
    rejected: bool
    by_feedback: bool


def sources(root: Path, store: ObjectStore, wanted: Iterable[str]) -> dict[str, Told]:
    """Return what was told about the wanted captures of a repository.

    Raises:
        CapturesetError: a pointer or a document cannot be read.
    """
    names = set(wanted)
    months = ((p.month, pointers.rows(store, p)) for p in pointers.read(root / "data/captures"))
    files = [capture for capture in grouped(months) if capture.capture_id in names]
    store.fetch_missing([md5 for capture in files for md5 in (str(capture.sidecar), *capture.feedback.values())])
    return {capture.capture_id: _told(capture, store.read) for capture in files}


def _told(capture: CaptureFiles, read: Callable[[str], bytes]) -> Told:
    sidecar = jsontext.parse(read(str(capture.sidecar)), f"sidecar {capture.capture_id}")
    feedback = [jsontext.parse(read(md5), name) for name, md5 in capture.feedback.items()]
    return told(sidecar, feedback)


def told(sidecar: Document, feedback: Sequence[Document]) -> Told:
    """Return what stands after the latest word."""
    said = sorted(feedback, key=lambda item: (datetime.fromisoformat(item["given_at"]), item["feedback_id"]))
    verdicts = [item["verdict"] for item in said if item["verdict"] in {"confirm", "correct", "reject"}]
    frame = Frame(sidecar["image"]["width_px"], sidecar["image"]["height_px"])
    boxes = {(box["category"], _scaled(box, frame)): None for box in _boxes(sidecar, said)}
    return Told(tuple(place for _, place in boxes), verdicts[-1:] == ["reject"], bool(said))


def _boxes(sidecar: Document, said: Sequence[Document]) -> Sequence[Document]:
    for item in reversed(said):
        if item["verdict"] == "correct" and (item.get("empty") or item.get("boxes") is not None):
            return item.get("boxes") or ()
    label, model = sidecar.get("label", {}), sidecar.get("model", {})
    looked = label.get("reviewed") and label.get("boxes") is not None
    spoken = label.get("category") or label.get("boxes") or label.get("empty") or looked
    found: Sequence[Document] = (label if spoken else model).get("boxes") or ()
    return found


def _scaled(box: Document, photo: Frame) -> Box:
    """Return a box in the photo: each axis by the ratio of the photo to the frame the box names."""
    x, y, w, h = box["xywh_px"]
    across = photo.width_px / box["frame"]["width_px"]
    down = photo.height_px / box["frame"]["height_px"]
    return Box(x * across, y * down, w * across, h * down)
