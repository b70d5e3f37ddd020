"""The feedback road: captures go to an annotation tool and come back as feedback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from captureset.capture.importing import require_time
from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError
from captureset.formats.exchange import labelstudio
from captureset.formats.exchange.tasks import Reviewed

USER_KEY = re.compile(r"[0-9a-f]{16,64}")

AsFeedback = Annotated[
    bool, typer.Option("--as-feedback", help="A file from `captureset review` that comes back corrected.")
]
GivenAt = Annotated[str | None, typer.Option(metavar="TIME", help="When it was reviewed, RFC 3339.")]
By = Annotated[str | None, typer.Option(metavar="USER_KEY", help="Who reviewed it: a keyed hash, never a name.")]


class Tool(StrEnum):
    """An annotation tool."""

    LABELSTUDIO = "labelstudio"
    CVAT = "cvat"


class Only(StrEnum):
    """Which captures go out."""

    UNREVIEWED = "unreviewed"
    ALL = "all"


def review(
    export: Annotated[Tool, typer.Option("--export", help="The tool: Label Studio JSON, or CVAT's COCO 1.0.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file the tool imports.")],
    images: Annotated[
        Path | None, typer.Option("--images", metavar="DIR", help="Write the photos too, upright, into this folder.")
    ] = None,
    image_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="What stands before each file name in Label Studio (else local files)."),
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="At most so many, the oldest first.")] = None,
    only: Annotated[Only, typer.Option(help="`all` adds what is confirmed and corrected.")] = Only.UNREVIEWED,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write captures with the label that stands for an annotation tool; rejected and excluded ones stay here.

    Example: `captureset review --export labelstudio --out tasks.json --images photos --limit 100`
    """
    from captureset.capture.review import Wish, write  # noqa: PLC0415 - needs the extra `pipeline`

    wish = Wish(export.value, out, images, image_url, limit, unreviewed_only=only is Only.UNREVIEWED)
    with console.progress("Writing", limit) as progress:
        done = write(console.found(repo), wish, progress)
    back = f"captureset import {'coco' if export is Tool.CVAT else 'labelstudio'} FILE --as-feedback --given-at TIME"
    lines = [
        f"{counted(done.captures, 'capture')} with {counted(done.boxes, 'box', 'boxes')} in {out}.",
        f"The tool's labels are in {done.labels}.",
        f"Next: review them there, then {back}",
    ]
    document = {"captures": done.captures, "boxes": done.boxes, "labels": str(done.labels), "file": str(out)}
    console.answer("\n".join(lines), {**document, "next": back}, as_json=as_json)


def labelstudio_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="Label Studio's export, JSON (not JSON-MIN).")],
    as_feedback: AsFeedback = False,
    given_at: GivenAt = None,
    by: By = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    repo: RepoOption = None,
    json: JsonOption = False,
) -> None:
    """What `captureset review --export labelstudio` wrote, corrected: tasks that were submitted become feedback.

    Example: captureset import labelstudio corrected.json --as-feedback --given-at 2024-01-17T09:05:00+09:00
    """
    if not as_feedback:
        raise typer.BadParameter("Label Studio's files come back only as feedback; add --as-feedback")
    take_back(labelstudio.read, file, (), given_at, by, repo, dry_run=dry_run, as_json=json)


def take_back(
    read: Callable[[Path], Reviewed],
    file: Path,
    of_a_dataset: Iterable[object],
    given_at: str | None,
    by: str | None,
    repo: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Turn a reviewed file into feedback and say what happened.

    Args:
        read: the reader of its format.
        file: what came back.
        of_a_dataset: values of options that only a new dataset has; all must be None.
        given_at: when it was reviewed.
        by: who reviewed it.
        repo: the repository, None for the one around the current folder.
        dry_run: check only.
        as_json: answer with JSON.

    Raises:
        CapturesetError: an option or the file is wrong; nothing was written.
    """
    if given_at is None or any(value is not None for value in of_a_dataset):
        raise typer.BadParameter("--as-feedback needs --given-at, and takes no option of a new dataset")
    require_time(given_at, "--given-at")
    if by is not None and not USER_KEY.fullmatch(by):
        raise CapturesetError(f"--by {by!r} is no keyed hash of 16 to 64 hexadecimal digits; never give a name.")
    from captureset.capture.corrections import Speaker  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.capture.taking_back import take  # noqa: PLC0415

    done = take(console.found(repo), read(file), Speaker(given_at, by), dry_run=dry_run)
    where = "Now in the inbox" if done.new else "Nothing was written"
    lines = [
        f"{where}: {done.confirmed} confirmed, {done.corrected} corrected, {done.emptied} emptied.",
        *([f"In already: {done.already_in}."] if done.already_in else []),
        *([f"Left out, since nobody submitted them: {counted(done.untouched, 'task')}."] if done.untouched else []),
        *(["Next: the same without --dry-run"] if dry_run else []),
        *(["Next: captureset commit"] if done.new else []),
    ]
    console.answer("\n".join(lines), {**asdict(done), "dry_run": dry_run}, as_json=as_json)
