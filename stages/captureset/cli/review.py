"""The feedback road: which captures a person should look at, out to an annotation tool, and back as feedback."""

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
LISTED = 20

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
    export: Annotated[
        Tool | None, typer.Option("--export", help="Write them for a tool: Label Studio JSON, or CVAT's COCO 1.0.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="With --export: the file the tool imports.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option("--images", metavar="DIR", help="With --export: write the photos too, upright, into this folder."),
    ] = None,
    image_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="What stands before each file name in Label Studio (else local files)."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help=f"At most so many; {LISTED} of the list, all of an export by default."),
    ] = None,
    only: Annotated[Only | None, typer.Option(help="With --export: `all` adds what a person looked at.")] = None,
    record: Annotated[
        str | None, typer.Option(metavar="CAPTURE_ID", help="Write a capture's score of today into data/checks.csv.")
    ] = None,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the captures most worth a person's look, with the reasons; or write captures for an annotation tool.

    Rejected and excluded ones stay here. Examples: `captureset review --limit 50`,
    `captureset review --export labelstudio --out tasks.json --images photos --limit 100`
    """
    of_an_export = (out, images, image_url, only)
    if export is not None:
        if out is None or record is not None:
            raise typer.BadParameter("--export needs --out, and does not go with --record")
        wish = (export.value, out, images, image_url, limit)
        _write_tasks(export, wish, unreviewed_only=only is not Only.ALL, repo=repo, as_json=as_json)
        return
    if any(value is not None for value in of_an_export) or (record is not None and limit is not None):
        raise typer.BadParameter("--out, --images, --image-url and --only go with --export, --limit not with --record")
    if record is not None:
        _record(record, repo, as_json=as_json)
    else:
        _list(limit or LISTED, repo, as_json=as_json)


def _list(limit: int, repo: Path | None, *, as_json: bool) -> None:
    from captureset.inspection.candidates import candidates  # noqa: PLC0415 - needs the extra `pipeline`

    found = candidates(console.found(repo))
    lines = [
        f"{one.worth:.2f}  {one.capture_id}  {one.category or '-'}  {'; '.join(one.details)}" for one in found[:limit]
    ]
    if len(found) > limit:
        lines.append(f"{len(found) - limit} more; show them with --limit {len(found)}")
    document = {"candidates": [asdict(one) for one in found[:limit]], "total": len(found)}
    console.answer("\n".join(lines or ["No capture gives a reason to look at it."]), document, as_json=as_json)


def _record(capture_id: str, repo: Path | None, *, as_json: bool) -> None:
    from captureset.inspection.checking import record_manual  # noqa: PLC0415 - needs the extra `pipeline`

    check = record_manual(console.found(repo), capture_id)
    text = f"{capture_id}: overall score {check.overall_score}, {check.grade}; it stands in data/checks.csv."
    console.answer(text, asdict(check), as_json=as_json)


def _write_tasks(
    export: Tool,
    wish: tuple[str, Path, Path | None, str | None, int | None],
    *,
    unreviewed_only: bool,
    repo: Path | None,
    as_json: bool,
) -> None:
    from captureset.capture.review import Wish, write  # noqa: PLC0415 - needs the extra `pipeline`

    asked = Wish(*wish, unreviewed_only=unreviewed_only)
    with console.progress("Writing", asked.limit) as progress:
        done = write(console.found(repo), asked, progress)
    back = f"captureset import {'coco' if export is Tool.CVAT else 'labelstudio'} FILE --as-feedback --given-at TIME"
    lines = [
        f"{counted(done.captures, 'capture')} with {counted(done.boxes, 'box', 'boxes')} in {asked.out}.",
        f"The tool's labels are in {done.labels}.",
        f"Next: review them there, then {back}",
    ]
    document = {"captures": done.captures, "boxes": done.boxes, "labels": str(done.labels), "file": str(asked.out)}
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
