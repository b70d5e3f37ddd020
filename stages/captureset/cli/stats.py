"""Commands that count: stats, quality-report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError

PLACES = {
    "cache": "DVC's cache",
    "exports": "exports in the workspace",
    "tables": "tables and reports in the workspace",
    "images": "photos checked out",
    "inbox": "inbox",
    "quarantine": "quarantine",
    "scratch": "shards in .dvc/tmp",
}
MOST_CATEGORIES = 12
UNITS = ("B", "kB", "MB", "GB", "TB")
STEP = 1000


def stats(
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First UTC day of capture.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last UTC day of capture.")] = None,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the catalog knows, and which bytes lie where on this machine; frees nothing, names what would.

    Example: `captureset stats --json`
    """
    from captureset.inspection.stats import statistics  # noqa: PLC0415 - needs the extra `pipeline`

    days = (_day(first, "--from", "0001-01-01"), _day(last, "--to", "9999-12-31"))
    found = statistics(console.found(repo), days if first or last else None)
    console.answer("\n".join([*_catalog(found), "", *_storage(found["storage_usage"])]), found, as_json=as_json)


def quality_report(
    month: Annotated[str | None, typer.Option("--month", metavar="2024-01", help="A month, UTC.")] = None,
    week: Annotated[str | None, typer.Option("--week", metavar="2024-W03", help="An ISO week, UTC.")] = None,
    all_months: Annotated[bool, typer.Option("--all", help="Every month in which something came in.")] = False,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the quality report of a month or week, JSON and HTML, into data/metadata/quality_reports.

    By default of the month of the latest capture. Git tracks the files; a release writes every month's.

    Example: `captureset quality-report --week 2024-W03`
    """
    from captureset.inspection import quality_reports  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.reporting import periods  # noqa: PLC0415

    if sum(map(bool, (month, week, all_months))) > 1:
        raise typer.BadParameter("--month, --week and --all exclude each other")
    repository = console.found(repo)
    whole = quality_reports.known(repository)
    if all_months:
        wanted = quality_reports.months(whole)
    else:
        wanted = [periods.parse(str(month or week)) if month or week else quality_reports.latest(whole, "monthly")]
    done = quality_reports.write(repository, whole, wanted)
    lines = [f"{one.html.relative_to(repository.root)}{'' if one.changed else ' (as it was)'}" for one in done]
    document = [{"period": one.period.name, "json": str(one.json), "html": str(one.html)} for one in done]
    console.answer("\n".join(lines), document, as_json=as_json)


def _day(text: str | None, option: str, missing: str) -> str:
    try:
        return missing if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        raise CapturesetError(f"{option} {text!r} is no day; write it as 2024-01-15.") from None


def _catalog(found: Mapping[str, Any]) -> Iterator[str]:
    captures, grades = found["total_images"], found["quality_distribution"]
    judged = ", ".join(f"{grade.removesuffix('_quality').replace('_', ' ')} {grades[grade]}" for grade in grades)
    yield f"captures     {captures}, with {counted(found['total_annotations'], 'box', 'boxes')}"
    if captures:
        yield f"days         {found['earliest_data_date']} to {found['latest_data_date']} (UTC)"
    yield f"quality      {judged}"
    share = "" if found["feedback_coverage"] is None else f", {100 * found['feedback_coverage']:.1f} %"
    yield f"feedback     {found['with_feedback']} of {counted(captures, 'capture')}{share}"
    yield f"categories   {len(found['category_distribution'])}"
    ranked = list(found["category_distribution"].items())
    yield from (f"  {code:<14} {count:>7}" for code, count in ranked[:MOST_CATEGORIES])
    if len(ranked) > MOST_CATEGORIES:
        yield f"  … {len(ranked) - MOST_CATEGORIES} more with --json"


def _storage(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'what it names':<36} {'files':>8} {'bytes':>10} {'unique':>10} {'shared':>10}"
    for kind, part in found["content"].items():
        unknown = f"  ({part['unknown_files']} of unknown size)" if part["unknown_files"] else ""
        sizes = " ".join(f"{size(part[key]):>10}" for key in ("bytes", "unique_bytes", "shared_bytes"))
        yield f"  {kind:<34} {part['files']:>8} {sizes}{unknown}"
    yield f"  {'all, the same bytes once':<34} {'':>8} {'':>10} {size(found['unique_bytes']):>10}"
    yield f"{'where it lies':<36} {'files':>8} {'bytes':>10} {'linked':>10}"
    for name, label in PLACES.items():
        part = found["places"][name]
        yield f"  {label:<34} {part['files']:>8} {size(part['bytes']):>10} {size(part['linked_bytes']):>10}"
    yield from _remote(found)
    yield from (
        f"to free {size(saving['bytes'])}: {saving['what']} ({counted(saving['files'], 'file')}): {saving['command']}"
        for saving in found["savings"]
    )


def _remote(found: Mapping[str, Any]) -> Iterator[str]:
    remote = found["remote"]
    if remote is None:
        yield f"  {'remote':<34} there is none, or it did not answer"
        return
    unpushed = f"  ({size(found['unpushed_bytes'])} not pushed)" if found["unpushed_bytes"] else ""
    yield f"  {'remote':<34} {remote['files']:>8} {size(remote['bytes']):>10}{unpushed}"


def size(count: int) -> str:
    """Return bytes as a person reads them, three digits: `1.23 GB`; a GB is 1,000,000,000 bytes."""
    value, unit = float(count), 0
    while value >= STEP and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.3g} {UNITS[unit]}"
