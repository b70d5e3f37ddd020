"""Two branches that both took captures in merge to the union; what contradicts is left to a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from branches import (
    Files,
    capture,
    feedback,
    identities,
    listed,
    merge,
    pair,
    rows,
    said,
    store_of,
    take_in,
)
from captureset.capture.erase import erase
from captureset.cli.main import app
from captureset.errors import CommandFailedError, MissingObjectError
from captureset.inspection.check import check
from captureset.store import git, hooks, merging, pointers
from captureset.store.merging import merged
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from pipeline import NOBODY, begin

PAIRS = 200
REAL_PAIRS = 12


def alike(*sides: Files) -> merging.Same:
    """Return what tells whether two feedback files of these sides say the same."""
    words = {md5: data for side in sides for md5, data in zip(rows(side).values(), side.values(), strict=True)}
    return lambda one, other: said(words[one]) == said(words[other])


def united(base: Files, ours: Files, theirs: Files, erased: frozenset[str] = frozenset()) -> merging.Merged:
    """Merge two sides, each of which has the base besides its own."""
    left, right = {**base, **ours}, {**base, **theirs}
    return merged(rows(base), rows(left), rows(right), erased, alike(left, right))


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with params, schemas and ledgers, in which `captureset install` has run."""
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    repository = begin(tmp_path / "가구 저장소")
    hooks.install(repository)
    return repository


def branch_off(repository: Repository, base: Files, ours: Files, theirs: Files, mark: str = "") -> str:
    """Commit the base, then one side on `main`, the other on a branch whose name is returned."""
    take_in(repository, base, "Base")
    git.git(repository.root, "switch", "--quiet", "--create", f"theirs{mark}")
    take_in(repository, theirs, "Theirs")
    git.git(repository.root, "switch", "--quiet", "main")
    take_in(repository, ours, "Ours")
    return f"theirs{mark}"


@pytest.mark.parametrize("start", range(0, PAIRS, 50))
def test_no_random_pair_loses_a_capture(start: int) -> None:
    """Every part of every capture and every feedback of both sides is in the union, whichever side is ours."""
    for number in range(start, start + 50):
        base, ours, theirs = pair(number)
        found = united(base, ours, theirs)
        assert found.contradictions == ()
        assert identities(found.rows) == identities({**base, **ours, **theirs})
        assert found.rows == united(base, theirs, ours).rows
        both = {**base, **ours, **theirs}
        assert merged(found.rows, found.rows, found.rows, (), alike(both)).rows == found.rows


def test_three_branches_give_one_union_in_any_order() -> None:
    """Merging a third branch before or after the second makes no difference."""
    base, ours, theirs = pair(3)
    third = capture("third-1") | capture("third-2", day="16")
    both = {**base, **ours, **theirs, **third}
    same = alike(both, {**base, **ours, **theirs}, {**base, **theirs, **ours})
    one = merged(rows(base), united(base, ours, theirs).rows, rows({**base, **third}), (), same)
    other = merged(rows(base), rows({**base, **ours}), united(base, third, theirs).rows, (), same)
    assert one.rows == other.rows


def test_a_capture_held_differently_is_contradicted_whole() -> None:
    """Ours stays whole, with no part of theirs, wherever theirs stands; all else is united."""
    ours = capture("a") | capture("mine")
    theirs = {"2024-01/16/a.png": b"other", "2024-01/16/a.json": b"other"} | capture("yours")
    found = united({}, ours, theirs)
    assert found.contradictions == ("a",)
    assert found.rows == rows(capture("a") | capture("mine") | capture("yours"))


def test_feedback_that_came_twice_is_one_and_other_words_contradict() -> None:
    """The time of arrival is no part of what was said: another day keeps both files, the same day the one of either."""
    once, later = feedback("a", 1, "2024-01-15"), feedback("a", 1, "2024-01-16")
    assert united({}, once, later).rows == rows(once | later)
    (name, data), *_ = once.items()
    again = {name: data.replace(b"T00:00:00Z", b"T09:30:00Z")}
    assert united({}, once, again) == united({}, again, once)
    assert united({}, once, again).contradictions == ()
    other = feedback("a", 1, "2024-01-16", "reject")
    assert united({}, once, other).contradictions == ("a.feedback.f-1.json",)


def test_a_row_one_side_lost_stays_unless_it_was_erased() -> None:
    """DVC may have shrunk one side unasked; a tombstone takes all of a capture, the other side's feedback too."""
    base = capture("a") | capture("b")
    late = feedback("a", 1)
    ours, theirs = rows(capture("b")), rows(base | late)
    kept = merged(rows(base), ours, theirs, (), alike(base))
    assert kept.rows == rows(base | late)
    gone = merged(rows(base), ours, theirs, {"a"}, alike(base))
    assert gone.rows == rows(capture("b"))
    assert merged(rows(base), theirs, ours, {"a"}, alike(base)).rows == gone.rows


def check_pair(repository: Repository, number: int) -> None:
    """Take in on two branches, merge them by Git, and look for every file of both."""
    months = ("2024-01", "2024-02")[: 1 + number % 5 // 4]
    base, ours, theirs = pair(number, months)
    git.git(repository.root, "switch", "--quiet", "--discard-changes", "--detach", "start")
    git.git(repository.root, "branch", "--force", "main", "start")
    git.git(repository.root, "switch", "--quiet", "main")
    name = branch_off(repository, base, ours, theirs, f"-{number}")
    done = merge(repository.root, name, "--no-verify")
    assert done.returncode == 0, done.stderr
    assert identities(listed(repository)) == identities({**base, **ours, **theirs})
    assert git.changed_paths(repository.root) == []
    store = store_of(repository.root)
    for path in repository.pointers.glob("*.dvc"):
        text = path.read_text(encoding="utf-8")
        size = sum(len(store.read(md5)) for md5 in pointers.rows(store, pointers.parse(text, str(path))).values())
        assert pointers.size_of(text) == size


def real_pairs(repository: Repository, numbers: range) -> None:
    """Check pairs one after the other in one repository."""
    hooks.install(repository)
    git.git(repository.root, "tag", "start")
    for number in numbers:
        check_pair(repository, number)


@pytest.mark.parametrize("start", range(0, REAL_PAIRS, 6))
def test_git_merges_random_pairs_of_branches(git_repository: Repository, start: int) -> None:
    """By real `git merge`: no file lost, the pointer's size exact, nothing left to commit."""
    real_pairs(git_repository, range(start, start + 6))


@pytest.mark.battery
@pytest.mark.parametrize("start", range(0, PAIRS, 20))
def test_git_merges_two_hundred_random_pairs(git_repository: Repository, start: int) -> None:
    """The same 200 times."""
    real_pairs(git_repository, range(start, start + 20))


def test_the_merged_pointer_is_the_one_a_single_branch_would_have(whole: Repository) -> None:
    """With all hooks on, the tree equals that of taking all in on one branch, and `check` finds nothing."""
    base, ours, theirs = capture("a"), capture("b", twin=True) | feedback("a", 1), capture("c") | feedback("a", 2)
    name = branch_off(whole, base, ours, theirs)
    done = merge(whole.root, name)
    assert (done.returncode, done.stderr) == (0, "")
    merged_tree = git.git(whole.root, "rev-parse", "HEAD^{tree}")
    assert check(whole) == []
    assert check(whole, "HEAD^1") == check(whole, "HEAD^2") == []
    git.git(whole.root, "switch", "--quiet", "--detach", "HEAD~2")
    take_in(whole, base | ours | theirs)
    assert git.git(whole.root, "rev-parse", "HEAD^{tree}") == merged_tree


def test_a_contradiction_is_a_conflict_with_one_sentence(whole: Repository) -> None:
    """The folder holds the union with our bytes, which a person may accept; throwing theirs away is refused."""
    theirs = {"2024-01/15/a.jpg": b"other", "2024-01/15/a.json": b"other"} | capture("c")
    name = branch_off(whole, capture("z"), capture("a"), theirs)
    done = merge(whole.root, name)
    assert done.returncode == 1
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("captureset: ")]
    assert "data/captures/2024-01.dvc: the branches hold a with different bytes (15/a.jpg: " in sentence
    assert "accept that with `git add data/captures/2024-01.dvc`" in sentence
    assert git.git(whole.root, "diff", "--name-only", "--diff-filter=U").split() == ["data/captures/2024-01.dvc"]
    union = (whole.pointers / "2024-01.dvc").read_bytes()
    assert listed(whole).keys() == (capture("a") | capture("c") | capture("z")).keys()
    git.git(whole.root, "checkout", "--ours", "--", "data/captures/2024-01.dvc")
    git.git(whole.root, "add", "data/captures/2024-01.dvc")
    with pytest.raises(CommandFailedError, match=r"leaves out 2 files of the branch that is merged \(15/c\.jpg, 15/c"):
        git.git(whole.root, "commit", "--quiet", "--no-edit")
    (whole.pointers / "2024-01.dvc").write_bytes(union)
    git.git(whole.root, "add", "data/captures/2024-01.dvc")
    git.git(whole.root, "commit", "--quiet", "--no-edit")
    assert git.git(whole.root, "rev-list", "--parents", "--max-count=1", "HEAD").count(" ") == 2


def test_one_id_in_two_months_is_refused_by_the_hook(whole: Repository) -> None:
    """No pointer conflicts, yet the merge would make one id two captures."""
    name = branch_off(whole, capture("z"), capture("a"), capture("a", "2024-02"))
    done = merge(whole.root, name)
    assert done.returncode == 1
    assert "a (photo) stands in 2024-01/15/a.jpg and 2024-02/15/a.jpg" in done.stderr


def test_without_install_the_merge_stops(git_repository: Repository) -> None:
    """A clone that does not know the driver gets an ordinary conflict, and loses nothing."""
    name = branch_off(git_repository, capture("z"), capture("a"), capture("b"))
    done = merge(git_repository.root, name)
    assert done.returncode == 1
    assert git.git(git_repository.root, "diff", "--name-only", "--diff-filter=U").split() == [
        "data/captures/2024-01.dvc"
    ]


def test_ledgers_keep_the_rows_of_both(git_repository: Repository) -> None:
    """Exclusions, erasures and frozen splits that both branches appended are all there, under one header."""
    new = {"exclusions": "{0},why\n", "erasures": "{0},2024-02-01,why\n", "splits": "{0},g,train,minimised,s/1,a@v1\n"}
    folder = git_repository.root / "data"
    heads = {"erasures": "capture_id,erased_on,reason\n", "exclusions": "capture_id,reason\n"}
    heads["splits"] = "capture_id,group,split,rule,algorithm,release\n"
    for name, head in heads.items():
        (folder / f"{name}.csv").write_text(head, encoding="utf-8")
    take_in(git_repository, {})
    for branch in ("theirs", "main"):
        git.git(git_repository.root, "switch", "--quiet", *(["--create"] if branch == "theirs" else []), branch)
        for name, row in new.items():
            (folder / f"{name}.csv").write_text(heads[name] + row.format(branch), encoding="utf-8")
        take_in(git_repository, {}, branch)
    assert merge(git_repository.root, "theirs").returncode == 0
    for name, row in new.items():
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        assert sorted(text.splitlines()) == sorted(
            (heads[name] + row.format("main") + row.format("theirs")).split("\n")[:-1]
        )


def test_an_erasure_wins_over_the_other_branchs_feedback(whole: Repository) -> None:
    """Merged and rebased alike, the erased capture stays away, and so does what came for it meanwhile."""
    for hook in hooks.HOOKS:
        (whole.root / ".git" / "hooks" / hook).unlink()  # judged by `check` below, once
    take_in(whole, capture("a") | capture("b"))
    git.git(whole.root, "switch", "--quiet", "--create", "theirs")
    erase(whole, "a", "asked for")
    git.git(whole.root, "branch", "again")
    git.git(whole.root, "switch", "--quiet", "main")
    take_in(whole, feedback("a", 1) | capture("c"))
    git.git(whole.root, "switch", "--quiet", "again")
    git.git(whole.root, "rebase", "--quiet", "main")
    rebased = listed(whole)
    git.git(whole.root, "switch", "--quiet", "main")
    done = merge(whole.root, "theirs")
    assert (done.returncode, done.stderr) == (0, "")
    assert listed(whole).keys() == rebased.keys() == (capture("b") | capture("c")).keys()
    assert check(whole) == []


def test_a_month_whose_manifest_is_missing_stays_ours(git_repository: Repository) -> None:
    """Nothing is guessed: Git keeps the conflict, and the sentence names the object."""
    hooks.install(git_repository)
    name = branch_off(git_repository, capture("z"), capture("a"), capture("b"))
    store = ObjectStore(git_repository.root)
    far = pointers.parse(str(git.committed_text(git_repository.root, "data/captures/2024-01.dvc", name)), "2024-01.dvc")
    store.discard(far.manifest)
    ours = (git_repository.pointers / "2024-01.dvc").read_bytes()
    done = merge(git_repository.root, name)
    assert done.returncode == 1
    assert f"captureset: object {far.manifest}" in done.stderr
    assert (git_repository.pointers / "2024-01.dvc").read_bytes() == ours
    with pytest.raises(MissingObjectError):
        store.read(far.manifest)


def test_words_a_person_wrote_in_a_pointer_survive(git_repository: Repository) -> None:
    """A `desc` that only the other branch added is in the merged pointer."""
    hooks.install(git_repository)
    take_in(git_repository, capture("z"))
    git.git(git_repository.root, "switch", "--quiet", "--create", "theirs")
    path = git_repository.pointers / "2024-01.dvc"
    path.write_text("desc: one wet month\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    take_in(git_repository, capture("b"))
    git.git(git_repository.root, "switch", "--quiet", "main")
    take_in(git_repository, capture("a"))
    assert merge(git_repository.root, "theirs", "--no-verify").returncode == 0
    assert path.read_text(encoding="utf-8").startswith("desc: one wet month\n")
    assert len(listed(git_repository)) == 6


def test_the_driver_is_no_command_for_people() -> None:
    """`captureset install` is the one command; the driver is Git's affair."""
    shown = CliRunner().invoke(app, ["--help"]).stdout
    assert "install" in shown
    assert "merge-driver" not in shown
