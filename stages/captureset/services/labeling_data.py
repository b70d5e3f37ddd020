"""`LabelingDataService`: saves analyses and what users said, and tells how much there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from captureset.capture.envelope import SUFFIX
from captureset.errors import CapturesetError
from captureset.records.sidecar import utc_text
from captureset.services.answers import Answer, answered
from captureset.services.feedback import give
from captureset.services.judged import everything, sidecar_in
from captureset.services.metadata import metadata
from captureset.services.saving import capture_id_of, image_paths, named_id, save
from captureset.services.settings import settings_of
from captureset.services.statistics import days_of, statistics, storage_usage


class LabelingDataService:
    """The way in for an app; `config['data_storage_path']` names the repository. No method raises.

    Saving needs the base install only; statistics of committed captures need the extra `pipeline`.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config

    def save_analysis_data(
        self, original_image: Any, vision_result: Any, user_feedback: Any = None, session_info: Any = None
    ) -> Answer:
        """Put a photo, what the model said about it and what its user said at once into the inbox.

        The same call twice is one capture. An answer that cannot be read in part keeps no photo out: what is left out
        stands in `metadata.review`, the whole answer in the sidecar's `raw_response`.

        Args:
            original_image: the uploaded bytes, best of all, which keep every byte; or a path, a file object, a PIL
                image, a numpy array.
            vision_result: the model's answer: a dict, or the app's MeasurementResult. `analysis_id` in it, or in
                `session_info`, names the capture; otherwise its id is made from its content.
            user_feedback: what the user said; dict or None.
            session_info: `session_id` and `user_id`, kept as keyed hashes only, `user_agent`, `timestamp`.

        Returns:
            `success`, `analysis_id`, `record_id` (the same), `image_paths`, `metadata`; or `success` False, `error`,
            `analysis_id`. Once `success` is True nothing can lose the capture.
        """
        told = (original_image, vision_result, user_feedback, session_info)
        return answered(lambda known: self._saved(known, *told), analysis_id=None)

    def _saved(self, known: Answer, picture: Any, result: Any, said: Any, session: Any) -> Answer:
        named = named_id(result, session)
        known["analysis_id"] = None if named is None else capture_id_of(named)
        settings = settings_of(self.config)
        saved = save(settings, picture, result, session)
        known["analysis_id"] = saved.capture_id
        return {
            "analysis_id": saved.capture_id,
            "record_id": saved.capture_id,
            "image_paths": image_paths(saved.sidecar),
            "metadata": metadata(settings, saved, said, session),
        }

    def save_user_feedback(self, analysis_id: str, user_feedback: Any, session_info: Any = None) -> Answer:
        """Put what a user said later about an analysis into the inbox; its capture may arrive later still.

        A value of the model's said again confirms it while the capture waits in the inbox; `is_correct` confirms at any
        time. A box of a capture that is committed needs the size of its picture, `image_width` and `image_height`.

        Returns:
            `success`, `analysis_id`, `feedback_id`, `verdict`; or `success` False, `error`, `analysis_id`.
        """
        return answered(lambda _: self._said(analysis_id, user_feedback, session_info), analysis_id=analysis_id)

    def _said(self, analysis_id: Any, said: Any, session: Any) -> Answer:
        settings, capture_id = settings_of(self.config), capture_id_of(analysis_id)
        sidecar = sidecar_in(settings.repository.inbox / f"{capture_id}{SUFFIX}")  # DVC is never waited for
        given = give(settings, capture_id, said, session, sidecar, utc_text(datetime.now(UTC)))
        if given is None:
            raise CapturesetError("user_feedback says nothing; hand over a verdict, a correction, a rating or a note.")
        return {"analysis_id": capture_id, "feedback_id": given["feedback_id"], "verdict": given["verdict"]}

    def get_dataset_statistics(self, date_range: Any = None) -> Answer:
        """Count what is there, committed or waiting.

        Args:
            date_range: first and last day, both included: a pair or a dict of `start` and `end`; None takes all.
        """
        return answered(lambda _: self._statistics(date_range))

    def _statistics(self, date_range: Any) -> Answer:
        repository, days = settings_of(self.config).repository, days_of(date_range)
        return {**statistics(everything(repository), days), "storage_usage": storage_usage(repository)}
