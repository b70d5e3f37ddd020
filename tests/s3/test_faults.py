"""A remote that does not answer: every command says why and what to do, exits 1, and leaves all as it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import swift_s3
from captureset.capture.submit import submit
from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import sidecar
from photos import jpeg
from published import bucket_of
from releasing import NAME, NUMBER
from swift_s3 import S3

pytestmark = pytest.mark.usefixtures("as_tester")

BUCKET = "faults"
KEY, SECRET, ENDPOINT = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and the remedy that is told."""

    environment: dict[str, str]
    remedy: str
    bucket: str = BUCKET


TROUBLES = {
    "a wrong secret": Trouble({SECRET: "wrong"}, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    "no credentials": Trouble({KEY: "", SECRET: ""}, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    "no server": Trouble({ENDPOINT: NOWHERE}, "AWS_ENDPOINT_URL"),
    "no bucket": Trouble({}, "make the bucket", bucket="never-made"),
}


def each_but_one_long(always: str) -> list[Any]:
    """Return every trouble for a test; one of them in every run, the others in the battery."""
    marks = {name: [] if name == always else [pytest.mark.battery] for name in TROUBLES}
    return [pytest.param(trouble, id=name, marks=marks[name]) for name, trouble in TROUBLES.items()]


@pytest.fixture(scope="module")
def bucket(s3: S3) -> S3:
    """The server, with an empty bucket."""
    bucket_of(s3).mkdir(BUCKET)
    return s3


@pytest.fixture
def server(bucket: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """The server, named by the environment, and no client that remembers another one."""
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    forget_clients()
    yield bucket
    forget_clients()


def forget_clients() -> None:
    """Let the next client read its credentials anew."""
    from s3fs import S3FileSystem  # noqa: PLC0415 - comes with dvc-s3

    S3FileSystem.clear_instance_cache()


def plunge(root: Path, trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the trouble about."""
    git.dvc(root, "remote", "modify", "--local", "storage", "url", f"s3://{trouble.bucket}/waste")
    for name, value in trouble.environment.items():
        monkeypatch.setenv(name, value)


def refusal(root: Path, *arguments: str) -> str:
    """Return the one sentence a command refuses with."""
    done = CliRunner().invoke(app, [*arguments, "--repo", str(root)])
    assert isinstance(done.exception, CapturesetError), done.output
    assert "\n" not in str(done.exception)
    return str(done.exception)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("trouble", each_but_one_long("a wrong secret"))
def test_commands_say_why(versions: Repository, trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """`status`, `fsck --remote` and `commit --push`; the commit stands, and is pushed by the same command later."""
    root = versions.root
    plunge(root, trouble, monkeypatch)
    submit(versions, jpeg(64, 48, 5), sidecar("new"))
    assert trouble.remedy in refusal(root, "status")
    assert trouble.remedy in refusal(root, "fsck", "--remote")
    assert git.changed_paths(root) == []
    said = refusal(root, "commit", "--push")
    assert "the commit stands" in said
    assert trouble.remedy in said
    assert "captureset commit --push" in said
    assert git.changed_paths(root) == []


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("trouble", each_but_one_long("no bucket"))
def test_a_release_is_refused_before_anything_is_written(
    built: Path, tmp_path: Path, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Head, tree, ledger and tags are as before."""
    root = Path(shutil.copytree(built, tmp_path / "copy", symlinks=True))
    plunge(root, trouble, monkeypatch)
    before = git.git(root, "rev-parse", "HEAD"), (root / "data/splits.csv").read_bytes()
    assert trouble.remedy in refusal(root, "release", NAME, NUMBER)
    assert (git.git(root, "rev-parse", "HEAD"), (root / "data/splits.csv").read_bytes()) == before
    assert git.changed_paths(root) == []
    assert git.git(root, "tag") == ""


@pytest.mark.battery
def test_a_key_that_may_only_read_is_told_so(versions: Repository, server: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remote answers, so nothing is wrong before the push; its own refusal and the remedy are in the sentence."""
    bucket_of(server).mkdir("readable", acl="public-read")
    reader = {KEY: swift_s3.READER, SECRET: swift_s3.READING}
    submit(versions, jpeg(64, 48, 7), sidecar("new"))
    plunge(versions.root, Trouble(reader, "", bucket="readable"), monkeypatch)
    said = refusal(versions.root, "commit", "--push")
    assert "the commit stands" in said
    assert "Access Denied" in said
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that may read and write there" in said


@pytest.mark.battery
def test_with_the_trouble_gone_the_same_command_pushes(
    versions: Repository, server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit whose bytes no server took is made good by the next `commit --push`: every object of every month."""
    root = versions.root
    submit(versions, jpeg(64, 48, 6), sidecar("new"))
    with monkeypatch.context() as patch:
        plunge(root, TROUBLES["a wrong secret"], patch)
        refusal(root, "commit", "--push")
    forget_clients()
    done = CliRunner().invoke(app, ["commit", "--push", "--repo", str(root)])
    assert done.exit_code == 0, done.output
    assert len(bucket_of(server).find(f"{BUCKET}/waste/files/md5")) == len(month_objects(root))


def month_objects(root: Path) -> set[str]:
    """Return the addresses of everything in the months."""
    repository = Repository(root)
    store = ObjectStore(root)
    named = pointers.read(repository.pointers)
    return {pointer.manifest for pointer in named} | {
        md5 for pointer in named for md5 in pointers.rows(store, pointer).values()
    }
