"""What became of a foreign dataset, row by row, and whether it may come in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats.sources.dataset import MOST_LISTED, SourceDataset
from captureset.formats.sources.dirt import DIRT, Action, Unit
from captureset.formats.sources.fates import Fate, Fates


class OnDirt(StrEnum):
    """What an import does about dirt."""

    REFUSE = "refuse"  # any dirt at all refuses the dataset
    REPAIR = "repair"  # what can be mended is; anything else refuses the dataset
    LEAVE_OUT = "leave-out"  # what can be mended is; photos with anything else stay out, whole


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every photo and every box of a dataset.

    `photos_read` is `photos_in` and the photos whose fate is not `repaired`; `boxes_read` likewise.
    """

    photos_read: int
    photos_in: int
    boxes_read: int
    boxes_in: int
    fates: tuple[Fate, ...]

    def of(self, *actions: Action) -> list[Fate]:
        """Return the fates of some actions."""
        return [fate for fate in self.fates if fate.action in actions]

    def counts(self) -> dict[str, int]:
        """Return how many fates there are of each code, in the order of `DIRT`."""
        counted = Counter(fate.code for fate in self.fates)
        return {code: counted[code] for code in DIRT if counted[code]}

    def document(self) -> dict[str, Any]:
        """Return the account as JSON."""
        rows = [
            {"row": f.row, "photo": f.photo, "code": f.code, "action": f.action.value, "message": f.sentence}
            for f in self.fates
        ]
        return {
            "photos": {"read": self.photos_read, "in": self.photos_in},
            "boxes": {"read": self.boxes_read, "in": self.boxes_in},
            "counts": self.counts(),
            "rows": rows,
        }


class RefusedImportError(CapturesetError):
    """A dataset that may not come in; carries its account, in which nothing came in."""

    def __init__(self, message: str, account: Account) -> None:
        self.account = account
        super().__init__(message)


def refused_photos(fates: Iterable[Fate]) -> set[str]:
    """Return the photos that cannot come in whole."""
    return {fate.photo for fate in fates if fate.photo and fate.action is Action.REFUSED}


def account(dataset: SourceDataset, fates: Sequence[Fate], boxes_in: Mapping[str, int]) -> Account:
    """Return the account of a dataset.

    Args:
        dataset: as its reader gave it.
        fates: what was found when its photos were looked at.
        boxes_in: how many boxes of each photo came in, or would.
    """
    every = (*dataset.fates, *fates)
    left = _left_out(dataset, every, refused_photos(every))
    return Account(dataset.photos_read, len(boxes_in), dataset.boxes_read, sum(boxes_in.values()), (*every, *left))


def _left_out(dataset: SourceDataset, fates: Sequence[Fate], out: set[str]) -> list[Fate]:
    """Return the fates of photos that stay out for one of their boxes, and of the sound boxes of all that stay out."""
    told, gone = Fates(), defaultdict(set)
    for fate in fates:
        if fate.action is not Action.REPAIRED:
            gone[fate.unit, fate.photo].add(fate.row)
    for image in (image for image in dataset.images if image.name in out):
        if not gone[Unit.PHOTO, image.name]:
            told.add("box_refused", image.name, "stays out, since a box of it is refused", image.name)
        rows = [found.row for found in image.boxes if found.row not in gone[Unit.BOX, image.name]]
        told.leave_out(rows, image.name)
    return told.found


def require_admitted(name: str, found: Account, on_dirt: OnDirt, faults: Sequence[str]) -> None:
    """Return when a dataset may come in.

    Args:
        name: the dataset's.
        found: what became of its rows.
        on_dirt: what to do about dirt.
        faults: what else is wrong with it, that no mending helps.

    Raises:
        RefusedImportError: it may not; the first ten reasons are named, the rest counted.
    """
    barred = {
        OnDirt.REFUSE: found.of(*Action),
        OnDirt.REPAIR: found.of(Action.REFUSED),
        OnDirt.LEAVE_OUT: list[Fate](),
    }[on_dirt]
    reasons = [*(fate.sentence for fate in barred if fate.code != "box_refused"), *faults]
    if not reasons and not found.photos_in:
        reasons = ["no photo of it can come in"]
    if reasons:
        more = f" and {len(reasons) - MOST_LISTED} more" if len(reasons) > MOST_LISTED else ""
        remedy = f"nothing was imported; mend the source{_way_out(on_dirt) if barred else ''}"
        nothing = Account(found.photos_read, 0, found.boxes_read, 0, found.fates)
        raise RefusedImportError(f"{name}: {'; '.join(reasons[:MOST_LISTED])}{more}; {remedy}.", nothing)


def _way_out(on_dirt: OnDirt) -> str:
    """Return the option that lets more in."""
    if on_dirt is OnDirt.REFUSE:
        return ", or let what can be mended be mended with --on-dirt repair"
    return ", or leave out the photos it is about with --on-dirt leave-out (--report FILE lists every row)"
