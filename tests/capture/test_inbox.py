from __future__ import annotations

import json

from captureset.capture import inbox, quarantine
from captureset.errors import InvalidDocumentError, Problem, RefusedCaptureError
from captureset.store.repository import Repository


def fill(repository: Repository, *names: str) -> None:
    """Put files into the inbox, each holding its own name."""
    for name in names:
        path = repository.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def test_captures_feedback_and_strangers_are_told_apart(repository: Repository) -> None:
    """Sorted by name, batches included; what is still being written is not seen."""
    assert len(inbox.waiting(repository)) == 0
    fill(
        repository,
        "b.capture",
        "import-1/a.capture",
        "b.feedback.f-1.json",
        ".c.capture.77.partial",
        ".import-9/d.capture",
        "notes.txt",
        "b.json",
    )
    found = inbox.waiting(repository)
    assert [path.name for path in found.captures] == ["a.capture", "b.capture"]
    assert [path.name for path in found.feedback] == ["b.feedback.f-1.json"]
    assert [path.name for path in found.strangers] == ["b.json", "notes.txt"]
    assert len(found) == 3


def test_a_refused_delivery_keeps_its_bytes_and_its_reason(repository: Repository) -> None:
    """It leaves the inbox; the code and the sentence stand beside it."""
    fill(repository, "a.capture", "b.feedback.f.json")
    moved = quarantine.take(repository, repository.inbox / "a.capture", RefusedCaptureError("damaged", "It is cut."))
    assert moved.read_text(encoding="utf-8") == "a.capture"
    assert json.loads((repository.quarantine / "a.capture.reason.json").read_text(encoding="utf-8")) == {
        "reason": "damaged",
        "message": "It is cut.",
    }
    error = InvalidDocumentError("b", [Problem("/x", "wrong", "mend it")])
    moved = quarantine.take(repository, repository.inbox / "b.feedback.f.json", error)
    reason = json.loads(moved.with_name(moved.name + ".reason.json").read_text(encoding="utf-8"))
    assert reason == {"reason": "invalid_document", "message": "b has 1 problem: /x: wrong (mend it)."}
    assert [*repository.inbox.iterdir()] == []


def test_quarantine_overwrites_nothing(repository: Repository) -> None:
    """A second refused delivery of that name with other bytes gets a number; the same bytes stay one file."""
    for content in ("one", "two", "one"):
        fill(repository, "a.capture")
        path = repository.inbox / "a.capture"
        path.write_text(content, encoding="utf-8")
        quarantine.take(repository, path, RefusedCaptureError("damaged", "no"))
    kept = {p.name: p.read_text(encoding="utf-8") for p in repository.quarantine.iterdir() if p.suffix != ".json"}
    assert kept == {"a.capture": "one", "a.capture.2": "two"}


def test_what_is_committed_is_cleared_with_its_empty_batch(repository: Repository) -> None:
    """The inbox itself stays, and so does a batch folder with something left in it."""
    fill(repository, "a.capture", "one/b.capture", "two/c.capture", "two/rest.txt")
    found = inbox.waiting(repository)
    inbox.clear(repository, [*found.captures, repository.inbox / "gone.capture"])
    left = sorted(str(path.relative_to(repository.inbox)) for path in repository.inbox.rglob("*"))
    assert left == ["two", "two/rest.txt"]
