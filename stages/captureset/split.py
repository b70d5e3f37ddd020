"""Who goes where? Every kept capture gets a split, whole groups at a time, frozen ones never moving.

Reads the catalog, the filter's verdicts and the ledger data/splits.csv. Writes data/split. A new capture that ties
together captures frozen in different splits is masked: kept and counted, but not exported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers, tables
from captureset.records.rows import AnnotationRow, CaptureRow, FilterRow, FrozenSplit, SplitRow
from captureset.records.splits import SACRED, SPLITS
from captureset.splits import groups
from captureset.splits.minimisation import ALGORITHM, SIZE, Balance, Candidate, allocate

OUT = "data/split"
LEDGER = Path("data/splits.csv")


@dataclass(frozen=True, slots=True)
class SplitParams:
    """Section `split` of params.yaml; the ratios are shares that sum to 1."""

    train_ratio: float
    val_ratio: float
    test_ratio: float
    salt: str

    @property
    def ratios(self) -> dict[str, float]:
        """The shares by split."""
        return dict(zip(SPLITS, (self.train_ratio, self.val_ratio, self.test_ratio), strict=True))


def assign(
    captures: Sequence[CaptureRow],
    kept: Iterable[str],
    categories: Mapping[str, frozenset[str]],
    frozen: Mapping[str, FrozenSplit],
    settings: SplitParams,
) -> list[SplitRow]:
    """Return the split of every kept capture, by id.

    Args:
        captures: the whole catalog: a capture that is not kept still ties others together.
        kept: ids of the captures to place.
        categories: what each capture shows.
        frozen: the ledger, by capture id.
        settings: section `split` of params.yaml.
    """
    component = groups.components((c.capture_id, groups.shared_keys(c)) for c in captures)
    copies = groups.components((c.capture_id, groups.same_photo_keys(c)) for c in captures)
    wanted = sorted(kept)
    held = _frozen_by_component(component, frozen)
    placed = _place_new(wanted, component, categories, frozen, held, settings)
    overridden = set(_copies_across(wanted, copies, frozen))
    return [_row(name, component[name], frozen.get(name), held[component[name]], placed, overridden) for name in wanted]


def _frozen_by_component(
    component: Mapping[str, str], frozen: Mapping[str, FrozenSplit]
) -> dict[str, list[FrozenSplit]]:
    """Return what is frozen in each component, the most sacred split first."""
    held: dict[str, list[FrozenSplit]] = defaultdict(list)
    for name, row in frozen.items():
        if name in component:
            held[component[name]].append(row)
    for rows in held.values():
        rows.sort(key=lambda row: (SACRED.index(row.split), row.group))
    return held


def _place_new(
    wanted: Sequence[str],
    component: Mapping[str, str],
    categories: Mapping[str, frozenset[str]],
    frozen: Mapping[str, FrozenSplit],
    held: Mapping[str, Sequence[FrozenSplit]],
    settings: SplitParams,
) -> dict[str, tuple[str, str]]:
    """Return split and rule of every component without a frozen capture."""
    balance, new = Balance(), defaultdict(list)
    for name in wanted:
        around = held.get(component[name])
        if not around:
            new[component[name]].append(name)
        elif name in frozen or not _bridges(around):
            balance.add(frozen.get(name, around[0]).split, {SIZE: 1, **dict.fromkeys(categories[name], 1)})
    candidates = [
        Candidate(root, len(members), Counter(code for name in members for code in sorted(categories[name])))
        for root, members in new.items()
    ]
    return allocate(candidates, balance, settings.ratios, settings.salt, len(wanted))


def _bridges(held: Sequence[FrozenSplit]) -> bool:
    return len({row.split for row in held}) > 1


def _row(
    name: str,
    root: str,
    own: FrozenSplit | None,
    held: Sequence[FrozenSplit],
    placed: Mapping[str, tuple[str, str]],
    overridden: set[str],
) -> SplitRow:
    if own is not None:
        return SplitRow(name, own.group, own.split, own.rule, "copy_in_evaluation" if name in overridden else None)
    if held:
        masked = "bridges_frozen_splits" if _bridges(held) else None
        return SplitRow(name, held[0].group, held[0].split, "joined", masked)
    split, rule = placed[root]
    return SplitRow(name, groups.group_name(root), split, rule, None)


def _copies_across(
    wanted: Iterable[str], copies: Mapping[str, str], frozen: Mapping[str, FrozenSplit]
) -> Iterator[str]:
    """Give frozen captures whose very photo is frozen in a more sacred split too: they must not be trained on."""
    best: dict[str, int] = {}
    for name, row in frozen.items():
        if name in copies:
            rank = SACRED.index(row.split)
            best[copies[name]] = min(best.get(copies[name], rank), rank)
    for name in wanted:
        if name in frozen and SACRED.index(frozen[name].split) > best[copies[name]]:
            yield name


def summary(
    rows: Sequence[SplitRow], categories: Mapping[str, frozenset[str]], settings: SplitParams
) -> dict[str, object]:
    """Return counts and deviations per split, and the categories too small to stand in every split."""
    exported = [row for row in rows if row.masked is None]
    counts = Counter(row.split for row in exported)
    total = len(exported) or 1
    per_category: dict[str, Counter[str]] = defaultdict(Counter)
    for row in exported:
        for code in categories[row.capture_id]:
            per_category[code][row.split] += 1
    return {
        "algorithm": ALGORITHM,
        "captures": {name: counts[name] for name in SPLITS},
        "deviation_pp": {name: round(100 * (counts[name] / total - settings.ratios[name]), 3) for name in SPLITS},
        "groups": len({row.group for row in rows}),
        "masked": dict(Counter(row.masked for row in rows if row.masked)),
        "empty_splits": [name for name in SPLITS if not counts[name]],
        "categories": {code: {name: found[name] for name in SPLITS} for code, found in per_category.items()},
        "too_small": sorted(
            code for code, found in per_category.items() if any(not found[n] for n in SPLITS if settings.ratios[n])
        ),
    }


def categories_shown(captures: Iterable[CaptureRow], annotations: Iterable[AnnotationRow]) -> dict[str, frozenset[str]]:
    """Return the category codes each capture shows, in its boxes or as a whole."""
    shown: dict[str, set[str]] = {c.capture_id: {c.category} if c.category else set() for c in captures}
    for annotation in annotations:
        shown[annotation.capture_id].add(annotation.category)
    return {name: frozenset(codes) for name, codes in shown.items()}


def frozen_by_capture(rows: Iterable[FrozenSplit]) -> dict[str, FrozenSplit]:
    """Return the ledger by capture id.

    Raises:
        CapturesetError: a capture stands twice, or in a split that does not exist.
    """
    found: dict[str, FrozenSplit] = {}
    for row in rows:
        if row.split not in SPLITS:
            raise CapturesetError(f"{LEDGER} puts {row.capture_id} into {row.split!r}; restore the file from Git.")
        if row.capture_id in found:
            raise CapturesetError(f"{LEDGER} lists {row.capture_id} twice; keep the line that was released first.")
        found[row.capture_id] = row
    return found


def main() -> None:
    """Place every kept capture, write the table and its summary."""
    settings = SplitParams(**params.load("split"))
    captures = tables.read(Path("data/catalog/captures.parquet"), CaptureRow)
    annotations = tables.read(Path("data/catalog/annotations.parquet"), AnnotationRow)
    kept = [row.capture_id for row in tables.read(Path("data/filter/filter.parquet"), FilterRow) if row.kept]
    frozen = frozen_by_capture(ledgers.read(LEDGER, FrozenSplit))
    shown = categories_shown(captures, annotations)
    rows = assign(captures, kept, shown, frozen, settings)
    with stage.output(Path(OUT)) as folder:
        tables.write(folder / "split.parquet", SplitRow, rows)
        jsontext.write(folder / "summary.json", summary(rows, shown, settings))


if __name__ == "__main__":
    stage.run(main, "split")
