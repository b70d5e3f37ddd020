"""The four ways to use a release, each from a machine of its own that knows a Git address and S3 credentials."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pycocotools.coco import COCO

import documented
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.release.identify import folder_md5, identify, listing
from captureset.release.withdrawing import withdraw
from captureset.store import git
from captureset.store.repository import Repository
from published import Consumer, Published, consumer
from releasing import NAME, NUMBER, TAG

TRAIN = Path(__file__).resolve().parents[2] / "examples" / "train.py"
YOLO, COCO_FOLDER = "data/exports/yolo_format", "data/exports/coco_format"
GET, IMPORT, NUMBERED, _ = documented.commands("docs/using.md", "Four ways")
STREAM = """
import collections, json, sys
from dvc.api import DVCFileSystem

files = DVCFileSystem(sys.argv[1], rev=sys.argv[2])
yolo, coco = sys.argv[3:]
labels = [path for path in files.find(f"{yolo}/labels") if path.endswith(".txt")]
json.dump({
    "data": files.read_text(f"{yolo}/data.yaml"),
    "boxes": sum(len(files.read_text(path).splitlines()) for path in labels),
    "coco": {split: files.read_text(f"{coco}/{split}/{split}.json") for split in ("train", "val", "test")},
}, sys.stdout)
"""


@pytest.fixture
def stranger(published: Published, tmp_path: Path) -> Consumer:
    """A machine that never saw the dataset."""
    return consumer(tmp_path / "stranger", published.s3)


@pytest.fixture(scope="module")
def manifest(published: Published) -> dict[str, Any]:
    """What the release promised, as Git has it at the tag."""
    bare = published.git_url.partition("://")[2]
    text = subprocess.run(
        ["git", "show", f"{TAG}:data/metadata/datasets/{NAME}_v0_1_0.json"], cwd=bare, capture_output=True, check=True
    ).stdout
    document: dict[str, Any] = json.loads(text)
    return document


def require_promised(folder: Path, promised: Mapping[str, Any]) -> None:
    """Compare a fetched folder with its line in the manifest: md5, number of files, bytes."""
    entries = listing(folder)
    assert folder_md5(entries) == promised["md5"]
    assert len(entries) == promised["files"]
    assert sum((folder / name).stat().st_size for name in entries) == promised["size_bytes"]


def images_per_split(folder: Path) -> dict[str, int]:
    """Return how many images of each split a fetched YOLO folder has."""
    return dict(Counter(path.parent.name for path in (folder / "images").rglob("*") if path.is_file()))


def test_get(stranger: Consumer, published: Published, manifest: dict[str, Any]) -> None:
    """`dvc get --rev` brings the bytes of the manifest, split by split."""
    documented.carry_out([GET], stranger.home, stranger.environment, {"<repository>": published.git_url})
    require_promised(stranger.home / "waste", manifest["exports"][YOLO])
    assert images_per_split(stranger.home / "waste") == {k: v for k, v in manifest["counts"]["splits"].items() if v}
    told = identify(Repository(published.producer), stranger.home / "waste")
    assert [str(export) for export in told.found] == [f"{YOLO} of {TAG}"]


def test_a_withdrawn_release_is_named_as_such(published: Published, tmp_path: Path) -> None:
    """Its bytes can be fetched for ever; who identifies them hears why not to use them."""
    git.git(tmp_path, "clone", "--quiet", published.git_url, "clone")
    withdraw(Repository(tmp_path / "clone"), NAME, NUMBER, "wrong labels")
    told = identify(Repository(tmp_path / "clone"), published.producer / YOLO)
    assert [(export.tag, export.withdrawn) for export in told.found] == [(TAG, "wrong labels")]


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        (None, "has no note best.dataset.json beside it"),
        ({"md5": "1"}, "lacks one of repository"),
        ({"model_sha256": "0" * 64}, "was written for another file than best.pt"),
    ],
)
def test_a_model_without_a_true_note_is_refused(
    published: Published, tmp_path: Path, note: dict[str, str] | None, sentence: str
) -> None:
    """No note, half a note, another model's note; the model file itself is never opened, here it is no model."""
    (tmp_path / "best.pt").write_bytes(b"no pickle")
    if note is not None:
        whole = {"repository": "r", "path": YOLO, "tag": TAG} if "model_sha256" in note else {}
        jsontext.write(tmp_path / "best.dataset.json", {**whole, "md5": "1", **note})
    with pytest.raises(CapturesetError, match=sentence):
        identify(Repository(published.producer), tmp_path / "best.pt")


def test_the_bytes_come_over_s3(stranger: Consumer, published: Published) -> None:
    """With Git alone and a wrong secret there is nothing to read: no other place has the bytes."""
    robbed = replace(stranger, credentials={**stranger.credentials, "AWS_SECRET_ACCESS_KEY": "wrong"})
    done = robbed.run("-m", "dvc", "get", published.git_url, YOLO, "--rev", TAG, "-o", "waste")
    assert done.returncode != 0
    assert not [path for path in stranger.home.glob("waste/**/*") if path.is_file()]


def test_import_and_a_model_that_states_what_it_saw(
    stranger: Consumer, published: Published, manifest: dict[str, Any]
) -> None:
    """`dvc import` notes tag and md5; training writes them into the model; changed bytes are refused."""
    git_init(stranger)
    documented.carry_out([IMPORT], stranger.home, stranger.environment, {"<repository>": published.git_url})
    imported = stranger.home / "imported"
    require_promised(imported, manifest["exports"][YOLO])
    cheap = ["model=yolo11n.yaml", "epochs=1", "imgsz=64", "device=cpu", "workers=0", "plots=False"]
    cheap.append(f"project={stranger.home / 'runs'}")
    done = stranger.run(TRAIN, "imported", *cheap)
    assert done.returncode == 0, done.stdout + done.stderr
    (best,) = stranger.home.rglob("best.pt")
    note = jsontext.read(best.with_name("best.dataset.json"))
    assert (note["repository"], note["path"], note["tag"]) == (published.git_url, YOLO, TAG)
    assert note["md5"] == manifest["exports"][YOLO]["md5"]
    assert stated(stranger, best) == {key: note[key] for key in note if key != "model_sha256"}
    told = identify(Repository(published.producer), best)
    assert [str(export) for export in told.found] == [f"{YOLO} of {TAG}"]
    require_promised(imported, manifest["exports"][YOLO])  # training left nothing behind
    label = next((imported / "labels").rglob("*.txt"))
    label.chmod(0o644)
    label.write_text("0 0.5 0.5 0.1 0.1\n", encoding="utf-8")
    refused = stranger.run(TRAIN, "imported", *cheap)
    assert refused.returncode == 1
    assert f"nothing was trained; `dvc checkout --force {imported}.dvc` puts them back" in refused.stderr
    stranger.dvc("checkout", "--force", "imported.dvc")
    require_promised(imported, manifest["exports"][YOLO])


def git_init(machine: Consumer) -> None:
    """Make its home a repository of its own."""
    subprocess.run(["git", "init", "--quiet"], cwd=machine.home, env=machine.environment, check=True)
    machine.dvc("init", "--quiet")


def stated(machine: Consumer, checkpoint: Path) -> dict[str, Any]:
    """Return what a checkpoint that was trained here says of its dataset."""
    program = "import json, sys, torch; print(json.dumps(torch.load(sys.argv[1], weights_only=False)['dataset']))"
    done = machine.run("-c", program, checkpoint)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_artifacts_get(stranger: Consumer, published: Published, manifest: dict[str, Any]) -> None:
    """`dvc artifacts get` knows the dataset by its name and the release by its number; test_growing: the latest."""
    documented.carry_out([NUMBERED], stranger.home, stranger.environment, {"<repository>": published.git_url})
    require_promised(stranger.home / "numbered", manifest["exports"][YOLO])


def test_streaming(stranger: Consumer, published: Published, manifest: dict[str, Any]) -> None:
    """`DVCFileSystem` reads single files of a tag, no clone, no folder; pycocotools opens what it reads."""
    done = stranger.run("-c", STREAM, published.git_url, TAG, YOLO, COCO_FOLDER)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    names = yaml.safe_load(read["data"])["names"]
    images, boxes = {}, 0
    for split, text in read["coco"].items():
        path = stranger.home / f"{split}.json"
        path.write_text(text, encoding="utf-8")
        coco = COCO(path)
        images[split] = len(coco.getImgIds())
        boxes += len(coco.getAnnIds())
        assert [names[category["id"] - 1] for category in coco.loadCats(coco.getCatIds())] == list(names.values())
    assert {split: count for split, count in images.items() if count} == manifest["counts"]["splits"]
    assert read["boxes"] == boxes


def test_a_folder_that_is_no_release_is_told_by_its_nearest(published: Published, tmp_path: Path) -> None:
    """One changed label: no release has the folder; which file it is is said, and a trainer's cache is left out."""
    folder = Path(shutil.copytree(published.producer / YOLO, tmp_path / "waste"))
    (folder / "labels/train.cache").write_bytes(b"left by a trainer")
    assert identify(Repository(published.producer), folder).found
    label = next((folder / "labels").rglob("*.txt"))
    label.chmod(0o644)
    label.write_text("0 0.5 0.5 0.1 0.1\n", encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "captureset", "identify", folder, "--repo", published.producer],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"Nearest is {YOLO} of {TAG}: 1 changed ({label.relative_to(folder).as_posix()})" in done.stdout
    assert "Left out: labels/train.cache" in done.stdout
