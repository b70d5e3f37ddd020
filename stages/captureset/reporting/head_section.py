"""The top of the page: the numbers to know first, the verdicts, and what deserves a look."""

from __future__ import annotations

from collections.abc import Iterator

from captureset.records.splits import SPLITS
from captureset.reporting import charts, counts
from captureset.reporting.charts import Part, parts_of
from captureset.reporting.dataset import Dataset
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.wording import counted, listed, number, percent, share_of

ENOUGH_DEVIATION_PP = 2.0
MOST_NAMES = 8  # of categories in one sentence


def header(dataset: Dataset, title: str) -> Markup:
    """Return the title, the days covered and the two verdicts."""
    gates = dataset.gates
    failed = sum(check.status == "failed" for check in gates.checks)
    passed = sum(check.status == "passed" for check in gates.checks)
    said = f"{counted(passed, 'check')} passed, {number(failed)} failed"
    return tag(
        "header",
        tag("div", tag("h1", title), tag("p", days_covered(dataset), class_="muted")),
        tag("p", _verdict("verify", gates.verify, said), _verdict("smoke-train", gates.smoke_train, None)),
    )


def days_covered(dataset: Dataset) -> str:
    """Return how many captures of which days the report is about."""
    days = sorted(capture.captured_at[:10] for capture in dataset.captures)
    if not days:
        return "No capture yet."
    when = f"on {days[0]}" if days[0] == days[-1] else f"from {days[0]} to {days[-1]}"
    return f"{counted(len(days), 'capture')} taken {when} (UTC)"


def _verdict(name: str, verdict: str, said: str | None) -> Markup:
    look = "ok" if verdict == "passed" else "bad"
    return tag("span", f"{name} ", tag("b", verdict), f" · {said}" if said else None, class_=f"verdict {look}")


def tiles(dataset: Dataset) -> Markup:
    """Return the key numbers, each with its denominator and a bar."""
    return tag("div", *_tiles(dataset), class_="tiles")


def _tiles(dataset: Dataset) -> Iterator[Markup]:
    total, kept = len(dataset.captures), dataset.kept
    yield _tile(
        "Captures", number(total), f"{counted(len(dataset.annotations), 'box')} in their labels", _kept_parts(dataset)
    )
    in_splits = _split_parts(dataset)
    placed = sum(part.count for part in in_splits)
    yield _tile("In the splits", number(placed), share_of(placed, kept, "kept capture"), in_splits)
    states = counts.review_states(dataset.captures)
    reviewed = states["confirmed"] + states["corrected"]
    what = f"{number(reviewed)} of {counted(total, 'capture')}"
    yield _tile("Vouched for by a person", percent(reviewed, total), what, parts_of(states))
    grades = counts.grades(dataset.quality.values())
    what = f"{number(grades['high'])} of {counted(total, 'capture')}"
    yield _tile("High quality", percent(grades["high"], total), what, parts_of(grades))


def _kept_parts(dataset: Dataset) -> list[Part]:
    return [Part("kept", dataset.kept, "c-kept"), Part("dropped", len(dataset.captures) - dataset.kept, "c-dropped")]


def _split_parts(dataset: Dataset) -> list[Part]:
    places = [dataset.place_of(capture.capture_id) for capture in dataset.captures]
    return parts_of({split: places.count(split) for split in SPLITS})


def _tile(title: str, figure: str, what: str, parts: list[Part]) -> Markup:
    whole = sum(part.count for part in parts)
    return tag(
        "div",
        tag("h3", title),
        tag("p", figure, class_="figure"),
        tag("p", what, class_="muted"),
        charts.stacked_bar(parts, whole, "capture"),
        charts.legend([part for part in parts if part.count], whole),
        class_="tile",
    )


def attention(dataset: Dataset) -> Markup | None:
    """Return what deserves a look before anything is released, or None when nothing does."""
    found = list(_worth_a_look(dataset))
    if not found:
        return None
    heading = tag("h2", "Worth a look")
    return tag("section", heading, tag("ul", *(tag("li", item) for item in found)), class_="attention")


def _worth_a_look(dataset: Dataset) -> Iterator[object]:
    gates, balance = dataset.gates, dataset.balance
    for name, verdict in (("verify", gates.verify), ("smoke-train", gates.smoke_train)):
        if verdict != "passed":
            yield f"The gate {name} has not passed: {verdict}."
    if not dataset.kept:
        yield "No capture is kept, so every split and every export is empty."
    elif empty := [split for split in balance["empty_splits"] if dataset.parameters["split"][f"{split}_ratio"]]:
        yield f"Nothing is in {listed(empty)}: too few captures, or they hang together in groups."
    if balance["too_small"]:
        yield joined(_too_small(dataset))
    yield from _counted_worries(dataset)


def _too_small(dataset: Dataset) -> Markup:
    codes = list(balance_codes(dataset))
    names = [f"{dataset.taxonomy[code].name} {code}" for code in codes[:MOST_NAMES]]
    if len(codes) > MOST_NAMES:
        names.append(f"{number(len(codes) - MOST_NAMES)} more")
    verb = "does" if len(codes) == 1 else "do"
    return joined(f"{counted(len(codes), 'category')} {verb} not occur in every split: {listed(names)}.")


def balance_codes(dataset: Dataset) -> list[str]:
    """Return the categories too small for every split, in the order of the taxonomy."""
    return sorted(dataset.balance["too_small"], key=lambda code: dataset.taxonomy[code].id)


def _counted_worries(dataset: Dataset) -> Iterator[str]:
    if dataset.kept and any(abs(pp) > ENOUGH_DEVIATION_PP for pp in dataset.balance["deviation_pp"].values()):
        yield f"A split is more than {ENOUGH_DEVIATION_PP:g} percentage points away from the share it should have."
    masked = sum(dataset.balance["masked"].values())
    if masked:
        yield f"{counted(masked, 'kept capture')} masked: exporting would let test photos leak into training."
    unreadable = sum("unreadable" in row.flags for row in dataset.quality.values())
    if unreadable:
        yield f"{counted(unreadable, 'photo')} cannot be decoded: `captureset fsck` says more."
    waiting = sum(not said.applies for said in dataset.feedback)
    if waiting:
        yield f"{counted(waiting, 'feedback record')} waiting for captures that have not arrived."
    off = [export.name for export in dataset.exports if not export.enabled]
    if off:
        yield f"Switched off in params.yaml: the {'export' if len(off) == 1 else 'exports'} {listed(off)}."
