"""Who goes where? Every kept capture gets a split, whole groups at a time, frozen ones never moving.

Reads the catalog, the near-duplicates, the filter's verdicts and the ledger data/splits.csv. Writes data/split. A new
capture that ties together captures frozen in different splits is masked: kept and counted, but not exported.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers, tables
from captureset.records.rows import AnnotationRow, CaptureRow, DuplicateRow, FilterRow, FrozenSplit, SplitRow
from captureset.records.splits import ALL_SPLITS
from captureset.splits.placing import Dataset, SplitParams, assign
from captureset.splits.summary import summary

OUT = "data/split"
LEDGER = Path("data/splits.csv")


def categories_shown(captures: Iterable[CaptureRow], annotations: Iterable[AnnotationRow]) -> dict[str, frozenset[str]]:
    """Return the category codes each capture shows, in its boxes or as a whole."""
    shown: dict[str, set[str]] = {c.capture_id: {c.category} if c.category else set() for c in captures}
    for annotation in annotations:
        shown[annotation.capture_id].add(annotation.category)
    return {name: frozenset(codes) for name, codes in shown.items()}


def frozen_by_capture(rows: Iterable[FrozenSplit], split_set: str) -> dict[str, FrozenSplit]:
    """Return what the ledger says of one split set, by capture id.

    Raises:
        CapturesetError: a capture stands twice, or in a split that does not exist.
    """
    found: dict[str, FrozenSplit] = {}
    for row in rows:
        if row.split not in ALL_SPLITS:
            raise CapturesetError(f"{LEDGER} puts {row.capture_id} into {row.split!r}; restore the file from Git.")
        if row.split_set != split_set:
            continue
        if row.capture_id in found:
            raise CapturesetError(f"{LEDGER} lists {row.capture_id} twice; keep the line that was released first.")
        found[row.capture_id] = row
    return found


def main() -> None:
    """Place every kept capture, write the table and its summary."""
    settings = params.record(SplitParams, "split")
    captures = tables.read(Path("data/catalog/captures.parquet"), CaptureRow)
    annotations = tables.read(Path("data/catalog/annotations.parquet"), AnnotationRow)
    verdicts = tables.read(Path("data/filter/filter.parquet"), FilterRow)
    alike = tables.read(Path("data/quality/duplicates.parquet"), DuplicateRow)
    dataset = Dataset(
        captures,
        frozenset(row.capture_id for row in verdicts if row.kept),
        categories_shown(captures, annotations),
        [(row.one_id, row.other_id) for row in alike if row.kind == "near"],
        frozen_by_capture(ledgers.read(LEDGER, FrozenSplit), settings.split_set),
    )
    rows = assign(dataset, settings)
    with stage.output(Path(OUT)) as folder:
        tables.write(folder / "split.parquet", SplitRow, rows)
        jsontext.write(folder / "summary.json", summary(rows, dataset, settings))


if __name__ == "__main__":
    stage.run(main, "split")
