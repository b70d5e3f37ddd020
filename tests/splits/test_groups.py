"""Groups: what shares a photo, a session, a user or a thing is one."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from captureset.records.rows import CaptureRow
from captureset.splits.groups import Tie, UnionFind, components, group_name, pictures, shared_keys
from rows import capture


def grouped(*captures: CaptureRow, near: Sequence[Tie] = ()) -> dict[str, str]:
    """Return the representative of each capture's component."""
    shown = pictures(captures, near)
    return components((each.capture_id, shared_keys(each, shown[each.capture_id])) for each in captures)


def test_every_key_ties() -> None:
    """The same bytes, the same pixels, session, user or item put two captures into one group."""
    for name in ("image_sha256", "pixel_sha256", "session_key", "user_key", "item_key"):
        found = grouped(capture("a", **{name: "x"}), capture("b", **{name: "x"}), capture("c", **{name: "y"}))
        assert found == {"a": "a", "b": "a", "c": "c"}, name


def test_an_unknown_key_ties_nothing() -> None:
    """Captures of which no session, user or item is known stay apart."""
    assert grouped(capture("a"), capture("b")) == {"a": "a", "b": "b"}


def test_keys_of_different_kinds_do_not_meet() -> None:
    """A session and a user of the same key are not the same thing."""
    assert grouped(capture("a", session_key="x"), capture("b", user_key="x")) == {"a": "a", "b": "b"}


def test_ties_are_transitive() -> None:
    """A session with one and a user with another joins all three; the smallest id represents them."""
    bridge = capture("z", session_key="s", user_key="u")
    assert set(grouped(capture("m", session_key="s"), bridge, capture("n", user_key="u")).values()) == {"m"}


def test_only_the_photo_makes_a_picture() -> None:
    """Sharing a session makes a group, not a picture; bytes, pixels and near-duplicates do, chains of them too."""
    one, two = capture("a", session_key="s"), capture("b", session_key="s")
    same_pixels = capture("c", pixel_sha256=two.pixel_sha256)
    same_file = capture("d", image_sha256=same_pixels.image_sha256)
    found = pictures([one, two, same_pixels, same_file, capture("e"), capture("f")], [("e", "d")])
    assert found == {"a": "a", "b": "b", "c": "b", "d": "b", "e": "b", "f": "f"}


def test_near_duplicates_tie() -> None:
    """A near-duplicate puts two captures, and what they share keys with, into one group."""
    a, b, c = capture("a", session_key="s"), capture("b", session_key="s"), capture("c")
    assert set(grouped(a, b, c, near=[("b", "c")]).values()) == {"a"}
    assert set(grouped(a, b, c).values()) == {"a", "c"}


PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30)


def reachable(start: int, pairs: list[tuple[int, int]]) -> set[int]:
    """Return what hangs together with one number, found by walking."""
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        near = {b for a, b in pairs if a == here} | {a for a, b in pairs if b == here}
        todo += near - found
        found |= near
    return found


@given(PAIRS)
def test_union_find_is_what_walking_finds(pairs: list[tuple[int, int]]) -> None:
    """The representative is the smallest name that can be reached, whatever the order of joins."""
    names = [f"{number:02}" for number in range(20)]
    sets = UnionFind(names)
    for a, b in random.Random(0).sample(pairs, len(pairs)):
        sets.join(names[a], names[b])
    assert [sets.find(name) for name in names] == [names[min(reachable(number, pairs))] for number in range(20)]


def test_a_group_is_named_after_its_first_capture() -> None:
    """The name is a function of the first id alone and tells nothing else."""
    assert group_name("a") == group_name("a") != group_name("b")
    assert group_name("a").startswith("g-")
    assert len(group_name("a")) == 18
