"""What do we have? Every capture of every month pointer, its sidecar validated, its feedback resolved.

Reads data/captures (pointers), then sidecars and feedback by hash; no photo. Writes data/catalog. Drops nothing:
a sidecar that breaks its schema stops the stage with every problem named.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.capture import documents
from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.records import box, catalog_rows, label, rows, sidecar
from captureset.records.box import Frame
from captureset.records.catalog_rows import Addresses, annotation_rows, capture_row, feedback_row
from captureset.records.rows import AnnotationRow, CaptureRow, FeedbackRow
from captureset.records.sidecar import Feedback
from captureset.records.taxonomy import Taxonomy
from captureset.store import pointers, previous
from captureset.store.capture_files import CaptureFiles, grouped
from captureset.store.objects import ObjectStore

OUT = "data/catalog"
CATEGORIES = Path("data/categories.yaml")
POINTERS = Path("data/captures")


@dataclass(frozen=True, slots=True)
class CatalogParams:
    """Section `catalog` of params.yaml."""

    whole_image_boxes: bool


@dataclass(slots=True)
class Catalog:
    """The three tables of data/catalog."""

    captures: list[CaptureRow] = field(default_factory=list)
    annotations: list[AnnotationRow] = field(default_factory=list)
    feedback: list[FeedbackRow] = field(default_factory=list)


def catalogue(
    files: Iterable[CaptureFiles],
    read: Callable[[str], bytes],
    taxonomy: Taxonomy,
    settings: CatalogParams,
    version: str,
    known: Catalog,
) -> Catalog:
    """Return the catalog of these captures, by id; sidecars whose rows are in `known` are not read again.

    Args:
        files: what the pointers list.
        read: gives the bytes of an address.
        taxonomy: the categories a label may name.
        settings: section `catalog` of params.yaml.
        version: digest of everything else the rows depend on.
        known: the previous catalog; the result does not depend on it.

    Raises:
        InvalidDocumentError: a sidecar or feedback breaks its schema.
        CapturesetError: a capture lacks its photo or its sidecar.
    """
    remembered = by_capture(known)
    result = Catalog()
    for capture in sorted(files, key=lambda item: item.capture_id):
        part = remembered.get(capture.capture_id)
        key = capture.memo_key(version)
        if part is None or not part.captures or part.captures[0].memo_key != key:
            part = _read_capture(capture, read, taxonomy, settings, key)
        result.captures += part.captures
        result.annotations += part.annotations
        result.feedback += part.feedback
    return result


def by_capture(catalog: Catalog) -> dict[str, Catalog]:
    """Return the rows of a catalog capture by capture."""
    parts: dict[str, Catalog] = defaultdict(Catalog)
    for row in catalog.captures:
        parts[row.capture_id].captures.append(row)
    for annotation in catalog.annotations:
        parts[annotation.capture_id].annotations.append(annotation)
    for said in catalog.feedback:
        parts[said.capture_id].feedback.append(said)
    return parts


def _read_capture(
    files: CaptureFiles, read: Callable[[str], bytes], taxonomy: Taxonomy, settings: CatalogParams, key: str
) -> Catalog:
    arrived = files.sidecar is not None and files.photo is not None
    if not arrived and (files.sidecar or files.photo or files.twin):
        missing = "photo" if files.photo is None else "sidecar"
        raise CapturesetError(
            f"capture {files.capture_id} has no {missing} in data/captures; revert the commit that removed it."
        )
    feedback = [_read_feedback(name, read(md5), taxonomy) for name, md5 in sorted(files.feedback.items())]
    said = [feedback_row(item, applies=arrived) for item in sorted(feedback, key=lambda item: item.order)]
    if not arrived:
        return Catalog(feedback=said)
    document = _read_sidecar(files, read, taxonomy)
    image = Frame(document["image"]["width_px"], document["image"]["height_px"])
    final = label.resolve(document, feedback)
    if settings.whole_image_boxes:
        final = label.with_whole_image_box(final, image)
    addresses = Addresses(str(files.photo), str(files.sidecar), files.twin)
    row = capture_row(addresses, document, final, len(feedback), key)
    return Catalog([row], annotation_rows(files.capture_id, final, image), said)


def _read_sidecar(files: CaptureFiles, read: Callable[[str], bytes], taxonomy: Taxonomy) -> dict[str, Any]:
    source = f"sidecar {files.capture_id}.json"
    document: dict[str, Any] = jsontext.parse(read(str(files.sidecar)), source)
    image = document.get("image", {})
    known = isinstance(image, dict) and isinstance(image.get("width_px"), int)
    frame = Frame(image["width_px"], image["height_px"]) if known else None
    documents.require_sidecar(document, source, taxonomy, frame)
    return document


def _read_feedback(name: str, data: bytes, taxonomy: Taxonomy) -> Feedback:
    document = jsontext.parse(data, name)
    documents.require_feedback(document, name, taxonomy)
    return Feedback.from_document(document)


def version_of(settings: CatalogParams, categories: Path = CATEGORIES) -> str:
    """Return the digest of everything but the captures that a row depends on."""
    code = [__file__, *(module.__file__ for module in (box, catalog_rows, label, rows, sidecar, documents, schema))]
    files = [*map(Path, map(str, code)), categories]
    schemas = [schema.schemas_folder() / f"{name}.schema.json" for name in ("sidecar", "feedback")]
    digest = hashlib.sha256(repr(settings).encode())
    for path in (*files, *schemas):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def previous_catalog(store: ObjectStore) -> Catalog:
    """Return the catalog of the last run, empty when there is none or its columns have changed."""
    kept: list[Sequence[Any]] = []
    for name, record in TABLES:
        data = previous.output_file(store, "catalog", OUT, name)
        if data is None:
            return Catalog()
        try:
            kept.append(tables.from_bytes(record, data, name))
        except CapturesetError:
            return Catalog()
    return Catalog(*map(list, kept))


TABLES: tuple[tuple[str, type[Any]], ...] = (
    ("captures.parquet", CaptureRow),
    ("annotations.parquet", AnnotationRow),
    ("feedback.parquet", FeedbackRow),
)


def current(root: Path) -> Catalog:
    """Return the catalog of what is committed in a repository, whether or not the stage has run since.

    Raises:
        CapturesetError: there is no capture yet, or one cannot be read.
    """
    settings = CatalogParams(**params.load("catalog", root / params.PARAMS_FILE))
    taxonomy = load_taxonomy(root / CATEGORIES)
    months = pointers.read(root / POINTERS)
    if not months:
        raise CapturesetError(
            f"{POINTERS} has no month pointer, so there is no capture yet; bring some in with `captureset submit` or "
            "`captureset import`, then `captureset commit`."
        )
    store = ObjectStore(root)
    files = grouped((pointer.month, pointers.rows(store, pointer)) for pointer in months)
    known = previous_catalog(store)
    version = version_of(settings, root / CATEGORIES)
    store.fetch_missing(list(_wanted(files, known, version)))
    return catalogue(files, store.read, taxonomy, settings, version, known)


def main() -> None:
    """Read the pointers and the sidecars they name, write the three tables."""
    found = current(Path())
    with stage.output(Path(OUT)) as folder:
        tables.write(folder / "captures.parquet", CaptureRow, found.captures)
        tables.write(folder / "annotations.parquet", AnnotationRow, found.annotations)
        tables.write(folder / "feedback.parquet", FeedbackRow, found.feedback)


def _wanted(files: Iterable[CaptureFiles], known: Catalog, version: str) -> Iterable[str]:
    """Give the addresses of sidecars and feedback that will be read."""
    remembered = {row.memo_key for row in known.captures}
    for capture in files:
        if capture.memo_key(version) not in remembered:
            yield from (md5 for md5 in (capture.sidecar, *capture.feedback.values()) if md5)


if __name__ == "__main__":
    stage.run(main, "catalog")
