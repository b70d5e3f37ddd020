"""Checks on the custom export, each shown to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from captureset.verification.custom import check_custom
from captureset.verification.gate import Gate
from captureset.verification.truth import Truth


def failing(root: Path, truth: Truth) -> dict[str, str]:
    """Return the first fault of every failed check."""
    gate = Gate()
    check_custom(gate, root, truth)
    return {check.check: check.faults[0] for check in gate.failed}


def test_our_own_export_passes(pristine: Path, truths: dict[str, Truth]) -> None:
    """The document satisfies its schema and says what the tables say."""
    assert failing(pristine / "custom/ecoguide_v1", truths["custom"]) == {}


def change_capture(number: int, **changes: Any) -> Callable[[dict[str, Any]], None]:
    """Return a change of one capture."""
    return lambda document: document["captures"][number].update(changes)


def change_label(number: int, **changes: Any) -> Callable[[dict[str, Any]], None]:
    """Return a change of one capture's label."""
    return lambda document: document["captures"][number]["label"].update(changes)


def move_box(document: dict[str, Any]) -> None:
    """Move a box by 0.02 px."""
    document["captures"][0]["label"]["boxes"][0]["xywh_px"][1] += 0.02


def swap_categories(document: dict[str, Any]) -> None:
    """Give two categories each other's id."""
    one, two = document["categories"][:2]
    one["code"], two["code"] = two["code"], one["code"]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (move_box, "custom.captures"),
        (swap_categories, "custom.captures"),
        (lambda document: document["captures"].pop(), "custom.captures"),
        (lambda document: document["captures"].append(document["captures"][0]), "custom.captures"),
        (change_capture(0, capture_id="stranger"), "custom.captures"),
        (change_capture(0, split="test"), "custom.captures"),
        (change_capture(0, group="g-other"), "custom.captures"),
        (change_capture(0, width_px=95), "custom.captures"),
        (change_capture(0, file="images/train/lost.png"), "custom.captures"),
        (change_capture(0, file="../train/alpha.png"), "custom.schema"),
        (change_label(1, category="FURN_BED"), "custom.captures"),
        (change_label(1, category_id=1), "custom.captures"),
        (change_label(0, boxes=[]), "custom.captures"),
        (change_label(0, kind="box"), "custom.schema"),
        (lambda document: document.pop("license"), "custom.schema"),
        (change_capture(0, user_key="someone"), "custom.schema"),
    ],
)
def test_each_fault_is_found(
    exports: Path, truths: dict[str, Truth], change: Callable[[dict[str, Any]], object], check: str
) -> None:
    """A spoilt document fails the check that is about it."""
    root = exports / "custom/ecoguide_v1"
    document = json.loads((root / "ecoguide_v1.json").read_text(encoding="utf-8"))
    change(document)
    (root / "ecoguide_v1.json").write_text(json.dumps(document), encoding="utf-8")
    assert set(failing(root, truths["custom"])) == {check}
