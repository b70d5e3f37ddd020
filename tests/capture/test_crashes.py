"""Deliveries and commits killed, or denied by the disk, at every system call that touches the repository.

Judged from outside: by an oracle file with one line per acknowledgement, and by what an undisturbed run ends in.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import syscalls
from captureset.capture import quarantine
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository
from crashes import BROKEN, KILL_AT, KILLED, WAITING_FOR_GIT, Point, oracle_of, points, run

ERRNOS = ("ENOSPC", "EIO", "EDQUOT")
FAULT_AT = ("openat", "write", "fsync", "link", "linkat", "mkdir", "rename", "unlink")
Files = dict[str, str]


@dataclass(frozen=True)
class Scene:
    """A job, and what was done before it."""

    name: str
    job: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()


FIRST, SAID = ("capture", "c-1"), ("feedback", "c-1", "f-1")
SCENES = (
    Scene("capture", FIRST),
    Scene("capture, hidden", ("hidden", *FIRST)),
    Scene("capture beside another", FIRST, (("capture", "c-2"),)),
    Scene("capture again", FIRST, (FIRST,)),
    Scene("conflict", ("capture", "c-1", "99"), (FIRST,)),
    Scene("conflict, hidden", ("hidden", "capture", "c-1", "99"), (FIRST,)),
    Scene("conflict again", ("capture", "c-1", "99"), (FIRST, ("capture", "c-1", "99"))),
    Scene("feedback", SAID),
    Scene("feedback, hidden", ("hidden", *SAID)),
    Scene("feedback's conflict", (*SAID, "reject"), (SAID,)),
    Scene("into quarantine", ("take", "c-1.capture"), (FIRST,)),
    Scene("out of quarantine", ("retry", "c-1.capture"), (FIRST, ("take", "c-1.capture"))),
)


def visible(root: Path) -> Files:
    """Return what anybody sees in inbox and quarantine, with the SHA-256 of each."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("inbox", "quarantine")
        for path in sorted((root / "data" / folder).rglob("*"))
        if path.is_file() and path.name[0] != "."
    }


def fresh(template: Path, root: Path) -> Path:
    """Return a copy of a repository under the very same path each time, without an oracle."""
    shutil.rmtree(root, ignore_errors=True)
    oracle_of(root).unlink(missing_ok=True)
    return Path(shutil.copytree(template, root, symlinks=True))


@dataclass
class Theatre:
    """One scene, prepared once and played again from the same beginning."""

    scene: Scene
    template: Path
    root: Path

    def prepare(self) -> tuple[list[Point], Files, Files]:
        """Return the calls of the job and what is visible before and after it."""
        for job in self.scene.before:
            assert run(self.template, *job).code == 0
        before = visible(self.template)
        found = points(fresh(self.template, self.root), *self.scene.job)
        return found, before, visible(self.root)

    def play(self, point: Point, before: Files, after: Files) -> int:
        """Do the job with a fault, judge what is left, do it again, judge the end; return how it ended first."""
        where, root = f"{self.scene.name}, {point}", fresh(self.template, self.root)
        ended = run(root, *self.scene.job, options=point.option())
        seen, known = visible(root), {*before.items(), *after.items()}
        assert ended.code != BROKEN, f"{where}: a traceback"
        assert seen.items() <= known, f"{where}: torn"
        assert not ended.acknowledged or seen == after, f"{where}: acknowledged and lost"
        deliveries = {digest for name, digest in before.items() if not name.endswith(quarantine.REASON)}
        assert deliveries <= {*seen.values()}, f"{where}: what was there before is lost"
        if seen != after:
            again = run(root, *self.scene.job)
            assert again.code == 0, f"{where}: the same again ends in {again}"
        assert visible(root) == after, f"{where}: another end"
        return ended.code


def faults(found: Sequence[Point]) -> list[Point]:
    """Return every errno at every call that may meet it; the oracle's own calls are let alone."""
    meeting = [point for point in found if point.name in FAULT_AT and not point.outside]
    return [replace(point, fault=errno) for point in meeting for errno in ERRNOS]


def played(scene: Scene, repository: Repository, tmp_path: Path, kills: int | None, errors: int | None) -> Counter[int]:
    """Play a scene with so many kills and errnos chosen at random, None for all; return how the job ended."""
    stage = Theatre(scene, repository.root, tmp_path / "stage")
    found, before, after = stage.prepare()
    choose = random.Random(scene.name)
    chosen = [*_some(choose, found, kills), *_some(choose, faults(found), errors)]
    return Counter(stage.play(point, before, after) for point in chosen)


def _some(choose: random.Random, every: Sequence[Point], count: int | None) -> Sequence[Point]:
    return every if count is None else choose.sample(every, min(count, len(every)))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_no_kill_and_no_errno_loses_or_tears(scene: Scene, repository: Repository, tmp_path: Path) -> None:
    """Two kills and an errno a scene; the battery has them all."""
    syscalls.require_strace()
    assert played(scene, repository, tmp_path, 2, 1)[KILLED] >= 2


@pytest.mark.battery
def test_every_kill_and_every_errno(repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every call of every scene: at least 300 kills and 90 errnos, 0 lost, 0 torn, one end."""
    syscalls.require_strace()
    ends = Counter[int]()
    for number, scene in enumerate(SCENES):
        root = Path(shutil.copytree(repository.root, tmp_path / f"{number}"))
        ends += played(scene, Repository(root), tmp_path, None, None)
    errors = ends.total() - ends[KILLED]
    with capsys.disabled():
        sys.stdout.write(f"\n  submit, feedback, quarantine: {ends[KILLED]} kills, {errors} errnos; 0 lost, 0 torn")
    assert ends[KILLED] >= 300
    assert errors >= 90


GIT_AT = ("openat", "write", "fsync", "rename", "link", "mkdir", "unlink", "close")
COMMIT_AT = (*KILL_AT, "syncfs", *WAITING_FOR_GIT)
TRIES = 4


@pytest.fixture
def waiting(git_repository: Repository) -> Repository:
    """One capture is in; two more in two months, a feedback and a torn file wait."""
    root = git_repository.root
    for job in (("capture", "c-1"), ("commit",), ("capture", "c-2"), ("capture", "c-3", "", "2"), SAID):
        assert run(root, *job).code == 0
    (git_repository.inbox / "torn.capture").write_bytes(b"torn")
    return git_repository


def end(root: Path) -> tuple[str, Files, str]:
    """Return where a commit ends: Git's tree, inbox and quarantine, and what the last message says."""
    message = git.git(root, "log", "-1", "--format=%B")
    return git.git(root, "rev-parse", "HEAD^{tree}").strip(), visible(root), message


def whole(root: Path) -> set[str]:
    """Return the captures and feedback in Git's last commit, each of whose bytes is there and right."""
    store, found = ObjectStore(root), set()
    for name in git.git(root, "ls-tree", "--name-only", "HEAD", "data/captures/").split():
        if name.endswith(".dvc"):
            rows = pointers.rows(store, pointers.parse(git.committed_text(root, name) or "", name))
            for relpath, oid in rows.items():
                assert md5_of(store.cache_path(oid).read_bytes()) == oid, relpath
            found |= {Path(relpath).name for relpath in rows}
    return found


DELIVERED = {"c-1.jpg": "c-1.capture", "c-2.jpg": "c-2.capture", "c-3.jpg": "c-3.capture"}
ALL = {**DELIVERED, "c-1.feedback.f-1.json": "c-1.feedback.f-1.json"}


def committed_in_the_end(root: Path, where: str) -> None:
    """Run `commit` until it is done; a git that the killed run left may be at work for a moment."""
    codes: list[int] = []
    while len(codes) < TRIES and (not codes or codes[-1] != 0):
        codes.append(run(root, "commit").code)
    assert codes[-1] == 0, f"{where}: {codes}"


def commit_played(template: Path, root: Path, point: Point, wanted: object, *, in_git: bool) -> int:
    """Commit with a fault, judge what is left, commit again, judge the end; return how the first one ended."""
    where = f"commit, {'git ' if in_git else ''}{point}"
    fresh(template, root)
    job = ("commit_with", json.dumps(point.option())) if in_git else ("commit",)
    ended = run(root, *job, options=() if in_git else point.option())
    assert ended.code != BROKEN, f"{where}: a traceback"
    left = {Path(name).name for name in visible(root)}
    assert {name for name, delivery in ALL.items() if delivery not in left} <= whole(root), f"{where}: lost"
    committed_in_the_end(root, where)
    assert end(root) == wanted, f"{where}: another end"
    assert whole(root) >= set(ALL), f"{where}: lost"
    assert git.git(root, "status", "--porcelain") == "", where
    return ended.code


def commit_points(template: Path, root: Path) -> tuple[list[Point], list[Point], object]:
    """Return the calls of `commit`, those of the git it starts, and where an undisturbed run ends."""
    own = points(fresh(template, root), "commit", names=COMMIT_AT)
    wanted = end(root)
    fresh(template, root)
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "git"
        assert (
            run(root, "commit_with", json.dumps(["-e", f"trace={','.join(GIT_AT)}", "-A", "-o", str(seen)])).code == 0
        )
        counts = Counter(re.findall(r"^\d+ +(\w+)\(", seen.read_text(encoding="utf-8"), re.MULTILINE))
    ours = [Point(name, nth) for name, count in sorted(counts.items()) for nth in range(1, count // 2 + 1)]
    return own, ours, wanted


def commits_played(waiting: Repository, tmp_path: Path, own: int, ours: int, errors: int) -> Counter[int]:
    """Play so many kills of `commit`, of its git, and errnos, chosen at random; return how each ended."""
    root, choose = tmp_path / "stage", random.Random(3)
    mine, gits, wanted = commit_points(waiting.root, root)
    ends = Counter[int]()
    for point in [*_some(choose, mine, own), *_some(choose, faults(mine), errors)]:
        ends[commit_played(waiting.root, root, point, wanted, in_git=False)] += 1
    for point in _some(choose, gits, ours):
        ends[commit_played(waiting.root, root, point, wanted, in_git=True)] += 1
    return ends


def test_a_commit_killed_anywhere_ends_as_if_it_had_not_been(waiting: Repository, tmp_path: Path) -> None:
    """Three kills of it, two of its git, one errno; the battery has hundreds."""
    syscalls.require_strace()
    assert commits_played(waiting, tmp_path, 3, 2, 1)[KILLED] >= 1  # threads count their calls apart, so one may miss


@pytest.mark.battery
def test_hundreds_of_commits_killed(waiting: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """150 kills of `commit`, 50 of its git, 60 errnos: 0 lost, 0 torn, one tree, one message."""
    syscalls.require_strace()
    ends = commits_played(waiting, tmp_path, 150, 50, 60)
    with capsys.disabled():
        sys.stdout.write(f"\n  commit: 150 kills tried, {ends[KILLED]} hit, 50 of its git, 60 errnos; 0 lost, 0 torn")
    assert ends[KILLED] >= 75
