"""Sidecars and feedback checked whole: the schema, and what a schema cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from captureset.errors import InvalidDocumentError, Problem
from captureset.formats import schema
from captureset.records.box import Box, Frame
from captureset.records.sidecar import utc
from captureset.records.taxonomy import Taxonomy

LARGEST_SIDE_PX = 65535  # the schema's maximum


def require_sidecar(document: Any, source: str, taxonomy: Taxonomy, image: Frame | None = None) -> None:
    """Return when a sidecar may come in.

    Args:
        document: the parsed sidecar.
        source: what to call it in the refusal.
        taxonomy: the categories a label may name.
        image: upright size of the photo, to check the frames of boxes against; None skips that.

    Raises:
        InvalidDocumentError: every problem, with JSON pointers and remedies.
    """
    _require(problems("sidecar", document, taxonomy, image), source)


def require_feedback(document: Any, source: str, taxonomy: Taxonomy) -> None:
    """Return when a feedback may come in.

    Raises:
        InvalidDocumentError: every problem, with JSON pointers and remedies.
    """
    _require(problems("feedback", document, taxonomy), source)


def _require(found: Sequence[Problem], source: str) -> None:
    if found:
        raise InvalidDocumentError(source, found)


def problems(name: str, document: Any, taxonomy: Taxonomy, image: Frame | None = None) -> list[Problem]:
    """Return all that is wrong with a `sidecar` or a `feedback`, as `require_sidecar` would say it."""
    found = list(schema.problems(name, document))
    if isinstance(document, Mapping):
        broken = {problem.pointer for problem in found}
        found += [p for p in _semantic_problems(document, taxonomy, image) if p.pointer not in broken]
    return found


def _semantic_problems(document: Mapping[str, Any], taxonomy: Taxonomy, image: Frame | None) -> Iterator[Problem]:
    yield from _time_problems(document)
    for where, part in (("", document), ("/model", document.get("model")), ("/label", document.get("label"))):
        if not isinstance(part, Mapping):
            continue
        yield from _category_problems(part, where, taxonomy)
        yield from _empty_problems(part, where)
        for place, box in enumerate(_list(part.get("boxes"))):
            if isinstance(box, Mapping):
                yield from _category_problems(box, f"{where}/boxes/{place}", taxonomy)
                yield from _box_problems(box, f"{where}/boxes/{place}", image)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _time_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("captured_at", "given_at", "received_at"):
        text = document.get(key)
        if isinstance(text, str):
            try:
                utc(text)
            except ValueError as error:
                yield Problem(f"/{key}", f"{text!r} is no time: {error}", "write it as 2024-01-15T12:20:00+09:00")


def _category_problems(part: Mapping[str, Any], where: str, taxonomy: Taxonomy) -> Iterator[Problem]:
    code = part.get("category")
    if isinstance(code, str) and code not in taxonomy:
        hint = taxonomy.hint(code).removeprefix("; ")
        yield Problem(f"{where}/category", f"{code!r} is no category of data/categories.yaml", hint)


def _empty_problems(part: Mapping[str, Any], where: str) -> Iterator[Problem]:
    if part.get("empty") is True and (part.get("boxes") or part.get("category")):
        yield Problem(f"{where}/empty", "true beside a category or boxes", "say one or the other")


def _box_problems(box: Mapping[str, Any], where: str, image: Frame | None) -> Iterator[Problem]:
    try:
        frame = Frame(int(box["frame"]["width_px"]), int(box["frame"]["height_px"]))
        found = Box(*map(float, box["xywh_px"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return  # the schema has named it
    if max(frame.width_px, frame.height_px) > LARGEST_SIDE_PX:
        return  # so has it that, and no float may hold it
    fault = found.fault_in(frame)
    if fault:
        shown = list(found.xywh_px)
        yield Problem(f"{where}/xywh_px", f"{shown} {fault}", "measure it again or correct the frame")
    if (
        image and min(frame.width_px, frame.height_px) >= 1 and not frame.same_shape(image)
    ):  # below, the schema names it
        yield Problem(
            f"{where}/frame",
            f"{frame.width_px}x{frame.height_px} is not the shape of the photo, "
            f"{image.width_px}x{image.height_px} px upright",
            "give the size of the picture the box was measured in",
        )
