"""Jobs in processes that strace kills, or whose system calls it lets fail, at an exact call.

A zygote has everything imported, so a child begins at once and makes the same calls every time.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import crash_jobs
import syscalls
from captureset.errors import CapturesetError

KILLED, REFUSED, BROKEN, UNSAID = -9, 3, 4, 5
KILL_AT = ("openat", "newfstatat", "write", "fsync", "link", "linkat", "mkdir", "unlink", "rename", "close", "chmod")
WAITING_FOR_GIT = ("wait4", "vfork", "pipe2")
PTRACER, ANY = 0x59616D61, ctypes.c_ulong(-1)


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th call of a name, and what happens at it: death, or an errno."""

    name: str
    nth: int
    fault: str = ""
    outside: bool = False  # not below the repository: the oracle's, or a wait for git

    def option(self) -> list[str]:
        """Return what strace is to do."""
        does = f"error={self.fault}" if self.fault else "signal=KILL"
        return ["-e", f"trace={self.name}", "-e", f"inject={self.name}:{does}:when={self.nth}"]

    def __str__(self) -> str:
        return f"{self.fault or 'kill'} at {self.name} {self.nth}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it acknowledged before."""

    code: int
    acknowledged: list[str]


def oracle_of(root: Path) -> Path:
    """Return the file outside the repository in which every acknowledgement is safe."""
    return root.parent / f"{root.name}.oracle"


class Zygote:
    """A process with everything imported; each job gets a child of it, which has imported nothing by itself."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            env=syscalls.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def ask(self, *words: str) -> int:
        """Say one line and return the number it answers."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(words) + "\n")
        return int(self.process.stdout.readline())


@functools.cache
def zygote() -> Zygote:
    """Return the one of this process; it ends when its standard input does."""
    return Zygote()


def run(root: Path, *job: str, options: Sequence[str] = ()) -> Ended:
    """Do a job in a process of its own, under strace if there are options for it."""
    pid = zygote().ask("fork", str(root), *job)
    tracer = _attached(pid, options) if options else None
    code = zygote().ask("go")
    if tracer:
        tracer.communicate(timeout=60)
    oracle = oracle_of(root)
    lines = oracle.read_text(encoding="utf-8").splitlines() if oracle.exists() else []
    return Ended(code, lines)


def serve() -> None:
    """Fork, answer with the child's number; let it go, answer with how it ended."""
    preload()
    pid, gate = 0, -1
    for line in sys.stdin:
        verb, *words = json.loads(line)
        if verb == "fork":
            waiting, gate = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(gate)
                os.read(waiting, 1)
                _child(Path(words[0]), words[1:])
            os.close(waiting)
            answer = pid
        else:
            os.close(gate)
            answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(1, f"{answer}\n".encode())


def preload() -> None:
    """Import what a job needs, so that its calls are its own."""
    import dvc.repo  # noqa: PLC0415, F401 - only the zygote needs it
    import dvc_data.index  # noqa: PLC0415, F401

    from captureset.capture import commit  # noqa: PLC0415, F401

    ctypes.CDLL(None).prctl(PTRACER, ANY, 0, 0, 0)


def _child(root: Path, job: Sequence[str]) -> NoReturn:
    """Do the job; every acknowledgement is fsynced elsewhere."""
    ctypes.CDLL(None).prctl(PTRACER, ANY, 0, 0, 0)
    crash_jobs.acknowledge = _acknowledge_in(oracle_of(root))
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(devnull, 1)
    try:
        crash_jobs.perform(root, *job)
    except CapturesetError as error:
        os._exit(REFUSED if str(error).isprintable() else BROKEN)
    except BaseException:  # noqa: BLE001 - a traceback is what the judge must see
        sys.excepthook(*sys.exc_info())
        os._exit(BROKEN)
    os._exit(0)


def _acknowledge_in(oracle: Path) -> crash_jobs.Acknowledge:
    def acknowledge(text: str) -> None:
        try:
            descriptor = os.open(oracle, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.write(descriptor, f"{text}\n".encode())
            os.fsync(descriptor)
            os.close(descriptor)
        except OSError:  # the fault hit the oracle itself: the world has not heard of it
            os._exit(UNSAID)

    return acknowledge


def _attached(pid: int, options: Sequence[str]) -> subprocess.Popen[str]:
    tracer = subprocess.Popen(
        ["strace", "-f", "-o", os.devnull, "-p", str(pid), *options],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert tracer.stderr
    said = tracer.stderr.readline()
    assert "attached" in said, said
    return tracer


def points(root: Path, *job: str, names: Sequence[str] = KILL_AT) -> list[Point]:
    """Return the calls of a job that touch the repository or its oracle, from a run that is left alone."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        seen = ["-y", "-xx", "-s", "9", "-e", f"trace={','.join(names)}", "-o", str(trace)]
        ended = run(root, *job, options=seen)
        assert ended.code == 0, (job, ended)
        return list(_touching(trace, root))


def _touching(trace: Path, root: Path) -> list[Point]:
    """Return the calls of the first process, each with its place among its like, as far as they touch the root."""
    wanted, counts = "".join(f"\\x{byte:02x}" for byte in os.fsencode(root)), Counter[str]()
    lines = trace.read_text(encoding="ascii").splitlines()
    first = lines[0].split()[0]
    found = []
    for line in lines:
        called = re.match(rf"{first} +(\w+)\(", line)
        if called:
            counts[called[1]] += 1
            below = rf"{wanted}\x2f" in line or line.endswith(f'{wanted}"')
            if below or wanted in line or called[1] in WAITING_FOR_GIT:
                found.append(Point(called[1], counts[called[1]], outside=not below))
    return found


if __name__ == "__main__":
    serve()
