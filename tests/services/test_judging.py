"""Statistics, quality and reports: what waits and what is committed, judged as the stage `quality` judges."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from captureset import params
from captureset.capture.commit import commit
from captureset.capture.submit import submit
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.judgement.settings import QualityParams
from captureset.records.quality_rows import Check
from captureset.records.rows import QualityRow
from captureset.reporting.kpis import Targets
from captureset.services import DataQualityService, ImageMetadataService, LabelingDataService
from captureset.services.judged import judged_sidecar
from captureset.services.quality_report import report
from captureset.services.statistics import days_of, statistics
from captureset.store import checks
from captureset.store.repository import Repository
from deliveries import box, sidecar
from photos import jpeg
from pipeline import NOBODY, begin, fill, repro

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """A repository with twelve captures built up to `quality`, one committed since and one that waits. Read only."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NOBODY.items():
            patch.setenv(name, value)
        repository = begin(tmp_path_factory.mktemp("judged") / "repository")
        fill(repository, 0, 12)
        repro(repository.root, "quality")
        service = LabelingDataService({"data_storage_path": repository.root})
        session = {"session_id": "s", "timestamp": "2024-04-02T09:00:00Z"}
        result = {"category": "소파", "confidence": 0.9, "size_estimation": {"width_cm": 190, "height_cm": 80}}
        for name, said in (("new", {"is_correct": True}), ("waiting", None)):
            photo = jpeg(900, 700, len(name))
            assert service.save_analysis_data(photo, {**result, "analysis_id": name}, said, session)["success"]
            if said:
                assert commit(repository).captures == 1
        yield repository


def config(repository: Repository) -> dict[str, Any]:
    """Return an app's config."""
    return {"data_storage_path": str(repository.root)}


def test_statistics_count_what_is_committed_and_what_waits(judged: Repository) -> None:
    """Every key of the contract; a date range is in UTC days, both included."""
    service = LabelingDataService(config(judged))
    everything = service.get_dataset_statistics()
    assert everything["success"], everything
    assert (everything["total_images"], everything["waiting_images"]) == (14, 1)
    assert sum(everything["quality_distribution"].values()) == 14
    assert set(everything["quality_distribution"]) == {"high_quality", "medium_quality", "low_quality"}
    assert everything["category_distribution"]["FURN_SOFA"] >= 2
    assert 0 < everything["feedback_coverage"] < 1
    assert everything["latest_data_date"] == "2024-04-02T09:00:00.000000Z"
    usage = everything["storage_usage"]
    assert usage["total_bytes"] == sum(size for name, size in usage.items() if name != "total_bytes") > 0
    for days in (("2024-04-02", "2024-04-02"), {"start": date(2024, 4, 1), "end": datetime(2024, 4, 2, 1)}):  # noqa: DTZ001 - a day
        april = service.get_dataset_statistics(days)
        assert (april["total_images"], april["total_annotations"]) == (2, 0)
    wrong = service.get_dataset_statistics(("2024-04-02", "2024-04-01"))
    assert (wrong["success"], "date_range" in wrong["error"]) == (False, True)


def test_a_committed_capture_is_judged_as_the_stage_judges_it(judged: Repository) -> None:
    """By the measurements of the last `dvc repro`, capture for capture."""
    service = DataQualityService(config(judged))
    rows = tables.read(judged.root / "data/quality/quality.parquet", QualityRow)
    assert len(rows) == 12
    for row in rows[:4]:
        found = service.assess_data_quality(row.capture_id)
        assert found["check_type"] == "periodic"
        assert (found["overall_score"], found["quality_grade"]) == (row.overall_score, row.grade)
        assert found["usable_for_training"] == row.usable_for_training
        assert found["detailed_scores"]["image_quality"] == row.image_score
        assert tuple(found["recommendations"]) == row.recommendations


def test_what_nobody_measured_is_judged_by_metadata(judged: Repository) -> None:
    """A confirmation lifts the grade at once; a dict of metadata is judged without being saved."""
    service = DataQualityService(config(judged))
    new, waiting = (service.assess_data_quality(name) for name in ("new", {"analysis_id": "waiting"}))
    assert (new["check_type"], waiting["check_type"]) == ("initial", "initial")
    assert new["overall_score"] >= waiting["overall_score"] > 0
    metadata = {"image_width": 900, "image_height": 700, "category": "소파", "confidence": 0.9}
    bare = service.assess_data_quality(metadata)
    told = {
        "bbox": {"x": 1, "y": 2, "width": 300, "height": 400},
        "size_estimation": {"width_cm": 190, "height_cm": 80},
    }
    better = service.assess_data_quality({**metadata, **told, "user_feedback": {"is_correct": True}})
    assert better["overall_score"] > bare["overall_score"]
    assert (better["quality_grade"], better["usable_for_training"]) == ("high", True)
    for nothing in ("unknown", {"category": "소파"}, None, 7):
        assert service.assess_data_quality(nothing)["success"] is False


def test_where_a_capture_is_and_what_happened_to_it(judged: Repository) -> None:
    """In the inbox, committed, refused; its feedback and its latest check; nobody's words."""
    service = ImageMetadataService(config(judged))
    waiting, new = service.get("waiting"), service.get("new")
    assert (waiting["state"], new["state"]) == ("inbox", "committed")
    assert new["image_paths"]["original"] == "data/images/2024/04/02/new.jpg"
    assert new["quality"]["label"]["review_state"] == "confirmed"
    assert waiting["image"]["width_px"] == 900
    events = service.history("new")["history"]
    assert [event["event"] for event in events] == ["captured", "feedback", "check"]
    assert service.get("unknown")["success"] is False
    judged.quarantine.mkdir(exist_ok=True)
    shutil.copy(judged.inbox / "waiting.capture", judged.quarantine / "refused.capture")
    try:
        refused = service.get("refused")
        assert (refused["state"], refused["refusals"][0]["name"]) == ("quarantined", "refused.capture")
    finally:
        shutil.rmtree(judged.quarantine)


def test_the_history_has_the_checks_that_releases_kept(judged: Repository) -> None:
    """What data/checks.csv says of a capture stands in its history, before the score as it is now."""
    before = judged.checks.read_bytes() if judged.checks.exists() else None
    row = Check("new", "initial", "waste@v0.1.0", "0.61", "medium", "dark blurred", "m2-p1-c1")
    checks.append(judged, [row])
    try:
        kept, now = ImageMetadataService(config(judged)).history("new")["history"][-2:]
    finally:
        judged.checks.unlink() if before is None else judged.checks.write_bytes(before)
    assert (kept["at"], kept["overall_score"], kept["flags"]) == ("waste@v0.1.0", 0.61, ["dark", "blurred"])
    assert (now["event"], now["at"]) == ("check", None)


def settings() -> QualityParams:
    """Return the thresholds of params.yaml."""
    return params.record(QualityParams, "quality", ROOT / "params.yaml")


TARGETS = Targets(1000, 0.9, 0.4, 0.95)


def capture(name: str, at: str, *, boxed: bool = True) -> Any:
    """Return a judged capture with a sure model's answer."""
    boxes = {"boxes": [box("FURN_SOFA", [1, 2, 300, 400], 900, 700)]} if boxed else {}
    model = {"name": "m", "category": "FURN_SOFA", "confidence": 0.9, **boxes}
    image = {"format": "jpeg", "width_px": 900, "height_px": 700, "bytes": 1, "sha256": "0" * 64}
    return judged_sidecar(sidecar(name, at, model=model, image=image), [], settings(), twin=False)


def test_a_report_compares_a_calendar_period_with_the_one_before() -> None:
    """Monday to Sunday; captures of other weeks do not count."""
    captures = [
        capture("c-1", "2024-01-15T00:00:00Z"),
        capture("c-2", "2024-01-21T23:59:59Z"),
        capture("c-3", "2024-01-14T23:59:59Z", boxed=False),
        capture("c-4", "2024-01-22T00:00:00Z"),
    ]
    found = report(captures, "weekly", date(2024, 1, 17), TARGETS)
    assert set(found) == {"period", "summary", "trends", "recommendations", "detailed_analysis"}
    assert (found["detailed_analysis"]["name"], found["summary"]["total_records"]) == ("2024-W03", 2)
    assert found["detailed_analysis"]["before"]["total_records"] == 1
    mean, before = captures[0].quality.overall_score, captures[2].quality.overall_score
    assert found["trends"]["quality_improvement"] == pytest.approx(mean - before)
    assert found["trends"]["quality_improvement"] > 0
    assert "90% high quality is the goal: ask users to confirm or correct" in found["recommendations"]
    month = report(captures, "monthly", date(2024, 1, 1), TARGETS)
    assert (month["summary"]["total_records"], month["trends"]["quality_improvement"]) == (4, 0.0)


def test_a_report_of_nothing_is_one() -> None:
    """No capture, no division by zero, and a word on what to look at; an unknown period is refused."""
    found = report([], "monthly", date(2024, 1, 1), TARGETS)
    assert (found["summary"]["total_records"], found["summary"]["average_quality_score"]) == (0, 0.0)
    assert "no capture" in found["recommendations"][0]
    assert statistics([])["latest_data_date"] is None
    for wrong in ("daily", None, 7, ["weekly"]):
        with pytest.raises(CapturesetError, match="ask for weekly or monthly"):
            report([], wrong, date(2024, 1, 1), TARGETS)


def test_the_service_reports_this_week(judged: Repository) -> None:
    """By the clock unless it is told a day."""
    service = DataQualityService(config(judged))
    assert service.generate_quality_report("weekly")["summary"]["total_records"] == 0
    found = service.generate_quality_report("monthly", date(2024, 4, 30))
    assert (found["summary"]["total_records"], found["detailed_analysis"]["measured"]) == (2, 0)


@pytest.mark.parametrize("told", ["2024", (), ("a", "b"), {"start": "2024-01-01"}, 7, [None, None], {1, 2}])
def test_a_range_that_is_none_is_refused(told: Any) -> None:
    """Nothing is guessed."""
    with pytest.raises(CapturesetError, match="no first and last day"):
        days_of(told)


def test_a_torn_envelope_is_not_counted(prepared: Repository, service: LabelingDataService) -> None:
    """`captureset commit` will say what it is."""
    submit(prepared, jpeg(64, 48), sidecar("c-1"))
    (prepared.inbox / "c-2.capture").write_bytes(jpeg(64, 48))
    assert service.get_dataset_statistics()["total_images"] == 1
