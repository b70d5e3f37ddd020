"""Bytes by hash without DVC, as a measuring process reads them."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from captureset.errors import MissingObjectError
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.reader import ObjectReader
from captureset.store.repository import Repository

DATA = b"a photo"
OID = md5_of(DATA)
NAME = f"{OID[:2]}/{OID[2:]}"


def place_with(folder: Path, data: bytes) -> str:
    """Return a folder that has some bytes under the address of DATA."""
    (folder / OID[:2]).mkdir(parents=True)
    (folder / NAME).write_bytes(data)
    return str(folder)


def test_it_reads_where_dvc_keeps_them(git_repository: Repository) -> None:
    """The cache of a repository, by the path the store gives."""
    store = ObjectStore(git_repository.root)
    assert ObjectReader([str(store.cache)]).read(store.add(DATA)) == DATA


def test_it_reads_remotes_by_their_url() -> None:
    """Any URL that fsspec knows: s3:// is one, and memory:// here."""
    fsspec.filesystem("memory").pipe(f"/bucket/prefix/files/md5/{NAME}", DATA)
    assert ObjectReader(["memory://bucket/prefix/files/md5"]).read(OID) == DATA
    with pytest.raises(MissingObjectError, match="memory://bucket/other lacks it; run `dvc push`"):
        ObjectReader(["memory://bucket/other"]).read(OID)


def test_the_first_place_that_has_them_whole_gives_them(tmp_path: Path) -> None:
    """A damaged copy gives way to the next place; when none is left, each says what was wrong."""
    bad, good = place_with(tmp_path / "bad", DATA[:-1]), place_with(tmp_path / "good", DATA)
    assert ObjectReader([str(tmp_path / "none"), bad, good]).read(OID) == DATA
    with pytest.raises(MissingObjectError, match="none lacks it, in .*bad it is damaged; run"):
        ObjectReader([str(tmp_path / "none"), bad]).read(OID)


def test_the_remote_says_where_it_is(git_repository: Repository) -> None:
    """A folder is a path, a bucket a URL; both in the layout the reader knows."""
    store = ObjectStore(git_repository.root)
    assert store.remote_place().endswith("/files/md5")
    config = "['remote \"storage\"']\n    url = s3://bucket/prefix\n"
    (git_repository.root / ".dvc/config.local").write_text(config, encoding="utf-8")
    assert ObjectStore(git_repository.root).remote_place() == "s3://bucket/prefix/files/md5"
