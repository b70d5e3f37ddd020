"""The system calls a real process made, as `strace` saw them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OPENING = ("open", "openat", "creat")
WRITING = (
    *("write", "writev", "pwrite64", "fsync", "fdatasync", "syncfs", "sync", "ftruncate", "truncate"),
    *("link", "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
    *("symlink", "symlinkat", "fallocate", "copy_file_range", "sendfile", "sync_file_range"),
)
LINE = re.compile(r"(?P<process>\d+) +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)(?P<rest>.*)")
UNFINISHED, RESUMED = " <unfinished ...>", re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
ESCAPED, DESCRIPTOR = re.compile(r"\\x([0-9a-f]{2})"), re.compile(r"(AT_FDCWD|-?\d+)<((?:\\x[0-9a-f]{2})*)>")


@dataclass(frozen=True, slots=True)
class Call:
    """One call that succeeded; an argument is a number, a flag, or what stood between quotes or angle brackets."""

    process: int
    name: str
    arguments: tuple[bytes, ...]
    result: bytes  # the path of what was opened, else empty


def require_strace() -> None:
    """Leave a test out by name where there is no strace; in CI that is a failure."""
    fault = _strace_fault()
    if fault and os.environ.get("CI") == "true":
        pytest.fail(f"strace is needed here: {fault}")
    if fault:
        pytest.skip(f"left out: the proof by strace, since {fault}; `apt-get install strace` brings it")


def _strace_fault() -> str | None:
    try:
        done = subprocess.run(["strace", "-f", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "strace is not installed"
    return None if done.returncode == 0 else f"strace may not trace here: {done.stderr.strip()}"


def environment() -> dict[str, str]:
    """Return the environment of a child that has the package and what tests share."""
    path = os.pathsep.join([str(ROOT / "stages"), str(ROOT / "tests")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def recorded(trace: Path, *command: str) -> list[Call]:
    """Run a Python script under strace and return the calls that open, write or name something."""
    wanted = ",".join((*OPENING, *WRITING))
    strace = ["strace", "-f", "-y", "-xx", "-s", "4000000", "-e", f"trace={wanted}", "-o", str(trace)]
    done = subprocess.run([*strace, sys.executable, *command], env=environment(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    with trace.open(encoding="ascii") as lines:
        return list(parsed(lines))


def parsed(lines: Iterator[str]) -> Iterator[Call]:
    """Give the calls in what strace wrote, a call that another process interrupted at its end."""
    begun: dict[str, str] = {}
    for raw in lines:
        line = raw.rstrip("\n")
        if line.endswith(UNFINISHED):
            begun[line.split()[0]] = line.removesuffix(UNFINISHED)
            continue
        resumed = RESUMED.fullmatch(line)
        if resumed:
            line = begun.pop(resumed[1]) + resumed[2]
        found = LINE.fullmatch(line)
        if found and int(found["result"]) >= 0:
            arguments = tuple(map(_value, found["arguments"].split(", ")))
            yield Call(int(found["process"]), found["name"], arguments, _value(found["rest"]))


def _value(text: str) -> bytes:
    """Return a quoted text or the path of a descriptor as bytes, anything else as it is printed."""
    shown = DESCRIPTOR.match(text)
    if shown or text.startswith(('"', "<")):
        inner = shown[2] if shown else text[1:]
        return bytes.fromhex("".join(ESCAPED.findall(inner)))
    return text.encode()
