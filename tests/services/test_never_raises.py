"""No fault and no nonsense makes a door raise: what cannot be done is a sentence in the answer."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from captureset.capture.commit import commit
from captureset.services import (
    DataQualityService,
    DatasetManagerService,
    ImageMetadataService,
    LabelingDataService,
    LabelingService,
)
from captureset.services.criteria import DEFAULTS
from captureset.store.repository import Repository
from photos import jpeg, picture
from pipeline import NOBODY, begin

ROOT = Path(__file__).resolve().parents[2]
RESULT = {
    "category": "소파",
    "confidence": 0.8,
    "bbox": {"x": 1, "y": 2, "w": 30, "h": 40},
    "background_removed_image": picture(64, 48, 1).convert("RGBA"),
}
SESSION = {"session_id": "s", "user_id": "u", "timestamp": "2025-10-21T14:03:11"}
Answer = dict[str, Any]
Door = Callable[[], Answer]


def doors(config: Any) -> dict[str, Door]:
    """Return a call of every method, with sound arguments."""
    data, label = LabelingDataService(config), LabelingService(config)
    pictures, quality = ImageMetadataService(config), DataQualityService(config)
    return {
        "save_analysis_data": partial(data.save_analysis_data, jpeg(64, 48, 9), RESULT, {"rating": 4}, SESSION),
        "save_user_feedback": partial(data.save_user_feedback, "in", {"corrected_category": "의자"}, SESSION),
        "get_dataset_statistics": data.get_dataset_statistics,
        "save_label": partial(label.save_label, jpeg(64, 48, 9), RESULT, {"notes": "x"}),
        "extract": partial(pictures.extract, jpeg(64, 48)),
        "get": partial(pictures.get, "in"),
        "history": partial(pictures.history, "in"),
        "create_training_dataset": partial(
            DatasetManagerService(config).create_training_dataset, "waste", "1.0", {"min_confidence": 2}
        ),
        "assess_data_quality": partial(quality.assess_data_quality, "in"),
        "generate_quality_report": partial(quality.generate_quality_report, "weekly"),
    }


IDS = {"save_analysis_data": "analysis_id", "save_label": "file_id", "create_training_dataset": "dataset_id"}
SAVING = ("save_analysis_data", "save_label")


def require_shape(method: str, answer: Any) -> None:
    """Check that an answer is one: a dict with `success`, and a sentence where it is False."""
    assert isinstance(answer, dict)
    assert isinstance(answer["success"], bool)
    if method in IDS:
        assert IDS[method] in answer
    if not answer["success"]:
        said = answer["message" if method == "save_label" else "error"]
        assert isinstance(said, str)
        assert said.strip()
        assert "\n" not in said


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a committed capture and one that waits. Read only."""
    root = tmp_path_factory.mktemp("made") / "repository"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NOBODY.items():
            patch.setenv(name, value)
        repository = begin(root)
        service = LabelingDataService({"data_storage_path": root})
        first = service.save_analysis_data(jpeg(64, 48, 1), {**RESULT, "analysis_id": "in"}, {"rating": 3}, SESSION)
        assert (first["success"], commit(repository).captures) == (True, 1)
        second = service.save_analysis_data(jpeg(64, 48, 2), {**RESULT, "analysis_id": "waiting"}, None, SESSION)
        assert second["success"]
    return root


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Repository:
    """A copy of it that may be spoilt."""
    return Repository(Path(shutil.copytree(made, tmp_path / "copy", symlinks=True)))


@contextmanager
def full_disk() -> Iterator[None]:
    """Nothing can be made safe on disk any more."""

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "data/inbox/x")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        patch.setattr(Path, "mkdir", full)
        yield


@contextmanager
def no_memory() -> Iterator[None]:
    """A picture is larger than what is left."""

    def none(*_: Any, **__: Any) -> Any:
        raise MemoryError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image, "open", none)
        yield


def spoil(path: Path, data: bytes | None) -> None:
    """Put other bytes in place of a file or folder, or nothing at all."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if data is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


SPOILT: dict[str, tuple[str, bytes | None]] = {
    "no repository": ("data/categories.yaml", None),
    "the taxonomy is no YAML": ("data/categories.yaml", b"supercategories: ["),
    "no params": ("params.yaml", None),
    "params are binary": ("params.yaml", bytes(range(256))),
    "the inbox is a file": ("data/inbox", b""),
    "a torn envelope": ("data/inbox/in.capture", b"PK\x05\x06"),
    "an envelope cut off": ("data/inbox/waiting.capture", jpeg(64, 48, 2)),
    "feedback that is no JSON": ("data/inbox/in.feedback.f-1.json", b"{"),
    "feedback that is a list": ("data/inbox/in.feedback.f-1.json", b"[1]"),
    "measurements are no Parquet": ("data/measure/measurements.parquet", b"PAR1"),
    "a pointer is no YAML": ("data/captures/2025-10.dvc", b"outs: ["),
    "a pointer leads nowhere": ("data/captures/2025-10.dvc", b"outs:\n- {md5: aa.dir, path: ../images/2025/10}\n"),
    "no cache": (".dvc/cache", None),
    "no Git": (".git", None),
    "no DVC": (".dvc", None),
    "a DVC config that is none": (".dvc/config", b"[core\n"),
    "a secret cut off": ("data/private/pseudonym.key", b"x"),
    "a reason that is no JSON": ("data/quarantine/in.capture.reason.json", b"{"),
    "a stranger among the pointers": ("data/captures/notes.txt", b"x"),
    "erasures are no CSV": ("data/erasures.csv", b"\xff\xfe\x00"),
}


@pytest.mark.parametrize(("where", "data"), SPOILT.values(), ids=SPOILT)
def test_no_spoilt_file_makes_a_door_raise(world: Repository, where: str, data: bytes | None) -> None:
    """Whatever part of the repository is gone or garbage."""
    if "quarantine" in where:
        spoil(world.quarantine / "in.capture", b"x")
    spoil(world.root / where, data)
    for method, call in doors({"data_storage_path": world.root}).items():
        require_shape(method, call())


@pytest.mark.parametrize("fault", [full_disk, no_memory])
def test_no_failure_of_the_machine_makes_a_door_raise(world: Repository, fault: Any) -> None:
    """Nothing is acknowledged that is not safe, and the same call works once there is room again."""
    calls = doors({"data_storage_path": world.root})
    before = sorted(path.name for path in world.inbox.glob("*.capture"))
    with fault():
        for method, call in calls.items():
            answer = call()
            require_shape(method, answer)
            assert not (method in SAVING and answer["success"]), answer
    assert sorted(path.name for path in world.inbox.glob("*.capture")) == before
    assert calls["save_analysis_data"]()["success"]
    assert calls["save_user_feedback"]()["success"]


@pytest.mark.parametrize("config", [None, {}, [], 7, "x", {"data_storage_path": None}, {"data_storage_path": "\0"}])
def test_no_config_makes_a_door_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Any) -> None:
    """Neither when the service is made nor when it is asked."""
    monkeypatch.chdir(tmp_path)
    for method, call in doors(config).items():
        answer = call()
        require_shape(method, answer)
        assert answer["success"] == (method == "extract")


class Hostile:
    """An object of which nothing can be asked."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return super().__getattribute__(name)
        raise KeyError(name)

    def __str__(self) -> str:
        raise ValueError

    def __bool__(self) -> bool:
        raise TypeError

    def __eq__(self, other: object) -> bool:
        raise AttributeError

    def __hash__(self) -> int:
        raise RuntimeError


class HostileDict(dict[str, Any]):
    """A dict that breaks when it is read."""

    def items(self) -> Any:
        """Break."""
        raise LookupError

    def get(self, key: str, default: Any = None) -> Any:
        """Break."""
        raise RecursionError(key, default)


class Colour(Enum):
    """An enumeration."""

    RED = "소파"


def endless() -> list[Any]:
    """Return a list that holds itself."""
    found: list[Any] = []
    found.append(found)
    return found


HOSTILE: tuple[Callable[[], Any], ...] = (Hostile, HostileDict, lambda: HostileDict(category="소파"), endless)
STRANGE: tuple[Callable[[], Any], ...] = (
    *(object, lambda: Hostile, lambda: len, lambda: Ellipsis, lambda: NotImplemented, lambda: print, lambda: pytest),
    *(lambda: Colour.RED, lambda: Decimal("NaN"), lambda: complex(1, 2), lambda: 10**400, lambda: -(10**400)),
    *(lambda: float("nan"), lambda: float("-inf"), lambda: "\ud800", lambda: "\0", lambda: "x" * 100_000, lambda: b""),
    *(lambda: b"\xff\xd8\xff", lambda: jpeg(8, 8)[:-9], lambda: bytearray(b"x"), lambda: memoryview(b"x")),
    *(lambda: iter([1]), lambda: range(3), lambda: frozenset({1}), lambda: {1: 2}, lambda: {None: None}),
    *(lambda: np.zeros(0), lambda: np.zeros((2, 2, 2)), lambda: np.full((4, 4), np.nan), lambda: np.array("x")),
    *(
        lambda: np.zeros((4, 4, 3), np.uint8),
        lambda: np.bool_(1),
        lambda: np.float32("nan"),
        lambda: np.array([object()]),
    ),
    *(lambda: Image.new("RGB", (0, 0)), lambda: Image.new("F", (9, 9)), lambda: Image.new("RGBA", (9, 9))),
    *(lambda: date(1, 1, 1), lambda: datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), lambda: Path("/no/such"), Path),
    *(lambda: "/etc", str, dict, list, lambda: None, lambda: True, lambda: -1, lambda: 0.5, lambda: [None] * 4),
)
KEYS = sorted(
    {"category", "bbox", "x", "y", "width", "height", "x1", "y1", "x2", "y2", "confidence", "size_estimation", "format"}
    | {"image_width", "image_height", "hand_detection", "object_detection", "label", "background_removed_image"}
    | {"session_id", "user_id", "user_agent", "timestamp", "notes", "rating", "corrected_category", "corrections"}
    | {"analysis_id", "record_id", "frame", "xyxy", "w_cm", "is_correct", "verdict", "empty", "fee", "start", "end"}
    | set(DEFAULTS)
)
LEAVES = st.one_of(
    st.sampled_from(STRANGE).map(lambda make: make()),
    st.text(max_size=20),
    st.floats(),
    st.integers(),
    st.sampled_from(["소파", "FURN_SOFA", "xywh", "xyxy_norm", "2025-10-21", "weekly", "in"]),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)


def test_fifty_kinds_of_nonsense() -> None:
    """As many are tried, alone and inside each other."""
    assert len(STRANGE) >= 50


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository as an app has it that never commits: no Git, no DVC, nothing in it."""
    root = tmp_path_factory.mktemp("bare")
    (root / "data" / "captures").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "categories.yaml", root / "data")
    shutil.copy(ROOT / "params.yaml", root)
    return root


def tried(root: Path, one: Any, two: Any, three: Any, four: Any) -> None:
    """Hand four things over in every place of every method."""
    config = {"data_storage_path": str(root)}
    data, label = LabelingDataService(config), LabelingService(config)
    pictures, quality = ImageMetadataService(config), DataQualityService(config)
    sets = DatasetManagerService(config)
    twin = {**RESULT, "background_removed_image": one}
    answers = {
        "save_analysis_data": (
            data.save_analysis_data(jpeg(64, 48), one, two, three),
            data.save_analysis_data(one, {"bbox": two, "object_detection": three}, four),
            data.save_analysis_data(jpeg(64, 48), twin, {"rating": three}, {"session_id": two, "timestamp": four}),
        ),
        "save_user_feedback": (data.save_user_feedback(one, two, three), data.save_user_feedback("a", one)),
        "get_dataset_statistics": (data.get_dataset_statistics(one), data.get_dataset_statistics((one, two))),
        "save_label": (label.save_label(jpeg(64, 48), one, two), label.save_label(one, two, three)),
        "extract": (pictures.extract(one),),
        "get": (pictures.get(one),),
        "history": (pictures.history(one),),
        "create_training_dataset": (
            sets.create_training_dataset(one, two, three),
            sets.create_training_dataset("waste", "1.0", one),
        ),
        "assess_data_quality": (quality.assess_data_quality(one), quality.assess_data_quality({"image": two})),
        "generate_quality_report": (
            quality.generate_quality_report(one, two),
            DataQualityService(one).assess_data_quality(two),
        ),
    }
    for method, found in answers.items():
        for answer in found:
            require_shape(method, answer)


@given(one=ANYTHING, two=ANYTHING, three=ANYTHING, four=ANYTHING)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_argument_makes_a_door_raise(bare: Path, one: Any, two: Any, three: Any, four: Any) -> None:
    """Any object in any place, nested in any way, next to sound ones."""
    tried(bare, one, two, three, four)


@pytest.mark.parametrize("make", HOSTILE)
def test_no_object_that_breaks_when_it_is_looked_at_does_either(bare: Path, make: Callable[[], Any]) -> None:
    """Its attributes, its truth, its text and its items all raise; alone and inside a dict."""
    tried(bare, make(), make(), make(), make())
    tried(bare, {"category": make()}, {"x": make()}, {"session_id": make()}, [make()])


PROGRAM = """
    import json, sys
    class Blocked:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in {"dvc", "numpy", "pandas", "pyarrow", "pycocotools", "simplejpeg"}:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    sys.meta_path.insert(0, Blocked())
    from captureset.services import *
    config = {"data_storage_path": sys.argv[1]}
    data, photo = LabelingDataService(config), open(sys.argv[2], "rb").read()
    print(json.dumps({
        "saved": data.save_analysis_data(photo, {"category": "소파"}),
        "feedback": data.save_user_feedback("in", {"rating": 5}),
        "statistics": data.get_dataset_statistics(),
        "get": ImageMetadataService(config).get("in"),
        "extract": ImageMetadataService(config).extract(photo),
        "dataset": DatasetManagerService(config).create_training_dataset("waste", "1.0", {}),
        "quality": DataQualityService(config).assess_data_quality("in"),
        "metadata": DataQualityService(config).assess_data_quality({"image_width": 900, "image_height": 700}),
        "report": DataQualityService(config).generate_quality_report("weekly"),
    }))
"""


def test_without_the_extra_pipeline_a_door_says_so(world: Repository, tmp_path: Path) -> None:
    """Saving, and what needs no committed capture, works; the rest names the extra and how to install it."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(64, 48, 5))
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(world.root), str(photo)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    able = {name for name, answer in answers.items() if answer["success"]}
    assert able == {"saved", "feedback", "extract", "metadata"}
    for name in answers.keys() - able:
        assert "captureset[pipeline]" in answers[name]["error"]
