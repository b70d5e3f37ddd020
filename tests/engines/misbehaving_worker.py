"""The real worker, except for photos that stand in MISBEHAVIOUR: their decoder dies, hangs, spins or bloats."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from captureset.engines import worker
from captureset.pixels.measures import Job, Measured, measure

MISBEHAVIOUR = "MISBEHAVIOUR"  # a JSON file: address of a photo to what it does


def die() -> None:
    """End as a decoder that writes where it must not."""
    os.kill(os.getpid(), signal.SIGSEGV)


def die_once() -> None:
    """End the first time only: the photo was not to blame."""
    mark = Path(os.environ[MISBEHAVIOUR]).with_suffix(".died")
    if not mark.exists():
        mark.touch()
        die()


def kill_parent_once() -> None:
    """Kill the process that watches over this one, the first time: a machine of the cluster is lost."""
    mark = Path(os.environ[MISBEHAVIOUR]).with_suffix(".killed")
    if not mark.exists():
        mark.write_text(str(os.getppid()), encoding="ascii")
        os.kill(os.getppid(), signal.SIGKILL)


def spin() -> None:
    """Burn processor time for ever."""
    while True:
        pass


def hang() -> None:
    """Wait for ever and burn nothing."""
    time.sleep(3600)


def bloat() -> None:
    """Ask for four times as much memory as any limit here."""
    np.ones(4 * 2**30, np.uint8)


def chat() -> None:
    """Print, as some libraries do, where the answers go."""
    sys.stdout.write("libwarning: hello\n")
    os.write(1, b"libwarning: hello\n")


def measure_badly(job: Job, read: Callable[[str], bytes]) -> Measured:
    """Return the rows of a photo, or what it does instead."""
    habits = json.loads(Path(os.environ[MISBEHAVIOUR]).read_text(encoding="utf-8"))
    habit: Callable[[], None] | None = globals().get(habits.get(job.image_md5, ""))
    if habit is not None:
        habit()
    return measure(job, read)


if __name__ == "__main__":
    worker.main(measure_badly)
