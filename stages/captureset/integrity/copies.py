"""The objects that really stand in cache or remote, and whether each is what its name says."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from captureset.errors import CapturesetError
from captureset.integrity.replacing import give_way, keep, write_whole
from captureset.store import remote_faults
from captureset.store.objects import CACHE_MODE, ObjectStore

ADDRESS = re.compile(r"([0-9a-f]{2})/([0-9a-f]{30}(?:\.dir)?)")
ETAG = re.compile(r"[0-9a-f]{32}")  # of an object put in one piece: its md5, unless the store encrypts with a key
BLOCK = 1 << 20
WRITTEN = ("LastModified", "last_modified", "mtime", "updated")  # S3, Azure, folders and SSH, Google


@dataclass(frozen=True, slots=True)
class Copy:
    """One object as a listing shows it; md5 and time (seconds of the epoch) are the store's word, None without one."""

    oid: str
    size_bytes: int
    writable: bool = False
    listed_md5: str | None = None
    changed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything in a place: objects by address, and names that are no address."""

    objects: dict[str, Copy]
    strays: tuple[str, ...]


class Place(Protocol):
    """Cache or remote."""

    name: str

    def listing(self) -> Listing:
        """Return everything that stands there; raises CapturesetError when any part cannot be listed."""

    def md5(self, oid: str) -> str:
        """Return the md5 of the bytes that stand there, whatever the store says; OSError in a folder: unreadable."""

    def read(self, oid: str) -> bytes:
        """Return the bytes that stand there, unverified."""

    def put(self, oid: str, data: bytes, aside: Path) -> None:
        """Make these bytes the object, at once and whole; what stood there is kept in a folder of that place."""

    def remove(self, oid: str) -> None:
        """Remove an object for good."""


class Cache:
    """The local cache."""

    name = "cache"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def listing(self) -> Listing:
        """Return everything that stands there."""
        return _local_listing(self.folder, check_mode=True)

    def md5(self, oid: str) -> str:
        """Return the md5 of the bytes that stand there."""
        return _file_md5(self.folder / oid[:2] / oid[2:])

    def read(self, oid: str) -> bytes:
        """Return the bytes that stand there, unverified."""
        return (self.folder / oid[:2] / oid[2:]).read_bytes()

    def put(self, oid: str, data: bytes, aside: Path) -> None:
        """Make these bytes the object; what stood there is kept aside."""
        path = self.folder / oid[:2] / oid[2:]
        give_way(path, aside / self.name / oid[:2] / oid[2:])
        write_whole(path, data, CACHE_MODE)

    def remove(self, oid: str) -> None:
        """Remove an object for good."""
        (self.folder / oid[:2] / oid[2:]).unlink(missing_ok=True)

    def protect(self, oid: str) -> None:
        """Make an object read-only."""
        (self.folder / oid[:2] / oid[2:]).chmod(CACHE_MODE)

    def set_aside(self, name: str, aside: Path) -> None:
        """Move a file that is no object out of the cache."""
        target = aside / self.name / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).replace(target)


class Remote:
    """The DVC remote: a folder, or a bucket that is listed with its ETags."""

    name = "remote"

    def __init__(self, odb: Any) -> None:
        self.odb = odb
        self.local = odb.fs.protocol == "local"

    @property
    def folder(self) -> Path:
        """Where a remote that is a folder keeps its objects."""
        return Path(self.odb.path)

    def listing(self) -> Listing:
        """Return everything that stands there."""
        if self.local:
            return _local_listing(self.folder, check_mode=False)
        with self._told(f"the remote {remote_faults.place(self.odb)} cannot be listed"):
            found = self.odb.fs.fs.find(self.odb.path, detail=True)
        return listing_of((path.removeprefix(self.odb.path).lstrip("/"), info) for path, info in found.items())

    def md5(self, oid: str) -> str:
        """Return the md5 of the bytes that stand there."""
        if self.local:
            return _file_md5(Path(self.odb.oid_to_path(oid)))
        digest = hashlib.md5(usedforsecurity=False)
        with self._told(_unread(oid)), self.odb.fs.open(self.odb.oid_to_path(oid), "rb") as handle:
            while block := handle.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def read(self, oid: str) -> bytes:
        """Return the bytes that stand there, unverified."""
        with self._told(_unread(oid)), self.odb.fs.open(self.odb.oid_to_path(oid), "rb") as handle:
            return bytes(handle.read())

    def put(self, oid: str, data: bytes, aside: Path) -> None:
        """Make these bytes the object; what stood there is kept aside, on this machine."""
        address, kept = self.odb.oid_to_path(oid), aside / self.name / oid[:2] / oid[2:]
        if self.local:
            give_way(Path(address), kept)
            write_whole(Path(address), data, None)
            return
        with self._told(f"object {oid} cannot be put on the remote"):
            there = self.odb.fs.exists(address)
        if there:
            keep(kept, self.read(oid))
        with self._told(f"object {oid} cannot be put on the remote"):
            self.odb.fs.fs.pipe_file(address, data)  # one PUT: readers see the old object or the new one

    def remove(self, oid: str) -> None:
        """Remove an object for good."""
        self.odb.delete(oid)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Say in one sentence what the client of a bucket raises; an OSError of a folder stays one."""
        try:
            yield
        except Exception as error:
            if self.local:
                raise
            raise CapturesetError(remote_faults.told(what, error)) from None


def _unread(oid: str) -> str:
    return f"object {oid} on the remote cannot be read"


def remote_of(store: ObjectStore) -> Remote:
    """Return the remote of a store: the default one, or the one it names.

    Raises:
        CapturesetError: there is none.
    """
    odb = store.remote
    if odb is None and store.remote_name:
        raise CapturesetError(
            f".dvc/config names no remote {store.remote_name!r}; `dvc remote list` shows them, "
            f"`dvc remote add {store.remote_name} s3://bucket/prefix` adds it."
        )
    if odb is None:
        raise CapturesetError(".dvc/config names no default remote; add one with `dvc remote add --default`.")
    return Remote(odb)


def _local_listing(folder: Path, *, check_mode: bool) -> Listing:
    if not folder.is_dir():
        return Listing({}, ())
    return listing_of(_local_files(folder, check_mode=check_mode))


def _local_files(folder: Path, *, check_mode: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    def refuse(error: OSError) -> None:
        raise CapturesetError(f"{error.filename} cannot be listed: {error.strerror}; mend its rights first.")

    for parent, _, names in os.walk(folder, onerror=refuse):
        for name in names:
            path = Path(parent) / name
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue  # somebody's unfinished file, finished meanwhile
            writable = check_mode and stat.S_IMODE(found.st_mode) != CACHE_MODE
            changed = max(found.st_mtime, found.st_ctime)  # `dvc add` moves a file in with its old st_mtime
            info = {"size": found.st_size, "writable": writable, "mtime": changed}
            yield path.relative_to(folder).as_posix(), info


def listing_of(files: Iterable[tuple[str, dict[str, Any]]]) -> Listing:
    """Return a listing, given names below files/md5 and what the store says of each."""
    objects, strays = {}, []
    for path, info in files:
        address = ADDRESS.fullmatch(path)
        if address is None:
            strays.append(path)
            continue
        etag = str(info.get("ETag", "")).strip('"')
        oid = address[1] + address[2]
        listed = etag if ETAG.fullmatch(etag) else None
        objects[oid] = Copy(oid, int(info["size"]), bool(info.get("writable")), listed, _changed_s(info))
    return Listing(dict(sorted(objects.items())), tuple(sorted(strays)))


def _changed_s(info: dict[str, Any]) -> float | None:
    """Return when an object was written, as every store words it, None when it does not say."""
    moment = next((info[key] for key in WRITTEN if info.get(key) is not None), None)
    if isinstance(moment, datetime):
        return moment.timestamp()
    return float(moment) if isinstance(moment, int | float) else None


def _file_md5(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
