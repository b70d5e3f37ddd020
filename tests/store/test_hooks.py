"""`captureset install`: once per clone, again without harm, never over a person's own hook."""

from __future__ import annotations

from pathlib import Path

import pytest

from branches import capture, listed, take_in
from captureset.errors import CapturesetError, CommandFailedError
from captureset.inspection.check import check
from captureset.store import git, hooks, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from pipeline import NOBODY, begin, change_params


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with one capture whose hooks are installed."""
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    repository = begin(tmp_path / "a repository")
    take_in(repository, capture("a"))
    hooks.install(repository)
    return repository


def state(root: Path) -> dict[str, bytes]:
    """Return Git's settings and hooks."""
    paths = [root / ".git" / "config", *sorted((root / ".git" / "hooks").glob("*"))]
    return {path.name: path.read_bytes() for path in paths}


def test_installing_twice_changes_nothing(git_repository: Repository) -> None:
    """Settings and hooks are the same bytes afterwards; both hooks can be run."""
    first = hooks.install(git_repository)
    before = state(git_repository.root)
    assert hooks.install(git_repository) == first
    assert state(git_repository.root) == before
    assert all(path.stat().st_mode & 0o111 for path in first.hooks)
    assert git.changed_paths(git_repository.root) == []


def test_somebodys_hook_is_refused_and_kept_with_force(git_repository: Repository) -> None:
    """One sentence, nothing written; with --force the old hook is moved aside."""
    own = git_repository.root / ".git" / "hooks" / "pre-commit"
    own.parent.mkdir(exist_ok=True)
    own.write_text("#!/bin/sh\necho mine\n", encoding="utf-8")
    before = state(git_repository.root)
    with pytest.raises(CapturesetError, match=r"pre-commit is a hook of somebody else.*repeat with --force"):
        hooks.install(git_repository)
    assert state(git_repository.root) == before
    done = hooks.install(git_repository, force=True)
    assert [path.read_text(encoding="utf-8") for path in done.kept] == ["#!/bin/sh\necho mine\n"]
    assert hooks.install(git_repository).kept == ()


def test_hooks_that_others_share_are_refused(git_repository: Repository, tmp_path: Path) -> None:
    """`core.hooksPath` out of the clone: every repository of that user would run ours."""
    git.git(git_repository.root, "config", "core.hooksPath", str(tmp_path / "all hooks"))
    with pytest.raises(CapturesetError, match=r"core\.hooksPath leads to .*all hooks"):
        hooks.install(git_repository)
    assert not (tmp_path / "all hooks").exists()


def shrink(repository: Repository) -> str:
    """Let DVC's worst trap happen to a month, and return the pointer's sound text."""
    path = repository.pointers / "2024-01.dvc"
    sound = path.read_text(encoding="utf-8")
    path.write_text(pointers.with_rows(ObjectStore(repository.root), sound, {}, 0), encoding="utf-8")
    return sound


def test_a_shrunk_month_cannot_be_committed(whole: Repository) -> None:
    """Git refuses with the sentence of `check`; what is staged counts, not what lies in the folder."""
    sound = shrink(whole)
    git.git(whole.root, "add", "data/captures")
    (whole.pointers / "2024-01.dvc").write_text(sound, encoding="utf-8")
    with pytest.raises(CommandFailedError, match=r"pointers: data/captures/2024-01\.dvc lost or changed 2 files"):
        git.git(whole.root, "commit", "--quiet", "--message", "Shrink")
    git.git(whole.root, "add", "data/captures")
    assert listed(whole).keys() == capture("a").keys()
    assert check(whole, staged=True) == []


def test_a_commit_of_other_paths_is_not_stopped(whole: Repository) -> None:
    """A half-edited params.yaml in the folder is no matter of a commit that leaves it out; committed, it is."""
    change_params(whole.root, fliter={})
    (whole.root / "notes.txt").write_text("notes", encoding="utf-8")
    git.commit_paths(whole.root, ["notes.txt"], "Notes")
    with pytest.raises(CommandFailedError, match=r"params: params\.yaml has 1 problem: /fliter"):
        git.commit_paths(whole.root, ["params.yaml"], "Break")


def test_a_python_that_is_gone_is_said(whole: Repository) -> None:
    """A check that cannot run has failed, with the remedy."""
    hook = whole.root / ".git" / "hooks" / "pre-commit"
    text = hook.read_text(encoding="utf-8")
    hook.write_text(text.replace("/bin/python", "/bin/no-python"), encoding="utf-8")
    with pytest.raises(CommandFailedError, match=r"is gone, so nothing was checked; run `captureset install` again"):
        git.git(whole.root, "commit", "--quiet", "--allow-empty", "--message", "Anything")
