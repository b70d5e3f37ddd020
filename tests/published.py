"""A released dataset as others see it: a bare Git repository and a bucket; the producer is out of reach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pipeline
from captureset.release.release import release
from captureset.store import git
from captureset.store.repository import Repository
from releasing import NAME, NUMBER
from swift_s3 import S3

BUCKET = "datasets"


@dataclass(frozen=True, slots=True)
class Published:
    """All that a consumer is told."""

    git_url: str
    s3: S3
    producer: Path  # the clone it was released from; no consumer may use it


def bucket_of(s3: S3) -> Any:
    """Return the server as a client of its own sees it, with nothing remembered."""
    from s3fs import S3FileSystem  # noqa: PLC0415 - comes with dvc-s3

    client = {"endpoint_url": s3.endpoint}
    return S3FileSystem(key=s3.key, secret=s3.secret, client_kwargs=client, use_listings_cache=False)


def publish(built: Path, folder: Path, s3: S3, bucket: str = BUCKET) -> Published:
    """Release a built repository over S3 and push Git to a bare repository; the environment must name the server.

    Args:
        built: is copied.
        folder: takes the producer's clone and the bare repository.
        s3: takes the bytes.
        bucket: is made.
    """
    root = Path(shutil.copytree(built, folder / "producer", symlinks=True))
    bucket_of(s3).mkdir(bucket)
    git.dvc(root, "remote", "modify", "storage", "url", f"s3://{bucket}/waste")
    shutil.rmtree(root / ".dvcstore", ignore_errors=True)
    pipeline.save(root, "Keep the bytes on S3")
    bare = folder / "waste.git"
    git.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git.git(root, "remote", "add", "origin", str(bare))
    release(Repository(root), NAME, NUMBER, "first sofas")
    git.git(root, "push", "--quiet", "--follow-tags", "origin", "main")
    return Published(bare.as_uri(), s3, root)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A machine of its own: a home, DVC's settings and caches nobody else has, the S3 credentials and nothing more."""

    home: Path
    credentials: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of its commands."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "DVC_SITE_CACHE_DIR": str(self.home / "site-cache"),
            "YOLO_CONFIG_DIR": str(self.home),
            "YOLO_OFFLINE": "true",
            "YOLO_AUTOINSTALL": "false",
            "CUDA_VISIBLE_DEVICES": "",
            "DVC_NO_ANALYTICS": "true",
            **pipeline.NOBODY,
            **self.credentials,
        }

    def run(self, *command: str | Path, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run python with these arguments in its home, or in another folder."""
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=at or self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def dvc(self, *arguments: str | Path, at: Path | None = None) -> str:
        """Return what `dvc` printed; it must succeed."""
        done = self.run("-m", "dvc", *arguments, at=at)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def consumer(home: Path, s3: S3) -> Consumer:
    """Return a new one whose home is an empty folder."""
    home.mkdir(parents=True)
    return Consumer(home, s3.environment)
