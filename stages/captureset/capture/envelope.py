"""One file per capture in the inbox: the photo's bytes with a ZIP behind them.

The ZIP holds the sidecar and, if there is one, the background-removed twin. One file means one rename makes a
capture visible, so none is ever seen in part. Image viewers show the photo, `unzip` opens the rest.
"""

from __future__ import annotations

import functools
import hashlib
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from captureset.errors import CapturesetError, RefusedCaptureError
from captureset.formats import jsontext

SUFFIX = ".capture"
SIDECAR = "sidecar.json"
TWIN = "background_removed"
# Written by hand, since zipfile takes longer than all checks of a capture; as it would: not packed, of 1980-01-01.
ZIP_FILE, ZIP_ENTRY, ZIP_END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
ZIP_STORED, ZIP_FROM_UNIX, ZIP_MODE = (20, 0, zipfile.ZIP_STORED, 0, 1 << 5 | 1), 3 << 8 | 20, 0o600 << 16
TORN = (LookupError, TypeError, ValueError, RuntimeError, EOFError, OSError, ArithmeticError, struct.error)


@dataclass(frozen=True)
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

    @functools.cached_property
    def sidecar_text(self) -> str:
        """The sidecar as it stands in the envelope; it holds the hashes of the images."""
        return jsontext.dump_line(self.sidecar)


def pack(envelope: Envelope) -> bytes:
    """Return the file: the same capture gives the same bytes."""
    return b"".join(parts(envelope))


def parts(envelope: Envelope) -> tuple[bytes, bytes]:
    """Return the photo as it came and the ZIP that stands behind it, so that a large photo need not be copied."""
    files = {SIDECAR: envelope.sidecar_text.encode()}
    if envelope.twin is not None:
        files[TWIN] = envelope.twin
    place, stored, directory = len(envelope.photo), b"", b""
    for name, data in files.items():
        facts = (*ZIP_STORED, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += ZIP_ENTRY.pack(b"PK\1\2", ZIP_FROM_UNIX, *facts, 0, 0, 0, ZIP_MODE, place + len(stored))
        directory += name.encode()
        stored += ZIP_FILE.pack(b"PK\3\4", *facts) + name.encode() + data
    end = ZIP_END.pack(b"PK\5\6", 0, 0, len(files), len(files), len(directory), place + len(stored), 0)
    return envelope.photo, stored + directory + end


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
