"""Writes the newest version of every package into pyproject.toml, `[tool.uv] constraint-dependencies`.

`uv sync` and `uv run` honour them; no lock is committed, since a lock names the registry it came from.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
PINNED = re.compile(r"^constraint-dependencies = \[.*?^\]\n", re.MULTILINE | re.DOTALL)
COMMAND = [
    *(
        "uv",
        "export",
        "--all-extras",
        "--group",
        "dev",
        "--upgrade",
        "--no-emit-project",
        "--format",
        "requirements.txt",
    ),
    *("--no-hashes", "--no-annotate", "--no-header", "--quiet"),
]


def resolved() -> list[str]:
    """Return `name==version ; marker` for every package, sorted; the pins that stand do not bind."""
    text = PYPROJECT.read_text(encoding="utf-8")
    PYPROJECT.write_text(PINNED.sub(lambda _: written([]), text), encoding="utf-8")
    try:
        done = subprocess.run(COMMAND, cwd=PYPROJECT.parent, capture_output=True, text=True, check=True)
    finally:
        PYPROJECT.write_text(text, encoding="utf-8")
    return [line for line in done.stdout.splitlines() if "==" in line]


def written(pins: list[str]) -> str:
    """Return the TOML of the pins, many a line."""
    if not pins:
        return "constraint-dependencies = [\n]\n"
    body = textwrap.fill(
        ", ".join(f'"{pin}"'.replace(" ", "\0") for pin in pins) + ",",
        116,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "constraint-dependencies = [\n" + textwrap.indent(body.replace("\0", " "), "    ") + "\n]\n"


if __name__ == "__main__":
    pins = resolved()
    text = PYPROJECT.read_text(encoding="utf-8")
    PYPROJECT.write_text(PINNED.sub(lambda _: written(pins), text), encoding="utf-8")
    sys.stdout.write(f"{len(pins)} packages pinned\n")
