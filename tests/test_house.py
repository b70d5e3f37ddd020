"""The house stays one house: documents, deps, params and code say the same."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import dependencies
from captureset import params
from captureset.cli.main import app
from captureset.formats import schema

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "stages" / "captureset"
STAGES = ("catalog", "measure", "quality", "filter", "split", "export", "verify", "smoke_train", "report")
PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LONGEST_MODULE = 250


def body(stage: str) -> dict[str, Any]:
    """Return a stage of dvc.yaml, the inside of a foreach."""
    found: dict[str, Any] = PIPELINE[stage].get("do", PIPELINE[stage])
    return found


def table_cells(heading: str) -> list[list[str]]:
    """Return the cells of the first README table below a heading, without the table's own head."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip().strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_nine_stages_in_data_flow_order() -> None:
    """dvc.yaml has exactly the nine stages, in the order the data takes."""
    assert tuple(PIPELINE) == STAGES


@pytest.mark.parametrize("stage", STAGES)
def test_one_name_four_places(stage: str) -> None:
    """A stage is a module, a params section and a folder of data, all of one name."""
    assert (PACKAGE / f"{stage}.py").is_file()
    assert body(stage)["cmd"].split(" ")[:3] == ["python", "-m", f"captureset.{stage}"]
    assert body(stage)["desc"]
    assert params.load(stage, ROOT / "params.yaml")
    folder = "data/exports" if stage == "export" else f"data/{stage}"
    outs = [out for kind in ("outs", "metrics", "plots") for out in body(stage).get(kind, [])]
    paths = [next(iter(out)) if isinstance(out, dict) else out for out in outs]
    paths = list(PIPELINE["export"]["foreach"].values()) if stage == "export" else paths
    assert paths
    assert all(path == folder or path.startswith(folder + "/") for path in paths)


@pytest.mark.parametrize("stage", STAGES)
def test_deps_are_what_the_stage_imports(stage: str) -> None:
    """The code a stage depends on in dvc.yaml is the code it imports; a missing file would leave stale output."""
    code = [dependency for dependency in body(stage)["deps"] if dependencies.is_code(dependency)]
    assert code == dependencies.code_of(stage)


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_imports_another(stage: str) -> None:
    """Stages meet in data, not in code."""
    others = {PACKAGE / f"{other}.py" for other in STAGES} - {PACKAGE / f"{stage}.py"}
    assert not dependencies.imported(PACKAGE / f"{stage}.py") & others


def test_modules_are_small_and_well_named() -> None:
    """No module has more than 250 lines and none is called utils."""
    modules = list(PACKAGE.rglob("*.py"))
    long = [str(path.relative_to(ROOT)) for path in modules if len(path.read_text().splitlines()) > LONGEST_MODULE]
    assert not long
    assert not {path.stem for path in modules} & {"utils", "helpers", "common", "core", "misc"}


def test_functions_are_small() -> None:
    """Nine of ten function bodies have at most 20 lines."""
    lengths = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                statements = node.body[1:] if ast.get_docstring(node) else node.body
                lengths.append(node.end_lineno - statements[0].lineno + 1 if statements and node.end_lineno else 0)
    lengths.sort()
    assert lengths[len(lengths) * 9 // 10] <= 20


def test_params_and_schema_have_the_same_keys() -> None:
    """params.yaml shows every key its schema allows, in the same order, each explained by a comment above it."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    allowed = json.loads((ROOT / "schemas/params.schema.json").read_text(encoding="utf-8"))["properties"]
    assert {name: list(keys) for name, keys in document.items()} == {
        name: list(section["properties"]) for name, section in allowed.items()
    }
    for name in document:
        assert re.search(rf"^# .+\n(?:# .+\n)*{name}:$", text, re.MULTILINE), f"section {name} is not explained"


def test_examples_of_sections_are_the_example() -> None:
    """The schema of params.yaml shows each section as the example document has it, so neither goes stale."""
    allowed = json.loads((ROOT / "schemas/params.schema.json").read_text(encoding="utf-8"))["properties"]
    example = json.loads((ROOT / "schemas/examples/params.json").read_text(encoding="utf-8"))
    assert {name: section["examples"] for name, section in allowed.items()} == {n: [s] for n, s in example.items()}


def _properties(document: Any, where: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    if isinstance(document, dict):
        for name, inner in document.get("properties", {}).items():
            if isinstance(inner, dict) and "$ref" not in inner and set(inner) != {"const"}:
                found.append((f"{where}/{name}", inner))
        for key, inner in document.items():
            if key not in {"examples", "if", "then", "required", "enum", "const"}:
                found += _properties(inner, f"{where}/{key}")
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.schema.json")), ids=lambda path: path.name)
def test_schema_fields_are_documented(path: Path) -> None:
    """Every field of every schema has a description and an example that the field itself accepts."""
    document = json.loads(path.read_text(encoding="utf-8"))
    fields = _properties(document, path.name)
    assert fields
    bare = [where for where, field in fields if not field.get("description") or not field.get("examples")]
    assert not bare


@pytest.mark.parametrize("path", sorted((ROOT / "schemas/examples").glob("*.json")), ids=lambda path: path.name)
def test_examples_satisfy_their_schema(path: Path) -> None:
    """Every example is a legal document."""
    assert schema.problems(path.name.partition(".")[0], json.loads(path.read_text(encoding="utf-8"))) == ()


def test_every_schema_has_an_example() -> None:
    """A schema nobody can see filled in is not documented."""
    named = {path.name.partition(".")[0] for path in (ROOT / "schemas/examples").glob("*.json")}
    assert named == {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.schema.json")}


def test_readme_stage_table_is_the_pipeline() -> None:
    """README's map names the stages in order, with the question their module answers."""
    rows = table_cells("The map")
    assert [row[0].strip("`") for row in rows] == list(STAGES)
    for name, _, _, question in rows:
        module = ast.parse((PACKAGE / f"{name.strip('`')}.py").read_text(encoding="utf-8"))
        assert (ast.get_docstring(module) or "").startswith(question)


def test_readme_parameter_table_is_params_yaml() -> None:
    """README names every section, and for each the first stage it re-runs."""
    rows = {row[0].strip("`"): row for row in table_cells("Which parameter re-runs what")}
    assert tuple(rows) == STAGES
    for stage, (_, keys, _) in rows.items():
        assert set(re.findall(r"`(\w+)`", keys)) == set(params.load(stage, ROOT / "params.yaml"))


def command_names() -> set[str]:
    """Return every command of the CLI, sub-commands with their group; hidden ones are called by Git, not by people."""
    group = typer.main.get_command(app)
    names = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        if command.hidden:
            continue
        inner = getattr(command, "commands", None)
        names |= {f"{name} {sub}" for sub in inner} if inner else {name}
    return names


def test_readme_names_every_command() -> None:
    """README's command table is the CLI."""
    known = command_names()
    groups = {name.split()[0] for name in known if " " in name}
    named = [re.sub(r"[`\\]", "", row[0]).split()[1:] for row in table_cells("Commands")]
    assert {" ".join(words[: 2 if words[0] in groups else 1]) for words in named} == known


def test_every_command_has_help() -> None:
    """Each command explains itself in a sentence."""
    for info in app.registered_commands:
        assert info.callback is not None
        assert inspect.getdoc(info.callback), info.name


def shown_commands(text: str) -> Iterator[list[str]]:
    """Give the words after `captureset` of every such line in a document's code blocks, comments left out."""
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s#|&&|\|", line):
                if match := re.match(r"\s*(?:uv run )?captureset (.+)", part):
                    yield match[1].split()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_documents_exist(document: Path) -> None:
    """Every `captureset …` line in a code block is a command of the CLI, with options it has."""
    for words in shown_commands(document.read_text(encoding="utf-8")):
        command: Any = typer.main.get_command(app)
        for word in words:
            if inside := getattr(command, "commands", None):
                assert word in inside, words
                command = inside[word]
        known = {option for parameter in command.params for option in parameter.opts}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known, words


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_in_documents_lead_somewhere(document: Path) -> None:
    """Every link to a file leads to one, and README leads to every page of docs."""
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert all((document.parent / link).exists() for link in links)
    if document.name == "README.md":
        assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= set(links)


def test_readme_is_short() -> None:
    """README stays under 250 lines."""
    assert len(README.splitlines()) < 250


def test_the_apps_side_is_light() -> None:
    """Submitting needs neither DVC nor numpy nor torch: none of them is even imported."""
    program = (
        "import sys; import captureset.capture.submit, captureset.cli.intake, captureset.services; "
        "heavy = {'dvc', 'numpy', 'pandas', 'pyarrow', 'torch', 'ultralytics', 'simplejpeg'} & set(sys.modules); "
        "print(*sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    """No path of a machine and no registry's address is committed."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = [
        bytes(word, "ascii") for word in ("/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/", "pypi" + ".org", "file" + ":///")
    ]
    named = [
        name
        for name in filter(None, listing.split("\0"))
        if (ROOT / name).is_file() and any(word in (ROOT / name).read_bytes() for word in words)
    ]
    assert named == []
