"""A new repository has the recipe of the checkout, none of its data, and appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import captureset
from captureset.errors import CapturesetError, CommandFailedError
from captureset.quickstart import template
from captureset.store import git

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = "nobody else may see this"
RECIPE = {
    ".gitignore": "/data/inbox/\n*.secret\n",
    "dvc.yaml": "stages: {}\n",
    "stages/captureset/__init__.py": "",
    "data/captures/.gitkeep": "",
    "data/categories.yaml": "schema_version: 1\n",
    "docs/안내 v1.2.MD": "한글\n",
    "data/reporting.md": "no report\n",
}
OWN = {
    "data/captures/2024-01.dvc": PRIVATE,
    "dvc.lock": PRIVATE,
    "data/metadata/datasets/own_v1_0_0.json": PRIVATE,
    "data/verify/verify.json": PRIVATE,
    "data/smoke_train/metrics.json": PRIVATE,
    "data/report/report.html": PRIVATE,
}
LEDGERS = {
    "data/splits.csv": "capture_id,group,split,rule,algorithm,release,split_set\n",
    "data/checks.csv": "capture_id,check_type,checked,overall_score,grade,flags,version\n",
    "data/exclusions.csv": "capture_id,reason\n",
    "data/erasures.csv": "capture_id,erased_on,reason\n",
}
IGNORED = {"data/inbox/waiting.jpg": PRIVATE, "key.secret": PRIVATE}

pytestmark = pytest.mark.usefixtures("nobody")


def write(root: Path, files: dict[str, str]) -> None:
    """Write text files below root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(params=["with Git", "without Git"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A checkout that has been worked in: own captures, a lock, a release, ledgers with rows, ignored files."""
    root = tmp_path / "the checkout"
    write(root, {**RECIPE, **OWN, **IGNORED, **{name: text + f"{PRIVATE}\n" for name, text in LEDGERS.items()}})
    (root / "run").write_text("#!/bin/sh\n", encoding="utf-8")
    (root / "run").chmod(0o755)
    (root / "link").symlink_to("run")
    if request.param == "with Git":
        git.git(root, "init", "--quiet")
        git.git(root, "add", "--all")
        write(root, {"untracked.txt": PRIVATE})
    return root


def make(directory: Path, source: Path, failure: BaseException | None = None) -> list[str]:
    """Make a repository and return what a person was told; with a failure, fail when it is nearly there."""
    told: list[str] = []
    with template.new_repository(directory, source, told.append) as root:
        assert (root / "dvc.yaml").is_file()
        if failure is not None:
            raise failure
    return told


def files_in(root: Path) -> set[str]:
    """The files below root, Git's own apart."""
    found = (path.relative_to(root) for path in root.rglob("*") if not path.is_dir())
    return {path.as_posix() for path in found if path.parts[0] != ".git"}


def test_the_recipe_comes_along_and_the_dataset_does_not(source: Path, tmp_path: Path) -> None:
    """Exactly the recipe and the ledgers are there, and no byte of the dataset, in the files or in the history."""
    new = tmp_path / "new"
    make(new, source)
    assert files_in(new) == {*RECIPE, *LEDGERS, "run", "link", ".dvc/config"}
    assert "url = ../.dvcstore" in (new / ".dvc/config").read_text(encoding="utf-8")
    assert all((new / name).read_text(encoding="utf-8") == text for name, text in RECIPE.items())
    assert PRIVATE not in git.git(new, "log", "--all", "--patch")


def test_ledgers_start_with_their_header_only(source: Path, tmp_path: Path) -> None:
    """No row of the checkout's ledgers is in the new ones."""
    make(tmp_path / "new", source)
    assert {name: (tmp_path / "new" / name).read_text(encoding="utf-8") for name in LEDGERS} == LEDGERS


def test_modes_and_links_stay(source: Path, tmp_path: Path) -> None:
    """A script stays executable and a link a link."""
    make(tmp_path / "new", source)
    assert os.access(tmp_path / "new" / "run", os.X_OK)
    assert (tmp_path / "new" / "link").readlink() == Path("run")


def test_everything_is_in_the_first_commit(source: Path, tmp_path: Path) -> None:
    """One commit on main, nothing left to commit."""
    make(tmp_path / "new", source)
    assert git.git(tmp_path / "new", "log", "--format=%s %D").strip() == f"{template.FIRST_COMMIT} HEAD -> main"
    assert not git.changed_paths(tmp_path / "new")


def test_a_tracked_file_that_is_gone_is_left_out(source: Path, tmp_path: Path) -> None:
    """What is deleted in the checkout does not stop the copy."""
    (source / "data/reporting.md").unlink()
    make(tmp_path / "new", source)
    assert "data/reporting.md" not in files_in(tmp_path / "new")


def test_without_an_identity_one_is_made_up_and_said(source: Path, tmp_path: Path) -> None:
    """The made-up identity is the repository's own, and a person is told."""
    told = make(tmp_path / "new", source)
    assert git.git(tmp_path / "new", "log", "--format=%an %ae").strip() == "captureset quickstart quickstart@localhost"
    assert git.git(tmp_path / "new", "config", "--local", "user.email").strip() == "quickstart@localhost"
    assert [line for line in told if "quickstart@localhost" in line] == told != []


def test_an_identity_that_is_there_is_used(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an identity in the user's own settings nothing is made up and nothing is said."""
    settings = tmp_path / "gitconfig"
    settings.write_text("[user]\nname = Kim\nemail = kim@example.org\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert make(tmp_path / "new", source) == []
    assert git.git(tmp_path / "new", "log", "--format=%ae").strip() == "kim@example.org"
    with pytest.raises(CommandFailedError):
        git.git(tmp_path / "new", "config", "--local", "user.email")


def test_a_folder_that_is_not_empty_is_refused_untouched(source: Path, tmp_path: Path) -> None:
    """The sentence names the folder; what was in it stays, and nothing stands beside it."""
    write(tmp_path / "taken", {"thesis.txt": "mine"})
    before = set(tmp_path.iterdir())
    with pytest.raises(CapturesetError, match=r"taken exists and is not empty; name a new or an empty folder\.$"):
        make(tmp_path / "taken", source)
    assert files_in(tmp_path / "taken") == {"thesis.txt"}
    assert set(tmp_path.iterdir()) == before


def test_a_file_is_refused(source: Path, tmp_path: Path) -> None:
    """DIR may be no file."""
    write(tmp_path, {"taken": "mine"})
    with pytest.raises(CapturesetError, match="not empty"):
        make(tmp_path / "taken", source)
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_a_folder_inside_the_checkout_is_refused(source: Path) -> None:
    """Git and DVC of the checkout would trip over it; the sentence offers a folder beside the checkout."""
    with pytest.raises(CapturesetError, match=r"inside the captureset repository .* such as .*/new\.$"):
        make(source / "deep" / "new", source)
    assert not (source / "deep").exists()


def test_a_way_into_the_checkout_through_a_link_is_refused(source: Path, tmp_path: Path) -> None:
    """A link does not hide where the folder really is."""
    (tmp_path / "shortcut").symlink_to(source)
    with pytest.raises(CapturesetError, match="inside the captureset repository"):
        make(tmp_path / "shortcut" / "new", source)


def test_a_path_that_no_pythonpath_can_hold_is_refused(source: Path, tmp_path: Path) -> None:
    """A colon in the path would split PYTHONPATH, and another copy's code would make the data."""
    with pytest.raises(CapturesetError, match="PYTHONPATH"):
        make(tmp_path / "a:b", source)


def test_an_empty_folder_is_filled_and_stays_the_same_folder(source: Path, tmp_path: Path) -> None:
    """A shell that stands in the empty folder stands in the repository afterwards."""
    new = tmp_path / "new"
    new.mkdir()
    number = new.stat().st_ino
    make(new, source)
    assert new.stat().st_ino == number
    assert not git.changed_paths(new)


def test_a_failure_leaves_nothing(source: Path, tmp_path: Path) -> None:
    """Neither the folder nor the folders above it, nor the half-made one, are there after a failure."""
    before = set(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "far" / "down" / "new", source, KeyboardInterrupt())
    assert set(tmp_path.iterdir()) == before


def test_a_failure_leaves_an_empty_folder_empty(source: Path, tmp_path: Path) -> None:
    """The folder a person made for it stays, empty."""
    (tmp_path / "new").mkdir()
    with pytest.raises(OSError, match="full"):
        make(tmp_path / "new", source, OSError("full"))
    assert list((tmp_path / "new").iterdir()) == []


def test_the_real_checkout_gives_a_repository_without_captures(tmp_path: Path) -> None:
    """Made from this very checkout: the code and the recipe are there, and no pointer, lock or release."""
    new = tmp_path / "new"
    make(new, template.checkout())
    there = files_in(new)
    assert {"dvc.yaml", "params.yaml", ".dvc/config", "stages/captureset/catalog.py", "data/categories.yaml"} <= there
    assert {name for name in there if name.startswith("data/captures/")} == {"data/captures/.gitkeep"}
    assert not {name for name in there if not template.is_recipe(name)}


def test_an_installation_without_a_checkout_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel holds no dvc.yaml, so the sentence says where to get one."""
    installed = tmp_path / "site-packages" / "captureset"
    shutil.copytree(Path(captureset.__file__).parent / "capture", installed / "capture")
    monkeypatch.setattr(captureset, "__file__", str(installed / "__init__.py"))
    with pytest.raises(CapturesetError, match=r"no checkout of captureset .* clone captureset"):
        template.checkout()
