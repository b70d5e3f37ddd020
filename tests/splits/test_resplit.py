"""`captureset resplit`: the one way in which released captures get other splits."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from captureset import params
from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.formats import ledgers
from captureset.records.rows import FrozenSplit
from captureset.splits.resplit import Resplit, resplit
from captureset.store.repository import Repository
from rows import PARAMS, frozen


@pytest.fixture
def root(repository: Repository) -> Path:
    """A repository of which two captures are frozen, one also in an older set."""
    shutil.copy(PARAMS, repository.root)
    rows = [frozen("a"), frozen("b", "test"), replace(frozen("a", "val"), split_set="older")]
    ledgers.write(repository.frozen_splits, FrozenSplit, rows)
    return repository.root


def text_of(root: Path) -> str:
    """Return params.yaml."""
    return (root / "params.yaml").read_text(encoding="utf-8")


def test_only_the_named_values_change(root: Path) -> None:
    """The lines of the set, ratios and salt are other ones; every other line and comment stands, and so the ledger."""
    before, ledger = text_of(root), (root / "data/splits.csv").read_bytes()
    changes: dict[str, float | str] = {"train_ratio": 0.5, "test_ratio": 0.3, "salt": "# not a comment: 1"}
    assert resplit(Repository(root), "wide-test", changes) == Resplit("wide-test", "default", 2)
    after = params.load("split", root / "params.yaml")
    assert after == {**yaml.safe_load(before)["split"], **changes, "split_set": "wide-test"}
    pairs = zip(before.splitlines(), text_of(root).splitlines(), strict=True)
    assert sum(one != other for one, other in pairs) == 4
    assert (root / "data/splits.csv").read_bytes() == ledger


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("default", {}, "the split set 'default' exists"),
        ("older", {}, "the split set 'older' exists"),
        ("Wide Test", {}, "params.yaml has 1 problem: /split/split_set"),
        ("new", {"train_ratio": 0.9}, "the ratios .* sum to 1.2"),
        ("new", {"test_ratio": -0.1, "salt": ""}, "params.yaml has 2 problems"),
    ],
)
def test_a_taken_name_and_a_wrong_value_are_refused(
    root: Path, name: str, changes: dict[str, float | str], said: str
) -> None:
    """The refusal says what is wrong, and nothing has changed."""
    before = text_of(root)
    with pytest.raises(CapturesetError, match=said):
        resplit(Repository(root), name, changes)
    assert text_of(root) == before


def test_a_section_written_otherwise_is_left_to_its_owner(root: Path) -> None:
    """params.yaml in another layout is not guessed at: the refusal says what to write, and nothing has changed."""
    document = yaml.safe_load(text_of(root))
    (root / "params.yaml").write_text(json.dumps(document), encoding="utf-8")
    before = text_of(root)
    with pytest.raises(CapturesetError, match="write split_set: new into its section split yourself"):
        resplit(Repository(root), "new", {})
    assert text_of(root) == before


def test_numbers_and_words_stay_what_they_are(root: Path) -> None:
    """A name or salt that YAML would take for a number is text all the same."""
    resplit(Repository(root), "2024", {"salt": "1e3"})
    assert params.load("split", root / "params.yaml")["split_set"] == "2024"
    assert params.load("split", root / "params.yaml")["salt"] == "1e3"


def test_the_command_says_what_comes_next(root: Path) -> None:
    """People read a sentence, scripts JSON; a refusal exits with 1."""
    done = CliRunner().invoke(app, ["resplit", "again", "--salt", "s", "--repo", str(root)])
    assert done.exit_code == 0
    assert "again is the split set now" in done.output
    assert "default keeps 2 captures frozen. Next: dvc repro" in done.output
    done = CliRunner().invoke(app, ["resplit", "third", "--repo", str(root), "--json"])
    assert json.loads(done.output) == {"split_set": "third", "before": "again", "frozen_before": 0}
    assert isinstance(CliRunner().invoke(app, ["resplit", "third", "--repo", str(root)]).exception, CapturesetError)
