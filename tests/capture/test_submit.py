from __future__ import annotations

import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from captureset.capture import durable, quarantine
from captureset.capture.envelope import unpack
from captureset.capture.submit import submit, submit_feedback
from captureset.errors import CapturesetError, InvalidDocumentError, NotKeptError, RefusedCaptureError, RefusedError
from captureset.store.repository import Repository
from deliveries import box, feedback, sidecar
from photos import jpeg, png

PHOTO = jpeg(64, 48, 1, exif_orientation=6)


def waiting(repository: Repository) -> list[str]:
    """Return every name in the inbox, hidden ones too."""
    return sorted(path.name for path in repository.inbox.iterdir()) if repository.inbox.exists() else []


def test_what_is_in_the_inbox_is_what_was_delivered(repository: Repository) -> None:
    """Photo and twin keep their bytes; the sidecar gets the facts of both, upright, and keeps all it said."""
    twin = png(30, 40, 2)
    receipt = submit(repository, PHOTO, sidecar("c-1", extra={"구": "마포"}), twin)
    envelope = unpack(receipt.path.read_bytes(), "x")
    assert (envelope.photo, envelope.twin) == (PHOTO, twin)
    assert envelope.sidecar.items() >= sidecar("c-1", extra={"구": "마포"}).items()
    assert envelope.sidecar["image"] == {
        "format": "jpeg",
        "width_px": 48,
        "height_px": 64,
        "bytes": len(PHOTO),
        "sha256": hashlib.sha256(PHOTO).hexdigest(),
    }
    assert envelope.sidecar["background_removed"]["format"] == "png"
    assert waiting(repository) == ["c-1.capture"]


def test_the_same_delivery_twice_has_the_same_receipt(repository: Repository) -> None:
    """In the inbox still, or after it was emptied; other content has another."""
    first = submit(repository, PHOTO, sidecar("c-1"))
    assert submit(repository, PHOTO, sidecar("c-1")) == first
    assert waiting(repository) == ["c-1.capture"]
    first.path.unlink()
    assert submit(repository, PHOTO, dict(reversed(sidecar("c-1").items()))) == first
    assert submit(repository, PHOTO, sidecar("c-2")).receipt != first.receipt


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def test_an_id_that_waits_with_other_content_is_refused(repository: Repository) -> None:
    """The first delivery stays as it is; the other one is kept in quarantine, the hashes of both are named."""
    first, other = submit(repository, PHOTO, sidecar("c-1")), jpeg(64, 48, 2)
    before = first.path.read_bytes()
    for _ in range(2):  # the same conflict again is one entry
        with pytest.raises(
            RefusedCaptureError, match=r"c-1\.capture is already in the inbox with other content"
        ) as refused:
            submit(repository, other, sidecar("c-1"))
    assert refused.value.reason == "conflict"
    assert first.path.read_bytes() == before
    assert waiting(repository) == ["c-1.capture"]
    (kept,) = quarantine.listed(repository)
    assert unpack(kept.path.read_bytes(), kept.name).photo == other
    assert kept.details["sha256"] == {
        "taken": {"file": sha256(before), "photo": sha256(PHOTO)},
        "refused": {"file": sha256(kept.path.read_bytes()), "photo": sha256(other)},
    }
    assert sha256(before) in kept.message
    assert sha256(kept.path.read_bytes()) in kept.message


def test_every_further_content_under_one_id_is_kept(repository: Repository) -> None:
    """Three others are three entries, delivered by eight at once; none overwrites another."""
    submit(repository, PHOTO, sidecar("c-1"))
    others = [jpeg(64, 48, seed) for seed in (2, 3, 4)]

    def deliver(number: int) -> str:
        with pytest.raises(RefusedCaptureError) as refused:
            submit(repository, others[number % 3], sidecar("c-1"))
        return refused.value.reason

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(deliver, range(24))) == {"conflict"}
    kept = quarantine.listed(repository)
    assert {one.name for one in kept} == {"c-1.capture", "c-1.capture.2", "c-1.capture.3"}
    assert {unpack(one.path.read_bytes(), one.name).photo for one in kept} == {*others}
    assert {one.reason for one in kept} == {"conflict"}


def test_all_that_is_wrong_is_said_at_once(repository: Repository) -> None:
    """A bad photo hides neither the twin's fault nor the sidecar's; each problem has its own code."""
    wrong = sidecar("c-1", model={"confidence": 7}, image={"format": "png"})
    with pytest.raises(RefusedCaptureError) as refused:
        submit(repository, b"<html>", wrong, b"")
    assert refused.value.reason == "not_an_image"
    assert {(problem.pointer, problem.reason) for problem in refused.value.problems} == {
        ("/image", "not_an_image"),
        ("/background_removed", "not_an_image"),
        ("/model/confidence", "invalid_document"),
    }
    assert all(problem.message in str(refused.value) for problem in refused.value.problems)
    with pytest.raises(RefusedCaptureError) as spoken:
        submit_feedback(repository, "c-1", feedback("f-1", "c-2", rating=9))
    assert {problem.reason for problem in spoken.value.problems} == {"other_capture", "invalid_document"}
    assert waiting(repository) == []


def test_every_refusal_is_one_type(repository: Repository) -> None:
    """Whoever catches `RefusedError` has the code and all problems, whatever was wrong."""
    cases: list[tuple[bytes, Any, str]] = [
        (PHOTO, [], "invalid_document"),
        (b"", sidecar("c-1"), "not_an_image"),
        (PHOTO, sidecar("c-1", extra={"text": "a" * 5_000_000}), "too_large"),
    ]
    for photo, document, code in cases:
        with pytest.raises(RefusedError) as refused:
            submit(repository, photo, document)
        assert refused.value.reason == code
        assert [problem.reason for problem in refused.value.problems] == [code]


def test_true_facts_may_be_sent_and_false_ones_are_refused(repository: Repository) -> None:
    """An app that sends the hash has a broken upload noticed; every contradiction is named."""
    facts = {"sha256": hashlib.sha256(PHOTO).hexdigest(), "width_px": 48, "height_px": 64, "format": "jpeg"}
    submit(repository, PHOTO, sidecar("c-1", image=facts))
    false = {**facts, "width_px": 64, "height_px": 48, "sha256": "0" * 64}
    with pytest.raises(InvalidDocumentError, match="64 but the file has 48") as refused:
        submit(repository, PHOTO, sidecar("c-2", image=false, background_removed={"format": "png"}))
    assert {problem.pointer for problem in refused.value.problems} == {
        "/image/height_px",
        "/image/sha256",
        "/image/width_px",
        "/background_removed",
    }
    assert waiting(repository) == ["c-1.capture"]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (sidecar("c-1", model={"confidence": float("nan")}), "is no JSON"),
        (sidecar("c-1", extra={"when": object()}), "is no JSON"),
        (sidecar("c-1", extra={"score": np.float32(0.5)}), "is no JSON"),
        (sidecar("c-1", extra={"text": "\ud83d"}), "is no JSON"),
        (sidecar("../../etc/passwd"), "/capture_id"),
        (sidecar("c-1\n"), "/capture_id"),
        (sidecar("c-1", model={"boxes": [box("FURN_SOFA", [60, 0, 9, 9], 48, 64)]}), "outside its frame of 48x64"),
        ([], "is no object"),
        ("c-1", "is no object"),
        (None, "is no object"),
    ],
)
def test_a_wrong_sidecar_leaves_nothing_behind(repository: Repository, document: Any, fault: str) -> None:
    """Whatever a program hands over, the refusal is one sentence and the inbox stays empty."""
    with pytest.raises(InvalidDocumentError) as refused:
        submit(repository, PHOTO, document)
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)
    assert waiting(repository) == []


def test_a_photo_that_is_html_is_refused(repository: Repository) -> None:
    """The photo is named by its capture, and so is a twin that is none."""
    with pytest.raises(RefusedCaptureError, match=r"the photo of sidecar c-1 is no JPEG.*<html>"):
        submit(repository, b"<html>404</html>", sidecar("c-1"))
    with pytest.raises(RefusedCaptureError, match="the twin of sidecar c-1 is no JPEG"):
        submit(repository, PHOTO, sidecar("c-1"), b"")
    assert waiting(repository) == []


def test_many_at_once_deliver_one(repository: Repository) -> None:
    """An app that retries in parallel gets one receipt eight times, for a capture and for a feedback."""
    start = threading.Barrier(8)

    def deliver(_: int) -> tuple[str, str]:
        start.wait()
        said = submit_feedback(repository, "c-1", feedback("f-1", "c-1"))
        return submit(repository, PHOTO, sidecar("c-1")).receipt, said.receipt

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(deliver, range(8)))) == 1
    assert waiting(repository) == ["c-1.capture", "c-1.feedback.f-1.json"]


def test_a_disk_that_fails_leaves_no_part(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the bytes cannot reach the disk there is no receipt, no file under the final name, and no second try."""
    failures = []

    def fail(_: int) -> None:
        failures.append(1)
        raise OSError(5, "Input/output error")

    repository.inbox.mkdir()
    monkeypatch.setattr(durable, "_safe_folders", {(1, 1), *_known(repository.inbox)})
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(NotKeptError, match="sidecar c-1 is not on disk for good: Input/output error"):
        submit(repository, PHOTO, sidecar("c-1"))
    assert waiting(repository) == []
    assert len(failures) == 1


def _known(folder: Path) -> set[tuple[int, int]]:
    return {(folder.stat().st_dev, folder.stat().st_ino)}


def test_bytes_then_name_then_folder_reach_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt means the file and its name are safe, also when another delivery wrote it a moment before."""
    synced: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append("folder" if path.is_dir() else f"file, final name there: {(tmp_path / 'c').exists()}")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    assert durable.write_new(tmp_path / "c", b"1")
    assert synced == ["folder", "file, final name there: False", "folder"]  # the folder above it first, once
    assert not durable.write_new(tmp_path / "c", b"2")
    assert synced[-1] == "folder"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("c", b"1")]


def test_feedback_twice_has_one_receipt(repository: Repository) -> None:
    """The moment it reached us is no part of what was said: same receipt now, later, and after the commit."""
    first = submit_feedback(repository, "c-1", feedback("f-1", "c-1", note="맞아요"))
    written = first.path.read_bytes()
    assert json.loads(written)["received_at"]
    assert submit_feedback(repository, "c-1", feedback("f-1", "c-1", note="맞아요")) == first
    assert first.path.read_bytes() == written
    first.path.unlink()
    assert submit_feedback(repository, "c-1", feedback("f-1", "c-1", note="맞아요")).receipt == first.receipt


def test_feedback_need_not_repeat_its_capture(repository: Repository) -> None:
    """The capture it is about is filled in; a different one is refused."""
    document = feedback("f-1", "c-1")
    del document["capture_id"]
    assert json.loads(submit_feedback(repository, "c-1", document).path.read_bytes())["capture_id"] == "c-1"
    with pytest.raises(RefusedCaptureError, match="about capture 'c-2', not 'c-1'"):
        submit_feedback(repository, "c-1", feedback("f-2", "c-2"))


def test_a_feedback_id_is_used_once(repository: Repository) -> None:
    """Other words under the same id are refused; so is anything that is no feedback."""
    submit_feedback(repository, "c-1", feedback("f-1", "c-1"))
    for _ in range(2):  # the moment of arrival differs, what was said does not: one entry
        with pytest.raises(RefusedCaptureError, match="already in the inbox with other content"):
            submit_feedback(repository, "c-1", feedback("f-1", "c-1", "reject"))
    (kept,) = quarantine.listed(repository)
    assert (kept.name, kept.reason) == ("c-1.feedback.f-1.json", "conflict")
    assert json.loads(kept.path.read_bytes())["verdict"] == "reject"
    wrong: list[Any] = [[], {"rating": 3}, feedback("../f", "c-1")]
    for nonsense in wrong:
        with pytest.raises(CapturesetError):
            submit_feedback(repository, "c-1", nonsense)
    assert waiting(repository) == ["c-1.feedback.f-1.json"]
