"""The quickstart's synthetic photos: exact boxes, honest traits, same bytes every time."""

import re
from collections import Counter
from io import BytesIO
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from captureset.quickstart.arrangement import arrange
from captureset.quickstart.drawing import Colour, noise, shade
from captureset.quickstart.furniture import FURNITURE, furniture_sheet
from captureset.quickstart.scenes import CATEGORIES, FRAMES_PX, Scene, Trait, draw_scenes, trait_of

SEED = 7
COUNT = 40


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Forty scenes: two whole cycles of traits."""
    return list(draw_scenes(COUNT, SEED))


def photo(scene: Scene) -> Image.Image:
    """The scene's decoded photo."""
    return Image.open(BytesIO(scene.jpeg))


def gray(scene: Scene) -> npt.NDArray[np.float64]:
    """The scene's luma, 0 to 255."""
    return np.asarray(photo(scene).convert("L"), dtype=np.float64)


def sharpness(scene: Scene) -> float:
    """The 99th percentile of |Laplacian|."""
    g = gray(scene)
    laplacian = g[:-2, 1:-1] + g[2:, 1:-1] + g[1:-1, :-2] + g[1:-1, 2:] - 4 * g[1:-1, 1:-1]
    return float(np.percentile(np.abs(laplacian), 99))


def with_trait(scenes: list[Scene], trait: Trait) -> list[Scene]:
    """The scenes of this trait."""
    return [scene for scene in scenes if scene.trait is trait]


def test_fewer_scenes_are_a_prefix_of_more(scenes: list[Scene]) -> None:
    """Drawing ten gives the same ten, byte for byte, as the first of forty."""
    assert list(draw_scenes(10, SEED)) == scenes[:10]


def test_another_seed_draws_other_photos(scenes: list[Scene]) -> None:
    """The seed reaches every scene."""
    assert all(a.jpeg != b.jpeg for a, b in zip(draw_scenes(6, SEED + 1), scenes, strict=False))


def test_names_are_unique_and_count_from_one(scenes: list[Scene]) -> None:
    """Names are scene-0001, scene-0002 and so on."""
    assert [scene.name for scene in scenes] == [f"scene-{i:04d}" for i in range(1, COUNT + 1)]


def test_no_scene_is_drawn_for_a_count_of_zero() -> None:
    """Zero scenes are none."""
    assert list(draw_scenes(0)) == []


def test_every_trait_occurs_early_and_seven_of_ten_scenes_are_plain() -> None:
    """The first 24 scenes show all traits, and 70 % of many are plain."""
    assert {trait_of(index) for index in range(24)} == set(Trait)
    assert Counter(trait_of(index) for index in range(1000))[Trait.PLAIN] == 700


def test_jpegs_are_whole_plain_and_of_the_size_they_say(scenes: list[Scene]) -> None:
    """RGB JPEG ending in FFD9, without EXIF, ICC or comment, in a known frame."""
    for scene in scenes:
        image = photo(scene)
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert image.size == (scene.width_px, scene.height_px)
        assert image.size in FRAMES_PX
        assert scene.jpeg.endswith(b"\xff\xd9")
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        image.load()


def test_boxes_are_inside_the_frame_and_large_enough() -> None:
    """Over many scenes every box is whole pixels, at least 24 px a side, inside the frame."""
    for scene in draw_scenes(80, SEED + 2):
        for drawn in scene.objects:
            x, y, width, height = drawn.xywh_px
            assert min(width, height) >= 24
            assert x >= 0
            assert y >= 0
            assert x + width <= scene.width_px
            assert y + height <= scene.height_px
            assert all(side == int(side) for side in drawn.xywh_px)


def test_only_empty_scenes_have_no_object_and_none_has_more_than_three(scenes: list[Scene]) -> None:
    """One to three objects of the six categories, or the trait says empty."""
    assert CATEGORIES == ("FURN_SOFA", "APPL_FRIDGE", "FURN_BED", "FURN_CHAIR", "FURN_WARD", "APPL_TV")
    for scene in scenes:
        assert len(scene.objects) in ({0} if scene.trait is Trait.EMPTY else {1, 2, 3})
        assert {drawn.category for drawn in scene.objects} <= set(CATEGORIES)


def test_every_category_is_seen_often(scenes: list[Scene]) -> None:
    """Each of the six categories has at least a twelfth of the objects."""
    seen = Counter(drawn.category for scene in scenes for drawn in scene.objects)
    assert set(seen) == set(CATEGORIES)
    assert min(seen.values()) >= sum(seen.values()) / 12


def test_boxes_are_the_tight_extent_of_what_was_drawn(scenes: list[Scene]) -> None:
    """In the background-removed twin every edge of a box touches a drawn pixel, and nothing is outside."""
    for scene in with_trait(scenes, Trait.CUTOUT):
        assert scene.background_removed_png is not None
        alpha = np.asarray(Image.open(BytesIO(scene.background_removed_png)).getchannel("A")) > 0
        boxed = np.zeros_like(alpha)
        for drawn in scene.objects:
            x, y, width, height = map(int, drawn.xywh_px)
            part = alpha[y : y + height, x : x + width]
            edges = (part[0], part[-1], part[:, 0], part[:, -1])
            assert all(edge.any() for edge in edges)
            boxed[y : y + height, x : x + width] = True
        assert not (alpha & ~boxed).any()


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_furniture_sheet_is_cut_to_its_drawn_pixels(category: str) -> None:
    """The sheet's size is the tight extent of its alpha, for upright and for leaning objects."""
    for seed in range(8):
        sheet = furniture_sheet(category, (90, 70), np.random.default_rng(seed))
        assert sheet.mode == "RGBA"
        assert sheet.getchannel("A").getbbox() == (0, 0, *sheet.size)


def test_a_box_is_where_the_object_is_pasted() -> None:
    """On black, the extent of the pasted object is its box."""
    sofa = arrange(["FURN_SOFA"], (640, 480), 300, np.random.default_rng(1))[0]
    wall = Image.new("RGB", (640, 480), (0, 0, 0))
    wall.paste(sofa.sheet, sofa.corner_px, sofa.sheet)
    assert wall.convert("L").getbbox() == sofa.box_px


def test_a_cutout_twin_shows_the_photo_where_it_is_opaque(scenes: list[Scene]) -> None:
    """The twin has the photo's size and, where opaque, its colours up to JPEG loss; only cutouts have one."""
    for scene in scenes:
        assert (scene.background_removed_png is not None) == (scene.trait is Trait.CUTOUT)
        if scene.background_removed_png:
            twin = Image.open(BytesIO(scene.background_removed_png))
            pixels = np.asarray(twin, dtype=np.int16)
            assert (twin.mode, twin.size) == ("RGBA", (scene.width_px, scene.height_px))
            opaque = pixels[..., 3] == 255
            loss = np.abs(pixels[..., :3] - np.asarray(photo(scene), dtype=np.int16))[opaque]
            assert opaque.any()
            assert loss.mean() < 6


def test_a_duplicate_is_the_plain_scene_before_it_encoded_again(scenes: list[Scene]) -> None:
    """Same boxes, nearly the same pixels, other bytes; every other scene copies nothing."""
    by_name = {scene.name: scene for scene in scenes}
    for scene in scenes:
        assert (scene.duplicate_of is not None) == (scene.trait is Trait.DUPLICATE)
        if scene.duplicate_of:
            source = by_name[scene.duplicate_of]
            assert source.trait is Trait.PLAIN
            assert source.name < scene.name
            assert source.objects == scene.objects
            assert source.jpeg != scene.jpeg
            assert np.abs(gray(source) - gray(scene)).mean() < 4


def test_blurred_scenes_are_far_less_sharp_than_all_plain_ones(scenes: list[Scene]) -> None:
    """The sharpest blurred photo has less than half the sharpness of the least sharp plain photo."""
    blurred = max(map(sharpness, with_trait(scenes, Trait.BLURRED)))
    assert blurred < 0.5 * min(map(sharpness, with_trait(scenes, Trait.PLAIN)))


def test_dark_and_overexposed_scenes_cross_the_usual_thresholds_and_plain_ones_do_not(
    scenes: list[Scene],
) -> None:
    """Dark: 99th percentile of brightness below 0.32. Overexposed: 5th percentile above 0.95."""
    for scene in scenes:
        p5, p99 = np.percentile(gray(scene) / 255, (5, 99))
        assert (p99 < 0.32) == (scene.trait is Trait.DARK)
        assert (p5 > 0.95) == (scene.trait is Trait.OVEREXPOSED)


def test_plain_photos_have_contrast(scenes: list[Scene]) -> None:
    """Between the 5th and the 95th percentile of brightness lies at least a fifth of the range."""
    for scene in with_trait(scenes, Trait.PLAIN):
        p5, p95 = np.percentile(gray(scene) / 255, (5, 95))
        assert p95 - p5 > 0.2


def test_objects_hide_little_of_each_other(scenes: list[Scene]) -> None:
    """Any two boxes of a scene share at most a fifth of the smaller one."""
    for scene in scenes:
        for one, other in combinations(scene.objects, 2):
            (ax, ay, aw, ah), (bx, by, bw, bh) = one.xywh_px, other.xywh_px
            wide, high = min(ax + aw, bx + bw) - max(ax, bx), min(ay + ah, by + bh) - max(ay, by)
            assert max(0, wide) * max(0, high) <= 0.2 * min(aw * ah, bw * bh)


def test_categories_have_colours_of_their_own() -> None:
    """The mean colours of any two categories, each over eight drawings, are at least 30 levels apart."""
    means = {}
    for category in CATEGORIES:
        sheets = [furniture_sheet(category, (120, 120), np.random.default_rng(seed)) for seed in range(8)]
        pixels = np.concatenate([np.asarray(sheet)[np.asarray(sheet)[..., 3] == 255] for sheet in sheets])
        means[category] = pixels[:, :3].mean(axis=0)
    for one, other in combinations(CATEGORIES, 2):
        assert np.linalg.norm(means[one] - means[other]) > 30, (one, other)


def test_real_sizes_keep_a_chair_smaller_than_a_wardrobe() -> None:
    """The sizes in cm are those of real things."""
    assert FURNITURE["FURN_CHAIR"].height_cm[1] < FURNITURE["FURN_WARD"].height_cm[0]
    assert all(re.fullmatch(r"(FURN|APPL)_[A-Z]+", category) for category in FURNITURE)


@pytest.mark.parametrize(("factor", "expected"), [(0.5, (50, 100, 10)), (2.0, (200, 255, 40)), (0.0, (0, 0, 0))])
def test_shade_scales_and_clips(factor: float, expected: Colour) -> None:
    """Shading multiplies every channel and stays within 0..255."""
    assert shade((100, 200, 20), factor) == expected


def test_noise_has_the_asked_mean_and_spread() -> None:
    """The byte-wise noise is normal enough: mean and standard deviation within 2 %."""
    levels = noise((400, 300), np.random.default_rng(0), sigma=3.0, mean=128.0)
    assert levels.shape == (300, 400)
    assert abs(float(levels.mean()) - 128) < 0.06
    assert abs(float(levels.std()) - 3) < 0.06
