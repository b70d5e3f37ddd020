"""The app's labels become captures and feedback: the fate of each, twice, and after a change."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import ecoguide_world
from captureset.capture import ecoguide as importing
from captureset.capture.commit import commit
from captureset.capture.ecoguide import EcoguideImport, Fate, import_uploads
from captureset.capture.ecoguide_documents import Reading
from captureset.capture.ecoguide_known import KnownCaptures
from captureset.capture.submit import submit, submit_feedback
from captureset.errors import CapturesetError, RefusedCaptureError
from captureset.formats.sources import ecoguide
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.label import Label, resolve
from captureset.records.sidecar import Feedback
from captureset.store.repository import Repository
from deliveries import feedback
from deliveries import sidecar as plain_sidecar
from ecoguide_world import Expected, World, file_id, g2, g3
from photos import jpeg

SOFA, CHAIR = ("가구", "소파", "소파"), ("가구", "의자", "의자")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An uploads folder with one sofa the user was happy with."""
    for folder in ("labels", "user_images"):
        (tmp_path / "uploads" / folder).mkdir(parents=True)
    found = World(tmp_path / "uploads")
    found.add("sofa", g3(*SOFA), Expected("imported"))
    return found


def imported(
    repository: Repository, world: World, *, zone: str = "Asia/Seoul", dry_run: bool = False
) -> EcoguideImport:
    """Import the folder."""
    reading = Reading(load_taxonomy(repository.categories), ZoneInfo(zone), "ecoguide")
    return import_uploads(repository, ecoguide.read(world.uploads), reading, dry_run=dry_run)


def fate_of(done: EcoguideImport, name: str) -> Fate:
    """Return the fate of a label."""
    (found,) = (fate for fate in done.fates if fate.file_id == file_id(name))
    return found


def sidecar(repository: Repository, name: str) -> dict[str, Any]:
    """Return the sidecar of a label's capture."""
    found = KnownCaptures(repository).sidecar(file_id(name))
    assert found is not None
    return found


def said(repository: Repository, name: str) -> list[dict[str, Any]]:
    """Return every feedback about a label's capture, by id."""
    known = KnownCaptures(repository)
    return [known.feedback(file_id(name), one) for one in sorted(known.feedback_ids(file_id(name)))]


def final(repository: Repository, name: str) -> Label:
    """Return the label the catalog will show."""
    return resolve(sidecar(repository, name), map(Feedback.from_document, said(repository, name)))


def everything(folder: Path) -> Mapping[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_record_has_the_expected_fate_and_a_second_import_changes_no_pointer(
    git_repository: Repository, tmp_path: Path
) -> None:
    """Three generations and every trap: 50 labels; after a real commit the same folder brings in nothing."""
    world = ecoguide_world.build(tmp_path / "uploads")
    done = imported(git_repository, world)
    fates = {fate.file: Expected(fate.fate, fate.reason, fate.review) for fate in done.fates}
    assert fates == world.expected
    assert len(fates) >= 40
    assert {fate.generation for fate in done.fates} >= {"G1", "G2", "G3"}

    first = commit(git_repository)
    assert (first.captures, first.refusals) == (done.counts()["imported"], ())
    pointers, quarantine = everything(git_repository.pointers), everything(git_repository.quarantine)
    again = imported(git_repository, world)
    assert {fate.fate for fate in again.fates} == {"already_in", "quarantined", "no_image"}
    assert not any(fate.feedback for fate in again.fates)
    assert not everything(git_repository.inbox)
    assert commit(git_repository).commit is None
    assert everything(git_repository.pointers) == pointers
    assert everything(git_repository.quarantine) == quarantine


def test_what_is_refused_is_kept_with_its_reason_and_nothing_private_is(repository: Repository, tmp_path: Path) -> None:
    """Each refused label stands in quarantine as it came; a link's target and other folders are never copied."""
    world = ecoguide_world.build(tmp_path / "uploads")
    done = imported(repository, world)
    reasons = [json.loads(data) for name, data in everything(repository.quarantine).items() if "reason" in name]
    refused = [fate for fate in done.fates if fate.reason and fate.reason != "outside"]
    assert sorted(one["reason"] for one in reasons) == sorted(str(fate.reason) for fate in refused)
    kept = repository.quarantine / f"{file_id('parse failure')}.ecoguide.json"
    assert kept.read_bytes() == world.path("parse failure").read_bytes()
    for folder, words in (
        (repository.root, [ecoguide_world.PRIVATE]),
        (repository.inbox, ["Users\\\\kim", "Users\\kim"]),
    ):
        assert not [name for name, data in everything(folder).items() if any(word.encode() in data for word in words)]


def test_final_label_model_and_user_are_three_things(repository: Repository, world: World) -> None:
    """The sidecar holds the final label and, apart, the model's own answer; the correction is feedback."""
    raw = {"secondary_category": "침대/매트리스", "object_name": "침대", "dimensions": {"width_cm": 90}}
    world.add("chair", g3(*CHAIR, raw, confidence=0.4), Expected("imported"))
    imported(repository, world)
    document = sidecar(repository, "chair")
    assert document["captured_at"] == "2025-10-21T14:03:11.482913+09:00"
    assert document["source"]["external_id"] == document["capture_id"] == file_id("chair")
    sizes = {"width_cm": 120.0, "height_cm": 80.0}
    words = {"category_text": "의자", "object_name": "의자", "size_cm": sizes}
    assert document["label"] == {"reviewed": False, "category": "FURN_CHAIR", **words}
    assert document["model"]["category"] == "FURN_BED"
    assert (document["model"]["confidence"], document["model"]["size_cm"]) == (0.91, {"width_cm": 90.0})
    assert "review" not in document
    (correction,) = said(repository, "chair")
    assert (correction["verdict"], correction["category"], correction["rating"]) == ("correct", "FURN_CHAIR", 2)
    label = final(repository, "chair")
    assert (label.category, label.review_state, label.rating) == ("FURN_CHAIR", "corrected", 2)


@pytest.mark.parametrize(
    ("name", "document", "verdicts", "state"),
    [
        ("happy", g3(*SOFA), ["confirm"], "confirmed"),
        ("so so", g3(*SOFA, confidence=0.6), ["note"], "unreviewed"),
        ("silent", g3(*SOFA, confidence=0.0), [], "unreviewed"),
        ("renamed", g3("가구", "소파", "안락의자", {"object_name": "소파"}), ["correct"], "corrected"),
        ("resized", g3(*SOFA, {"dimensions": {"width_cm": 119}}), ["correct"], "corrected"),
        ("remarked", g3(*SOFA, user_feedback={"notes": "아닙니다"}), ["note", "note"], "unreviewed"),
        ("blank note", g3(*SOFA, user_feedback={"notes": "  "}), ["confirm"], "confirmed"),
        ("unknown", g3("가구", "매트", "매트"), ["note"], "unreviewed"),
    ],
)
def test_what_the_user_said(
    repository: Repository, world: World, name: str, document: dict[str, Any], verdicts: list[str], state: str
) -> None:
    """An edit corrects; the best rating confirms a sound label; anything less is noted, silence says nothing."""
    world.add(name, document, Expected("imported"))
    imported(repository, world)
    assert [one["verdict"] for one in said(repository, name)] == verdicts
    assert final(repository, name).review_state == state


def test_a_category_outside_the_taxonomy_is_kept_in_its_own_words(repository: Repository, world: World) -> None:
    """It becomes MISC_UNCLASS, marked for review, and the app's word stands beside it."""
    world.add("mat", g2("가구", "라텍스 매트", "매트"), Expected("imported"))
    imported(repository, world)
    document = sidecar(repository, "mat")
    assert (document["label"]["category"], document["label"]["category_text"]) == ("MISC_UNCLASS", "라텍스 매트")
    assert document["review"] == {"wanted": True, "reasons": ["unknown_category"]}


def test_a_note_is_feedback_in_its_own_time(repository: Repository, world: World) -> None:
    """It asks for a review and changes no label."""
    note = {"notes": "가습기입니다", "timestamp": "2025-10-22T09:00:00"}
    world.add("purifier", g3("가전", "기타 가전", "정수기", user_feedback=note, confidence=0.0), Expected("imported"))
    imported(repository, world)
    (one,) = said(repository, "purifier")
    assert (one["verdict"], one["note"], one["given_at"]) == ("note", "가습기입니다", "2025-10-22T09:00:00+09:00")
    assert one["review"] == sidecar(repository, "purifier")["review"] == {"wanted": True, "reasons": ["note"]}


@pytest.mark.parametrize("committed", [True, False])
def test_a_changed_label_is_a_new_revision(git_repository: Repository, world: World, committed: bool) -> None:  # noqa: FBT001
    """There, back and there again: each change is feedback, the sidecar stays, the label follows the app."""
    imported(git_repository, world)
    before = sidecar(git_repository, "sofa")
    sofa, chair = ({"classification": ecoguide_world.classification(*words)} for words in (SOFA, CHAIR))
    for number, sections in enumerate((chair, sofa, chair), start=1):
        if committed:
            commit(git_repository)
        world.change("sofa", **sections)
        fate = fate_of(imported(git_repository, world), "sofa")
        assert (fate.fate, [one[:8] for one in fate.feedback]) == ("revision", [f"eco-000{number}"])
        assert fate_of(imported(git_repository, world), "sofa").fate == "already_in"
        code = "FURN_CHAIR" if sections is chair else "FURN_SOFA"
        assert (final(git_repository, "sofa").category, final(git_repository, "sofa").review_state) == (
            code,
            "corrected",
        )
    if committed:
        assert commit(git_repository).feedback == 1
        assert sidecar(git_repository, "sofa")["image"].pop("pixel_sha256")
    after = sidecar(git_repository, "sofa")
    assert {key: after[key] for key in before if key != "image"} == {
        key: before[key] for key in before if key != "image"
    }


def test_an_older_time_in_a_changed_label_still_makes_it_the_latest(repository: Repository, world: World) -> None:
    """A copy that was restored from a backup is what the app says now."""
    imported(repository, world)
    chair = ecoguide_world.classification(*CHAIR)
    world.change("sofa", classification=chair, timestamp="2025-10-20T00:00:00")
    imported(repository, world)
    assert final(repository, "sofa").category == "FURN_CHAIR"


def test_a_new_note_is_said_once(repository: Repository, world: World) -> None:
    """A note that came later is feedback; the label it is about did not change."""
    imported(repository, world)
    world.change("sofa", user_feedback={"notes": "다리가 부러짐"})
    fate = fate_of(imported(repository, world), "sofa")
    assert (fate.fate, fate.review, [one[:8] for one in fate.feedback]) == ("revision", ("note",), ["eco-note"])
    assert fate_of(imported(repository, world), "sofa").fate == "already_in"


def test_saving_again_or_another_time_zone_is_nothing_new(repository: Repository, world: World) -> None:
    """Only what a label says makes a revision."""
    imported(repository, world)
    world.change("sofa", timestamp="2025-12-01T00:00:00", image_path="elsewhere.jpg")
    before = everything(repository.inbox)
    assert fate_of(imported(repository, world, zone="UTC"), "sofa").fate == "already_in"
    assert everything(repository.inbox) == before


def test_a_vanished_label_gets_one_note(git_repository: Repository, world: World) -> None:
    """The capture stays as it is; what came from elsewhere has not vanished."""
    world.add("chair", g2(*CHAIR), Expected("imported"))
    submit(git_repository, jpeg(20, 20), plain_sidecar(file_id("from the app itself")))
    imported(git_repository, world)
    commit(git_repository)
    world.path("sofa").unlink()
    done = imported(git_repository, world)
    assert (fate_of(done, "sofa").fate, len(fate_of(done, "sofa").feedback)) == ("vanished", 1)
    assert len(done.fates) == 2
    assert commit(git_repository).feedback == 1
    assert [one.get("review") for one in said(git_repository, "sofa")][-1] == {"wanted": True, "reasons": ["vanished"]}
    assert final(git_repository, "sofa").category == "FURN_SOFA"
    again = fate_of(imported(git_repository, world), "sofa")
    assert (again.fate, again.feedback) == ("vanished", ())


def test_a_photo_that_arrives_later_brings_its_label_in(repository: Repository, world: World) -> None:
    """What was kept of a refused label is forgotten once it is in."""
    world.add("late", g2(*SOFA), Expected("no_image"), None)
    assert fate_of(imported(repository, world), "late").fate == "no_image"
    assert len(everything(repository.quarantine)) == 2
    world.photo("late").write_bytes(jpeg(30, 20, 3))
    assert fate_of(imported(repository, world), "late").fate == "imported"
    assert everything(repository.quarantine) == {}


def test_another_photo_under_the_same_id_is_a_conflict(repository: Repository, world: World) -> None:
    """Both hashes are named; a photo that is gone changes nothing."""
    imported(repository, world)
    old, new = world.photo("sofa").read_bytes(), jpeg(30, 20, 99)
    world.photo("sofa").write_bytes(new)
    fate = fate_of(imported(repository, world), "sofa")
    assert (fate.fate, fate.reason) == ("quarantined", "conflict")
    assert all(hashlib.sha256(data).hexdigest() in str(fate.message) for data in (old, new))
    world.photo("sofa").unlink()
    assert fate_of(imported(repository, world), "sofa").fate == "already_in"


def test_a_capture_that_came_by_another_way_is_left_alone(repository: Repository, world: World) -> None:
    """The app's own delivery under the same id is not corrected by an old label."""
    submit(repository, world.photo("sofa").read_bytes(), plain_sidecar(file_id("sofa")))
    fate = fate_of(imported(repository, world), "sofa")
    assert (fate.fate, fate.reason, said(repository, "sofa")) == ("already_in", "delivered_otherwise", [])


def test_a_killed_import_is_finished_by_the_next(
    repository: Repository, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between a capture and its feedback, the feedback is not lost."""

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(importing, "submit_feedback", killed)
        with pytest.raises(KeyboardInterrupt):
            imported(repository, world)
    assert said(repository, "sofa") == []
    imported(repository, world)
    assert [one["verdict"] for one in said(repository, "sofa")] == ["confirm"]


def test_no_copy_is_kept_of_what_was_erased(
    repository: Repository, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A label whose capture a person had erased is refused and leaves nothing behind."""

    def erased(*_: Any) -> None:
        raise RefusedCaptureError("erased", "It was erased.")

    monkeypatch.setattr(importing, "submit", erased)
    assert fate_of(imported(repository, world), "sofa").reason == "erased"
    assert not repository.quarantine.exists()


def test_a_dry_run_tells_the_same_fates_and_writes_nothing(repository: Repository, tmp_path: Path) -> None:
    """Fates, reasons and reviews are those of the real import."""
    world = ecoguide_world.build(tmp_path / "uploads")
    before = everything(repository.root)
    tried = imported(repository, world, dry_run=True)
    assert everything(repository.root) == before
    assert tried == imported(repository, world)


def test_two_files_of_one_id_are_one_label(repository: Repository, world: World) -> None:
    """The second is refused by name: which of them is right is not guessed."""
    name = file_id("sofa").upper()
    document = json.loads(world.path("sofa").read_text(encoding="utf-8"))
    world.raw(f"{name}.json", json.dumps(document).encode(), Expected("quarantined", "stands_twice"))
    fates = [(fate.fate, fate.reason) for fate in imported(repository, world).fates]
    assert sorted(fates, key=str) == [("imported", None), ("quarantined", "stands_twice")]


def test_a_taxonomy_without_the_fallback_is_refused_before_anything_is_written(
    repository: Repository, world: World
) -> None:
    """One sentence says which category is missing."""
    world.add("mat", g2("가구", "라텍스 매트", "매트"), Expected("imported"))
    text = repository.categories.read_text(encoding="utf-8").replace("MISC_UNCLASS", "MISC_OTHER")
    repository.categories.write_text(text, encoding="utf-8")
    with pytest.raises(CapturesetError, match="has no MISC_UNCLASS"):
        imported(repository, world)
    assert not repository.inbox.exists()


NONSENSE: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, 10**400, "", [], {}, [[]], {"a": {"b": []}}),
    *("x" * 10_000, "\0", "\ud800", "FURN", "../..", "9999-12-31T23:59:59", "1900-01-01T00:00:00"),
)


def mutated(part: Any, rng: random.Random) -> Any:
    """Return a document with one value, at any depth, removed or made nonsense."""
    if not isinstance(part, dict) or not part:
        return rng.choice(NONSENSE)
    key = rng.choice(sorted(part))
    if rng.random() < 0.2:
        return {name: value for name, value in part.items() if name != key}
    deeper = isinstance(part[key], dict) and rng.random() < 0.75
    return {**part, key: mutated(part[key], rng) if deeper else rng.choice(NONSENSE)}


def test_mutated_labels_have_a_fate_and_the_same_one_twice(repository: Repository, world: World) -> None:
    """150 labels with nonsense anywhere: none raises, each refusal has a code, a second import says nothing new."""
    rng = random.Random(7)
    note = {"notes": "n", "timestamp": ecoguide_world.SAVED_AT}
    for number in range(150):
        document = {"file_id": file_id(f"m{number}"), **g3(*SOFA, user_feedback=note)}
        text = json.dumps(mutated(mutated(document, rng), rng))
        world.raw(f"{file_id(f'm{number}')}.json", text.encode(), Expected("any"))
        world.photo(f"m{number}").write_bytes(world.photo("sofa").read_bytes())
    fates = imported(repository, world).fates
    assert {fate.fate for fate in fates} == {"imported", "quarantined"}
    assert all((fate.fate == "quarantined") == bool(fate.reason and fate.message) for fate in fates)
    again = imported(repository, world).fates
    assert [(fate.reason, fate.feedback) for fate in again] == [(fate.reason, ()) for fate in fates]


def test_a_reviewers_later_correction_goes_before_an_older_change_in_the_app(
    repository: Repository, world: World
) -> None:
    """A revision takes its place in the app's own time; the latest person wins."""
    imported(repository, world)
    reviewed = feedback("by-a-reviewer", file_id("sofa"), "correct", category="FURN_BED")
    submit_feedback(repository, file_id("sofa"), {**reviewed, "given_at": "2025-11-01T00:00:00Z"})
    world.change("sofa", classification=ecoguide_world.classification(*CHAIR))
    assert fate_of(imported(repository, world), "sofa").fate == "revision"
    assert final(repository, "sofa").category == "FURN_BED"
