"""Old versions for ever: a tag's own code makes the tag's exact bytes, or it is said which are not."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import greedy
import releasing
from captureset.capture.erase import erase
from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.release import environment
from captureset.release.promise import chosen, promise
from captureset.release.rebuild import rebuild
from captureset.release.version import Version
from captureset.store import git
from captureset.store.repository import Repository
from greedy import GREEDY, OUT, TAGS
from three_versions import TAGS as REAL_TAGS
from three_versions import TESTED, ThreeVersions

pytestmark = pytest.mark.usefixtures("as_tester")
EXPORTS = ("coco_format", "yolo_format", "custom", "yolo_segment", "classification", "tables")


@pytest.fixture(scope="module")
def three_greedy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases of the greedy stage. Read only."""
    with releasing.as_tester():
        return greedy.build(tmp_path_factory.mktemp("greedy") / "repository").root


@pytest.fixture
def repository(three_greedy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy of it, and a folder of its own for what is temporary."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return Repository(Path(shutil.copytree(three_greedy, tmp_path / "copy", symlinks=True)))


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Whatever a rebuild comes to, its folder is gone."""
    yield
    if "repository" in request.fixturenames:
        assert list((tmp_path / "temporary").iterdir()) == []


def command(repository: Repository, *arguments: str) -> Result:
    """Run `captureset rebuild` in a repository."""
    return CliRunner().invoke(app, ["rebuild", *arguments, "--repo", str(repository.root)])


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return mode and bytes of every file below a folder."""
    return {
        str(path.relative_to(folder)): (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and "tmp" not in path.relative_to(folder).parts
    }


def places(repository: Repository, oid: str) -> list[Path]:
    """Return where cache and remote keep an object."""
    folders = (repository.root / ".dvc/cache", repository.root / ".dvcstore")
    return [folder / "files/md5" / oid[:2] / oid[2:] for folder in folders]


def photo(repository: Repository, capture_id: str) -> tuple[str, str]:
    """Return path and md5 of a capture's photo, from the cache's own manifests."""
    for manifest in (repository.root / ".dvc/cache/files/md5").rglob("*.dir"):
        for entry in json.loads(manifest.read_bytes()):
            if entry["relpath"].endswith(f"/{capture_id}.jpg"):
                return entry["relpath"], entry["md5"]
    raise AssertionError(capture_id)


def outputs_of(repository: Repository, tag: str) -> list[str]:
    """Return the objects of a version's outputs: the listing and what it lists."""
    listing = promise(repository, Version("sofas", 0, TAGS.index(tag) + 1, 0)).outputs[OUT].md5
    return [listing, *(entry["md5"] for entry in json.loads(places(repository, listing)[0].read_bytes()))]


def test_the_first_release_comes_out_byte_by_byte_two_releases_later(three_versions: ThreeVersions) -> None:
    """In an environment that uv makes of the tag's own pins, with its own code and parameters, none of today's.

    One of its captures was erased since: cache and later versions lack it, the remote's copy stays until somebody
    removes it.
    """
    repository = Repository(three_versions.root)
    before = content(repository.root)
    first, _, last = (promise(repository, Version("sofas", *numbers)) for numbers in ((1, 0, 0), (1, 1, 0), (2, 0, 0)))
    changed = git.git(repository.root, "diff", "--name-only", *REAL_TAGS[::2]).split()
    assert {"params.yaml", "stages/captureset/judgement/proportions.py"} <= set(changed)
    assert all(first.outputs[f"data/exports/{name}"] != last.outputs[f"data/exports/{name}"] for name in EXPORTS[:3])
    done = rebuild(repository, first)
    if done.fault is not None and done.fault.startswith(("uv is not installed", "uv cannot make")):
        assert os.environ.get("CI") is None, done.fault
        pytest.skip(f"left out: a version in the environment its tag pins, which cannot be made ({done.fault})")
    assert done.fault is None
    assert {output.path for output in done.outputs if output.same} == {
        *(f"data/{stage}" for stage in ("catalog", "measure", "quality", "filter", "split")),
        *(f"data/exports/{name}" for name in EXPORTS),
    }
    assert done.same
    assert done.environment == environment.OWN
    assert {tool.name for tool in done.others} <= {"python"}
    assert "torch" not in done.tools
    assert not places(repository, photo_at(repository, first.tag, TESTED))[0].exists()
    assert content(repository.root) == before


def photo_at(repository: Repository, tag: str, capture_id: str) -> str:
    """Return the md5 of a capture's photo at a tag."""
    pointer = git.git(repository.root, "show", f"{tag}:data/captures/2024-02.dvc")
    (address,) = [line.split()[-1] for line in pointer.splitlines() if line.strip(" -").startswith("md5:")]
    listing = json.loads(places(repository, address)[1].read_bytes())
    return next(str(entry["md5"]) for entry in listing if entry["relpath"].endswith(f"/{capture_id}.jpg"))


def test_nothing_of_an_earlier_run_is_needed_or_taken(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two versions come out although cache and remote lack every output; each stage has really run."""
    for tag in TAGS[:2]:
        for oid in outputs_of(repository, tag):
            for path in places(repository, oid):
                path.unlink(missing_ok=True)
    before, log = content(repository.root), tmp_path / "log"
    monkeypatch.setenv("GREEDY_LOG", str(log))
    done = command(repository, *TAGS[:2], "--here", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [(one["tag"], one["same"], one["environment"]) for one in told] == [
        (tag, True, "the running environment") for tag in TAGS[:2]
    ]
    assert [output["path"] for one in told for output in one["outputs"]] == [OUT, OUT]
    assert log.read_text(encoding="utf-8") == "version 1\nversion 2\n"
    assert content(repository.root) == before


def test_a_version_made_with_what_an_earlier_run_left_is_found_out(repository: Repository) -> None:
    """The stage took its own previous output and wrote other bytes; made from nothing it differs, and exit 1 names it.

    Which proves too that here the memo cannot answer: with it the bytes would be those of the tag.
    """
    done = command(repository, "sofas", "--last", "1", "--here")
    assert done.exit_code == 1
    assert f"{GREEDY} in the running environment: {OUT} not as released" in done.output
    assert f"DIFFERS  {OUT}  released" in done.output


def test_what_is_not_as_it_was_is_named_and_the_folder_can_be_kept(repository: Repository, tmp_path: Path) -> None:
    """Another version of a tool is no refusal: the bytes decide."""
    git.git(repository.root, "checkout", "--quiet", TAGS[1])
    tools = {"python": "3.1.4", "numpy": "0.0.1", "pycocotools": "9.9", "torch": "0.1", "gone": "1.0"}
    greedy.write_manifest(repository, Version("sofas", 0, 4, 0), tools=tools)
    greedy.tag(repository, "sofas@v0.4.0")
    done = command(repository, "sofas@v0.4.0", "--here", "--keep", str(tmp_path / "kept"))
    assert done.exit_code == 0, done.output
    told = [line.split(":")[1].split()[0] for line in done.output.splitlines() if "not as it was" in line]
    assert told == ["gone", "numpy", "pycocotools", "python"]
    assert "gone not installed, then 1.0" in done.output
    kept = tmp_path / "kept/sofas@v0.4.0"
    assert (kept / "repository" / OUT / "list.json").exists()
    again = command(repository, "sofas@v0.4.0", "--here", "--keep", str(tmp_path / "kept"))
    assert again.exit_code == 1
    assert "is not empty; name a new folder" in again.output


def test_a_stage_that_fails_is_told_in_its_own_words_and_the_others_go_on(repository: Repository) -> None:
    """One version that cannot be made does not hide the next; exit 1."""
    git.git(repository.root, "checkout", "--quiet", TAGS[1])
    greedy.write_stage(repository.root, "raise SystemExit('no sofa in sight')")
    greedy.write_manifest(repository, Version("sofas", 0, 4, 0))
    greedy.tag(repository, "sofas@v0.4.0")
    done = command(repository, "sofas@v0.4.0", TAGS[0], "--here")
    assert done.exit_code == 1
    assert "sofas@v0.4.0 cannot be rebuilt: `dvc repro` at sofas@v0.4.0 failed: no sofa in sight" in done.output
    assert f"{TAGS[0]} in the running environment: the same bytes (1 output, 1 file" in done.output


def test_a_spoilt_input_is_named_and_a_sound_copy_of_it_is_taken(repository: Repository) -> None:
    """Damaged in the cache, the remote's copy does; damaged there too, nothing can be made."""
    path, oid = photo(repository, "c-002")
    in_cache, in_remote = places(repository, oid)
    spoil(in_cache)
    spoilt = in_cache.read_bytes()
    assert rebuild(repository, one(repository, TAGS[0]), here=True).same
    assert in_cache.read_bytes() == spoilt
    spoil(in_remote)
    done = command(repository, TAGS[0], "--here")
    assert done.exit_code == 1
    assert f"{TAGS[0]} cannot be rebuilt: data/images/2024/01/{path} of {TAGS[0]}: object {oid}" in done.output
    assert "is damaged on the remote; restore it from another copy" in done.output


def spoil(path: Path) -> None:
    """Turn one bit of an object over."""
    path.chmod(0o644)
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def one(repository: Repository, tag: str) -> Any:
    """Return what a version promises."""
    (promised,) = chosen(repository, [tag], None)
    return promised


def test_a_version_with_an_erased_capture_is_told_apart_from_a_loss(repository: Repository) -> None:
    """Once its bytes are gone everywhere, the version cannot be made, and nobody is told to look for another copy."""
    shutil.copy(greedy.ROOT / "data/erasures.csv", repository.root / "data/erasures.csv")
    path, oid = photo(repository, "c-002")
    erase(repository, "c-002", "asked by its owner")
    places(repository, oid)[1].unlink()
    done = rebuild(repository, one(repository, TAGS[0]), here=True)
    assert not done.same
    assert done.fault == (
        f"data/images/2024/01/{path} of {TAGS[0]} belongs to a capture that was erased since and its bytes are gone, "
        "as they should; this version can never be rebuilt, release a later one."
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sofas@v0.9.0"], "sofas@v0.9.0 is no release of this repository: no such tag.*`git fetch --tags`"),
        (["by-hand@v0.1.0"], "by-hand@v0.1.0 is no release of this repository"),
        (["sofas"], "'sofas' is no tag of a release; write it as ecoguide-waste@v0.1.0"),
        (["beds", "--last", "2"], "no release of beds is in this repository.*released are sofas"),
        (["sofas@v0.4.0"], r"sofas_v0_4_0.json at sofas@v0.4.0 and its dvc.lock name different exports"),
    ],
)
def test_what_is_no_release_is_refused(repository: Repository, arguments: list[str], sentence: str) -> None:
    """One sentence, before anything is made: an unknown tag, one made by hand, one that contradicts itself."""
    git.git(repository.root, "tag", "by-hand@v0.1.0")
    exports = {OUT: {"md5": "0" * 32 + ".dir", "size_bytes": 1, "files": 1}}
    greedy.write_manifest(repository, Version("sofas", 0, 4, 0), exports=exports)
    greedy.tag(repository, "sofas@v0.4.0")
    done = command(repository, *arguments)
    assert done.exit_code == 1
    assert isinstance(done.exception, CapturesetError)
    with pytest.raises(CapturesetError, match=sentence):
        raise done.exception


def test_the_last_versions_are_the_newest_of_each_dataset(repository: Repository) -> None:
    """Newest first, withdrawn ones too, each once; with no release there is nothing to prove, which is no success."""
    greedy.write_manifest(repository, Version("beds", 1, 0, 0), state="archived")
    greedy.tag(repository, "beds@v1.0.0")
    assert [found.tag for found in chosen(repository, [], 2)] == ["beds@v1.0.0", TAGS[2], TAGS[1]]
    assert [found.tag for found in chosen(repository, ["sofas", TAGS[2]], 1)] == [TAGS[2]]
    for path in repository.release_manifests:
        path.unlink()
    with pytest.raises(CapturesetError, match="no release of any dataset is in this repository"):
        chosen(repository, [], 2)
    assert command(repository).exit_code == 2


def test_an_environment_that_cannot_be_made_is_refused(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without uv, without pins at the tag, or with pins that nothing meets: one sentence with the way out."""
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    without = rebuild(repository, one(repository, TAGS[0]))
    assert "uv is not installed, and only uv makes the environment that sofas@v0.1.0 pins; `pip install uv`" in str(
        without.fault
    )
    monkeypatch.setattr(shutil, "which", lambda _: sys.executable)
    assert "has no pyproject.toml, so it pins no environment; rebuild it with --here" in str(
        rebuild(repository, one(repository, TAGS[0])).fault
    )
    (repository.root / "pyproject.toml").write_text("", encoding="utf-8")
    greedy.write_manifest(repository, Version("sofas", 0, 4, 0))
    greedy.tag(repository, "sofas@v0.4.0")
    failed = str(rebuild(repository, one(repository, "sofas@v0.4.0")).fault)
    assert failed.startswith("uv cannot make the environment that the tag pins, with Python 3.")
    assert failed.endswith("or rebuild with --here in the running environment.")


def test_the_command_answers_outside_too(repository: Repository) -> None:
    """As a program: exit 1 and one sentence on standard error, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "captureset", "rebuild", "sofas@v9.0.0"],
        cwd=repository.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("captureset: sofas@v9.0.0 is no release of this repository")
    assert "Traceback" not in done.stderr
