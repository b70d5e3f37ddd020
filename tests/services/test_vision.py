"""Every shape of a vision result becomes the same section of a sidecar, or says what a person must look at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from captureset.capture import documents
from captureset.capture.images import ImageFacts
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Frame
from captureset.services.plain import plain
from captureset.services.vision import Reading, model_section, plain_result
from deliveries import sidecar

TAXONOMY = load_taxonomy(Path(__file__).resolve().parents[2] / "data" / "categories.yaml")
PHOTO, PROCESSED = Frame(1280, 960), {"image_width": 640, "image_height": 480}
SOFA = {"category": "소파", "confidence": 0.83}


def facts(frame: Frame = PHOTO, orientation: int = 1) -> ImageFacts:
    """Return what is known of a photo."""
    sideways = orientation in (5, 6, 7, 8)
    stored = Frame(frame.height_px, frame.width_px) if sideways else frame
    return ImageFacts("jpeg", stored, frame, orientation, 1, "0" * 64)


def read(
    result: Any, photo: ImageFacts | None = None, twin: ImageFacts | None = None
) -> tuple[dict[str, Any], set[str]]:
    """Return the section, which its schema must accept, and the reasons to look."""
    reading = Reading(TAXONOMY, photo or facts(), twin)
    section = model_section(plain_result(result), reading)
    documents.require_sidecar(sidecar("c-1", model=section), "x", TAXONOMY, (photo or facts()).upright)
    json.dumps(section, allow_nan=False)
    return section, reading.reasons


BOXES: dict[str, dict[str, Any]] = {
    "x, y, width, height": {"bbox": {"x": 10, "y": 20, "width": 100, "height": 80}},
    "x, y, w, h": {"bbox": {"x": 10, "y": 20, "w": 100, "h": 80}},
    "corners": {"bbox": {"x1": 10, "y1": 20, "x2": 110, "y2": 100}},
    "xmin": {"bbox": {"xmin": 10, "ymin": 20, "xmax": 110, "ymax": 100}},
    "numpy numbers": {"bbox": {"x1": np.float32(10), "y1": np.int64(20), "x2": np.int32(110), "y2": np.float64(100)}},
    "centre": {"bbox": {"cx": 60, "cy": 60, "w": 100, "h": 80}},
    "named by its key": {"bbox": {"xyxy": [10, 20, 110, 100]}},
    "named beside the values": {"bbox": {"format": "xywh", "values": [10, 20, 100, 80]}},
    "named beside the box": {"bbox": [10, 20, 110, 100], "bbox_format": "xyxy"},
    "an array": {"bbox": np.array([10, 20, 100, 80]), "bbox_format": "xywh_px"},
    "fractions": {"bbox": [60 / 640, 60 / 480, 100 / 640, 80 / 480], "bbox_format": "cxcywh_norm"},
    "a detection": {"object_detection": {"label": "소파", "bbox": (10, 20, 110, 100), "confidence": 0.5}},
    "detections": {"object_detection": [{"label": "소파", "bbox": [10, 20, 110, 100], "confidence": 0.5}]},
    "both, of one object": {
        "bbox": {"x": 10, "y": 20, "w": 100, "h": 80},
        "object_detection": {"bbox": [9, 9, 99, 99]},
    },
}


@pytest.mark.parametrize("told", BOXES.values(), ids=BOXES)
def test_a_box_in_any_shape_is_one_box(told: dict[str, Any]) -> None:
    """With its convention and the frame of the processed picture, from which the catalog scales it."""
    section, reasons = read({**SOFA, **PROCESSED, **told})
    (found,) = section["boxes"]
    assert found["xywh_px"] == pytest.approx([10, 20, 100, 80])
    assert found["frame"] == {"width_px": 640, "height_px": 480}
    assert (found["category"], section["category"], reasons) == ("FURN_SOFA", "FURN_SOFA", set())


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no convention": ({"bbox": [10, 20, 110, 100]}, "box_without_convention"),
    "an unknown one": ({"bbox": [1, 2, 3, 4], "bbox_format": "yolo9"}, "box_without_convention"),
    "three numbers": ({"bbox": [1, 2, 3], "bbox_format": "xyxy"}, "odd_box"),
    "words": ({"bbox": "left"}, "odd_box"),
    "no number": ({"bbox": {"x": "a", "y": 1, "w": 2, "h": 3}}, "odd_box"),
    "not finite": ({"bbox": {"x": float("nan"), "y": 1, "w": 2, "h": 3}}, "odd_box"),
    "endless": ({"bbox": {"x": 1, "y": 1, "w": float("inf"), "h": 3}}, "odd_box"),
    "inside out": ({"bbox": {"x1": 50, "y1": 50, "x2": 10, "y2": 60}}, "odd_box"),
    "outside": ({"bbox": {"x": 700, "y": 10, "w": 20, "h": 20}}, "box_outside"),
    "another shape": ({"bbox": {"x": 1, "y": 1, "w": 9, "h": 9}, "image_height": 640}, "frame_of_another_shape"),
}


@pytest.mark.parametrize(("told", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_box_that_cannot_be_placed_is_left_out_with_its_reason(told: dict[str, Any], reason: str) -> None:
    """The answer stays whole in raw_response; nothing is guessed, the category stays."""
    section, reasons = read({**SOFA, **PROCESSED, **told})
    assert "boxes" not in section
    assert reasons == {reason}
    assert section["category"] == "FURN_SOFA"
    assert section["raw_response"]["bbox"] == plain(told["bbox"])


def test_without_a_frame_the_photo_is_it_unless_a_twin_has_another_size() -> None:
    """With two pictures of different size nobody knows which was meant."""
    box = {"x": 10, "y": 20, "w": 100, "h": 80}
    told = {**SOFA, "bbox": box}
    assert read(told)[0]["boxes"][0]["frame"] == {"width_px": 1280, "height_px": 960}
    assert read(told, twin=facts())[0]["boxes"][0]["frame"] == {"width_px": 1280, "height_px": 960}
    section, reasons = read(told, twin=facts(Frame(640, 480)))
    assert ("boxes" in section, reasons) == (False, {"box_without_frame"})
    own = {**box, "frame": {"width": 320, "height": 240}}
    assert read({**SOFA, "bbox": own}, twin=facts(Frame(640, 480)))[0]["boxes"][0]["frame"]["width_px"] == 320


def test_a_box_beyond_the_edge_is_clipped() -> None:
    """By a rounding error silently, by more with a reason."""
    section, reasons = read({**SOFA, **PROCESSED, "bbox": {"x1": -0.5, "y1": 0, "x2": 640.9, "y2": 99}})
    assert (section["boxes"][0]["xywh_px"], reasons) == ([0, 0, 640, 99], set())
    section, reasons = read({**SOFA, **PROCESSED, "bbox": {"x1": -40, "y1": 0, "x2": 100, "y2": 99}})
    assert (section["boxes"][0]["xywh_px"], reasons) == ([0, 0, 100, 99], {"box_clipped"})


def test_a_box_measured_in_a_sideways_photo_is_turned() -> None:
    """The app decoded a phone's photo without its orientation: the frame is the stored one, lying down."""
    photo = facts(Frame(960, 1280), 6)
    section, reasons = read({**SOFA, **PROCESSED, "bbox": {"x1": 0, "y1": 0, "x2": 64, "y2": 48}}, photo)
    assert section["boxes"][0]["frame"] == {"width_px": 480, "height_px": 640}
    assert section["boxes"][0]["xywh_px"] == [480 - 48, 0, 48, 64]
    assert not reasons


def test_several_detections_have_their_own_categories() -> None:
    """A label that leads nowhere takes the capture's category."""
    found = [{"label": "의자", "bbox": [1, 2, 30, 40], "confidence": 0.4}, {"label": "couch9", "bbox": [5, 6, 70, 80]}]
    section, _ = read({**SOFA, **PROCESSED, "object_detection": found})
    assert [(one["category"], one.get("confidence")) for one in section["boxes"]] == [
        ("FURN_CHAIR", 0.4),
        ("FURN_SOFA", None),
    ]


@pytest.mark.parametrize(
    ("told", "code", "text", "reasons"),
    [
        ({"category": "FURN_SOFA"}, "FURN_SOFA", "FURN_SOFA", set()),
        ({"category": " 소파 "}, "FURN_SOFA", "소파", set()),
        ({"category": "가구", "secondary_category": "의자류"}, "FURN_CHAIR", "의자류", set()),
        ({"primary_category": "가구", "sub_category": "소파"}, "FURN_SOFA", "소파", set()),
        ({"category": "가구"}, "MISC_UNCLASS", "가구", {"unknown_category"}),
        ({"category": "라텍스 매트"}, "MISC_UNCLASS", "라텍스 매트", {"unknown_category"}),
        ({"category": 7}, None, None, set()),
        ({}, None, None, set()),
    ],
)
def test_category_words(told: dict[str, Any], code: str | None, text: str | None, reasons: set[str]) -> None:
    """A code, a name, an alias; what leads nowhere is unclassified, kept in its own words and to be looked at."""
    section, found = read(told)
    assert (section.get("category"), section.get("category_text"), found) == (code, text, reasons)


def test_the_rest_of_an_answer() -> None:
    """Size, hand, scale, fee and reasoning; a size of 0 is missing, a confidence of 83 is none."""
    section, reasons = read(
        {
            **PROCESSED,
            "confidence": 83,
            "size_estimation": {"w_cm": 120, "height_cm": 0, "d_cm": None},
            "hand_detection": {"hand_px": 142.0, "bbox": (1, 2, 31, 42), "landmarks": [[1, 2]], "confidence": 0.97},
            "cm_per_px": 0.13,
            "perspective_scale": -1,
            "fee": 5000,
            "notes": "팔걸이",
            "model_name": "gpt-4o",
        }
    )
    assert section["size_cm"] == {"width_cm": 120}
    assert section["hand"]["xywh_px"] == [1, 2, 30, 40]
    assert (section["hand"]["hand_px"], section["hand"]["confidence"]) == (142, 0.97)
    assert (section["cm_per_px"], section["fee_krw"], section["reasoning"]) == (0.13, 5000, "팔걸이")
    assert "perspective_scale" not in section
    assert ("confidence" in section, reasons) == (False, {"odd_confidence"})


def test_what_is_private_or_no_json_stays_out() -> None:
    """Identifiers, places and machine paths go, at any depth; pictures, NaN and strangers become words or nothing."""
    secrets = {"session_id": "s", "USER_ID": 7, "gps": [1, 2], "image_path": "/srv/app/x.jpg", "kept": 1}
    told = {"inner": [secrets], "file": "C:\\Users\\kim\\소파.jpg", "a": float("nan"), "image": Image.new("L", (2, 2))}
    found = plain(
        {**told, "stranger": object(), "deep": _nested(40), "half": "\ud800", "set": {1}, "tensor": np.ones(3)}
    )
    assert found["inner"] == [{"kept": 1}]
    assert found["file"] == "소파.jpg"
    assert (found["a"], found["stranger"], found["image"]) == (None, "<object>", "<Image>")
    assert (found["half"], found["set"], found["tensor"]) == ("?", [1], [1, 1, 1])
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else "bottom"


def test_an_endless_answer_is_left_out_and_said() -> None:
    """The capture comes in without it."""
    section, reasons = read({**SOFA, "raw": {str(key): "가" * 9000 for key in range(200)}})
    assert ("raw_response" in section, reasons) == (False, {"answer_too_large"})
