"""The app's MeasurementResult, which we know by its attributes only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from PIL import Image

from captureset import catalog
from captureset.capture.commit import commit
from captureset.services import vision_result
from captureset.services.image_metadata import ImageMetadataService
from captureset.services.labeling_data import LabelingDataService
from captureset.store.repository import Repository
from photos import jpeg, picture


@dataclass
class ObjectDetection:
    """As the app has it: corners in whole pixels of the processed picture."""

    label: str
    cls_id: int
    bbox: tuple[int, int, int, int]
    width_px: int
    height_px: int
    confidence: float


@dataclass
class HandDetection:
    """As the app has it."""

    hand_px: float
    bbox: tuple[int, int, int, int]
    landmarks: list[tuple[int, int]]
    confidence: float


@dataclass
class MeasurementResult:
    """As the app has it."""

    object_detection: ObjectDetection | None = None
    hand_detection: HandDetection | None = None
    obj_width_cm: float | None = None
    obj_height_cm: float | None = None
    obj_depth_cm: float | None = None
    cm_per_px: float | None = None
    perspective_scale: float | None = None
    category: str | None = None
    fee: int | None = None
    notes: list[str] = field(default_factory=list)
    processed_image: Any = None


def measured(processed: Any) -> MeasurementResult:
    """Return a measured sofa."""
    return MeasurementResult(
        ObjectDetection("couch", 57, (80, 60, 240, 180), 160, 120, 0.91),
        HandDetection(40.0, (10, 20, 50, 60), [(12, 22)], 0.8),
        190.0,
        82.0,
        None,
        0.5,
        1.0,
        "소파",
        5000,
        ["큰 소파"],
        processed,
    )


@pytest.mark.parametrize("processed", [picture(320, 240, 3).convert("RGBA"), np.zeros((240, 320, 3), np.uint8)])
def test_boxes_are_scaled_from_the_processed_picture(
    prepared: Repository, service: LabelingDataService, processed: Any
) -> None:
    """Handed over as it is or through the adapter; one capture, its box in the pixels of the original."""
    saved = service.save_analysis_data(jpeg(1280, 960), measured(processed))
    assert saved["success"], saved
    assert service.save_analysis_data(jpeg(1280, 960), vision_result(measured(processed))) == saved
    assert commit(prepared).refusals == ()
    found = catalog.current(prepared.root)
    (box,), (row,) = found.annotations, found.captures
    assert (box.x_px, box.y_px, box.w_px, box.h_px) == (320, 240, 640, 480)
    assert (box.category, box.confidence, box.derived_from) == ("FURN_SOFA", 0.91, None)
    assert (row.model_confidence, row.width_cm, row.height_cm, row.depth_cm) == (0.91, 190, 82, None)
    assert (row.twin_md5 is not None) == isinstance(processed, Image.Image)


def test_without_its_processed_picture_a_box_has_no_frame(prepared: Repository, service: LabelingDataService) -> None:
    """It is not taken for one of the original's."""
    saved = service.save_analysis_data(jpeg(1280, 960), measured(None))
    assert saved["metadata"]["review"]["reasons"] == ["box_without_frame"]
    known = ImageMetadataService({"data_storage_path": str(prepared.root)}).get(saved["analysis_id"])
    assert "boxes" not in known["model"]
    assert known["model"]["raw_response"]["object_detection"]["bbox"] == [80, 60, 240, 180]


def test_absent_attributes_are_left_out() -> None:
    """A result of another version of the app, or an empty one."""

    class Bare:
        obj_width_cm = 12.0

    assert vision_result(Bare()) == {"size_estimation": {"width_cm": 12.0}, "frame_unknown": 1}
    assert vision_result(MeasurementResult())["notes"] == []
