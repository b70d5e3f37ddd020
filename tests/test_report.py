"""The stage `report`: self-contained, deterministic, honest about nothing at all."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

import photos
import report_world
import rows
from captureset import report
from captureset.errors import CapturesetError, InvalidDocumentError, MissingObjectError
from captureset.formats import schema
from captureset.report import ReportParams, files
from captureset.reporting.dataset import MANIFESTS, Dataset
from captureset.reporting.kpis import Targets
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository

SMALL = rows.settings(ReportParams, "report", contact_sheet=6, thumbnail_px=64)
TARGETS = rows.settings(Targets, "report")
EVIL = "<script>alert(1)</script>\"'&\x00\u202e"


def parsed(page: str) -> ET.Element:
    """The page as a tree: but for the doctype and the void metas it is well-formed XML."""
    body = page.removeprefix("<!DOCTYPE html>\n")
    return ET.fromstring(re.sub(r"<(meta [^>]*)>", r"<\1/>", body))  # noqa: S314 - made here


def text_of(page: str) -> str:
    """Everything a reader can read, without the style sheet."""
    tree = parsed(page)
    return " ".join(" ".join(part.split()) for part in tree[1].itertext())


def page_of(dataset: Dataset, settings: ReportParams = SMALL) -> str:
    """The page of a dataset whose photos are all the same."""
    return files(dataset, settings, TARGETS, lambda _: photos.jpeg(80, 60))["report.html"]


def mixed() -> Dataset:
    """Four captures: two kept and boxed, one kept without a box, one dropped."""
    captures = [
        rows.confirmed("a"),
        rows.capture("b", category="APPL_TV"),
        rows.confirmed("c", label_kind="category", category="FURN_BED"),
        rows.capture("d", review_state="rejected"),
    ]
    boxes = [rows.annotation("a"), rows.annotation("a", position=1), rows.annotation("b", "APPL_TV")]
    splits = {"b": rows.placed("b", "val")}
    return report_world.dataset(captures, boxes, splits=splits, dropped={"d": [("rejected", "a person rejected it")]})


@pytest.fixture
def built(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository in which every stage before the report has run, photos in the cache only."""
    store = ObjectStore(git_repository.root)
    dataset = mixed()
    shown = [
        replace(capture, image_md5=store.add(photos.jpeg(80, 60, seed=place)))
        for place, capture in enumerate(dataset.captures)
    ]
    report_world.write(git_repository.root, replace(dataset, captures=shown))
    monkeypatch.chdir(git_repository.root)
    return git_repository


def outputs(root: Path) -> dict[str, bytes]:
    """Every file of data/report by its path."""
    folder = root / "data/report"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_stage_writes_the_page_the_metrics_and_the_plots_twice_the_same(built: Repository) -> None:
    """A second run on the same input gives the same bytes, and nothing else is left behind."""
    report.main()
    first = outputs(built.root)
    report.main()
    plots = {f"plots/{name}.csv" for name in ("categories", "dropped", "growth", "quality")}
    assert set(first) == {"report.html", "metrics.json", *plots}
    assert outputs(built.root) == first
    assert not list((built.root / "data").glob(".*partial"))


def test_photos_come_from_the_cache_by_hash_and_a_lost_one_is_named(built: Repository) -> None:
    """No photo stands in the workspace; when the cache loses one, the stage refuses and writes nothing."""
    assert not (built.root / "data/images").exists()
    lost = md5_of(photos.jpeg(80, 60, seed=1))
    ObjectStore(built.root).cache_path(lost).unlink()
    with pytest.raises(MissingObjectError, match=lost):
        report.main()
    assert not (built.root / "data/report").exists()


def test_an_unknown_section_of_params_is_refused(built: Repository) -> None:
    """The report reads params.yaml as a whole, so what no other stage looks at is found here."""
    with Path("params.yaml").open("a", encoding="utf-8") as handle:
        handle.write("\naugment:\n  flips: 2\n")
    with pytest.raises(InvalidDocumentError, match="augment"):
        report.main()
    assert not (built.root / "data/report").exists()


@pytest.mark.parametrize(
    "lost",
    [
        "verify/verify.json",
        "smoke_train/verdict.json",
        "exports/yolo_format/manifest.json",
        "split/summary.json",
        "quality/quality.parquet",
    ],
)
def test_a_missing_input_is_refused_by_name(built: Repository, lost: str) -> None:
    """Nothing is optional: the stage runs after all others."""
    (built.root / "data" / lost).unlink()
    with pytest.raises(CapturesetError, match=lost):
        report.main()


def test_only_the_photos_of_the_contact_sheet_are_read() -> None:
    """A sheet of two reads two photos of four, whatever else there is."""
    asked: list[str] = []

    def read(md5: str) -> bytes:
        asked.append(md5)
        return photos.jpeg(80, 60)

    files(mixed(), replace(SMALL, contact_sheet=2), TARGETS, read)
    assert len(asked) == 2


def test_the_page_needs_no_network_and_no_script() -> None:
    """Every link is an anchor of the page, every picture is data, and the page itself forbids the rest."""
    page = page_of(mixed())
    tree = parsed(page)
    links = [value for node in tree.iter() for key, value in node.attrib.items() if key in {"href", "src"}]
    assert links
    assert all(link.startswith(("#", "data:image/jpeg;base64,")) for link in links)
    assert {node.tag for node in tree.iter()}.isdisjoint({"script", "link", "iframe", "object", "img"})
    policy = next(node.attrib["content"] for node in tree.iter("meta") if "http-equiv" in node.attrib)
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"url\(|@import|https?:", page.replace("http-equiv", ""))


def test_every_anchor_of_the_navigation_exists() -> None:
    """The links at the top lead to a section each."""
    tree = parsed(page_of(mixed()))
    anchors = {node.attrib["href"][1:] for node in tree.iter("a")}
    assert anchors == {node.attrib["id"] for node in tree.iter() if "id" in node.attrib}


def test_untrusted_text_is_shown_not_obeyed() -> None:
    """A reason, a check and a fault that are HTML come out as the text they are, without control characters."""
    dataset = report_world.dataset(
        [rows.capture("a"), rows.capture("b", review_state=EVIL)],
        dropped={"a": [(EVIL, EVIL)]},
        gates=report_world.gates(faults=[EVIL]),
        parameters_text=EVIL,
    )
    page = page_of(dataset)
    assert "<script" not in page
    assert not {"\x00", "\u202e"} & set(page)
    assert "<script>alert(1)</script>\"'&\ufffd\ufffd" in text_of(page)


def test_the_page_says_what_the_manager_asks() -> None:
    """How much, how good, where, why not, how fast and by which parameters: each in its place, with units."""
    said = text_of(page_of(mixed()))
    for sentence in (
        "4 captures taken on 2024-01-15 (UTC)",
        "verify passed",
        "smoke-train passed",
        "100 % of 3 kept captures",
        "3 boxes in their labels",
        "소파 FURN_SOFA",
        "TV/모니터 APPL_TV",
        "1 capture dropped, 25.0 % of 4 captures",
        "The latest feedback of a person rejects it.",
        "Its label names a category but no box; this format needs boxes.",
        "3 of 3 images and 4 of 4 boxes given came through training; given were 3 of the 5 images in train",
        "The loss stayed finite and fell.",
        "date_range null",
    ):
        assert sentence in said


def test_the_whole_params_file_is_shown() -> None:
    """Its comments too, word for word."""
    tree = parsed(page_of(mixed()))
    assert [node.text for node in tree.iter("pre")] == [Path(rows.PARAMS).read_text(encoding="utf-8")]


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_capture_is_a_whole_page(count: int) -> None:
    """With none or one there is no broken chart, no division by zero, and grammar holds."""
    dataset = report_world.dataset([rows.capture("a")][:count])
    made = files(dataset, SMALL, TARGETS, lambda _: photos.jpeg(80, 60))
    said = text_of(made["report.html"])
    assert json.loads(made["metrics.json"])["captures"] == count
    assert ("No capture yet." in said) == (count == 0)
    wrong = re.compile(r"\b1 (captures|boxes|images|groups|days)\b|\bnan\b|None")
    assert not [part for part in parsed(made["report.html"])[1].itertext() if wrong.search(part)]
    assert "NaN" not in made["report.html"]


def test_a_dataset_of_which_nothing_is_kept_says_so() -> None:
    """All dropped: empty splits, no share of nothing, and a warning at the top."""
    captures = [rows.capture(name) for name in "abc"]
    dropped = {name: [("not_usable", "overall score 0.10 is too low for training")] for name in "abc"}
    said = text_of(page_of(report_world.dataset(captures, dropped=dropped)))
    assert "No capture is kept, so every split and every export is empty." in said
    assert "3 captures dropped, 100 % of 3 captures" in said
    assert "No capture is kept, so there is nothing to split." in said


def test_a_failed_gate_is_the_first_thing_to_see() -> None:
    """The header names it, the warnings repeat it, the faults are listed."""
    page = page_of(replace(mixed(), gates=report_world.gates(faults=["category 3 scores 0.5"])))
    said = text_of(page)
    assert "verdict bad" in page
    assert "The gate verify has not passed: failed." in said
    assert "coco_format, 08 oracle: train.json: category 3 scores 0.5; mend the ids and boxes of the category" in said


def test_an_export_switched_off_is_a_line_that_says_so(built: Repository) -> None:
    """A switched-off export is a folder with a manifest that says so."""
    off = built.root / "data/exports/custom/ecoguide_v1"
    shutil.rmtree(off)
    report_world.write_json(off / "manifest.json", {"format": "custom", "enabled": False})
    report.main()
    said = text_of(outputs(built.root)["report.html"].decode())
    assert "custom (ecoguide_v1) switched off in params.yaml" in said
    assert "Switched off in params.yaml: the export custom (ecoguide_v1)." in said


def test_the_page_does_not_grow_with_the_dataset() -> None:
    """Twenty times as many captures of the same days and categories make a page of nearly the same size."""
    sizes = [
        len(page_of(report_world.dataset([rows.capture(f"{n:05d}") for n in range(count)]))) for count in (100, 2000)
    ]
    assert sizes[1] < 1.05 * sizes[0]


def test_the_stage_depends_on_every_manifest_it_reads() -> None:
    """dvc.yaml names each, so no export changes behind the page's back or runs after it."""
    pipeline = schema.read_yaml(report_world.ROOT / "dvc.yaml")["stages"]
    assert {f"data/{place}" for place in MANIFESTS.values()} <= set(pipeline["report"]["deps"])
