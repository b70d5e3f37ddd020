"""What goes to an annotation tool and what comes back, whatever the tool."""

from __future__ import annotations

from dataclasses import dataclass

from captureset.records.box import Box, Frame


@dataclass(frozen=True, slots=True)
class NamedBox:
    """One box and the word for what is in it: our code on the way out, the tool's word on the way back."""

    category: str
    box: Box


@dataclass(frozen=True, slots=True)
class Task:
    """One capture on its way out, with the label that stands; boxes in pixels of the upright photo."""

    capture_id: str
    image: str  # file name
    frame: Frame
    boxes: tuple[NamedBox, ...]
    category: str | None  # of the photo as a whole, where nobody drew a box


@dataclass(frozen=True, slots=True)
class ReviewedTask:
    """One capture a person looked at in the tool.

    `frame` is the size of the picture the boxes were drawn on, None when the file does not say.
    """

    capture_id: str
    frame: Frame | None
    boxes: tuple[NamedBox, ...]
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A file that came back; tasks nobody submitted are only counted, silence is not agreement.

    `tells_category` says whether the format can hold the category of a photo without boxes.
    """

    name: str
    tasks: tuple[ReviewedTask, ...]
    tells_category: bool
    untouched: int = 0
