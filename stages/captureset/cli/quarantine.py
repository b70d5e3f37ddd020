"""`captureset quarantine …`: what was refused, why, and what to do with it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from captureset.capture import quarantine
from captureset.capture.quarantine import Refused
from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError
from captureset.store.repository import Repository

app = typer.Typer(no_args_is_help=True, help="Refused deliveries, their bytes as they came: list, show, retry, drop.")

Names = Annotated[list[str] | None, typer.Argument(metavar="NAME…", help="Names as `quarantine list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


def _document(repository: Repository, refused: Refused) -> dict[str, Any]:
    path = refused.path.relative_to(repository.root).as_posix()
    return {**refused.details, "name": refused.name, "bytes": refused.size_bytes, "path": path}


def _chosen(repository: Repository, names: list[str] | None, everything: bool) -> list[Refused]:
    if bool(names) == everything:
        raise typer.BadParameter("give names, or --all")
    return quarantine.listed(repository) if everything else [quarantine.find(repository, name) for name in names or ()]


@app.command("list")
def list_command(repo: RepoOption = None, as_json: JsonOption = False) -> None:
    """Name every refused delivery with its reason code.

    Example: `captureset quarantine list`
    """
    repository = console.found(repo)
    found = quarantine.listed(repository)
    width = max((len(one.reason) for one in found), default=0)
    lines = [f"{one.reason:<{width}}  {one.name}" for one in found] or ["nothing is in quarantine"]
    console.answer("\n".join(lines), [_document(repository, one) for one in found], as_json=as_json)


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="A name as `quarantine list` shows it.")],
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a delivery was refused and where its bytes are.

    Example: `captureset quarantine show sofa-1.capture`
    """
    repository = console.found(repo)
    one = quarantine.find(repository, name)
    document = _document(repository, one)
    text = f"{one.name}: {one.reason}\n{one.message}\n{counted(one.size_bytes, 'byte')} in {document['path']}"
    console.answer(text, document, as_json=as_json)


@app.command("retry")
def retry_command(
    names: Names = None, everything: All = False, repo: RepoOption = None, as_json: JsonOption = False
) -> None:
    """Put deliveries back into the inbox; the next commit judges them again.

    Example: `captureset quarantine retry --all`
    """
    repository = console.found(repo)
    back = [path.name for path in quarantine.retry(repository, _chosen(repository, names, everything))]
    text = f"{counted(len(back), 'delivery', 'deliveries')} back in the inbox. Next: captureset commit"
    console.answer(text, {"retried": back}, as_json=as_json)


@app.command("drop")
def drop_command(
    names: Names = None,
    everything: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete them for good.")] = False,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete deliveries for good; asks for --yes.

    Example: `captureset quarantine drop sofa-1.capture --yes`
    """
    repository = console.found(repo)
    chosen = _chosen(repository, names, everything)
    what = counted(len(chosen), "delivery", "deliveries")
    if chosen and not yes:
        raise CapturesetError(f"this deletes {what} for good, there is no other copy; repeat it with --yes.")
    size = quarantine.drop(repository, chosen)
    dropped = [one.name for one in chosen]
    console.answer(f"{what} dropped, {counted(size, 'byte')}.", {"dropped": dropped, "bytes": size}, as_json=as_json)
