"""The stage smoke_train: what a run must prove, and what is written of it."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import exported
from captureset import smoke_train
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.smoke_train import SmokeTrainParams, alignment, faults, loss_table, metrics, verdict
from captureset.trainer.training import EpochLosses, TrainResult, TrainSettings
from rows import settings

ROOT = Path(__file__).resolve().parents[1]
LOSSES = (EpochLosses(1.0, 2.0, 1.5, 4.5), EpochLosses(0.9, 1.5, 1.25, 3.65))
SHUFFLED = (EpochLosses(1.0, 2.0, 1.5, 4.5), EpochLosses(1.0, 2.0, 1.25, 4.25))  # an advantage of 0.25
GOOD = TrainResult(
    images_given=3,
    labels_given=4,
    images_seen=3,
    labels_seen=4,
    backgrounds_seen=1,
    corrupt=0,
    losses=LOSSES,
    shuffled=SHUFFLED,
    finite=True,
    fell=True,
    seconds=1.5,
    map50=0.25,
)
MANIFEST = {"counts": {"train": {"images": 3, "boxes": 4}}}


def test_a_run_that_saw_everything_and_fell_is_good() -> None:
    """Every image and label seen, finite, fallen: no fault."""
    assert faults(GOOD, MANIFEST, 0) == []
    assert faults(GOOD, MANIFEST, 3) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"images_seen": 2}, "images_seen is 2, 3 are due"),
        ({"images_given": 2}, "images_given is 2, 3 are due"),
        ({"labels_seen": 3}, "labels_seen is 3, 4 are due"),
        ({"labels_given": 3, "labels_seen": 3}, "labels_given is 3, 4 are due"),
        ({"corrupt": 1}, "corrupt is 1, 0 are due"),
        ({"finite": False, "fell": False}, "a loss is not finite"),
        ({"fell": False}, "the loss did not fall (4.500, 3.650); raise smoke_train.epochs or look at the labels"),
    ],
)
def test_each_doubt_is_a_fault(changes: dict[str, Any], fault: str) -> None:
    """Whatever was not seen, was corrupt, not finite or did not fall is said with its number."""
    assert faults(replace(GOOD, **changes), MANIFEST, 0) == [fault]


def test_a_cap_lowers_what_is_due() -> None:
    """With max_images only so many are given, and all their labels must be seen."""
    capped = replace(GOOD, images_given=2, images_seen=2, labels_given=3, labels_seen=3)
    assert faults(capped, MANIFEST, 2) == []
    assert faults(replace(capped, labels_seen=2), MANIFEST, 2) == ["labels_seen is 2, 3 are due"]
    assert faults(capped, MANIFEST, 0) == [
        "images_given is 2, 3 are due",
        "images_seen is 2, 3 are due",
        "labels_given is 3, 4 are due",
    ]


def test_the_verdict_holds_no_float() -> None:
    """verdict.json has counts and verdicts only, so it is the same on every machine."""
    found = verdict(GOOD, 3, 0.15)
    assert found["verdict"] == "passed"
    assert not [value for value in found.values() if isinstance(value, float)]


@pytest.mark.parametrize(
    ("shuffled", "margin", "said"),
    [
        (SHUFFLED, 0.25, "proved"),
        (SHUFFLED, 0.26, "not_told_apart"),
        (LOSSES, 0.01, "not_told_apart"),
        ((LOSSES[0], EpochLosses(math.nan, math.nan, math.nan, math.nan)), 0.01, "not_told_apart"),
        ((LOSSES[0],), 0.01, "not_told_apart"),
        ((), 0.01, "not_tried"),
    ],
)
def test_alignment_is_proved_by_the_margin_only(shuffled: tuple[EpochLosses, ...], margin: float, said: str) -> None:
    """Alike losses, losses that are not finite and a training cut short prove nothing, and no shuffling is no try."""
    assert alignment(replace(GOOD, shuffled=shuffled), margin) == said


def test_losses_as_csv() -> None:
    """One row an epoch, numbered from 1, both kinds of labels side by side; what was not trained is empty."""
    head = "epoch,box_loss,cls_loss,dfl_loss,total_loss,"
    head += "shuffled_box_loss,shuffled_cls_loss,shuffled_dfl_loss,shuffled_total_loss\n"
    first = "1,1.000000,2.000000,1.500000,4.500000,1.000000,2.000000,1.500000,4.500000\n"
    second = "2,0.900000,1.500000,1.250000,3.650000,"
    assert loss_table(LOSSES, SHUFFLED) == head + first + second + "1.000000,2.000000,1.250000,4.250000\n"
    assert loss_table(LOSSES, SHUFFLED[:1]) == head + first + second + ",,,\n"


def test_metrics_have_null_for_what_nobody_could_compute() -> None:
    """A map50 without a box in val and a comparison that was not made are null, for JSON has no NaN."""
    assert metrics(GOOD) == {
        "loss_first": 4.5,
        "loss_last": 3.65,
        "shuffled_loss_last": 4.25,
        "advantage": 0.25,
        "map50": 0.25,
    }
    bare = metrics(replace(GOOD, map50=math.nan, shuffled=()))
    assert [name for name, number in bare.items() if number is None] == ["shuffled_loss_last", "advantage", "map50"]


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small dataset where the stage looks for it."""
    exported.write(tmp_path, exported.dataset())
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data/exports/yolo_format"


def trained(monkeypatch: pytest.MonkeyPatch, result: TrainResult) -> list[TrainSettings]:
    """Let the trainer answer this, having seen the whole export, and note what it was asked."""
    asked: list[TrainSettings] = []
    due = jsontext.read(smoke_train.EXPORT / "manifest.json")["counts"]["train"]
    images, labels = due["images"], due["boxes"]
    result = replace(result, images_given=images, images_seen=images, labels_given=labels, labels_seen=labels)

    def smoke(view: Path, how: TrainSettings) -> TrainResult:
        assert (view / "data.yaml").is_file()
        asked.append(how)
        return result

    monkeypatch.setattr(smoke_train, "smoke_train", smoke)
    return asked


def test_what_a_good_run_writes(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdict, metrics and losses."""
    asked = trained(monkeypatch, GOOD)
    smoke_train.main()
    wanted = settings(SmokeTrainParams, "smoke_train")
    assert [(how.epochs, how.image_size_px, how.max_images) for how in asked] == [
        (wanted.epochs, wanted.image_size_px, wanted.max_images)
    ]
    out = export.parents[1] / "smoke_train"
    assert json.loads((out / "metrics.json").read_text()) == metrics(GOOD)
    found = json.loads((out / "verdict.json").read_text())
    assert found["images_seen"] == found["images_in_train"]
    assert found["alignment"] == "not_told_apart"  # an advantage of 0.25 is below the margin
    assert (out / "losses.csv").read_text() == loss_table(LOSSES, SHUFFLED)


@pytest.mark.parametrize("required", [False, True])
def test_labels_not_told_apart_fail_only_where_that_is_asked(
    export: Path, monkeypatch: pytest.MonkeyPatch, *, required: bool
) -> None:
    """By default the verdict says it; with require_alignment the stage refuses and names the remedies."""
    params = Path("params.yaml")
    asked_for = f"require_alignment: {str(required).lower()}"
    params.write_text(params.read_text(encoding="utf-8").replace("require_alignment: false", asked_for), "utf-8")
    trained(monkeypatch, replace(GOOD, shuffled=LOSSES))
    if required:
        with pytest.raises(CapturesetError, match=r"cannot be told apart from shuffled ones \(advantage 0.000, 0.28"):
            smoke_train.main()
        return
    smoke_train.main()
    verdict_json = json.loads((export.parents[1] / "smoke_train/verdict.json").read_text())
    assert (verdict_json["verdict"], verdict_json["alignment"]) == ("passed", "not_told_apart")


def test_a_bad_run_writes_nothing(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss that did not fall is refused, and no verdict stands."""
    trained(monkeypatch, replace(GOOD, fell=False))
    with pytest.raises(CapturesetError, match="yolo_format failed: the loss did not fall"):
        smoke_train.main()
    assert not (export.parents[1] / "smoke_train").exists()


def test_nothing_to_train_on_is_refused(export: Path) -> None:
    """A switched-off export and one without a box in train each give one sentence with the remedy."""
    manifest = json.loads((export / "manifest.json").read_text())
    manifest["counts"]["train"]["boxes"] = 0
    jsontext.write(export / "manifest.json", manifest)
    with pytest.raises(CapturesetError, match="has no box in train, so nothing can be trained; bring in"):
        smoke_train.main()
    jsontext.write(export / "manifest.json", {"format": "yolo", "enabled": False})
    with pytest.raises(CapturesetError, match="set export.export_yolo to true"):
        smoke_train.main()
