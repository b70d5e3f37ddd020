"""Refused deliveries can be looked at, tried again and dropped; nothing of that loses a byte by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from captureset.capture import quarantine
from captureset.capture.commit import commit
from captureset.capture.quarantine import REASON
from captureset.capture.submit import submit
from captureset.errors import CapturesetError, RefusedCaptureError
from captureset.formats import jsontext
from captureset.store.repository import Repository
from deliveries import sidecar
from photos import jpeg


def refuse(repository: Repository, name: str, content: bytes, code: str = "damaged") -> Path:
    """Deliver bytes and have them refused."""
    repository.inbox.mkdir(exist_ok=True)
    (repository.inbox / name).write_bytes(content)
    return quarantine.take(repository, repository.inbox / name, RefusedCaptureError(code, f"{name} is cut off."))


def test_the_list_has_name_reason_and_size(repository: Repository) -> None:
    """By name; a reason that is missing is said to be unknown; no quarantine is an empty list."""
    assert quarantine.listed(repository) == []
    refuse(repository, "b.capture", b"12345")
    refuse(repository, "a.feedback.f-1.json", b"{", "not_json")
    (repository.quarantine / "c.capture").write_bytes(b"")
    found = [(one.name, one.reason, one.size_bytes) for one in quarantine.listed(repository)]
    assert found == [("a.feedback.f-1.json", "not_json", 1), ("b.capture", "damaged", 5), ("c.capture", "unknown", 0)]


def test_all_a_reason_says_is_kept(repository: Repository) -> None:
    """Keys beyond code and sentence, such as the hashes of a conflict, are shown too."""
    path = refuse(repository, "a.capture", b"x")
    more = {"reason": "conflict", "message": "two", "sha256": ["1", "2"]}
    jsontext.write(path.with_name(path.name + REASON), more)
    assert quarantine.find(repository, "a.capture").details == more
    with pytest.raises(CapturesetError, match=r"'b\.capture' is not in data/quarantine; `captureset quarantine list`"):
        quarantine.find(repository, "b.capture")


@pytest.mark.parametrize("name", ["../inbox/a.capture", "a.capture.reason.json", ".", "/etc/passwd", ""])
def test_only_what_is_listed_can_be_named(repository: Repository, name: str) -> None:
    """No path leads out of the quarantine, and a reason is no delivery."""
    refuse(repository, "a.capture", b"x")
    with pytest.raises(CapturesetError, match="is not in data/quarantine"):
        quarantine.find(repository, name)


def test_retried_deliveries_come_in_when_they_are_sound(git_repository: Repository) -> None:
    """Under their own name, whatever number kept them apart; the reason goes, the capture comes in."""
    submit(git_repository, jpeg(64, 48, 1), sidecar("a"))
    whole = (git_repository.inbox / "a.capture").read_bytes()
    refuse(git_repository, "a.capture", b"torn")
    second = refuse(git_repository, "a.capture", whole)
    assert second.name == "a.capture.2"
    (back,) = quarantine.retry(git_repository, [quarantine.find(git_repository, "a.capture.2")])
    assert back == git_repository.inbox / "a.capture"
    assert sorted(path.name for path in git_repository.quarantine.iterdir()) == ["a.capture", "a.capture" + REASON]
    assert commit(git_repository).captures == 1


def test_a_retry_overwrites_nothing(repository: Repository) -> None:
    """Another delivery of that name waits: the refused one stays; the same bytes are one delivery."""
    kept = refuse(repository, "a.capture", b"one")
    (repository.inbox / "a.capture").write_bytes(b"two")
    with pytest.raises(CapturesetError, match=r"a\.capture waits in the inbox with other content"):
        quarantine.retry(repository, quarantine.listed(repository))
    assert kept.read_bytes() == b"one"
    (repository.inbox / "a.capture").write_bytes(b"one")
    quarantine.retry(repository, quarantine.listed(repository))
    assert quarantine.listed(repository) == []
    assert (repository.inbox / "a.capture").read_bytes() == b"one"


def test_a_retry_that_is_killed_has_both_or_the_new(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are safe in the inbox before the quarantine lets go of them; the next retry ends it."""
    refuse(repository, "a.capture", b"one")

    def deadly(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "drop", deadly)
        with pytest.raises(KeyboardInterrupt):
            quarantine.retry(repository, quarantine.listed(repository))
    assert (repository.inbox / "a.capture").read_bytes() == b"one"
    quarantine.retry(repository, quarantine.listed(repository))
    assert [*repository.quarantine.iterdir()] == []


def test_dropped_is_gone_with_its_reason(repository: Repository) -> None:
    """Exactly the named delivery; how many bytes that were is returned."""
    refuse(repository, "a.capture", b"12345")
    refuse(repository, "b.capture", b"1")
    assert quarantine.drop(repository, [quarantine.find(repository, "a.capture")]) == 5
    assert sorted(path.name for path in repository.quarantine.iterdir()) == ["b.capture", "b.capture" + REASON]
