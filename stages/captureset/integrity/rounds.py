"""How far the bytes of a place have been read: a sample goes on where the last one ended, a killed run too."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats import jsontext

SAVED_EVERY = 500  # objects read between two notes on disk


@dataclass(frozen=True, slots=True)
class Position:
    """Everything up to and with `after` was read in this round; `suspects` were damaged then."""

    after: str = ""
    suspects: tuple[str, ...] = ()


def part(oids: Sequence[str], position: Position, share: float) -> list[str]:
    """Return what is to be read now, of sorted addresses: that share of them from the position on, suspects first.

    Args:
        oids: sorted addresses of everything in the place.
        position: where the round stands.
        share: above 0 to 1; 1 reads the round to its end.
    """
    rest = [oid for oid in oids if oid > position.after]
    count = len(rest) if share >= 1 else min(len(rest), math.ceil(share * len(oids)))
    present = set(oids)
    return [*(oid for oid in position.suspects if oid in present and oid <= position.after), *rest[:count]]


class Notes:
    """The position on disk, one small file a place; without it a round begins again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Position:
        """Return where the round stands, its beginning when nothing is noted."""
        with suppress(CapturesetError, KeyError, TypeError):
            noted = jsontext.read(self.path)
            return Position(str(noted["after"]), tuple(map(str, noted["suspects"])))
        return Position()

    def save(self, position: Position) -> None:
        """Note the position."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        jsontext.write(self.path, {"after": position.after, "suspects": list(position.suspects)})

    def clear(self) -> None:
        """Forget it: the round is over."""
        self.path.unlink(missing_ok=True)


def batches(oids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give addresses in batches; the position is noted after each."""
    for start in range(0, len(oids), SAVED_EVERY):
        yield oids[start : start + SAVED_EVERY]
