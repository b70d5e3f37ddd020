"""The child's side: measures the photos it is told to on standard input, a line of rows for each, until told no more.

A photo that takes too long or wants too much memory ends this process, by a signal or by MEMORY_EXIT; the parent sees
which photo had no answer. `python -m captureset.engines.worker SETTINGS`, SETTINGS as `WorkerSettings` in JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from captureset.engines import answers
from captureset.engines.settings import MEMORY_EXIT, PATIENCE, READY, WorkerSettings
from captureset.errors import MissingObjectError
from captureset.pixels.measures import Job, Measured, measure
from captureset.store.reader import ObjectReader

Measure = Callable[[Job, Callable[[str], bytes]], Measured]


def main(measure_photo: Measure = measure) -> None:
    """Answer jobs until standard input ends."""
    settings = WorkerSettings(**json.loads(sys.argv[1]))
    replies = _own_output()
    reader = ObjectReader(settings.places)
    _limit_memory(settings.memory_limit_mb)
    _say(replies, READY)
    for line in sys.stdin:
        for job in answers.jobs_from(line):
            _say(replies, _answer(job, measure_photo, reader, settings.time_limit_s))


def _answer(job: Job, measure_photo: Measure, reader: ObjectReader, seconds: float) -> str:
    try:
        with _time_limit(seconds):
            return answers.measured_line(measure_photo(job, reader.read))
    except MissingObjectError as error:
        return json.dumps({"missing": str(error)})
    except MemoryError:
        os._exit(MEMORY_EXIT)


def _own_output() -> TextIO:
    """Return standard output for the answers alone; what libraries print goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


def _say(replies: TextIO, line: str) -> None:
    replies.write(line + "\n")
    replies.flush()


def _limit_memory(megabytes: int) -> None:
    """Allow so much address space on top of what the program has taken itself, which differs between machines."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError):
        return  # no Linux: there the time limit is all that guards


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """End this process by a signal when a photo takes so much processor time, or PATIENCE times as much of any."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
