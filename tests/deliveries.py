"""Documents as an app sends them, the smallest that may come in."""

from __future__ import annotations

from typing import Any

MORNING = "2024-01-15T03:20:00Z"
EVENING = "2024-01-15T20:45:00Z"


def sidecar(capture_id: str, captured_at: str = MORNING, **sections: Any) -> dict[str, Any]:
    """Return a sidecar with nothing but what it needs, and these sections."""
    source = {"kind": "app", "name": "ecoguide"}
    return {
        "schema_version": 1,
        "capture_id": capture_id,
        "captured_at": captured_at,
        "source": source,
        **sections,
    }


def feedback(feedback_id: str, capture_id: str, verdict: str = "confirm", **more: Any) -> dict[str, Any]:
    """Return a feedback with nothing but what it needs, and these keys."""
    return {
        "schema_version": 1,
        "feedback_id": feedback_id,
        "capture_id": capture_id,
        "given_at": "2024-01-17T09:05:00+09:00",
        "verdict": verdict,
        **more,
    }


def box(category: str, xywh_px: list[float], width_px: int = 64, height_px: int = 48) -> dict[str, Any]:
    """Return a bounding box measured in a frame of this size."""
    return {"category": category, "xywh_px": xywh_px, "frame": {"width_px": width_px, "height_px": height_px}}
