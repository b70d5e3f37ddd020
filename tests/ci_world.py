"""A released dataset whose remote is a folder that everybody reaches, and what a pull request may do to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from captureset.ci import pull_request, tag
from captureset.ci.parts import Judged
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from pipeline import save

BEFORE_PLANTED = "HEAD~3"  # of a released `built`: without the last captures, and before anything was built


def share(root: Path, remote: Path) -> Repository:
    """Move the embedded remote of a repository out of it, for everybody, and commit that."""
    shutil.move(root / ".dvcstore", remote)
    config = root / ".dvc/config"
    config.write_text(config.read_text(encoding="utf-8").replace("../.dvcstore", str(remote)), encoding="utf-8")
    save(root, "A remote for everybody")
    return Repository(root)


def clone_of(repository: Repository, folder: Path) -> Repository:
    """Return a clone by way of a bare origin, as CI has it: no cache, no data."""
    git.git(repository.root, "clone", "--quiet", "--bare", str(repository.root), str(folder / "origin"))
    git.git(folder, "clone", "--quiet", "origin", "checkout")
    return Repository(folder / "checkout")


def no_stand_in(_: Path) -> Repository:
    """Fail the test that makes a quickstart repository though the data can be had."""
    message = "no quickstart repository is wanted here"
    raise AssertionError(message)


def judged(repository: Repository, against: str) -> Judged:
    """Return what is found of HEAD."""
    return pull_request.judge(repository, against, no_stand_in, lambda _: None)


def judged_tag(repository: Repository, name: str) -> Judged:
    """Return what is found of a tag."""
    return tag.judge(repository, name, no_stand_in, lambda _: None)


def said(found: Judged) -> dict[str, str]:
    """Return the sentence of every part that failed."""
    return {part.name: part.why for part in found.failed}


def remote_copy(remote: Path, oid: str) -> Path:
    """Return where a remote keeps an object."""
    return remote / "files/md5" / oid[:2] / oid[2:]


def put(root: Path, remote: Path, data: bytes, suffix: str = "") -> str:
    """Put bytes into a remote, as `dvc push` would, and return their address."""
    store = ObjectStore(root)
    oid = store.add(data, suffix)
    target = remote_copy(remote, oid)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(store.cache_path(oid), target)
    return oid


def address(root: Path, out: str) -> str:
    """Return the address of an output in dvc.lock."""
    lines = (root / "dvc.lock").read_text(encoding="utf-8").splitlines()
    at = next(index for index, line in enumerate(lines) if line.strip() == f"- path: {out}")
    return next(line.split()[1] for line in lines[at:] if line.strip().startswith("md5:"))


def listing(root: Path, out: str) -> dict[str, str]:
    """Return path and md5 of every file of an output."""
    return {entry["relpath"]: entry["md5"] for entry in json.loads(ObjectStore(root).read(address(root, out)))}


def replace_file(root: Path, remote: Path, out: str, path: str, data: bytes) -> None:
    """Give one file of an output other bytes, as consistently as a forger would: manifest, dvc.lock, remote."""
    rows = {**listing(root, out), path: put(root, remote, data)}
    entries = [{"md5": md5, "relpath": name} for name, md5 in sorted(rows.items())]
    forged = put(root, remote, json.dumps(entries, sort_keys=True).encode(), ".dir")
    lock = root / "dvc.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace(address(root, out), forged), encoding="utf-8")
