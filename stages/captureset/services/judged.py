"""Captures with their quality: the committed ones as the catalog has them, the waiting ones from their sidecars."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset import params
from captureset.capture import inbox
from captureset.capture.envelope import SIDECAR, SUFFIX, TORN
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.judgement.evidence import Evidence, gather
from captureset.judgement.scores import assess
from captureset.judgement.settings import QualityParams
from captureset.records.box import Frame
from captureset.records.catalog_rows import Addresses, annotation_rows, capture_row
from captureset.records.label import resolve, with_alpha_box
from captureset.records.rows import CaptureRow, MaskRow, MeasurementRow, QualityRow, RegionRow
from captureset.records.sidecar import Feedback
from captureset.store import pointers
from captureset.store.repository import Repository

MEASURE = Path("data/measure")
TABLES: dict[type[Any], str] = {
    MeasurementRow: "measurements.parquet",
    RegionRow: "regions.parquet",
    MaskRow: "masks.parquet",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One capture and its quality; `measured` is False while nobody has looked at its pixels."""

    capture: CaptureRow
    quality: QualityRow
    boxes: int
    measured: bool
    committed: bool


def settings_of(repository: Repository) -> QualityParams:
    """Return section `quality` of the repository's params.yaml.

    Raises:
        CapturesetError: the file is missing or broken.
    """
    return params.record(QualityParams, "quality", repository.root / params.PARAMS_FILE)


def judged_sidecar(
    sidecar: Mapping[str, Any], feedback: Iterable[Mapping[str, Any]], settings: QualityParams, *, twin: bool
) -> Judged:
    """Return a capture that is not committed yet, judged by its metadata alone."""
    said = sorted(map(Feedback.from_document, feedback), key=lambda one: one.order)
    image = sidecar["image"]
    frame = Frame(image["width_px"], image["height_px"])
    final = with_alpha_box(resolve(sidecar, said), sidecar, frame)
    document = {**sidecar, "image": {"pixel_sha256": "", **image}}
    row = capture_row(Addresses("", "", "" if not twin else "waiting"), document, final, said, "")
    boxes = annotation_rows(row.capture_id, final, frame)
    quality = assess(Evidence(row, boxes=tuple(boxes)), settings)
    return Judged(row, quality, len(final.annotations), measured=False, committed=False)


def waiting(repository: Repository, settings: QualityParams) -> Iterator[Judged]:
    """Give the captures in the inbox; a torn envelope is none, `captureset commit` will say so."""
    found = inbox.waiting(repository)
    said: dict[str, list[Any]] = defaultdict(list)
    for path in found.feedback:
        try:
            said[path.name.partition(".")[0]].append(jsontext.read(path))
        except CapturesetError:
            continue  # committed at this very moment, or no JSON, which commit will say
    for path in found.captures:
        sidecar = sidecar_in(path)
        if sidecar is not None:
            feedback = said[path.name.removesuffix(SUFFIX)]
            yield judged_sidecar(sidecar, feedback, settings, twin="background_removed" in sidecar)


def sidecar_in(envelope: Path) -> dict[str, Any] | None:
    """Return the sidecar in an envelope without reading its photo, None when it is torn or gone."""
    try:
        with zipfile.ZipFile(envelope) as archive:
            sidecar: dict[str, Any] = jsontext.parse(archive.read(SIDECAR), envelope.name)
    except (CapturesetError, zipfile.BadZipFile, *TORN):
        return None
    return sidecar if {"capture_id", "captured_at", "source", "image"} <= sidecar.keys() else None


def committed(repository: Repository, settings: QualityParams) -> list[Judged]:
    """Return the captures in DVC with what the latest `dvc repro` measured; needs the extra `pipeline`.

    Raises:
        CapturesetError: the catalog or the measurements cannot be read.
        ModuleNotFoundError: the extra is not installed.
    """
    if not pointers.read(repository.pointers):
        return []
    from captureset import catalog  # noqa: PLC0415 - needs the extra `pipeline`, an app that only saves does not
    from captureset.formats import tables  # noqa: PLC0415

    found = catalog.current(repository.root)

    def measured(record: type[Any]) -> list[Any]:
        path = repository.root / MEASURE / TABLES[record]
        return tables.read(path, record) if path.exists() else []

    photos, regions, masks = map(measured, TABLES)
    known = gather(found.captures, photos, found.annotations, regions, masks, found.model_boxes)
    return [
        Judged(one.capture, assess(one, settings), len(one.boxes), measured=one.measured is not None, committed=True)
        for one in known
    ]


def everything(repository: Repository) -> list[Judged]:
    """Return every capture, committed or waiting, by id; one that waits again is committed."""
    settings = settings_of(repository)
    known = {one.capture.capture_id: one for one in waiting(repository, settings)}
    known.update({one.capture.capture_id: one for one in committed(repository, settings)})
    return [known[capture_id] for capture_id in sorted(known)]
