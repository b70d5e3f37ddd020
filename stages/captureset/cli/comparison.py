"""Commands about versions side by side: diff."""

from __future__ import annotations

from typing import Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption


def diff(
    old: Annotated[str, typer.Argument(help="A tag such as ecoguide-waste@v0.1.0, or any other Git revision.")],
    new: Annotated[str, typer.Argument(help="The later one; `workspace` is what `dvc repro` wrote last.")],
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what changed between two versions: captures, labels and who said so, boxes, splits, quality.

    From tables alone, no photo is fetched. Example: `captureset diff ecoguide-waste@v0.1.0 workspace`
    """
    from captureset.comparison import telling  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.comparison.difference import difference  # noqa: PLC0415
    from captureset.comparison.snapshot import snapshot  # noqa: PLC0415

    repository = console.found(repo)
    changed = difference(snapshot(repository, old), snapshot(repository, new))
    console.answer("\n".join(telling.lines(changed)), telling.document(changed), as_json=as_json)
