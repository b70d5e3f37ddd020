"""PNG without private metadata: header, palette, transparency, pixels and colour description, orientation alone."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from captureset.capture.strippable import MalformedError, Stripped, minimal_exif, require_modest, whole_icc

if TYPE_CHECKING:
    from zlib import _Decompress as _Unpacking

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SIZES = {b"gAMA": {4}, b"cHRM": {32}, b"sRGB": {1}, b"sBIT": {1, 2, 3, 4}, b"pHYs": {9}}
ONCE = {b"IHDR", b"PLTE", b"tRNS"}  # a second one would change the pixels
WORDS = {
    **dict.fromkeys((b"tEXt", b"zTXt", b"iTXt"), "text"),
    **dict.fromkeys((b"acTL", b"fcTL", b"fdAT"), "animation"),
    b"eXIf": "exif",
    b"tIME": "time",
    b"caBX": "c2pa",
}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
PALETTE_TYPE, LONGEST_PALETTE = b"\x03", 768
PROFILE_NAME = b"ICC Profile\0\0"
LARGEST_PROFILE = 4 * 1024 * 1024
PIECE = 1024 * 1024


@dataclass(slots=True)
class _Parts:
    """What is found on the way through a file: chunks before, of, and behind the pixels."""

    before: list[tuple[bytes, bytes]] = field(default_factory=list)
    pixels: list[bytes] = field(default_factory=list)
    behind: list[tuple[bytes, bytes]] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    exif: list[bytes] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)


def strip_png(data: bytes, orientation: int, pixels: int) -> Stripped:
    """Return a PNG with nothing but its picture, how its colours are meant, and at most its orientation.

    Raises:
        MalformedError: a chunk is cut off or garbled, or the pixels are too few or too many for the size.
        BombError: too few bytes for its pixels.
    """
    parts = _Parts()
    for name, payload in _chunks(data, parts.removed):
        _take(name, payload, parts)
    if not parts.before or parts.before[0][0] != b"IHDR" or not parts.pixels:
        raise MalformedError("it has no pixels")
    _require_palette(dict(parts.before))
    require_modest(pixels, sum(map(len, parts.pixels)))
    surplus = _surplus(parts.pixels, _raw_size(parts.before[0][1]))
    turned = minimal_exif(orientation)
    if any(exif != turned for exif in parts.exif):
        parts.removed.add("exif")
    chunks = [*parts.before, *([(b"eXIf", turned)] if turned else []), *_shortened(parts.pixels, surplus)]
    if surplus:
        parts.removed.add("filler")
    written = b"".join(_chunk(*chunk) for chunk in (*chunks, *parts.behind, (b"IEND", b"")))
    return Stripped(SIGNATURE + written, tuple(sorted(parts.removed)))


def _require_palette(chunks: dict[bytes, bytes]) -> None:
    palette = chunks.get(b"PLTE", b"")
    needed = chunks[b"IHDR"][9:10] == PALETTE_TYPE
    if (needed and not palette) or len(palette) % 3 or len(palette) > LONGEST_PALETTE:
        raise MalformedError("its palette is missing or garbled")


def _chunks(data: bytes, removed: set[str]) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and payload of each chunk up to the end of the image, every checksum verified."""
    if not data.startswith(SIGNATURE):
        raise MalformedError("it does not begin as a PNG")
    at = len(SIGNATURE)
    while True:
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        payload, end = data[at + 8 : at + 8 + size], at + 12 + size
        if end > len(data):
            raise MalformedError("the end of the image is missing")
        if zlib.crc32(name + payload) != int.from_bytes(data[end - 4 : end], "big"):
            raise MalformedError(f"the checksum of the chunk at byte {at} is wrong")
        at = end
        if name == b"IEND":
            break
        yield name, payload
    if at < len(data):
        removed.add("after_end")
    if payload:
        removed.add("chunk")


def _take(name: bytes, payload: bytes, parts: _Parts) -> None:
    """Keep a chunk, or note that it is removed."""
    side = parts.behind if parts.pixels else parts.before
    twice = name in parts.seen
    parts.seen.add(name)
    if name == b"IDAT" and not parts.behind:
        parts.pixels.append(payload)
    elif not twice and (name in ONCE or len(payload) in SIZES.get(name, ())):
        side.append((name, payload))
    elif name == b"iCCP" and not twice and (profile := _profile(payload)):
        side.append((name, profile))
        if profile != payload:
            parts.removed.add("chunk")
    elif name == b"eXIf":
        parts.exif.append(payload)
    elif name[:1].isupper():
        raise MalformedError(f"the chunk {name!r} is unknown or stands twice")
    else:
        parts.removed.add("icc" if name == b"iCCP" else WORDS.get(name, "chunk"))


def _profile(payload: bytes) -> bytes:
    """Return a colour profile under a name that says nothing; empty when it is none."""
    _, _, rest = payload.partition(b"\0")
    unpacking = zlib.decompressobj()
    try:
        found = whole_icc(unpacking.decompress(rest[1:], LARGEST_PROFILE))
    except zlib.error:
        return b""
    if not found or not unpacking.eof:
        return b""
    same = payload.startswith(PROFILE_NAME) and not unpacking.unused_data
    return payload if same else PROFILE_NAME + zlib.compress(found)


def _raw_size(header: bytes) -> int:
    """Return how many bytes the pixels are when inflated, a filter byte before each row."""
    if len(header) != 13 or header[9] not in CHANNELS:  # noqa: PLR2004 - a PNG header's size
        raise MalformedError("its header is garbled")
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits = header[8] * CHANNELS[header[9]]
    passes = ADAM7 if header[12] else ((0, 0, 1, 1),)
    sizes = ((-((left - width) // across), -((top - height) // down)) for left, top, across, down in passes)
    return sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in sizes if columns > 0 and rows > 0)


def _surplus(pieces: list[bytes], expected: int) -> int:
    """Return how many bytes stand behind the packed pixels, after inflating all of them piece by piece.

    Raises:
        MalformedError: they are garbled, too few or too many.
    """
    unpacking, inflated, behind = zlib.decompressobj(), 0, 0
    for packed in pieces:
        if unpacking.eof:
            behind += len(packed)
        else:
            inflated += _inflated(unpacking, packed, expected - inflated)
    if inflated != expected or not unpacking.eof:
        raise MalformedError(f"its pixels unpack to {inflated} bytes or more and its size needs {expected}")
    return behind + len(unpacking.unused_data)


def _inflated(unpacking: _Unpacking, packed: bytes, wanted: int) -> int:
    """Return to how many bytes a piece unpacks, stopping soon after what is wanted; no more than PIECE is held."""
    inflated = 0
    while not unpacking.eof and inflated <= wanted:
        try:
            found = len(unpacking.decompress(packed, PIECE))
        except zlib.error as error:
            raise MalformedError(f"its pixels are garbled ({error})") from None
        packed, inflated = unpacking.unconsumed_tail, inflated + found
        if not packed and found < PIECE:
            break
    return inflated


def _shortened(pieces: list[bytes], surplus: int) -> Iterator[tuple[bytes, bytes]]:
    if surplus:
        yield b"IDAT", b"".join(pieces)[:-surplus]
    else:
        yield from ((b"IDAT", piece) for piece in pieces)


def _chunk(name: bytes, payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + name + payload + zlib.crc32(name + payload).to_bytes(4, "big")
