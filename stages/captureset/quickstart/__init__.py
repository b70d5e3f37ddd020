"""Draws the sample captures that a newcomer's first dataset repository starts from."""
