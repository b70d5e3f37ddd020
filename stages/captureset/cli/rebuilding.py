"""Commands that make old versions again: rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted

if TYPE_CHECKING:
    from captureset.release.rebuild import Output, Rebuilt


def rebuild(
    versions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TAG...]", help="Tags of releases; with --last also names of datasets."),
    ] = None,
    last: Annotated[
        int | None, typer.Option(min=1, help="The last so many versions of every dataset, or of those named.")
    ] = None,
    here: Annotated[
        bool, typer.Option("--here", help="Use the running environment, not the one that the tag pins.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Work in this new folder, one below it a version; it stays.")
    ] = None,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that versions can be rebuilt: the tag's code, in the tag's environment, makes the tag's exact bytes.

    From the inputs alone, up to the exports, in a temporary clone: no memo, no run-cache, no earlier output. Exit 1
    when an output differs.

    Example: `captureset rebuild ecoguide-waste@v0.1.0`, or `captureset rebuild --last 2` for the newest two
    """
    if not versions and last is None:
        raise typer.BadParameter("name tags such as ecoguide-waste@v0.1.0, or give --last N")
    from captureset.release import promise  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.release.rebuild import rebuild as make  # noqa: PLC0415

    repository = console.found(repo)
    done = [
        make(repository, promised, here=here, keep=keep and keep / promised.tag, say=console.errors.print)
        for promised in promise.chosen(repository, versions or [], last)
    ]
    text = "\n".join(line for rebuilt in done for line in _lines(rebuilt))
    console.answer(text, [_document(rebuilt) for rebuilt in done], as_json=as_json)
    if not all(rebuilt.same for rebuilt in done):
        raise typer.Exit(1)


def _document(rebuilt: Rebuilt) -> dict[str, Any]:
    outputs = [{**asdict(output), "same": output.same} for output in rebuilt.outputs]
    return {**asdict(rebuilt), "same": rebuilt.same, "outputs": outputs}


def _lines(rebuilt: Rebuilt) -> Iterator[str]:
    if rebuilt.fault is not None:
        yield f"{rebuilt.tag} cannot be rebuilt: {rebuilt.fault}"
        return
    yield from (_line(output) for output in rebuilt.outputs)
    for tool in rebuilt.others:
        yield f"  not as it was: {tool.name} {tool.now or 'not installed'}, then {tool.then}"
    different = [output.path for output in rebuilt.outputs if not output.same]
    verdict = f"{', '.join(different)} not as released" if different else "the same bytes"
    made = [output.rebuilt for output in rebuilt.outputs if output.rebuilt]
    files, size = sum(address.files for address in made), sum(address.size_bytes for address in made)
    yield (
        f"{rebuilt.tag} in {rebuilt.environment}: {verdict} ({counted(len(rebuilt.outputs), 'output')}, "
        f"{counted(files, 'file')}, {size} bytes; environment {rebuilt.environment_s:.1f} s, "
        f"stages {rebuilt.pipeline_s:.1f} s)."
    )


def _line(output: Output) -> str:
    if output.same and output.released is not None:
        facts = output.released
        return f"  same     {output.path}  {facts.md5}, {counted(facts.files, 'file')}, {facts.size_bytes} bytes"
    told = (
        f"{what} {a.md5 if a else 'nowhere'}" for what, a in (("released", output.released), ("now", output.rebuilt))
    )
    return f"  DIFFERS  {output.path}  {', '.join(told)}"
