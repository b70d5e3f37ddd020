"""A version that should not be used: it says so everywhere, and is still there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from gto.tag import find
from scmrepo.git import Git
from typer.testing import CliRunner

from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema
from captureset.inspection.status import status
from captureset.release import journal
from captureset.release.journal import Journal
from captureset.release.listing import releases
from captureset.release.withdrawing import withdraw
from captureset.store import git, hooks
from captureset.store.repository import Repository
from releasing import NAME, NUMBER, TAG

pytestmark = pytest.mark.usefixtures("as_tester")
REASON = "beds were labelled\nas sofas"


@pytest.fixture
def repository(released: Repository, tmp_path: Path) -> Repository:
    """A copy of a repository with one release."""
    return Repository(Path(shutil.copytree(released.root, tmp_path / "copy", symlinks=True)))


def test_a_withdrawn_version_says_so_and_stays(repository: Repository) -> None:
    """Manifest, card, history and list say it; tag, exports and ledgers are untouched; the guard of commits agrees."""
    hooks.install(repository)
    before = git.git(repository.root, "rev-parse", f"{TAG}^{{commit}}", "HEAD:dvc.lock", "HEAD:data/splits.csv")
    done = withdraw(repository, NAME, NUMBER, REASON)
    assert git.git(repository.root, "rev-parse", f"{TAG}^{{commit}}", "HEAD:dvc.lock", "HEAD:data/splits.csv") == before
    assert git.changed_paths(repository.root) == []
    (path,) = repository.release_manifests
    manifest = jsontext.read(path)
    assert schema.problems("release", manifest) == ()
    assert (manifest["state"], manifest["withdrawn"]["reason"]) == ("archived", "beds were labelled as sofas")
    assert "> **Withdrawn** on 20" in path.with_suffix(".md").read_text(encoding="utf-8")
    history = (repository.manifests.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    assert history.index(f"## {TAG} withdrawn, 20") < history.index(f"## {TAG}, 20")
    assert [(one.tag, one.state, one.said) for one in releases(repository)] == [
        (TAG, "archived", "beds were labelled as sofas")
    ]
    assert done.mark == f"{TAG}!"


def test_gto_knows_that_it_is_withdrawn(repository: Repository) -> None:
    """The mark is GTO's own: its registry has the version no more."""
    withdraw(repository, NAME, NUMBER, REASON)
    with Git(str(repository.root)) as scm:
        said = {tag.name: tag.message.strip() for tag in find(name=NAME, scm=scm)}
    assert said[f"{TAG}!"] == "Withdrawn: beds were labelled as sofas"
    assert git.git(repository.root, "rev-parse", f"{TAG}!^{{commit}}") == git.git(
        repository.root, "rev-parse", f"{TAG}^{{commit}}"
    )


def test_twice_is_once_and_a_lost_mark_is_made(repository: Repository) -> None:
    """Killed between commit and mark, the same command makes the mark and no second commit."""
    first = withdraw(repository, NAME, NUMBER, REASON)
    git.git(repository.root, "tag", "--delete", first.mark)
    again = withdraw(repository, NAME, NUMBER, "")
    assert again == first
    assert git.git(repository.root, "tag", "--list", first.mark).strip() == first.mark


def test_a_withdrawal_git_refuses_leaves_no_trace(repository: Repository) -> None:
    """A hook that says no: everything is as before."""
    head = git.git(repository.root, "rev-parse", "HEAD")
    hook = repository.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    with pytest.raises(CapturesetError):
        withdraw(repository, NAME, NUMBER, REASON)
    assert git.git(repository.root, "rev-parse", "HEAD") == head
    assert git.changed_paths(repository.root) == []
    assert [one.state for one in releases(repository)] == ["ready"]


def test_what_cannot_be_withdrawn(repository: Repository) -> None:
    """No such version, no reason, changed files, a release under way: one sentence each, nothing changed."""
    with pytest.raises(CapturesetError, match=r"v9\.0\.0 is no release of this branch"):
        withdraw(repository, NAME, "v9.0.0", REASON)
    with pytest.raises(CapturesetError, match="say --reason TEXT"):
        withdraw(repository, NAME, NUMBER, " ")
    (path,) = repository.release_manifests
    path.write_text(path.read_text(encoding="utf-8").replace('"ready"', '"archived"'), encoding="utf-8")
    with pytest.raises(CapturesetError, match=r"has uncommitted changes, .*`git checkout HEAD -- data/metadata"):
        withdraw(repository, NAME, NUMBER, REASON)
    git.git(repository.root, "checkout", "HEAD", "--", "data")
    git.git(repository.root, "tag", "--delete", TAG)
    with pytest.raises(CapturesetError, match="this clone lacks the tag .*git fetch --tags"):
        withdraw(repository, NAME, NUMBER, REASON)
    git.git(repository.root, "tag", "--annotate", TAG, "--message", "again")
    with pytest.raises(CapturesetError, match="is no UTF-8 text"):
        withdraw(repository, NAME, NUMBER, "\udcff")
    journal.begin(repository, Journal("a@v1.0.0", "x", "0" * 40))
    with pytest.raises(CapturesetError, match=r"a release of a@v1\.0\.0 was interrupted"):
        withdraw(repository, NAME, NUMBER, REASON)
    assert [(one.tag, one.state) for one in releases(repository)] == [(TAG, "ready"), ("a@v1.0.0", "created")]
    assert status(repository).next_command == "captureset release a v1.0.0"
    assert git.git(repository.root, "tag").split() == [TAG]


def test_the_commands(repository: Repository) -> None:
    """`--withdraw` and `releases`, for people and scripts; a reason without it is wrong usage."""
    run, at = CliRunner().invoke, ["--repo", str(repository.root)]
    assert run(app, ["release", NAME, NUMBER, "--reason", "x", *at]).exit_code == 2
    assert f"{TAG}  ready" in run(app, ["releases", *at]).stdout
    done = run(app, ["release", NAME, NUMBER, "--withdraw", "--reason", REASON, *at])
    assert (done.exit_code, f"{TAG} is withdrawn" in done.stdout) == (0, True)
    (listed,) = json.loads(run(app, ["releases", "--json", *at]).stdout)
    assert (listed["state"], listed["captures"] > 0) == ("archived", True)


def test_a_file_that_is_no_manifest_is_named(repository: Repository) -> None:
    """Somebody's notes among the manifests: one sentence with the file, not a missing key."""
    for text in (
        "{}",
        "[1]",
        '{"tag": "x", "state": "", "released_at": "", "description": "", "counts": {"splits": {}}}',
    ):
        (repository.manifests / "notes.json").write_text(text, encoding="utf-8")
        with pytest.raises(
            CapturesetError, match=r"notes\.json is no manifest of a release; keep other files elsewhere"
        ):
            releases(repository)
