"""Photos that show the same picture: found by bytes, by pixels and by a perceptual hash."""
