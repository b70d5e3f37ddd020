"""What is told about a capture that was just saved; nothing here can undo that it is saved."""

from __future__ import annotations

from typing import Any

from captureset.services.answers import Answer, answered
from captureset.services.feedback import give
from captureset.services.judged import Judged, judged_sidecar
from captureset.services.judged import settings_of as quality_settings
from captureset.services.saving import Saved
from captureset.services.settings import Settings
from captureset.services.vision import Document


def metadata(settings: Settings, saved: Saved, said: Any, session: Any) -> Document:
    """Return the facts of a saved capture, of the feedback that came with it, and its quality so far.

    A feedback that was refused says so in `feedback`; the capture is saved all the same.
    """
    sidecar, heard = saved.sidecar, []

    def listen(_: Answer) -> Answer:
        document = give(settings, saved.capture_id, said, session, sidecar, sidecar["captured_at"])
        heard.extend([document] if document else [])
        return {key: document[key] for key in ("feedback_id", "verdict")} if document else {"verdict": None}

    told = answered(listen)
    shown = ("captured_at", "image", "background_removed", "review")
    model = sidecar.get("model", {})
    return {
        "capture_id": saved.capture_id,
        "receipt": saved.receipt.receipt,
        **{key: sidecar[key] for key in shown if key in sidecar},
        "category": model.get("category"),
        "confidence": model.get("confidence"),
        "boxes": len(model.get("boxes", ())),
        "feedback": told,
        "quality_info": quality_info(settings, sidecar, heard),
    }


def quality_info(settings: Settings, sidecar: Document, heard: list[Document]) -> Document:
    """Return the quality by metadata alone; the pixels are looked at by the next `dvc repro`."""

    def judge(_: Answer) -> Answer:
        twin = "background_removed" in sidecar
        return initial(judged_sidecar(sidecar, heard, quality_settings(settings.repository), twin=twin))

    return answered(judge, initial_quality_score=None, check_type="initial")


def initial(judged: Judged) -> Document:
    """Return what an initial check says."""
    quality = judged.quality
    return {
        "initial_quality_score": quality.overall_score,
        "image_score": quality.image_score,
        "analysis_score": quality.analysis_score,
        "quality_grade": quality.grade,
        "check_type": "initial",
    }
