"""What may be wrong in a foreign dataset, and what becomes of it: every stable code, as docs/importing.md lists them.

`repaired` came in, changed without loss or by no more than the code says. `dropped` stays out, and nothing is lost.
`refused` cannot come in: nobody but a person knows what was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What becomes of a row."""

    REPAIRED = "repaired"
    DROPPED = "dropped"
    REFUSED = "refused"


class Unit(StrEnum):
    """What a fate is about: one box, one photo, or the dataset's file as a whole."""

    BOX = "box"
    PHOTO = "photo"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Dirt:
    """One kind of dirt and its fate."""

    unit: Unit
    action: Action
    meaning: str


def _table(unit: Unit, action: Action, meanings: dict[str, str]) -> dict[str, Dirt]:
    return {code: Dirt(unit, action, meaning) for code, meaning in meanings.items()}


DIRT: dict[str, Dirt] = {
    **_table(
        Unit.BOX,
        Action.REPAIRED,
        {
            "clipped": "reaches out of its picture by at most 1 % of the side: cut at the edge",
            "corners_swapped": "the second corner lies before the first: put in order",
            "number_as_text": "a number in quotes: read as the number",
            "decimal_comma": "a comma for the decimal point: read as a point",
            "polygon_enclosed": "a polygon or four turned corners: the box that encloses it",
            "confidence_left_out": "a sixth column from 0 to 1, a model's confidence: left out",
            "keypoints_left_out": "keypoints after the box: left out",
            "class_as_name": "the class by its name: read as its number",
            "id_as_text": "an id in quotes here and without there: taken as the same",
            "no_annotation_id": "an annotation without an id: ids are not kept",
            "annotation_id_twice": "two annotations with one id: both kept, ids are not",
        },
    ),
    **_table(
        Unit.BOX,
        Action.DROPPED,
        {
            "box_twice": "the same box of the same category once more in one photo",
            "left_out_with_photo": "a sound box of a photo that stays out",
        },
    ),
    **_table(
        Unit.BOX,
        Action.REFUSED,
        {
            "outside": "reaches out of its picture by more than 1 % of the side, or lies beside it",
            "no_area": "no width or no height, or a negative one",
            "under_a_pixel": "a side of less than 1 px in the photo, which no export may have",
            "not_a_number": "a word, NaN or infinity where a number belongs",
            "no_box": "four numbers are not there, and no polygon to take them from",
            "columns": "a YOLO row with neither five columns nor those of a polygon, a CSV line with too many cells",
            "unknown_category": "a category that the dataset itself does not list",
            "no_category": "no category at all",
            "crowd": "a crowd, which is no single object",
            "turned_box": "a turned box written as an upright one with an angle",
            "orphan": "an annotation of an image that the file does not have",
            "not_an_object": "an entry of the list that is no JSON object",
        },
    ),
    **_table(
        Unit.PHOTO,
        Action.REPAIRED,
        {
            "name_backslashes": "a Windows path: found with forward slashes",
            "name_percent_encoded": "%20 and the like: found decoded",
            "name_unicode": "letters decomposed otherwise (NFD, NFC): found",
            "name_suffix": "the suffix spelt otherwise, another one or none: found, there is just one such photo",
            "name_case": "upper for lower case: found, there is just one such photo",
            "name_folder": "a folder of another machine: found by the file's name, there is just one such photo",
            "named_after_xml": "no such photo, but one called as its XML file: taken",
            "size_scaled": "drawn on a scaled copy of the photo: scaled to it",
            "size_turned": "drawn on the picture as it lies, which EXIF turns upright: turned with it",
            "turn_unknown": "EXIF turns the photo and no size tells on which way up it was drawn: taken as upright",
            "label_mark": "a byte order mark before the label's text: left out",
            "blank_row": "a row that names a photo and nothing else: the photo has no box",
        },
    ),
    **_table(Unit.PHOTO, Action.DROPPED, {"photo_entry_twice": "the same entry about a photo once more"}),
    **_table(
        Unit.PHOTO,
        Action.REFUSED,
        {
            "photo_missing": "there is no such photo",
            "photo_ambiguous": "several photos could be meant, or several names lead to one",
            "outside_folder": "the name leads out of the folder of the photos",
            "photo_unreadable": "no JPEG, PNG or WebP, damaged, or too large to come in",
            "photo_twice": "two entries are about one photo",
            "image_entry": "an entry without an id or a file name",
            "image_id_twice": "one id for two photos, so nobody knows whose boxes these are",
            "bad_size": "a size that is no whole number of pixels",
            "other_size": "a size of another shape than the photo's: the boxes belong to another picture",
            "label_without_photo": "a label file whose photo is not there",
            "label_unreadable": "a label file that is no UTF-8 text, or no plain XML",
            "box_refused": "one of its boxes is refused, and a photo with a box missing would teach the wrong thing",
        },
    ),
    **_table(
        Unit.FILE,
        Action.REPAIRED,
        {
            "file_mark": "a byte order mark at the head of the file: left out",
            "loose_json": "NaN or Infinity, which JSON has no word for: read, and refused where it is in a box",
            "same_category": "two categories of one name: taken as one",
            "category_entry_twice": "the same category once more: taken once",
            "other_delimiter": "semicolons or tabs between the columns: read so",
            "header_spelling": "a column name in another case or with outer spaces: taken",
            "path_elsewhere": "`path` is a folder of another machine: the folder of data.yaml is taken",
            "names_from_classes": "no names in data.yaml: taken from classes.txt",
            "class_count": "`nc` is not how many names there are: the names count",
        },
    ),
    **_table(
        Unit.FILE,
        Action.REFUSED,
        {
            "category_entry": "a category without an id or a name",
            "category_id_twice": "one id for two categories of different names",
            "split_missing": "a folder or list that data.yaml names is not there",
        },
    ),
}
