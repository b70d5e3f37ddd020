"""Environments of their own for outside programs that tests and benchmarks run: made by uv from a pinned list."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = tempfile.gettempdir()  # in the checkout uv would hold these environments to the pins of ours


class NotToBeHadError(Exception):
    """The environment cannot be made here: uv or a package index is missing."""


def python(requirements: Path) -> Path:
    """Return the python of `.venv-<name>`, made anew when its pinned list has changed.

    Args:
        requirements: the list, such as tests/clients/requirements.txt; the environment is called as its folder is.

    Raises:
        NotToBeHadError: it cannot be made; the sentence says why.
    """
    folder = ROOT / f".venv-{requirements.parent.name}"
    found = folder / "bin" / "python"
    stamp, wanted = folder / "made-from", hashlib.sha256(requirements.read_bytes()).hexdigest()
    with (ROOT / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run on several workers
        if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            _uv("venv", "--quiet", str(folder))
            _uv("pip", "install", "--quiet", "--python", str(found), "--requirement", str(requirements))
            stamp.write_text(wanted, encoding="utf-8")
    return found


def _uv(*arguments: str) -> None:
    uv = shutil.which("uv") or os.environ.get("UV")
    if uv is None:
        raise NotToBeHadError("uv is not installed; `pip install uv`")
    done = subprocess.run([uv, *arguments], capture_output=True, text=True, check=False, cwd=OUTSIDE)
    if done.returncode:
        raise NotToBeHadError(f"`uv {arguments[0]}` failed: {' '.join(done.stderr.split())[-500:]}")
