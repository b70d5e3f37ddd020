"""Photos with a secret in every place a file has room for one, and where to look for them afterwards."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms
from PIL.ExifTags import IFD
from PIL.TiffImagePlugin import IFDRational

from captureset.services import LabelingDataService
from photos import picture

ORIENTATION = 6
SIZE = (640, 480)
GPS = (37123457, 1000003)  # 37.123 degrees, as EXIF writes it
PACKED = zlib.compress(b"SECRET packed words " * 9)
SECOND = b"SECRET in the second picture"
JPEG_SECRETS = {
    "GPS": struct.pack("<II", *GPS),
    "maker note": b"SECRET maker note",
    "camera serial number": b"SECRET serial number",
    "user comment": b"SECRET user comment",
    "image description": b"SECRET description",
    "EXIF thumbnail": b"SECRET thumbnail",
    "XMP": b"SECRET xmp",
    "extended XMP": b"SECRET extended xmp",
    "IPTC": b"SECRET iptc",
    "comment": b"SECRET comment",
    "second picture": SECOND,
    "bytes after the end": b"SECRET tail",
    "JFXX thumbnail": b"SECRET jfxx",
    "JFIF thumbnail": b"SECRET jfif thumb",
    "C2PA": b"SECRET c2pa",
    "unknown segment": b"SECRET app7",
    "Ducky": b"SECRET ducky",
    "FlashPix": b"SECRET flashpix",
    "Adobe's surplus": b"SECRET adobe",
    "profile's surplus": b"SECRET profile",
}
PNG_SECRETS = {
    "tEXt": b"SECRET text",
    "zTXt": PACKED,
    "iTXt": b"SECRET itxt",
    "packed iTXt": PACKED[2:],
    "eXIf": b"SECRET png exif",
    "bytes after IEND": b"SECRET behind iend",
    "unknown chunk": b"SECRET chunk",
    "C2PA chunk": b"SECRET cabx",
    "profile name": b"SECRET profile name",
    "behind the packed pixels": b"SECRET behind pixels",
    "chunk behind the pixels": b"SECRET late text",
    "surplus in pHYs": b"SECRET phys",
}
WEBP_SECRETS = {
    "WebP EXIF": b"SECRET webp exif",
    "WebP XMP": b"SECRET webp xmp",
    "WebP unknown chunk": b"SECRET webp chunk",
    "WebP bytes after the end": b"SECRET webp tail",
}
SECRETS = {**JPEG_SECRETS, **PNG_SECRETS, **WEBP_SECRETS}
NOWHERE = {  # what an app may hand over and nothing of ours may hold
    "session id": b"SECRET-session-7f3a",
    "user id": b"SECRET-user-kim",
    "e-mail": b"kim@SECRET.example",
    "absolute path": b"SECRET/uploads",
    "absolute path of Windows": b"Users\\\\SECRET",
    "name of the upload": b"SECRET_IMG_0031",
}
SIDECAR_ONLY = {  # what sidecar and feedback may hold and no export
    "user agent": b"SECRET agent",
    "note": b"SECRET note",
    "reasoning": b"SECRET reasoning",
    "raw answer": b"SECRET raw answer",
    "user's own word": b"SECRET word",
}


@functools.cache
def profile() -> bytes:
    """Return a colour profile; it holds the time it was made, so it is made once."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(description: bytes) -> bytes:
    """Return EXIF of a phone that stood on its side: place, serial number, maker note, and a thumbnail at its end."""
    tags = Image.Exif()
    tags.endian = "<"
    tags[0x0112], tags[0x010E] = ORIENTATION, description.decode()
    tags.get_ifd(IFD.Exif).update(
        {0x927C: b"SECRET maker note", 0xA431: "SECRET serial number", 0x9286: b"ASCII\0\0\0SECRET user comment"}
    )
    tags.get_ifd(IFD.GPSInfo).update({1: "N", 2: (IFDRational(*GPS), 33.0, 59.1)})
    return tags.tobytes()


def segment(marker: int, payload: bytes) -> bytes:
    """Return one segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def planted_jpeg(seed: int = 0) -> bytes:
    """Return a JPEG with all of JPEG_SECRETS, turned by its EXIF, with a colour profile that stays."""
    sink = io.BytesIO()
    picture(*SIZE, seed).save(sink, "MPO", save_all=True, append_images=[picture(64, 48, seed + 1)], quality=90)
    rest = sink.getvalue()[20:]  # behind its JFIF segment, which gets another
    second_at = rest.index(b"\xff\xd8\xff")
    rest = rest[: second_at + 2] + segment(0xFE, SECOND) + rest[second_at + 2 :]
    thumbnail = b"SECRET jfif thumb".ljust(18, b"\0")
    pieces = [
        b"\xff\xd8",
        segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x02\x03" + thumbnail),
        segment(0xE1, exif(b"SECRET description") + b"SECRET thumbnail"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET xmp</x:xmpmeta>"),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + b"SECRET extended xmp"),
        segment(0xE0, b"JFXX\0\x10SECRET jfxx"),
        segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile() + b"SECRET profile"),
        segment(0xE2, b"FPXR\0SECRET flashpix"),
        segment(0xE7, b"SECRET app7"),
        segment(0xEB, b"JP\0\0SECRET c2pa"),
        segment(0xEC, b"Ducky SECRET ducky"),
        segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0SECRET iptc"),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01SECRET adobe"),
        segment(0xFE, b"SECRET comment"),
        rest,
        b"SECRET tail",
    ]
    return b"".join(pieces)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return name and content of each chunk of a whole PNG."""
    at, found = 8, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def planted_png(image: Image.Image) -> bytes:
    """Return a picture as a PNG with all of PNG_SECRETS, turned by its EXIF, with a colour profile that stays."""
    sink = io.BytesIO()
    image.save(sink, "PNG")
    head, *pixels, _ = png_chunks(sink.getvalue())
    packed = b"".join(data for _, data in pixels) + b"SECRET behind pixels"
    chunks = [
        head,
        (b"iCCP", b"SECRET profile name\0\0" + zlib.compress(profile())),
        (b"pHYs", struct.pack(">IIB", 1, 1, 1) + b"SECRET phys"),
        (b"tEXt", b"Comment\0SECRET text"),
        (b"zTXt", b"Comment\0\0" + PACKED),
        (b"iTXt", "위치\0\0\0\0\0".encode() + b"SECRET itxt"),
        (b"iTXt", b"XML\0\x01\0\0\0" + PACKED),
        (b"eXIf", exif(b"SECRET png exif")[6:]),
        (b"tIME", b"\x07\xe8\x01\x0f\x0c\x14\0"),
        (b"caBX", b"SECRET cabx"),
        (b"seCr", b"SECRET chunk"),
        (b"IDAT", packed[:999]),
        (b"IDAT", packed[999:]),
        (b"tEXt", b"Late\0SECRET late text"),
        (b"IEND", b""),
    ]
    return sink.getvalue()[:8] + b"".join(chunk(*item) for item in chunks) + b"SECRET behind iend"


def planted_webp(seed: int = 0) -> bytes:
    """Return a WebP with all of WEBP_SECRETS, turned by its EXIF, with a colour profile that stays."""
    sink = io.BytesIO()
    picture(*SIZE, seed).save(
        sink,
        "WEBP",
        quality=90,
        exif=exif(b"SECRET webp exif"),
        xmp=b"<x>SECRET webp xmp</x>",
        icc_profile=profile(),
    )
    body = sink.getvalue()[8:] + b"seCr" + struct.pack("<I", 17) + b"SECRET webp chunk\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body + b"SECRET webp tail"


def found_in(data: bytes) -> list[str]:
    """Return the names of the secrets that stand in some bytes."""
    return [name for name, secret in SECRETS.items() if secret in data]


def save_through_the_doors(root: Path) -> list[str]:
    """Save a confirmed photo of each format with every secret there is, its twin with some too; return the ids."""
    service = LabelingDataService({"data_storage_path": root})
    photos = {"jpeg": planted_jpeg(7), "png": planted_png(picture(*SIZE, 8)), "webp": planted_webp(9)}
    session = {"session_id": "SECRET-session-7f3a", "user_id": "SECRET-user-kim", "user_agent": "SECRET agent"}
    said = {"is_correct": True, "notes": "SECRET note", "object_name": "SECRET word", "email": "kim@SECRET.example"}
    ids = []
    for kind, data in photos.items():
        saved = service.save_analysis_data(data, _answer(kind), said, {**session, "timestamp": "2024-01-15T12:20:00"})
        assert saved["success"], saved
        assert saved["metadata"]["feedback"]["verdict"] == "confirm"
        ids.append(str(saved["analysis_id"]))
    return ids


def _answer(kind: str) -> dict[str, Any]:
    height, width = SIZE  # upright: every photo is turned by its EXIF
    return {
        "analysis_id": f"planted-{kind}",
        "category": "FURN_SOFA",
        "confidence": 0.95,
        "bbox": {"x": 40, "y": 60, "width": 300, "height": 400},
        "image_width": width,
        "image_height": height,
        "size_estimation": {"width_cm": 190, "height_cm": 80, "depth_cm": 90},
        "reasoning": "SECRET reasoning",
        "words": ["SECRET raw answer"],
        "image_path": "/srv/SECRET/uploads/SECRET_IMG_0031.jpg",
        "debug": {"read_from": "/srv/SECRET/uploads/photo.jpg", "and": ["C:\\Users\\SECRET\\photo.jpg"]},
        "user": {"email": "kim@SECRET.example"},
        "background_removed_image": planted_png(picture(*SIZE, 2).convert("RGBA")),
    }
