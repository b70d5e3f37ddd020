"""A page that saves photos through captureset's services: upload, result, save, feedback.

    CAPTURESET_REPOSITORY=../my-dataset uv run streamlit run examples/streamlit_app.py

`your_model` is the place for an app's own model; everything else is how an app uses the doors (docs/app.md).
"""

from __future__ import annotations

import io
import os
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from captureset.formats.taxonomy import load_taxonomy
from captureset.records.taxonomy import Category
from captureset.services import LabelingDataService

CONFIG = {"data_storage_path": os.environ.get("CAPTURESET_REPOSITORY", ".")}
LONGEST_SIDE_PX = 640
DIFFERENT_FROM = 40  # levels, of 255
RIGHT, WRONG, UNUSABLE = "Yes", "No, it is something else", "The photo is unusable"


def your_model(photo: Image.Image, category: str) -> dict[str, Any]:
    """Return a vision result. This is where your model goes; this one only stands in for it.

    It takes what differs from the picture's top row for the object, in a copy of at most 640 px, and believes the
    category that was chosen on the page. Its box is in pixels of that copy, so the copy's size goes with it.
    """
    copy = ImageOps.contain(photo, (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    top_row = copy.crop((0, 0, copy.width, 1)).resize((1, 1), Image.Resampling.BOX)
    different = (
        ImageChops.difference(copy, top_row.resize(copy.size))
        .convert("L")
        .point(lambda level: 255 * (level > DIFFERENT_FROM))
    )
    mask = different.filter(ImageFilter.MedianFilter(5))
    x1, y1, x2, y2 = mask.getbbox() or (0, 0, *copy.size)
    twin = copy.convert("RGBA")
    twin.putalpha(mask)
    return {
        "category": category,
        "bbox": {"x1": x1, "y1": y1, "x2": x2, "y2": y2},
        "image_width": copy.width,
        "image_height": copy.height,
        "background_removed_image": twin,
        "model_name": "top-row-difference",
    }


def with_box(photo: Image.Image, result: dict[str, Any]) -> Image.Image:
    """Return the photo with the result's box drawn, scaled from the picture it was measured in."""
    shown = photo.copy()
    across, down = photo.width / result["image_width"], photo.height / result["image_height"]
    box = result["bbox"]
    corners = (box["x1"] * across, box["y1"] * down, box["x2"] * across, box["y2"] * down)
    ImageDraw.Draw(shown).rectangle(corners, outline="#e4572e", width=max(2, photo.width // 200))
    return shown


def session_info() -> dict[str, str]:
    """Return who and when; the services keep identifiers as keyed hashes only."""
    session = st.session_state.setdefault("session_id", str(uuid.uuid4()))
    return {"session_id": session, "timestamp": st.session_state["uploaded_at"]}


def named(category: Category) -> str:
    """Return a category as a person reads it."""
    return f"{category.name} ({category.name_en})"


def upload() -> bytes | None:
    """Return the uploaded photo, None before there is one; another photo begins anew."""
    uploaded = st.file_uploader("Photo", type=["jpg", "jpeg", "png", "webp"])
    if uploaded is None:
        return None
    if st.session_state.get("uploaded") != uploaded.file_id:
        st.session_state.update(uploaded=uploaded.file_id, uploaded_at=datetime.now(UTC).isoformat(), saved=None)
    return uploaded.getvalue()


def opened(data: bytes) -> Image.Image | None:
    """Return the photo upright, None when it is no picture."""
    try:
        return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def ask(service: LabelingDataService, analysis_id: str, categories: list[Category]) -> None:
    """Ask what the user thinks of the result, and save the answer."""
    with st.form("feedback", clear_on_submit=True):
        st.subheader("Is it right?")
        verdict = st.radio("Is it right?", (RIGHT, WRONG, UNUSABLE), label_visibility="collapsed")
        category = st.selectbox("What is it instead?", categories, format_func=named)
        rating = st.slider("How good is the result?", 1, 5, 4)
        note = st.text_input("Anything else?")
        if not st.form_submit_button("Send feedback"):
            return
    said: dict[str, Any] = {"rating": rating, "notes": note, "is_correct": verdict == RIGHT}
    said |= {"corrected_category": category.code} if verdict == WRONG else {}
    said |= {"rejected": True} if verdict == UNUSABLE else {}
    answer = service.save_user_feedback(analysis_id, said, session_info())
    if answer["success"]:
        st.success("Thank you, that is saved.")
    else:
        st.error(answer["error"])


def page() -> None:
    """Show the page."""
    st.title("Large waste")
    service = LabelingDataService(CONFIG)
    categories = list(load_taxonomy(Path(CONFIG["data_storage_path"]) / "data" / "categories.yaml").categories)
    data = upload()
    if data is None:
        st.info("Choose a photo of a thing to be taken away.")
        return
    photo = opened(data)
    if photo is None:
        st.error("This file cannot be shown; choose a JPEG, PNG or WebP photo.")
        return
    left, right = st.columns(2)
    with right:
        category = st.selectbox("Category", categories, format_func=named)
        st.caption("Chosen by you in place of a model; the box is a stand-in's guess.")
        result = your_model(photo, category.code)
        if st.button("Save", type="primary"):
            st.session_state["saved"] = service.save_analysis_data(data, result, None, session_info())
        show_saved()
    left.image(with_box(photo, result), caption=named(category))
    if (st.session_state["saved"] or {}).get("success"):
        ask(service, st.session_state["saved"]["analysis_id"], categories)


def show_saved() -> None:
    """Show what became of the photo."""
    saved = st.session_state["saved"]
    if saved is None:
        return
    if not saved["success"]:
        st.error(saved["error"])
        return
    quality = saved["metadata"]["quality_info"]
    st.success(f"Saved as {saved['analysis_id']}.")
    if quality["success"]:
        st.metric("Quality so far", f"{quality['initial_quality_score']:.2f}, {quality['quality_grade']}")


page()
