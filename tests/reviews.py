"""What a person does in an annotation tool, on the files that go there and come back."""

from __future__ import annotations

import copy
from typing import Any

Tasks = list[dict[str, Any]]


def submitted(tasks: Tasks) -> Tasks:
    """Return the tasks as Label Studio gives them back when each was opened and submitted unchanged."""
    done = copy.deepcopy(tasks)
    for number, task in enumerate(done, start=1):
        result = copy.deepcopy(task["predictions"][0]["result"])
        task |= {"id": number, "annotations": [{"id": number, "was_cancelled": False, "result": result}]}
    return done


def result_of(tasks: Tasks, capture_id: str) -> list[dict[str, Any]]:
    """Return the regions a person submitted for a capture, to be changed in place."""
    (task,) = (task for task in tasks if task["data"]["capture_id"] == capture_id)
    regions: list[dict[str, Any]] = task["annotations"][0]["result"]
    return regions


def annotations_of(document: dict[str, Any], capture_id: str) -> list[dict[str, Any]]:
    """Return the annotations of a capture in a COCO document, to be changed in place."""
    (image,) = (image for image in document["images"] if image["file_name"].startswith(capture_id + "."))
    return [annotation for annotation in document["annotations"] if annotation["image_id"] == image["id"]]
