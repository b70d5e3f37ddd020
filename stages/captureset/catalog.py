"""What do we have? Every capture of every month pointer, its sidecar validated, its feedback resolved.

Reads data/captures (pointers), then sidecars and feedback by hash; no photo. Writes data/catalog. Drops nothing:
a sidecar that breaks its schema stops the stage with every problem named.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.capture import documents
from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.records import answer_rows, box, catalog_rows, label, rows, sidecar
from captureset.records import taxonomy as taxonomy_record
from captureset.records.answer_rows import AnswerRow, ModelBoxRow
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
    """The tables of data/catalog; a field is the stem of its file."""

    captures: list[CaptureRow] = field(default_factory=list)
    annotations: list[AnnotationRow] = field(default_factory=list)
    feedback: list[FeedbackRow] = field(default_factory=list)
    answers: list[AnswerRow] = field(default_factory=list)
    model_boxes: list[ModelBoxRow] = field(default_factory=list)

    def take(self, other: Catalog) -> None:
        """Append the rows of another catalog."""
        for part in fields(self):
            getattr(self, part.name).extend(getattr(other, part.name))


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
        result.take(part)
    return result


def by_capture(catalog: Catalog) -> dict[str, Catalog]:
    """Return the rows of a catalog capture by capture."""
    parts: dict[str, Catalog] = defaultdict(Catalog)
    for part in fields(catalog):
        for row in getattr(catalog, part.name):
            getattr(parts[row.capture_id], part.name).append(row)
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
    feedback.sort(key=lambda item: item.order)
    said = [feedback_row(item, taxonomy.named_in(item.note or ""), applies=arrived) for item in feedback]
    if not arrived:
        return Catalog(feedback=said)
    document = _read_sidecar(files, read, taxonomy)
    image = Frame(document["image"]["width_px"], document["image"]["height_px"])
    final = label.with_alpha_box(label.resolve(document, feedback), document, image)
    if settings.whole_image_boxes:
        final = label.with_whole_image_box(final, image)
    addresses = Addresses(str(files.photo), str(files.sidecar), files.twin)
    return Catalog(
        [capture_row(addresses, document, final, feedback, key)],
        annotation_rows(files.capture_id, final, image),
        said,
        answer_rows.answer_rows(document),
        answer_rows.model_box_rows(document, image),
    )


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
    modules = (answer_rows, box, catalog_rows, label, rows, sidecar, taxonomy_record, documents, schema)
    files = [Path(__file__), *(Path(str(module.__file__)) for module in modules), categories]
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
    ("answers.parquet", AnswerRow),
    ("model_boxes.parquet", ModelBoxRow),
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
    """Read the pointers and the sidecars they name, write the tables."""
    found = current(Path())
    with stage.output(Path(OUT)) as folder:
        for name, record in TABLES:
            tables.write(folder / name, record, getattr(found, Path(name).stem))


def _wanted(files: Iterable[CaptureFiles], known: Catalog, version: str) -> Iterable[str]:
    """Give the addresses of sidecars and feedback that will be read."""
    remembered = {row.memo_key for row in known.captures}
    for capture in files:
        if capture.memo_key(version) not in remembered:
            yield from (md5 for md5 in (capture.sidecar, *capture.feedback.values()) if md5)


if __name__ == "__main__":
    stage.run(main, "catalog")
