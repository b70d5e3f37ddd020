"""The quickstart's captures: what an app would have sent, with every kind of answer and feedback."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from pathlib import Path

import pytest

import rows
from captureset.judgement.evidence import Evidence
from captureset.judgement.photo import photo_flags
from captureset.judgement.settings import QualityParams
from captureset.pixels.measures import measure_photo
from captureset.quickstart import answers, captures
from captureset.quickstart.scenes import Scene, Trait, draw_scenes
from captureset.records import label
from captureset.records.box import Frame
from captureset.records.label import Label
from captureset.records.sidecar import Feedback
from captureset.store.repository import Repository

COUNT = 40


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Two whole cycles."""
    return list(draw_scenes(COUNT))


def feedback_of(scene: Scene, index: int) -> list[Feedback]:
    """The feedback on a scene as records."""
    said = captures.feedback(scene, index)
    return [] if said is None else [Feedback.from_document({"capture_id": scene.name, **said})]


def final_label(scene: Scene, index: int) -> Label:
    """What the catalog will say about a scene."""
    return label.resolve(captures.sidecar(scene, index), feedback_of(scene, index))


def verdicts(scenes: list[Scene]) -> Counter[str]:
    """How often each verdict was given; `silence` where nobody said anything."""
    said = (captures.feedback(scene, index) for index, scene in enumerate(scenes))
    return Counter("silence" if each is None else str(each["verdict"]) for each in said)


def frame_of(scene: Scene) -> Frame:
    """The frame of the photo."""
    return Frame(scene.width_px, scene.height_px)


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union of two boxes (left, top, width, height)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def test_the_fewest_captures_show_every_kind(scenes: list[Scene]) -> None:
    """Every verdict, silence, an image-level label and an empty photo occur among the fewest one may ask for."""
    few = scenes[: captures.FEWEST]
    assert set(verdicts(few)) == {"confirm", "correct", "reject", "note", "silence"}
    assert {final_label(scene, index).kind for index, scene in enumerate(few)} == {"boxes", "category", "empty"}
    assert {scene.trait for scene in few} == set(Trait)


def test_most_are_confirmed_and_one_each_is_rejected_and_remarked(scenes: list[Scene]) -> None:
    """Three in five or more are confirmed; there is one rejection and one note."""
    said = verdicts(scenes)
    assert said["confirm"] >= 0.6 * COUNT
    assert said["reject"] == said["note"] == 1


def test_about_an_eighth_of_the_answers_is_wrong(scenes: list[Scene]) -> None:
    """The model names another category than the main object's in 10 to 15 % of the photos."""
    wrong = 0
    for index, scene in enumerate(scenes):
        main = answers.main_object(scene)
        wrong += main is not None and answers.answer(scene, index)["category"] != main.category
    assert 0.1 <= wrong / COUNT <= 0.15


def test_every_wrong_answer_is_corrected_to_the_truth(scenes: list[Scene]) -> None:
    """After feedback the categories of all boxes are the drawn ones, also where two objects could be meant."""
    mistaken = [(scene, index) for index, scene in enumerate(scenes) if answers.is_mistaken(scene, index)]
    assert {len(scene.objects) > 1 for scene, _ in mistaken} == {True, False}
    for scene, index in mistaken:
        final = final_label(scene, index)
        assert final.review_state == "corrected"
        assert Counter(a.category for a in final.annotations) == Counter(o.category for o in scene.objects)


def test_boxes_are_near_the_truth_and_in_their_frame(scenes: list[Scene]) -> None:
    """In the photo's pixels every box overlaps its object by 85 % or more, and most are not exact."""
    exact = []
    for index, scene in enumerate(scenes):
        drawn = [each.xywh_px for each in scene.objects]
        for annotation in final_label(scene, index).annotations:
            x, y, w, h = annotation.box.xywh_px
            assert min(x, y) >= 0
            assert (x + w, y + h) <= (annotation.frame.width_px, annotation.frame.height_px)
            exact.append(best := max(overlap(annotation.box_in(frame_of(scene)).xywh_px, each) for each in drawn))
            assert best > 0.85
    assert sum(each == 1.0 for each in exact) < len(exact) / 4


def test_large_photos_have_boxes_in_the_frame_of_a_smaller_copy(scenes: list[Scene]) -> None:
    """As in the app, the model looked at a copy of 640 px, and the box says so."""
    large = [(scene, index) for index, scene in enumerate(scenes) if scene.width_px > answers.LONG_SIDE_PX]
    frames = [box["frame"] for scene, index in large for box in answers.answer(scene, index).get("boxes", ())]
    assert frames
    assert {frame["width_px"] for frame in frames} == {answers.LONG_SIDE_PX}


def test_empty_photos_are_confirmed_as_empty(scenes: list[Scene]) -> None:
    """Verified-empty is a label: a person said so."""
    empty = [final_label(scene, index) for index, scene in enumerate(scenes) if scene.trait is Trait.EMPTY]
    assert [(each.kind, each.review_state) for each in empty] == [("empty", "confirmed")] * len(empty)
    assert empty


def test_only_sure_answers_pass_unreviewed(scenes: list[Scene]) -> None:
    """Among those nobody reviewed, some fall short of the default confidence and some do not."""
    silent = [(s, i) for i, s in enumerate(scenes) if s.objects and captures.feedback(s, i) is None]
    sure = {answers.answer(scene, index)["confidence"] >= 0.5 for scene, index in silent}
    assert sure == {True, False}
    assert not any(answers.is_mistaken(scene, index) for scene, index in silent)


def test_sessions_have_two_or_three_captures(scenes: list[Scene]) -> None:
    """Sessions are keyed hashes, two or three captures each."""
    keys = Counter(captures.sidecar(scene, index)["session"]["session_key"] for index, scene in enumerate(scenes))
    assert set(keys.values()) == {2, 3}
    assert {len(key) for key in keys} == {64}


def test_a_duplicate_shares_its_item_but_not_its_session(scenes: list[Scene]) -> None:
    """Only the thing photographed ties a duplicate to its original."""
    sessions = {scene.name: captures.sidecar(scene, index)["session"] for index, scene in enumerate(scenes)}
    copies = [scene for scene in scenes if scene.duplicate_of is not None]
    assert copies
    for copy in copies:
        mine, original = sessions[copy.name], sessions[str(copy.duplicate_of)]
        assert mine["item_key"] == original["item_key"]
        assert mine["session_key"] != original["session_key"]


def test_captures_spread_over_three_months(scenes: list[Scene]) -> None:
    """January to March 2024, in each month some; feedback comes after its capture."""
    times = [captures.captured_at(scene, index).astimezone(UTC) for index, scene in enumerate(scenes)]
    assert {moment.strftime("%Y-%m") for moment in times} == {"2024-01", "2024-02", "2024-03"}
    for index, scene in enumerate(scenes):
        assert all(said.given_at > times[index] for said in feedback_of(scene, index))


def test_every_capture_says_that_it_is_synthetic(scenes: list[Scene]) -> None:
    """The source kind follows the capture into every table."""
    kinds = {captures.sidecar(scene, index)["source"]["kind"] for index, scene in enumerate(scenes)}
    assert kinds == {"synthetic"}


def test_object_names_are_korean(scenes: list[Scene]) -> None:
    """What the model called the object has Hangul in it, also where it is mistaken."""
    said = [answers.answer(scene, index) for index, scene in enumerate(scenes) if scene.objects]
    names = [each["object_name"] for each in said]
    assert [name for name in names if not any("가" <= letter <= "힣" for letter in name)] == []


def flags_of(scene: Scene) -> set[str]:
    """The flags of a photo under the thresholds of params.yaml."""
    capture = rows.capture(width_px=scene.width_px, height_px=scene.height_px)
    known = Evidence(capture, measure_photo("0" * 32, scene.jpeg))
    return set(photo_flags(known, rows.settings(QualityParams, "quality")))


def test_faults_are_flagged_and_plain_photos_are_not(scenes: list[Scene]) -> None:
    """Under the thresholds in params.yaml each spoilt photo has its own flag and no other one has any of them."""
    wanted = {Trait.BLURRED: "blurred", Trait.DARK: "dark", Trait.OVEREXPOSED: "overexposed"}
    for scene in scenes:
        flags = flags_of(scene) & set(wanted.values())
        assert (wanted[scene.trait] in flags) if scene.trait in wanted else not flags, (scene.name, flags)


def inbox_of(repository: Repository, count: int) -> dict[str, bytes]:
    """The inbox after `count` samples, by name."""
    captures.submit_samples(repository, count)
    return {path.name: path.read_bytes() for path in sorted(repository.inbox.iterdir())}


def test_the_inbox_is_the_same_every_time(repository: Repository, tmp_path: Path) -> None:
    """Two inboxes are equal byte for byte, the clock notwithstanding, and count what they were asked for."""
    told: list[int] = []
    done = captures.submit_samples(repository, 20, told.append)
    first = {path.name: path.read_bytes() for path in sorted(repository.inbox.iterdir())}
    other = Repository(tmp_path / "other")
    other.categories.parent.mkdir(parents=True)
    other.categories.write_bytes(repository.categories.read_bytes())
    assert inbox_of(other, 20) == first
    assert (done.captures, told[-1], len(first)) == (20, 20, 20 + done.feedback)
