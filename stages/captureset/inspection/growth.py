"""Months only grow: no row of an earlier commit is gone or other, erased captures apart; and an id is one capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from captureset.errors import CapturesetError, CommandFailedError
from captureset.formats import ledgers
from captureset.records.rows import Erasure
from captureset.store import erasures, git, merging, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

Months = dict[str, dict[str, str]]  # month to its rows
SHOWN = 3


def problems(repository: Repository, files: Repository, against: str) -> Iterator[str]:
    """Give what is wrong with the pointers in `files`.

    Reads no manifest as long as no pointer changed and nothing is merged.

    Args:
        repository: has Git and the objects.
        files: has the pointers and the ledger of erasures; another folder when what is staged is checked.
        against: the revision they may only grow from. The other side of a merge that is under way counts too.
    """
    now = {pointer.month: pointer for pointer in pointers.read(files.pointers)}
    before = {Path(name).stem: pointers.parse(text, name) for name, text in _pointers_at(repository, against)}
    gone = erasures.ids(files)
    for month in sorted(before.keys() - now.keys()):
        name = f"data/captures/{month}.dvc"
        yield f"{name} is gone since {against}; restore it with `git checkout {against} -- {name}`."
    other = list(_other_side(repository))
    if not other and now == before:
        return
    store = ObjectStore(repository.root)
    rows = {month: pointers.rows(store, pointer) for month, pointer in now.items()}
    old = {m: pointers.rows(store, p) for m, p in before.items() if m in now and p.manifest != now[m].manifest}
    yield from _shrunk(store, rows, old, gone, against)
    for name, text in other:
        month = Path(name).stem
        if month in rows:
            yield from _unmerged(name, rows[month], pointers.rows(store, pointers.parse(text, name)), gone)
    yield from _erased_but_listed(rows, gone)
    yield from _twice(store, rows)


def counted(repository: Repository, files: Repository, against: str) -> Iterator[str]:
    """Give the months that list no more files than before though they changed, as far as the pointers alone tell.

    For a clone whose remote is out of reach: no list is read. Of what was erased since nobody knows the files.
    """
    now = {pointer.month: pointer for pointer in pointers.read(files.pointers)}
    before = {Path(name).stem: pointers.parse(text, name) for name, text in _pointers_at(repository, against)}
    known = [text for _, text in texts_at(repository, against, erasures.LEDGER)]
    erased = erasures.ids(files) - {row.capture_id for text in known for row in ledgers.parse(text, Erasure, against)}
    for month, old in sorted(before.items()):
        name = f"data/captures/{month}.dvc"
        if month not in now:
            yield f"{name} is gone since {against}; restore it with `git checkout {against} -- {name}`."
        elif now[month].manifest != old.manifest and now[month].files <= old.files and not erased:
            yield (
                f"{name} lists {now[month].files} files, {old.files} since {against}; a month only grows, restore it "
                f"with `git checkout {against} -- {name}`."
            )


def _shrunk(store: ObjectStore, now: Months, before: Months, gone: frozenset[str], against: str) -> Iterator[str]:
    for month, old in sorted(before.items()):
        rows, name = now[month], f"data/captures/{month}.dvc"
        lost = sorted(path for path, md5 in old.items() if _is_lost(store, path, md5, rows.get(path), gone))
        if lost:
            yield (
                f"{name} lost or changed {len(lost)} files since {against} ({', '.join(lost[:SHOWN])}); a month only "
                f"grows, restore it with `git checkout {against} -- {name}`."
            )


def _is_lost(store: ObjectStore, path: str, old: str, new: str | None, gone: frozenset[str]) -> bool:
    """Say whether a row is lost; feedback that came to two branches at different times is one feedback."""
    capture, part = pointers.capture_of(path)
    if new is None:
        return capture not in gone
    return new != old and not (part == "feedback" and merging.words(store, new) == merging.words(store, old))


def _unmerged(name: str, now: Mapping[str, str], other: Mapping[str, str], gone: frozenset[str]) -> Iterator[str]:
    """Give a month that leaves out what the branch brings; whose bytes win a contradiction is a person's choice."""
    there = {pointers.capture_of(path) for path in now}
    lost = sorted(path for path in other if path not in now and pointers.capture_of(path)[0] not in gone)
    lost = [path for path in lost if pointers.capture_of(path) not in there]
    if lost:
        yield (
            f"{name} leaves out {len(lost)} files of the branch that is merged ({', '.join(lost[:SHOWN])}); run "
            "`captureset install`, then `git merge --abort` and merge again."
        )


def _erased_but_listed(now: Months, gone: frozenset[str]) -> Iterator[str]:
    for month, rows in sorted(now.items()):
        listed = sorted({capture for capture, _ in map(pointers.capture_of, rows)} & gone)
        if listed:
            yield (
                f"data/captures/{month}.dvc lists {', '.join(listed[:SHOWN])}, erased in {erasures.LEDGER}; finish "
                f"that with `captureset erase {listed[0]}`."
            )


def _twice(store: ObjectStore, now: Months) -> Iterator[str]:
    """Give captures and feedback that stand in two places, as two branches may have taken them in."""
    places: dict[str, dict[str, str]] = {}
    for month, rows in now.items():
        for path, md5 in rows.items():
            capture, part = pointers.capture_of(path)
            key = path.rpartition("/")[2] if part == "feedback" else f"{capture} ({part})"
            places.setdefault(key, {})[f"{month}/{path}"] = md5
    for key, found in sorted(places.items()):
        feedback = ".feedback." in key
        if len(found) > 1 and not (feedback and len({repr(merging.words(store, md5)) for md5 in found.values()}) == 1):
            capture = key.partition(".")[0].partition(" ")[0]
            yield (
                f"{key} stands in {' and '.join(sorted(found))}, but an id is one capture; erase it with "
                f"`captureset erase {capture} --reason TEXT` and submit the right one under another id."
            )


def _pointers_at(repository: Repository, revision: str) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in texts_at(repository, revision, "data/captures/") if name.endswith(".dvc"))


def _other_side(repository: Repository) -> Iterator[tuple[str, str]]:
    """Give the pointers of what is being merged, if a merge is under way."""
    for revision in git.merging(repository.root):
        yield from _pointers_at(repository, revision)


def texts_at(repository: Repository, revision: str, path: str) -> Iterator[tuple[str, str]]:
    """Give the files below a path as they were at a revision; none before the first commit.

    Raises:
        CapturesetError: there is no such revision, or Git cannot list it.
    """
    try:
        listing = git.git(repository.root, "ls-tree", "-r", "--name-only", "-z", revision, "--", path)
    except CommandFailedError as error:
        if revision != "HEAD":
            raise CapturesetError(f"--against {revision} is no revision of this repository: {error}") from None
        if git.is_unborn(repository.root):
            return
        raise CapturesetError(f"HEAD cannot be listed: {error}; `git fsck` says what is broken.") from None
    for name in filter(None, listing.split("\0")):
        yield name, git.git(repository.root, "show", f"{revision}:./{name}")
