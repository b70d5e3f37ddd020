"""`captureset ci`: what the workflows in .github/workflows run, by hand the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption
from captureset.formats import jsontext

if TYPE_CHECKING:
    from captureset.ci.parts import Judged, Part
    from captureset.ci.stand_in import Make

app = typer.Typer(help="What the workflows ask of a dataset repository.", no_args_is_help=True)

CommentOption = Annotated[
    list[Path] | None,
    typer.Option("--comment", help="Also write it to this file as Markdown; several times if wanted."),
]
CapturesOption = Annotated[
    int, typer.Option("--captures", min=20, help="Synthetic captures of a quickstart repository that stands in.")
]


@app.command("pull-request")
def pull_request(
    against: Annotated[str, typer.Option(help="The branch it would be merged into.")] = "origin/main",
    comment: CommentOption = None,
    captures: CapturesOption = 20,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge HEAD as a pull request: pointers, schemas, pipeline, bytes on the remote, exports that changed.

    In a fresh clone with no data but what it fetches; exit 1 with a sentence for each part that failed.

    Example: `captureset ci pull-request --against origin/main --comment comment.md`
    """
    _forget_unset_secrets()
    from captureset.ci import pull_request as asked  # noqa: PLC0415 - needs the extra `pipeline`

    tell = _teller(as_json=as_json)
    _answer(asked.judge(console.found(repo), against, _make(captures), tell), comment or [], as_json=as_json)


@app.command("tag")
def tag(
    name: Annotated[str, typer.Argument(metavar="NAME@VERSION", help="The tag of a released version.")],
    rebuild: Annotated[int, typer.Option(min=0, help="Rebuild so many of the last versions; 0 leaves them out.")] = 2,
    comment: CommentOption = None,
    captures: CapturesOption = 20,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a released tag: manifest, card, pipeline, every byte on the remote, every export, rebuilt versions.

    In a fresh clone at the tag; exit 1 with a sentence for each part that failed.

    Example: `captureset ci tag ecoguide-waste@v0.1.0`
    """
    _forget_unset_secrets()
    from captureset.ci import tag as asked  # noqa: PLC0415 - needs the extra `pipeline`

    tell = _teller(as_json=as_json)
    judged = asked.judge(console.found(repo), name, _make(captures), tell, rebuild)
    _answer(judged, comment or [], as_json=as_json)


def _forget_unset_secrets() -> None:
    """A workflow hands a secret that nobody set as an empty text, which S3's client would take for a value."""
    for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
        del os.environ[name]


def _make(captures: int) -> Make:
    from captureset.ci import stand_in  # noqa: PLC0415 - needs the extra `pipeline`

    return partial(stand_in.make, captures=captures, step=console.errors.print)


def _teller(*, as_json: bool) -> Callable[[Part], None]:
    return lambda part: None if as_json else typer.echo(part.line())


def _answer(judged: Judged, comments: list[Path], *, as_json: bool) -> None:
    from captureset.ci import comment  # noqa: PLC0415 - needs the extra `pipeline`

    for path in comments:
        jsontext.write_text(path, comment.text(judged))
    lines = [*judged.changes, *filter(None, [judged.said]), f"{judged.subject}: {comment.headline(judged)}"]
    console.answer("\n".join(lines), judged.document(), as_json=as_json)
    if judged.failed:
        raise typer.Exit(1)
