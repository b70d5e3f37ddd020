"""Names, numbers and tags of versions."""

from __future__ import annotations

import pytest

from captureset.errors import CapturesetError
from captureset.release.version import Version, of_tag, parse_version
from captureset.release.version import released as tagged
from captureset.store import git
from captureset.store.repository import Repository


@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [("EcoGuide", "v1.0.0", "no dataset name"), ("a.b", "1.0.0", "no dataset name"), ("a", "1", "no version")],
)
def test_names_and_numbers_have_one_form(name: str, number: str, sentence: str) -> None:
    """A name GTO would refuse, or a half number, is refused with the form wanted."""
    with pytest.raises(CapturesetError, match=sentence):
        parse_version(name, number)


def test_two_part_versions_mean_three() -> None:
    """`1.0` is 1.0.0, as the app's contract says."""
    assert parse_version("a", "1.0").tag == "a@v1.0.0"


def test_a_tag_names_a_version_or_none() -> None:
    """Other people's tags, and the mark of a withdrawn version, are no versions, and no error."""
    assert of_tag("ecoguide-waste@v1.10.2") == Version("ecoguide-waste", 1, 10, 2)
    others = ("v1.0.0", "Sofas@v1.0.0", "sofas@1.0.0", "sofas@v1.0", "sofas@v1.0.0!", "sofas@v1.0.0-rc1", "a@b@v1.0.0")
    assert [of_tag(tag) for tag in others] == [None] * len(others)


def test_versions_are_in_the_order_of_their_numbers(git_repository: Repository) -> None:
    """1.10 is later than 1.9; tags of other datasets and other forms are left out."""
    for tag in ("a@v1.10.0", "a@v1.9.0", "a@v1.9.0!", "ab@v3.0.0", "a@v2"):
        git.git(git_repository.root, "tag", tag)
    assert [version.number for version in tagged(git_repository, "a")] == ["1.9.0", "1.10.0"]
