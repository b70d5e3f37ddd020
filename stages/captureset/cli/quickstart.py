"""`captureset quickstart`: from nothing to a verified dataset, in one command."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from captureset.cli import console
from captureset.cli.console import counted
from captureset.quickstart import requirements

if TYPE_CHECKING:
    from captureset.quickstart.quickstart import Made

SYNTHETIC = (
    "The photos are synthetic: drawings of furniture with exactly known boxes, and made-up answers, feedback and "
    "sessions. They show how everything works and are no evidence about real waste or real models."
)

Rows = list[tuple[str, str]]  # command, what it does

MADE: Rows = [("dvc repro", "build the dataset")]
RAN: Rows = [
    ("dvc metrics show", "how many, how good"),
    ("edit params.yaml && dvc repro", "another choice: only what it concerns runs again"),
    ("dvc metrics diff", "what that changed"),
]
YOURS: Rows = [
    ("captureset import csv …", "your own photos with their boxes; see `captureset import --help`"),
    ("captureset release my-dataset v0.1.0", "name a state that is built and committed a version"),
]


def quickstart(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The new repository: a new or an empty folder.")],
    captures: Annotated[
        int, typer.Option(min=0, help="Synthetic captures to draw: 20 or more, or 0 for an empty repository.")
    ] = 60,
    no_repro: Annotated[bool, typer.Option("--no-repro", help="Stop before `dvc repro`.")] = False,
) -> None:
    """Make a new dataset repository in DIR, with synthetic captures, and run the whole pipeline on them.

    The photos are drawings. DIR must be outside this checkout. Needs the extras `pipeline` and `train`.

    Example: `captureset quickstart ../my-dataset`
    """
    repro = captures > 0 and not no_repro
    requirements.require(repro=repro)
    from captureset.quickstart.quickstart import run  # noqa: PLC0415 - needs the extra `pipeline`

    if captures:
        typer.echo(SYNTHETIC)
    with Steps() as steps:
        made = run(directory, captures, repro=repro, step=steps.begin, note=steps.note)
    typer.echo(f"\n{summary(made)} Done in {steps.seconds:.0f} s.\n\n{where_to_look(made, ran=repro)}")


class Steps:
    """Prints each step with its seconds when it ends; shows the running one on a terminal."""

    def __init__(self) -> None:
        self._started = self._began = time.monotonic()
        self._running: str | None = None
        self._status = console.errors.status("")

    @property
    def seconds(self) -> float:
        """Seconds since the first step."""
        return time.monotonic() - self._started

    def begin(self, what: str) -> None:
        """End the running step and begin this one."""
        self._end()
        self._running, self._began = what, time.monotonic()
        self._status.update(what)
        self._status.start()

    def note(self, text: str) -> None:
        """Print what a person should know."""
        typer.echo(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        self._running = None if failure else self._running
        self._end()

    def _end(self) -> None:
        self._status.stop()
        if self._running is not None:
            typer.echo(f"{time.monotonic() - self._began:6.1f} s  {self._running}")
        self._running = None


def summary(made: Made) -> str:
    """Return what is in the new repository, in one sentence."""
    if not made.captures:
        return f"{made.root} is a dataset repository without captures."
    return (
        f"{made.root} holds {counted(made.captures, 'synthetic capture')} and {made.feedback} feedback; "
        f"{made.set_aside} is set aside."
    )


def where_to_look(made: Made, *, ran: bool) -> str:
    """Return the next commands, one a line, each with what it does."""
    rows = [(f"cd {shlex.quote(str(made.root))}", ""), *_environment_rows()]
    if made.report is not None:
        rows.append((f"open {made.report.relative_to(made.root)}", "the report, in a browser"))
    rows += RAN if ran else MADE if made.captures else ()
    rows += YOURS
    width = max(len(command) for command, why in rows if why)
    return "\n".join(f"  {command:<{width}}  {why}".rstrip() for command, why in rows)


def _environment_rows() -> Rows:
    """Return how to reach this environment's dvc, where the shell would not find it; after `uv run` it does not."""
    folder = Path(sys.executable).parent
    reached = Path(shutil.which("dvc") or os.devnull).parent == folder and "UV" not in os.environ
    return [] if reached else [(f"export PATH={shlex.quote(str(folder))}:$PATH", "this environment's dvc and python")]
