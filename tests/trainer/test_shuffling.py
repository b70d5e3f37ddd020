from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from captureset.trainer.shuffling import show_shuffled
from captureset.trainer.view import label_of


def make_view(view: Path, labelled: int, backgrounds: int) -> list[Path]:
    """Write so many images with a label of their own, in two folders, and others without; return all."""
    images = []
    for number in range(labelled + backgrounds):
        image = view / "images" / ("train", "more")[number % 2] / f"p{number}.jpg"
        for path in (image, label_of(image)):
            path.parent.mkdir(parents=True, exist_ok=True)
        image.write_bytes(b"photo %d" % number)
        label_of(image).write_text(f"{number} 0.5 0.5 0.1 0.1\n" if number < labelled else "", encoding="utf-8")
        images.append(image)
    return images


def rows(images: list[Path]) -> list[str]:
    """Return what stands in the label file of each image."""
    return [label_of(image).read_text(encoding="utf-8").strip() for image in images]


@pytest.mark.parametrize("labelled", [2, 3, 17])
@pytest.mark.parametrize("seed", range(3))
def test_no_photo_keeps_its_label_and_none_is_lost(tmp_path: Path, labelled: int, seed: int) -> None:
    """Every label file is at another photo, each once; backgrounds stay empty; the photos are the same, in order."""
    images = make_view(tmp_path, labelled, 3)
    before = rows(images)
    shown = show_shuffled(tmp_path, images, seed)
    assert [link.read_bytes() for link in shown] == [image.read_bytes() for image in images]
    assert Counter(rows(shown)) == Counter(before)
    assert all(one != other for one, other in zip(rows(shown), before, strict=True) if other)
    assert rows(shown)[labelled:] == ["", "", ""]
    assert rows(images) == before


def test_the_deal_depends_on_the_seed_only(tmp_path: Path) -> None:
    """The same seed deals alike in another folder, another seed does not."""
    deals = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        images = make_view(tmp_path / name, 9, 0)
        deals.append(rows(show_shuffled(tmp_path / name, images, seed)))
    assert deals[0] == deals[1]
    assert deals[0] != deals[2]


@pytest.mark.parametrize("labelled", [0, 1])
def test_what_cannot_be_shuffled_is_not(tmp_path: Path, labelled: int) -> None:
    """One label has nowhere to go."""
    assert show_shuffled(tmp_path, make_view(tmp_path, labelled, 2), 0) == []
