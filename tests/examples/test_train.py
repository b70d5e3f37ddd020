"""examples/train.py alone: what it needs, and what it refuses before it trains; tests/consumers trains with it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TRAIN = Path(__file__).resolve().parents[2] / "examples" / "train.py"


def test_it_needs_no_captureset() -> None:
    """Its imports are Python's own, ultralytics, and yaml, which comes with it."""
    tree = ast.walk(ast.parse(TRAIN.read_text(encoding="utf-8")))
    named = {node.module for node in tree if isinstance(node, ast.ImportFrom)}
    tree = ast.walk(ast.parse(TRAIN.read_text(encoding="utf-8")))
    named |= {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    outside = {str(name).partition(".")[0] for name in named} - sys.stdlib_module_names
    assert outside == {"ultralytics", "yaml"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "usage: python train.py FOLDER"),
        (("epochs=1",), "usage: python train.py FOLDER"),
        (("waste", "100"), "usage: python train.py FOLDER"),
        (("waste",), "waste.dvc does not exist; fetch the folder with `dvc import`"),
    ],
)
def test_wrong_calls_are_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    """No folder, no setting's form, a folder of `dvc get`: said at once, exit 1, no traceback."""
    (tmp_path / "waste").mkdir()
    done = subprocess.run(
        [sys.executable, TRAIN, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
