"""Branches that took captures in: random months, and a repository whose months are written without photos."""

from __future__ import annotations

import functools
import json
import random
import subprocess
from collections.abc import Mapping
from pathlib import Path

from captureset.formats import jsontext
from captureset.store import git, pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.pointers import StoredFile
from captureset.store.repository import Repository

Files = dict[str, bytes]  # month/day/name to content


def capture(name: str, month: str = "2024-01", day: str = "15", *, twin: bool = False) -> Files:
    """Return the files of one capture, their bytes made from its name."""
    parts = (".jpg", ".json", "_nobg.png")[: 3 if twin else 2]
    return {f"{month}/{day}/{name}{part}": f"{name}{part}".encode() for part in parts}


def feedback(name: str, number: int, arrived: str = "2024-01-15", verdict: str = "confirm") -> Files:
    """Return one feedback file as it stands in the month of its arrival."""
    document = {"capture_id": name, "received_at": f"{arrived}T00:00:00Z", "verdict": verdict}
    month, day = arrived[:7], arrived[8:]
    return {f"{month}/{day}/{name}.feedback.f-{number}.json": jsontext.dump(document).encode()}


def random_files(seed: random.Random, mark: str, months: tuple[str, ...]) -> Files:
    """Return some captures and feedback; names with one mark never collide with those of another."""
    found: Files = {}
    for number in range(seed.randint(1, 12)):
        name = f"{mark}-{number}"
        found |= capture(name, seed.choice(months), f"{seed.randint(13, 16)}", twin=seed.random() < 0.3)
        if seed.random() < 0.4:
            found |= feedback(f"base-{seed.randint(0, 3)}", seed.randint(100, 10**9), f"{seed.choice(months)}-16")
    return found


def pair(number: int, months: tuple[str, ...] = ("2024-01",)) -> tuple[Files, Files, Files]:
    """Return what was there, and what each of two branches took in besides; some of that came to both."""
    seed = random.Random(number)
    both = random_files(seed, "both", months) if seed.random() < 0.5 else {}
    base = random_files(seed, "base", months) if seed.random() < 0.9 else {}
    ours, theirs = ({**random_files(seed, mark, months), **both} for mark in ("ours", "theirs"))
    for side, day in ((ours, "2024-01-15"), (theirs, seed.choice(("2024-01-15", "2024-01-16")))):
        side.update(feedback("both-0", 7, day))
    return base, ours, theirs


def rows(files: Files) -> dict[str, str]:
    """Return the manifest rows of files in one month."""
    return {name.partition("/")[2]: md5_of(data) for name, data in files.items()}


@functools.cache
def store_of(root: Path) -> ObjectStore:
    """Return the objects of a repository, DVC opened once."""
    return ObjectStore(root)


def take_in(repository: Repository, files: Mapping[str, bytes], message: str = "Take in") -> None:
    """Append files to their months and commit, as `captureset commit` does once it has the bytes."""
    store = store_of(repository.root)
    months: dict[str, dict[str, StoredFile]] = {}
    for name, data in files.items():
        month, _, path = name.partition("/")
        months.setdefault(month, {})[path] = StoredFile(store.add(data, flush=False), len(data))
    for month, new in months.items():
        pointers.append(store, repository.pointers, month, new)
    git.git(repository.root, "add", "--all")
    git.git(repository.root, "commit", "--quiet", "--allow-empty", "--no-verify", "--message", message)


def listed(repository: Repository) -> dict[str, str]:
    """Return every listed file, `month/day/name` to md5."""
    store = store_of(repository.root)
    found = {p.month: pointers.rows(store, p) for p in pointers.read(repository.pointers)}
    return {f"{month}/{path}": md5 for month, inside in found.items() for path, md5 in inside.items()}


def merge(root: Path, branch: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a real `git merge` and return what became of it."""
    command = ["git", "merge", "--quiet", "--no-edit", *options, branch]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def identities(files: Mapping[str, object]) -> set[tuple[str, str, str]]:
    """Return what must not get lost: parts of captures, and feedback files whatever their day."""
    return {(*pointers.capture_of(name), name.rpartition("/")[2]) for name in files}


def said(data: bytes) -> dict[str, object]:
    """Return a feedback without the time it arrived."""
    return {key: value for key, value in json.loads(data).items() if key != "received_at"}
