"""Computes from the imports which files each stage of dvc.yaml depends on; `make deps` writes them.

A file missing from `deps` would leave stale output called "up to date". tests/test_house.py compares.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "stages"
PACKAGE = "captureset"
SCHEMAS = {  # read by name, not imported
    "formats/schema.py": [],
    "params.py": ["schemas/params.schema.json"],
    "capture/documents.py": ["schemas/sidecar.schema.json", "schemas/feedback.schema.json"],
    "formats/taxonomy.py": ["schemas/categories.schema.json"],
    "formats/exports/ecoguide.py": ["schemas/custom_export.schema.json"],
}
WIDTH = 118


def module_file(name: str) -> Path | None:
    """Return the file of a dotted module name of ours, or None."""
    path = SOURCE.joinpath(*name.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def imported(path: Path) -> set[Path]:
    """Return our files that a file imports anywhere in it, packages' own files included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    ours = {name for name in names if name.split(".")[0] == PACKAGE}
    ours |= {".".join(name.split(".")[:depth]) for name in ours for depth in range(1, name.count(".") + 1)}
    return {found for name in ours if (found := module_file(name)) is not None}


def code_of(stage: str) -> list[str]:
    """Return the files a stage's module needs, its own first, as paths from the root."""
    own = SOURCE / PACKAGE / f"{stage}.py"
    seen, todo = set(), {own}
    while todo:
        path = todo.pop()
        seen.add(path)
        todo |= imported(path) - seen
    inner = {str(path.relative_to(SOURCE / PACKAGE)) for path in seen}
    schemas = {schema for name in inner for schema in SCHEMAS.get(name, [])}
    code = {str(path.relative_to(ROOT)) for path in seen if path.stat().st_size}
    return [str(own.relative_to(ROOT)), *sorted(code - {str(own.relative_to(ROOT))}), *sorted(schemas)]


def is_code(dependency: str) -> bool:
    """Say whether a dependency is code or a schema, not data."""
    return dependency.startswith(("stages/", "schemas/"))


def flow(names: list[str], indent: int) -> str:
    """Return a YAML flow sequence, wrapped."""
    lines, line = [], " " * indent + "deps: ["
    for place, name in enumerate(names):
        piece = name + ("]" if place == len(names) - 1 else ",")
        if len(line) + len(piece) + 1 > WIDTH:
            lines.append(line.rstrip())
            line = " " * (indent + 2)
        line += piece + " "
    return "\n".join([*lines, line.rstrip()])


def rewritten(text: str) -> str:
    """Return dvc.yaml with the code dependencies of every stage as the imports say."""
    stages = yaml.safe_load(text)["stages"]
    for name, stage in stages.items():
        body = stage.get("do", stage)
        data = [dependency for dependency in body["deps"] if not is_code(dependency)]
        pattern = re.compile(rf"(^  {name}:\n(?:    .*\n|\n)*?)( +)deps: \[[^\]]*\]", re.MULTILINE)
        text = pattern.sub(lambda m, d=data, n=name: m[1] + flow([*d, *code_of(n)], len(m[2])), text, count=1)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    path = ROOT / "dvc.yaml"
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
