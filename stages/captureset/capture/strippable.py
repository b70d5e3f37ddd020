"""What taking metadata out of JPEG, PNG and WebP has in common."""

from __future__ import annotations

import struct
from dataclasses import dataclass

WORDS = {
    "after_end": "bytes after the end of the image, further images among them",
    "animation": "control chunks of a moving PNG",
    "app_segment": "an application segment of unknown content",
    "c2pa": "provenance records (JUMBF)",
    "chunk": "a chunk that is unknown, stands twice or has no legal size",
    "comment": "a comment",
    "exif": "EXIF: place, time, camera, maker note, thumbnail; the orientation stays",
    "filler": "bytes between segments",
    "icc": "a colour profile that is none",
    "iptc": "IPTC and Photoshop records",
    "mpf": "the index of further images in the file",
    "text": "text chunks",
    "thumbnail": "a thumbnail outside EXIF",
    "time": "the time of the last change",
    "xmp": "XMP",
}
BOMB_FROM_PIXELS = 16 * 1024 * 1024
MOST_PIXELS_PER_BYTE = 100  # photos have 1 to 20, an evenly coloured JPEG 64
MOST_PASSES = 100  # progressive JPEGs have about 10
ORIENTED = range(2, 9)
ICC_SIGNATURE = slice(36, 40)
ICC_HEADER = 128


class MalformedError(ValueError):
    """An image whose structure is broken."""


class BombError(ValueError):
    """An image that would cost far more to decode than it can be worth."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """The file without private metadata, and what was taken out: sorted words of `WORDS`."""

    data: bytes
    removed: tuple[str, ...]


def minimal_exif(orientation: int) -> bytes:
    """Return EXIF that says the orientation and nothing else; empty when that is upright."""
    if orientation not in ORIENTED:
        return b""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)


def whole_icc(profile: bytes) -> bytes:
    """Return a colour profile cut to the size it names; empty when it is none."""
    size = int.from_bytes(profile[:4], "big")
    legal = profile[ICC_SIGNATURE] == b"acsp" and ICC_HEADER <= size <= len(profile)
    return profile[:size] if legal else b""


def require_modest(pixels: int, coded_bytes: int, passes: int = 1) -> None:
    """Return when an image may be decoded.

    Raises:
        BombError: so many pixels cannot come honestly from so few bytes, or take too many passes.
    """
    if pixels > BOMB_FROM_PIXELS and pixels > MOST_PIXELS_PER_BYTE * coded_bytes:
        raise BombError(f"it claims {pixels} pixels in {coded_bytes} bytes")
    if passes > MOST_PASSES:
        raise BombError(f"it takes {passes} passes over its pixels")
