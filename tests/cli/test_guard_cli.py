"""install, erase, quarantine and commit --push from the outside: output, refusals, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from captureset.capture.submit import submit
from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.store import git
from captureset.store.repository import Repository
from deliveries import sidecar
from photos import jpeg


def run(repository: Repository, *arguments: str) -> Result:
    """Run one command in a repository."""
    return CliRunner().invoke(app, [*arguments, "--repo", str(repository.root)])


def refusal(result: Result) -> str:
    """Return the one sentence a command refused with; `captureset` prints it and exits 1."""
    assert isinstance(result.exception, CapturesetError)
    assert "\n" not in str(result.exception)
    return str(result.exception)


def put(repository: Repository, name: str, seed: int) -> None:
    """Submit a capture."""
    submit(repository, jpeg(64, 48, seed), sidecar(name))


def far(repository: Repository) -> int:
    """Return how many objects the embedded remote holds."""
    return sum(1 for path in (repository.root / ".dvcstore").rglob("*") if path.is_file())


def test_commit_push_sends_to_the_embedded_remote(git_repository: Repository) -> None:
    """Photo, sidecar and manifest are in the remote afterwards; once more has nothing to do and succeeds."""
    put(git_repository, "a", 1)
    done = run(git_repository, "commit", "--push", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["pushed"] is True
    assert far(git_repository) == 3
    assert run(git_repository, "commit", "--push").exit_code == 0


def test_a_push_that_fails_leaves_the_commit_and_the_next_one_pushes(git_repository: Repository) -> None:
    """One sentence and exit 1; the capture is in Git; a rerun with an empty inbox sends it."""
    store = git_repository.root / ".dvcstore"
    store.write_text("no folder", encoding="utf-8")
    put(git_repository, "a", 1)
    done = run(git_repository, "commit", "--push", "--json")
    assert done.exit_code == 1
    assert "the commit stands, but the DVC remote took not all bytes" in refusal(done)
    assert "run `captureset commit --push` again" in refusal(done)
    answer = json.loads(done.stdout)
    assert (answer["captures"], answer["pushed"]) == (1, False)
    assert answer["commit"] == git.git(git_repository.root, "rev-parse", "HEAD").strip()
    assert [*git_repository.inbox.iterdir()] == []
    store.unlink()
    again = run(git_repository, "commit", "--push", "--json")
    assert (again.exit_code, json.loads(again.stdout)["captures"]) == (0, 0)
    assert far(git_repository) == 3
    shutil.rmtree(git_repository.root / ".dvc" / "cache")
    git.dvc(git_repository.root, "fetch", "--quiet")


def test_erase_says_what_it_did_and_what_remains(git_repository: Repository) -> None:
    """Counts first, then each place with its command; --json has the same."""
    put(git_repository, "a", 1)
    put(git_repository, "b", 2)
    run(git_repository, "commit", "--push")
    done = run(git_repository, "erase", "a", "--reason", "asked")
    assert done.exit_code == 0, done.output
    assert "a is erased: 2 files out of the months, 2 objects out of the cache" in done.stdout
    assert done.stdout.count("still in the DVC remote: rm -f ") == 2
    answer = json.loads(run(git_repository, "erase", "a", "--json").stdout)
    assert (answer["commit"], answer["objects"]) == (None, [])
    assert {left["place"] for left in answer["remaining"]} == {"the DVC remote", "the cache of every other clone"}
    assert "needs a reason" in refusal(run(git_repository, "erase", "b"))
    assert "'c' is not here" in refusal(run(git_repository, "erase", "c", "--reason", "asked"))


@pytest.fixture
def refused(git_repository: Repository) -> Repository:
    """A repository with two deliveries in quarantine."""
    git_repository.inbox.mkdir()
    for name in ("a.capture", "b.feedback.f-1.json"):
        (git_repository.inbox / name).write_bytes(b"[]")
    assert run(git_repository, "commit").exit_code == 1
    return git_repository


def test_quarantine_lists_and_shows(refused: Repository) -> None:
    """Code and name a line; show has the sentence and where the bytes are; --json parses."""
    assert run(refused, "quarantine", "list").stdout.splitlines() == [
        "torn              a.capture",
        "invalid_document  b.feedback.f-1.json",
    ]
    document = json.loads(run(refused, "quarantine", "list", "--json").stdout)
    assert [(one["name"], one["reason"], one["bytes"]) for one in document] == [
        ("a.capture", "torn", 2),
        ("b.feedback.f-1.json", "invalid_document", 2),
    ]
    shown = run(refused, "quarantine", "show", "a.capture").stdout
    assert "a.capture is no whole envelope" in shown
    assert "2 bytes in data/quarantine/a.capture" in shown
    assert json.loads(run(refused, "quarantine", "show", "a.capture", "--json").stdout)["path"] == (
        "data/quarantine/a.capture"
    )
    assert "is not in data/quarantine" in refusal(run(refused, "quarantine", "show", "c"))


def test_quarantine_retries_and_drops(refused: Repository) -> None:
    """Retry leads back to commit; drop wants --yes; names or --all, not neither and not both."""
    assert (
        "1 delivery back in the inbox. Next: captureset commit"
        in run(refused, "quarantine", "retry", "a.capture").stdout
    )
    assert (refused.inbox / "a.capture").read_bytes() == b"[]"
    assert "repeat it with --yes" in refusal(run(refused, "quarantine", "drop", "--all"))
    assert json.loads(run(refused, "quarantine", "drop", "--all", "--yes", "--json").stdout) == {
        "dropped": ["b.feedback.f-1.json"],
        "bytes": 2,
    }
    assert run(refused, "quarantine", "list").stdout == "nothing is in quarantine\n"
    for wrong in (("retry",), ("drop", "x", "--all"), ("forget",)):
        assert run(refused, "quarantine", *wrong).exit_code == 2


def test_install_says_what_it_kept(git_repository: Repository) -> None:
    """The sentence of a refusal, then the name of what --force moved aside."""
    own = git_repository.root / ".git" / "hooks" / "pre-commit"
    own.parent.mkdir(exist_ok=True)
    own.write_text("#!/bin/sh\n", encoding="utf-8")
    assert "is a hook of somebody else" in refusal(run(git_repository, "install"))
    done = run(git_repository, "install", "--force")
    assert "An earlier hook is kept as pre-commit.before-captureset" in done.stdout
    assert json.loads(run(git_repository, "install", "--json").stdout)["kept"] == []
    assert Path(own.with_name("pre-commit.before-captureset")).exists()
