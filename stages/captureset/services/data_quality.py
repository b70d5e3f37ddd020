"""`DataQualityService`: how good a capture is, and how good a week or a month was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from captureset import params
from captureset.capture.images import ImageFacts
from captureset.errors import CapturesetError
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Frame
from captureset.reporting.kpis import Targets
from captureset.services.answers import Answer, answered
from captureset.services.feedback import feedback_of
from captureset.services.judged import Judged, everything, judged_sidecar
from captureset.services.judged import settings_of as quality_settings
from captureset.services.places import frame_of
from captureset.services.quality_report import report
from captureset.services.saving import capture_id_of
from captureset.services.settings import Settings, settings_of
from captureset.services.vision import Document, Reading, model_section, plain_result

ID_KEYS = ("record_id", "analysis_id", "capture_id")
SIZE_KEYS = (("image_width", "image_height"), ("width_px", "height_px"), ("width", "height"))
TWIN_KEYS = ("background_removed_image", "background_removed")


class DataQualityService:
    """Judges by the thresholds of the repository's params.yaml; committed captures need the extra `pipeline`."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config

    def assess_data_quality(self, record: Any) -> Answer:
        """Return the quality of a capture.

        Args:
            record: its id; or a dict with one; or a dict of metadata of nothing saved: the size of the photo
                (`image_width`, `image_height`), a vision result's keys, `user_feedback`.

        Returns:
            `overall_score`, `quality_grade`, `detailed_scores`, `recommendations`, `usable_for_training`; or `success`
            False and `error`.
        """
        return answered(lambda _: _verdict(self._judged(record)))

    def _judged(self, record: Any) -> Judged:
        settings = settings_of(self.config)
        told = record if isinstance(record, Mapping) else {"record_id": record}
        named = next((told[key] for key in ID_KEYS if told.get(key)), None)
        if named is None and isinstance(record, Mapping):
            return _from_metadata(settings, told)
        capture_id = capture_id_of(named)
        for one in everything(settings.repository):
            if one.capture.capture_id == capture_id:
                return one
        raise CapturesetError(f"{named!r} is neither in the inbox nor committed; check the id.")

    def generate_quality_report(self, period: str, today: date | None = None) -> Answer:
        """Return how good the captures of this calendar week or month are, against the one before.

        Args:
            period: `weekly` (Monday to Sunday) or `monthly`.
            today: a day in it, by default this one, in UTC.
        """
        return answered(lambda _: self._report(period, today or datetime.now(UTC).date()))

    def _report(self, period: str, today: date) -> Answer:
        repository = settings_of(self.config).repository
        targets = params.record(Targets, "report", repository.root / params.PARAMS_FILE)
        return report(everything(repository), period, today, targets)


def _verdict(judged: Judged) -> Answer:
    quality = judged.quality
    return {
        "overall_score": quality.overall_score,
        "quality_grade": quality.grade,
        "detailed_scores": {"image_quality": quality.image_score, "analysis_quality": quality.analysis_score},
        "recommendations": list(quality.recommendations),
        "usable_for_training": quality.usable_for_training,
        "check_type": "periodic" if judged.measured else "initial",
        "flags": list(quality.flags),
    }


def _from_metadata(settings: Settings, told: Mapping[str, Any]) -> Judged:
    """Return what a capture with this metadata would be judged to be; nothing is saved."""
    image = told.get("image") if isinstance(told.get("image"), Mapping) else told
    frame = next((found for keys in SIZE_KEYS if (found := frame_of(image, *keys))), None)
    if frame is None:
        raise CapturesetError("the record names no size; give image_width and image_height in pixels, or an id.")
    reading = Reading(load_taxonomy(settings.repository.categories), ImageFacts("jpeg", frame, frame, 1, 0, ""))
    sidecar = _sidecar(settings, told, frame, reading)
    said = feedback_of(settings, "record", told.get("user_feedback"), sidecar)
    twin = any(told.get(key) is not None for key in TWIN_KEYS)
    return judged_sidecar(sidecar, [said] if said else [], quality_settings(settings.repository), twin=twin)


def _sidecar(settings: Settings, told: Mapping[str, Any], frame: Frame, reading: Reading) -> Document:
    image = {"format": "jpeg", "width_px": frame.width_px, "height_px": frame.height_px, "bytes": 1, "sha256": ""}
    return {
        "capture_id": "record",
        "captured_at": "1970-01-01T00:00:00Z",
        "source": settings.source,
        "image": image,
        "model": model_section(plain_result(told), reading),
    }
