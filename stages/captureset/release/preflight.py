"""What must hold before a version may be named: refused in one sentence, before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.inspection.check import check, stale_stages
from captureset.store import git
from captureset.store.repository import Repository

NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")  # what GTO takes as an artifact's name
VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
GATES = ("data/verify/verify.json", "data/smoke_train/verdict.json")


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
    number = VERSION.fullmatch(version)
    if not NAME.fullmatch(name):
        raise CapturesetError(f"{name!r} is no dataset name; use a-z, 0-9 and inner - or _, such as ecoguide-waste.")
    if number is None:
        raise CapturesetError(f"{version!r} is no version; write it as v0.1.0.")
    major, minor, patch = (int(part or 0) for part in number.groups())
    return Version(name, major, minor, patch)


def released(repository: Repository, name: str) -> list[Version]:
    """Return the versions of a dataset that are tagged, in order."""
    tags = git.git(repository.root, "tag", "--list", f"{name}@v*").split()
    found = [parse_version(name, tag.partition("@")[2]) for tag in tags if VERSION.fullmatch(tag.partition("@")[2])]
    return sorted(found, key=lambda version: version.order)


def require_ready(repository: Repository, version: Version) -> None:
    """Return when this version may be released from this very state.

    Raises:
        CapturesetError: the tag exists or is not later, the tree is dirty, a check fails, the pipeline is out of date,
            or the gate did not pass.
    """
    git.require_identity(repository.root)
    _require_new(repository, version)
    dirty = git.changed_paths(repository.root)
    if dirty:
        shown = ", ".join(dirty[:5])
        raise CapturesetError(f"the tree has uncommitted changes ({shown}); commit or undo them, then release.")
    found = check(repository)
    if found:
        raise CapturesetError(f"`captureset check` finds {len(found)} problems, the first: {found[0].message}")
    if not (repository.root / "dvc.lock").exists():
        raise CapturesetError("dvc.lock does not exist, nothing was built yet; run `dvc repro` and commit dvc.lock.")
    stale = stale_stages(repository)
    if stale:
        raise CapturesetError(
            f"the pipeline is out of date ({', '.join(stale)}); run `dvc repro` (or `dvc pull` the outputs) and commit."
        )
    _require_gate(repository)


def _require_new(repository: Repository, version: Version) -> None:
    earlier = released(repository, version.name)
    if version.order in {other.order for other in earlier}:
        raise CapturesetError(f"the tag {version.tag} exists; a released version never changes, choose a later one.")
    if earlier and version.order < earlier[-1].order:
        raise CapturesetError(f"{version.tag} is older than {earlier[-1].tag}; choose a later version.")


def _require_gate(repository: Repository) -> None:
    for gate in GATES:
        path = repository.root / gate
        verdict = jsontext.read(path)["verdict"] if path.exists() else "missing"
        if verdict != "passed":
            raise CapturesetError(f"the gate {gate} is {verdict}, not passed; run `dvc repro` and mend what it names.")
