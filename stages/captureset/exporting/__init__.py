"""Exports put together: which captures, called what, in which files; `verify` writes them a second time."""
