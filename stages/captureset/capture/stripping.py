"""Private metadata taken out of a photo without touching a pixel, before its bytes enter DVC's history.

What stays: the coded picture byte for byte, the colour profile, and EXIF with the orientation alone where a photo
is not upright. The same photo always gives the same bytes, and a stripped one is left as it is.
"""

from __future__ import annotations

from captureset.capture import images
from captureset.capture.images import ImageFacts
from captureset.capture.strippable import BombError, MalformedError, Stripped
from captureset.capture.stripped_jpeg import strip_jpeg
from captureset.capture.stripped_png import strip_png
from captureset.capture.stripped_webp import strip_webp
from captureset.errors import RefusedCaptureError

FORMATS = {"jpeg": strip_jpeg, "png": strip_png, "webp": strip_webp}


def strip(data: bytes, facts: ImageFacts, name: str) -> Stripped:
    """Return the photo without private metadata, and what was taken out.

    Raises:
        RefusedCaptureError: `damaged` or `decompression_bomb`, found without decoding a pixel.
    """
    pixels = facts.stored.width_px * facts.stored.height_px
    try:
        return FORMATS[facts.format](data, facts.orientation, pixels)
    except MalformedError as error:
        raise RefusedCaptureError(
            "damaged", f"{name} is damaged: {error}; fetch the photo again from where it was taken."
        ) from None
    except BombError as error:
        raise RefusedCaptureError(
            "decompression_bomb", f"{name} is no honest photo: {error}; send the photo as the camera wrote it."
        ) from None


def admitted(data: bytes, name: str) -> tuple[Stripped, str]:
    """Return a photo as it may be stored, and the SHA-256 of its upright pixels, after decoding it strictly.

    It is decoded before and after, because the delivered bytes are not kept.

    Raises:
        RefusedCaptureError: it may not come in, or stripping would change what it shows (`not_strippable`).
    """
    facts = images.inspect(data, name)
    stripped = strip(data, facts, name)
    shown = images.pixel_sha256(data, name)
    if stripped.data != data and _seen(stripped.data, name) != (facts.upright, facts.orientation, shown):
        raise RefusedCaptureError(
            "not_strippable",
            f"{name} shows other pixels once its private metadata is taken out; save the photo again and send that.",
        )
    return stripped, shown


def _seen(data: bytes, name: str) -> tuple[object, int, str] | None:
    """Return what a stripped photo shows, None when it cannot be read."""
    try:
        facts = images.inspect(data, name)
        return facts.upright, facts.orientation, images.pixel_sha256(data, name)
    except RefusedCaptureError:
        return None
