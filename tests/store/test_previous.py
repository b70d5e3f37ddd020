from __future__ import annotations

import shutil
from contextlib import chdir
from pathlib import Path

import pytest
from dvc.repo import Repo

from captureset.store import previous
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

PIPELINE = """stages:
  measure:
    cmd: mkdir -p data/measure && printf 17 > data/measure/numbers.txt
    outs:
    - data/measure
"""


@pytest.fixture
def store(git_repository: Repository) -> ObjectStore:
    """The objects of a repository in which a stage ran once and nothing is checked out."""
    root = git_repository.root
    (root / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    with chdir(root):
        Repo().reproduce()
    shutil.rmtree(root / "data" / "measure")
    return ObjectStore(root)


def numbers(store: ObjectStore, **other: str) -> bytes | None:
    """Return what the stage wrote last time."""
    asked = {"stage": "measure", "out": "data/measure", "name": "numbers.txt", **other}
    return previous.output_file(store, **asked)


def test_what_a_stage_wrote_is_found_by_hash(store: ObjectStore) -> None:
    """DVC's own lock and cache lead to the bytes, though the folder is gone; any other name leads to nothing."""
    assert numbers(store) == b"17"
    assert numbers(store, stage="quality") is None
    assert numbers(store, out="data/quality") is None
    assert numbers(store, name="other.txt") is None
    lock = store.root / "dvc.lock"
    known = lock.read_text(encoding="utf-8")
    for broken in ("", "[", "stages: 7\n", "<<<<<<< HEAD\n" + known):
        lock.write_text(broken, encoding="utf-8")
        assert numbers(store) is None
    lock.unlink()
    assert numbers(store) is None


def test_the_remote_remembers_what_the_cache_forgot(store: ObjectStore) -> None:
    """After a push the cache may go: the memory comes from the remote; without both there is none."""
    with chdir(store.root):
        Repo().push()
    shutil.rmtree(store.root / ".dvc" / "cache")
    assert numbers(ObjectStore(store.root)) == b"17"
    shutil.rmtree(store.root / ".dvc" / "cache")
    shutil.rmtree(store.root / ".dvcstore")
    assert numbers(ObjectStore(store.root)) is None


def test_a_scratch_folder_is_emptied(tmp_path: Path) -> None:
    """Its files go, it stays; one that never was is fine."""
    (tmp_path / "shard-1").touch()
    previous.clear_folder(tmp_path)
    previous.clear_folder(tmp_path / "none")
    assert [*tmp_path.iterdir()] == []
