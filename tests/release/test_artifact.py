"""A dataset's entry in dvc.yaml, under which DVC finds its releases."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from captureset.errors import CapturesetError
from captureset.release import artifact

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with our own dvc.yaml."""
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    return tmp_path


def test_an_artifact_is_added_once_and_nothing_else_changes(root: Path) -> None:
    """Two datasets of one repository; every line of before is still there, in order."""
    before = (root / "dvc.yaml").read_text(encoding="utf-8")
    assert [artifact.register(root, name) for name in ("sofas", "sofas", "beds")] == [True, False, True]
    after = (root / "dvc.yaml").read_text(encoding="utf-8")
    added = yaml.safe_load(after)["artifacts"]
    assert {name: entry["path"] for name, entry in added.items()} == dict.fromkeys(
        ("sofas", "beds"), "data/exports/yolo_format"
    )
    lines = iter(after.splitlines())
    assert all(line in lines for line in before.splitlines())


def test_a_name_that_yaml_takes_for_another_thing(root: Path) -> None:
    """`null`, `true` and `on` are names here, found again the next time."""
    assert [artifact.register(root, name) for name in ("null", "true", "null")] == [True, True, False]
    assert set(yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["artifacts"]) == {"null", "true"}


@pytest.mark.parametrize(
    "text",
    [
        "artifacts: {}\n",
        "artifacts: {a: {path: b}}\n",
        "artifacts:   # ours\n",
        "artifacts:\n    old:\n      path: b\n",
    ],
)
def test_a_form_that_cannot_be_added_to_is_refused(root: Path, text: str) -> None:
    """Nothing is written."""
    (root / "dvc.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CapturesetError, match="in a form that sofas cannot be added to"):
        artifact.register(root, "sofas")
    assert (root / "dvc.yaml").read_text(encoding="utf-8") == text
