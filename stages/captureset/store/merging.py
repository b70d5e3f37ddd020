"""Two branches took captures in, in the same month: their manifests merge to the union.

Git calls this for every month pointer that both sides changed (`captureset install` tells it to); DVC's own merge
driver fails on pointers like these. What both sides hold differently is left to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.store import pointers
from captureset.store.objects import ObjectStore

Rows = Mapping[str, str]  # path below the month's folder to md5
Same = Callable[[str, str], bool]
SHOWN = 3
OF_THE_BYTES = {"md5", "size", "nfiles"}


@dataclass(frozen=True, slots=True)
class Merged:
    """The union of two manifests; a contradiction is a capture or feedback file the sides hold differently."""

    rows: dict[str, str]
    contradictions: tuple[str, ...]


def merged(base: Rows, ours: Rows, theirs: Rows, erased: Container[str], same: Same) -> Merged:
    """Return the union of two months that grew from one.

    A row that one side lost stays, unless its capture has a tombstone: then all of that capture goes. A capture is
    one thing: where the sides hold it differently, ours stays whole and the contradiction is named.

    Args:
        base: the month before the branches parted.
        ours: the month here.
        theirs: the month on the branch that comes in.
        erased: captures with a tombstone.
        same: says of two md5s whether these feedback files say the same.
    """
    gone = _erased_since(base, ours, theirs, erased)
    left, right = _by_identity(ours, gone), _by_identity(theirs, gone)
    rows: dict[str, str] = {}
    contradictions = []
    for identity in sorted(left.keys() | right.keys()):
        here, there = left.get(identity, {}), right.get(identity, {})
        if here.items() <= there.items() or there.items() <= here.items():
            rows |= {**here, **there}
        elif _all_feedback(here) and _said_alike(here, there, same):  # delivered to both, at different times
            rows |= {**here, **there, **{path: min(here[path], there[path]) for path in here.keys() & there.keys()}}
        else:
            rows |= here
            contradictions.append(identity)
    return Merged(rows, tuple(contradictions))


def _erased_since(base: Rows, ours: Rows, theirs: Rows, erased: Container[str]) -> set[str]:
    """Return the captures that one side erased: rows are gone, and there is a tombstone."""
    lost = (base.keys() - ours.keys()) | (base.keys() - theirs.keys())
    return {capture for capture, _ in map(pointers.capture_of, lost) if capture in erased}


def _by_identity(rows: Rows, gone: Container[str]) -> dict[str, dict[str, str]]:
    """Return rows by what they belong to: a capture, or a feedback file, whatever its day."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path, md5 in rows.items():
        capture, part = pointers.capture_of(path)
        if capture not in gone:
            found[path.rpartition("/")[2] if part == "feedback" else capture][path] = md5
    return found


def _all_feedback(rows: Rows) -> bool:
    return all(pointers.capture_of(path)[1] == "feedback" for path in rows)


def _said_alike(here: Rows, there: Rows, same: Same) -> bool:
    return all(same(one, other) for one in here.values() for other in there.values())


def words(store: ObjectStore, md5: str) -> dict[str, Any]:
    """Return what a stored feedback says, without the time it reached us.

    Raises:
        CapturesetError: its bytes are missing or no JSON.
    """
    document: dict[str, Any] = jsontext.parse(store.read(md5), f"feedback {md5}")
    return {key: value for key, value in document.items() if key != "received_at"}


def merge_texts(
    store: ObjectStore, texts: tuple[str, str, str], source: str, erased: Container[str]
) -> tuple[str, str]:
    """Return the merged pointer's text and the sentence for a person, empty where nothing contradicts.

    Args:
        store: has the manifests and takes the new one.
        texts: the pointer before the branches parted (may be empty), ours, theirs.
        source: path of the pointer.
        erased: captures with a tombstone.

    Raises:
        CapturesetError: a text is no pointer, or its manifest is missing.
    """
    month = Path(source).stem
    base, ours, theirs = (text if text.strip() else pointers.stub(month) for text in texts)
    before, here, there = (pointers.rows(store, pointers.parse(text, source)) for text in (base, ours, theirs))
    found = merged(before, here, there, erased, lambda one, other: words(store, one) == words(store, other))
    size = _size(store, found.rows, [(here, ours, 1), (there, theirs, 1), (before, base, -1)])
    text = pointers.with_rows(store, theirs if _person_wrote(ours) == _person_wrote(base) else ours, found.rows, size)
    return text, _sentence(source, found, here, there)


def _size(store: ObjectStore, union: Rows, sides: list[tuple[Rows, str, int]]) -> int | None:
    """Return the bytes of the merged month: ours + theirs - base, corrected where a row does not add up so."""
    terms = [(sign, pointers.size_of(text)) for _, text, sign in sides]
    for row in {row for rows in (union, *(rows for rows, _, _ in sides)) for row in rows.items()}:
        missing = (row in union.items()) - sum(sign for rows, _, sign in sides if row in rows.items())
        if missing:
            terms.append((missing, store.size_bytes(row[1])))
    known = [sign * size for sign, size in terms if size is not None]
    return sum(known) if len(known) == len(terms) else None


def _person_wrote(text: str) -> dict[str, Any]:
    """Return a pointer's content apart from what follows from its files."""
    document: dict[str, Any] = yaml.safe_load(text)
    (out,) = document["outs"]
    return {**document, "outs": {key: value for key, value in out.items() if key not in OF_THE_BYTES | {"hash"}}}


def _sentence(source: str, found: Merged, ours: Rows, theirs: Rows) -> str:
    if not found.contradictions:
        return ""
    shown = "; ".join(
        f"{path}: {ours.get(path, 'nothing')} here, {theirs.get(path, 'nothing')} there"
        for path in _differing(found.contradictions, ours, theirs)[:SHOWN]
    )
    return (
        f"{source}: the branches hold {', '.join(found.contradictions[:SHOWN])} with different bytes ({shown}); "
        f"all else is united in your folder, with this branch's bytes for these: accept that with `git add {source}`, "
        "or stop with `git merge --abort` and give one of them another id."
    )


def _differing(identities: tuple[str, ...], ours: Rows, theirs: Rows) -> list[str]:
    paths = sorted(path for path, md5 in {**theirs, **ours}.items() if not ours.get(path) == theirs.get(path) == md5)
    return [path for path in paths if {pointers.capture_of(path)[0], path.rpartition("/")[2]} & set(identities)]


def merge_files(base: Path, ours: Path, theirs: Path, source: str, store: ObjectStore, erased: Container[str]) -> None:
    """Merge as Git asks a driver to: the result replaces `ours`.

    Raises:
        CapturesetError: a contradiction (`ours` has the rest), or a manifest is missing (`ours` stays as it was).
    """
    before, here, there = (path.read_text(encoding="utf-8") for path in (base, ours, theirs))
    text, sentence = merge_texts(store, (before, here, there), source, erased)
    ours.write_text(text, encoding="utf-8")
    if sentence:
        raise CapturesetError(sentence)
