from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from captureset.errors import CapturesetError
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.taxonomy import Category, Supercategory, Taxonomy
from captureset.store.repository import Repository

FURNITURE = Supercategory("FURN", "가구", "Furniture")
SOFA = Category(1, "FURN_SOFA", "소파", "Sofa", "FURN")
CHAIR = Category(2, "FURN_CHAIR", "의자", "Chair", "FURN", ("의자류",))


@pytest.fixture
def taxonomy(repository: Repository) -> Taxonomy:
    """The one this repository comes with."""
    return load_taxonomy(repository.categories)


def test_the_file_holds_the_eight_main_and_52_sub_categories(taxonomy: Taxonomy) -> None:
    """Ids run 1 to 52, codes begin with their main category, and every main category is used."""
    assert [category.id for category in taxonomy.categories] == list(range(1, 53))
    assert len(taxonomy.supercategories) == 8
    assert all(c.code.startswith(f"{c.supercategory}_") for c in taxonomy.categories)
    assert {c.supercategory for c in taxonomy.categories} == {s.code for s in taxonomy.supercategories}


@pytest.mark.parametrize("word", ["APPL_ETC", "기타 가전", "Other appliance", "APPL_OTHER", " appl_etc "])
def test_code_names_and_aliases_all_lead_to_the_category(taxonomy: Taxonomy, word: str) -> None:
    """A category is found by any word for it, whatever the case and the outer space."""
    found = taxonomy.find(word)
    assert found is not None
    assert found.id == 19


def test_decomposed_hangul_is_the_same_word(taxonomy: Taxonomy) -> None:
    """A name in NFD, as macOS writes it, is found like the name in NFC."""
    decomposed = unicodedata.normalize("NFD", "의자류")
    assert decomposed != "의자류"
    assert taxonomy.find(decomposed) == taxonomy["FURN_CHAIR"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("소파가 아니라 안락의자입니다", ("FURN_CHAIR", "FURN_SOFA")),
        ("병원 침대", ("HLTH_BED",)),
        ("거실장과 냉동고", ("APPL_FRIDGE", "FURN_TABLE")),
        ("an old bed, no bedding", ("FURN_BED",)),
        ("embedded", ()),
        ("다리 하나가 부러짐", ()),
        ("", ()),
    ],
)
def test_categories_named_in_a_text(taxonomy: Taxonomy, text: str, codes: tuple[str, ...]) -> None:
    """Each half of a double name counts, the longest word wins, Latin words stand alone, Korean ones have endings."""
    found = taxonomy.named_in(text)
    assert set(codes) <= set(found)
    assert found == codes or text == "an old bed, no bedding"  # bedding is a word of its own


def test_a_main_category_is_no_category(taxonomy: Taxonomy) -> None:
    """`기타` names a main category only, so a label cannot name it."""
    assert taxonomy.find("기타") is None


def test_only_a_code_is_a_code(taxonomy: Taxonomy) -> None:
    """Labels name codes: a name is not in the taxonomy as a code, and looking it up so is refused with a hint."""
    assert "FURN_SOFA" in taxonomy
    assert "소파" not in taxonomy
    with pytest.raises(CapturesetError, match="did you mean FURN_SOFA"):
        taxonomy["FURN_SOFAA"]


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        ((SOFA, replace(CHAIR, id=3)), "id 3 where 2 is due"),
        ((SOFA, replace(CHAIR, id=1)), "id 1 where 2 is due"),
        ((SOFA, replace(CHAIR, code="FURN_SOFA")), "leads to both"),
        ((SOFA, replace(CHAIR, aliases=("SOFA",))), "'sofa' leads to both FURN_SOFA and FURN_CHAIR"),
        ((SOFA, replace(CHAIR, supercategory="FUNR")), "names the supercategory FUNR"),
    ],
)
def test_a_contradiction_is_refused(categories: tuple[Category, ...], message: str) -> None:
    """A gap, an id or a word used twice, and an unknown main category are refused by name."""
    with pytest.raises(CapturesetError, match=message):
        Taxonomy((FURNITURE,), categories)


def test_every_contradiction_is_told_at_once() -> None:
    """One reading of the file names all that is wrong with it."""
    with pytest.raises(CapturesetError, match=r"id 7 where 2 is due.*supercategory NONE"):
        Taxonomy((FURNITURE,), (SOFA, replace(CHAIR, id=7, supercategory="NONE")))
