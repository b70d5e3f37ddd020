"""Commands as a document has them, so that a test runs what a reader would type."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def commands(document: str, heading: str) -> list[list[str]]:
    """Return every command in the code blocks below a heading, in order, each in words."""
    text = (ROOT / document).read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split(f"## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.strip()]


def carry_out(
    lines: list[list[str]], folder: Path, environment: Mapping[str, str], instead: Mapping[str, str]
) -> list[str]:
    """Run commands as typed one after another in a folder, placeholders replaced; each must succeed.

    Returns what each printed on standard output.
    """
    said = []
    for words in lines:
        typed = [_replaced(word, instead) for word in words]
        if typed[0] == "cd":
            folder /= typed[1]
            continue
        done = subprocess.run(typed, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{shlex.join(typed)}: {done.stdout}{done.stderr}"
        said.append(done.stdout)
    return said


def _replaced(word: str, instead: Mapping[str, str]) -> str:
    for placeholder, value in instead.items():
        word = word.replace(placeholder, value)
    return word
