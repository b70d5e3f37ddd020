"""The number a version must have: computed from what changed, never guessed.

PATCH: the same dataset, packed anew. MINOR: only additions. MAJOR: anything edited, removed or moved between splits,
in the dataset as a whole or in one of its exports.
Below 1.0.0 nothing is promised yet (SemVer 2.0.0 §4): what would be MAJOR raises MINOR there.
"""

from __future__ import annotations

from collections.abc import Iterator

from captureset.comparison.difference import Difference
from captureset.errors import CapturesetError

LEVELS = ("patch", "minor", "major")
Number = tuple[int, int, int]


def reasons(changed: Difference) -> Iterator[tuple[str, str]]:
    """Give level and sentence of everything that decides the number, the gravest first."""
    counted = (
        ("captures removed", changed.removed),
        ("captures newly masked", changed.newly_masked),
        ("photos replaced", changed.replaced),
        ("labels edited", [label.capture_id for label in changed.labels]),
        ("captures moved to another split", [moved.capture_id for moved in changed.splits]),
        ("categories renumbered or gone", changed.renumbered),
        ("captures left out of an export that had them", [n for change in changed.carried for n in change.left]),
    )
    for what, names in counted:
        if names:
            yield "major", f"{what}: {len(names)} ({names[0]} first)"
    if not changed.classes_kept:
        yield "major", "exports call categories otherwise (section export of params.yaml, or data/categories.yaml)"
    if changed.outlines_gone:
        yield "major", "outlines are no longer exported (export.outlines)"
    if changed.added:
        yield "minor", f"captures added: {len(changed.added)} ({changed.added[0]} first)"
    elif came := [n for change in changed.carried for n in change.came]:
        yield "minor", f"captures taken into an export that lacked them: {len(came)} ({came[0]} first)"
    if changed.classes_added:
        yield "minor", f"categories added: {len(changed.classes_added)} ({changed.classes_added[0]} first)"


def level(changed: Difference) -> tuple[str, str]:
    """Return the level a difference asks for, and why."""
    return next(reasons(changed), ("patch", "no capture, label or split changed"))


def require_number(old: Number, new: Number, changed: Difference) -> None:
    """Return when a version number fits what changed since the one before.

    Raises:
        CapturesetError: it promises less change than there is, or skips a number.
    """
    asked, why = level(changed)
    told = _told(old, new)
    shown = ".".join(map(str, new))
    allowed = {name: ".".join(map(str, _next(old, name))) for name in LEVELS}
    needed = "minor" if asked == "major" and old[0] == 0 else asked
    if told is None:
        raise CapturesetError(
            f"{shown} does not follow {'.'.join(map(str, old))}; the next number is {allowed[needed]}."
        )
    if LEVELS.index(told) < LEVELS.index(needed):
        raise CapturesetError(
            f"{shown} would be a {told} version, but it has {why}, which is {asked}; release it as {allowed[needed]}."
        )


def _told(old: Number, new: Number) -> str | None:
    return next((name for name in LEVELS if _next(old, name) == new), None)


def _next(old: Number, raised: str) -> Number:
    major, minor, patch = old
    return {"patch": (major, minor, patch + 1), "minor": (major, minor + 1, 0), "major": (major + 1, 0, 0)}[raised]
