"""A real dataset repository for tests: this checkout's recipe, drawn captures, Git and DVC as they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from captureset.capture.commit import commit
from captureset.capture.submit import submit, submit_feedback
from captureset.quickstart.scenes import Scene, draw_scenes
from captureset.store import git
from captureset.store.repository import Repository

ROOT = Path(__file__).resolve().parents[1]
RECIPE = (
    *(
        "dvc.yaml",
        "params.yaml",
        "pyproject.toml",
        "schemas",
        "stages",
        ".dvc/config",
        ".dvc/.gitignore",
        ".dvcignore",
        ".gitignore",
    ),
    *(
        ".gitattributes",
        "data/categories.yaml",
        "data/splits.csv",
        "data/checks.csv",
        "data/exclusions.csv",
        "data/erasures.csv",
    ),
)
NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "tester@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def begin(root: Path) -> Repository:
    """Return a new repository with the recipe, no capture, and one commit."""
    for name in RECIPE:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (root / "data/captures").mkdir()
    (root / "data/captures/.gitkeep").touch()
    git.git(root, "init", "--quiet", "--initial-branch=main")
    save(root, "Begin")
    return Repository(root)


def save(root: Path, message: str) -> None:
    """Commit everything."""
    git.git(root, "add", "--all")
    git.git(root, "commit", "--quiet", "--message", message)


def fill(repository: Repository, first: int, count: int, seed: int = 0) -> None:
    """Bring in drawn captures, with a person's word on two of three, by one real `commit`."""
    for index, scene in enumerate(list(draw_scenes(first + count, seed))[first:], start=first):
        submit(repository, scene.jpeg, sidecar(scene, index), scene.background_removed_png)
        if index % 3 and scene.objects:
            submit_feedback(repository, scene.name, feedback(scene, index))
    done = commit(repository)
    assert (done.captures, done.refusals) == (count, ())


def sidecar(scene: Scene, index: int) -> dict[str, Any]:
    """Return what an app would send: the true boxes as a sure model's answer; a person's word where nothing is."""
    document: dict[str, Any] = {
        "schema_version": 1,
        "capture_id": scene.name,
        "captured_at": f"2024-0{1 + index % 3}-15T0{index % 10}:00:00Z",
        "source": {"kind": "synthetic", "name": "test"},
        "session": {"session_key": f"{index // 2:032x}"},
    }
    frame = {"width_px": scene.width_px, "height_px": scene.height_px}
    boxes = [{"category": o.category, "xywh_px": list(o.xywh_px), "frame": frame} for o in scene.objects]
    if boxes:
        return {**document, "model": {"name": "m", "version": "1", "confidence": 0.9, "boxes": boxes}}
    return {**document, "label": {"reviewed": True, "empty": True}}


def feedback(scene: Scene, index: int) -> dict[str, Any]:
    """Return a person's confirmation."""
    return {
        "schema_version": 1,
        "feedback_id": f"fb-{index}",
        "capture_id": scene.name,
        "given_at": "2024-03-20T09:05:00+09:00",
        "verdict": "confirm",
    }


def environment(root: Path) -> dict[str, str]:
    """Return the environment in which `python` is this one, with the repository's own code."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, **NOBODY, "PATH": path, "PYTHONPATH": str(root / "stages")}


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in the repository; standard error goes with standard output."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env=environment(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def repro(root: Path, *arguments: str) -> str:
    """Return what `dvc repro` said; it must succeed."""
    done = run(root, "-m", "dvc", "repro", *arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def stages_run(said: str) -> list[str]:
    """Return the stages that `dvc repro` ran, in order."""
    return re.findall(r"Running stage '([^']+)'", said)


def change_params(root: Path, **changes: Any) -> None:
    """Set `section__key=value`, or a whole section, in params.yaml."""
    path = root / "params.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for place, value in changes.items():
        section, _, key = place.partition("__")
        if key:
            document[section][key] = value
        else:
            document[section] = value
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
