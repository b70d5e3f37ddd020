"""`LabelingService`: the app's own `save_label`, as it calls it today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from captureset.services.labeling_data import LabelingDataService


class LabelingService:
    """Drop-in for the app's class of that name; without a config it is the repository around the current folder."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.data = LabelingDataService({"data_storage_path": "."} if config is None else config)

    def save_label(self, image_bytes: Any, analysis_result: Any, user_feedback: Any = None) -> dict[str, Any]:
        """Save a photo with its label and what the user said.

        Args:
            image_bytes: the uploaded bytes.
            analysis_result: the model's answer, in the keys the app uses: `primary_category`, `secondary_category`,
                `object_name`, `confidence`, `dimensions`, `reasoning`.
            user_feedback: `notes`, `rating`, a corrected category …, or None.

        Returns:
            `success`, `file_id`, `image_path`, `label_path`, `message`. The paths are in the repository, valid after
            `captureset commit` and `dvc pull`. It never raises: `success` is False and `message` says why.
        """
        saved = self.data.save_analysis_data(image_bytes, analysis_result, user_feedback)
        paths = saved.get("image_paths", {})
        return {
            "success": saved["success"],
            "file_id": saved["analysis_id"],
            "image_path": paths.get("original"),
            "label_path": paths.get("sidecar"),
            "message": saved.get("error") or f"Saved as {saved['analysis_id']}.",
        }
