from __future__ import annotations

from pathlib import Path

import pytest

from captureset.errors import CommandFailedError
from captureset.store import git
from captureset.store.repository import Repository


def test_a_command_that_fails_is_quoted_in_its_own_words(tmp_path: Path) -> None:
    """Outside any repository, the refusal holds the command and what Git said, on one line."""
    with pytest.raises(CommandFailedError, match="`git log -1` failed: fatal: not a git repository") as refused:
        git.git(tmp_path, "log", "-1")
    assert "\n" not in str(refused.value)


def test_a_command_that_is_not_installed_is_named(tmp_path: Path) -> None:
    """No traceback where a tool is missing."""
    with pytest.raises(CommandFailedError, match="`no-such-tool` is not installed"):
        git.run(["no-such-tool"], tmp_path)


def test_dvc_is_that_of_this_environment(git_repository: Repository) -> None:
    """The command runs in the repository and answers."""
    assert git.dvc(git_repository.root, "root").strip() == "."


def test_who_commits_must_be_known(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name and an address the remedy is told before anything is written; the environment may give them."""
    root = git_repository.root
    git.require_identity(root)
    git.git(root, "config", "--unset", "user.email")
    with pytest.raises(CommandFailedError, match=r"git config user\.email"):
        git.require_identity(root)
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "a@example.org")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "a@example.org")
    git.require_identity(root)


def test_changed_paths_are_exact_names(git_repository: Repository) -> None:
    """Hangul, spaces, untracked, deleted and renamed files are told by name; ignored ones are not."""
    root = git_repository.root
    folder = root / "data" / "captures"
    for name in ("가구 1.dvc", "b.dvc"):
        (folder / name).write_text("some text that stays the same\n", encoding="utf-8")
    assert git.changed_paths(root, "data/captures") == ["data/captures/b.dvc", "data/captures/가구 1.dvc"]
    git.commit_paths(root, ["data/captures"], "Add")
    assert git.changed_paths(root, "data/captures") == []
    git.git(root, "mv", "data/captures/b.dvc", "data/captures/c.dvc")
    (folder / "가구 1.dvc").unlink()
    inbox = root / "data" / "inbox"
    inbox.mkdir()
    (inbox / "x.capture").touch()
    assert git.changed_paths(root, "data") == [f"data/captures/{n}" for n in ("b.dvc", "c.dvc", "가구 1.dvc")]


def test_a_commit_holds_these_paths_and_nothing_else(git_repository: Repository) -> None:
    """What a person has staged stays staged and out of the commit; a deleted file can be committed."""
    root = git_repository.root
    (root / "mine.txt").write_text("staged by a person", encoding="utf-8")
    git.git(root, "add", "mine.txt")
    (root / "a b.txt").write_text("ours", encoding="utf-8")
    (root / "data" / "captures" / ".gitkeep").unlink()
    made = git.commit_paths(root, ["a b.txt", "data/captures/.gitkeep"], "Ours")
    assert made == git.git(root, "rev-parse", "HEAD").strip()
    listed = git.git(root, "show", "--name-status", "--format=", "HEAD").split("\n")
    assert sorted(filter(None, listed)) == ["A\ta b.txt", "D\tdata/captures/.gitkeep"]
    assert git.git(root, "diff", "--cached", "--name-only").split() == ["mine.txt"]


def test_a_file_is_read_as_it_was_committed(git_repository: Repository) -> None:
    """The last commit's text, whatever stands in the folder now; None for what it does not hold."""
    path = git_repository.categories
    before = path.read_text(encoding="utf-8")
    path.unlink()
    assert git.committed_text(git_repository.root, "data/categories.yaml") == before
    assert git.committed_text(git_repository.root, "data/none.yaml") is None
