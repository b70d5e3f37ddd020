from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from drawn_export import make_export, snapshot

from captureset.errors import CapturesetError
from captureset.trainer import loop
from captureset.trainer.process import run_apart
from captureset.trainer.training import (
    EpochLosses,
    TrainResult,
    TrainSettings,
    advantage,
    chosen_images,
    loss_fell,
    smoke_train,
)
from captureset.trainer.view import trainer_view

CHEAP = TrainSettings(epochs=3, image_size_px=96, batch=4, max_images=0)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve train photos, one without a box and one damaged, and two val photos."""
    export = make_export(tmp_path_factory.mktemp("training") / "export", train=12, val=2)
    (export / "labels/train/a003-b1.txt").write_text("", encoding="utf-8")
    (export / "images/train/a005-b1.jpg").write_bytes(b"no image")
    return export


@pytest.fixture(scope="module")
def result(export: Path) -> TrainResult:
    """Train once on all of it."""
    before = snapshot(export)
    with trainer_view(export) as view:
        result = smoke_train(view, CHEAP)
    assert snapshot(export) == before
    return result


def test_every_image_and_label_comes_through_the_loop(result: TrainResult) -> None:
    """Given and seen differ by exactly the damaged image and its label."""
    assert (result.images_given, result.labels_given) == (12, 11)
    assert (result.images_seen, result.labels_seen) == (11, 10)
    assert (result.backgrounds_seen, result.corrupt) == (1, 1)


def test_loss_falls_on_what_can_be_learned(result: TrainResult) -> None:
    """Three epochs from scratch on plain coloured boxes lower the loss, and every number is finite."""
    assert result.finite
    assert result.fell
    assert len(result.losses) == 3
    assert result.losses[-1].total < result.losses[0].total
    assert all(math.isclose(it.total, it.box + it.cls + it.dfl, abs_tol=1e-4) for it in result.losses)
    assert 0 <= result.map50 <= 1
    assert result.seconds > 0


def test_shuffled_labels_are_trained_alike_and_learned_less(result: TrainResult) -> None:
    """As many epochs, finite losses, and those of the wrong labels lie above: the two colours have two classes."""
    assert len(result.shuffled) == len(result.losses)
    assert result.shuffled != result.losses
    assert all(math.isfinite(epoch.total) for epoch in result.shuffled)
    assert advantage(result.losses, result.shuffled) > 0


def test_one_photo_with_boxes_cannot_be_shuffled(tmp_path: Path) -> None:
    """Then there is no second training, and nothing to compare."""
    export = make_export(tmp_path / "export", train=2)
    (export / "labels/train/a001-b1.txt").write_text("", encoding="utf-8")
    with trainer_view(export, tmp_path) as view:
        result = smoke_train(view, replace(CHEAP, epochs=2))
    assert result.finite
    assert result.shuffled == ()
    assert math.isnan(advantage(result.losses, result.shuffled))


@pytest.mark.parametrize(
    ("true", "shuffled", "wanted"),
    [((9, 9, 1, 1), (9, 9, 2, 2), 0.5), ((1, 2), (1, 2), 0), ((1, 3), (1, 2), -0.5), ((2, 0), (2, 0), math.nan)],
)
def test_advantage_is_over_the_second_half(true: tuple[float, ...], shuffled: tuple[float, ...], wanted: float) -> None:
    """The first half says nothing; the classification loss alone counts; no loss left is no comparison."""
    learned, dealt = ([EpochLosses(7, cls, 7, 21) for cls in losses] for losses in (true, shuffled))
    assert advantage(learned, dealt) == pytest.approx(wanted, nan_ok=True)


def test_same_seed_gives_the_same_losses(export: Path, result: TrainResult) -> None:
    """A second run in another folder repeats every loss to the last digit."""
    with trainer_view(export) as view:
        again = smoke_train(view, CHEAP)
    assert replace(again, seconds=0) == replace(result, seconds=0)


def diverge(view: Path, settings: Any) -> Any:
    """Train with weights that turn to NaN after the first epoch, as a diverging run's do."""
    keep_order = loop._keep_order

    def poison(trainer: Any) -> None:
        keep_order(trainer)
        trainer.add_callback(
            "on_train_epoch_end", lambda it: [weights.data.fill_(math.nan) for weights in it.model.parameters()]
        )

    loop._keep_order = poison
    return loop.train(view, settings)


def test_loss_that_is_not_finite_is_reported(export: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A diverging run is a result that says so, not a crash and not a success."""
    monkeypatch.setattr(loop, "train", diverge)
    with trainer_view(export, tmp_path) as view:
        result = smoke_train(view, replace(CHEAP, max_images=4))
    assert (result.images_given, result.finite, result.fell) == (4, False, False)
    assert math.isnan(result.losses[-1].total)


def test_unknown_model_is_refused_in_one_sentence(export: Path) -> None:
    """A model the trainer does not ship is no traceback, and nothing is downloaded."""
    with trainer_view(export) as view, pytest.raises(CapturesetError, match="yolo99") as refused:
        smoke_train(view, replace(CHEAP, model="yolo99x.yaml"))
    assert "\n" not in str(refused.value)


def test_training_without_a_box_is_refused(tmp_path: Path) -> None:
    """Backgrounds alone cannot show that labels are read."""
    export = make_export(tmp_path / "export")
    for label in (export / "labels/train").iterdir():
        label.write_text("\n", encoding="utf-8")
    with trainer_view(export, tmp_path) as view, pytest.raises(CapturesetError, match="None of the 2 training images"):
        smoke_train(view, CHEAP)


def test_missing_val_is_refused(tmp_path: Path) -> None:
    """The trainer needs val; its absence is told before anything starts."""
    export = make_export(tmp_path / "export", val=0)
    with trainer_view(export, tmp_path) as view, pytest.raises(CapturesetError, match="val"):
        smoke_train(view, CHEAP)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 1),
        ("image_size_px", 100),
        ("image_size_px", 32),
        ("batch", 0),
        ("seed", -1),
        ("max_images", -1),
        ("model", "yolo11n.pt"),
    ],
)
def test_setting_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    """The sentence names the parameter and what it must be."""
    with pytest.raises(CapturesetError, match=rf"smoke_train\.{name} is {value!r}; it must be"):
        TrainSettings(**{**asdict(CHEAP), name: value})


def test_subset_is_stable_when_the_dataset_grows() -> None:
    """One more image displaces at most one of those drawn; order of listing does not matter; 0 takes all."""
    images = [Path(f"{number}.jpg") for number in range(50)]
    drawn = chosen_images(images, 10, seed=0)
    assert drawn == chosen_images(images[::-1], 10, seed=0)
    assert len(set(drawn) - set(chosen_images([*images, Path("new.jpg")], 10, seed=0))) <= 1
    assert drawn != chosen_images(images, 10, seed=1)
    assert chosen_images(images, 0, seed=0) == sorted(images)


@pytest.mark.parametrize(
    ("totals", "fell"),
    [((3, 4, 2), True), ((3, 2, 3), False), ((3,), False), ((), False), ((math.nan, 1), False), ((2, math.nan), False)],
)
def test_fall_compares_last_epoch_with_first(totals: tuple[float, ...], fell: bool) -> None:  # noqa: FBT001
    """Equal is no fall, one epoch is no fall, and what is not finite has not fallen."""
    assert loss_fell([EpochLosses(0, 0, 0, total) for total in totals]) is fell


def test_task_can_be_run_by_itself(export: Path) -> None:
    """A training that cannot find its lists says so in one sentence."""
    with trainer_view(export) as view, pytest.raises(CapturesetError, match=r"true\.yaml"):
        run_apart(loop.train, view, asdict(CHEAP))
