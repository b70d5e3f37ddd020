"""Commands about versions: diff of two, identify one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.store.objects import ObjectStore

if TYPE_CHECKING:
    from captureset.release.identify import Identity, Nearest

NAMED = 3


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


def identify(
    path: Annotated[Path, typer.Argument(help="A folder that `dvc get` fetched, or a model of examples/train.py.")],
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name the release that a fetched folder is, or that a model was trained on; exit 1 when no release has it.

    Every file of the folder is read. Model files are not opened, the note beside one is read.

    Example: `captureset identify ../elsewhere/waste --repo .`
    """
    from captureset.release.identify import identify as look  # noqa: PLC0415 - needs the extra `pipeline`

    identity = look(console.found(repo), path)
    console.answer("\n".join(_told(identity)), asdict(identity), as_json=as_json)
    if not identity.found:
        raise typer.Exit(1)


def _told(identity: Identity) -> Iterator[str]:
    said = identity.trained_on
    whose = f"{identity.path} says it was trained on {said['tag']} of {said['repository']}" if said else identity.path
    for export in identity.found:
        warning = f"; withdrawn, do not use it: {export.withdrawn}" if export.withdrawn else ""
        yield f"{whose}: {export} ({identity.md5}){warning}"
    if not identity.found:
        yield f"{whose}: no release of this repository has it ({identity.md5})"
        yield "`git fetch --tags` brings releases that this clone may lack."
    if identity.nearest is not None:
        yield f"Nearest is {identity.nearest.export}: {', '.join(_differing(identity.nearest))}"
    if identity.left_out:
        yield f"Left out: {_some(identity.left_out)}, which a trainer left there"


def _differing(nearest: Nearest) -> Iterator[str]:
    for what, names in (("changed", nearest.changed), ("missing", nearest.missing), ("added", nearest.added)):
        if names:
            yield f"{len(names)} {what} ({_some(names)})"


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
