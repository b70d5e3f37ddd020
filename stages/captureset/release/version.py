"""A version's name and number, and the tag that GTO reads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from captureset.errors import CapturesetError
from captureset.store import git
from captureset.store.repository import Repository

NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")  # what GTO takes as an artifact's name
NUMBER = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
TAG = re.compile(rf"({NAME.pattern})@(v\d+\.\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Version:
    """A dataset's name and its semantic version."""

    name: str
    major: int
    minor: int
    patch: int

    @property
    def number(self) -> str:
        """`0.1.0`."""
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def tag(self) -> str:
        """The Git tag, `ecoguide-waste@v0.1.0`, as GTO reads it."""
        return f"{self.name}@v{self.number}"

    @property
    def file_stem(self) -> str:
        """`ecoguide-waste_v0_1_0`, the manifest's name."""
        return f"{self.name}_v{self.number.replace('.', '_')}"

    @property
    def order(self) -> tuple[int, int, int]:
        """What decides which version is later."""
        return self.major, self.minor, self.patch


def parse_version(name: str, version: str) -> Version:
    """Return a version: `v0.1.0`, `0.1.0`; `1.0` means 1.0.0.

    Raises:
        CapturesetError: the name or the number has another form.
    """
    number = NUMBER.fullmatch(version)
    if not NAME.fullmatch(name):
        raise CapturesetError(f"{name!r} is no dataset name; use a-z, 0-9 and inner - or _, such as ecoguide-waste.")
    if number is None:
        raise CapturesetError(f"{version!r} is no version; write it as v0.1.0.")
    major, minor, patch = (int(part or 0) for part in number.groups())
    return Version(name, major, minor, patch)


def of_tag(tag: str) -> Version | None:
    """Return the version that a Git tag names; None when it names none, as `v1`, or GTO's mark of a withdrawn one."""
    found = TAG.fullmatch(tag)
    return parse_version(*found.groups()) if found else None


def released(repository: Repository, name: str) -> list[Version]:
    """Return the versions of a dataset that are tagged, in order."""
    tags = git.git(repository.root, "tag", "--list", f"{name}@v*").split()
    return sorted(filter(None, map(of_tag, tags)), key=lambda version: version.order)
