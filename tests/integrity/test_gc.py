from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

import gc_states
from captureset.capture.submit import submit
from captureset.errors import CapturesetError
from captureset.integrity import copies, gc
from captureset.integrity.gc import GRACE_DAYS, Rules
from captureset.integrity.needed import needed
from captureset.release import journal
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import sidecar
from gc_states import KEPT, Work, commit_of, origin, work, worktree
from photos import jpeg
from released import FIRST, SECOND, cache_folder, remote_folder

AT_ONCE = Rules(grace_days=0)
WHATEVER = Rules(grace_days=0, most_share=1)
Refusal = tuple[Callable[[Repository], None], str]


def every_object(folder: Path) -> set[str]:
    """Return the addresses of everything in a cache or remote."""
    return {path.parent.name + path.name for path in folder.rglob("*") if path.is_file()}


def waste(versions: Repository, count: int) -> set[str]:
    """Put objects that nothing names into the cache and return their addresses."""
    store = ObjectStore(versions.root)
    return {store.add(f"unneeded {number}".encode()) for number in range(count)}


def collect(repository: Repository, *, remote: bool = False, rules: Rules = AT_ONCE) -> int:
    """Plan and carry out."""
    return gc.carry_out(repository, gc.plan(repository, remote=remote, rules=rules))


def test_only_what_nothing_names_goes(versions: Repository) -> None:
    """A plan changes nothing; carried out, every object of every tag, branch and the workspace is still there."""
    wanted = set(needed(versions, ObjectStore(versions.root)).uses)
    gone = waste(versions, 3)
    plan = gc.plan(versions, rules=AT_ONCE)
    superseded = every_object(cache_folder(versions)) - wanted - gone
    assert {copy.oid for copy in plan.unneeded} == gone | superseded
    assert gone <= every_object(cache_folder(versions))
    assert gc.carry_out(versions, plan) == len(gone | superseded)
    assert every_object(cache_folder(versions)) == wanted


def test_the_remote_is_collected_apart(versions: Repository) -> None:
    """The cache keeps what goes from the remote; an origin that is known in full is no hindrance."""
    origin(versions)
    orphan = waste(versions, 1).pop()
    target = remote_folder(versions) / orphan[:2] / orphan[2:]
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(cache_folder(versions) / orphan[:2] / orphan[2:], target)
    assert collect(versions, remote=True) == 1
    assert orphan in every_object(cache_folder(versions))
    assert orphan not in every_object(remote_folder(versions))


@pytest.fixture(scope="module")
def collected(
    two_versions: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Work, set[str], set[str]]]:
    """Every state of KEPT in one clone, its cache and remote collected; what is left in each."""
    root = Path(shutil.copytree(two_versions, tmp_path_factory.mktemp("states") / "clone", symlinks=True))
    repository = Repository(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        gc_states.begin(repository)
        works = {name: work(repository, f"state-{number}") for number, name in enumerate(KEPT)}
        for name, plant in KEPT.items():
            plant(repository, works[name])
        waste(repository, 2)
        assert collect(repository) > 2
        collect(repository, remote=True)
    left = every_object(cache_folder(repository)), every_object(remote_folder(repository))
    return {name: (mine, *left) for name, mine in works.items()}


@pytest.mark.parametrize("name", KEPT)
def test_whatever_git_still_has_is_needed(collected: dict[str, tuple[Work, set[str], set[str]]], name: str) -> None:
    """Work that a ref, a stash, a reflog, the index or a worktree has keeps its bytes in cache and remote."""
    mine, cache, remote = collected[name]
    assert mine.oids <= cache
    assert mine.oids <= remote


def test_a_worktree_of_a_bare_repository_is_collected(versions: Repository) -> None:
    """The bare one has no files that could need anything."""
    bare, there = versions.root.parent / "bare.git", versions.root.parent / "there"
    git.git(versions.root, "clone", "--quiet", "--bare", str(versions.root), str(bare))
    git.git(bare, "worktree", "add", "--quiet", str(there), "main")
    shutil.copytree(versions.root / ".dvc/cache", there / ".dvc/cache")
    orphan = waste(Repository(there), 1).pop()
    assert collect(Repository(there)) >= 1
    assert orphan not in every_object(there / ".dvc/cache/files/md5")
    assert set(needed(versions, ObjectStore(versions.root)).uses) <= every_object(there / ".dvc/cache/files/md5")


def test_a_missing_worktree_stops_gc_alone(versions: Repository) -> None:
    """What is named is known without it, so fsck and releases go on."""
    worktree_gone(versions)
    assert needed(versions, ObjectStore(versions.root)).uses


def test_without_its_state_the_same_work_goes(versions: Repository) -> None:
    """The states keep the bytes, nothing else does."""
    gc_states.begin(versions)
    mine = work(versions, "unnamed")
    commit_of(versions, mine.path, mine.text)
    collect(versions)
    assert not mine.oids & every_object(cache_folder(versions))


def test_a_branch_without_a_commit_yet_loses_nothing(versions: Repository) -> None:
    """`git switch --orphan`: tags, other branches and reflogs need what they needed, also when a reflog is all."""
    wanted = set(needed(versions, ObjectStore(versions.root)).uses)
    git.git(versions.root, "switch", "--quiet", "--orphan", "fresh")
    assert set(needed(versions, ObjectStore(versions.root)).uses) == wanted
    collect(versions, rules=WHATEVER)
    assert every_object(cache_folder(versions)) == wanted
    git.git(versions.root, "tag", "--delete", FIRST, SECOND)
    git.git(versions.root, "branch", "--delete", "--force", "main")
    collect(versions, rules=WHATEVER)
    assert every_object(cache_folder(versions)) == wanted


def test_a_tag_may_name_what_has_no_data(versions: Repository) -> None:
    """A commit before the first pointer, and a tag on a single file, need nothing and stop nothing."""
    wanted = set(needed(versions, ObjectStore(versions.root)).uses)
    first = git.git(versions.root, "rev-list", "--max-parents=0", "HEAD").strip()
    git.git(versions.root, "tag", "before-everything", first)
    git.git(versions.root, "tag", "--annotate", "a-key", "--message", "x", "HEAD:data/categories.yaml")
    git.git(versions.root, "tag", "a-file", "HEAD:data/categories.yaml")
    collect(versions)
    assert every_object(cache_folder(versions)) == wanted


def test_what_is_young_stays(versions: Repository) -> None:
    """Somebody may have pushed it and not yet committed; so also what a young manifest lists, however old."""
    mine = work(versions, "soon")
    plan = gc.plan(versions)
    assert not {copy.oid for copy in plan.unneeded} & mine.oids
    assert plan.young >= len(mine.oids)
    later_s = time.time() + (GRACE_DAYS + 1) * 86_400
    assert mine.oids <= {copy.oid for copy in gc.plan(versions, now_s=later_s).unneeded}
    manifest = next(oid for oid in mine.oids if oid.endswith(".dir"))
    (cache_folder(versions) / manifest[:2] / manifest[2:]).touch()
    os.utime(cache_folder(versions) / manifest[:2] / manifest[2:], (later_s, later_s))
    assert not {copy.oid for copy in gc.plan(versions, now_s=later_s).unneeded} & mine.oids


def test_a_clock_that_is_wrong_keeps(versions: Repository) -> None:
    """What was written in the future is young, whatever the grace; before 1970 everything is."""
    orphan = waste(versions, 1).pop()
    path = cache_folder(versions) / orphan[:2] / orphan[2:]
    os.utime(path, (time.time() + 86_400,) * 2)
    assert orphan not in {copy.oid for copy in gc.plan(versions, rules=AT_ONCE).unneeded}
    assert gc.plan(versions, now_s=0.0).unneeded == ()


def test_unfinished_files_of_others_stay(versions: Repository) -> None:
    """What has no object's name is not touched, nor is what vanishes while it is listed a fault."""
    partial = cache_folder(versions) / "ab" / "tmp.download"
    partial.parent.mkdir(exist_ok=True)
    partial.write_bytes(b"half")
    partial.with_name("gone").symlink_to(partial.with_name("nowhere"))
    collect(versions)
    assert partial.read_bytes() == b"half"


def test_what_only_the_run_cache_names_goes_and_is_made_again(versions: Repository) -> None:
    """An old output is no data: the run that made it can be done again, and DVC does it."""
    root = versions.root
    first = git.git(root, "show", f"{FIRST}:dvc.lock")
    output = re.findall(r"path: data/list\n.*?md5: (\w+\.dir)", first, re.DOTALL)[0]
    git.git(root, "tag", "--delete", FIRST)
    gc_states.begin(versions)
    collect(versions, rules=WHATEVER)
    assert output not in every_object(cache_folder(versions))
    (versions.pointers / "2024-02.dvc").unlink()
    git.dvc(root, "repro", "--quiet")
    assert output in every_object(cache_folder(versions))


def test_quarantine_is_no_concern(versions: Repository) -> None:
    """What was refused is no object and stays where it is."""
    refused = versions.quarantine / "x.capture"
    refused.parent.mkdir(parents=True, exist_ok=True)
    refused.write_bytes(b"refused")
    collect(versions)
    assert refused.read_bytes() == b"refused"


def test_what_became_needed_after_the_plan_stays(versions: Repository) -> None:
    """A plan is a proposal: it is checked again before anything goes."""
    orphan = waste(versions, 1).pop()
    plan = gc.plan(versions, rules=AT_ONCE)
    (versions.root / "mine.dvc").write_text(f"outs:\n- path: mine\n  md5: {orphan}\n", encoding="utf-8")
    gc.carry_out(versions, plan)
    assert orphan in every_object(cache_folder(versions))


def merge(repository: Repository) -> None:
    """Begin a merge that waits for its commit."""
    mine = work(repository, "theirs")
    git.git(repository.root, "branch", "theirs", commit_of(repository, mine.path, mine.text))
    git.git(repository.root, "merge", "--quiet", "--no-commit", "--no-ff", "theirs")


def conflict(repository: Repository, *command: str) -> None:
    """Run a Git command that stops amid two versions of a pointer."""
    for number in (1, 2):
        other = work(repository, f"side-{number}")
        git.git(repository.root, "branch", f"side-{number}", commit_of(repository, "months.dvc", other.text))
    git.git(repository.root, "switch", "--quiet", "side-1")
    with pytest.raises(CapturesetError, match="(?i)conflict"):
        git.git(repository.root, *command, "side-2")


def conflict_of_a_stash(repository: Repository) -> None:
    """Take a stash back onto a file that is another by now."""
    pointer = repository.pointers / "2024-01.dvc"
    before = pointer.read_text(encoding="utf-8")
    pointer.write_text(before + "# mine\n", encoding="utf-8")
    git.git(repository.root, "stash", "--quiet")
    pointer.write_text(before + "# theirs\n", encoding="utf-8")
    git.git(repository.root, "commit", "--quiet", "--all", "--message", "Theirs")
    with pytest.raises(CapturesetError):
        git.git(repository.root, "stash", "pop")


def release_was_killed(repository: Repository) -> None:
    """Leave the note of a release that never ended."""
    journal.begin(repository, journal.Journal("sofas@v0.3.0", "x", "0" * 40))


def delivery(repository: Repository) -> None:
    """Let a capture wait."""
    submit(repository, jpeg(64, 48, 1), sidecar("waiting"))


def lose_a_third(repository: Repository) -> None:
    """Make 30 % of the cache unneeded."""
    waste(repository, len(every_object(cache_folder(repository))) * 3 // 7)


def lose_a_manifest(repository: Repository) -> None:
    """Take a month's list from both places."""
    month = re.findall(r"md5: (\w+\.dir)", (repository.pointers / "2024-01.dvc").read_text(encoding="utf-8"))[0]
    for folder in (cache_folder(repository), remote_folder(repository)):
        (folder / month[:2] / month[2:]).unlink()


def text_at(path: str, text: str) -> Callable[[Repository], None]:
    """Return what puts such a file onto a branch."""
    return lambda repository: git_branch(repository, commit_of(repository, path, text))


def git_branch(repository: Repository, commit: str) -> None:
    """Name a commit by a branch."""
    git.git(repository.root, "branch", "odd", commit)


def broken_file(repository: Repository) -> None:
    """Spoil a pointer in the workspace."""
    (repository.pointers / "2024-01.dvc").write_text("outs: [", encoding="utf-8")


def broken_ref(repository: Repository) -> None:
    """Let a branch name a commit that is gone."""
    (repository.root / ".git/refs/heads/broken").write_text("1" * 40 + "\n", encoding="ascii")


def young_manifest(repository: Repository) -> Path:
    """Return a list that nobody names yet and anybody may write."""
    manifest = next(oid for oid in work(repository, "soon").oids if oid.endswith(".dir"))
    path = cache_folder(repository) / manifest[:2] / manifest[2:]
    path.chmod(0o644)
    return path


def damaged_young_manifest(repository: Repository, data: bytes = b"[") -> None:
    """Spoil what nobody names yet."""
    path = young_manifest(repository)
    path.write_bytes(data)
    os.utime(path, (time.time() + 86_400,) * 2)


def unreadable_young_manifest(repository: Repository) -> None:
    """Let a read of it fail."""
    path = young_manifest(repository)
    path.unlink()
    path.symlink_to("nowhere")
    os.utime(path, (time.time() + 86_400,) * 2, follow_symlinks=False)


def worktree_gone(repository: Repository) -> None:
    """Unmount the disk another worktree is on."""
    shutil.rmtree(worktree(repository, "gone").root)


def cache_elsewhere(repository: Repository) -> None:
    """Use a cache that others may use too."""
    git.dvc(repository.root, "cache", "dir", "--local", str(repository.root.parent / "shared-cache"))


def shallow(repository: Repository) -> None:
    """Forget the history."""
    head = git.git(repository.root, "rev-parse", "HEAD")
    (repository.root / ".git/shallow").write_text(head, encoding="ascii")


REFUSED: dict[str, Refusal] = {
    "merge": (merge, r"a merge is under way in .*`git merge --abort`"),
    "rebase": (lambda r: conflict(r, "rebase"), r"a rebase is under way in .*`git rebase --abort`"),
    "cherry-pick": (lambda r: conflict(r, "cherry-pick"), r"a cherry-pick is under way .*`git cherry-pick --abort`"),
    "conflict of a stash": (conflict_of_a_stash, r"2024-01.dvc has conflicts; resolve them and `git add` it"),
    "interrupted release": (release_was_killed, r"release of sofas@v0.3.0 was interrupted; run `captureset release`"),
    "deliveries wait": (delivery, r"deliveries wait in data/inbox; run `captureset commit`"),
    "30 % would go": (lose_a_third, r"\(3\d%\) would go, more than 20%.*say --most 0\.\d+"),
    "manifest nowhere": (lose_a_manifest, r"manifests cannot be read.*data/images/2024/01 \(HEAD\).*another copy"),
    "corrupted dvc.lock on a branch": (text_at("dvc.lock", "stages: ["), r"dvc.lock \(odd\) is no file .* Git"),
    "odd dvc.lock on a branch": (text_at("dvc.lock", "stages: [1]"), r"dvc.lock \(odd\) is no file .* Git"),
    "odd pointer on a branch": (text_at("a.dvc", "outs: 5"), r"a.dvc \(odd\) is no file .* Git"),
    "empty pointer on a branch": (text_at("a.dvc", ""), r"a.dvc \(odd\) is no file .* Git"),
    "broken pointer in the folder": (broken_file, r"2024-01.dvc \(workspace\) is no file .* Git"),
    "branch without its commit": (broken_ref, r"Git cannot say what it needs; mend that first.*missing object"),
    "young manifest damaged": (damaged_young_manifest, r"\.dir in the cache is damaged.*`captureset fsck"),
    "young manifest cut short": (lambda r: damaged_young_manifest(r, b"[]"), r"\.dir in the cache is damaged"),
    "young manifest unreadable": (unreadable_young_manifest, r"\.dir in the cache is damaged"),
    "worktree not mounted": (worktree_gone, r"worktree-gone cannot be looked at.*`git worktree prune`"),
    "cache of several": (cache_elsewhere, r"shared-cache/files/md5 lies outside this repository.*say --alone"),
    "shallow clone": (shallow, r"this clone is shallow.*`git fetch --unshallow --tags`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_in_doubt_is_refused(versions: Repository, name: str) -> None:
    """In one sentence with its remedy; nothing is removed."""
    plant, sentence = REFUSED[name]
    plant(versions)
    before = every_object(cache_folder(versions))
    with pytest.raises(CapturesetError, match=sentence) as refusal:
        gc.plan(versions, rules=AT_ONCE)
    assert "\n" not in str(refusal.value)
    assert every_object(cache_folder(versions)) == before


def test_a_cache_elsewhere_may_be_ones_own(versions: Repository) -> None:
    """Said to be nobody else's, it is collected like any other."""
    cache_elsewhere(versions)
    orphan = waste(versions, 1).pop()
    store, needs = ObjectStore(versions.root), needed(versions, ObjectStore(versions.root))
    store.fetch_missing(sorted(needs.uses))
    rules = Rules(grace_days=0, alone=True)
    assert gc.carry_out(versions, gc.plan(versions, rules=rules)) == 1
    assert every_object(store.cache) == set(needs.uses) - {orphan}


def somebodys_branch(there: Path) -> None:
    """Push a branch from elsewhere."""
    commit = git.git(there, "commit-tree", "-p", "main", "-m", "Elsewhere", "main^{tree}").strip()
    git.git(there, "update-ref", "refs/heads/elsewhere", commit)


def somebodys_tag(there: Path) -> None:
    """Push a tag from elsewhere, on a commit that is known here."""
    git.git(there, "-c", "user.name=x", "-c", "user.email=x", "tag", "--annotate", "elsewhere", "-m", "x", "main")


def moved_tag(there: Path) -> None:
    """Move a tag that is known here."""
    commit = git.git(there, "commit-tree", "-p", "main", "-m", "Moved", "main^{tree}").strip()
    git.git(there, "update-ref", f"refs/tags/{FIRST}", commit)


@pytest.mark.parametrize("happen", [somebodys_branch, somebodys_tag, moved_tag])
def test_what_others_pushed_must_be_known(versions: Repository, happen: Callable[[Path], None]) -> None:
    """Bytes on the remote that only origin's branches and tags need are not removed; the remedy helps."""
    happen(origin(versions))
    with pytest.raises(CapturesetError, match=r"origin has 1 branches or tags .*`(git fetch [^`]*)`") as refusal:
        gc.plan(versions, remote=True)
    gc.plan(versions)
    remedy = re.findall(r"`([^`]*)`", str(refusal.value))[0].split()
    git.run(remedy, versions.root)
    gc.plan(versions, remote=True)


def test_an_origin_that_does_not_answer_stops_the_remote(versions: Repository) -> None:
    """Nobody knows what it has."""
    shutil.rmtree(origin(versions))
    with pytest.raises(CapturesetError, match=r"origin does not say which .* `git remote remove origin`"):
        gc.plan(versions, remote=True)


def test_a_listing_error_stops_everything(versions: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be read is not an empty folder."""

    def broken(folder: Path, onerror: Callable[[OSError], None]) -> list[object]:
        onerror(PermissionError(13, "Permission denied", f"{folder}/ab"))
        return []

    monkeypatch.setattr(copies, "os", types.SimpleNamespace(walk=broken))
    for remote in (False, True):
        with pytest.raises(CapturesetError, match="/ab cannot be listed: Permission denied; mend its rights"):
            gc.plan(versions, remote=remote)


def test_a_place_that_stops_answering_is_refused(versions: Repository) -> None:
    """Amid the removal; manifests go first, so that no list is left whose files are gone."""
    manifests = {ObjectStore(versions.root).add(json.dumps([]).encode() + b" " * n, ".dir") for n in range(2)}
    orphan = waste(versions, 1).pop()
    plan = gc.plan(versions, rules=AT_ONCE)
    stuck = cache_folder(versions) / orphan[:2] / orphan[2:]
    stuck.unlink()
    stuck.mkdir()
    with pytest.raises(CapturesetError, match=r"of \d+ objects were removed, then the cache said: .*run gc again"):
        gc.carry_out(versions, plan)
    assert not manifests & every_object(cache_folder(versions))


def test_nothing_goes_while_dvc_is_at_work(versions: Repository) -> None:
    """A stage that runs may need any object; DVC has let go of its lock then."""
    plan = gc.plan(versions)
    running = versions.root.parent / "running"
    (versions.root / "dvc.yaml").write_text(
        f"stages:\n  wait:\n    cmd: touch {running} && sleep 60\n    deps: [data/captures]\n", encoding="utf-8"
    )
    repro = subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro", "--quiet"], cwd=versions.root, start_new_session=True
    )
    try:
        while not running.exists():
            time.sleep(0.05)
        with pytest.raises(CapturesetError, match="a dvc command is at work here.*wait for it"):
            gc.carry_out(versions, plan)
    finally:
        os.killpg(repro.pid, 9)
        repro.wait()


@pytest.mark.parametrize("plant", [delivery, release_was_killed])
def test_what_happened_after_the_plan_is_refused(versions: Repository, plant: Callable[[Repository], None]) -> None:
    """A commit under way writes objects before Git names them."""
    waste(versions, 1)
    plan = gc.plan(versions, rules=AT_ONCE)
    plant(versions)
    with pytest.raises(CapturesetError, match="then gc"):
        gc.carry_out(versions, plan)
