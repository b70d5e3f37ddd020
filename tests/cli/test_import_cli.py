"""`captureset import …` from the outside: options, output, refusals."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner, Result

import photos
from captureset.capture import inbox
from captureset.capture.envelope import unpack
from captureset.cli.import_choices import Choices
from captureset.cli.importing import app
from captureset.errors import CapturesetError
from captureset.store.repository import Repository

AT = ("--captured-at", "2024-01-15T00:00:00Z")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """One photo with one box, in all four formats."""
    root = tmp_path / "a source"
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    (root / "images" / "my.sofa 소파.JPG").write_bytes(photos.jpeg(80, 60))
    image = {"id": 5, "file_name": "my.sofa 소파.JPG", "width": 80, "height": 60}
    box = {"id": 1, "image_id": 5, "category_id": 2, "bbox": [8, 6, 40, 30]}
    document = {"images": [image], "annotations": [box], "categories": [{"id": 2, "name": "couch"}]}
    (root / "coco.json").write_text(json.dumps(document), encoding="utf-8")
    (root / "labels" / "my.sofa 소파.txt").write_text("0 0.35 0.35 0.5 0.5\n", encoding="utf-8")
    (root / "data.yaml").write_text("train: images\nnames: [couch]\n", encoding="utf-8")
    corners = "<xmin>8</xmin><ymin>6</ymin><xmax>48</xmax><ymax>36</ymax>"
    (root / "images" / "a.xml").write_text(
        "<annotation><filename>my.sofa 소파.jpg</filename><size><width>80</width><height>60</height></size>"
        f"<object><name>couch</name><bndbox>{corners}</bndbox></object></annotation>",
        encoding="utf-8",
    )
    (root / "boxes.csv").write_text("file,l,t,r,b,what\nmy.sofa 소파.JPG,8,6,48,36,couch\n", encoding="utf-8")
    (root / "map.yaml").write_text("couch: 소파\n", encoding="utf-8")
    return root


def commands(source: Path) -> dict[str, list[str]]:
    """Return the arguments of each format."""
    images = ["--images", str(source / "images")]
    return {
        "coco": ["coco", str(source / "coco.json"), *images],
        "yolo": ["yolo", str(source / "data.yaml")],
        "voc": ["voc", str(source / "images")],
        "csv": ["csv", str(source / "boxes.csv"), *images, "--columns", "image=file,x1=l,y1=t,x2=r,y2=b,category=what"],
    }


def run(repository: Repository, *arguments: str) -> Result:
    """Run one command in a repository."""
    return CliRunner().invoke(app, [*arguments, "--repo", str(repository.root)])


def refusal(result: Result) -> str:
    """Return what a command refused with; `captureset` itself prints it and exits 1."""
    assert isinstance(result.exception, CapturesetError)
    return str(result.exception)


@pytest.mark.parametrize("kind", ["coco", "yolo", "voc", "csv"])
def test_the_same_box_comes_in_from_every_format(repository: Repository, source: Path, kind: str) -> None:
    """One box told in four formats is the same box, mapped to ours, and the next command is named."""
    result = run(repository, *commands(source)[kind], *AT, "--map", str(source / "map.yaml"))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Now in the inbox: 1 capture with 1 box.\n")
    assert result.stdout.endswith("Next: captureset commit\n")
    (path,) = inbox.waiting(repository).captures
    sidecar = unpack(path.read_bytes(), path.name).sidecar
    (box,) = sidecar["label"]["boxes"]
    assert box["category"] == "FURN_SOFA"
    assert box["xywh_px"] == pytest.approx([8, 6, 40, 30], abs=0.01)
    assert sidecar["label"]["reviewed"]


def test_json_is_one_object_and_nothing_else(repository: Repository, source: Path) -> None:
    """Standard output parses as it is; the bar goes to standard error."""
    result = run(repository, *commands(source)["coco"], *AT, "--add-categories", "--under", "FURN", "--json")
    answer = json.loads(result.stdout)
    assert (answer["captures"], answer["boxes"], answer["new"]) == (1, 1, True)
    assert answer["categories_added"] == ["FURN_COUCH"]
    assert answer["next"] == "captureset commit"


def test_a_second_import_says_it_waits_already(repository: Repository, source: Path) -> None:
    """Importing twice is a no-op that says so and succeeds."""
    arguments = (*commands(source)["voc"], *AT, "--map", str(source / "map.yaml"))
    run(repository, *arguments)
    result = run(repository, *arguments)
    assert result.exit_code == 0
    assert "In the inbox already, nothing was written: 1 capture" in result.stdout


def test_a_dry_run_says_what_would_be(repository: Repository, source: Path) -> None:
    """Nothing is in the inbox and the taxonomy stands, though both are announced."""
    before = repository.categories.read_bytes()
    result = run(repository, *commands(source)["csv"], *AT, "--add-categories", "--dry-run")
    assert "Would be imported, nothing was written: 1 capture" in result.stdout
    assert "Categories would be appended to data/categories.yaml: MISC_COUCH." in result.stdout
    assert not repository.inbox.exists()
    assert repository.categories.read_bytes() == before


def test_options_reach_the_sidecar(repository: Repository, source: Path) -> None:
    """--unreviewed, --source-name and --captured-at stand in it as given."""
    more = ("--unreviewed", "--source-name", "furniture 2023", "--map", str(source / "map.yaml"))
    run(repository, *commands(source)["yolo"], *AT, *more)
    (path,) = inbox.waiting(repository).captures
    sidecar = unpack(path.read_bytes(), path.name).sidecar
    assert (sidecar["source"]["name"], sidecar["captured_at"]) == ("furniture 2023", AT[1])
    assert not sidecar["label"]["reviewed"]


def test_the_repository_around_the_folder_is_found(
    repository: Repository, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --repo the current folder decides; outside any repository the remedy is named."""
    arguments = [*commands(source)["voc"], *AT, "--map", str(source / "map.yaml")]
    monkeypatch.chdir(repository.root / "data")
    assert CliRunner().invoke(app, arguments).exit_code == 0
    monkeypatch.chdir(source)
    assert "is in no captureset repository" in refusal(CliRunner().invoke(app, arguments))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (AT, "the category 'couch' is unknown"),
        ((*AT, "--map", "no.yaml"), "no.yaml is no file of lines"),
        (("--captured-at", "today"), "--captured-at 'today' is no RFC 3339 time"),
        (("--add-categories",), "does not say when it was taken; give --captured-at"),
        ((*AT, "--add-categories", "--under", "NO"), "no main category 'NO'"),
    ],
)
def test_refusals_name_the_remedy_and_write_nothing(
    repository: Repository, source: Path, more: tuple[str, ...], said: str
) -> None:
    """Each wrong option ends in its sentence, with nothing in the inbox."""
    assert said in refusal(run(repository, *commands(source)["voc"], *more))
    assert not inbox.waiting(repository)


def test_the_report_says_what_became_of_each_row(repository: Repository, source: Path, tmp_path: Path) -> None:
    """A box cut at the edge comes in, is told in the summary, and stands in the file with its code and its row."""
    (source / "boxes.csv").write_text("file,l,t,r,b,what\nmy.sofa 소파.JPG,8,6,80.5,36,couch\n", encoding="utf-8")
    report = tmp_path / "report.json"
    more = ("--map", str(source / "map.yaml"), "--report", str(report))
    result = run(repository, *commands(source)["csv"], *AT, *more)
    assert "Repaired: 1 clipped (reaches out of its picture by at most 1 % of the side" in result.stdout
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (told["outcome"], told["on_dirt"], told["boxes"]) == ("imported", "repair", {"read": 1, "in": 1})
    (row,) = told["rows"]
    assert (row["row"], row["code"], row["action"]) == ("line 2", "clipped", "repaired")
    assert row["photo"] == "my.sofa 소파.JPG"


@pytest.mark.parametrize(("on_dirt", "outcome"), [("repair", "refused"), ("leave-out", "imported")])
def test_the_report_is_written_of_a_refused_dataset_too(
    repository: Repository, source: Path, tmp_path: Path, on_dirt: str, outcome: str
) -> None:
    """By default one lost row refuses all; left out, it takes its photo with it and the other photo comes in."""
    (source / "images" / "b.jpg").write_bytes(photos.jpeg(80, 60, 7))
    rows = "my.sofa 소파.JPG,8,6,48,36,couch\nb.jpg,8,6,48,36,couch\nb.jpg,8,6,nan,36,couch\n"
    (source / "boxes.csv").write_text("file,l,t,r,b,what\n" + rows, encoding="utf-8")
    report = tmp_path / "report.json"
    more = ("--map", str(source / "map.yaml"), "--report", str(report), "--on-dirt", on_dirt)
    result = run(repository, *commands(source)["csv"], *AT, *more)
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["outcome"] == outcome
    assert told["counts"] == {"left_out_with_photo": 1, "not_a_number": 1, "box_refused": 1}
    if outcome == "refused":
        assert "line 4 has 'nan' under 'r', which is no number" in refusal(result)
        assert not inbox.waiting(repository)
        return
    assert result.stdout.startswith("Now in the inbox: 1 capture with 1 box.\n")
    assert "Refused: 1 not_a_number" in result.stdout
    assert told["photos"] == {"read": 2, "in": 1}


def test_a_report_that_cannot_be_written_is_one_sentence(repository: Repository, source: Path) -> None:
    """The folder of --report must be there."""
    more = ("--map", str(source / "map.yaml"), "--dry-run", "--report", str(source / "no" / "r.json"))
    assert "r.json cannot be written" in refusal(run(repository, *commands(source)["csv"], *AT, *more))


def test_all_formats_have_the_same_options() -> None:
    """What holds for a dataset holds for one of every format; there is one list of it."""
    group = typer.main.get_command(app)
    options = {
        name: {parameter.name for parameter in group.commands[name].params}  # type: ignore[attr-defined]
        for name in ("coco", "yolo", "voc", "csv")
    }
    shared = {field.name for field in dataclasses.fields(Choices)}
    assert all(shared <= names for names in options.values())


@pytest.mark.parametrize("line", ["yes: 소파", "couch: 3", "couch:", "- couch"])
def test_a_map_of_something_else_is_refused(repository: Repository, source: Path, line: str) -> None:
    """A map leads from text to text; YAML's booleans, numbers and nothing are named."""
    (source / "map.yaml").write_text(line + "\n", encoding="utf-8")
    said = refusal(run(repository, *commands(source)["voc"], *AT, "--map", str(source / "map.yaml")))
    assert str(source / "map.yaml") in said


@pytest.mark.parametrize("arguments", [("coco", "a.json"), ("csv",), ("yolo",), ("tiff", "x")])
def test_wrong_usage_is_two(repository: Repository, arguments: tuple[str, ...]) -> None:
    """A missing argument or an unknown format is wrong usage."""
    assert run(repository, *arguments).exit_code == 2
