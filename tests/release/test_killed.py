"""kill -9 anywhere in a release: the repository is before or after it, never between, once the next command has run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import pipeline
from captureset.capture.lock import alone
from captureset.errors import CapturesetError
from captureset.integrity.needed import WORKSPACE, needed
from captureset.release import journal, undoing
from captureset.release.release import release
from captureset.release.remote import require_everything_there
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from releasing import NAME, NUMBER, TAG, release_apart

pytestmark = pytest.mark.usefixtures("as_tester")

FEW = 5  # kill points in the default run
IN_COMMANDS = (0.02, 0.2, 0.8)  # seconds into a command


def settled(repository: Repository, head: str) -> str:
    """Recover as the next command does and return `before` or `after`; anything else fails."""
    with alone(repository):
        journal.recover(repository)
    assert git.changed_paths(repository.root) == []
    assert journal.under_way(repository) is None
    now = git.git(repository.root, "rev-parse", "HEAD").strip()
    if now == head:
        assert not git.git(repository.root, "tag").split()
        assert (repository.root / "data/split/split.parquet").exists()
        assert not list(repository.manifests.glob("*"))
        return "before"
    assert git.git(repository.root, "rev-parse", f"{TAG}^{{commit}}", "HEAD~1").split() == [now, head]
    assert git.git(repository.root, "cat-file", "-t", TAG).strip() == "tag"
    assert require_everything_there(repository) == len(
        needed(repository, ObjectStore(repository.root), only=WORKSPACE).uses
    )
    return "after"


def killed(built: Path, folder: Path, at: int, delay_s: float = 0.0) -> tuple[Repository, str]:
    """Return a copy in which a release was killed, and where it stands after recovery."""
    repository = Repository(Path(shutil.copytree(built, folder, symlinks=True)))
    head = git.git(repository.root, "rev-parse", "HEAD").strip()
    done = release_apart(repository.root, at, delay_s)
    assert done.returncode == -signal.SIGKILL or (delay_s and done.returncode == 0), done.stderr
    return repository, settled(repository, head)


@pytest.fixture(scope="module")
def events(built: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many events an undisturbed release has."""
    root = Path(shutil.copytree(built, tmp_path_factory.mktemp("undisturbed") / "copy", symlinks=True))
    done = release_apart(root)
    assert done.returncode == 0, done.stderr
    count, tag = done.stdout.split()
    assert tag == TAG
    return int(count)


def test_a_killed_release_is_before_or_after(built: Path, tmp_path: Path, events: int) -> None:
    """A few points over the whole length; from each, the same command then makes the release or says it exists."""
    points = [1 + round(place * (events - 1) / (FEW - 1)) for place in range(FEW)]
    for at in points:
        repository, where = killed(built, tmp_path / str(at), at)
        if where == "before" and at == points[FEW // 2]:
            assert release(repository, NAME, NUMBER).tag == TAG
            assert git.changed_paths(repository.root) == []


@pytest.mark.battery
def test_every_point_of_a_release(built: Path, tmp_path: Path, events: int) -> None:
    """Every command's begin and end, every fsync and rename, and the midst of commands."""
    points = [(at, 0.0) for at in range(1, events + 1)]
    points += [(at, delay) for at in range(1, events + 1, 4) for delay in IN_COMMANDS]
    assert len(points) >= 50
    found = {}
    for number, (at, delay_s) in enumerate(points):
        found[at, delay_s] = killed(built, tmp_path / str(number), at, delay_s)[1]
        shutil.rmtree(tmp_path / str(number))
    assert set(found.values()) == {"before", "after"}
    print(f"\n{len(points)} kill points: {list(found.values()).count('before')} before, the rest after")  # noqa: T201


def test_a_commit_on_top_of_an_interrupted_release_is_left_alone(built: Path, tmp_path: Path) -> None:
    """Somebody went on working: nothing is undone behind their back, the sentence says what to look at."""
    repository = Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))
    head = git.git(repository.root, "rev-parse", "HEAD").strip()
    journal.proceed(repository, journal.Journal(TAG, "x", head))
    git.git(repository.root, "commit", "--quiet", "--allow-empty", "--message", "Went on")
    with alone(repository), pytest.raises(CapturesetError, match=r"was interrupted at .* and commits were made since"):
        journal.recover(repository)


def test_a_release_killed_before_it_wrote_touches_nothing(built: Path, tmp_path: Path) -> None:
    """While it was being checked a person may have had work in the tree: it is none of recovery's business."""
    repository = Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))
    journal.begin(repository, journal.Journal(TAG, "x", git.git(repository.root, "rev-parse", "HEAD").strip()))
    with (repository.root / "data/splits.csv").open("a", encoding="utf-8") as ledger:
        ledger.write("mine\n")
    before = git.git(repository.root, "status", "--porcelain")
    assert journal.recover(repository) is None
    assert git.git(repository.root, "status", "--porcelain") == before
    assert journal.under_way(repository) is None


def test_undoing_loses_nothing_of_a_persons(built: Path, tmp_path: Path) -> None:
    """Files that no release writes stay as they are, those it writes are kept beside before they go back."""
    repository = Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))
    root = repository.root
    journal.proceed(repository, journal.Journal(TAG, "x", git.git(root, "rev-parse", "HEAD").strip()))
    mine = {
        "params.yaml": "# mine\n" + (root / "params.yaml").read_text(encoding="utf-8"),
        "data/metadata/notes.md": "mine",
        "data/metadata/datasets/other_v1_0_0.json": "mine",
        "data/exclusions.csv": "mine",
    }
    written = {
        "data/splits.csv": "half",
        f"data/metadata/datasets/{NAME}_v0_1_0.json": "{",
        "data/metadata/quality_reports/2024_01_quality.json": "{",
        "data/.splits.csv.123.partial": "hal",
    }
    for path, text in {**mine, **written}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    git.git(root, "add", "--all")
    said = journal.recover(repository)
    assert said == f"an interrupted release of {TAG} was undone; what it had written is kept in {undoing.KEPT}"
    assert {path: (root / path).read_text(encoding="utf-8") for path in mine} == mine
    assert {path: (root / undoing.KEPT / "1" / path).read_text(encoding="utf-8") for path in written} == written
    assert git.changed_paths(root) == sorted(mine)


def test_an_undoing_that_is_killed_keeps_what_it_kept(built: Path, tmp_path: Path) -> None:
    """Stopped after it had put a person's edit back, the next recovery leaves the copy where it is."""
    repository = Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))
    journal.proceed(repository, journal.Journal(TAG, "x", git.git(repository.root, "rev-parse", "HEAD").strip()))
    (repository.root / "data/splits.csv").write_text("mine", encoding="utf-8")
    assert undoing.undo(repository, TAG, keep=True) == ["data/splits.csv"]  # and killed before the journal ended
    journal.recover(repository)
    assert (repository.root / undoing.KEPT / "1/data/splits.csv").read_text(encoding="utf-8") == "mine"


def test_a_command_that_outlives_a_killed_run_holds_the_lock(built: Path, tmp_path: Path) -> None:
    """An orphaned `dvc repro` would write after the undoing; the next run is refused until it has ended."""
    repository = Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))
    program = (
        "import sys\nfrom pathlib import Path\nfrom captureset.capture.lock import alone\n"
        "from captureset.store import git\nfrom captureset.store.repository import Repository\n"
        "with alone(Repository(Path.cwd())):\n"
        "    git.run([sys.executable, '-c', 'print(1, flush=True); import time; time.sleep(30)'], Path.cwd())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=repository.root, env=pipeline.environment(repository.root)
    ) as run:
        child = child_of(run.pid)
        run.kill()
        run.wait()
        with pytest.raises(CapturesetError, match="or by a git or dvc that one started"), alone(repository):
            pass
        os.kill(child, signal.SIGKILL)
    wait_until_gone(child)
    with alone(repository):
        assert journal.recover(repository) is None


def child_of(pid: int) -> int:
    """Return the process that sleeps below another one, once it runs."""
    for _ in range(600):
        for found in psutil.Process(pid).children():
            if "time.sleep" in " ".join(found.cmdline()):
                return int(found.pid)
        time.sleep(0.05)
    raise AssertionError(pid)


def wait_until_gone(pid: int) -> None:
    """Return when a process has ended."""
    for _ in range(600):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    raise AssertionError(pid)


def test_a_failure_after_the_commit_leaves_a_version(built: Path, tmp_path: Path) -> None:
    """A hook, a full disk or Ctrl-C between commit and tag: the commit is a release, so it gets its tag."""
    repository = Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))
    root = repository.root
    noted = journal.proceed(repository, journal.Journal(TAG, "x", git.git(root, "rev-parse", "HEAD").strip()))
    git.git(root, "commit", "--quiet", "--allow-empty", "--message", journal.commit_subject(TAG))
    journal.take_back(repository, noted)
    assert git.git(root, "rev-parse", f"{TAG}^{{commit}}") == git.git(root, "rev-parse", "HEAD")
    assert journal.under_way(repository) is None


def test_the_run_that_finishes_a_version_has_made_it(released: Repository, tmp_path: Path) -> None:
    """Killed between commit and tag, the same command ends well and names the version."""
    repository = Repository(Path(shutil.copytree(released.root, tmp_path / "copy", symlinks=True)))
    root = repository.root
    git.git(root, "tag", "--delete", TAG)
    journal.proceed(repository, journal.Journal(TAG, "#42 first", git.git(root, "rev-parse", "HEAD~1").strip()))
    done = release(repository, NAME, NUMBER)
    assert (done.tag, done.commit) == (TAG, git.git(root, "rev-parse", "HEAD").strip())
    assert done.newly_frozen > 0
    assert git.git(root, "tag", "--list", "--format=%(contents)", TAG).strip() == "#42 first"


def test_recovery_is_nobodys_business_without_a_release(built: Path) -> None:
    """No journal, nothing done."""
    assert journal.recover(Repository(built)) is None
