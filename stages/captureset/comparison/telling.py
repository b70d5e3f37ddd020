"""A difference in words for a terminal, and as a document for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from captureset.comparison.difference import BOX_KINDS, Difference, LabelChange, Shift
from captureset.comparison.semver import level, reasons

SHOWN = 8


def document(changed: Difference) -> dict[str, Any]:
    """Return a difference as JSON, with the level of version it asks for."""
    asked, why = level(changed)
    return {**asdict(changed), "asks_for": {"level": asked, "because": why, "all": [list(r) for r in reasons(changed)]}}


def lines(changed: Difference) -> Iterator[str]:
    """Give a difference line by line; long lists are cut, `--json` has them whole."""
    asked, why = level(changed)
    yield f"{changed.old} -> {changed.new}: {asked.upper()} ({why})"
    yield from _captures(changed)
    yield from _labels(changed)
    yield from _boxes(changed)
    yield from _moves(changed)
    yield from _numbers(changed)
    if changed.exports_changed:
        yield f"exports    {', '.join(changed.exports_changed)}"
    for change in changed.carried:
        told = ((ids, what) for ids, what in ((change.came, "came"), (change.left, "left")) if ids)
        yield f"  {change.path}  " + "; ".join(f"{len(ids)} {what}{_some(ids)}" for ids, what in told)
    if not changed.classes_kept:
        yield "  categories are called otherwise: section export of params.yaml or data/categories.yaml changed"
    if changed.outlines_gone:
        yield "  outlines are no longer exported"


def _captures(changed: Difference) -> Iterator[str]:
    for name, ids in (
        ("added", changed.added),
        ("removed", changed.removed),
        ("masked", changed.newly_masked),
        ("unmasked", changed.masked_before_added),
        ("replaced", changed.replaced),
    ):
        if ids or name in {"added", "removed"}:
            yield f"{name:<10} {len(ids)}{_some(ids)}"


def _some(ids: tuple[str, ...]) -> str:
    if not ids:
        return ""
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"  {', '.join(ids[:SHOWN])}{more}"


def _labels(changed: Difference) -> Iterator[str]:
    yield f"labels     {len(changed.labels)} changed"
    for label in changed.labels[:SHOWN]:
        yield f"  {label.capture_id}  {_said(label)}"
    if len(changed.labels) > SHOWN:
        yield f"  and {len(changed.labels) - SHOWN} more"


def _said(label: LabelChange) -> str:
    what = [] if label.old_category == label.new_category else [f"{label.old_category} -> {label.new_category}"]
    what += [] if label.old_kind == label.new_kind else [f"{label.old_kind} -> {label.new_kind}"]
    kinds = [change.kind for change in label.boxes]
    what += [f"{kinds.count(kind)} {kind}" for kind in BOX_KINDS if kind in kinds]
    return f"{', '.join(what)}; {said_by(label)}"


def said_by(label: LabelChange) -> str:
    """Return who changed a label, in words."""
    return f"a person said so ({', '.join(label.said_by)})" if label.said_by else "no feedback: parameters or taxonomy"


def _boxes(changed: Difference) -> Iterator[str]:
    for code, kinds in changed.box_counts.items():
        told = ", ".join(f"{number} {kind}" for kind, number in kinds.items() if number)
        if told:
            yield f"boxes      {code}: {told}"


def _moves(changed: Difference) -> Iterator[str]:
    yield f"splits     {len(changed.splits)} moved"
    for moved in changed.splits[:SHOWN]:
        yield f"  {moved.capture_id}  {moved.old} -> {moved.new}"
    if changed.renumbered:
        yield f"categories renumbered or gone: {', '.join(changed.renumbered)}"


def _numbers(changed: Difference) -> Iterator[str]:
    yield f"sizes      {_shifted(changed.split_sizes)}"
    yield f"categories {_shifted(changed.captures)}"
    yield f"grades     {_shifted(changed.grades)}"
    yield f"score      {changed.mean_score.old:.3f} -> {changed.mean_score.new:.3f} on average"


def _shifted(shifts: Mapping[str, Shift]) -> str:
    told = [f"{name} {s.old:g}" if s.old == s.new else f"{name} {s.old:g} -> {s.new:g}" for name, s in shifts.items()]
    return ", ".join(told) or "none"
