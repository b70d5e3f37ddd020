"""`captureset review`, the way back, and feedback in a few words, from the outside."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import reviews
import rows
from captureset.capture import exclude, inbox
from captureset.capture.commit import commit
from captureset.capture.submit import submit
from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.records.answer_rows import AnswerRow
from captureset.records.quality_rows import LabelRow, ReliabilityRow
from captureset.records.rows import CaptureRow, FeedbackRow, MeasurementRow, QualityRow
from captureset.store import checks
from captureset.store.repository import Repository
from deliveries import box, sidecar
from photos import jpeg

ROOT = Path(__file__).resolve().parents[2]
AT = ("--as-feedback", "--given-at", "2024-02-01T09:00:00+09:00")
KEY = "6b3a55e0261b0304143f805a24924d0c"


def run(repository: Repository, *arguments: object) -> Result:
    """Run one command in a repository."""
    return CliRunner().invoke(app, [*map(str, arguments), "--repo", str(repository.root)])


def refusal(result: Result) -> str:
    """Return what a command refused with."""
    assert isinstance(result.exception, CapturesetError), result.output
    return str(result.exception)


def waiting(repository: Repository) -> list[dict[str, Any]]:
    """Return the feedback in the inbox."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in inbox.waiting(repository).feedback]


@pytest.fixture
def one(git_repository: Repository) -> Repository:
    """A repository with one committed capture."""
    shutil.copy(ROOT / "params.yaml", git_repository.root / "params.yaml")
    model = {"boxes": [box("FURN_SOFA", [8, 6, 16, 12])]}
    submit(git_repository, jpeg(64, 48, 1), sidecar("c-1", model=model))
    commit(git_repository)
    return git_repository


def test_out_and_back(one: Repository, tmp_path: Path) -> None:
    """Both tools: tasks, labels and photo are written, the next command named, what comes back waits in the inbox."""
    for tool, command, labels in (("cvat", "coco", "json"), ("labelstudio", "labelstudio", "xml")):
        out = tmp_path / f"{tool}.json"
        done = run(one, "review", "--export", tool, "--out", out, "--images", tmp_path / tool)
        assert done.exit_code == 0, done.output
        assert done.stdout.startswith(f"1 capture with 1 box in {out}.\n")
        assert f"captureset import {command} FILE --as-feedback" in done.stdout
        assert (tmp_path / tool / "c-1.jpg").is_file()
        assert (tmp_path / f"{tool}.labels.{labels}").is_file()
    document = json.loads(out.read_text(encoding="utf-8"))
    untouched = run(one, "import", "labelstudio", out, *AT, "--json")
    assert json.loads(untouched.stdout)["untouched"] == 1
    assert waiting(one) == []
    out.write_text(json.dumps(reviews.submitted(document)), encoding="utf-8")
    done = run(one, "import", "labelstudio", out, *AT, "--by", KEY)
    assert done.stdout.startswith("Now in the inbox: 1 confirmed, 0 corrected, 0 emptied.\n"), done.output
    assert done.stdout.endswith("Next: captureset commit\n")
    (said,) = waiting(one)
    assert (said["verdict"], said["given_at"], said["by"]) == ("confirm", AT[2], {"user_key": KEY})


@pytest.fixture
def judged(repository: Repository) -> Repository:
    """A repository with the tables of two captures: one a person marked for review, one whose box is elsewhere."""
    shutil.copy(ROOT / "params.yaml", repository.root / "params.yaml")
    data = repository.root / "data"
    marked, moved = rows.capture("marked", review_reasons=("note",)), rows.confirmed("moved")
    written: dict[str, tuple[type[Any], list[Any]]] = {
        "catalog/captures": (CaptureRow, [marked, moved, rows.confirmed("good"), rows.capture("gone")]),
        "catalog/feedback": (FeedbackRow, []),
        "catalog/answers": (AnswerRow, []),
        "measure/measurements": (MeasurementRow, [rows.measurement()]),
        "quality/quality": (QualityRow, [rows.quality("marked"), rows.quality("moved", flags=("dark",))]),
        "quality/labels": (LabelRow, [LabelRow("moved", 0.05, *(None,) * 8)]),
        "quality/reliability": (ReliabilityRow, []),
    }
    for name, (record, found) in written.items():
        (data / name).parent.mkdir(exist_ok=True)
        tables.write(data / f"{name}.parquet", record, found)
    exclude.exclude(repository, "gone", "not ours")
    return repository


def test_the_list_says_where_to_look_and_why(judged: Repository) -> None:
    """The most worthwhile first, each with its reasons; what is good or set aside is not on it."""
    said = run(judged, "review").stdout.splitlines()
    assert [line.split()[1] for line in said] == ["moved", "marked"]
    assert "boxes and foreground of the twin share 5 % (IoU)" in said[0]
    assert "marked for review: note" in said[1]
    short = run(judged, "review", "--limit", "1").stdout.splitlines()
    assert short == [said[0], "1 more; show them with --limit 2"]
    document = json.loads(run(judged, "review", "--json", "--limit", "1").stdout)
    assert document["total"] == 2
    assert document["candidates"][0]["reasons"] == ["mask_disagrees"]


def test_a_list_needs_the_tables(one: Repository) -> None:
    """Before `dvc repro` there is nothing to rank, and the sentence says what to run."""
    assert "does not exist; run `dvc repro`" in refusal(run(one, "review"))


def test_a_manual_check_is_recorded_once_a_day(judged: Repository) -> None:
    """Score, grade and flags of today stand in the ledger; a capture nobody knows is refused."""
    assert run(judged, "review", "--record", "moved").stdout.startswith("moved: overall score 0.800000, high;")
    again = json.loads(run(judged, "review", "--record", "moved", "--json").stdout)
    (row,) = checks.history(judged, "moved")
    assert again == asdict(row)
    assert (row.check_type, row.overall_score, row.grade, row.flags) == ("manual", "0.800000", "high", "dark")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row.checked)
    assert re.fullmatch(r"m\d+-p[0-9a-f]{8}-c[0-9a-f]{8}", row.version)
    assert "'nobody' is not in data/quality" in refusal(run(judged, "review", "--record", "nobody"))


def test_cvat_comes_back_through_import_coco(one: Repository, tmp_path: Path) -> None:
    """A moved box is a correction; --dry-run and a second time write nothing; --json is one object."""
    out = tmp_path / "cvat.json"
    written = json.loads(run(one, "review", "--export", "cvat", "--out", out, "--json").stdout)
    assert (written["captures"], written["boxes"], written["file"]) == (1, 1, str(out))
    document = json.loads(out.read_text(encoding="utf-8"))
    document["annotations"][0]["bbox"] = [1, 2, 30, 40]
    out.write_text(json.dumps(document), encoding="utf-8")
    assert "Nothing was written: 0 confirmed, 1 corrected" in run(one, "import", "coco", out, *AT, "--dry-run").stdout
    assert waiting(one) == []
    answer = json.loads(run(one, "import", "coco", out, *AT, "--json").stdout)
    assert (answer["corrected"], answer["new"]) == (1, True)
    assert waiting(one)[0]["boxes"][0]["xywh_px"] == [1.0, 2.0, 30.0, 40.0]
    assert "In already: 1." in run(one, "import", "coco", out, *AT).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "labelstudio", "f.json"),
        ("import", "labelstudio", "f.json", "--as-feedback"),
        ("import", "coco", "f.json"),
        ("import", "coco", "f.json", "--as-feedback"),
        ("import", "coco", "f.json", *AT, "--images", "photos"),
        ("import", "coco", "f.json", *AT, "--add-categories"),
        ("import", "coco", "f.json", "--images", "photos", "--by", KEY),
        ("review", "--export", "paint", "--out", "f.json"),
        ("review", "--export", "cvat"),
        ("review", "--out", "f.json"),
        ("review", "--only", "all"),
        ("review", "--record", "c-1", "--limit", "3"),
        ("review", "--record", "c-1", "--export", "cvat", "--out", "f.json"),
        ("review", "--limit", "0"),
        ("feedback", "c-1"),
        ("feedback", "c-1", "f.json", "--confirm"),
        ("feedback", "c-1", "--confirm", "--reject"),
        ("feedback", "c-1", "--confirm", "--category", "FURN_SOFA"),
        ("feedback", "c-1", "--rating", "6"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two(repository: Repository, arguments: tuple[str, ...]) -> None:
    """Options that do not go together are wrong usage, never ignored."""
    assert run(repository, *arguments).exit_code == 2
    assert not repository.inbox.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-feedback", "--given-at", "today"), "--given-at 'today' is no RFC 3339 time"),
        ((*AT, "--by", "김철수"), "--by '김철수' is no keyed hash"),
        (AT, "no.json does not exist"),
    ],
)
def test_refusals_name_option_and_remedy(repository: Repository, arguments: tuple[str, ...], said: str) -> None:
    """Wrong values end in one sentence."""
    assert said in refusal(run(repository, "import", "labelstudio", "no.json", *arguments))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--confirm",), {"verdict": "confirm"}),
        (("--confirm", "--rating", 5), {"verdict": "confirm", "rating": 5}),
        (("--reject", "--note", "흐림"), {"verdict": "reject", "note": "흐림"}),
        (("--category", "소파"), {"verdict": "correct", "category": "FURN_SOFA"}),
        (("--note", "의자 같아요"), {"verdict": "note", "note": "의자 같아요"}),
        (("--rating", 1), {"verdict": "note", "rating": 1}),
    ],
)
def test_feedback_in_a_few_words(
    repository: Repository, arguments: tuple[object, ...], expected: dict[str, Any]
) -> None:
    """The options are a feedback document said now, its id made from what it says."""
    done = run(repository, "feedback", "c-1", *arguments)
    assert done.exit_code == 0, done.output
    (said,) = waiting(repository)
    assert {key: said[key] for key in said if key in {"verdict", "category", "rating", "note"}} == expected
    assert said["capture_id"] == "c-1"
    assert said["feedback_id"].startswith("fb-")
    assert said["given_at"] <= said["received_at"]


def test_an_unknown_category_is_refused_with_a_hint(repository: Repository) -> None:
    """A misspelt code names the one that was meant."""
    said = refusal(run(repository, "feedback", "c-1", "--category", "FURN_SOFFA"))
    assert "has no category 'FURN_SOFFA'; did you mean FURN_SOFA?" in said
