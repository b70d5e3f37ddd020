"""Dirty datasets: each planted dirt meets its fate, and nothing is ever silently less."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import dirty_datasets
from captureset.capture import inbox
from captureset.capture.envelope import unpack
from captureset.capture.import_account import Account, OnDirt, RefusedImportError
from captureset.capture.importing import ImportOptions, import_dataset
from captureset.errors import CapturesetError
from captureset.formats.sources.dataset import SourceDataset
from captureset.formats.sources.dirt import DIRT, Action, Unit
from captureset.store.repository import Repository
from dirty_datasets import PLANTS, Plant

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ImportOptions(captured_at="2024-01-15T00:00:00Z", add_under="MISC", on_dirt=OnDirt.LEAVE_OUT)
FORMATS = ("coco", "yolo", "voc", "csv")


@pytest.fixture(autouse=True)
def no_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody unplugs these tests: what an import writes need not reach the disk."""
    monkeypatch.setattr(os, "sync", lambda: None)


def require_nothing_lost(account: Account) -> None:
    """Assert that every photo and box that was read is in, or stands in a fate that says it is not."""
    gone = [fate for fate in account.fates if fate.action is not Action.REPAIRED]
    boxes = [fate.row for fate in gone if fate.unit is Unit.BOX]
    assert len(boxes) == len(set(boxes))
    assert account.boxes_read == account.boxes_in + len(boxes)
    assert account.photos_read == account.photos_in + sum(fate.unit is Unit.PHOTO for fate in gone)


def first_box(repository: Repository) -> list[float]:
    """Return the first box of p0, whatever its photo is called by now."""
    for path in inbox.waiting(repository).captures:
        sidecar = unpack(path.read_bytes(), path.name).sidecar
        if re.search(r"(p0|소파)\.\w+$", sidecar["source"]["original_name"]):
            return list(sidecar["label"]["boxes"][0]["xywh_px"])
    raise AssertionError("p0 did not come in")


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.kind}: {plant.name}")
def test_each_dirt_meets_its_fate(repository: Repository, tmp_path: Path, plant: Plant) -> None:
    """Exactly the planted dirt is told, what comes in lies where it should, and every row is in or listed.

    `repair` takes the dataset unless something is refused, `refuse` only one without any dirt.
    """
    world = dirty_datasets.clean()
    plant.change(world)
    dirty_datasets.write(world, tmp_path / "set")
    dataset = dirty_datasets.read(plant.kind, tmp_path / "set")
    actions = {DIRT[code].action for code in plant.codes}
    for on_dirt, comes_in in ((OnDirt.REPAIR, Action.REFUSED not in actions), (OnDirt.REFUSE, not actions)):
        told, came_in = attempt(repository, dataset, on_dirt)
        assert came_in == comes_in
        assert Counter(fate.code for fate in told.fates) == Counter(plant.codes)
    done = import_dataset(repository, dataset, OPTIONS)
    assert Counter(fate.code for fate in done.account.fates) == Counter(plant.codes)
    assert (done.account.photos_in, done.account.boxes_in) == (plant.photos_in, plant.boxes_in)
    require_nothing_lost(done.account)
    if plant.first:
        assert first_box(repository) == pytest.approx(plant.first, abs=0.01)


def attempt(repository: Repository, dataset: SourceDataset, on_dirt: OnDirt) -> tuple[Account, bool]:
    """Return what a dry run tells of a dataset, and whether it would come in; of a refused one nothing is in."""
    try:
        return import_dataset(repository, dataset, replace(OPTIONS, on_dirt=on_dirt), dry_run=True).account, True
    except RefusedImportError as error:
        return error.account, False


def test_every_dirt_is_planted() -> None:
    """No code is claimed that no test has seen, and there are at least sixty plants over the four formats."""
    assert {code for plant in PLANTS for code in plant.codes} == set(DIRT)
    assert len([plant for plant in PLANTS if plant.codes]) >= 60
    assert {plant.kind for plant in PLANTS} == set(FORMATS)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("seed", range(6))
def test_dirt_on_dirt_loses_nothing(repository: Repository, tmp_path: Path, kind: str, seed: int) -> None:
    """Several plants at once may do anything to each other, but every row is in or listed."""
    chance = random.Random(f"{kind}{seed}")
    world = dirty_datasets.clean()
    plants = [plant for plant in PLANTS if plant.kind == kind]
    for plant in chance.sample(plants, 4):
        try:
            plant.change(world)
        except (KeyError, AssertionError, IndexError, TypeError, ValueError):
            continue  # an earlier plant has taken away what this one changes
    dirty_datasets.write(world, tmp_path / "set")
    try:
        dataset = dirty_datasets.read(kind, tmp_path / "set")
    except CapturesetError:
        return  # refused as a whole, in one sentence
    told, came_in = attempt(repository, dataset, OnDirt.LEAVE_OUT)
    if came_in:
        require_nothing_lost(told)
    else:
        assert told.photos_in == told.boxes_in == 0
        assert told.fates


def mutate(text: str | bytes, chance: random.Random) -> bytes:
    """Return a text with one to four slips: bytes lost or doubled, or a wild token in their place."""
    data = bytearray(text.encode() if isinstance(text, str) else text)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        stretch = slice(place, place + chance.randint(1, 30))
        wild = chance.choice(
            [b"", b"-1", b"1e999", b"null", b'"', b"nan", b"0", b"\xff", b",", b"\r\n", b"<", "소".encode()]
        )
        data[stretch] = chance.choice([wild, bytes(data[stretch]) * 2])
    return bytes(data)


def require_no_loss_when_mutated(repository: Repository, root: Path, kind: str, seed: int) -> None:
    """Spoil the file of one format and assert that the dataset is refused in words or accounted for to the last row."""
    chance, world = random.Random(f"{kind}/{seed}"), dirty_datasets.clean()
    dirty_datasets.write(world, root)
    files = {
        "coco": "coco.json",
        "yolo": chance.choice(["labels/p0.txt", "data.yaml"]),
        "voc": "xml/p0.xml",
        "csv": "boxes.csv",
    }
    path = root / files[kind]
    path.write_bytes(mutate(path.read_bytes(), chance))
    try:
        dataset = dirty_datasets.read(kind, root)
        told, came_in = attempt(repository, dataset, OnDirt.LEAVE_OUT)
    except CapturesetError:
        return  # refused as a whole, in one sentence
    if came_in:
        require_nothing_lost(told)


@pytest.mark.parametrize("kind", FORMATS)
def test_slips_of_any_kind_lose_nothing(repository: Repository, tmp_path: Path, kind: str) -> None:
    """Bytes lost, doubled or swapped end in a sentence or in a full account, never in a traceback."""
    for seed in range(25):
        require_no_loss_when_mutated(repository, tmp_path / str(seed), kind, seed)


@pytest.mark.battery
@pytest.mark.parametrize("kind", FORMATS)
def test_slips_of_any_kind_lose_nothing_at_length(repository: Repository, tmp_path: Path, kind: str) -> None:
    """The same five hundred times a format."""
    for seed in range(25, 525):
        require_no_loss_when_mutated(repository, tmp_path / str(seed), kind, seed)
