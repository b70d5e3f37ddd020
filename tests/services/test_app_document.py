"""docs/app.md says what the doors do: its first program runs, its table and its codes are those of the code."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

from captureset import services
from captureset.store.repository import Repository
from photos import jpeg

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "app.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SOURCES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "stages/captureset/services").glob("*.py"))


def test_its_first_program_runs(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a photo in hand and a repository of that name; a capture and a feedback wait afterwards."""
    repository.root.rename(repository.root.parent / "my-dataset")
    monkeypatch.chdir(repository.root.parent)
    exec(PROGRAMS[0], {"photo_bytes": jpeg(1280, 960)})  # noqa: S102 - our own document
    waiting = sorted(path.suffix for path in Path("my-dataset/data/inbox").iterdir())
    assert waiting == [".capture", ".json"]


def test_its_second_program_calls_what_there_is() -> None:
    """With the parameters in their order; tests/services/test_dataset_manager.py runs such a call."""
    compile(PROGRAMS[1], "docs/app.md", "exec")
    assert "create_training_dataset(" in PROGRAMS[1]


def test_its_table_names_every_method_with_its_parameters() -> None:
    """As they are in the code, defaults included."""
    rows = re.findall(r"^\| `(\w+)\((.*?)\)\.(\w+)\((.*?)\)`", TEXT, re.MULTILINE)
    told = {(kind, config, method): parameters for kind, config, method, parameters in rows}
    real = {}
    for kind in (getattr(services, name) for name in services.__all__ if name.endswith("Service")):
        config = "config=None" if inspect.signature(kind).parameters["config"].default is None else "config"
        for method in (name for name in vars(kind) if not name.startswith("_")):
            parameters = list(inspect.signature(getattr(kind, method)).parameters.values())[1:]
            shown = [one.name if one.default is one.empty else f"{one.name}={one.default}" for one in parameters]
            real[kind.__name__, config, method] = ", ".join(shown)
    assert told == real


def test_its_codes_are_those_of_the_code() -> None:
    """Every reason to review that a service gives, and no other."""
    told = set(re.findall(r"`(\w+)`", TEXT.split("Codes:")[1].split(".\n")[0]))
    given = set(re.findall(r'reasons\.add\(\s*"(\w+)"', SOURCES)) | set(
        re.findall(r'MisplacedError\("(\w+)"\)', SOURCES)
    )
    given |= set(re.findall(r'"(\w+)" if _agreed\(told\) is False else "(\w+)"', SOURCES)[0])
    assert told == given


INSTALLED = """
    import sys
    from captureset.services import LabelingDataService
    service = LabelingDataService({"data_storage_path": sys.argv[1]})
    photo, session = open(sys.argv[2], "rb").read(), {"session_id": "s"}
    saved = service.save_analysis_data(photo, {"category": "소파"}, {"rating": 5}, session)
    assert saved["success"] and saved["metadata"]["feedback"]["success"], saved
    heavy = {"dvc", "numpy", "pandas", "pyarrow", "torch", "simplejpeg"} & set(sys.modules)
    assert not heavy, heavy
    for name in ("dvc", "numpy", "pandas", "torch", "streamlit"):
        try:
            __import__(name)
        except ModuleNotFoundError:
            continue
        raise SystemExit(f"{name} is installed")
"""


@pytest.mark.e2e
def test_the_base_install_alone_saves_a_capture(repository: Repository, tmp_path: Path) -> None:
    """`pip install .` without extras into a new environment, from anywhere: no numpy, no DVC, the schemas inside."""
    shutil.copy(ROOT / "params.yaml", repository.root)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(64, 48))
    uv, python = shutil.which("uv") or os.environ["UV"], str(tmp_path / "env" / "bin" / "python")
    for command in (["venv", str(tmp_path / "env")], ["pip", "install", "--python", python, str(ROOT)]):
        made = subprocess.run([uv, *command], cwd=ROOT, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
    done = subprocess.run(
        [python, "-c", textwrap.dedent(INSTALLED), str(repository.root), str(photo)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cli = [str(tmp_path / "env" / "bin" / "captureset"), "submit", "--help"]
    assert subprocess.run(cli, capture_output=True, check=False).returncode == 0
    assert len(list(repository.inbox.glob("*.capture"))) == 1
