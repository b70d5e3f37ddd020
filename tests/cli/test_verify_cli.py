"""`captureset verify`: useful alone, on anybody's folder, and the whole gate inside a repository."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import torture
from captureset.cli.main import app
from captureset.errors import CapturesetError
from photos import jpeg

BOX = [10.0, 10.0, 40.0, 30.0]


def run(*arguments: object) -> Any:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["verify", *map(str, arguments)])


def coco(**changes: Any) -> dict[str, Any]:
    """Return a small sound COCO document of one image, with changes."""
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 1200.0, "iscrowd": 0}
    return {
        "info": {},
        "licenses": [],
        "images": [{"id": 1, "file_name": "a.jpg", "width": 96, "height": 72}],
        "annotations": [box],
        "categories": [{"id": 1, "name": "sofa", "supercategory": "furniture"}],
        **changes,
    }


def write_coco(folder: Path, json_at: str, images_at: str, **changes: Any) -> None:
    """Write such a document and its photo in some layout."""
    for name in (json_at, f"{images_at}/a.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / json_at).write_text(json.dumps(coco(**changes)), encoding="utf-8")
    (folder / images_at / "a.jpg").write_bytes(jpeg(96, 72))


def write_yolo(folder: Path, images: str, yaml: str) -> None:
    """Write a YOLO folder of one image in train and one, without a box, in val."""
    for seed, split in enumerate(("train", "val")):
        place = folder / images.format(split)
        labels = Path(*("labels" if part == "images" else part for part in place.parts))
        place.mkdir(parents=True)
        labels.mkdir(parents=True)
        (place / f"{split}.jpg").write_bytes(jpeg(96, 72, seed))
        (labels / f"{split}.txt").write_text("" if seed else "0 0.5 0.5 0.25 0.25\n", encoding="utf-8")
    (folder / "data.yaml").write_text(yaml, encoding="utf-8")


ULTRALYTICS = "train: images/train\nval: images/val\nnames:\n  0: sofa\n"
LAYOUTS: dict[str, Callable[[Path], None]] = {
    "ours": lambda folder: write_coco(folder, "train/train.json", "train"),
    "coco-2017": lambda folder: write_coco(folder, "annotations/instances_train2017.json", "train2017"),
    "coco-images": lambda folder: write_coco(folder, "annotations/instances_train.json", "images/train"),
    "roboflow-coco": lambda folder: write_coco(folder, "train/_annotations.coco.json", "train"),
    "flat-coco": lambda folder: write_coco(folder, "labels.json", "images"),
    "cvat-coco": lambda folder: write_coco(folder, "annotations/instances_default.json", "images"),
    "ultralytics": lambda folder: write_yolo(folder, "images/{}", ULTRALYTICS),
    "roboflow-yolo": lambda folder: write_yolo(
        folder, "{}/images", "train: train/images\nval: val/images\nnc: 1\nnames: ['sofa']\n"
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sound_folder_passes_in_every_usual_layout(tmp_path: Path, layout: str) -> None:
    """Images and labels are found where the tools of the field put them; what cannot be proved is listed."""
    LAYOUTS[layout](tmp_path)
    done = run(tmp_path)
    assert done.exit_code == 0, done.output
    assert "verdict: passed" in done.output
    assert "not applicable  14 measured_frames: it needs the repository that wrote the folder" in done.output


def test_one_document_can_be_named(tmp_path: Path) -> None:
    """A JSON file or a data.yaml stands for its folder; the document beside it is not looked at."""
    write_coco(tmp_path, "good.json", "images")
    (tmp_path / "bad.json").write_text(json.dumps(coco(info=None)), encoding="utf-8")
    assert run(tmp_path / "good.json").exit_code == 0
    assert run(tmp_path / "bad.json").exit_code == 1
    write_yolo(tmp_path / "yolo", "images/{}", ULTRALYTICS)
    assert run(tmp_path / "yolo/data.yaml").exit_code == 0


def test_a_fault_is_named_by_rule_file_id_value_and_remedy(tmp_path: Path) -> None:
    """Exit 1; the summary has one line a failed rule, the report all of them, and both agree."""
    box = {**coco()["annotations"][0], "bbox": [-5.0, 10.0, 40.0, 30.0]}
    write_coco(tmp_path / "data", "train.json", "images", annotations=[box, {**box, "id": 2, "category_id": 9}])
    done = run(tmp_path / "data", "--report", tmp_path / "verify.json")
    assert done.exit_code == 1
    line = next(line for line in done.output.splitlines() if "10 inside" in line)
    assert line == (
        "  failed          10 inside: train.json, annotation 1: the box [-5.0, 10.0, 40.0, 30.0] reaches outside its "
        "frame of 96x72 px; correct the box, or remove it with its image (and 1 more)"
    )
    report = json.loads((tmp_path / "verify.json").read_text(encoding="utf-8"))
    (row,) = [row for row in report["checks"] if row["rule"] == 10]
    assert (row["status"], row["fault_count"]) == ("failed", 2)
    assert row["faults"][0] == {
        "file": "train.json",
        "id": "annotation 1",
        "value": "the box [-5.0, 10.0, 40.0, 30.0] reaches outside its frame of 96x72 px",
        "remedy": "correct the box, or remove it with its image",
    }
    assert json.loads(run(tmp_path / "data", "--json").output) == report


def test_the_policy_can_be_chosen(tmp_path: Path) -> None:
    """A stranger's small boxes pass where the policy lets them."""
    box = {**coco()["annotations"][0], "bbox": [10.0, 10.0, 0.5, 30.0], "area": 15.0}
    write_coco(tmp_path, "train.json", "images", annotations=[box])
    assert run(tmp_path).exit_code == 1
    assert run(tmp_path, "--min-side", "0.5").exit_code == 0


def test_an_unreadable_document_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    """Cut-off JSON, JSON of the wrong shape and YAML that is none are reported as what they are."""
    write_coco(tmp_path, "train.json", "images")
    (tmp_path / "train.json").write_text('{"images": [', encoding="utf-8")
    assert "failed           6 strict_json: train.json" in run(tmp_path).output
    odd = coco(images=[1, {"id": [], "file_name": None}], annotations=[{"bbox": "x", "id": {}, "area": []}, None])
    (tmp_path / "train.json").write_text(json.dumps({**odd, "categories": {}}), encoding="utf-8")
    done = run(tmp_path)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)


@pytest.mark.parametrize("place", ["absent", "empty"])
def test_nothing_to_verify_is_refused(tmp_path: Path, place: str) -> None:
    """A folder that is not there, or holds neither format, is one sentence."""
    (tmp_path / "empty").mkdir()
    done = run(tmp_path / place)
    assert isinstance(done.exception, CapturesetError)
    assert str(tmp_path / place) in str(done.exception)


def test_a_copy_of_an_export_is_verified_as_a_folder(tortured: Path, tmp_path: Path) -> None:
    """What a consumer got by `dvc get` passes, its manifest included; the repository's rules are not applicable."""
    copy = shutil.copytree(tortured / "data/exports/yolo_format", tmp_path / "waste")
    done = run(copy, "--json")
    assert done.exit_code == 0, done.output
    status = {row["rule"]: row["status"] for row in json.loads(done.output)["checks"]}
    assert {rule for rule, found in status.items() if found == "not_applicable"} >= {14, 28, 30, 31}
    image = next(copy.rglob("*.jpg"))
    image.write_bytes(jpeg(320, 240, 99))
    assert "manifest.json says" in run(copy).output


def test_the_torture_set_of_a_stranger_fails(tmp_path: Path) -> None:
    """The set as its source wrote it exits 1."""
    torture.write_coco(tmp_path)
    assert run(tmp_path).exit_code == 1


def test_the_extra_it_needs_is_named() -> None:
    """On the base install, without numpy, the command says what to install instead of a traceback."""
    program = (
        "import sys; sys.modules['numpy'] = None; sys.argv = ['captureset', 'verify', '.']\n"
        "from captureset.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "install what it needs with `pip install 'captureset[pipeline]'`" in done.stderr
    assert "Traceback" not in done.stderr
