"""What is done to a repository in a process that may be killed: `python tests/crash_jobs.py ROOT JOB [ARGUMENT…]`.

An acknowledgement is one line on standard output, after the call has returned.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from captureset.capture import durable, quarantine
from captureset.capture.submit import submit, submit_feedback
from captureset.errors import RefusedCaptureError
from captureset.store.repository import Repository
from deliveries import box, feedback, sidecar
from photos import jpeg, png


def photo(seed: int) -> bytes:
    """Return a photo of some pages on disk."""
    return jpeg(640, 480, seed)


def twin(seed: int) -> bytes:
    """Return its background-removed twin."""
    return png(32, 24, seed)


def document(capture_id: str, month: int = 1) -> dict[str, Any]:
    """Return what an app says of it."""
    boxes = [box("FURN_SOFA", [10, 10, 300, 200], 640, 480)]
    model = {"name": "m", "version": "1", "category": "FURN_SOFA", "confidence": 0.9, "boxes": boxes}
    return sidecar(capture_id, f"2024-{month:02}-15T03:20:00Z", model=model)


def seed_of(capture_id: str) -> int:
    """Return the seed of a capture's pixels: c-17 has 17."""
    return int(capture_id.partition("-")[2])


def said(feedback_id: str, capture_id: str, verdict: str = "confirm") -> dict[str, Any]:
    """Return a feedback that has reached us at a fixed time."""
    return feedback(feedback_id, capture_id, verdict, received_at="2024-02-01T00:00:00Z")


Acknowledge = Callable[[str], None]


def _on_standard_output(text: str) -> None:
    """Tell the world, by one system call."""
    os.write(1, f"{text}\n".encode())


acknowledge: Acknowledge = _on_standard_output


def capture_job(root: Path, capture_id: str, seed: str = "", month: str = "1") -> None:
    """Submit one capture; another seed than its own makes it a conflict."""
    number = int(seed or seed_of(capture_id))
    try:
        submit(Repository(root), photo(number), document(capture_id, int(month)), twin(number))
    except RefusedCaptureError as error:
        acknowledge(f"{error.reason} {capture_id} {number}")
    else:
        acknowledge(f"capture {capture_id}")


def feedback_job(root: Path, capture_id: str, feedback_id: str, verdict: str = "confirm") -> None:
    """Submit one feedback."""
    try:
        submit_feedback(Repository(root), capture_id, said(feedback_id, capture_id, verdict))
    except RefusedCaptureError as error:
        acknowledge(f"{error.reason} {feedback_id} {verdict}")
    else:
        acknowledge(f"feedback {feedback_id}")


def in_place_job(root: Path, capture_id: str) -> None:
    """Write a capture as a beginner would; what the proof must find fault with."""
    path = root / "data" / "inbox" / f"{capture_id}.capture"
    path.write_bytes((root / "envelope").read_bytes())
    acknowledge(f"capture {capture_id}")


def take_job(root: Path, name: str) -> None:
    """Refuse what waits in the inbox."""
    error = RefusedCaptureError("damaged", "It is cut.")
    with durable.kept(name):
        quarantine.take(Repository(root), root / "data" / "inbox" / name, error)
    acknowledge(f"taken {name}")


def retry_job(root: Path, name: str) -> None:
    """Put a refused delivery back."""
    repository = Repository(root)
    with durable.kept(name):
        quarantine.retry(repository, [quarantine.find(repository, name)])
    acknowledge(f"retried {name}")


def commit_job(root: Path) -> None:
    """Bring everything in."""
    from captureset.capture.commit import commit  # noqa: PLC0415 - only this job needs Git and DVC

    commit(Repository(root))
    acknowledge("committed")


def commit_with_job(root: Path, options: str) -> None:
    """Bring everything in, by a `git commit` that strace has hold of."""
    shim, real = root.parent / "shim", shutil.which("git")
    shim.mkdir(exist_ok=True)
    words = shlex.join(["strace", "-f", *json.loads(options), str(real)])
    script = (
        f'#!/bin/sh\ncase " $* " in *" commit "*|*" add "*) exec {words} "$@" 2>/dev/null;; esac\nexec {real} "$@"\n'
    )
    (shim / "git").write_text(script, encoding="utf-8")
    (shim / "git").chmod(0o755)
    os.environ["PATH"] = os.pathsep.join([str(shim), os.environ["PATH"]])
    commit_job(root)


JOBS: dict[str, Callable[..., None]] = {
    "capture": capture_job,
    "feedback": feedback_job,
    "in_place": in_place_job,
    "take": take_job,
    "retry": retry_job,
    "commit": commit_job,
    "commit_with": commit_with_job,
}


def perform(root: Path, *words: str) -> None:
    """Do one job; `hidden` before it keeps the disk from files without a name."""
    if words[0] == "hidden":
        durable.NAMELESS = False
        words = words[1:]
    JOBS[words[0]](root, *words[1:])


if __name__ == "__main__":
    perform(Path(sys.argv[1]), *sys.argv[2:])
