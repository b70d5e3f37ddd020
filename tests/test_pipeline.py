"""The pipeline as a user runs it: real Git, real DVC, drawn photos."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from captureset.formats import jsontext, tables
from captureset.inspection.candidates import candidates
from captureset.records.rows import CaptureRow, FilterRow, MeasurementRow, QualityRow, SplitRow
from captureset.services import judged
from captureset.store import git
from captureset.store.repository import Repository
from pipeline import NOBODY, begin, change_params, fill, repro, run, save, stages_run

CAPTURES = 24
EXPORTS = [f"export@{kind}" for kind in ("coco", "yolo", "yolo_segment", "classification", "custom", "tables")]
UP_TO_VERIFY = ["catalog", "measure", "quality", "filter", "split", *EXPORTS, "verify"]
UP_TO_DATE = "Data and pipelines are up to date."


@pytest.fixture(scope="module", autouse=True)
def nobody() -> Iterator[None]:
    """Nobody's own Git settings reach these tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NOBODY.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository with captures, built up to `verify` and committed; and what `dvc repro` said. Read only."""
    repository = begin(tmp_path_factory.mktemp("pipeline") / "built")
    fill(repository, 0, CAPTURES)
    said = repro(repository.root, "verify")
    save(repository.root, "Build")
    return repository.root, said


@pytest.fixture
def copy(built: tuple[Path, str], tmp_path: Path) -> Path:
    """The built repository with its cache, to be changed."""
    return Path(shutil.copytree(built[0], tmp_path / "copy", symlinks=True))


@pytest.fixture(scope="module")
def spoilt(built: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another, in which every stage refuses something; params.yaml is put back before each test."""
    return Path(shutil.copytree(built[0], tmp_path_factory.mktemp("spoilt") / "copy", symlinks=True))


@pytest.fixture
def clone(built: tuple[Path, str], tmp_path: Path) -> Path:
    """A Git clone without any cache; its remote is an empty folder of its own."""
    git.git(tmp_path, "clone", "--quiet", str(built[0]), "clone")
    remote = tmp_path / "remote"
    remote.mkdir()
    git.dvc(tmp_path / "clone", "remote", "modify", "--local", "storage", "url", str(remote))
    return tmp_path / "clone"


def read(root: Path, name: str, record: type[Any]) -> list[Any]:
    """Return a table of the repository."""
    return tables.read(root / "data" / f"{name}.parquet", record)


def files(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def address_of(root: Path, md5: str) -> Path:
    """Return the cache file of a photo."""
    return root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


def test_the_whole_road(built: tuple[Path, str]) -> None:
    """Every stage runs once, in data-flow order, without one photo in the workspace, and the gate is green."""
    root, said = built
    assert sorted(stages_run(said)) == sorted(UP_TO_VERIFY)
    assert stages_run(said)[:5] == UP_TO_VERIFY[:5]
    assert stages_run(said)[-1] == "verify"
    assert not (root / "data/images").exists()
    verdict = json.loads((root / "data/verify/verify.json").read_text(encoding="utf-8"))
    assert verdict["verdict"] == "passed"
    assert {row["rule"] for row in verdict["checks"] if row["status"] == "passed"} == set(range(1, 31))
    assert len(read(root, "catalog/captures", CaptureRow)) == CAPTURES
    assert not list((root / "data").rglob("*.partial"))


def test_every_capture_is_accounted_for(built: tuple[Path, str]) -> None:
    """Kept and dropped make up the catalog; what is kept is exported or stands in `left_out`; the faults are named."""
    root = built[0]
    verdicts = read(root, "filter/filter", FilterRow)
    kept = {row.capture_id for row in verdicts if row.kept}
    assert {row.capture_id for row in verdicts} == {
        row.capture_id for row in read(root, "catalog/captures", CaptureRow)
    }
    assert all(row.reasons for row in verdicts if not row.kept)
    assert {row.capture_id for row in read(root, "split/split", SplitRow)} == kept
    for name in ("coco_format", "yolo_format", "custom/ecoguide_v1"):
        manifest = jsontext.read(root / "data/exports" / name / "manifest.json")
        listed = [row["capture_id"] for row in (*manifest["images"], *manifest["left_out"])]
        assert sorted(listed) == sorted(kept)


def test_services_and_review_judge_as_the_stage_does(built: tuple[Path, str]) -> None:
    """The app's services have the very rows of data/quality; `captureset review` ranks what nobody has looked at."""
    root = built[0]
    judged_by_stage = read(root, "quality/quality", QualityRow)
    assert [one.quality for one in judged.everything(Repository(root))] == judged_by_stage
    unreviewed = {
        row.capture_id for row in read(root, "catalog/captures", CaptureRow) if row.review_state == "unreviewed"
    }
    ranked = candidates(Repository(root))
    assert {one.capture_id for one in ranked} >= unreviewed
    assert [one.worth for one in ranked] == sorted((one.worth for one in ranked), reverse=True)


def test_a_second_repro_is_up_to_date(built: tuple[Path, str]) -> None:
    """Nothing changed, nothing runs, Git sees no difference."""
    root, _ = built
    assert UP_TO_DATE in repro(root, "verify")
    assert git.changed_paths(root) == []


def test_a_clone_without_cache_is_up_to_date(clone: Path) -> None:
    """`dvc repro --allow-missing` in a fresh clone runs nothing and fetches not one image."""
    assert UP_TO_DATE in repro(clone, "--allow-missing", "verify")
    assert not (clone / "data/images").exists()
    assert not list((clone / ".dvc").rglob("files/md5/*/*"))
    assert git.changed_paths(clone) == []


def test_two_machines_make_the_same_bytes(copy: Path, clone: Path, tmp_path: Path) -> None:
    """From the captures alone, without any earlier output, a clone builds the same dvc.lock and the same verdict."""
    git.dvc(copy, "remote", "modify", "--local", "storage", "url", str(tmp_path / "remote"))
    git.dvc(copy, "push", *(str(path.relative_to(copy)) for path in (copy / "data/captures").glob("*.dvc")))
    lock = (clone / "dvc.lock").read_bytes()
    said = repro(clone, "verify")
    assert sorted(stages_run(said)) == sorted(UP_TO_VERIFY[:-1])  # verify came with Git, and its inputs are the same
    assert (clone / "dvc.lock").read_bytes() == lock
    assert git.changed_paths(clone) == []
    assert files(clone / "data/exports") == files(copy / "data/exports")


def test_a_filter_threshold_re_runs_nothing_before_filter(copy: Path) -> None:
    """Another criterion runs filter and what follows, and fewer captures are kept."""
    before = sum(row.kept for row in read(copy, "filter/filter", FilterRow))
    change_params(copy, filter__feedback_only=True)
    ran = stages_run(repro(copy, "verify"))
    assert ran[0] == "filter"
    assert sorted(ran) == sorted(["filter", "split", *EXPORTS, "verify"])
    assert 0 < sum(row.kept for row in read(copy, "filter/filter", FilterRow)) < before


def test_the_command_proves_what_the_stage_proves_and_asks_dvc_too(built: tuple[Path, str]) -> None:
    """`captureset verify` on data/exports: what the stage passed passes, and rule 31 names the stages that wait."""
    root, _ = built
    done = run(root, "-m", "captureset", "verify", "data/exports", "--json")
    assert done.returncode == 1, done.stdout
    found = json.loads(done.stdout)
    stage = jsontext.read(root / "data/verify/verify.json")
    failed = {row["check"]: [fault["id"] for fault in row["faults"]] for row in found["checks"] if row["faults"]}
    assert failed == {"clean_status": ["report", "smoke_train"]}
    rows = [row for row in found["checks"] if row["rule"] != len({row["rule"] for row in found["checks"]})]
    assert rows == [row for row in stage["checks"] if row["check"] != "clean_status"]
    assert {row["why"] for row in stage["checks"] if row["check"] == "clean_status"} == {
        "the pipeline is under way; `captureset verify data/exports` proves it afterwards"
    }


def test_only_new_photos_are_opened(copy: Path) -> None:
    """Two captures more: `measure` builds its table although every older photo is gone from the cache."""
    old = read(copy, "measure/measurements", MeasurementRow)
    for row in old:
        address_of(copy, row.image_md5).unlink()
    fill(Repository(copy), CAPTURES, 2)
    assert stages_run(repro(copy, "measure")) == ["catalog", "measure"]
    new = read(copy, "measure/measurements", MeasurementRow)
    assert len(new) == len(old) + 2
    assert set(old) < set(new)


KILL = "import os, signal; die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"


def test_a_killed_measure_resumes(copy: Path) -> None:
    """Killed at its third shard, `measure` goes on without opening the photos of the first two again."""
    wanted = (copy / "data/measure/measurements.parquet").read_bytes()
    rows = read(copy, "measure/measurements", MeasurementRow)
    (copy / "dvc.lock").unlink()  # so that no earlier output helps
    shutil.rmtree(copy / "data/measure")
    change_params(copy, measure__shard_size=5, measure__workers=1)
    third = (
        "F = m.FinishedShards\nsave = F.save\n"
        "F.save = lambda s, r: die() if len(list(s.load())) == 10 else save(s, r)\nm.main()"
    )
    killed = run(copy, "-c", f"{KILL}import captureset.measure as m\n{third}")
    assert killed.returncode == -signal.SIGKILL, killed.stdout
    assert not (copy / "data/measure").exists()
    for row in sorted(rows, key=lambda row: row.image_md5)[:10]:
        address_of(copy, row.image_md5).unlink()
    done = run(copy, "-m", "captureset.measure")
    assert done.returncode == 0, done.stdout
    assert (copy / "data/measure/measurements.parquet").read_bytes() == wanted
    assert not list((copy / ".dvc/tmp/captureset").rglob("*.jsonl"))


def test_a_killed_stage_leaves_no_half_output(copy: Path) -> None:
    """Killed while it writes, a stage leaves the old folder whole; the next run sweeps up and ends the same."""
    before = files(copy / "data/exports")
    program = (
        "import captureset.export as e\nimport captureset.formats.jsontext as j\nj.dump_rows = die\ne.write('coco')"
    )
    killed = run(copy, "-c", KILL + program)
    assert killed.returncode == -signal.SIGKILL, killed.stdout
    left = copy / "data/exports/.coco_format.partial"
    assert left.is_dir()
    assert files(copy / "data/exports/coco_format") == {
        name.removeprefix("coco_format/"): data for name, data in before.items() if name.startswith("coco_format/")
    }
    assert stages_run(repro(copy, "--force", "--single-item", "export@coco")) == ["export@coco"]
    assert files(copy / "data/exports") == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"filter__categories": ["FURN_SOFT"]},
            "filter: params.yaml: filter.categories names 'FURN_SOFT', unknown; did you mean FURN_SOFA?.",
        ),
        (
            {"split__train_ratio": 0.6},
            "split: params.yaml has 1 problem: /split: the ratios [0.6, 0.2, 0.1] sum to 0.9 (make them sum to 1).",
        ),
        (
            {"filter__min_confidense": 0.5},
            (
                "filter: params.yaml has 1 problem: /filter/min_confidense: unknown key 'min_confidense' "
                "(did you mean min_confidence?)."
            ),
        ),
    ],
)
def test_bad_params_are_refused_in_one_sentence(spoilt: Path, changes: dict[str, Any], sentence: str) -> None:
    """Through `dvc repro` the stage says its one sentence, DVC exits 255, and no half output stands."""
    git.git(spoilt, "checkout", "--", "params.yaml")
    change_params(spoilt, **changes)
    done = run(spoilt, "-m", "dvc", "repro", "verify")
    assert done.returncode == 255
    assert [line for line in done.stdout.splitlines() if line.startswith(("filter: ", "split: "))] == [sentence]
    assert "Traceback" not in done.stdout
    assert not list((spoilt / "data").rglob("*.partial"))


def test_an_unknown_section_is_refused(spoilt: Path) -> None:
    """A section no stage has changes nothing DVC looks at; the whole pipeline refuses it all the same."""
    git.git(spoilt, "checkout", "--", "params.yaml")
    change_params(spoilt, filters={"min_confidence": 0.9})
    done = run(spoilt, "-m", "dvc", "repro")
    assert done.returncode == 255
    assert "/filters: unknown key 'filters' (did you mean filter?)" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_repository_without_captures_is_refused(tmp_path: Path) -> None:
    """`dvc repro` before the first capture says what to do, and writes nothing."""
    root = begin(tmp_path / "new").root
    done = run(root, "-m", "dvc", "repro", "verify")
    assert done.returncode == 255
    assert "catalog: data/captures has no month pointer, so there is no capture yet; bring some in with" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (root / "data/catalog").exists()


def test_a_lost_photo_is_refused_by_its_address(copy: Path) -> None:
    """A photo that neither cache nor remote has stops the export with its address, and nothing half-written stands."""
    placed = {row.capture_id for row in read(copy, "split/split", SplitRow) if row.masked is None}
    md5 = next(row.image_md5 for row in read(copy, "catalog/captures", CaptureRow) if row.capture_id in placed)
    address_of(copy, md5).unlink()
    done = run(copy, "-m", "dvc", "repro", "--force", "--single-item", "export@coco")
    assert done.returncode == 255
    assert f"object {md5}" in done.stdout
    assert "is missing from the cache and from the remote" in done.stdout
    assert not (copy / "data/exports/.coco_format.partial").exists()


def test_it_trains(copy: Path) -> None:
    """A few images, two epochs: the trainer saw every one of them and its loss fell; the export is untouched."""
    change_params(copy, smoke_train__epochs=2, smoke_train__image_size_px=160, smoke_train__max_images=12)
    before = files(copy / "data/exports/yolo_format")
    assert stages_run(repro(copy, "smoke_train")) == ["smoke_train"]
    verdict = jsontext.read(copy / "data/smoke_train/verdict.json")
    assert (verdict["verdict"], verdict["finite"], verdict["fell"], verdict["corrupt"]) == ("passed", True, True, 0)
    assert verdict["images_seen"] == verdict["images_given"] == min(12, verdict["images_in_train"])
    assert files(copy / "data/exports/yolo_format") == before
    assert UP_TO_DATE in repro(copy, "smoke_train")
