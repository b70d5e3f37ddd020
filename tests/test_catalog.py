from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from captureset import catalog
from captureset.capture.commit import commit
from captureset.capture.submit import submit, submit_feedback
from captureset.catalog import Catalog, CatalogParams, catalogue
from captureset.errors import CapturesetError, InvalidDocumentError
from captureset.formats import tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.rows import CaptureRow
from captureset.records.taxonomy import Taxonomy
from captureset.store import pointers
from captureset.store.capture_files import CaptureFiles, grouped
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import EVENING, box, feedback, sidecar
from photos import jpeg, png

ROOT = Path(__file__).resolve().parents[1]
PLAIN = CatalogParams(whole_image_boxes=False)
FIVE_READS = 5

Reader = Callable[[str], bytes]


class Counting:
    """Reads objects and remembers which."""

    def __init__(self, read: Reader) -> None:
        self.read, self.seen = read, list[str]()

    def __call__(self, oid: str) -> bytes:
        """Return the bytes of an object."""
        self.seen.append(oid)
        return self.read(oid)


@pytest.fixture
def taxonomy(repository: Repository) -> Taxonomy:
    """The one this repository comes with."""
    return load_taxonomy(repository.categories)


@pytest.fixture
def filled(git_repository: Repository) -> Repository:
    """Three captures: boxes by a model and then corrected, verified empty, turned by EXIF with a twin."""
    sofa = {"category": "FURN_SOFA", "confidence": 1, "boxes": [box("FURN_SOFA", [8, 6, 16, 12], 32, 24)]}
    key = {"session_key": "5e884898da280471"}
    submit(git_repository, jpeg(64, 48, 1), sidecar("boxes", EVENING, model=sofa, session=key))
    submit(git_repository, jpeg(64, 48, 2), sidecar("empty", label={"reviewed": True, "empty": True}))
    turned = {"category": "FURN_BED", "size_cm": {"width_cm": 90}}
    submit(git_repository, jpeg(64, 48, 3, exif_orientation=6), sidecar("turned", model=turned), png(9, 9))
    said = feedback("f-1", "boxes", "correct", category="FURN_CHAIR", rating=2, received_at="2024-02-01T00:00:00Z")
    submit_feedback(git_repository, "boxes", said)
    submit_feedback(git_repository, "later", feedback("f-2", "later", note="아직"))
    assert commit(git_repository).refusals == ()
    return git_repository


def captures(repository: Repository) -> tuple[ObjectStore, list[CaptureFiles]]:
    """Return the objects and what the pointers list."""
    store = ObjectStore(repository.root)
    months = pointers.read(repository.pointers)
    return store, grouped((month.month, pointers.rows(store, month)) for month in months)


def rows_of(result: Catalog) -> tuple[bytes, ...]:
    """Return the tables as they would be written."""
    return tuple(tables.to_bytes(record, getattr(result, Path(name).stem)) for name, record in catalog.TABLES)


def reread(result: Catalog) -> Catalog:
    """Return a catalog as the next run reads it."""
    data = zip(catalog.TABLES, rows_of(result), strict=True)
    return Catalog(*(tables.from_bytes(record, written, name) for (name, record), written in data))


def test_every_capture_has_a_row_with_its_final_label(filled: Repository, taxonomy: Taxonomy) -> None:
    """By id; the size upright, times in UTC, the label after feedback, the model's own answer beside it."""
    store, files = captures(filled)
    found = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    boxes, empty, turned = found.captures
    assert [row.capture_id for row in found.captures] == ["boxes", "empty", "turned"]
    assert (boxes.category, boxes.review_state, boxes.label_origin) == ("FURN_CHAIR", "corrected", "person")
    assert (boxes.model_category, boxes.model_confidence, boxes.rating) == ("FURN_SOFA", 1.0, 2)
    assert (boxes.session_key, boxes.feedback_count) == ("5e884898da280471", 1)
    assert (empty.label_kind, empty.category, empty.review_state) == ("empty", None, "confirmed")
    assert (turned.width_px, turned.height_px, turned.width_cm, turned.height_cm) == (48, 64, 90.0, None)
    assert turned.twin_md5 is not None
    assert store.read(boxes.image_md5) == jpeg(64, 48, 1)
    assert boxes.captured_at.startswith("2024-01-15T20:45:00")


def test_boxes_are_in_the_pixels_of_the_upright_photo(filled: Repository, taxonomy: Taxonomy) -> None:
    """Measured in 32x24, kept in 64x48, renamed by the correction."""
    store, files = captures(filled)
    (row,) = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog()).annotations
    assert (row.capture_id, row.position, row.category, row.origin) == ("boxes", 0, "FURN_CHAIR", "person")
    assert (row.x_px, row.y_px, row.w_px, row.h_px) == (16, 12, 32, 24)


def test_what_the_model_said_stays_beside_the_label(filled: Repository, taxonomy: Taxonomy) -> None:
    """Its category, confidence, size and boxes survive a correction; a capture no model looked at has no answer."""
    store, files = captures(filled)
    found = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    boxes, turned = found.answers
    assert (boxes.capture_id, boxes.category, boxes.confidence, boxes.boxes) == ("boxes", "FURN_SOFA", 1.0, 1)
    assert (turned.capture_id, turned.category, turned.boxes, turned.width_cm) == ("turned", "FURN_BED", None, 90.0)
    (row,) = found.model_boxes
    assert (row.category, row.x_px, row.y_px, row.w_px, row.h_px) == ("FURN_SOFA", 16, 12, 32, 24)


def test_the_models_name_version_and_main_box_make_its_answer(git_repository: Repository, taxonomy: Taxonomy) -> None:
    """Without a category of its own the answer is the largest box's; the model is known by name and version."""
    said = {"boxes": [box("FURN_SOFA", [0, 0, 8, 8]), {**box("FURN_BED", [8, 8, 40, 30]), "confidence": 0.5}]}
    submit(git_repository, jpeg(64, 48, 1), sidecar("a", model={"name": "m", "version": "7", **said}))
    submit(git_repository, jpeg(64, 48, 2), sidecar("b", model={"boxes": []}))
    commit(git_repository)
    store, files = captures(git_repository)
    found = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    first, nothing = found.answers
    assert (first.model_name, first.model_version, first.category, first.boxes) == ("m", "7", "FURN_BED", 2)
    assert (nothing.model_name, nothing.category, nothing.boxes) == (None, None, 0)
    assert [(row.position, row.confidence) for row in found.model_boxes] == [(0, None), (1, 0.5)]


def test_review_marks_stay_open_until_a_person_decides(git_repository: Repository, taxonomy: Taxonomy) -> None:
    """A sidecar's and a feedback's reasons are kept; a note settles nothing, a later confirmation both."""
    marks = {name: {"wanted": True, "reasons": [name]} for name in ("unknown_category", "note")}
    for name in ("open", "settled"):
        photo = jpeg(64, 48, len(name))
        submit(git_repository, photo, sidecar(name, model={"category": "FURN_SOFA"}, review=marks["unknown_category"]))
        noted = feedback(f"n-{name}", name, note="이건 의자입니다", review=marks["note"])
        submit_feedback(git_repository, name, noted)
    said = feedback("s", "settled", "confirm", given_at="2030-01-01T00:00:00Z")
    submit_feedback(git_repository, "settled", said)
    assert commit(git_repository).refusals == ()
    store, files = captures(git_repository)
    found = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    assert {row.capture_id: row.review_reasons for row in found.captures} == {
        "open": ("note", "unknown_category"),
        "settled": (),
    }
    assert [row.note_categories for row in found.feedback if row.has_note] == [("FURN_CHAIR",), ("FURN_CHAIR",)]


def test_a_box_said_twice_is_one_box(git_repository: Repository, taxonomy: Taxonomy) -> None:
    """The same category at the same place, once in the photo's frame and once in a copy's, makes one row."""
    twice = [box("FURN_SOFA", [16, 12, 32, 24]), box("FURN_SOFA", [8, 6, 16, 12], 32, 24)]
    other = [box("FURN_CHAIR", [16, 12, 32, 24])]
    submit(git_repository, jpeg(64, 48, 1), sidecar("a", label={"reviewed": True, "boxes": [*twice, *other]}))
    commit(git_repository)
    store, files = captures(git_repository)
    found = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog()).annotations
    assert [(row.position, row.category) for row in found] == [(0, "FURN_SOFA"), (1, "FURN_CHAIR")]


def test_a_category_becomes_a_whole_image_box_only_when_asked(filled: Repository, taxonomy: Taxonomy) -> None:
    """It is marked; a capture that is empty gets none."""
    store, files = captures(filled)
    asked = catalogue(files, store.read, taxonomy, CatalogParams(whole_image_boxes=True), "v", Catalog())
    assert [(row.capture_id, row.derived_from, row.w_px) for row in asked.annotations] == [
        ("boxes", None, 32),
        ("turned", "whole_image", 48),
    ]


def test_feedback_may_wait_for_its_capture(filled: Repository, taxonomy: Taxonomy) -> None:
    """It is listed as not applying, and makes no capture."""
    store, files = captures(filled)
    said = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog()).feedback
    assert [(row.capture_id, row.applies, row.has_note) for row in said] == [
        ("boxes", True, False),
        ("later", False, True),
    ]


def test_the_second_run_reads_only_what_is_new(filled: Repository, taxonomy: Taxonomy) -> None:
    """With the memo one new capture and one new feedback cost three reads, without it all; the result is one."""
    store, files = captures(filled)
    first = Counting(store.read)
    known = catalogue(files, first, taxonomy, PLAIN, "v", Catalog())
    assert len(first.seen) == FIVE_READS
    submit(filled, jpeg(64, 48, 4), sidecar("new"))
    submit_feedback(filled, "empty", feedback("f-3", "empty", "reject"))
    commit(filled)
    store, files = captures(filled)
    by_id = {capture.capture_id: capture for capture in files}
    second, third = Counting(store.read), Counting(store.read)
    with_memo = catalogue(files, second, taxonomy, PLAIN, "v", reread(known))
    without = catalogue(files, third, taxonomy, PLAIN, "v", Catalog())
    orphan = [*by_id["later"].feedback.values()]
    wanted = [by_id["empty"].sidecar, *by_id["empty"].feedback.values(), by_id["new"].sidecar, *orphan]
    assert sorted(second.seen) == sorted(map(str, wanted))
    assert len(third.seen) == FIVE_READS + 2
    assert with_memo == without
    assert rows_of(with_memo) == rows_of(without)


def test_nothing_new_is_nothing_read(filled: Repository, taxonomy: Taxonomy) -> None:
    """Only feedback whose capture has not come is looked at again."""
    store, files = captures(filled)
    known = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    again = Counting(store.read)
    arrived = [capture for capture in files if capture.capture_id != "later"]
    catalogue(arrived, again, taxonomy, PLAIN, "v", reread(known))
    assert again.seen == []


def test_another_version_reads_everything_again(filled: Repository, taxonomy: Taxonomy) -> None:
    """A changed schema, taxonomy, setting or code makes every remembered row stale."""
    store, files = captures(filled)
    known = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    again = Counting(store.read)
    catalogue(files, again, taxonomy, PLAIN, "w", known)
    assert len(again.seen) == FIVE_READS


def test_a_capture_that_left_is_forgotten(filled: Repository, taxonomy: Taxonomy) -> None:
    """The memo adds nothing that the pointers no longer list."""
    store, files = captures(filled)
    known = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    fewer = [capture for capture in files if capture.capture_id == "empty"]
    result = catalogue(fewer, store.read, taxonomy, PLAIN, "v", known)
    assert [row.capture_id for row in result.captures] == ["empty"]
    assert (result.annotations, result.feedback, result.answers, result.model_boxes) == ([], [], [], [])


def test_half_a_capture_stops_the_stage(filled: Repository, taxonomy: Taxonomy) -> None:
    """A photo without sidecar, or a sidecar without photo, is named; a part listed twice too."""
    store, files = captures(filled)
    for part, missing in (("photo", "photo"), ("sidecar", "sidecar")):
        broken = next(capture for capture in captures(filled)[1] if capture.capture_id == "empty")
        setattr(broken, part, None)
        with pytest.raises(CapturesetError, match=f"capture empty has no {missing} in data/captures"):
            catalogue([broken], store.read, taxonomy, PLAIN, "v", Catalog())
    with pytest.raises(CapturesetError, match=r"2024-02\.dvc lists the photo of capture a a second time, at 02/a\.jpg"):
        grouped([("2024-01", {"01/a.jpg": "1"}), ("2024-02", {"02/a.jpg": "1"})])
    assert len(files) == len({capture.capture_id for capture in files})


def test_a_sidecar_is_judged_again_with_every_fault_named(filled: Repository, taxonomy: Taxonomy) -> None:
    """Bytes that came in past `commit` are held to the same schema."""
    store, files = captures(filled)
    capture = next(capture for capture in files if capture.capture_id == "empty")
    wrong = json.loads(store.read(str(capture.sidecar)))
    wrong |= {"label": {"reviewed": "yes", "category": "FURN_NOPE"}, "captured_at": "2024-02-30T00:00:00Z", "x": 1}

    def read(_: str) -> bytes:
        return json.dumps(wrong).encode()

    with pytest.raises(InvalidDocumentError, match=r"sidecar empty\.json has 4 problems") as refused:
        catalogue([capture], read, taxonomy, PLAIN, "v", Catalog())
    pointers_named = {problem.pointer for problem in refused.value.problems}
    assert pointers_named == {"/label/reviewed", "/label/category", "/captured_at", "/x"}


def test_the_last_run_is_remembered_through_dvc_lock(filled: Repository, taxonomy: Taxonomy) -> None:
    """Tables of the last run are read by hash; of other columns, or without a lock, there is nothing to remember."""
    store, files = captures(filled)
    known = catalogue(files, store.read, taxonomy, PLAIN, "v", Catalog())
    assert catalog.previous_catalog(store) == Catalog()

    def lock(written: dict[str, bytes]) -> None:
        entries = {name: store.add(data) for name, data in written.items()}
        manifest = store.add(pointers.manifest_bytes(entries), ".dir")
        document = {"stages": {"catalog": {"outs": [{"path": catalog.OUT, "md5": manifest}]}}}
        (store.root / "dvc.lock").write_text(yaml.safe_dump(document), encoding="utf-8")

    written = dict(zip((name for name, _ in catalog.TABLES), rows_of(known), strict=True))
    lock(written)
    assert catalog.previous_catalog(store) == known
    lock({**written, "annotations.parquet": written["feedback.parquet"]})
    assert catalog.previous_catalog(store) == Catalog()


def test_the_stage_writes_its_tables(filled: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """From pointers alone, no image checked out; the same bytes a second time."""
    shutil.copy(ROOT / "params.yaml", filled.root / "params.yaml")
    monkeypatch.chdir(filled.root)
    written: list[dict[str, bytes]] = []
    for _ in range(2):
        catalog.main()
        written.append({path.name: path.read_bytes() for path in Path(catalog.OUT).iterdir()})
    assert written[0] == written[1]
    assert sorted(written[0]) == sorted(name for name, _ in catalog.TABLES)
    assert [row.capture_id for row in tables.read(Path(catalog.OUT) / "captures.parquet", CaptureRow)] == [
        "boxes",
        "empty",
        "turned",
    ]


def test_a_repository_without_captures_is_refused_with_the_next_command(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says how to bring some in, and nothing is written."""
    shutil.copy(ROOT / "params.yaml", repository.root / "params.yaml")
    monkeypatch.chdir(repository.root)
    with pytest.raises(CapturesetError, match=r"no capture yet; bring some in with `captureset submit`"):
        catalog.main()
    assert not Path(catalog.OUT).exists()


def test_the_version_changes_with_the_settings_and_the_taxonomy(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a row depends on beside the capture is in its memo key."""
    monkeypatch.chdir(repository.root)
    before = catalog.version_of(PLAIN)
    assert catalog.version_of(PLAIN) == before
    assert catalog.version_of(CatalogParams(whole_image_boxes=True)) != before
    with repository.categories.open("a", encoding="utf-8") as handle:
        handle.write("# a remark\n")
    assert catalog.version_of(PLAIN) != before
