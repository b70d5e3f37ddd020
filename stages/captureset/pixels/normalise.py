"""Photos as trainers need them: upright, RGB, 8 bit, no private metadata, nothing after the end of the image.

A photo that is so already keeps its bytes. Any other is changed in the least way, always the same, and the reasons
are given.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageColor

from captureset.capture.images import FORMATS, SUFFIXES, orientation_of, turned_upright
from captureset.capture.strippable import MalformedError
from captureset.capture.stripping import FORMATS as STRIPPERS
from captureset.pixels.depth import eight_bit, is_deep
from captureset.pixels.plain_jpeg import is_plain_jpeg

END_OF_JPEG = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class ExportedImage:
    """The bytes to write, their suffix, and why they differ from the photo's (empty: they do not)."""

    data: bytes
    suffix: str
    changes: tuple[str, ...]


def normalised(data: bytes, background_color: str, jpeg_quality: int) -> ExportedImage:
    """Return a photo ready for training.

    Args:
        data: a whole JPEG, PNG or WebP, as `commit` let it in.
        background_color: `#rrggbb`, under transparent pixels.
        jpeg_quality: of a JPEG that has to be encoded again (no chroma subsampling then).
    """
    if is_plain_jpeg(data):
        return ExportedImage(data, SUFFIXES["jpeg"], ())
    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
        kind = FORMATS[str(image.format)]
        changes = _pixel_changes(image, data)
        if not changes:
            return _without_metadata(data, kind, image.width * image.height)
        rgb = _as_rgb(turned_upright(image, orientation_of(image)), background_color)
    rgb.info.clear()  # the writers would take a transparency or a colour profile of the old mode from there
    sink = io.BytesIO()
    if kind == "jpeg":
        rgb.save(sink, "JPEG", quality=jpeg_quality, subsampling=0)
    else:
        rgb.save(sink, "PNG", compress_level=6)
    return ExportedImage(sink.getvalue(), SUFFIXES["jpeg" if kind == "jpeg" else "png"], tuple(changes))


def _pixel_changes(image: Image.Image, data: bytes) -> list[str]:
    changes = []
    if orientation_of(image) != 1:
        changes.append("made_upright")
    if "A" in image.getbands() or "transparency" in image.info:
        changes.append("alpha_composited")
    elif image.mode != "RGB":
        changes.append(f"converted_from_{image.mode}")
    elif is_deep(data):
        changes.append("converted_from_16_bit")
    return changes


def _without_metadata(data: bytes, kind: str, pixels: int) -> ExportedImage:
    """Drop private metadata, which captures committed by older versions may carry, and bytes after the end.

    Trainers take those for damage and rewrite the file.
    """
    try:
        stripped = STRIPPERS[kind](data, 1, pixels)
    except MalformedError:
        if kind != "jpeg" or data.endswith(END_OF_JPEG):
            raise
        stripped = STRIPPERS[kind](data + END_OF_JPEG, 1, pixels)
    if stripped.data == data:
        return ExportedImage(data, SUFFIXES[kind], ())
    tail_only = set(stripped.removed) <= {"after_end"}
    change = "ended_at_end_of_image" if tail_only else "private_metadata_removed"
    return ExportedImage(stripped.data, SUFFIXES[kind], (change,))


def _as_rgb(image: Image.Image, background_color: str) -> Image.Image:
    image = eight_bit(image)
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        color = (*ImageColor.getrgb(background_color)[:3], 255)
        return Image.alpha_composite(Image.new("RGBA", rgba.size, color), rgba).convert("RGB")
    return image.convert("RGB")
