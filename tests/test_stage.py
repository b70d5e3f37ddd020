"""How a stage runs: whole outputs or none, one sentence on refusal, the repository's own code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import captureset
from captureset import stage
from captureset.errors import CapturesetError

SOURCE = Path(captureset.__file__).resolve().parents[1]


def names(folder: Path) -> list[str]:
    """Return what stands in a folder, hidden names too."""
    return sorted(path.name for path in folder.iterdir())


def test_output_appears_whole(tmp_path: Path) -> None:
    """The folder is not there while its files are written, and replaces the old one at the end."""
    target = tmp_path / "data" / "measure"
    for text in ("first", "second"):
        with stage.output(target) as folder:
            assert not (target / text).exists()
            (folder / text).write_text(text)
        assert names(target) == [text]
    assert names(target.parent) == ["measure"]


def half_written(target: Path) -> None:
    """Write a part and refuse."""
    with stage.output(target) as folder:
        (folder / "new").touch()
        raise CapturesetError("no")


def test_a_refusal_leaves_the_old_output_and_no_part(tmp_path: Path) -> None:
    """When the block fails, the old folder stands and nothing half-written does."""
    target = tmp_path / "measure"
    with stage.output(target) as folder:
        (folder / "old").touch()
    with pytest.raises(CapturesetError):
        half_written(target)
    assert names(tmp_path) == ["measure"]
    assert names(target) == ["old"]


def test_what_a_killed_run_left_is_not_taken_over(tmp_path: Path) -> None:
    """A half-written folder of a killed run is thrown away, not completed."""
    (tmp_path / ".measure.partial").mkdir()
    (tmp_path / ".measure.partial" / "half").touch()
    with stage.output(tmp_path / "measure") as folder:
        (folder / "whole").touch()
    assert names(tmp_path / "measure") == ["whole"]
    assert names(tmp_path) == ["measure"]


def refuse() -> None:
    """Refuse as a stage does."""
    raise CapturesetError("params.yaml: filter.x is 1; make it 2.")


def test_a_refusal_is_one_sentence_and_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A stage that refuses prints its name and the sentence on standard error, no traceback."""
    with pytest.raises(SystemExit) as stopped:
        stage.run(refuse, "filter")
    assert stopped.value.code == 1
    assert capsys.readouterr() == ("", "filter: params.yaml: filter.x is 1; make it 2.\n")


def fail() -> None:
    """Fail as a stage with a fault of its own does."""
    raise KeyError("x")


def test_our_own_faults_are_not_hidden() -> None:
    """Whatever is no refusal keeps its traceback."""
    with pytest.raises(KeyError):
        stage.run(fail, "filter")


def test_the_code_beside_dvc_yaml_makes_the_data(tmp_path: Path) -> None:
    """Another copy of captureset gives way to stages/captureset of the current folder; PYTHONPATH keeps the rest."""
    own = tmp_path / "stages" / "captureset"
    own.mkdir(parents=True)
    (own / "__init__.py").touch()
    (own / "probe.py").write_text("import beside, sys\nprint('own', beside.__name__, sys.argv[1:])\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "beside.py").touch()
    program = "from captureset import stage\nstage.run(lambda: print('other'), 'probe')"
    search = os.pathsep.join(map(str, (SOURCE, tmp_path / "more")))
    done = subprocess.run(
        [sys.executable, "-c", program, "coco"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "own beside ['coco']\n"
