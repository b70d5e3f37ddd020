from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from captureset.capture import inbox, quarantine
from captureset.capture.commit import Committed, commit
from captureset.capture.envelope import Envelope, pack
from captureset.capture.images import pixel_sha256
from captureset.capture.submit import submit, submit_feedback
from captureset.errors import CapturesetError, CommandFailedError, NotKeptError
from captureset.store import filesystem, git, pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository
from deliveries import EVENING, MORNING, feedback, sidecar
from photos import jpeg, png


def deliver(repository: Repository, *captures: str, at: str = MORNING) -> None:
    """Submit a photo for each of these ids, its pixels made from the id."""
    for capture_id in captures:
        submit(repository, jpeg(64, 48, seed_of(capture_id)), sidecar(capture_id, at))


def seed_of(capture_id: str) -> int:
    """Return the seed of a capture's pixels."""
    return int(hashlib.sha256(capture_id.encode()).hexdigest()[:6], 16)


def listed(repository: Repository) -> dict[str, str]:
    """Return every committed file: month/day/name to md5, as a fresh reader sees it."""
    store = ObjectStore(repository.root)
    return {
        f"{pointer.month}/{relpath}": md5
        for pointer in pointers.read(repository.pointers)
        for relpath, md5 in pointers.rows(store, pointer).items()
    }


def photos(repository: Repository) -> list[str]:
    """Return the ids of the committed photos."""
    return sorted(Path(path).stem for path in listed(repository) if path.endswith(".jpg"))


def left(folder: Path) -> list[str]:
    """Return the files anywhere below a folder."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def head_paths(repository: Repository) -> list[str]:
    """Return the paths of the last Git commit."""
    return git.git(repository.root, "show", "--name-only", "--format=", "HEAD").split()


def test_a_capture_becomes_files_in_the_cache_and_rows_in_its_month(git_repository: Repository) -> None:
    """The photo keeps its bytes, the sidecar gains the pixel hash, the twin its name; the inbox is empty."""
    photo, twin = jpeg(64, 48, 1, exif_orientation=6), png(30, 40, 2)
    submit(git_repository, photo, sidecar("c-1", "2024-02-01T03:00:00+09:00"), twin)
    done = commit(git_repository)
    assert (done.captures, done.feedback, done.refusals, done.months) == (1, 0, (), ("2024-01",))
    files = listed(git_repository)
    assert files.keys() == {f"2024-01/31/c-1{end}" for end in (".jpg", ".json", "_nobg.png")}
    store = ObjectStore(git_repository.root)
    assert store.read(files["2024-01/31/c-1.jpg"]) == photo
    assert store.read(files["2024-01/31/c-1_nobg.png"]) == twin
    written = json.loads(store.read(files["2024-01/31/c-1.json"]))
    assert written["image"]["pixel_sha256"] == pixel_sha256(photo, "x")
    assert written["background_removed"]["pixel_sha256"] == pixel_sha256(twin, "x")
    assert left(git_repository.inbox) == []
    assert not (git_repository.root / "data" / "images").exists()


def test_the_git_commit_holds_exactly_its_own_paths(git_repository: Repository) -> None:
    """What a person staged or changed elsewhere stays out; an edited taxonomy belongs to it."""
    root = git_repository.root
    (root / "mine.txt").write_text("staged", encoding="utf-8")
    git.git(root, "add", "mine.txt")
    (root / ".dvcignore").write_text("changed, not staged\n", encoding="utf-8")
    with git_repository.categories.open("a", encoding="utf-8") as handle:
        handle.write("# a remark\n")
    deliver(git_repository, "a")
    deliver(git_repository, "b", at="2024-02-01T00:00:00Z")
    done = commit(git_repository)
    assert head_paths(git_repository) == [
        "data/captures/2024-01.dvc",
        "data/captures/2024-02.dvc",
        "data/categories.yaml",
    ]
    assert git.git(root, "rev-parse", "HEAD").strip() == done.commit
    assert git.git(root, "log", "-1", "--format=%s").strip() == "Add 2 captures (2024-01, 2024-02)"
    assert git.git(root, "diff", "--cached", "--name-only").split() == ["mine.txt"]
    assert git.git(root, "diff", "--name-only").split() == [".dvcignore"]


def test_the_git_commit_names_what_came_in(git_repository: Repository) -> None:
    """Counts and months in its subject, the ids below; also when a killed run had written the months already."""
    deliver(git_repository, "b", "a")
    submit_feedback(git_repository, "a", feedback("f-1", "a", received_at="2024-02-01T00:00:00Z"))
    commit(git_repository)
    message = "Add 2 captures and 1 feedback (2024-01, 2024-02)\n\na\nb\nf-1\n\n"
    assert git.git(git_repository.root, "log", "-1", "--format=%B") == message
    deliver(git_repository, *(f"c-{number:02}" for number in range(52)))
    commit(git_repository)
    lines = git.git(git_repository.root, "log", "-1", "--format=%B").split("\n")
    assert lines[:3] == ["Add 52 captures (2024-01)", "", "c-00"]
    assert lines[51:] == ["c-49", "and 2 more", "", ""]


def test_two_commits_on_one_day_keep_all_captures(git_repository: Repository) -> None:
    """The morning's captures are there after the evening's commit, though no image was ever checked out."""
    deliver(git_repository, "a", "b")
    commit(git_repository)
    morning = listed(git_repository)
    assert not (git_repository.root / "data" / "images").exists()
    deliver(git_repository, "c", at=EVENING)
    commit(git_repository)
    assert photos(git_repository) == ["a", "b", "c"]
    assert listed(git_repository).items() > morning.items()


def test_the_old_month_comes_from_the_remote_when_the_cache_is_gone(git_repository: Repository) -> None:
    """A machine that only takes captures in needs the manifest, not the photos."""
    deliver(git_repository, "a")
    commit(git_repository)
    store = ObjectStore(git_repository.root)
    (pointer,) = pointers.read(git_repository.pointers)
    far = git_repository.root / ".dvcstore" / "files" / "md5" / pointer.manifest[:2] / pointer.manifest[2:]
    far.parent.mkdir(parents=True)
    shutil.move(store.cache_path(pointer.manifest), far)
    shutil.rmtree(git_repository.root / ".dvc" / "cache")
    deliver(git_repository, "b")
    commit(git_repository)
    assert photos(git_repository) == ["a", "b"]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("place", "name", "calls"),
    [
        (ObjectStore, "add", 3),
        (pointers, "append", 0),
        (pointers, "append", 1),
        (git, "commit_paths", 0),
        (inbox, "clear", 0),
    ],
    ids=["bytes", "first pointer", "second pointer", "git commit", "clearing"],
)
def test_killed_anywhere_the_next_run_ends_in_the_same_state(
    git_repository: Repository, tmp_path: Path, place: Any, name: str, calls: int
) -> None:
    """Nothing is lost or taken twice: pointers, manifests and Git tree equal those of a run that was left alone."""
    deliver(git_repository, "a")
    commit(git_repository)
    deliver(git_repository, "b", "c")
    deliver(git_repository, "d", at="2024-02-01T00:00:00Z")
    submit_feedback(git_repository, "a", feedback("f-1", "a", received_at="2024-02-02T00:00:00Z"))
    shutil.copytree(git_repository.root, tmp_path / "alone")
    alone = Repository(tmp_path / "alone")
    commit(alone)

    real, count = getattr(place, name), iter(range(100))

    def deadly(*arguments: Any, **options: Any) -> Any:
        if next(count) == calls:
            raise Killed
        return real(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, deadly)
        with pytest.raises(Killed):
            commit(git_repository)
    assert photos(git_repository)[0] == "a"
    commit(git_repository)
    assert listed(git_repository) == listed(alone)
    assert photos(git_repository) == ["a", "b", "c", "d"]
    trees = [git.git(repository.root, "rev-parse", "HEAD^{tree}") for repository in (git_repository, alone)]
    assert trees[0] == trees[1]
    messages = [git.git(repository.root, "log", "-1", "--format=%B") for repository in (git_repository, alone)]
    assert messages[0] == messages[1]
    assert left(git_repository.inbox) == []
    assert git.changed_paths(git_repository.root, ".") == []


def test_an_unfinished_pointer_is_swept_away(git_repository: Repository) -> None:
    """What a killed write left beside the pointers is neither read, nor committed, nor kept."""
    unfinished = git_repository.pointers / ".2024-01.dvc.77.partial"
    unfinished.write_text("outs:\n", encoding="utf-8")
    deliver(git_repository, "a")
    commit(git_repository)
    assert not unfinished.exists()
    assert head_paths(git_repository) == ["data/captures/2024-01.dvc"]


def test_what_killed_writers_left_is_swept_away_after_a_day(git_repository: Repository) -> None:
    """In inbox, quarantine and cache; what was begun just now may go on."""
    deliver(git_repository, "a")
    commit(git_repository)
    unfinished = git_repository.root / ".dvc" / "cache" / "captureset-unfinished"
    folders = (git_repository.inbox, git_repository.quarantine, unfinished)
    for folder in folders:
        folder.mkdir(exist_ok=True)
        for name, age_s in ((".old.1.partial", 90_000), (".new.2.partial", 60)):
            (folder / name).write_bytes(b"half")
            os.utime(folder / name, (time.time() - age_s,) * 2)
    commit(git_repository)
    assert [left(folder) for folder in folders] == [[".new.2.partial"]] * 3


def test_a_name_too_long_for_the_disk_stops_nobody(git_repository: Repository) -> None:
    """With a reason beside it the name would not fit, so the refused file is kept under a digest of it."""
    deliver(git_repository, "sound")
    name = "a" * 247 + ".capture"
    (git_repository.inbox / name).write_bytes(b"x")
    done = commit(git_repository)
    (kept,) = quarantine.listed(git_repository)
    assert (done.captures, kept.reason, kept.path.read_bytes()) == (1, "torn", b"x")
    assert kept.name == hashlib.sha256(name.encode()).hexdigest() + ".capture"


def test_a_full_disk_is_one_sentence_and_loses_nothing(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inbox keeps its captures until the disk takes them."""
    deliver(git_repository, "a")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "files/md5")

    with monkeypatch.context() as patch:
        patch.setattr(filesystem, "sync", full)
        with pytest.raises(NotKeptError, match=r"No space left on device \(files/md5\); make room"):
            commit(git_repository)
    assert left(git_repository.inbox) == ["a.capture"]
    assert commit(git_repository).captures == 1


def test_a_refused_git_commit_loses_nothing(git_repository: Repository) -> None:
    """A hook that says no: the captures wait in the inbox and come in when it says yes."""
    hook = git_repository.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    deliver(git_repository, "a")
    with pytest.raises(CommandFailedError, match="not today"):
        commit(git_repository)
    assert left(git_repository.inbox) == ["a.capture"]
    hook.unlink()
    assert commit(git_repository).commit
    assert photos(git_repository) == ["a"]
    assert left(git_repository.inbox) == []


def test_what_is_in_already_is_cleared_without_a_commit(git_repository: Repository) -> None:
    """The same capture and the same feedback delivered again, the feedback even at another time."""
    deliver(git_repository, "a")
    submit_feedback(git_repository, "a", feedback("f-1", "a", received_at="2024-01-17T00:00:00Z"))
    commit(git_repository)
    before = listed(git_repository)
    deliver(git_repository, "a")
    submit_feedback(git_repository, "a", feedback("f-1", "a", received_at="2024-03-01T00:00:00Z"))
    done = commit(git_repository)
    assert done == Committed(0, 0, 2, (), (), None)
    assert listed(git_repository) == before
    assert left(git_repository.inbox) == []


def test_an_empty_inbox_makes_no_commit(git_repository: Repository) -> None:
    """Nothing to do is no commit."""
    before = git.git(git_repository.root, "rev-parse", "HEAD")
    assert commit(git_repository) == Committed(0, 0, 0, (), (), None)
    assert git.git(git_repository.root, "rev-parse", "HEAD") == before


def test_feedback_stands_in_the_month_of_its_arrival(git_repository: Repository) -> None:
    """The capture's own month is not rewritten; feedback may come before its capture."""
    submit_feedback(git_repository, "a", feedback("f-1", "a", received_at="2024-03-01T00:30:00+09:00"))
    assert commit(git_repository).feedback == 1
    deliver(git_repository, "a")
    commit(git_repository)
    assert [path for path in listed(git_repository) if "feedback" in path] == ["2024-02/29/a.feedback.f-1.json"]


def test_one_id_is_one_capture_for_ever(git_repository: Repository) -> None:
    """Another photo, or other words, under a committed id go to quarantine; what is in stays."""
    deliver(git_repository, "a")
    submit_feedback(git_repository, "a", feedback("f-1", "a", received_at="2024-01-17T00:05:00Z"))
    commit(git_repository)
    before = listed(git_repository)
    submit(git_repository, jpeg(64, 48, 99), sidecar("a", "2024-05-05T00:00:00Z"))
    submit_feedback(git_repository, "a", feedback("f-1", "a", "reject"))
    done = commit(git_repository)
    assert [(refusal.name, refusal.reason) for refusal in done.refusals] == [
        ("a.capture", "conflict"),
        ("a.feedback.f-1.json", "conflict"),
    ]
    assert "already committed (2024-01/15/a.jpg" in done.refusals[0].message
    capture, said = quarantine.listed(git_repository)
    one, two = (hashlib.sha256(jpeg(64, 48, seed)).hexdigest() for seed in (seed_of("a"), 99))
    assert (capture.details["sha256"]["taken"], capture.details["sha256"]["refused"]["photo"]) == ({"photo": one}, two)
    assert one in capture.message
    assert two in capture.message
    taken = ObjectStore(git_repository.root).read(before["2024-01/17/a.feedback.f-1.json"])
    assert said.details["sha256"]["taken"] == {"file": hashlib.sha256(taken).hexdigest()}
    assert said.details["sha256"]["refused"] == {"file": hashlib.sha256(said.path.read_bytes()).hexdigest()}
    assert listed(git_repository) == before
    assert left(git_repository.inbox) == []


def damaged(photo: bytes) -> dict[str, bytes]:
    """Return the photo cut off, and with a block of zeros."""
    half = len(photo) // 2
    return {"cut": photo[:half], "zeroed": photo[:half] + bytes(64) + photo[half + 64 :]}


def test_a_damaged_photo_goes_to_quarantine_and_the_others_come_in(git_repository: Repository) -> None:
    """`submit` looks at the header only; `commit` decodes, names the reason, and goes on."""
    for name, data in damaged(jpeg(320, 240, 5)).items():
        submit(git_repository, data, sidecar(name))
    deliver(git_repository, "sound")
    done = commit(git_repository)
    assert [(refusal.name, refusal.reason) for refusal in done.refusals] == [
        ("cut.capture", "damaged"),
        ("zeroed.capture", "damaged"),
    ]
    reason = json.loads((git_repository.quarantine / "cut.capture.reason.json").read_text(encoding="utf-8"))
    assert reason["reason"] == "damaged"
    assert "fetch the photo again" in reason["message"]
    assert photos(git_repository) == ["sound"]


def test_no_delivery_can_stop_the_others(git_repository: Repository) -> None:
    """Whatever lies in the inbox under a name of ours is refused with its reason; a stranger is left alone."""
    deliver(git_repository, "a", "sound")
    folder = git_repository.inbox
    whole = (folder / "a.capture").read_bytes()
    facts = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    poison = {
        "empty.capture": b"",
        "torn.capture": whole[:-9],
        "renamed.capture": whole,
        "html.capture": b"<html>",
        "no-image.capture": pack(Envelope(b"x", sidecar("no-image", image=facts))),
        "wrong.capture": pack(Envelope(b"x", {**sidecar("wrong", "2024-13-01T00:00:00Z"), "image": facts})),
        "a.feedback.f-1.json": b"{",
        "a.feedback.f-2.json": b"[]",
        "a.feedback.f-3.json": json.dumps(feedback("f-4", "a")).encode(),
        "a.feedback.f-5.json": json.dumps(feedback("f-5", "a", rating=9)).encode(),
        "a.feedback.f-6.json": b'{"note": "\\ud800"}',
    }
    for name, data in poison.items():
        (folder / name).write_bytes(data)
    (folder / "notes.txt").write_text("not ours", encoding="utf-8")
    seen: list[int] = []
    done = commit(git_repository, seen.append)
    reasons = {refusal.name: refusal.reason for refusal in done.refusals}
    assert reasons == {
        "empty.capture": "torn",
        "torn.capture": "torn",
        "renamed.capture": "wrong_name",
        "html.capture": "torn",
        "no-image.capture": "not_an_image",
        "wrong.capture": "not_an_image",
        "a.feedback.f-1.json": "not_json",
        "a.feedback.f-2.json": "invalid_document",
        "a.feedback.f-3.json": "wrong_name",
        "a.feedback.f-5.json": "invalid_document",
        "a.feedback.f-6.json": "not_json",
    }
    assert seen == list(range(1, 2 + len(poison) + 1))
    assert photos(git_repository) == ["a", "sound"]
    assert left(folder) == ["notes.txt"]
    kept = {name: (git_repository.quarantine / name).read_bytes() for name in poison}
    assert kept == poison


def test_a_sidecar_that_lies_about_its_photo_is_refused(git_repository: Repository) -> None:
    """An envelope by another hand with the right hash and a wrong size: `commit` looks for itself."""
    photo = jpeg(64, 48, 1)
    facts = {"bytes": len(photo), "sha256": hashlib.sha256(photo).hexdigest(), "width_px": 640, "height_px": 480}
    git_repository.inbox.mkdir()
    (git_repository.inbox / "a.capture").write_bytes(pack(Envelope(photo, sidecar("a", image=facts))))
    (refusal,) = commit(git_repository).refusals
    assert refusal.reason == "invalid_document"
    assert "/image/width_px: 640 but the file has 64" in refusal.message


def test_a_pointer_that_dvc_shrank_is_not_committed(git_repository: Repository) -> None:
    """Refused with the lost file's name before anything is done; restored, the waiting capture comes in."""
    deliver(git_repository, "a")
    commit(git_repository)
    path = git_repository.pointers / "2024-01.dvc"
    small = path.read_text(encoding="utf-8")
    deliver(git_repository, "b")
    commit(git_repository)
    path.write_text(small, encoding="utf-8")
    deliver(git_repository, "c")
    with pytest.raises(CapturesetError, match=r"no longer lists 2 of 4 .*15/b\.jpg first.*git checkout"):
        commit(git_repository)
    assert left(git_repository.inbox) == ["c.capture"]
    git.git(git_repository.root, "checkout", "--", str(path))
    commit(git_repository)
    assert photos(git_repository) == ["a", "b", "c"]


def test_two_commits_at_once_are_refused(git_repository: Repository) -> None:
    """The second one says so and touches nothing."""
    deliver(git_repository, "a")
    git_repository.scratch.mkdir(parents=True)
    with (git_repository.scratch / "commit.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CapturesetError, match="held by another captureset"):
            commit(git_repository)
    assert left(git_repository.inbox) == ["a.capture"]
    assert commit(git_repository).captures == 1


def test_without_an_identity_nothing_is_begun(git_repository: Repository) -> None:
    """Git's own question is asked first, with the remedy."""
    deliver(git_repository, "a")
    git.git(git_repository.root, "config", "--unset", "user.name")
    with pytest.raises(CommandFailedError, match=r"git config user\.name"):
        commit(git_repository)
    assert left(git_repository.inbox) == ["a.capture"]
    assert pointers.read(git_repository.pointers) == []


def test_an_imported_batch_goes_with_its_folder(git_repository: Repository) -> None:
    """Captures in a batch come in like any other; the emptied folder is removed."""
    deliver(git_repository, "a", "b")
    batch = git_repository.inbox / "import-1"
    batch.mkdir()
    (git_repository.inbox / "b.capture").rename(batch / "b.capture")
    commit(git_repository)
    assert photos(git_repository) == ["a", "b"]
    assert [*git_repository.inbox.iterdir()] == []


def test_every_committed_object_is_whole_and_read_only(git_repository: Repository) -> None:
    """DVC trusts a read-only object unhashed, so each must be what its name says."""
    deliver(git_repository, "a", "b")
    commit(git_repository)
    cache = git_repository.root / ".dvc" / "cache" / "files" / "md5"
    objects = [path for path in cache.rglob("*") if path.is_file()]
    assert len(objects) == 5
    for path in objects:
        assert md5_of(path.read_bytes()) == (path.parent.name + path.name).removesuffix(".dir")
        assert path.stat().st_mode & 0o222 == 0
