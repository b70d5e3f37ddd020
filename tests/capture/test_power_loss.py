"""The write protocol against a disk that loses power at any moment, judged by the real reader.

The calls are those that real processes made, recorded by strace; `power_loss.py` says what a disk may lose.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

import crash_jobs
import syscalls
from captureset.capture import inbox, quarantine
from captureset.capture.envelope import unpack
from captureset.capture.intake import Intake
from captureset.capture.submit import said
from captureset.errors import CapturesetError
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from power_loss import Change, Disk, State, disks
from syscalls import Call

SYNCING = ("fsync", "fdatasync", "syncfs", "sync")
Job = tuple[str, ...]


@dataclass
class Found:
    """What the states of a disk show: how many there were, and what was wrong in which."""

    states: int = 0
    different: int = 0
    lost: set[str] = field(default_factory=set)
    torn: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.states} states, {self.different} different, {len(self.lost)} lost, {len(self.torn)} torn"


class Reader:
    """The real reader, asked once about each different state."""

    def __init__(self, root: Path) -> None:
        self.repository = Repository(root)
        self.judged: dict[frozenset[tuple[Path, bytes]], tuple[set[str], set[str]]] = {}

    @cached_property
    def intake(self) -> Intake:
        """What `commit` takes deliveries in by."""
        return Intake(self.repository, ObjectStore(self.repository.root))

    def judge(self, state: State, data: Path) -> tuple[set[str], set[str]]:
        """Return what is whole and what is torn in a state."""
        found = {path.relative_to(data): content for path, content in state.items()}
        key = frozenset(found.items())
        if key not in self.judged:
            for folder in (self.repository.inbox, self.repository.quarantine):
                shutil.rmtree(folder, ignore_errors=True)
            for path, content in found.items():
                target = self.repository.root / "data" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            self.judged[key] = self._judged()
        return self.judged[key]

    def _judged(self) -> tuple[set[str], set[str]]:
        whole, torn = set[str](), set[str]()
        waiting = inbox.waiting(self.repository)
        for path in (*waiting.captures, *waiting.feedback, *waiting.strangers):
            (whole if self._sound(path) else torn).add(_name(path, "inbox"))
        for refused in quarantine.listed(self.repository):
            (whole if self._sound(refused.path) else torn).add(_name(refused.path, "quarantine"))
        return whole, torn

    def _sound(self, path: Path) -> bool:
        """Say whether a file is a delivery that this proof made, by the road that `commit` takes."""
        if path.parent == self.repository.inbox and isinstance(self.intake._opened(path), CapturesetError):
            return False
        try:
            return _is_ours(path)
        except (CapturesetError, KeyError):
            return False


def _is_ours(path: Path) -> bool:
    data = path.read_bytes()
    if path.suffix == ".json":
        document = said(data, path.name)
        made = crash_jobs.said(document["feedback_id"], document["capture_id"], document["verdict"])
        return document == {key: value for key, value in made.items() if key != "received_at"}
    envelope = unpack(data, path.name)
    seeds = (crash_jobs.seed_of(envelope.capture_id), 99)
    pairs = [(crash_jobs.photo(seed), crash_jobs.twin(seed)) for seed in seeds]
    return (envelope.photo, envelope.twin) in pairs


def _name(path: Path, place: str) -> str:
    """Return what a file proves: `capture c-1`, `feedback f-1`, or `conflict` of either."""
    kind = "feedback" if path.suffix == ".json" else "capture"
    identity = path.name.split(".")[2 if kind == "feedback" else 0]
    return f"{kind if place == 'inbox' else place} {identity}"


def acknowledged(disk: Disk) -> set[str]:
    """Return what the world was told, in the words of `Reader`."""
    lines = [line.split() for line in disk.said.decode().splitlines()]
    words = {"conflict": "quarantine", "taken": "quarantine", "retried": "capture"}
    return {f"{words.get(kind, kind)} {name.partition('.')[0]}" for kind, name, *_ in lines}


def enumerated(reader: Reader, every: Iterable[Disk], somewhere: AbstractSet[str] = frozenset()) -> Found:
    """Return what all states of all these disks show; one of `somewhere` must be in each."""
    found = Found()
    for disk in every:
        promised = acknowledged(disk)
        for state in disk.states():
            found.states += 1
            whole, torn = reader.judge(state, disk.root)
            found.lost |= promised - whole
            found.torn |= torn
            if somewhere and not somewhere & whole:
                found.lost |= somewhere
    found.different = len(reader.judged)
    return found


@dataclass
class Lab:
    """Where processes are recorded: one repository, its disk, and a reader elsewhere."""

    root: Path
    reader: Reader
    trace: Path

    @property
    def data(self) -> Path:
        """What the proof is about."""
        return self.root / "data"

    @property
    def inbox(self) -> Path:
        """The inbox."""
        return self.data / "inbox"

    def disk(self) -> Disk:
        """Return the disk as it is now, everything on it for good."""
        return Disk.of(self.data)

    def record(self, *job: str, below: Path | None = None) -> list[Call]:
        """Do a job in a process of its own and return its calls below a folder, `data` by default, and what it said."""
        calls = syscalls.recorded(self.trace, crash_jobs.__file__, str(self.root), *job)
        root = str(below or self.data).encode()
        return [call for call in calls if _concerns(call, root)]

    def fresh(self, *jobs: Job) -> list[list[Call]]:
        """Return the calls of jobs that each found an empty inbox, whose own name is not yet safe."""
        recordings = []
        for job in jobs:
            shutil.rmtree(self.inbox, ignore_errors=True)
            self.inbox.mkdir()
            recordings.append(self.record(*job))
        return recordings


def _concerns(call: Call, root: bytes) -> bool:
    """Say whether a call touches something below a folder, or tells the world something."""
    return any(part.startswith((root, b"pipe:")) for part in (*call.arguments, call.result))


Tell = Callable[[str], None]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Print a count where a person sees it."""

    def write(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  power loss, {text}")

    return write


@pytest.fixture
def lab(repository: Repository, tmp_path: Path) -> Lab:
    """A repository to record in, another one to read in."""
    syscalls.require_strace()
    shutil.copytree(repository.root, tmp_path / "reader")
    return Lab(repository.root, Reader(tmp_path / "reader"), tmp_path / "trace")


def without(calls: Sequence[Call], *ends: bytes) -> list[Call]:
    """Return the calls without the syncs of paths that end so."""
    return [call for call in calls if call.name not in SYNCING or not call.arguments[0].endswith(ends)]


FOLDERS, FILES = (b"/data", b"/inbox", b"/quarantine"), tuple(map(str.encode, "0123456789"))  # …/inbox/#2294354
TWO = (("capture", "c-1"), ("capture", "c-2"))


def hidden(*jobs: Job) -> tuple[Job, ...]:
    """Return the jobs on a disk that has no nameless files."""
    return tuple(("hidden", *job) for job in jobs)


def made_inbox(lab: Lab) -> Disk:
    """Return the disk on which somebody has just made the inbox, its name not yet safe."""
    shutil.rmtree(lab.inbox, ignore_errors=True)
    return lab.disk().changed(Change(lab.data, None, lab.inbox))


@pytest.mark.parametrize("how", [tuple, hidden], ids=["nameless", "hidden"])
def test_one_writer_from_nothing(lab: Lab, how: Callable[..., tuple[Job, ...]], tell: Tell) -> None:
    """The very first capture makes the inbox; a second process adds a feedback. With and without hidden names."""
    before = lab.disk()
    jobs = (("capture", "c-1"), ("feedback", "c-1", "f-1"))
    calls = [call for job in (how(jobs) if how is tuple else hidden(*jobs)) for call in lab.record(*job)]
    found = enumerated(lab.reader, disks(before, calls))
    tell(f"one writer: {found}")
    assert acknowledged(list(disks(before, calls))[-1]) == {"capture c-1", "feedback f-1"}
    assert (found.lost, found.torn) == (set(), set())
    assert found.states > len(calls)


@pytest.mark.parametrize("jobs", [(*TWO, ("feedback", "c-1", "f-1")), hidden(*TWO)], ids=["three", "hidden"])
def test_writers_in_every_order(lab: Lab, jobs: Sequence[Job], tell: Tell) -> None:
    """Two captures and a feedback: every interleaving of their calls, every state after every call."""
    writers = lab.fresh(*jobs)
    found = enumerated(lab.reader, disks(made_inbox(lab), *writers))
    tell(f"{len(jobs)} writers: {found}")
    assert (found.lost, found.torn) == (set(), set())
    assert found.states > 1000


def test_the_same_capture_twice_at_once(lab: Lab, tell: Tell) -> None:
    """The second writer finds the name there and acknowledges too; it may not rely on the first one's sync."""
    before = made_inbox(lab)
    (first,) = lab.fresh(TWO[0])
    second = lab.record(*TWO[0])
    named = 1 + next(at for at, call in enumerate(first) if call.name.startswith("link"))
    found = enumerated(lab.reader, disks(before, first, second, possible=lambda at: at[0] >= named or at[1] == 0))
    tell(f"the same capture twice: {found}")
    assert (found.lost, found.torn) == (set(), set())


@pytest.mark.parametrize(
    "job", [("capture", "c-1", "99"), ("feedback", "c-1", "f-1", "reject")], ids=["capture", "feedback"]
)
def test_a_conflict_is_kept(lab: Lab, job: Job, tell: Tell) -> None:
    """Who hears of a conflict has the bytes in quarantine for good; who delivers it again too."""
    lab.record(*job[:3] if job[0] == "feedback" else job[:2])
    before = lab.disk()
    calls = lab.record(*job) + lab.record(*job)
    found = enumerated(lab.reader, disks(before, calls))
    tell(f"a conflict: {found}")
    assert len(acknowledged(list(disks(before, calls))[-1])) == 1
    assert (found.lost, found.torn) == (set(), set())


@pytest.mark.parametrize("back", [False, True], ids=["take", "retry"])
def test_what_is_refused_is_in_one_of_the_two_places(lab: Lab, tell: Tell, *, back: bool) -> None:
    """Moved into quarantine by `commit`, or back by `retry`: at no moment in neither, at none torn."""
    lab.record(*TWO[0])
    if back:
        lab.record("take", "c-1.capture")
    before, job = lab.disk(), "retry" if back else "take"
    found = enumerated(lab.reader, disks(before, lab.record(job, "c-1.capture")), {"capture c-1", "quarantine c-1"})
    tell(f"{job}: {found}")
    assert (found.lost, found.torn) == (set(), set())


def test_the_proof_can_fail(lab: Lab, tell: Tell) -> None:
    """The same calls without syncs lose and tear; without those of files they tear, without those of folders lose."""
    writers, before = lab.fresh(*TWO), made_inbox(lab)
    every = {"nothing synced": (*FOLDERS, *FILES), "files not synced": FILES, "folders not synced": FOLDERS}
    for name, spoilt in every.items():
        found = enumerated(lab.reader, disks(before, *(without(calls, *spoilt) for calls in writers)))
        tell(f"{name}: {found}")
        assert bool(found.torn) == (spoilt != FOLDERS)
        assert bool(found.lost)


def test_writing_in_place_tears(lab: Lab, tell: Tell) -> None:
    """What a beginner would write, synced at its end, shows parts of a capture before."""
    lab.record(*TWO[0])
    shutil.move(lab.inbox / "c-1.capture", lab.root / "envelope")
    before = lab.disk()
    found = enumerated(lab.reader, disks(before, lab.record("in_place", "c-1")))
    tell(f"in place: {found}")
    assert (found.lost, found.torn) == ({"capture c-1"}, {"capture c-1"})


PROMISED = (".dvc/cache/files", "data/captures", ".git/objects", ".git/refs", ".git/HEAD")


def unsafe_at_clearing(lab: Lab, before: Disk, calls: Sequence[Call]) -> set[str]:
    """Return what a power loss could take of a commit at the moment the inbox is let go of."""
    disk = before
    for call in calls:
        if call.name.startswith("unlink") and call.arguments[-1].endswith((b".capture", b".json")):
            unsafe = {path.relative_to(lab.root).as_posix() for path in disk.unsafe()}
            return {path for path in unsafe if path.startswith(PROMISED)}
        disk = disk.after(call)
    raise AssertionError("the inbox was never emptied")


def test_commit_lets_go_of_the_inbox_last(git_repository: Repository, lab: Lab) -> None:
    """When the first delivery is removed, every object, manifest, pointer, Git object and ref is on disk for good."""
    for job in (*TWO, ("feedback", "c-1", "f-1")):
        lab.record(*job)
    before = Disk.of(git_repository.root)
    calls = lab.record("commit", below=git_repository.root)
    assert unsafe_at_clearing(lab, before, calls) == set()
    spoilt = [call for call in calls if call.name != "syncfs"]
    assert any(path.startswith(".dvc/cache") for path in unsafe_at_clearing(lab, before, spoilt))
