"""Deliveries spoilt at random, always in the same ways for the same number."""

from __future__ import annotations

import json
import random
from typing import Any

from captureset.capture.envelope import Envelope, pack
from captureset.capture.images import inspect
from deliveries import box, sidecar
from photos import encoded, jpeg, picture, png
from planted import planted_jpeg, planted_png, planted_webp

ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1e308,
        10**400,
        "",
        "\0",
        "\n",
        "\ud800",
        "../../etc",
        "a" * 5000,
        [],
        {},
        [[]],
        {"": 0},
    ),
    *(
        float("nan"),
        float("inf"),
        -0.0,
        "2024-13-99T99:99:99Z",
        "9999-12-31T23:59:59-23:59",
        "FURN_SOFA",
        "소파",
        [None] * 4,
    ),
)


def base_images() -> list[bytes]:
    """Return sound photos of each format, plain and with much metadata, for `mutated` to spoil."""
    return [
        *(jpeg(40, 30, 1, exif_orientation=6), png(40, 30, 2, exif_orientation=3)),
        *(encoded(picture(40, 30, 3), "WEBP", 8), encoded(picture(40, 30, 4).convert("CMYK"), "JPEG")),
        *(encoded(picture(40, 30, 5).convert("P"), "PNG"), encoded(picture(40, 30, 6).convert("RGBA"), "WEBP")),
        *(planted_jpeg(7), planted_png(picture(64, 48, 8)), planted_webp(9)),
    ]


def base_sidecar() -> dict[str, Any]:
    """Return a sound sidecar with something in every section."""
    boxes = [box("FURN_SOFA", [4, 4, 20, 20], 30, 40)]
    model = {"name": "m", "category": "FURN_SOFA", "confidence": 0.5, "boxes": boxes, "size_cm": {"width_cm": 80}}
    return sidecar("c-1", label={"reviewed": True, "boxes": boxes}, model=model, session={"session_key": "0" * 32})


def mutated(choose: random.Random, data: bytes) -> bytes:
    """Return bytes with a few changes: flipped, cut out, doubled, overwritten by 0 or 255, cut off, or mixed up."""
    spoilt = bytearray(data)
    for _ in range(choose.choice((1, 1, 2, 5))):
        at, length = choose.randrange(len(spoilt) or 1), choose.choice((1, 2, 4, 16, 300))
        piece = bytes(spoilt[at : at + length])
        way = choose.randrange(6)
        if way == 0:
            spoilt[at : at + 1] = bytes((choose.randrange(256),))
        elif way == 1:
            del spoilt[at : at + length]
        elif way == 2:
            spoilt[at:at] = piece
        elif way == 3:
            spoilt[at : at + length] = choose.choice((b"\0", b"\xff")) * len(piece)
        elif way == 4:
            del spoilt[at:]
        else:
            spoilt[at : at + length] = choose.randbytes(length)
    return bytes(spoilt)


def misdescribed(choose: random.Random, document: Any) -> Any:
    """Return a document with one place, anywhere in it, replaced, dropped or doubled under another name."""
    changed = json.loads(json.dumps(document))
    here: Any = changed
    while True:
        key = choose.choice(list(here) if isinstance(here, dict) else range(len(here)))
        inner = here[key]
        if isinstance(inner, dict | list) and inner and choose.random() < 0.7:
            here = inner
            continue
        if isinstance(here, dict) and choose.random() < 0.2:
            here[str(choose.choice(ODD))[:5000] if choose.random() < 0.5 else key + "x"] = here.pop(key)
        else:
            here[key] = choose.choice(ODD)
        return changed


def envelope(choose: random.Random, images: list[bytes]) -> bytes:
    """Return an envelope as the inbox may hold it, its photo, sidecar or bytes spoilt."""
    photo = choose.choice(images)
    way = choose.randrange(3)
    document = {**base_sidecar(), "image": {"bytes": len(photo), "sha256": inspect(photo, "x").sha256}}
    whole = pack(Envelope(photo, document))
    return mutated(choose, whole) if way else whole[: choose.randrange(len(whole))]
