"""Told from its bytes alone: a JPEG that is ready for training as it is, as most photos are."""

from __future__ import annotations

from captureset.capture.stripped_jpeg import MARKER

START, END = b"\xff\xd8", b"\xff\xd9"
JFIF = b"\xff\xe0\x00\x10JFIF\x00"  # and no thumbnail: 16 bytes
JFIF_WHOLE, THUMBNAIL_AT = 18, 16
TABLES = {0xDB, 0xC4, 0xDD}  # quantisation, Huffman, restart interval
SEQUENTIAL = {0xC0, 0xC1}
SCAN = 0xDA
EIGHT_BIT_RGB = (8, 3)  # bits, components


def is_plain_jpeg(data: bytes) -> bool:
    """Say whether a JPEG is upright 8-bit RGB with nothing in it but tables and one scan, to its last byte.

    No metadata segment can then turn it, hide anything, or change how its pixels are read. False means only that the
    file needs a closer look. A tenth of the time of opening the image.
    """
    if data[:2] != START or data[-2:] != END:
        return False
    at, seen = 2, False
    if data.startswith(JFIF, at):
        if data[at + THUMBNAIL_AT : at + JFIF_WHOLE] != b"\0\0":
            return False
        at += JFIF_WHOLE
    while data[at : at + 1] == b"\xff":
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == SCAN:
            return seen and data[at + 4] == EIGHT_BIT_RGB[1] and _is_whole(data, at + 2 + length)
        if marker in SEQUENTIAL and not seen:
            seen = (data[at + 4], data[at + 9]) == EIGHT_BIT_RGB
        elif marker not in TABLES or length < 2:  # noqa: PLR2004 - a length counts itself
            return False
        at += 2 + length
    return False


def _is_whole(data: bytes, at: int) -> bool:
    """Say whether the coded pixels run to the end: the next marker is the last."""
    found = MARKER.search(data, at)
    return found is not None and found.start() == len(data) - len(END)
