"""`fsck --at NAME`: another remote than the default one is looked at, and mended, by its name."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner, Result

from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.integrity import repair as repairing
from captureset.integrity.fsck import fsck
from captureset.store import git
from captureset.store.repository import Repository
from released import FIRST, SECOND, remote_folder


@pytest.fixture
def backed(versions: Repository) -> Repository:
    """Two versions whose embedded remote has a twin, a folder called backup."""
    root = versions.root
    git.dvc(root, "remote", "add", "--quiet", "backup", str(root.parent / "backup"))
    shutil.copytree(root / ".dvcstore", root.parent / "backup")
    return versions


def run(repository: Repository, *arguments: str) -> Result:
    """Run `captureset fsck`."""
    return CliRunner().invoke(app, ["fsck", *arguments, "--json", "--repo", str(repository.root)])


def test_a_hole_in_the_backup_is_seen_there_and_nowhere_else(backed: Repository) -> None:
    """One object is gone there: --remote is content, --at backup names captures and releases, its repair brings it."""
    folder = backed.root.parent / "backup/files/md5"
    gone = next(path for path in sorted(folder.glob("*/*")) if path.suffix != ".dir")
    oid = gone.parent.name + gone.name
    data = gone.read_bytes()
    gone.unlink()
    assert run(backed, "--remote").exit_code == 0
    done = run(backed, "--at", "backup")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["oid"], finding["place"], finding["fault"]) == (oid, "remote", "not_on_remote")
    assert set(finding["releases"]) <= {FIRST, SECOND}
    assert finding["captures"]
    assert run(backed, "--at", "backup", "--repair", "--apply").exit_code == 0
    assert gone.read_bytes() == data
    assert run(backed, "--at", "backup").exit_code == 0


def test_a_lost_remote_and_cache_are_absent_not_lost_while_the_backup_stands(backed: Repository) -> None:
    """A new machine: what Git names is read from the backup; then the backup brings the cache back."""
    shutil.rmtree(remote_folder(backed))
    shutil.rmtree(backed.root / ".dvc/cache")
    checked = fsck(backed, at="backup")
    assert checked.sound
    assert {finding.fault for finding in checked.findings} == {"absent"}
    assert not fsck(backed, remote=True).sound
    steps = repairing.plan(backed, checked.findings, absent=True, at="backup")
    assert repairing.carry_out(backed, steps, at="backup") == len(checked.findings)
    assert fsck(backed).findings == ()


def test_each_remote_has_a_round_of_its_own(backed: Repository) -> None:
    """A sample of the one does not shorten the reading of the other."""
    fsck(backed, at="backup", share=0.5)
    noted = {path.name for path in backed.scratch.glob("fsck-*.json")}
    assert noted == {"fsck-cache.json", "fsck-remote-backup.json"}


def test_a_remote_nobody_added_is_refused(versions: Repository) -> None:
    """By name, with the command that adds it."""
    with pytest.raises(CapturesetError, match=r"no remote 'nowhere'; .*`dvc remote add nowhere s3://"):
        fsck(versions, at="nowhere")
