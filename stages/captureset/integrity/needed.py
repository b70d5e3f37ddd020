"""What Git still names: the objects that any tag, branch or the workspace needs, and what each is part of."""

from __future__ import annotations

import json
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import yaml

from captureset.errors import CapturesetError, MissingObjectError
from captureset.formats import yamltext
from captureset.integrity import clone
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

WORKSPACE = "workspace"
LOCK, RECIPE, POINTER = "dvc.lock", "dvc.yaml", ".dvc"

Named = tuple[str, str]  # path in the repository, address
Found = TypeVar("Found")


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


def needed(repository: Repository, store: ObjectStore, only: str | None = None, *, unnamed: bool = False) -> Needed:
    """Return every object that Git names, by address; manifests come from the cache or else the remote.

    Args:
        repository: whose Git.
        store: has the manifests; it is left as it is.
        only: leave out what this ref does not name.
        unnamed: take in what only a stash, a reflog or another worktree still knows.

    Raises:
        CapturesetError: a pointer or dvc.lock in Git cannot be read; nothing is guessed.
    """
    uses: dict[str, list[Use]] = defaultdict(list)
    unreadable = {}
    for root in roots(repository, unnamed=unnamed):
        if only is not None and only not in root.refs:
            continue
        uses[root.oid].append(Use(root, None))
        if not root.oid.endswith(".dir"):
            continue
        try:
            for entry in json.loads(store.peek(root.oid)):
                uses[entry["md5"]].append(Use(root, entry["relpath"]))
        except (MissingObjectError, OSError) as error:  # nowhere, or on a disk that cannot read it
            unreadable[root.oid] = str(error)
    return Needed(uses, unreadable)


def roots(repository: Repository, *, unnamed: bool = False) -> list[Root]:
    """Return every address that a pointer or lock names at any ref, staged or in the folder, by path and address."""
    naming: dict[Named, set[str]] = defaultdict(set)
    read = cache(lambda sha: git.git(repository.root, "cat-file", "blob", sha))
    named_by = {ref: ref for ref in refs(repository)}
    if unnamed:
        named_by |= {commit: commit[:10] for commit in clone.unnamed(repository.root, named_by)}
    for ref, name in named_by.items():
        for named in _named(_blobs(repository, ref), read, name):
            naming[named].add(name)
    for worktree in clone.worktrees(repository) if unnamed else [repository]:
        name = WORKSPACE if worktree == repository else f"{WORKSPACE} {worktree.root}"
        files = {str(path.relative_to(worktree.root)): str(path) for path in _workspace_files(worktree)}
        for named in _named(files, lambda path: Path(path).read_text(encoding="utf-8"), name):
            naming[named].add(name)
        for named in _named(_staged(worktree), read, f"{name}, staged"):
            naming[named].add(f"{name}, staged")
    return [Root(_shown(path), oid, tuple(sorted(map(_shown, found)))) for (path, oid), found in sorted(naming.items())]


def _shown(name: str) -> str:
    """Return a name that can be printed: bytes in it that are no UTF-8, as Git allows, are escaped."""
    return name.encode("utf-8", "backslashreplace").decode()


def refs(repository: Repository) -> list[str]:
    """Return every ref that keeps commits alive, by its short name: tags, branches, remotes, the stash, HEAD."""
    kinds = "--format=%(refname:short) %(objecttype) %(*objecttype)"
    lines = [line.split(" ") for line in git.git(repository.root, "for-each-ref", kinds).splitlines()]
    named = [name for name, *kinds in lines if name and "blob" not in kinds]
    try:
        git.git(repository.root, "rev-parse", "--verify", "--quiet", "HEAD")
    except CapturesetError:
        return named  # no commit yet on this branch, as after `git switch --orphan`; the others still need theirs
    return [*named, "HEAD"]


def tags(repository: Repository) -> frozenset[str]:
    """Return the names of all tags."""
    return frozenset(map(_shown, git.git(repository.root, "tag", "--list").split()))


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


def _staged(repository: Repository) -> dict[str, str]:
    """Return what is staged that may name addresses: path to blob; a conflict is staged as nothing."""
    found = {}
    for line in filter(None, git.git(repository.root, "ls-files", "-z", "--stage").split("\0")):
        facts, _, path = line.partition("\t")
        _, blob, conflict = facts.split()
        if _names_addresses(path) and conflict == "0":
            found[path] = blob
    return found


def _workspace_files(repository: Repository) -> Iterator[Path]:
    listing = git.git(repository.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listing.split("\0")):
        if _names_addresses(name) and (repository.root / name).is_file():
            yield repository.root / name


def _named(files: Mapping[str, str], read: Callable[[str], str], where: str) -> Iterator[Named]:
    """Give path and address of everything that these files say is in the cache."""
    for path, content in sorted(files.items()):
        name, folder = PurePosixPath(path).name, PurePosixPath(path).parent
        if name == RECIPE:
            continue
        recipe = files.get(str(folder / RECIPE)) if name == LOCK else None
        kept_in_git = _read(read, recipe, str(folder / RECIPE), where, uncached) if recipe else set()
        for stage, out, md5 in _read(read, content, path, where, _outs):
            if (stage, out) not in kept_in_git:
                yield posixpath.normpath(folder / out), md5


def _read(
    read: Callable[[str], str], content: str, path: str, where: str, take: Callable[[Mapping[str, Any]], Found]
) -> Found:
    """Return what is taken from a document; one that has another form stops everything."""
    try:
        document = yamltext.parse(read(content))
        return take(document)
    except (yaml.YAMLError, AttributeError, TypeError, KeyError, UnicodeError):
        raise CapturesetError(
            f"{path} ({where}) is no file of DVC's that can be read, so nobody knows what it needs; "
            "restore it with Git, or remove that branch or tag if it is gone for good."
        ) from None


def _outs(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return stage, path and address of what is in the cache: `outs` of a pointer (no stage), or of a lock's stages."""
    holders = [("", document), *(document.get("stages") or {}).items()]
    outs = [(str(name).partition("@")[0], out) for name, holder in holders for out in holder.get("outs") or ()]
    kept = [(name, out) for name, out in outs if out.get("md5") and out.get("cache", True)]
    return [(name, str(out["path"]), str(out["md5"])) for name, out in kept]


def uncached(recipe: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return stage and path of the outputs in a dvc.yaml that stand in Git instead of the cache.

    A path is the stage's own: it is relative to its `wdir`, so two stages may write the same for two files.
    """
    found: set[tuple[str, str]] = set()
    for name, stage in (recipe.get("stages") or {}).items():
        body = stage.get("do", stage)
        for out in (out for kind in ("outs", "metrics", "plots") for out in body.get(kind) or ()):
            if isinstance(out, dict):
                paths = [path for path, how in out.items() if isinstance(how, dict) and how.get("cache") is False]
                found |= {(str(name), path) for path in paths}
    return found
