"""Many processes deliver at once, in part the same or contradicting things, are killed, and `commit` runs meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import crowd
from captureset.capture import inbox, quarantine
from captureset.capture.commit import commit
from captureset.capture.envelope import unpack
from captureset.capture.submit import submit
from captureset.errors import NotKeptError
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository
from crowd import Crowd, contradicted, identity, photo
from deliveries import sidecar
from photos import jpeg


def stored(repository: Repository) -> dict[str, str]:
    """Return what is committed: the SHA-256 of each photo as it was delivered; every object is whole."""
    store, found = ObjectStore(repository.root), Counter[str]()
    shas = {}
    for pointer in pointers.read(repository.pointers):
        for relpath, oid in pointers.rows(store, pointer).items():
            data = store.cache_path(oid).read_bytes()
            assert md5_of(data) == oid
            identifier, part = pointers.capture_of(relpath)
            if part == "sidecar":
                found[identifier] += 1
                shas[identifier] = json.loads(data)["image"]["sha256"]
    assert set(found.values()) == {1}
    return shas


def judged(repository: Repository, crowd_: Crowd) -> None:
    """Check the end: every capture stored once with its first photo, every contradiction in quarantine once."""
    while len(inbox.waiting(repository)):
        commit(repository)
    every = [(writer, number) for writer in range(crowd_.size) for number in range(crowd_.count)]
    first = {identity(*one): hashlib.sha256(photo(*one)).hexdigest() for one in every}
    assert stored(repository) == first
    other = {identity(w, n): photo(w, n, other=True) for w in range(crowd_.size) for n in contradicted(crowd_.count)}
    kept = [
        (one.name.partition(".")[0], unpack(one.path.read_bytes(), one.name).photo)
        for one in quarantine.listed(repository)
    ]
    assert sorted(kept) == sorted(other.items())
    assert {one.reason for one in quarantine.listed(repository)} <= {"conflict"}
    assert git.changed_paths(repository.root, ".") == []
    lines = [oracle.read_bytes().count(b"\n") for oracle in repository.root.parent.glob("oracle-*")]
    assert sum(lines) == sum(len([*crowd.deliveries(w, crowd_.size, crowd_.count)]) for w in range(crowd_.size))


def test_writers_that_repeat_and_contradict(git_repository: Repository) -> None:
    """Six writers of twenty captures, 20 % twice, 5 % contradicted, `commit` running; the battery has 32 of 200."""
    crowd_ = Crowd(git_repository.root, size=6, count=20)
    crowd_.run()
    judged(git_repository, crowd_)


def test_writers_and_commits_that_are_killed(git_repository: Repository) -> None:
    """Three writers of twenty and the committer, killed six times at random; the battery has 50 of 8 times 500."""
    crowd_ = Crowd(git_repository.root, size=3, count=20, kills=6)
    crowd_.run()
    judged(git_repository, crowd_)


@pytest.mark.battery
def test_32_writers(git_repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """32 processes of 200 captures each, 20 % twice, 5 % contradicted, `commit` running meanwhile."""
    crowd_ = Crowd(git_repository.root, size=32, count=200)
    crowd_.run()
    judged(git_repository, crowd_)
    with capsys.disabled():
        sys.stdout.write("\n  32 writers x 200 captures: each stored once, 320 contradictions in quarantine")


@pytest.mark.battery
def test_50_kills(git_repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """50 random kill -9 among 8 writers of 500 captures each and the committer."""
    crowd_ = Crowd(git_repository.root, size=8, count=500, kills=50)
    hits = crowd_.run()
    judged(git_repository, crowd_)
    with capsys.disabled():
        sys.stdout.write(f"\n  {hits} kill -9, 8 writers x 500 captures: 0 lost, 0 torn, each stored once")
    assert hits >= 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("left out: the proof on a full disk, since a small tmpfs cannot be mounted without root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_takes_whole_captures_or_none(repository: Repository, small_disk: Path) -> None:
    """What was acknowledged is whole, what was not is not there; with room again the same delivery comes in."""
    full = Repository(Path(shutil.copytree(repository.root, small_disk / "repository")))
    photos = {f"c-{number}": jpeg(900, 700, number) + os.urandom(90_000) for number in range(40)}
    acknowledged = list[str]()

    def fill() -> None:
        for capture_id, data in photos.items():
            submit(full, data, sidecar(capture_id))
            acknowledged.append(capture_id)

    with pytest.raises(NotKeptError, match="No space left on device"):
        fill()
    refused = f"c-{len(acknowledged)}"
    assert 5 < len(acknowledged) < 40
    assert [path.name for path in full.inbox.glob(".*")] == []
    seen = {path.stem: unpack(path.read_bytes(), path.name).photo for path in inbox.waiting(full).captures}
    assert seen == {capture_id: photos[capture_id] for capture_id in acknowledged}
    submit(full, photos["c-0"], sidecar("c-0"))  # a delivery again needs no room
    (full.inbox / "c-1.capture").unlink()
    submit(full, photos[refused], sidecar(refused))
    assert {path.stem for path in inbox.waiting(full).captures} == {*acknowledged, refused} - {"c-1"}


def test_a_full_disk_stops_a_commit_and_loses_nothing(git_repository: Repository, small_disk: Path) -> None:
    """The inbox keeps its captures until there is room for them in the cache too; then they come in."""
    full = Repository(Path(shutil.copytree(git_repository.root, small_disk / "repository", symlinks=True)))
    for number in range(8):
        submit(full, jpeg(900, 700, number), sidecar(f"c-{number}"))
    waiting = {path.name: path.read_bytes() for path in inbox.waiting(full).captures}
    room = os.statvfs(small_disk)
    (small_disk / "filler").write_bytes(bytes(room.f_bavail * room.f_frsize - 100_000))
    with pytest.raises(NotKeptError, match="No space left on device"):
        commit(full)
    assert {path.name: path.read_bytes() for path in inbox.waiting(full).captures} == waiting
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert commit(full).captures == 8
    assert set(stored(full)) == {f"c-{number}" for number in range(8)}
