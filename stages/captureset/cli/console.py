"""What all commands share: where the repository is, a progress bar, answers for people or for scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from captureset.formats import jsontext
from captureset.store.repository import Repository

errors = Console(stderr=True, soft_wrap=True)  # a command in a sentence stays one piece to copy

RepoOption = Annotated[
    Path | None, typer.Option("--repo", help="The repository; by default the one around the current folder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with JSON, for scripts.")]


def found(repo: Path | None) -> Repository:
    """Return the repository a command works in."""
    return Repository.find(repo)


def answer(text: str, document: Any, *, as_json: bool) -> None:
    """Print the answer of a command on standard output."""
    typer.echo(jsontext.dump(document).rstrip("\n") if as_json else text)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while the block runs; it is told how many are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 capture` or `3 captures`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
