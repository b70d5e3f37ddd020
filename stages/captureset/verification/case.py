"""What a rule looks at: one folder as it was read back, its pixels, and what stands behind it, each taken once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from captureset.errors import CapturesetError
from captureset.records.box import Box, Frame
from captureset.records.reading import ReadBox, ReadImage, Reading
from captureset.trainer.reader import TrainerSplit, read_with_trainer
from captureset.trainer.view import trainer_view
from captureset.verification.pictures import Picture, pictures_of
from captureset.verification.truth import ExpectedCapture, Truth

NUMBERS = 4


class NotApplicableError(CapturesetError):
    """A rule that has nothing to look at here; its text says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that breaks a rule: the file, the id in it (empty: the file as a whole), what is wrong."""

    file: str
    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Section `verify` of params.yaml, or the options of the command; pixels."""

    tolerance_px: float = 0.01
    min_side_px: float = 1.0


@dataclass(frozen=True, slots=True)
class Origin:
    """What only a repository knows of an export: what must be in it, and how to ask again.

    `again` gives the faults of writing the export a second time; `status` what `dvc status dvc.yaml` calls stale,
    None while the pipeline runs.
    """

    truth: Truth
    again: Callable[[], Iterator[Fault]]
    status: Callable[[], list[str]] | None


@dataclass
class _Fields:
    reading: Reading
    policy: Policy
    manifest: Mapping[str, Any] | None = None
    origin: Origin | None = None


class Case(_Fields):
    """One export under proof."""

    @cached_property
    def pictures(self) -> dict[str, Picture]:
        """Return what the bytes of every image say, by file; a missing file has none."""
        return pictures_of(self.reading.root, [image.file for image in self.reading.images])

    @cached_property
    def trainer(self) -> dict[str, TrainerSplit]:
        """Return what the trainer's own loader finds.

        Raises:
            CapturesetError: it is not installed, or cannot read the folder.
        """
        with trainer_view(self.reading.root) as view:
            return read_with_trainer(view)

    @cached_property
    def truth(self) -> Truth:
        """Return what the repository says must be here."""
        if self.origin is None:
            raise NotApplicableError("it needs the repository that wrote the folder")
        return self.origin.truth

    @cached_property
    def capture_of(self) -> dict[str, str]:
        """Return the capture of each image file, by the manifest; tables name captures themselves."""
        if self.reading.kind == "tables":
            return {image.file: image.file for image in self.reading.images}
        entries = self.manifest["images"] if self.manifest else ()
        return {entry["file"]: entry["capture_id"] for entry in entries}

    def expected(self, image: ReadImage) -> ExpectedCapture | None:
        """Return what the repository says about an image, None where it is no capture of it or there is none."""
        return self.origin.truth.captures.get(self.capture_of.get(image.file, "")) if self.origin else None

    @cached_property
    def splits(self) -> dict[str, list[ReadImage]]:
        """Return the images of each split."""
        found: dict[str, list[ReadImage]] = defaultdict(list)
        for image in self.reading.images:
            found[image.split].append(image)
        return dict(found)

    def frame(self, image: ReadImage) -> Frame | None:
        """Return the upright size of an image: its pixels', or what is declared where there is no file."""
        picture = self.pictures.get(image.file)
        return picture.upright if picture and picture.upright else image.frame

    def placed(self) -> Iterator[tuple[ReadImage, ReadBox, Box, Frame]]:
        """Give every box that has four numbers with its image, in pixels of its frame."""
        for image in self.reading.images:
            frame = self.frame(image)
            for box in image.boxes if frame else ():
                place = None if frame is None else in_pixels(self.reading.kind, box, frame)
                if place is not None and frame is not None:
                    yield image, box, place, frame


def in_pixels(kind: str, box: ReadBox, frame: Frame) -> Box | None:
    """Return an annotation's box in pixels, None when it is not made of four numbers."""
    if len(box.numbers) != NUMBERS:
        return None
    a, b, c, d = box.numbers
    return Box.from_cxcywh_norm(a, b, c, d, frame) if kind.startswith("yolo") else Box(a, b, c, d)


def named(box: ReadBox) -> str:
    """Return how a fault calls an annotation."""
    return f"line {box.id}" if "line" in box.row else f"annotation {box.id!r}"


def at(box: ReadBox, value: str) -> Fault:
    """Return a fault of an annotation."""
    return Fault(box.file, named(box), value)
