"""What a version promises: the outputs its tag names, byte for byte, and what they were made with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import yamltext
from captureset.release.listing import releases
from captureset.release.manifest import exports
from captureset.release.version import Version, of_tag
from captureset.store import git, locked
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Address:
    """Bytes by their md5: of a folder's listing, or of a file."""

    md5: str
    size_bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A version as its tag has it; nothing of the workspace is in it."""

    tag: str
    targets: tuple[str, ...]  # the stages that export
    outputs: Mapping[str, Address]  # of every stage, by path
    tools: Mapping[str, str]
    criteria: Mapping[str, Any]  # its params.yaml


def promise(repository: Repository, version: Version) -> Promise:
    """Return what a version promises.

    Raises:
        CapturesetError: it is no release of this repository, or its manifest and dvc.lock name different bytes.
    """
    tag = version.tag
    document, text = _manifest(repository, version), git.committed_text(repository.root, "dvc.lock", f"refs/tags/{tag}")
    if document is None or text is None:
        raise CapturesetError(
            f"{tag} is no release of this repository: no such tag with dvc.lock and the manifest {version.file_stem}"
            ".json; `git tag --list` names the versions, `git fetch --tags` brings them."
        )
    lock = yamltext.parse(text)
    if exports(lock) != document["exports"]:
        raise CapturesetError(
            f"{version.file_stem}.json at {tag} and its dvc.lock name different exports, so nobody knows what the "
            "version promises; fetch the tag again from where it was released with `git fetch --tags --force`."
        )
    made = {stage: body.get("outs", ()) for stage, body in lock["stages"].items()}
    targets = [stage for stage, outs in made.items() if any(out["path"] in document["exports"] for out in outs)]
    return Promise(tag, tuple(sorted(targets)), addresses(lock), document["tools"], document["criteria"])


def addresses(lock: Mapping[str, Any]) -> dict[str, Address]:
    """Return the address of every output in a dvc.lock, by path."""
    return {out["path"]: Address(out["md5"], out["size"], out.get("nfiles", 1)) for out in locked.outs(lock)}


def chosen(repository: Repository, asked: Sequence[str], last: int | None) -> list[Promise]:
    """Return the versions that were asked for, each once.

    Args:
        repository: whose versions.
        asked: tags, and names of datasets for `last`.
        last: so many versions, the newest first, of every dataset that was named, or of all.

    Raises:
        CapturesetError: one of them is no release, or there is none at all.
    """
    wanted = {name: _parsed(name) for name in asked if "@" in name or not last}
    if last:
        latest = _latest(repository, [name for name in asked if "@" not in name], last)
        wanted |= {version.tag: version for version in latest}
    return [promise(repository, version) for version in wanted.values()]


def _parsed(tag: str) -> Version:
    found = of_tag(tag)
    if found is None:
        raise CapturesetError(
            f"{tag!r} is no tag of a release; write it as ecoguide-waste@v0.1.0, or a dataset's name with --last N."
        )
    return found


def _latest(repository: Repository, names: Sequence[str], last: int) -> list[Version]:
    """Return the last releases of each dataset that this branch knows, the newest first; withdrawn ones count."""
    found = [_parsed(one.tag) for one in reversed(releases(repository)) if one.state in {"ready", "archived"}]
    known = sorted({version.name for version in found})
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        raise CapturesetError(
            f"no release of {unknown[0] if unknown else 'any dataset'} is in this repository, so there is nothing to "
            f"rebuild; released are {', '.join(known) or 'none'}, `captureset releases` lists all."
        )
    return [version for name in names or known for version in [one for one in found if one.name == name][:last]]


def _manifest(repository: Repository, version: Version) -> dict[str, Any] | None:
    folder = repository.manifests.relative_to(repository.root).as_posix()
    text = git.committed_text(repository.root, f"{folder}/{version.file_stem}.json", f"refs/tags/{version.tag}")
    document: dict[str, Any] | None = json.loads(text) if text is not None else None
    return document if document is not None and document.get("tag") == version.tag else None
