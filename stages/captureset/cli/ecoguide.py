"""`captureset import ecoguide`: the app's own uploads folder, and what became of every label in it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError
from captureset.formats.sources import ecoguide as source
from captureset.formats.taxonomy import load_taxonomy

NEXT = "captureset commit"
WORDS = {
    "imported": "imported",
    "already_in": "already in",
    "revision": "revision",
    "quarantined": "quarantined",
    "no_image": "no image",
    "vanished": "vanished",
}


def ecoguide_command(
    uploads: Annotated[Path, typer.Argument(metavar="UPLOADS_DIR", help="The app's uploads folder.")],
    timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="Where the app ran; its times have no offset.")
    ] = "Asia/Seoul",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    source_name: Annotated[
        str, typer.Option(metavar="NAME", help="Name in each sidecar; one name for each uploads folder.")
    ] = "ecoguide",
    repo: RepoOption = None,
    json: JsonOption = False,
) -> None:
    """The EcoGuide app's labels and photos, of any generation; says what became of every label.

    Importing again brings in only what is new: a changed label becomes feedback, a vanished one a note.

    Example: captureset import ecoguide app/uploads --dry-run
    """
    from captureset.capture.ecoguide import import_uploads  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.capture.ecoguide_documents import Reading  # noqa: PLC0415

    repository, found = console.found(repo), source.read(uploads)
    reading = Reading(load_taxonomy(repository.categories), zone(timezone), source_name)
    with console.progress("Checking" if dry_run else "Importing", len(found.records)) as progress:
        done = import_uploads(repository, found, reading, dry_run=dry_run, progress=progress)
    rows = [dataclasses.asdict(fate) for fate in done.fates]
    document = {
        "records": rows,
        "counts": done.counts(),
        "notes": list(done.notes),
        "dry_run": dry_run,
        "next": None if dry_run else NEXT,
    }
    console.answer(_report(document), document, as_json=json)


def zone(name: str) -> ZoneInfo:
    """Return the time zone of a name.

    Raises:
        CapturesetError: there is none of that name, or the machine has no table of time zones.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CapturesetError(
            f"--timezone {name!r} is no time zone here; name one such as Asia/Seoul, or install tzdata."
        ) from None


def _report(document: dict[str, Any]) -> str:
    """Return the fate of every label as a table, then how many had which, the next command last."""
    rows = document["records"]
    width = max(len(row["file_id"]) for row in rows)
    lines = [f"{row['file_id']:<{width}}  {WORDS[row['fate']]:<11}  {_why(row)}".rstrip() for row in rows]
    told = ", ".join(f"{count} {WORDS[fate]}" for fate, count in document["counts"].items() if count)
    wanted = sum(bool(row["review"]) for row in rows)
    lines += ["", f"{'Nothing was written. ' if document['dry_run'] else ''}{counted(len(rows), 'label')}: {told}."]
    lines += [f"{wanted} of them marked for review."] if wanted else []
    lines += [f"Note: {note}." for note in document["notes"]]
    return "\n".join([*lines, "Next: the same without --dry-run" if document["dry_run"] else f"Next: {NEXT}"])


def _why(row: dict[str, Any]) -> str:
    """Return the reason of a fate, or what a person should look at."""
    if row["message"]:
        return f"{row['reason']}: {row['message']}"
    return f"review: {', '.join(row['review'])}" if row["review"] else ""
