"""A training dataset by criteria: built in a clone with the repository's own cache, moved out, nothing else changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.services import DatasetManagerService
from captureset.services.criteria import DEFAULTS, complete
from captureset.store import git
from captureset.store.repository import Repository
from pipeline import NOBODY, begin, fill

ROOT = Path(__file__).resolve().parents[2]
TAXONOMY = load_taxonomy(ROOT / "data" / "categories.yaml")


@pytest.fixture(scope="module", autouse=True)
def nobody() -> Iterator[None]:
    """Nobody's own Git settings reach these tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NOBODY.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with committed captures in which nothing was built yet."""
    repository = begin(tmp_path_factory.mktemp("datasets") / "repository")
    fill(repository, 0, 24)
    return repository


def state(root: Path) -> tuple[Any, ...]:
    """Return what a dataset must not change: history, tags, working tree, params."""
    told = [git.git(root, *words) for words in (("rev-parse", "HEAD"), ("tag",), ("status", "--porcelain"))]
    return (*told, (root / "params.yaml").read_bytes(), sorted(path.name for path in (root / "data").iterdir()))


def test_a_dataset_is_built_verified_and_moved_out(filled: Repository) -> None:
    """With its criteria, no tag and no other change; the same call again returns it, another one is refused."""
    service = DatasetManagerService({"data_storage_path": str(filled.root)})
    before = state(filled.root)
    criteria = {"min_confidence": 0.6, "train_ratio": 0.5, "val_ratio": 0.3, "test_ratio": 0.2, "require_usable": False}
    made = service.create_training_dataset("ecoguide_waste_classification", "1.0", criteria)
    assert made["success"], made
    assert set(made) == {"success", "dataset_id", "metadata", "export_paths", "statistics"}
    assert made["dataset_id"] == "ecoguide_waste_classification_v1.0.0"
    assert set(made["export_paths"]) == {"coco_format", "yolo_format"}
    folder = filled.root / "data" / "datasets" / made["dataset_id"]
    assert (folder / "yolo_format" / "data.yaml").is_file()
    assert not (folder / "custom").exists()
    kept = (folder / "params.yaml").read_text(encoding="utf-8")
    assert "train_ratio: 0.5" in kept
    assert "# Shares of the three splits" in kept
    counts = made["statistics"]
    assert counts["total_images"] == sum(counts["splits"].values()) > 10
    assert jsontext.read(folder / "dataset.json")["built_from"] == made["metadata"]["built_from"]
    assert (*before[:4], sorted([*before[4], "datasets"])) == state(filled.root)
    assert not list((filled.root / ".dvc/tmp/captureset").glob("dataset.*"))

    assert service.create_training_dataset("ecoguide_waste_classification", "v1.0.0", criteria) == made
    other = service.create_training_dataset("ecoguide_waste_classification", "1.0.0", {"min_confidence": 0.7})
    assert (other["success"], "other criteria" in other["error"]) == (False, True)


def test_an_empty_dataset_is_refused_and_leaves_nothing(filled: Repository) -> None:
    """The sentence says what dropped how many; no half-written dataset, no clone."""
    service = DatasetManagerService({"data_storage_path": str(filled.root)})
    refused = service.create_training_dataset("waste", "1.0", {"date_range": ("2031-01-01", "2031-01-31")})
    assert (refused["success"], refused["dataset_id"]) == (False, "waste_v1.0.0")
    assert "dropped: date 24" in refused["error"]
    assert not (filled.root / "data" / "datasets" / "waste_v1.0.0").exists()
    assert not list((filled.root / "data" / "datasets").glob(".*.partial"))
    assert not list((filled.root / ".dvc/tmp/captureset").glob("dataset.*"))


def test_defaults_are_the_contracts() -> None:
    """What is not named is as the design document has it."""
    assert complete({}, TAXONOMY) == complete(None, TAXONOMY) == DEFAULTS
    told = complete(
        {"categories": ["소파", "FURN_CHAIR"], "min_quality_grade": 2, "date_range": ["2024-01-01", "2024-01-31"]},
        TAXONOMY,
    )
    assert (told["categories"], told["min_quality_grade"]) == (["FURN_CHAIR", "FURN_SOFA"], "medium")
    assert told["date_range"] == ["2024-01-01", "2024-01-31"]
    assert complete({"train_ratio": 0.705}, TAXONOMY)["train_ratio"] == 0.705


@pytest.mark.parametrize(
    ("name", "version", "criteria", "said"),
    [
        ("waste", "1.0", {"train_ratio": 0.8}, "do not sum to 1"),
        ("waste", "1.0", {"train_ratio": "0.7"}, "do not sum to 1"),
        ("waste", "1.0", {"test_ratio": -0.1, "val_ratio": 0.4}, "do not sum to 1"),
        ("waste", "1.0", {"min_confidense": 0.8}, "did you mean min_confidence?"),
        ("waste", "1.0", {"categories": ["쇼파9"]}, "'쇼파9' is unknown"),
        ("waste", "1.0", {"date_range": ["2024-02-01", "2024-01-01"]}, "no first and last day"),
        ("waste", "1.0", {"min_confidence": 2}, "2 is above 1"),
        ("waste", "1.0", {"min_quality_grade": 9}, "/filter/min_quality_grade"),
        ("waste", "1.0", [], "hand over a dict"),
        ("Waste set", "1.0", {}, "no dataset name"),
        ("waste", "first", {}, "no version"),
        ("../waste", "1.0", {}, "no dataset name"),
    ],
)
def test_criteria_that_mean_nothing_are_refused(
    filled: Repository, name: str, version: str, criteria: Any, said: str
) -> None:
    """Before anything is built."""
    refused = DatasetManagerService({"data_storage_path": filled.root}).create_training_dataset(name, version, criteria)
    assert refused["success"] is False
    assert said in refused["error"]
