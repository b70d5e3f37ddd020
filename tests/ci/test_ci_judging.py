"""`captureset ci`, in clones without data: what passes, and how everything that is wrong is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from s3fs import S3FileSystem
from typer.testing import CliRunner

import ci_world
import swift_s3
from captureset.ci import asking, pull_request, stand_in, tag
from captureset.ci import exports as exporting
from captureset.ci.fresh import clone, commit_of
from captureset.ci.parts import Panel
from captureset.ci.rebuilds import ask_rebuilds
from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.quickstart import quickstart
from captureset.release import rebuild
from captureset.release.promise import Address
from captureset.release.rebuild import Output, Rebuilt
from captureset.release.version import parse_version
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from pipeline import change_params, fill, repro, run, save
from releasing import TAG

pytestmark = pytest.mark.usefixtures("as_tester")

SAME = Output("data/exports/coco_format", Address("0" * 32, 1, 1), Address("0" * 32, 1, 1))
OTHER = Output("data/exports/coco_format", Address("0" * 32, 1, 1), Address("1" * 32, 1, 1))
Spoil = Callable[[dict[str, Any]], dict[str, Any]]
COCO, YOLO = "data/exports/coco_format", "data/exports/yolo_format"
EVERYTHING = (
    *("check", "pipeline", "remote", "exports", "tables", "export classification", "export coco_format"),
    *("export custom", "export tables", "export yolo_format", "export yolo_segment", "changes"),
)


@pytest.fixture(scope="module")
def base(released: Repository, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a released repository and the remote that everybody reaches. Read only."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(released.root, folder / "author", symlinks=True)
    ci_world.share(folder / "author", folder / "remote")
    return folder


@pytest.fixture
def remote(base: Path, tmp_path: Path) -> Path:
    """A remote of its own, which may be damaged."""
    return Path(shutil.copytree(base / "remote", tmp_path / "remote"))


@pytest.fixture
def author(base: Path, remote: Path, tmp_path: Path) -> Repository:
    """The clone of somebody with all the data, on a branch of theirs; `main` is what it was."""
    root = Path(shutil.copytree(base / "author", tmp_path / "author", symlinks=True))
    (root / ".dvc/config").write_text(
        (root / ".dvc/config").read_text(encoding="utf-8").replace(str(base / "remote"), str(remote)), encoding="utf-8"
    )
    save(root, "A remote of its own")
    git.git(root, "checkout", "--quiet", "-b", "topic")
    return Repository(root)


def test_the_first_pull_request_passes(author: Repository, tmp_path: Path) -> None:
    """Captures that came and were built, no release before: every part passes, in a clone that stays as it was."""
    git.git(author.root, "tag", "--delete", TAG)
    here = ci_world.clone_of(author, tmp_path)
    files = [tmp_path / "comment.md", tmp_path / "summary.md"]
    comments = [word for file in files for word in ("--comment", str(file))]
    asked = ["ci", "pull-request", "--against", "HEAD~6", "--repo", str(here.root), "--json"]
    done = CliRunner().invoke(app, [*asked, *comments])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [part["name"] for part in found["parts"]] == list(EVERYTHING)
    assert {part["verdict"] for part in found["parts"]} == {"passed"}
    assert (found["verdict"], found["data_verified"], found["said"]) == ("passed", True, "")
    assert found["changes"][0].startswith("no release yet -> HEAD: MINOR (captures added: 24")
    assert "27 rules passed" in next(part["why"] for part in found["parts"] if part["name"] == "export coco_format")
    comment = (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert comment == (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "captureset: passed (12 parts passed, 0 failed)" in comment
    assert git.git(here.root, "status", "--porcelain", "--ignored").split() == ["!!", ".dvc/tmp/"]


def test_only_exports_that_changed_are_fetched(author: Repository, remote: Path, tmp_path: Path) -> None:
    """A change of none of them: no photo is read, though all of them are unreadable."""
    (author.root / "NOTES.md").write_text("How we photograph.\n", encoding="utf-8")
    save(author.root, "Notes")
    for month in sorted(author.pointers.glob("*.dvc")):
        rows = pointers.rows(ObjectStore(author.root), pointers.parse(month.read_text(), month.name))
        for md5 in (md5 for path, md5 in rows.items() if not path.endswith(".json")):
            ci_world.remote_copy(remote, md5).chmod(0o644)
            ci_world.remote_copy(remote, md5).write_bytes(b"no photo")
    found = ci_world.judged(ci_world.clone_of(author, tmp_path), "origin/main")
    assert (ci_world.said(found), found.verdict) == ({}, "passed")
    assert [part.name for part in found.parts] == ["check", "pipeline", "remote", "exports", "changes"]
    assert found.changes[0] == f"{TAG} -> HEAD: PATCH (no capture, label or split changed)"


def test_a_spoilt_export_fails_though_everything_agrees(author: Repository, remote: Path, tmp_path: Path) -> None:
    """A label edited by hand, with manifest, dvc.lock and remote to match: up to date for DVC, not for the gate."""
    path = author.root / COCO / "train/train.json"
    document = jsontext.read(path)
    document["annotations"][0]["bbox"][0] += 1.5
    ci_world.replace_file(author.root, remote, COCO, "train/train.json", jsontext.dump(document).encode())
    save(author.root, "A better label")
    found = ci_world.judged(ci_world.clone_of(author, tmp_path), "origin/main")
    verdicts = {part.name: part.verdict for part in found.parts}
    assert (verdicts["pipeline"], verdicts["remote"], verdicts["tables"]) == ("passed", "passed", "passed")
    assert list(ci_world.said(found)) == ["export coco_format"]
    assert "rules failed, the first: rule " in ci_world.said(found)["export coco_format"]
    assert found.verdict == "failed"


def test_a_shrunk_pointer_and_a_stale_pipeline_are_named(author: Repository, remote: Path, tmp_path: Path) -> None:
    """A month that lost a capture, and a parameter that was not built: both parts fail, and all others still run."""
    month = min(author.pointers.glob("*.dvc"))
    store, text = ObjectStore(author.root), month.read_text(encoding="utf-8")
    rows = pointers.rows(store, pointers.parse(text, month.name))
    gone = next(iter(sorted(rows)))
    less = {path: md5 for path, md5 in rows.items() if path != gone}
    ci_world.put(author.root, remote, pointers.manifest_bytes(less), ".dir")
    month.write_text(pointers.with_rows(store, text, less, None), encoding="utf-8")
    change_params(author.root, filter__min_confidence=0.95)
    save(author.root, "Lose one, build nothing")
    found = ci_world.judged(ci_world.clone_of(author, tmp_path), "origin/main")
    failed = ci_world.said(found)
    assert list(failed) == ["check", "pipeline"]
    assert f"data/captures/{month.name} lost or changed 1 files since origin/main ({gone})" in failed["check"]
    assert str(tmp_path) not in failed["check"]
    assert "the pipeline is out of date (filter would run); run `dvc repro`" in failed["pipeline"]
    assert {part.name for part in found.parts} == {"check", "pipeline", "remote", "exports", "changes"}


def test_bytes_that_were_not_pushed_are_named(author: Repository, remote: Path) -> None:
    """A photo of an export, and an export's own list: the parts name them, and the remedy."""
    photo, md5 = next((p, m) for p, m in sorted(ci_world.listing(author.root, YOLO).items()) if p.endswith(".jpg"))
    ci_world.remote_copy(remote, md5).unlink()
    ci_world.remote_copy(remote, ci_world.address(author.root, COCO)).unlink()
    panel = Panel(lambda _: None)
    with clone(author, commit_of(author, "HEAD")) as fresh:
        panel.ask("remote", lambda: asking.presence(fresh))
        exports = exporting.Exports(fresh, exporting.outs(fresh, "HEAD"), list)
        panel.ask("yolo", lambda: exports.fetch_and_verify(YOLO))
        panel.ask("coco", lambda: exports.fetch_and_verify(COCO))
    failed = {part.name: part.why for part in panel.parts if part.verdict == "failed"}
    assert "the remote lacks 2 of " in failed["remote"]
    assert "data/exports/coco_format" in failed["remote"]
    assert failed["yolo"].startswith(f"{YOLO}/{photo} cannot be fetched: object {md5}")
    assert failed["coco"].startswith("data/exports/coco_format cannot be fetched: object ")
    assert all(why.endswith("run `dvc push` where it was built.") for why in failed.values())


def test_the_embedded_default_says_that_nobody_looked(base: Path, released: Repository, tmp_path: Path) -> None:
    """In a clone without the embedded remote's data another repository is judged, and all answers say so."""

    def make(folder: Path) -> Repository:
        return Repository(Path(shutil.copytree(base / "author", folder / "quickstart", symlinks=True)))

    here = ci_world.clone_of(released, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stand_in, "make", lambda folder, captures, step: make(folder))  # noqa: ARG005
        asked = ["ci", "pull-request", "--against", "HEAD~2", "--repo", str(here.root)]
        done = CliRunner().invoke(app, [*asked, "--comment", str(tmp_path / "comment.md")])
    assert done.exit_code == 0, done.output
    for text in (done.stdout, (tmp_path / "comment.md").read_text(encoding="utf-8")):
        assert "The data of this repository were NOT verified: its DVC remote is a folder inside it (.dvcstore)" in text
        assert "passed, but NOT the data of this repository (16 parts passed, 0 failed, 3 not verified)" in text
        for line in (
            "passed       pipeline: ",
            "not verified exports: ",
            "passed       quickstart: export yolo_format: ",
        ):
            assert line in text
    assert "by their counts" in done.stdout
    assert f"{TAG} -> HEAD, as far as Git holds it" in done.stdout


def test_a_pull_request_cannot_take_the_remote_away(
    author: Repository, remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back to the embedded default, where nothing could be verified: its bytes are asked of that, and are not there."""
    config = author.root / ".dvc/config"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace(str(remote), "../.dvcstore"), encoding="utf-8")
    save(author.root, "The default again")
    here = ci_world.clone_of(author, tmp_path)
    assert stand_in.out_of_reach(here) is not None
    with pytest.raises(CapturesetError, match="the remote lacks "):
        asking.presence(here)
    monkeypatch.setattr(pull_request, "ask_all", lambda *_: ["all was asked"])
    assert ci_world.judged(here, "origin/main").changes == ("all was asked",)


@pytest.mark.parametrize(
    ("url", "away"), [("s3://bucket/data", True), ("/srv/data", True), ("../../data", True), ("../inside", False)]
)
def test_where_a_remote_was_is_read_from_git(git_repository: Repository, url: str, away: bool) -> None:  # noqa: FBT001
    """An address, a folder elsewhere, a folder inside; and no remote at all."""
    config = git_repository.root / ".dvc/config"
    config.write_text(config.read_text(encoding="utf-8").replace("../.dvcstore", url), encoding="utf-8")
    save(git_repository.root, "A remote")
    assert stand_in.taken_away(git_repository, "HEAD") is away
    config.write_text("", encoding="utf-8")
    save(git_repository.root, "None")
    assert not stand_in.taken_away(git_repository, "HEAD")


def test_without_data_a_month_that_shrank_is_named_by_its_count(released: Repository, tmp_path: Path) -> None:
    """Where no list can be read the pointer's own number of files must have grown."""
    here = ci_world.clone_of(released, tmp_path)
    month = min(here.pointers.glob("*.dvc"))
    out = yaml.safe_load(month.read_text(encoding="utf-8"))
    number = out["outs"][0]["nfiles"]
    out["outs"][0] |= {"nfiles": number - 1, "md5": "0" * 32 + ".dir"}
    month.write_text(yaml.safe_dump(out), encoding="utf-8")
    sentence = f"data/captures/{month.name} lists {number - 1} files, {number} since origin/main; a month only grows"
    with pytest.raises(CapturesetError, match=sentence):
        asking.soundness(here, "origin/main", with_data=False)
    out["outs"][0]["nfiles"] = number + 4
    month.write_text(yaml.safe_dump(out), encoding="utf-8")
    assert "pointers only grow, by their counts" in asking.soundness(here, "origin/main", with_data=False)


def test_a_tag_that_keeps_its_promise_passes(author: Repository, tmp_path: Path) -> None:
    """Manifest, card, check, gates, pipeline, every byte and every export, in a clone; HEAD may be elsewhere."""
    here = ci_world.clone_of(author, tmp_path)
    comments = ["--comment", str(tmp_path / "summary.md")]
    with pytest.MonkeyPatch.context() as patch:  # its own environment takes minutes: `battery`, and tests of rebuild
        patch.setattr(rebuild, "rebuild", lambda _, promised: Rebuilt(promised.tag, "here", outputs=(SAME,)))
        done = CliRunner().invoke(app, ["ci", "tag", TAG, "--repo", str(here.root), "--json", *comments])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [part["name"] for part in found["parts"]][:5] == ["manifest", "card", "check", "gates", "pipeline"]
    assert sum(part["name"].startswith("export ") for part in found["parts"]) == 6
    assert [part["name"] for part in found["parts"]][-2:] == ["rebuilds", f"rebuild {TAG}"]
    assert {part["verdict"] for part in found["parts"]} == {"passed"}
    assert found["commit"] == git.git(author.root, "rev-parse", f"{TAG}^{{commit}}").strip()


@pytest.mark.parametrize(
    ("spoil", "part", "sentence"),
    [
        (lambda m: {**m, "exports": {**m["exports"], YOLO: {**m["exports"][YOLO], "files": 1}}}, "manifest", YOLO),
        (lambda m: {**m, "months": {}}, "manifest", "disagrees with data/captures about 2024-01"),
        (lambda m: {**m, "tag": "ecoguide-waste@v9.0.0"}, "manifest", "has tag 'ecoguide-waste@v9.0.0', not"),
        (lambda m: {**m, "counts": "many"}, "manifest", "/counts"),
        (lambda m: {**m, "criteria": {**m["criteria"], "filter": {}}}, "manifest", "params.yaml about filter"),
        (lambda m: {**m, "version": "0.9.0"}, "card", "front matter"),
        (lambda m: {**m, "parent": "ecoguide-waste@v0.0.1"}, "check", "is no revision"),
    ],
)
def test_a_manifest_that_disagrees_is_named(author: Repository, spoil: Spoil, part: str, sentence: str) -> None:
    """With dvc.lock, the pointers, the parameters, the tag, its schema or the card: by name, the other parts run."""
    (path,) = author.release_manifests
    jsontext.write(path, spoil(jsontext.read(path)))
    panel = Panel(lambda _: None)
    tag.ask_documents(panel, author, parse_version(*TAG.split("@")), with_data=True)
    failed = {found.name: found.why for found in panel.parts if found.verdict == "failed"}
    assert sentence in failed[part]
    assert len(panel.parts) == 4


def test_what_is_no_release_is_refused(author: Repository) -> None:
    """A tag that is not there, a word that is none, a branch that is not there: one sentence each."""
    for name in ("ecoguide-waste@v7.0.0", "main", "a@b"):
        with pytest.raises(CapturesetError, match="; "):
            ci_world.judged_tag(author, name)
    with pytest.raises(CapturesetError, match="'origin/no' is no revision of .*git fetch"):
        ci_world.judged(author, "origin/no")


def test_a_failed_gate_and_a_missing_manifest_are_named(author: Repository) -> None:
    """A tag without manifest or card, and one whose smoke-train failed, keep no promise."""
    gate = author.root / "data/smoke_train/verdict.json"
    jsontext.write(gate, {**jsontext.read(gate), "verdict": "failed"})
    shutil.rmtree(author.manifests)
    panel = Panel(lambda _: None)
    tag.ask_documents(panel, author, parse_version(*TAG.split("@")), with_data=True)
    assert [part.verdict for part in panel.parts] == ["failed"] * 4
    assert "ecoguide-waste_v0_1_0.json does not exist at ecoguide-waste@v0.1.0" in panel.parts[0].why
    assert "data/smoke_train/verdict.json is failed, not passed" in panel.parts[3].why


@pytest.mark.parametrize(
    ("done", "sentence"),
    [
        (Rebuilt(TAG, "here", fault="uv is not installed; install it."), "uv is not installed"),
        (Rebuilt(TAG, "here", outputs=(SAME, OTHER)), "data/exports/coco_format came out otherwise than released"),
        (Rebuilt(TAG, "here"), "nothing came out otherwise"),
    ],
)
def test_a_version_that_comes_out_otherwise_is_named(
    released: Repository, monkeypatch: pytest.MonkeyPatch, done: Rebuilt, sentence: str
) -> None:
    """A rebuild that cannot be made, or differs, fails the part of its tag; one that is left out says so."""
    monkeypatch.setattr(rebuild, "rebuild", lambda *_: done)
    panel = Panel(lambda _: None)
    ask_rebuilds(panel, released, "ecoguide-waste", 2)
    ask_rebuilds(panel, released, "ecoguide-waste", 0)
    ask_rebuilds(panel, released, "nobody", 2)
    verdicts = [(part.name, part.verdict) for part in panel.parts]
    assert verdicts[:3] == [("rebuilds", "passed"), (f"rebuild {TAG}", "failed"), ("rebuilds", "not_verified")]
    assert verdicts[3:] == [("rebuilds", "failed")]
    assert sentence in panel.parts[1].why


@pytest.mark.battery
def test_a_month_of_new_captures_after_a_release_passes(author: Repository, remote: Path, tmp_path: Path) -> None:
    """Built and pushed; photos that are in no export are not fetched, though the remote has them damaged."""
    fill(author, 24, 6, seed=0)
    repro(author.root)
    git.dvc(author.root, "push", "--quiet")
    save(author.root, "Six more")
    spoilt = 0
    exported = {
        m
        for out in exporting.outs(author, "HEAD")
        if "exports" in out
        for m in ci_world.listing(author.root, out).values()
    }
    for month in sorted(author.pointers.glob("*.dvc")):
        rows = pointers.rows(ObjectStore(author.root), pointers.parse(month.read_text(), month.name))
        for path, md5 in rows.items():
            if path.endswith(".jpg") and md5 not in exported and not path.rpartition("/")[2].startswith("planted"):
                ci_world.remote_copy(remote, md5).chmod(0o644)
                ci_world.remote_copy(remote, md5).write_bytes(b"no photo")
                spoilt += 1
    assert spoilt >= 1
    found = ci_world.judged(ci_world.clone_of(author, tmp_path), "origin/main")
    assert (ci_world.said(found), found.verdict, found.data_verified) == ({}, "passed", True)
    assert found.changes[0].startswith(f"{TAG} -> HEAD: MINOR (captures added: ")


@pytest.mark.battery
def test_a_real_quickstart_stands_in_for_a_taxonomy_and_a_filter_of_ones_own(tmp_path: Path) -> None:
    """In a clone of a new dataset repository, by its own code: nothing is there yet, so the stand-in is judged."""
    root = tmp_path / "dataset"
    quickstart.run(root, 0, step=lambda _: None, note=lambda _: None)
    categories = root / "data/categories.yaml"
    text = categories.read_text(encoding="utf-8")
    categories.write_text(text.replace("code: APPL_TV", "code: APPL_SCREEN"), encoding="utf-8")
    change_params(root, filter__date_range=["2031-01-01", "2031-12-31"])
    git.commit_paths(root, ["data/categories.yaml", "params.yaml"], "Ours")
    here = ci_world.clone_of(Repository(root), tmp_path)
    done = run(here.root, "-m", "captureset", "ci", "pull-request", "--against", "HEAD~1")
    assert done.returncode == 0, done.stdout
    for line in ("NOT verified", "pipeline: there is no capture yet", "quickstart: export coco_format: "):
        assert line in done.stdout


@pytest.mark.battery
def test_a_tag_on_the_embedded_default_releases_and_rebuilds_a_quickstart(released: Repository, tmp_path: Path) -> None:
    """Everything that needs data is asked of a tag of the quickstart repository, down to its bytes made again."""
    here = ci_world.clone_of(released, tmp_path)
    done = CliRunner().invoke(app, ["ci", "tag", TAG, "--repo", str(here.root), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["verdict"], found["data_verified"]) == ("passed", False)
    left = [part["name"] for part in found["parts"] if part["verdict"] == "not_verified"]
    assert left == ["remote", "tables", "exports", "rebuilds"]
    assert found["stand_in"][-1]["name"] == "quickstart: rebuild quickstart@v0.1.0"
    assert {part["verdict"] for part in found["stand_in"]} == {"passed"}


@pytest.mark.battery
def test_over_s3(author: Repository, s3: swift_s3.S3, tmp_path: Path) -> None:
    """A tag passes; without the right secret, as in a pull request from a fork, `remote` says why."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**s3.environment, "AWS_SESSION_TOKEN": ""}.items():
            patch.setenv(name, value)
        S3FileSystem(key=s3.key, secret=s3.secret, client_kwargs={"endpoint_url": s3.endpoint}).mkdir("judged")
        git.dvc(author.root, "remote", "modify", "storage", "url", "s3://judged/data")
        save(author.root, "A bucket")
        git.dvc(author.root, "push", "--quiet", "--all-tags")
        here = ci_world.clone_of(author, tmp_path)
        done = CliRunner().invoke(app, ["ci", "tag", TAG, "--rebuild", "0", "--repo", str(here.root)])
        assert done.exit_code == 0, done.output
        assert "not verified rebuilds: left out by --rebuild 0" in done.stdout
        patch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        found = ci_world.judged(here, "HEAD~1")
        assert set(ci_world.said(found)) == {"remote", "changes"}
        assert "the remote s3://judged/data cannot be listed: " in ci_world.said(found)["remote"]
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "")  # as a workflow gives a secret that is not set
        asked = ["ci", "pull-request", "--against", "HEAD~1", "--repo", str(here.root)]
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == 1
        assert "failed       remote: the remote s3://judged/data cannot be listed: " in done.stdout
