"""An uploads folder as the EcoGuide app leaves it: three generations of labels, every trap, and the fate of each."""

from __future__ import annotations

import hashlib
import json
import unicodedata
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from photos import jpeg, png

MACHINE_PATH = "C:\\Users\\kim\\ecoguide\\uploads\\user_images\\x.jpg"
PRIVATE = "서울시 마포구 월드컵로 123"
SAVED_AT = "2025-10-21T14:03:11.482913"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must become of a label: its fate, and the codes it is refused or reviewed for."""

    fate: str
    reason: str | None = None
    review: tuple[str, ...] = ()


@dataclass(slots=True)
class World:
    """An uploads folder being written, and what is expected of each file in its labels folder."""

    uploads: Path
    expected: dict[str, Expected] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Return the label of a name."""
        return self.uploads / "labels" / f"{file_id(name)}.json"

    def photo(self, name: str) -> Path:
        """Return the photo of a name."""
        return self.uploads / "user_images" / f"{file_id(name)}.jpg"

    def change(self, name: str, **sections: Any) -> None:
        """Write a label again with other sections, as the app does after an edit."""
        document = json.loads(self.path(name).read_text(encoding="utf-8"))
        self.path(name).write_text(json.dumps({**document, **sections}, ensure_ascii=False), encoding="utf-8")

    def add(self, name: str, document: Document, expected: Expected, photo: bytes | None = b"") -> None:
        """Write a label; its photo is drawn from the name, or these bytes, or None."""
        document = {"file_id": file_id(name), "image_path": MACHINE_PATH, **document}
        self.raw(f"{file_id(name)}.json", json.dumps(document, ensure_ascii=False).encode(), expected)
        if photo is not None:
            seed = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
            self.photo(name).write_bytes(photo or jpeg(48, 36, seed))

    def raw(self, file_name: str, data: bytes, expected: Expected) -> None:
        """Write bytes into the labels folder."""
        (self.uploads / "labels" / file_name).write_bytes(data)
        self.expected[file_name] = expected


def file_id(name: str) -> str:
    """Return a UUID that is always the same for a name."""
    return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))


def classification(main: str, sub: str | None, object_name: str, **more: Any) -> Document:
    """Return a classification with the app's own bug: the name of the sub category is the object's."""
    return {
        "primary_category": main,
        "primary_category_name": main,
        "secondary_category": sub,
        "secondary_category_name": object_name,
        "object_name": object_name,
        **more,
    }


def g1(main: str, sub: str | None, object_name: str, width: Any = 120, **more: Any) -> Document:
    """Return a label of the first generation."""
    sizes = {"width_cm": width, "height_cm": 80, "depth_cm": 0, "dimension_sum_cm": 999}
    return {
        "timestamp": SAVED_AT,
        "classification": classification(main, sub, object_name),
        "dimensions": sizes,
        "confidence": 0.8,
        "reasoning": "팔걸이와 쿠션이 보입니다.",
        "user_feedback": {},
        "metadata": {"labeling_quality": 0.9},
        **more,
    }


def g2(main: str, sub: str | None, object_name: str, **more: Any) -> Document:
    """Return a label of the second generation."""
    return {
        **g1(main, sub, object_name),
        "dimensions": {"w_cm": 120.0, "h_cm": 80, "d_cm": None},
        **more,
    }


def g3(main: str, sub: str | None, object_name: str, raw: Document | None = None, **more: Any) -> Document:
    """Return a label of the third generation; what the model said is the same unless `raw` says otherwise."""
    first = {
        "object_name": object_name,
        "primary_category": main,
        "secondary_category": sub,
        "confidence": 0.91,
        "dimensions": {"width_cm": 120, "height_cm": 80, "depth_cm": 0},
        "reasoning": "모양으로 보아 그렇습니다.",
    }
    edited = {"object_name": "고친 이름", "primary_category": "고침", "confidence": 0.2, "dimensions": {"w_cm": 1}}
    return {
        **g2(main, sub, object_name),
        "confidence": 1.0,
        "ai_inference": {**edited, "raw_response": {**first, **(raw or {})}, "inference_timestamp": SAVED_AT},
        **more,
    }


def build(uploads: Path) -> World:
    """Write the folder: 50 files in labels, each trap of the app in it."""
    for folder in ("labels", "user_images", "districts", "monitoring", "waste_links", "waste_types"):
        (uploads / folder).mkdir(parents=True)
    (uploads / "user_location.json").write_text(json.dumps({"address": PRIVATE}, ensure_ascii=False), encoding="utf-8")
    (uploads / "districts" / "mapo.json").write_text(
        json.dumps({"address": PRIVATE}, ensure_ascii=False), encoding="utf-8"
    )
    (uploads / "labels" / "_index.json").write_bytes(b'{"labels": [{"file_id": "')
    world = World(uploads)
    _sound(world)
    _to_review(world)
    _refused(world)
    return world


def _sound(world: World) -> None:
    good = Expected("imported")
    pairs = [("가구", "소파"), ("가전", "TV/모니터"), ("생활/주방용품", "의류·침구류"), ("악기", "피아노")]
    for number, (main, sub) in enumerate(pairs):
        world.add(f"g1 {number}", g1(main, sub, "물건"), good)
        world.add(f"g2 {number}", g2(main, sub, "물건"), good)
        world.add(f"g3 {number}", g3(main, sub, "물건"), good)
    world.add("alias", g2("가구", "의자류", "의자"), good)
    world.add("alias of a main category", g2("조경/장식", "장식용 트리/조형물", "트리"), good)
    world.add("png named jpg", g3("가구", "책상", "책상"), good, png(40, 30, 5))
    world.add("turned by exif", g3("가구", "책장", "책장"), good, jpeg(40, 30, 6, exif_orientation=6))
    world.add("no rating", g2("가구", "소파", "소파", confidence=0.0), good)
    world.add("decomposed", g2("가구", unicodedata.normalize("NFD", "소파"), "소파"), good)
    world.add("renamed", g3("가구", "소파", "안락의자", {"object_name": "소파"}), good)
    world.add("recategorised", g3("가구", "의자", "의자", {"secondary_category": "소파"}), good)
    world.add("resized", g3("가구", "소파", "소파", {"dimensions": {"width_cm": 90}}), good)
    world.add("other keys", g3("가구", "소파", "소파", _aliased()), good)
    world.add("all missing", g2("가구", "소파", "소파", dimensions={"w_cm": 0, "h_cm": None}, confidence=None), good)


def _aliased() -> Document:
    sizes = {"width_cm": 120, "height_cm": 80}
    return {"main_category": "가구", "sub_category": "소파", "size_estimation": sizes, "dimensions": None}


def _to_review(world: World) -> None:
    def seen(*reasons: str) -> Expected:
        return Expected("imported", review=reasons)

    note = {"notes": "가습기입니다", "timestamp": "2025-10-22T09:00:00"}
    world.add("contradicting note", g3("가전", "기타 가전", "정수기", user_feedback=note), seen("note"))
    world.add("note on g1", g1("가구", "소파", "소파", user_feedback=note), seen("note"))
    world.add("outside", g2("가구", "라텍스 매트", "매트"), seen("unknown_category"))
    world.add("main as sub", g2("가구", "기타", "물건"), seen("unknown_category"))
    world.add("no sub", g2("가구", None, "물건"), seen("unknown_category"))
    world.add("other main", g2("가전", "소파", "소파"), seen("main_category_disagrees"))
    world.add("codes with photo", g3("FURN", "FURN_SOFA", "소파"), seen("category_code"))
    world.add("alias code", g3("APPL", "APPL_OTHER", "정수기"), seen("category_code"))
    world.add("too wide", g1("가구", "소파", "소파", width=250_000), seen("implausible_size"))
    world.add("size in words", g1("가구", "소파", "소파", width="120cm"), seen("implausible_size"))
    world.add("rated 95", g2("가구", "소파", "소파", confidence=95.0), seen("odd_rating"))
    world.add("mended parse", g3("가구", "소파", "소파", reasoning="자동 파싱 실패"), seen("parse_failure"))
    world.add("answer in words", g3("가구", "소파", "소파", ai_inference={"raw_response": "소파"}), _words())


def _words() -> Expected:
    return Expected("imported", review=("unreadable_answer",))


def _refused(world: World) -> None:
    def not_in(reason: str) -> Expected:
        return Expected("quarantined", reason)

    world.add("no image", g3("가구", "소파", "소파"), Expected("no_image", "no_image"), None)
    world.add("parse failure", g3("기타", "분류불가", "알 수 없음"), not_in("parse_failure"))
    world.add("script", g3("FURN", "FURN_SOFA", "소파", {"type": "large_furniture"}), not_in("script_record"))
    world.add("script without image", g2("FURN", "FURN_SOFA", "소파"), not_in("script_record"), None)
    world.add("no time", g2("가구", "소파", "소파", timestamp=""), not_in("no_time"))
    world.add("cut off photo", g2("가구", "소파", "소파"), not_in("damaged"), jpeg(48, 36, 9)[:-200])
    world.add("empty photo", g2("가구", "소파", "소파"), not_in("not_an_image"), b"nothing")
    long = {"notes": "가" * 6000}
    world.add("endless note", g2("가구", "소파", "소파", user_feedback=long), not_in("invalid_document"))
    world.add("no classification", {"timestamp": SAVED_AT}, not_in("not_a_label"))
    world.add("other id", g2("가구", "소파", "소파", file_id="../../etc/passwd"), not_in("wrong_name"))
    world.raw(f"{file_id('torn')}.json", b'{"file_id": "', not_in("not_json"))
    world.raw(f"{file_id('list')}.json", b"[]", not_in("not_a_label"))
    world.raw("소파 (1).json", b"{}", not_in("wrong_name"))
    link = world.uploads / "labels" / f"{file_id('link')}.json"
    link.symlink_to(world.uploads / "user_location.json")
    world.expected[link.name] = not_in("outside")
