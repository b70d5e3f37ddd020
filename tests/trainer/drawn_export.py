"""Small YOLO exports drawn here: one coloured box on grey noise, in our own layout."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH_PX, HEIGHT_PX = 160, 120
COLOURS = ((200, 30, 30), (30, 60, 200))
NAMES = ("소파", "no")


def draw_photo(number: int) -> tuple[bytes, str]:
    """Return a JPEG with one box and its label row."""
    random = np.random.Generator(np.random.PCG64(number))
    pixels = random.integers(90, 130, (HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    w, h = (int(side) for side in random.integers(40, 80, 2))
    x, y = int(random.integers(0, WIDTH_PX - w)), int(random.integers(0, HEIGHT_PX - h))
    pixels[y : y + h, x : x + w] = COLOURS[number % 2]
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    x_norm, y_norm = (x + w / 2) / WIDTH_PX, (y + h / 2) / HEIGHT_PX
    row = f"{number % 2} {x_norm:.8f} {y_norm:.8f} {w / WIDTH_PX:.8f} {h / HEIGHT_PX:.8f}\n"
    return buffer.getvalue(), row


def write_data_yaml(export: Path, text: str = "train: images/train\nval: images/val\n") -> None:
    """Write data.yaml with the two names, one of which YAML would read as False."""
    (export / "data.yaml").write_text(f'{text}names:\n  0: {NAMES[0]}\n  1: "{NAMES[1]}"\n', encoding="utf-8")


def snapshot(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def make_export(export: Path, train: int = 2, val: int = 1) -> Path:
    """Draw an export with so many train and val photos and return its folder."""
    for split, numbers in {"train": range(train), "val": range(train, train + val)}.items():
        for folder in ("images", "labels"):
            (export / folder / split).mkdir(parents=True)
        for number in numbers:
            photo, row = draw_photo(number)
            (export / "images" / split / f"a{number:03}-b1.jpg").write_bytes(photo)
            (export / "labels" / split / f"a{number:03}-b1.txt").write_text(row, encoding="utf-8")
    write_data_yaml(export)
    return export
