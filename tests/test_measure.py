"""The stage measure: every photo measured once, whatever is killed, the same tables in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from captureset.engines.settings import NOT_REMEMBERED
from captureset.formats import tables
from captureset.measure import TABLES, AnyRow, Known, jobs_of, measure_all, rows_of
from captureset.pixels.measures import METRIC_VERSION, Job, Measured, failed, measure
from captureset.records.rows import RegionRow
from photos import encoded, jpeg, picture
from rows import annotation, capture, mask, measurement, region

PHOTOS = {f"{number:032x}": jpeg(48, 32, seed=number) for number in range(6)}
TWIN = {"f" * 32: encoded(picture(48, 32, 1).convert("RGBA"), "PNG")}
BOX = (10.0, 20.0, 30.0, 10.0)
JOBS = [Job(md5, (BOX,) if number % 2 else (), tuple(TWIN) if number % 3 else ()) for number, md5 in enumerate(PHOTOS)]


class Opened:
    """Measures photos from memory and notes which it opened."""

    def __init__(self) -> None:
        self.photos: list[str] = []

    def __call__(self, jobs: Iterable[Job]) -> Iterator[Measured]:
        """Open and measure these photos, the last one first."""
        for job in reversed(list(jobs)):
            self.photos.append(job.image_md5)
            yield measure(job, {**PHOTOS, **TWIN}.__getitem__)


def bytes_of(measured: Iterable[Measured]) -> dict[str, bytes]:
    """Return the tables as the stage writes them."""
    rows = list(rows_of(measured))
    return {
        name: tables.to_bytes(record, [row for row in rows if isinstance(row, record)])
        for name, record in TABLES.items()
    }


def test_a_photo_is_one_job_whoever_shows_it() -> None:
    """Captures of the same photo share it; equal boxes and twins of it are one."""
    captures = [
        capture("a", image_md5="2" * 32, twin_md5="7" * 32),
        capture("b", image_md5="2" * 32, twin_md5="6" * 32),
        capture("c", image_md5="2" * 32, twin_md5="7" * 32),
        capture("d", image_md5="1" * 32),
    ]
    boxes = [annotation("a", xywh_px=BOX), annotation("b", xywh_px=BOX, category="FURN_BED"), annotation("b")]
    assert jobs_of(captures, boxes) == [
        Job("1" * 32, (), ()),
        Job("2" * 32, ((10.0, 20.0, 30.0, 10.0), (10.0, 20.0, 30.0, 40.0)), ("6" * 32, "7" * 32)),
    ]


def test_known_photos_are_not_measured_again() -> None:
    """Only photos that lack a row of this metric version are opened; a failure of the photo's own is remembered."""
    old, broken, known, *new = PHOTOS
    rows = [
        measurement(known),
        measurement(broken, failure="image file is truncated"),
        measurement(old, metric_version=METRIC_VERSION - 1),
    ]
    opened = Opened()
    found = measure_all([Job(md5, (), ()) for md5 in PHOTOS], Known(rows), opened)
    assert sorted(opened.photos) == sorted([old, *new])
    assert [each.photo.image_md5 for each in found] == sorted(PHOTOS)
    assert {each.photo.metric_version for each in found} == {METRIC_VERSION}


def test_a_relabel_opens_its_own_photo_alone() -> None:
    """A box or a twin nobody measured opens the photo it belongs to; a box that went away opens none."""
    one, two, three = list(PHOTOS)[:3]
    rows: list[AnyRow] = [region(one, BOX), region(two, BOX), mask(three, "e" * 32)]
    rows += map(measurement, (one, two, three))
    wanted = [Job(one, (), ()), Job(two, (BOX, (1.0, 2.0, 3.0, 4.0)), ()), Job(three, (), ("e" * 32, "f" * 32))]
    known = Known(rows)
    assert [known.find(job) is None for job in wanted] == [False, True, True]
    assert known.find(Job(two, (BOX,), ())) == Measured(measurement(two), (region(two, BOX),), ())


def test_a_photo_over_a_limit_is_tried_again() -> None:
    """What a machine and its limits had a part in is no lasting fact of the photo."""
    job = JOBS[1]
    for reason in NOT_REMEMBERED:
        assert Known(rows_of([failed(job, reason)])).find(job) is None
    assert Known(rows_of([failed(job, "broken")])).find(job) == failed(job, "broken")


def test_the_tables_depend_on_nothing_but_the_photos() -> None:
    """Rows of earlier runs, of vanished photos and the order in which answers come leave the same bytes."""
    plain = measure_all(JOBS, Known([]), Opened())
    some = [*rows_of(plain[::2]), *rows_of([failed(Job("9" * 32, (BOX,), ()), "gone")])]
    assert bytes_of(measure_all(JOBS, Known(some), Opened())) == bytes_of(plain)
    opened = Opened()
    assert bytes_of(measure_all(JOBS, Known(rows_of(plain)), opened)) == bytes_of(plain)
    assert opened.photos == []


def test_a_catalog_of_boxes_alone_is_measured_box_by_box() -> None:
    """Every box of every photo has its row, in the order of photos and boxes."""
    measured = measure_all(JOBS, Known([]), Opened())
    regions = [row for row in rows_of(measured) if isinstance(row, RegionRow)]
    assert [row.image_md5 for row in regions] == [job.image_md5 for job in JOBS if job.boxes]
    assert all(row.sharpness_p99 is not None for row in regions)


def test_no_photos_is_empty_tables() -> None:
    """An empty catalog measures to empty tables, and opens nothing."""
    assert set(bytes_of(measure_all([], Known([]), Opened()))) == set(TABLES)
