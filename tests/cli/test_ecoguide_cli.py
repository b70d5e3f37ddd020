"""`captureset import ecoguide` from the outside: table, JSON, dry run, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import ecoguide_world
from captureset.capture import inbox
from captureset.cli.importing import app
from captureset.errors import CapturesetError
from captureset.store.repository import Repository
from ecoguide_world import World, file_id


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The whole folder, its name a hard one."""
    return ecoguide_world.build(tmp_path / "uploads of 10.21 백업")


def run(repository: Repository, world: World, *options: str) -> Result:
    """Import the folder."""
    return CliRunner().invoke(app, ["ecoguide", str(world.uploads), "--repo", str(repository.root), *options])


def test_the_table_names_every_label_with_its_fate(repository: Repository, world: World) -> None:
    """One line a label, then the counts, the notes and the next command."""
    done = run(repository, world)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert all(any(line.startswith(Path(name).stem) for line in lines) for name in world.expected)
    (no_image,) = (line for line in lines if line.startswith(file_id("no image")))
    assert "no image" in no_image
    assert "not exportable: no image" in no_image
    (note,) = (line for line in lines if line.startswith(file_id("contradicting note")))
    assert note.endswith("imported     review: note")
    assert "50 labels: 36 imported, 13 quarantined, 1 no image." in lines
    assert "13 of them marked for review." in lines
    assert "Note: _index.json is corrupt; it is only a hint, the labels themselves were read." in lines
    assert lines[-1] == "Next: captureset commit"
    assert len(inbox.waiting(repository).captures) == 36
    again = run(repository, world).stdout
    assert "50 labels: 36 already in, 13 quarantined, 1 no image." in again


def test_a_dry_run_as_json(repository: Repository, world: World) -> None:
    """A script reads every record's fate, and nothing was written."""
    document = json.loads(run(repository, world, "--dry-run", "--json").stdout)
    assert {row["file"]: row["fate"] for row in document["records"]} == {
        name: expected.fate for name, expected in world.expected.items()
    }
    counts = document["counts"]
    assert (counts["imported"], counts["quarantined"], counts["no_image"]) == (36, 13, 1)
    assert (document["dry_run"], document["next"]) == (True, None)
    assert not repository.inbox.exists()


def test_the_time_zone_can_be_named(repository: Repository, world: World) -> None:
    """The app's naive time is read in it."""
    assert run(repository, world, "--timezone", "America/New_York").exit_code == 0
    waiting = {path.stem: path for path in inbox.waiting(repository).captures}
    assert b'"captured_at":"2025-10-21T14:03:11.482913-04:00"' in waiting[file_id("alias")].read_bytes()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "Asia"])
def test_an_unknown_time_zone_is_refused_in_one_sentence(repository: Repository, world: World, zone: str) -> None:
    """Nothing is guessed and nothing written."""
    done = run(repository, world, "--timezone", zone)
    assert isinstance(done.exception, CapturesetError)
    assert "is no time zone here" in str(done.exception)
    assert not repository.inbox.exists()


def test_a_folder_without_labels_is_refused(repository: Repository, tmp_path: Path) -> None:
    """The sentence says what folder is wanted."""
    done = CliRunner().invoke(app, ["ecoguide", str(tmp_path), "--repo", str(repository.root)])
    assert isinstance(done.exception, CapturesetError)
    assert "give the app's uploads folder" in str(done.exception)
