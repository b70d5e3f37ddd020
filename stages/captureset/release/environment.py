"""Where the code of a version runs: the environment its tag pins, made by uv, or the one that is running."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError, CommandFailedError
from captureset.release.clean_room import CleanRoom
from captureset.release.promise import Promise
from captureset.store import git

OWN, RUNNING = "the tag's own environment", "the running environment"
NOT_FOR_EXPORTS = frozenset({"captureset", "ultralytics", "torch"})  # its code is the tag's; no export trains
INSTALLED = """
import json, platform, sys
from importlib import metadata

found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class OtherTool:
    """A tool that is not as it was when the version was made."""

    name: str
    then: str
    now: str | None  # None: not installed


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python with what exports need."""

    kind: str  # OWN or RUNNING
    python: Path
    versions: Mapping[str, str]

    @property
    def search(self) -> str:
        """PATH, on which `python` in dvc.yaml is this one."""
        return os.pathsep.join([str(self.python.parent), os.environ.get("PATH", os.defpath)])

    def others(self, promised: Promise) -> tuple[OtherTool, ...]:
        """Return what is not as the manifest of a version says."""
        then = {name: number for name, number in promised.tools.items() if name not in NOT_FOR_EXPORTS}
        found = ((name, number, self.versions.get(name)) for name, number in sorted(then.items()))
        return tuple(OtherTool(*tool) for tool in found if tool[1] != tool[2])


def running(promised: Promise) -> Environment:
    """Return the environment that is running."""
    return _described(RUNNING, Path(sys.executable), promised)


def own(room: CleanRoom, promised: Promise) -> Environment:
    """Return the environment that the tag's pyproject.toml pins, made inside the clean room.

    The Python is of the minor version in the manifest; the extra is `pipeline`, with `cluster` where `measure.engine`
    asks for it. uv's cache makes it a matter of seconds.

    Raises:
        CapturesetError: uv is missing or cannot make it, or the tag has no pyproject.toml.
    """
    uv = shutil.which("uv") or os.environ.get("UV")
    if uv is None:
        raise CapturesetError(
            f"uv is not installed, and only uv makes the environment that {promised.tag} pins; `pip install uv`, or "
            "rebuild with --here in the running environment."
        )
    if not (room.clone / "pyproject.toml").exists():
        raise CapturesetError(
            f"{promised.tag} has no pyproject.toml, so it pins no environment; rebuild it with --here instead."
        )
    folder = room.folder / "environment"
    minor = ".".join(promised.tools["python"].split(".")[:2])
    extras = ["pipeline", *(["cluster"] if promised.criteria["measure"]["engine"] == "dask" else [])]
    _sync(uv, room, folder, minor, extras)
    return _described(OWN, folder / ("Scripts" if os.name == "nt" else "bin") / "python", promised)


def _sync(uv: str, room: CleanRoom, folder: Path, minor: str, extras: Sequence[str]) -> None:
    wanted = [word for extra in extras for word in ("--extra", extra)]
    where = {"UV_PROJECT_ENVIRONMENT": str(folder), "VIRTUAL_ENV": str(folder)}
    # The code is the tag's by PYTHONPATH: building a wheel of it would prove nothing.
    try:
        git.run(
            [uv, "sync", "--quiet", "--no-dev", "--no-install-project", "--python", minor, *wanted], room.clone, where
        )
    except CommandFailedError as error:
        raise CapturesetError(
            f"uv cannot make the environment that the tag pins, with Python {minor} ({error}); see that the package "
            "index answers and still has these versions, or rebuild with --here in the running environment."
        ) from None


def _described(kind: str, python: Path, promised: Promise) -> Environment:
    found = git.run([str(python), "-c", INSTALLED, *sorted(promised.tools)], python.parent)
    return Environment(kind, python, json.loads(found))
