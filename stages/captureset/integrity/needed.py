"""What Git still names: the objects that any tag, branch or the workspace needs, and what each is part of."""

from __future__ import annotations

import json
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from captureset.errors import CapturesetError, MissingObjectError
from captureset.formats import yamltext
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

WORKSPACE = "workspace"
LOCK, RECIPE, POINTER = "dvc.lock", "dvc.yaml", ".dvc"

Named = tuple[str, str]  # path in the repository, address


@dataclass(frozen=True, slots=True)
class Root:
    """An address that a file in Git names: a month's manifest, a stage's output."""

    path: str  # of what it stands for: data/images/2024/01
    oid: str
    refs: tuple[str, ...]  # tags, branches, HEAD, workspace: every one that names it


@dataclass(frozen=True, slots=True)
class Use:
    """One place where an object is used; `below` is the path inside a folder, None the object Git names itself."""

    root: Root
    below: str | None

    @property
    def path(self) -> str:
        """Path in the repository, whether it is checked out or not."""
        return self.root.path if self.below is None else f"{self.root.path}/{self.below}"

    @property
    def capture_id(self) -> str | None:
        """The capture it belongs to, if it is a file of one."""
        photos = self.below is not None and self.root.path.startswith("data/images/")
        return pointers.capture_of(str(self.below))[0] if photos else None


@dataclass(frozen=True, slots=True)
class Needed:
    """Every needed object with its uses, and the manifests that could not be read: what they list is unknown."""

    uses: Mapping[str, list[Use]] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)  # address to why


def needed(repository: Repository, store: ObjectStore, only: str | None = None) -> Needed:
    """Return every object that Git names, by address; manifests come from the cache or else the remote.

    Args:
        repository: whose Git.
        store: has the manifests; it is left as it is.
        only: leave out what this ref does not name.

    Raises:
        CapturesetError: a pointer or dvc.lock in Git cannot be read; nothing is guessed.
    """
    uses: dict[str, list[Use]] = defaultdict(list)
    unreadable = {}
    for root in roots(repository):
        if only is not None and only not in root.refs:
            continue
        uses[root.oid].append(Use(root, None))
        if not root.oid.endswith(".dir"):
            continue
        try:
            for entry in json.loads(store.peek(root.oid)):
                uses[entry["md5"]].append(Use(root, entry["relpath"]))
        except MissingObjectError as error:
            unreadable[root.oid] = str(error)
    return Needed(uses, unreadable)


def roots(repository: Repository) -> list[Root]:
    """Return every address that a pointer or lock names in the workspace or at any ref, by path and address."""
    naming: dict[Named, set[str]] = defaultdict(set)
    read = cache(lambda sha: git.git(repository.root, "cat-file", "blob", sha))
    for ref in refs(repository):
        for named in _named(_blobs(repository, ref), read):
            naming[named].add(ref)
    files = {str(path.relative_to(repository.root)): str(path) for path in _workspace_files(repository)}
    for named in _named(files, lambda path: Path(path).read_text(encoding="utf-8")):
        naming[named].add(WORKSPACE)
    return [Root(path, oid, tuple(sorted(found))) for (path, oid), found in sorted(naming.items())]


def refs(repository: Repository) -> list[str]:
    """Return every ref that keeps commits alive, by its short name: tags, branches, remotes, the stash, HEAD."""
    try:
        git.git(repository.root, "rev-parse", "--verify", "--quiet", "HEAD")
    except CapturesetError:
        return []  # nothing is committed yet
    return [*git.git(repository.root, "for-each-ref", "--format=%(refname:short)").split(), "HEAD"]


def tags(repository: Repository) -> frozenset[str]:
    """Return the names of all tags."""
    return frozenset(git.git(repository.root, "tag", "--list").split())


def _blobs(repository: Repository, ref: str) -> dict[str, str]:
    """Return what Git keeps at a ref that may name addresses: path to blob."""
    found = {}
    for line in filter(None, git.git(repository.root, "ls-tree", "-r", "-z", ref).split("\0")):
        facts, _, path = line.partition("\t")
        if _names_addresses(path):
            found[path] = facts.split()[2]
    return found


def _names_addresses(path: str) -> bool:
    name = PurePosixPath(path).name
    return name in {LOCK, RECIPE} or (name.endswith(POINTER) and name != POINTER)


def _workspace_files(repository: Repository) -> Iterator[Path]:
    listing = git.git(repository.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listing.split("\0")):
        if _names_addresses(name) and (repository.root / name).is_file():
            yield repository.root / name


def _named(files: Mapping[str, str], read: Callable[[str], str]) -> Iterator[Named]:
    """Give path and address of everything that these files say is in the cache."""
    for path, where in sorted(files.items()):
        name, folder = PurePosixPath(path).name, PurePosixPath(path).parent
        if name == RECIPE:
            continue
        document = _document(read(where), path)
        recipe = files.get(str(folder / RECIPE))
        kept_in_git = uncached(_document(read(recipe), str(folder / RECIPE))) if name == LOCK and recipe else set()
        for out in _outs(document):
            if out.get("md5") and out.get("cache", True) and out["path"] not in kept_in_git:
                yield posixpath.normpath(folder / out["path"]), str(out["md5"])


def _document(text: str, path: str) -> dict[str, Any]:
    try:
        document = yamltext.parse(text)
    except yaml.YAMLError:
        document = None
    if not isinstance(document, dict):
        raise CapturesetError(f"{path} is no YAML mapping, so nobody knows what it needs; restore it with Git.")
    return document


def _outs(document: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Give the `outs` of a pointer, or of every stage of a lock."""
    holders = [document, *(document.get("stages") or {}).values()]
    return (out for holder in holders for out in holder.get("outs") or ())


def uncached(recipe: Mapping[str, Any]) -> set[str]:
    """Return the outputs in a dvc.yaml that stand in Git instead of the cache."""
    found = set()
    for stage in (recipe.get("stages") or {}).values():
        body = stage.get("do", stage)
        for out in (out for kind in ("outs", "metrics", "plots") for out in body.get(kind) or ()):
            if isinstance(out, dict):
                found |= {path for path, how in out.items() if isinstance(how, dict) and how.get("cache") is False}
    return found
