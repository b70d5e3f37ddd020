"""`captureset quality-report`: the files it writes, what is in the page, and that nothing else changes them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import rows
from captureset.cli.main import app
from captureset.errors import CapturesetError, MissingObjectError
from captureset.inspection import quality_reports
from captureset.reporting.collection import Collection, load
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from collection_world import collection, said, write
from photos import jpeg


def world(store: ObjectStore | None = None) -> Collection:
    """A sofa of January that a person calls a bed, a right one, and one of March that nobody has looked at."""
    captures = [
        rows.confirmed("a", review_state="corrected", category="FURN_BED", feedback_count=1),
        rows.confirmed("b", feedback_count=1),
        rows.capture("c", captured_at="2024-03-05T12:00:00.000000Z"),
    ]
    if store is not None:
        captures = [replace(row, image_md5=store.add(jpeg(80, 60, n))) for n, row in enumerate(captures)]
    boxes = [rows.annotation("a", "FURN_BED", origin="person")]
    return collection(captures, [said("a", verdict="correct"), said("b")], annotations=boxes, released="a")


@pytest.fixture
def built(git_repository: Repository) -> Repository:
    """A repository in which catalog, measure and quality have run, photos in the cache only."""
    write(git_repository.root, world(ObjectStore(git_repository.root)))
    return git_repository


def run(repository: Repository, *arguments: str) -> Result:
    """Run the command in a repository."""
    return CliRunner().invoke(app, ["quality-report", *arguments, "--repo", str(repository.root)])


def written(repository: Repository) -> dict[str, bytes]:
    """Return every report by its name."""
    return {path.name: path.read_bytes() for path in repository.quality_reports.glob("*")}


def parsed(page: str) -> ET.Element:
    """Return the page as a tree: but for the doctype and the void metas it is well-formed XML."""
    return ET.fromstring(re.sub(r"<(meta [^>]*)>", r"<\1/>", page.removeprefix("<!DOCTYPE html>\n")))  # noqa: S314


def test_tables_written_are_read_as_they_were(repository: Repository) -> None:
    """What the stages wrote is what a report is about."""
    whole = world()
    write(repository.root, whole)
    assert load(repository.root / "data") == replace(whole, captures=list(whole.captures))


def test_the_month_of_the_latest_capture_is_the_default(built: Repository) -> None:
    """No clock is asked; JSON and HTML stand beside each other."""
    done = run(built, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["period"] == "2024-03"
    assert set(written(built)) == {"2024_03_quality.json", "2024_03_quality.html"}


def test_a_month_a_week_and_every_month(built: Repository) -> None:
    """Every month is every one that brought a capture or feedback."""
    assert run(built, "--week", "2024-W03").exit_code == 0
    assert set(written(built)) == {"2024_w03_quality.json", "2024_w03_quality.html"}
    assert run(built, "--all").exit_code == 0
    assert {name for name in written(built) if name.endswith("json")} == {
        "2024_w03_quality.json",
        "2024_01_quality.json",
        "2024_03_quality.json",
    }


def test_the_same_tables_give_the_same_bytes_and_git_may_have_them(built: Repository) -> None:
    """Written twice, the second time nothing changes; Git does not ignore the files."""
    assert "(as it was)" not in run(built, "--all").stdout
    first = written(built)
    assert run(built, "--all").stdout.count("(as it was)") == 2
    assert written(built) == first
    assert len(git.changed_paths(built.root, "data/metadata")) == 4


def test_the_page_shows_the_mistake_with_its_crop_and_needs_no_network(built: Repository) -> None:
    """Names of categories, the object cut out of the photo by hash, no script, no address outside."""
    run(built, "--month", "2024-01")
    page = written(built)["2024_01_quality.html"].decode()
    tree = parsed(page)
    text = " ".join(" ".join(tree[1].itertext()).split())
    assert "Quality report 2024-01" in text
    assert "소파 FURN_SOFA" in text
    assert "침대/매트리스 FURN_BED" in text
    pictures = [node.attrib["href"] for node in tree.iter("image")]
    assert len(pictures) == 1
    assert pictures[0].startswith("data:image/jpeg;base64,")
    links = [node.attrib["href"] for node in tree.iter("a")]
    assert {link[1:] for link in links} == {node.attrib["id"] for node in tree.iter("section")}
    assert not re.search(r"<script|url\(|@import|https?:", page.replace("http-equiv", ""))


def test_a_photo_that_is_nowhere_is_named_and_nothing_is_written(built: Repository) -> None:
    """Its crop is part of the report."""
    md5 = next(row.image_md5 for row in quality_reports.known(built).captures if row.capture_id == "a")
    ObjectStore(built.root).cache_path(md5).unlink()
    done = run(built, "--month", "2024-01")
    assert isinstance(done.exception, MissingObjectError)
    assert md5 in str(done.exception)
    assert written(built) == {}


@pytest.mark.parametrize("month", ["2024-13", "../../evil", "2024-W03-1"])
def test_what_is_no_period_is_refused(built: Repository, month: str) -> None:
    """One sentence; no file of that name."""
    done = run(built, "--month", month)
    assert isinstance(done.exception, CapturesetError)
    assert f"{month!r} is no month" in str(done.exception)
    assert not built.quality_reports.exists()


def test_a_repository_without_tables_says_what_to_run(git_repository: Repository) -> None:
    """`dvc repro` or `dvc pull`."""
    done = run(git_repository)
    assert isinstance(done.exception, CapturesetError)
    assert "dvc repro" in str(done.exception)


def test_a_catalog_without_a_capture_has_no_latest_month(git_repository: Repository) -> None:
    """Refused by that reason, not with an empty report."""
    write(git_repository.root, collection([]))
    assert "has no capture" in str(run(git_repository).exception)
    assert run(git_repository, "--month", "2024-01").exit_code == 0


def test_two_periods_at_once_are_wrong_usage(built: Repository) -> None:
    """Exit 2."""
    assert run(built, "--month", "2024-01", "--week", "2024-W03").exit_code == 2


def test_every_key_of_a_report_is_explained(built: Repository) -> None:
    """docs/quality-reports.md names each one."""
    run(built, "--month", "2024-01")
    text = (Path(__file__).resolve().parents[2] / "docs/quality-reports.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([\w]+)`", text))

    def keys(node: object, by_data: bool) -> set[str]:  # noqa: FBT001
        if isinstance(node, list):
            return {key for part in node for key in keys(part, False)}  # noqa: FBT003
        if not isinstance(node, dict):
            return set()
        own = set() if by_data else set(node)
        return own | {key for name, part in node.items() for key in keys(part, name in {"daily", "monthly", "flags"})}

    assert keys(json.loads(written(built)["2024_01_quality.json"]), by_data=False) <= explained
