"""Groups: captures that share a picture, a session, a user or a thing are never divided between splits."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable

from captureset.records.rows import CaptureRow

Tie = tuple[str, str]  # ids of two captures


class UnionFind:
    """Disjoint sets of names; the smallest name of a set represents it."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parent = {name: name for name in names}

    def find(self, name: str) -> str:
        """Return the representative of a name's set."""
        root = name
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[name] != root:
            self._parent[name], name = root, self._parent[name]
        return root

    def join(self, a: str, b: str) -> None:
        """Make one set of two."""
        first, second = sorted((self.find(a), self.find(b)))
        self._parent[second] = first


def pictures(captures: Iterable[CaptureRow], near: Iterable[Tie]) -> dict[str, str]:
    """Return what each capture shows, as the lowest id of all that show it: same bytes, same pixels or near-duplicates.

    Near-duplicates of near-duplicates count, so the first and the last of a chain may look less alike.
    """
    rows = list(captures)
    sets = UnionFind(row.capture_id for row in rows)
    first: dict[Hashable, str] = {}
    for row in rows:
        for key in (("file", row.image_sha256), ("pixels", row.pixel_sha256)):
            sets.join(first.setdefault(key, row.capture_id), row.capture_id)
    for one, other in near:
        sets.join(one, other)
    return {row.capture_id: sets.find(row.capture_id) for row in rows}


def shared_keys(capture: CaptureRow, picture: str) -> list[Hashable]:
    """Return everything that ties a capture to others."""
    keys = (("session", capture.session_key), ("user", capture.user_key), ("item", capture.item_key))
    return [("picture", picture), *(key for key in keys if key[1] is not None)]


def components(ties: Iterable[tuple[str, list[Hashable]]]) -> dict[str, str]:
    """Return the representative of each capture's component, given pairs of capture id and its keys."""
    members: dict[Hashable, list[str]] = defaultdict(list)
    names = []
    for capture_id, keys in ties:
        names.append(capture_id)
        for key in keys:
            members[key].append(capture_id)
    sets = UnionFind(names)
    for first, *others in members.values():
        for other in others:
            sets.join(first, other)
    return {name: sets.find(name) for name in names}


def group_name(representative: str) -> str:
    """Return the name of a new group, made from its first capture's id."""
    return "g-" + hashlib.sha256(representative.encode()).hexdigest()[:16]
