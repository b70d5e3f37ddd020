"""`captureset import …`: whole datasets with their boxes become captures in the inbox."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from captureset.capture.importing import Imported, ImportOptions, import_dataset, require_time
from captureset.cli import console, ecoguide, review
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.cli.review import AsFeedback, By, GivenAt
from captureset.errors import CapturesetError
from captureset.formats import schema
from captureset.formats.exchange import cvat
from captureset.formats.sources import coco, csv_boxes, voc, yolo
from captureset.formats.sources.dataset import SourceDataset

NEXT = "captureset commit"

app = typer.Typer(
    no_args_is_help=True,
    help="Existing datasets with their boxes become captures in the inbox: all of a dataset, or nothing.",
)

Images = Annotated[Path, typer.Option("--images", metavar="DIR", help="Folder of the photos.")]
CocoImages = Annotated[Path | None, typer.Option("--images", metavar="DIR", help="Folder of the photos.")]
VocImages = Annotated[
    Path | None,
    typer.Option("--images", metavar="DIR", help="Folder of the photos, or the one that holds JPEGImages."),
]
Columns = Annotated[
    str,
    typer.Option(metavar="ROLE=COLUMN,…", help="Which columns hold image, x1, y1, x2, y2, category."),
]
Map = Annotated[
    Path | None, typer.Option("--map", metavar="MAP.yaml", help="Lines `their category: ours`; ours by code or name.")
]
Add = Annotated[
    bool, typer.Option("--add-categories", help="Append unknown categories to data/categories.yaml (else refused).")
]
Under = Annotated[str, typer.Option(metavar="MAIN", help="Main category that --add-categories appends to.")]
At = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="When all photos were taken, RFC 3339 (else each photo's own EXIF time)."),
]
Unreviewed = Annotated[bool, typer.Option("--unreviewed", help="Nobody vouches for the boxes (else: confirmed).")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")]
SourceName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Name of the dataset in each sidecar (else from the path).")
]


@dataclasses.dataclass(frozen=True, slots=True)
class Common:
    """The options all formats share, as they were typed."""

    map_file: Path | None
    add_under: str | None
    captured_at: str | None
    reviewed: bool
    source_name: str | None
    repo: Path | None
    dry_run: bool
    json: bool

    def run(self, read: Callable[[], SourceDataset]) -> None:
        """Import what `read` gives and say what happened.

        Raises:
            CapturesetError: an option or the source is wrong; nothing was written.
        """
        require_time(self.captured_at)
        mapping = read_map(self.map_file) if self.map_file else {}
        options = ImportOptions(self.captured_at, mapping, self.add_under, self.reviewed, self.source_name)
        repository, dataset = console.found(self.repo), read()
        with console.progress("Checking" if self.dry_run else "Importing", len(dataset.images)) as progress:
            done = import_dataset(repository, dataset, options, dry_run=self.dry_run, progress=progress)
        console.answer(self.summary(done), self.document(done), as_json=self.json)

    def document(self, done: Imported) -> dict[str, Any]:
        """Return what happened as JSON."""
        return {**dataclasses.asdict(done), "dry_run": self.dry_run, "next": None if self.dry_run else NEXT}

    def summary(self, done: Imported) -> str:
        """Return what happened in a few lines, the next command last."""
        counts = f"{counted(done.captures, 'capture')} with {counted(done.boxes, 'box', 'boxes')}"
        added = ", ".join(done.categories_added)
        said = "would be appended" if self.dry_run else "appended"
        lines = [f"{self._outcome(done)}: {counts}."]
        lines += [f"Categories {said} to data/categories.yaml: {added}."] if added else []
        lines += [f"Note: {note}." for note in done.notes]
        return "\n".join([*lines, "Next: the same without --dry-run" if self.dry_run else f"Next: {NEXT}"])

    def _outcome(self, done: Imported) -> str:
        if self.dry_run:
            return "Would be imported, nothing was written"
        return "Now in the inbox" if done.new else "In the inbox already, nothing was written"


def read_map(path: Path) -> dict[str, str]:
    """Return a file of `their category: ours`.

    Raises:
        CapturesetError: it is missing, or a line does not lead from a word to a word.
    """
    document = schema.read_yaml(path) if path.is_file() else None
    if not isinstance(document, Mapping):
        raise CapturesetError(f"{path} is no file of lines `their category: ours`; give one with --map.")
    for theirs, ours in document.items():
        if isinstance(theirs, bool) or not isinstance(theirs, str | int) or not isinstance(ours, str):
            raise CapturesetError(f"{path} leads {theirs!r} to {ours!r}, where both must be text; put them in quotes.")
    return {str(theirs).strip(): ours for theirs, ours in document.items()}


def _common(
    map_file: Path | None,
    add: bool,
    under: str,
    at: str | None,
    unreviewed: bool,
    dry: bool,
    name: str | None,
    repo: Path | None,
    json: bool,
) -> Common:
    return Common(map_file, under if add else None, at, not unreviewed, name, repo, dry, json)


@app.command("coco")
def coco_command(
    annotations: Annotated[Path, typer.Argument(metavar="ANNOTATIONS.json", help="The COCO detection file.")],
    images: CocoImages = None,
    map_file: Map = None,
    add: Add = False,
    under: Under = "MISC",
    captured_at: At = None,
    unreviewed: Unreviewed = False,
    dry_run: Dry = False,
    source_name: SourceName = None,
    as_feedback: AsFeedback = False,
    given_at: GivenAt = None,
    by: By = None,
    repo: RepoOption = None,
    json: JsonOption = False,
) -> None:
    """A COCO file; images without annotations count as verified empty.

    Example: captureset import coco instances.json --images photos --map map.yaml

    With --as-feedback it is what `captureset review --export cvat` wrote, corrected: boxes become feedback.
    """
    if as_feedback:
        of_a_dataset = (images, map_file, captured_at, source_name, add or None, unreviewed or None)
        review.take_back(cvat.read, annotations, of_a_dataset, given_at, by, repo, dry_run=dry_run, as_json=json)
        return
    if images is None or given_at is not None or by is not None:
        raise typer.BadParameter("a dataset needs --images; --given-at and --by go with --as-feedback")
    photos = images
    common = _common(map_file, add, under, captured_at, unreviewed, dry_run, source_name, repo, json)
    common.run(lambda: coco.read(annotations, photos))


@app.command("yolo")
def yolo_command(
    data: Annotated[Path, typer.Argument(metavar="DATA.yaml", help="The data.yaml of a YOLO dataset.")],
    map_file: Map = None,
    add: Add = False,
    under: Under = "MISC",
    captured_at: At = None,
    unreviewed: Unreviewed = False,
    dry_run: Dry = False,
    source_name: SourceName = None,
    repo: RepoOption = None,
    json: JsonOption = False,
) -> None:
    """A YOLO dataset; an empty .txt is a verified-empty photo, a missing one an unlabelled photo.

    Example: captureset import yolo data.yaml --captured-at 2024-01-15T00:00:00Z
    """
    common = _common(map_file, add, under, captured_at, unreviewed, dry_run, source_name, repo, json)
    common.run(lambda: yolo.read(data))


@app.command("voc")
def voc_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the XML files.")],
    images: VocImages = None,
    map_file: Map = None,
    add: Add = False,
    under: Under = "MISC",
    captured_at: At = None,
    unreviewed: Unreviewed = False,
    dry_run: Dry = False,
    source_name: SourceName = None,
    repo: RepoOption = None,
    json: JsonOption = False,
) -> None:
    """Pascal VOC: one XML file a photo; the photos beside the XML, in JPEGImages, or in --images.

    Example: captureset import voc VOC2012/Annotations --add-categories --under FURN
    """
    common = _common(map_file, add, under, captured_at, unreviewed, dry_run, source_name, repo, json)
    common.run(lambda: voc.read(folder, images))


@app.command("csv")
def csv_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="One row a box, corners in pixels.")],
    images: Images,
    columns: Columns = "",
    map_file: Map = None,
    add: Add = False,
    under: Under = "MISC",
    captured_at: At = None,
    unreviewed: Unreviewed = False,
    dry_run: Dry = False,
    source_name: SourceName = None,
    repo: RepoOption = None,
    json: JsonOption = False,
) -> None:
    """A CSV file with one row a box: image,x1,y1,x2,y2,category under any column names.

    Example: captureset import csv boxes.csv --images photos --columns image=file,x1=left,y1=top,x2=right,y2=bottom
    """
    common = _common(map_file, add, under, captured_at, unreviewed, dry_run, source_name, repo, json)
    common.run(lambda: csv_boxes.read(file, images, csv_boxes.parse_columns(columns)))


app.command("ecoguide")(ecoguide.ecoguide_command)
app.command("labelstudio")(review.labelstudio_command)
