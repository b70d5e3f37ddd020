"""What DVC's own commands say of damaged objects, and whether they hand the damage out: real commands, real folders."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.integrity.fsck import fsck
from captureset.store import pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository
from object_damages import HERE, THERE, Damage, flip
from pipeline import NOBODY
from released import cache_folder, remote_folder

EVERYTHING = ("data/captures/2024-01.dvc", "data/captures/2024-02.dvc")


def flip_writable(path: Path, chance: random.Random) -> None:
    """Turn one bit over and leave the file writable, as an editor would."""
    flip(path, chance)
    path.chmod(0o644)


IN_CACHE: dict[str, Damage] = {**HERE, "flip_writable": flip_writable}
KINDS: dict[str, dict[str, Damage]] = {"cache": IN_CACHE, "remote": dict(THERE)}


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it printed, without what differs from run to run."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class World:
    """A repository with two pushed versions that may be damaged, and what its objects must be."""

    root: Path
    names: dict[str, str]  # address of a photo or sidecar to its path

    @property
    def repository(self) -> Repository:
        """The same."""
        return Repository(self.root)

    def folder(self, place: str) -> Path:
        """Return where cache or remote keep their objects."""
        return cache_folder(self.repository) if place == "cache" else remote_folder(self.repository)


def world(versions: Path, work: Path) -> World:
    """Return a fresh copy, always at the same path; DVC remembers nothing of the one before."""
    for name in ("world", "site", "clone", "other"):
        shutil.rmtree(work / name, ignore_errors=True)
    root = Path(shutil.copytree(versions, work / "world", symlinks=True))
    store = ObjectStore(root)
    rows = {
        md5: f"data/images/{pointer.month.replace('-', '/')}/{relpath}"
        for pointer in pointers.read(Repository(root).pointers)
        for relpath, md5 in pointers.rows(store, pointer).items()
    }
    return World(root, rows)


def chosen(here: World, count: int) -> list[str]:
    """Return so many objects."""
    return random.Random(3).sample(sorted(here.names), count)


def damage(here: World, place: str, kind: str, victims: Sequence[str]) -> None:
    """Damage objects."""
    chance = random.Random(4)
    for oid in victims:
        KINDS[place][kind](here.folder(place) / oid[:2] / oid[2:], chance)


def dvc(root: Path, *words: str) -> Said:
    """Run a dvc command."""
    environment = {**os.environ, **NOBODY, "DVC_SITE_CACHE_DIR": str(root.parent / "site"), "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *words],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Said(done.returncode, re.sub(r"\d+(\.\d+)?( ?[kMG]?B|s|it)?/s|\r.*", "", done.stdout))


def configure(root: Path, remote: str, *lines: str) -> None:
    """Say something about a remote in this clone alone, as `dvc remote modify --local` does."""
    text = "\n".join([f"['remote \"{remote}\"']", *lines])
    (root / ".dvc" / "config.local").write_text(f"{text}\n", encoding="utf-8")


def checkout(here: World) -> tuple[Said, Path]:
    """Check the photos out of the cache."""
    return dvc(here.root, "checkout", *EVERYTHING), here.root


def push_anew(here: World) -> tuple[Said, Path]:
    """Push everything to a second remote, which is empty."""
    other = here.root.parent / "other"
    configure(here.root, "other", f"url = {other}")
    return dvc(here.root, "push", "--remote", "other"), other / "files" / "md5"


def pull(here: World, *, verify: bool) -> tuple[Said, Path]:
    """Pull everything into a fresh clone."""
    clone = here.root.parent / "clone"
    subprocess.run(["git", "clone", "--quiet", str(here.root), str(clone)], check=True)
    configure(clone, "storage", f"url = {here.root / '.dvcstore'}", *([] if verify else ["verify = false"]))
    return dvc(clone, "pull", *EVERYTHING), clone


def asked(*words: str) -> Callable[[World], tuple[Said, Path | None]]:
    """Return a command that hands nothing out."""
    return lambda here: (dvc(here.root, *words), None)


Command = Callable[[World], tuple[Said, Path | None]]
COMMANDS: dict[str, dict[str, Command]] = {
    "cache": {
        "dvc status": asked("status"),
        "dvc status -c": asked("status", "--cloud"),
        "dvc data status --granular --not-in-remote": asked("data", "status", "--granular", "--not-in-remote"),
        "dvc gc -w --dry": asked("gc", "--workspace", "--dry", "--force"),
        "dvc push": asked("push"),
        "dvc fetch": asked("fetch"),
        "dvc checkout": checkout,
        "dvc push, to a new remote": push_anew,
    },
    "remote": {
        "dvc status -c": asked("status", "--cloud"),
        "dvc data status --granular --not-in-remote": asked("data", "status", "--granular", "--not-in-remote"),
        "dvc gc -w -c --dry": asked("gc", "--workspace", "--cloud", "--dry", "--force"),
        "dvc push": asked("push"),
        "dvc pull, fresh clone, verify = true": lambda here: pull(here, verify=True),
        "dvc pull, fresh clone, verify = false": lambda here: pull(here, verify=False),
    },
}


def verdict(here: World, place: str, victims: Sequence[str], sound: Said, ran: tuple[Said, Path | None]) -> str:
    """Return what a command made of the damage: silent, notices, mends, hands out.

    Args:
        here: where it ran.
        place: what is damaged.
        victims: the damaged objects.
        sound: what the command said where nothing is damaged.
        ran: what it said here, and where it put bytes.
    """
    said, where = ran
    found = ["notices" if said != sound else "silent"]
    out = 0 if where is None else sum(_is_bad(_delivered(here, where, oid), oid) for oid in victims)
    found += [f"hands out {out} of {len(victims)}"] if out else []
    left = sum(_is_bad(here.folder(place) / oid[:2] / oid[2:], oid, missing=True) for oid in victims)
    return ", ".join(found) if left or not victims else f"{', '.join(found)}, sound afterwards"


def _delivered(here: World, where: Path, oid: str) -> Path:
    return where / oid[:2] / oid[2:] if where.name == "md5" else where / here.names[oid]


def _is_bad(path: Path, oid: str, *, missing: bool = False) -> bool:
    return md5_of(path.read_bytes()) != oid if path.exists() else missing


def found_by_fsck(here: World, place: str) -> int:
    """Return how many objects or strays `captureset fsck` names there."""
    return sum(finding.place in (place, "cache") for finding in fsck(here.repository, remote=True).findings)
