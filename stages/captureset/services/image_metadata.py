"""`ImageMetadataService`: what a picture is, where a capture stands, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from captureset.capture import images
from captureset.records.quality_rows import Check
from captureset.services.answers import Answer, answered
from captureset.services.judged import Judged, everything
from captureset.services.pictures import picture_bytes
from captureset.services.saving import capture_id_of
from captureset.services.settings import settings_of
from captureset.services.vision import Document
from captureset.services.whereabouts import Found, require_found
from captureset.store import checks

SAID = ("feedback_id", "verdict", "category", "rating", "size_cm", "review")


class ImageMetadataService:
    """Answers about pictures and captures; committed ones need the extra `pipeline`. No method raises."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config

    def extract(self, image: Any) -> Answer:
        """Return size, format, orientation and hash of a picture; nothing is saved.

        Args:
            image: bytes, a path, a file object, a PIL image or a numpy array.
        """
        return answered(lambda _: _facts(picture_bytes(image, "the picture")))

    def get(self, analysis_id: str) -> Answer:
        """Return what is known of a capture: its pictures, where they are, the model's answer, the quality."""
        return answered(lambda _: self._known(analysis_id), analysis_id=analysis_id)

    def _known(self, analysis_id: Any) -> Answer:
        repository, capture_id = settings_of(self.config).repository, capture_id_of(analysis_id)
        found = require_found(repository, capture_id)
        sidecar = found.sidecar or {}
        shown = ("captured_at", "source", "image", "background_removed", "model", "label", "review")
        return {
            "analysis_id": capture_id,
            "state": found.states[0],
            "states": found.states,
            "image_paths": found.paths,
            **{key: sidecar[key] for key in shown if key in sidecar},
            "feedback_count": len(found.feedback),
            "refusals": found.refusals,
            "quality": self._quality(capture_id),
        }

    def _quality(self, capture_id: str) -> Document | None:
        repository = settings_of(self.config).repository
        judged = [one for one in everything(repository) if one.capture.capture_id == capture_id]
        return next((_check(one) for one in judged), None)

    def history(self, analysis_id: str) -> Answer:
        """Return every feedback and refusal of a capture in the order of time, then its checks; free text stays out.

        Checks are those kept in data/checks.csv, `at` the release or day of each, then the score as it is now.
        """
        return answered(lambda _: self._history(analysis_id), analysis_id=analysis_id)

    def _history(self, analysis_id: Any) -> Answer:
        repository, capture_id = settings_of(self.config).repository, capture_id_of(analysis_id)
        found = require_found(repository, capture_id)
        events = sorted(_events(found), key=lambda event: str(event["at"]))
        kept = [_kept(row) for row in checks.history(repository, capture_id)]
        latest = self._quality(capture_id)
        now = [{"event": "check", "at": None, **latest}] if latest else []
        return {"analysis_id": capture_id, "history": [*events, *kept, *now]}


def _events(found: Found) -> Iterator[Document]:
    if found.sidecar is not None:
        yield {"event": "captured", "at": found.sidecar["captured_at"]}
    for said in {document["feedback_id"]: document for document in found.feedback}.values():
        kept = {key: said[key] for key in SAID if key in said}
        yield {"event": "feedback", "at": said["given_at"], **kept, "has_note": bool(said.get("note"))}
    for refusal in found.refusals:
        yield {"event": "refused", "at": "", **refusal}


def _kept(row: Check) -> Document:
    return {
        "event": "check",
        "at": row.checked,
        "check_type": row.check_type,
        "overall_score": float(row.overall_score),
        "quality_grade": row.grade,
        "flags": row.flags.split(),
        "version": row.version,
    }


def _check(judged: Judged) -> Document:
    """Return a capture's latest check: `initial` by metadata alone, `periodic` once its pixels were measured."""
    quality = judged.quality
    return {
        "check_type": "periodic" if judged.measured else "initial",
        "overall_score": quality.overall_score,
        "quality_grade": quality.grade,
        "usable_for_training": quality.usable_for_training,
        "flags": list(quality.flags),
        "label": {
            "category": judged.capture.category,
            "kind": judged.capture.label_kind,
            "origin": judged.capture.label_origin,
            "review_state": judged.capture.review_state,
        },
    }


def _facts(data: bytes) -> Document:
    facts = images.inspect(data, "the picture")
    return {
        "format": facts.format,
        "width": facts.upright.width_px,
        "height": facts.upright.height_px,
        "orientation": facts.orientation,
        "size_bytes": facts.size_bytes,
        "sha256": facts.sha256,
    }
