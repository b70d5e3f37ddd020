from __future__ import annotations

import shutil
from contextlib import chdir
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from captureset.errors import CapturesetError
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.pointers import Pointer, StoredFile
from captureset.store.repository import Repository

FILES = {
    "15/a.jpg": b"photo a",
    "15/a.json": b"{}",
    "15/a_nobg.png": b"",
    "02/b.jpg": b"photo b",
    "15/a.feedback.f-1.json": b"{ }",
    "15/가구 1.jpg": b"photo c",
}


@pytest.fixture
def store(git_repository: Repository) -> ObjectStore:
    """The objects of an empty repository."""
    return ObjectStore(git_repository.root)


def add(store: ObjectStore, files: dict[str, bytes], month: str = "2024-01") -> Path:
    """Append files to a month."""
    new = {path: StoredFile(store.add(data), len(data)) for path, data in files.items()}
    return pointers.append(store, store.root / "data" / "captures", month, new)


def test_pointer_and_manifest_are_those_dvc_add_makes(store: ObjectStore, tmp_path: Path) -> None:
    """The same folder given to `dvc add` gets the same manifest, byte for byte, and the same size and count."""
    ours = yaml.safe_load(add(store, FILES).read_text(encoding="utf-8"))["outs"][0]
    other = tmp_path / "other"
    other.mkdir()
    git.git(other, "init", "--quiet")
    shutil.copytree(store.root / ".dvc", other / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    for path, data in FILES.items():
        file = other / "month" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    with chdir(other):
        Repo().add("month")
    theirs = yaml.safe_load((other / "month.dvc").read_text(encoding="utf-8"))["outs"][0]
    assert {**ours, "path": "month"} == theirs
    assert store.read(ours["md5"]) == ObjectStore(other).read(theirs["md5"])


def test_dvc_pulls_one_file_and_checks_out_one_day(store: ObjectStore, tmp_path: Path) -> None:
    """What we wrote is pushed by `dvc push`; a fresh clone without cache gets a single file, then a whole day."""
    pointer = add(store, FILES)
    git.commit_paths(store.root, [str(pointer)], "Add")
    with chdir(store.root):
        Repo().push()
    clone = tmp_path / "clone"
    git.git(tmp_path, "clone", "--quiet", str(store.root), str(clone))
    local = f"['remote \"storage\"']\n    url = {store.root / '.dvcstore'}\n"
    (clone / ".dvc" / "config.local").write_text(local, encoding="utf-8")
    images = clone / "data" / "images" / "2024" / "01"
    with chdir(clone):
        Repo().pull(["data/images/2024/01/15/a.jpg"])
    assert {str(p.relative_to(images)): p.read_bytes() for p in images.rglob("*.*")} == {"15/a.jpg": b"photo a"}
    with chdir(clone):
        Repo().fetch(["data/captures/2024-01.dvc"])
        Repo().checkout(["data/images/2024/01/15"])
    day = {path: data for path, data in FILES.items() if path.startswith("15/")}
    assert {str(p.relative_to(images)): p.read_bytes() for p in images.rglob("*.*")} == day
    assert git.changed_paths(clone, ".") == []


def test_rows_are_only_ever_added(store: ObjectStore) -> None:
    """A second append keeps the first one's rows; the same again writes nothing."""
    path = add(store, {"15/a.jpg": b"photo a"})
    add(store, {"16/b.jpg": b"photo bb"})
    (pointer,) = pointers.read(path.parent)
    assert (pointer.month, pointer.files) == ("2024-01", 2)
    assert pointers.rows(store, pointer).keys() == {"15/a.jpg", "16/b.jpg"}
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["outs"][0]["size"] == 15
    before = path.stat().st_ino
    add(store, {"15/a.jpg": b"photo a"})
    assert path.stat().st_ino == before


def test_a_committed_file_never_changes(store: ObjectStore) -> None:
    """Other bytes under a name that stands in the month are refused, and nothing of that batch comes in."""
    path = add(store, {"15/a.jpg": b"photo a"})
    before = path.read_bytes()
    with pytest.raises(CapturesetError, match=r"2024-01\.dvc already lists 15/a\.jpg with other bytes"):
        add(store, {"15/a.jpg": b"other", "15/b.jpg": b"new"})
    assert path.read_bytes() == before


def test_a_stub_by_hand_starts_a_month_and_its_words_stay(store: ObjectStore) -> None:
    """`desc` and `meta` that a person wrote in a pointer are kept."""
    path = store.root / "data" / "captures" / "2024-02.dvc"
    path.write_text("desc: a month\nouts:\n- path: ../images/2024/02\n  hash: md5\n", encoding="utf-8")
    assert pointers.rows(store, pointers.read(path.parent)[0]) == {}
    add(store, {"01/a.jpg": b"photo a"}, "2024-02")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert (document["desc"], document["outs"][0]["nfiles"]) == ("a month", 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "outs: []\n",
        "outs:\n- path: ../images/2024/02\n",
        "outs:\n- path: ../../elsewhere\n",
        "outs:\n- path: ../images/2024/01\n- path: ../images/2024/02\n",
        "<<<<<<< HEAD\nouts:\n",
        "[1, 2",
        "outs:\n- path: ../images/2024/01\n  nfiles: many\n",
    ],
)
def test_what_is_no_month_pointer_is_refused_by_name(text: str) -> None:
    """Another path, two outputs, a merge conflict, no YAML: restored from Git, not guessed."""
    with pytest.raises(CapturesetError, match=r"2024-01\.dvc is no month pointer .*git checkout"):
        pointers.parse(text, "data/captures/2024-01.dvc")


def test_a_month_that_is_none_is_refused() -> None:
    """There is no thirteenth month."""
    with pytest.raises(CapturesetError, match="no month pointer"):
        pointers.parse("outs:\n- path: ../images/2024/13\n", "data/captures/2024-13.dvc")


def test_the_folder_holds_pointers_only(tmp_path: Path) -> None:
    """A stray file is refused by name; unfinished writes and .gitkeep are passed over; no folder is no month."""
    assert pointers.read(tmp_path / "captures") == []
    folder = tmp_path / "captures"
    folder.mkdir()
    for name in (".gitkeep", ".2024-01.dvc.77.partial"):
        (folder / name).touch()
    (folder / "2024-01.dvc").write_text("outs:\n- path: ../images/2024/01\n", encoding="utf-8")
    assert pointers.read(folder) == [Pointer("2024-01", "", 0)]
    (folder / "photo.jpg").touch()
    with pytest.raises(CapturesetError, match=r"photo\.jpg is no month pointer"):
        pointers.read(folder)


def test_a_pointer_that_lost_rows_is_caught(store: ObjectStore) -> None:
    """Growing is sound; a row gone, a row changed or the pointer gone is refused with the first file's name."""
    path = add(store, {"15/a.jpg": b"photo a"})
    folder, small = path.parent, path.read_text(encoding="utf-8")
    add(store, {"16/b.jpg": b"photo b"})
    large = path.read_text(encoding="utf-8")
    pointers.require_grown(store, folder, {path.name: small})
    pointers.require_grown(store, folder, {path.name: None})
    path.write_text(small, encoding="utf-8")
    with pytest.raises(CapturesetError, match=r"no longer lists 1 of 2 .*\(16/b\.jpg first\).*git checkout"):
        pointers.require_grown(store, folder, {path.name: large})
    path.unlink()
    with pytest.raises(CapturesetError, match="no longer lists 1 of 1"):
        pointers.require_grown(store, folder, {path.name: small})


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("15/a-1.jpg", ("a-1", "photo")),
        ("15/a-1.png", ("a-1", "photo")),
        ("15/a-1_nobg.png", ("a-1", "twin")),
        ("15/a-1.json", ("a-1", "sidecar")),
        ("15/a-1.feedback.f-2.json", ("a-1", "feedback")),
        ("15/feedback.json", ("feedback", "sidecar")),
    ],
)
def test_a_path_says_whose_file_it_is(path: str, part: tuple[str, str]) -> None:
    """Capture id and part are read from the name alone."""
    assert pointers.capture_of(path) == part
