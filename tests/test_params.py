"""params.yaml: every key checked before a stage runs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from captureset import catalog, measure, params, report, smoke_train, verify
from captureset import filter as filtering
from captureset.duplicates import pairs
from captureset.errors import CapturesetError, InvalidDocumentError
from captureset.exporting.settings import ExportParams
from captureset.judgement import settings
from captureset.reporting import kpis
from captureset.splits import placing
from captureset.trainer.training import TrainSettings

ROOT = Path(__file__).resolve().parents[1]
RECORDS: dict[str, type[Any]] = {
    "catalog": catalog.CatalogParams,
    "measure": measure.MeasureParams,
    "quality": settings.QualityParams,
    "filter": filtering.FilterParams,
    "split": placing.SplitParams,
    "export": ExportParams,
    "verify": verify.VerifyParams,
    "smoke_train": smoke_train.SmokeTrainParams,
    "report": report.ReportParams,
}
MORE_RECORDS: dict[str, list[type[Any]]] = {
    "quality": [pairs.DuplicateParams],
    "report": [kpis.Targets],
}  # of the same section
OURS: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes params.yaml with `section__key=value` changed or added."""

    def write(**changes: Any) -> Path:
        document = copy.deepcopy(OURS)
        for place, value in changes.items():
            section, _, key = place.partition("__")
            if key:
                document[section][key] = value
            else:
                document[section] = value
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("section", RECORDS)
def test_record_schema_and_file_have_the_same_keys(section: str) -> None:
    """A stage's records, its section of params.yaml and its part of the schema have exactly the same keys."""
    schema = json.loads((ROOT / "schemas/params.schema.json").read_text(encoding="utf-8"))["properties"][section]
    records = [RECORDS[section], *MORE_RECORDS.get(section, [])]
    names = {field.name for record in records for field in fields(record)}
    assert names == set(OURS[section]) == set(schema["properties"]) == set(schema["required"])
    assert all(params.record(record, section, ROOT / "params.yaml") for record in records)


def test_every_section_has_a_stage() -> None:
    """There is no section without a stage's record."""
    assert set(OURS) == set(RECORDS)


def test_unknown_key_is_refused_with_the_near_one(write: Write) -> None:
    """A misspelt key is refused wherever it stands, whichever section is asked for."""
    with pytest.raises(InvalidDocumentError, match="unknown key 'min_confidense' \\(did you mean min_confidence\\?\\)"):
        params.load("measure", write(filter__min_confidense=0.3))


def test_unknown_section_is_refused_with_the_near_one(write: Write) -> None:
    """A misspelt section is refused."""
    with pytest.raises(InvalidDocumentError, match="/filters: unknown key 'filters' \\(did you mean filter\\?\\)"):
        params.load("measure", write(filters={"min_confidence": 0.3}))


def test_missing_key_is_refused(tmp_path: Path) -> None:
    """A key left out is named; there are no silent defaults."""
    document = copy.deepcopy(OURS)
    del document["quality"]["usable_from"]
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(InvalidDocumentError, match="/quality: 'usable_from' is missing"):
        params.load("quality", path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"filter__min_confidence": "high"}, '/filter/min_confidence: "high" is no number'),
        ({"filter__min_confidence": 1.1}, "/filter/min_confidence: 1.1 is above 1"),
        ({"filter__min_confidence": float("nan")}, "/filter/min_confidence: NaN is no number"),
        ({"filter__feedback_only": 1}, "/filter/feedback_only: 1 is no boolean"),
        ({"filter__min_quality_grade": "best"}, '/filter/min_quality_grade: "best" is not one of'),
        ({"filter__duplicates": "keep"}, '/filter/duplicates: "keep" is not one of'),
        ({"filter__categories": []}, "/filter/categories"),
        ({"measure__shard_size": 0}, "/measure/shard_size: 0 is below 1"),
        ({"measure__workers": 1.5}, "/measure/workers: 1.5 is no integer"),
        ({"measure__engine": "ray"}, '/measure/engine: "ray" is not one of'),
        ({"export__background_color": "gray"}, '/export/background_color: "gray" does not have the right form'),
        ({"smoke_train__image_size_px": 100}, "/smoke_train/image_size_px"),
        ({"split": None}, "/split: null is no object"),
        ({"split__train_ratio": 0.6}, "the ratios \\[0.6, 0.2, 0.1\\] sum to 0.9 \\(make them sum to 1\\)"),
        ({"split__train_ratio": 0.72}, "sum to 1.02"),
        ({"quality__medium_from": 0.9}, "medium_from 0.9 is above high_from 0.75"),
        ({"quality__near_bits": 49}, "near_bits 49 is above review_bits 48"),
        ({"quality__image_weight": 0, "quality__analysis_weight": 0}, "are both 0"),
        ({"filter__date_range": ["2024-02-01", "2024-01-15"]}, "2024-02-01 is after 2024-01-15"),
        ({"filter__date_range": ["yesterday", "2024-01-15"]}, "/filter/date_range"),
    ],
)
def test_wrong_value_is_refused_by_its_place(write: Write, change: dict[str, Any], said: str) -> None:
    """A value of the wrong type, out of range, or at odds with another is refused with file, place and value."""
    with pytest.raises(InvalidDocumentError, match=said) as refusal:
        params.load("catalog", write(**change))
    assert "params.yaml has 1 problem: " in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("train_ratio", [0.69, 0.7, 0.71])
def test_ratios_may_miss_one_by_a_hundredth(write: Write, train_ratio: float) -> None:
    """The sum of the ratios is 1 within 0.01, both ends included."""
    assert params.load("split", write(split__train_ratio=train_ratio))["train_ratio"] == train_ratio


def test_all_problems_at_once(write: Write) -> None:
    """One refusal names every fault of the file."""
    with pytest.raises(InvalidDocumentError) as refusal:
        params.load("filter", write(filter__min_confidence=2, measure__thread=1, export__jpeg_quality=10))
    assert {p.pointer for p in refusal.value.problems} == {
        "/filter/min_confidence",
        "/measure/thread",
        "/export/jpeg_quality",
    }


def test_unquoted_dates_are_days(tmp_path: Path) -> None:
    """Days need no quotes: YAML would make dates of them, which compare with no text."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("date_range: null", "date_range: [2024-01-15, 2024-02-01]"), encoding="utf-8")
    assert params.load("filter", path)["date_range"] == ["2024-01-15", "2024-02-01"]


def test_missing_or_broken_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """No file, no YAML and a key that stands twice each give one sentence naming the file."""
    path = tmp_path / "params.yaml"
    with pytest.raises(CapturesetError, match="params.yaml does not exist"):
        params.load("filter", path)
    path.write_text("filter: [", encoding="utf-8")
    with pytest.raises(CapturesetError, match="params.yaml is no YAML"):
        params.load("filter", path)
    path.write_text("filter: {}\nfilter: {}\n", encoding="utf-8")
    with pytest.raises(CapturesetError, match="the key 'filter' stands twice"):
        params.load("filter", path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(InvalidDocumentError, match="null is no object"):
        params.load("filter", path)


def test_what_the_schema_allows_the_trainer_takes() -> None:
    """The smallest values the schema allows for the smoke-train are legal for the trainer, and none below are."""
    schema = json.loads((ROOT / "schemas/params.schema.json").read_text(encoding="utf-8"))
    rules = schema["properties"]["smoke_train"]["properties"]
    fewest = {name: rules[name]["minimum"] for name in ("epochs", "image_size_px", "batch", "seed", "max_images")}
    assert TrainSettings(**fewest).image_size_px == fewest["image_size_px"]
    for name, value in fewest.items():
        with pytest.raises(CapturesetError, match=f"smoke_train.{name}"):
            TrainSettings(**{**fewest, name: value - (32 if name == "image_size_px" else 1)})
