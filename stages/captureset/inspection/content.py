"""What the month pointers and dvc.lock name: files by kind, each with the address of its bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.integrity.needed import WORKSPACE, Needed, Use
from captureset.store import pointers

KINDS = ("originals", "twins", "sidecars", "feedback", "exports", "tables", "manifests")
PARTS = {"photo": "originals", "twin": "twins", "sidecar": "sidecars", "feedback": "feedback"}
EXPORTS = "data/exports"


@dataclass(frozen=True, slots=True)
class Named:
    """A file that the repository names: its kind, its path below the root, the md5 of its bytes."""

    kind: str
    path: str
    md5: str


@dataclass(frozen=True, slots=True)
class Content:
    """All files of one kind, whether their bytes are on this machine or not."""

    files: int
    bytes: int  # of every file
    unique_bytes: int  # the same bytes once
    shared_bytes: int  # of the unique ones, those that another kind names too
    unknown_files: int  # neither cache nor remote has them, so nobody knows their size


def named(needs: Needed) -> list[Named]:
    """Return every file that the workspace's pointers and dvc.lock name, folders' own manifests included.

    A folder whose manifest is nowhere is that manifest alone: nobody knows what it lists.
    """
    uses = ((use, md5) for md5, found in needs.uses.items() for use in found if WORKSPACE in use.root.refs)
    return sorted((Named(_kind(use, md5), use.path, md5) for use, md5 in uses), key=lambda file: (file.path, file.md5))


def _kind(use: Use, md5: str) -> str:
    if use.below is None and md5.endswith(".dir"):
        return "manifests"
    if use.capture_id is not None:
        return PARTS[pointers.capture_of(str(use.below))[1]]
    return "exports" if Path(use.path).is_relative_to(EXPORTS) else "tables"


def content(files: Sequence[Named], sizes: Mapping[str, int]) -> dict[str, Content]:
    """Return what each kind takes, every kind named.

    Args:
        files: what the repository names.
        sizes: bytes by md5, of what cache or remote have.
    """
    kinds_of: dict[str, set[str]] = defaultdict(set)
    for file in files:
        kinds_of[file.md5].add(file.kind)
    found = {}
    for kind in KINDS:
        own = [file.md5 for file in files if file.kind == kind]
        unique = {md5: sizes.get(md5, 0) for md5 in own}
        found[kind] = Content(
            files=len(own),
            bytes=sum(unique[md5] for md5 in own),
            unique_bytes=sum(unique.values()),
            shared_bytes=sum(size for md5, size in unique.items() if len(kinds_of[md5]) > 1),
            unknown_files=sum(md5 not in sizes for md5 in own),
        )
    return found
