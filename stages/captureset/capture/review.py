"""Captures go out to an annotation tool: the labels that stand, in its import format, and the upright photos."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path

from captureset import params
from captureset.capture import exclude, images
from captureset.capture.corrections import standing
from captureset.catalog import Catalog, current
from captureset.errors import CapturesetError
from captureset.exporting.settings import ExportParams
from captureset.formats import jsontext
from captureset.formats.exchange import cvat, labelstudio
from captureset.formats.exchange.tasks import Task
from captureset.formats.taxonomy import load_taxonomy
from captureset.pixels.normalise import normalised
from captureset.records.rows import CaptureRow
from captureset.records.taxonomy import Taxonomy
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

Progress = Callable[[int], None]
LABELS = {"labelstudio": ".labels.xml", "cvat": ".labels.json"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What to write and where; `images` None leaves the photos out, `image_url` is Label Studio's way to them."""

    tool: str  # labelstudio, cvat
    out: Path
    images: Path | None = None
    image_url: str | None = None
    limit: int | None = None
    unreviewed_only: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """What went out, and the file that sets the tool's labels up."""

    captures: int
    boxes: int
    labels: Path


def chosen(
    catalog: Catalog, set_aside: Container[str], *, unreviewed_only: bool, limit: int | None
) -> list[CaptureRow]:
    """Return the captures to review, the oldest first; never what was rejected or set aside by a person."""
    states = {"unreviewed"} if unreviewed_only else {"unreviewed", "confirmed", "corrected"}
    rows = [row for row in catalog.captures if row.review_state in states and row.capture_id not in set_aside]
    return sorted(rows, key=lambda row: (row.captured_at, row.capture_id))[:limit]


def write(repository: Repository, wish: Wish, progress: Progress = lambda _: None) -> Written:
    """Write photos, label set-up and tasks, the tasks last.

    Raises:
        CapturesetError: there is no capture, a photo is missing, or a folder cannot be written.
    """
    catalog, taxonomy = current(repository.root), load_taxonomy(repository.categories)
    set_aside = {row.capture_id for row in exclude.read(repository)}
    rows = chosen(catalog, set_aside, unreviewed_only=wish.unreviewed_only, limit=wish.limit)
    labels = wish.out.with_name(wish.out.stem + LABELS[wish.tool])
    try:
        names = _file_names(repository, rows, wish.images, progress)
        tasks = _tasks(catalog, rows, names)
        jsontext.write_text(labels, _labels(wish.tool, taxonomy))
        jsontext.write(wish.out, _document(wish, tasks, taxonomy))
    except OSError as error:
        raise CapturesetError(f"{error.filename} cannot be written: {error.strerror}; give another path.") from None
    return Written(len(tasks), sum(len(task.boxes) for task in tasks), labels)


def _document(wish: Wish, tasks: list[Task], taxonomy: Taxonomy) -> object:
    if wish.tool == "cvat":
        return cvat.document(tasks, taxonomy)
    return labelstudio.document(tasks, taxonomy, labelstudio.image_url(wish.images, wish.image_url))


def _labels(tool: str, taxonomy: Taxonomy) -> str:
    return jsontext.dump(cvat.labels(taxonomy)) if tool == "cvat" else labelstudio.labels(taxonomy)


def _tasks(catalog: Catalog, rows: list[CaptureRow], names: dict[str, str]) -> list[Task]:
    labels = standing(catalog)
    return [
        Task(
            row.capture_id,
            names[row.capture_id],
            labels[row.capture_id].frame,
            labels[row.capture_id].boxes,
            row.category if row.label_kind == "category" else None,
        )
        for row in rows
    ]


def _file_names(
    repository: Repository, rows: list[CaptureRow], folder: Path | None, progress: Progress
) -> dict[str, str]:
    """Write the photos as the exports have them, upright, and return their file names by capture id."""
    if folder is None:
        return {row.capture_id: row.capture_id + images.SUFFIXES[row.image_format] for row in rows}
    settings = ExportParams(**params.load("export", repository.root / params.PARAMS_FILE))
    store, names = ObjectStore(repository.root), {}
    store.fetch_missing([row.image_md5 for row in rows])
    folder.mkdir(parents=True, exist_ok=True)
    for count, row in enumerate(rows, start=1):
        photo = normalised(store.read(row.image_md5), settings.background_color, settings.jpeg_quality)
        names[row.capture_id] = row.capture_id + photo.suffix
        (folder / names[row.capture_id]).write_bytes(photo.data)
        progress(count)
    return names
