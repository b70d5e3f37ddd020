"""Bytes by their md5: the local cache first, then the remote, always verified, the cache filled.

The layout is DVC's own (files/md5/ab/cdef…); DVC resolves where cache and remote are. No path under data/images
is ever opened: the workspace may hold no photo at all.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError, MissingObjectError
from captureset.store import filesystem, remote_faults

CACHE_MODE = 0o444  # DVC's: read-only objects are trusted
REMOTE_THREADS = 16
UNFINISHED_S = 24 * 3600


def md5_of(data: bytes) -> str:
    """Return the md5 of bytes, hexadecimal: an address here, no protection."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


class ObjectStore:
    """The objects of one repository; its remote is DVC's default one unless another is named."""

    def __init__(self, root: Path, remote_name: str | None = None) -> None:
        self.root, self.remote_name = root, remote_name

    @functools.cached_property
    def _dvc(self) -> Any:
        from dvc.repo import Repo  # noqa: PLC0415 - half a second that only readers and writers of objects pay

        return Repo(str(self.root))

    @functools.cached_property
    def cache(self) -> Path:
        """The folder files/md5 of the local cache."""
        return Path(self._dvc.cache.local.path)

    @functools.cached_property
    def remote(self) -> Any:
        """DVC's own object database of the remote, None when there is no such remote."""
        from dvc.exceptions import DvcException  # noqa: PLC0415 - see _dvc

        try:
            return self._dvc.cloud.get_remote_odb(self.remote_name)
        except DvcException:
            return None  # no remote is configured: the cache is all there is

    def cache_path(self, oid: str) -> Path:
        """Return where an object stands in the local cache, whether it is there or not."""
        return self.cache / oid[:2] / oid[2:]

    def local(self, oid: str) -> Path:
        """Return the cache path of an object, fetched from the remote if the cache lacks it. Not verified.

        Raises:
            MissingObjectError: neither has it.
        """
        path = self.cache_path(oid)
        if not path.exists():
            self._fetch(oid)
        return path

    def read(self, oid: str) -> bytes:
        """Return the bytes of an object, their md5 verified; a damaged cache copy gives way to the remote's.

        Raises:
            MissingObjectError: cache and remote both lack it, or have it damaged.
        """
        data = _bytes_at(f"{self._cache_root}/{oid[:2]}/{oid[2:]}")
        return data if data is not None and _is(oid, data) else self._fetch(oid)

    @functools.cached_property
    def _cache_root(self) -> str:
        return str(self.cache)

    def peek(self, oid: str) -> bytes:
        """Return the bytes of an object, their md5 verified, and leave the cache as it is, damaged or empty.

        Raises:
            MissingObjectError: cache and remote both lack it, or have it damaged.
        """
        path = self.cache_path(oid)
        data = path.read_bytes() if path.exists() else None
        return data if data is not None and _is(oid, data) else self._downloaded(oid)

    def _bring(self, oid: str) -> None:
        self._fetch(oid)  # its bytes are let go of: there may be a hundred thousand

    def _fetch(self, oid: str) -> bytes:
        data = self._downloaded(oid)
        self.add(data, ".dir" if oid.endswith(".dir") else "")
        return data

    def _downloaded(self, oid: str) -> bytes:
        address = f"object {oid} (cache {oid[:2]}/{oid[2:]})"
        data = None
        if self.remote is not None:
            try:
                with self.remote.fs.open(self.remote.oid_to_path(oid), "rb") as handle:
                    data = bytes(handle.read())
            except FileNotFoundError:
                data = None
            except Exception as error:  # noqa: BLE001 - every storage client has exceptions of its own
                raise MissingObjectError(
                    remote_faults.told(f"{address} cannot be fetched, the remote says", error)
                ) from None
        if data is None or not _is(oid, data):
            fault = "is missing from the cache and from the remote" if data is None else "is damaged on the remote"
            raise MissingObjectError(f"{address} {fault}; restore it from another copy, then try again.")
        return data

    def fetch_missing(self, oids: Sequence[str]) -> int:
        """Bring objects the cache lacks from the remote, many at once, and return how many there were."""
        missing = sorted({oid for oid in oids if not self.cache_path(oid).exists()})
        if missing:
            _ = self.remote  # resolved once, before the threads
            with ThreadPoolExecutor(REMOTE_THREADS) as pool:
                list(pool.map(self._bring, missing))
        return len(missing)

    def add(self, data: bytes, suffix: str = "", *, flush: bool = True) -> str:
        """Put bytes into the cache and return their address; on disk for good when this returns.

        Args:
            data: the bytes.
            suffix: `.dir` for a manifest, as DVC names them.
            flush: False leaves that to one `flush` after many.
        """
        oid = md5_of(data) + suffix
        path = self.cache_path(oid)
        if path.exists() and _is(oid, path.read_bytes()):
            return oid
        path.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished.mkdir(parents=True, exist_ok=True)
        partial = self._unfinished / f"{os.getpid()}.{threading.get_ident()}.partial"
        try:
            with partial.open("wb") as handle:
                handle.write(data)
                if flush:
                    handle.flush()
                    os.fsync(handle.fileno())
            partial.chmod(CACHE_MODE)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return oid

    @property
    def _unfinished(self) -> Path:
        """The folder of objects being written: on the cache's own disk, where DVC looks for none."""
        return self.cache.parent.parent / "captureset-unfinished"

    def sweep(self) -> None:
        """Remove what writers that were killed left unfinished; what was begun in the last day may go on."""
        long_ago = time.time() - UNFINISHED_S
        for path in self._unfinished.glob("*.partial"):
            if path.stat().st_mtime < long_ago:
                path.unlink(missing_ok=True)

    def size_bytes(self, oid: str) -> int | None:
        """Return the size of an object, from the cache or else the remote; None when neither has it."""
        path = self.cache_path(oid)
        if path.exists():
            return path.stat().st_size
        try:
            return None if self.remote is None else int(self.remote.fs.size(self.remote.oid_to_path(oid)))
        except Exception:  # noqa: BLE001 - every storage client has exceptions of its own
            return None

    def remote_address(self, oid: str) -> str | None:
        """Return where the remote keeps an object, None when it does not have it or there is no remote.

        Raises:
            MissingObjectError: the remote did not answer.
        """
        if self.remote is None:
            return None
        address = self.remote.oid_to_path(oid)
        try:
            if not self.remote.fs.exists(address):
                return None
            return str(address if self.remote.fs.protocol == "local" else self.remote.fs.unstrip_protocol(address))
        except Exception as error:  # noqa: BLE001 - see size_bytes
            raise MissingObjectError(
                remote_faults.told(f"the remote cannot be asked for object {oid}", error)
            ) from None

    def remote_place(self) -> str:
        """Return the folder, or the URL, below which the remote keeps objects; `store.reader` reads there.

        Raises:
            CapturesetError: no remote is configured.
        """
        if self.remote is None:
            raise CapturesetError("no DVC remote is configured; add one with `dvc remote add --default NAME URL`.")
        path = str(self.remote.path)
        return path if self.remote.fs.protocol == "local" else str(self.remote.fs.unstrip_protocol(path))

    def discard(self, oid: str) -> bool:
        """Remove an object from the local cache for good; False when it was not there."""
        path = self.cache_path(oid)
        there = path.exists()
        path.unlink(missing_ok=True)
        return there

    def flush(self) -> None:
        """Return when everything added, and everything in the repository, is on disk for good.

        Raises:
            OSError: the disk did not take something.
        """
        self.cache.mkdir(parents=True, exist_ok=True)
        for folder in {folder.stat().st_dev: folder for folder in (self.root, self.cache)}.values():
            filesystem.sync(folder)


def _bytes_at(path: str) -> bytes | None:
    """Return the bytes of a file, None where there is none; an export reads a hundred thousand, so with few calls."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    try:
        size = os.fstat(handle).st_size
        data = os.read(handle, size)
    finally:
        os.close(handle)
    return data if len(data) == size else Path(path).read_bytes()


def _is(oid: str, data: bytes) -> bool:
    return md5_of(data) == oid.removesuffix(".dir")
