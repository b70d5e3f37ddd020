"""A dataset grows to a second release: who follows it, who stays, and who works in a clone that has no bytes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import pipeline
from captureset.release.identify import folder_md5, listing
from captureset.release.release import release
from captureset.store import git
from captureset.store.repository import Repository
from published import Consumer, Published, consumer
from releasing import CAPTURES, NAME, PLANTED, TAG

pytestmark = [pytest.mark.battery, pytest.mark.usefixtures("as_tester")]

YOLO = "data/exports/yolo_format"
SECOND = f"{NAME}@v0.2.0"


@pytest.fixture(scope="module")
def grown(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The published dataset with six more captures and a second release."""
    folder = tmp_path_factory.mktemp("grown")
    bare = Path(shutil.copytree(published.git_url.partition("://")[2], folder / "waste.git"))
    root = Path(shutil.copytree(published.producer, folder / "producer", symlinks=True))
    repository = Repository(root)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in published.s3.environment.items():
            patch.setenv(name, value)
        git.git(root, "remote", "set-url", "origin", str(bare))
        pipeline.fill(repository, CAPTURES - len(PLANTED), 6)
        pipeline.repro(root)
        pipeline.save(root, "Six more")
        release(repository, NAME, "v0.2.0", "more sofas")
        git.git(root, "push", "--quiet", "--follow-tags", "origin", "main")
    return Published(bare.as_uri(), published.s3, root)


@pytest.fixture
def machine(grown: Published, tmp_path: Path) -> Consumer:
    """A machine that never saw the dataset, with a Git and DVC repository of its own."""
    machine = consumer(tmp_path / "machine", grown.s3)
    git.git(machine.home, "init", "--quiet")
    machine.dvc("init", "--quiet")
    return machine


def promised(grown: Published, tag: str) -> str:
    """Return the md5 of the YOLO export that a release's manifest names, at its own tag."""
    stem = tag.replace("@", "_").replace(".", "_")
    manifest: dict[str, Any] = json.loads(git.git(grown.producer, "show", f"{tag}:data/metadata/datasets/{stem}.json"))
    return str(manifest["exports"][YOLO]["md5"])


def test_import_and_update(machine: Consumer, grown: Published) -> None:
    """`dvc update --rev` brings the next release, and the pointer names it; without it nothing moves."""
    first, second = promised(grown, TAG), promised(grown, SECOND)
    assert first != second
    machine.dvc("import", grown.git_url, YOLO, "--rev", TAG, "-o", "waste")
    assert folder_md5(listing(machine.home / "waste")) == first
    machine.dvc("update", "waste.dvc")
    assert folder_md5(listing(machine.home / "waste")) == first
    machine.dvc("update", "waste.dvc", "--rev", SECOND)
    assert folder_md5(listing(machine.home / "waste")) == second
    pointer = yaml.safe_load((machine.home / "waste.dvc").read_text(encoding="utf-8"))
    assert (pointer["deps"][0]["repo"]["rev"], pointer["outs"][0]["md5"]) == (SECOND, second)


def test_artifacts_by_number_or_the_latest(machine: Consumer, grown: Published) -> None:
    """The number gives that release, no number the latest one."""
    for asked, tag in ((("--rev", "v0.1.0"), TAG), (("--rev", "v0.2.0"), SECOND), ((), SECOND)):
        machine.dvc("artifacts", "get", grown.git_url, NAME, *asked, "-o", "waste", "--force")
        assert folder_md5(listing(machine.home / "waste")) == promised(grown, tag)
        shutil.rmtree(machine.home / "waste")


def clone(machine: Consumer, grown: Published) -> Path:
    """Return a fresh clone, without a byte of data."""
    git.git(machine.home, "clone", "--quiet", grown.git_url, "clone")
    return machine.home / "clone"


def in_clone(machine: Consumer, root: Path, *arguments: str) -> str:
    """Return what `dvc` said there."""
    return replace(machine, credentials={**machine.credentials, "PYTHONPATH": "stages"}).dvc(*arguments, at=root)


def test_one_day_is_pulled_alone(machine: Consumer, grown: Published) -> None:
    """The photos of that day, no other day, and no pointer changes."""
    root = clone(machine, grown)
    in_clone(machine, root, "pull", "data/images/2024/01/15")
    days = {path.parent.relative_to(root / "data/images").as_posix() for path in (root / "data/images").rglob("*.jpg")}
    assert days == {"2024/01/15"}
    assert git.changed_paths(root) == []


def test_repro_in_a_fresh_clone(machine: Consumer, grown: Published) -> None:
    """Up to date without a byte; a changed criterion runs what follows it, with photos from S3 by their hash."""
    root = clone(machine, grown)
    assert "up to date" in in_clone(machine, root, "repro", "--allow-missing")
    assert not (root / ".dvc/cache/files").exists()
    pipeline.change_params(root, filter__feedback_only=True)
    said = in_clone(machine, root, "repro", "--pull", "--allow-missing", "export@yolo")
    assert pipeline.stages_run(said) == ["filter", "split", "export@yolo"]
    lock = yaml.safe_load((root / "dvc.lock").read_text(encoding="utf-8"))
    (out,) = lock["stages"]["export@yolo"]["outs"]
    assert folder_md5(listing(root / YOLO)) == out["md5"] != promised(grown, SECOND)
    assert not (root / "data/images").exists()
    assert git.changed_paths(root) == ["dvc.lock", "params.yaml"]
