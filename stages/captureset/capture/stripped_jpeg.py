"""JPEG without private metadata: the coded picture byte for byte, before it only what is needed to show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from captureset.capture.strippable import MalformedError, Stripped, minimal_exif, require_modest, whole_icc

START, END, SCAN = 0xD8, 0xD9, 0xDA
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
CODED = {0xDB, 0xC4, 0xCC, 0xDD, 0xDC, *range(0xC0, 0xD0)} - {0xC8}
JFIF, EXIF, ICC, ADOBE = b"JFIF\0", b"Exif\0\0", b"ICC_PROFILE\0", b"Adobe"
XMP = (b"http://ns.adobe.com/xap/1.0/", b"http://ns.adobe.com/xmp/extension/")
JFIF_HEAD, JFIF_WHOLE, ADOBE_WHOLE = 12, 14, 12
APP_WORDS = {0xEB: "c2pa", 0xED: "iptc", 0xFE: "comment"}
ICC_PIECE = 65519
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # 00 is a stuffed byte, D0 to D7 restart inside a scan


@dataclass(slots=True)
class _Parts:
    """What is found on the way through a file."""

    coded: list[bytes] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    jfif: bytes = b""
    adobe: bytes = b""
    exif: bytes = b""
    icc: list[bytes] = field(default_factory=list)
    scans: int = 0


def strip_jpeg(data: bytes, orientation: int, pixels: int) -> Stripped:
    """Return the first image of a JPEG: JFIF, orientation, colour profile and Adobe's colour transform, then the rest.

    Raises:
        MalformedError: a segment or the end of the image is missing.
        BombError: it takes too many passes, or too few bytes for its pixels.
    """
    parts = _Parts()
    for marker, payload, coded in _segments(data, parts.removed):
        if marker in CODED or marker == SCAN:
            parts.scans += marker == SCAN
            parts.coded.append(coded)
        else:
            _take_metadata(marker, payload, parts)
    require_modest(pixels, sum(map(len, parts.coded)), parts.scans)
    head = b"".join(_head(parts, orientation))
    return Stripped(b"\xff\xd8" + head + b"".join(parts.coded) + b"\xff\xd9", tuple(sorted(parts.removed)))


def _segments(data: bytes, removed: set[str]) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, payload and the bytes as they stand (a scan with its coded pixels), up to the end of the image."""
    if data[:2] != b"\xff\xd8":
        raise MalformedError("it does not begin as a JPEG")
    at = 2
    while True:
        found = MARKER.search(data, at)
        if found is None:
            raise MalformedError("the end of the image is missing")
        if found.start() > at:
            removed.add("filler")
        marker, at = data[found.start() + 1], found.end()
        if marker == END:
            break
        if marker == START:
            raise MalformedError("an image begins inside the image")
        if marker in ALONE:
            removed.add("filler")
            continue
        until = at + int.from_bytes(data[at : at + 2], "big")
        if until > len(data) or until < at + 2:
            raise MalformedError(f"the segment FF{marker:02X} at byte {found.start()} is cut off")
        payload = data[at + 2 : until]
        at = _end_of_scan(data, until) if marker == SCAN else until
        yield marker, payload, data[found.start() : at]
    if at < len(data):
        removed.add("after_end")


def _end_of_scan(data: bytes, at: int) -> int:
    found = MARKER.search(data, at)
    if found is None:
        raise MalformedError("the end of the image is missing")
    return found.start()


def _take_metadata(marker: int, payload: bytes, parts: _Parts) -> None:
    """Keep what shows the picture and stands before its pixels; note the rest as removed."""
    early = parts.scans == 0
    if marker == APP0 and payload.startswith(JFIF) and len(payload) >= JFIF_WHOLE and early and not parts.jfif:
        parts.jfif = payload[:JFIF_HEAD] + b"\0\0"
        if len(payload) > JFIF_WHOLE or payload[JFIF_HEAD:] != b"\0\0":
            parts.removed.add("thumbnail")
    elif marker == APP14 and payload.startswith(ADOBE) and len(payload) >= ADOBE_WHOLE and early:
        parts.adobe = payload[:ADOBE_WHOLE]  # the last one counts, as in libjpeg
        if len(payload) > ADOBE_WHOLE:
            parts.removed.add("app_segment")
    elif marker == APP2 and payload.startswith(ICC) and early:
        parts.icc.append(payload[len(ICC) :])
    elif marker == APP1 and payload.startswith(EXIF) and early and not parts.exif:
        parts.exif = payload
    else:
        parts.removed.add(_word(marker, payload))


def _word(marker: int, payload: bytes) -> str:
    if marker == APP1:
        known = "exif" if payload.startswith(b"Exif") else "app_segment"
        return "xmp" if payload.startswith(XMP) else known
    if marker == APP0 and payload.startswith(b"JFXX\0"):
        return "thumbnail"
    if marker == APP2:
        return "mpf" if payload.startswith(b"MPF\0") else "icc" if payload.startswith(ICC) else "app_segment"
    return APP_WORDS.get(marker, "app_segment")


def _head(parts: _Parts, orientation: int) -> Iterator[bytes]:
    """Yield the segments that stay, always in the same order, and note what they lose."""
    if parts.jfif:
        yield _segment(APP0, parts.jfif)
    turned = minimal_exif(orientation)
    if turned:
        yield _segment(APP1, EXIF + turned)
    if parts.exif and parts.exif != EXIF + turned:
        parts.removed.add("exif")
    delivered = b"".join(piece[2:] for piece in sorted(parts.icc))
    profile = whole_icc(delivered)
    if parts.icc and profile != delivered:
        parts.removed.add("icc")
    pieces = [profile[start : start + ICC_PIECE] for start in range(0, len(profile), ICC_PIECE)]
    for number, piece in enumerate(pieces, start=1):
        yield _segment(APP2, ICC + bytes((number, len(pieces))) + piece)
    if parts.adobe:
        yield _segment(APP14, parts.adobe)


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload
