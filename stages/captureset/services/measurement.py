"""The app's own `MeasurementResult`, by its attributes alone, as the vision result that the services take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIZES = {"width_cm": "obj_width_cm", "height_cm": "obj_height_cm", "depth_cm": "obj_depth_cm"}


def is_measurement(result: Any) -> bool:
    """Say whether something is a MeasurementResult: an object that has a detection, a hand or a size."""
    known = ("object_detection", "hand_detection", "obj_width_cm", "processed_image")
    return not isinstance(result, Mapping) and any(hasattr(result, name) for name in known)


def vision_result(measured: Any) -> dict[str, Any]:
    """Return a MeasurementResult as a vision result.

    Its boxes are corners in pixels of `processed_image` (background removed, longest side 640 at most), so they come
    with the size of that picture and are scaled from it. A processed picture with alpha is the background-removed
    twin.

    Args:
        measured: a MeasurementResult, or anything with its attributes; absent ones and None are left out.
    """
    picture = getattr(measured, "processed_image", None)
    sizes = {key: getattr(measured, name, None) for key, name in SIZES.items()}
    told = {
        "category": _name(getattr(measured, "category", None)),
        "object_detection": _detection(getattr(measured, "object_detection", None)),
        "hand_detection": _detection(getattr(measured, "hand_detection", None)),
        "size_estimation": {key: size for key, size in sizes.items() if size is not None} or None,
        **{key: getattr(measured, key, None) for key in ("cm_per_px", "perspective_scale", "fee", "notes")},
        **_frame(picture),
        "background_removed_image": picture if _has_alpha(picture) else None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _name(category: Any) -> Any:
    """Return a category as a word, also when the app holds it as a record with a name."""
    return category if category is None or isinstance(category, str) else getattr(category, "name", None)


def _detection(found: Any) -> dict[str, Any] | None:
    """Return a detection, its box with its convention named."""
    if found is None:
        return None
    names = ("label", "cls_id", "width_px", "height_px", "hand_px", "landmarks", "confidence")
    told = {name: getattr(found, name, None) for name in names}
    corners = getattr(found, "bbox", None)
    box = {"bbox": corners, "bbox_format": "xyxy"} if corners is not None else {}
    return {**{name: value for name, value in told.items() if value is not None}, **box}


def _frame(picture: Any) -> dict[str, int]:
    """Return the size of a PIL image or of an array; without one nobody knows what the boxes were measured in."""
    shape = getattr(picture, "shape", None)
    if isinstance(shape, tuple) and len(shape) >= 2:  # noqa: PLR2004 - rows, columns
        return {"image_width": int(shape[1]), "image_height": int(shape[0])}
    size = getattr(picture, "size", None)
    if isinstance(size, tuple):
        return {"image_width": int(size[0]), "image_height": int(size[1])}
    return {"frame_unknown": 1}


def _has_alpha(picture: Any) -> bool:
    if callable(getattr(picture, "getbands", None)):
        return "A" in picture.getbands()
    shape = getattr(picture, "shape", ())
    return isinstance(shape, tuple) and len(shape) == 3 and shape[2] == 4  # noqa: PLR2004 - RGBA
