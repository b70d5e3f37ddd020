"""An erased capture is gone from months, cache, inbox and later versions; its id never comes in again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import rows
from branches import capture, feedback, listed, take_in
from captureset.capture.commit import commit
from captureset.capture.erase import Erased, erase
from captureset.capture.submit import submit, submit_feedback
from captureset.errors import CapturesetError, CommandFailedError, RefusedCaptureError
from captureset.inspection.check import check
from captureset.records.rows import FrozenSplit
from captureset.splits.placing import Dataset, SplitParams, assign
from captureset.store import erasures, git, pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository
from deliveries import feedback as said
from deliveries import sidecar
from photos import jpeg, png
from pipeline import NOBODY, begin

DAY = "2024-06-01"


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A whole repository with two captures and feedback in two months, by real submits and a real commit."""
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    repository = begin(tmp_path / "repository")
    submit(repository, jpeg(64, 48, 1), sidecar("a"), png(30, 40, 2))
    submit(repository, jpeg(64, 48, 3), sidecar("b"))
    for number, arrived in (("f-1", "2024-01-20T00:00:00Z"), ("f-2", "2024-03-01T00:00:00Z")):
        submit_feedback(repository, "a", said(number, "a", received_at=arrived))
    commit(repository)
    return repository


def cached(repository: Repository) -> set[str]:
    """Return the md5 of every object in the local cache, manifests apart."""
    store = ObjectStore(repository.root)
    found = {path.parent.name + path.name for path in store.cache.rglob("*") if path.is_file()}
    return {oid for oid in found if not oid.endswith(".dir")}


def test_everything_of_the_capture_goes_in_one_git_commit(filled: Repository) -> None:
    """Photo, twin, sidecar and feedback leave two months and the cache; the tombstone says when and why."""
    before = listed(filled)
    done = erase(filled, "a", " asked by\n its owner ", DAY)
    assert set(done.files) == {path for path in before if "/a" in path}
    assert listed(filled) == {path: md5 for path, md5 in before.items() if "/b" in path}
    assert cached(filled) == set(listed(filled).values())
    assert set(done.objects) == set(before.values()) - set(listed(filled).values())
    ledger = filled.erasures.read_text(encoding="utf-8")
    assert ledger == f"capture_id,erased_on,reason\na,{DAY},asked by its owner\n"
    assert git.git(filled.root, "show", "--name-only", "--format=%s", "HEAD").split("\n\n")[1].split() == [
        "data/captures/2024-01.dvc",
        "data/captures/2024-03.dvc",
        "data/erasures.csv",
    ]
    assert done.commit == git.git(filled.root, "rev-parse", "HEAD").strip()
    assert git.changed_paths(filled.root) == []


def test_check_allows_exactly_that(filled: Repository) -> None:
    """Against the state before, nothing is found; one more row gone, or the tombstone gone, is."""
    before = git.git(filled.root, "rev-parse", "HEAD").strip()
    erase(filled, "a", "asked", DAY)
    assert check(filled, before) == []
    pointer = filled.pointers / "2024-01.dvc"
    small = pointers.with_rows(ObjectStore(filled.root), pointer.read_text(encoding="utf-8"), {}, 0)
    sound = pointer.read_text(encoding="utf-8")
    pointer.write_text(small, encoding="utf-8")
    (found,) = check(filled, before)
    assert "lost or changed 2 files" in found.message
    pointer.write_text(sound, encoding="utf-8")
    filled.erasures.write_text("capture_id,erased_on,reason\n", encoding="utf-8")
    messages = [finding.message for finding in check(filled)]
    assert any("data/erasures.csv lost or changed 1 rows" in message for message in messages)


def test_the_size_and_an_empty_month_stay_right(filled: Repository) -> None:
    """The pointer's size is that of what is left; a month without files stays a month DVC understands."""
    erase(filled, "a", "asked", DAY)
    store = ObjectStore(filled.root)
    for pointer in pointers.read(filled.pointers):
        text = (filled.pointers / f"{pointer.month}.dvc").read_text(encoding="utf-8")
        left = pointers.rows(store, pointer)
        assert (pointer.files, pointers.size_of(text)) == (
            len(left),
            sum(len(store.read(md5)) for md5 in left.values()),
        )
    assert pointers.read(filled.pointers)[1].files == 0
    git.dvc(filled.root, "push", "--quiet")
    shutil.rmtree(store.cache)
    git.dvc(filled.root, "fetch", "--quiet")
    assert cached(filled) == set(listed(filled).values())


def test_the_id_never_comes_in_again(filled: Repository) -> None:
    """Submitted, it is refused; already in the inbox by another road, it goes to quarantine, feedback too."""
    waiting = filled.root / "waiting.capture"
    submit(filled, jpeg(64, 48, 9), sidecar("c"))
    shutil.move(filled.inbox / "c.capture", waiting)
    submit_feedback(filled, "c", said("f-9", "c"))
    submit(filled, jpeg(64, 48, 9), sidecar("c"))
    erase(filled, "c", "never wanted", DAY)
    assert [*filled.inbox.iterdir()] == []
    with pytest.raises(RefusedCaptureError, match=r"capture c is erased \(data/erasures\.csv\)") as refused:
        submit(filled, jpeg(64, 48, 9), sidecar("c"))
    assert refused.value.reason == "erased"
    with pytest.raises(RefusedCaptureError, match="capture c is erased"):
        submit_feedback(filled, "c", said("f-9", "c"))
    shutil.move(waiting, filled.inbox / "c.capture")
    done = commit(filled)
    assert [(refusal.name, refusal.reason) for refusal in done.refusals] == [("c.capture", "erased")]
    assert not any("/c" in path for path in listed(filled))


def test_what_waits_or_is_checked_out_goes_too(filled: Repository) -> None:
    """Inbox, quarantine with its reason, and a checked-out copy hold nothing of it afterwards."""
    filled.quarantine.mkdir(parents=True)
    for name in ("a.capture", "a.capture.reason.json", "a.capture.2", "a.feedback.f-7.json", "ab.capture"):
        (filled.quarantine / name).write_text("{}", encoding="utf-8")
    submit_feedback(filled, "a", said("f-3", "a"))
    photo = filled.root / "data/images/2024/01/15/a.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"checked out")
    done = erase(filled, "a", "asked", DAY)
    assert [path.name for path in filled.quarantine.iterdir()] == ["ab.capture"]
    assert [*filled.inbox.iterdir()] == []
    assert not photo.exists()
    assert len(done.deliveries) == 5


def test_bytes_another_capture_uses_stay(filled: Repository) -> None:
    """The same photo under another id, here or at the head of another branch, keeps its object."""
    photo = jpeg(64, 48, 1)
    git.git(filled.root, "switch", "--quiet", "--create", "other")
    submit(filled, photo, sidecar("twice"))
    commit(filled)
    git.git(filled.root, "switch", "--quiet", "main")
    done = erase(filled, "a", "asked", DAY)
    assert md5_of(photo) not in done.objects
    assert ObjectStore(filled.root).read(md5_of(photo)) == photo


def test_what_remains_is_named_with_its_command(filled: Repository) -> None:
    """The remote's objects, the released version that holds it, other clones: each with what removes it."""
    git.dvc(filled.root, "push", "--quiet")
    git.git(filled.root, "tag", "waste@v1.0.0")
    before = listed(filled)
    done = erase(filled, "a", "asked", DAY)
    commands = {left.place: left.command for left in done.remaining}
    assert commands["the version waste@v1.0.0"].startswith("git tag --delete waste@v1.0.0")
    assert commands["the cache of every other clone"] == "git pull && captureset erase a"
    far = [left.command for left in done.remaining if left.place == "the DVC remote"]
    wanted = set(before.values()) - set(listed(filled).values())
    assert {"".join(Path(command.split()[-1]).parts[-2:]) for command in far} == wanted
    for command in far:
        assert Path(command.removeprefix("rm -f ")).is_file()


def test_another_clone_cleans_its_own_cache(filled: Repository, tmp_path: Path) -> None:
    """It pulls the tombstone; the same command takes the bytes out of its cache, and makes no commit."""
    git.dvc(filled.root, "push", "--quiet")
    git.git(tmp_path, "clone", "--quiet", str(filled.root), "clone")
    clone = Repository(tmp_path / "clone")
    shutil.copytree(filled.root / ".dvc" / "cache", clone.root / ".dvc" / "cache")
    remote = f"['remote \"storage\"']\n    url = {filled.root / '.dvcstore'}\n"
    (clone.root / ".dvc" / "config.local").write_text(remote, encoding="utf-8")
    before = cached(clone)
    erase(filled, "a", "asked", DAY)
    git.dvc(filled.root, "push", "--quiet")
    git.git(clone.root, "pull", "--quiet")
    done = erase(clone, "a")
    assert done.commit is None
    assert cached(clone) == before - set(done.objects) == set(listed(clone).values())


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    "place", [(erasures, "add"), (pointers, "with_rows"), (git, "commit_paths"), (ObjectStore, "discard")], ids=str
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_anywhere_the_same_call_finishes(
    filled: Repository, place: tuple[object, str], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before or after each step: what is left is what an erasure that was left alone leaves."""
    owner, name = place
    real = getattr(owner, name)

    def deadly(*arguments: object, **options: object) -> object:
        if moment == "after":
            real(*arguments, **options)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, deadly)
        with pytest.raises(Killed):
            erase(filled, "a", "asked", DAY)
    erase(filled, "a", "asked", DAY)
    assert {path for path in listed(filled) if "/a" in path} == set()
    assert cached(filled) == set(listed(filled).values())
    assert git.changed_paths(filled.root) == []
    assert len(erasures.read(filled)) == 1


def test_a_commit_after_a_killed_erasure_finishes_it(filled: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tombstone and shrunk pointers go into Git together; nothing takes the loss for DVC's."""

    def deadly(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(git, "commit_paths", deadly)
        with pytest.raises(Killed):
            erase(filled, "a", "asked", DAY)
    submit(filled, jpeg(64, 48, 5), sidecar("d"))
    commit(filled)
    assert git.changed_paths(filled.root) == []
    assert check(filled, "HEAD~1") == []


def test_refusals_say_what_to_do_and_write_nothing(filled: Repository) -> None:
    """No reason, an unknown id, no Git identity: one sentence, the ledger as it was."""
    for capture_id, reason, fault in (("a", " \n", "needs a reason"), ("nobody", "asked", "'nobody' is not here")):
        with pytest.raises(CapturesetError, match=fault):
            erase(filled, capture_id, reason)
    assert erasures.read(filled) == []


def test_without_an_identity_nothing_is_erased(git_repository: Repository) -> None:
    """Asked before the first byte is touched."""
    take_in(git_repository, capture("a"))
    git.git(git_repository.root, "config", "--unset", "user.name")
    with pytest.raises(CommandFailedError, match=r"git config user\.name"):
        erase(git_repository, "a", "asked")
    assert listed(git_repository).keys() == capture("a").keys()


def test_feedback_that_stands_alone_can_be_erased(git_repository: Repository) -> None:
    """A capture that never arrived may have feedback; erasing its id takes that."""
    take_in(git_repository, feedback("late", 1) | capture("b"))
    done: Erased = erase(git_repository, "late", "asked", DAY)
    assert len(done.files) == 1
    assert listed(git_repository).keys() == capture("b").keys()


def test_split_goes_on_without_an_erased_capture() -> None:
    """The ledger keeps the row of a released capture that is gone; the others stay where they were."""
    frozen = {name: FrozenSplit(name, f"g-{name}", "train", "minimised", "s/1", "w@v1.0.0") for name in ("a", "b")}
    captures = [rows.capture("b"), rows.capture("c")]
    shown: dict[str, frozenset[str]] = {"b": frozenset({"FURN_SOFA"}), "c": frozenset({"FURN_SOFA"})}
    dataset = Dataset(captures, frozenset({"b", "c"}), shown, [], frozen)
    found = assign(dataset, SplitParams(0.7, 0.2, 0.1, "salt", "default", None))
    assert {row.capture_id for row in found} == {"b", "c"}
    assert next(row.split for row in found if row.capture_id == "b") == "train"
