"""The pieces of `captureset ci`: what could not run has failed, and a comment that no text can break out of."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from captureset.ci import comment, pipeline, since_release, stand_in
from captureset.ci.fetching import fetch
from captureset.ci.parts import Judged, Panel, Part
from captureset.cli.ci import _forget_unset_secrets
from captureset.errors import CapturesetError, CommandFailedError
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.quickstart.answers import MISTAKEN_NAMES
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from pipeline import save

NASTY = "```\n| @everyone <img src=x onerror=alert(1)> ``` ![](x) ]( \u202e"


def judged(*parts: Part, changes: tuple[str, ...] = (), said: str = "") -> Judged:
    """Return a judgement of these parts."""
    return Judged("pull-request", "0" * 40, parts, said, changes)


def part(name: str = "check", verdict: str = "passed", why: str = "sound") -> Part:
    """Return one part."""
    return Part(name, verdict, why, 1.0)


def test_what_could_not_run_has_failed_and_the_rest_still_runs() -> None:
    """A refusal, any other fault of a part, and one that passes: three answers, each told at once."""
    told: list[Part] = []
    panel = Panel(told.append)

    def refuse() -> str:
        raise CapturesetError("the sentence.")

    def break_down() -> str:
        raise ZeroDivisionError("by zero")

    assert [panel.ask("a", refuse), panel.ask("b", break_down), panel.ask("c", lambda: "fine")] == [False, False, True]
    assert [one.verdict for one in told] == ["failed", "failed", "passed"]
    assert told == panel.parts
    assert told[1].why == "it could not run, ZeroDivisionError: by zero; mend that, then run it again"


@pytest.mark.parametrize(
    ("parts", "verdict", "verified"),
    [
        ((), "failed", False),
        ((part(verdict="not_verified"),), "failed", False),
        ((part(), part(verdict="not_verified")), "passed", False),
        ((part(),), "passed", True),
        ((part(), part(verdict="failed")), "failed", False),
    ],
)
def test_nothing_asked_is_nothing_passed(parts: tuple[Part, ...], verdict: str, verified: bool) -> None:  # noqa: FBT001
    """Only what was asked and found true passes; what was left out leaves the data unverified."""
    assert (judged(*parts).verdict, judged(*parts).data_verified) == (verdict, verified)


def test_a_failed_stand_in_fails() -> None:
    """A quickstart repository that fails is a failure of the whole."""
    found = Judged("pull-request", "0" * 40, (part(),), "said", (), (part("quickstart: made", "failed"),))
    assert found.verdict == "failed"


def test_no_text_breaks_out_of_a_comment() -> None:
    """Ids, paths and sentences of anybody stand inside fences longer than their own; each fence is closed."""
    text = comment.text(judged(part("export " + NASTY, "failed", NASTY), changes=(NASTY, "ok")))
    lines = text.splitlines()
    fences = [index for index, line in enumerate(lines) if line.startswith("````")]
    assert len(fences) == 4
    outside = lines[: fences[0]] + lines[fences[1] + 1 : fences[2]] + lines[fences[3] + 1 :]
    assert not any(word in line for line in outside for word in ("@everyone", "<img", "]("))
    assert sum("@everyone" in line for line in lines) == 2
    assert "\u202e" not in text


def test_what_is_said_of_the_data_breaks_out_of_no_comment() -> None:
    """It names the remote's folder, which the pull request itself chose: in a fence; the fact stands before it."""
    lines = comment.text(judged(part(), said=NASTY)).splitlines()
    fences = [index for index, line in enumerate(lines) if re.fullmatch("`{3,}(text)?", line)]
    (place,) = [index for index, line in enumerate(lines) if "@everyone" in line]
    assert fences[0] < place < fences[1]
    assert f"**{comment.NOT_VERIFIED}**" in lines[: fences[0]]
    assert len(fences) == 4


def test_a_comment_fits() -> None:
    """However much there is to say: at most what GitHub takes, cut by lines, and it says so."""
    changes = tuple(f"added {number} " + "한" * 200 for number in range(900))
    parts = tuple(part(f"export {number}", "failed", "x" * 1900) for number in range(90))
    text = comment.text(judged(*parts, changes=changes))
    assert 40_000 < len(text) <= comment.LONGEST
    assert text.count(comment.CUT) == 2
    assert text.count("```") == 4
    assert "### Since the last release" in text
    assert comment.text(judged(part())).count(comment.CUT) == 0


def test_an_unset_secret_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workflow gives it as an empty text; one that is set stays."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    _forget_unset_secrets()
    assert "AWS_ENDPOINT_URL" not in os.environ
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-north-1"


@pytest.mark.parametrize("path", ["../outside.txt", "/tmp/outside.txt", "a/../../b"])  # noqa: S108 - is refused
def test_a_list_that_leads_out_of_its_folder_is_refused(git_repository: Repository, path: str) -> None:
    """A manifest made by hand cannot make the gate write elsewhere."""
    store = ObjectStore(git_repository.root)
    md5 = store.add(b"x")
    forged = store.add(f'[{{"md5": "{md5}", "relpath": "{path}"}}]'.encode(), ".dir")
    with pytest.raises(CapturesetError, match="leads out of its folder"):
        fetch(store, "data/exports/coco_format", forged)
    assert not (git_repository.root / "data/exports").exists()


@pytest.mark.parametrize(
    ("said", "stages"),
    [
        ("Stage 'a' didn't change, skipping\nData and pipelines are up to date.\n", []),
        ("Running stage 'catalog':\n> python\nStage 'b' didn't change\nRunning stage 'x@y':\n", ["catalog", "x@y"]),
    ],
)
def test_the_words_of_dvc_decide(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch, said: str, stages: list[str]
) -> None:
    """It exits 0 either way."""
    lock(git_repository)
    monkeypatch.setattr(git, "dvc", lambda *_: said)
    assert pipeline.stale(git_repository) == stages


def test_what_dvc_does_not_say_is_no_pass(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing built, other words, and another fault are refused; a stage that lacks what it reads would run."""
    with pytest.raises(CapturesetError, match=r"dvc\.lock does not exist"):
        pipeline.stale(git_repository)
    lock(git_repository)
    monkeypatch.setattr(git, "dvc", lambda *_: "Everything is fine.")
    with pytest.raises(CapturesetError, match="neither up to date nor"):
        pipeline.stale(git_repository)

    def fail(*_: object) -> str:
        raise CommandFailedError("ERROR: failed to reproduce 'filter': [Errno 2] No such file or directory: 'data'")

    monkeypatch.setattr(git, "dvc", fail)
    assert pipeline.stale(git_repository) == ["filter"]

    def fail_otherwise(*_: object) -> str:
        raise CommandFailedError("ERROR: 'dvc.yaml' is invalid.")

    monkeypatch.setattr(git, "dvc", fail_otherwise)
    with pytest.raises(CommandFailedError, match="is invalid"):
        pipeline.stale(git_repository)


def lock(repository: Repository, recipe: str = "stages: {}") -> None:
    """Leave a recipe, and a dvc.lock as if it had been built."""
    (repository.root / "dvc.yaml").write_text(f"{recipe}\n", encoding="utf-8")
    (repository.root / "dvc.lock").write_text("schema: '2.0'\n", encoding="utf-8")


@pytest.mark.parametrize("body", ["{cmd: echo, frozen: true}", "{foreach: [1], do: {cmd: echo, frozen: true}}"])
def test_a_frozen_stage_is_never_up_to_date(git_repository: Repository, body: str) -> None:
    """DVC itself passes over one and calls the pipeline up to date, whatever became of it; the part names it."""
    lock(git_repository, f"stages: {{measure: {body}}}")
    assert pipeline.UP_TO_DATE in git.dvc(git_repository.root, "repro", "--dry", "--allow-missing")
    with pytest.raises(CapturesetError, match="dvc.yaml freezes measure, so nobody can say"):
        pipeline.stale(git_repository)


def test_git_alone_tells_months_parameters_and_metrics(git_repository: Repository) -> None:
    """Between the last release and HEAD, each leaf that is another by its name; before a release, what is there."""
    root = git_repository.root
    month(git_repository, "2024-01", 3)
    assert since_release.last_release(git_repository) is None
    assert since_release.from_git(git_repository) == [
        "no release yet -> HEAD, as far as Git holds it",
        "month      2024-01: 0 -> 3 files",
    ]
    git.git(root, "tag", "sofas@v0.1.0")
    month(git_repository, "2024-01", 6)
    (root / "data/report").mkdir()
    jsontext.write(root / "data/report/metrics.json", {"captures": 60, "grade": {"high": 3}})
    (root / "params.yaml").write_text("filter: {min_confidence: 0.5}\n", encoding="utf-8")
    save(root, "Change")
    assert since_release.from_git(git_repository) == [
        "sofas@v0.1.0 -> HEAD, as far as Git holds it",
        "month      2024-01: 3 -> 6 files",
        "params     filter.min_confidence: absent -> 0.5",
        "metrics    captures: absent -> 60",
        "metrics    grade.high: absent -> 3",
    ]


def month(repository: Repository, name: str, files: int) -> None:
    """Commit a pointer to a month of so many files."""
    text = pointers.stub(name).replace("- path", f"- nfiles: {files}\n  path")
    (repository.pointers / f"{name}.dvc").write_text(text, encoding="utf-8")
    save(repository.root, name)


def test_a_stand_in_knows_what_it_draws(git_repository: Repository) -> None:
    """In a taxonomy of one's own the categories of the drawings are appended; the others keep their ids."""
    path = git_repository.categories
    text = path.read_text(encoding="utf-8").replace("code: FURN_SOFA", "code: FURN_COUCH")
    path.write_text(text, encoding="utf-8")
    before = load_taxonomy(path)
    stand_in.prepare(git_repository.root)
    after = load_taxonomy(path)
    assert after.categories[: len(before.categories)] == before.categories
    assert {category.code for category in after.categories} >= set(MISTAKEN_NAMES)
    assert git.changed_paths(git_repository.root) == []


def test_a_stand_in_that_cannot_be_made_has_failed(tmp_path: Path) -> None:
    """Nothing is judged then, and nothing passes."""

    def make(_: Path) -> Repository:
        raise CapturesetError("torch is not installed; install it.")

    (only,) = stand_in.judged(make, lambda _repository, _panel: None, lambda _: None)
    assert (only.name, only.verdict) == ("quickstart: made", "failed")
    assert not list(tmp_path.iterdir())
