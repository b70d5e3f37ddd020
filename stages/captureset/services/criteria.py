"""The criteria of a training dataset, as the design of the app names them, made values of params.yaml."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats.sources.ecoguide_label import number_of
from captureset.params import RATIO_TOLERANCE
from captureset.records.taxonomy import Taxonomy
from captureset.services.statistics import days_of

DEFAULTS: dict[str, Any] = {
    "date_range": None,
    "min_confidence": 0.5,
    "feedback_only": False,
    "categories": "all",
    "min_quality_grade": None,
    "require_usable": True,
    "duplicates": "keep_best",
    "train_ratio": 0.7,
    "val_ratio": 0.2,
    "test_ratio": 0.1,
    "export_coco": True,
    "export_yolo": True,
    "export_custom": False,
}
RATIOS = ("train_ratio", "val_ratio", "test_ratio")
SECTIONS = {**dict.fromkeys(DEFAULTS, "filter"), **dict.fromkeys(RATIOS, "split")}
SECTIONS |= {key: "export" for key in DEFAULTS if key.startswith("export_")}
GRADES = {1: "low", 2: "medium", 3: "high"}


def complete(criteria: Any, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return all criteria, what is not named by its default; categories as codes, a grade as its word.

    Raises:
        CapturesetError: an unknown key or category, ratios that do not sum to 1 (within 0.01), a date that is none.
    """
    told = {} if criteria is None else criteria
    if not isinstance(told, Mapping):
        raise CapturesetError(f"criteria is a {type(criteria).__name__}; hand over a dict, such as {{}} for all.")
    for key in told:
        if key not in DEFAULTS:
            near = difflib.get_close_matches(str(key), DEFAULTS, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"use of {', '.join(DEFAULTS)}"
            raise CapturesetError(f"criteria has the unknown key {key!r}; {remedy}")
    wanted = {**DEFAULTS, **told}
    days, grade = days_of(wanted["date_range"]), wanted["min_quality_grade"]
    _require_whole([wanted[key] for key in RATIOS])
    return {
        **wanted,
        "date_range": list(days) if days else None,
        "categories": _codes(wanted["categories"], taxonomy),
        "min_quality_grade": GRADES.get(grade, grade) if isinstance(grade, int) else grade,
    }


def _require_whole(ratios: list[Any]) -> None:
    numbers = [number for ratio in ratios if (number := number_of(ratio)) is not None and 0 <= number <= 1]
    if len(numbers) != len(ratios) or abs(sum(numbers) - 1) > RATIO_TOLERANCE + 1e-9:
        raise CapturesetError(f"criteria: the ratios {ratios} do not sum to 1 (within {RATIO_TOLERANCE}); mend them.")


def _codes(told: Any, taxonomy: Taxonomy) -> Any:
    if told in (None, "all") or (isinstance(told, list | tuple) and not told):
        return "all"
    words = [told] if isinstance(told, str) else list(told)
    found = {str(word): taxonomy.find(str(word)) for word in words}
    unknown = [word for word, category in found.items() if category is None]
    if unknown:
        raise CapturesetError(f"criteria: the category {unknown[0]!r} is unknown{taxonomy.hint(unknown[0])}.")
    return sorted({category.code for category in found.values() if category})
