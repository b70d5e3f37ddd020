"""Bytes by hash: month pointers, cache and remote, the memory of earlier runs."""
