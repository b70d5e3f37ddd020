"""WebP without private metadata: the coded picture byte for byte, its colour profile, its orientation."""

from __future__ import annotations

from collections.abc import Iterator

from captureset.capture.strippable import MalformedError, Stripped, minimal_exif, require_modest, whole_icc

HEAD = 12
PICTURE = (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
CODED = (b"VP8 ", b"VP8L", b"ANMF")
MANY = b"ANMF"  # the one chunk that may stand several times
WORDS = {b"EXIF": "exif", b"XMP ": "xmp"}
ICC_FLAG, ALPHA_FLAG, EXIF_FLAG, ANIMATION_FLAG = 0x20, 0x10, 0x08, 0x02
VP8X_SIZE = 10


def strip_webp(data: bytes, orientation: int, pixels: int) -> Stripped:
    """Return a WebP with its picture, its colour profile and at most its orientation.

    Raises:
        MalformedError: a chunk is cut off or the picture is missing.
        BombError: too few bytes for its pixels.
    """
    kept: dict[bytes, bytes] = {}
    frames: list[tuple[bytes, bytes]] = []
    removed: set[str] = set()
    for name, payload in _chunks(data, removed):
        if name in PICTURE and (name not in kept or name == MANY):
            kept[name] = payload
            frames.append((name, payload))
        elif name in {b"VP8X", b"ICCP", b"EXIF"} and name not in kept:
            kept[name] = payload
        else:
            removed.add(WORDS.get(name, "chunk"))
    if not any(name in CODED for name, _ in frames):
        raise MalformedError("it has no picture")
    require_modest(pixels, sum(len(payload) for _, payload in frames))
    body = b"WEBP" + b"".join(_chunk(*chunk) for chunk in _arranged(kept, frames, orientation, removed))
    return Stripped(b"RIFF" + len(body).to_bytes(4, "little") + body, tuple(sorted(removed)))


def _chunks(data: bytes, removed: set[str]) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + int.from_bytes(data[4:8], "little")
    if data[:4] != b"RIFF" or data[8:HEAD] != b"WEBP" or end > len(data):
        raise MalformedError("the file is cut off")
    if end < len(data):
        removed.add("after_end")
    at = HEAD
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise MalformedError(f"the chunk at byte {at} is cut off")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    if at < end:
        removed.add("filler")


def _arranged(
    kept: dict[bytes, bytes], frames: list[tuple[bytes, bytes]], orientation: int, removed: set[str]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks that stay, in the order the format asks for, and note what they lose."""
    head, profile = kept.get(b"VP8X", b""), whole_icc(kept.get(b"ICCP", b""))
    turned = minimal_exif(orientation) if head else b""
    if profile != kept.get(b"ICCP", b""):
        removed.add("icc")
    if kept.get(b"EXIF", b"") not in {b"", turned}:
        removed.add("exif")
    if head:
        if len(head) != VP8X_SIZE:
            raise MalformedError("its header has another size than it should")
        flags = head[0] & (ALPHA_FLAG | ANIMATION_FLAG) | ICC_FLAG * bool(profile) | EXIF_FLAG * bool(turned)
        yield b"VP8X", bytes((flags, 0, 0, 0)) + head[4:]
    if profile and head:
        yield b"ICCP", profile
    yield from frames
    if turned:
        yield b"EXIF", turned


def _chunk(name: bytes, payload: bytes) -> bytes:
    return name + len(payload).to_bytes(4, "little") + payload + bytes(len(payload) % 2)
