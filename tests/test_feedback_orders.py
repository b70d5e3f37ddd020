"""What people said gives one final label, in whatever order, how often and how early it arrived."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from captureset.capture.commit import commit
from captureset.capture.submit import submit, submit_feedback
from captureset.catalog import Catalog, CatalogParams, catalogue
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.label import resolve
from captureset.records.sidecar import Feedback
from captureset.store import pointers
from captureset.store.capture_files import grouped
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import box, feedback, sidecar
from photos import jpeg

MODEL = {"category": "FURN_SOFA", "confidence": 0.8, "boxes": [box("FURN_SOFA", [1, 2, 30, 20])]}
SAID: tuple[dict[str, Any], ...] = (
    {"verdict": "confirm", "rating": 4},
    {"verdict": "correct", "category": "FURN_CHAIR"},
    {"verdict": "note", "note": "다리가 없습니다", "rating": 2},
    {"verdict": "correct", "boxes": [box("FURN_CHAIR", [2, 2, 20, 20]), box("FURN_DESK", [30, 5, 20, 20])]},
    {"verdict": "reject"},
    {"verdict": "correct", "size_cm": {"width_cm": 90}},
    {"verdict": "correct", "size_cm": {"depth_cm": 40}, "rating": 5},
    {"verdict": "confirm"},
)
HOURS = (1, 2, 2, 3, 4, 4, 5, 6)  # some at the very same moment


def documents(capture_id: str) -> list[dict[str, Any]]:
    """Return everything that is said about a capture, by the time it was given."""
    return [
        feedback(f"{capture_id}-f{number}", capture_id, given_at=f"2024-01-17T0{hour}:00:00Z", **answer)
        for number, (hour, answer) in enumerate(zip(HOURS, SAID, strict=True))
    ]


def shuffled(choose: random.Random, every: list[Any]) -> list[Any]:
    """Return all of them in some order, some twice or three times."""
    found = [*every, *choose.choices(every, k=choose.randrange(len(every)))]
    choose.shuffle(found)
    return found


def test_1000_orders_give_one_label() -> None:
    """Every prefix of time included: whatever is known of the first n, its order does not matter."""
    choose, document, every = random.Random(0), sidecar("c", model=MODEL), documents("c")
    for turn in range(1000):
        known = every[: 1 + turn % len(every)]
        found = resolve(document, map(Feedback.from_document, shuffled(choose, known)))
        assert found == resolve(document, map(Feedback.from_document, known))


def test_25_orders_through_inbox_and_commit_give_one_row(git_repository: Repository) -> None:
    """Twice, late, and before the capture itself, over four commits: the rows are the same but for names."""
    choose, photo = random.Random(1), jpeg(64, 48, 1)
    names = [f"o-{number:02}" for number in range(25)]
    waiting = [step for name in names for step in _steps(choose, name)]
    choose.shuffle(waiting)
    for start in range(4):
        for name, said in waiting[start::4]:
            if said is None:
                submit(git_repository, photo, sidecar(name, model=MODEL))
            else:
                submit_feedback(git_repository, name, {**said, "received_at": f"2024-0{2 + start}-01T00:00:00Z"})
        assert commit(git_repository).refusals == ()
    found = _catalog(git_repository)
    assert [row.capture_id for row in found.captures] == names
    assert len({replace(row, capture_id="", sidecar_md5="", memo_key="") for row in found.captures}) == 1
    boxes = {name: [replace(b, capture_id="") for b in found.annotations if b.capture_id == name] for name in names}
    assert all(boxes[name] == boxes["o-00"] for name in names)
    row = found.captures[0]
    assert (row.review_state, row.category, row.rating, row.feedback_count) == ("corrected", "FURN_CHAIR", 5, len(SAID))
    assert (row.width_cm, row.depth_cm, len(boxes["o-00"])) == (90, 40, 2)


def _steps(choose: random.Random, name: str) -> list[tuple[str, dict[str, Any] | None]]:
    """Return what arrives for one capture, itself (None) among it, perhaps twice."""
    return [(name, said) for said in shuffled(choose, [None, *documents(name)])]


def _catalog(repository: Repository) -> Catalog:
    store = ObjectStore(repository.root)
    files = grouped((one.month, pointers.rows(store, one)) for one in pointers.read(repository.pointers))
    settings = CatalogParams(whole_image_boxes=False)
    return catalogue(files, store.read, load_taxonomy(repository.categories), settings, "v", Catalog())
