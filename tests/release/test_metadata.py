"""What a release writes beside its manifest: read by the tools it is for."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.release import card, croissant, history
from captureset.store import git
from captureset.store.repository import Repository
from conftest import environment

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE: dict[str, Any] = jsontext.read(ROOT / "schemas/examples/release.json")
MANIFEST = {
    **EXAMPLE,
    "criteria": {
        "filter": {},
        "export": {"license_name": "All rights reserved", "license_url": "", "contributor": "E"},
    },
}
LOAD = """
import json, sys
import mlcroissant
dataset = mlcroissant.Dataset(sys.argv[1])
print(json.dumps([record[f"{sys.argv[2]}/file_name"].decode() for record in dataset.records(sys.argv[2])]))
"""
CARD = """
import sys
from huggingface_hub import DatasetCard
card = DatasetCard.load(sys.argv[1], ignore_metadata_errors=False)
card.data.to_dict(); print(card.data.pretty_name, card.data.task_categories, card.data.license)
"""


@pytest.fixture(scope="session")
def readers() -> Path:
    """The python that has mlcroissant and huggingface_hub."""
    return environment(ROOT / "tests" / "metadata" / "requirements.txt", "tests by mlcroissant and huggingface_hub")


def test_mlcroissant_accepts_and_reads_the_metadata(readers: Path, released: Repository) -> None:
    """`mlcroissant validate` is green, and it gives the images that the COCO files have, by their sha256."""
    (metadata,) = released.manifests.glob("*.croissant.json")
    tool = readers.parent / "mlcroissant"
    done = subprocess.run([tool, "validate", "--jsonld", metadata], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Done" in done.stderr + done.stdout
    for split in ("train", "val"):
        said = subprocess.run(
            [readers, "-c", LOAD, metadata, f"images-{split}"], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
        coco = jsontext.read(released.root / f"data/exports/coco_format/{split}/{split}.json")
        assert json.loads(said.stdout) == [image["file_name"] for image in coco["images"]]


def test_the_card_parses_as_hugging_face_expects(readers: Path, released: Repository) -> None:
    """Its front matter is read by their own library."""
    (found,) = released.manifests.glob("*.md")
    said = subprocess.run([readers, "-c", CARD, found], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == ["ecoguide-waste", "['object-detection']", "other"]


def test_a_card_tells_what_the_manifest_tells() -> None:
    """Sizes, categories by name, criteria and the commit, in Markdown that its own front matter does not break."""
    text = card.text(MANIFEST, load_taxonomy(ROOT / "data" / "categories.yaml"))
    _, front, body = text.split("---\n", 2)
    assert yaml.safe_load(front)["size_categories"] == ["n<1K"]
    assert "| train | 35 |" in body
    assert "FURN_SOFA (소파)" in body
    assert MANIFEST["built_from"] in body


def test_the_history_is_newest_first(repository: Repository) -> None:
    """Each version is written on top, once, with what changed and which number it asked for."""
    first = {**MANIFEST, "tag": "a@v0.1.0", "changes": None}
    history.add(repository, first)
    history.add(repository, {**MANIFEST, "tag": "a@v0.2.0"})
    text = history.path(repository).read_text(encoding="utf-8")
    assert text.index("## a@v0.2.0") < text.index("## a@v0.1.0")
    assert "the first version" in text
    assert "12 added, 0 removed, 0 masked, 0 relabelled (minor)" in text
    assert text.count("# Versions of the dataset") == 1


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("https://example.org/o/r.git", "https://example.org/o/r.git"),
        ("https://me:secret@example.org/o/r.git", "urn:captureset:a@v1.0.0"),
        ("https://example.org/o/r.git?private_token=secret", "urn:captureset:a@v1.0.0"),
        ("git@example.org:o/r.git", "urn:captureset:a@v1.0.0"),
    ],
)
def test_no_key_of_the_origin_gets_into_the_metadata(git_repository: Repository, origin: str, url: str) -> None:
    """Only a web address with nothing but a place in it is published."""
    git.git(git_repository.root, "remote", "add", "origin", origin)
    assert croissant.home(git_repository, "a@v1.0.0") == url
