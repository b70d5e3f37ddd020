"""A repository built to the last stage, and a release of it in a process that kills itself at a chosen point."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import pipeline
from captureset.capture.commit import commit
from captureset.store.repository import Repository
from planted import save_through_the_doors

NAME, NUMBER = "ecoguide-waste", "v0.1.0"
TAG = f"{NAME}@{NUMBER}"
PLANTED = ("planted-jpeg", "planted-png", "planted-webp")
CAPTURES, FEEDBACK = 27, 19  # three of each with secrets

# An event is the begin or end of a command, and every fsync and rename. At the given one the whole process group is
# gone, commands it started with it; with a delay, a command is killed in its midst.
PROGRAM = """
import os, signal, subprocess, sys, threading
from pathlib import Path

at, delay = int(sys.argv[1]), float(sys.argv[2])
events = 0


def event():
    global events
    events += 1
    if events == at:
        if delay:
            threading.Timer(delay, os.killpg, (0, signal.SIGKILL)).start()
        else:
            os.killpg(0, signal.SIGKILL)


def noted(function, both=False):
    def call(*arguments, **named):
        event()
        try:
            return function(*arguments, **named)
        finally:
            if both:
                event()
    return call


subprocess.run = noted(subprocess.run, both=True)
os.fsync, os.replace, os.rename = noted(os.fsync), noted(os.replace), noted(os.rename)
from captureset.release.release import release
from captureset.store.repository import Repository

done = release(Repository(Path.cwd()), *sys.argv[3:])
print(events, done.tag)
"""


@contextmanager
def as_tester() -> Iterator[None]:
    """Let a tester commit whatever Git settings this machine has, and commands find this `python`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in pipeline.NOBODY.items():
            patch.setenv(name, value)
        patch.setenv("PYTHONPATH", "stages")
        patch.setenv("PATH", pipeline.environment(Path())["PATH"])
        yield


def built(root: Path) -> Repository:
    """Return a new repository built to the last stage and committed, with a smoke-train that costs little."""
    repository = pipeline.begin(root)
    pipeline.change_params(root, smoke_train__epochs=2, smoke_train__max_images=12, report__contact_sheet=2)
    pipeline.save(root, "Cheap smoke-train")
    pipeline.fill(repository, 0, CAPTURES - len(PLANTED))
    assert sorted(save_through_the_doors(root)) == list(PLANTED)
    assert commit(repository).refusals == ()
    pipeline.repro(root)
    pipeline.save(root, "Build")
    return repository


def release_apart(root: Path, at: int = 0, delay_s: float = 0.0) -> subprocess.CompletedProcess[str]:
    """Release in a process of its own that is killed at an event, or some time after it; 0: never."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(at), str(delay_s), NAME, NUMBER],
        cwd=root,
        env=pipeline.environment(root),
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
