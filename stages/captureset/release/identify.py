"""Which release are these bytes? A folder is known by the md5 that DVC gives it, a model by the note beside it.

A model file is never opened: reading one runs whatever code is pickled in it. `examples/train.py` writes the note.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError, MissingObjectError
from captureset.formats import jsontext
from captureset.integrity.needed import tags
from captureset.release.listing import releases
from captureset.release.version import of_tag
from captureset.release.withdrawing import ARCHIVED
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository
from captureset.verification.process import LEFT_BY_TRAINERS

NOTE = ".dataset.json"  # best.pt has best.dataset.json beside it


@dataclass(frozen=True, slots=True)
class Export:
    """One export of one release, as its manifest has it."""

    tag: str
    path: str  # data/exports/yolo_format
    md5: str  # of the folder, ends with .dir
    withdrawn: str = ""  # the reason, when it should not be used any more

    def __str__(self) -> str:
        return f"{self.path} of {self.tag}"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The export that shares most files with a folder, and the files in which they differ, by path."""

    export: Export
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a folder or model is, and every release that has it; none is an answer too."""

    path: str
    md5: str  # of the folder; of a model, the folder it says it was trained on
    found: tuple[Export, ...]
    nearest: Nearest | None = None
    left_out: tuple[str, ...] = ()  # files a trainer left in the folder
    trained_on: Mapping[str, str] | None = None  # a model's note


def identify(repository: Repository, path: Path) -> Identity:
    """Return which releases of a repository have a folder, or the folder a model was trained on.

    Args:
        repository: whose tags are asked; its manifests say what each release has.
        path: a folder fetched by `dvc get`, or a model file with its note beside it.

    Raises:
        CapturesetError: there is nothing at the path, or a model has no note or another model's.
    """
    if path.is_file():
        return _model(repository, path)
    if not path.is_dir():
        raise CapturesetError(f"{path} does not exist; name a folder that `dvc get` fetched, or a model file.")
    return _folder(repository, path)


def released_exports(repository: Repository) -> Iterator[Export]:
    """Give every export of every release, as the manifest at its tag has it."""
    withdrawn = {release.tag: release.said for release in releases(repository) if release.state == ARCHIVED}
    for tag in sorted(tags(repository)):
        version = of_tag(tag)
        if version is None:
            continue
        text = git.committed_text(repository.root, f"data/metadata/datasets/{version.file_stem}.json", tag)
        exports = json.loads(text)["exports"] if text else {}
        for path, facts in sorted(exports.items()):
            yield Export(tag, path, str(facts["md5"]), withdrawn.get(tag, ""))


def listing(folder: Path) -> dict[str, str]:
    """Return the md5 of every file below a folder, by its path there; links are followed, as DVC makes them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _digest(path, "md5") for path in files}


def folder_md5(entries: Mapping[str, str]) -> str:
    """Return the md5 that DVC gives a folder of these files."""
    return md5_of(pointers.manifest_bytes(entries)) + ".dir"


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def _folder(repository: Repository, folder: Path) -> Identity:
    everything = listing(folder)
    left_out = tuple(name for name in everything if name.endswith(LEFT_BY_TRAINERS))
    entries = {name: md5 for name, md5 in everything.items() if name not in left_out}
    md5, exports = folder_md5(entries), list(released_exports(repository))
    found = tuple(export for export in exports if export.md5 == md5)
    nearest = None if found else _nearest(ObjectStore(repository.root), exports, entries)
    return Identity(str(folder), md5, found, nearest, left_out)


def _nearest(store: ObjectStore, exports: list[Export], entries: Mapping[str, str]) -> Nearest | None:
    """Return the export that differs least; None when none shares a file, or no manifest can be had."""
    candidates = []
    for export in exports:
        try:
            theirs = {entry["relpath"]: entry["md5"] for entry in json.loads(store.peek(export.md5))}
        except MissingObjectError:
            continue
        if theirs.items() & entries.items():
            candidates.append(_difference(export, theirs, entries))
    return min(candidates, key=lambda near: len(near.changed) + len(near.missing) + len(near.added), default=None)


def _difference(export: Export, theirs: Mapping[str, str], ours: Mapping[str, str]) -> Nearest:
    both = theirs.keys() & ours.keys()
    return Nearest(
        export,
        tuple(sorted(name for name in both if theirs[name] != ours[name])),
        tuple(sorted(theirs.keys() - both)),
        tuple(sorted(ours.keys() - both)),
    )


def _model(repository: Repository, model: Path) -> Identity:
    beside = model.with_suffix(NOTE)
    if not beside.is_file():
        raise CapturesetError(
            f"{model} has no note {beside.name} beside it, and model files are not opened here (that would run code in "
            "them); train with examples/train.py, which writes one."
        )
    note = jsontext.read(beside)
    wanted = ("repository", "path", "tag", "md5", "model_sha256")
    if not isinstance(note, dict) or not all(isinstance(note.get(key), str) for key in wanted):
        raise CapturesetError(f"{beside} lacks one of {', '.join(wanted)}; train with examples/train.py again.")
    if note["model_sha256"] != _digest(model, "sha256"):
        raise CapturesetError(f"{beside} was written for another file than {model.name}; take the two from one run.")
    found = tuple(export for export in released_exports(repository) if export.md5 == note["md5"])
    return Identity(str(model), note["md5"], found, trained_on={key: note[key] for key in wanted})
