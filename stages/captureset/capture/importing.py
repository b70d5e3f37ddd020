"""Whole datasets with their boxes become captures in the inbox: all of them, or none.

An id is made from the photo's name and bytes, so importing twice is a no-op. The batch is written into a hidden
folder and appears by one rename.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.capture import images
from captureset.capture.adding import additions, appended_text, with_added
from captureset.capture.durable import sync_folder
from captureset.capture.envelope import Envelope, pack
from captureset.capture.images import ImageFacts
from captureset.capture.submit import load_taxonomy, prepare
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.sources.dataset import SourceBox, SourceDataset, SourceImage, refuse
from captureset.records.box import Box
from captureset.records.taxonomy import Category, Taxonomy
from captureset.store.repository import Repository

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a foreign dataset comes in.

    `mapping` leads from its words to ours (codes, names or aliases); `add_under` is the main category that unknown
    words are appended to, None refuses them.
    """

    captured_at: str | None = None
    mapping: Mapping[str, str] | None = None
    add_under: str | None = None
    reviewed: bool = True
    source_name: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    captures: int
    boxes: int
    new: bool  # false: a dry run, or this very batch waits in the inbox already
    categories_added: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What every photo of one import has in common."""

    words: Mapping[str, str]  # the source's word to our code
    taxonomy: Taxonomy
    options: ImportOptions
    source_name: str


def import_dataset(
    repository: Repository,
    dataset: SourceDataset,
    options: ImportOptions,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Imported:
    """Put every photo of a dataset into the inbox as one batch.

    Raises:
        CapturesetError: a category is unknown, a box lies outside its photo, a photo is no image or has no time;
            nothing was written.
    """
    refuse(dataset.name, [] if dataset.images else ["it has no image"], "check the path")
    before = load_taxonomy(repository.categories)
    words, added = _categories(dataset, before, options)
    plan = Plan(words, with_added(before, added), options, options.source_name or dataset.name)
    text = appended_text(repository.categories.read_text(encoding="utf-8"), added) if added else None
    batch = repository.inbox / f".import-{os.getpid()}"
    try:
        digest = _write_batch(None if dry_run else batch, dataset, plan, progress)
        new = not dry_run and _publish(repository, batch, digest, text)
    finally:
        shutil.rmtree(batch, ignore_errors=True)
    boxes = sum(len(image.boxes) for image in dataset.images)
    return Imported(len(dataset.images), boxes, new, tuple(c.code for c in added), dataset.notes)


def _categories(
    dataset: SourceDataset, taxonomy: Taxonomy, options: ImportOptions
) -> tuple[dict[str, str], list[Category]]:
    """Return where each word of the source leads, and the categories to append for unknown ones."""
    mapping = options.mapping or {}
    words = sorted({box.category for image in dataset.images for box in image.boxes})
    found = {word: taxonomy.find(mapping.get(word, word)) for word in words}
    unknown = [mapping.get(word, word) for word in words if found[word] is None]
    added = [] if options.add_under is None else additions(taxonomy, sorted(set(unknown)), options.add_under)
    if options.add_under is None:
        faults = [f"the category {word!r} is unknown{taxonomy.hint(word)}" for word in unknown]
        refuse(dataset.name, faults, "map them with --map, or append them to the taxonomy with --add-categories")
    complete = with_added(taxonomy, added)
    codes = {word: complete.find(mapping.get(word, word)) for word in words}
    return {word: category.code for word, category in codes.items() if category is not None}, added


def _write_batch(batch: Path | None, dataset: SourceDataset, plan: Plan, progress: Progress) -> str:
    """Write every envelope into a hidden folder (None: only check) and return a digest of the whole batch."""
    shutil.rmtree(batch, ignore_errors=True) if batch else None
    if batch:
        batch.mkdir(parents=True)
    digest, faults = hashlib.sha256(), []
    for count, image in enumerate(dataset.images, start=1):
        try:
            envelope = _envelope(image, plan)
        except CapturesetError as error:
            faults.append(str(error).rstrip("."))
            continue
        data = pack(envelope)
        digest.update(hashlib.sha256(data).digest())
        if batch:
            (batch / envelope.file_name).write_bytes(data)
        progress(count)
    refuse(dataset.name, faults, "nothing was imported; mend the source and import it again")
    return digest.hexdigest()


def _publish(repository: Repository, batch: Path, digest: str, categories: str | None) -> bool:
    """Make the batch visible by one rename; False when the very same batch waits already."""
    target = repository.inbox / f"import-{digest[:16]}"
    if target.exists():
        return False
    os.sync()  # one flush for all envelopes
    if categories is not None:
        jsontext.write_text(repository.categories, categories)
    batch.rename(target)
    sync_folder(repository.inbox)
    return True


def _envelope(image: SourceImage, plan: Plan) -> Envelope:
    photo = image.path.read_bytes()
    facts = images.inspect(photo, image.name)
    sidecar = {
        "schema_version": 1,
        "capture_id": import_id(image.name, facts.sha256),
        "captured_at": plan.options.captured_at or _time_in_photo(photo, image.name),
        "source": {"kind": "import", "name": plan.source_name, "original_name": image.name},
        "label": _label(image, facts, plan),
    }
    return prepare(photo, sidecar, None, plan.taxonomy, image.name)


def import_id(name: str, sha256: str) -> str:
    """Return the id of an imported photo: the same photo under the same name is the same capture."""
    return "imp-" + hashlib.sha256(f"{name}\n{sha256}".encode()).hexdigest()[:32]


def _label(image: SourceImage, facts: ImageFacts, plan: Plan) -> dict[str, Any]:
    if not image.labelled:
        return {"reviewed": False}
    label: dict[str, Any] = {"reviewed": plan.options.reviewed}
    if not image.boxes:
        return {**label, "empty": True} if plan.options.reviewed else label
    frame = {"width_px": facts.upright.width_px, "height_px": facts.upright.height_px}
    boxes = [
        {"category": plan.words[found.category], "xywh_px": list(_upright(found, image, facts).xywh_px), "frame": frame}
        for found in image.boxes
    ]
    return {**label, "boxes": boxes}


def _upright(found: SourceBox, image: SourceImage, facts: ImageFacts) -> Box:
    """Return a box in the upright photo; a source that declares the stored size drew it on the lying picture."""
    declared = image.frame or facts.upright
    if declared == facts.stored and facts.stored != facts.upright:
        return found.box.rotated(facts.orientation, facts.stored)
    return found.box.scaled(declared, facts.upright)


def _time_in_photo(photo: bytes, name: str) -> str:
    """Return when the photo says it was taken.

    Raises:
        CapturesetError: it does not say; nothing is guessed from file times, which differ from copy to copy.
    """
    moment = images.taken_at(photo)
    if moment is None:
        raise CapturesetError(f"{name} does not say when it was taken; give --captured-at 2024-01-15T00:00:00Z")
    return moment
