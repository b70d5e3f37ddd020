from __future__ import annotations

import shutil
import stat
import tracemalloc
from pathlib import Path

import pytest

from captureset.errors import MissingObjectError
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository

DATA = b"the bytes of a photo"
OID = md5_of(DATA)


@pytest.fixture
def store(git_repository: Repository) -> ObjectStore:
    """The objects of an empty repository."""
    return ObjectStore(git_repository.root)


def remote_path(store: ObjectStore, oid: str) -> Path:
    """Return where an object stands on the embedded remote."""
    return store.root / ".dvcstore" / "files" / "md5" / oid[:2] / oid[2:]


def push(store: ObjectStore, oid: str) -> Path:
    """Put a copy of a cached object on the remote, as `dvc push` does."""
    target = remote_path(store, oid)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(store.cache_path(oid), target)
    return target


def spoil(path: Path) -> None:
    """Cut a file short."""
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-3])


@pytest.mark.parametrize("suffix", ["", ".dir"])
def test_an_object_stands_where_dvc_looks_for_it(store: ObjectStore, suffix: str) -> None:
    """Under files/md5, its first two digits a folder, read-only; adding it again changes nothing."""
    oid = store.add(DATA, suffix)
    path = store.root / ".dvc" / "cache" / "files" / "md5" / OID[:2] / (OID[2:] + suffix)
    assert (oid, store.cache_path(oid)) == (OID + suffix, path)
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    before = path.stat().st_ino
    assert store.add(DATA, suffix, flush=False) == oid
    assert path.stat().st_ino == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", ["", ".dir"])
def test_what_the_cache_lacks_comes_from_the_remote_and_stays(store: ObjectStore, suffix: str) -> None:
    """Files and manifests alike: read once from the remote, the second time from the cache alone."""
    oid = store.add(DATA, suffix)
    far = push(store, oid)
    store.cache_path(oid).unlink()
    assert ObjectStore(store.root).read(oid) == DATA
    far.unlink()
    assert ObjectStore(store.root).read(oid) == DATA
    assert store.local(oid) == store.cache_path(oid)


@pytest.mark.parametrize("suffix", ["", ".dir"])
def test_a_damaged_cache_object_is_healed_from_the_remote(store: ObjectStore, suffix: str) -> None:
    """DVC would hand out the cut file; here the remote's copy is read and put in its place."""
    oid = store.add(DATA, suffix)
    push(store, oid)
    spoil(store.cache_path(oid))
    assert store.read(oid) == DATA
    assert store.cache_path(oid).read_bytes() == DATA


def test_adding_replaces_a_damaged_object(store: ObjectStore) -> None:
    """A cut cache object does not pass for the whole one when its bytes come in again."""
    store.add(DATA)
    spoil(store.cache_path(OID))
    store.add(DATA)
    assert store.cache_path(OID).read_bytes() == DATA


def test_missing_in_both_is_one_sentence(store: ObjectStore) -> None:
    """The object is named, and the remedy."""
    with pytest.raises(MissingObjectError, match="missing from the cache and from the remote; restore it") as refused:
        store.read(OID)
    assert OID in str(refused.value)
    assert str(refused.value).endswith(".")


def test_damaged_in_both_is_refused_and_not_cached(store: ObjectStore) -> None:
    """A damaged remote copy is never taken for the object."""
    store.add(DATA)
    far = push(store, OID)
    spoil(far)
    store.cache_path(OID).unlink()
    with pytest.raises(MissingObjectError, match="damaged on the remote"):
        store.read(OID)
    assert not store.cache_path(OID).exists()


def test_a_remote_that_cannot_be_read_is_no_traceback(store: ObjectStore) -> None:
    """A folder where the object should be: the remote's own words are told."""
    remote_path(store, OID).mkdir(parents=True)
    with pytest.raises(MissingObjectError, match="cannot be fetched, the remote says"):
        store.read(OID)


def test_without_a_remote_the_cache_is_all_there_is(store: ObjectStore) -> None:
    """A repository without a remote still reads its cache and says what is missing."""
    (store.root / ".dvc" / "config").write_text("[core]\n", encoding="utf-8")
    store.add(DATA)
    assert store.read(OID) == DATA
    with pytest.raises(MissingObjectError, match="missing from the cache"):
        store.read(md5_of(b"other"))


def test_many_missing_objects_are_fetched_at_once(store: ObjectStore) -> None:
    """Only what the cache lacks is fetched, each once; one that nobody has stops it."""
    contents = [b"%d" % number for number in range(40)]
    oids = [store.add(data, flush=False) for data in contents]
    for oid in oids[:30]:
        push(store, oid)
        store.cache_path(oid).unlink()
    fresh = ObjectStore(store.root)
    assert fresh.fetch_missing([*oids, *oids]) == 30
    assert [fresh.cache_path(oid).read_bytes() for oid in oids] == contents
    assert fresh.fetch_missing(oids) == 0
    with pytest.raises(MissingObjectError):
        fresh.fetch_missing([*oids, OID])


def test_fetched_bytes_are_let_go_of(store: ObjectStore) -> None:
    """A hundred thousand photos are fetched in the memory of the few under way."""
    size, count = 1_000_000, 120
    oids = [store.add(bytes([number]) * size, flush=False) for number in range(count)]
    for oid in oids:
        push(store, oid)
        store.cache_path(oid).unlink()
    fresh = ObjectStore(store.root)
    _ = fresh.remote
    tracemalloc.start()
    try:
        assert fresh.fetch_missing(oids) == count
        assert tracemalloc.get_traced_memory()[1] < size * count / 2
    finally:
        tracemalloc.stop()
