"""What changed between two versions: captures, labels, boxes, splits, quality. A pure function of two snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from captureset.comparison import boxes
from captureset.comparison.boxes import BoxChange
from captureset.comparison.carried import ExportChange, export_changes
from captureset.comparison.snapshot import Snapshot

BOX_KINDS = ("added", "removed", "moved", "renamed")


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A capture of both versions whose label is another; `said_by` is the feedback that came in between."""

    capture_id: str
    old_category: str | None
    new_category: str | None
    old_kind: str
    new_kind: str
    boxes: tuple[BoxChange, ...]
    said_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A capture that changed its split, which no release may do."""

    capture_id: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A number of the dataset before and after."""

    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that changed; capture ids are sorted."""

    old: str
    new: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    newly_masked: tuple[str, ...]  # of those that were in the dataset
    masked_before_added: tuple[str, ...]  # that were masked and are in the dataset now
    replaced: tuple[str, ...]  # other bytes under the same id, which commit refuses
    labels: tuple[LabelChange, ...]
    splits: tuple[Moved, ...]
    renumbered: tuple[str, ...]  # categories whose id is another, or that are gone
    box_counts: Mapping[str, Mapping[str, int]]  # category to kind of change to boxes
    captures: Mapping[str, Shift]  # per category, of exported captures
    grades: Mapping[str, Shift]  # per grade
    split_sizes: Mapping[str, Shift]
    mean_score: Shift
    exports_changed: tuple[str, ...]  # by a byte
    carried: tuple[ExportChange, ...]
    classes_kept: bool  # a model trained before still means the same
    classes_added: tuple[str, ...]  # codes that exports lacked
    outlines_gone: bool  # COCO had outlines, and has none now


def difference(old: Snapshot, new: Snapshot) -> Difference:
    """Return what changed from one version to another; only what is exported counts as being in the dataset."""
    before, after = old.exported, new.exported
    both = sorted(before & after)
    labels = tuple(change for name in both if (change := _label_change(name, old, new)) is not None)
    return Difference(
        old.revision,
        new.revision,
        added=tuple(sorted(after - before)),
        removed=tuple(sorted(before - after - new.masked)),
        newly_masked=tuple(sorted(before & new.masked)),
        masked_before_added=tuple(sorted(old.masked & after)),
        replaced=tuple(n for n in both if old.captures[n].image_md5 != new.captures[n].image_md5),
        labels=labels,
        splits=tuple(_moved(name, old, new) for name in both if old.splits[name].split != new.splits[name].split),
        renumbered=tuple(c for c, n in sorted(old.category_ids.items()) if new.category_ids.get(c) != n),
        box_counts=_box_counts(old, new, labels),
        captures=_shifts(_categories(old), _categories(new)),
        grades=_shifts(_grades(old), _grades(new)),
        split_sizes=_shifts(_split_sizes(old), _split_sizes(new)),
        mean_score=Shift(_mean_score(old), _mean_score(new)),
        exports_changed=tuple(
            path
            for path in sorted(old.exports.keys() | new.exports.keys())
            if old.exports.get(path) != new.exports.get(path)
        ),
        carried=export_changes(old.carried, new.carried, frozenset(before - after)),
        classes_kept=new.classes.keeps(old.classes),
        classes_added=new.classes.beyond(old.classes),
        outlines_gone=old.classes.outlines and not new.classes.outlines,
    )


def _moved(name: str, old: Snapshot, new: Snapshot) -> Moved:
    return Moved(name, old.splits[name].split, new.splits[name].split)


def _label_change(name: str, old: Snapshot, new: Snapshot) -> LabelChange | None:
    a, b = old.captures[name], new.captures[name]
    changed = tuple(boxes.changes(old.boxes.get(name, ()), new.boxes.get(name, ())))
    if (a.category, a.label_kind) == (b.category, b.label_kind) and not changed:
        return None
    known = {said.feedback_id for said in old.feedback.get(name, ())}
    said = tuple(s.feedback_id for s in new.feedback.get(name, ()) if s.feedback_id not in known)
    return LabelChange(name, a.category, b.category, a.label_kind, b.label_kind, changed, said)


def _box_counts(old: Snapshot, new: Snapshot, labels: tuple[LabelChange, ...]) -> dict[str, dict[str, int]]:
    """Count boxes by category and change; those of captures that came or went count as added or removed."""
    counts: dict[str, Counter[str]] = {}
    for change in (change for label in labels for change in label.boxes):
        counts.setdefault(change.category, Counter())[change.kind] += 1
    for kind, here, there in (("added", new, old), ("removed", old, new)):
        for name in here.exported - there.exported:
            for box in here.boxes.get(name, ()):
                counts.setdefault(box.category, Counter())[kind] += 1
    return {code: {kind: counts[code][kind] for kind in BOX_KINDS} for code in sorted(counts)}


def _categories(version: Snapshot) -> Counter[str]:
    return Counter(code for name in version.exported if (code := version.captures[name].category))


def _grades(version: Snapshot) -> Counter[str]:
    return Counter(version.quality[name].grade for name in version.exported)


def _split_sizes(version: Snapshot) -> Counter[str]:
    return Counter(version.splits[name].split for name in version.exported)


def _mean_score(version: Snapshot) -> float:
    scores = [version.quality[name].overall_score for name in sorted(version.exported)]
    return round(sum(scores) / len(scores), 6) if scores else 0.0


def _shifts(old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, Shift]:
    return {name: Shift(old.get(name, 0), new.get(name, 0)) for name in sorted(old.keys() | new.keys())}
