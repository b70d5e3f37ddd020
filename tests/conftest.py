"""Fixtures all tests share."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import apart
import exported
import published as over_s3
import released as two_released
import releasing
import swift_s3
import three_versions as three
import torture
from captureset.release.release import release
from captureset.services import LabelingDataService
from captureset.store import git
from captureset.store.repository import Repository
from pipeline import NOBODY

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real photographs that stand beside the checkout and are no part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("left out: the test on real photographs, since ../shared/data is absent")
    return folder


def environment(requirements: Path, what: str) -> Path:
    """Return the python of an environment apart; where it cannot be made, tests are left out by name, never in CI."""
    try:
        return apart.python(requirements)
    except apart.NotToBeHadError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"left out: {what}, since its environment cannot be made ({error})")


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[swift_s3.S3]:
    """A real S3 server on loopback: OpenStack Swift with its s3api."""
    python = environment(ROOT / "tests" / "s3" / "requirements.txt", "tests against a real S3 server")
    with swift_s3.running(tmp_path_factory.mktemp("swift"), python) as server:
        yield server


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty captureset repository: the taxonomy, no capture, no Git."""
    root = tmp_path / "repository"
    (root / "data" / "captures").mkdir(parents=True)
    (root / "data" / "captures" / ".gitkeep").touch()
    shutil.copy(ROOT / "data" / "categories.yaml", root / "data" / "categories.yaml")
    return Repository(root)


def _begin(root: Path, patch: pytest.MonkeyPatch) -> None:
    """Make a folder a Git and DVC repository with one commit, out of reach of anybody's Git settings."""
    patch.setenv("GIT_CONFIG_GLOBAL", str(root.parent / "no-gitconfig"))
    patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (root / ".dvc").mkdir()
    for name in (".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore", ".gitattributes"):
        shutil.copy(ROOT / name, root / name)
    git.git(root, "init", "--quiet", "--initial-branch=main")
    git.git(root, "config", "user.name", "Tester")
    git.git(root, "config", "user.email", "tester@example.org")
    git.git(root, "add", "--all")
    git.git(root, "commit", "--quiet", "--message", "Begin")


@pytest.fixture
def git_repository(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The same as a real Git and DVC repository with one commit; nobody's own Git settings reach it."""
    _begin(repository.root, monkeypatch)
    return repository


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two versions of growing data in two months, all of it pushed. Read only."""
    root = tmp_path_factory.mktemp("versions") / "repository"
    (root / "data" / "captures").mkdir(parents=True)
    (root / "data" / "captures" / ".gitkeep").touch()
    shutil.copy(ROOT / "data" / "categories.yaml", root / "data" / "categories.yaml")
    with pytest.MonkeyPatch.context() as patch:
        _begin(root, patch)
        two_released.two_versions(Repository(root))
    return root


@pytest.fixture
def versions(two_versions: Path, tmp_path: Path) -> Repository:
    """A copy of it that may be damaged."""
    return Repository(Path(shutil.copytree(two_versions, tmp_path / "versions", symlinks=True)))


@pytest.fixture
def prepared(git_repository: Repository) -> Repository:
    """The same with params.yaml, so that the catalog and the app's services can be asked."""
    shutil.copy(ROOT / "params.yaml", git_repository.root / "params.yaml")
    return git_repository


@pytest.fixture
def service(prepared: Repository) -> LabelingDataService:
    """The app's way into it."""
    return LabelingDataService({"data_storage_path": str(prepared.root)})


@pytest.fixture(scope="module")
def nobody() -> Iterator[None]:
    """A newcomer's machine: Git knows nobody from any place, and there is no home folder."""
    who = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE")]
    with pytest.MonkeyPatch.context() as patch:
        for name in (*who, "EMAIL", "HOME", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            patch.delenv(name, raising=False)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small dataset in every format, as the stage export writes it below a repository's root. Read only."""
    return exported.write(tmp_path_factory.mktemp("pristine"), exported.dataset())


@pytest.fixture
def exports(pristine: Path, tmp_path: Path) -> Path:
    """A copy of it that may be spoilt."""
    return Path(shutil.copytree(pristine, tmp_path / "exports"))


@pytest.fixture(scope="session")
def outside() -> Path:
    """The python of an environment with the outside clients: supervision, labelformat, datumaro."""
    return environment(ROOT / "tests" / "clients" / "requirements.txt", "reading exports with outside clients")


@pytest.fixture(scope="session")
def tortured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real repository with the torture set, built up to its exports, all six. Read only."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NOBODY.items():
            patch.setenv(name, value)
        return torture.built(tmp_path_factory.mktemp("tortured") / "repository").root


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository built to the last stage and committed, nothing released. Read only."""
    with releasing.as_tester():
        return releasing.built(tmp_path_factory.mktemp("release") / "built").root


@pytest.fixture(scope="module")
def as_tester() -> Iterator[None]:
    """Nobody's own Git settings reach these tests, a tester commits, and `python` is this one."""
    with releasing.as_tester():
        yield


@pytest.fixture(scope="session")
def released(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A copy of it with one version. Read only."""
    root = Path(shutil.copytree(built, tmp_path_factory.mktemp("released") / "copy", symlinks=True))
    with releasing.as_tester():
        release(Repository(root), releasing.NAME, releasing.NUMBER)
    return Repository(root)


@pytest.fixture(scope="session")
def published(built: Path, s3: swift_s3.S3, tmp_path_factory: pytest.TempPathFactory) -> over_s3.Published:
    """A version of it in a bare Git repository and a bucket. Read only."""
    with releasing.as_tester(), pytest.MonkeyPatch.context() as patch:
        for name, value in s3.environment.items():
            patch.setenv(name, value)
        return over_s3.publish(built, tmp_path_factory.mktemp("published"), s3)


@pytest.fixture(scope="session")
def three_versions(tmp_path_factory: pytest.TempPathFactory) -> three.ThreeVersions:
    """A repository with three real releases over growing data. Read only; made once for all workers."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder
    root, diary = folder / "three-versions", folder / "three-versions.json"
    with (folder / "three-versions.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not diary.exists():
            with releasing.as_tester():
                diary.write_text(json.dumps(three.build(root)), encoding="utf-8")
    return three.ThreeVersions(root, json.loads(diary.read_text(encoding="utf-8")))
