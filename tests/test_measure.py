"""The stage measure: every photo measured once, whatever is killed, the same table in the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from captureset.formats import tables
from captureset.measure import Shards, measure_all, measure_photo
from captureset.pixels.measures import METRIC_VERSION
from captureset.records.rows import MeasurementRow
from photos import jpeg, png
from rows import measurement

PHOTOS = {f"{number:032x}": jpeg(48, 32, seed=number) for number in range(10)}


class Opened:
    """Measures photos from memory, saves shards, notes what it opened, and dies at one shard if told to."""

    def __init__(self, shards: Shards | None = None, dies_at: int = 0) -> None:
        self.shards, self.dies_at, self.calls = shards, dies_at, 0
        self.photos: list[str] = []

    def __call__(self, addresses: Sequence[str]) -> list[MeasurementRow]:
        """Open and measure these photos."""
        self.calls += 1
        if self.calls == self.dies_at:
            raise KeyboardInterrupt
        self.photos += addresses
        rows = [measure_photo(md5, PHOTOS[md5]) for md5 in addresses]
        if self.shards:
            self.shards.save(rows)
        return rows


def table(rows: Iterable[MeasurementRow]) -> bytes:
    """Return rows as the stage writes them."""
    return tables.to_bytes(MeasurementRow, rows)


@pytest.mark.parametrize("data", [b"", b"<html></html>", jpeg(64, 48)[:300], png(64, 48)[:60]])
def test_an_unreadable_photo_gives_a_row_with_the_reason(data: bytes) -> None:
    """Nothing is dropped and nothing is made up: no numbers, a reason, and the same one every time."""
    row = measure_photo("ab", data)
    assert row.failure
    assert " at 0x" not in row.failure
    assert (row.measured_width_px, row.sharpness_p99, row.entropy_bits) == (0, None, None)
    assert measure_photo("ab", data) == row


def test_a_readable_photo_has_numbers_and_no_failure() -> None:
    """A whole photo has every number and its own size."""
    row = measure_photo("ab", jpeg(48, 32))
    assert row.failure is None
    assert None not in [getattr(row, name) for name in row.__slots__ if name != "failure"]
    assert (row.measured_width_px, row.measured_height_px) == (48, 32)


def test_known_photos_are_not_measured_again() -> None:
    """Only photos without a row of this metric version are opened; a failure is remembered too."""
    old, failed, known, *new = PHOTOS
    rows = [
        measurement(known, metric_version=METRIC_VERSION),
        measurement(failed, metric_version=METRIC_VERSION, failure="cut off"),
        measurement(old, metric_version=METRIC_VERSION - 1),
    ]
    opened = Opened()
    found = measure_all(PHOTOS, rows, opened, shard_size=100)
    assert opened.photos == sorted([old, *new])
    assert [row.image_md5 for row in found] == sorted(PHOTOS)
    assert {row.metric_version for row in found} == {METRIC_VERSION}


def test_the_table_depends_on_nothing_but_the_photos() -> None:
    """Order, doubles, shard size, rows of earlier runs and rows of vanished photos leave the same bytes."""
    plain = measure_all(PHOTOS, [], Opened(), shard_size=100)
    some = [*plain[::2], measure_photo("f" * 32, jpeg(8, 8))]
    assert table(measure_all([*reversed(PHOTOS), *PHOTOS], [], Opened(), shard_size=3)) == table(plain)
    assert table(measure_all(PHOTOS, some, Opened(), shard_size=1)) == table(plain)
    assert table(measure_all(PHOTOS, plain, Opened(dies_at=1), shard_size=1)) == table(plain)


def test_a_killed_run_resumes_after_its_last_whole_shard(tmp_path: Path) -> None:
    """Killed in the third shard of four, the next run opens the photos of two shards only."""
    shards = Shards(tmp_path / "scratch" / "measure-1")
    first, second = Opened(shards, dies_at=3), Opened(shards)
    with pytest.raises(KeyboardInterrupt):
        measure_all(PHOTOS, shards.load(), first, shard_size=3)
    assert len(first.photos) == 6
    rows = measure_all(PHOTOS, shards.load(), second, shard_size=3)
    assert second.photos == sorted(PHOTOS)[6:]
    assert table(rows) == table(measure_all(PHOTOS, [], Opened(), shard_size=100))


def test_a_torn_or_foreign_shard_is_measured_again(tmp_path: Path) -> None:
    """A shard that a power cut emptied, a half-written one and one of another version do not stop the stage."""
    shards = Shards(tmp_path)
    rows = [measure_photo(md5, data) for md5, data in PHOTOS.items()]
    shards.save(rows[:2])
    (tmp_path / "0.parquet").touch()
    (tmp_path / ".1.partial").write_bytes(b"PAR1")
    (tmp_path / "2.parquet").write_bytes(table(rows[2:4])[:-20])
    assert shards.load() == rows[:2]


def test_no_shards_is_no_rows(tmp_path: Path) -> None:
    """A first run has nothing to resume."""
    assert Shards(tmp_path / "never").load() == []


def test_no_photos_is_an_empty_table() -> None:
    """An empty catalog measures to an empty table."""
    assert measure_all([], [], Opened(dies_at=1), shard_size=1) == []
