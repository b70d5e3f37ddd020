"""Nouns: what a capture, a category, a bounding box and each row of a table are."""
