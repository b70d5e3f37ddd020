"""`captureset quality-report`: weekly and monthly reports in data/metadata/quality_reports, which Git tracks.

A stage writes below its own folder and its outputs are DVC's; these are few, small, read on the Git host and outlive
a rebuild, so a command writes them, and a release. The same tables give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from captureset import params
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.reporting import collection, periods, samples
from captureset.reporting.collection import Collection
from captureset.reporting.kpis import Targets
from captureset.reporting.periods import CalendarPeriod, Kind
from captureset.reporting.quality_page import quality_page
from captureset.reporting.quality_report import quality_report
from captureset.reporting.trust import Trust
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Written:
    """The files of one report, and whether either changed."""

    period: CalendarPeriod
    json: Path
    html: Path
    changed: bool


def known(repository: Repository) -> Collection:
    """Return what the tables of a repository say.

    Raises:
        CapturesetError: a table is missing; `dvc repro` has not run.
    """
    return collection.load(repository.root / "data")


def targets_of(repository: Repository) -> Targets:
    """Return the targets in params.yaml."""
    return params.record(Targets, "report", repository.root / params.PARAMS_FILE)


def latest(whole: Collection, kind: Kind) -> CalendarPeriod:
    """Return the week or month of the latest capture; no clock is asked.

    Raises:
        CapturesetError: there is no capture.
    """
    if not whole.captures:
        raise CapturesetError("data/catalog has no capture, so there is nothing to report; bring some in first.")
    return periods.of_day(kind, max(row.captured_at for row in whole.captures))


def months(whole: Collection) -> list[CalendarPeriod]:
    """Return every month in which a capture was taken or feedback was given."""
    moments = (*(row.captured_at for row in whole.captures), *(row.given_at for row in whole.feedback))
    return periods.every("monthly", moments)


def write(repository: Repository, whole: Collection, wanted: Iterable[CalendarPeriod]) -> list[Written]:
    """Write the reports of these periods; files that would not change are left as they are.

    Raises:
        MissingObjectError: a photo for a picture is nowhere.
    """
    targets, store = targets_of(repository), ObjectStore(repository.root)
    return [_write(repository, whole, period, targets, store) for period in wanted]


def _write(
    repository: Repository, whole: Collection, period: CalendarPeriod, targets: Targets, store: ObjectStore
) -> Written:
    now, document = whole.within(period), quality_report(whole, period, targets)
    shown = samples.mistaken(whole.captures, Trust.of(now.cases))
    store.fetch_missing([row.image_md5 for row in shown])
    pictures = samples.crops(shown, whole.annotations, store.read)
    folder = repository.quality_reports
    folder.mkdir(parents=True, exist_ok=True)
    figures, page = (folder / f"{period.file_stem}.{kind}" for kind in ("json", "html"))
    texts = {figures: jsontext.dump(document), page: quality_page(now, document, period, targets, pictures)}
    changed = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in changed:
        jsontext.write_text(path, texts[path])
    return Written(period, figures, page, bool(changed))
