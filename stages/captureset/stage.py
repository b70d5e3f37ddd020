"""How a stage runs: the repository's own code, outputs whole or not at all, refusals in one sentence."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import captureset
from captureset.errors import CapturesetError


def run(main: Callable[[], None], module: str) -> None:
    """Run a stage's main in the repository that is the current folder; exit 1 with one sentence when it refuses."""
    _prefer_own_code(module)
    try:
        main()
    except CapturesetError as error:
        sys.stderr.write(f"{module}: {error}\n")
        sys.exit(1)


def _prefer_own_code(module: str) -> None:
    """Start again with this repository's stages/ if another copy of captureset was imported.

    A version of a dataset is its code too: whatever is installed, the code beside dvc.yaml makes the data.
    """
    own = Path("stages/captureset").resolve()
    running = Path(captureset.__file__).resolve().parent
    if own.is_dir() and own != running:
        search = filter(None, (str(own.parent), os.environ.get("PYTHONPATH")))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(search)}
        os.execve(sys.executable, [sys.executable, "-m", f"captureset.{module}", *sys.argv[1:]], environment)  # noqa: S606


@contextmanager
def output(folder: Path) -> Iterator[Path]:
    """Give a fresh folder to write in; it becomes `folder` when the block ends well, and is gone when it does not."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
