"""Where the kept captures went: splits, exports, and what the gates found in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from captureset.records.splits import SPLITS
from captureset.reporting import charts, counts
from captureset.reporting.charts import parts_of
from captureset.reporting.dataset import Check, Dataset, ExportFacts
from captureset.reporting.head_section import balance_codes
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.model_sections import category_name
from captureset.reporting.tables_html import Column, table
from captureset.reporting.wording import (
    CHANGE_MEANS,
    LEFT_OUT_BECAUSE,
    NOTHING,
    RULE_MEANS,
    counted,
    listed,
    meaning,
    number,
    percent,
)

MOST_OFF = 8  # categories


def split_section(dataset: Dataset) -> Markup:
    """Return the size of each split against the share it should have."""
    balance = dataset.balance
    if not dataset.splits:
        return tag("p", "No capture is kept, so there is nothing to split.", class_="muted")
    whole = sum(balance["captures"].values())
    heads = [
        Column("split"),
        *(Column(head, "num") for head in ("captures", f"of {number(whole)}", "wanted", "off by")),
    ]
    rules = counts.most_common(row.rule for row in dataset.splits.values())
    placed = "; ".join(f"{counted(n, 'capture')} {RULE_MEANS.get(rule, rule)}" for rule, n in rules)
    figures = table(heads, [_split_row(split, balance, dataset.parameters["split"], whole) for split in SPLITS])
    return joined(
        charts.stacked_bar(parts_of({split: balance["captures"][split] for split in SPLITS}), whole, "capture"),
        tag(
            "div",
            figures,
            tag(
                "div",
                tag("p", f"{counted(balance['groups'], 'group')}, none of them divided. {placed}."),
                _too_small(dataset),
                _masked(balance["masked"]),
            ),
            class_="columns two",
        ),
        _farthest_off(dataset),
    )


def _farthest_off(dataset: Dataset) -> Markup | None:
    """Return the categories whose captures are farthest from the shares wanted; small ones cannot be near."""
    wanted = {split: dataset.parameters["split"][f"{split}_ratio"] for split in SPLITS}
    rows = []
    for code, placed in dataset.balance["categories"].items():
        whole = sum(placed.values())
        off = {split: 100 * (placed[split] / whole - wanted[split]) for split in SPLITS if whole}
        worst = max(off, key=lambda split: abs(off[split]), default=None)
        if worst is not None:
            rows.append((abs(off[worst]), code, [*map(placed.get, SPLITS), f"{worst} {off[worst]:+.1f} pp"]))
    if not rows:
        return None
    rows.sort(key=lambda row: (-row[0], dataset.taxonomy[row[1]].id))
    heads = [Column("category"), *(Column(split, "num") for split in SPLITS), Column("farthest off", "num")]
    named = [[category_name(dataset.taxonomy, code), *cells] for _, code, cells in rows[:MOST_OFF]]
    return joined(tag("h3", "Categories farthest from the shares wanted"), table(heads, named))


def _split_row(split: str, balance: Mapping[str, Any], settings: Mapping[str, Any], whole: int) -> list[object]:
    named = joined(charts.swatch(f"c-{split}"), tag("b", split))
    captures = balance["captures"][split]
    wanted = f"{100 * settings[f'{split}_ratio']:g} %"
    off = f"{balance['deviation_pp'][split]:+.1f} pp" if whole else NOTHING
    return [named, number(captures), percent(captures, whole), wanted, off]


def _too_small(dataset: Dataset) -> Markup:
    codes = balance_codes(dataset)
    if not codes:
        return tag("p", "Every category occurs in every split.")
    names = ", ".join(f"{dataset.taxonomy[code].name} {code}" for code in codes)
    return tag("p", f"{counted(len(codes), 'category')} too small to stand in every split: {names}.")


def _masked(masked: Mapping[str, int]) -> Markup | None:
    items = [
        tag("li", tag("code", code), f" {counted(masked[code], 'capture')}. {meaning(code, LEFT_OUT_BECAUSE)}")
        for code in sorted(masked)
    ]
    return joined(tag("p", "Masked, so kept but not exported:"), tag("ul", *items)) if items else None


def export_section(dataset: Dataset) -> Markup:
    """Return images and boxes of each format by split, and what each leaves out."""
    heads = [Column("format"), Column("images", "num"), *(Column(split, "num sub") for split in SPLITS)]
    heads += [Column("boxes", "num"), *(Column(split, "num sub") for split in SPLITS)]
    heads += [Column("without a box", "num"), Column("left out", "num")]
    return joined(
        table(heads, [_export_row(export) for export in dataset.exports]),
        _left_out(dataset.exports),
        *_changes(dataset.exports),
    )


def _export_row(export: ExportFacts) -> list[object]:
    name = tag("b", export.name)
    if not export.enabled:
        return [joined(name, tag("span", "switched off in params.yaml", class_="muted under")), *[NOTHING] * 10]
    images, boxes = ([number(found[split]) for split in SPLITS] for found in (export.images, export.boxes))
    bare = number(sum(export.without_boxes.values()))
    return [
        *(name, number(export.image_count), *images, number(export.box_count), *boxes),
        *(bare, number(export.left_out_count)),
    ]


def _left_out(exports: Sequence[ExportFacts]) -> Markup:
    """Return one row for what formats leave out alike."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for export in exports:
        for code, names in export.left_out.items():
            alike[code, tuple(names)].append(export.name)
    if not alike:
        return tag("p", "No format leaves out a capture that is in a split.")
    heads = [Column("left out by"), Column("reason"), Column("what it means", "wide"), Column("captures", "num")]
    rows = [
        [listed(formats), tag("code", code), meaning(code, LEFT_OUT_BECAUSE), number(len(names)), _first(names)]
        for (code, names), formats in sorted(alike.items())
    ]
    return table([*heads, Column("examples", "examples")], rows)


def _first(names: Sequence[str]) -> Markup:
    return tag("ul", *(tag("li", tag("code", name)) for name in names[: counts.EXAMPLES]))


def _changes(exports: Sequence[ExportFacts]) -> Iterator[Markup]:
    alike: dict[str, list[str]] = defaultdict(list)
    for export in exports:
        if export.changes:
            said = ", ".join(f"{number(n)} {CHANGE_MEANS.get(code, code)}" for code, n in export.changes.items())
            alike[said].append(export.name)
    for said, formats in alike.items():
        yield tag("p", f"Images written anew for {listed(formats)}: {said}. All others keep their bytes.")


ALIGNMENT_MEANS = {
    "proved": "Trained again on labels shuffled between the photos it learned less: labels and photos belong together.",
    "not_told_apart": "Trained again on labels shuffled between the photos it learned as much: that labels and photos "
    "belong together is not proved. Look at some, or train on more with smoke_train.max_images and epochs.",
    "not_tried": "With boxes in fewer than two photos, labels could not be shuffled to prove that they belong to them.",
}


def gate_section(dataset: Dataset) -> Markup:
    """Return what verify checked and what the trainer saw."""
    return joined(
        tag("h3", "smoke-train: what the trainer saw of the YOLO export"),
        *_seen(dataset.gates.training),
        tag("h3", "verify: every export read back as a stranger would"),
        _checks(dataset.gates.checks),
    )


def _seen(training: Mapping[str, Any]) -> Iterator[Markup]:
    """Give what came through the training loop, of what was given to it."""
    given, in_train = training["images_given"], training["images_in_train"]
    seen = (
        f"{number(training['images_seen'])} of {counted(given, 'image')} and "
        f"{number(training['labels_seen'])} of {counted(training['labels_given'], 'box')} given came through training"
    )
    capped = f"; given were {number(given)} of the {counted(in_train, 'image')} in train" if given != in_train else ""
    yield tag("p", f"{seen}{capped}.")
    yield tag(
        "p",
        f"{counted(training['backgrounds_seen'], 'image')} without a box, {number(training['corrupt'])} corrupt. "
        f"The loss {'stayed finite' if training['finite'] else 'did not stay finite'} "
        f"and {'fell' if training['fell'] else 'did not fall'}.",
    )
    yield tag("p", ALIGNMENT_MEANS[training["alignment"]])


def _checks(checks: Sequence[Check]) -> Markup:
    if not checks:
        return tag("p", "No check has run.", class_="muted")
    subjects = sorted({check.subject for check in checks})
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for check in checks:
        found[check.check, check.proves][check.subject] = check.status
    ranked = sorted(found, key=lambda row: ("failed" not in found[row].values(), row))
    rows = [
        [tag("code", row[0]), row[1], *(_status(found[row].get(subject)) for subject in subjects)] for row in ranked
    ]
    faults = [tag("li", f"{check.subject}, {check.check}: {fault}") for check in checks for fault in check.faults]
    return joined(
        tag("ul", *faults, class_="v-failed") if faults else None,
        table([Column("check"), Column("proves", "wide"), *map(Column, subjects)], rows, css="checks"),
    )


def _status(status: str | None) -> Markup | None:
    return None if status is None else tag("span", status.replace("_", " "), class_=f"v-{status}")
