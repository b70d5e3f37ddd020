"""Photos that may not come in, by name, each with the code it is refused with."""

from __future__ import annotations

import base64
import functools
import gzip
import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from photos import encoded, jpeg, picture, png
from planted import chunk, png_chunks, segment

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Case = tuple[str, str, bytes]  # name, code, bytes


def packed_png(head: bytes, pixels: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of a header's bytes, packed pixels, and chunks between them."""
    chunks = ((b"IHDR", head), *more, (b"IDAT", pixels), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(*item) for item in chunks)


def header(width: int, height: int, bits: int = 8, colour: int = 2, tail: bytes = b"\0\0\0") -> bytes:
    """Return what stands in IHDR."""
    return struct.pack(">IIBB", width, height, bits, colour) + tail


def resized_jpeg(width: int, height: int) -> bytes:
    """Return a small JPEG that claims another size."""
    data = bytearray(jpeg(40, 30, 1))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp(image: Image.Image, **options: object) -> bytes:
    """Return a WebP."""
    sink = io.BytesIO()
    image.save(sink, "WEBP", **options)
    return sink.getvalue()


def claiming_webp(width: int, height: int) -> bytes:
    """Return a lossless WebP that claims a size and has no pixel."""
    bits = (width - 1) | (height - 1) << 14
    body = b"WEBPVP8L" + struct.pack("<IBI", 6, 0x2F, bits) + b"\0\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def strangers() -> Iterator[Case]:
    """Give files that are no JPEG, PNG or WebP at all."""
    sound = jpeg(40, 30, 1)
    beginnings = {
        "nothing": b"",
        "one byte": b"\xff",
        "html": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
        "json": b'{"error": "not found"}',
        "text": "사진이 없습니다".encode(),
        "utf-16 text": "사진".encode("utf-16"),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        "zip": b"PK\x03\x04" + bytes(26),
        "gzip of a photo": gzip.compress(sound, mtime=0),
        "base64 of a photo": base64.b64encode(sound),
        "data address": b"data:image/jpeg;base64," + base64.b64encode(sound),
        "program": b"\x7fELF\x02\x01\x01" + bytes(99),
        "film": b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41",
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
        "jpeg xl": b"\xff\x0a\xfa\x17",
        "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
        "photoshop": b"8BPS\0\x01" + bytes(40),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(24),
        "avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(24),
        "zeros": bytes(100_000),
        "all ones": b"\xff" * 100_000,
        "photo behind a space": b" " + sound,
        "photo behind a byte order mark": b"\xef\xbb\xbf" + sound,
        "photo with lines changed to unix": png(40, 30).replace(b"\r\n", b"\n"),
        "photo without its first byte": sound[1:],
        "photo backwards": sound[::-1],
    }
    yield from ((name, "not_an_image", data) for name, data in beginnings.items())
    for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000", "PCX"):
        yield f"{kind} image", "not_an_image", encoded(picture(32, 32, 1), kind)
    sink = io.BytesIO()
    picture(32, 32, 1).save(sink, "GIF", save_all=True, append_images=[picture(32, 32, 2)])
    yield "moving GIF", "not_an_image", sink.getvalue()


def headers() -> Iterator[Case]:
    """Give files that begin well and have no readable header."""
    sound, flat, small = jpeg(40, 30, 1), png(40, 30, 1), webp(picture(40, 30, 1))
    pixels = png_chunks(flat)[1][1]
    for count in (2, 3, 4, 12, 20, 150):
        yield f"first {count} bytes of a JPEG", "not_an_image", sound[:count]
    for count in (4, 8, 16, 25, 33):
        yield f"first {count} bytes of a PNG", "not_an_image", flat[:count]
    for count in (4, 12, 16, 30):
        yield f"first {count} bytes of a WebP", "not_an_image", small[:count]
    wrong = {
        "PNG without a header": SIGNATURE + chunk(b"IDAT", pixels) + chunk(b"IEND", b""),
        "PNG of no width": packed_png(header(0, 30), pixels),
        "PNG of no height": packed_png(header(40, 0), pixels),
        "PNG of 3 bits": packed_png(header(40, 30, 3), pixels),
        "PNG of colour type 5": packed_png(header(40, 30, 8, 5), pixels),
        "PNG with a short header": packed_png(header(40, 30)[:9], pixels),
        "PNG with a wrong header checksum": flat[:29] + bytes(4) + flat[33:],
        "PNG that is only its end": SIGNATURE + chunk(b"IEND", b""),
        "PNG text bomb": packed_png(header(40, 30), pixels, (b"zTXt", b"a\0\0" + zlib.compress(bytes(20_000_000)))),
        "JPEG of no width": resized_jpeg(0, 30),
        "JPEG of 3 bits": sound.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x03"),
        "WebP of an unknown picture": small.replace(b"VP8 ", b"VP9 "),
    }
    yield from ((name, "not_an_image", data) for name, data in wrong.items())


def bombs() -> Iterator[Case]:
    """Give small files that claim or contain far too much."""
    for width, height in ((9500, 9500), (30000, 30000), (65000, 65000), (2**31 - 1, 1), (1, 2**31 - 1)):
        yield f"PNG of {width}x{height}", "too_many_pixels", packed_png(header(width, height), b"")
    for width, height in ((65500, 65500), (65535, 1400)):
        yield f"JPEG of {width}x{height}", "too_many_pixels", resized_jpeg(width, height)
    side, rows = 9400, zlib.compress(bytes((9400 // 8 + 1) * 9400))
    yield "PNG of 88 megapixels in 11 KB", "decompression_bomb", packed_png(header(side, side, 1, 0), rows)
    yield "PNG of 88 megapixels, cut", "decompression_bomb", packed_png(header(side, side, 1, 0), rows[:50])
    yield "JPEG of 88 megapixels in 1 KB", "decompression_bomb", resized_jpeg(side, side)
    yield "JPEG of 200 passes", "decompression_bomb", many_passes(200)
    yield "WebP of 82 megapixels", "not_an_image", claiming_webp(16383, 5000)
    yield "more bytes than may come in", "too_large", jpeg(40, 30, 1).ljust(64 * 1024 * 1024 + 1, b"\0")


def many_passes(count: int) -> bytes:
    """Return a progressive JPEG whose last pass stands many times."""
    sink = io.BytesIO()
    picture(40, 30, 1).save(sink, "JPEG", progressive=True)
    data = sink.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def moving() -> Iterator[Case]:
    """Give animations."""
    for kind in ("PNG", "WEBP"):
        sink = io.BytesIO()
        picture(40, 30, 1).save(sink, kind, save_all=True, append_images=[picture(40, 30, 2)])
        yield f"moving {kind}", "animated", sink.getvalue()


def damaged() -> Iterator[Case]:
    """Give photos with a sound header and spoilt pixels."""
    sound, flat, small = jpeg(320, 240, 5), png(320, 240, 5), webp(picture(320, 240, 5), lossless=True)
    for kind, data in (("JPEG", sound), ("PNG", flat)):
        half, size = len(data) // 2, len(data)
        yield f"half a {kind}", "damaged", data[:half]
        yield f"{kind} without its last two bytes", "damaged", data[:-2]
        yield f"{kind} without forty bytes at its end", "damaged", data[:-40]
        yield f"{kind} with zeros in the middle", "damaged", data[:half] + bytes(64) + data[half + 64 :]
        yield f"{kind} with ones in the middle", "damaged", data[:half] + b"\xff" * 64 + data[half + 64 :]
        yield f"{kind} with zeros to the end", "damaged", data[:half] + bytes(size - half)
        yield f"{kind} whose middle is missing", "damaged", data[:half] + data[half + 99 :]
        yield f"{kind} whose middle stands twice", "damaged", data[: half + 99] + data[half:]
    middle = len(sound) // 2
    yield "JPEG with an end in the middle", "damaged", sound[:middle] + b"\xff\xd9" + sound[middle + 2 :]
    yield "JPEG that begins again in the middle", "damaged", sound[:middle] + sound
    yield "JPEG with junk before its tables", "damaged", sound[:20] + b"junk!" + sound[20:]
    yield "JPEG of lossy newlines", "damaged", sound.replace(b"\n", b"\r\n")
    yield "JPEG read as text", "not_an_image", sound.decode("utf-8", "replace").encode()
    yield "JPEG with half its EXIF", "damaged", sound[:20] + segment(0xE1, b"Exif\0\0MM" + bytes(200))[:90] + sound[20:]
    yield "WebP with zeros", "damaged", small[:60] + bytes(len(small) - 60)
    yield "WebP with ones", "damaged", small[:60] + b"\xff" * (len(small) - 60)
    yield from broken_pngs()


def broken_pngs() -> Iterator[Case]:
    """Give PNGs whose chunks contradict each other."""
    flat = png(40, 30, 5)
    pixels = png_chunks(flat)[1][1]
    raw = zlib.decompress(pixels)
    head = header(40, 30)
    end = chunk(b"IEND", b"")
    yield "PNG with a wrong pixel checksum", "damaged", flat.replace(end, b"")[:-1] + b"\0" + end
    yield "PNG with a row too few", "damaged", packed_png(head, zlib.compress(raw[:-121]))
    yield "PNG with a row too many", "damaged", packed_png(head, zlib.compress(raw + raw[:121]))
    yield "PNG higher than its pixels", "damaged", packed_png(header(40, 60), pixels)
    yield "PNG wider than its pixels", "damaged", packed_png(header(80, 30), pixels)
    yield "PNG lower than its pixels", "damaged", packed_png(header(40, 20), pixels)
    yield "PNG with a filter of 9", "damaged", packed_png(head, zlib.compress(b"\x09" + raw[1:]))
    yield "PNG without a pixel", "damaged", packed_png(head, b"")
    yield "PNG of two headers", "damaged", packed_png(head, pixels, (b"IHDR", head))
    yield "PNG with an unknown critical chunk", "damaged", packed_png(head, pixels, (b"ODDS", b"1"))
    yield "PNG of colours without a palette", "damaged", packed_png(header(40, 30, 8, 3), zlib.compress(bytes(41 * 30)))
    yield (
        "PNG of colours with half a palette",
        "damaged",
        packed_png(header(40, 30, 8, 3), zlib.compress(bytes(41 * 30)), (b"PLTE", b"1234")),
    )
    yield "PNG without its end", "damaged", flat.replace(end, b"")
    yield "PNG with a chunk larger than the file", "damaged", flat.replace(end, struct.pack(">I", 2**31 - 1) + b"tEXt")


@functools.cache
def bad_images() -> tuple[Case, ...]:
    """Return all of them."""
    return (*strangers(), *headers(), *bombs(), *moving(), *damaged())
