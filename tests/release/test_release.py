"""A release: refused unless everything holds; frozen, written down, tagged; used by a stranger."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers, schema, tables
from captureset.inspection.check import check
from captureset.inspection.checking import record_release
from captureset.inspection.status import status
from captureset.records.rows import FrozenSplit, SplitRow
from captureset.release import journal
from captureset.release.release import READ_THE_LEDGER, release
from captureset.store import checks, git, hooks
from captureset.store.repository import Repository
from captureset.trainer.reader import read_with_trainer
from captureset.trainer.view import trainer_view
from pipeline import change_params, fill, repro, save
from planted import NOWHERE, SECRETS, SIDECAR_ONLY
from releasing import CAPTURES, FEEDBACK, NAME, TAG

pytestmark = pytest.mark.usefixtures("as_tester")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository(built: Path, tmp_path: Path) -> Repository:
    """A copy that may be released from."""
    return Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))


def said_by_git(root: Path) -> bytes:
    """Return every object of a Git repository's history, unpacked."""
    return subprocess.run(
        ["git", "cat-file", "--batch", "--batch-all-objects"], cwd=root, capture_output=True, check=True
    ).stdout


def test_a_released_dataset_has_none_of_the_planted_secrets(repository: Repository) -> None:
    """Photos with every secret a file has room for, saved through the app's doors, are in it; of the secrets, nothing.

    Searched: every file of the repository, exports, reports, manifest and tables among them, DVC's cache and remote,
    and all of Git's history. Only sidecars and feedback may hold the words of model and user.
    """
    release(repository, "ecoguide-waste", "v0.1.0", "first")
    exported = (repository.root / "data/exports/coco_format").rglob("planted-*")
    assert len({path.stem for path in exported}) == 3
    assert len({**SECRETS, **NOWHERE, **SIDECAR_ONLY}) >= 40
    everything = {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()}
    sidecars = {path: data for path, data in everything.items() if "/files/md5/" in str(path) and is_told(data)}
    everything[Path("Git's history")] = said_by_git(repository.root)
    assert len(sidecars) == 2 * (CAPTURES + FEEDBACK)  # in DVC's cache and on its remote
    found = [
        (str(path), name)
        for path, data in everything.items()
        for name, secret in {**SECRETS, **NOWHERE, **({} if path in sidecars else SIDECAR_ONLY)}.items()
        if secret in data
    ]
    assert found == []
    assert {name for data in sidecars.values() for name, word in SIDECAR_ONLY.items() if word in data} == {
        *SIDECAR_ONLY
    }


def is_told(data: bytes) -> bool:
    """Say whether bytes are a sidecar or a feedback."""
    return data.startswith(b"{") and b'"schema_version"' in data and b'"capture_id"' in data


def tags(repository: Repository) -> list[str]:
    """Return the tags of a repository."""
    return git.git(repository.root, "tag").split()


def test_a_version_is_frozen_written_down_and_tagged(repository: Repository) -> None:
    """One annotated tag, one commit, a manifest its schema accepts, every exported capture in the ledger."""
    before = tables.read(repository.root / "data/split/split.parquet", SplitRow)
    done = release(repository, "ecoguide-waste", "v0.1.0", "first")
    assert git.git(repository.root, "cat-file", "-t", "ecoguide-waste@v0.1.0").strip() == "tag"
    assert git.git(repository.root, "rev-parse", "ecoguide-waste@v0.1.0^{commit}").strip() == done.commit
    manifest = jsontext.read(repository.root / "data/metadata/datasets/ecoguide-waste_v0_1_0.json")
    assert schema.problems("release", manifest) == ()
    assert manifest["built_from"] == git.git(repository.root, "rev-parse", "HEAD~1").strip()
    assert manifest["counts"]["captures"] == CAPTURES
    frozen = {row.capture_id: row.split for row in ledgers.read(repository.frozen_splits, FrozenSplit)}
    assert frozen == {row.capture_id: row.split for row in before}
    assert [row.checked for row in checks.read(repository)] == ["ecoguide-waste@v0.1.0"] * CAPTURES
    assert tables.read(repository.root / "data/split/split.parquet", SplitRow) == before
    assert git.changed_paths(repository.root) == []
    reports = {path.name for path in repository.quality_reports.glob("*.json")}
    assert reports == {f"2024_0{month}_quality.json" for month in (1, 2, 3)}
    assert jsontext.read(repository.root / "data/report/metrics.json")["kpi"]["automatic_share"] == 1.0
    assert status(repository).stale_stages == ()
    assert status(repository).unpushed_files == 0


def test_the_score_of_every_capture_is_kept(repository: Repository) -> None:
    """All at first; later what changed, with the version that tells why, and nothing else."""
    assert record_release(repository, "ecoguide-waste@v0.1.0") == CAPTURES
    first = checks.read(repository)
    assert {(row.check_type, row.checked) for row in first} == {("initial", "ecoguide-waste@v0.1.0")}
    assert record_release(repository, "ecoguide-waste@v0.2.0") == 0
    change_params(repository.root, quality__medium_from=0.99, quality__high_from=1.0)
    repro(repository.root, "quality")
    assert record_release(repository, "ecoguide-waste@v0.3.0") > 0
    before = {row.capture_id: row for row in first}
    for row in checks.read(repository)[CAPTURES:]:
        earlier = before[row.capture_id]
        assert (row.check_type, row.overall_score) == ("periodic", earlier.overall_score)
        assert row.grade != earlier.grade
        metric, thresholds, code = zip(row.version.split("-"), earlier.version.split("-"), strict=True)
        assert (metric[0] == metric[1], thresholds[0] == thresholds[1], code[0] == code[1]) == (True, False, True)


def test_a_release_passes_the_guard_of_commits_and_the_next_one_follows(repository: Repository) -> None:
    """With the hooks of `captureset install`; unchanged data asks for the next PATCH, and no number is left out."""
    hooks.install(repository)
    release(repository, "ecoguide-waste", "v0.1.0")
    with pytest.raises(CapturesetError, match=r"0\.1\.3 does not follow 0\.1\.0; the next number is 0\.1\.1"):
        release(repository, "ecoguide-waste", "v0.1.3")
    done = release(repository, "ecoguide-waste", "v0.1.1", "packed anew")
    assert tags(repository) == ["ecoguide-waste@v0.1.0", "ecoguide-waste@v0.1.1"]
    changes = jsontext.read(done.manifest)["changes"]
    assert (changes["level"], changes["since"], done.newly_frozen) == ("patch", "ecoguide-waste@v0.1.0", 0)
    assert check(repository) == []


def test_a_released_capture_never_moves(repository: Repository) -> None:
    """With another salt, other ratios and more captures, what was released stays where it was."""
    release(repository, "ecoguide-waste", "v0.1.0")
    before = {row.capture_id: row.split for row in ledgers.read(repository.frozen_splits, FrozenSplit)}
    change_params(repository.root, split__salt="other", split__train_ratio=0.5, split__val_ratio=0.4)
    fill(repository, CAPTURES - 3, 12)
    repro(repository.root, "split")
    after = {row.capture_id: row.split for row in tables.read(repository.root / "data/split/split.parquet", SplitRow)}
    assert before.items() <= after.items()
    assert len(after) > len(before)


def test_a_stranger_fetches_the_tag_and_reads_it(repository: Repository, tmp_path: Path) -> None:
    """`dvc get --rev` brings the YOLO export of the tag; the trainer's loader reads it all, though HEAD has moved."""
    release(repository, "ecoguide-waste", "v0.1.0")
    change_params(repository.root, filter__feedback_only=True)
    repro(repository.root, "export@yolo")
    save(repository.root, "Other criteria")
    get = ("get", str(repository.root), "data/exports/yolo_format", "--rev", "ecoguide-waste@v0.1.0")
    git.dvc(tmp_path, *get, "--out", str(tmp_path / "waste"))
    manifest = jsontext.read(tmp_path / "waste/manifest.json")
    with trainer_view(tmp_path / "waste") as view:
        found = read_with_trainer(view)
    images = {name: counts["images"] for name, counts in manifest["counts"].items() if counts["images"]}
    assert {name: split.images_found for name, split in found.items() if split.folder == f"images/{name}"} == images
    assert sum(split.labels_found for split in found.values()) == sum(c["boxes"] for c in manifest["counts"].values())


def test_a_branch_without_the_last_version_is_refused(released: Repository, tmp_path: Path) -> None:
    """Its ledger lacks what that version froze, so captures would move; a detached HEAD would lose the ledger."""
    repository = Repository(Path(shutil.copytree(released.root, tmp_path / "copy", symlinks=True)))
    git.git(repository.root, "checkout", "--quiet", "--detach")
    with pytest.raises(CapturesetError, match="HEAD is on no branch"):
        release(repository, NAME, "v0.2.0")
    git.git(repository.root, "switch", "--quiet", "--create", "before", "HEAD~1")
    with pytest.raises(CapturesetError, match=f"this branch does not contain {TAG}, .*git merge {TAG}"):
        release(repository, NAME, "v0.2.0")
    assert tags(repository) == [TAG]


def test_what_a_person_says_is_one_line(repository: Repository) -> None:
    """No heading, no line of its own, no half character gets into history, terminal or tag."""
    assert journal.sentence("# first\n\n## sofas@v9.9.9 \x1b[31m") == "# first ## sofas@v9.9.9 \\x1b[31m"
    with pytest.raises(CapturesetError, match="is no UTF-8 text"):
        release(repository, NAME, "v0.1.0", "\udcff")


def test_a_dirty_tree_is_refused(repository: Repository) -> None:
    """An uncommitted file stops a release, by name."""
    (repository.root / "note.txt").write_text("x", encoding="utf-8")
    with pytest.raises(CapturesetError, match=r"uncommitted changes \(note.txt\)"):
        release(repository, "ecoguide-waste", "v0.1.0")


def test_an_out_of_date_pipeline_is_refused(repository: Repository) -> None:
    """A committed change of params.yaml that was not built stops a release, and names the stage."""
    change_params(repository.root, filter__min_confidence=0.95)
    save(repository.root, "Change without building")
    assert "filter" in status(repository).stale_stages
    with pytest.raises(CapturesetError, match=r"out of date \(.*filter"):
        release(repository, "ecoguide-waste", "v0.1.0")
    assert tags(repository) == []


@pytest.mark.parametrize("gate", ["data/verify/verify.json", "data/smoke_train/verdict.json"])
def test_a_failed_gate_is_refused(repository: Repository, gate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that is not `passed` stops a release even if DVC thinks all is well."""
    path = repository.root / gate
    jsontext.write(path, {**jsontext.read(path), "verdict": "failed"})
    save(repository.root, "Spoil the gate")
    monkeypatch.setattr("captureset.release.preflight.stale_stages", lambda _: [])
    with pytest.raises(CapturesetError, match=f"the gate {gate} is failed"):
        release(repository, "ecoguide-waste", "v0.1.0")


def test_an_existing_or_older_version_is_refused(repository: Repository) -> None:
    """A version is named once, and only forwards."""
    release(repository, "ecoguide-waste", "v0.2.0")
    for number, sentence in (("v0.2.0", "exists"), ("0.1.9", "older than")):
        with pytest.raises(CapturesetError, match=sentence):
            release(repository, "ecoguide-waste", number)
    assert tags(repository) == ["ecoguide-waste@v0.2.0"]


def test_a_failed_release_leaves_no_trace(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the remote refuses, tree, ledger, index and tags are as before."""
    head = git.git(repository.root, "rev-parse", "HEAD")
    (repository.root / ".dvc/config.local").write_text(
        "['remote \"storage\"']\n    url = /proc/nowhere\n", encoding="utf-8"
    )
    with pytest.raises(CapturesetError):
        release(repository, "ecoguide-waste", "v0.1.0")
    monkeypatch.undo()
    assert git.git(repository.root, "rev-parse", "HEAD") == head
    assert git.changed_paths(repository.root) == []
    assert tags(repository) == []
    assert not list(repository.manifests.glob("*"))
    assert not list(repository.quality_reports.glob("*"))
    (repository.root / ".dvc/config.local").unlink()
    assert release(repository, "ecoguide-waste", "v0.1.0").newly_frozen > 0


def test_exports_can_be_rebuilt_from_the_tag(repository: Repository, tmp_path: Path) -> None:
    """A clone at the tag says up to date without fetching one image."""
    release(repository, "ecoguide-waste", "v0.1.0")
    git.git(tmp_path, "clone", "--quiet", "--branch", "ecoguide-waste@v0.1.0", str(repository.root), "clone")
    said = git.dvc(tmp_path / "clone", "repro", "--allow-missing", "--dry")
    assert "Data and pipelines are up to date." in said
    assert not (tmp_path / "clone/data/images").exists()


def test_the_manifest_names_what_it_was_built_with(repository: Repository) -> None:
    """Criteria, exports with address and size, and the tools' versions stand in the manifest."""
    done = release(repository, "ecoguide-waste", "v0.1.0")
    manifest = json.loads(done.manifest.read_text(encoding="utf-8"))
    assert manifest["criteria"]["split"]["train_ratio"] == 0.7
    assert set(manifest["exports"]) >= {
        "data/exports/coco_format",
        "data/exports/yolo_format",
        "data/exports/custom",
    }
    assert {"python", "dvc", "pycocotools", "ultralytics"} <= set(manifest["tools"])


def test_freezing_runs_every_stage_that_reads_the_ledger() -> None:
    """Those and no other: DVC looks at these alone, and another one would be out of date after a release."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert {name for name, body in stages.items() if "data/splits.csv" in body.get("deps", ())} == set(READ_THE_LEDGER)
