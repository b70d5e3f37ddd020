"""The parent's side of one child process that measures."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from captureset.engines import answers
from captureset.engines.settings import KILLED, MEMORY_EXIT, READY, TOO_LONG, TOO_MUCH_MEMORY, WorkerSettings
from captureset.errors import CapturesetError, MissingObjectError
from captureset.pixels.measures import Job, Measured

REASONS = {
    MEMORY_EXIT: TOO_MUCH_MEMORY,
    -signal.SIGALRM: TOO_LONG,
    -signal.SIGPROF: TOO_LONG,
}
# One thread a process, and memory that is kept for the next photo instead of being given back in between.
VARIABLES = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**28),
    "MALLOC_TOP_PAD_": str(2**26),
    "PILLOW_BLOCKS_MAX": "16",
}


class ChildDiedError(Exception):
    """A child ended before it answered; the text is the reason."""


class Child:
    """One child process."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        search = [str(Path(entry).resolve()) for entry in sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", settings.module, json.dumps(asdict(settings))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join(search)},
            start_new_session=True,  # Ctrl-C is for the parent, which ends its children
            text=True,
        )
        self._started = False
        self.busy = threading.RLock()  # held by the thread that talks with it

    def measure(self, jobs: Sequence[Job]) -> Iterator[Measured]:
        """Give the rows of each job as they come.

        Raises:
            ChildDiedError: the child ended; the first job without rows is why.
            MissingObjectError: bytes cannot be read.
            CapturesetError: the child cannot even start.
        """
        self._require_start()
        self._tell(answers.jobs_line(jobs))
        for _ in jobs:
            line = self._hear()
            if line.startswith("{"):
                raise MissingObjectError(json.loads(line)["missing"])
            yield answers.measured_from(line)

    def _require_start(self) -> None:
        if not self._started and self._process.stdout.readline().strip() != READY:  # type: ignore[union-attr]
            raise CapturesetError(f"no measuring process can be started: {self._last_complaint()}; see to that first.")
        self._started = True

    def _last_complaint(self) -> str:
        self._process.kill()
        self._process.wait()
        self._complaints.seek(0)
        said = self._complaints.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else f"it ended with exit code {self._process.returncode}"

    def _tell(self, line: str) -> None:
        try:
            self._process.stdin.write(line + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except BrokenPipeError:
            raise self._death() from None

    def _hear(self) -> str:
        line: str = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line.endswith("\n"):
            raise self._death()
        return line

    def _death(self) -> ChildDiedError:
        return ChildDiedError(REASONS.get(self._process.wait(), KILLED))

    @property
    def ended(self) -> bool:
        """Whether there is no process any more."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Kill the child, whatever it does, and close what led to it once nobody listens there."""
        self._process.kill()
        self._process.wait()
        with self.busy:
            for file in (self._process.stdin, self._process.stdout, self._complaints):
                with contextlib.suppress(BrokenPipeError):
                    file.close()  # type: ignore[union-attr]
