"""`captureset import …`: whole datasets with their boxes become captures in the inbox."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from captureset.cli import ecoguide, review
from captureset.cli.import_choices import Choices, with_choices
from captureset.cli.review import AsFeedback, By, GivenAt
from captureset.formats.exchange import cvat
from captureset.formats.sources import coco, csv_boxes, voc, yolo

app = typer.Typer(
    no_args_is_help=True,
    help="Existing datasets with their boxes become captures in the inbox; every row that is mended, left out or "
    "refused is listed.",
)

Images = Annotated[Path, typer.Option("--images", metavar="DIR", help="Folder of the photos.")]
CocoImages = Annotated[Path | None, typer.Option("--images", metavar="DIR", help="Folder of the photos.")]
VocImages = Annotated[
    Path | None,
    typer.Option("--images", metavar="DIR", help="Folder of the photos, or the one that holds JPEGImages."),
]
OneBased = Annotated[
    bool, typer.Option("--one-based", help="Pixels are counted from 1 (as in VOC 2007): left and top move by 1.")
]
Columns = Annotated[
    str,
    typer.Option(metavar="ROLE=COLUMN,…", help="Which columns hold image, x1, y1, x2, y2, category."),
]


@app.command("coco")
@with_choices
def coco_command(
    *,
    annotations: Annotated[Path, typer.Argument(metavar="ANNOTATIONS.json", help="The COCO detection file.")],
    images: CocoImages = None,
    as_feedback: AsFeedback = False,
    given_at: GivenAt = None,
    by: By = None,
    choices: Choices,
) -> None:
    """A COCO file; images without annotations count as verified empty.

    Example: captureset import coco instances.json --images photos --map map.yaml

    With --as-feedback it is what `captureset review --export cvat` wrote, corrected: boxes become feedback.
    """
    if as_feedback:
        of_a_dataset = (images, choices.of_a_dataset() or None)
        dry_run, as_json = choices.dry_run, choices.json
        review.take_back(
            cvat.read, annotations, of_a_dataset, given_at, by, choices.repo, dry_run=dry_run, as_json=as_json
        )
        return
    if images is None or given_at is not None or by is not None:
        raise typer.BadParameter("a dataset needs --images; --given-at and --by go with --as-feedback")
    photos = images
    choices.run(lambda: coco.read(annotations, photos))


@app.command("yolo")
@with_choices
def yolo_command(
    *,
    data: Annotated[Path, typer.Argument(metavar="DATA.yaml", help="The data.yaml, or a folder with classes.txt.")],
    choices: Choices,
) -> None:
    """A YOLO dataset; an empty .txt is a verified-empty photo, a missing one an unlabelled photo.

    Example: captureset import yolo data.yaml --captured-at 2024-01-15T00:00:00Z
    """
    choices.run(lambda: yolo.read(data))


@app.command("voc")
@with_choices
def voc_command(
    *,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the XML files.")],
    images: VocImages = None,
    one_based: OneBased = False,
    choices: Choices,
) -> None:
    """Pascal VOC: one XML file a photo; the photos beside the XML, in JPEGImages, or in --images.

    Example: captureset import voc VOC2012/Annotations --add-categories --under FURN
    """
    choices.run(lambda: voc.read(folder, images, one_based=one_based))


@app.command("csv")
@with_choices
def csv_command(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="One row a box, corners in pixels.")],
    images: Images,
    columns: Columns = "",
    choices: Choices,
) -> None:
    """A CSV file with one row a box: image,x1,y1,x2,y2,category under any column names.

    Example: captureset import csv boxes.csv --images photos --columns image=file,x1=left,y1=top,x2=right,y2=bottom
    """
    choices.run(lambda: csv_boxes.read(file, images, csv_boxes.parse_columns(columns)))


app.command("ecoguide")(ecoguide.ecoguide_command)
app.command("labelstudio")(review.labelstudio_command)
