"""examples/train.py alone: what it needs, and what it refuses before it trains; tests/consumers trains with it."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TRAIN = Path(__file__).resolve().parents[2] / "examples" / "train.py"


@pytest.fixture(scope="module")
def train() -> Any:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("train_example", TRAIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://me:secret@example.org/o/r.git?token=x#y", "https://example.org/o/r.git"),
        ("https://example.org/o/r.git", "https://example.org/o/r.git"),
        ("git@example.org:o/r.git", "git@example.org:o/r.git"),
        ("../elsewhere", "../elsewhere"),
    ],
)
def test_a_token_in_an_address_stays_out_of_the_model(train: Any, url: str, kept: str) -> None:
    """What is written into every checkpoint is the place, not the key to it."""
    assert train.without_secret(url) == kept


def test_a_pointer_of_dvc_add_names_no_release(train: Any, tmp_path: Path) -> None:
    """`dvc get` and `dvc add` leave a pointer without a repository in it: one sentence."""
    (tmp_path / "waste").mkdir()
    (tmp_path / "waste.dvc").write_text("outs:\n- {path: waste, md5: x.dir}\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="was not written by `dvc import`"):
        train.dataset_of(tmp_path / "waste")
