"""Commands about the repository as a whole: status, check."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError


def status(repo: RepoOption = None, as_json: JsonOption = False) -> None:
    """Say what waits, what is stale, what is not pushed, and the next command."""
    from captureset.inspection.status import status as look  # noqa: PLC0415 - needs the extra `pipeline`

    now = look(console.found(repo))
    unpushed = "the remote did not answer" if now.unpushed_files is None else counted(now.unpushed_files, "file")
    lines = [
        f"inbox        {counted(now.captures_waiting, 'capture')}, {now.feedback_waiting} feedback",
        f"quarantine   {counted(now.quarantined, 'delivery', 'deliveries')}",
        f"months       {now.months}",
        f"stale        {', '.join(now.stale_stages) or 'nothing'}",
        f"not pushed   {unpushed}",
        f"uncommitted  {', '.join(now.uncommitted) or 'nothing'}",
        f"next         {now.next_command}",
    ]
    console.answer("\n".join(lines), asdict(now), as_json=as_json)
    if now.remote_fault:
        raise CapturesetError(now.remote_fault)


def check(
    against: Annotated[
        str, typer.Option(help="Revision that pointers and ledgers may only grow from; in CI the base branch.")
    ] = "HEAD",
    staged: Annotated[
        bool, typer.Option("--staged", help="Check what is staged in Git instead of the folder, as a hook must.")
    ] = False,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check params, categories, schemas, pointers (only growing) and ledgers; exit 1 when something is wrong."""
    from captureset.inspection.check import check as look  # noqa: PLC0415 - needs the extra `pipeline`

    found = look(console.found(repo), against, staged=staged)
    lines = [f"{finding.check}: {finding.message}" for finding in found]
    text = "\n".join(lines or ["params, categories, schemas, pointers and ledgers are sound"])
    console.answer(text, [asdict(finding) for finding in found], as_json=as_json)
    if found:
        raise typer.Exit(1)
