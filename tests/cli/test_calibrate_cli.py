"""`captureset calibrate`: labelled photos in, a threshold out."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image, ImageFilter
from typer.testing import CliRunner

from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.records.rows import CaptureRow, MeasurementRow
from captureset.store.repository import Repository
from photos import encoded
from rows import capture, measurement


def run(*arguments: str) -> str:
    """Run the command and return what it said."""
    done = CliRunner().invoke(app, ["calibrate", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Twelve small sharp photos and twelve blurred ones, a large one of each, and a broken file."""
    for number in range(13):
        side = 1100 if number == 12 else 120
        levels = np.random.default_rng(number).integers(0, 256, (side // 4, side // 4), np.uint8)
        sharp = Image.fromarray(levels).resize((side, side), Image.Resampling.NEAREST)
        for label, image in (("sharp", sharp), ("blurred", sharp.filter(ImageFilter.GaussianBlur(2)))):
            (tmp_path / label).mkdir(exist_ok=True)
            (tmp_path / label / f"소파 {number}.JPG").write_bytes(encoded(image, "JPEG"))
    (tmp_path / "sharp" / "broken.jpg").write_bytes(b"no photo")
    (tmp_path / "sharp" / "notes.txt").write_text("no photo either", encoding="utf-8")
    return tmp_path


def test_two_folders_give_a_threshold_between_them(labelled: Path) -> None:
    """The threshold tells all of them apart; sizes are judged apart; the broken one is named; the next step is said."""
    document = json.loads(run(str(labelled), "--json"))
    assert (document["sharp"], document["blurred"], document["auc"]) == (13, 13, 1)
    assert (document["true_positive_rate"], document["false_positive_rate"]) == (1, 0)
    assert {kind: found["sharp"] for kind, found in document["by_size"].items()} == {
        "measured at 1024 px": 1,
        "smaller photos": 12,
    }
    assert document["unreadable"] == ["sharp/broken.jpg"]
    assert document["roc"][0][1:] == [0, 0]
    said = run(str(labelled))
    assert f"Next: quality.blurred_below: {document['threshold']:g} (and blurred_below_small) in" in said
    assert "Few photos" in said
    assert "Left out, unreadable: sharp/broken.jpg." in said


@pytest.mark.parametrize("number", ["sharpness_mlv", "laplacian_variance"])
def test_other_numbers_can_be_judged(labelled: Path, number: str) -> None:
    """Each has its own threshold, which no parameter of ours has a place for."""
    said = run(str(labelled), "--number", number)
    assert f"by {number}" in said
    assert "Next" not in said


def test_the_curve_can_be_drawn(labelled: Path, tmp_path: Path) -> None:
    """A well-formed SVG that runs from corner to corner, the same bytes every time."""
    pictures = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for picture in pictures:
        run(str(labelled), "--roc", str(picture))
    root = ET.fromstring(pictures[0].read_text(encoding="utf-8"))  # noqa: S314 - our own
    line = root.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    points = line.attrib["points"].split()
    assert (points[0], points[-1]) == ("50.0,450.0", "450.0,50.0")
    assert pictures[0].read_bytes() == pictures[1].read_bytes()


def test_a_csv_file_names_files_beside_it(labelled: Path) -> None:
    """Paths count from the file's own folder, wherever the command is run."""
    rows = [f"{label}/소파 {number}.JPG,{label}" for label in ("sharp", "blurred") for number in range(12)]
    (labelled / "labels.csv").write_text("\n".join(["path,label", *rows]), encoding="utf-8")
    document = json.loads(run(str(labelled / "labels.csv"), "--json"))
    assert (document["sharp"], document["blurred"], document["auc"]) == (12, 12, 1)


def test_captures_are_looked_up_in_their_repository(repository: Repository, tmp_path: Path) -> None:
    """A capture has its numbers already; its photo need not be there."""
    captures = [capture(name) for name in "abcd"]
    for name in ("catalog", "measure"):
        (repository.root / "data" / name).mkdir()
    tables.write(repository.root / "data/catalog/captures.parquet", CaptureRow, captures)
    values = (10.0, 20.0, 100.0, 200.0)
    rows = [measurement(each.image_md5, sharpness_p99=value) for each, value in zip(captures, values, strict=True)]
    tables.write(repository.root / "data/measure/measurements.parquet", MeasurementRow, rows)
    (tmp_path / "labels.csv").write_text("label,capture_id\nblurred,a\nblurred,b\nsharp,c\nsharp,d\n", encoding="utf-8")
    document = json.loads(run(str(tmp_path / "labels.csv"), "--repo", str(repository.root), "--json"))
    assert (document["threshold"], document["auc"]) == (60, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\na.jpg,soft\n", "line 2 has the label 'soft', which is neither sharp nor blurred; mend or delete"),
        ("path,label\nnone.jpg,sharp\n", "line 2 names 'none.jpg', which cannot be read .No such file or directory"),
        ("label,capture_id\nsharp,zz\n", "captures of a `capture_id` column are looked up in a repository; name it by"),
        ("path,kind\na.jpg,sharp\n", "has the columns path, kind; it needs `label`"),
        ("", "has the columns of an empty file; it needs `label`"),
        ("path,label\n", "there are 0 sharp and 0 blurred photos; a threshold needs both, about 100 of each"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    """Line, value and remedy."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CapturesetError, match=said):
        run("labels.csv")


def test_a_folder_without_both_kinds_is_refused(tmp_path: Path) -> None:
    """The folder that is missing is named."""
    (tmp_path / "sharp").mkdir()
    with pytest.raises(CapturesetError, match="has no folder blurred; put the photos into"):
        run(str(tmp_path))
