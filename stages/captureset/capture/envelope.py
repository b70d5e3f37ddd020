"""One file per capture in the inbox: the photo's bytes with a ZIP behind them.

The ZIP holds the sidecar and, if there is one, the background-removed twin. One file means one rename makes a
capture visible, so none is ever seen in part. Image viewers show the photo, `unzip` opens the rest.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from dataclasses import dataclass
from typing import Any

from captureset.errors import CapturesetError, RefusedCaptureError
from captureset.formats import jsontext

SUFFIX = ".capture"
SIDECAR = "sidecar.json"
TWIN = "background_removed"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
TORN = (LookupError, TypeError, ValueError, RuntimeError, EOFError, OSError, ArithmeticError, struct.error)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One capture on its way in: photo, completed sidecar, twin or None."""

    photo: bytes
    sidecar: dict[str, Any]
    twin: bytes | None = None

    @property
    def capture_id(self) -> str:
        """Name of the capture."""
        return str(self.sidecar["capture_id"])

    @property
    def file_name(self) -> str:
        """Name of the envelope in the inbox."""
        return self.capture_id + SUFFIX


def pack(envelope: Envelope) -> bytes:
    """Return the file: the same capture gives the same bytes."""
    return b"".join(parts(envelope))


def parts(envelope: Envelope) -> tuple[bytes, bytes]:
    """Return the photo as it came and what stands behind it, so that a large photo need not be copied."""
    sink = _Behind(len(envelope.photo))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(SIDECAR, ZIP_EPOCH), jsontext.dump(envelope.sidecar))
        if envelope.twin is not None:
            archive.writestr(zipfile.ZipInfo(TWIN, ZIP_EPOCH), envelope.twin)
    return envelope.photo, sink.getvalue()


class _Behind(io.BytesIO):
    """A file that counts its places from the end of a photo that stands before it."""

    def __init__(self, photo_bytes: int) -> None:
        super().__init__()
        self._photo_bytes = photo_bytes

    def tell(self) -> int:
        return super().tell() + self._photo_bytes

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        return super().seek(place - self._photo_bytes if whence == io.SEEK_SET else place, whence) + self._photo_bytes


def unpack(data: bytes, name: str) -> Envelope:
    """Return the capture in an envelope.

    Raises:
        RefusedCaptureError: `torn`; these are not the bytes `pack` wrote.
    """
    torn = RefusedCaptureError("torn", f"{name} is no whole envelope; put captures in with `captureset submit`.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sidecar = jsontext.parse(_member(archive, SIDECAR), name)
            twin = _member(archive, TWIN) if TWIN in archive.namelist() else None
        photo = data[: sidecar["image"]["bytes"]]
        same = hashlib.sha256(photo).hexdigest() == sidecar["image"]["sha256"]
        whole = same and "capture_id" in sidecar and (TWIN in sidecar) == (twin is not None)
    except (CapturesetError, zipfile.BadZipFile, *TORN):
        raise torn from None
    if not whole:
        raise torn
    return Envelope(photo, sidecar, twin)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a file of the ZIP as `pack` wrote it: not compressed, so it cannot be larger than the envelope."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise zipfile.BadZipFile
    return archive.read(name)
