"""A lock that a killed git left stops nobody; one that a git at work holds stops everybody."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from captureset.capture.commit import commit
from captureset.capture.submit import submit
from captureset.errors import CommandFailedError
from captureset.store import git_locks
from captureset.store.repository import Repository
from deliveries import sidecar
from photos import jpeg


@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock", "next-index-77.lock"])
def test_a_dead_lock_is_removed(git_repository: Repository, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git was killed there; the next commit waits a moment, clears it and comes in."""
    monkeypatch.setattr(git_locks, "PATIENCE_S", 0.2)
    submit(git_repository, jpeg(64, 48, 1), sidecar("a"))
    lock = git_repository.root / ".git" / name
    lock.touch()
    assert commit(git_repository).captures == 1
    assert not lock.exists()


def test_a_git_at_work_is_waited_for_and_named(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lock stays, the refusal names its process; when it has ended the commit comes in."""
    monkeypatch.setattr(git_locks, "PATIENCE_S", 0.2)
    submit(git_repository, jpeg(64, 48, 1), sidecar("a"))
    lock = git_repository.root / ".git" / "index.lock"
    lock.touch()
    with subprocess.Popen(["git", "hash-object", "--stdin"], cwd=git_repository.root, stdin=subprocess.PIPE) as other:
        assert other.stdin
        with pytest.raises(CommandFailedError, match=rf"git, process {other.pid}, is at work here and holds .*index"):
            commit(git_repository)
        assert lock.exists()
        other.stdin.close()
        other.wait()
        assert commit(git_repository).captures == 1


def test_a_lock_that_is_released_in_time_is_no_dead_one(git_repository: Repository) -> None:
    """Another lock of the same name a moment later belongs to another git, so nothing is removed."""
    lock = git_repository.root / ".git" / "index.lock"
    lock.touch()
    script = f"sleep 0.3; rm {lock}; touch -d '1 hour ago' {lock}"
    with subprocess.Popen(["sh", "-c", script]):
        git_locks.release(git_repository.root)
    assert lock.exists()


def test_where_processes_cannot_be_seen_the_remedy_is_said(
    git_repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without /proc nothing is guessed."""
    monkeypatch.setattr(git_locks, "PATIENCE_S", 0.1)
    monkeypatch.setattr(git_locks, "PROCESSES", tmp_path / "none")
    (git_repository.root / ".git" / "index.lock").touch()
    with pytest.raises(CommandFailedError, match=r"remove .*index\.lock if no git is at work"):
        git_locks.release(git_repository.root)
