"""Commands about versions side by side: diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.store.objects import ObjectStore


def diff(
    old: Annotated[str, typer.Argument(help="A tag such as ecoguide-waste@v0.1.0, or any other Git revision.")],
    new: Annotated[str, typer.Argument(help="The later one; `workspace` is what `dvc repro` wrote last.")],
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page with changed labels side by side; fetches their photos.")
    ] = None,
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
    before, after = snapshot(repository, old), snapshot(repository, new)
    changed = difference(before, after)
    if html is not None:
        from captureset.reporting.difference_page import page  # noqa: PLC0415

        taxonomy, store = load_taxonomy(repository.categories), ObjectStore(repository.root)
        jsontext.write_text(html, page(changed, before, after, taxonomy, store.read))
    console.answer("\n".join(telling.lines(changed)), telling.document(changed), as_json=as_json)
