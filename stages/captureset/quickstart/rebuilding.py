"""`dvc repro` in a new repository: its own code, this interpreter, one line a stage."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from captureset.errors import CommandFailedError

STAGE = re.compile(r"(?:Running stage|Stage) '([^']+)'")
LAST_LINES = 12
LONGEST_REASON = 800


def rebuild(root: Path, begins: Callable[[str], None] = lambda _: None) -> None:
    """Run `dvc repro` in the repository at root.

    Args:
        root: the repository; its own stages/ make the data.
        begins: told the name of each stage when it begins.

    Raises:
        CommandFailedError: a stage refused; the sentence carries its own words.
    """
    try:
        code, last = followed([sys.executable, "-m", "dvc", "repro"], root, environment(root), begins)
    except KeyboardInterrupt:
        raise CommandFailedError(f"{root} is made and holds its captures; run `dvc repro` there to go on.") from None
    if code:
        raise CommandFailedError(
            f"{root} is made and holds its captures, but `dvc repro` failed: {last}; "
            "mend that and run `dvc repro` there."
        )


def followed(
    command: Sequence[str], root: Path, env: Mapping[str, str], begins: Callable[[str], None]
) -> tuple[int, str]:
    """Return the exit code of a `dvc repro` and the last words of its last stage; `begins` is told each stage."""
    with subprocess.Popen(
        list(command),
        cwd=root,
        env=dict(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as running:
        last = _follow(running.stdout or (), begins)
    return running.returncode, last[-LONGEST_REASON:]


def environment(root: Path) -> dict[str, str]:
    """Return the environment in which `python` in dvc.yaml is this interpreter with the repository's own code."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    own = {"PATH": path, "PYTHONPATH": str(root / "stages"), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    return {**os.environ, **own}


def _follow(lines: Iterable[str], begins: Callable[[str], None]) -> str:
    """Announce the stages as they come and return the last words of the last one."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    for line in lines:
        found = STAGE.match(line)
        if found:
            begins(found[1])
            last.clear()
        elif line.strip() and not line.startswith("> "):
            last.append(" ".join(line.split()))
    return " ".join(last)
