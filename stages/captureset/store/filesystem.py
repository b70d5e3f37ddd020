"""Everything that was written, on disk at once."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path


def sync(folder: Path) -> None:
    """Return when all that was written to the file system of a folder is on disk for good.

    One call for thousands of files; unlike `os.sync` it leaves other file systems alone and tells of a failed write.

    Raises:
        OSError: the disk did not take something.
    """
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        os.sync()  # not Linux
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if syncfs(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)
