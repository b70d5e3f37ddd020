"""The fate of every row of a foreign dataset that did not simply come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from captureset.formats.sources.dirt import DIRT, Action, Unit


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row: `row` is where it stands in the source, `said` the rest of a sentence about it.

    `photo` is the photo it is about, as `SourceImage.name` has it, None where there is none to be found.
    """

    row: str
    code: str
    said: str
    photo: str | None = None

    @property
    def action(self) -> Action:
        """Whether the row came in, mended, or not."""
        return DIRT[self.code].action

    @property
    def unit(self) -> Unit:
        """What the fate is about."""
        return DIRT[self.code].unit

    @property
    def sentence(self) -> str:
        """The whole sentence, without its full stop."""
        return f"{self.row} {self.said}"


class DirtError(Exception):
    """Dirt that ends the reading of a row; carries its code and the rest of a sentence."""

    def __init__(self, code: str, said: str) -> None:
        self.code = code
        self.said = said
        super().__init__(said)


@dataclass(slots=True)
class Fates:
    """What one reading has counted and found so far; `photos` and `boxes` are how many the source speaks of."""

    photos: int = 0
    boxes: int = 0
    found: list[Fate] = field(default_factory=list)

    def add(self, code: str, row: str, said: str, photo: str | None = None) -> None:
        """Note one fate."""
        self.found.append(Fate(row, code, said, photo))

    def fail(self, error: DirtError, row: str, photo: str | None = None) -> None:
        """Note the dirt that ended the reading of a row."""
        self.add(error.code, row, error.said, photo)

    def leave_out(self, rows: Iterable[str], photo: str | None) -> None:
        """Note boxes that were sound and stay out with their photo."""
        for row in rows:
            self.add("left_out_with_photo", row, "is sound and stays out, as its photo does", photo)
