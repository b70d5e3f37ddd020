"""Commands that guard what is in: install, merge-driver (Git calls it), erase."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted


def install(
    force: Annotated[bool, typer.Option("--force", help="Move other hooks aside (they are kept).")] = False,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell this clone's Git how months merge, and to run `captureset check` before every commit.

    Once per clone; again does no harm. Example: `captureset install`
    """
    from captureset.store import hooks  # noqa: PLC0415 - not needed by the app's side

    repository = console.found(repo)
    done = hooks.install(repository, force=force)
    lines = [f"Git in {repository.root} merges months by captureset and checks before every commit."]
    lines += [f"An earlier hook is kept as {path.name}, and runs no more." for path in done.kept]
    document = {"hooks": [path.name for path in done.hooks], "kept": [path.name for path in done.kept]}
    console.answer("\n".join(lines), document, as_json=as_json)


def merge_driver(base: Path, ours: Path, theirs: Path, path: str) -> None:
    """Merge one month pointer, as Git asks; `captureset install` sets it up."""
    from captureset.store import erasures, merging  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.store.objects import ObjectStore  # noqa: PLC0415

    root = Path(path).resolve().parents[2]
    merging.merge_files(base, ours, theirs, path, ObjectStore(root), erasures.anywhere(root))


def erase(
    capture_id: Annotated[str, typer.Argument(help="The capture to erase.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in Git for ever, so name nobody.")] = "",
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a capture: gone from every later version, a tombstone in data/erasures.csv, its bytes out of this clone.

    Not reversible. Says what other places still hold, and the command for each.

    Example: `captureset erase 0d6f1c2e-5a7b-4c1d-9e8f-2b3a4c5d6e7f --reason "asked by its owner"`
    """
    from captureset.capture import erase as erasing  # noqa: PLC0415 - needs the extra `pipeline`

    done = erasing.erase(console.found(repo), capture_id, reason)
    first = (
        f"{capture_id} is erased: {counted(len(done.files), 'file')} out of the months, "
        f"{counted(len(done.objects), 'object')} out of the cache, {len(done.deliveries)} waiting or checked out."
    )
    lines = [first, *(f"still in {left.place}: {left.command}" for left in done.remaining), "Next: dvc repro, dvc push"]
    console.answer("\n".join(lines), asdict(done), as_json=as_json)
