"""One repository with three real releases over growing data, and a diary of everything that was done to it.

Between the releases the code and the parameters change too, so that an old tag makes other bytes than today's code.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

import pipeline
from captureset.capture.commit import commit
from captureset.capture.erase import erase
from captureset.capture.exclude import exclude
from captureset.capture.submit import submit, submit_feedback
from captureset.errors import CapturesetError
from captureset.quickstart.scenes import Scene, draw_scenes
from captureset.release.release import release
from captureset.store.repository import Repository

NAME = "sofas"
NUMBERS = ("v1.0.0", "v1.1.0", "v2.0.0")
TAGS = tuple(f"{NAME}@{number}" for number in NUMBERS)
CHAINS = ((16, 17, 0.25), (31, 40, 0.25), (42, 44, 0.35))  # scenes, and how much of the second is blended in
FIRST, SECOND, THIRD = range(14), range(20, 28), range(45, 48)  # scenes
UNSURE = ("scene-0002", "scene-0014", "scene-0026")  # the model's confidence is 0.6
BARE = ("scene-0001", "scene-0006", "scene-0028")  # the model names a category and no box
TRAINED, TESTED = "scene-0012", "scene-0005"  # frozen in two splits by the first release
REFUSED = {"v1.1.0": ("v1.0.1",), "v2.0.0": ("v1.2.0", "v3.0.0")}
CODE = ("stages/captureset/judgement/proportions.py", "BINS = 10", "BINS = 8")


@dataclass(frozen=True, slots=True)
class ThreeVersions:
    """The repository, read only, and what was done before each tag but the first."""

    root: Path
    diary: dict[str, dict[str, Any]]


def build(root: Path) -> dict[str, dict[str, Any]]:
    """Make the repository and return its diary, by tag."""
    repository = pipeline.begin(root)
    cheap = {"smoke_train__epochs": 2, "smoke_train__max_images": 12}
    pipeline.change_params(root, **cheap, report__contact_sheet=2)
    scenes = list(draw_scenes(THIRD.stop))
    _first(repository, scenes)
    diary = {TAGS[1]: _second(repository, scenes)}
    return diary | {TAGS[2]: _third(repository, scenes)}


def _first(repository: Repository, scenes: list[Scene]) -> None:
    for index in FIRST:
        _submit(repository, scenes[index])
    for number, (one, other, share) in enumerate(CHAINS):
        for end, blended in (("first", 0.0), ("last", share)):
            name = f"chain-{number}-{end}"
            _submit_blend(repository, name, scenes[one], scenes[other], blended)
            _say(repository, name, f"fb-{name}", verdict="confirm")
    for name in ("scene-0003", "scene-0004"):
        _say(repository, name, f"fb-early-{name}", verdict="confirm")
    _release(repository, NUMBERS[0])


def _second(repository: Repository, scenes: list[Scene]) -> dict[str, Any]:
    """Only additions: new scenes, a confirmation, and a capture that ties frozen ones of two splits together."""
    for index in SECOND:
        _submit(repository, scenes[index])
    bridge = {"session_key": _key(TRAINED), "user_key": _key(TESTED)}
    _submit(repository, scenes[28], "bridge", session=bridge)
    _say(repository, "scene-0004", "fb-again", verdict="confirm")
    _say(repository, "scene-0028", "fb-bare", verdict="confirm")
    path = repository.root / CODE[0]
    code = path.read_text(encoding="utf-8")
    assert code.count(CODE[1]) == 1
    path.write_text(code.replace(*CODE[1:]), encoding="utf-8")
    refusals = _release(repository, NUMBERS[1])
    return {"refusals": refusals, "said": {}, "gone": {}}


def _third(repository: Repository, scenes: list[Scene]) -> dict[str, Any]:
    """Everything at once: corrections, captures that go for five reasons, a bridge that falls, a chain that closes."""
    for index in THIRD:
        _submit(repository, scenes[index])
    for number, (one, other, share) in enumerate(CHAINS):
        _submit_blend(repository, f"chain-{number}-middle", scenes[one], scenes[other], share / 2)
    said = _corrections(repository, scenes)
    gone = {"scene-0009": "rejected", "scene-0022": "excluded", TESTED: "erased"} | dict.fromkeys(UNSURE, "confidence")
    _say(repository, "scene-0009", "fb-no", verdict="reject")
    exclude(repository, "scene-0022", "seen twice")
    pipeline.save(repository.root, "Set one aside")
    erase(repository, TESTED, "asked by its owner", today="2024-04-01")
    pipeline.change_params(repository.root, filter__min_confidence=0.7, catalog__whole_image_boxes=True)
    refusals = _release(repository, NUMBERS[2])
    return {"refusals": refusals, "said": said, "gone": gone}


def _corrections(repository: Repository, scenes: list[Scene]) -> dict[str, list[str]]:
    """Say what people saw, and return which feedback changed whose label; `fb-yes` and `fb-star` change none."""
    boxes = {scene.name: _boxes(scene) for scene in scenes}
    renamed = [{**box, "category": "FURN_TABLE"} for box in boxes["scene-0003"]]
    (x, y, w, h), *_ = (box["xywh_px"] for box in boxes["scene-0007"])
    shifted = [{**boxes["scene-0007"][0], "xywh_px": [x + 6, y + 4, w - 6, h - 4]}, *boxes["scene-0007"][1:]]
    elsewhere = {**boxes["scene-0021"][0], "category": "APPL_TV", "xywh_px": [1.5, 2.25, 31.5, 24.75]}
    _say(repository, "scene-0003", "fb-name", verdict="correct", boxes=renamed)
    _say(repository, "scene-0007", "fb-first", verdict="correct", boxes=renamed[:0], empty=True)
    _say(repository, "scene-0007", "fb-place", verdict="correct", boxes=shifted, given_at="2024-03-21T00:00:00Z")
    _say(repository, "scene-0021", "fb-other", verdict="correct", boxes=[*boxes["scene-0021"][1:], elsewhere])
    _say(repository, "scene-0023", "fb-empty", verdict="correct", empty=True)
    _say(repository, "scene-0001", "fb-box", verdict="correct", boxes=boxes["scene-0001"][:1])
    _say(repository, "scene-0024", "fb-yes", verdict="confirm")
    _say(repository, "scene-0025", "fb-star", verdict="note", rating=4)
    return {
        "scene-0003": ["fb-name"],
        "scene-0007": ["fb-first", "fb-place"],
        "scene-0021": ["fb-other"],
        "scene-0023": ["fb-empty"],
        "scene-0001": ["fb-box"],
        "scene-0028": [],  # its whole-image box comes from params.yaml
    }


def _release(repository: Repository, number: str) -> dict[str, str]:
    """Build and release; return what was said to the numbers that promise too little or skip one."""
    done = commit(repository)
    assert done.refusals == ()
    pipeline.repro(repository.root)
    pipeline.save(repository.root, f"Build {number}")
    refusals = {}
    for wrong in REFUSED.get(number, ()):
        try:
            release(repository, NAME, wrong)
        except CapturesetError as error:
            refusals[wrong] = str(error)
    release(repository, NAME, number)
    return refusals


def _key(name: str) -> str:
    return name.encode().hex()[:64].rjust(16, "0")


def _boxes(scene: Scene) -> list[dict[str, Any]]:
    frame = {"width_px": scene.width_px, "height_px": scene.height_px}
    return [{"category": o.category, "xywh_px": list(o.xywh_px), "frame": frame} for o in scene.objects]


def _submit(repository: Repository, scene: Scene, name: str = "", jpeg: bytes = b"", **sections: Any) -> None:
    name, boxes = name or scene.name, _boxes(scene)
    answer: dict[str, Any] = {"boxes": boxes} if name not in BARE else {"category": boxes[0]["category"]}
    label = {"model": {"name": "m", "version": "1", "confidence": 0.6 if name in UNSURE else 0.9, **answer}}
    sidecar: dict[str, Any] = {
        "schema_version": 1,
        "capture_id": name,
        "captured_at": "2024-02-15T03:00:00Z",
        "source": {"kind": "synthetic", "name": "test"},
        "session": {"session_key": _key(name), "user_key": _key(name)},
        **(label if boxes else {"label": {"reviewed": True, "empty": True}}),
        **sections,
    }
    submit(repository, jpeg or scene.jpeg, sidecar, scene.background_removed_png if not jpeg else None)


def _submit_blend(repository: Repository, name: str, one: Scene, other: Scene, share: float) -> None:
    """Submit a photo between two: its hash lies between theirs."""
    first, second = (Image.open(io.BytesIO(scene.jpeg)) for scene in (one, other))
    sink = io.BytesIO()
    Image.blend(first, second, share).save(sink, "JPEG", quality=88)
    _submit(repository, one, name, sink.getvalue())


def _say(repository: Repository, capture_id: str, feedback_id: str, **said: Any) -> None:
    known = {"schema_version": 1, "feedback_id": feedback_id, "capture_id": capture_id}
    submit_feedback(repository, capture_id, {**known, "given_at": "2024-03-20T00:00:00Z", **said})
