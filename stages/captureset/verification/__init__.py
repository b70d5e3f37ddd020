"""Proofs that an export is true, taken by reading it back like a stranger."""
