"""A version of the dataset as its tables tell it: read at a Git revision, by hash, no photo."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from captureset.comparison.carried import Classes, carried
from captureset.errors import CapturesetError, one_line
from captureset.formats import tables, yamltext
from captureset.formats.exports.items import training_categories
from captureset.records.box import Box, Frame
from captureset.records.taxonomy import Taxonomy
from captureset.store import git, locked
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

Record = TypeVar("Record")

WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class SeenCapture:
    """The columns of data/catalog/captures.parquet that a comparison needs; other versions may have others."""

    capture_id: str
    image_md5: str
    width_px: int  # upright
    height_px: int
    label_kind: str
    label_origin: str
    category: str | None
    review_state: str


@dataclass(frozen=True, slots=True)
class SeenBox:
    """The columns of data/catalog/annotations.parquet that a comparison needs."""

    capture_id: str
    category: str
    x_px: float
    y_px: float
    w_px: float
    h_px: float
    origin: str

    @property
    def box(self) -> Box:
        """Its place in the upright photo."""
        return Box(self.x_px, self.y_px, self.w_px, self.h_px)


@dataclass(frozen=True, slots=True)
class SeenFeedback:
    """The columns of data/catalog/feedback.parquet that a comparison needs."""

    capture_id: str
    feedback_id: str
    given_at: str
    verdict: str


@dataclass(frozen=True, slots=True)
class SeenQuality:
    """The columns of data/quality/quality.parquet that a comparison needs."""

    capture_id: str
    overall_score: float
    grade: str


@dataclass(frozen=True, slots=True)
class SeenSplit:
    """The columns of data/split/split.parquet that a comparison needs."""

    capture_id: str
    split: str
    masked: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version; every table by capture id."""

    revision: str
    captures: Mapping[str, SeenCapture] = field(default_factory=dict)
    boxes: Mapping[str, tuple[SeenBox, ...]] = field(default_factory=dict)
    feedback: Mapping[str, tuple[SeenFeedback, ...]] = field(default_factory=dict)
    quality: Mapping[str, SeenQuality] = field(default_factory=dict)
    splits: Mapping[str, SeenSplit] = field(default_factory=dict)
    category_ids: Mapping[str, int] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)  # path to address
    carried: Mapping[str, frozenset[str]] = field(default_factory=dict)  # path to the captures in it
    classes: Classes = field(default_factory=Classes)

    @property
    def exported(self) -> set[str]:
        """The captures that are in the dataset: placed in a split and not masked."""
        return {name for name, row in self.splits.items() if row.masked is None}

    @property
    def masked(self) -> set[str]:
        """The captures that are placed but not exported."""
        return {name for name, row in self.splits.items() if row.masked is not None}

    def frame(self, capture_id: str) -> Frame:
        """Return the size of a capture's upright photo."""
        row = self.captures[capture_id]
        return Frame(row.width_px, row.height_px)


def snapshot(repository: Repository, revision: str) -> Snapshot:
    """Return the dataset at a tag or any other revision; `workspace` is what `dvc repro` wrote last.

    Raises:
        CapturesetError: there is no such revision, it was never built, or its tables are nowhere to be had.
    """
    addresses = locked.addresses(_document(repository, revision, "dvc.lock"))
    store = ObjectStore(repository.root)
    listing: dict[str, dict[str, str]] = {}

    def rows(out: str, name: str, record: type[Record]) -> list[Record]:
        if out not in addresses:
            raise CapturesetError(f"dvc.lock at {revision} has no {out}; run `dvc repro` there and commit dvc.lock.")
        if out not in listing:
            listing[out] = {e["relpath"]: e["md5"] for e in json.loads(store.read(addresses[out]))}
        source = f"{out}/{name} at {revision}"
        return tables.selected(record, store.read(listing[out][name]), source)

    exports = {path: oid for path, oid in sorted(addresses.items()) if path.startswith("data/exports/")}
    return Snapshot(
        revision,
        {row.capture_id: row for row in rows("data/catalog", "captures.parquet", SeenCapture)},
        _by_capture(rows("data/catalog", "annotations.parquet", SeenBox)),
        _by_capture(rows("data/catalog", "feedback.parquet", SeenFeedback)),
        {row.capture_id: row for row in rows("data/quality", "quality.parquet", SeenQuality)},
        {row.capture_id: row for row in rows("data/split", "split.parquet", SeenSplit)},
        _category_ids(repository, revision),
        exports,
        carried(store, exports),
        classes(repository, revision),
    )


def _by_capture(rows: list[Any]) -> dict[str, tuple[Any, ...]]:
    found = defaultdict(list)
    for row in rows:
        found[row.capture_id].append(row)
    return {name: tuple(some) for name, some in found.items()}


def _category_ids(repository: Repository, revision: str) -> dict[str, int]:
    document = _document(repository, revision, "data/categories.yaml")
    return {entry["code"]: entry["id"] for entry in document["categories"]}


def classes(repository: Repository, revision: str) -> Classes:
    """Return what exports call the categories at a revision.

    Raises:
        CapturesetError: params.yaml or the taxonomy cannot be read.
    """
    section = _document(repository, revision, "params.yaml").get("export") or {}
    taxonomy = Taxonomy.from_document(_document(repository, revision, "data/categories.yaml"))
    choice, names = section.get("categories", "sub"), section.get("category_names", "code")
    found, ids = training_categories(taxonomy, choice, names)
    named = {category.id: category.name for category in found}
    by_code = {code: (number, named[number]) for code, number in ids.items()}
    return Classes(by_code, bool(section.get("outlines", False)))


def _document(repository: Repository, revision: str, path: str) -> dict[str, Any]:
    try:
        found = yamltext.parse(_text(repository, revision, path)) or {}
    except yaml.YAMLError as error:
        raise CapturesetError(
            f"{path} at {revision} is no YAML ({one_line(' '.join(str(error).split()), 200)}); mend that line, or "
            "resolve the merge."
        ) from None
    if not isinstance(found, dict):
        raise CapturesetError(f"{path} at {revision} is no mapping; restore it with `git checkout HEAD -- {path}`.")
    return found


def _text(repository: Repository, revision: str, path: str) -> str:
    if revision == WORKSPACE:
        here: Path = repository.root / path
        text = here.read_text(encoding="utf-8") if here.exists() else None
    else:
        text = git.committed_text(repository.root, path, revision)
    if text is None:
        raise CapturesetError(
            f"{revision!r} has no {path}: it is no revision of this repository, or nothing was built there; "
            "`git tag --list` names the versions, `git fetch --tags` brings them."
        )
    return text
