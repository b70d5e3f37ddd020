"""Commands about versions: release, releases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted


def release(
    name: Annotated[str, typer.Argument(help="Name of the dataset, such as ecoguide-waste.")],
    version: Annotated[str, typer.Argument(help="Version, such as v0.1.0.")],
    description: Annotated[str, typer.Option(help="What a reader should know about it.")] = "",
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Say that this version should not be used; its tag and bytes stay.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is withdrawn; its users read it.")] = "",
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name the current state a version: verified, frozen, written down, pushed to the DVC remote and tagged.

    Example: `captureset release ecoguide-waste v0.1.0 --description "first sofas"`

    Taken back: `captureset release ecoguide-waste v0.1.0 --withdraw --reason "beds were labelled as sofas"`
    """
    if withdraw:
        _withdraw(name, version, reason, repo, as_json=as_json)
        return
    if reason:
        raise typer.BadParameter("--reason goes with --withdraw; a release has --description.")
    from captureset.release.release import release as make  # noqa: PLC0415 - needs the extra `pipeline`

    done = make(console.found(repo), name, version, description, console.errors.print)
    text = (
        f"{done.tag} is tagged at {done.commit[:10]}, {counted(done.newly_frozen, 'capture')} newly frozen, manifest "
        f"data/metadata/datasets/{done.manifest.name}. Next: git push --follow-tags"
    )
    document = {"tag": done.tag, "commit": done.commit, "manifest": done.manifest.name, "frozen": done.newly_frozen}
    console.answer(text, document, as_json=as_json)


def _withdraw(name: str, version: str, reason: str, repo: RepoOption, *, as_json: bool) -> None:
    from captureset.release.withdrawing import withdraw  # noqa: PLC0415 - needs the extra `pipeline`

    done = withdraw(console.found(repo), name, version, reason)
    text = f"{done.tag} is withdrawn; whoever names it can still fetch it. Next: git push --follow-tags"
    console.answer(text, asdict(done), as_json=as_json)


def releases(repo: RepoOption = None, as_json: JsonOption = False) -> None:
    """List the releases with their states: created and processing (under way), ready, archived (withdrawn)."""
    from captureset.release.listing import releases as listed  # noqa: PLC0415 - needs the extra `pipeline`

    found = listed(console.found(repo))
    lines = [
        f"{one.tag}  {one.state:<10}  {one.released_at[:10]:<10}  {counted(one.captures, 'capture')}  {one.said}"
        for one in found
    ]
    text = "\n".join(lines) or "no release yet; `captureset release NAME v0.1.0` makes one"
    console.answer(text, [asdict(one) for one in found], as_json=as_json)
