"""Drawn scenes become captures in the inbox, with model answers, feedback and sessions as an app has them.

What is special about a capture depends on its index alone, and its time too, so fewer captures are a prefix of more.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import captureset
from captureset.capture.submit import submit, submit_feedback
from captureset.quickstart import answers
from captureset.quickstart.scenes import Scene, Trait, draw_scenes
from captureset.store.repository import Repository

SOURCE = "captureset-quickstart"
KEY = b"captureset quickstart"  # no secret: nobody is behind these sessions
CYCLE = 20
BOXLESS_AT, UNREVIEWED_AT = frozenset({4, 7}), frozenset({4, 10, 14})  # in every cycle
REJECTED_INDEX, NOTED_INDEX, SET_ASIDE_INDEX = 16, 17, 11  # once
FEWEST = CYCLE  # with fewer, some kinds of captures would be missing

FIRST_DAY = datetime(2024, 1, 1, 10, tzinfo=timezone(timedelta(hours=9)))
DAYS, DAY_STEP = 91, 37  # to the end of March; coprime, so sessions spread over all days

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What went into the inbox, and the id of the capture that a person will set aside."""

    captures: int
    feedback: int
    set_aside: str


def submit_samples(repository: Repository, count: int, progress: Progress = lambda _: None) -> Submitted:
    """Put `count` drawn captures and the feedback on them into the inbox; the same bytes every time.

    Args:
        repository: where to.
        count: at least FEWEST.
        progress: told after each capture how many are done.
    """
    given, names = 0, []
    for index, scene in enumerate(draw_scenes(count)):
        submit(repository, scene.jpeg, sidecar(scene, index), scene.background_removed_png)
        said = feedback(scene, index)
        if said is not None:
            submit_feedback(repository, scene.name, said)
            given += 1
        names.append(scene.name)
        progress(index + 1)
    return Submitted(len(names), given, names[SET_ASIDE_INDEX])


def sidecar(scene: Scene, index: int) -> dict[str, Any]:
    """Return the sidecar of the scene with this index (from 0).

    An empty scene comes with a person's word that nothing is there; every other has only the model's answer.
    """
    document: dict[str, Any] = {
        "schema_version": 1,
        "capture_id": scene.name,
        "captured_at": captured_at(scene, index).isoformat(),
        "source": {"kind": "synthetic", "name": SOURCE, "version": captureset.__version__},
        "session": {
            "session_key": keyed(f"session {session_of(scene, index)}"),
            "item_key": keyed(f"item {scene.duplicate_of or scene.name}"),
        },
        "model": answers.answer(scene, index, boxes=index % CYCLE not in BOXLESS_AT),
    }
    if scene.trait is Trait.EMPTY:
        document["label"] = {"reviewed": True, "empty": True}
    return document


def feedback(scene: Scene, index: int) -> dict[str, Any] | None:
    """Return what a person said about the scene with this index, or None where nobody said anything."""
    if scene.trait is Trait.EMPTY or index % CYCLE in UNREVIEWED_AT:
        return None
    given_at = captured_at(scene, index) + timedelta(days=index % 3, hours=2)
    return {
        "schema_version": 1,
        "feedback_id": f"fb-{scene.name}",
        "given_at": given_at.isoformat(),
        "received_at": (given_at + timedelta(seconds=2)).astimezone(UTC).isoformat().replace("+00:00", "Z"),
        **_verdict(scene, index),
    }


def _verdict(scene: Scene, index: int) -> dict[str, Any]:
    if index == REJECTED_INDEX:
        return {"verdict": "reject", "rating": 1, "note": "다른 물건이 앞을 가립니다."}
    if index == NOTED_INDEX:
        return {"verdict": "note", "rating": 3, "note": "크기는 잘 모르겠습니다."}
    if answers.is_mistaken(scene, index):
        return _correction(scene)
    return {"verdict": "confirm", "rating": 4 + index % 2}


def _correction(scene: Scene) -> dict[str, Any]:
    """Return the right category and, where other objects could be meant, the right boxes."""
    truth = answers.main_object(scene)
    said: dict[str, Any] = {"verdict": "correct", "rating": 2}
    if truth is not None:
        said["category"] = truth.category
    return said if len(scene.objects) == 1 else {**said, "boxes": answers.exact_boxes(scene)}


def session_of(scene: Scene, index: int) -> int:
    """Return the number of the scene's session: two, then three captures each; a duplicate is in the next one."""
    place = index + 1 if scene.trait is Trait.DUPLICATE else index
    return place // 5 * 2 + (place % 5 >= 2)  # noqa: PLR2004 - the first two of five


def captured_at(scene: Scene, index: int) -> datetime:
    """Return a time in January to March 2024, one day a session, whole seconds, Korean offset."""
    session = session_of(scene, index)
    day = session * DAY_STEP % DAYS
    return FIRST_DAY + timedelta(days=day, hours=session % 8, minutes=3 * (index % 5), seconds=index % 60)


def keyed(text: str) -> str:
    """Return a pseudonym, 64 hexadecimal digits."""
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
