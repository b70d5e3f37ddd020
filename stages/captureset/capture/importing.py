"""Whole datasets with their boxes become captures in the inbox, each row of them with its fate.

An id is made from the photo's name and bytes, so importing twice is a no-op. Every photo is decoded strictly, as
`commit` will, so none is refused later; the batch is written into a hidden folder and appears by one rename.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from captureset.capture import images
from captureset.capture.adding import appended_text, led, with_added
from captureset.capture.durable import sync_folder
from captureset.capture.envelope import Envelope, pack
from captureset.capture.import_account import Account, OnDirt, account, refused_photos, require_admitted
from captureset.capture.imported_label import Labelling, label_document
from captureset.capture.stripping import admitted
from captureset.capture.submit import prepare
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.sources.dataset import SourceDataset, SourceImage, refuse
from captureset.formats.sources.fates import DirtError, Fates
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.sidecar import utc
from captureset.records.taxonomy import Taxonomy
from captureset.store import filesystem
from captureset.store.repository import Repository

Progress = Callable[[int], None]
RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a foreign dataset comes in.

    `mapping` leads from its words to ours (codes, names or aliases); `add_under` is the main category that unknown
    words are appended to, None refuses them. `captured_at` holds for every photo, None takes the time in each.
    `empty_reviewed` says whether a photo without boxes was looked at.
    """

    captured_at: str | None = None
    mapping: Mapping[str, str] | None = None
    add_under: str | None = None
    reviewed: bool = True
    source_name: str | None = None
    on_dirt: OnDirt = OnDirt.REPAIR
    empty_reviewed: bool = True


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    account: Account
    new: bool  # false: a dry run, or this very batch waits in the inbox already
    categories_added: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What every photo of one import has in common."""

    labelling: Labelling
    taxonomy: Taxonomy
    options: ImportOptions
    source_name: str


@dataclass(slots=True)
class _Run:
    """What one pass over the photos has found so far."""

    out: set[str]  # photos that the reader refused
    fates: Fates = field(default_factory=Fates)
    boxes_in: dict[str, int] = field(default_factory=dict)  # by photo
    timeless: list[str] = field(default_factory=list)


class _TimelessError(CapturesetError):
    """A photo that does not say when it was taken."""


def import_dataset(
    repository: Repository,
    dataset: SourceDataset,
    options: ImportOptions,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Imported:
    """Put the photos of a dataset into the inbox as one batch.

    Raises:
        RefusedImportError: there is dirt that `options.on_dirt` does not let pass; nothing was written.
        CapturesetError: a category is unknown, or an option is wrong; nothing was written.
    """
    refuse(dataset.name, [] if dataset.photos_read else ["it has no image"], "check the path")
    require_time(options.captured_at)
    require_decoder()
    before, run = load_taxonomy(repository.categories), _Run(refused_photos(dataset.fates))
    found = (box.category for image in dataset.images for box in image.boxes)
    words, added = led(dataset.name, found, before, options.mapping or {}, options.add_under)
    labelling = Labelling(words, options.reviewed, options.empty_reviewed)
    plan = Plan(labelling, with_added(before, added), options, options.source_name or dataset.name)
    text = appended_text(repository.categories.read_text(encoding="utf-8"), added) if added else None
    batch = repository.inbox / f".import-{os.getpid()}"
    try:
        digest = _write_batch(None if dry_run else batch, dataset, plan, run, progress)
        told = account(dataset, run.fates.found, run.boxes_in)
        require_admitted(dataset.name, told, options.on_dirt, list(_timeless(run.timeless)))
        new = not dry_run and publish(repository, batch, digest, text)
    finally:
        shutil.rmtree(batch, ignore_errors=True)
    return Imported(told, new, tuple(category.code for category in added), dataset.notes)


def require_time(text: str | None, option: str = "--captured-at") -> None:
    """Return when a text is a RFC 3339 time with its offset, or None.

    Raises:
        CapturesetError: it is not, or there is no such day or hour.
    """
    fault = None if text is None else _time_fault(text)
    if fault:
        raise CapturesetError(f"{option} {text!r} is no RFC 3339 time: {fault}; write it as 2024-01-15T12:20:00+09:00.")


def _time_fault(text: str) -> str | None:
    try:
        utc(text)
    except (ValueError, OverflowError) as error:
        return str(error)
    return None if RFC3339.fullmatch(text) else "it needs a day, T, an hour to the second, and an offset"


def require_decoder() -> None:
    """Return when photos can be decoded strictly.

    Raises:
        CapturesetError: the extra `pipeline` is not installed.
    """
    if find_spec("simplejpeg") is None:
        raise CapturesetError(
            "An import decodes every photo; install its decoder with `pip install captureset[pipeline]`."
        )


def _write_batch(batch: Path | None, dataset: SourceDataset, plan: Plan, run: _Run, progress: Progress) -> str:
    """Write the envelope of every sound photo into a hidden folder (None: only check); return a digest of them all."""
    if batch:
        shutil.rmtree(batch, ignore_errors=True)
        batch.mkdir(parents=True)
    digest = hashlib.sha256()
    for count, image in enumerate(dataset.images, start=1):
        envelope = _checked(image, plan, run)
        if envelope is not None:
            data = pack(envelope)
            digest.update(hashlib.sha256(data).digest())
            if batch:
                (batch / envelope.file_name).write_bytes(data)
        progress(count)
    return digest.hexdigest()


def _checked(image: SourceImage, plan: Plan, run: _Run) -> Envelope | None:
    """Return the capture of a photo, or None and note why it stays out."""
    before = len(run.fates.found)
    try:
        envelope = _envelope(image, plan, run.fates)
    except _TimelessError:
        run.timeless.append(image.name)
        return None
    except DirtError as error:
        run.fates.fail(error, image.name, image.name)
    except (CapturesetError, OSError) as error:
        run.fates.add("photo_unreadable", image.name, f"cannot come in: {str(error).rstrip('.')}", image.name)
    if image.name in run.out or refused_photos(run.fates.found[before:]):
        return None
    run.boxes_in[image.name] = len(envelope.sidecar["label"].get("boxes", ()))
    return envelope


def publish(repository: Repository, batch: Path, digest: str, categories: str | None = None) -> bool:
    """Make the batch visible by one rename; False when the very same batch waits already."""
    target = repository.inbox / f"import-{digest[:16]}"
    if categories is not None:
        jsontext.write_text(repository.categories, categories)
    if target.exists():
        return False
    filesystem.sync(repository.inbox)  # one flush for all envelopes
    batch.rename(target)
    sync_folder(repository.inbox)
    return True


def _envelope(image: SourceImage, plan: Plan, fates: Fates) -> Envelope:
    photo = image.path.read_bytes()
    facts = images.inspect(photo, image.name)
    admitted(photo, image.name)
    label = label_document(image, facts, plan.labelling, fates)
    sidecar = {
        "schema_version": 1,
        "capture_id": import_id(image.name, facts.sha256),
        "captured_at": plan.options.captured_at or _time_in_photo(photo, image.name),
        "source": {"kind": "import", "name": plan.source_name, "original_name": image.name},
        "label": label,
    }
    return prepare(photo, sidecar, None, plan.taxonomy, image.name)


def import_id(name: str, sha256: str) -> str:
    """Return the id of an imported photo: the same photo under the same name is the same capture."""
    return "imp-" + hashlib.sha256(f"{name}\n{sha256}".encode()).hexdigest()[:32]


def _time_in_photo(photo: bytes, name: str) -> str:
    """Return when the photo says it was taken.

    Raises:
        _TimelessError: it does not say; nothing is guessed from file times, which differ from copy to copy.
    """
    moment = images.taken_at(photo)
    if moment is None:
        raise _TimelessError(name)
    return moment


def _timeless(names: list[str]) -> Iterator[str]:
    if names:
        who = f"{len(names)} photos do not say when they were taken, {names[0]} the first"
        who = who if names[1:] else f"{names[0]} does not say when it was taken"
        yield f"{who}; give --captured-at 2024-01-15T00:00:00Z"
