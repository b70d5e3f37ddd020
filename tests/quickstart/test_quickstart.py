"""From nothing to a verified dataset in one command, by somebody Git has never heard of."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from captureset.cli.main import app
from captureset.cli.quickstart import quickstart as command
from captureset.errors import CapturesetError, CommandFailedError
from captureset.formats import jsontext
from captureset.quickstart import quickstart, rebuilding, requirements, template
from captureset.quickstart.quickstart import Made
from captureset.store import git

CAPTURES = 24
FIND_SPEC = "captureset.quickstart.requirements.find_spec"
CHEAP = {"epochs": 3, "image_size_px": 128}

pytestmark = pytest.mark.usefixtures("nobody")


def started(*arguments: str) -> Result:
    """Run the command as a person does."""
    alone = typer.Typer(pretty_exceptions_enable=False)
    alone.command()(command)
    return CliRunner().invoke(alone, list(arguments))


def silent(_: str) -> None:
    """Hear nothing."""


def told(directory: Path, captures: int) -> list[str]:
    """The steps of making a repository."""
    steps: list[str] = []
    quickstart.create(directory, captures, step=steps.append, note=silent)
    return steps


def cheapen(root: Path) -> None:
    """Lower the cost of the smoke-train in a new repository, as a person would: an edit and a commit."""
    path = root / "params.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["smoke_train"] |= CHEAP
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    git.commit_paths(root, ["params.yaml"], "Train less")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, nobody: None) -> tuple[Path, str]:  # noqa: ARG001 - sets the scene
    """A repository made by the command, captures committed, pipeline not run; and what the command printed."""
    root = tmp_path_factory.mktemp("far") / "내 dataset 1.0"
    done = started(str(root), "--captures", str(CAPTURES), "--no-repro")
    assert done.exit_code == 0, done.output
    return root, done.output


def test_it_says_that_the_photos_are_synthetic(made: tuple[Path, str]) -> None:
    """The first word is that these are drawings, the last where to go on."""
    _, printed = made
    assert printed.startswith("The photos are synthetic")
    assert f"{CAPTURES} synthetic captures" in printed
    assert "dvc repro" in printed.rpartition("Done in")[2]
    assert "synthetic" in started("--help").output


def test_the_captures_are_committed_and_one_is_set_aside(made: tuple[Path, str]) -> None:
    """Three commits: the recipe, the captures, the exclusion; nothing waits and nothing is uncommitted."""
    root, _ = made
    subjects = git.git(root, "log", "--format=%s", "--reverse").splitlines()
    assert subjects[0] == template.FIRST_COMMIT
    assert re.fullmatch(rf"Add {CAPTURES} captures and \d+ feedback \(2024-01, .*\)", subjects[1])
    assert subjects[2] == "Set scene-0012 aside"
    assert (root / "data/exclusions.csv").read_text(encoding="utf-8").count("\n") == 2
    assert not list((root / "data/inbox").iterdir())
    assert not git.changed_paths(root)


@pytest.fixture
def afresh(made: tuple[Path, str]) -> Iterator[Path]:
    """The repository with a stage that refuses; mended afterwards."""
    root, _ = made
    path = root / "params.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("whole_image_boxes:", "hole_image_boxes:"), encoding="utf-8")
    yield root
    path.write_text(before, encoding="utf-8")


def test_a_stage_that_refuses_is_heard(afresh: Path) -> None:
    """The one sentence has the stage's own words and says that the repository is there, to be mended."""
    with pytest.raises(CommandFailedError, match=r"is made .*hole_image_boxes.* run `dvc repro` there\.$"):
        rebuilding.rebuild(afresh)


@pytest.mark.e2e
def test_the_whole_road_ends_clean(made: tuple[Path, str]) -> None:
    """Every stage runs once, in order; the gates pass; DVC and Git find nothing to do; the results are in Git."""
    root, _ = made
    cheapen(root)
    steps: list[str] = []
    done = quickstart.finish(Made(root, CAPTURES, 0, "scene-0012", None), step=steps.append)
    stages = [step.removeprefix("dvc repro: ") for step in steps if step.startswith("dvc repro: ")]
    assert len(stages) == len(set(stages)) >= 10
    assert (stages[0], stages.index("measure") < stages.index("quality")) == ("catalog", True)
    for gate in ("verify/verify", "smoke_train/verdict"):
        assert jsontext.read(root / "data" / f"{gate}.json")["verdict"] == "passed"
    assert git.dvc(root, "status", "dvc.yaml").strip() == "Data and pipelines are up to date."
    assert git.git(root, "status", "--porcelain") == ""
    proved = CliRunner().invoke(app, ["verify", str(root / "data/exports"), "--json"])
    assert proved.exit_code == 0, proved.output
    rules = {row["rule"] for row in json.loads(proved.output)["checks"] if row["status"] == "passed"}
    assert rules == set(range(1, 32))
    assert "dvc.lock" in git.git(root, "ls-files")
    assert done.report is None or done.report.is_file()


@pytest.mark.parametrize("captures", ["1", "19"])
def test_too_few_captures_are_refused(tmp_path: Path, captures: str) -> None:
    """Some kinds of captures would be missing; nothing is made."""
    done = started(str(tmp_path / "new"), "--captures", captures)
    assert re.search(rf"{captures} captures are too few .* 20 or more", str(done.exception))
    assert not list(tmp_path.iterdir())


def test_no_captures_make_an_empty_repository(tmp_path: Path) -> None:
    """With 0 the repository is ready for data of one's own, and no word is said of synthetic photos."""
    done = started(str(tmp_path / "new"), "--captures", "0")
    assert done.exit_code == 0, done.output
    assert "synthetic" not in done.output
    assert [path.name for path in (tmp_path / "new/data/captures").iterdir()] == [".gitkeep"]
    assert not git.changed_paths(tmp_path / "new")


@pytest.mark.parametrize(("module", "extra"), [("pycocotools", "pipeline"), ("ultralytics", "train")])
def test_a_missing_extra_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, extra: str
) -> None:
    """One sentence names the module, the extra and the command; no folder appears."""
    monkeypatch.setattr(FIND_SPEC, lambda name: None if name == module else find_spec(name))
    done = started(str(tmp_path / "new"))
    assert isinstance(done.exception, CapturesetError)
    assert re.fullmatch(rf"The quickstart needs {module} \(extra `{extra}`\).*'\.\[{extra}\]'.*", str(done.exception))
    assert not list(tmp_path.iterdir())


def test_only_the_pipeline_needs_the_trainer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `dvc repro` nobody asks for torch."""
    monkeypatch.setattr(FIND_SPEC, lambda name: None if name in requirements.TRAIN else find_spec(name))
    requirements.require(repro=False)
    with pytest.raises(CapturesetError, match="torch, torchvision, ultralytics"):
        requirements.require(repro=True)


def test_a_missing_git_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git comes first of all."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CapturesetError, match="needs `git`"):
        requirements.require(repro=False)


def test_a_commit_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks before the pipeline runs leaves no folder behind."""

    def broken(*_: object) -> None:
        raise CapturesetError("the disk is full")

    monkeypatch.setattr(quickstart, "commit", broken)
    with pytest.raises(CapturesetError, match="the disk is full"):
        told(tmp_path / "new", 20)
    assert not list(tmp_path.iterdir())


def test_stages_run_by_this_interpreter_with_the_repositorys_code(tmp_path: Path) -> None:
    """`python` in dvc.yaml is the interpreter that runs here, and its captureset is the new repository's."""
    found = rebuilding.environment(tmp_path)
    assert found["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert found["PYTHONPATH"] == str(tmp_path / "stages")
