"""Sidecars, feedback and inbox files that may not come in, by name, each with the code it is refused with."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from captureset.capture.envelope import Envelope, pack
from captureset.capture.images import inspect
from deliveries import box, feedback, sidecar
from photos import jpeg, png

PHOTO = jpeg(64, 48, 1)
NAN, INFINITE = float("nan"), float("inf")
IDS: dict[str, Any] = {
    "traversal": "../../etc/passwd",
    "traversal of Windows": "..\\..\\windows",
    "absolute": "/etc/passwd",
    "folder": "a/b",
    "two dots": "..",
    "dot": ".",
    "hidden": ".hidden",
    "empty": "",
    "space": " ",
    "inner space": "a b",
    "newline at the end": "c-1\n",
    "newline inside": "c\n1",
    "null": "c\0",
    "escape sequence": "\x1b[2Jc",
    "bell": "c\x07",
    "right to left": "c\u202e1",
    "no-break space": "c\u00a01",
    "Korean": "소파",
    "full-width digits": "c-\uff11",
    "upper case": "C-1",
    "underscore": "c_1",
    "dash in front": "-rf",
    "dash behind": "c-",
    "percent": "c%2e%2e",
    "65 letters": "a" * 65,
    "a megabyte": "a" * 1_000_000,
    "half a pair": "\ud83d",
    "number": 7,
    "none": None,
    "list": ["c-1"],
    "true": True,
}
FRAME = {"width_px": 64, "height_px": 48}
BOXES: dict[str, Any] = {
    "no width": [1, 1, 0, 9],
    "no height": [1, 1, 9, 0],
    "negative width": [9, 9, -5, 5],
    "left of the picture": [-5, 1, 20, 20],
    "right of the picture": [60, 1, 20, 20],
    "below the picture": [1, 40, 20, 20],
    "infinite": [1, 1, INFINITE, 9],
    "not a number": [NAN, 1, 9, 9],
    "huge": [1e308, 1e308, 1e308, 1e308],
    "a number beyond floats": [10**400, 1, 9, 9],
    "three numbers": [1, 1, 9],
    "five numbers": [1, 1, 9, 9, 9],
    "texts": ["1", "1", "9", "9"],
    "true": [True, True, True, True],
    "nothing": None,
    "an object": {"x": 1, "y": 1, "w": 9, "h": 9},
    "nested": [[1, 1, 9, 9]],
}
TIMES = ("", "yesterday", "2024-01-15", "2024-01-15T12:00:00", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z")
MORE_TIMES = (
    "2024-01-15T24:61:00Z",
    "2024-01-15T12:00:00+99:99",
    "0000-01-01T00:00:00Z",
    "\uff12\uff10\uff12\uff14-01-15T12:00:00Z",
)
UNPLACED = ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2024-01-15T12:00:00Z\n", 1705320000)


def bad_sidecars() -> Iterator[tuple[str, str, Any]]:
    """Give name, code and document of every sidecar."""
    yield from ((f"id: {name}", "invalid_document", sidecar(value)) for name, value in IDS.items())
    for name, xywh in BOXES.items():
        drawn = {"category": "FURN_SOFA", "xywh_px": xywh, "frame": FRAME}
        yield f"box: {name}", "invalid_document", sidecar("c-1", model={"boxes": [drawn]})
    for moment in (*TIMES, *MORE_TIMES, *UNPLACED):
        yield f"time: {moment!r}", "invalid_document", sidecar("c-1", moment)  # type: ignore[arg-type]
    yield from ((f"sidecar: {name}", "invalid_document", value) for name, value in _wrong_sidecars().items())
    yield "sidecar: five megabytes", "too_large", sidecar("c-1", model={"raw_response": {"text": "a" * 5_000_000}})


def _wrong_sidecars() -> dict[str, Any]:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    drawn = box("FURN_SOFA", [1, 1, 9, 9])
    hidden = dict.fromkeys((f"key{number}" for number in range(3000)), 1)
    pasted = PHOTO[:900] + b"--boundary" + PHOTO[900:]
    return {
        "a list": [],
        "a text": "c-1",
        "nothing": None,
        "a number": 7,
        "empty": {},
        "an unknown key": sidecar("c-1", gps={"lat": 37.5}),
        "three thousand unknown keys": {**sidecar("c-1"), **hidden},
        "a key of control characters": {**sidecar("c-1"), "\x1b[31m\n": 1},
        "a key of a megabyte": {**sidecar("c-1"), "k" * 1_000_000: 1},
        "a hundred thousand lists in one another": sidecar("c-1", model={"raw_response": {"deep": deep}}),
        "another version": {**sidecar("c-1"), "schema_version": 99},
        "a text for a version": {**sidecar("c-1"), "schema_version": "1"},
        "no source": {key: value for key, value in sidecar("c-1").items() if key != "source"},
        "a plain session id": sidecar("c-1", session={"session_key": "kim@example.org"}),
        "a plain user id": sidecar("c-1", session={"user_key": "010-1234-5678"}),
        "confidence above one": sidecar("c-1", model={"confidence": 95.0}),
        "confidence below zero": sidecar("c-1", model={"confidence": -0.1}),
        "confidence that is no number": sidecar("c-1", model={"confidence": NAN}),
        "confidence as text": sidecar("c-1", model={"confidence": "0.9"}),
        "an unknown category": sidecar("c-1", model={"category": "FURN_SOFFA"}),
        "a Korean name for a code": sidecar("c-1", model={"category": "소파"}),
        "a category with a newline": sidecar("c-1", model={"category": "FURN_SOFA\n"}),
        "empty beside boxes": sidecar("c-1", label={"reviewed": True, "empty": True, "boxes": [drawn]}),
        "a thousand and one boxes": sidecar("c-1", model={"boxes": [drawn] * 1001}),
        "a frame of another shape": sidecar("c-1", model={"boxes": [box("FURN_SOFA", [1, 1, 9, 9], 100, 100)]}),
        "a frame of no width": sidecar("c-1", model={"boxes": [box("FURN_SOFA", [0, 0, 1, 1], 0, 48)]}),
        "a frame no float can hold": sidecar("c-1", model={"boxes": [box("FURN_SOFA", [0, 0, 1, 1], 64, 10**400)]}),
        "a size of zero": sidecar("c-1", model={"size_cm": {"width_cm": 0}}),
        "a size of a kilometre": sidecar("c-1", model={"size_cm": {"width_cm": 100_000}}),
        "a rating of six": sidecar("c-1", label={"reviewed": True, "rating": 6}),
        "bytes": sidecar("c-1", model={"raw_response": {"image": b"x"}}),
        "a wrong hash": sidecar("c-1", image={"sha256": "0" * 64}),
        "the hash of the photo before a text was pasted in": sidecar(
            "c-1", image={"sha256": hashlib.sha256(pasted).hexdigest()}
        ),
        "a wrong width": sidecar("c-1", image={"width_px": 65}),
        "a wrong format": sidecar("c-1", image={"format": "png"}),
        "a twin that is not there": sidecar("c-1", background_removed={"format": "png"}),
        "half a pair in a text": sidecar("c-1", model={"reasoning": "\udc00"}),
    }


def bad_feedback() -> Iterator[tuple[str, str, Any]]:
    """Give name, code and document of every feedback on capture c-1."""
    for name, value in IDS.items():
        yield f"feedback id: {name}", "invalid_document", feedback(value, "c-1")
    wrong: dict[str, Any] = {
        "a list": [],
        "empty": {},
        "a rating of nine": feedback("f-1", "c-1", rating=9),
        "a rating of a half": feedback("f-1", "c-1", rating=0.5),
        "an unknown verdict": feedback("f-1", "c-1", "maybe"),
        "an unknown category": feedback("f-1", "c-1", "correct", category="SOFA"),
        "a box outside": feedback("f-1", "c-1", "correct", boxes=[box("FURN_SOFA", [60, 40, 20, 20])]),
        "a note that is a list": feedback("f-1", "c-1", note=["a"]),
        "no time": {**feedback("f-1", "c-1"), "given_at": None},
    }
    yield from ((f"feedback: {name}", "invalid_document", value) for name, value in wrong.items())
    yield "feedback: on another capture", "other_capture", feedback("f-1", "c-2")
    yield "feedback: five megabytes", "too_large", feedback("f-1", "c-1", note="a" * 5_000_000)


def bad_inbox_files() -> dict[str, tuple[str, bytes]]:
    """Return by file name in the inbox the code and the bytes; each for `commit`, which trusts nobody."""
    facts = {"bytes": len(PHOTO), "sha256": inspect(PHOTO, "x").sha256}
    whole = pack(Envelope(PHOTO, sidecar("whole", image=facts)))
    return {
        "nothing.capture": ("torn", b""),
        "photo-alone.capture": ("torn", PHOTO),
        "cut.capture": ("torn", whole[:-9]),
        "front-lost.capture": ("torn", whole[9:]),
        "flipped.capture": ("torn", whole[:300] + bytes((whole[300] ^ 1,)) + whole[301:]),
        "other-name.capture": ("wrong_name", whole),
        "line\nbreak.capture": ("wrong_name", whole),
        "escape\x1b[2J.capture": ("wrong_name", whole),
        "소파.capture": ("wrong_name", whole),
        "packed.capture": ("torn", _archive(PHOTO, sidecar("packed", image=facts), zipfile.ZIP_DEFLATED)),
        "bomb.capture": ("torn", _archive(PHOTO, {"a": "0" * 50_000_000}, zipfile.ZIP_DEFLATED)),
        "no-json.capture": ("torn", _archive(PHOTO, None)),
        "a-list.capture": ("torn", _archive(PHOTO, [1])),
        "no-size.capture": ("torn", _archive(PHOTO, sidecar("no-size"))),
        "negative.capture": ("torn", _archive(PHOTO, sidecar("negative", image={**facts, "bytes": -1}))),
        "text-size.capture": ("torn", _archive(PHOTO, sidecar("text-size", image={**facts, "bytes": "9"}))),
        "id-of-none.capture": ("wrong_name", _archive(PHOTO, {**sidecar("x", image=facts), "capture_id": None})),
        "promised.capture": ("invalid_document", pack(Envelope(PHOTO, _promising(facts)))),
        "half-photo.capture": ("damaged", pack(_describing(PHOTO[:-40], "half-photo"))),
        "half-twin.capture": ("damaged", pack(_describing(PHOTO, "half-twin", png(64, 48)[:-40]))),
        "html-twin.capture": ("not_an_image", pack(_describing(PHOTO, "html-twin", b"<html>"))),
        "c-1.feedback.f-1.json": ("not_json", b"{"),
        "c-1.feedback.f-2.json": ("not_json", b'{"a": 1, "a": 2}'),
        "c-1.feedback.f-3.json": ("not_json", b'{"a": NaN}'),
        "c-1.feedback.f-4.json": ("not_json", b"[" * 200_000),
        "c-1.feedback.f-5.json": ("not_json", b"\xff\xfe{"),
        "c-1.feedback.f-6.json": ("not_json", b'{"a": ' + b"9" * 5000 + b"}"),
        "c-1.feedback.f-7.json": ("invalid_document", b"null"),
        "c-1.feedback.f-8.json": ("wrong_name", json.dumps(feedback("f-0", "c-1")).encode()),
        "c-1.feedback.f-9.json": ("invalid_document", json.dumps(feedback("../f", "c-1")).encode()),
    }


def _promising(facts: dict[str, Any]) -> dict[str, Any]:
    return {**sidecar("promised"), "image": {**facts, "width_px": 9}}


def _describing(photo: bytes, name: str, twin: bytes | None = None) -> Envelope:
    facts = {"bytes": len(photo), "sha256": hashlib.sha256(photo).hexdigest()}
    document = sidecar(name, image=facts)
    return Envelope(photo, document if twin is None else {**document, "background_removed": {}}, twin)


def _archive(photo: bytes, document: Any, how: int = zipfile.ZIP_STORED) -> bytes:
    sink = io.BytesIO()
    sink.write(photo)
    with zipfile.ZipFile(sink, "w", how) as archive:
        archive.writestr("sidecar.json", "{" if document is None else json.dumps(document))
    return sink.getvalue()
