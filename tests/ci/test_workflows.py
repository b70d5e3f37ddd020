"""The workflows in .github/ and docs/ci.md: every command is one that tests run, nobody gets more than they need."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from captureset.ci import comment
from captureset.ci.asking import DATA_PARTS
from captureset.cli.ci import app
from captureset.quickstart.template import copy_recipe, is_recipe

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS: dict[str, dict[Any, Any]] = {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in FOLDER.glob("*.yml")}
JOBS = {f"{name}/{job}": body for name, document in WORKFLOWS.items() for job, body in document["jobs"].items()}
STEPS = [(job, step) for job, body in JOBS.items() for step in body["steps"]]
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
JUDGING = (ROOT / "tests" / "ci" / "test_ci_judging.py").read_text(encoding="utf-8")
TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ON = True  # YAML 1.1 reads the key `on` so
SECRETS = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"),
}


def test_there_are_two() -> None:
    """One for the code, one for the dataset."""
    assert set(WORKFLOWS) == {"check", "dataset"}
    assert set(JOBS) == {"check/check", "dataset/pull-request", "dataset/comment", "dataset/tag"}


def test_what_starts_them() -> None:
    """Pull requests and release tags judge the dataset, a withdrawal's mark does not; code changes check the code."""
    assert WORKFLOWS["dataset"][ON] == {"pull_request": None, "push": {"tags": ["*@v[0-9]+.[0-9]+.[0-9]+"]}}
    ignored = ["data/**", "dvc.lock", "params.yaml"]
    assert WORKFLOWS["check"][ON] == {
        "push": {"branches": ["**"], "paths-ignore": ignored},
        "pull_request": {"paths-ignore": ignored},
    }
    assert JOBS["dataset/pull-request"]["if"] == "github.event_name == 'pull_request'"
    assert JOBS["dataset/tag"]["if"] == "github.event_name == 'push'"
    assert all("pull_request_target" not in path.read_text(encoding="utf-8") for path in FOLDER.iterdir())


def test_an_older_run_comments_no_more() -> None:
    """Of a pull request only the newest run goes on; each release tag is judged to its end."""
    assert WORKFLOWS["dataset"]["concurrency"] == {
        "group": "dataset-${{ github.event.pull_request.number || github.ref }}",
        "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    }


def test_every_command_is_one_that_is_run_by_ci() -> None:
    """`captureset ci` by tests with the same options, which `.ci/run` runs; all else stands in `.ci/run` itself."""
    for job, step in STEPS:
        if "run" not in step:
            continue
        judging = re.fullmatch(
            r"uv run captureset ci (pull-request|tag)((?: --?\w+| \"[^\"]+\"| [\w.]+)*)", step["run"]
        )
        if judging is None:
            assert step["run"] in {"pip install uv", "bash .ci/run"} or "strace" in step["run"], job
            continue
        command = typer.main.get_command(app).commands[judging[1]]  # type: ignore[attr-defined]
        known = {option for parameter in command.params for option in parameter.opts}
        options = set(re.findall(r"--\w+", judging[2]))
        assert options <= known
        assert all(f'"{word}"' in JUDGING for word in ("ci", judging[1], *options))
    assert "pip install --quiet uv" in CI
    assert "strace" in CI
    assert "make check" in CI


def test_permissions_are_the_least() -> None:
    """Reading, but for the one job that comments: it checks nothing out, runs no command and knows no secret."""
    assert {name: document["permissions"] for name, document in WORKFLOWS.items()} == {
        "check": {"contents": "read"},
        "dataset": {"contents": "read"},
    }
    assert {job for job, body in JOBS.items() if "permissions" in body} == {"dataset/comment"}
    writing = JOBS["dataset/comment"]
    assert writing["permissions"] == {"pull-requests": "write"}
    assert not any("run" in step or "checkout" in step["uses"] for step in writing["steps"])
    assert "secrets" not in json.dumps(writing)
    for _, step in STEPS:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_actions_are_of_github_and_pinned() -> None:
    """Each by its version."""
    used = {step["uses"] for _, step in STEPS if "uses" in step}
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)


def test_secrets_are_those_of_the_bucket_and_documented() -> None:
    """AWS_* only, in the environment only, under their own name, at the steps that read the remote only."""
    for job, step in STEPS:
        given = step.get("env", {})
        assert "env" not in JOBS[job]
        if given:
            assert given == {name: f"${{{{ secrets.{name} }}}}" for name in SECRETS}
            assert "captureset ci" in step["run"]
    assert sum("env" in step for _, step in STEPS) == 2
    assert set(re.findall(r"^\| `(AWS_\w+)`", TEXT, re.MULTILINE)) == SECRETS


def test_no_expression_reaches_a_shell_or_a_script() -> None:
    """What strangers write, such as a branch's name, comes by the environment, in quotes."""
    for _, step in STEPS:
        assert "${{" not in step.get("run", "")
        assert "${{" not in json.dumps(step.get("with", {}))
        unquoted = re.sub(r'"[^"]*"', "", step.get("run", ""))
        assert "$" not in unquoted


SCRIPT = """
const calls = [];
const fail = process.argv[2] === "fork";
const bot = {user: {type: "Bot"}, id: 7, body: "<!-- captureset ci -->\\nold"};
const found = process.argv[2] === "again" ? [{user: {type: "User"}, id: 6, body: bot.body}, bot] : [];
const call = (name) => async (given) => { if (fail) throw new Error("403"); calls.push([name, given]); };
const issues = {listComments: 1, createComment: call("create"), updateComment: call("update")};
const github = {paginate: async () => found, rest: {issues}};
const context = {repo: {owner: "o", repo: "r"}, issue: {number: 5}};
const core = {warning: (text) => calls.push(["warning", text])};
(async () => { BODY })().then(() => console.log(JSON.stringify(calls)));
"""


@pytest.mark.parametrize("case", ["first", "again", "fork"])
def test_the_comment_is_made_renewed_or_left(case: str, tmp_path: Path) -> None:
    """The script as it stands: a new comment, the same one again, and a fork that may not: a warning, no failure."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("left out: the script of the workflow, since node is not installed")
    body = next(step["with"]["script"] for job, step in STEPS if "script" in step.get("with", {}))
    (tmp_path / "comment.md").write_text(f"{comment.MARKER}\nnew", encoding="utf-8")
    (tmp_path / "script.js").write_text(SCRIPT.replace("BODY", body), encoding="utf-8")
    done = subprocess.run([node, "script.js", case], cwd=tmp_path, capture_output=True, text=True, check=True)
    ((name, given),) = json.loads(done.stdout)
    said = {"owner": "o", "repo": "r", "body": f"{comment.MARKER}\nnew"}
    if case == "fork":
        assert (name, given.endswith("403")) == ("warning", True)
    else:
        wanted = ("create", {**said, "issue_number": 5}) if case == "first" else ("update", {**said, "comment_id": 7})
        assert (name, given) == wanted


def test_a_new_dataset_repository_has_them(tmp_path: Path) -> None:
    """`captureset quickstart` copies the workflows, `.ci/run` and this test as they are."""
    copy_recipe(ROOT, tmp_path / "new")
    for path in (*FOLDER.iterdir(), ROOT / ".ci/run", Path(__file__), ROOT / "docs/ci.md"):
        name = path.relative_to(ROOT)
        assert is_recipe(str(name))
        assert (tmp_path / "new" / name).read_bytes() == path.read_bytes()


def test_the_document_names_what_there_is() -> None:
    """Its commands and their options, the parts, the jobs, the files, the limit of a comment."""
    for line in re.findall(r"^uv run captureset ci .+$", TEXT, re.MULTILINE):
        words = line.split("#")[0].split()
        command = typer.main.get_command(app).commands[words[4]]  # type: ignore[attr-defined]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known
    asked = set(re.findall(r'panel\.ask\("(\w+)"', _code())) | set(DATA_PARTS)
    named = set(re.findall(r"^\| `([\w ]+)`", TEXT, re.MULTILINE)) - {"export X", "rebuild X"} - SECRETS
    assert named == asked - {"made", "released"}
    assert f"{comment.LONGEST:,}" in TEXT
    assert all((ROOT / name).exists() for name in re.findall(r"`((?:tests|\.github|stages)/[\w/.]+)`", TEXT))


def _code() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (ROOT / "stages/captureset/ci").glob("*.py"))
