"""A dataset built in a clone of the last commit: criteria in, exports out, the repository as it was."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dvc.repo import Repo
from dvc.utils.serialize import modify_yaml

from captureset import params
from captureset.errors import CapturesetError
from captureset.formats import jsontext, tables
from captureset.quickstart.rebuilding import environment
from captureset.records.rows import AnnotationRow, FilterRow, SplitRow
from captureset.release.version import Version
from captureset.services.criteria import SECTIONS
from captureset.store import git
from captureset.store.repository import Repository

DATASETS, ABOUT = "data/datasets", "dataset.json"
EXPORTS = {"export_coco": "coco_format", "export_yolo": "yolo_format", "export_custom": "custom"}


def build(repository: Repository, version: Version, criteria: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dataset of this name, built now unless it is there already.

    Raises:
        CapturesetError: it is there with other criteria or other captures, it would be empty, or a stage refused.
    """
    dataset_id = f"{version.name}_v{version.number}"
    target = repository.root / DATASETS / dataset_id
    head = git.git(repository.root, "rev-parse", "HEAD").strip()
    if target.exists():
        return _answer(repository, _known(target, head, criteria), criteria)
    with _clone(repository) as clone:
        _write(clone / params.PARAMS_FILE, criteria)
        _share(repository, clone)
        git.run([sys.executable, "-m", "dvc", "repro", "verify"], clone, environment(clone))
        counts = statistics(clone)
        if not counts["total_images"]:
            dropped = (
                ", ".join(f"{reason} {count}" for reason, count in counts["dropped"].items()) or "none is committed"
            )
            raise CapturesetError(
                f"{dataset_id} would be empty (dropped: {dropped or 'nothing'}); loosen the criteria."
            )
        about = {
            "dataset_id": dataset_id,
            "name": version.name,
            "version": version.number,
            "status": "ready",
            "built_from": head,
            "criteria": dict(criteria),
            "statistics": counts,
        }
        _move(clone, target, criteria, about)
    return _answer(repository, about, criteria)


def _answer(repository: Repository, about: dict[str, Any], criteria: Mapping[str, Any]) -> dict[str, Any]:
    folder = repository.root / DATASETS / about["dataset_id"]
    paths = {name: str(folder / name) for key, name in EXPORTS.items() if criteria[key]}
    told = {key: value for key, value in about.items() if key != "statistics"}
    return {
        "dataset_id": about["dataset_id"],
        "metadata": told,
        "export_paths": paths,
        "statistics": about["statistics"],
    }


def _known(target: Path, head: str, criteria: Mapping[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = jsontext.read(target / ABOUT)
    if (about.get("criteria"), about.get("built_from")) != (dict(criteria), head):
        raise CapturesetError(
            f"{target} was built with other criteria or from another commit; choose a later version, or remove it."
        )
    return about


@contextmanager
def _clone(repository: Repository) -> Iterator[Path]:
    """Give a clone of the last commit; it is removed afterwards."""
    repository.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=repository.scratch, prefix="dataset.") as scratch:
        clone = Path(scratch) / "clone"
        git.git(repository.root, "clone", "--quiet", "--local", "--no-tags", str(repository.root), str(clone))
        yield clone


def _share(repository: Repository, clone: Path) -> None:
    """Let a clone use the cache of the repository and reach its remotes, whose paths may be relative to it."""
    own, local = Repo(str(repository.root)), repository.root / ".dvc" / "config.local"
    if local.exists():
        shutil.copy(local, clone / ".dvc" / "config.local")
    with Repo(str(clone)).config.edit("local") as config:
        config["cache"]["dir"] = str(Path(own.cache.local.path).parents[1])
        for name, remote in own.config["remote"].items():
            config["remote"].setdefault(name, {})["url"] = str(remote["url"])


def _write(path: Path, criteria: Mapping[str, Any]) -> None:
    """Write criteria into a params.yaml, whose comments stay, and check it."""
    with modify_yaml(path) as document:
        for key, value in criteria.items():
            document[SECTIONS[key]][key] = value
    params.load("filter", path)


def statistics(root: Path) -> dict[str, Any]:
    """Return what went into the exports of a built repository."""
    data = root / "data"
    exported = [row for row in tables.read(data / "split/split.parquet", SplitRow) if row.masked is None]
    judged = tables.read(data / "filter/filter.parquet", FilterRow)
    ids = {row.capture_id for row in exported}
    boxes = [row for row in tables.read(data / "catalog/annotations.parquet", AnnotationRow) if row.capture_id in ids]
    return {
        "total_images": len(exported),
        "total_annotations": len(boxes),
        "splits": dict(sorted(Counter(row.split for row in exported).items())),
        "category_distribution": dict(sorted(Counter(row.category for row in boxes).items())),
        "dropped": dict(sorted(Counter(reason for row in judged for reason in row.reasons).items())),
        "considered_images": len(judged),
    }


def _move(clone: Path, target: Path, criteria: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Move the exports out; the dataset is there whole or not at all."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
        for key, name in EXPORTS.items():
            if criteria[key]:
                shutil.move(clone / "data" / "exports" / name, partial / name)
        shutil.copy(clone / params.PARAMS_FILE, partial / "params.yaml")
        (target.parent / ".gitignore").write_text("*\n", encoding="ascii")
        jsontext.write(partial / ABOUT, about)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
