"""Rules 26 to 31: what the trainer sees, and what only the repository that wrote the folder can prove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from captureset.formats.exports.places import files_below
from captureset.records.reading import ReadImage
from captureset.trainer.reader import TrainerSplit
from captureset.verification.case import Case, Fault, NotApplicableError, in_pixels

LEFT_BY_TRAINERS = (".cache", ".npy")


def trainer(case: Case) -> Iterator[Fault]:
    """Give what the trainer's own loader counts or places otherwise than the folder's files say."""
    if not case.reading.images:
        raise NotApplicableError("there is no image to load")
    for name, images in case.splits.items():
        seen = case.trainer.get(name)
        if seen is None:
            yield Fault("data.yaml", name, f"the trainer does not see the {len(images)} images")
            continue
        yield from _counts(name, seen, images)
        yield from _boxes(case, seen, images)


def _counts(name: str, seen: TrainerSplit, images: list[ReadImage]) -> Iterator[Fault]:
    pairs = (
        ("images", seen.images_found, len(images)),
        ("boxes", seen.labels_found, sum(len(image.boxes) for image in images)),
        ("backgrounds", seen.backgrounds, sum(not image.boxes for image in images)),
        ("missing labels", seen.missing, 0),
        ("corrupt images", seen.corrupt, 0),
        ("rewritten files", seen.rewritten, 0),
    )
    for what, number, due in pairs:
        if number != due:
            said = f" ({'; '.join(seen.notes)})" if seen.notes else ""
            yield Fault("data.yaml", name, f"the trainer finds {number} {what}, {due} are due{said}")


def _boxes(case: Case, seen: TrainerSplit, images: list[ReadImage]) -> Iterator[Fault]:
    for image in images:
        stem = image.file.rpartition("/")[2].rpartition(".")[0]
        frame, rows = case.frame(image), seen.boxes.get(stem)
        if rows is None or frame is None or len(rows) != len(image.boxes):
            yield Fault(
                image.file, "", f"the trainer keeps {0 if rows is None else len(rows)} boxes of {len(image.boxes)}"
            )
            continue
        for box, (category, *place) in zip(image.boxes, rows.tolist(), strict=True):
            mine = in_pixels(case.reading.kind, box, frame)
            theirs = mine and in_pixels("yolo", type(box)(box.file, box.id, int(category), tuple(place)), frame)
            if (
                mine is None
                or theirs is None
                or category != box.category
                or not _near(case, mine.xyxy_px, theirs.xyxy_px)
            ):
                yield Fault(box.file, f"line {box.id}", "the trainer reads another class or another place")


def _near(case: Case, mine: tuple[float, ...], theirs: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= case.policy.tolerance_px for a, b in zip(mine, theirs, strict=True))


def caches(case: Case) -> Iterator[Fault]:
    """Give what a trainer left behind."""
    for name in files_below(case.reading.root):
        if name.endswith(LEFT_BY_TRAINERS):
            yield Fault(name, "", "was left by a trainer")


def latest_feedback(case: Case) -> Iterator[Fault]:
    """Give images whose boxes are not those of the latest word about their capture."""
    for image in case.reading.images:
        wanted = case.expected(image)
        if wanted is None or wanted.told is None or not wanted.told.by_feedback:
            continue
        if wanted.told.rejected:
            yield Fault(image.file, wanted.capture_id, "the latest word about it is a rejection")
        elif case.reading.kind != "classification" and len(image.boxes) != len(wanted.told.boxes):
            found = f"{len(image.boxes)} boxes are here, {len(wanted.told.boxes)} in the latest word about it"
            yield Fault(image.file, wanted.capture_id, found)


def groups(case: Case) -> Iterator[Fault]:
    """Give groups that stand in two splits, and photos of which two splits have the very bytes.

    Without the repository only the bytes can be compared.
    """
    seen: dict[str, str] = {}
    for image in case.reading.images:
        picture = case.pictures.get(image.file)
        other = seen.setdefault(picture.md5 if picture else image.file, image.split)
        if other != image.split:
            yield Fault(image.file, "", f"the same bytes stand in {other} and {image.split}")
    if case.manifest is None:
        raise NotApplicableError("no photo stands in two splits; groups are known only to the repository that wrote it")
    splits: dict[str, set[str]] = defaultdict(set)
    for entry in case.manifest["images"]:
        splits[entry["group"]].add(entry["split"])
    for image in case.reading.images:
        wanted = case.expected(image)
        if wanted:
            splits[wanted.group].add(image.split)
            if wanted.split != image.split:
                yield Fault(image.file, wanted.capture_id, f"is in {image.split}, the split table says {wanted.split}")
    for group, found in sorted(splits.items()):
        if len(found) > 1:
            yield Fault("manifest.json", group, f"the group stands in {' and '.join(sorted(found))}")


def identical(case: Case) -> Iterator[Fault]:
    """Give files that are not what the same tables give when the export is written a second time."""
    if case.origin is None:
        yield from _changed(case)
        raise NotApplicableError("the files are as manifest.json lists them; only the repository can write them again")
    yield from case.origin.again()


def _changed(case: Case) -> Iterator[Fault]:
    for entry in case.manifest["images"] if case.manifest else ():
        picture = case.pictures.get(entry["file"])
        if picture is None or picture.md5 != entry["md5"]:
            yield Fault(entry["file"], "", "has other bytes than manifest.json says")


def clean_status(case: Case) -> Iterator[Fault]:
    """Give stages that `dvc status dvc.yaml` calls stale."""
    if case.origin is None:
        raise NotApplicableError("it needs the repository that wrote the folder")
    if case.origin.status is None:
        raise NotApplicableError("the pipeline is under way; `captureset verify data/exports` proves it afterwards")
    yield from (Fault("dvc.yaml", name, "is not up to date") for name in case.origin.status())
