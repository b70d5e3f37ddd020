"""The app's uploads folder, read: three generations, every trap, nothing private."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import ecoguide_world
from captureset.errors import CapturesetError, RefusedCaptureError
from captureset.formats.sources import ecoguide
from captureset.formats.sources.ecoguide_label import EcoguideLabel, parse
from captureset.records.sidecar import SizeCm
from ecoguide_world import Expected, World, file_id, g1, g2, g3
from photos import jpeg, png


def world_of(tmp_path: Path) -> World:
    """Return an uploads folder with nothing in it yet."""
    for folder in ("labels", "user_images"):
        (tmp_path / folder).mkdir()
    return World(tmp_path)


@pytest.mark.parametrize(
    ("document", "generation", "size"),
    [
        (g1("가구", "소파", "소파"), "G1", SizeCm(120.0, 80.0)),
        (g2("가구", "소파", "소파"), "G2", SizeCm(120.0, 80.0)),
        (g3("가구", "소파", "소파"), "G3", SizeCm(120.0, 80.0)),
        (g2("가구", "소파", "소파", dimensions=None), "G2", SizeCm()),
    ],
)
def test_the_keys_tell_the_generation(document: dict[str, Any], generation: str, size: SizeCm) -> None:
    """Each generation gives the same label; a depth of 0 or null is missing and the stored sum is not read."""
    label = parse(document, "x.json")
    assert (label.generation, label.size) == (generation, size)
    assert (label.words.main, label.words.sub, label.words.object_name) == ("가구", "소파", "소파")


def test_the_model_said_only_what_stands_in_its_raw_response() -> None:
    """The other fields of `ai_inference` were overwritten by the user's edit and are not read."""
    answer = parse(g3("가구", "소파", "안락의자", {"object_name": "소파"}), "x.json").answer
    assert answer is not None
    assert (answer.words.object_name, answer.words.main, answer.confidence) == ("소파", "가구", 0.91)
    assert answer.size == SizeCm(120.0, 80.0)
    assert parse(g2("가구", "소파", "소파"), "x.json").answer is None


def test_the_aliases_of_a_raw_response_are_read() -> None:
    """`main_category`, `sub_category` and `size_estimation` mean the same as the newer keys."""
    raw = {"main_category": "가구", "sub_category": "소파", "size_estimation": {"w_cm": 9}, "confidence": 80}
    answer = parse(g2("가구", "소파", "소파", ai_inference={"raw_response": raw}), "x.json").answer
    assert answer is not None
    assert (answer.words.main, answer.words.sub, answer.size) == ("가구", "소파", SizeCm(9.0))
    assert answer.confidence is None  # 80 is no probability


@pytest.mark.parametrize(
    ("confidence", "rating", "odd"),
    [
        (0.2, 1, False),
        (0.4, 2, False),
        (0.6, 3, False),
        (0.6000000000000001, 3, False),
        (0.8, 4, False),
        (1, 5, False),
        (0.0, None, False),
        (None, None, False),
        (95.0, None, True),
        (0.91, None, True),
        (-0.2, None, True),
        ("0.8", None, True),
        (True, None, True),
        ([], None, True),
    ],
)
def test_confidence_is_the_users_rating(confidence: Any, rating: int | None, odd: bool) -> None:  # noqa: FBT001
    """0.2 to 1.0 are one to five stars, 0 is no rating, and anything else is no rating and marked."""
    label = parse(g2("가구", "소파", "소파", confidence=confidence), "x.json")
    assert (label.rating, "odd_rating" in label.oddities) == (rating, odd)


@pytest.mark.parametrize("value", [-5, 2000.5, "120", True, [1], 10**400])
def test_a_size_that_is_none_is_left_out_and_marked(value: Any) -> None:
    """Nothing is guessed: the other axes stay."""
    label = parse(g1("가구", "소파", "소파", width=value), "x.json")
    assert label.size == SizeCm(None, 80.0)
    assert label.oddities == ("implausible_size",)


@pytest.mark.parametrize(
    "timestamp", [None, "", "yesterday", 17, "2025-13-01T00:00:00", "2025-10-21", "0001-01-01T00:00"]
)
def test_a_label_without_a_time_is_refused(timestamp: Any) -> None:
    """The day of a capture is not guessed."""
    with pytest.raises(RefusedCaptureError) as refused:
        parse(g2("가구", "소파", "소파", timestamp=timestamp), "x.json")
    assert refused.value.reason == "no_time"


def test_words_are_composed() -> None:
    """A name typed on macOS, in decomposed letters, is the same word."""
    decomposed = unicodedata.normalize("NFD", " 소파 ")
    assert parse(g2("가구", decomposed, decomposed), "x.json").words.sub == "소파"


def test_every_file_of_the_folder_is_read_or_refused(tmp_path: Path) -> None:
    """A record for each label of the world, none for the index, and nothing of the private files."""
    world = ecoguide_world.build(tmp_path / "uploads")
    found = ecoguide.read(world.uploads)
    assert {record.path.name for record in found.records} == world.expected.keys()
    assert ecoguide_world.PRIVATE not in repr(found)
    refused = {r.path.name: r.label.reason for r in found.records if isinstance(r.label, RefusedCaptureError)}
    later = {"damaged", "not_an_image", "invalid_document", "no_image"}
    assert all(world.expected[name].reason == reason for name, reason in refused.items())
    expected = {name for name, one in world.expected.items() if one.reason and one.reason not in later}
    assert expected - refused.keys() == {f"{file_id('script without image')}.json"}


@pytest.mark.parametrize(
    ("index", "note"),
    [
        (None, "_index.json is missing"),
        (b"{", "_index.json is corrupt"),
        (b"\xff\xfe", "_index.json is corrupt"),
        (json.dumps({"labels": [{"file_id": file_id("gone")}]}).encode(), "names 1 labels that are not there"),
        (json.dumps([file_id("sofa")]).encode(), None),
        (b"[]", None),
    ],
)
def test_the_index_decides_nothing(tmp_path: Path, index: bytes | None, note: str | None) -> None:
    """Missing, corrupt or stale: the same labels are read, and a note says what was wrong."""
    world = world_of(tmp_path)
    world.add("sofa", g2("가구", "소파", "소파"), Expected("imported"))
    if index is not None:
        (tmp_path / "labels" / "_index.json").write_bytes(index)
    found = ecoguide.read(tmp_path)
    assert [record.file_id for record in found.records] == [file_id("sofa")]
    assert (note is None) == (not found.notes)
    assert note is None or note in found.notes[0]


def test_hard_names(tmp_path: Path) -> None:
    """An upper-case id or suffix is the same label and photo; the app's own .jpg goes before a stray copy."""
    world = world_of(tmp_path)
    name = file_id("sofa")
    document = json.dumps({**g2("가구", "소파", "소파"), "file_id": name.upper()}).encode()
    world.raw(f"{name.upper()}.JSON", document, Expected("imported"))
    (tmp_path / "user_images" / f"{name}.png").write_bytes(png(9, 9))
    (tmp_path / "user_images" / f"{name.upper()}.JPG").write_bytes(jpeg(9, 9))
    (tmp_path / "user_images" / f"{name}.jpg").write_bytes(jpeg(9, 9))
    (tmp_path / "user_images" / "a stranger.v2.jpg").write_bytes(jpeg(9, 9))
    (tmp_path / "labels" / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "labels" / "_index.json").write_text("[]", encoding="utf-8")
    found = ecoguide.read(tmp_path)
    (record,) = found.records
    assert isinstance(record.label, EcoguideLabel)
    assert (record.file_id, record.photo) == (name, tmp_path / "user_images" / f"{name}.jpg")
    assert found.notes == (
        "1 other files in labels are no labels and were left out",
        "1 photos in user_images have no label and were left out",
    )


def test_a_photo_that_is_a_link_out_of_its_folder_is_no_photo(tmp_path: Path) -> None:
    """A link cannot bring in a file from elsewhere."""
    world = world_of(tmp_path)
    world.add("sofa", g2("가구", "소파", "소파"), Expected("no_image"), None)
    (tmp_path / "secret.jpg").write_bytes(jpeg(9, 9))
    world.photo("sofa").symlink_to(tmp_path / "secret.jpg")
    assert ecoguide.read(tmp_path).records[0].photo is None


@pytest.mark.parametrize("folders", [[], ["labels"], ["user_images"]])
def test_a_folder_without_labels_is_refused(tmp_path: Path, folders: list[str]) -> None:
    """The wrong folder must not look like an app whose labels have all vanished."""
    for folder in folders:
        (tmp_path / folder).mkdir()
    with pytest.raises(CapturesetError, match="has no label"):
        ecoguide.read(tmp_path)
