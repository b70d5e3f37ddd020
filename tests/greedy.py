"""A repository with three releases of one stage that takes what an earlier run left, and then writes other bytes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import released
from captureset.formats import jsontext
from captureset.formats.schema import read_yaml
from captureset.release.manifest import exports, tool_versions
from captureset.release.version import Version
from captureset.store import git
from captureset.store.repository import Repository

ROOT = Path(__file__).resolve().parents[1]
FILES = (".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore", ".gitattributes", "data/categories.yaml")
OUT = "data/exports/list"
TAGS = ("sofas@v0.1.0", "sofas@v0.2.0", "sofas@v0.3.0")
GREEDY = TAGS[2]
RECIPE = f"""stages:
  export:
    cmd: python -m greedy_stage
    deps: [data/captures]
    outs: [{OUT}]
"""
STAGE = f"""
import json
import os
from pathlib import Path

from captureset.store import pointers, previous
from captureset.store.objects import ObjectStore

GREETING = "first"

store = ObjectStore(Path.cwd())
if os.environ.get("GREEDY_LOG"):
    with Path(os.environ["GREEDY_LOG"]).open("a") as log:
        log.write(GREETING + "\\n")
remembered = previous.output_file(store, "export", "{OUT}", "list.json") is not None
found = {{}}
for pointer in pointers.read(Path("data/captures")):
    for name, oid in pointers.rows(store, pointer).items():
        found[name] = len(store.read(oid))
Path("{OUT}").mkdir(parents=True)
Path("{OUT}/list.json").write_text(json.dumps([GREETING, remembered, found]))
"""


def build(root: Path) -> Repository:
    """Release three times, everything pushed; the third time the stage may take what the second left."""
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "data/captures").mkdir()
    (root / "data/captures/.gitkeep").touch()
    (root / "dvc.yaml").write_text(RECIPE, encoding="utf-8")
    git.git(root, "init", "--quiet", "--initial-branch=main")
    repository = Repository(root)
    for number, tag_name in enumerate(TAGS, start=1):
        write_stage(root, STAGE.replace("first", f"version {number}"))
        git.git(root, "add", "--all")
        released.add(repository, 2 * number, 2, f"2024-0{number}-15")
        if tag_name != GREEDY:
            (root / "dvc.lock").unlink(missing_ok=True)
        git.dvc(root, "repro", "--quiet", "--force")
        write_manifest(repository, Version("sofas", 0, number, 0))
        tag(repository, tag_name)
    git.dvc(root, "push", "--quiet", "--all-tags")
    return repository


def write_stage(root: Path, code: str) -> None:
    """Change the code of the stage."""
    (root / "stages").mkdir(exist_ok=True)
    (root / "stages/greedy_stage.py").write_text(code, encoding="utf-8")


def write_manifest(repository: Repository, version: Version, **other: Any) -> None:
    """Write what a rebuild reads of a manifest, and what the list of releases shows."""
    lock = read_yaml(repository.root / "dvc.lock")
    document = {
        "tag": version.tag,
        "state": "ready",
        "description": "",
        "released_at": "2024-03-01T00:00:00Z",
        "counts": {"splits": {}},
        "exports": exports(lock),
        "tools": tool_versions(),
        "criteria": {"measure": {"engine": "local"}},
        **other,
    }
    repository.manifests.mkdir(parents=True, exist_ok=True)
    jsontext.write(repository.manifests / f"{version.file_stem}.json", document)


def tag(repository: Repository, name: str) -> None:
    """Commit everything and tag it."""
    git.git(repository.root, "add", "--all")
    git.git(repository.root, "commit", "--quiet", "--message", name)
    git.git(repository.root, "tag", "--annotate", name, "--message", name)
